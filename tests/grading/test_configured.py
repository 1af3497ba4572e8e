"""Before a run: what cannot be protected is refused by name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from traitlets.config import Config

from autograder.errors import CourseError
from autograder.grading.configured import as_configured
from autograder.grading.course import Course
from autograder.kernels.driver import Limits, execute
from autograder.kernels.sandbox import missing_protection

READABLE = str(Path(os.__file__).parent / "json")

pytestmark = pytest.mark.skipif(bool(missing_protection()), reason="not all is protected here")


def test_an_exchange_that_every_submission_may_read_is_refused(course: Course) -> None:
    """With its path, and the place in which it lies."""
    course.config = Config({"Exchange": {"root": READABLE}})
    with pytest.raises(CourseError, match=r"the exchange lies in .*json"):
        as_configured(Limits(), course, execute)
    assert as_configured(Limits(unsafe=True), course, execute).unsafe


def test_so_is_a_course_that_lies_among_the_libraries(course: Course) -> None:
    course.root = Path(READABLE)
    with pytest.raises(CourseError, match=r"the course lies in .*json"):
        as_configured(Limits(), course, execute)


def test_a_cell_has_the_time_that_nbgrader_gives_it(course: Course) -> None:
    """`c.Execute.timeout`, where the course sets it; nbgrader's -1 and None leave ours."""
    for section in ("Execute", "ExecutePreprocessor"):
        for seconds, cell, whole in ((300, 300, 2400), (5, 5, 240), (-1, 30, 240), (None, 30, 240)):
            course.config = Config({section: {"timeout": seconds}})
            limits = as_configured(Limits(), course, execute)
            assert (limits.cell_seconds, limits.total_seconds) == (cell, whole)


def test_others_are_not(course: Course) -> None:
    course.config = Config({"Exchange": {"root": "/srv/nbgrader/exchange"}})
    as_configured(Limits(), course, execute)
