"""What is in hand: submissions on their way, each at a piece of work in a thread.

It outlives the times for which the gradebook is held: who takes long keeps it from nobody. Knows
threads and turns; what is done there it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any, NamedTuple

from autograder.grading.pace import Pace, Turn
from autograder.watching.arrivals import Arrival
from autograder.watching.jobs import Way

__all__ = ["Hand", "Hands"]


class Hand(NamedTuple):
    """A submission in hand."""

    arrival: Arrival
    way: Way[None]


class Hands:
    """All that are in hand.

    Parameters
    ----------
    jobs : int
        How many at a time; see `autograder.grading.pace`.
    """

    def __init__(self, jobs: int) -> None:
        self._pace = Pace(jobs)
        self._pool: ThreadPoolExecutor | None = None
        self._at: dict[Future[Any], Hand] = {}

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """There are threads; what they are at when this is left is waited for, and forgotten."""
        with ThreadPoolExecutor(self._pace.most) as self._pool:
            yield
        self._at.clear()

    def __len__(self) -> int:
        return len(self._at)

    @property
    def free(self) -> bool:
        """Whether another can be begun."""
        return self._pace.free

    @property
    def only_long(self) -> bool:
        """Whether there is nothing in hand but what takes long."""
        return self._pace.only_long

    @property
    def waiting(self) -> bool:
        """Whether one of them wants to be taken on."""
        return any(future.done() for future in self._at)

    @property
    def students(self) -> set[str]:
        """Whose they are."""
        return {hand.arrival.student for hand in self._at.values()}

    def take(self, arrival: Arrival, way: Way[None]) -> Hand:
        """Take one in hand, until its way is at its end."""
        return Hand(arrival, self._all_of(way, self._pace.begin()))

    def _all_of(self, way: Way[None], turn: Turn) -> Way[None]:
        try:
            yield from way
        finally:
            self._pace.end(turn)

    def give(self, hand: Hand, work: Callable[[], Any]) -> None:
        """Have a piece of work done for it."""
        assert self._pool is not None
        self._at[self._pool.submit(work)] = hand

    def done(self, seconds: float) -> list[tuple[Hand, Future[Any]]]:
        """Those whose work is done, at the latest after so many seconds."""
        done, _ = wait(self._at, seconds, FIRST_COMPLETED)
        return [(self._at.pop(future), future) for future in done]
