"""A submission found, read and mended in a place of its own, whatever it is.

Knows the bounds of that, and what becomes of a submission that goes beyond them; how one is read
stands in `autograder.submissions`. `at_a_glance` tells, without reading, that nothing has changed.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from nbformat.v4 import new_notebook

from autograder.errors import GraderFault, Overrun
from autograder.grading.bounded import Bounds, run
from autograder.submissions.mend import doubt, mend
from autograder.submissions.ready import Submission, Work, classic_tests, find, prepare
from autograder.submissions.sorting import Masters

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


def receive(student: str, path: Path, masters: Masters) -> Work:
    """Read and mend what was submitted; whatever is wrong becomes a problem or a note.

    What takes too much is not wrong for that: it earns nothing, and waits for a person.

    Parameters
    ----------
    student : str
    path : Path
        The folder that holds its notebooks; or one of them, under whatever name.
    masters : mapping of str to sequence of MasterCell
        The released cells of each notebook of the week.
    """
    try:
        return run(READING, _read, student, path, masters)
    except GraderFault:
        raise
    except Overrun as overrun:
        problem = str(overrun)
    except Exception as error:  # nobody else's work is to wait for it
        problem = f"the notebook could not be read ({type(error).__name__}: {error})"
    if path.is_dir() and len(masters) > 1:
        # One that takes too much keeps no other from being read: each alone, by its name.
        alone = [
            receive(student, path / f"{name}.ipynb", {name: master})
            for name, master in masters.items()
        ]
        return Work(student, tuple(one for work in alone for one in work.notebooks))
    file = path / f"{next(iter(masters))}.ipynb" if path.is_dir() else path
    return Work(student, (_not_read(student, file, masters, problem),))


def _read(student: str, path: Path, masters: Masters) -> Work:
    if path.is_dir():
        return find(student, path, masters)
    return Work(student, (prepare(student, path, masters),))


def _not_read(student: str, path: Path, masters: Masters, why: str) -> Submission:
    """Nothing of a notebook, and why."""
    name = path.stem if path.stem in masters else next(iter(masters))
    digest = hashlib.sha256(why.encode(errors="replace") + _hashed(path)).hexdigest()
    mended, _ = mend(new_notebook(), masters[name])
    doubt(mended, why)
    tests = classic_tests(masters[name])
    return Submission(student, mended, digest, why, tests=tests, name=name, file=path.name)


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
