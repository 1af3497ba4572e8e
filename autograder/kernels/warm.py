"""A warm kernel for the grader: forked, boxed, watched, in a private folder.

`warm_kernel` orders one from a zygote (`autograder.kernels.zygote`), which is started on demand
and ends with the grading process, and gives its process and a talk with it. What other Jupyter
programs use instead is `autograder.kernels.provisioner`. It knows nothing of notebooks.
"""

from __future__ import annotations

import contextlib
import secrets
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.errors import GraderFault
from autograder.kernels.folders import remove
from autograder.kernels.orders import Line, announce, environment, order_kernel
from autograder.kernels.protocol import Order
from autograder.kernels.sandbox import Box, process_status
from autograder.kernels.talk import Talk

__all__ = ["WarmProcess", "new_folder", "order", "warm_kernel"]


@contextlib.contextmanager
def warm_kernel(
    box: Box | None = Box(), start_seconds: float = 60.0, packages: tuple[str, ...] = (),
    programs: str = "", fills: bool = False, figures: bool = True,
) -> Iterator[tuple[WarmProcess, Talk]]:  # fmt: skip
    """A warm kernel, ready to run code, in a private folder; gone afterwards.

    Parameters
    ----------
    box : Box or None
        What it may use; None for no sandbox.
    start_seconds : float
        Time allowed for starting, the first time including the zygote's start.
    packages : tuple of str
        What it is to have imported, beside what every notebook uses.
    programs : str
        A folder of compiled programs, to read from; or, if it `fills` it, to write to.
    fills : bool
    figures : bool
        Whether what is shown is drawn; where not, a figure is an output with a text alone.

    Raises
    ------
    RuntimeError
        If no kernel could be started.
    """
    ends = time.monotonic() + start_seconds
    with contextlib.ExitStack() as stack:
        folder = new_folder(packages)
        stack.callback(remove, folder)
        ours, theirs = socket.socketpair()
        stack.callback(ours.close)
        with theirs:
            about = {"programs": programs, "fills": fills, "figures": figures}
            line = order(None, folder, box, packages, theirs, **about)
        process = WarmProcess(line, folder)
        stack.callback(process.kill)
        while not line.is_ready():
            remaining = ends - time.monotonic()
            if remaining <= 0:
                raise RuntimeError(f"the kernel was not ready after {start_seconds:g} s")
            line.wait(remaining)
        yield process, Talk.paired(ours)


def new_folder(packages: tuple[str, ...] = ()) -> Path:
    """A private folder for a kernel of a zygote, which removes it if this process is killed."""
    folder = Path(tempfile.gettempdir(), f"kernel-{secrets.token_hex(4)}")
    announce(folder, packages)
    folder.mkdir(0o700)
    return folder


def order(
    connection: dict[str, Any] | None, folder: Path, box: Box | None, packages: tuple[str, ...],
    wire: socket.socket | None = None, **more: Any,
) -> Line:  # fmt: skip
    """Have a kernel forked that listens there; see `Order`. Its line says when it is ready."""
    for name in ("work", "home", *(("zmq",) if connection else ())):
        (folder / name).mkdir(exist_ok=True)
    wanted = Order(connection, str(folder), environment(folder / "home"), box, **more)
    return Line(order_kernel(wanted, packages, wire), packages=packages)


class WarmProcess:
    """The process of a warm kernel; see `autograder.kernels.kernel.Process`."""

    def __init__(self, line: Line, folder: Path) -> None:
        self._line, self.folder = line, folder

    @property
    def pid(self) -> int:
        """Its number."""
        return self._line.pid

    @property
    def place(self) -> Path:
        """Where the private folder is found as the kernel itself sees it."""
        seen_by_it = Path(f"/proc/{self.pid}/root{self.folder}")
        return seen_by_it if self.enclosed else self.folder

    @property
    def enclosed(self) -> bool:
        """Whether it is on a file system of its own."""
        return self._line.enclosed

    @property
    def is_halted(self) -> bool:
        """Whether it has been stopped by a signal; nothing here ever does that to it."""
        with contextlib.suppress(OSError):
            return process_status(self.pid)[:1] == [b"T"]
        return False

    def is_alive(self) -> bool:
        """Whether it has not ended; of its end is heard at once."""
        return self._line.poll() is None

    def why_it_died(self) -> str:
        """A phrase that says how it ended, as far as can be known."""
        if self._line.reason:
            return f"the code made {self._line.reason}"
        return _ENDS.get(-(self._line.poll() or 0), "the code ended the process")

    def was_killed(self) -> bool:
        """Whether it was killed, and nobody here knows why.

        Raises
        ------
        GraderFault
            If the zygote has been, and all its kernels with it.
        """
        if self._line.lost:
            raise GraderFault("the process that makes kernels was killed: is there memory left?")
        return self._line.poll() == -signal.SIGKILL and not self._line.reason

    def interrupt(self) -> None:
        """Have what runs in it stopped."""
        self._line.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End it, and return when it has been reaped."""
        self._line.send_signal(signal.SIGKILL)
        while self.is_alive():
            self._line.wait()
        self._line.close()


_ENDS: dict[int, str] = {
    signal.SIGKILL: "the kernel was killed",
    signal.SIGXCPU: "the code used too much processor time",
    signal.SIGSEGV: "the kernel crashed (segmentation fault)",
    signal.SIGABRT: "the kernel crashed (aborted, perhaps out of memory or without open files)",
    signal.SIGSYS: "the code made a system call of another architecture",
}
