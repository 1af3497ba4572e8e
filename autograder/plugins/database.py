"""The database under the gradebook: opened, explained where it fails, written to in one piece.

A file, or PostgreSQL with several writers. Knows what goes wrong there and what to do about it;
it knows nothing of scores.
"""

from __future__ import annotations

import logging
import sqlite3
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from nbgrader.api import Gradebook, InvalidEntry
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    DBAPIError,
    SAWarning,
    SQLAlchemyError,
)

from autograder.errors import GradebookError
from autograder.grading.claims import is_shared, one_at_a_time
from autograder.grading.course import Course, Week

__all__ = [
    "began",
    "existing",
    "explained",
    "in_spite_of_others",
    "one_transaction",
    "opened",
    "version",
]

T = TypeVar("T")


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Turn what the database says into a sentence.

    Raises
    ------
    GradebookError
        If the gradebook with this address cannot be used.
    """
    try:
        with warnings.catch_warnings():
            # SQLAlchemy warns about how nbgrader's own models are put together.
            warnings.simplefilter("ignore", SAWarning)
            yield
    except (SQLAlchemyError, InvalidEntry) as error:
        raise _unusable(url, _beneath(error)) from error


def existing(url: str, course: Course, week: Week) -> str:
    """The gradebook's address, if there is one to open.

    Raises
    ------
    GradebookError
        If there is none: nbgrader would make an empty one.
    """
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        raise GradebookError(
            f"there is no gradebook yet in {course.root}; "
            f"run: nbgrader generate_assignment {week.name}"
        )
    return url


def _beneath(error: Exception) -> BaseException:
    """What the database said, where nbgrader puts an exception of its own around that."""
    said = error.__context__
    return said if isinstance(error, InvalidEntry) and said is not None else error


def _unusable(url: str, error: BaseException) -> GradebookError:
    cause = getattr(error, "orig", None) or error
    text = str(cause).strip()
    try:
        url = make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        url = "of c.CourseDirectory.db_url"
    unreachable = isinstance(error, DBAPIError) and (
        error.connection_invalidated or getattr(cause, "sqlstate", "") is None
    )
    advice = (
        "see whether its server runs, and c.CourseDirectory.db_url in nbgrader_config.py"
        if unreachable or isinstance(error, ArgumentError)
        else "another program is using it; close formgrader or the other run, and start again"
        if "locked" in text
        else "make room on the disk, and run the same command again"
        if "full" in text or "disk I/O" in text
        else "let yourself write to it, and to the folder it is in (its permissions)"
        if "readonly" in text or "unable to open" in text
        else "shorten what is too long, like a folder's name in submitted/, and start again"
        if isinstance(error, DataError)
        else "if nbgrader was upgraded, back the file up and run: nbgrader db upgrade"
        if isinstance(error, DatabaseError)
        else "restore it from a copy"
    )
    return GradebookError(
        f"the gradebook {url} cannot be used ({text}): {advice}. "
        "Nothing that was graded before is lost."
    )


def opened(url: str, course: str) -> Gradebook:
    """The gradebook; its tables are made if there are none.

    Raises
    ------
    GradebookError
        If the package that speaks to its database is not installed.
    """
    gradebook = Gradebook.__new__(Gradebook)
    try:
        with one_at_a_time(url):
            gradebook.__init__(url, course)
            return gradebook
    except ModuleNotFoundError as error:
        raise GradebookError(
            f"the gradebook needs the package {error.name}; for PostgreSQL run: "
            "pip install 'gradient-descent-course[postgresql]'"
        ) from None
    except BaseException:
        if hasattr(gradebook, "engine"):  # a connection that it made before it failed
            gradebook.close()
        raise


def version(gradebook: Gradebook) -> int:
    """A number that is another one once others have written to a gradebook in a file; else 0."""
    if gradebook.engine.dialect.name != "sqlite":
        return 0
    number = int(gradebook.db.execute(text("PRAGMA data_version")).scalar_one())
    gradebook.db.rollback()
    return number


def began(path: Path) -> None:
    """Begin a gradebook in a file, for nbgrader to make its tables in.

    For a file without any, it asks `alembic` which version it is: a process of a second or two.
    """
    from alembic.script import ScriptDirectory

    head = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        database.execute("INSERT INTO alembic_version VALUES (?)", (head,))


def in_spite_of_others(url: str, write: Callable[[], T]) -> T:
    """Do it again if somebody else, in a shared database, was a moment faster.

    Two may make the same row, and one is refused; the next time it is there. A
    lost connection is made again.
    """
    for pause in (0.1, 0.3, 1.0, 3.0) if is_shared(url) else ():
        try:
            with _silent("tornado.application"):  # nbgrader logs such a refusal with its traceback
                return write()
        except (DBAPIError, InvalidEntry) as error:
            if isinstance(_beneath(error), DataError):  # the value's fault, whoever writes it
                raise
            time.sleep(pause)
    return write()


@contextmanager
def _silent(name: str) -> Iterator[None]:
    logger = logging.getLogger(name)
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


@contextmanager
def one_transaction(gradebook: Gradebook) -> Iterator[None]:
    """Make one transaction of what nbgrader commits in a dozen.

    Each waits for the disk; and a run that is killed leaves all of a submission, or nothing.
    """
    session = gradebook.db

    def as_if_committed() -> None:
        session.flush()
        session.expire_all()  # scores are computed when they are loaded

    session.commit = as_if_committed
    try:
        yield
    except BaseException:
        session.rollback()
        raise
    finally:
        del session.commit
    session.commit()
