"""The graded cells of a week as they are released, straight from its source: no gradebook needed.

What `nbgrader generate_assignment` would save of them, by the same preprocessors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import ComputeChecksums, LockCells
from nbgrader.utils import compute_checksum

from autograder.grading.course import Course, Week
from autograder.plugins.preprocessors import TaskStub
from autograder.submissions.cells import MasterCell
from autograder.submissions.released import with_plain_cells

__all__ = ["released_cells", "source_masters"]


def source_masters(course: Course, week: Week) -> dict[str, list[MasterCell]]:
    """All cells of a week as they would be released, by the name of their notebook."""
    return {
        part.notebook: with_plain_cells(
            released_cells(course, part.source), part.source, *week.around
        )
        for part in week.parts
    }


def released_cells(course: Course, source: Path) -> list[MasterCell]:
    """The graded cells of a notebook in ``source/``, in their order.

    Parameters
    ----------
    course : Course
        Its configuration says what stands in place of a solution.
    source : Path
        The notebook, with solutions and hidden tests.
    """
    notebook: Any = nbformat.read(source, as_version=4)
    resources: Any = {"language": "python"}
    for step in (LockCells, TaskStub, ComputeChecksums):
        notebook, resources = step(config=course.config).preprocess(notebook, resources)
    cells = []
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader")
        if about is None or not (
            about.get("grade") or about.get("solution") or about.get("locked") or about.get("task")
        ):
            continue
        cells.append(
            MasterCell(
                grade_id=about["grade_id"],
                cell_type=cell.cell_type,
                source=cell.source,
                grade=bool(about.get("grade")),
                solution=bool(about.get("solution")),
                locked=bool(about.get("locked")),
                points=float(about.get("points") or 0.0),
                checksum=about.get("checksum") or compute_checksum(cell),
                is_task=bool(about.get("task")),
            )
        )
    return cells
