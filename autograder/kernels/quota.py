"""A limit on files that the system itself keeps: folders in memory that one process alone sees.

A kernel puts its folders on a file system of a given size, in a user and a mount namespace of its
own. That needs no privileges, but not every system allows it; there, what lies in the folders is
counted from outside (`autograder.kernels.sandbox.excess`). It goes with the process. Knows
folders; no kernels.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

__all__ = ["enclose", "possible"]

_NEW_USER, _NEW_MOUNTS = 0x10000000, 0x00020000
_NO_SETUID, _NO_DEVICES, _BIND = 2, 4, 4096


def enclose(folder: Path, names: Sequence[str], size: int, files: int) -> bool:
    """Have this process, still single-threaded, find other folders in place of empty ones.

    Parameters
    ----------
    folder : Path
    names : sequence of str
        Folders in it.
    size, files : int
        Bytes, and how many files and folders, in all of them together.

    Returns
    -------
    bool
        Whether that goes here; if not, they are as they were.
    """
    if sys.platform != "linux" or any(any((folder / name).iterdir()) for name in names):
        return False
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_USER | _NEW_MOUNTS):
        return False
    with contextlib.suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        place = folder / "quota"
        place.mkdir()
        options = f"size={size},nr_inodes={files},mode=700".encode()
        if libc.mount(b"tmpfs", os.fsencode(place), b"tmpfs", _NO_SETUID | _NO_DEVICES, options):
            return False
        for name in names:
            (place / name).mkdir(0o700)
        bound = [
            libc.mount(os.fsencode(place / n), os.fsencode(folder / n), None, _BIND, None)
            for n in names
        ]
        return not any(bound)
    return False


def possible() -> bool:
    """Whether it goes on this machine, tried in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "inside").mkdir()
        command = [sys.executable, "-P", "-m", __name__, folder]
        return subprocess.run(command, stdin=subprocess.DEVNULL).returncode == 0


if __name__ == "__main__":
    sys.exit(not enclose(Path(sys.argv[1]), ["inside"], 1_000_000, 100))
