"""What a kernel prints and publishes, on its way to the grader.

It is sent from a thread of its own, so that nothing that interrupts a cell leaves half a message
behind. ipykernel hands over to that thread by two sockets and an event loop; here a queue does.
Lives in the student's process; knows no cells.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ipykernel.iostream import BackgroundSocket, IOPubThread, OutStream

from autograder.kernels.wire import Wire

__all__ = ["Publisher", "Stream", "TooMuchOutput"]


class TooMuchOutput(KeyboardInterrupt):
    """A cell prints without end: it stops as if it were told to."""


class Publisher(IOPubThread):
    """Sends what it is given, in order, and what was printed a while ago.

    It waits for who listens when that one is behind, and who publishes waits for this one: were
    something dropped, it could be the word that a cell is done.

    Parameters
    ----------
    wire : Wire
    """

    _most = 1000

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.background_socket = BackgroundSocket(self)
        self._pipe_flag, self._master_pid = False, os.getpid()
        self._steps: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._later: list[tuple[float, Callable[[], object]]] = []
        loop: Any = self  # a stream has it call later
        self.io_loop = loop
        self.thread = threading.Thread(target=self._work, name="IOPub", daemon=True)

    def send_multipart(self, parts: Sequence[bytes], *args: Any, **about: Any) -> None:
        """Send a message."""
        self.schedule(partial(self._send, parts))

    def _send(self, parts: Sequence[bytes]) -> None:
        try:
            self.wire.send(parts)
        except OSError:  # the code has closed it: of nothing more could be told how it ends
            os.abort()

    def schedule(self, f: Callable[[], object]) -> None:
        """Have something done in the thread, after what it was given before."""
        if not self.thread.is_alive():
            f()
            return
        self._steps.put(f)
        # In C, or by sleeping: a signal's handler may be here again meanwhile.
        while self._steps.qsize() > self._most and threading.current_thread() is not self.thread:
            time.sleep(0.001)

    def call_later(self, seconds: float, f: Callable[[], object]) -> None:
        """Have something done some time after now; to be called in the thread."""
        self._later.append((time.monotonic() + seconds, f))

    def _work(self) -> None:
        while True:
            due = min((when for when, _ in self._later), default=None)
            with contextlib.suppress(queue.Empty, Exception):
                wait = None if due is None else max(0.0, due - time.monotonic())
                self._steps.get(timeout=wait)()
            now = time.monotonic()
            ripe = [entry for entry in self._later if entry[0] <= now]
            self._later = [entry for entry in self._later if entry[0] > now]
            for _, step in ripe:
                with contextlib.suppress(Exception):
                    step()

    def stop(self) -> None:
        """It ends with the process."""


class Stream(OutStream):
    """Says nothing more when a cell has printed far more than the grader keeps of it.

    Then there is nothing to be read to its end before the next one; and what goes on to print a
    thousand times what is kept is stopped, rather than the cell's time waited for. (The grader
    has its own limit; this one is in the student's reach.)
    """

    _most = 1_000_000
    _flood = 100_000_000
    _room = _most

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._flushing = threading.RLock()
        super().__init__(*args, **kwargs)

    def set_parent(self, parent: Any) -> None:
        """Another cell: room again."""
        self._room = self._most
        super().set_parent(parent)

    def write(self, string: str) -> int:
        """As the base class, as long as there is room."""
        if not isinstance(string, str):
            return super().write(string) or 0
        if self._room > 0:
            super().write(string[: self._room])
        self._room -= len(string)
        if self._room < -self._flood:
            self._room = 0
            raise TooMuchOutput(f"a cell prints {self._flood // 1_000_000} MB at most")
        return len(string)

    def flush(self) -> None:
        """As the base class; it is called four times a cell, and asks another thread each time."""
        if self._flush_pending:
            super().flush()
        with self._flushing:  # what that thread has begun to send is on its way before all else
            pass

    def _flush(self) -> None:
        with self._flushing:
            super()._flush()
