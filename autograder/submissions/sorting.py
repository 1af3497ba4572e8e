"""Which of a week's notebooks a file is: the one whose cells it holds, whatever it is called.

Knows cells and what was released; neither folders nor what becomes of a file that is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from nbformat import NotebookNode

from autograder.submissions.cells import MasterCell, grade_id_of, is_marked
from autograder.submissions.mend import mend

__all__ = ["Masters", "notebooks_of"]

#: The released cells of a week's notebooks, by the name of each.
Masters = Mapping[str, Sequence[MasterCell]]
#: Who holds more than this part of a notebook's cells is that notebook.
MOST = 0.5


def notebooks_of(notebook: NotebookNode, name: str, masters: Masters) -> list[str]:
    """Which of the week's notebooks this one may be; all of them, if it holds no cell of any.

    Mostly one: that of whose cells it holds the largest part. Where several were put into one
    file, it is each of them.

    Parameters
    ----------
    notebook : NotebookNode
        From `read_submission`.
    name : str
        What its file is called, without the ending; it decides where the cells do not.
    masters : mapping of str to sequence of MasterCell
    """
    if len(masters) == 1:
        return list(masters)
    count = Counter(cell.grade_id for master in masters.values() for cell in master)
    ids = {
        # Several may have a cell called "written": it does not tell them apart.
        key: {c.grade_id for c in master if count[c.grade_id] == 1} - {""}
        for key, master in masters.items()
    }
    said = {grade_id_of(cell) for cell in notebook.cells}
    held = {key: _part(said, ids[key]) for key in masters}
    if max(held.values()) <= MOST:  # metadata may be lost; what the cells say is not
        held = {key: _part(_recognised(notebook, masters[key]), ids[key]) for key in masters}
    most = max(held.values())
    if not most:
        return [name] if name in masters else list(masters)
    best = [key for key in masters if held[key] == most]
    chosen = name if name in best else best[0]
    return [key for key in masters if key == chosen or held[key] > MOST]


def _part(found: set[str], ids: set[str]) -> float:
    return len(found & ids) / max(len(ids), 1)


def _recognised(notebook: NotebookNode, master: Sequence[MasterCell]) -> set[str]:
    mended, _ = mend(notebook, master)
    return {grade_id_of(cell) for cell in mended.cells if not is_marked(cell, "missing")}
