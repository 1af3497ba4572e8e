"""Who grades whom, so that nobody is graded by two at the same time.

A gradebook in a file has one writer: a lock in the course folder keeps a second
run out. A gradebook in PostgreSQL may have many: each run claims the student
that it is about to grade, by an advisory lock in the database, which ends with
the run's connection however the run ends. Knows nothing of grading; what speaks to databases it
imports only where there is one that is shared.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from autograder.errors import GradebookBusy

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

__all__ = ["Alone", "Claims", "Shared", "is_shared", "one_at_a_time"]


def is_shared(url: str) -> bool:
    """Whether several runs may write to the gradebook with this address at the same time."""
    return url.startswith("postgresql")


@contextmanager
def one_at_a_time(url: str) -> Iterator[None]:
    """While several runs open a shared gradebook, one of them makes its tables; others wait."""
    if not is_shared(url):
        yield
        return
    from sqlalchemy import NullPool, create_engine, text

    with _connected(create_engine(url, poolclass=NullPool)) as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _key("opening")})
        yield  # the lock ends with the connection


class Claims(Protocol):
    """What a run needs to know: is a student mine to grade now?"""

    def take(self, student: str) -> bool:
        """Claim a student; False if another run has."""
        ...

    def check(self) -> None:
        """Fail if what was claimed may be another's by now."""
        ...

    def give_back(self, student: str) -> None:
        """Let others have the student; nothing happens if it was not claimed."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


class Alone:
    """All students of the course, until this is closed or the process ends.

    Parameters
    ----------
    root : Path
        The course folder.

    Raises
    ------
    GradebookBusy
        If another run has them.
    """

    def __init__(self, root: Path) -> None:
        path = root / "records" / ".lock"
        path.parent.mkdir(exist_ok=True)
        self._file = path.open("a")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                self._file.close()
                raise GradebookBusy(
                    f"another autograder grade is at work in {root.resolve()}, or a watch that "
                    "has something to grade; wait until it has finished, or stop it"
                ) from None
            # A file system without locks (some network drives): go on as if alone.

    def take(self, student: str) -> bool:
        """They are all claimed already."""
        return True

    def check(self) -> None:
        """They are claimed until the file is closed."""

    def give_back(self, student: str) -> None:
        """Only all at once."""

    def close(self) -> None:
        """Let another run have the course."""
        self._file.close()


class Shared:
    """Students of one week of a course, one by one.

    Parameters
    ----------
    engine : Engine
        Of a PostgreSQL database.
    course, week : str
        Their names; whoever uses the same ones in the same database is kept apart.
    """

    def __init__(self, engine: Engine, course: str, week: str) -> None:
        self._about = (course, week)
        self._connection = _connected(engine)
        self._taken: set[str] = set()

    def take(self, student: str) -> bool:
        """Claim a student; False if another run has."""
        if student in self._taken:
            return True
        taken = bool(self._ask("SELECT pg_try_advisory_lock(:key)", student))
        if taken:
            self._taken.add(student)
        return taken

    def check(self) -> None:
        """Fail if the connection is lost, and the locks with it."""
        from sqlalchemy import text

        self._connection.execute(text("SELECT 1"))

    def give_back(self, student: str) -> None:
        """Let others have the student."""
        if student in self._taken:
            self._taken.remove(student)
            self._ask("SELECT pg_advisory_unlock(:key)", student)

    def close(self) -> None:
        """Give everything back."""
        # Not to the pool: the locks would live on in it.
        self._connection.invalidate()
        self._connection.close()

    def _ask(self, question: str, student: str) -> Any:
        from sqlalchemy import text

        key = _key(*self._about, student)
        return self._connection.execute(text(question), {"key": key}).scalar()


def _connected(engine: Engine) -> Connection:
    """A connection that is never in a transaction; locks belong to it."""
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _key(*names: str) -> int:
    """The number of an advisory lock."""
    name = "\0".join(names).encode(errors="surrogateescape")
    return int.from_bytes(hashlib.sha256(name).digest()[:8], "big", signed=True)
