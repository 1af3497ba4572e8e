"""Notebooks generated from their text.

``source/WEEK/NAME.py`` (jupytext ``py:percent``) is the one text that is
edited; `build` derives the notebook that nbgrader reads, byte for byte the
same every time: no outputs, cell ids from ``grade_id`` or position. A code cell
tagged ``hide-input`` is folded wherever a notebook can say so: the tag is Jupyter
Book's, and JupyterLab and Colab have a word of their own each. VS Code keeps what
is folded to itself; there, its first line should say that it needn't be read.
"""

from __future__ import annotations

import re

import jupytext
import nbformat

__all__ = ["build"]

_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

#: What nbformat takes for the id of a cell.
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
#: Says of a cell that its code stands between the reader and the idea.
_HIDE = "hide-input"
#: How JupyterLab and Colab spell it.
_FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}


def build(text: str) -> str:
    """The notebook (JSON text) of a ``py:percent`` text.

    Parameters
    ----------
    text : str
        Content of ``NAME.py``.

    Returns
    -------
    str
        nbformat 4.5 JSON with a final newline.
    """
    notebook = jupytext.reads(text, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(_METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    taken: set[str] = set()
    for position, cell in enumerate(notebook.cells):
        grade_id = (cell.metadata.get("nbgrader") or {}).get("grade_id")
        cell.metadata.pop("lines_to_next_cell", None)  # jupytext's, about the text's blank lines
        fits = _ID.fullmatch(grade_id or "") and grade_id not in taken
        cell["id"] = grade_id if fits else f"cell-{position:02d}"
        taken.add(cell["id"])
        if cell.cell_type == "code":
            cell["outputs"], cell["execution_count"] = [], None
            if _HIDE in cell.metadata.get("tags", ()):
                cell.metadata.update(nbformat.from_dict(_FOLDED))
    return str(nbformat.writes(notebook)) + "\n"
