"""The forking parent of the warm kernels: ``python -m autograder.kernels.zygote FD [PACKAGE ...]``.

Freshly exec'd, so that it has never seen a reference, a gradebook or the
grader's memory, it imports what notebooks need and then forks a kernel for
every order. It stays single-threaded (a fork copies one thread) and runs no
student's code itself. It knows how a kernel is made, nothing of what it is for.

The protocol, all on SEQPACKET unix sockets::

    grader ──folder (JSON)──▶ zygote                  before it is made
    grader ──order (JSON) + a line──▶ zygote          one line for each kernel; and a
                                                      socket, to speak with it
    zygote ──{"pid"} … {"ready"} … {"exit", "reason"}──▶ line
    grader ──signal number──▶ line                    a closed line means SIGKILL

When the grader ends, however it ends, its sockets close, and the zygote kills
the kernels, removes their folders and follows. When the zygote ends, the kernel
has the same done to its children (PDEATHSIG), and their lines close.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.kernels.folders import remove
from autograder.kernels.gate import Gate
from autograder.kernels.imports import modules
from autograder.kernels.landlock import readable_places
from autograder.kernels.prepared import prepare
from autograder.kernels.protocol import Forked, Order
from autograder.kernels.sandbox import excess
from autograder.kernels.yielding import is_long, put_behind

__all__ = ["main"]

#: How often running kernels are looked at from outside.
_LOOK_SECONDS = 0.25


@dataclass
class _Child:
    """A kernel, as its parent sees it."""

    pid: int
    pidfd: int
    line: socket.socket
    order: Order
    gate: Gate
    reason: str = field(default="")
    #: Whether the others go first.
    behind: bool = False

    def signal(self, number: int) -> None:
        """Send a signal; the pid is this child's until it has been waited for."""
        os.kill(self.pid, number)

    def tell(self, **message: Any) -> None:
        """Say something to the grader, if it still listens."""
        with contextlib.suppress(OSError):
            self.line.send(json.dumps(message).encode(), socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)


class Zygote:
    """The loop: orders come in, kernels are forked, signalled, looked at and reaped."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, _Child] = {}  # by both of their descriptors
        self._gates: dict[int, Gate] = {}
        self._folders: set[str] = set()  # that the grader means to remove
        self._readable = readable_places()
        self._next_look = 0.0

    def serve(self) -> Forked | None:
        """Serve until the grader has gone; return an order, but only in a forked child."""
        while True:
            poller = select.poll()
            for descriptor in (self._control.fileno(), *self._children, *self._gates):
                poller.register(descriptor, select.POLLIN)
            ready = poller.poll(_LOOK_SECONDS * 1000 if self._children else None)
            heard = [descriptor for descriptor, _ in ready]
            for descriptor in heard:
                if descriptor in self._children:
                    self._hear(descriptor)
            for descriptor in heard:
                if gate := self._gates.pop(descriptor, None):
                    gate.hear()
                    if gate.descriptor >= 0 and not gate.endless:
                        self._gates[gate.descriptor] = gate
            # Orders last: a new kernel gets the descriptors of one that has just ended.
            if self._control.fileno() in heard:
                forked = self._receive()
                if forked is not None:
                    return forked
                if self._control.fileno() < 0:
                    return None
            self._look()

    def _receive(self) -> Forked | None:
        message, descriptors, _, _ = socket.recv_fds(self._control, 1 << 20, 2)
        if not message:
            self._end()
            return None
        if not descriptors:
            self._folders = {*filter(os.path.exists, self._folders), json.loads(message)}
            return None
        line, *wires = (socket.socket(fileno=descriptor) for descriptor in descriptors)
        order = Order.from_json(message)
        self._folders.add(order.folder)  # it may have been told to a zygote before this one
        parent = os.getpid()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            ours.close()
            self._forget()
            return Forked(order, line, self._readable, parent, theirs, *wires)
        for sent in theirs, *wires:
            sent.close()
        gate = Gate(ours, pid, order.box.threads if order.box else 0)
        self._gates[gate.descriptor] = gate
        child = _Child(pid, os.pidfd_open(pid), line, order, gate)
        self._children[child.pidfd] = self._children[line.fileno()] = child
        child.tell(pid=pid)
        return None

    def _forget(self) -> None:
        """In the child: close what belongs to the parent and the neighbours."""
        for descriptor in (self._control.detach(), *self._children):
            os.close(descriptor)
        for child in self._children.values():
            child.line.detach()
            child.gate.close()
        self._children, self._gates = {}, {}

    def _hear(self, descriptor: int) -> None:
        child = self._children[descriptor]
        if descriptor == child.pidfd:
            status = os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1])
            child.tell(exit=status, reason=child.reason)
            del self._children[child.pidfd]
            self._children.pop(child.line.fileno(), None)
            self._gates.pop(child.gate.descriptor, None)
            child.gate.close()
            child.line.close()
            os.close(child.pidfd)
            return
        try:
            message = child.line.recv(64)
        except OSError:
            message = b""
        if message:
            child.signal(int(message))
        else:
            child.signal(signal.SIGKILL)
            del self._children[descriptor]
            # Its end will still be heard on the pidfd.

    def _look(self) -> None:
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _LOOK_SECONDS
        for descriptor, child in self._children.items():
            if descriptor != child.pidfd:
                continue
            if child.order.box is not None and not child.reason:
                folder, box = Path(child.order.folder), child.order.box
                child.reason = excess(child.pid, folder, box, child.gate.enclosed)
                if child.gate.endless:
                    child.reason = "threads without end"
                if child.reason:
                    child.signal(signal.SIGKILL)
            if not child.behind and is_long(child.pid):
                child.behind = True
                put_behind(child.pid)

    def _end(self) -> None:
        for child in {child.pid: child for child in self._children.values()}.values():
            child.signal(signal.SIGKILL)
            os.waitpid(child.pid, 0)
        # A grader that was killed could not remove them.
        for folder in self._folders:
            remove(Path(folder))
        self._control.close()


def _preload(packages: Sequence[str] = ()) -> None:
    """Import what notebooks use, and use some of it once; no `backward` (threads)."""
    # The debugger is not for here, and importing it costs every kernel 60 ms.
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    for name in modules(packages):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    prepare()


def main() -> None:
    """Preload, serve, and in a forked child become the kernel."""
    control = socket.socket(fileno=int(sys.argv[1]))
    gc.disable()  # nearly all that importing makes is there to stay
    _preload(sys.argv[2:])
    from autograder.kernels import lean
    from autograder.kernels.guest import bind
    from autograder.kernels.kernel_app import become_kernel

    bind()
    lean.prepare()
    ours = [name for name in sys.modules if name.partition(".")[0] == "autograder"]

    if len(os.listdir("/proc/self/task")) > 1:
        raise SystemExit("the zygote has more than one thread and cannot fork safely")
    gc.freeze()
    gc.enable()
    forked = Zygote(control).serve()
    if forked is not None:
        become_kernel(forked, ours)


if __name__ == "__main__":
    main()
