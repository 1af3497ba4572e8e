"""Warm kernels for any Jupyter program, by the entry point ``autograder-warm``.

nbconvert, formgrader and whoever else has a manager of `jupyter_client` speaks to them as to other
kernels; the grader has `autograder.kernels.warm`. This module knows nothing of notebooks.
"""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path
from typing import Any, cast

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Dict, Float, Tuple

from autograder.kernels.folders import remove
from autograder.kernels.sandbox import Box
from autograder.kernels.warm import new_folder, order

__all__ = ["WarmProvisioner"]

#: How often a kernel's line is looked at.
_LOOK_SECONDS = 0.01


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
    folder: Path | None = None
    process: Any = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Make the private folder, and have the manager speak through it."""
        # A restarted kernel finds the files it left.
        if self.folder is None:
            self.folder = new_folder(self.packages)
        manager = self.parent
        manager.transport, manager.ip = "ipc", str(self.folder / "zmq" / "port")
        manager.cache_ports = False
        manager.connection_file = str(self.folder / "connection.json")
        return cast(dict[str, Any], await super().pre_launch(**kwargs))

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Order a kernel; return when its sockets are bound, so that clients need not retry."""
        assert self.folder is not None
        info = {**self.connection_info, "key": self.connection_info["key"].decode()}
        box = None if self.box is None else Box(**self.box)
        self.process = order(info, self.folder, box, self.packages)
        ends = time.monotonic() + self.start_seconds
        try:
            while not self.process.is_ready():
                if time.monotonic() > ends:
                    raise TimeoutError(f"the kernel was not ready after {self.start_seconds:g} s")
                await asyncio.sleep(_LOOK_SECONDS)
        except BaseException:
            self.process.close()
            self.process = None
            raise
        self.pid, self.cwd = self.process.pid, self.folder / "work"
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the end of the kernel; it is heard of at once."""
        if self.process is None:
            return 0
        await self._until_exit()
        code = self.process.returncode
        self.process.close()
        self.process = None
        return cast(int, code)

    async def _until_exit(self) -> None:
        while self.process.poll() is None:
            await asyncio.sleep(_LOOK_SECONDS)

    async def send_signal(self, signum: int) -> None:
        """Have the zygote send a signal: only it knows that the pid is still the kernel's."""
        if self.process is not None:
            self.process.send_signal(signum)

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel, and return when it is dead and reaped."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            await self._until_exit()

    async def cleanup(self, restart: bool = False) -> None:
        """Remove the private folder."""
        await super().cleanup(restart=restart)
        if self.folder is not None and not restart:
            remove(self.folder)
