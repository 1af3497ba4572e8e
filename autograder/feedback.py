"""Verdicts as sentences: what a good assistant would write in the margin.

Turns a `Verdict` into the outputs of its test cell, in the form that nbgrader
understands: one ``execute_result`` whose ``text/plain`` is the score and whose
``text/html`` is what people read. This module knows verdicts; no files.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any

import numpy as np
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.judge import CriterionVerdict, Status, Verdict
from autograder.task import Task, as_arrays, matches

__all__ = ["as_html", "as_text", "outputs"]

Json = dict[str, Any]

_MARKS = {
    Status.PASSED: "✓",
    Status.FAILED: "✗",
    Status.NOT_REACHED: "–",
    Status.GRADER_ERROR: "?",
}
_COLOURS = {
    Status.PASSED: "#1a7f37",
    Status.FAILED: "#b3261e",
    Status.NOT_REACHED: "#8a6100",
    Status.GRADER_ERROR: "#5b3cc4",
}
UNKNOWN = "This is not one of the mistakes we know."
#: How many numbers of a result are shown.
SHOWN = 8


def outputs(verdict: Verdict, task: Task, own: Iterable[NotebookNode] = ()) -> list[NotebookNode]:
    """Outputs of the test cell: the verdict, then what the visible checks showed.

    Parameters
    ----------
    verdict : Verdict
    task : Task
    own : iterable of NotebookNode
        What running the cell's visible checks put out. It is kept for the
        reader, in a form that cannot change the score.

    Returns
    -------
    list of NotebookNode
    """
    page = as_html(verdict, task)
    if verdict.score is None:
        text = as_text(verdict, task)
        first = new_output("display_data", data={"text/html": page, "text/plain": text})
    else:
        data = {"text/html": page, "text/plain": repr(float(verdict.score))}
        first = new_output("execute_result", data=data)
    return [first, *(harmless(output) for output in own)]


def harmless(output: NotebookNode) -> NotebookNode:
    """An output that nbgrader does not take for a score or a failure."""
    if output.output_type == "error":
        text = "\n".join(output.traceback) or f"{output.ename}: {output.evalue}"
        return new_output("stream", name="stdout", text=f"{text}\n")
    if output.output_type == "stream":
        return new_output("stream", name="stdout", text=output.text)
    return new_output("display_data", data=output.get("data", {}))


def as_text(verdict: Verdict, task: Task) -> str:
    """The feedback as plain text."""
    lines = [_headline(verdict)]
    hinted: set[str] = set()
    for criterion in verdict.criteria:
        mark, status = _MARKS[criterion.status], criterion.status
        lines.append(f"{mark} {criterion.name}: {_points(criterion)}")
        if status is not Status.PASSED:
            lines += [f"    {line}" for line in _details(criterion, task, verdict, hinted)]
    return "\n".join(lines)


def as_html(verdict: Verdict, task: Task) -> str:
    """The feedback as an HTML fragment, self-contained."""
    rows = []
    hinted: set[str] = set()
    for criterion in verdict.criteria:
        colour = _COLOURS[criterion.status]
        row = (
            f'<div style="margin:.35em 0 .1em"><span style="color:{colour};font-weight:bold">'
            f"{_MARKS[criterion.status]} {_word(criterion.status)}</span> "
            f"{_escape(criterion.name)} "
            f"<span style='opacity:.75'>({_points(criterion)})</span></div>"
        )
        if criterion.status is not Status.PASSED:
            row += _details_html(criterion, task, verdict, hinted)
        rows.append(row)
    colour = _COLOURS[verdict.status]
    return (
        f'<div class="autograder" style="border-left:4px solid {colour};padding:.3em 0 .3em .9em;'
        'margin:.4em 0;line-height:1.45;max-width:60em">'
        f"<div><b>{_escape(_headline(verdict))}</b></div>{''.join(rows)}</div>"
    )


def _headline(verdict: Verdict) -> str:
    if verdict.score is None:
        return f"{verdict.task}: not graded; this is the grader's fault, and a person will look"
    return f"{verdict.task}: {verdict.score:g} of {verdict.points:g} points"


def _word(status: Status) -> str:
    return {Status.PASSED: "earned", Status.FAILED: "not earned"}.get(status, str(status))


def _points(criterion: CriterionVerdict) -> str:
    return f"{criterion.earned:g} of {criterion.points:g}"


def _hint(criterion: CriterionVerdict, verdict: Verdict, hinted: set[str]) -> str:
    """The recognised mistake's hint, the first time it is met."""
    if not criterion.mistake or criterion.mistake in hinted:
        return ""
    hinted.add(criterion.mistake)
    return next(m.hint for m in verdict.mistakes if m.name == criterion.mistake)


def _details(
    criterion: CriterionVerdict, task: Task, verdict: Verdict, hinted: set[str]
) -> list[str]:
    if criterion.status is not Status.FAILED:
        return [criterion.reason]
    lines = []
    if criterion.mistake:
        hint = _hint(criterion, verdict, hinted)
        lines.append(f"recognised: {criterion.mistake}." + (f" {hint}" if hint else ""))
    assert criterion.call is not None
    lines.append(f"call:     {criterion.call.source(task.name, task.library)}")
    if criterion.call.times > 1:
        lines.append(f"          called {criterion.call.times} times; the last result counts")
    expected, observed = criterion.expected or {}, criterion.observed or {}
    lines.append(f"expected: {describe(expected)}")
    lines.append(f"returned: {describe(observed)}")
    difference = _difference(criterion, task)
    if difference:
        lines.append(difference)
    if not criterion.mistake:
        lines.append(criterion.reason or UNKNOWN)
    return lines


def _details_html(
    criterion: CriterionVerdict, task: Task, verdict: Verdict, hinted: set[str]
) -> str:
    if criterion.status is not Status.FAILED:
        return f'<div style="margin-left:1.4em">{_escape(criterion.reason)}</div>'
    assert criterion.call is not None
    parts = []
    hint = _hint(criterion, verdict, hinted)
    if hint:
        parts.append(f"<div><b>{_escape(criterion.mistake)}.</b> {_escape(hint)}</div>")
    expected, observed = criterion.expected or {}, criterion.observed or {}
    often = criterion.call.times
    lines = [
        f"{criterion.call.source(task.name, task.library)}",
        f"expected  {describe(expected)}",
        f"returned  {describe(observed)}",
    ]
    if often > 1:
        lines.insert(1, f"called {often} times; the last result counts")
    parts.append(
        '<pre style="white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;'
        'margin:.3em 0;padding:.4em .7em;border:1px solid rgba(128,128,128,.4);border-radius:4px">'
        f"{_escape(chr(10).join(lines))}</pre>"
    )
    difference = _difference(criterion, task)
    if difference:
        parts.append(f"<div>{_escape(difference)}</div>")
    if not criterion.mistake:
        parts.append(f"<div>{_escape(criterion.reason or UNKNOWN)}</div>")
    inside = "".join(parts)
    if criterion.mistake and not hint:  # explained above: the call is there for who wants it
        style = "display:list-item;cursor:pointer"  # the page's own style hides the triangle
        again = f'<summary style="{style}">again: <b>{_escape(criterion.mistake)}</b></summary>'
        inside = f"<details>{again}{inside}</details>"
    return f'<div style="margin-left:1.4em">{inside}</div>'


def describe(observation: Json) -> str:
    """An observation in a few words: values, text, or what went wrong."""
    error = observation.get("error")
    if isinstance(error, dict):
        where = f", in the line: {_words(error['line'])}" if error.get("line") else ""
        return f"{_words(error.get('type'))}: {_words(error.get('message'))}{where}"
    if "text" in observation:
        return repr(_words(observation["text"]))
    if "nothing" in observation:
        return "None (is there a return at the end?)"
    if "unsupported" in observation:
        return _words(observation["unsupported"])
    arrays = as_arrays(observation)
    if not arrays:
        return "nothing that could be read"
    return "  and  ".join(map(_array, arrays))


def _array(array: np.ndarray) -> str:
    if array.ndim == 0:
        return _number(float(array))
    if array.ndim > 3:
        return f"numbers of shape {tuple(array.shape)}"
    flat = array.ravel()
    rows = array if array.ndim > 1 else flat
    shown = ", ".join(_entry(row) for row in rows[:SHOWN])
    dots = ", …" if len(rows) > SHOWN else ""
    return f"[{shown}{dots}]  shape {tuple(array.shape)}"


def _words(value: Any) -> str:
    """Text from the student's process: short, and such that it can be written as UTF-8."""
    if not isinstance(value, str):
        return f"({type(value).__name__})"
    return value[:300].encode("utf-8", errors="replace").decode("utf-8")


def _entry(row: Any) -> str:
    if np.ndim(row) == 0:
        return _number(float(row))
    cells = ", ".join(_entry(item) for item in row[:SHOWN])
    return f"[{cells}{', …' if len(row) > SHOWN else ''}]"


def _number(value: float) -> str:
    return f"{value:.6g}"


def _difference(criterion: CriterionVerdict, task: Task) -> str:
    """Where the two first differ, in a sentence."""
    expected, observed = criterion.expected or {}, criterion.observed or {}
    assert criterion.call is not None
    if observed.get("mutated") and task.minds_changes(criterion.call):
        return "The function changed its argument; work on a copy."
    wanted, came = as_arrays(expected), as_arrays(observed)
    if len(wanted) == len(came) == 1:
        (right,), (seen,) = wanted, came
        if observed.get("singletons") and seen.shape == (*right.shape, 1):
            seen = seen[..., 0]
        return _array_difference(right, seen, task)
    if len(wanted) != len(came) or not wanted:
        return ""
    found = [_array_difference(right, seen, task) for right, seen in zip(wanted, came, strict=True)]
    which = zip(("first", "second"), found, strict=True)
    return " ".join(f"In the {place} of the two: {text}" for place, text in which if text)


def _array_difference(a: np.ndarray, b: np.ndarray, task: Task) -> str:
    if a.shape != b.shape:
        return f"The shape should be {tuple(a.shape)}, but it is {tuple(b.shape)}."
    for index in np.ndindex(a.shape):
        right, came = float(a[index]), float(b[index])
        one, other = _single(right), _single(came)
        if not matches(one, other, task.rtol, task.atol):
            place = ", ".join(map(str, index))
            where = f"at index [{place}]" if index else "in the value"
            return (
                f"They first differ {where}: expected {_number(right)}, returned {_number(came)}."
            )
    return ""


def _single(value: float) -> Json:
    return {"shape": [], "values": [float(value) if np.isfinite(value) else str(float(value))]}


def _escape(text: str) -> str:
    return html.escape(text, quote=True)
