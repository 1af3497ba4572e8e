"""Mistakes that cannot happen: their behaviour stops before it does anything.

Such a mistake "loses points" by its own error, and would name students who never made it. Runs
the behaviours on the week's calls; knows no notebook.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from autograder.commands.checks.questions import of_each
from autograder.grading.course import Course, Week
from autograder.marking.calls import Call
from autograder.marking.criteria import Mistake
from autograder.marking.places import place_where
from autograder.marking.task import Task

__all__ = ["dead"]


def dead(course: Course, week: Week) -> list[str]:
    """Every mistake takes the arguments that are asked, and knows the names that it uses."""
    return of_each(course, week, _dead)


def _dead(task: Task, calls: Sequence[Call]) -> list[str]:
    return [
        f"{place_where(variant)}: the mistake {mistake.name!r} of {task.name} {why}; it is no "
        "student's mistake but its own"
        for mistake in task.mistakes
        for variant in mistake.variants
        if (why := _why_dead(mistake, variant, calls))
    ]


def _why_dead(mistake: Mistake, variant: Callable[..., Any], calls: Sequence[Call]) -> str:
    if not mistake.stateful:
        # Some calls may be beyond it: that an argument has no default is a mistake, too.
        reasons = [_does_not_take(variant, call) for call in calls]
        if all(reasons):
            return reasons[0]
    unknown: list[str] = []
    watched = _watched(variant, unknown)
    tried = (lambda: _watched(variant(), unknown)) if mistake.stateful else watched
    Mistake(mistake.name, "", tried, mistake.stateful).observations(calls)
    return f"stops with {unknown[0]}" if unknown else ""


def _watched(behaviour: Callable[..., Any], unknown: list[str]) -> Callable[..., Any]:
    """A behaviour that notes which name it did not know; not one that a student's code raises."""

    def watched(*arguments: Any, **named: Any) -> Any:
        try:
            return behaviour(*arguments, **named)
        except NameError as error:
            # An error that is raised on purpose knows no name.
            if error.name is not None or isinstance(error, UnboundLocalError):
                unknown.append(f"{type(error).__name__}: {error}")
            raise

    return watched


def _does_not_take(variant: Callable[..., Any], call: Call) -> str:
    """Why a behaviour cannot be called as it is asked; empty if it can, or nobody knows."""
    try:
        signature = inspect.signature(variant)
    except (TypeError, ValueError):
        return ""
    try:
        signature.bind(*call.question["args"], **call.question.get("kwargs", {}))
    except TypeError as error:
        return f"cannot be called with what is asked ({error})"
    return ""
