"""What a task's author writes: the criteria that earn points, and the mistakes that are known.

Knows calls and what is observed of them; how they make a task stands in `task`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from autograder.errors import TaskError
from autograder.marking.calls import Behaviour, Call
from autograder.marking.models import Modelled
from autograder.marking.properties import Property

__all__ = ["Criterion", "Mistake"]

Json = dict[str, Any]


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
    holds : callable, optional
        Instead of comparing with the reference: given a call and its plain result (numbers are
        floats or arrays), True or None if all is well, else False, or as text why not.
    raises : str, optional
        Instead of that: the builtin error that has to be raised, or a kind of it.
    """

    name: str
    points: float
    calls: Callable[[np.random.Generator], Sequence[Call]]
    untouched: bool = False
    holds: Property | None = None
    raises: str = ""

    def __post_init__(self) -> None:
        for what, is_so, wanted in (
            ("points", isinstance(self.points, Real), "a number"),
            ("calls", callable(self.calls), "a function that is given a random generator"),
            ("holds", self.holds is None or callable(self.holds), "a function of call and result"),
            ("raises", isinstance(self.raises, str), "a name as text, raises='ValueError'"),
        ):
            if not is_so:
                found = repr(getattr(self, what))
                raise TaskError(
                    f"the criterion {self.name!r}: {what} is {wanted}, and not {found:.60}"
                )


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
    costs : float, optional
        Points that a submission loses which is this mistake and nothing else, however many
        criteria the slip spoils. Without it, every criterion that fails is lost.
    alters : tuple of callables
        For a mistake of what is asked or of what is recorded, not of what is computed: each takes
        a behaviour and gives it with this mistake made on top. So it is recognised together with
        another one.
    """

    name: str
    hint: str
    behaves_like: Behaviour | tuple[Behaviour, ...]
    stateful: bool = False
    costs: float | None = None
    alters: tuple[Callable[[Behaviour], Behaviour], ...] = ()

    def __post_init__(self) -> None:
        # What cannot be called would "raise a TypeError", and be found in work that does.
        if not self.variants or not all(map(callable, self.variants)):
            raise TaskError(
                f"the mistake {self.name!r}: behaves_like is a function, or a tuple of functions"
            )

    @property
    def variants(self) -> tuple[Behaviour, ...]:
        """The behaviours, as a tuple."""
        if isinstance(self.behaves_like, tuple):
            return self.behaves_like
        return (self.behaves_like,)

    def modelled(self, calls: Sequence[Call]) -> list[Modelled]:
        """What each variant would be seen doing on `calls`, worked out when it is looked at."""
        return [Modelled(variant, calls, self.stateful) for variant in self.variants]

    def observations(self, calls: Sequence[Call]) -> list[list[Json]]:
        """What each variant would be seen doing on `calls`; one list a variant."""
        return [list(seen) for seen in self.modelled(calls)]
