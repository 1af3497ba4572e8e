"""Does the prose say what holds today, or give points of earlier times?

Reads the week's texts; runs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nbformat import NotebookNode

from autograder.commands.checks.variants import notebook_of
from autograder.grading.course import Course, Week
from autograder.submissions.cells import grade_id_of

__all__ = ["old_points"]

#: As a task's heading says what it is worth: "Task 2 (9 points, about 15 minutes)".
_WORTH = re.compile(r"\(\s*(\d+(?:\.\d+)?)\s+points?\b", re.IGNORECASE)


def old_points(course: Course, week: Week) -> list[str]:
    """Each heading gives the points that its task has."""
    return list(_disagreeing(notebook_of(week)))


def _disagreeing(notebook: NotebookNode) -> Iterator[str]:
    """Headings that give other points than the next graded cell has."""
    said: tuple[str, float] | None = None
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader") or {}
        if about.get("grade"):
            if said is not None and float(about.get("points", 0)) != said[1]:
                yield (
                    f"the text says {said[0]!r}, but {grade_id_of(cell)} has "
                    f"{float(about.get('points', 0)):g} points"
                )
            said = None
        if cell.cell_type == "markdown" and not about.get("grade"):
            for found in _WORTH.finditer(cell.source):
                line = cell.source[: found.end()].rsplit("\n", 1)[-1].strip("*# ")
                said = (line, float(found[1]))
