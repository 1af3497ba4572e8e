"""Run a notebook: `execute(notebook, calls, limits) -> Executed`.

A pure function of data: a mended notebook, the calls to ask of each task, and
limits go in; the executed notebook and the observations come out. It runs
wherever there is a kernel, so it can be sent to other processes and machines.
It knows nothing of references or verdicts, and neither does the kernel it
starts.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import nbformat
from nbformat import NotebookNode

from autograder.errors import GraderFault
from autograder.kernels.guest import CLASSIC, FREE, SOLUTION
from autograder.kernels.imports import slow_imports
from autograder.kernels.kernel import Kernel, open_kernel
from autograder.kernels.limits import Limits
from autograder.kernels.sandbox import killed_for_memory
from autograder.submissions.cells import grade_id_of, is_marked, task_of
from autograder.submissions.nodes import new_output, packed

__all__ = ["Execute", "Executed", "Limits", "Observed", "execute"]

#: A cell that is none runs not at all.
_UNREADABLE = ("SyntaxError", "IndentationError", "TabError")
#: So many statements that failed are told.
_MOST = 20

Json = dict[str, Any]
Calls = dict[str, list[Json]]


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
    #: Statements outside the tasks that failed: ``cell`` (position), ``line``, ``error``.
    stumbles: list[Json] = field(default_factory=list)

    @classmethod
    def from_json(cls, data: Json) -> Executed:
        """What ``dataclasses.asdict`` made of one."""
        observed = {task: Observed(**seen) for task, seen in data["observed"].items()}
        return cls(**{**data, "observed": observed})


class Execute(Protocol):
    """The seam: anything that runs a notebook and observes its functions."""

    def __call__(self, notebook: str, calls: Calls, limits: Limits) -> Executed:
        """See `execute`."""
        ...


def execute(notebook: str, calls: Calls, limits: Limits = Limits()) -> Executed:
    """Run a notebook top to bottom and observe its functions.

    At the test cell of a task the task's function, or what the hidden part that came
    with the cell hands over, is called with the given calls; then the cell's visible
    checks run like any cell. A classic cell runs with its hidden tests, and has an error among
    its outputs unless it ran to its end. A cell marked as ``only_draws`` is passed over. Errors in
    cells do not stop the run, nor, outside the tasks, the rest of their cell; a kernel
    that dies or cannot be interrupted does, and what was done before counts. One that was killed
    may have been so by the system: another shows whether it is the code's own doing.

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
        If no working kernel could be started; or if it was killed twice, and that was not, or
        may not have been, its own doing.
    """
    kills = killed_for_memory()
    try:
        executed, killed = _executed(notebook, calls, limits)
    except GraderFault:
        killed = True  # who makes kernels may have been
    if killed:
        executed, killed = _executed(notebook, calls, limits)
    if killed and killed_for_memory() > kills:
        raise GraderFault(
            "the kernel was killed twice while the system had no memory left: grade fewer at the "
            "same time (--jobs), or on a machine with more memory"
        )
    return executed


def _executed(notebook: str, calls: Calls, limits: Limits) -> tuple[Executed, bool]:
    """What `execute` returns, and whether the kernel was killed."""
    node = nbformat.v4.reads(notebook)
    limits = replace(limits, packages=(*limits.packages, *slow_imports(_code(node, limits))))
    hidden, tests = _taken_out(node)
    started = time.monotonic()
    observed: dict[str, Observed] = {}
    stumbles: list[Json] = []
    died = ""
    with open_kernel(limits) as kernel:
        failures: dict[str, str] = {}
        for position, cell in enumerate(node.cells):
            task = task_of(cell)
            if task in calls and task not in observed:
                observed[task] = _observe(
                    kernel, task, calls[task], cell, died, hidden.get(task, "")
                )
                if observed[task].reason.endswith("is not defined") and task in failures:
                    observed[task] = _undefined(observed[task], failures[task], calls[task])
                died = died or kernel.died
            test = tests.get(position, "")
            if died and test:
                cell.outputs = [_stopped(f"not reached: {died}")]
            source = test or cell.source
            if cell.cell_type != "code" or not source.strip() or died:
                continue
            if is_marked(cell, "only_draws"):
                continue
            answers = grade_id_of(cell) in calls or _ran_out(observed.get(task))
            seconds = limits.answer_seconds if answers else limits.cell_seconds
            outputs = kernel.run(source, CLASSIC if test else _how(cell), seconds)
            reports = kernel.reports()
            stumbles += _stumbles(reports, position, cell, outputs)
            if source.rstrip().endswith(";"):  # IPython looks for it in a history we don't keep
                outputs = [o for o in outputs if o.output_type != "execute_result"]
            if test:
                outputs += _unless_whole(reports, outputs)
            cell.outputs = outputs
            for output in cell.outputs:
                if output.output_type == "error":
                    failures[grade_id_of(cell)] = _said(output)
            died = died or kernel.died
    for task in calls:
        observed.setdefault(task, Observed(reason=f"the test cell of {task} is missing"))
    seconds = round(time.monotonic() - started, 3)
    return Executed(packed(node), observed, died, seconds, stumbles[:_MOST]), kernel.killed


def _code(notebook: NotebookNode, limits: Limits) -> str:
    """All code of a notebook, and of the student's own modules beside it."""
    own = (file.content.decode(errors="replace") for file in limits.files if not file.released)
    return "\n".join([*(c.source for c in notebook.cells if c.cell_type == "code"), *own])


def _taken_out(notebook: NotebookNode) -> tuple[dict[str, str], dict[int, str]]:
    """What came with the cells and is hidden: none of it goes back.

    Hidden parts that hand something over, by task; and classic cells as they were written, by
    position.
    """
    hidden: dict[str, str] = {}
    tests: dict[int, str] = {}
    for position, cell in enumerate(notebook.cells):
        marks = cell.metadata.get("autograder")
        if marks is None:
            continue
        if "hidden" in marks:
            hidden[task_of(cell)] = marks.pop("hidden")
        if "classic" in marks:
            tests[position] = marks.pop("classic")
        if not marks:
            del cell.metadata["autograder"]
    return hidden, tests


def _unless_whole(
    reports: Sequence[Json], outputs: Sequence[NotebookNode]
) -> Iterator[NotebookNode]:
    """The error of a classic cell that did not run to its end, if it shows none."""
    failed = any(output.output_type == "error" for output in outputs)
    if not failed and not any(report.get("whole") is True for report in reports):
        yield _stopped("it did not run to its end")


def _stopped(reason: str) -> NotebookNode:
    """An error of the grader's own making; `autograder.kernels.kernel` makes such, too."""
    return new_output("error", ename="Stopped", evalue=reason, traceback=[f"Stopped: {reason}"])


def _observe(
    kernel: Kernel, task: str, calls: Sequence[Json], cell: NotebookNode, died: str, hidden: str
) -> Observed:
    if is_marked(cell, "missing"):
        return Observed(reason=f"the test cell of {task} is missing from the submission")
    if died:
        return Observed(reason=f"not reached: {died}")
    kernel.observe(task, calls, hidden)
    seen: dict[int, Json] = {}
    for report in kernel.reports():
        if report.get("task") == task and type(report.get("index")) is int:
            seen.setdefault(report["index"], report)
    if isinstance(seen.get(-1, {}).get("missing"), str):
        return Observed(reason=str(seen[-1]["missing"])[:200])
    in_order: list[Json] = []
    while len(in_order) < len(calls) and len(in_order) in seen:
        in_order.append(seen[len(in_order)])
    reason = ""
    if len(in_order) < len(calls):
        reason = kernel.died or "no result came back for this call"
        timed_out = _ran_out(Observed(in_order))
        reason = "not asked, as an earlier call ran out of time" if timed_out else reason
    return Observed(in_order, reason)


def _undefined(observed: Observed, failure: str, calls: Sequence[Json]) -> Observed:
    """What is said of a name that is not there, as its cell stopped: it may be a stub's."""
    kind, _, message = failure.partition(": ")
    if kind == "NotImplementedError":
        stub: Json = {"error": {"type": kind, "message": message}}
        return Observed([{"index": call["index"], **stub} for call in calls])
    return Observed(reason=f"{observed.reason}: its cell stopped with {failure}")


def _ran_out(observed: Observed | None) -> bool:
    """Whether the last call of a task took too long."""
    seen = observed.observations if observed else []
    return bool(seen) and "Timeout" in str(seen[-1].get("error"))


def _how(cell: NotebookNode) -> str:
    """How a statement of the cell that fails is met."""
    nbgrader = cell.metadata.get("nbgrader") or {}
    if nbgrader.get("solution"):
        return SOLUTION
    return "" if nbgrader.get("grade") else FREE


def _stumbles(
    reports: Sequence[Json], position: int, cell: NotebookNode, outputs: Sequence[NotebookNode]
) -> Iterator[Json]:
    """What failed in a cell outside the tasks, as far as the fault lies in the cell itself."""
    for report in reports:
        said = report.get("stumble")
        if isinstance(said, dict) and said.get("here") is True:
            texts = {name: str(said.get(name))[:200] for name in ("line", "error")}
            yield {"cell": position, **texts}
    unread = [o for o in outputs if o.output_type == "error" and o.ename in _UNREADABLE]
    if unread and not reports and _how(cell) == FREE:
        line = cell.source.strip().partition("\n")[0][:200]
        yield {"cell": position, "line": line, "error": _said(unread[0])}


def _said(error: NotebookNode) -> str:
    # IPython's name for the cell's file says nothing to people.
    said = re.sub(r" \(\d+\.py, ", " (", error.evalue)
    return f"{error.ename}: {said}"[:200]
