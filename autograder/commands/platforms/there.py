"""Grading one submission on somebody else's machine, where nothing but one submission runs.

A platform starts a fresh container for each. Where that container cannot confine a kernel, the
instructor is told and grading goes on; the week's texts are removed before the submission runs, so
that there is nothing to read.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from autograder.commands.try_ import Tried, ready
from autograder.errors import CourseError
from autograder.grading.course import Course
from autograder.kernels.limits import Limits
from autograder.kernels.sandbox import missing_protection

__all__ = ["grade_there", "needs_person"]


def grade_there(
    course: Path, submission: Path, student: str = "", seed: int | None = None, keep: bool = False
) -> tuple[Tried, list[str]]:
    """Grade the one submission of this container.

    Parameters
    ----------
    course : Path
        The packed course: one week.
    submission : Path
        The notebook, or the folder with what was handed in.
    student : str
    seed : int, optional
    keep : bool
        Don't remove the week's texts, whatever can read them (for a machine that goes on).

    Returns
    -------
    Tried
    list of str
        What the instructor should know of this container.

    Raises
    ------
    CourseError
        If the course does not hold exactly one week.
    """
    names = Course(course).week_names
    if len(names) != 1:
        raise CourseError(f"{course} must hold one packed week; it holds {len(names)}")
    week = ready(course, names[0])
    missing = missing_protection()
    if missing and not keep:
        # The marking notes are in the grader's memory; nothing on the disk must be left to read.
        shutil.rmtree(course / "source", ignore_errors=True)
        missing.append("The marking notes were removed from this container before grading.")
    tried = week.try_file(submission, student, seed, Limits(unsafe=bool(missing)))
    return tried, missing


def needs_person(tried: Tried) -> list[str]:
    """What waits for somebody to mark it, a line each."""
    lines = [f"{name}: a person has to look" for name in tried.undecided]
    return lines + [
        f"{cell.grade_id}: marked by a person ({cell.points:g} points)" for cell in tried.written
    ]
