"""A notebook's cells as data: which task one belongs to, what the grader marked it with.

Also `MasterCell`, a graded cell as it was released, and the regions of a text
that only the instructor sees. Knows single cells; not how a notebook is read,
mended or graded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import nbformat
from nbformat import NotebookNode

__all__ = [
    "MasterCell",
    "doubts",
    "extras",
    "grade_id_of",
    "is_judged",
    "is_marked",
    "new_cell",
    "region",
    "task_of",
    "visible",
    "without_region",
]


@dataclass(frozen=True)
class MasterCell:
    """A cell as it was released; of graded ones, what the student may not change.

    The other cells of a release, which nbgrader does not know, have no `grade_id`.
    """

    grade_id: str
    cell_type: str
    source: str
    grade: bool
    solution: bool
    locked: bool
    points: float
    checksum: str
    #: Says what is to be done in cells of the student's own; a person marks it.
    is_task: bool = False

    @property
    def by_hand(self) -> bool:
        """Whether a person gives its points."""
        return self.is_task or (self.grade and (self.solution or self.cell_type != "code"))

    @property
    def metadata(self) -> dict[str, Any]:
        """The cell's nbgrader metadata."""
        metadata: dict[str, Any] = {
            "grade": self.grade,
            "grade_id": self.grade_id,
            "locked": self.locked,
            "schema_version": 3,
            "solution": self.solution,
            "task": self.is_task,
            "cell_type": self.cell_type,
            "checksum": self.checksum,
        }
        if self.grade or self.is_task:
            metadata["points"] = self.points
        return metadata

    @property
    def task(self) -> str:
        """The task of a test cell, or ``""`` for any other cell."""
        is_test = self.grade and not self.solution and self.grade_id.startswith("test_")
        return self.grade_id.removeprefix("test_") if is_test else ""

    @cached_property
    def shown(self) -> str:
        """Its text as students got it."""
        return without_region(visible(self.source), "MARK SCHEME")

    @classmethod
    def plain(cls, cell_type: str, source: str) -> MasterCell:
        """A cell that is not graded and that nothing restores."""
        return cls("", cell_type, source, False, False, False, 0.0, "")


def grade_id_of(cell: dict[str, Any]) -> str:
    """The cell's ``grade_id``, or ``""``; for cells of any origin."""
    metadata = cell["metadata"].get("nbgrader")
    grade_id = metadata.get("grade_id") if isinstance(metadata, dict) else None
    return grade_id if isinstance(grade_id, str) else ""


def doubts(cells: Iterable[NotebookNode]) -> dict[str, str]:
    """Tasks of which a person has to decide, should they lose points; and why."""
    marked = ((task_of(cell), (cell.metadata.get("autograder") or {})) for cell in cells)
    return {task: str(about["waits"]) for task, about in marked if task and about.get("waits")}


def extras(cells: Iterable[NotebookNode]) -> set[str]:
    """Where there are tasks: the ``grade_id`` of what is no task's and earns nothing."""
    cells = list(cells)
    tasks = {task_of(cell) for cell in cells} - {""}
    unmarked = {
        grade_id_of(cell)
        for cell in cells
        if (about := cell.metadata.get("nbgrader") or {}).get("solution") and not about.get("grade")
    }
    return unmarked - tasks if tasks else set()


def visible(source: str) -> str:
    """A test cell's text without its hidden part."""
    return without_region(source, "HIDDEN TESTS")


def without_region(source: str, name: str) -> str:
    """`source` without the lines from ``BEGIN name`` to ``END name``."""
    kept, hidden = [], False
    for line in source.split("\n"):
        if f"BEGIN {name}" in line:
            hidden = True
        elif f"END {name}" in line:
            hidden = False
        elif not hidden:
            kept.append(line)
    return "\n".join(kept).strip("\n")


def region(source: str, name: str) -> str:
    """The lines of `source` between ``BEGIN name`` and ``END name``."""
    inside: list[str] = []
    hidden = False
    for line in source.split("\n"):
        if f"BEGIN {name}" in line:
            hidden = True
        elif f"END {name}" in line:
            hidden = False
        elif hidden:
            inside.append(line)
    return "\n".join(inside)


def task_of(cell: NotebookNode) -> str:
    """The task that a test cell belongs to, or ``""`` for any other cell."""
    metadata = cell.metadata.get("nbgrader") or {}
    grade_id = grade_id_of(cell)
    is_test = metadata.get("grade") and not metadata.get("solution")
    return grade_id.removeprefix("test_") if is_test and grade_id.startswith("test_") else ""


def is_judged(cell: NotebookNode) -> bool:
    """Whether its first output is a verdict: on a task, or on a classic cell."""
    return bool(task_of(cell)) or is_marked(cell, "inside")


def is_marked(cell: NotebookNode, mark: str) -> bool:
    """Whether the grader marked this cell: ``"missing"``, ``"unanswered"``, ``"waits"``, ..."""
    return bool((cell.metadata.get("autograder") or {}).get(mark))


def new_cell(cell_type: str, source: str, metadata: dict[str, Any]) -> NotebookNode:
    """A code cell, or else a markdown cell.

    nbformat's own constructors check each cell against the schema, which takes
    longer than everything else that is done to a submission before it runs.
    """
    cell: dict[str, Any] = {
        "cell_type": "markdown",
        "id": "",
        "metadata": metadata,
        "source": source,
    }
    if cell_type == "code":
        cell |= {"cell_type": "code", "execution_count": None, "outputs": []}
    return nbformat.from_dict(cell)
