"""Jupyter's messages, written and read: for the grader and for its kernels.

As `jupyter_client.session.Session` does, which writes down more than anybody here asks for, and
looks for dates in all that it reads. Knows a key; what a message asks for or says it does not know.

References
----------
https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
"""

from __future__ import annotations

import hmac
import json
import uuid
from collections.abc import Sequence
from typing import Any, Protocol

__all__ = ["DELIMITER", "Key", "Signs", "read", "request"]

Json = dict[str, Any]
#: Before it stands to whom a message goes, or what it is about.
DELIMITER = b"<IDS|MSG>"


class Signs(Protocol):
    """A `Key`, or the session of a kernel that is given one."""

    def sign(self, msg_list: list[bytes]) -> bytes:
        """The signature of a header, parent's header, metadata and content."""


class Key:
    """What signs all that is said to a kernel, and by it; an empty one signs nothing."""

    def __init__(self, key: bytes) -> None:
        self._hmac = hmac.new(key, digestmod="sha256") if key else None

    def sign(self, msg_list: list[bytes]) -> bytes:
        """The signature of a header, parent's header, metadata and content."""
        if self._hmac is None:
            return b""
        signature = self._hmac.copy()
        for part in msg_list:
            signature.update(part)
        return signature.hexdigest().encode()


def request(
    key: Signs, kind: str, content: Json, metadata: Json | None = None
) -> tuple[str, list[bytes]]:
    """A message to a kernel: its id, and what is to be sent."""
    identity = uuid.uuid4().hex
    header = {
        "msg_id": identity, "msg_type": kind, "session": "", "username": "", "version": "5.3",
    }  # fmt: skip
    parts = [json.dumps(part).encode() for part in (header, {}, metadata or {}, content)]
    return identity, [DELIMITER, key.sign(parts), *parts]


def read(key: Signs, parts: Sequence[bytes]) -> Json:
    """The header, parent's header, metadata and content of a message.

    Parameters
    ----------
    key : Key
    parts : sequence of bytes
        What follows the delimiter: the signature, and what it signs.

    Raises
    ------
    ValueError
        If it is not signed with this key, or is no JSON.
    """
    signature, signed = parts[0], list(parts[1:5])
    if not hmac.compare_digest(signature, key.sign(signed)):
        raise ValueError("not signed with the key of this kernel")
    names = ("header", "parent_header", "metadata", "content")
    texts = (part.decode(errors="replace") for part in signed)
    return dict(zip(names, map(json.loads, texts), strict=True))
