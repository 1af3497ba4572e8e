"""Late work: penalties worked out anew on every run, and due dates that two places speak of."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from conftest import Submit
from nbgrader.api import Gradebook
from test_regrade import Reference

from autograder.commands.grade import grade_week
from autograder.commands.summary import Summary
from autograder.grading.course import Course
from autograder.lms.exports import CsvExport
from autograder.plugins.converters import convert

WEEK = "week2_descent"
DUE = "2027-03-08 23:59 Europe/Zurich"
#: A day late.
STAMP = "2027-03-09 22:59:00 UTC\n"


def configured(course: Course, *lines: str) -> None:
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write("\n".join(["", *lines, ""]))


def book(course: Course) -> Gradebook:
    return Gradebook(f"sqlite:///{course.root}/gradebook.db", "gradient-descent")


def never(*_: object) -> None:
    raise AssertionError("a kernel is started")


def again(course: Course) -> Summary:
    """Graded once more: unchanged, so nothing is executed."""
    summary = grade_week(course.root, WEEK, execute=never)  # type: ignore[arg-type]
    assert (len(summary.rows), summary.unchanged) == (0, 1)
    return summary


def final(course: Course) -> float:
    with book(course) as gradebook:
        submission = gradebook.find_submission(WEEK, "one")
        return float(submission.score - submission.late_submission_penalty)


@pytest.fixture
def late(course: Course, submit: Submit) -> Course:
    """A course in which somebody was a day late, and lost everything."""
    configured(course, 'c.LateSubmissionPlugin.penalty_method = "zero"')
    path = submit("one", WEEK)
    (path.parent / "timestamp.txt").write_text(STAMP)
    summary = grade_week(course.root, WEEK, execute=Reference(course))
    assert summary.late == {"one": pytest.approx(86400)}
    assert final(course) == 0
    return course


def moved_due_date(course: Course) -> None:
    configured(course, f'c.CourseSettings.due_dates["{WEEK}"] = "2027-03-10 23:59 Europe/Zurich"')


def extension(course: Course) -> None:
    with book(course) as gradebook:
        gradebook.find_submission(WEEK, "one").extension = timedelta(days=2)
        gradebook.db.commit()


def stamp(text: str) -> Callable[[Course], None]:
    def write(course: Course) -> None:
        path = course.root / "submitted" / "one" / WEEK / "timestamp.txt"
        path.write_text(text) if text else path.unlink()

    return write


def rule(course: Course) -> None:
    configured(course, 'c.LateSubmissionPlugin.penalty_method = "none"')


@pytest.mark.parametrize(
    "change",
    [
        moved_due_date, extension, rule, stamp("2027-03-08 22:58:00 UTC"),
        stamp("2027-03-09 22:59:00 CEST"), stamp(""),
    ],
)  # fmt: skip
def test_a_penalty_is_taken_back(late: Course, change: Callable[[Course], None]) -> None:
    """Whatever it was that changed: the next run says so, and starts no kernel."""
    change(late)
    summary = again(late)
    assert final(late) == 20
    assert summary.moved == {"one": (20, 0)}
    assert "worked out anew: one (20 before, 0 now)" in summary.text()
    assert again(late).moved == {}


def test_the_rule_and_the_extension_that_are_written_down(
    course: Course, submit: Submit, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The assistant's page shows a tenth for each day, and more time for one: both work."""
    page = (root / "docs" / "teaching-assistants.md").read_text("utf-8")
    rule, more = re.findall(r"^```python\n(import math.*?|from datetime.*?)^```", page, re.M | re.S)
    configured(course, rule)
    path = submit("one", WEEK)
    (path.parent / "timestamp.txt").write_text("2027-03-11 22:00:00 UTC")
    grade_week(course.root, WEEK, execute=Reference(course))
    assert exported(course)["late_submission_penalty"] == "6.0"  # a float says 6.000000000000001
    assert exported(course)["score"] == "14.0"
    monkeypatch.chdir(course.root)
    exec(more.replace('"ID"', '"one"'), {})
    assert again(course).moved == {"one": (pytest.approx(6), pytest.approx(2))}
    assert exported(course)["score"] == "18.0"


def exported(course: Course) -> dict[str, str]:
    """The student's row of the plain table."""
    plugin = CsvExport()
    plugin.to = str(course.root / "grades.csv")
    plugin.assignment = [WEEK]
    with book(course) as gradebook:
        plugin.export(gradebook)
    with (course.root / "grades.csv").open(newline="") as table:
        return next(row for row in csv.DictReader(table) if row["student_id"] == "one")


def test_a_penalty_comes_later(course: Course, submit: Submit) -> None:
    """In time at first, late once the due date has been moved forward; others are not touched."""
    configured(course, 'c.LateSubmissionPlugin.penalty_method = "zero"')
    path = submit("one", WEEK)
    (path.parent / "timestamp.txt").write_text("2027-03-08 12:00:00 UTC")
    grade_week(course.root, WEEK, execute=Reference(course))
    assert final(course) == 20
    configured(course, f'c.CourseSettings.due_dates["{WEEK}"] = "2027-03-08 11:00 UTC"')
    summary = again(course)
    assert (final(course), summary.late) == (0, {"one": 3600})


def test_four_hours_early_in_another_time_zone(course: Course, submit: Submit) -> None:
    """As nbgrader writes it there; read as UTC it would be an hour and a half late."""
    configured(course, 'c.Exchange.timezone = "Asia/Kolkata"')
    path = submit("one", WEEK)
    (path.parent / "timestamp.txt").write_text("2027-03-09 00:29:00.000000 IST")
    summary = grade_week(course.root, WEEK, execute=Reference(course))
    assert summary.late == {}
    assert summary.attention == {}
    with book(course) as gradebook:
        assert gradebook.find_submission(WEEK, "one").timestamp == datetime(2027, 3, 8, 18, 59)


@pytest.mark.parametrize("text", ["2027-03-09 23:30 CEST", "9" * 29 + "h", "\udcff", "08.03.2027"])
def test_a_time_that_is_not_certain(course: Course, submit: Submit, text: str) -> None:
    """In time, named on every run, and never written back; nobody else is touched."""
    submit("two", WEEK)
    path = submit("one", WEEK).parent / "timestamp.txt"
    path.write_text(text, errors="surrogateescape")
    before = path.read_bytes()
    first = grade_week(course.root, WEEK, execute=Reference(course))
    second = grade_week(course.root, WEEK, execute=never)  # type: ignore[arg-type]
    for summary in (first, second):
        assert summary.late == {}
        assert "counts as in time" in summary.attention["one"][-1]
        assert "two" not in summary.attention
    assert path.read_bytes() == before


# --- one place for a due date ---------------------------------------------------------------


def set_in_the_gradebook(course: Course, when: datetime) -> None:
    """As formgrader and `nbgrader db assignment add` do."""
    with book(course) as gradebook:
        gradebook.update_or_create_assignment(WEEK, duedate=when)


def due(course: Course) -> datetime:
    with book(course) as gradebook:
        found: datetime = gradebook.find_assignment(WEEK).duedate
        return found


def test_a_due_date_set_in_the_gradebook_is_kept_and_said(late: Course) -> None:
    """By every run until the two agree; what it says to do makes them agree."""
    set_in_the_gradebook(late, datetime(2027, 3, 12, 12))
    for _ in range(2):
        text = again(late).text()
        assert f"{WEEK} is due at 2027-03-08 22:59:00 UTC in nbgrader_config.py" in text
        assert "2027-03-12 12:00:00 UTC in the gradebook" in text
        assert "c.CourseSettings.due_dates" in text
        assert (due(late), final(late)) == (datetime(2027, 3, 12, 12), 20)
    configured(late, f'c.CourseSettings.due_dates["{WEEK}"] = "2027-03-12 12:00 UTC"')
    assert "is due at" not in again(late).text()
    configured(late, f'c.CourseSettings.due_dates["{WEEK}"] = "2027-03-08 12:00 UTC"')
    assert "is due at" not in again(late).text()
    assert (due(late), final(late)) == (datetime(2027, 3, 8, 12), 0)


def test_a_due_date_in_the_gradebook_alone(late: Course) -> None:
    """A course may keep its due dates there; then there is nothing to say."""
    configured(late, f'del c.CourseSettings.due_dates["{WEEK}"]')
    set_in_the_gradebook(late, datetime(2027, 3, 12, 12))
    assert "is due at" not in again(late).text()
    assert due(late) == datetime(2027, 3, 12, 12)


def test_generating_again_puts_no_due_date_back(late: Course) -> None:
    """`nbgrader generate_assignment` keeps the gradebook's, and its log says that they differ."""
    set_in_the_gradebook(late, datetime(2027, 3, 12, 12))
    log = convert(late, WEEK, "generate_assignment")
    assert "2027-03-12 12:00:00 UTC in the gradebook" in log
    assert due(late) == datetime(2027, 3, 12, 12)


def test_what_was_agreed_on_is_damaged(late: Course, tmp_path: Path) -> None:
    """Then nobody knows which of the two was changed: the gradebook's counts, and it is said."""
    for text in ("{", "[]", "null", '{"week2_descent": 3}'):
        (late.root / "records" / "due_dates.json").write_text(text)
        set_in_the_gradebook(late, datetime(2027, 3, 12, 12))
        assert "The gradebook's date counts" in again(late).text()
