"""ipykernel, prepared: nothing that is printed or published gets lost."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

from ipykernel.iostream import IOPubThread

from autograder.kernels.streams import Publisher, Stream


class _NoThread(IOPubThread):
    """Sends nothing by itself."""

    def __init__(self) -> None:
        self.thread, self.io_loop = None, None

    def schedule(self, step: object) -> None:
        """What is to be done soon is not."""


def test_a_cell_is_not_at_its_end_before_what_it_printed_is_on_its_way() -> None:
    """Another thread had begun to send it; that the cell is done is said after that."""
    began, sent = threading.Event(), []

    def send(socket: object, message: Any, ident: object) -> None:
        began.set()
        time.sleep(0.2)
        sent.append(message["content"]["text"])

    session: Any = SimpleNamespace(
        msg=lambda kind, content, parent: {"content": content}, send=send, pid=0
    )
    stream: Any = Stream(session, _NoThread(), "stdout", watchfd=False)
    stream.parent_header = {}
    stream.write("printed")
    other = threading.Thread(target=stream._flush)
    other.start()
    assert began.wait(10)
    stream.flush()
    assert sent == ["printed"]
    other.join()


class _Wire:
    """Notes down what is sent, and refuses one message."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    def send(self, message: Any) -> None:
        """Send it."""
        if message == "refused":
            raise ValueError(message)
        self.sent.append(message)


def test_what_is_published_goes_in_order_and_what_was_printed_after_a_while() -> None:
    """A message that cannot be sent holds none up; nobody flushes while a cell goes on."""
    wire: Any = _Wire()
    publisher = Publisher(wire)
    publisher.start()
    for message in ("first", "refused", "second"):
        publisher.background_socket.send_multipart(message)
    publisher.schedule(lambda: publisher.call_later(0.2, lambda: wire.sent.append("printed")))
    publisher.background_socket.send_multipart("third")
    ends = time.monotonic() + 10
    while "printed" not in wire.sent and time.monotonic() < ends:
        time.sleep(0.01)
    assert wire.sent == ["first", "second", "third", "printed"]
