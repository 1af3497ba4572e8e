"""What a kernel may do: the sandbox it puts itself into before any student's code runs.

Applied by the forked kernel to itself, while it still has a single thread: limits
on resources, no capabilities, files by Landlock (`autograder.kernels.landlock`), system
calls by seccomp (`autograder.kernels.syscalls`). None of it needs privileges, and none
of it can be undone. It knows nothing of notebooks, grading or how the kernel was
started.

What can only be seen from outside (the size of a folder, the number of threads)
the forking parent looks after, by `excess`.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import stat
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.kernels import landlock, syscalls
from autograder.kernels.folders import Uncountable, measure

__all__ = ["Box", "confine", "excess", "killed_for_memory", "missing_protection", "process_status"]

_PR_GET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _CLEAR_ALL = 21, 38, 47, 4
_CAPABILITY_VERSION = 0x20080522


@dataclass(frozen=True)
class Box:
    """How much a kernel may use.

    `memory_bytes` comes on top of what the warm process has mapped already;
    files and `disk_bytes` count what lies in the private folder.
    """

    memory_bytes: int = 2_000_000_000
    cpu_seconds: int = 300
    file_bytes: int = 100_000_000
    disk_bytes: int = 200_000_000
    files: int = 5_000
    open_files: int = 256
    threads: int = 128
    #: Have the system keep `disk_bytes` and `files`, where it can.
    quota: bool = True
    #: Refuse what is more than `threads`, where that goes.
    asks: bool = True
    #: Go on where the platform lacks some of the protection.
    unsafe: bool = False


def confine(
    box: Box, writable: Sequence[Path], sockets: Path | None, readable: Sequence[int]
) -> None:
    """Put this process, still single-threaded, into the box for good.

    Parameters
    ----------
    box : Box
    writable : sequence of Path
        Folders in which files may be made and changed.
    sockets : Path or None
        Folder in which unix sockets may be made, and nothing else, if anywhere.
    readable : sequence of int
        Open descriptors from `autograder.kernels.landlock.readable_places`.

    Raises
    ------
    OSError
        If the kernel refuses a part of it and the box is not `unsafe`.
    """
    missing = missing_protection()
    if missing and not box.unsafe:
        raise OSError(" ".join(missing))
    if sys.platform == "linux":
        _drop_privileges()
    if landlock.version():
        landlock.restrict_files(writable, sockets, readable)
    _limit_resources(box)
    if _has_seccomp():
        syscalls.install()


def missing_protection() -> list[str]:
    """What this platform cannot protect against, as sentences; empty when it can.

    To be said once, before a run; such a run needs ``--unsafe``.
    """
    if sys.platform != "linux":
        return [
            f"On {sys.platform} a submission runs with all your rights: it can read and change "
            "your files, use the network and start programs."
        ]
    missing = []
    if not landlock.version():
        missing.append(
            "This Linux kernel has no Landlock (5.13 or later with landlock in its `lsm=` list, "
            "and not blocked by the container), so a submission can read and change your files."
        )
    if not _has_seccomp():
        missing.append(
            f"There is no system call filter here ({os.uname().machine}; x86_64 or aarch64 with "
            "seccomp is needed), so a submission can use the network, start programs and signal "
            "your processes."
        )
    return missing


def excess(pid: int, private: Path, box: Box, enclosed: bool = False) -> str:
    """Say what a running kernel has too much of, if anything; asked from outside.

    What cannot be counted counts as too much. What the system refuses anyway never does: when
    somebody looks would decide. It refuses files if the kernel is `enclosed`, and threads well
    below the number that counts here, even if all that there are start one at the same time.
    """
    try:
        # A folder has two links and one for each subfolder, here the threads.
        threads = os.stat(f"/proc/{pid}/task").st_nlink - 2
        used, files = measure(private, box.files)
        used += 0 if enclosed else _deleted_bytes(pid, private, box)
    except Uncountable as reason:
        return "" if _has_ended(pid) else str(reason)
    except OSError:
        return "" if _has_ended(pid) else "files that cannot be counted"
    if threads > 2 * box.threads:
        return f"more than {2 * box.threads} threads"
    if files > box.files:
        return f"more than {box.files} files"
    if used > box.disk_bytes:
        return f"more than {box.disk_bytes // 1_000_000} MB of files"
    return ""


def process_status(pid: int) -> list[bytes]:
    """What the system says of a process, from its state on; see proc_pid_stat(5).

    Raises
    ------
    OSError
        If it has gone.
    """
    # After the name, which may hold anything.
    return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()


def killed_for_memory() -> int:
    """How many processes the system has killed so far to have memory; 0 where nobody counts."""
    with contextlib.suppress(OSError):
        counts = dict(line.split() for line in Path("/proc/vmstat").read_text().splitlines())
        return int(counts.get("oom_kill", 0))
    return 0


def _has_ended(pid: int) -> bool:
    try:
        return process_status(pid)[0] in b"ZX"
    except OSError:
        return True


def _deleted_bytes(pid: int, private: Path, box: Box) -> int:
    """What files take that have no name any more, but are open or mapped."""
    blocks: dict[tuple[int, int], int] = {}
    for descriptor in os.scandir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            status = os.stat(descriptor.path)
            if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                blocks[status.st_dev, status.st_ino] = 512 * status.st_blocks
    inside = os.fsencode(private) + b"/"
    for line in Path(f"/proc/{pid}/maps").read_bytes().splitlines():
        if not line.endswith(b"(deleted)"):
            continue
        place, _, _, device, inode, path = line.split(maxsplit=5)
        major, minor = (int(number, 16) for number in device.split(b":"))
        file = (os.makedev(major, minor), int(inode))
        if path.startswith(inside) and file not in blocks:
            try:
                status = os.stat(f"/proc/{pid}/map_files/{place.decode()}")
                blocks[file] = 512 * status.st_blocks
            except OSError:  # only some may look: it can be as large as any file
                blocks[file] = box.file_bytes
    return sum(blocks.values())


def _limit_resources(box: Box) -> None:
    limits = {
        resource.RLIMIT_CPU: box.cpu_seconds,
        resource.RLIMIT_FSIZE: box.file_bytes,
        resource.RLIMIT_NOFILE: box.open_files,
        resource.RLIMIT_CORE: 0,
    }
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        # Not RLIMIT_DATA, which does not see shared mappings.
        limits[resource.RLIMIT_AS] = pages * resource.getpagesize() + box.memory_bytes
    for kind, amount in limits.items():
        hard = resource.getrlimit(kind)[1]
        amount = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        # At the soft limit of CPU time SIGXCPU tells why; a second later nothing helps.
        more = 1 if kind == resource.RLIMIT_CPU and amount != hard else 0
        resource.setrlimit(kind, (amount, amount + more))


def _drop_privileges() -> None:
    """Root's uid is kept (its files must stay readable), root's powers are not."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_CAP_AMBIENT, _CLEAR_ALL, 0, 0, 0)
    header = ctypes.c_char_p(struct.pack("Ii", _CAPABILITY_VERSION, 0))
    no_new_privileges = libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if no_new_privileges or libc.capset(header, ctypes.c_char_p(bytes(24))):
        raise OSError(ctypes.get_errno(), "privileges could not be dropped")


def _has_seccomp() -> bool:
    if sys.platform != "linux" or not syscalls.machine():
        return False
    return int(ctypes.CDLL(None).prctl(_PR_GET_SECCOMP, 0, 0, 0, 0)) >= 0
