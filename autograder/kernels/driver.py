"""Run a notebook: `execute(notebook, calls, limits) -> Executed`.

A pure function of data: a mended notebook, the calls to ask of each task, and
limits go in; the executed notebook and the observations come out. It runs
wherever there is a kernel, so it can be sent to other processes and machines.
It knows nothing of references or verdicts, and neither does the kernel it
starts.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import nbformat
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from nbformat import NotebookNode

from autograder.errors import GraderFault
from autograder.kernels.provisioner import available, next_message, warm_kernel, why_it_died
from autograder.kernels.sandbox import Box, missing_protection
from autograder.observation.observe import MIME
from autograder.submissions.cells import grade_id_of, is_marked, task_of

__all__ = ["Execute", "Executed", "Limits", "Observed", "execute"]

Json = dict[str, Any]
Calls = dict[str, list[Json]]
_Connection = tuple[KernelManager, BlockingKernelClient]


@dataclass(frozen=True)
class Limits:
    """What a submission may use. Seconds are wall-clock seconds."""

    cell_seconds: float = 30.0
    call_seconds: float = 10.0
    total_seconds: float = 240.0
    #: How long an interrupted cell may take to stop before its kernel is killed.
    grace_seconds: float = 10.0
    #: How long a kernel may take to start.
    start_seconds: float = 60.0
    output_bytes: int = 10_000_000
    stream_bytes: int = 100_000
    #: On top of what the warm process has mapped.
    memory_bytes: int = 2_000_000_000
    #: Run cells that only draw, and draw; takes longer than all the rest.
    figures: bool = False
    #: Go on where the platform lacks some of the protection (`missing_protection`).
    unsafe: bool = False
    #: Packages that kernels have imported, beside what every notebook uses.
    packages: Sequence[str] = ()


@dataclass
class Observed:
    """What was seen of one task: one observation a call, and why some are missing."""

    observations: list[Json] = field(default_factory=list)
    reason: str = ""


@dataclass
class Executed:
    """An executed notebook (JSON text), what was observed, and what went wrong."""

    notebook: str
    observed: dict[str, Observed]
    died: str = ""
    seconds: float = 0.0


class Execute(Protocol):
    """The seam: anything that runs a notebook and observes its functions."""

    def __call__(self, notebook: str, calls: Calls, limits: Limits) -> Executed:
        """See `execute`."""
        ...


def execute(notebook: str, calls: Calls, limits: Limits = Limits()) -> Executed:
    """Run a notebook top to bottom and observe its functions.

    At the test cell of a task the task's function is called with the given
    calls; then the cell's visible checks run like any cell. A cell marked as
    ``only_draws`` is passed over. Errors in cells do
    not stop the run; a kernel that dies or cannot be interrupted does, and
    what was done before counts.

    Parameters
    ----------
    notebook : str
        JSON of a notebook that `autograder.submissions.mend.mend` made.
    calls : dict of str to list
        For each task, its calls as JSON.
    limits : Limits

    Returns
    -------
    Executed

    Raises
    ------
    GraderFault
        If no working kernel could be started.
    """
    node = nbformat.v4.reads(notebook)
    started = time.monotonic()
    observed: dict[str, Observed] = {}
    died = ""
    with _kernel(limits) as kernel:
        failures: dict[str, str] = {}
        for cell in node.cells:
            task = task_of(cell)
            if task in calls and task not in observed:
                observed[task] = _observe(kernel, task, calls[task], cell, died)
                if observed[task].reason.endswith("is not defined") and task in failures:
                    observed[task].reason += f": its cell stopped with {failures[task]}"
                died = died or kernel.died
            if cell.cell_type != "code" or not cell.source.strip() or died:
                continue
            if is_marked(cell, "only_draws"):
                continue
            outputs = kernel.run(cell.source)
            if cell.source.rstrip().endswith(
                ";"
            ):  # IPython looks for it in a history we don't keep
                outputs = [o for o in outputs if o.output_type != "execute_result"]
            cell.outputs = outputs
            for output in cell.outputs:
                if output.output_type == "error":
                    # IPython's name for the cell's file says nothing to people.
                    said = re.sub(r" \(\d+\.py, ", " (", output.evalue)
                    failures[grade_id_of(cell)] = f"{output.ename}: {said}"[:200]
            died = died or kernel.died
    for task in calls:
        observed.setdefault(task, Observed(reason=f"the test cell of {task} is missing"))
    seconds = round(time.monotonic() - started, 3)
    return Executed(nbformat.v4.writes(node), observed, died, seconds)


def _observe(
    kernel: _Kernel, task: str, calls: Sequence[Json], cell: NotebookNode, died: str
) -> Observed:
    if is_marked(cell, "missing"):
        return Observed(reason=f"the test cell of {task} is missing from the submission")
    if died:
        return Observed(reason=f"not reached: {died}")
    code = (
        "__import__('autograder.observation.observe', fromlist=['serve'])"
        f".serve({task!r}, {json.dumps(list(calls))!r}, {kernel.limits.call_seconds!r})"
    )
    outputs = kernel.run(code, seconds=kernel.limits.call_seconds * 2 + 10, keep=MIME)
    messages = [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]
    seen: dict[int, Json] = {}
    for message in messages:
        if isinstance(message, dict) and type(message.get("index")) is int:
            seen.setdefault(message["index"], message)
    if isinstance(seen.get(-1, {}).get("missing"), str):
        return Observed(reason=str(seen[-1]["missing"])[:200])
    in_order: list[Json] = []
    while len(in_order) in seen:
        in_order.append(seen[len(in_order)])
    reason = ""
    if len(in_order) < len(calls):
        reason = kernel.died or "no result came back for this call"
        timed_out = bool(in_order) and "Timeout" in str(in_order[-1].get("error"))
        reason = "not asked, as an earlier call ran out of time" if timed_out else reason
    return Observed(in_order, reason)


class _Kernel:
    """A running kernel, spoken to one piece of code at a time."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient, limits: Limits):
        self._manager = manager
        self._client = client
        self.limits = limits
        self._ends = time.monotonic() + limits.total_seconds
        self._room = limits.output_bytes
        self.died = ""

    def run(self, code: str, seconds: float = 0.0, keep: str = "") -> list[NotebookNode]:
        """Run `code` and return its outputs; `keep` selects one media type.

        Afterwards `died` says why no more code can be run, if that is so.
        """
        if self.died:
            return []
        collected = _Outputs(self, keep)
        allowed = seconds or self.limits.cell_seconds
        limit = min(time.monotonic() + allowed, self._ends)
        identity = self._client.execute(code, store_history=False, stop_on_error=False)
        if self._until_idle(identity, limit, collected):
            return collected.outputs
        if not self.died:
            self._interrupt(identity, allowed, collected)
        if not keep:
            collected.outputs.append(_error("Stopped", self.died or f"stopped after {allowed:g} s"))
        return collected.outputs

    def _interrupt(self, identity: str, allowed: float, collected: _Outputs) -> None:
        """Stop a cell that ran too long; a kernel that goes on is killed."""
        out_of_time = time.monotonic() >= self._ends
        self._manager.interrupt_kernel()
        stopped = self._until_idle(
            identity, time.monotonic() + self.limits.grace_seconds, collected
        )
        if out_of_time:
            self.died = f"the notebook took longer than {self.limits.total_seconds:g} s in all"
        elif not stopped and not self.died:
            self.died = f"a cell ran longer than {allowed:g} s and could not be interrupted"
        if self.died:
            self._manager.shutdown_kernel(now=True)

    def _until_idle(self, identity: str, limit: float, collected: _Outputs) -> bool:
        """Collect outputs until the code has finished; False when time is up."""
        while True:
            remaining = limit - time.monotonic()
            if remaining <= 0:
                return False
            try:
                message = next_message(self._client, min(0.05, remaining))
            except Exception:  # a message that cannot be read is the student's doing
                continue
            if message is None:
                if not self._manager.is_alive():
                    reason = why_it_died(self._manager)
                    self.died = f"the kernel died ({reason or 'it crashed or ran out of memory'})"
                    return False
                continue
            if message.get("parent_header", {}).get("msg_id") != identity:
                continue
            kind, content = message.get("msg_type"), message.get("content", {})
            if kind == "status" and content.get("execution_state") == "idle":
                return True
            collected.add(kind, message)

    def take(self, size: int) -> bool:
        """Whether `size` more bytes of output fit."""
        self._room -= size
        return self._room >= 0


class _Outputs:
    """The outputs of one cell, within the limits."""

    def __init__(self, kernel: _Kernel, keep: str) -> None:
        self._kernel = kernel
        self._keep = keep
        self._stream_room = kernel.limits.stream_bytes
        self.outputs: list[NotebookNode] = []
        self._full = False
        self._clear_next = False

    def add(self, kind: Any, message: Json) -> None:
        """Add the output in an IOPub message, if it is one."""
        if kind == "clear_output" and not self._keep:
            self._clear_next = True
            if not message["content"].get("wait"):
                self.outputs, self._clear_next = [], False
            return
        output = _output(kind, message["content"])
        if output is None or (self._keep and self._keep not in output.get("data", {})):
            return
        if self._clear_next:
            self.outputs, self._clear_next = [], False
        if output.output_type == "stream":
            self._add_stream(output)
        elif self._kernel.take(len(json.dumps(output, default=str))):
            self.outputs.append(output)
        else:
            self._say_full()

    def _add_stream(self, output: NotebookNode) -> None:
        text = output.text[: max(self._stream_room, 0)]
        self._stream_room -= len(output.text)
        if text and self._kernel.take(len(text)):
            last = self.outputs[-1] if self.outputs else None
            if last is not None and last.output_type == "stream" and last.name == output.name:
                last.text += text
            else:
                output.text = text
                self.outputs.append(output)
        if self._stream_room < 0:
            self._say_full()

    def _say_full(self) -> None:
        if not self._full:
            self._full = True
            note = {"name": "stdout", "text": "\n[... more output was left out ...]\n"}
            self.outputs.append(nbformat.v4.new_output("stream", **note))


#: A figure that is shown is then an output with a text alone (see `figures.is_undrawn`).
_DO_NOT_DRAW = (
    "__import__('matplotlib_inline.config', fromlist=['InlineBackend'])"
    ".InlineBackend.instance(parent=get_ipython()).figure_formats = set();"
)


def _output(kind: Any, content: Any) -> NotebookNode | None:
    """The output in a message; None if there is none, or not as nbformat wants it.

    nbformat's own `output_from_msg` checks against the schema, which takes
    longer than everything else that is done to a message.
    """
    wanted = _FIELDS.get(kind)
    if wanted is None or not isinstance(content, dict):
        return None
    fields: Json = {name: content.get(name) for name in wanted}
    if not all(isinstance(fields[name], of) for name, of in wanted.items()):
        return None
    if kind == "stream" and fields["name"] not in ("stdout", "stderr"):
        return None
    for line in fields.get("traceback", ()):
        if not isinstance(line, str):
            return None
    for media, data in fields.get("data", {}).items():
        if not isinstance(data, str) and not media.endswith("json"):
            return None
    if kind == "execute_result":
        fields["execution_count"] = None
    return nbformat.from_dict({"output_type": kind, **fields})


_FIELDS: dict[str, dict[str, type]] = {
    "stream": {"name": str, "text": str},
    "display_data": {"data": dict, "metadata": dict},
    "execute_result": {"data": dict, "metadata": dict},
    "error": {"ename": str, "evalue": str, "traceback": list},
}


def _error(name: str, message: str) -> NotebookNode:
    return nbformat.v4.new_output(
        "error", ename=name, evalue=message, traceback=[f"{name}: {message}"]
    )


@contextlib.contextmanager
def _kernel(limits: Limits) -> Iterator[_Kernel]:
    """A fresh kernel in a private folder, with nothing of the course in reach."""
    with contextlib.ExitStack() as stack:
        try:
            manager, client = stack.enter_context(_warm(limits) if available() else _cold(limits))
            kernel = _Kernel(manager, client, limits)
            needed = ("autograder.observation.observe", *limits.packages)
            prepare = "".join(f"__import__({name!r});" for name in needed)
            outputs = kernel.run(prepare if limits.figures else prepare + _DO_NOT_DRAW)
            if kernel.died or any(output.output_type == "error" for output in outputs):
                said = [output.evalue for output in outputs if output.output_type == "error"]
                raise RuntimeError(f"the kernel cannot import what it needs: {'; '.join(said)}")
        except Exception as error:
            raise GraderFault(
                f"no kernel could be started ({type(error).__name__}: {error}); check that the "
                "package is installed in this environment: pip install -e ."
            ) from error
        yield kernel


def _warm(limits: Limits) -> contextlib.AbstractContextManager[_Connection]:
    """A kernel forked from the warm process, in its box."""
    box = Box(
        memory_bytes=limits.memory_bytes,
        cpu_seconds=int(limits.total_seconds) + 10,
        unsafe=limits.unsafe,
    )
    return warm_kernel(box, limits.start_seconds, tuple(limits.packages))


@contextlib.contextmanager
def _cold(limits: Limits) -> Iterator[_Connection]:
    """A stock kernel, for platforms on which none can be forked: slow, and not protected."""
    if missing_protection() and not limits.unsafe:
        raise RuntimeError(" ".join(missing_protection()))
    folder = Path(tempfile.mkdtemp(prefix="grade-"))
    manager = KernelManager(
        transport="ipc", ip=str(folder / "ipc"), connection_file=str(folder / "kernel.json")
    )
    client: BlockingKernelClient | None = None
    try:
        client = _start(manager, folder, limits)
        yield manager, client
    finally:
        if client is not None:
            client.stop_channels()
        with contextlib.suppress(Exception):
            if manager.has_kernel:
                manager.shutdown_kernel(now=True)
        shutil.rmtree(folder, ignore_errors=True)


def _start(manager: KernelManager, folder: Path, limits: Limits) -> BlockingKernelClient:
    work = folder / "work"
    work.mkdir()
    # Another installation's kernelspec must not decide which Python grades.
    assert manager.kernel_spec is not None
    manager.kernel_spec.argv = [
        sys.executable,
        "-m",
        "ipykernel_launcher",
        "-f",
        "{connection_file}",
        "--HistoryManager.enabled=False",
    ]
    with open(os.devnull, "w") as nowhere:
        manager.start_kernel(
            cwd=str(work), env=_environment(folder), stdout=nowhere, stderr=nowhere
        )
    client: BlockingKernelClient = manager.client()
    client.start_channels(stdin=False)  # nobody is there to answer
    client.wait_for_ready(timeout=limits.start_seconds)
    return client


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the grader's environment but what starting Python needs."""
    kept = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "SYSTEMROOT")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    home = str(folder / "home")
    os.makedirs(home, exist_ok=True)
    return environment | {
        "HOME": home,
        "TMPDIR": home,
        "IPYTHONDIR": home,
        "JUPYTER_RUNTIME_DIR": home,
        "MPLCONFIGDIR": home,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONDONTWRITEBYTECODE": "1",
        # One thread a kernel: several are graded at once.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
