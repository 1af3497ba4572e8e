"""One verdict, replayed from its record: the answer to "why did I lose a point?".

No kernel is started: what the student's function returned is in the record,
and the judge is a pure function. Prints what was decided and from what, and
says so if it would be decided otherwise today.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.feedback import classic
from autograder.feedback.words import as_text
from autograder.grading.course import Course, Week
from autograder.grading.judged import judge_all
from autograder.grading.records import Record
from autograder.kernels.driver import Observed
from autograder.marking.calls import Call
from autograder.marking.classic import Inside
from autograder.marking.judge import Status, Verdict
from autograder.marking.task import Task
from autograder.terminal import printable

__all__ = ["explain"]

Json = dict[str, Any]


def explain(root: Path, week_name: str, student: str, task_name: str) -> tuple[str, bool]:
    """Replay the verdict on a student's task.

    Parameters
    ----------
    root : Path
        The course folder.
    week_name, student, task_name : str

    Returns
    -------
    str
        For the terminal.
    bool
        Whether the replayed verdict is the recorded one.

    Raises
    ------
    CourseError
        If there is no such week, task or record.
    """
    course = Course(root)
    week = course.week(week_name)
    record = _record(course, week, student)
    for inside in record.graded.get("inside", ()):
        if task_name in (inside["cell"], inside["cell"].removeprefix("test_")):
            return _inside(inside, f"{printable(student)}, {week_name}, {task_name}"), True
    task = week.task(task_name)
    recorded = next((v for v in record.graded["verdicts"] if v["task"] == task_name), None)
    if recorded is None:
        raise CourseError(
            f"the record of {student!r} has no verdict on {task_name}; "
            f"run: autograder grade {week_name} --student {student}"
        )
    lines = [
        f"{printable(student)}, {week_name}, {task_name}",
        f"graded {record.run.get('at', 'at an unknown time')} by version "
        f"{record.graded.get('version', 'unknown')}, attempt {record.attempt + 1}, "
        f"questions drawn from seed {record.seed}",
        _reference(record, week),
        "",
    ]
    if task_name not in record.graded["observations"]:
        reason = recorded["criteria"][0]["reason"]
        lines.append(f"There is nothing to replay: it was not graded ({printable(reason)}).")
        return "\n".join(lines), True
    verdict = _replayed(week, record)[task_name]
    lines += [as_text(_inert(verdict), task), "", *_reported(task, record)]
    agrees = _gist(verdict.to_json()) == _gist(recorded)
    if agrees:
        lines.append("Judged again from the record, the verdict is the same as the recorded one.")
    else:
        lines += ["Judged again from the record, the verdict is NOT the recorded one:"]
        lines += [f"  {line}" for line in _differences(recorded, verdict.to_json())]
    return "\n".join(lines), agrees


def _inside(recorded: Json, heading: str) -> str:
    """What became of a classic cell."""
    verdict = Inside(
        recorded["cell"], recorded["points"], Status(recorded["status"]), recorded["score"],
        recorded["reason"],
    )  # fmt: skip
    text = "\n".join(map(printable, classic.text(verdict).splitlines()))
    return (
        f"{heading}\n\n{text}\n\nThere is nothing to replay: its tests ran beside the student's "
        "code, and its points follow from what the cell put out (nbgrader's rule). What it put out "
        "stands in the graded notebook."
    )


def _record(course: Course, week: Week, student: str) -> Record:
    path = Record.path(course, week.name, student)
    known = [found.stem for found in (course.root / "records" / week.name).glob("*.json")]
    if not known:
        raise CourseError(
            f"there are no records of {week.name} in {course.root / 'records'}; "
            f"run: autograder grade {week.name}"
        )
    if student not in known:
        close = difflib.get_close_matches(student, known, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else "; is it graded yet?"
        raise CourseError(f"there is no record of {student!r} for {week.name}{hint}")
    record = Record.read(course, week.name, student)
    if not {"verdicts", "calls", "observations"} <= record.graded.keys():
        raise CourseError(
            f"{path} is damaged; run: autograder grade {week.name} --student {student}"
        )
    return record


def _reference(record: Record, week: Week) -> str:
    made_by = record.graded.get("reference")
    if made_by is None:
        return "The record does not say by which reference.py it was judged."
    if made_by == week.fingerprint:
        return "reference.py is the one it was judged by."
    return (
        "reference.py has CHANGED since; what follows is judged by today's. "
        f"autograder grade {week.name} grades everybody by it."
    )


def _replayed(week: Week, record: Record) -> dict[str, Verdict]:
    """Today's verdicts on what was recorded, by task."""
    seen = record.graded["observations"]
    questions = {t.name: _calls(record, t.name) for t in week.tasks}
    observed = {t.name: Observed(**seen.get(t.name, {})) for t in week.tasks}
    doubts = record.graded.get("doubts", {})
    verdicts = judge_all(week, questions, observed, doubts=doubts)
    return {verdict.task: verdict for verdict in verdicts}


def _calls(record: Record, task: str) -> list[Call]:
    return [Call.from_json(call) for call in record.graded["calls"].get(task, ())]


def _reported(task: Task, record: Record) -> list[str]:
    """What nothing outside the student's process has seen."""
    found = task.reported(_calls(record, task.name))
    lines = [f"  {criterion}: {' and '.join(claims)}" for criterion, claims in found.items()]
    return ["As reported by the student's own process:", *lines, ""] if lines else []


def _gist(verdict: Json) -> Json:
    """What was decided; the reference's values may differ in their last bits by machine."""
    criteria = [
        {name: c.get(name) for name in ("name", "points", "status", "mistakes", "reason", "call")}
        for c in verdict["criteria"]
    ]
    return {"score": verdict["score"], "criteria": criteria}


def _differences(recorded: Json, replayed: Json) -> list[str]:
    """What each of two verdicts says, where they differ."""
    lines = [f"score: {_score(recorded)} then, {_score(replayed)} now"]
    then, now = ({c["name"]: c for c in v["criteria"]} for v in (recorded, replayed))
    for name in dict.fromkeys([*then, *now]):
        one, other = (_words(criteria.get(name)) for criteria in (then, now))
        if one != other:
            lines.append(printable(f"{name}: {one} then, {other} now"))
    return lines


def _score(verdict: Json) -> str:
    return "not graded" if verdict["score"] is None else f"{verdict['score']:g}"


def _words(criterion: Json | None) -> str:
    if criterion is None:
        return "not asked"
    why = " + ".join(criterion.get("mistakes", ())) or criterion.get("reason")
    return f"{criterion['status']} ({why})" if why else str(criterion["status"])


def _inert(verdict: Verdict) -> Verdict:
    """A verdict to be printed: what the student's strings hold cannot steer a terminal."""
    criteria = tuple(
        replace(
            c, reason=printable(c.reason), observed=_spelled(c.observed) if c.observed else None
        )
        for c in verdict.criteria
    )
    return replace(verdict, criteria=criteria)


def _spelled(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {_spelled(key): _spelled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_spelled(item) for item in value]
    return value
