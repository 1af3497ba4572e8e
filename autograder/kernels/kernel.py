"""A running kernel, spoken to one piece of code at a time, within limits.

`open_kernel` gives one that is warm and boxed, or a stock one where none can be forked, and only
if told to. It knows nothing of notebooks, tasks or observations.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from nbformat import NotebookNode

from autograder.errors import GraderFault
from autograder.kernels.deadlines import Deadline, waited
from autograder.kernels.guest import REPORTS
from autograder.kernels.imports import forked_with
from autograder.kernels.limits import Limits
from autograder.kernels.orders import available
from autograder.kernels.outputs import Outputs
from autograder.kernels.reports import NO_ROOM, Reports
from autograder.kernels.sandbox import Box, missing_protection
from autograder.kernels.stock import stock_kernel
from autograder.kernels.talk import Talk, is_idle
from autograder.kernels.warm import warm_kernel
from autograder.submissions.beside import File

__all__ = ["Kernel", "open_kernel"]

Json = dict[str, Any]
#: So many messages are looked at when the time is up.
_LATE = 1000
#: Seconds after which a kernel that is halted counts as halted for good.
_HALTED = 1.0


class Process(Protocol):
    """A kernel's process, as seen by who speaks to it."""

    @property
    def pid(self) -> int:
        """Its number; 0 where that is not known."""

    @property
    def place(self) -> Path:
        """Where its private folder is found, as the kernel itself sees it."""

    @property
    def enclosed(self) -> bool:
        """Whether that folder is on a file system of its own."""

    @property
    def is_halted(self) -> bool:
        """Whether it has been stopped by a signal."""

    def is_alive(self) -> bool:
        """Whether it has not ended."""

    def why_it_died(self) -> str:
        """A phrase that says how it ended; "" if that cannot be known."""

    def was_killed(self) -> bool:
        """Whether it was killed, and not by who watches it; it may have done so itself.

        Raises
        ------
        GraderFault
            If it cannot have been its own doing.
        """

    def interrupt(self) -> None:
        """Have what runs in it stopped."""

    def kill(self) -> None:
        """End it."""


class Kernel:
    """A running kernel, spoken to one piece of code at a time."""

    def __init__(self, process: Process, talk: Talk, limits: Limits):
        self._process = process
        self._talk = talk
        self.limits = limits
        self._waited = partial(waited, process.pid)
        self._whole = Deadline(limits.total_seconds, self._waited)
        self._room = limits.output_bytes
        self._reports: Reports | None = None
        self.died = ""
        #: Whether that may be somebody else's doing: the system's, when it has no memory left.
        self.killed = False

    def run(self, code: str, how: str = "", seconds: float | None = None) -> list[NotebookNode]:
        """Run `code` and return its outputs.

        Afterwards `died` says why no more code can be run, if that is so.

        Parameters
        ----------
        code : str
        how : str
            How a statement that fails is met; see `autograder.kernels.guest`.
        seconds : float, optional
            It may take; as long as a cell by default.
        """
        seconds = min(seconds or self.limits.cell_seconds, self.limits.cell_seconds)
        content = {
            "code": code, "silent": False, "store_history": False, "user_expressions": {},
            "allow_stdin": False, "stop_on_error": False,
        }  # fmt: skip
        outputs = Outputs(self.limits.stream_bytes, self._take)
        if not self._do("execute_request", content, seconds, outputs, {"autograder": how}):
            outputs.add_error("Stopped", self.died or f"stopped after {seconds:g} s")
        return outputs.outputs

    def observe(self, task: str, calls: Sequence[Json], hidden: str = "") -> None:
        """Have the function of a task called; what is seen of it comes by `reports`.

        With a `hidden` part of a test cell, that which it hands over is called.
        """
        seconds = self.limits.call_seconds
        content = {"task": task, "calls": list(calls), "seconds": seconds, "hidden": hidden}
        self._do("observe_request", content, seconds * 2 + 10, Outputs(0, lambda size: False))

    def reports(self) -> list[Json]:
        """What the kernel has written down since the last time; anything may stand there."""
        return self._reports.new() if self._reports else []

    def listen(self, reports: Reports) -> None:
        """Take reports from there."""
        self._reports = reports

    def _do(
        self,
        kind: str,
        content: Json,
        seconds: float,
        outputs: Outputs,
        metadata: Json | None = None,
    ) -> bool:
        """Send a request and collect outputs until it is done; False if it was stopped."""
        if self.died:
            return False
        deadline = Deadline(seconds, self._waited)
        dropped = self._talk.dropped
        try:
            identity = self._talk.ask(kind, content, metadata)
        except OSError:
            identity = ""
        done = self._until_idle(identity, deadline, outputs)
        if not done and not self.died:
            self._interrupt(identity, seconds, outputs)
        if self._talk.dropped > dropped:
            outputs.say_full()
        return done

    def _interrupt(self, identity: str, allowed: float, outputs: Outputs) -> None:
        """Stop a cell that ran too long; a kernel that goes on is killed."""
        out_of_time = self._whole.remaining() <= 0
        self._process.interrupt()
        grace = Deadline(self.limits.grace_seconds, self._waited)
        stopped = self._until_idle(identity, grace, outputs, whole=False)
        if out_of_time:
            self.died = f"the notebook took longer than {self.limits.total_seconds:g} s in all"
        elif not stopped and not self.died:
            self.died = f"a cell ran longer than {allowed:g} s and could not be interrupted"
        if self.died:
            self._process.kill()

    def _until_idle(
        self, identity: str, deadline: Deadline, outputs: Outputs, whole: bool = True
    ) -> bool:
        """Collect outputs until the code has finished; False when time is up.

        What has arrived by then still counts, and so do a kernel's last words. The time of the
        `whole` notebook counts, too.
        """
        late = 0
        while True:
            remaining = deadline.remaining()
            if whole:
                remaining = min(remaining, self._whole.remaining())
            late += remaining <= 0
            message = self._talk.next_message(max(0.0, min(0.05, remaining)))
            if message:
                if is_idle(message, identity):
                    return True
                if message["parent_header"].get("msg_id") == identity:
                    outputs.add(message["msg_type"], message["content"])
            elif message is None and self.died:
                return False
            elif message is None and not self._process.is_alive():
                reason = self._process.why_it_died()
                self.died = f"the kernel died ({reason or 'it crashed or ran out of memory'})"
                self.killed = self._process.was_killed()
            elif message is None and self._is_halted():
                self.died = "the code stopped its own process"
            elif message is None and late:
                return False
            if late > _LATE:
                return False

    def _is_halted(self) -> bool:
        """Whether nothing will wake the kernel any more."""
        if not self._process.is_halted:
            return False
        time.sleep(_HALTED)
        return self._process.is_halted

    def _take(self, size: int) -> bool:
        """Whether `size` more bytes of output fit."""
        self._room -= size
        self._talk.full = self._room < 0
        return self._room >= 0


#: A figure that is shown is then an output with a text alone (see `figures.is_undrawn`).
_DO_NOT_DRAW = (
    "__import__('matplotlib_inline.config', fromlist=['InlineBackend'])"
    ".InlineBackend.instance(parent=get_ipython()).figure_formats = set();"
)


_INSTALL = "check that the package is installed in this environment: pip install -e ."
_NO_ROOM = "make room where temporary files lie, or set TMPDIR to another folder"
#: A forked kernel has both from the start.
_GUEST = "__import__('autograder.kernels.guest', fromlist=['*']).install(get_ipython());"


@contextlib.contextmanager
def open_kernel(limits: Limits) -> Iterator[Kernel]:
    """A fresh kernel in a private folder, with nothing of the course in reach."""
    with contextlib.ExitStack() as stack:
        try:
            warm = available()
            process, talk = stack.enter_context(_warm(limits) if warm else _stock(limits))
            _lay_out(process.place / "work", limits.files)
            kernel = Kernel(process, talk, limits)
            prepare = "".join(f"__import__({name!r});" for name in limits.packages)
            if not warm:
                prepare += _GUEST + ("" if limits.figures else _DO_NOT_DRAW)
            outputs = kernel.run(prepare) if prepare else []
            said = [output.evalue for output in outputs if output.output_type == "error"]
            if kernel.died or said:
                raise RuntimeError(f"the kernel cannot import what it needs: {'; '.join(said)}")
            reports = Reports(process.place / REPORTS, shared=not process.enclosed)
            stack.callback(reports.close)
            kernel.listen(reports)
        except Exception as error:
            what = f"no kernel could be started ({type(error).__name__}: {error})"
            advice = _NO_ROOM if getattr(error, "errno", 0) in NO_ROOM else _INSTALL
            raise GraderFault(f"{what}; {advice}") from error
        yield kernel


def _lay_out(folder: Path, files: Sequence[File]) -> None:
    """Put files beside the notebook, before anything of it has run."""
    for file in files:
        path = folder / file.name
        if ".." in path.parts or not path.is_relative_to(folder):
            raise ValueError(f"{file.name} is no name within a folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        path.chmod(0o400 if file.released else 0o600)


def _warm(limits: Limits) -> contextlib.AbstractContextManager[tuple[Process, Talk]]:
    """A kernel forked from the warm process, in its box."""
    box = Box(
        memory_bytes=limits.memory_bytes,
        cpu_seconds=int(limits.total_seconds) + 10,
        unsafe=limits.unsafe,
    )
    packages, programs = forked_with(limits.packages), (limits.programs, limits.fills)
    return warm_kernel(box, limits.start_seconds, packages, *programs, figures=limits.figures)


def _stock(limits: Limits) -> contextlib.AbstractContextManager[tuple[Process, Talk]]:
    if missing_protection() and not limits.unsafe:
        raise RuntimeError(" ".join(missing_protection()))
    return stock_kernel(limits.start_seconds)
