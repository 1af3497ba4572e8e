"""Ordering kernels from the zygote, and hearing from each of them.

The grader's end of the protocol drawn in `autograder.kernels.zygote`: one forking
parent for each grading process (one more for each set of packages that only some
weeks use), started with the first order and ended with the process, and a `Line`
for each kernel. Any thread may order. It knows nothing of Jupyter.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.kernels.protocol import Order

__all__ = ["Line", "announce", "available", "environment", "last_words", "order_kernel", "warm"]

_KILLED = -int(signal.SIGKILL)
#: Half of what the zygote holds lies in its heap. In pages of 2 MB its table is copied with each
#: fork, and taken down with each end, in 2 ms less. Passed over by another C library, or system.
_HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
#: personality(2): what is started lies where it always lies.
_ADDR_NO_RANDOMIZE, _ASK = 0x0040000, 0xFFFFFFFF


def available() -> bool:
    """Whether kernels can be forked here: Linux 5.3 or later."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


@dataclass
class Line:
    """One kernel as the grader sees it: a socket on which the zygote reports.

    `packages` are those that its zygote has imported beside the usual.
    """

    socket: socket.socket
    pid: int = 0
    returncode: int | None = None
    reason: str = ""
    packages: tuple[str, ...] = ()
    #: Whether the zygote has ended, and the kernel with it.
    lost: bool = False
    #: Whether its folders are its own, and of a limited size.
    enclosed: bool = False
    _ready: bool = False
    _error: str = ""

    def __post_init__(self) -> None:
        self.socket.setblocking(False)

    def is_ready(self) -> bool:
        """Whether the kernel has said so.

        Raises
        ------
        RuntimeError
            If it never will, with the reason.
        """
        if self.poll() is not None or self._error:
            why = self._error or self.reason or last_words(self.packages)
            raise RuntimeError(f"the kernel could not start: {why}")
        return self._ready

    def poll(self) -> int | None:
        """None while the kernel lives, then its exit code."""
        while self.returncode is None:
            try:
                self._take(self.socket.recv(65536))
            except BlockingIOError:
                break
            except OSError:
                self._take(b"")
        return self.returncode

    def wait(self, seconds: float | None = None) -> None:
        """Until the zygote says something more of it, or hangs up; or for so long."""
        poller = select.poll()
        poller.register(self.socket, select.POLLIN)
        poller.poll(None if seconds is None else max(0.0, seconds) * 1000)

    def send_signal(self, number: int) -> None:
        """Ask the zygote to signal; nothing happens to a kernel that has ended."""
        with contextlib.suppress(OSError):
            self.socket.send(str(int(number)).encode(), socket.MSG_NOSIGNAL)

    def close(self) -> None:
        """Hang up, at which the zygote kills a kernel that still runs."""
        self.socket.close()

    def _take(self, data: bytes) -> None:
        self.lost = not data
        message: dict[str, Any] = json.loads(data) if data else {"exit": _KILLED}
        self.pid = message.get("pid", self.pid)
        self.returncode = message.get("exit", self.returncode)
        self.reason = message.get("reason", self.reason)
        self.enclosed = message.get("enclosed", self.enclosed)
        self._ready = message.get("ready", self._ready)
        self._error = message.get("error", self._error)


# --- the zygotes of this process -------------------------------------------------------------


class _Zygote:
    """A running forking parent and the socket that takes orders."""

    def __init__(self, packages: tuple[str, ...]) -> None:
        self.asked = False
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `close`
        with theirs, _fixed_addresses():
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "autograder.kernels.zygote",
                    str(theirs.fileno()),
                    *packages,
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self.errors,
                cwd="/",
                env=environment(Path("/nonexistent")) | _search_path() | _HUGE_PAGES,
                # Ctrl-C is for the grader, which ends its kernels in good order.
                start_new_session=True,
            )

    def has_ended(self) -> bool:
        """Whether it takes no orders any more; its socket is closed before it can be waited for."""
        poller = select.poll()
        poller.register(self.socket, select.POLLIN)
        return bool(poller.poll(0)) or self.process.poll() is not None

    def close(self) -> None:
        """Hang up, at which the zygote kills its kernels and ends."""
        self.socket.close()
        if not self.asked:
            self.process.kill()  # it may still import, and has nothing to put away
        self.process.wait()
        self.errors.close()


#: By the packages that each has imported beside the usual.
_zygotes: dict[tuple[str, ...], _Zygote] = {}
_lock = threading.Lock()


def _running(packages: tuple[str, ...]) -> _Zygote:
    """The zygote for these packages, started if need be (under the lock)."""
    zygote = _zygotes.get(packages)
    if zygote is not None and zygote.has_ended():
        zygote.close()
        zygote = None
    zygote = _zygotes[packages] = zygote or _Zygote(packages)
    return zygote


def warm(packages: tuple[str, ...] = ()) -> None:
    """Start the zygote for kernels that will be ordered soon: it imports while the caller does."""
    if available():
        with _lock:
            _running(packages)


def announce(folder: Path, packages: tuple[str, ...] = ()) -> None:
    """Tell the zygote of a folder that is about to be made.

    If this process is killed, the zygote removes it; at any moment, so it has to
    know before there is anything to remove.
    """
    with _lock, contextlib.suppress(OSError):
        zygote = _running(packages)
        zygote.asked = True
        zygote.socket.send(json.dumps(str(folder)).encode())


def order_kernel(
    order: Order, packages: tuple[str, ...] = (), wire: socket.socket | None = None
) -> socket.socket:
    """Send an order to the zygote, starting it if need be; return the kernel's line.

    Parameters
    ----------
    order : Order
    packages : tuple of str
        What the kernel is to have imported, beside what every notebook uses.
    wire : socket.socket, optional
        By which it is to speak, if not where the order says.
    """
    with _lock:
        zygote = _running(packages)
        zygote.asked = True
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # If the zygote dies meanwhile the line closes, and that is heard on it.
        with theirs, contextlib.suppress(OSError):
            sent = [one.fileno() for one in (theirs, wire) if one is not None]
            socket.send_fds(zygote.socket, [order.to_json()], sent)
    return ours


def last_words(packages: tuple[str, ...] = ()) -> str:
    """The last words of a zygote that has ended."""
    with _lock:
        if packages not in _zygotes:
            return ""
        errors = _zygotes[packages].errors
        errors.seek(0)
        return errors.read()[-2000:].decode(errors="replace")


@atexit.register
def _end_zygotes() -> None:
    with _lock:
        while _zygotes:
            _zygotes.popitem()[1].close()


def _forget_zygotes() -> None:
    """In a fork of the grader: the zygotes are the parent's, and must see it end."""
    global _lock
    _lock = threading.Lock()
    while _zygotes:
        _zygotes.popitem()[1].socket.close()


os.register_at_fork(after_in_child=_forget_zygotes)


@contextlib.contextmanager
def _fixed_addresses() -> Iterator[None]:
    """Meanwhile programs are started with the same addresses each time, if the system lets us.

    By them an object is hashed that has nothing better, None among them (up to Python 3.11). So a
    set of texts and None has one order in every run; of objects that a notebook makes, mostly.
    """
    libc = ctypes.CDLL(None)
    before = libc.personality(_ASK)
    libc.personality(before | _ADDR_NO_RANDOMIZE)  # of this thread alone
    try:
        yield
    finally:
        libc.personality(before)


def _search_path() -> dict[str, str]:
    """Where this process finds packages, if it was told by its environment."""
    return {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}


def environment(home: Path) -> dict[str, str]:
    """Nothing of the grader's environment but the language and what starting Python needs."""
    kept = ("LANG", "LC_ALL", "LC_CTYPE", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
    folders = ("HOME", "TMPDIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        **{name: str(home) for name in folders},
        "PATH": os.defpath,
        "USER": "student",
        "LOGNAME": "student",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONDONTWRITEBYTECODE": "1",
        # The order of a set of texts is the same in every run.
        "PYTHONHASHSEED": "0",
        # One thread a kernel: several are graded at once, and only one survives a fork.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        # A compiler is another program: `torch.compile` hands back the function as it is.
        "TORCHDYNAMO_DISABLE": "1",
        # JAX's threads, and no search for accelerators.
        "NPROC": "1",
        "JAX_PLATFORMS": "cpu",
        # Each of its programs is small and run a few times: compiling them is what takes long.
        "XLA_FLAGS": "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true",
        "JAX_CPU_ENABLE_ASYNC_DISPATCH": "0",
        "JAX_TRACEBACK_IN_LOCATIONS_LIMIT": "0",
        # Arenas reserve address space, which is what the memory limit counts.
        "MALLOC_ARENA_MAX": "2",
    }
