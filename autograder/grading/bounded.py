"""A place of its own for what reads hostile work: a process that can be killed, with limits.

Whatever a student wrote, put out or returned is parsed, judged and drawn there, so that it costs
nobody else a second or a byte: neither the kernels of others, whose deadlines the grader watches,
nor the grader's memory. Within `places` the processes are warm, one for each submission in hand;
elsewhere each piece of work has one of its own. Knows functions and limits; no notebooks.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ParamSpec, Protocol, TypeVar

from autograder.errors import GraderFault, Overrun
from autograder.grading.stem import become, hands, stem

__all__ = ["Bounds", "Run", "place", "places", "run"]

P = ParamSpec("P")
T = TypeVar("T")

#: The machine is shared: a second of the processor may take so many on the clock.
_PATIENCE = 30
#: What comes back is never larger, in bytes.
_MOST = 100_000_000
#: A process that has done so much, 200 submissions, is let go; what it has cached goes with it.
_ENOUGH = 600


@dataclass(frozen=True)
class Bounds:
    """What one piece of work may use: seconds of the processor, and megabytes of its own."""

    what: str
    seconds: int
    megabytes: int


class Run(Protocol):
    """Calls a function within bounds; it and all that goes in or out must pickle."""

    def __call__(
        self, bounds: Bounds, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what the function does, or raise what it raises.

        Raises
        ------
        Overrun
            If it needs more than it may.
        """
        ...


#: filelock, which torch imports, refuses a fork while another thread is at one.
_forking = threading.RLock()  # a worker may fork too


class _Killed(Exception):
    """A worker was killed, and not from here: by the system, when it has no memory left."""


class _Worker:
    """A process that works on one thing at a time, seen from the grader."""

    def __init__(self, stem: _Stem | None) -> None:
        self._line, theirs = socket.socketpair()
        self._stem = stem
        self.done = 0
        if stem is None:
            with _forking:
                self._pid = os.fork()
                if not self._pid:
                    become(theirs)
        else:
            self._pid = stem.fork(theirs)
        theirs.close()

    def call(self, bounds: Bounds, function: Any, args: Any, kwargs: Any) -> Any:
        """Have something done; after `Overrun` or `_Killed` this worker is gone."""
        self.done += 1
        self._line.settimeout(bounds.seconds * _PATIENCE)
        try:
            order = (function, args, kwargs, bounds.seconds, bounds.megabytes)
            hands(self._line, pickle.dumps(order))
            (size,) = struct.unpack("!Q", self._received(8))
            if size > _MOST:
                raise MemoryError
            well, answer = pickle.loads(self._received(size))
        except (OSError, EOFError, MemoryError) as error:
            status = self.end()
            if isinstance(error, EOFError | ConnectionError) and status == -signal.SIGKILL:
                raise _Killed from None
            late = isinstance(error, TimeoutError) or status == -signal.SIGXCPU
            limit = f"{bounds.seconds} s" if late else f"{bounds.megabytes} MB"
            raise Overrun(f"{bounds.what} takes more than {limit}") from None
        except BaseException:
            self.end()  # what it is doing is of no use to anybody
            raise
        if well:
            return answer
        if isinstance(answer, MemoryError):
            self.end()
            raise Overrun(f"{bounds.what} takes more than {bounds.megabytes} MB") from None
        raise answer

    def _received(self, size: int) -> bytearray:
        content = bytearray(size)
        view = memoryview(content)
        while view:
            count = self._line.recv_into(view)
            if not count:
                raise EOFError
            view = view[count:]
        return content

    @property
    def alive(self) -> bool:
        """Whether it can be given something to do."""
        return self._line.fileno() >= 0

    def let_go(self) -> None:
        """Hear no more of it."""
        self._line.close()

    def end(self) -> int:
        """End the process, whatever it is doing; its exit status, negative for a signal."""
        if not self.alive:
            return 0
        self.let_go()
        if self._stem is not None:
            return self._stem.end(self._pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])


class _Stem:
    """A process that does nothing but fork workers, so that no thread is ever forked in two."""

    def __init__(self, first: Callable[[], object]) -> None:
        self._line, theirs = socket.socketpair()
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._pid = os.fork()
        if not self._pid:
            self._line.close()
            stem(theirs, first)
        theirs.close()

    def fork(self, theirs: socket.socket) -> int:
        with self._lock:
            socket.send_fds(self._line, [b"fork    "], [theirs.fileno()])
            return self._answer()

    def end(self, pid: int) -> int:
        with self._lock:
            self._line.sendall(b"%8d" % pid)
            return self._answer()

    def _answer(self) -> int:
        answer = self._line.recv(8, socket.MSG_WAITALL)
        if len(answer) < 8:
            raise GraderFault("the process that reads what was submitted has ended")
        return int(answer)

    def hire(self) -> _Worker:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return _Worker(self)

    def dismiss(self, worker: _Worker) -> None:
        if worker.done >= _ENOUGH:
            worker.end()
        elif worker.alive:
            with self._lock:
                self._idle.append(worker)

    def close(self) -> None:
        """End it; its workers end with it."""
        self._line.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)
        for worker in self._idle:
            worker.let_go()


_stem: _Stem | None = None


@contextlib.contextmanager
def places(first: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Keep processes warm for what is bounded inside; to be entered before there are threads.

    What is done `first`, like an import that takes long, is done once for all of them, and beside
    what the grader does meanwhile.
    """
    global _stem
    if _stem is not None or not _possible():
        yield
        return
    gc.freeze()  # what was imported stays, and is looked through in vain: 13 ms a submission
    _stem = warm = _Stem(first)
    try:
        yield
    finally:
        _stem = None
        warm.close()
        gc.unfreeze()


@contextlib.contextmanager
def place() -> Iterator[Run]:
    """One process for several pieces of work, which may remember what it did before."""
    if not _possible():
        yield lambda bounds, function, /, *args, **kwargs: function(*args, **kwargs)
        return
    stem, worker = _stem, None

    def inside(bounds: Bounds, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        nonlocal worker
        for _ in range(2):
            if worker is None or not worker.alive:
                worker = stem.hire() if stem is not None else _Worker(None)
            with contextlib.suppress(_Killed):
                return worker.call(bounds, function, args, kwargs)
        raise Overrun(f"{bounds.what} was killed twice, perhaps as the system had no memory left")

    try:
        yield inside
    finally:
        if worker is not None:
            if stem is None:
                worker.end()
            else:
                stem.dismiss(worker)


def run(bounds: Bounds, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function within bounds; see `Run`."""
    with place() as inside:
        return inside(bounds, function, *args, **kwargs)


def _possible() -> bool:
    """Whether a process can be forked safely, and limited; elsewhere nothing is bounded."""
    return sys.platform == "linux"
