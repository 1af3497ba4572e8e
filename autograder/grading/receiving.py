"""A submission found, read and mended in a place of its own, whatever it is.

Knows the bounds of that, and what becomes of a submission that goes beyond them; how one is read
stands in `autograder.submissions`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from nbformat.v4 import new_notebook

from autograder.errors import GraderFault, Overrun
from autograder.grading.bounded import Bounds, run
from autograder.grading.glance import hashed
from autograder.submissions.mend import doubt, mend
from autograder.submissions.ready import Submission, Work, classic_tests, find, prepare
from autograder.submissions.sorting import Masters

__all__ = ["receive"]

#: A week's notebook with all its figures takes 0.03 s and a few megabytes, the largest file 1.5 s.
READING = Bounds("reading the notebook", seconds=5, megabytes=700)


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
    digest = hashlib.sha256(why.encode(errors="replace") + hashed(path)).hexdigest()
    mended, _ = mend(new_notebook(), masters[name])
    doubt(mended, why)
    tests = classic_tests(masters[name])
    return Submission(student, mended, digest, why, tests=tests, name=name, file=path.name)
