"""Asked what others were asked: a submission run once more, in its box, on others' questions.

Where questions differ between students, two wrong answers can be compared only on the same ones.
What is seen is kept beside the records, so that nothing is run twice; it is no grade and changes
none. Knows courses and records; who is to be asked what, and why, it is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.errors import GraderFault, Overrun
from autograder.grading.bounded import Bounds, run
from autograder.grading.course import Course, Week
from autograder.grading.inside import for_a_kernel
from autograder.grading.judged import timeless
from autograder.grading.receiving import receive
from autograder.grading.records import Record, write_whole
from autograder.kernels.driver import Execute, Observed
from autograder.kernels.limits import Limits
from autograder.marking.calls import Call
from autograder.marking.judge import Status, judge
from autograder.submissions.ready import Submission
from autograder.submissions.sorting import Masters

__all__ = ["Asked", "ask", "asked_before"]

Json = dict[str, Any]
#: By task: the calls as recorded, what came back, and the criterion that shows a mistake without
#: a name; None if on these questions it is right, or has a name.
Asked = dict[str, Json]
JUDGING = Bounds("judging what came back", seconds=30, megabytes=500)


def asked_before(course: Course, week: Week, student: str, record: Record) -> Asked:
    """What is kept of this submission; nothing if it is another one by now."""
    try:
        kept = json.loads(_path(course, week, student).read_text("utf-8"))
        return dict(kept["tasks"]) if kept["submission"] == record.submission else {}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def ask(
    course: Course,
    week: Week,
    masters: Masters,
    records: Mapping[str, Record],
    wanted: Mapping[str, Mapping[str, list[Json]]],
    limits: Limits,
    execute: Execute,
    jobs: int = 1,
) -> Iterator[tuple[str, bool]]:
    """Ask submissions, and keep what they answer.

    Parameters
    ----------
    course : Course
    week : Week
    masters : mapping of str to sequence of MasterCell
        The released cells of each notebook.
    records : mapping of str to Record
        By student.
    wanted : mapping of str to mapping
        By student, then by task: the calls, as recorded.
    limits : Limits
    execute : Execute
        What runs a notebook.
    jobs : int
        Kernels at the same time.

    Yields
    ------
    str
        A student.
    bool
        Whether there is an answer: not of what has changed since it was graded, or cannot be run.
    """

    def one(student: str) -> tuple[str, bool]:
        tasks = _answered(
            course, week, masters, student, records[student], wanted[student], limits, execute
        )
        if tasks is None:
            return student, False
        kept = asked_before(course, week, student, records[student]) | tasks
        text = json.dumps({"submission": records[student].submission, "tasks": kept})
        write_whole(_path(course, week, student), text)
        return student, True

    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(one, wanted)


def _path(course: Course, week: Week, student: str) -> Path:
    return course.root / "records" / week.name / "same" / f"{student}.json"


def _answered(
    course: Course, week: Week, masters: Masters, student: str, record: Record,
    calls: Mapping[str, list[Json]], limits: Limits, execute: Execute,
) -> Asked | None:  # fmt: skip
    folder = course.root / "submitted" / student / week.name
    work = receive(student, folder, masters)
    if work.digest != record.submission:
        return None
    found: Asked = {}
    for one in work.notebooks:
        asked = {task: drawn for task, drawn in calls.items() if week.where[task] == one.name}
        if asked and one.problem:
            return None
        try:
            found |= _seen(week, one, asked, limits, execute) if asked else {}
        except (GraderFault, Overrun):
            return None
    return found


def _seen(
    week: Week, submission: Submission, calls: Json, limits: Limits, execute: Execute
) -> Asked:
    """What a notebook answers."""
    limits = replace(limits, packages=week.requires, files=(*submission.files, *week.files))
    text = run(JUDGING, for_a_kernel, submission.notebook, week)
    seen = execute(text, calls, limits).observed
    return {
        task: run(JUDGING, _judged, week, task, asked, timeless(seen[task]))
        for task, asked in calls.items()
    }


def _judged(week: Week, task: str, asked: list[Json], seen: Observed) -> Json:
    """What is kept of a task (called within bounds)."""
    verdict = judge(week.task(task), [Call.from_json(c) for c in asked], seen.observations)
    failed = [c for c in verdict.criteria if c.status is Status.FAILED and c.call]
    shown = failed[0].to_json() if failed and not verdict.mistakes else None
    return {"calls": asked, "observations": seen.observations, "shown": shown}
