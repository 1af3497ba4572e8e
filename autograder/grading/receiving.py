"""A submission found, read and mended in a place of its own, whatever it is.

Knows the bounds of that, and what becomes of a submission that goes beyond them; how one is read
stands in `autograder.submissions`.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from nbformat.v4 import new_notebook

from autograder.errors import Overrun
from autograder.grading.bounded import Bounds, run
from autograder.submissions.cells import MasterCell
from autograder.submissions.mend import mend
from autograder.submissions.ready import Submission, classic_tests, find, prepare

__all__ = ["receive"]

#: A week's notebook with all its figures takes a tenth of a second, and a few megabytes.
READING = Bounds("reading the notebook", seconds=10, megabytes=700)


def receive(
    student: str, path: Path, master: Sequence[MasterCell], notebook: str | None = None
) -> Submission:
    """Read and mend what was submitted; whatever is wrong becomes a problem or a note.

    Parameters
    ----------
    student : str
    path : Path
        The notebook; or with `notebook`, its released name, the folder that holds it.
    master : sequence of MasterCell
        The released cells.
    notebook : str, optional
    """
    try:
        return run(READING, _read, student, path, list(master), notebook)
    except Overrun as overrun:
        if notebook is not None:
            path = path / f"{notebook}.ipynb"
        digest = hashlib.sha256(str(overrun).encode() + _hashed(path)).hexdigest()
        mended, _ = mend(new_notebook(), master)
        tests = classic_tests(master)
        return Submission(student, mended, digest, str(overrun), tests=tests)


def _read(
    student: str, path: Path, master: Sequence[MasterCell], notebook: str | None
) -> Submission:
    if notebook is not None:
        return find(student, path, notebook, master)
    return prepare(student, path, master)


def _hashed(path: Path) -> bytes:
    """A digest of a plain file; nothing of anything else."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    with open(file, "rb") as content:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return b""
        return hashlib.file_digest(content, "sha256").digest()
