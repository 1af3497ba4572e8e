"""How long something may take, whoever else is at work on this machine.

A second counts if the kernel had it: waiting for a processor that others use is not held against
anybody, up to a limit. So neighbours, and being put behind them, cost no points. Knows clocks; no
kernels.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["Deadline", "waited"]

#: On the clock it may take so many times as long at most: more than being put behind costs
#: (`autograder.kernels.yielding`), so that nobody has less time for it.
_MOST = 5.0


class Deadline:
    """The end of a time that begins now.

    Parameters
    ----------
    seconds : float
    waited : callable
        How many seconds of waiting do not count, so far; it only grows.
    """

    def __init__(self, seconds: float, waited: Callable[[], float]) -> None:
        self._waited = waited
        self._before = waited()
        began = time.monotonic()
        self._ends, self._last = began + seconds, began + _MOST * seconds

    def remaining(self) -> float:
        """Seconds until then, as far as is known now; 0 or less when time is up."""
        left = self._ends - time.monotonic()
        if left <= 0:
            now = max(self._waited(), self._before)
            self._ends = min(self._ends + now - self._before, self._last)
            self._before = now
            left = self._ends - time.monotonic()
        return left


def waited(pid: int) -> float:
    """Seconds for which a process's main thread was ready to run, and others ran.

    As the system counts it; 0 where it doesn't, or the process has gone.
    """
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_bytes().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
