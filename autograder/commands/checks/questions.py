"""Are the hidden tests fair and telling, and is every known mistake named?

Draws and judges by ``reference.py`` alone: no notebook, no kernel.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from autograder.errors import TaskError
from autograder.grading.course import Course, Week
from autograder.marking.calls import Call, observe_own
from autograder.marking.clock import timed
from autograder.marking.drawing import draw
from autograder.marking.judge import Status, judge
from autograder.marking.task import Task

__all__ = ["draws", "mistakes", "of_each"]

#: Seeds that are drawn beside the course's own.
SEEDS = range(20)


def draws(course: Course, week: Week) -> list[str]:
    """Calls can be drawn for each task, with the course's seed and with others."""
    problems = []
    for task in week.tasks:
        try:
            with timed(f"calls were drawn from {len(SEEDS) + 1} seeds for the task {task.name}", 5):
                problems += _undrawn(task, course.settings.seed)
        except TaskError as error:
            problems.append(str(error))
    return problems


def _undrawn(task: Task, own: int) -> list[str]:
    """What is wrong with the calls of a task, of the course's own seed or another.

    Raises
    ------
    TaskError
        If from one of them there are none.
    """
    for seed in (own, *SEEDS):
        task.draw(seed)
    return _unsteady(task, own) + _toothless(task, task.draw(own))


def _unsteady(task: Task, seed: int) -> list[str]:
    """Whether the seed decides on the calls: drawn once more, they are the same."""
    first, again = task.draw(seed), draw(task, seed)
    criteria = dict.fromkeys(
        one.criterion
        for one in itertools.chain(first, again)
        if one not in first or one not in again
    )
    return [
        f"task {task.name}: drawn again from the same seed, the criterion {name!r} asks something "
        "else; take every random number from the generator that its calls function is given"
        for name in criteria
    ]


def _toothless(task: Task, calls: Sequence[Call]) -> list[str]:
    """Criteria that whatever is returned earns."""
    nonsense = [observe_own(lambda *_, r=r, **__: r, {"args": []}) for r in _NONSENSE]
    return [
        f"task {task.name}: nobody can fail the criterion {criterion.name!r}: its property holds "
        "of None, of a text and of an empty list, too"
        for criterion in task.criteria
        if criterion.holds
        and all(
            task.breach(call, seen) is None
            for call in calls
            if call.criterion == criterion.name
            for seen in nonsense
        )
    ]


#: What no property that asks for anything holds of, all of them.
_NONSENSE: tuple[Any, ...] = (None, "no answer", [])


def of_each(course: Course, week: Week, look: Callable[[Task, list[Call]], list[str]]) -> list[str]:
    """What is found at each task that has mistakes, with the calls of the course's own seed."""
    problems = []
    for task in week.tasks:
        if not task.mistakes:
            continue
        try:
            calls = task.draw(course.settings.seed)
        except TaskError:  # `draws` says why
            problems.append(f"{task.name}: not looked at, as no calls could be drawn")
            continue
        try:
            with timed(f"each known mistake was tried out for the task {task.name}"):
                problems += look(task, calls)
        except TaskError as error:
            problems.append(str(error))
    return problems


def mistakes(course: Course, week: Week) -> list[str]:
    """Each known mistake, judged as a student's work, loses points under its own name."""
    return of_each(course, week, _unnamed)


def _unnamed(task: Task, calls: Sequence[Call]) -> list[str]:
    problems = []
    for mistake, seen in task.behaviours(calls):
        verdict = judge(task, calls, seen)
        named = {m.name for m in verdict.mistakes}
        if verdict.status is Status.PASSED:
            problems.append(f"{task.name}: the mistake {mistake.name!r} loses no points")
        elif mistake.name not in named and not _excused(task, mistake.name, named):
            called = ", ".join(sorted(named)) or "not recognised"
            problems.append(f"{task.name}: the mistake {mistake.name!r} is {called}")
    return problems


def _excused(task: Task, name: str, named: set[str]) -> bool:
    pairs = {frozenset(pair) for pair in task.indistinguishable}
    return any(frozenset((name, other)) in pairs for other in named)
