"""How a command that runs for long waits: for a signal to stop, and after something went wrong.

Knows nothing of what it is that runs.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Rests", "told_to_stop"]

#: After a fault of the grader or the machine the next try comes so many seconds later, at
#: first; then twice as many each time, up to the second number.
REST = (30.0, 3600.0)


@dataclass
class Rests:
    """What is left alone for a while, after something went wrong."""

    until: dict[str, float] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def put(self, name: str) -> float:
        """Leave `name` alone; for how many seconds."""
        seconds = float(min(REST[0] * 2 ** self.times[name], REST[1]))
        self.times[name] += 1
        self.until[name] = time.monotonic() + seconds
        return seconds

    def __contains__(self, name: str) -> bool:
        return self.until.get(name, 0.0) > time.monotonic()

    def forget(self, name: str) -> None:
        """It is all right again."""
        self.until.pop(name, None)
        self.times.pop(name, None)


@contextmanager
def told_to_stop(stop: threading.Event) -> Iterator[list[int]]:
    """Ctrl-C and SIGTERM ask to stop; a second one stops at once, as `kill -9` would.

    An exception in the middle of anything could be lost: in a destructor, in a callback of a weak
    reference. A flag that is looked at cannot.
    """
    heard: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield heard  # no thread but the main one hears signals
        return

    def hear(number: int, _: Any) -> None:
        heard.append(number)
        if stop.is_set():
            print("\nautograder: stopped at once; nothing is lost.", file=sys.stderr, flush=True)
            os._exit(128 + number)
        stop.set()

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, hear) for number in numbers]
    try:
        yield heard
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
