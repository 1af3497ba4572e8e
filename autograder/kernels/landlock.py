"""Which files a kernel may touch: Landlock, by ctypes.

Rules that a process puts on itself and cannot take off: what it may read, and
where it may write. Newer versions also cover TCP, abstract sockets and signals,
which `autograder.kernels.syscalls` refuses anyway; what older ones leave open (emptying
a file, changing its mode, UDP, unix sockets) is refused there too, so the first
version is enough. It knows nothing of kernels or notebooks.

References
----------
`landlock(7)`, Documentation/userspace-api/landlock.rst.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

__all__ = ["readable", "readable_places", "restrict_files", "version"]

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
    places = [
        os.open(path, os.O_PATH | os.O_CLOEXEC)
        for path in dict.fromkeys(_readable_paths())
        if os.path.exists(path)
    ]
    known = _known()
    _rules.update({descriptor: _rule(descriptor, _READ & known) for descriptor in places})
    return places


#: The rules of `readable_places`, which are some hundred: made before the fork, too.
_rules: dict[int, bytes] = {}


def readable() -> list[str]:
    """The same places by name, with their links followed."""
    return [os.path.realpath(path) for path in _readable_paths() if os.path.exists(path)]


def _readable_paths() -> Iterator[str]:
    yield from ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/usr/share")
    yield from ("/dev/zero", "/dev/random", "/dev/urandom", "/sys/devices/system/cpu")
    yield from ("/proc/cpuinfo", "/proc/meminfo")
    prefixes = {sys.prefix, sys.base_prefix}
    yield from (os.path.join(prefix, "pyvenv.cfg") for prefix in prefixes)
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


def version() -> int:
    """The version of Landlock here, 0 if there is none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(ctypes.CDLL(None).syscall(_CREATE_RULESET, None, 0, 1)))


def restrict_files(writable: Sequence[Path], sockets: Path | None, readable: Sequence[int]) -> None:
    """Restrict the calling thread, and every thread it will start, for good.

    Needs `no_new_privs`.

    Parameters
    ----------
    writable : sequence of Path
        Folders in which files may be made and changed.
    sockets : Path or None
        Folder in which unix sockets may be made, and nothing else, if anywhere.
    readable : sequence of int
        Open descriptors from `readable_places`.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    known = _known()
    ruleset = _call(libc, _CREATE_RULESET, *_handled(known))
    own = [(path, _CHANGE) for path in writable]
    own += [(Path("/proc/self"), _READ), (Path("/dev/null"), _READ_FILE | _WRITE_FILE)]
    own += [(sockets, _MAKE_SOCK)] if sockets else []
    opened = [(os.open(path, os.O_PATH | os.O_CLOEXEC), rights) for path, rights in own]
    rules = [_rule(descriptor, rights & known) for descriptor, rights in opened]
    rules += [_rules.get(place) or _rule(place, _READ & known) for place in readable]
    for rule in rules:
        _call(libc, _ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    _call(libc, _RESTRICT_SELF, ruleset, 0)
    for descriptor in (ruleset, *(descriptor for descriptor, _ in opened)):
        os.close(descriptor)


def _known() -> int:
    """The rights on files that this version knows."""
    return int((1 << _FILE_RIGHTS[min(version(), len(_FILE_RIGHTS) - 1)]) - 1)


def _rule(descriptor: int, rights: int) -> bytes:
    """That what lies at or below it may be used so."""
    if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
        rights &= _READ_FILE | _WRITE_FILE | _TRUNCATE
    return struct.pack("=Qi", rights, descriptor)


def _handled(known: int) -> tuple[ctypes.c_char_p, ctypes.c_size_t, int]:
    """What is forbidden unless a rule allows it: all that this version knows."""
    network = _TCP if version() >= 4 else 0
    scopes = _ABSTRACT_SOCKETS_AND_SIGNALS if version() >= 6 else 0
    size = 8 if version() < 4 else 16 if version() < 6 else 24
    attributes = struct.pack("QQQ", known, network, scopes)
    return ctypes.c_char_p(attributes), ctypes.c_size_t(size), 0


def _call(libc: ctypes.CDLL, *arguments: object) -> int:
    result = int(libc.syscall(*arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock refused to restrict this process")
    return result
