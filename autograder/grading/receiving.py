"""A submission found, read and mended in a place of its own, whatever it is.

Knows the bounds of that, and what becomes of a submission that goes beyond them; how one is read
stands in `autograder.submissions`. `at_a_glance` tells, without reading, that nothing has changed.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from nbformat.v4 import new_notebook

from autograder.errors import GraderFault, Overrun
from autograder.grading.bounded import Bounds, run
from autograder.submissions.cells import MasterCell
from autograder.submissions.mend import doubt, mend
from autograder.submissions.ready import Submission, classic_tests, find, prepare

__all__ = ["at_a_glance", "receive"]

#: A week's notebook with all its figures takes 0.03 s and a few megabytes, the largest file 1.5 s.
READING = Bounds("reading the notebook", seconds=5, megabytes=700)


#: What is more, or larger, has to be read to be told from what it was.
_FEW, _SMALL = 200, 20_000_000


def at_a_glance(folder: Path, against: str) -> str:
    """A digest of all that lies in a submission's folder; ``""`` if it is too much, or odd.

    Parameters
    ----------
    folder : Path
    against : str
        What decides beside it on how it is read and graded.
    """
    try:
        entries = list(itertools.islice(_inside(folder), _FEW + 1))
        found = sorted((entry.path, entry.stat(follow_symlinks=False)) for entry in entries)
    except OSError:
        return ""
    plain = all(stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode) for _, about in found)
    if len(found) > _FEW or not plain or sum(about.st_size for _, about in found) > _SMALL:
        return ""
    digest = hashlib.sha256(against.encode())
    for path, _ in found:
        name = os.fsencode(os.path.relpath(path, folder))
        digest.update(b"%d/%b%b" % (len(name), name, _hashed(Path(path))))
    return digest.hexdigest()


def _inside(folder: Path) -> Iterator[os.DirEntry[str]]:
    """All that lies in a folder and the folders in it; no link is followed."""
    waiting = [os.fspath(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                yield entry
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)


def receive(
    student: str, path: Path, master: Sequence[MasterCell], notebook: str | None = None
) -> Submission:
    """Read and mend what was submitted; whatever is wrong becomes a problem or a note.

    What takes too much is not wrong for that: it earns nothing, and waits for a person.

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
    except GraderFault:
        raise
    except Overrun as overrun:
        problem = str(overrun)
    except Exception as error:  # nobody else's work is to wait for it
        problem = f"the notebook could not be read ({type(error).__name__}: {error})"
    if notebook is not None:
        path = path / f"{notebook}.ipynb"
    digest = hashlib.sha256(problem.encode(errors="replace") + _hashed(path)).hexdigest()
    mended, _ = mend(new_notebook(), master)
    doubt(mended, problem)
    tests = classic_tests(master)
    return Submission(student, mended, digest, problem, tests=tests)


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
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return b""
        with open(file, "rb", closefd=False) as content:
            return hashlib.file_digest(content, "sha256").digest()
    finally:
        os.close(file)
