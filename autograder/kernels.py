"""Warm kernels for the grader: forked, boxed, watched.

`warm_kernel` gives a `jupyter_client` manager and client of a kernel that was
forked from the zygote (`autograder.zygote`), one for each grading process,
started on demand and ended with it. `WarmProvisioner` is the part that
`jupyter_client` speaks to; under its entry point, ``autograder-warm``, any
Jupyter program can use it. This module knows nothing of notebooks.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Dict, Float

from autograder.sandbox import Box
from autograder.zygote import Order

__all__ = ["WarmProvisioner", "available", "warm_kernel"]

_KILLED = -int(signal.SIGKILL)


def available() -> bool:
    """Whether kernels can be forked here: Linux 5.3 or later."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


@contextlib.contextmanager
def warm_kernel(
    box: Box | None = Box(), start_seconds: float = 60.0
) -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    """A warm kernel, ready to run code, in a private folder; gone afterwards.

    Parameters
    ----------
    box : Box or None
        What it may use; None for no sandbox.
    start_seconds : float
        Time allowed for starting, the first time including the zygote's start.

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
    )
    client: BlockingKernelClient | None = None
    try:
        manager.start_kernel()
        client = manager.client()
        client.start_channels(stdin=False, hb=False)
        _wait_until_ready(manager, client, start_seconds)
        yield manager, client
    finally:
        if client is not None:
            client.stop_channels()
        manager.shutdown_kernel(now=True)


def _wait_until_ready(manager: KernelManager, client: BlockingKernelClient, seconds: float) -> None:
    """Until the kernel has answered and its outputs arrive (the subscription takes a moment)."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        asked = client.kernel_info()
        asks_again = time.monotonic() + 0.5
        while (remaining := asks_again - time.monotonic()) > 0:
            try:
                message = client.get_iopub_msg(timeout=min(remaining, 0.05))
            except queue.Empty:
                if not manager.is_alive():
                    raise RuntimeError("the kernel died before it was ready") from None
                continue
            idle = message["content"].get("execution_state") == "idle"
            if idle and message["parent_header"].get("msg_id") == asked:
                return
    raise RuntimeError(f"the kernel did not answer within {seconds:g} s")


class WarmProvisioner(LocalProvisioner):
    """Launch kernels by ordering them from the zygote.

    The base class documents who calls what when; `process` is a `_Line`, which
    has what that class expects of a `Popen`.
    """

    box = Dict(default_value=vars(Box()), allow_none=True, help="See autograder.sandbox.Box").tag(
        config=True
    )
    start_seconds = Float(60.0, help="Time allowed for starting").tag(config=True)
    folder: Path | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Make the private folder, and have the manager speak through it."""
        folder = self.folder = Path(tempfile.mkdtemp(prefix="kernel-"))
        for name in ("work", "home", "zmq"):
            (folder / name).mkdir()
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
            environment=_environment(self.folder / "home"),
            box=None if self.box is None else Box(**self.box),
        )
        self.process = _Line(_order(order))
        try:
            await asyncio.wait_for(self.process.until_ready(), self.start_seconds)
        except BaseException:
            self.process.close()
            raise
        self.pid = self.process.pid
        self.cwd = self.folder / "work"
        return self.connection_info

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
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class _Line:
    """One kernel as the grader sees it: a socket on which the zygote reports."""

    socket: socket.socket
    pid: int = 0
    returncode: int | None = None
    reason: str = ""
    stdin: None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.socket.setblocking(False)

    async def until_ready(self) -> None:
        """Wait for the kernel's own report."""
        while True:
            message = await self._next()
            if "ready" in message:
                return
            if "error" in message:
                raise RuntimeError(f"the kernel could not start: {message['error']}")
            if self.returncode is not None:
                raise RuntimeError(f"the kernel could not start: {self.reason or _zygote_errors()}")

    async def until_exit(self) -> int:
        """Wait for the end."""
        while self.returncode is None:
            await self._next()
        return self.returncode

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

    def send_signal(self, number: int) -> None:
        """Ask the zygote to signal; nothing happens to a kernel that has ended."""
        with contextlib.suppress(OSError):
            self.socket.send(str(int(number)).encode(), socket.MSG_NOSIGNAL)

    def close(self) -> None:
        """Hang up, at which the zygote kills a kernel that still runs."""
        self.socket.close()

    async def _next(self) -> dict[str, Any]:
        try:
            data = await asyncio.get_running_loop().sock_recv(self.socket, 65536)
        except OSError:
            data = b""
        return self._take(data)

    def _take(self, data: bytes) -> dict[str, Any]:
        message = json.loads(data) if data else {"exit": _KILLED}
        self.pid = message.get("pid", self.pid)
        self.returncode = message.get("exit", self.returncode)
        self.reason = message.get("reason", self.reason)
        return cast(dict[str, Any], message)


# --- the zygote of this process -------------------------------------------------------------


class _Zygote:
    """The running forking parent and the socket that takes orders."""

    def __init__(self) -> None:
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.errors = tempfile.TemporaryFile()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "autograder.zygote", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self.errors,
                cwd="/",
                env=_environment(Path("/nonexistent")) | _search_path(),
                # Ctrl-C is for the grader, which ends its kernels in good order.
                start_new_session=True,
            )

    def close(self) -> None:
        """Hang up, at which the zygote kills its kernels and ends."""
        self.socket.close()
        self.process.wait()
        self.errors.close()


_zygote: _Zygote | None = None
_lock = threading.Lock()


def _order(order: Order) -> socket.socket:
    """Send an order to the zygote, starting it if need be; return the kernel's line."""
    global _zygote
    with _lock:
        if _zygote is not None and _zygote.process.poll() is not None:
            _zygote.close()
            _zygote = None
        _zygote = _zygote or _Zygote()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            socket.send_fds(_zygote.socket, [order.to_json()], [theirs.fileno()])
    return ours


def _zygote_errors() -> str:
    """The last words of a zygote that has ended."""
    with _lock:
        if _zygote is None:
            return ""
        _zygote.errors.seek(0)
        return _zygote.errors.read()[-2000:].decode(errors="replace")


@atexit.register
def _end_zygote() -> None:
    global _zygote
    with _lock:
        if _zygote is not None:
            _zygote.close()
            _zygote = None


def _forget_zygote() -> None:
    """In a fork of the grader: the zygote is the parent's, and must see it end."""
    global _zygote, _lock
    _lock = threading.Lock()
    if _zygote is not None:
        _zygote.socket.close()
        _zygote = None


os.register_at_fork(after_in_child=_forget_zygote)


def _search_path() -> dict[str, str]:
    """Where this process finds packages, if it was told by its environment."""
    return {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}


def _environment(home: Path) -> dict[str, str]:
    """Nothing of the grader's environment but the language."""
    kept = ("LANG", "LC_ALL", "LC_CTYPE")
    folders = ("HOME", "TMPDIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        **{name: str(home) for name in folders},
        "PATH": os.defpath,
        "USER": "student",
        "LOGNAME": "student",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONDONTWRITEBYTECODE": "1",
        # One thread a kernel: several are graded at once, and only one survives a fork.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        # Arenas reserve address space, which is what the memory limit counts.
        "MALLOC_ARENA_MAX": "2",
    }
