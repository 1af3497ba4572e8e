"""Drawing calls: a seed becomes questions that are fair and telling.

A drawn set is *fair* (rounding to float32 or adding up in another order does not change the
reference's answers noticeably) and *telling* (every known mistake loses marks, and any two of them
can be told apart), or drawing fails with the name of the mistake that escapes. So how much the
hidden tests can see is checked on every draw. It knows what a task offers; no verdicts.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, groupby
from operator import itemgetter
from typing import Any, Protocol

import numpy as np

from autograder.errors import CannotDraw
from autograder.marking.agreement import BLOWN_UP, field_of, parts_of
from autograder.marking.calls import Behaviour, Call, observe_own
from autograder.observation.arguments import leaves, mapped
from autograder.observation.functions import Function, RoundedFunction

__all__ = ["draw", "reference_on", "unfair", "untelling", "was_drawn"]

#: Proposals of a whole set of calls before drawing gives up.
MAX_TRIES = 40
#: How far inside (outside) the tolerance a fair (telling) difference must be.
FAIR, TELLING = 0.1, 10.0
#: The noise of a slope by central differences in float64, which a fair call allows.
NOISE = 1e-10

Json = dict[str, Any]


class Asker(Protocol):
    """A criterion, as far as drawing looks at it."""

    @property
    def name(self) -> str: ...
    @property
    def calls(self) -> Callable[[np.random.Generator], Sequence[Call]]: ...


class Named(Protocol):
    """A mistake, as far as drawing looks at it."""

    @property
    def name(self) -> str: ...


class Drawable(Protocol):
    """A task, as far as drawing looks at it."""

    @property
    def name(self) -> str: ...
    @property
    def reference(self) -> Behaviour: ...
    @property
    def criteria(self) -> Sequence[Asker]: ...
    @property
    def precision(self) -> str: ...
    @property
    def pairs(self) -> frozenset[frozenset[str]]: ...
    @property
    def expected(self) -> Callable[[Call], Json]: ...
    def behaviours(self, calls: Sequence[Call]) -> Sequence[tuple[Named, Sequence[Json]]]: ...
    def agree(self, call: Call, a: Any, b: Any, scale: float = 1.0) -> bool: ...
    @property
    def rtol(self) -> float: ...
    @property
    def atol(self) -> float: ...
    def breach(self, call: Call, observed: Any, scale: float = 1.0) -> str | None: ...
    def asks(self, call: Call) -> str: ...


def draw(task: Drawable, seed: int, tries: int = MAX_TRIES) -> list[Call]:
    """Calls for one grading run: fair, telling, and the same for the same seed.

    Parameters
    ----------
    seed : int
        Not negative.
    tries : int
        Proposals before giving up.

    Returns
    -------
    list of Call
        Each with its criterion's name and its index.

    Raises
    ------
    CannotDraw
        Naming the mistake that escapes, or the criterion without a fair call.
    """
    problem = ""
    for attempt in range(tries):
        calls, problem = _proposed(task, seed, attempt)
        problem = problem or untelling(task, calls) or _says_nothing(task, calls)
        if not problem:
            return calls
    raise CannotDraw(
        f"task {task.name}: no usable set of calls in {tries} tries with seed {seed}; "
        f"in the last, {problem}. Change what the criteria propose, or the mistake."
    )


def was_drawn(task: Drawable, seed: int, calls: Sequence[Call], tries: int = MAX_TRIES) -> bool:
    """Whether the criteria, as they are now, propose these calls for this seed.

    Whatever mistakes are known: another mistake may want other calls of those that they propose.
    """
    asked = list(calls)
    return any(_proposed(task, seed, attempt)[0] == asked for attempt in range(tries))


def _proposed(task: Drawable, seed: int, attempt: int) -> tuple[list[Call], str]:
    """The fair calls of one attempt; and the criterion that has none, in a sentence."""
    rng = np.random.default_rng([seed, zlib.crc32(task.name.encode()), attempt])
    calls: list[Call] = []
    for criterion in task.criteria:
        proposed = [call.asked_by(criterion.name, 0) for call in criterion.calls(rng)]
        reasons = [unfair(task, call) for call in proposed]
        kept = [c for c, why in zip(proposed, reasons, strict=True) if not why]
        if not kept:
            why = reasons[0] if reasons else "it proposes none"
            return calls, f"no call of the criterion {criterion.name!r} is fair: {why}"
        calls += [c.asked_by(criterion.name, len(calls) + k) for k, c in enumerate(kept)]
    return calls, ""


def unfair(task: Drawable, call: Call) -> str:
    """Why a right answer could be marked wrong on `call`, or ``""``."""
    expected = task.expected(call)
    if asks := task.asks(call):
        return _unfair_property(task, call, asks)
    if "error" in expected:
        error = expected["error"]
        return f"the reference raises {error['type']} on {call!r}: {error['message']}"
    if "unsupported" in expected:
        return (
            f"the reference returns what can't be compared on {call!r}: {expected['unsupported']}. "
            "Numbers can be, bools, text, None, arrays, tensors and data frames; lists and tuples "
            "of such, and dicts with text keys"
        )
    if any(isinstance(v, str) for _, leaf in parts_of(expected) for v in leaf.get("values", ())):
        return f"the reference is not finite on {call!r}"
    for how, variant in _variations(task, call):
        other = observe_own(reference_on(task.reference, variant), call.question)
        if not task.agree(call, expected, other, FAIR):
            return f"{how} changes the reference's answer on {call!r}"
    return ""


def _unfair_property(task: Drawable, call: Call, asks: str) -> str:
    """The same, where a property or an error is asked."""
    why = task.breach(call, task.expected(call))
    if why is not None:
        what = "has not the property that is asked" if asks == "holds" else "raises something else"
        return f"the reference {what} on {call!r}" + (f": {why}" if why else "")
    for how, variant in _variations(task, call):
        other = observe_own(reference_on(task.reference, variant), call.question)
        if task.breach(call, other) is not None:
            return f"{how} changes whether the reference earns {call!r}"
    return ""


def reference_on(reference: Behaviour, variant: Callable[[Any], Any]) -> Behaviour:
    """The reference, with `variant` applied to each argument, and inside of lists, first."""

    def varied(function: Behaviour) -> Behaviour:
        def on(*arguments: Any, **named: Any) -> Any:
            result = function(
                *(mapped(argument, variant) for argument in arguments),
                **{name: mapped(argument, variant) for name, argument in named.items()},
            )
            return varied(result) if callable(result) else result

        return on

    return varied(reference)


def _variations(task: Drawable, call: Call) -> Iterable[tuple[str, Callable[[Any], Any]]]:
    def nudged(argument: Any) -> Any:
        if isinstance(argument, float) or (
            isinstance(argument, np.ndarray) and argument.dtype.kind == "f"
        ):
            return argument + NOISE
        return argument

    def reordered(argument: Any) -> Any:
        return argument.reordered() if isinstance(argument, Function) else argument

    def rounded(argument: Any) -> Any:
        if isinstance(argument, Function):
            return RoundedFunction(argument.formula)
        if isinstance(argument, float):
            return float(np.float32(argument))
        if isinstance(argument, np.ndarray) and argument.dtype.kind == "f":
            return argument.astype(np.float32).astype(np.float64)
        return argument

    inside = [leaf for argument in call.given for leaf in leaves(argument)]
    if any("function" in leaf for leaf in inside if isinstance(leaf, dict)):
        yield "adding up in another order", reordered
        yield f"noise of {NOISE:g}, as finite differences have it,", nudged
    if task.precision == "float32":
        yield "rounding to float32", rounded


def _says_nothing(task: Drawable, calls: Sequence[Call]) -> str:
    """Whether the reference never returns anything: None is an answer, but not the only one."""
    if all("nothing" in task.expected(call) for call in calls):
        return "the reference returns None on every call (is there a return at its end?)"
    return ""


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
    for one, other in _close_pairs(task, [observed[order[0]] for _, observed in behaviours]):
        (first, a), (second, b) = behaviours[one], behaviours[other]
        names = frozenset((first.name, second.name))
        if len(names) == 1 or names in task.pairs:
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


def _close_pairs(task: Drawable, seen: Sequence[Json]) -> list[tuple[int, int]]:
    """Pairs of behaviours that may agree, by what they do on one call; in the order of the first.

    Most part in the last number of an answer, and sorted by it only neighbours are left. What has
    no such number may agree with whatever says the same, or raises the same.
    """
    numbers: list[tuple[float, int]] = []
    others: dict[Any, list[int]] = {}
    for number, observed in enumerate(seen):
        values = observed.get("values")
        last = values[-1] if isinstance(values, list) and values else None
        if type(last) is float and abs(last) < BLOWN_UP:
            numbers.append((last, number))
        else:
            kind = observed.get("text"), str(field_of(observed.get("error"), "type"))
            others.setdefault(kind, []).append(number)
    numbers.sort()
    pairs = [pair for alike in others.values() for pair in combinations(alike, 2)]
    for k, (low, number) in enumerate(numbers):
        for high, other in numbers[k + 1 :]:
            if high - low > task.atol + task.rtol * max(abs(low), abs(high)):
                break
            pairs.append((min(number, other), max(number, other)))
    return sorted(pairs)
