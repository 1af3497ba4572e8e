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
from collections.abc import Collection, Iterator, Mapping
from difflib import SequenceMatcher
from pathlib import Path

import jupytext
import nbformat

from autograder.errors import CourseError

__all__ = ["build", "built"]

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
#: Begins a cell of which something is said that the course needs.
_SAID = re.compile(r"\s*#\s*%%.*\b(nbgrader|grade_id|tags)\b")
#: A comment that begins a cell, or was meant to.
_BEGINS = re.compile(r"\s*#+ *%{1,3}(?P<about>.*)")
#: The kind of a cell, where a title ends with one or is nothing else.
_KIND = re.compile(r"(?:.*[\[({<]|^)\s*([A-Za-z][\w -]*?)\s*[\])}>]?\s*")


def built(path: Path) -> str:
    """The notebook of a text that is a file; see `build`."""
    return build(path.read_text("utf-8"), path.name)


def build(text: str, name: str = "the text") -> str:
    """The notebook (JSON text) of a ``py:percent`` text.

    Parameters
    ----------
    text : str
        Content of ``NAME.py``.
    name : str, optional
        What to call it.

    Returns
    -------
    str
        nbformat 4.5 JSON with a final newline.

    Raises
    ------
    CourseError
        If what is said of a cell cannot be read, or its kind: jupytext would leave it out, or
        take prose for code, and say nothing.
    """
    if wrong := dict(_no_kind(text)):
        raise CourseError(
            f"{name}, {_lines(wrong)}: {' and '.join(map(repr, dict.fromkeys(wrong.values())))} "
            "is no kind of cell, and what stands there would be code; a cell of prose begins with "
            "# %% [markdown], one of code with # %%"
        )
    if unread := list(_unread(text)):
        raise CourseError(
            f"{name}, {_lines(unread)}: what is said of the cell after %% "
            "cannot be read, and the cell would do without. Look for a missing comma, quotation "
            'mark or bracket; it goes on one line, nbgrader={"grade_id": "slope", "solution": true}'
        )
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


def _lines(numbers: Collection[int]) -> str:
    return f"{'lines' if len(numbers) > 1 else 'line'} {', '.join(map(str, numbers))}"


def _unread(text: str) -> Iterator[int]:
    """Lines that begin a cell and speak of nbgrader or of tags, but not as it is understood."""
    for number, line in enumerate(text.splitlines(), 1):
        if not _SAID.match(line):
            continue
        about = jupytext.reads(f"{line.strip()}\npass\n", fmt="py:percent").cells[0].metadata
        nbgrader = about.get("nbgrader", {} if "grade_id" not in line else None)
        if "incorrectly_encoded_metadata" in about or not isinstance(nbgrader, Mapping):
            yield number


def _no_kind(text: str) -> Iterator[tuple[int, str]]:
    """Lines that say what kind of cell begins there, but not as it is understood."""
    for number, line in enumerate(text.splitlines(), 1):
        if not (comment := _BEGINS.fullmatch(line)):
            continue
        cell = jupytext.reads(f"{line.strip()}\npass\n", fmt="py:percent").cells[0]
        begins = not cell.source.startswith("#")
        title = cell.metadata.get("title", "") if begins else comment["about"]
        kind = _KIND.fullmatch(title.strip()) if cell.cell_type == "code" else None
        if kind and kind[1].lower() not in ("code", "python"):
            like = SequenceMatcher(None, kind[1].lower(), "markdown").ratio() > 0.75
            if like or (begins and title.startswith("[")):
                yield number, title.strip()
