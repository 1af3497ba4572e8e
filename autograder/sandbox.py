"""What a kernel may do: the sandbox it puts itself into before any student's code runs.

Applied by the forked kernel to itself, while it still has a single thread: limits
on resources, no capabilities, files by Landlock, system calls by seccomp. None
of it needs privileges, and none of it can be undone. It knows nothing of
notebooks, grading or how the kernel was started.

What can only be seen from outside (the size of a folder, the number of threads)
the forking parent looks after, by `excess`.

References
----------
`landlock(7)`, Documentation/userspace-api/landlock.rst; `autograder.syscalls`.
"""

from __future__ import annotations

import ctypes
import os
import resource
import stat
import struct
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder import syscalls

__all__ = ["Box", "confine", "excess", "missing_protection", "readable_places"]


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
    #: Go on where the platform lacks some of the protection.
    unsafe: bool = False


def confine(box: Box, writable: Sequence[Path], sockets: Path, readable: Sequence[int]) -> None:
    """Put this process, still single-threaded, into the box for good.

    Parameters
    ----------
    box : Box
    writable : sequence of Path
        Folders in which files may be made and changed.
    sockets : Path
        Folder in which unix sockets may be made, and nothing else.
    readable : sequence of int
        Open descriptors from `readable_places`.

    Raises
    ------
    OSError
        If the kernel refuses a part of it and the box is not `unsafe`.
    """
    missing = missing_protection()
    if missing and not box.unsafe:
        raise OSError(" ".join(missing))
    if sys.platform != "linux":
        return _limit_resources(box)
    libc = ctypes.CDLL(None, use_errno=True)
    _check(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    _drop_capabilities(libc)
    if _landlock_version():
        _restrict_files(libc, writable, sockets, readable)
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
    if not _landlock_version():
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


def excess(pid: int, private: Path, box: Box) -> str:
    """Say what a running kernel has too much of, if anything; asked from outside."""
    try:
        # A folder has two links and one for each subfolder, here the threads.
        threads = os.stat(f"/proc/{pid}/task").st_nlink - 2
        used, files = _disk_usage(pid, private, box)
    except OSError:  # the kernel has ended
        return ""
    if threads > box.threads:
        return f"more than {box.threads} threads"
    if files > box.files:
        return f"more than {box.files} files"
    if used > box.disk_bytes:
        return f"more than {box.disk_bytes // 1_000_000} MB of files"
    return ""


def _disk_usage(pid: int, private: Path, box: Box) -> tuple[int, int]:
    """Bytes and number of the files of a kernel, deleted ones that are still open included."""
    used = files = 0
    folders = [str(private)]
    while folders and files <= box.files:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                files += 1
                used += 512 * entry.stat(follow_symlinks=False).st_blocks
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
    for descriptor in os.scandir(f"/proc/{pid}/fd"):
        status = os.stat(descriptor.path)
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
            used += 512 * status.st_blocks
    return used, files


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
        resource.setrlimit(kind, (amount, amount))


# --- privileges ---------------------------------------------------------------------------

_PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _CLEAR_ALL = 38, 47, 4
_PR_GET_SECCOMP = 21
_CAPABILITY_VERSION = 0x20080522


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    """Root's uid is kept (its files must stay readable), root's powers are not."""
    libc.prctl(_PR_CAP_AMBIENT, _CLEAR_ALL, 0, 0, 0)
    header = struct.pack("Ii", _CAPABILITY_VERSION, 0)
    _check(libc.capset(ctypes.c_char_p(header), ctypes.c_char_p(bytes(24))), "capset")


def _has_seccomp() -> bool:
    if sys.platform != "linux" or not syscalls.machine():
        return False
    return ctypes.CDLL(None).prctl(_PR_GET_SECCOMP, 0, 0, 0, 0) >= 0


def _check(result: int, what: str) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), f"the sandbox could not be closed: {what}")
    return result


# --- files: Landlock ------------------------------------------------------------------------

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # on every architecture
_PATH_BENEATH = 1
_READ_FILE, _READ_DIR, _WRITE_FILE = 1 << 2, 1 << 3, 1 << 1
_REMOVE_DIR, _REMOVE_FILE = 1 << 4, 1 << 5
_MAKE_DIR, _MAKE_REG, _MAKE_SOCK, _MAKE_SYM = 1 << 7, 1 << 8, 1 << 9, 1 << 12
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_READ = _READ_FILE | _READ_DIR
#: No executing, no devices, no fifos.
_CHANGE = (
    _READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _MAKE_SYM
    | _REFER | _TRUNCATE
)  # fmt: skip
#: How many rights over files each version of Landlock knows.
_FILE_RIGHTS = (0, 13, 14, 15, 15, 16)
_TCP = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


def readable_places() -> list[int]:
    """Open descriptors of what a kernel may read: the system, Python and its packages.

    Opened once, before the fork. The course is not among them, wherever it
    lies: not the working folder, not `sys.path`, of the environment only its
    libraries, and of those not our own package (it may hold sample solutions).
    """
    return [
        os.open(path, os.O_PATH | os.O_CLOEXEC)
        for path in dict.fromkeys(_readable_paths())
        if os.path.exists(path)
    ]


def _readable_paths() -> Iterator[str]:
    yield from ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/usr/share")
    yield from ("/dev/zero", "/dev/random", "/dev/urandom", "/sys/devices/system/cpu")
    yield from ("/proc/cpuinfo", "/proc/meminfo")
    prefixes = {sys.prefix, sys.base_prefix}
    yield from (
        os.path.join(prefix, name) for prefix in prefixes for name in ("share", "pyvenv.cfg")
    )
    paths = sysconfig.get_paths()
    folders = {"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"}
    folders |= {os.path.join(prefix, "lib") for prefix in prefixes}
    folders |= {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {path for path in sys.path if path.endswith("-packages")}
    for folder in sorted({os.path.realpath(folder) for folder in folders}):
        if os.path.isdir(folder):
            yield from (e.path for e in os.scandir(folder) if not _may_hold_course(e.name))


def _may_hold_course(name: str) -> bool:
    """Folders whose contents are listed one by one, and our own package."""
    return name == "autograder" or name.startswith("python3") or name.endswith("-packages")


def _landlock_version() -> int:
    if sys.platform != "linux":
        return 0
    return max(0, ctypes.CDLL(None).syscall(_CREATE_RULESET, None, 0, 1))


def _restrict_files(
    libc: ctypes.CDLL, writable: Sequence[Path], sockets: Path, readable: Sequence[int]
) -> None:
    """Files by rules; TCP, abstract sockets and signals wholly, where Landlock knows them."""
    version = _landlock_version()
    known = (1 << _FILE_RIGHTS[min(version, len(_FILE_RIGHTS) - 1)]) - 1
    handled = struct.pack(
        "QQQ", known, _TCP if version >= 4 else 0, _ABSTRACT_SOCKETS_AND_SIGNALS if version >= 6 else 0
    )  # fmt: skip
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = _check(
        libc.syscall(_CREATE_RULESET, ctypes.c_char_p(handled), ctypes.c_size_t(size), 0),
        "Landlock ruleset",
    )
    own = [(path, _CHANGE) for path in writable]
    own += [(sockets, _MAKE_SOCK), (Path("/proc/self"), _READ)]
    own += [(Path("/dev/null"), _READ_FILE | _WRITE_FILE)]
    opened = [(os.open(path, os.O_PATH | os.O_CLOEXEC), rights) for path, rights in own]
    for descriptor, rights in [*opened, *((place, _READ) for place in readable)]:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _READ_FILE | _WRITE_FILE | _TRUNCATE
        rule = struct.pack("=Qi", rights & known, descriptor)
        _check(
            libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.c_char_p(rule), 0),
            "Landlock rule",
        )
    _check(libc.syscall(_RESTRICT_SELF, ruleset, 0), "Landlock")
    for descriptor, _ in opened:
        os.close(descriptor)
    os.close(ruleset)
