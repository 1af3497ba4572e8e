"""A week's notebook as it was released.

The gradebook keeps the graded cells; what stands between them is in the week's own notebook. Both
together tell a student's own words from those that were there before. Knows texts only.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.submissions.cells import MasterCell, grade_id_of
from autograder.submissions.reading import read_submission

__all__ = ["with_plain_cells"]


def with_plain_cells(graded: Sequence[MasterCell], source: Path, *around: Path) -> list[MasterCell]:
    """The graded cells, and between them the others of the notebook that they come from.

    Parameters
    ----------
    graded : sequence of MasterCell
        As the gradebook keeps them, in order.
    source : Path
        The week's notebook. If it cannot be read there are no other cells.
    *around : Path
        Notebooks whose cells are put before or after it when it is released.
    """
    waiting = {cell.grade_id: cell for cell in graded}
    cells = []
    for cell in read_submission(source).notebook.cells:
        grade_id = grade_id_of(cell)
        if not grade_id:
            cells.append(MasterCell.plain(cell.cell_type, cell.source))
        elif grade_id in waiting:
            cells.append(waiting.pop(grade_id))
    for path in around:
        for cell in read_submission(path).notebook.cells:
            cells.append(MasterCell.plain(cell.cell_type, cell.source))
    return [*cells, *waiting.values()]
