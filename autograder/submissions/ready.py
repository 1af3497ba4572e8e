"""A submission made ready: its notebook found, read and mended.

`find_notebook` says which file of a folder is meant, `prepare` what it holds. Knows folders,
files and the released cells; not who grades them, nor how.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.submissions.beside import File, own_modules
from autograder.submissions.cells import MasterCell
from autograder.submissions.mend import mend
from autograder.submissions.reading import read_submission

__all__ = ["Submission", "find_notebook", "prepare"]


@dataclass(frozen=True)
class Submission:
    """A submission made ready: the mended notebook and what was found on the way."""

    student: str
    notebook: NotebookNode
    digest: str
    problem: str = ""
    notes: tuple[str, ...] = ()
    #: The student's own modules.
    files: tuple[File, ...] = ()


def find_notebook(folder: Path, name: str, master: Sequence[MasterCell]) -> tuple[Path, str]:
    """The notebook to grade in a submission's folder, and a note if it was a guess.

    A notebook under the released name is taken; otherwise the one that holds
    most of the released cells.
    """
    wanted = folder / f"{name}.ipynb"
    found = sorted(p for p in folder.glob("*") if p.suffix.lower() == ".ipynb" and not p.is_dir())
    others = ", ".join(path.name for path in found if path != wanted)
    if wanted in found:
        return wanted, f"other notebooks were ignored: {others}" if others else ""
    if not found:
        return wanted, ""
    known = {cell.grade_id for cell in master}

    def familiar(path: Path) -> int:
        notebook, _ = read_submission(path, inside=folder)
        ids = {(c.metadata.get("nbgrader") or {}).get("grade_id") for c in notebook.cells}
        return len(ids & known)

    best = max(found, key=familiar)
    return best, f"the notebook is called {best.name}; it should be {wanted.name}"


def prepare(student: str, path: Path, master: Sequence[MasterCell], note: str = "") -> Submission:
    """Read and mend a submitted notebook; whatever is wrong becomes a problem or a note."""
    if path.exists() or path.is_symlink():
        notebook, problem = read_submission(path, inside=path.parent)
    else:
        notebook, problem = nbformat.v4.new_notebook(), f"there is no notebook {path.name}"
    try:
        content = b"" if problem else path.read_bytes()
    except OSError as error:
        content, problem = b"", f"the notebook cannot be opened: {error.strerror}"
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    files, unused = own_modules(path.parent, code)
    digest = hashlib.sha256(content + problem.encode())
    for file in files:
        digest.update(hashlib.sha256(f"{file.name}\0".encode() + file.content).digest())
    mended, notes = mend(notebook, master)
    notes += unused
    if problem:
        notes = []  # that every cell is missing says nothing more
    notes = [note, *notes] if note else notes
    return Submission(student, mended, digest.hexdigest(), problem, tuple(notes), tuple(files))
