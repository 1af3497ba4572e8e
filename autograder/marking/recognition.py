"""Which known mistake, or which two at once, explains what was seen.

A mistake is recognised by what it does, never by how code looks. It knows tasks and observations;
no points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from autograder.marking.agreement import both_empty, same_shape
from autograder.marking.calls import Call
from autograder.marking.criteria import Mistake
from autograder.marking.piecewise import by_parts
from autograder.marking.task import Task
from autograder.marking.telling import TELLING

__all__ = ["Explanation", "recognise"]

Json = dict[str, Any]


@dataclass(frozen=True)
class Explanation:
    """One known mistake, or two at once, and the wrong calls that it reproduces."""

    mistakes: tuple[Mistake, ...] = ()
    explained: tuple[int, ...] = ()
    #: It reproduces everything that was seen.
    complete: bool = False

    def named(self, count: int) -> list[tuple[str, ...]]:
        """The names for each of `count` calls."""
        names = tuple(mistake.name for mistake in self.mistakes)
        return [names if k in self.explained else () for k in range(count)]

    def costs(self, seen: Sequence[Any]) -> float | None:
        """What it costs by its author's word, if it is all that is wrong and he has said so."""
        costs = [mistake.costs for mistake in self.mistakes if mistake.costs is not None]
        if not costs or len(costs) < len(self.mistakes):
            return None
        return sum(costs) if self.complete and None not in seen else None


def recognise(
    task: Task, calls: Sequence[Call], seen: Sequence[Any], right: Sequence[bool]
) -> Explanation:
    """The known mistake behind the wrong calls.

    A mistake that reproduces everything that was seen explains it best; then two at once that do,
    one on top of the other or each in a part of the answer; after that, the one that reproduces
    the most wrong calls, if it is at least half of them. Wrong calls that the best one does not
    reproduce get no name.
    """
    wrong = [k for k in range(len(calls)) if not right[k] and seen[k] is not None]
    if not wrong:
        return Explanation()
    earned = [k for k in range(len(calls)) if right[k]]
    answers = _Answers(task, calls, seen, wrong, earned)
    return _alone(answers) or _both(answers) or _apart(answers) or _in_part(answers)


@dataclass(frozen=True)
class _Answers:
    """What was asked of a task and what was seen; positions of the wrong and of the right calls."""

    task: Task
    calls: Sequence[Call]
    seen: Sequence[Any]
    wrong: Sequence[int]
    earned: Sequence[int]

    def alike(self, k: int, model: Any) -> bool:
        """Whether a mistake's model does on call k what was seen.

        A path without a row has no columns.
        """
        return self.task.agree(self.calls[k], model, self.seen[k]) or both_empty(
            model, self.seen[k]
        )


def _alone(answers: _Answers) -> Explanation | None:
    """The first mistake that reproduces everything that was seen; most part at the first call.

    Nothing but a RuntimeError that says something else is no sign of it: torch has one for all.
    """
    seen, wrong = answers.seen, answers.wrong
    order = [*wrong, *answers.earned]
    for mistake, behaviour in answers.task.behaviours(answers.calls):
        if all(answers.alike(k, behaviour[k]) for k in order) and _characteristic(
            mistake, behaviour, seen, wrong, order
        ):
            if all(_is_another(behaviour[k], seen[k], ("RuntimeError",)) for k in wrong):
                continue
            return Explanation((mistake,), tuple(answers.wrong), complete=True)
    return None


def _both(answers: _Answers) -> Explanation | None:
    """Two mistakes at once that reproduce everything that was seen, results among it."""
    task, calls, seen = answers.task, answers.calls, answers.seen
    if not any(isinstance(seen[k], dict) and "error" not in seen[k] for k in answers.wrong):
        return None
    order = sorted(
        [*answers.wrong, *answers.earned], key=lambda k: _length(task.expected(calls[k]))
    )
    asked, shown = [calls[k] for k in order], [seen[k] for k in order]
    for pair, behaviour in task.doubles(asked, shown):
        if all(answers.alike(k, behaviour(place)) for place, k in enumerate(order)):
            return Explanation(pair, tuple(answers.wrong), complete=True)
    return None


def _apart(answers: _Answers) -> Explanation | None:
    """Two mistakes at once, each in a part of its own."""
    pair = by_parts(answers.task, answers.calls, answers.seen)
    return Explanation(pair, tuple(answers.wrong), complete=True) if pair else None


def _in_part(answers: _Answers) -> Explanation:
    """The mistake that reproduces the most wrong calls, if it is at least half of them.

    Of several, the one that reproduces the most right ones.
    """
    wrong, best, most = answers.wrong, Explanation(), 0
    for mistake, behaviour in answers.task.behaviours(answers.calls):
        if _is_one_word(behaviour):
            continue  # who says it now and then doesn't always say it
        explained: list[int] = []
        for asked, k in enumerate(wrong, start=1):
            if answers.alike(k, behaviour[k]):
                explained.append(k)
            elif 2 * (asked - len(explained)) > len(wrong):
                break  # it can't be half of them any more
        if 2 * len(explained) < len(wrong) or len(explained) < len(best.explained):
            continue
        same = explained + [k for k in answers.earned if answers.alike(k, behaviour[k])]
        if len(explained) == len(best.explained) and len(same) <= most:
            continue
        if not _characteristic(mistake, behaviour, answers.seen, explained, same):
            continue
        if all(_is_another(behaviour[k], answers.seen[k]) for k in explained):
            continue
        if _far_off(answers, explained) and not _refuted(answers, behaviour, explained):
            best, most = Explanation((mistake,), tuple(explained)), len(same)
    return best


def _is_one_word(behaviour: Sequence[Json]) -> bool:
    """Whether a model says the same word whatever is asked."""
    word = behaviour[0].get("text")
    return word is not None and all(answer.get("text") == word for answer in behaviour)


def _far_off(answers: _Answers, explained: Sequence[int]) -> bool:
    """Whether some wrong answer is not close to the right one, where many mistakes are."""
    calls, seen = answers.calls, answers.seen
    return any(answers.task.breach(calls[k], seen[k], TELLING) is not None for k in explained)


def _refuted(answers: _Answers, behaviour: Sequence[Json], explained: Sequence[int]) -> bool:
    """Whether right answers speak against a mistake.

    The model makes no difference between questions that were told apart: who has an eye for the
    step size here and there doesn't ignore it. Or words, which are few and agree by chance, errors,
    which have many causes, or shapes, which one call may spoil in many ways, are oftener right
    where it is wrong than wrong as it is.
    """
    task, calls = answers.task, answers.calls
    told = [k for k in answers.earned if "error" not in behaviour[k]]
    otherwise = [
        k
        for k in answers.earned
        if ("text" in behaviour[k] or not same_shape(behaviour[k], answers.seen[k]))
        and not answers.alike(k, behaviour[k])
    ]
    return len(otherwise) > len(explained) or any(
        task.agree(calls[i], behaviour[i], behaviour[k])
        and not task.agree(calls[i], answers.seen[i], answers.seen[k])
        for i, k in combinations(told, 2)
    )


def _length(expected: Json) -> int:
    """Of a walk: nearly all pairs part on a short one, which is quickly tried."""
    return len(expected.get("values", ()))


def _characteristic(
    mistake: Mistake,
    behaviour: Sequence[Json],
    seen: Sequence[Any],
    explained: Sequence[int],
    same: Sequence[int],
) -> bool:
    """Whether agreeing on the calls `same` is more than raising the same type of error.

    An error type alone is shared by too many faults: either some result
    agrees too, or the error says the same.
    """
    # What is right at first shows nothing yet of what a call leaves behind.
    if mistake.stateful and all("error" in behaviour[k] for k in explained):
        return False
    return any("error" not in behaviour[k] or _says_the_same(behaviour[k], seen[k]) for k in same)


def _is_another(would_be: Json, seen: Json, kinds: Sequence[str] = ()) -> bool:
    """Whether what would be seen is an error of the same type that says something else.

    Of one of these types, if some are given.
    """
    if "error" not in would_be or (kinds and would_be["error"]["type"] not in kinds):
        return False
    return bool(would_be["error"]["message"]) and not _says_the_same(would_be, seen)


def _says_the_same(would_be: Json, seen: Json) -> bool:
    """Whether two errors have the same message.

    The beginning is enough: messages end in details, and vary in capitals.
    """
    said, would_say = seen["error"].get("message"), would_be["error"]["message"]
    return (
        bool(would_say)
        and isinstance(said, str)
        and said[:25].casefold() == would_say[:25].casefold()
    )
