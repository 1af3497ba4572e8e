"""Tasks: a reference, criteria, known mistakes, and the drawing of calls.

`Task.draw` turns a seed into the calls a grading run will ask. A drawn set is
*fair* (rounding to float32 or adding up in another order does not change the
reference's answers noticeably) and *telling* (every known mistake loses marks,
and any two of them can be told apart), or drawing fails with the name of the
mistake that escapes. So how much the hidden tests can see is checked on every
draw. This module knows functions and observations; no kernels, no verdicts.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import combinations, groupby, repeat
from operator import itemgetter
from typing import Any

import numpy as np

from autograder.errors import CannotDraw, TaskError
from autograder.observation.functions import Function, RoundedFunction
from autograder.observation.observe import observe_call
from autograder.observation.values import decode, encode, paste

__all__ = ["Call", "Criterion", "Mistake", "Task", "matches"]

#: Proposals of a whole set of calls before drawing gives up.
MAX_TRIES = 40
#: How far inside (outside) the tolerance a fair (telling) difference must be.
FAIR, TELLING = 0.1, 10.0
#: The noise of a slope by central differences in float64, which a fair call allows.
NOISE = 1e-10
#: Beyond this, numbers count as "blown up" when behaviours are compared.
BLOWN_UP = 1e30

Json = dict[str, Any]
Behaviour = Callable[..., Any]


class Call:
    """One question: the arguments of a call, by position.

    Parameters
    ----------
    *args : Function, float, int, str, ndarray, 0-d tensor
    times : int
        Call so often with the same arguments; the last result counts.
    then : sequence of the same, optional
        What comes back is a function: call it, too, with these arguments.
    jit : sequence of int, optional
        Call under ``jax.jit``, with the arguments at these positions static.
    criterion : str
        Name of the criterion that asks; set by `Task.draw`.
    index : int
        Position in the sequence of calls; set by `Task.draw`.
    """

    def __init__(
        self,
        *args: Any,
        times: int = 1,
        then: Sequence[Any] | None = None,
        jit: Sequence[int] | None = None,
        criterion: str = "",
        index: int = 0,
    ) -> None:
        self.args = [encode(argument) for argument in args]
        self.times = times
        self.then = None if then is None else [encode(argument) for argument in then]
        self.jit = None if jit is None else list(jit)
        self.criterion = criterion
        self.index = index

    @property
    def question(self) -> Json:
        """What is asked, as plain data; what only some calls ask for is there only then."""
        asked: Json = {"args": self.args, "times": self.times}
        if self.then is not None:
            asked["then"] = self.then
        if self.jit is not None:
            asked["jit"] = self.jit
        return asked

    @property
    def key(self) -> str:
        """Canonical JSON of the question itself; equal keys ask the same."""
        return json.dumps(self.question, sort_keys=True)

    def to_json(self) -> Json:
        """Plain data, for the kernel and for the record."""
        return {**self.question, "criterion": self.criterion, "index": self.index}

    @classmethod
    def from_json(cls, data: Json) -> Call:
        """The way back from `to_json`."""
        rest = {name: value for name, value in data.items() if name != "args"}
        if "then" in rest:
            rest["then"] = [decode(argument) for argument in rest["then"]]
        return cls(*(decode(argument) for argument in data["args"]), **rest)

    def asked_by(self, criterion: str, index: int) -> Call:
        """Return this call as number `index` of a draw, asked by `criterion`."""
        call = copy(self)
        call.criterion, call.index = criterion, index
        return call

    def source(self, name: str, library: str = "torch") -> str:
        """The call as a student could type it; often enough, if once is not."""

        def typed(arguments: Sequence[Any]) -> str:
            return f"({', '.join(paste(argument, library) for argument in arguments)})"

        if self.jit is not None:
            name = f"jax.jit({name}, static_argnums={tuple(self.jit)})"
        once = name + typed(self.args) + ("" if self.then is None else typed(self.then))
        return once if self.times == 1 else f"[{once} for _ in range({self.times})][-1]"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Call) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return self.source("Call")


@dataclass(frozen=True)
class Criterion:
    """A part of a task that earns points, all or none.

    Parameters
    ----------
    name : str
        What is asked, in words a student understands.
    points : float
        Earned when every call of this criterion matches the reference.
    calls : callable
        Given a `numpy.random.Generator`, proposes a list of `Call`.
    untouched : bool
        Changing an argument fails a call.
    """

    name: str
    points: float
    calls: Callable[[np.random.Generator], Sequence[Call]]
    untouched: bool = False


@dataclass(frozen=True)
class Mistake:
    """A known wrong behaviour, and what a good assistant says about it.

    Parameters
    ----------
    name : str
        Short; used in the class report.
    hint : str
        One sentence for the student: what is wrong and where to look.
    behaves_like : callable or tuple of callables
        Variations of the reference, with its signature. They may raise, or
        modify their arguments, as the student's code would. What one does
        under ``jax.jit``, if that is something else, is its attribute `jitted`.
    stateful : bool
        `behaves_like` is a factory without arguments; each sequence of calls
        gets a fresh behaviour, which sees all calls in the order asked.
    """

    name: str
    hint: str
    behaves_like: Behaviour | tuple[Behaviour, ...]
    stateful: bool = False

    @property
    def variants(self) -> tuple[Behaviour, ...]:
        """The behaviours, as a tuple."""
        if isinstance(self.behaves_like, tuple):
            return self.behaves_like
        return (self.behaves_like,)

    def observations(self, calls: Sequence[Call]) -> list[list[Json]]:
        """What each variant would be seen doing on `calls`; one list a variant."""
        return [self._observe(variant, calls) for variant in self.variants]

    def _observe(self, variant: Behaviour, calls: Sequence[Call]) -> list[Json]:
        if not self.stateful:
            return [_observe_quietly(variant, call) for call in calls]
        behaviour = variant()
        order = sorted(range(len(calls)), key=lambda k: calls[k].index)
        seen = {k: _observe_quietly(behaviour, calls[k]) for k in order}
        return [seen[k] for k in range(len(calls))]


@dataclass(frozen=True)
class Task:
    """What is asked of a student, and how an answer is judged.

    Parameters
    ----------
    reference : callable
        The right answer; the task has its name.
    criteria : sequence of Criterion
    mistakes : sequence of Mistake
    rtol, atol : float
        Values a and b agree if ``|a - b| <= atol + rtol max(|a|, |b|)``.
    precision : {"float32", "float64"}
        What a fair call allows a student to compute in.
    untouched : bool
        Changing an argument fails every criterion, not only those that say so.
    indistinguishable : sequence of pairs of str
        Mistakes that really compute the same.
    library : {"torch", "np", "jnp"}
        How functions are spelled in a call shown to a student.
    result : {"", "belief"}
        What a result is, if its picture is to show more than numbers: a belief is a mean and a
        variance, or a mean vector and a covariance matrix. Two arguments (the first two, or the
        next after one left over) are the belief before, if they are one; the two after them a
        measurement and its variance.

    Raises
    ------
    TaskError
        If names repeat or points are not positive.
    """

    reference: Behaviour
    criteria: Sequence[Criterion]
    mistakes: Sequence[Mistake] = ()
    rtol: float = 1e-4
    atol: float = 1e-5
    precision: str = "float32"
    untouched: bool = False
    indistinguishable: Iterable[tuple[str, str]] = ()
    library: str = "torch"
    result: str = ""
    _pairs: frozenset[frozenset[str]] = field(init=False, repr=False, default=frozenset())

    def __post_init__(self) -> None:
        for what, names in (
            ("criteria", [c.name for c in self.criteria]),
            ("mistakes", [m.name for m in self.mistakes]),
        ):
            if len(set(names)) != len(names):
                raise TaskError(f"task {self.name}: two {what} have the same name")
        if not self.criteria or any(c.points <= 0 for c in self.criteria):
            raise TaskError(f"task {self.name}: needs criteria, each with points above 0")
        if self.precision not in ("float32", "float64"):
            raise TaskError(f"task {self.name}: precision is 'float32' or 'float64'")
        if self.result not in ("", "belief"):
            raise TaskError(f"task {self.name}: result is '' or 'belief'")
        pairs = frozenset(frozenset(pair) for pair in self.indistinguishable)
        unknown = {name for pair in pairs for name in pair} - {m.name for m in self.mistakes}
        if unknown:
            raise TaskError(f"task {self.name}: indistinguishable names no mistake: {unknown}")
        object.__setattr__(self, "_pairs", pairs)

    @property
    def name(self) -> str:
        """The function's name, and the solution cell's ``grade_id``."""
        return self.reference.__name__

    @property
    def points(self) -> float:
        """The sum over the criteria."""
        return sum(criterion.points for criterion in self.criteria)

    @cached_property
    def expected(self) -> Callable[[Call], Json]:
        """The reference's observation of a call (remembered, as it is pure)."""
        remembered = lru_cache(maxsize=4096)(self._expected)
        return lambda call: remembered(call.key)

    def _expected(self, key: str) -> Json:
        return _own(self.reference, json.loads(key))

    def behaviours(self, calls: Sequence[Call]) -> list[tuple[Mistake, list[Json]]]:
        """What each variant of each mistake would be seen doing on `calls`."""
        return self._simulated(tuple(call.asked_by("", call.index) for call in calls))

    @cached_property
    def _simulated(self) -> Callable[[tuple[Call, ...]], list[tuple[Mistake, list[Json]]]]:
        # A grading run asks nearly every submission the same.
        return lru_cache(maxsize=32)(self._simulate)

    def _simulate(self, calls: tuple[Call, ...]) -> list[tuple[Mistake, list[Json]]]:
        return [
            (mistake, seen) for mistake in self.mistakes for seen in mistake.observations(calls)
        ]

    def draw(self, seed: int, tries: int = MAX_TRIES) -> list[Call]:
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
            rng = np.random.default_rng([seed, zlib.crc32(self.name.encode()), attempt])
            calls: list[Call] = []
            problem = ""
            for criterion in self.criteria:
                proposed = list(criterion.calls(rng))
                reasons = [self.unfair(call) for call in proposed]
                kept = [c for c, why in zip(proposed, reasons, strict=True) if not why]
                if not kept:
                    problem = f"no call of the criterion {criterion.name!r} is fair: " + (
                        reasons[0] if reasons else "it proposes none"
                    )
                    break
                calls += [c.asked_by(criterion.name, len(calls) + k) for k, c in enumerate(kept)]
            problem = problem or self.untelling(calls)
            if not problem:
                return calls
        raise CannotDraw(
            f"task {self.name}: no usable set of calls in {tries} tries with seed {seed}; "
            f"in the last, {problem}. Change what the criteria propose, or the mistake."
        )

    def unfair(self, call: Call) -> str:
        """Why a right answer could be marked wrong on `call`, or ``""``."""
        expected = self.expected(call)
        if "error" in expected:
            error = expected["error"]
            return f"the reference raises {error['type']} on {call!r}: {error['message']}"
        if expected.keys().isdisjoint(("values", "parts", "text")):
            return f"the reference returns nothing that can be compared on {call!r}"
        parts = expected.get("parts", [expected])
        if any(isinstance(value, str) for part in parts for value in part.get("values", ())):
            return f"the reference is not finite on {call!r}"
        for how, variant in self._variations(call):
            other = _own(self.reference_on(variant), call.question)
            if not self.agree(call, expected, other, FAIR):
                return f"{how} changes the reference's answer on {call!r}"
        return ""

    def reference_on(self, variant: Callable[[Any], Any]) -> Behaviour:
        """The reference, with `variant` applied to each argument first."""

        def varied(function: Behaviour) -> Behaviour:
            def on(*arguments: Any) -> Any:
                result = function(*map(variant, arguments))
                return varied(result) if callable(result) else result

            return on

        return varied(self.reference)

    def _variations(self, call: Call) -> Iterable[tuple[str, Callable[[Any], Any]]]:
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

        if any("function" in a for a in call.args if isinstance(a, dict)):
            yield "adding up in another order", reordered
            yield f"noise of {NOISE:g}, as finite differences have it,", nudged
        if self.precision == "float32":
            yield "rounding to float32", rounded

    def untelling(self, calls: Sequence[Call]) -> str:
        """Which known mistake `calls` do not reveal, or ``""``."""
        expected = [self.expected(call) for call in calls]
        behaviours = self.behaviours(calls)
        for mistake, group in groupby(behaviours, key=itemgetter(0)):
            variants = [observed for _, observed in group]
            for number, observed in enumerate(variants, start=1):
                if all(map(self.agree, calls, expected, observed, repeat(TELLING))):
                    which = f" (variant {number})" if len(variants) > 1 else ""
                    return f"the mistake {mistake.name!r}{which} cannot be told from the reference"
        for (first, a), (second, b) in combinations(behaviours, 2):
            names = frozenset((first.name, second.name))
            if len(names) == 2 and names not in self._pairs and all(map(self.agree, calls, a, b)):
                return f"the mistakes {first.name!r} and {second.name!r} cannot be told apart"
        return ""

    def agree(self, call: Call, a: Any, b: Any, scale: float = 1.0) -> bool:
        """Whether two observations of `call` are the same, to `scale` times the tolerance."""
        if bool(_get(a, "mutated")) != bool(_get(b, "mutated")) and self.minds_changes(call):
            return False
        return matches(a, b, self.rtol * scale, self.atol * scale)

    def minds_changes(self, call: Call) -> bool:
        """Whether `call` fails if it changes an argument."""
        return self.untouched or call.criterion in self._untouched

    @cached_property
    def _untouched(self) -> frozenset[str]:
        return frozenset(criterion.name for criterion in self.criteria if criterion.untouched)

    def with_criteria(self, criteria: Sequence[Criterion]) -> Task:
        """The same task with other criteria (for tests and for trying out)."""
        return replace(self, criteria=criteria)


def matches(a: Any, b: Any, rtol: float, atol: float) -> bool:
    """Whether two observations agree: kind, shape, then values.

    Symmetric in its arguments, and defined (False) for any JSON at all.
    Errors agree when their types do. Numbers that are not finite, or blown up
    beyond 1e30, agree only with such numbers.
    """
    if not isinstance(a, dict) or not isinstance(b, dict):
        return False
    if "parts" in a or "parts" in b:
        return _same_parts(a, b, rtol, atol)
    if "values" not in a or "values" not in b:
        return _same_kind(a, b)
    if _ends_apart(a["values"], b["values"], rtol, atol):
        return False
    x, y = _shaped(a), _shaped(b)
    if x is None or y is None or not _OTHER_KINDS.isdisjoint(a.keys() | b.keys()):
        return False
    # One-element tensors, appended step by step, are numbers to their author.
    if x[0] != y[0]:
        loose = (a.get("singletons") and x[0] == [*y[0], 1]) or (
            b.get("singletons") and y[0] == [*x[0], 1]
        )
        if not loose:
            return False
    # Plain floats, as most comparisons of a draw end at the first number.
    try:
        return all(_close(p, q, rtol, atol) for p, q in zip(x[1], y[1], strict=True))
    except (TypeError, ValueError, OverflowError):
        return False


def _ends_apart(x: Any, y: Any, rtol: float, atol: float) -> bool:
    """Whether two lists of numbers plainly differ at their ends.

    Most comparisons are of different walks from the same start, and end here.
    """
    if type(x) is not list or type(y) is not list or not x or not y:
        return False
    p, q = x[-1], y[-1]
    return type(p) is float and type(q) is float and not _close(p, q, rtol, atol)


#: What an observation may hold instead of values.
_OTHER_KINDS = frozenset(("error", "text", "nothing", "unsupported"))


def _same_parts(a: Json, b: Json, rtol: float, atol: float) -> bool:
    """Whether two observations are pairs, of numbers and nothing else, that agree one by one."""
    pairs = [_parts(a), _parts(b)]
    if [] in pairs:
        return False
    return all(matches(p, q, rtol, atol) for p, q in zip(*pairs, strict=True))


def _parts(observation: Any) -> list[Json]:
    """The two parts of an observation, each with values; empty if it is no such pair."""
    parts = _get(observation, "parts")
    if not isinstance(parts, list) or len(parts) != 2:
        return []
    if "values" in observation or not _OTHER_KINDS.isdisjoint(observation):
        return []
    plain = all(isinstance(p, dict) and "values" in p and "parts" not in p for p in parts)
    return parts if plain else []


def _same_kind(a: Json, b: Json) -> bool:
    """Whether two observations without values say the same."""
    (kind,) = found if len(found := _OTHER_KINDS & a.keys()) == 1 else ("",)
    if _OTHER_KINDS & b.keys() != {kind}:
        return False
    if kind == "error":
        a, b, kind = _get(a, kind), _get(b, kind), "type"
    one, other = _get(a, kind), _get(b, kind)
    return isinstance(one, (str, bool)) and type(one) is type(other) and bool(one == other)


def _close(p: Any, q: Any, rtol: float, atol: float) -> bool:
    p = p if type(p) is float else _as_float(p)
    q = q if type(q) is float else _as_float(q)
    tame_p, tame_q = abs(p) < BLOWN_UP, abs(q) < BLOWN_UP
    if not (tame_p and tame_q):
        return bool(tame_p == tame_q)
    return bool(abs(p - q) <= atol + rtol * max(abs(p), abs(q)))


def _shaped(observation: Any) -> tuple[list[int], list[Any]] | None:
    """Shape and flat values of an observation, if they are lists that fit each other."""
    shape, values = _get(observation, "shape"), _get(observation, "values")
    if not isinstance(shape, list) or not isinstance(values, list) or len(shape) > 8:
        return None
    size = 1
    for length in shape:
        if type(length) is not int or length < 0:
            return None
        size *= length
    return (shape, values) if size == len(values) else None


def as_array(observation: Any) -> np.ndarray | None:
    """The values of an observation as an array, or None if it has none.

    Never raises, whatever JSON the student's process may have sent.
    """
    shaped = _shaped(observation)
    if shaped is None:
        return None
    try:
        return np.array([_as_float(v) for v in shaped[1]], dtype=np.float64).reshape(shaped[0])
    except (TypeError, ValueError, OverflowError):
        return None


def as_arrays(observation: Any) -> list[np.ndarray]:
    """The arrays of an observation: one, the two of a pair, or none. Never raises either."""
    parts = _parts(observation) or [observation]
    arrays = [array for part in parts if (array := as_array(part)) is not None]
    return arrays if len(arrays) == len(parts) else []


def _as_float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError(f"not a number but a {type(value).__name__}")
    if isinstance(value, str) and value not in ("nan", "inf", "-inf"):
        raise ValueError("not a number but a text")
    return float(value)


def _get(data: Any, key: str) -> Any:
    return data.get(key) if isinstance(data, dict) else None


def _observe_quietly(behaviour: Behaviour, call: Call) -> Json:
    with np.errstate(all="ignore"):
        return _own(behaviour, call.to_json())


def _own(behaviour: Behaviour, call: Json) -> Json:
    """Observe code of ours: Ctrl-C is for the program, not an error of the reference.

    Without how long it took, so that a verdict is the same whenever it is reached.
    And without JAX: what is asked under ``jax.jit`` has the same answer without it.
    """
    if "jit" in call:
        behaviour = getattr(behaviour, "jitted", behaviour)
        call = {name: value for name, value in call.items() if name != "jit"}
    observation = observe_call(behaviour, call)
    del observation["seconds"]
    if _get(observation.get("error"), "type") == "KeyboardInterrupt":
        raise KeyboardInterrupt
    return observation
