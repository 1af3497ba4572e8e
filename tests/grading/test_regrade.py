"""What people decided survives a regrade, and the same seed gives the same records to the bit."""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import Submit
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook

from autograder.commands.grade import grade_week
from autograder.grading import inside
from autograder.grading.course import Course
from autograder.grading.glance import at_a_glance
from autograder.grading.receiving import receive
from autograder.grading.records import Record
from autograder.kernels.driver import Executed, Limits, Observed
from autograder.marking.calls import Call
from autograder.observation.observe import observe_call
from autograder.submissions.ready import Submission, Work

WEEK = "week2_descent"
CLIMBS = "this one climbs"
Calls = dict[str, list[dict[str, Any]]]


class Reference:
    """Executes nothing: what is seen is what the reference does, or climbing, as the code says."""

    def __init__(self, course: Course) -> None:
        self.tasks = {task.name: task for task in course.week(WEEK).tasks}

    def __call__(self, notebook: str, calls: Calls, limits: Limits) -> Executed:
        observed = {}
        for name, asked in calls.items():
            seen = [observe_call(self.tasks[name].reference, call) for call in asked]
            if name == "gradient_descent" and CLIMBS in notebook:
                seen = self.tasks[name].mistakes[0].observations([*map(Call.from_json, asked)])[0]
            observed[name] = Observed([{**one, "seconds": random.random()} for one in seen])
        return Executed(notebook, observed, "", random.random())


def records(course: Course) -> dict[str, str]:
    """Each record's text, less when it was made and how long that took."""
    found = {}
    for path in (course.root / "records" / WEEK).glob("*.json"):
        data = json.loads(path.read_text())
        assert set(data.pop("run")) == {"at", "seconds"}
        found[path.stem] = json.dumps(data)
    return found


def test_a_seed_reproduces_a_run_to_the_bit(
    course: Course, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls, observations and verdicts; another seed gives others."""
    submit("one", WEEK)
    submit("two", WEEK, {"gradient_descent": f"# {CLIMBS}"})
    execute = Reference(course)
    found = []
    # Time is what a clock says: none of it may reach a verdict.
    monkeypatch.setattr("time.perf_counter", itertools.accumulate(itertools.count(1)).__next__)
    for seed in (5, 5, 6):
        grade_week(course.root, WEEK, seed=seed, force=True, execute=execute)
        found.append(records(course))
    assert found[0] == found[1]
    assert found[0].keys() == {"one", "two"}
    assert found[0]["one"] != found[2]["one"]


@pytest.mark.kernel
def test_so_do_real_kernels(course: Course, submit: Submit) -> None:
    """Right, wrong and failing work, through forked kernels, two at a time and one at a time."""
    submit("right", WEEK)
    submit("wrong", WEEK, {"basin": "def basin(x0): return 'left'"})
    submit("fails", WEEK, {"gradient_descent": "def gradient_descent(*a): raise ValueError(a[1])"})
    found = []
    for jobs in (2, 1):
        grade_week(course.root, WEEK, seed=5, force=True, jobs=jobs)
        found.append(records(course))
    for student in ("right", "wrong", "fails"):
        assert json.loads(found[0][student]) == json.loads(found[1][student])
    assert found[0] == found[1]


CELLS = ("written", "test_gradient_descent")


def decide(course: Course, score: float, comment: str) -> None:
    """As a person does in formgrader: points and words for the answer, and for a task."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        for cell in CELLS:
            grade = gradebook.find_grade(cell, "descent", WEEK, "one")
            grade.manual_score, grade.needs_manual_grade = score, False
        for cell in ("written", "gradient_descent"):
            gradebook.find_comment(cell, "descent", WEEK, "one").manual_comment = comment
        gradebook.db.commit()


def decided(course: Course) -> list[tuple[Any, ...]]:
    """Manual points, the points that count, whether they wait; then the comments."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        found: list[tuple[Any, ...]] = []
        for cell in CELLS:
            grade = gradebook.find_grade(cell, "descent", WEEK, "one")
            found.append((grade.manual_score, grade.score, bool(grade.needs_manual_grade)))
        for cell in ("written", "gradient_descent"):
            found.append((gradebook.find_comment(cell, "descent", WEEK, "one").comment,))
        return found


@pytest.mark.parametrize("changed", [False, True])
def test_manual_points_and_comments_survive(course: Course, submit: Submit, changed: bool) -> None:
    """Forced, and on changed work: they stay and count, and wait for the person to look again."""
    submit("one", WEEK, {"written": "Because."})
    execute = Reference(course)
    grade_week(course.root, WEEK, execute=execute)
    decide(course, 2.5, "Well argued.")
    kept = [(2.5, 2.5, False)] * 2 + [("Well argued.",)] * 2
    assert decided(course) == kept
    if changed:
        submit("one", WEEK, {"written": "Because of the second derivative."})
    before = records(course)["one"]
    summary = grade_week(course.root, WEEK, execute=execute, force=not changed)
    assert len(summary.rows) == 1
    assert (records(course)["one"] != before) == changed
    assert decided(course) == [(2.5, 2.5, True)] * 2 + [("Well argued.",)] * 2


def test_what_cannot_be_prepared_is_for_a_person_and_stops_nobody(
    course: Course, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of the grader, before anything is executed, is one submission's."""
    submit("ada", WEEK, {})
    submit("ben", WEEK, {})
    prepared = inside.only_drawing
    times = iter(range(99))

    def fails_once(*arguments: Any) -> Any:
        if next(times) == 0:
            raise SystemError("out of order")
        return prepared(*arguments)

    monkeypatch.setattr(inside, "only_drawing", fails_once)
    summary = grade_week(course.root, WEEK, jobs=1, execute=Reference(course))
    (fault,) = summary.ungraded
    assert len(fault.ungraded) == len(course.week(WEEK).tasks)
    assert "preparing failed: SystemError: out of order" in " ".join(fault.attention)
    assert sorted(row.score for row in summary.rows) == [0, 20]


def test_who_meets_which_questions(course: Course) -> None:
    """Before any page is out the same for all; after that nobody's are another's."""
    week = course.week(WEEK)

    def seeds(who: str, own: bool) -> list[int]:
        record, found = Record(), []
        for version in ("first", "second"):
            work = Work(who, (Submission(who, new_notebook(), version),))
            record = record.next(course, week, work, None, own=own)
            found.append(record.seed)
            assert record.next(course, week, work, None, own=own).seed == record.seed
        return found

    plain = {who: seeds(who, own=False) for who in ("ada", "ben")}
    assert plain["ada"][0] == plain["ben"][0] == course.settings.seed
    assert plain["ada"][1] != plain["ben"][1]
    watched = [seed for who in ("ada", "ben") for seed in seeds(who, own=True)]
    assert len({*watched, course.settings.seed}) == 5


def test_what_lies_there_unchanged_is_not_read(
    course: Course, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither parsed nor mended; any file more, less or other is, and so is another seed."""
    path = submit("one", WEEK)
    execute = Reference(course)
    grade_week(course.root, WEEK, execute=execute)
    read: list[str] = []

    def noting(student: str, *rest: Any) -> Submission:
        read.append(student)
        return receive(student, *rest)

    monkeypatch.setattr("autograder.commands.grade.receive", noting)

    def again(**options: Any) -> tuple[int, int]:
        summary = grade_week(course.root, WEEK, execute=execute, **options)
        return len(read), summary.unchanged

    assert again() == (0, 1)
    (path.parent / "notes.txt").write_text("I tried.")
    assert again() == (1, 1)
    assert again() == (1, 1)
    assert again(seed=course.settings.seed + 1) == (2, 0)
    path.write_text(path.read_text() + "\n")
    assert again() == (3, 0)
    assert again(force=True) == (4, 0)


def test_at_a_glance(tmp_path: Path) -> None:
    """The same files are the same wherever they lie; links, pipes and masses have to be read."""
    found = []
    for name in ("one", "two"):
        folder = tmp_path / name
        (folder / "deep").mkdir(parents=True)
        for file in ("b", "a", "deep/c") if name == "one" else ("deep/c", "a", "b"):
            (folder / file).write_text(file)
        found.append(at_a_glance(folder, "notes"))
    assert found[0] == found[1] != ""
    assert at_a_glance(folder, "other notes") != found[0]
    (folder / "b").rename(folder / "deep" / "b")
    assert at_a_glance(folder, "notes") not in ("", found[0])

    def masses(path: Path) -> None:
        path.mkdir()
        for number in range(201):
            (path / str(number)).touch()

    def huge(path: Path) -> None:
        with path.open("wb") as file:
            file.truncate(30_000_000)

    for number, odd in enumerate((os.mkfifo, lambda p: p.symlink_to("/etc/passwd"), masses, huge)):
        shutil.copytree(tmp_path / "one", tmp_path / str(number))
        odd(tmp_path / str(number) / "odd")
        assert at_a_glance(tmp_path / str(number), "notes") == ""
    assert at_a_glance(tmp_path / "nowhere", "notes") == ""
