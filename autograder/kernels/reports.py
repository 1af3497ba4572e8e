"""What a kernel wrote down for the grader, read within bounds.

The file is in the student's reach: it may be gone, endless or no JSON. It is opened once, before
the first cell, and only whole lines of it are taken that are JSON objects of some depth.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

__all__ = ["NO_ROOM", "Reports", "is_deep"]

Json = dict[str, Any]

#: In all. Parsed, it can take twenty times as much.
_ROOM = 4_000_000
_KEEP_SIZE = 1
#: How a disk says that it is full.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
#: Nothing that means something here is nested more deeply.
_DEEP = 50


class Reports:
    """The lines of one kernel, each read once.

    Parameters
    ----------
    path : Path
    shared : bool
        Whether it lies on a disk that others fill, too. Then there is room for it from the start: a
        report that cannot be written looks like one that was never made.

    Raises
    ------
    OSError
        If there is no such file, or no room.
    """

    def __init__(self, path: Path, shared: bool = False) -> None:
        flags = os.O_NOFOLLOW | os.O_NONBLOCK | (os.O_RDWR if shared else os.O_RDONLY)
        self._descriptor = os.open(path, flags)
        try:
            if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
                raise OSError(f"{path} is no plain file")
            if shared:
                _reserve(self._descriptor, _ROOM)
        except BaseException:
            self.close()
            raise
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


def _reserve(descriptor: int, size: int) -> None:
    """Have room for a file that is written later, where the file system can."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
    if libc.fallocate(descriptor, _KEEP_SIZE, 0, size):
        number = ctypes.get_errno()
        if number in NO_ROOM:
            raise OSError(
                number, f"{os.strerror(number)}: {size / 1e6:g} MB for a kernel's reports"
            )


def is_deep(value: Any) -> bool:
    """Whether lists and dicts are nested more deeply than anybody reads; without recursion."""
    depth, level = 0, [value]
    while level and depth <= _DEEP:
        nested = [part for part in level if isinstance(part, list | dict)]
        depth += bool(nested)
        level = [x for part in nested for x in (part.values() if isinstance(part, dict) else part)]
    return depth > _DEEP
