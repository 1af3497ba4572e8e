"""Jupyter's messages to and from one kernel, as bounded as `autograder.kernels.wire` is.

What a kernel sends is a student's: it is measured before it is parsed, and what cannot be
understood is passed over. Replies are not read; all that grading needs comes on IOPub. Knows a
connection and its key, no cells and no limits of time.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

from autograder.kernels.messages import DELIMITER, Key, read, request
from autograder.kernels.wire import Wire

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
    connection : dict
        As in a connection file, with ``ipc`` for transport.
    seconds : float
        For the kernel to listen.
    is_alive : callable
        Whether it may still do so.
    answers : bool
        Whether its first answer is waited for as well: only then can it be known that what comes
        after arrives. A kernel of ours publishes nothing before somebody listens.

    Raises
    ------
    RuntimeError
        If it does not, or has ended.
    """

    def __init__(
        self, connection: Json, seconds: float, is_alive: Callable[[], bool], answers: bool = False
    ) -> None:
        self._place, self._is_alive = connection["ip"], is_alive
        self._key = Key(connection["key"].encode())
        self._received = 0
        #: Whether there is no room for outputs any more: then, too.
        self.full = False
        ends = time.monotonic() + seconds
        self._shell = self._connected("DEALER", connection["shell_port"], ends)
        try:
            self._iopub = self._connected("SUB", connection["iopub_port"], ends)
            if answers:
                self._until_heard(ends)
        except BaseException:
            self._shell.close()
            raise

    @property
    def dropped(self) -> int:
        """How many messages were too long so far."""
        return self._iopub.dropped

    def ask(self, kind: str, content: Json, metadata: Json | None = None) -> str:
        """Send a request; its id.

        Raises
        ------
        OSError
            If the kernel has gone, or does not listen.
        """
        while self._shell.receive(0.0) is not None:
            pass
        identity, parts = request(self._key, kind, content, metadata)
        self._shell.send(parts)
        return identity

    def execute(self, code: str) -> str:
        """Ask for code to be run, with none of what a person would need."""
        options = {"silent": False, "store_history": False, "user_expressions": {}}
        content = {"code": code, **options, "allow_stdin": False, "stop_on_error": False}
        return self.ask("execute_request", content)

    def next_message(self, seconds: float) -> Json | None:
        """What the kernel says next on IOPub; None if that is nothing, or not to be understood."""
        parts = self._iopub.receive(seconds)
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

    def _connected(self, kind: str, port: int, ends: float) -> Wire:
        """A connection; a stock kernel listens some time after it was started."""
        path = f"{self._place}-{port}"
        while True:
            try:
                return Wire(path, kind, _SEND_SECONDS, MESSAGE_BYTES if kind == "SUB" else 0)
            except OSError as error:
                if not self._is_alive():
                    raise RuntimeError("the kernel died before it was ready") from error
                if time.monotonic() > ends:
                    raise RuntimeError(f"the kernel does not listen: {error}") from error
            time.sleep(0.02)

    def _until_heard(self, ends: float) -> None:
        """Until the kernel has answered and its outputs arrive (subscribing takes a moment)."""
        while time.monotonic() < ends:
            asked = self.ask("kernel_info_request", {})
            asks_again = time.monotonic() + 0.5
            while (remaining := asks_again - time.monotonic()) > 0:
                message = self.next_message(min(remaining, 0.05))
                if message is None and not self._is_alive():
                    raise RuntimeError("the kernel died before it was ready")
                if message and is_idle(message, asked):
                    return
        raise RuntimeError("the kernel did not answer in time")

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self._shell.close()
            self._iopub.close()


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
