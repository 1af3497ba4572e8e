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
from autograder.grading.records import fresh_seed
from autograder.kernels.limits import Limits
from autograder.kernels.sandbox import missing_protection

__all__ = ["grade_there", "needs_person", "shortened"]

#: What a kernel gets in any container: with less, right work could not be sure to run.
_LEAST = 1_000_000_000
#: Where Linux says what a container may use, in version 2 of its control groups and in version 1.
_ALLOWED = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def grade_there(
    course: Path, submission: Path, student: str = "", attempt: str = "", keep: bool = False
) -> tuple[Tried, list[str]]:
    """Grade the one submission of this container.

    Parameters
    ----------
    course : Path
        The packed course: one week.
    submission : Path
        The notebook, or the folder with what was handed in.
    student : str
    attempt : str
        What tells this attempt from the student's others: each is asked other questions, and the
        same one the same questions again. Without it the student's name decides.
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
    seed = None
    if attempt:
        whose = f"{names[0]}/{student}/{attempt}"
        seed = fresh_seed(week.course.settings.seed, whose, 1)
    limits = Limits(unsafe=bool(missing), memory_bytes=_kernel_bytes())
    return week.try_file(submission, student, seed, limits), missing


def _kernel_bytes() -> int:
    """Half of the container: a kernel that takes it all is killed, and the grader with it."""
    for path in map(Path, _ALLOWED):
        try:
            return min(Limits.memory_bytes, max(_LEAST, int(path.read_text()) // 2))
        except (OSError, ValueError):  # not there, or "max"
            continue
    return Limits.memory_bytes


def needs_person(tried: Tried) -> list[str]:
    """What waits for somebody to mark it, a line each."""
    lines = [f"{name}: a person has to look" for name in tried.undecided]
    return lines + [
        f"{cell.grade_id}: marked by a person ({cell.points:g} points)" for cell in tried.written
    ]


def shortened(text: str, most: int) -> str:
    """`text`, or its beginning where a platform has no room for all of it."""
    return text if len(text) <= most else f"{text[:most]}\n(cut here: it is {len(text)} characters)"
