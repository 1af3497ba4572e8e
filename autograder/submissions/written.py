"""Answers in words: found where they stand, and never closed at 0 while they may be there.

An answer may stand in another cell than the one that was released for it. Where that cell is
untouched or gone, and words of the student's own stand in its part of the notebook, or many
anywhere, a person has to look. Knows pieces and places; not what a good answer is.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograder.submissions import code
from autograder.submissions.cells import MasterCell
from autograder.submissions.pieces import Piece, Puzzle
from autograder.submissions.signs import is_sign

__all__ = ["match_written"]

#: So many characters of one's own may be an answer, wherever they stand; fewer will do below the
#: untouched cell, where hardly anything else is written.
MANY, SOME = 60, 20


def match_written(puzzle: Puzzle) -> None:
    """Find the written answers, or mark them for a person to look for."""
    for master in puzzle.known.values():
        if master.solution and master.grade:
            _find(puzzle, master)


def _find(puzzle: Puzzle, master: MasterCell) -> None:
    grade_id = master.grade_id
    stub = puzzle.of(grade_id)
    if stub is not None and not puzzle.is_released(stub, grade_id):
        return
    if stub is None:
        stub = next((p for p in puzzle.own() if puzzle.is_released(p, grade_id)), None)
        if stub is not None:
            puzzle.take(stub, grade_id)
    near = [piece for piece in _section(puzzle, master) if _words(puzzle, piece)]
    far = [
        piece
        for piece, enough in _elsewhere(puzzle, stub)
        if _is_text(piece) and piece is not stub and len(_words(puzzle, piece)) >= enough
    ]
    if stub is None and near:
        puzzle.take(_after_the_question(puzzle, master, near), grade_id)
    elif near or far:
        if stub is None:
            text = f"*This cell ({grade_id}) was missing from the submission.*"
            stub = Piece(master.cell_type, text, grade_id)
            puzzle.pieces.insert(puzzle.index(far[-1]) + 1, stub)
        why = f"{grade_id}: no answer stands in its cell, but other words of their own do elsewhere"
        puzzle.notes.append(f"{why}; a person has to look")
        stub.marks["waits"] = why


def _elsewhere(puzzle: Puzzle, stub: Piece | None) -> Iterator[tuple[Piece, int]]:
    """The student's own cells, and how many characters of each may be an answer."""
    at = len(puzzle.pieces) if stub is None else puzzle.index(stub)
    below = set(puzzle.pieces[at:])
    yield from ((piece, SOME if piece in below else MANY) for piece in puzzle.own())


def _section(puzzle: Puzzle, master: MasterCell) -> list[Piece]:
    """Words of one's own between the graded cells before and after its place."""
    names = list(puzzle.known)
    place = names.index(master.grade_id)
    at = {piece.grade_id: k for k, piece in enumerate(puzzle.pieces) if piece.grade_id}
    earlier = [at[name] for name in names[:place] if name in at]
    later = [at[name] for name in names[place + 1 :] if name in at]
    low = max(earlier, default=-1)
    high = min((k for k in later if k > low), default=len(puzzle.pieces))
    own = set(puzzle.own())
    return [piece for piece in puzzle.pieces[low + 1 : high] if piece in own and _is_text(piece)]


def _is_text(piece: Piece) -> bool:
    """Whether it is for people to read."""
    return piece.cell_type != "code" or piece.outline.is_words


def _words(puzzle: Puzzle, piece: Piece) -> str:
    """What stands in it beside released lines and signs."""
    if is_sign(piece.source):
        return ""
    lines = (line.strip() for line in piece.source.split("\n"))
    return " ".join(line for line in lines if line and line not in puzzle.lines)


def _after_the_question(puzzle: Puzzle, master: MasterCell, near: list[Piece]) -> Piece:
    """Of several candidates, the first one below the released cell before the answer's."""
    place = next(k for k, cell in enumerate(puzzle.master) if cell.grade_id == master.grade_id)
    question = code.squeezed(puzzle.master[place - 1].shown) if place else ""
    below = False
    for piece in puzzle.pieces:
        if below and piece in near:
            return piece
        below = below or piece.key == question
    return near[0]
