"""Turn whatever was submitted into a notebook that can be graded.

Reading is tolerant: a file that is no notebook becomes an empty one with a
problem. Mending restores the graded cells from the release (their text, type,
points and ids), strips outputs but for figures, and puts back deleted cells,
marked as missing. This module knows notebooks as data; it runs nothing, and it knows
neither nbgrader nor the verdicts.
"""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from autograder.submissions.figures import handed_in

__all__ = [
    "MasterCell",
    "grade_id_of",
    "is_marked",
    "mend",
    "parse",
    "read_submission",
    "task_of",
    "visible",
    "without_region",
]

#: A submission larger than this is not opened.
MAX_BYTES = 200_000_000
#: So much of its figures is kept, in characters of base64.
MAX_FIGURES = 10_000_000
_TAG = re.compile(r"[\w.:/-]+")
_KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}


@dataclass(frozen=True)
class MasterCell:
    """A graded cell as it was released: what the student may not change."""

    grade_id: str
    cell_type: str
    source: str
    grade: bool
    solution: bool
    locked: bool
    points: float
    checksum: str

    @property
    def metadata(self) -> dict[str, Any]:
        """The cell's nbgrader metadata."""
        metadata: dict[str, Any] = {
            "grade": self.grade,
            "grade_id": self.grade_id,
            "locked": self.locked,
            "schema_version": 3,
            "solution": self.solution,
            "task": False,
            "cell_type": self.cell_type,
            "checksum": self.checksum,
        }
        if self.grade:
            metadata["points"] = self.points
        return metadata


def read_submission(path: Path, inside: Path | None = None) -> tuple[NotebookNode, str]:
    """Read a submitted notebook, whatever it is.

    Parameters
    ----------
    path : Path
    inside : Path, optional
        A folder that the file, with links followed, must lie in.

    Returns
    -------
    notebook : NotebookNode
        nbformat 4, with no outputs but figures (PNG); empty if there is a problem.
    problem : str
        Why the file could not be read, or ``""``.
    """
    try:
        if inside is not None and not path.resolve().is_relative_to(inside.resolve()):
            return new_notebook(), "the notebook is a link to a file outside the submission"
        about = path.stat()
        if not stat.S_ISREG(about.st_mode) and not stat.S_ISDIR(about.st_mode):
            return new_notebook(), "the notebook is not a plain file"
        if about.st_size > MAX_BYTES:
            return new_notebook(), f"the notebook is larger than {MAX_BYTES // 1_000_000} MB"
        return parse(path.read_bytes())
    except OSError as error:
        return new_notebook(), f"the notebook cannot be opened: {error.strerror or error}"
    except RuntimeError:  # pathlib's word for it before Python 3.13
        return new_notebook(), "the notebook is a link to itself"


def parse(content: bytes) -> tuple[NotebookNode, str]:
    """The notebook in `content`, and why there is none; see `read_submission`."""
    if not content.strip():
        return new_notebook(), "the notebook file is empty"
    text = content.decode("utf-8-sig", errors="replace")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        return new_notebook(), f"the file is not a notebook: it is not JSON ({error})"
    if not isinstance(data, dict) or not isinstance(data.get("nbformat"), int):
        return new_notebook(), "the file is JSON, but not a notebook"
    try:
        _strip(data)
        data = _well_formed(data)
        if data["nbformat"] < 4:
            data = nbformat.reads(json.dumps(data), as_version=4)
        cells = [_clean(cell, number) for number, cell in enumerate(data["cells"])]
    except Exception as error:
        return new_notebook(), f"the notebook is damaged ({type(error).__name__}: {error})"
    return new_notebook(cells=cells), ""


def _strip(data: dict[str, Any]) -> None:
    """Drop outputs before anything looks at them: they may be huge or malformed."""
    sheets = data.get("worksheets")
    holders = [data, *sheets] if isinstance(sheets, list) else [data]
    room = MAX_FIGURES
    for holder in holders:
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
            source = "".join(part for part in source if isinstance(part, str))
        cell["source"] = source if isinstance(source, str) else ""
        if not isinstance(cell.get("metadata"), dict):
            cell["metadata"] = {}
    data["nbformat"], data["nbformat_minor"] = 4, 5
    return data


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


def new_cell(cell_type: str, source: str, metadata: dict[str, Any]) -> NotebookNode:
    """A code cell, or else a markdown cell.

    nbformat's own constructors check each cell against the schema, which takes
    longer than everything else that is done to a submission before it runs.
    """
    cell: dict[str, Any] = {
        "cell_type": "markdown",
        "id": "",
        "metadata": metadata,
        "source": source,
    }
    if cell_type == "code":
        cell |= {"cell_type": "code", "execution_count": None, "outputs": []}
    return nbformat.from_dict(cell)


def visible(source: str) -> str:
    """A test cell's text without its hidden part."""
    return without_region(source, "HIDDEN TESTS")


def without_region(source: str, name: str) -> str:
    """`source` without the lines from ``BEGIN name`` to ``END name``."""
    kept, hidden = [], False
    for line in source.split("\n"):
        if f"BEGIN {name}" in line:
            hidden = True
        elif f"END {name}" in line:
            hidden = False
        elif not hidden:
            kept.append(line)
    return "\n".join(kept).strip("\n")


def _region(source: str, name: str) -> str:
    """The lines of `source` between ``BEGIN name`` and ``END name``."""
    inside: list[str] = []
    hidden = False
    for line in source.split("\n"):
        if f"BEGIN {name}" in line:
            hidden = True
        elif f"END {name}" in line:
            hidden = False
        elif hidden:
            inside.append(line)
    return "\n".join(inside)


def task_of(cell: NotebookNode) -> str:
    """The task that a test cell belongs to, or ``""`` for any other cell."""
    metadata = cell.metadata.get("nbgrader") or {}
    grade_id = grade_id_of(cell)
    is_test = metadata.get("grade") and not metadata.get("solution")
    return grade_id.removeprefix("test_") if is_test and grade_id.startswith("test_") else ""


def is_marked(cell: NotebookNode, mark: str) -> bool:
    """Whether the grader marked this cell: ``"missing"``, ``"unanswered"``, ``"mark_scheme"``."""
    return bool((cell.metadata.get("autograder") or {}).get(mark))


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


def grade_id_of(cell: dict[str, Any]) -> str:
    """The cell's ``grade_id``, or ``""``; for cells of any origin."""
    metadata = cell["metadata"].get("nbgrader")
    grade_id = metadata.get("grade_id") if isinstance(metadata, dict) else None
    return grade_id if isinstance(grade_id, str) else ""


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
        scheme = _region(original.source, "MARK SCHEME") if original else ""
        if scheme.strip():
            text = "**Mark scheme** (not shown to the student)\n\n" + scheme.strip("\n")
            yield new_cell("markdown", text, {"autograder": {"mark_scheme": True}})
