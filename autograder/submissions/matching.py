"""Which cell of a submission is which released cell.

First what its metadata say; then, where an editor lost them, what it is: a test cell by its
text, a solution by the function that it defines. Copies, merged and split cells are resolved,
and what was typed into a locked cell is kept. Answers in words are found in `written`.
"""

from __future__ import annotations

from autograder.submissions import code
from autograder.submissions.cells import MasterCell
from autograder.submissions.pieces import Piece, Puzzle

__all__ = ["match_code"]

#: So much of a released test must stand in a cell without metadata to be taken for it.
ENOUGH = 0.5
#: So many cells are put together again.
MAX_JOINS = 20


def match_code(puzzle: Puzzle) -> None:
    """Find the locked cells and the solutions; what is left without a piece is missing."""
    _join(puzzle)
    for master in puzzle.known.values():
        _resolve_copies(puzzle, master)
    for master in puzzle.known.values():
        if master.locked:
            _find_locked(puzzle, master)
    for master in puzzle.known.values():
        if master.locked and (piece := puzzle.of(master.grade_id)):
            _keep_what_was_typed(puzzle, master, piece)
    for master in puzzle.known.values():
        if master.locked:  # which may have been merged with another locked one
            _find_locked(puzzle, master)
    for master in puzzle.known.values():
        if master.solution and master.cell_type == "code":
            _find_solution(puzzle, master)
    for master in puzzle.known.values():
        if master.task:
            _before_its_test(puzzle, master)
            _only_below(puzzle, master)


def _join(puzzle: Puzzle) -> None:
    """Put together what was split in the middle of a function."""
    whole: list[Piece] = []
    joins = 0
    for piece in puzzle.pieces:
        before = whole[-1] if whole else None
        if (
            before is not None
            and joins < MAX_JOINS
            and before.cell_type == piece.cell_type == "code"
            and piece.grade_id in ("", before.grade_id)
            and code.fits(before.source, piece.source)
        ):
            joins += 1
            whole[-1] = before.with_source(f"{before.source}\n{piece.source}")
            name = before.grade_id or "a function"
            puzzle.notes.append(f"{name} had been split into two cells; they were read as one")
        else:
            whole.append(piece)
    puzzle.pieces[:] = whole


def _resolve_copies(puzzle: Puzzle, master: MasterCell) -> None:
    """Of several copies the one that was worked on counts; of several such, the last."""
    copies = puzzle.all_of(master.grade_id)
    if len(copies) < 2:
        return
    names = set() if master.locked else puzzle.names(master.grade_id)

    def worth(copy: Piece) -> tuple[bool, bool, int]:
        worked = not master.locked and not puzzle.is_released(copy, master.grade_id)
        return worked and copy.defines(names), worked, places[copy]

    places = {copy: place for place, copy in enumerate(copies)}
    best = max(copies, key=worth)
    which = "the last one" if best is copies[-1] else "the one that was worked on"
    puzzle.notes.append(f"the cell {master.grade_id} is there more than once; {which} counts")
    for copy in copies:
        if copy is not best:
            copy.grade_id = ""


def _find_locked(puzzle: Puzzle, master: MasterCell) -> None:
    """A locked cell that lost its metadata, or was merged with its neighbour."""
    if puzzle.of(master.grade_id) is not None:
        return
    others = [piece for piece in puzzle.pieces if not piece.grade_id]
    exact = next((p for p in others if puzzle.is_released(p, master.grade_id)), None)
    if exact is not None:
        puzzle.take(exact, master.grade_id)
    if exact is not None or master.cell_type != "code":
        return
    released = code.released_outline(master.shown)
    merged = [p for p in puzzle.pieces if p.grade_id and not puzzle.known[p.grade_id].locked]
    best, most = None, 0.0
    for piece in [*others, *merged]:
        part = code.share(piece.outline, released) if piece.cell_type == "code" else 0.0
        if part > most:
            best, most = piece, part
    if best is None or most < ENOUGH:
        return
    rest = code.typed_into(best.source, master.shown)
    test = Piece("code", master.shown)
    puzzle.take(test, master.grade_id)
    if rest:
        puzzle.notes.append(f"the cell {master.grade_id} was merged with another; they were parted")
    at = puzzle.index(best)
    puzzle.pieces[at : at + 1] = [*([best.with_source(rest)] if rest else []), test]


def _keep_what_was_typed(puzzle: Puzzle, master: MasterCell, piece: Piece) -> None:
    """A locked cell is restored; what stood in it besides runs before it, as a cell of its own."""
    if piece.key in (code.squeezed(master.source), code.squeezed(master.shown)):
        return
    if master.cell_type == "code":
        rest = code.typed_into(piece.source, master.shown)
    else:
        known = {line.strip() for line in master.shown.split("\n")}
        rest = "\n".join(line for line in piece.source.split("\n") if line.strip() not in known)
    if rest.strip():
        puzzle.notes.append(
            f"something was typed into the locked cell {master.grade_id}; "
            "it is kept as a cell of its own before it"
        )
        puzzle.pieces.insert(puzzle.index(piece), Piece(piece.cell_type, rest))


def _find_solution(puzzle: Puzzle, master: MasterCell) -> None:
    """A solution without metadata, by the function it defines; an untouched stub yields to it."""
    grade_id = master.grade_id
    names = puzzle.names(grade_id)
    stub = puzzle.of(grade_id)
    copies = [p for p in puzzle.own() if puzzle.is_released(p, grade_id)]
    if stub is None or puzzle.is_released(stub, grade_id):
        worked = [
            p for p in puzzle.own() if p.defines(names) and not puzzle.is_released(p, grade_id)
        ]
        elsewhere = _elsewhere(puzzle, grade_id, names)
        if worked:
            copies += [stub] if stub is not None else []
            puzzle.take(_before(puzzle, f"test_{grade_id}", worked)[-1], grade_id)
        elif elsewhere:
            note = f"{grade_id} stands in the cell {elsewhere}"
            puzzle.notes.append(note)
            copies += [stub] if stub is not None else []
            at = (
                puzzle.index(copies[-1])
                if copies
                else puzzle.index(puzzle.all_of(elsewhere)[0]) + 1
            )
            puzzle.pieces.insert(at, Piece("code", f"# {note}.", grade_id))
        elif stub is None and copies:
            puzzle.take(copies.pop(), grade_id)
    undone = set(copies)  # run later, they would undo what was written
    puzzle.pieces[:] = [piece for piece in puzzle.pieces if piece not in undone]


def _before(puzzle: Puzzle, grade_id: str, pieces: list[Piece]) -> list[Piece]:
    """Those of the pieces that stand before a cell; all of them if none does."""
    limit = puzzle.of(grade_id)
    if limit is None:
        return pieces
    earlier = set(puzzle.pieces[: puzzle.index(limit)])
    return [piece for piece in pieces if piece in earlier] or pieces


def _elsewhere(puzzle: Puzzle, grade_id: str, names: set[str]) -> str:
    """The released cell in which a function stands that has a cell of its own."""
    for piece in puzzle.pieces:
        other = piece.grade_id
        if other not in ("", grade_id) and not puzzle.known[other].locked and piece.defines(names):
            return "" if puzzle.is_released(piece, other) else other
    return ""


def _before_its_test(puzzle: Puzzle, master: MasterCell) -> None:
    """A solution below its test is run before it; should that cost points, a person looks."""
    test = puzzle.of(master.grade_id)
    solution = puzzle.of(master.task)
    if test is None or solution is None or puzzle.index(solution) < puzzle.index(test):
        return
    if puzzle.is_released(solution, solution.grade_id):
        return
    note = f"{solution.grade_id} stands below its test cell; it was run before it"
    puzzle.notes.append(note)
    puzzle.pieces.remove(solution)
    puzzle.pieces.insert(puzzle.index(test), solution)
    test.marks["waits"] = note


def _only_below(puzzle: Puzzle, master: MasterCell) -> None:
    """What gets its name below the test is not there when it is asked for: a person looks."""
    test = puzzle.of(master.grade_id)
    if test is None or master.task not in puzzle.known:
        return
    names = puzzle.names(master.task)
    defining = [p for p in puzzle.pieces if p.cell_type == "code" and p.defines(names)]
    if not defining:
        return
    if puzzle.index(defining[0]) < puzzle.index(test):
        _again_below(puzzle, master, test, defining)
        return
    note = f"{master.task} is defined only below its test cell"
    puzzle.notes.append(note)
    test.marks["waits"] = note


def _again_below(puzzle: Puzzle, master: MasterCell, test: Piece, defining: list[Piece]) -> None:
    """Another version below the test may be a correction: should points be lost, a person looks."""
    names, at = puzzle.names(master.task), puzzle.index(test)
    above = [piece for piece in defining if puzzle.index(piece) < at]
    judged = code.functions(above[-1].outline, names)[-1:]
    for piece in defining:
        last = code.functions(piece.outline, names)[-1:]
        if piece not in above and not piece.released and last and last != judged:
            note = f"{master.task} is defined again, differently, below its test cell"
            test.marks.setdefault("waits", note)
