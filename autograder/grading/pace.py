"""How many are in hand at the same time: who takes long holds nobody else up.

A turn that takes much longer than others do does not count any more: another is begun beside it,
up to as many again. What such a turn may use stays the same, and its kernel lets the others go
first (`autograder.kernels.yielding`). Knows times; what is done in a turn it does not know.
"""

from __future__ import annotations

import time
from collections import deque
from statistics import median

__all__ = ["Pace", "Turn"]

#: A turn that takes so many seconds, and so many times what most of the last ones took, is long.
_LONG, _TIMES, _REMEMBERED = 10.0, 3.0, 50


class Turn:
    """One that is in hand, since when."""

    def __init__(self) -> None:
        self.began = time.monotonic()


class Pace:
    """The turns that are in hand.

    Parameters
    ----------
    jobs : int
        How many of them count at most.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        #: How many there can be, long ones included.
        self.most = 2 * jobs
        self._turns: set[Turn] = set()
        self._took: deque[float] = deque(maxlen=_REMEMBERED)

    def begin(self) -> Turn:
        """Another is in hand."""
        turn = Turn()
        self._turns.add(turn)
        return turn

    def end(self, turn: Turn) -> None:
        """One less is."""
        self._turns.discard(turn)
        self._took.append(time.monotonic() - turn.began)

    @property
    def free(self) -> bool:
        """Whether another can be begun."""
        return len(self._turns) - min(self._long, self.jobs) < self.jobs

    @property
    def only_long(self) -> bool:
        """Whether there is nothing in hand but what takes long."""
        return self._long == len(self._turns)

    @property
    def _long(self) -> int:
        limit = max(_LONG, _TIMES * median(self._took or [0.0]))
        before = time.monotonic() - limit
        return sum(turn.began < before for turn in self._turns)
