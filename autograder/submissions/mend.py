"""Turn whatever was submitted into a notebook that can be graded.

Mending restores the graded cells from the release (their text, type,
points and ids), strips outputs but for figures, and puts back deleted cells,
marked as missing. This module knows notebooks as data; it runs nothing, and it knows
neither nbgrader nor the verdicts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from autograder.submissions.cells import (
    MasterCell,
    grade_id_of,
    new_cell,
    region,
    visible,
    without_region,
)

__all__ = ["mend"]

_KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}


def mend(notebook: NotebookNode, master: Sequence[MasterCell]) -> tuple[NotebookNode, list[str]]:
    """Restore the graded cells of a submission from their released form.

    Parameters
    ----------
    notebook : NotebookNode
        From `read_submission`; not modified.
    master : sequence of MasterCell
        In the order of the release.

    Returns
    -------
    notebook : NotebookNode
        Every master cell exactly once, with the released metadata; locked ones
        with the released text, less the hidden part.
    notes : list of str
        What had to be mended.
    """
    known = {cell.grade_id: cell for cell in master}
    notes: list[str] = []
    cells: list[NotebookNode] = []
    place: dict[str, int] = {}
    last = {grade_id_of(cell): k for k, cell in enumerate(notebook.cells)}
    for k, cell in enumerate(notebook.cells):
        grade_id = grade_id_of(cell)
        if grade_id not in known:
            cells.append(_kept(cell))
        elif last[grade_id] != k:
            notes.append(f"the cell {grade_id} is there more than once; the last one counts")
            cells.append(_kept(cell))
        else:
            original = known[grade_id]
            if cell.cell_type != original.cell_type:
                notes.append(f"the cell {grade_id} had become a {cell.cell_type} cell")
            place[grade_id] = len(cells)
            restored = _restored(cell.source, original, cell.get("attachments"))
            if restored.cell_type == cell.cell_type == "code" and not original.locked:
                restored["outputs"] = cell.outputs
            cells.append(restored)
    for missing in (cell for cell in master if cell.grade_id not in place):
        notes.append(f"the cell {missing.grade_id} is missing")
        position = _position(missing.grade_id, [c.grade_id for c in master], place)
        place = {key: at + (at >= position) for key, at in place.items()}
        place[missing.grade_id] = position
        restored = _restored(_empty(missing), missing)
        restored.metadata["autograder"] = {"missing": True}
        cells.insert(position, restored)
    cells = list(_with_mark_schemes(cells, known))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    mended = new_notebook(cells=cells, metadata={"kernelspec": dict(_KERNELSPEC)})
    return mended, notes


def _kept(cell: NotebookNode) -> NotebookNode:
    """A copy of a cell that is not graded: nothing in it may claim to be."""
    copy = nbformat.from_dict(cell)
    copy.metadata.pop("nbgrader", None)
    return copy


def _restored(source: str, original: MasterCell, attachments: Any = None) -> NotebookNode:
    text = source
    if original.locked:
        text = without_region(visible(original.source), "MARK SCHEME")
    cell = new_cell(original.cell_type, text, {"nbgrader": original.metadata})
    released = without_region(original.source, "MARK SCHEME")
    if original.grade and original.solution and source.strip() == released.strip():
        cell.metadata["autograder"] = {"unanswered": True}
    if attachments and cell.cell_type == "markdown":
        cell["attachments"] = attachments
    return cell


def _empty(cell: MasterCell) -> str:
    """What stands in a missing cell: never the instructor's own text."""
    if cell.cell_type == "code":
        return f"# This cell ({cell.grade_id}) was missing from the submission."
    return f"*This cell ({cell.grade_id}) was missing from the submission.*"


def _position(grade_id: str, order: Sequence[str], place: dict[str, int]) -> int:
    """Right after the nearest earlier graded cell that is there, or at the top."""
    for earlier in reversed(order[: order.index(grade_id)]):
        if earlier in place:
            return place[earlier] + 1
    return 0


def _with_mark_schemes(
    cells: Iterable[NotebookNode], known: dict[str, MasterCell]
) -> Iterable[NotebookNode]:
    """After a written answer, its mark scheme: for the person who marks it."""
    for cell in cells:
        yield cell
        original = known.get(grade_id_of(cell))
        scheme = region(original.source, "MARK SCHEME") if original else ""
        if scheme.strip():
            text = "**Mark scheme** (not shown to the student)\n\n" + scheme.strip("\n")
            yield new_cell("markdown", text, {"autograder": {"mark_scheme": True}})
