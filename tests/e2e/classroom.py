"""A course and its exchange in a test's own folder, and the configuration of who works with it.

One week is enough: week 2. Knows nbgrader's settings; no browser.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from autograder.commands.demo import Sample, class_of
from autograder.grading.course import Course

__all__ = ["NOTEBOOK", "ROOT", "WEEK", "exchange", "lay_out", "sample", "settings"]

ROOT = Path(__file__).parents[2]
WEEK, NOTEBOOK = "week2_descent", "descent"


def lay_out(folder: Path) -> Course:
    """A course folder with the week's sources and our configuration, nothing generated."""
    skip = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
    shutil.copytree(ROOT / "source" / WEEK, folder / "source" / WEEK, ignore=skip)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    return Course(folder)


def exchange(folder: Path) -> Path:
    """An exchange, which everybody may write to."""
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    return folder


def sample(student: str) -> Sample:
    """What somebody in the sample class handed in."""
    (found,) = (one for one in class_of(WEEK) if one.student == student)
    return found


def settings(exchange: Path, student: str = "") -> dict[str, str]:
    """Configuration files of a person's Jupyter: where the exchange is, and whose course it serves.

    A student is told who they are, since here everybody has the same account. An instructor needs
    no more than to start Jupyter in the course's folder.
    """
    lines = [
        "c = get_config()",
        "c.CourseDirectory.course_id = 'gradient-descent'",
        f"c.Exchange.root = {str(exchange)!r}",
    ]
    if student:
        lines.append(f"c.CourseDirectory.student_id = {student!r}")
    return {"nbgrader_config.py": "\n".join([*lines, ""])}
