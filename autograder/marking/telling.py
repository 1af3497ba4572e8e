"""Whether calls are telling: every known mistake loses marks, any two of them can be told apart.

So how much the hidden tests can see is checked on every draw. It knows what a task offers; no
verdicts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, groupby, pairwise
from operator import itemgetter
from typing import Any

from autograder.marking.agreement import BLOWN_UP, field_of
from autograder.marking.calls import Call
from autograder.marking.drawable import Drawable

__all__ = ["TELLING", "untelling"]

#: How far outside the tolerance a telling difference must be.
TELLING = 10.0

Json = dict[str, Any]


def untelling(task: Drawable, calls: Sequence[Call]) -> str:
    """Which known mistake `calls` do not reveal, or ``""``."""
    behaviours = task.behaviours(calls)
    order = _sharpest_first(task, calls)
    for mistake, group in groupby(behaviours, key=itemgetter(0)):
        variants = [observed for _, observed in group]
        for number, observed in enumerate(variants, start=1):
            if all(task.breach(calls[k], observed[k], TELLING) is None for k in order):
                which = f" (variant {number})" if len(variants) > 1 else ""
                return f"the mistake {mistake.name!r}{which} cannot be told from the reference"
    for one, other in _inseparable(task, calls, order):
        (first, a), (second, b) = behaviours[one], behaviours[other]
        if _excused(task, (first.name, second.name)):
            continue
        if all(task.agree(calls[k], a[k], b[k]) for k in order):
            return f"the mistakes {first.name!r} and {second.name!r} cannot be told apart"
    return ""


def _sharpest_first(task: Drawable, calls: Sequence[Call]) -> list[int]:
    """Positions of calls: one that tells most mistakes, then all others as they are asked.

    A long answer shows more than a short one, and the longest take time. What mistakes do on
    a call is worked out when it is looked at, and most are looked at on this one alone.
    """
    lengths = [len(task.expected(call).get("values", ())) for call in calls]
    sharpest = sorted(range(len(calls)), key=lengths.__getitem__)[3 * len(calls) // 4]
    return [sharpest, *(k for k in range(len(calls)) if k != sharpest)]


def _inseparable(
    task: Drawable, calls: Sequence[Call], order: Sequence[int]
) -> list[tuple[int, int]]:
    """Pairs of behaviours that may agree on every call, in the order of the first of them.

    All begin in one group, which each call parts further; few are left to look at after the first.
    """
    behaviours = task.behaviours(calls)
    groups = [list(range(len(behaviours)))]
    for k in order:
        groups = [
            part
            for group in groups
            for part in _parted(task, {number: behaviours[number][1][k] for number in group})
            if not _excused(task, (behaviours[number][0].name for number in part))
        ]
    return sorted(pair for group in groups for pair in combinations(sorted(group), 2))


def _excused(task: Drawable, names: Iterable[str]) -> bool:
    """Whether mistakes of these names need not be told apart."""
    different = frozenset(names)
    return len(different) == 1 or different in task.pairs


def _parted(task: Drawable, seen: Mapping[int, Json]) -> Iterator[list[int]]:
    """Groups of behaviours by what they do on one call; any two that agree are in one group.

    Most part in the last number of an answer: sorted by it, a group ends where the next is too far.
    """
    kinds: dict[Any, list[tuple[float, int]]] = {}
    for number, observed in seen.items():
        last, kind = _last(observed)
        kinds.setdefault(kind, []).append((last, number))
    for alike in kinds.values():
        alike.sort()
        part = [alike[0][1]]
        for (low, _), (high, number) in pairwise(alike):
            if high - low > task.atol + task.rtol * max(abs(low), abs(high)):
                yield part
                part = []
            part.append(number)
        yield part


def _last(observed: Json) -> tuple[float, Any]:
    """The last number of an answer, and of what kind the answer is, without which none agree."""
    while observed.get("parts"):
        observed = observed["parts"][-1]
    values = observed.get("values")
    if not values:
        return 0.0, (observed.get("text"), str(field_of(observed.get("error"), "type")))
    last = values[-1]
    tame = type(last) is float and abs(last) < BLOWN_UP
    return last if tame else 0.0, (len(values), tame)
