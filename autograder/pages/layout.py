"""How a page lays out a notebook: the student's work in the open, what all were given folded.

A task is one part: what the student wrote and what was said of it. Knows cells and the sources of
the released ones; not how anything looks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.submissions.cells import extras, grade_id_of, is_marked, task_of
from autograder.submissions.signs import is_sign

__all__ = ["Part", "parts"]

#: So many headings of a folded part are named.
_NAMED = 3


@dataclass(frozen=True)
class Part:
    """Cells that stand together.

    `kind` is ``"task"`` for a solution with its test cell, or either alone, ``"answer"`` for a
    written one, ``"own"`` for a cell that the student added or changed, ``"given"`` for a run of
    released ones.
    """

    kind: str
    cells: tuple[NotebookNode, ...]

    @property
    def about(self) -> dict[str, object]:
        """What nbgrader knows of the cell that carries the points, or of the last one."""
        return dict(self.cells[-1].metadata.get("nbgrader") or {})

    @property
    def summary(self) -> str:
        """What is in a folded part: its headings, and whether something failed there."""
        found = [name for cell in self.cells for name in _headings(cell)]
        said = " · ".join(found[:_NAMED]) + (" …" if len(found) > _NAMED else "")
        failed = any(
            output.output_type == "error"
            for cell in self.cells
            for output in cell.get("outputs", ())
        )
        text = f"From the notebook{': ' * bool(said)}{said}"
        return f"{text} (a cell here stopped with an error)" if failed else text


def parts(cells: Sequence[NotebookNode], released: Collection[str] | None = None) -> list[Part]:
    """A notebook's cells as a page shows them.

    Parameters
    ----------
    cells : sequence of NotebookNode
    released : collection of str, optional
        The sources of the cells that everybody was given. Without it, nobody knows which are
        the student's own.

    Returns
    -------
    list of Part
        In the order of the notebook; cells in which nothing is are left out.
    """
    found: list[Part] = []
    for kind, cell in _kinds(cells, released):
        last = found[-1] if found else None
        if last and (kind == last.kind == "given" or _belongs(cell, last)):
            found[-1] = Part(last.kind, (*last.cells, cell))
        else:
            found.append(Part(kind, (cell,)))
    return found


def _kinds(
    cells: Sequence[NotebookNode], released: Collection[str] | None
) -> Iterator[tuple[str, NotebookNode]]:
    spare = extras(cells)
    for cell in cells:
        about = cell.metadata.get("nbgrader") or {}
        if grade_id_of(cell) in spare and is_marked(cell, "missing"):
            continue  # it earns nothing, and nobody is told that it isn't there
        if grade_id_of(cell) in spare and cell.source in (released or ()):
            yield "given", cell
        elif about.get("grade") or about.get("solution") or about.get("task"):
            yield ("task" if cell.cell_type == "code" else "answer"), cell
        elif cell.source.strip() or cell.get("outputs"):
            given = released is None or cell.source in released or is_sign(cell.source)
            yield ("given" if given else "own"), cell


def _belongs(cell: NotebookNode, part: Part) -> bool:
    """Whether a test cell stands right behind the solution that it tests."""
    alone = part.kind == "task" and len(part.cells) == 1
    return alone and bool(task_of(cell)) and grade_id_of(part.cells[0]) == task_of(cell)


def _headings(cell: NotebookNode) -> Iterator[str]:
    """A Markdown cell's headings in plain letters; those with commands of TeX are passed over."""
    if cell.cell_type == "markdown":
        for line in cell.source.splitlines():
            text = line.lstrip("#")
            if line.startswith("#") and text.startswith((" ", "\t")) and "\\" not in text:
                yield re.sub(r"[$`*]", "", text[:80]).strip(" \t#")
