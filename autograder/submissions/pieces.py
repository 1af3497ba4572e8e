"""The cells of a submission while it is found out which of them are the released ones.

A `Piece` is one of them with the `grade_id` that it is taken for; `Puzzle` is all of them in
their order, what was released, and what there is to say. Knows texts and places; decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

from nbformat import NotebookNode

from autograder.submissions import code
from autograder.submissions.cells import MasterCell, grade_id_of

__all__ = ["Piece", "Puzzle"]


#: So much code of a submission is parsed, in characters; from the rest names are taken.
MAX_PARSED = 1_000_000


@dataclass(eq=False)
class Piece:
    """A cell of the submission, or a part of one."""

    cell_type: str
    source: str
    grade_id: str = ""
    #: The cell it was, for its tags, figures and attachments.
    cell: NotebookNode | None = None
    #: Whether its code is parsed.
    parsed: bool = True
    #: Whether its text is that of some released cell, to the letter.
    released: bool = False
    #: What the mended cell is marked with, for those who grade.
    marks: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def key(self) -> str:
        """Equal for texts that differ in nothing but space."""
        return code.squeezed(self.source)

    @cached_property
    def outline(self) -> code.Outline:
        """What its code says."""
        parsed = self.parsed and self.cell_type == "code"
        if self.released and parsed:
            return code.released_outline(self.source)
        return code.outline(self.source, parsed)

    def defines(self, names: set[str]) -> bool:
        """Whether its code defines any of them."""
        return self.cell_type == "code" and not names.isdisjoint(self.outline.defined)

    def with_source(self, source: str) -> Piece:
        """The same cell with another text."""
        return replace(self, source=source, marks=dict(self.marks), released=False)


class _Release:
    """What was released, looked at once for all who hand it in; not to be changed."""

    def __init__(self, master: tuple[MasterCell, ...]) -> None:
        self.known = {cell.grade_id: cell for cell in master if cell.grade_id}
        self.texts = {text for cell in master for text in (cell.source, cell.shown)}
        self.shown = {name: code.squeezed(cell.shown) for name, cell in self.known.items()}
        #: Texts of the cells that are nobody's to fill in.
        self.plain = {code.squeezed(cell.source) for cell in master if not cell.grade_id}
        self.lines = {
            line.strip() for cell in master for line in cell.shown.split("\n") if line.strip()
        }


_release = lru_cache(maxsize=64)(_Release)


class Puzzle:
    """A submission's cells, and the release that they are compared with.

    Parameters
    ----------
    notebook : NotebookNode
        From `read_submission`.
    master : sequence of MasterCell
        As released, in order.
    """

    def __init__(self, notebook: NotebookNode, master: Sequence[MasterCell]) -> None:
        release = _release(tuple(master))  # of each submission it would be half a millisecond
        self.master, self.known, self._shown = master, release.known, release.shown
        self.plain, self.lines = release.plain, release.lines
        self.notes: list[str] = []
        self.pieces = [
            Piece(cell.cell_type, cell.source, self._named(cell), cell) for cell in notebook.cells
        ]
        #: Whether no metadata say which released cell any of them is.
        self.bare = not any(piece.grade_id for piece in self.pieces)
        room = MAX_PARSED
        for piece in self.pieces:
            piece.released = piece.source in release.texts
            room -= len(piece.source) if piece.cell_type == "code" else 0
            piece.parsed = room >= 0
        #: Released cells that were recognised without their metadata.
        self.recognised: list[str] = []

    def _named(self, cell: NotebookNode) -> str:
        grade_id = grade_id_of(cell)
        return grade_id if grade_id in self.known else ""

    def all_of(self, grade_id: str) -> list[Piece]:
        """The pieces taken for this cell."""
        return [piece for piece in self.pieces if piece.grade_id == grade_id]

    def of(self, grade_id: str) -> Piece | None:
        """The piece taken for this cell, if one is."""
        return next(iter(self.all_of(grade_id)), None)

    def index(self, piece: Piece) -> int:
        """Where it stands."""
        return self.pieces.index(piece)

    def own(self) -> Iterator[Piece]:
        """Those that are no released cell, as far as is known: the student's own."""
        for piece in self.pieces:
            if not piece.grade_id and piece.key not in self.plain:
                yield piece

    def is_released(self, piece: Piece, grade_id: str) -> bool:
        """Whether its text is that of a released cell."""
        return piece.key == self._shown[grade_id]

    def names(self, grade_id: str) -> set[str]:
        """What a released solution cell defines, that the student is to write."""
        found = code.released_outline(self.known[grade_id].shown).defined
        return {grade_id} & found or found or {grade_id}

    def take(self, piece: Piece, grade_id: str) -> None:
        """Take a piece without metadata for a released cell."""
        piece.grade_id = grade_id
        self.recognised.append(grade_id)
