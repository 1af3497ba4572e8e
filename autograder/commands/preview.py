"""In the instructor's own Jupyter: the feedback a student with this code would get.

What `from autograder import observe` does where nobody is being graded.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.feedback.markup import as_html
from autograder.feedback.words import as_text
from autograder.grading.course import load_week
from autograder.marking.judge import judge
from autograder.observation.observe import observe_call

__all__ = ["show"]

#: Questions are drawn from this, so that a notebook run again shows the same.
SEED = 0
_CALL_SECONDS = 10.0


def show(function: Callable[..., Any], name: str = "", folder: Path | None = None) -> None:
    """Judge `function` as a submission would be, and display the feedback.

    Parameters
    ----------
    function : callable
        Named like a task of the week, unless `name` says which.
    name : str
        The task's.
    folder : Path, optional
        The week's folder in ``source/``; the working folder by default.

    Raises
    ------
    CourseError
        If the folder is not a week, or has no task of that name.
    """
    from IPython.display import display

    week = load_week(folder or Path.cwd())
    if not week.tasks:
        raise CourseError(
            f"{week.folder} is not a week with marking notes: no reference.py has tasks"
        )
    task = week.task(name or getattr(function, "__name__", type(function).__name__))
    calls = task.draw(SEED)
    seen = [observe_call(function, call.to_json(), _CALL_SECONDS) for call in calls]
    verdict = judge(task, calls, seen)
    page = {
        "text/html": as_html(verdict, task),
        "text/plain": as_text(verdict, task),
    }
    display(page, raw=True)
