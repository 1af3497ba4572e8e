"""Two mistakes at once, each in a part of its own: a wrong mean beside a wrong variance.

Where an answer consists of parts that do not depend on each other's slips, a part is explained by
whichever known mistake spoils it in the same way. It knows tasks and observations; no points.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograder.marking.agreement import field_of, matches
from autograder.marking.calls import Call
from autograder.marking.criteria import Mistake
from autograder.marking.task import Task

__all__ = ["by_parts"]

Json = dict[str, Any]
Pieces = list[Json]


def by_parts(
    task: Task, calls: Sequence[Call], seen: Sequence[Any]
) -> tuple[Mistake, Mistake] | None:
    """The two mistakes that explain all parts of what was seen, right parts aside; or None."""
    count = len(task.parts) or len(task.columns)
    if count < 2:
        return None
    answers = [_pieces(task, observation) for observation in seen]
    if not all(answers):
        return None
    right = [_pieces(task, task.expected(call)) for call in calls]
    found: list[Mistake] = []
    for part in range(count):
        if _same(task, part, answers, right):
            continue
        mistake = _spoiling(task, calls, part, answers, right)
        if mistake is None:
            return None
        found += [mistake] if mistake not in found else []
    return (found[0], found[1]) if len(found) == 2 else None


def _spoiling(
    task: Task, calls: Sequence[Call], part: int, answers: Sequence[Pieces], right: Sequence[Pieces]
) -> Mistake | None:
    """A mistake that does this to the part; rather one that leaves the others as they are."""
    spoiling = None
    for mistake, behaviour in task.behaviours(calls):
        model = [_pieces(task, observation) for observation in behaviour]
        if not all(model) or not _same(task, part, answers, model):
            continue
        if all(_same(task, k, right, model) for k in range(len(right[0])) if k != part):
            return mistake
        spoiling = spoiling or mistake
    return spoiling


def _same(task: Task, part: int, some: Sequence[Pieces], others: Sequence[Pieces]) -> bool:
    pairs = zip(some, others, strict=True)
    return all(matches(a[part], b[part], task.rtol, task.atol) for a, b in pairs)


def _pieces(task: Task, observation: Any) -> Pieces:
    """The parts of a result, or its columns, as observations; none if it has others."""
    count = len(task.parts) or len(task.columns)
    parts = field_of(observation, "parts")
    if task.parts and isinstance(parts, list):
        return parts if len(parts) == count else []
    shape, values = field_of(observation, "shape"), field_of(observation, "values")
    if not isinstance(shape, list) or not isinstance(values, list) or not shape:
        return []
    if shape[0 if task.parts else -1] != count or len(values) % count:
        return []
    size = len(values) // count
    if task.parts:
        return [
            {"shape": shape[1:], "values": values[k * size : (k + 1) * size]} for k in range(count)
        ]
    return [{"shape": shape[:-1], "values": values[k::count]} for k in range(count)]
