"""A class made from the corpora, some of whose mistakes nobody has named yet.

Of 24 students here; of as many as `LEARNERS` says where that is set, with the seconds that judging
again may take: `LEARNERS=300 pytest -s tests/commands/test_class_learns.py`.
"""

from __future__ import annotations

import os
import resource
import time
from typing import Any

import learners
import nbformat
import pytest
from conftest import scores
from corpus import Answer, answers

from autograder.commands.grade import grade_week
from autograder.commands.learn import lessons
from autograder.grading.course import Course
from autograder.report.sources import read_records

WEEK = "week2_descent"
COUNT = int(os.environ.get("LEARNERS", 0))
#: What nobody knows yet.
UNKNOWN = [
    "descent_update: ignores lr",
    "descent_update: divides by lr",
    "gradient_descent: climbs",
    "gradient_descent: accumulates gradients",
    "gradient_descent: slope hard-coded to 2x",
    "gradient_descent: start missing",
    "gradient_descent: only the last point",
    "gradient_descent: gradient computed once",
]
#: What is the same as one of these, as long as it goes downhill to the right.
NEAR = ["gradient_descent: sign of the slope lost"]
PASTED = "gradient_descent: accumulates gradients"


class NoKernel:
    """Executing anything would be a mistake."""

    def __call__(self, *arguments: Any) -> Any:
        raise AssertionError("a notebook was run")


def typed(name: str) -> Answer:
    """The first code of the corpus that makes this mistake."""
    made = (a for a in answers(WEEK) if a.kind == "mistake" and f"{a.task}: {a.name}" == name)
    return next(made)


def spent() -> tuple[float, float]:
    """Seconds of the processor, those of ended children too, and on the clock."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used), time.monotonic()


@pytest.fixture
def taught(course: Course) -> tuple[Course, dict[str, set[str]]]:
    """The class, graded by notes that have never heard of eight mistakes; and who made them."""
    shared = {name: typed(name) for name in UNKNOWN}
    learners.forget(course, WEEK, [*UNKNOWN, *NEAR])
    who = learners.attend(course, WEEK, COUNT or 24, list(shared.values()))
    grade_week(course.root, WEEK, execute=learners.InProcess(WEEK))
    return course, {name: who[str(answer)] for name, answer in shared.items()}


def test_what_the_class_does_not_know_is_found_and_named_for_everybody(
    taught: tuple[Course, dict[str, set[str]]],
) -> None:
    """All groups, each of those who made the mistake; pasting one names it, and moves no score."""
    course, who = taught
    records, _ = read_records(course, WEEK)
    found = {
        frozenset(lesson.students): lesson for lesson in lessons(course, course.week(WEEK), records)
    }
    assert set(map(frozenset, who.values())) == found.keys()
    learners.paste(
        course,
        WEEK,
        PASTED.partition(":")[0],
        found[frozenset(who[PASTED])],
        "never cleared",
        "Clear it.",
    )
    before = scores(course, WEEK)
    began = spent()
    summary = grade_week(course.root, WEEK, jobs=os.cpu_count() or 1, execute=NoKernel())
    processor, clock = (now - then for then, now in zip(began, spent(), strict=True))
    print(f"{summary.again} judged again: {processor:.2f} s of the processor, {clock:.2f} s")
    assert (summary.again, summary.reasoned) == (len(records), len(who[PASTED]))
    assert scores(course, WEEK) == before
    named = set()
    for student in records:
        path = course.root / "autograded" / student / WEEK / "descent.ipynb"
        if "Clear it." in nbformat.v4.writes(nbformat.read(path, as_version=4)):
            named.add(student)
    assert named == who[PASTED]
    if COUNT:
        assert processor * 300 / COUNT <= 5
