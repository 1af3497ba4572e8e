"""Verdicts as sentences: what a good assistant would write in the margin.

Turns a `Verdict` into the outputs of its test cell, in the form that nbgrader
understands: one ``execute_result`` whose ``text/plain`` is the score and whose
``text/html`` is what people read. This module knows verdicts; no files.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.feedback.results import aligned, arrays_of, beside, describe, difference
from autograder.marking.agreement import as_arrays
from autograder.marking.calls import Call
from autograder.marking.judge import CriterionVerdict, Status, Verdict
from autograder.marking.task import Task
from autograder.observation.values import normalise

__all__ = ["as_html", "as_text", "outputs"]

Json = dict[str, Any]

_MARKS = {
    Status.PASSED: "✓",
    Status.FAILED: "✗",
    Status.NOT_REACHED: "–",
    Status.GRADER_ERROR: "?",
}
#: A page that is dark sets its own.
_COLOURS = {
    Status.PASSED: "var(--earned, #1a7f37)",
    Status.FAILED: "var(--lost, #b3261e)",
    Status.NOT_REACHED: "var(--unreached, #8a6100)",
    Status.GRADER_ERROR: "var(--fault, #5b3cc4)",
}
UNKNOWN = "This is not one of the mistakes we know."
#: A picture of more bytes is left out.
MAX_PICTURE = 60_000


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
    lines += [f"          {text}" for text in _circumstances(criterion, verdict)]
    expected, observed = criterion.expected or {}, criterion.observed or {}
    right, came = aligned(expected, observed, task)
    lines += [f"expected: {right}", f"returned: {came}"]
    lines += [
        text for text in (_changed(criterion, task), difference(expected, observed, task)) if text
    ]
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
        parts.append(f"<div><b>{_escape(criterion.mistake)}.</b> {_prose(hint)}</div>")
    expected, observed = criterion.expected or {}, criterion.observed or {}
    lines = [criterion.call.source(task.name, task.library)]
    lines += [f"# {text}" for text in _circumstances(criterion, verdict)]
    columns = beside(expected, observed, task)
    if not columns:
        right, came = aligned(expected, observed, task)
        lines += [f"expected  {right}", f"returned  {came}"]
    parts.append(
        '<pre style="white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;'
        'margin:.3em 0;padding:.4em .7em;border:1px solid rgba(128,128,128,.4);border-radius:4px">'
        f"{_escape(chr(10).join(lines))}</pre>"
    )
    # A repetition is folded away: one picture of a mistake is enough.
    picture = _picture(criterion, task) if hint else ""
    if columns and picture:
        side = "display:flex;flex-wrap:wrap;gap:.3em 2em;align-items:flex-start"
        parts.append(f'<div style="{side}">{columns}{picture}</div>')
    else:
        parts.append(columns + picture)
    said = [_changed(criterion, task)]
    if not columns or expected.get("shape") != observed.get("shape"):  # else they show it
        said.append(difference(expected, observed, task))
    parts += [f"<div>{_escape(text)}</div>" for text in said if text]
    if not criterion.mistake:
        parts.append(f"<div>{_escape(criterion.reason or UNKNOWN)}</div>")
    inside = "".join(parts)
    if criterion.mistake and not hint:  # explained above: the call is there for who wants it
        style = "display:list-item;cursor:pointer"  # the page's own style hides the triangle
        again = f'<summary style="{style}">again: <b>{_escape(criterion.mistake)}</b></summary>'
        inside = f"<details>{again}{inside}</details>"
    return f'<div style="margin-left:1.4em">{inside}</div>'


#: matplotlib's settings are those of the whole process.
_drawing = Lock()


def _picture(criterion: CriterionVerdict, task: Task) -> str:
    """Both results in one picture, or nothing where there is none; it never raises."""
    if criterion.call is None:
        return ""
    try:
        # A class makes the same mistakes, but for rounding that no picture shows.
        shown = _rounded(criterion.observed, criterion.expected)
        if shown is None:
            return ""
        about = (
            f"{task.name}, {criterion.name}. Reference: {describe(criterion.expected or {})}. "
            f"Submitted: {describe(shown)}."
        )
        number = [c.name for c in task.criteria].index(criterion.name)
        return _drawn(
            json.dumps(criterion.call.to_json(), sort_keys=True),
            json.dumps(criterion.expected, sort_keys=True),
            json.dumps(shown, sort_keys=True),
            f"{task.name}-{number}",
            about,
            task.result,
        )
    except Exception:  # a verdict is worth more than its picture
        return ""


@lru_cache(maxsize=512)
def _drawn(call: str, expected: str, observed: str, name: str, about: str, kind: str) -> str:
    from autograder.feedback.pictures import (
        compare,  # matplotlib: a second that is often not needed
    )

    asked = Call.from_json(json.loads(call))
    with _drawing:
        svg = compare(asked, json.loads(expected), json.loads(observed), name, about, kind)
    if not svg or len(svg.encode()) > MAX_PICTURE:
        return ""
    scrolls = ' style="overflow-x:auto;max-width:100%" tabindex="0"' if "min-width" in svg else ""
    return f"<div{scrolls}>{svg}</div>"


def _rounded(observed: Json | None, expected: Json | None) -> Json | None:
    """The numbers observed, to a thousandth of what those expected span or less; None if none."""
    arrays = arrays_of(expected, observed)
    if arrays is not None:
        return normalise(_coarser(arrays[1], arrays[0]))
    right, came = as_arrays(expected or {}), as_arrays(observed or {})
    if len(right) != len(came) or not right:
        return None
    return {"parts": [normalise(_coarser(*pair)) for pair in zip(came, right, strict=True)]}


def _coarser(values: np.ndarray, like: np.ndarray) -> np.ndarray:
    tame = like[np.isfinite(like)]
    span = (float(np.ptp(tame)) or float(abs(tame).max())) if tame.size else 0.0
    digits = 4 - int(np.floor(np.log10(span))) if span else 6
    with np.errstate(all="ignore"):
        return np.asarray(np.round(values, max(-12, min(digits, 12))))


def _circumstances(criterion: CriterionVerdict, verdict: Verdict) -> list[str]:
    """What else there is to know about a call before it is tried again."""
    assert criterion.call is not None
    if criterion.call.times > 1:
        return [f"called {criterion.call.times} times; the last result counts"]
    if criterion.call.index and any(
        m.stateful for m in verdict.mistakes if m.name == criterion.mistake
    ):
        return ["right at first? What earlier calls left behind counts too: try it twice in a row"]
    return []


def _changed(criterion: CriterionVerdict, task: Task) -> str:
    """What is wrong besides the result."""
    if criterion.call is None or not (criterion.observed or {}).get("mutated"):
        return ""
    if not task.minds_changes(criterion.call):
        return ""
    return "The function changed its argument; work on a copy."


def _prose(text: str) -> str:
    """A hint as HTML: what its author put in backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", _escape(text))


def _escape(text: str) -> str:
    return html.escape(text, quote=True)
