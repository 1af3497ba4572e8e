"""Turn whatever was submitted into a notebook that can be graded.

Mending restores the graded cells from the release (their text, type,
points and ids), strips outputs but for figures, and puts back deleted cells,
marked as missing. This module knows notebooks as data; it runs nothing, and it knows
neither nbgrader nor the verdicts.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence

import nbformat
from nbformat import NotebookNode

from autograder.submissions.cells import (
    MasterCell,
    grade_id_of,
    is_marked,
    new_cell,
    region,
)
from autograder.submissions.code import squeezed
from autograder.submissions.matching import match_code
from autograder.submissions.newer import written_for
from autograder.submissions.pieces import Piece, Puzzle
from autograder.submissions.written import match_written

__all__ = ["doubt", "mend"]

_FENCED = re.compile(r"(`{3,}|~{3,})[^\n`]*\n(?P<code>.*)\n\1", re.DOTALL)
_KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
#: What a mended notebook has beside its cells; these have been checked when they were read.
_FRAME = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": _KERNELSPEC}}


def mend(notebook: NotebookNode, master: Sequence[MasterCell]) -> tuple[NotebookNode, list[str]]:
    """Restore the graded cells of a submission from their released form.

    Parameters
    ----------
    notebook : NotebookNode
        From `read_submission`; not modified.
    master : sequence of MasterCell
        In the order of the release; the cells that are not graded may be among them, and tell
        the student's own text from the released one.

    Returns
    -------
    notebook : NotebookNode
        Every graded cell exactly once, with the released metadata; locked ones
        with the released text, less the hidden part. One is marked ``waits``, with the reason,
        where a person has to look should its task lose points.
    notes : list of str
        What had to be mended.
    """
    puzzle = Puzzle(notebook, master)
    match_code(puzzle)
    match_written(puzzle)
    _name_the_recognised(puzzle)
    _wait_for_a_newer_python(puzzle)
    cells: list[NotebookNode] = []
    place: dict[str, int] = {}
    for piece in puzzle.pieces:
        if piece.grade_id:
            place[piece.grade_id] = len(cells)
            original = puzzle.known[piece.grade_id]
            if piece.cell_type != original.cell_type:
                piece = _without_fences(piece) if original.cell_type == "code" else piece
                kind = f"a {piece.cell_type} cell"
                puzzle.notes.append(f"the cell {piece.grade_id} had become {kind}")
            cells.append(_restored(piece, original))
        else:
            cells.append(_kept(piece))
    for missing in (cell for cell in puzzle.known.values() if cell.grade_id not in place):
        puzzle.notes.append(f"the cell {missing.grade_id} is missing")
        position = _position(missing.grade_id, list(puzzle.known), place)
        place = {key: at + (at >= position) for key, at in place.items()}
        place[missing.grade_id] = position
        marks = {"missing": True} | _work_without_its_test(puzzle, missing)
        empty = Piece(missing.cell_type, _empty(missing), marks=marks)
        cells.insert(position, _restored(empty, missing))
    cells = list(_with_mark_schemes(cells, puzzle.known))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    mended = nbformat.from_dict(_FRAME)
    mended.cells = cells
    return mended, puzzle.notes


def _work_without_its_test(puzzle: Puzzle, missing: MasterCell) -> dict[str, str]:
    """Copied into a notebook of one's own, a solution is there and its test is not."""
    solution = puzzle.of(missing.task) if puzzle.bare and missing.task else None
    if solution is None or puzzle.is_released(solution, missing.task):
        return {}
    return {"waits": f"{missing.task} stands in a notebook of the student's own, without its test"}


def doubt(notebook: NotebookNode, reason: str, unanswered: bool = False) -> None:
    """Mark what may lose points in a mended notebook: should it, a person has to look.

    With `unanswered` no more than the written answers that are not there.
    """
    for cell in notebook.cells:
        graded = (cell.metadata.get("nbgrader") or {}).get("grade")
        nothing = is_marked(cell, "missing") or is_marked(cell, "unanswered")
        if unanswered and not is_marked(cell, "unanswered"):
            continue
        if graded and (_is_test(cell) or nothing):
            marks = {"missing": True} if _is_test(cell) and is_marked(cell, "missing") else {}
            cell.metadata["autograder"] = {**marks, "waits": reason}


def _is_test(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and not cell.metadata.nbgrader.get("solution")


def _name_the_recognised(puzzle: Puzzle) -> None:
    names = ", ".join(dict.fromkeys(puzzle.recognised))
    if names:
        puzzle.notes.append(f"without metadata of their own, recognised by what they say: {names}")


def _wait_for_a_newer_python(puzzle: Puzzle) -> None:
    """A cell that only a newer Python understands is not run: what it costs waits for a person."""
    here = ".".join(map(str, sys.version_info[:2]))
    reason = ""
    solutions = {cell.grade_id for cell in puzzle.known.values() if cell.solution}
    for piece in puzzle.pieces:
        if not reason and piece.cell_type == "code" and not piece.outline.is_python:
            version = written_for(piece.source) if piece.parsed else ""
            reason = f"written for Python {version}, graded by {here}" if version else ""
            puzzle.notes += [reason] if reason else []
        known = puzzle.known[piece.grade_id] if piece.grade_id else None
        if not reason or known is None or not known.grade or known.solution:
            continue
        if known.task not in solutions:  # a classic test may be about anything
            piece.marks.setdefault("waits", reason)
            continue
        solution = puzzle.of(known.task)
        if solution is not None and not puzzle.is_released(solution, known.task):
            piece.marks.setdefault("waits", reason)


def _kept(piece: Piece) -> NotebookNode:
    """A copy of a cell that is not graded: nothing in it may claim to be."""
    if piece.cell is None:
        return new_cell(piece.cell_type, piece.source, {})
    copy = nbformat.from_dict({**piece.cell, "source": piece.source})
    copy.metadata.pop("nbgrader", None)
    return copy


def _restored(piece: Piece, original: MasterCell) -> NotebookNode:
    text = original.shown if original.locked else piece.source
    cell = new_cell(original.cell_type, text, {"nbgrader": original.metadata})
    marks = dict(piece.marks)
    unanswered = piece.key == squeezed(original.shown) and not marks
    if unanswered and piece.cell is not None and piece.cell.get("attachments"):
        marks["waits"] = f"{original.grade_id}: no words stand in its cell, but a picture"
        unanswered = False
    if original.grade and original.solution and unanswered:
        marks["unanswered"] = True
    if marks:
        cell.metadata["autograder"] = marks
    if piece.cell is not None:
        if piece.cell.get("attachments") and cell.cell_type == "markdown":
            cell["attachments"] = piece.cell.attachments
        if cell.cell_type == piece.cell_type == "code" and not original.locked:
            cell["outputs"] = piece.cell.get("outputs", [])
    return cell


def _without_fences(piece: Piece) -> Piece:
    """Code in a text is set off by a line of backticks before and after it."""
    fenced = _FENCED.fullmatch(piece.source.strip())
    return piece.with_source(fenced["code"]) if fenced else piece


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
