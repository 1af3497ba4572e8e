"""A new submission's rows are those that nbgrader would have made."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy import create_engine, text

from autograder.errors import GradebookError
from autograder.plugins.database import began, explained, one_transaction
from autograder.plugins.found import _Made, rows_of

DUE = datetime(2025, 3, 1, 12)
LATE, EARLY = datetime(2025, 3, 1, 13), datetime(2025, 3, 1, 11)


def released(folder: Path) -> Path:
    """A gradebook that knows a week of two notebooks with cells of all kinds, and one of none."""
    path = folder / "gradebook.db"
    began(path)
    with Gradebook(f"sqlite:///{path}") as gradebook:
        gradebook.add_student("known", first_name="K")
        gradebook.add_assignment("other")
        gradebook.add_assignment("week", duedate=DUE)
        for name in ("second", "first", "nothing"):
            gradebook.add_notebook(name, "week")
        for name in ("second", "first"):
            of = (name, "week")
            gradebook.add_solution_cell("f", *of)
            gradebook.add_grade_cell("test_f", *of, max_score=3, cell_type="code")
            gradebook.add_grade_cell("written", *of, max_score=2, cell_type="markdown")
            gradebook.add_solution_cell("written", *of)
            gradebook.add_task_cell("task", *of, max_score=1, cell_type="markdown")
            gradebook.add_source_cell("text", *of, cell_type="markdown")
    return path


def rows(path: Path) -> dict[str, list[str]]:
    """All that a gradebook holds; for an id that is drawn stands what has it."""
    found: dict[str, list[str]] = {}
    drawn: dict[object, str] = {}
    with closing(sqlite3.connect(path)) as database:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid"
        for (table,) in database.execute(tables).fetchall():
            found[table] = []
            for one, *row in database.execute(f"SELECT * FROM {table}"):
                said = f"{[drawn.get(value, value) for value in row]}"
                if table in ("submitted_assignment", "submitted_notebook", "grade", "comment"):
                    assert len(one) == 32
                    drawn[one] = said
                else:
                    said = f"{one} {said}"
                found[table].append(said)
            found[table].sort()
    return found


def fill(book: Any, student: str, score: float) -> None:
    """Fill in what verdicts would; of the written answer nothing."""
    for notebook in ("first", "second"):
        grade = book.find_grade("test_f", notebook, "week", student)
        grade.needs_manual_grade = grade.manual_score is not None
        grade.auto_score = score
        book.find_grade("task", notebook, "week", student).auto_score = None
        book.find_comment("f", notebook, "week", student).auto_comment = "No response."
        book.find_comment("written", notebook, "week", student).auto_comment = None


def by_nbgrader(path: Path, student: str, when: datetime | None, score: float) -> None:
    url = f"sqlite:///{path}"
    with explained(url), Gradebook(url) as gradebook:  # it is warned of its own models
        gradebook.update_or_create_student(student)
        gradebook.update_or_create_submission("week", student, timestamp=when)
        fill(gradebook, student, score)
        gradebook.db.commit()


def by_us(path: Path, student: str, when: datetime | None, score: float) -> bool:
    with Gradebook(f"sqlite:///{path}") as gradebook, one_transaction(gradebook):
        book = rows_of(gradebook, "week", student, when)
        fill(book, student, score)
        return book.write()


@pytest.mark.parametrize("student", ["known", "unknown"])
@pytest.mark.parametrize("when", [EARLY, LATE, None])
def test_rows_are_those_of_nbgrader(tmp_path: Path, student: str, when: datetime | None) -> None:
    ours, theirs = released(tmp_path), tmp_path / "theirs.db"
    shutil.copy(ours, theirs)
    others = [("another", EARLY), (student, when), ("last", LATE)]
    for who, time in others:
        by_nbgrader(theirs, who, time, 1.5)
        assert by_us(ours, who, time, 1.5) is (time is not LATE)
    assert rows(ours) == rows(theirs)
    # Handed in again: the rows that there are.
    by_nbgrader(theirs, student, LATE, 3.0)
    assert not by_us(ours, student, LATE, 3.0)
    assert rows(ours) == rows(theirs)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    path = released(tmp_path)
    before = rows(path)
    with Gradebook(f"sqlite:///{path}") as gradebook:
        book = rows_of(gradebook, "week", "known", None)
        with pytest.raises(MissingEntry, match="No such grade: week/first/f for known"):
            book.find_grade("f", "first", "week", "known")
        with pytest.raises(MissingEntry, match="No such assignment: none"):
            rows_of(gradebook, "none", "known", None)
    assert rows(path) == before


def test_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, write = released(tmp_path), _Made.write
    before = rows(path)

    def interrupted(made: _Made) -> bool:
        write(made)
        raise KeyboardInterrupt

    monkeypatch.setattr(_Made, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        by_us(path, "unknown", EARLY, 1.5)
    assert rows(path) == before


def test_a_gradebook_that_may_only_be_read_says_so(tmp_path: Path) -> None:
    """Not that an upgrade would help."""
    path = released(tmp_path)

    def reading() -> sqlite3.Connection:
        return sqlite3.connect(f"file:{path}?mode=ro", uri=True)

    engine = create_engine("sqlite://", creator=reading)
    with (
        pytest.raises(GradebookError, match="let yourself write to it") as failed,
        explained(f"sqlite:///{path}"),
        engine.connect() as connection,
    ):
        connection.execute(text("DELETE FROM student"))
    engine.dispose()
    assert "upgrade" not in str(failed.value)
