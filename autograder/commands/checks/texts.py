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
    return [text for part in week.parts for text in _disagreeing(notebook_of(part))]


def _disagreeing(notebook: NotebookNode) -> Iterator[str]:
    """Headings that give other points than the next graded cell has, or all up to the next."""
    said: tuple[str, float] | None = None
    below: dict[str, float] = {}
    for cell in [*notebook.cells, None]:
        about = (cell.metadata.get("nbgrader") or {}) if cell is not None else {}
        answer = about.get("grade") and cell.cell_type == "markdown"
        headings = [] if answer else list(_headings(cell)) if cell is not None else [None]
        if headings:
            if said is not None and below and said[1] not in _worth(list(below.values())):
                has = " and ".join(
                    f"{name} has {points:g} points" for name, points in below.items()
                )
                yield f"the text says {said[0]!r}, but {has}"
            said, below = headings[-1], {}
        if about.get("grade") or about.get("task"):
            below[grade_id_of(cell)] = float(about.get("points", 0))


def _headings(cell: NotebookNode) -> Iterator[tuple[str, float]]:
    """What a Markdown cell says that something is worth: the line, and the points."""
    if cell.cell_type == "markdown":
        for found in _WORTH.finditer(cell.source):
            yield cell.source[: found.end()].rsplit("\n", 1)[-1].strip("*# "), float(found[1])


def _worth(points: list[float]) -> tuple[float, float]:
    """What a heading may say of the graded cells below it: of the first, or of all."""
    return points[0], sum(points)
