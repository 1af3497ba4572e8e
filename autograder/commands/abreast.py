"""Several things done at the same time, each in a process, and told in their order.

What is told of the first comes as it is found, what others have to tell waits for its turn. Knows
processes; what is done in them it does not know.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from autograder.errors import GraderFault

__all__ = ["abreast"]

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


def abreast(
    work: Callable[[K], Iterable[T]], things: Sequence[K], jobs: int
) -> Iterator[tuple[K, T]]:
    """What `work` tells of each thing, in the order of the things.

    Parameters
    ----------
    work : callable
        Called in forks of this process, which should have no threads; what it tells must pickle.
    things : sequence
        Each once; they must pickle.
    jobs : int
        Processes; with one, or where no process can be forked, all is done in this one.

    Raises
    ------
    GraderFault
        If a process has ended before its work was done. What `work` raises is raised here.
    """
    if min(jobs, len(things)) < 2 or sys.platform != "linux":
        yield from ((thing, found) for thing in things for found in work(thing))
        return
    waiting = iter(things)
    told: dict[K, list[T]] = {thing: [] for thing in things}
    with _workers(work, min(jobs, len(things))) as lines:
        busy = {line: _begun(line, next(waiting)) for line in lines}
        for thing in things:
            while thing in busy.values() or told[thing]:
                yield from ((thing, found) for found in told[thing])
                told[thing].clear()
                for line in wait(list(busy)) if thing in busy.values() else ():
                    assert isinstance(line, Connection)
                    kind, what = _heard(line, busy[line])
                    if kind == "told":
                        told[busy[line]].append(what)
                    elif kind == "failed":
                        raise what
                    else:
                        del busy[line]
                        if following := next(waiting, None):
                            busy[line] = _begun(line, following)


def _begun(line: Connection, thing: K) -> K:
    line.send(thing)
    return thing


def _heard(line: Connection, thing: K) -> tuple[str, Any]:
    try:
        kind, what = line.recv()
    except EOFError:
        raise GraderFault(f"{thing}: the process that was at work on it has ended") from None
    return kind, what


@contextlib.contextmanager
def _workers(work: Callable[[Any], Iterable[Any]], count: int) -> Iterator[list[Connection]]:
    """Processes that wait for things; when this is left they put away what they have, and end."""
    context = multiprocessing.get_context("fork")
    lines: list[Connection] = []
    processes = []
    try:
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(work, theirs, [*lines, ours]))
            process.start()
            theirs.close()
            processes.append(process)
            lines.append(ours)
        yield lines
    except BaseException:
        for process in processes:
            if process.pid and process.is_alive():
                os.kill(process.pid, signal.SIGINT)
        raise
    finally:
        for line in lines:
            line.close()
        for process in processes:
            process.join()
            process.close()


def _work(
    work: Callable[[Any], Iterable[Any]], line: Connection, others: Sequence[Connection]
) -> None:
    for other in others:
        other.close()
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            thing = line.recv()
            try:
                for found in work(thing):
                    line.send(("told", found))
            except Exception as error:
                line.send(("failed", error))
            else:
                line.send(("done", None))
