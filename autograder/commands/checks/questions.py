"""Are the hidden tests fair and telling, and is every known mistake named?

Draws and judges by ``reference.py`` alone: no notebook, no kernel.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from autograder.errors import CannotDraw
from autograder.grading.course import Course, Week
from autograder.marking.calls import Call
from autograder.marking.judge import Status, judge
from autograder.marking.task import Task

__all__ = ["drawn", "draws", "mistakes"]

#: Seeds that are drawn beside the course's own.
SEEDS = range(20)


def draws(course: Course, week: Week) -> list[str]:
    """Calls can be drawn for each task, with the course's seed and with others."""
    problems = []
    for task in week.tasks:
        for seed in (course.settings.seed, *SEEDS):
            try:
                task.draw(seed)
            except CannotDraw as error:
                problems.append(str(error))
                break
    return problems


def drawn(course: Course, week: Week) -> Iterator[tuple[Task, list[Call]]]:
    """Each task with the calls of the course's own seed; not those of which `draws` complains."""
    for task in week.tasks:
        with contextlib.suppress(CannotDraw):
            yield task, task.draw(course.settings.seed)


def mistakes(course: Course, week: Week) -> list[str]:
    """Each known mistake, judged as a student's work, loses points under its own name."""
    problems = []
    for task, calls in drawn(course, week):
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
