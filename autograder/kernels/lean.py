"""ipykernel without what grading has no use for, and most of it made before the fork.

A kernel's application, its shell and the kernel itself take 40 ms to make and are the same for
everybody: `prepare` makes them in the zygote, and `start` gives them, in a fork, what is that
fork's own: a connection, folders, streams. Where they were not prepared, they are made then. It
knows nothing of boxes or orders.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
import uuid
from pathlib import Path
from typing import Any

from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from matplotlib_inline.config import InlineBackend
from traitlets.config import Config

from autograder.kernels.plain import read_quickly

__all__ = ["prepare", "start"]


class TooMuchOutput(KeyboardInterrupt):
    """A cell prints without end: it stops as if it were told to."""


class _OutStream(OutStream):
    """Says nothing more when a cell has printed far more than the grader keeps of it.

    Then there is nothing to be read to its end before the next one; and what goes on to print a
    thousand times what is kept is stopped, rather than the cell's time waited for. (The grader
    has its own limit; this one is in the student's reach.)
    """

    _most = 1_000_000
    _flood = 100_000_000
    _room = _most

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._flushing = threading.RLock()
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]

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
        if self._room < -self._flood:
            self._room = 0
            raise TooMuchOutput(f"a cell prints {self._flood // 1_000_000} MB at most")
        return len(string)

    def flush(self) -> None:
        """As the base class; it is called four times a cell, and asks another thread each time."""
        if self._flush_pending:
            super().flush()  # type: ignore[no-untyped-call]
        with self._flushing:  # what that thread has begun to send is on its way before all else
            pass

    def _flush(self) -> None:
        with self._flushing:
            super()._flush()  # type: ignore[no-untyped-call]


class _NoThread:
    """In place of one that hands each message on; what awaits asks it for the main thread."""

    def __init__(self) -> None:
        self.parent_thread = threading.current_thread()

    def __bool__(self) -> bool:
        return False


class _Kernel(IPythonKernel):
    """A kernel that can be made before there is anything that it could be connected to."""

    # Before each reply; none of the replies are read.
    _execute_sleep = 0.0
    _supports_kernel_subshells = False

    @classmethod
    def instance(cls, *args: Any, **traits: Any) -> Any:
        """Make it; or, if it was made before the fork, connect it."""
        if not cls.initialized():
            return super().instance(*args, **traits)
        kernel: Any = super().instance()
        kernel.ident = str(uuid.uuid4())
        kernel._stdout, kernel._stderr = sys.stdout, sys.stderr
        for name in traits.keys() - {"parent", "log", "user_ns"}:
            setattr(kernel, name, traits[name])
        hook, publisher = kernel.shell.displayhook, kernel.shell.display_pub
        hook.session = publisher.session = kernel.session
        hook.pub_socket = publisher.pub_socket = kernel.iopub_socket
        hook.topic = kernel._topic("execute_result")
        return kernel

    def _publish_execute_input(self, *args: Any) -> None:
        """Who asked knows what."""

    def _publish_status(self, status: str, *args: Any, **kwargs: Any) -> None:
        """That it is busy goes without saying."""
        if status != "busy":
            super()._publish_status(status, *args, **kwargs)  # type: ignore[no-untyped-call]


class _KernelApp(IPKernelApp):
    """ipykernel, opening no TCP socket, connecting to nothing, reading no configuration."""

    outstream_class = f"{__name__}._OutStream"
    kernel_class = _Kernel
    _prepared = False

    def parse_command_line(self, argv: Any = None) -> None:
        """There is none, and building its parser takes 20 ms."""

    def load_config_file(self, *args: Any, **kwargs: Any) -> None:
        """The same for every kernel: nobody's profile."""

    def init_connection_file(self) -> None:
        """Read before the box was closed."""

    def write_connection_file(self, **kwargs: Any) -> None:
        """The grader wrote it."""

    def init_extensions(self) -> None:
        """Once."""
        if not self._prepared:
            super().init_extensions()

    def init_code(self) -> None:
        """There is none; but it notes down what is imported, and that copies much memory."""
        if not self._prepared:
            super().init_code()

    def init_control(self, context: Any) -> None:
        """Without the debugger's connection to the shell: the box lets nothing connect."""
        super().init_control(context)  # type: ignore[no-untyped-call]
        self.debug_shell_socket.close(0)
        # Nobody talks to two shells at a time; in it each message passes through two more sockets.
        self.shell_channel_thread = _NoThread()


def _no_pipe(thread: IOPubThread) -> None:
    thread._pipe_flag = False


def _app() -> Any:
    # No TCP port for the output of subprocesses: zmq aborts when refused one.
    IOPubThread._setup_pipe_in = _no_pipe  # type: ignore[method-assign]
    return _KernelApp.instance(config=Config({"HistoryManager": {"enabled": False}}))


def prepare() -> None:
    """Make, once and before the fork, all that needs no connection."""
    app = _app()
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as place:
        # It looks for folders, and makes some; those of the fork take their place.
        os.environ.update(dict.fromkeys(("HOME", "IPYTHONDIR"), place))
        kernel: Any = _Kernel.instance(parent=app, log=app.log, user_ns=None)
    os.environ.clear()
    os.environ.update(before)
    app.kernel, app.shell = kernel, kernel.shell
    _settle(kernel.shell)
    app.init_extensions()
    kernel.shell.user_ns_hidden.update(kernel.shell.user_ns)
    kernel.shell._sys_modules_keys = set(sys.modules)
    app._prepared = True


def _settle(shell: Any) -> None:
    """As it is for every kernel."""
    # Not before there is a shell: the backend would drop every figure.
    shell.enable_matplotlib("inline")
    # A figure that is shown is then an output with a text alone (see `figures.is_undrawn`).
    InlineBackend.instance(parent=shell).figure_formats = set()
    # IPython keeps a copy of all that is printed, without limit, for a history that nobody reads.
    shell._tee = lambda channel: contextlib.nullcontext()
    read_quickly(shell)


def start(connection: dict[str, Any], figures: bool) -> Any:
    """The application of a kernel that is connected, and waits to be served.

    Parameters
    ----------
    connection : dict
        As in a connection file.
    figures : bool
        Whether what is shown is drawn.
    """
    app = _app()
    app.load_connection_info(connection)
    app.initialize()
    if app._prepared:
        _move(app.shell, app)
    else:
        _settle(app.shell)
    if figures:
        InlineBackend.instance(parent=app.shell).figure_formats = {"png"}
    return app


def _move(shell: Any, app: Any) -> None:
    """Have a shell find itself where it is, and what has been opened since it was made."""
    here = Path.cwd()
    shell.ipython_dir, shell.profile_dir = app.ipython_dir, app.profile_dir
    shell.home_dir, shell.starting_dir = os.path.expanduser("~"), str(here)
    shell.history_manager.hist_file = Path(app.profile_dir.location, "history.sqlite")
    shell.history_manager.dir_hist[:] = [here]
    shell.init_environment()
    shell.sys_excepthook = app.excepthook
    opened = {"stdout": sys.stdout, "stderr": sys.stderr, "excepthook": app.excepthook}
    shell._orig_sys_module_state.update(opened)
