"""Feedback pages of a class are made several at a time, and are what they were one by one."""

from __future__ import annotations

import pytest
from conftest import Submit

from autograder.commands.grade import grade_week
from autograder.errors import CourseError
from autograder.grading.course import Course
from autograder.kernels.driver import Executed, Limits, Observed
from autograder.plugins import manypages
from autograder.plugins.converters import convert

WEEK = "week2_descent"


def nothing(notebook: str, calls: dict[str, list[object]], limits: Limits) -> Executed:
    """Executes nothing; no function returns."""
    lost = {"error": "ValueError", "message": "no", "seconds": 0.0}
    return Executed(notebook, {task: Observed([lost] * len(c)) for task, c in calls.items()}, "", 0)


def pages(course: Course) -> dict[str, str]:
    found = (course.root / "feedback").glob("*/*/*")
    return {str(path.relative_to(course.root)): path.read_text("utf-8") for path in found}


def test_one_that_fails_costs_nobody_else_a_page(
    course: Course, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever it is, and however many are made at a time; the others' are the same to the byte."""
    for student in ("ann", "ben", "[cho]", "dan", "eve"):
        submit(student, WEEK)
    grade_week(course.root, WEEK, execute=nothing)
    (course.root / "autograded" / "ben" / WEEK / "descent.ipynb").write_text("{")
    made = []
    for cores in (1, 3):
        monkeypatch.setattr(manypages, "processors", lambda cores=cores: cores)
        with pytest.raises(CourseError, match=r"error processing assignment: .*/ben/"):
            convert(course, WEEK, "generate_feedback")
        made.append(pages(course))
    assert {path.split("/")[1] for path in made[0]} == {"ann", "[cho]", "dan", "eve"}
    assert made[0] == made[1]
