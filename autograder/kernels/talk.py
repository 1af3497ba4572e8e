"""Jupyter's messages to and from one kernel, as bounded as `autograder.kernels.wire` is.

What a kernel sends is a student's: it is measured before it is parsed, and what cannot be
understood is passed over. Replies are not read; all that grading needs is published. Knows
connections and a key, no cells and no limits of time.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from typing import Any

from autograder.kernels.messages import DELIMITER, Key, read, request
from autograder.kernels.wire import Wire, connected

__all__ = ["MESSAGE_BYTES", "TOTAL_BYTES", "Talk", "is_idle"]

Json = dict[str, Any]

#: The longest message that is parsed. As Python objects JSON can take twenty times as much.
MESSAGE_BYTES = 2_000_000
#: When a kernel has sent so much, several times what a notebook may put out, only small messages
#: are still looked at.
TOTAL_BYTES = 40_000_000
_SMALL = 10_000
_SEND_SECONDS = 10.0


class Talk:
    """What is said to a kernel and heard from it.

    Parameters
    ----------
    requests, outputs : Wire
        Where the kernel is asked, and where it says what comes of it; of a kernel of ours the same.
    key : str
        What messages are signed with; none is needed where nobody else can say anything.
    """

    def __init__(self, requests: Wire, outputs: Wire, key: str = "") -> None:
        self._requests, self._outputs, self._key = requests, outputs, Key(key.encode())
        self._received = 0
        #: Whether there is no room for outputs any more: then, too.
        self.full = False

    @classmethod
    def paired(cls, connection: socket.socket) -> Talk:
        """With a kernel of ours, at the other end of this socket."""
        connection.settimeout(_SEND_SECONDS)
        wire = Wire(connection, MESSAGE_BYTES)
        return cls(wire, wire)

    @classmethod
    def connected(cls, connection: Json, seconds: float, is_alive: Callable[[], bool]) -> Talk:
        """With a stock kernel.

        Parameters
        ----------
        connection : dict
            As in a connection file, with ``ipc`` for transport.
        seconds : float
            For the kernel to listen, and to answer.
        is_alive : callable
            Whether it may still do so.

        Raises
        ------
        RuntimeError
            If it does not, or has ended.
        """
        ends = time.monotonic() + seconds
        with contextlib.ExitStack() as stack:
            shell = Wire(_found(connection, "shell", "DEALER", ends, is_alive))
            stack.callback(shell.close)
            iopub = Wire(_found(connection, "iopub", "SUB", ends, is_alive), MESSAGE_BYTES)
            stack.callback(iopub.close)
            talk = cls(shell, iopub, connection["key"])
            talk._until_heard(ends, is_alive)
            stack.pop_all()
        return talk

    @property
    def dropped(self) -> int:
        """How many messages were too long so far."""
        return self._outputs.dropped

    def ask(self, kind: str, content: Json, metadata: Json | None = None) -> str:
        """Send a request; its id.

        Raises
        ------
        OSError
            If the kernel has gone, or does not listen.
        """
        while self._requests is not self._outputs and self._requests.receive(0.0) is not None:
            pass
        identity, parts = request(self._key, kind, content, metadata)
        self._requests.send(parts)
        return identity

    def next_message(self, seconds: float) -> Json | None:
        """What the kernel publishes next; None if that is nothing, or not to be understood."""
        parts = self._outputs.receive(seconds)
        if parts is None:
            return None
        size = sum(map(len, parts))
        self._received += size
        if (self.full or self._received > TOTAL_BYTES) and size > _SMALL:
            return {}
        try:
            message = read(self._key, parts[parts.index(DELIMITER) + 1 :])
            message["msg_type"] = message["header"]["msg_type"]
            return message if _is_message(message) else {}
        except Exception:
            return {}

    def _until_heard(self, ends: float, is_alive: Callable[[], bool]) -> None:
        """Until the kernel has answered: only then is it known that what it says arrives."""
        while time.monotonic() < ends:
            asked = self.ask("kernel_info_request", {})
            asks_again = time.monotonic() + 0.5
            while (remaining := asks_again - time.monotonic()) > 0:
                message = self.next_message(min(remaining, 0.05))
                if message is None and not is_alive():
                    raise RuntimeError("the kernel died before it was ready")
                if message and is_idle(message, asked):
                    return
        raise RuntimeError("the kernel did not answer in time")

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._requests.close()
            self._outputs.close()


def _found(
    connection: Json, channel: str, kind: str, ends: float, is_alive: Callable[[], bool]
) -> socket.socket:
    """A connection; a stock kernel listens some time after it was started."""
    path = f"{connection['ip']}-{connection[f'{channel}_port']}"
    while True:
        try:
            return connected(path, kind, _SEND_SECONDS)
        except OSError as error:
            if not is_alive():
                raise RuntimeError("the kernel died before it was ready") from error
            if time.monotonic() > ends:
                raise RuntimeError(f"the kernel does not listen: {error}") from error
        time.sleep(0.02)


def is_idle(message: Json, identity: str) -> bool:
    """Whether this is the end of what was asked by that id."""
    if message["msg_type"] != "status" or message["content"].get("execution_state") != "idle":
        return False
    return bool(message["parent_header"].get("msg_id") == identity)


def _is_message(message: Json) -> bool:
    """Whether it is as Jupyter's specification wants it, as far as anything here relies on that."""
    return isinstance(message.get("msg_type"), str) and all(
        isinstance(message.get(part), dict) for part in ("parent_header", "content")
    )
