"""A forked process becomes a Jupyter kernel, in its box.

Everything between the fork and the first cell: what a fork must not share with
its neighbours, the sandbox, and ipykernel without what grading has no use for.
It knows nothing of who ordered the kernel.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import random
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch
from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.kernelapp import IPKernelApp
from traitlets.config import Config

from autograder.kernels.guest import install
from autograder.kernels.protocol import Forked, Order
from autograder.kernels.quota import enclose
from autograder.kernels.sandbox import confine
from autograder.observation.surroundings import REFUSED

__all__ = ["become_kernel"]

_PR_SET_PDEATHSIG = 1


def become_kernel(forked: Forked) -> NoReturn:
    """Run a kernel until it is shut down or killed. Never returns.

    Parameters
    ----------
    forked : Forked
        Its `line` is told once that the kernel is ready, or why it is not, and
        then closed.
    """
    order, line, readable, parent = forked
    try:
        _detach(parent)
        connection = json.loads(Path(order.connection_file).read_text())
        folder, box, enclosed = Path(order.folder), order.box, False
        if box is not None and box.quota:
            enclosed = enclose(folder, ["work", "home"], box.disk_bytes, box.files)
            _end_with_the_parent()  # another user namespace may have undone it
        _settle(order)
        readable = [*readable, *_programs(order)]
        if order.box is not None:
            own = [folder / "work", folder / "home"]
            own += [Path(order.programs)] if order.fills else []
            confine(order.box, own, folder / "zmq", readable)
        for descriptor in readable:
            os.close(descriptor)
        app = _start(connection)
        if order.box is not None:
            _explain_refusals()
        install(app.shell, boxed=order.box is not None)
    except BaseException:
        line.send(json.dumps({"error": traceback.format_exc(limit=-3)}).encode())
        os._exit(1)
    line.send(json.dumps({"ready": True, "enclosed": enclosed}).encode())
    line.close()
    _leave_nothing_to_import()
    start = app.start
    try:
        # Whoever stops the loop is not the grader: it kills.
        while True:
            with contextlib.suppress(KeyboardInterrupt, SystemExit):
                start()
            start = app.io_loop.start
    finally:
        # Nothing is worth tidying up: the folder and the process go as a whole.
        os._exit(0)


def _leave_nothing_to_import() -> None:
    """What observes is bound by now; under no name can it be replaced, or used."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "autograder"]:
        del sys.modules[name]


def _detach(parent: int) -> None:
    """End with the parent; no terminal, no signals of its group, no inherited output."""
    _end_with_the_parent()
    if os.getppid() != parent:
        os._exit(1)
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _end_with_the_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _settle(order: Order) -> None:
    """A private environment and folder, and random numbers of its own."""
    os.environ.clear()
    os.environ.update(order.environment)
    tempfile.tempdir = None
    os.umask(0o077)
    os.chdir(Path(order.folder, "work"))
    sys.path.append(os.getcwd())  # last, so that nothing there replaces a library
    sys.argv = ["kernel"]
    # Always the same: a submission that draws numbers without a seed of its own
    # must get the same verdict when it is graded again.
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
    # From which NumPy seeds a generator that is given none.
    np.random.bit_generator.randbits = random.Random(0).getrandbits  # type: ignore[attr-defined]
    gc.enable()


def _programs(order: Order) -> list[int]:
    """Have JAX look for what is compiled already; a descriptor of the folder in which it lies."""
    jax = sys.modules.get("jax")
    if not order.programs or jax is None:
        return []
    jax.config.update("jax_compilation_cache_dir", order.programs)
    # What takes no shorter than that is written down.
    shortest = 0.0 if order.fills else 1e9
    jax.config.update("jax_persistent_cache_min_compile_time_secs", shortest)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    jax.config.update("jax_persistent_cache_enable_xla_caches", "none")
    return [os.open(order.programs, os.O_PATH | os.O_CLOEXEC)]


class _OutStream(OutStream):
    """Says nothing more when a cell has printed far more than the grader keeps of it.

    A flood costs the cell nothing, and there is nothing to be read to its end before the
    next one. (The grader has its own limit; this one is in the student's reach.)
    """

    _most = 1_000_000
    _room = _most

    def set_parent(self, parent: Any) -> None:
        """Another cell: room again."""
        self._room = self._most
        super().set_parent(parent)  # type: ignore[no-untyped-call]

    def write(self, string: str) -> int:
        """As the base class, as long as there is room."""
        if not isinstance(string, str):
            return super().write(string) or 0
        if self._room > 0:
            super().write(string[: self._room])
            self._room -= len(string)
        return len(string)


class _KernelApp(IPKernelApp):
    """ipykernel, opening no TCP socket, connecting to nothing, reading no configuration."""

    outstream_class = f"{__name__}._OutStream"

    def parse_command_line(self, argv: Any = None) -> None:
        """There is none, and building its parser takes 20 ms."""

    def load_config_file(self, *args: Any, **kwargs: Any) -> None:
        """The same for every kernel: nobody's profile."""

    def init_connection_file(self) -> None:
        """Read before the box was closed."""

    def write_connection_file(self, **kwargs: Any) -> None:
        """The grader wrote it."""

    def init_control(self, context: Any) -> None:
        """Without the debugger's connection to the shell: the box lets nothing connect."""
        super().init_control(context)  # type: ignore[no-untyped-call]
        self.debug_shell_socket.close(0)

    def init_iopub(self, context: Any) -> None:
        """Without the TCP port for the output of subprocesses: zmq aborts when refused one."""
        IOPubThread._setup_pipe_in = _no_pipe  # type: ignore[method-assign]
        super().init_iopub(context)  # type: ignore[no-untyped-call]


def _no_pipe(thread: IOPubThread) -> None:
    thread._pipe_flag = False


def _start(connection: dict[str, Any]) -> Any:
    app: Any = _KernelApp.instance(config=Config({"HistoryManager": {"enabled": False}}))
    app.load_connection_info(connection)
    app.initialize()
    # After init: a backend that was imported before the fork would drop every figure.
    app.shell.enable_matplotlib("inline")
    # IPython keeps a copy of all that is printed, without limit, for a history that nobody reads.
    app.shell._tee = lambda channel: contextlib.nullcontext()
    _transform_once(app.shell)
    return app


def _transform_once(shell: Any) -> None:
    """Have a cell read for magics once: ipykernel does so, and IPython at once again."""
    transform = shell.transform_cell
    last: list[tuple[str, str]] = []

    def transform_cell(raw: str) -> str:
        if last and last[0][0] == raw:
            return last.pop()[1]
        last[:] = [(raw, transform(raw))]
        return last[0][1]

    shell.transform_cell = transform_cell


_REASONS = {
    "subprocess.Popen": "start other programs",
    "os.system": "start other programs",
    "os.posix_spawn": "start other programs",
    "os.exec": "start other programs",
    "os.fork": "start other processes (DataLoader workers, multiprocessing)",
    "os.forkpty": "start other processes",
    "socket.connect": "use the network",
    "socket.getaddrinfo": "use the network",
}


def _explain_refusals() -> None:
    """Say in words what the sandbox would refuse with a number. No protection by itself."""

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event in _REASONS:
            raise PermissionError(f"{REFUSED} {_REASONS[event]}")

    sys.addaudithook(hook)
