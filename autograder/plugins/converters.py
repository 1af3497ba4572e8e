"""nbgrader's own commands, run in this process.

`convert` runs one on a week, `feedback_pages` writes one student's pages. What nbgrader says goes
into the result, or into the sentence of an error, and not to the terminal. Knows no grades.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbgrader import utils
from nbgrader.converters import (
    Autograde,
    GenerateAssignment,
    GenerateFeedback,
    GenerateSolution,
)
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning

from autograder.errors import CourseError
from autograder.grading.bounded import Bounds, run
from autograder.grading.course import Course, Week

__all__ = ["convert", "feedback_pages"]

#: nbgrader's part takes half a second; drawing a page has a limit of its own (`pages.student`).
MAKING = Bounds("making a student's pages", seconds=60, megabytes=1000)

#: What nbgrader logs around a failure without a word of what failed; and with whose work it was,
#: where it was a student's.
_EMPTY = re.compile(r"error processing assignment|Traceback|Please see the .* traceback|^\s*raise ")
_WHOSE = re.compile(r"error processing assignment: (?!.*\bsource/)")


def convert(course: Course, week: str, step: str) -> str:
    """Run one of nbgrader's own commands on a week, in this process.

    Parameters
    ----------
    course : Course
    week : str
    step : {"generate_assignment", "generate_solution", "autograde", "generate_feedback"}

    Returns
    -------
    str
        nbgrader's log.

    Raises
    ------
    CourseError
        If the command fails, with what it said.
    """
    converters = {
        "generate_assignment": GenerateAssignment,
        "generate_solution": GenerateSolution,
        "autograde": Autograde,
        "generate_feedback": GenerateFeedback,
    }
    directory = CourseDirectory(config=course.config, root=str(course.root), assignment_id=week)
    return _converted(converters[step], directory, course, f"{step} {week}")


class _OneStudent(GenerateFeedback):  # type: ignore[misc]
    """Feedback for one student, whose name may hold what a pattern would not take literally."""

    def init_notebooks(self) -> None:
        """Say what is to be converted (called by nbgrader)."""
        folder = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        notebooks = sorted(Path(folder).glob("*.ipynb"))
        self.assignments = {folder: list(map(str, notebooks))}


def feedback_pages(course: Course, week: Week, student: str) -> dict[str, str]:
    """Write a student's feedback pages, as `nbgrader generate_feedback` does.

    In a process of its own: nbgrader changes the working folder, and nobody else waits.

    Returns
    -------
    dict of str to str
        The pages, as they lie in ``feedback/``, by the name of the notebook.

    Raises
    ------
    CourseError
        If they cannot be made, with what nbgrader said.
    Overrun
        If that takes more than `MAKING`, whatever the page.
    """
    return run(MAKING, _pages, course, week, student)


def _pages(course: Course, week: Week, student: str) -> dict[str, str]:
    directory = CourseDirectory(
        config=course.config, root=str(course.root), assignment_id=week.name, student_id=student
    )
    _converted(_OneStudent, directory, course, f"generate_feedback {week.name}")
    folder = Path(directory.format_path(directory.feedback_directory, student, week.name))
    return {name: (folder / f"{name}.html").read_text("utf-8") for name in week.notebooks}


def _converted(
    converter: type[BaseConverter], directory: CourseDirectory, course: Course, step: str
) -> str:
    """Run one of nbgrader's converters; its log.

    Raises
    ------
    CourseError
        If it fails, with what it said.
    """
    with warnings.catch_warnings(), _quiet_traitlets():
        # SQLAlchemy warns about how nbgrader's own models are put together.
        warnings.simplefilter("ignore", SAWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        app = converter(coursedir=directory, config=course.config)
        app.force = True
        result = utils.capture_log(app)
    log = str(result.get("log", ""))
    if not result["success"]:
        log = re.sub(rf"{re.escape(str(course.root))}/(\./)?", "", log)  # it may be a scratch copy
        said = [line.strip() for line in log.splitlines() if not _EMPTY.search(line)]
        errors = [line for line in said if "[ERROR]" in line]
        errors = errors or [line for line in said if "Error" in line]
        whose = [line.strip() for line in log.splitlines() if _WHOSE.search(line)]
        lines = [line.removeprefix("[ERROR] ") for line in (*whose[:1], *errors[:3])]
        last = str(result.get("error", "")).strip().splitlines()[-1:]
        if last[:1] == ["KeyboardInterrupt"]:  # caught like any other error
            raise KeyboardInterrupt
        # The exception often says again what is in the log, or to look there.
        lines += [
            line
            for line in last
            if not lines or not (_EMPTY.search(line) or any(map(line.endswith, lines)))
        ]
        raise CourseError(f"nbgrader {step} failed: {'; '.join(dict.fromkeys(lines))}")
    return log


@contextmanager
def _quiet_traitlets() -> Iterator[None]:
    """Keep nbgrader's log out of the terminal; it is captured."""
    logger = logging.getLogger("traitlets")
    before = logger.propagate, logger.level
    logger.propagate = False
    logger.setLevel(logging.INFO)
    silent = logging.NullHandler()
    logger.addHandler(silent)
    try:
        yield
    finally:
        logger.removeHandler(silent)
        logger.propagate, level = before
        logger.setLevel(level)
