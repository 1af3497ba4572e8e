"""ipykernel, prepared: nothing that is printed gets lost."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

from ipykernel.iostream import IOPubThread

from autograder.kernels.lean import _OutStream


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
    stream: Any = _OutStream(session, _NoThread(), "stdout", watchfd=False)
    stream.parent_header = {}
    stream.write("printed")
    other = threading.Thread(target=stream._flush)
    other.start()
    assert began.wait(10)
    stream.flush()
    assert sent == ["printed"]
    other.join()
