"""Small things that students put into the exchange, read without following a link.

Knows files; not what they mean.
"""

from __future__ import annotations

import errno
import os
import stat
from datetime import datetime
from pathlib import Path

from nbgrader import utils

from autograder.plugins.inbound import plain_tree

__all__ = ["looks", "small_text", "time_in"]

#: What opening says of a file that isn't there, a link and a socket.
_NO_FILE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO)


def small_text(path: Path) -> str:
    """What stands in a small plain file, if there is one."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in _NO_FILE:
            return ""
        raise
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return ""
        return os.read(file, 1000).decode("utf-8", errors="replace")
    finally:
        os.close(file)


def time_in(text: str) -> datetime | None:
    """The time (UTC, without time zone) that a text says, if it says one."""
    try:
        when: datetime | None = utils.parse_utc(text.strip()) if text.strip() else None
    except Exception:  # dateutil has more ways to fail than it says
        return None
    return when


def looks(folder: Path) -> list[tuple[str, int, int]]:
    """Name, size and time of each file in a folder, to tell whether something has changed.

    Raises
    ------
    OSError
        If the folder cannot be read.
    """
    found = []
    for within, names, descriptor in plain_tree(folder):
        for name in names:
            about = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            found.append((str(within / name), about.st_size, about.st_ctime_ns))
    return found
