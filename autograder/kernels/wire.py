"""Messages in the frames of ZMTP on a Unix socket, within bounds that libzmq does not have.

libzmq puts a message together whatever number of parts it has, and keeps what nobody reads; a
submission can make both as large as it likes. Here nothing is kept but one message up to its limit:
what is longer is read and thrown away as it comes. Between the grader and a kernel of ours, at both
ends of a pair of sockets, that is all; to a stock kernel `connected` speaks first, the unencrypted
part of ZMTP 3.0 as SUB and as DEALER. It knows nothing of Jupyter.

References
----------
https://rfc.zeromq.org/spec/23/ (ZMTP 3.0).
"""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Iterator, Sequence

__all__ = ["Wire", "connected"]

_GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
_MORE, _LONG, _COMMAND = 1, 2, 4
_CHUNK = 1 << 16
#: How many chunks are still taken when the time is up: what has arrived counts.
_LATE = 64


class Wire:
    """One connection.

    Parameters
    ----------
    connection : socket.socket
        Connected; its timeout is that of each message that is sent.
    message_bytes : int
        Longer messages are dropped.
    parts : int
        Messages of more parts as well.
    """

    def __init__(self, connection: socket.socket, message_bytes: int = 0, parts: int = 16) -> None:
        self._socket = connection
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self._most, self._most_parts = message_bytes, parts
        self._buffer = bytearray()
        self._frames = self._read_frames()
        self._parts: list[bytes] = []
        self._size = self._count = 0
        #: How many messages were too long.
        self.dropped = 0
        #: Whether the other end has hung up, or this one.
        self.ended = False

    def fileno(self) -> int:
        """What can be waited for."""
        return self._socket.fileno()

    def send(self, parts: Sequence[bytes]) -> None:
        """Send a message.

        Raises
        ------
        OSError
            If the kernel has gone, or does not read.
        """
        data = bytearray()
        for position, part in enumerate(parts, start=1):
            more = _MORE if position < len(parts) else 0
            data += struct.pack(">BQ", more | _LONG, len(part)) + part
        self._socket.sendall(data)

    def receive(self, seconds: float) -> list[bytes] | None:
        """The next message within bounds, or None if there is none for so long.

        With 0 seconds, what has arrived already. Messages that are too long take their time too.
        """
        ends = time.monotonic() + seconds
        late = 0
        while True:
            message = next(self._frames)
            if message is not None:
                return message
            remaining = ends - time.monotonic()
            late += remaining <= 0
            if late > _LATE or not self._fill(max(remaining, 0.0)):
                return None

    def _fill(self, seconds: float) -> bool:
        """Take what has come; False if nothing has, or nothing ever will."""
        ready: object = True
        try:
            ready = self._poll.poll(seconds * 1000)
            received = self._socket.recv(_CHUNK) if ready else b""
        except OSError:
            received = b""
        if not received and ready:  # hung up: nothing will ever come
            self.ended = True
            time.sleep(min(seconds, 0.01))
        self._buffer += received
        return bool(received)

    def _read_frames(self) -> Iterator[list[bytes] | None]:
        """Messages one after the other; None where more has to arrive first."""
        while True:
            while len(self._buffer) < 2 or (self._buffer[0] & _LONG and len(self._buffer) < 9):
                yield None
            flags = self._buffer[0]
            if flags & _LONG:
                (size,) = struct.unpack_from(">Q", self._buffer, 1)
                del self._buffer[:9]
            else:
                size = self._buffer[1]
                del self._buffer[:2]
            yield from self._read_body(flags, size)

    def _read_body(self, flags: int, size: int) -> Iterator[list[bytes] | None]:
        """The rest of a frame; the message, if it was its last and there is one to show."""
        command = bool(flags & _COMMAND)
        if not command:
            self._size, self._count = self._size + size, self._count + 1
        fits = not command and self._size <= self._most and self._count <= self._most_parts
        if not fits:
            self._parts = [] if not command else self._parts
            while size > 0:
                taken = min(size, len(self._buffer))
                del self._buffer[:taken]
                size -= taken
                if size:
                    yield None
        else:
            while len(self._buffer) < size:
                yield None
            self._parts.append(bytes(self._buffer[:size]))
            del self._buffer[:size]
        if command or flags & _MORE:
            return
        message, whole = self._parts, self._count == len(self._parts)
        self._parts, self._size, self._count = [], 0, 0
        self.dropped += not whole
        if whole:
            yield message

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def connected(path: str, kind: str, seconds: float) -> socket.socket:
    """A connection to a stock kernel, which has been greeted.

    Parameters
    ----------
    path : str
        Where the kernel listens.
    kind : str
        ``"SUB"``, which hears everything, or ``"DEALER"``.
    seconds : float
        For connecting, and for each message that will be sent.

    Raises
    ------
    OSError
        If nobody listens there, or does not speak ZMTP.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(seconds)
        connection.connect(path)
        _greet(connection, kind)
    except BaseException:
        connection.close()
        raise
    return connection


def _greet(connection: socket.socket, kind: str) -> None:
    properties = b"".join(
        bytes([len(name)]) + name + struct.pack(">I", len(value)) + value
        for name, value in ((b"Socket-Type", kind.encode()), (b"Identity", b""))
    )
    ready = b"\x05READY" + properties
    connection.sendall(_GREETING + bytes([_COMMAND, len(ready)]) + ready)
    theirs = b""
    while len(theirs) < len(_GREETING):
        received = connection.recv(len(_GREETING) - len(theirs))
        if not received:
            raise OSError("the kernel hung up")
        theirs += received
    if theirs[:1] != b"\xff" or theirs[10] < 3:
        raise OSError("what listens there does not speak ZMTP 3")
    if kind == "SUB":
        connection.sendall(b"\0\1\1")  # subscribe, to everything
