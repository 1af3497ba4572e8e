"""Tasks: a reference, the criteria that earn points, and the mistakes that are known.

It knows calls and observations; how calls are drawn stands in `drawing`, how a verdict is reached
in `judge`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from autograder.errors import AutograderError, TaskError
from autograder.marking.agreement import field_of, matches, same_shape
from autograder.marking.calls import Behaviour, Call, observe_freely, observe_own
from autograder.marking.clock import timed
from autograder.marking.criteria import Criterion, Mistake
from autograder.marking.drawing import MAX_TRIES, draw
from autograder.marking.models import Modelled
from autograder.marking.places import place_of
from autograder.marking.properties import breach, is_particular, raised
from autograder.observation.arguments import paste

__all__ = ["Task"]

Json = dict[str, Any]


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
        A belief (a mean and a variance, or a mean vector and a covariance matrix) is drawn as one.
        Two arguments (the first two, or the next after one left over) are the belief before, if
        they are one; the two after them a measurement and its variance.
    parts : sequence of str
        What a result consists of, along its first axis or as a tuple: ``("midpoints", "slopes")``.
    reveal : bool
        Whether feedback says what was expected. Not, where the answer is one and the same value.
    columns : sequence of str
        What the columns of a table are, along its last axis.
    by_name : bool
        Whether who has the parameters in another order, which is no known mistake, gets them so.
    handed, beforehand : str
        The expression that the test cell hands over in place of the function, and the lines that
        stand before it. Nobody writes them here: they are read from the notebook.

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
    parts: Sequence[str] = ()
    columns: Sequence[str] = ()
    reveal: bool = True
    by_name: bool = True
    handed: str = ""
    beforehand: str = ""
    pairs: frozenset[frozenset[str]] = field(init=False, repr=False, default=frozenset())

    def __post_init__(self) -> None:
        if not hasattr(self.reference, "__name__"):
            raise TaskError(
                f"the reference {self.reference!r:.60}: it is a function, def name(...), and the "
                "task has its name"
            )
        for what, kind in (("criteria", Criterion), ("mistakes", Mistake)):
            listed = getattr(self, what)
            if not isinstance(listed, Sequence) or not all(isinstance(o, kind) for o in listed):
                raise TaskError(f"task {self.name}: {what} is a list, [{kind.__name__}(...), ...]")
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
        for criterion in self.criteria:
            if criterion.raises and (criterion.holds or not is_particular(criterion.raises)):
                raise TaskError(
                    f"task {self.name}: the criterion {criterion.name!r} asks for "
                    f"{criterion.raises!r}; it has to be a builtin error other than Exception and "
                    "NotImplementedError, and not beside a property"
                )
        for mistake in self.mistakes:
            if mistake.costs is not None and not 0 < mistake.costs <= self.points:
                raise TaskError(
                    f"task {self.name}: the mistake {mistake.name!r} costs {mistake.costs:g} of "
                    f"{self.points:g} points; it has to cost more than 0, and not more than all"
                )
        pairs = frozenset(frozenset(pair) for pair in self.indistinguishable)
        unknown = {name for pair in pairs for name in pair} - {m.name for m in self.mistakes}
        if unknown:
            raise TaskError(f"task {self.name}: indistinguishable names no mistake: {unknown}")
        object.__setattr__(self, "pairs", pairs)

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
        return observe_own(self.reference, json.loads(key))

    def behaviours(self, calls: Sequence[Call]) -> list[tuple[Mistake, Modelled]]:
        """What each variant of each mistake would be seen doing on `calls`."""
        return self._modelled(tuple(call.asked_by("", call.index) for call in calls))

    @cached_property
    def _modelled(self) -> Callable[[tuple[Call, ...]], list[tuple[Mistake, Modelled]]]:
        # A grading run asks nearly every submission the same; more is only kept in memory.
        return lru_cache(maxsize=4)(
            lambda calls: [
                (mistake, seen) for mistake in self.mistakes for seen in mistake.modelled(calls)
            ]
        )

    def doubles(
        self, calls: Sequence[Call], seen: Sequence[Any]
    ) -> Iterator[tuple[tuple[Mistake, Mistake], Callable[[int], Json]]]:
        """Two mistakes at once: one, and another that can be made on top of any.

        Only those whose record has the shape of what was seen.

        Yields
        ------
        (Mistake, Mistake), callable
            The two, and what they would be seen doing together on call k; worked out when asked.
        """
        for second in reversed(self.mistakes):  # what is recorded stands below what is computed
            for alter in second.alters:
                alone = [self._altered(alter, self.reference, call.key) for call in calls]
                if not all(map(same_shape, alone, seen)):
                    continue
                for first in self.mistakes:
                    if first is second or first.stateful:
                        continue
                    for variant in first.variants:
                        yield (first, second), self._together(alter, variant, calls)

    def _together(
        self, alter: Callable[[Behaviour], Behaviour], variant: Behaviour, calls: Sequence[Call]
    ) -> Callable[[int], Json]:
        return lambda k: self._altered(alter, variant, calls[k].key)

    @cached_property
    def _altered(self) -> Callable[[Any, Any, str], Json]:
        def observe(alter: Any, variant: Behaviour, key: str) -> Json:
            return observe_freely(alter(variant), Call.from_json(json.loads(key)))

        return lru_cache(maxsize=8192)(observe)  # one draw has two thousand at most

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
        TaskError
            If what proposes the calls, or a mistake, fails itself, or does not come to an end.
        """
        drawn = self._drawn(seed, tries)
        if isinstance(drawn, AutograderError):
            raise drawn.with_traceback(None)
        return list(drawn)

    @cached_property
    def _drawn(self) -> Callable[[int, int], list[Call] | AutograderError]:
        # A check draws some twenty times, and looks at the course's own draw again and again.
        return lru_cache(maxsize=32)(self._draw)

    def _draw(self, seed: int, tries: int) -> list[Call] | AutograderError:
        """Calls, or why there are none: that is remembered, too, as it may take as long again."""
        try:
            with timed(f"calls were drawn for the task {self.name}"):
                return draw(self, seed, tries)
        except AutograderError as error:
            return error
        except Exception as error:
            return TaskError(
                f"{place_of(error)}: {type(error).__name__}: {error}, while calls were drawn for "
                f"the task {self.name}. Mend that line, and run: autograder check"
            )

    def agree(self, call: Call, a: Any, b: Any, scale: float = 1.0) -> bool:
        """Whether two observations of `call` are the same, to `scale` times the tolerance."""
        if not matches(a, b, self.rtol * scale, self.atol * scale):
            return False
        # Looked at last, as most comparisons of a draw are of different results.
        same = bool(field_of(a, "mutated")) == bool(field_of(b, "mutated"))
        return same or not self.minds_changes(call)

    def breach(self, call: Call, observed: Any, scale: float = 1.0) -> str | None:
        """Why what was observed does not earn `call`, ``""`` without words; None if it does."""
        criterion = self._by_name.get(call.criterion)
        if criterion is None or not (criterion.holds or criterion.raises):
            return None if self.agree(call, self.expected(call), observed, scale) else ""
        if self.minds_changes(call) and field_of(observed, "mutated"):
            return ""
        if criterion.holds:
            return breach(criterion.holds, call, observed)
        return raised(criterion.raises, observed)

    def source(self, call: Call, spell: Callable[[Any, str], str] = paste) -> str:
        """`call` as a student could type it, of what the test cell hands over."""
        return call.source(self.name, self.library, spell, self.handed)

    def asks(self, call: Call) -> str:
        """What `call` asks for beside equality: ``"holds"``, ``"raises"``, or nothing."""
        criterion = self._by_name.get(call.criterion)
        if criterion is None:
            return ""
        return "holds" if criterion.holds else "raises" if criterion.raises else ""

    def shown(self, call: Call) -> Json | None:
        """What feedback may say was expected of `call`; None if nothing."""
        return self.expected(call) if self.reveal and self.asks(call) != "holds" else None

    @cached_property
    def _by_name(self) -> dict[str, Criterion]:
        return {criterion.name: criterion for criterion in self.criteria}

    def minds_changes(self, call: Call) -> bool:
        """Whether `call` fails if it changes an argument."""
        return self.untouched or call.criterion in self._untouched

    def reported(self, calls: Iterable[Call]) -> dict[str, list[str]]:
        """What of a verdict rests on the word of the student's own process, by criterion."""
        found: dict[str, list[str]] = {}
        for call in calls:
            claims = {
                "whether an argument was changed": self.minds_changes(call),
                "whether it ran under jax.jit": "jit" in call.question,
            }
            said = found.setdefault(call.criterion, [])
            said += [claim for claim, is_one in claims.items() if is_one and claim not in said]
        return {criterion: said for criterion, said in found.items() if said}

    @cached_property
    def _untouched(self) -> frozenset[str]:
        return frozenset(criterion.name for criterion in self.criteria if criterion.untouched)
