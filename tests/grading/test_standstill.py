"""While nothing has changed since a run, the same run again says so without looking at anybody."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Submit

from autograder.commands import cli
from autograder.commands.grade import grade_week
from autograder.errors import GradebookBusy, NothingToGrade
from autograder.grading import standstill
from autograder.grading.claims import Alone
from autograder.grading.course import Course
from autograder.grading.standstill import said_again
from autograder.kernels.driver import Executed, Limits, Observed
from autograder.plugins.gradebook import GradebookWriter

WEEK = "week2_descent"
ASKED = (None, False, False)


def nothing(notebook: str, calls: dict[str, list[object]], limits: Limits) -> Executed:
    """Executes nothing; no function returns."""
    lost = {"error": "ValueError", "message": "no", "seconds": 0.0}
    return Executed(notebook, {task: Observed([lost] * len(c)) for task, c in calls.items()}, "", 0)


def later(course: Course, text: str, name: str = "nbgrader_config.py") -> None:
    with (course.root / name).open("a") as file:
        file.write(text)


def changes(root: Path) -> dict[str, Callable[[], object]]:
    """One for each thing that decides on a run, or that a run has written."""
    submitted = root / "submitted" / "ann" / WEEK
    gradebook = root / "gradebook.db"

    def by_hand() -> None:
        with sqlite3.connect(gradebook) as database:
            database.execute("UPDATE grade SET manual_score = 1")
        database.close()

    def appended(path: Path) -> Callable[[], object]:
        return lambda: path.write_bytes(path.read_bytes() + b"\n")

    return {
        "a notebook": appended(submitted / "descent.ipynb"),
        "a file beside it": lambda: (submitted / "data.csv").write_text("1"),
        "a time": lambda: (submitted / "timestamp.txt").write_text("2027-03-09 10:00 UTC"),
        "somebody new": lambda: shutil.copytree(submitted, root / "submitted" / "cho" / WEEK),
        "somebody gone": lambda: shutil.rmtree(submitted),
        "what is odd": lambda: (submitted / "link").symlink_to("/etc/passwd"),
        "the notes": appended(root / "source" / WEEK / "reference.py"),
        "the released notebook": appended(root / "source" / WEEK / "descent.ipynb"),
        "a module": lambda: (root / "source" / WEEK / "helper.py").write_text("a = 1"),
        "a penalty": lambda: (root / "penalties.py").write_text("a = 1"),
        "a setting": appended(root / "nbgrader_config.py"),
        "a record": appended(root / "records" / WEEK / "ann.json"),
        "a record gone": (root / "records" / WEEK / "ann.json").unlink,
        "a due date": lambda: (root / "records" / "due_dates.json").write_text("{}"),
        "a graded copy": (root / "autograded" / "ann" / WEEK / "descent.ipynb").unlink,
        "a mark by hand": by_hand,
        "a gradebook in use": lambda: Path(f"{gradebook}-journal").touch(),
        "no gradebook": gradebook.unlink,
    }


def test_a_run_again_says_the_same_until_anything_changes(
    course: Course, submit: Submit, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Also after a run that has graded; with the same options, and while nobody else is at work."""
    submit("ann", WEEK)
    late = submit("ben", WEEK).with_name("timestamp.txt")
    late.write_text("2027-03-10 10:00 UTC")
    submit("[dan]\n", WEEK)
    assert said_again(course.root, WEEK, ASKED) is None
    grade_week(course.root, WEEK, execute=nothing)
    said = said_again(course.root, WEEK, ASKED)
    assert said == grade_week(course.root, WEEK, execute=nothing).text()
    assert said == said_again(course.root, WEEK, ASKED)
    assert "2 unchanged" in said
    assert "Late: ben" in said
    assert "passed over" in said
    for other in ((1, False, False), (None, True, False), (None, False, True)):
        assert said_again(course.root, WEEK, other) is None
    assert said_again(course.root, "week1_slopes", ASKED) is None

    monkeypatch.chdir(course.root)
    monkeypatch.setattr(cli, "_warm", lambda week: pytest.fail("it looks at everybody"))
    assert cli.main(["grade", WEEK]) == 0
    assert capsys.readouterr().out == f"{said}\n"

    other = Alone(course.root)
    with pytest.raises(GradebookBusy):
        said_again(course.root, WEEK, ASKED)
    other.close()

    kept = course.root.with_name("kept")
    shutil.copytree(course.root, kept)
    for what in changes(course.root):
        changes(course.root)[what]()
        assert said_again(course.root, WEEK, ASKED) is None, what
        shutil.rmtree(course.root)
        shutil.copytree(kept, course.root)
    assert said_again(course.root, WEEK, ASKED) == said
    monkeypatch.setattr(standstill, "__file__", str(kept / "a" / "b" / "c.py"))
    assert said_again(course.root, WEEK, ASKED) is None


def test_nobody_has_handed_in(course: Course) -> None:
    """There is nothing to remember, and a sentence that says what to do."""
    assert not (course.root / "submitted").exists()
    with pytest.raises(NothingToGrade, match="collect the submissions first"):
        grade_week(course.root, WEEK, execute=nothing)
    assert said_again(course.root, WEEK, ASKED) is None


@pytest.mark.parametrize("why", ["formgrader", "a fault", "a setting", "odd"])
def test_what_bytes_do_not_tell_is_looked_at_each_time(
    course: Course, submit: Submit, why: str
) -> None:
    """Others write meanwhile, somebody could not be graded, more decides than lies there."""
    path = submit("ann", WEEK)
    if why == "a setting":
        later(
            course, "c.AssignLatePenalties.plugin_class = 'nbgrader.plugins.LateSubmissionPlugin'"
        )
    if why == "odd":
        path.with_name("link").symlink_to("/etc/passwd")

    def execute(notebook: str, calls: dict[str, list[object]], limits: Limits) -> Executed:
        if why == "formgrader":
            with sqlite3.connect(course.root / "gradebook.db") as database:
                database.execute("UPDATE assignment SET name = name")
            database.close()
        if why == "a fault":
            raise RuntimeError("no kernel")
        return nothing(notebook, calls, limits)

    grade_week(course.root, WEEK, execute=execute)
    assert said_again(course.root, WEEK, ASKED) is None


def test_what_others_write_during_a_run_is_seen(course: Course, submit: Submit) -> None:
    """Who was in time when the run began is late once the due date has been moved."""
    folder = submit("ann", WEEK).parent
    (folder / "timestamp.txt").write_text("2027-03-01 10:00 UTC")
    grade_week(course.root, WEEK, execute=nothing)
    with GradebookWriter(course, course.week(WEEK)) as writer:
        assert writer.renew("ann", folder).late == 0
        assert not writer.others_wrote()
        with sqlite3.connect(course.root / "gradebook.db") as database:
            database.execute("UPDATE assignment SET duedate = '2027-02-28 10:00:00.000000'")
        database.close()
        assert writer.renew("ann", folder).late == 24 * 3600
        assert writer.others_wrote()
