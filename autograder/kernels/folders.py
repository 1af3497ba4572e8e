"""A folder in which anything may have been made: what lies in it, and removing it.

Looked at by descriptors, never by long paths, and without recursion; nothing is followed, and
whatever cannot be looked at counts as too much. It knows nothing of kernels.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import stat
from pathlib import Path

__all__ = ["Uncountable", "measure", "remove"]

#: Deeper than any work needs; each level is an open descriptor while it is counted.
_DEPTH = 50
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Uncountable(Exception):
    """There is something that cannot be counted."""


def measure(folder: Path, most: int) -> tuple[int, int]:
    """Bytes and number of what lies in a folder; counting ends above `most` files.

    Raises
    ------
    Uncountable
        If a folder in it cannot be opened, or lies too deep.
    """
    used = files = 0
    levels: list[tuple[int, list[str]]] = []
    try:
        following: int | None = _opened(str(folder))
        while levels or following is not None:
            if following is not None:
                inside: list[str] = []
                levels.append((following, inside))
                with os.scandir(following) as entries:
                    for entry in entries:
                        with contextlib.suppress(FileNotFoundError):
                            status = entry.stat(follow_symlinks=False)
                            used += 512 * status.st_blocks
                            if stat.S_ISDIR(status.st_mode):
                                inside.append(entry.name)
                        files += 1
                        if files > most:
                            return used, files
                following = None
            descriptor, inside = levels[-1]
            if not inside:
                os.close(levels.pop()[0])
            elif len(levels) == _DEPTH:
                raise Uncountable(f"folders nested more than {_DEPTH} deep")
            else:
                following = _opened(inside.pop(), descriptor)
    except OSError as error:
        raise Uncountable("folders that cannot be counted") from error
    finally:
        for descriptor, _ in levels:
            os.close(descriptor)
    return used, files


def _opened(name: str, within: int | None = None) -> int | None:
    """A descriptor of a folder; None if it has gone meanwhile."""
    try:
        return os.open(name, _FOLDER, dir_fd=within)
    except FileNotFoundError:
        return None


def remove(folder: Path) -> None:
    """Remove a folder and all that is in it, whatever its depth and its modes.

    Nobody else may be at work in it. What lies deeper is moved up first, so that no path grows.
    What cannot be removed all the same stays, without a word.
    """
    with contextlib.suppress(OSError):
        if not stat.S_ISDIR(os.lstat(folder).st_mode):
            return
        os.chmod(folder, 0o700)
        top = os.open(folder, _FOLDER)
        try:
            _empty(top)
        finally:
            os.close(top)
        os.rmdir(folder)


def _empty(top: int) -> None:
    # Nothing in it can have these names.
    free = (f"{secrets.token_hex(8)}.{number}" for number in itertools.count())
    while names := os.listdir(top):
        for name in names:
            if not stat.S_ISDIR(os.stat(name, dir_fd=top, follow_symlinks=False).st_mode):
                os.unlink(name, dir_fd=top)
                continue
            os.chmod(name, 0o700, dir_fd=top)
            folder = os.open(name, _FOLDER, dir_fd=top)
            try:
                for inner in os.listdir(folder):
                    if stat.S_ISDIR(os.stat(inner, dir_fd=folder, follow_symlinks=False).st_mode):
                        # A folder that moves is written to, as it has another parent.
                        os.chmod(inner, 0o700, dir_fd=folder)
                        os.rename(inner, next(free), src_dir_fd=folder, dst_dir_fd=top)
                    else:
                        os.unlink(inner, dir_fd=folder)
            finally:
                os.close(folder)
            os.rmdir(name, dir_fd=top)
