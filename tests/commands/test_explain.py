"""A verdict is replayed from its record alone, and says if it would be another today."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from classes import SEED, attend, hand_in, record

from autograder.commands.cli import main
from autograder.commands.explain import explain
from autograder.grading.course import Course
from autograder.grading.stages import draw
from autograder.kernels.driver import Observed
from autograder.marking.judge import Status

WEEK = "week2_descent"
TASK = "gradient_descent"
Seen = dict[str, Observed]


@pytest.fixture
def seen(course: Course) -> Seen:
    """What is seen of a student who makes no mistake."""
    week = course.week(WEEK)
    calls = draw(week, SEED)
    return {t.name: Observed([t.expected(c) for c in calls[t.name]]) for t in week.tasks}


def graded(course: Course, seen: Seen, student: str = "one", odd: int = -1) -> None:
    week = course.week(WEEK)
    record(course, week, student, seen, hand_in(course, week, student, {}), odd)


def making(course: Course, mistake: str, task: str = TASK) -> Observed:
    week = course.week(WEEK)
    known = week.task(task).behaviours(draw(week, SEED)[task])
    return Observed(next(list(observed) for m, observed in known if m.name == mistake))


def test_a_mistake_is_explained(course: Course, seen: Seen) -> None:
    """Points, each criterion, the failing call, both results and the hint, without a kernel."""
    graded(course, seen | {TASK: making(course, "climbs")})
    text, agrees = explain(course.root, WEEK, "one", TASK)
    assert agrees
    for said in (
        f"one, {WEEK}, {TASK}",
        f"attempt 1, questions drawn from seed {SEED}",
        "reference.py is the one it was judged by.",
        f"{TASK}: 0 of 9 points",
        "recognised: climbs. The gradient points uphill",
        f"call:     {TASK}(f, ",
        f"to paste: {TASK}(lambda x:",
        "expected: [",
        "returned: [",
        "They first differ at index [1]",
        "As reported by the student's own process:\n"
        "  an int or a tensor as the start, left untouched: whether an argument was changed",
        "the verdict is the same as the recorded one",
    ):
        assert said in text
    for criterion in course.week(WEEK).task(TASK).criteria:
        assert f"{criterion.name}: 0 of {criterion.points:g}" in text


def test_right_work_is_short(course: Course, seen: Seen) -> None:
    """All points, no call."""
    graded(course, seen)
    text, agrees = explain(course.root, WEEK, "one", "basin")
    assert agrees
    assert "basin: 4 of 4 points" in text
    assert "call:" not in text
    assert "reported" not in text


def test_every_verdict_of_a_class_is_replayed(course: Course) -> None:
    """Whatever became of it; those that were not graded say why."""
    for student in attend(course, WEEK, 24):
        for task in course.week(WEEK).task_names:
            text, agrees = explain(course.root, WEEK, student, task)
            assert agrees, text


def test_an_inherited_fault_is_replayed_with_its_cause(course: Course, seen: Seen) -> None:
    """The verdict depends on another task's; the replay takes that into account."""
    calling = making(course, "climbs")
    calling.observations[0]["names"] = ["descent_update"]
    graded(
        course,
        seen | {TASK: calling, "descent_update": making(course, "climbs", "descent_update")},
    )
    text, agrees = explain(course.root, WEEK, "one", TASK)
    assert agrees
    assert "It calls your descent_update, which is not right yet" in text
    assert "recognised" not in text


def test_a_changed_reference_is_said(
    course: Course, seen: Seen, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """First a change that decides nothing; then one that does, with what differs."""
    monkeypatch.chdir(course.root)
    graded(course, seen | {TASK: making(course, "climbs")})
    notes = course.root / "source" / WEEK / "reference.py"
    before = notes.read_text()
    notes.write_text(before + "\n# a comment\n")
    assert main(["explain", WEEK, "one", TASK]) == 0
    assert "reference.py has CHANGED since" in capsys.readouterr().out
    notes.write_text(before.replace("path[-1] - lr * slope(", "path[-1] + lr * slope("))
    assert notes.read_text() != before
    assert main(["explain", WEEK, "one", TASK]) == 1
    text = capsys.readouterr().out
    assert "the verdict is NOT the recorded one" in text
    assert "score: 0 then, 9 now" in text
    assert "one step goes downhill: failed (climbs) then, passed now" in text


def test_a_record_that_was_tampered_with(course: Course, seen: Seen) -> None:
    """Points written into a record by hand are not what its observations give."""
    graded(course, seen | {TASK: making(course, "climbs")})
    path = course.root / "records" / WEEK / "one.json"
    data: dict[str, Any] = json.loads(path.read_text())
    verdict = next(v for v in data["graded"]["verdicts"] if v["task"] == TASK)
    verdict["score"] = 9.0
    for criterion in verdict["criteria"]:
        criterion["status"] = str(Status.PASSED)
    path.write_text(json.dumps(data))
    text, agrees = explain(course.root, WEEK, "one", TASK)
    assert not agrees
    assert "score: 9 then, 0 now" in text


def test_what_was_not_graded_says_why(course: Course, seen: Seen) -> None:
    """A fault of the grader, and a submission that could not be read."""
    graded(course, {}, "fault", odd=2)
    text, _ = explain(course.root, WEEK, "fault", TASK)
    assert "not graded (no kernel could be started)" in text
    graded(course, seen, "empty", odd=0)
    text, agrees = explain(course.root, WEEK, "empty", TASK)
    assert agrees
    assert "the notebook file is empty" in text


def test_a_result_cannot_steer_the_terminal(course: Course, seen: Seen) -> None:
    """Nor write lines that look like the grader's."""
    words = "\x1b[2J\n✓ all: 9 of 9\u202e"
    error = {"type": "ValueError", "message": words, "line": "\r\x07"}
    inside = {"entries": {words: {"parts": [{"text": words}, {"entries": {words: None}}]}}}
    calls = draw(course.week(WEEK), SEED)[TASK]
    came = itertools.cycle([{"error": error}, inside, {"parts": [inside, {"unsupported": words}]}])
    graded(course, seen | {TASK: Observed([found for found, _ in zip(came, calls, strict=False)])})
    text, agrees = explain(course.root, WEEK, "one", TASK)
    assert agrees
    assert all(line.isprintable() for line in text.splitlines())
    assert not [line for line in text.splitlines() if line.startswith("✓")]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["week2_decent", "one", TASK], "did you mean week2_descent?"),
        ([WEEK, "one", "gradient_decent"], "its tasks are descent_update, gradient_descent"),
        ([WEEK, "onee", TASK], "did you mean 'one'?"),
        ([WEEK, "somebody", TASK], "is it graded yet?"),
        ([WEEK, "../one", TASK], "there is no record of '../one'"),
        ([WEEK, "broken", TASK], f"run: autograder grade {WEEK} --student broken"),
        (["week1_slopes", "one", "poly_slope"], "run: autograder grade week1_slopes"),
    ],
)
def test_wrong_input_gives_a_sentence(
    course: Course, seen: Seen, arguments: list[str], sentence: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """What is wrong, and what to do."""
    graded(course, seen)
    Path(course.root / "records" / WEEK / "broken.json").write_text("{}")
    monkeypatch.chdir(course.root)
    assert main(["explain", *arguments]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert sentence in line
