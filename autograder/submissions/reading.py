"""Reads a submitted file, whatever it is.

A file that is no notebook becomes an empty one with a problem. Of the others
the text of the cells is kept, the metadata that mean something here, and
figures; other outputs are dropped before anything looks at them. Knows files and JSON; not
what was released.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from autograder.submissions.cells import grade_id_of, new_cell
from autograder.submissions.figures import handed_in

__all__ = [
    "MAX_BYTES",
    "MAX_CELLS",
    "MAX_FIGURES",
    "Reading",
    "no_notebook",
    "parse",
    "read_submission",
]

#: A submission larger than this is not opened.
MAX_BYTES = 200_000_000
#: So much of its figures is kept, in characters of base64.
MAX_FIGURES = 10_000_000
#: So many of its cells are read.
MAX_CELLS = 5_000
#: In so much of a file that cannot be read it is looked for work.
_LOOKED_AT = 2_000_000
#: How archives and documents begin that people hand in under a notebook's name.
_PACKED = (
    b"PK\3\4",
    b"\x1f\x8b",
    b"BZh",
    b"7z\xbc\xaf",
    b"\xfd7zXZ",
    b"Rar!",
    b"%PDF",
    b"\xd0\xcf\x11\xe0",
)
_TAG = re.compile(r"[\w.:/-]+")
#: What may stand before and after JSON, with a byte order mark.
_BLANK = " \t\r\n\f\v\0\x1a\ufeff"
#: How Python keeps a byte that it cannot decode; and what Windows means by it.
_ESCAPED = re.compile("[\udc80-\udcff]")
_WINDOWS = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(128, 256)}


@dataclass(frozen=True)
class Reading:
    """What a file held.

    Attributes
    ----------
    notebook : NotebookNode
        nbformat 4, with no outputs but figures (PNG); empty if there is a problem.
    problem : str
        Why the file could not be read, or ``""``.
    notes : tuple of str
        What is odd about a file that could.
    digest : str
        SHA-256 of its bytes; ``""`` if it could not be opened.
    """

    notebook: NotebookNode
    problem: str = ""
    notes: tuple[str, ...] = ()
    digest: str = ""
    #: The bytes, if there is a problem with them.
    content: bytes = field(default=b"", repr=False)

    def may_hold(self, names: Collection[str]) -> bool:
        """Whether work may stand in a file that could not be read: what it is, or speaks of."""
        if self.content.startswith(_PACKED):
            return True
        text, _ = _decoded(self.content)
        return any(name in text for name in names if name)


def read_submission(path: Path, inside: Path | None = None) -> Reading:
    """Read a submitted notebook, whatever it is.

    Parameters
    ----------
    path : Path
    inside : Path, optional
        A folder that the file, with links followed, must lie in.
    """
    try:
        if inside is not None and not path.resolve().is_relative_to(inside.resolve()):
            return no_notebook("the notebook is a link to a file outside the submission")
        about = path.stat()
        if not stat.S_ISREG(about.st_mode) and not stat.S_ISDIR(about.st_mode):
            return no_notebook("the notebook is not a plain file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1) if about.st_size <= MAX_BYTES else b""
        if max(about.st_size, len(content)) > MAX_BYTES:
            return no_notebook(f"the notebook is larger than {MAX_BYTES // 1_000_000} MB")
        return parse(content)
    except OSError as error:
        return no_notebook(f"the notebook cannot be opened: {error.strerror or error}")
    except RuntimeError:  # pathlib's word for it before Python 3.13
        return no_notebook("the notebook is a link to itself")


def no_notebook(problem: str, digest: str = "", content: bytes = b"") -> Reading:
    """An empty notebook, and why."""
    return Reading(new_notebook(), problem, digest=digest, content=content[:_LOOKED_AT])


def parse(content: bytes) -> Reading:
    """The notebook in `content`, and why there is none; see `read_submission`."""
    digest = hashlib.sha256(content).hexdigest()
    if not content.strip():
        return no_notebook("the notebook file is empty", digest)
    text, notes = _decoded(content)
    try:
        data, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError) as error:
        return no_notebook(f"the file is not a notebook: it is not JSON ({error})", digest, content)
    if isinstance(data, dict) and not isinstance(data.get("nbformat"), int) and _has_cells(data):
        data["nbformat"] = 4
    if not isinstance(data, dict) or not isinstance(data.get("nbformat"), int):
        return no_notebook("the file is JSON, but not a notebook", digest, content)
    if text[end:].strip(_BLANK):
        notes.append("something follows the notebook in its file; it was ignored")
    try:
        if _shorten(data):
            notes.append(f"the notebook has more than {MAX_CELLS} cells; the others were not read")
        _strip(data)
        data = _well_formed(data)
        if data["nbformat"] < 4:
            data = nbformat.reads(json.dumps(data), as_version=4)
        cells = [_clean(cell, number) for number, cell in enumerate(data["cells"])]
    except Exception as error:
        problem = f"the notebook is damaged ({type(error).__name__}: {error})"
        return no_notebook(problem, digest, content)
    return Reading(new_notebook(cells=cells), "", tuple(notes), digest)


def _decoded(content: bytes) -> tuple[str, list[str]]:
    """The text in these bytes, without what may stand before JSON; and what is odd about it."""
    encoding = json.detect_encoding(content)
    text = content.decode(encoding, errors="surrogateescape" if "8" in encoding else "replace")
    notes = []
    if "8" not in encoding:
        notes.append(f"the file is saved as {encoding[:6].upper()}, not UTF-8")
    elif _ESCAPED.search(text):
        # A byte that is no UTF-8, where everything else may be.
        text = text.translate(_WINDOWS)
        notes.append("the file is not UTF-8 throughout; the rest was read as Windows-1252")
    return text.lstrip(_BLANK), notes


def _has_cells(data: dict[str, Any]) -> bool:
    """Whether it looks like a notebook that lost the number of its format."""
    cells = data.get("cells")
    return isinstance(cells, list) and any(isinstance(c, dict) and "cell_type" in c for c in cells)


def _holders(data: dict[str, Any]) -> list[dict[str, Any]]:
    """What holds cells: the notebook, or in nbformat 3 its sheets."""
    sheets = data.get("worksheets")
    return [data, *sheets] if isinstance(sheets, list) else [data]


def _shorten(data: dict[str, Any]) -> bool:
    """Let go of cells beyond the limit; whether there were any."""
    room = MAX_CELLS
    shortened = False
    for holder in _holders(data):
        cells = holder.get("cells")
        if isinstance(cells, list):
            shortened = shortened or len(cells) > room
            del cells[room:]
            room -= len(cells)
    return shortened


def _strip(data: dict[str, Any]) -> None:
    """Drop outputs before anything looks at them: they may be huge or malformed."""
    room = MAX_FIGURES
    for holder in _holders(data):
        for cell in holder.get("cells") or ():
            if isinstance(cell, dict):
                if "outputs" in cell:
                    found = list(handed_in(cell["outputs"])) if holder is data else []
                    room -= sum(len(figure["data"]["image/png"]) for figure in found)
                    cell["outputs"] = found if room >= 0 else []
                if "execution_count" in cell:
                    cell["execution_count"] = None


def _well_formed(data: dict[str, Any]) -> dict[str, Any]:
    """For nbformat 4: cells is a list of objects with a known type and a source."""
    if not isinstance(data.get("metadata"), dict):
        data["metadata"] = {}
    if data["nbformat"] < 4:
        return data
    cells = data.get("cells")
    data["cells"] = [
        cell
        for cell in (cells if isinstance(cells, list) else [])
        if isinstance(cell, dict) and cell.get("cell_type") in ("code", "markdown", "raw")
    ]
    for number, cell in enumerate(data["cells"]):
        cell["id"] = f"cell-{number}"  # theirs may be missing, malformed or all the same
        source = cell.get("source", "")
        if isinstance(source, list):
            source = _joined([part for part in source if isinstance(part, str)])
        cell["source"] = source if isinstance(source, str) else ""
        if not isinstance(cell.get("metadata"), dict):
            cell["metadata"] = {}
    data["nbformat"], data["nbformat_minor"] = 4, 5
    return data


def _joined(lines: list[str]) -> str:
    """The text of lines; some programs leave out how they end."""
    bare = len(lines) > 1 and not any(line.endswith("\n") for line in lines)
    return ("\n" if bare else "").join(lines)


def _clean(cell: dict[str, Any], number: int) -> NotebookNode:
    """A fresh cell with the text, and what of the metadata means something here."""
    # A lone surrogate cannot be written as UTF-8.
    source = cell["source"].encode("utf-8", errors="replace").decode("utf-8")
    kept: dict[str, Any] = {}
    metadata = cell.get("metadata") or {}
    if isinstance(metadata.get("nbgrader"), dict):
        kept["nbgrader"] = {"grade_id": grade_id_of(cell)}
    tags = metadata.get("tags")
    if isinstance(tags, list):
        fit = (t for t in tags if isinstance(t, str) and _TAG.fullmatch(t))
        kept["tags"] = list(dict.fromkeys(fit))
    made = new_cell(cell["cell_type"], source, kept)
    made["id"] = f"cell-{number}"
    if made.cell_type == "code":
        made["outputs"] = nbformat.from_dict(cell.get("outputs") or [])
    if made.cell_type == "markdown" and _are_attachments(cell.get("attachments")):
        made["attachments"] = nbformat.from_dict(cell["attachments"])
    return made


def _is_ascii(value: Any) -> bool:
    return isinstance(value, str) and value.isascii()


def _are_attachments(value: Any) -> bool:
    """Whether these are pictures pasted into a text, as nbformat has them."""
    return isinstance(value, dict) and all(
        _is_ascii(name)
        and isinstance(bundle, dict)
        and all(_is_ascii(kind) and _is_ascii(data) for kind, data in bundle.items())
        for name, bundle in value.items()
    )
