"""A task as those see it who draw its calls, and ask whether they are fair and telling.

What they know of a task, and no more; `Task` is one, and knows how to be drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from autograder.marking.calls import Behaviour, Call

__all__ = ["Drawable"]

Json = dict[str, Any]


class Asker(Protocol):
    """A criterion, as far as they look at it."""

    @property
    def name(self) -> str:
        """What is asked, in words."""
        ...

    @property
    def calls(self) -> Callable[[np.random.Generator], Sequence[Call]]:
        """What proposes its calls, given a random generator."""
        ...


class Named(Protocol):
    """A mistake, as far as they look at it."""

    @property
    def name(self) -> str:
        """What it goes by in feedback and reports."""
        ...


class Drawable(Protocol):
    """A task, as far as they look at it."""

    @property
    def name(self) -> str:
        """Of the function that is asked for."""
        ...

    @property
    def reference(self) -> Behaviour:
        """The right answer."""
        ...

    @property
    def by_name(self) -> bool:
        """Whether who has its parameters in another order gets them by name."""
        ...

    @property
    def criteria(self) -> Sequence[Asker]:
        """What earns points."""
        ...

    @property
    def precision(self) -> str:
        """What a fair call allows a student to compute in."""
        ...

    @property
    def pairs(self) -> frozenset[frozenset[str]]:
        """Names of two mistakes each that need not be told apart."""
        ...

    @property
    def expected(self) -> Callable[[Call], Json]:
        """What the reference is seen doing on a call."""
        ...

    def behaviours(self, calls: Sequence[Call]) -> Sequence[tuple[Named, Sequence[Json]]]:
        """What each variant of each known mistake would be seen doing."""
        ...

    def agree(self, call: Call, a: Any, b: Any, scale: float = 1.0) -> bool:
        """Whether two observations of a call are the same, to `scale` times the tolerance."""
        ...

    @property
    def rtol(self) -> float:
        """The tolerance relative to the larger of two numbers, below 1."""
        ...

    @property
    def atol(self) -> float:
        """What is added to it."""
        ...

    def breach(self, call: Call, observed: Any, scale: float = 1.0) -> str | None:
        """Why an observation does not earn a call; None if it does."""
        ...

    def asks(self, call: Call) -> str:
        """What a call asks for beside equality; nothing, mostly."""
        ...

    def minds_changes(self, call: Call) -> bool:
        """Whether a call fails that changes an argument."""
        ...
