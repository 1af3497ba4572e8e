"""A message of Jupyter's, read: for the grader and for its kernels.

As `jupyter_client.session.Session.deserialize` does, which looks for dates in all of it and reads
them. Knows a key; what a message asks for or says it does not know.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from typing import Any

__all__ = ["read"]


def read(session: Any, parts: Sequence[bytes]) -> dict[str, Any]:
    """The header, parent's header, metadata and content of a message.

    Parameters
    ----------
    session : jupyter_client.session.Session
        With the key of the kernel.
    parts : sequence of bytes
        What follows the delimiter: the signature, and what it signs.

    Raises
    ------
    ValueError
        If it is not signed with this key, or is no JSON.
    """
    signature, signed = parts[0], parts[1:5]
    if not hmac.compare_digest(signature, session.sign(signed)):
        raise ValueError("not signed with the key of this kernel")
    names = ("header", "parent_header", "metadata", "content")
    texts = (part.decode(errors="replace") for part in signed)
    return dict(zip(names, map(json.loads, texts), strict=True))
