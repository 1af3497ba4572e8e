"""ipykernel without what grading has no use for, and most of it made before the fork.

A kernel's application, its shell and the kernel itself take 40 ms to make and are the same for
everybody: `prepare` makes them in the zygote, and `start` gives them, in a fork, what is that
fork's own: a connection, folders, streams. Where they were not prepared, they are made then. With
the grader a kernel speaks by a pair of sockets, with other Jupyter programs by ZeroMQ's. It knows
nothing of boxes or orders.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
import socket
import sys
import tempfile
import threading
import uuid
from contextvars import copy_context
from pathlib import Path
from typing import Any

from ipykernel.iostream import IOPubThread
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from matplotlib_inline.config import InlineBackend
from tornado.ioloop import IOLoop
from traitlets.config import Config

from autograder.kernels.messages import read
from autograder.kernels.plain import AWAITS, read_quickly
from autograder.kernels.prepared import rehearse
from autograder.kernels.streams import Publisher, Stream
from autograder.kernels.wire import Wire

__all__ = ["prepare", "start"]


class _NoThread:
    """In place of one that hands each message on; what awaits asks it for the main thread."""

    def __init__(self) -> None:
        self.parent_thread = threading.current_thread()

    def __bool__(self) -> bool:
        return False


class _Kernel(IPythonKernel):
    """A kernel that can be made before there is anything that it could be connected to.

    One with a `wire` only publishes what comes of a request: the grader reads no replies, and to
    make and send them takes longer than to run most cells.
    """

    # Before each reply.
    _execute_sleep = 0.0
    _supports_kernel_subshells = False
    wire: Wire | None = None

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

    def start(self) -> None:
        """Have what comes by the wire done, one request after the other."""
        if self.wire is None:
            super().start()
            return
        self.io_loop = IOLoop.current()
        self.io_loop.add_handler(self.wire, self._hear, IOLoop.READ)

    def _hear(self, wire: Wire, events: int) -> None:
        while (parts := wire.receive(0.0)) is not None:
            handled = self.shell_main(None, parts)
            self._handled = asyncio.create_task(handled, context=copy_context())
        if wire.ended:
            self.io_loop.remove_handler(wire)

    async def dispatch_shell(self, msg: Any, *args: Any, **about: Any) -> None:
        """Do what a message asks for, and say when it is done."""
        if self.wire is None:
            await super().dispatch_shell(msg, *args, **about)
            return
        try:
            parent = read(self.session, msg[1:])
        except Exception:
            return  # it is none
        self.set_parent([], parent, channel="shell")
        handler = self.shell_handlers.get(parent["header"]["msg_type"], _pass)
        self.pre_handler_hook()
        try:
            result = handler(None, [], parent)
            if inspect.isawaitable(result):
                await result
        except BaseException:  # whatever it was, the next cell can be asked for
            self.log.exception("a request failed")
        finally:
            self.post_handler_hook()
        # A notebook may have put others in the place of ours, or nothing, or closed them.
        for name, ours in (("stdout", self._stdout), ("stderr", self._stderr)):
            stream: Any = getattr(sys, name, None)
            if stream is None:
                setattr(sys, name, ours)
            for one in (stream, ours):
                with contextlib.suppress(BaseException):
                    one.flush()
        self._publish_status("idle", "shell")

    async def execute_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Run a cell. One that may await something is left to the base class, reply and all."""
        code = parent["content"]["code"]
        if self.wire is None or AWAITS.search(code):
            await super().execute_request(stream, ident, parent)
            return
        self._forward_input(False)
        try:
            self.shell.run_cell(code)
        finally:
            self._restore_input()
            self.shell.payload_manager.clear_payload()

    def _publish_execute_input(self, *args: Any) -> None:
        """Who asked knows what."""

    def _publish_status(self, status: str, *args: Any, **kwargs: Any) -> None:
        """That it is busy goes without saying."""
        if status != "busy":
            super()._publish_status(status, *args, **kwargs)


def _pass(*request: Any) -> None:
    """Nothing, for what is asked of a kernel that it doesn't know."""


class _KernelApp(IPKernelApp):
    """ipykernel, opening no TCP socket, connecting to nothing, reading no configuration."""

    outstream_class = f"{Stream.__module__}.{Stream.__qualname__}"
    kernel_class = _Kernel
    _prepared = False

    def parse_command_line(self, argv: Any = None) -> None:
        """There is none, and building its parser takes 20 ms."""

    def load_config_file(self, *args: Any, **kwargs: Any) -> None:
        """The same for every kernel: nobody's profile."""

    def init_connection_file(self) -> None:
        """There is none: where to listen came with the order."""

    def write_connection_file(self, **kwargs: Any) -> None:
        """Who ordered the kernel needs none."""

    def init_config_files(self) -> None:
        """There are none to copy, and none is read."""

    def log_connection_info(self) -> None:
        """Who ordered the kernel knows."""

    def init_pdb(self) -> None:
        """Once."""
        if not self._prepared:
            super().init_pdb()

    def init_extensions(self) -> None:
        """Once."""
        if not self._prepared:
            super().init_extensions()

    def init_code(self) -> None:
        """There is none; but it notes down what is imported, and that copies much memory."""
        if not self._prepared:
            super().init_code()

    def init_sockets(self) -> None:
        """Of a kernel with a wire none: signals interrupt and end it, and nobody answers it."""
        if _Kernel.wire is None:
            super().init_sockets()
            self.debug_shell_socket.close(0)  # the box lets nothing connect
        else:
            self.iopub_thread = Publisher(_Kernel.wire)
            self.iopub_thread.start()
            self.iopub_socket = self.iopub_thread.background_socket
        # Nobody talks to two shells at a time; in it each message passes through two more sockets.
        self.shell_channel_thread = _NoThread()

    def init_heartbeat(self) -> None:
        """None but for who listens: the forking parent hears of a kernel's end."""
        if _Kernel.wire is None:
            super().init_heartbeat()

    def init_kernel(self) -> None:
        """Connect the kernel, to what there is."""
        if _Kernel.wire is None:
            super().init_kernel()
            return
        self.kernel = _Kernel.instance(
            parent=self, session=self.session, shell_channel_thread=self.shell_channel_thread,
            iopub_thread=self.iopub_thread, iopub_socket=self.iopub_socket, log=self.log,
            profile_dir=self.profile_dir, user_ns=self.user_ns,
        )  # fmt: skip
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count


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
    rehearse(kernel.shell)
    app.init_pdb()
    app.init_extensions()
    kernel.shell.user_ns_hidden.update(kernel.shell.user_ns)
    kernel.shell._sys_modules_keys = set(sys.modules)
    app.session.key = b""  # made here, and given another in each fork
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


def start(connection: dict[str, Any] | socket.socket, figures: bool) -> Any:
    """The application of a kernel that is connected, and waits to be served.

    Parameters
    ----------
    connection : dict or socket.socket
        As in a connection file; or one end of a pair, of which the grader has the other.
    figures : bool
        Whether what is shown is drawn.
    """
    app = _app()
    if isinstance(connection, socket.socket):
        _Kernel.wire = Wire(connection, sys.maxsize)
        app.session.key = b""  # nobody else can say anything
    else:
        app.load_connection_info(connection)
    app.session.pid = os.getpid()  # in a fork of who made it, it would send nothing
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
