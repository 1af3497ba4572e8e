"""What is said when a kernel is ordered: by `orders`, through the zygote, to the new process.

Data alone; how a kernel is made, and by whom, is not known here.
"""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from typing import Any, NamedTuple

from autograder.kernels.sandbox import Box

__all__ = ["Forked", "Order"]


@dataclass(frozen=True)
class Order:
    """What the grader asks for; `box` None means no sandbox at all."""

    #: As in a connection file; None if one end of a pair of sockets comes with the order.
    connection: dict[str, Any] | None
    folder: str
    environment: dict[str, str]
    box: Box | None
    #: Where compiled programs lie, if there is such a folder, and whether more are put there.
    programs: str = ""
    fills: bool = False
    #: Whether what is shown is drawn.
    figures: bool = True

    @classmethod
    def from_json(cls, text: bytes) -> Order:
        """Read what `to_json` wrote."""
        data = json.loads(text)
        box = Box(**data.pop("box")) if data["box"] is not None else data.pop("box")
        return cls(box=box, **data)

    def to_json(self) -> bytes:
        """The order as one message."""
        data = {**vars(self), "box": None if self.box is None else vars(self.box)}
        return json.dumps(data).encode()


class Forked(NamedTuple):
    """What a new child has."""

    order: Order
    line: socket.socket
    readable: list[int]
    parent: int
    #: Where the parent hears what `autograder.kernels.gate` hands over.
    gate: socket.socket
    #: What came with the order to be spoken by.
    wire: socket.socket | None = None
