"""What a kernel wrote down for the grader, read within bounds.

The file is in the student's reach: it may be gone, endless or no JSON. It is opened once, before
the first cell, and only whole lines of it are taken that are JSON objects of some depth.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from pathlib import Path
from typing import Any

__all__ = ["Reports", "is_deep"]

Json = dict[str, Any]

#: In all. Parsed, it can take twenty times as much.
_ROOM = 4_000_000
#: Nothing that means something here is nested more deeply.
_DEEP = 50


class Reports:
    """The lines of one kernel, each read once.

    Parameters
    ----------
    path : Path

    Raises
    ------
    OSError
        If there is no such file.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
            self.close()
            raise OSError(f"{path} is no plain file")
        self._offset = 0

    def new(self) -> list[Json]:
        """What has been written since the last time."""
        text = os.pread(self._descriptor, _ROOM - self._offset, self._offset)
        lines = text[: text.rfind(b"\n") + 1]
        self._offset += len(lines)
        found = []
        for line in lines.splitlines():
            with contextlib.suppress(ValueError, RecursionError):
                data = json.loads(line)
                if isinstance(data, dict) and not is_deep(data):
                    found.append(data)
        return found

    def close(self) -> None:
        """Read no more."""
        os.close(self._descriptor)


def is_deep(value: Any) -> bool:
    """Whether lists and dicts are nested more deeply than anybody reads; without recursion."""
    depth, level = 0, [value]
    while level and depth <= _DEEP:
        nested = [part for part in level if isinstance(part, list | dict)]
        depth += bool(nested)
        level = [x for part in nested for x in (part.values() if isinstance(part, dict) else part)]
    return depth > _DEEP
