"""A weekly, auto-graded course on gradient descent.

The verdict on a student's work is reached outside the student's process: a
hidden test only names the function to observe.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder._version import __version__

__all__ = ["__version__", "observe"]


def observe(function: Callable[..., Any], task: str = "") -> None:
    """Show the feedback that a student with this code would get.

    This is what the hidden part of a test cell calls. In the instructor's own
    Jupyter it draws calls, judges `function` and displays the verdict. When a
    submission is graded, the grader asks `function` its own questions, and what it
    answers is judged elsewhere.

    Parameters
    ----------
    function : callable
        A task's function, run in a notebook in its folder in ``source/``; or something that
        stands for it and holds no answer.
    task : str
        The task that it stands for, if it has not its name:
        ``observe(lambda: best_lr, task="best_lr")``.

    Raises
    ------
    CourseError
        If the working folder is not a week of a course.
    """
    from autograder.commands.preview import show

    show(function, task)
