"""The far side of `autograder.grading.bounded`: the process that forks, and those that work.

Neither reads anything but what the grader hands it. A worker has a limit on the processor's time
and on memory, set anew for each piece of work; it dies with whoever forked it.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import math
import os
import pickle
import resource
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import Any, NoReturn

__all__ = ["become", "hands", "stem"]

_PR_SET_PDEATHSIG = 1


def stem(line: socket.socket, first: Callable[[], object]) -> NoReturn:
    """Fork a worker for each socket that arrives, and end those that are named."""
    _detach(line)
    with contextlib.suppress(Exception):  # whoever needs it will see
        first()
    gc.freeze()  # or the first collection in each worker would copy what all share
    workers: set[int] = set()
    with contextlib.suppress(OSError, EOFError):
        while True:
            line.sendall(b"%8d" % _ordered(line, workers))
    # They would end by themselves; waited for, their time counts as the grader's.
    for pid in workers:
        _end(pid)
    os._exit(0)


def _ordered(line: socket.socket, workers: set[int]) -> int:
    order, handed, _, _ = socket.recv_fds(line, 8, 1)
    if len(order) < 8:
        raise EOFError  # the grader has ended
    if handed:
        pid = os.fork()
        if not pid:
            line.close()
            become(socket.socket(fileno=handed[0]))
        os.close(handed[0])
        workers.add(pid)
        return pid
    workers.discard(int(order))
    return _end(int(order))


def _end(pid: int) -> int:
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def become(line: socket.socket) -> NoReturn:
    """Do what is ordered until nobody orders any more; where this is called, nothing goes on."""
    try:
        _detach(line)
        _level()
        with contextlib.suppress(EOFError, OSError):
            while True:
                _work(line)
    finally:
        os._exit(0)


def _level() -> None:
    """Give everybody the same room for recursion, from however deep a call they were forked.

    Plain nbgrader's calls are some fifty deep, and would have judged less than `autograder grade`.
    """
    depth, frame = 0, sys._getframe()
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    sys.setrecursionlimit(sys.getrecursionlimit() + depth)


def _detach(line: socket.socket) -> None:
    """Nothing of the grader's is held or heard any more, and its end is this one's."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C: what is in hand is finished
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    # The gradebook's lock is one of them.
    os.closerange(3, line.fileno())
    os.closerange(line.fileno() + 1, 65536)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)  # those it had were not forked
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _work(line: socket.socket) -> None:
    head = line.recv(8, socket.MSG_WAITALL)
    if len(head) < 8:
        raise EOFError
    (size,) = struct.unpack("!Q", head)
    order = bytearray()
    while len(order) < size:
        part = line.recv(min(size - len(order), 1 << 20))
        if not part:
            raise EOFError
        order += part
    function, args, kwargs, seconds, megabytes = pickle.loads(order)
    del order
    _limit(seconds, megabytes)
    answer: tuple[bool, Any]
    try:
        answer = True, function(*args, **kwargs)
        content = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        content = pickle.dumps((False, MemoryError()))
    except Exception as error:
        content = _excuse(error)
    for kind in (resource.RLIMIT_CPU, resource.RLIMIT_DATA):
        _, most = resource.getrlimit(kind)
        resource.setrlimit(kind, (most, most))
    hands(line, content)


def _excuse(error: Exception) -> bytes:
    try:
        content = pickle.dumps((False, error))
        pickle.loads(content)
        return content
    except Exception:
        return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))


def _limit(seconds: int, megabytes: int) -> None:
    """So much more than it has used already."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + seconds, most))
    with open("/proc/self/statm") as about:
        pages = int(about.read().split()[5])
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    data = pages * resource.getpagesize() + megabytes * 1_000_000
    resource.setrlimit(resource.RLIMIT_DATA, (data, most))


def hands(line: socket.socket, content: bytes) -> None:
    """Send something, after its length."""
    line.sendall(struct.pack("!Q", len(content)))
    line.sendall(content)
