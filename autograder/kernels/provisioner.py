"""Warm kernels for the grader: forked, boxed, watched.

`warm_kernel` gives a `jupyter_client` manager of, and a talk with, a kernel that was
forked from a zygote (`autograder.kernels.zygote`), started on demand and ended with the
grading process. `WarmProvisioner` is the part that
`jupyter_client` speaks to; under its entry point, ``autograder-warm``, any
Jupyter program can use it. This module knows nothing of notebooks.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import tempfile
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_core.utils import ensure_event_loop
from traitlets import Bool, Dict, Float, Tuple, Unicode

from autograder.kernels.folders import remove
from autograder.kernels.orders import Line, announce, environment, order_kernel
from autograder.kernels.protocol import Order
from autograder.kernels.sandbox import Box, process_status
from autograder.kernels.talk import Talk

__all__ = ["WarmProvisioner", "warm_kernel", "why_it_died"]


@contextlib.contextmanager
def warm_kernel(
    box: Box | None = Box(), start_seconds: float = 60.0, packages: tuple[str, ...] = (),
    programs: str = "", fills: bool = False, figures: bool = True,
) -> Iterator[tuple[KernelManager, Talk]]:  # fmt: skip
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
    manager = KernelManager(transport="ipc")
    manager._kernel_spec = KernelSpec(display_name="warm", language="python", argv=[])
    manager.provisioner = WarmProvisioner(
        parent=manager,
        kernel_id=str(uuid.uuid4()),
        kernel_spec=manager._kernel_spec,
        box=None if box is None else vars(box),
        start_seconds=start_seconds,
        packages=packages,
        programs=programs,
        fills=fills,
        figures=figures,
        terse=True,
    )
    try:
        manager.start_kernel()
        talk = Talk(manager, start_seconds)
        try:
            yield manager, talk
        finally:
            talk.close()
    finally:
        manager.shutdown_kernel(now=True)
        _close_event_loop()


def _close_event_loop() -> None:
    """End the loop that `jupyter_client` opens in every thread, and never closes."""
    with contextlib.suppress(RuntimeError):
        asyncio.get_running_loop()
        return  # ours to use, not to close
    if threading.current_thread() is not threading.main_thread():
        ensure_event_loop().close()
        asyncio.set_event_loop(None)


def why_it_died(manager: KernelManager) -> str:
    """A phrase that says how a warm kernel ended, as far as can be known; "" while it lives."""
    line = getattr(manager.provisioner, "process", None)
    if not isinstance(line, Line) or line.poll() is None:
        return ""
    if line.reason:
        return f"the code made {line.reason}"
    return _ENDS.get(-(line.returncode or 0), "the code ended the process")


_ENDS: dict[int, str] = {
    signal.SIGKILL: "the kernel was killed",
    signal.SIGXCPU: "the code used too much processor time",
    signal.SIGSEGV: "the kernel crashed (segmentation fault)",
    signal.SIGABRT: "the kernel crashed (aborted, perhaps out of memory or without open files)",
    signal.SIGSYS: "the code made a system call of another architecture",
}


class WarmProvisioner(LocalProvisioner):  # type: ignore[misc]
    """Launch kernels by ordering them from the zygote.

    The base class documents who calls what when; `process` is a `Line`, which
    has what that class expects of a `Popen`.
    """

    box = Dict(
        default_value=vars(Box()), allow_none=True, help="See autograder.kernels.sandbox.Box"
    ).tag(config=True)
    start_seconds = Float(60.0, help="Time allowed for starting").tag(config=True)
    packages = Tuple(help="Imported before the fork, beside the usual").tag(config=True)
    programs = Unicode(help="A folder of compiled programs").tag(config=True)
    fills = Bool(help="Whether more of them are put there").tag(config=True)
    figures = Bool(True, help="Whether what is shown is drawn").tag(config=True)
    terse = Bool(help="Whether it answers on IOPub alone").tag(config=True)
    folder: Path | None = None
    process: Any = None
    _enclosed = False

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Make the private folder, and have the manager speak through it."""
        # A restarted kernel finds the files it left.
        if self.folder is None:
            self.folder = Path(tempfile.gettempdir(), f"kernel-{secrets.token_hex(4)}")
            announce(self.folder, self.packages)
            self.folder.mkdir(0o700)
        folder = self.folder
        for name in ("work", "home", "zmq"):
            (folder / name).mkdir(exist_ok=True)
        manager = self.parent
        manager.transport, manager.ip = "ipc", str(folder / "zmq" / "port")
        manager.cache_ports = False
        manager.connection_file = str(folder / "connection.json")
        return cast(dict[str, Any], await super().pre_launch(**kwargs))

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Order a kernel; return when its sockets are bound, so that clients need not retry."""
        assert self.folder is not None
        order = Order(
            connection_file=self.parent.connection_file,
            folder=str(self.folder),
            environment=environment(self.folder / "home"),
            box=None if self.box is None else Box(**self.box),
            programs=self.programs,
            fills=self.fills,
            figures=self.figures,
            terse=self.terse,
        )
        self.process = Line(order_kernel(order, self.packages), packages=self.packages)
        try:
            await asyncio.wait_for(self.process.until_ready(), self.start_seconds)
        except BaseException:
            self.process.close()
            self.process = None
            raise
        self.pid, self._enclosed = self.process.pid, self.process.enclosed
        self.cwd = self.folder / "work"
        return self.connection_info

    @property
    def place(self) -> Path:
        """Where the private folder is found as the kernel itself sees it."""
        assert self.folder is not None
        return Path(f"/proc/{self.pid}/root{self.folder}") if self._enclosed else self.folder

    @property
    def is_halted(self) -> bool:
        """Whether the kernel has been stopped by a signal; nothing here ever does that to it."""
        with contextlib.suppress(OSError):
            return process_status(self.pid)[:1] == [b"T"]
        return False

    async def wait(self) -> int | None:
        """Wait for the end of the kernel; it is heard of at once."""
        if self.process is None:
            return 0
        code = await self.process.until_exit()
        self.process.close()
        self.process = None
        return cast(int, code)

    async def send_signal(self, signum: int) -> None:
        """Have the zygote send a signal: only it knows that the pid is still the kernel's."""
        if self.process is not None:
            self.process.send_signal(signum)

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel, and return when it is dead and reaped."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            await self.process.until_exit()

    async def cleanup(self, restart: bool = False) -> None:
        """Remove the private folder."""
        await super().cleanup(restart=restart)
        if self.folder is not None and not restart:
            remove(self.folder)
