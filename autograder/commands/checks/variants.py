"""The notebook of a week as a check sees it: built from its text, and as it lies there.

Knows files of the week alone; it judges nothing.
"""

from __future__ import annotations

import nbformat
from nbformat import NotebookNode

from autograder.commands.notebooks import build
from autograder.errors import CourseError
from autograder.grading.course import Week

__all__ = ["notebook_of", "variants"]


def variants(week: Week) -> list[tuple[str, str | None]]:
    """The notebook as its text has it, and as it lies there, if that is another."""
    if not week.text.exists():
        return [(week.source.name, None)]
    built = build(week.text.read_text("utf-8"))
    found: list[tuple[str, str | None]] = [(week.text.name, built)]
    if week.source.exists() and week.source.read_text("utf-8") != built:
        found.append((week.source.name, week.source.read_text("utf-8")))
    return found


def notebook_of(week: Week) -> NotebookNode:
    """The notebook of a week, built from its text where there is one."""
    if week.text.exists():
        return nbformat.reads(build(week.text.read_text("utf-8")), as_version=4)
    try:
        return nbformat.read(week.source, as_version=4)
    except Exception as error:
        raise CourseError(
            f"{week.source} is no notebook that can be read ({type(error).__name__}: {error}); "
            "put back an earlier version of the file"
        ) from error
