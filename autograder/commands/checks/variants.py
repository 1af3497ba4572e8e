"""The notebooks of a week as a check sees them: built from their texts, and as they lie there.

Knows files of the week alone; it judges nothing.
"""

from __future__ import annotations

import nbformat
from nbformat import NotebookNode

from autograder.commands.notebooks import built
from autograder.errors import CourseError
from autograder.grading.course import Week

__all__ = ["notebook_of", "texts_of", "variants"]


def variants(week: Week) -> list[tuple[str, dict[str, str]]]:
    """The notebooks as their texts have them, and as they lie there, if those are others.

    Returns
    -------
    list of (str, dict of str to str)
        What to call them, and those that are not read from their texts, by name.
    """
    found: list[tuple[str, dict[str, str]]] = [(texts_of(week), {})]
    others = {
        part.notebook: there
        for part in week.parts
        if part.text.exists()
        and part.source.exists()
        and (there := part.source.read_text("utf-8")) != built(part.text)
    }
    if others:
        found.append((" and ".join(f"{name}.ipynb" for name in others), others))
    return found


def texts_of(week: Week) -> str:
    """The files that are edited, as a sentence calls them."""
    files = [part.text if part.text.exists() else part.source for part in week.parts]
    return " and ".join(file.name for file in files)


def notebook_of(part: Week) -> NotebookNode:
    """The notebook of a part of a week, built from its text where there is one."""
    if part.text.exists():
        return nbformat.reads(built(part.text), as_version=4)
    try:
        return nbformat.read(part.source, as_version=4)
    except Exception as error:
        raise CourseError(
            f"{part.source} is no notebook that can be read ({type(error).__name__}: {error}); "
            "put back an earlier version of the file"
        ) from error
