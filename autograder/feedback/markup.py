"""A verdict as a fragment of HTML: what people read, in a cell's output and on the feedback page.

Self-contained, and nothing of the student's is markup. Knows verdicts; no files.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from autograder.feedback.beside import beside
from autograder.feedback.formulas import as_mathml
from autograder.feedback.illustration import illustrate
from autograder.feedback.questions import Question
from autograder.feedback.results import AND, aligned, difference
from autograder.feedback.sentences import (
    MARKS,
    changed,
    circumstances,
    explanation,
    headline,
    newly_met,
    points,
)
from autograder.marking.judge import CriterionVerdict, Status, Verdict
from autograder.marking.task import Task

__all__ = ["COLOURS", "as_html"]


#: A page that is dark sets its own.
COLOURS = {
    Status.PASSED: "var(--earned, #1a7f37)",
    Status.FAILED: "var(--lost, #b3261e)",
    Status.NOT_REACHED: "var(--unreached, #8a6100)",
    Status.WAITS: "var(--fault, #5b3cc4)",
    Status.GRADER_ERROR: "var(--fault, #5b3cc4)",
}


def as_html(verdict: Verdict, task: Task) -> str:
    """The feedback as an HTML fragment, self-contained."""
    rows = []
    said: set[str] = set()
    for criterion in verdict.criteria:
        colour = COLOURS[criterion.status]
        row = (
            f'<div style="margin:.35em 0 .1em"><span style="color:{colour};font-weight:bold">'
            f"{MARKS[criterion.status]} {_word(criterion.status)}</span> "
            f"{_escape(criterion.name)} "
            f"<span style='opacity:.75'>({points(criterion)})</span></div>"
        )
        if criterion.status is not Status.PASSED:
            row += _details_html(criterion, task, verdict, said)
        rows.append(row)
    colour = COLOURS[verdict.status]
    return (
        f'<div class="autograder" style="border-left:4px solid {colour};padding:.3em 0 .3em .9em;'
        'margin:.4em 0;line-height:1.45;max-width:60em">'
        f"<div><b>{_escape(headline(verdict))}</b></div>{''.join(rows)}</div>"
    )


def _word(status: Status) -> str:
    return {Status.PASSED: "earned", Status.FAILED: "not earned"}.get(status, str(status))


def _details_html(criterion: CriterionVerdict, task: Task, verdict: Verdict, said: set[str]) -> str:
    if criterion.status is not Status.FAILED:
        told = explanation(criterion, task, said)
        return "".join(f'<div style="margin-left:1.4em">{_escape(text)}</div>' for text in told)
    new = newly_met(criterion, verdict, said)
    parts = [f"<div><b>{_escape(m.name)}.</b> {_prose(m.hint)}</div>" for m in new]
    expected, observed = criterion.expected or {}, criterion.observed or {}
    columns, lines = beside(expected, observed, task), []
    if not columns:
        right, came = aligned(expected, observed, task)
        lines = [_result("expected", right)] if expected else []
        lines.append(_result("returned", came))
    parts.append(_asked(criterion, task, verdict, lines))
    # A repetition is folded away: one picture of a mistake is enough.
    parts.append(_side_by_side(columns, illustrate(criterion, task) if new else ""))
    remarks = [changed(criterion, task)]
    if not columns or expected.get("shape") != observed.get("shape"):  # else they show it
        remarks.append(difference(expected, observed, task))
    remarks += explanation(criterion, task, said)
    parts += [f"<div>{_escape(text)}</div>" for text in remarks if text]
    inside = "".join(parts)
    if criterion.mistake and not new:  # explained above: the call is there for who wants it
        inside = _folded(f"again: <b>{_escape(criterion.mistake)}</b>", inside)
    return f'<div style="margin-left:1.4em">{inside}</div>'


def _asked(
    criterion: CriterionVerdict, task: Task, verdict: Verdict, results: Sequence[str]
) -> str:
    """The call: its function as mathematics, and folded away what can be pasted; then `results`."""
    assert criterion.call is not None
    question = Question.of(criterion.call, task)
    notes = circumstances(criterion, verdict)
    if not question.differ:
        return _code([question.read, *(f"# {text}" for text in notes), *results])
    place = "margin:0 0 .2em .7em;overflow-x:auto;max-width:100%"
    below = "".join(
        f'<div style="{place}" tabindex="0">{as_mathml(name, function)}'
        f"{_escape(question.manner(function))}</div>"
        for name, function in question.functions
    )
    below += "".join(f'<div style="margin:0 0 .2em .7em">{_escape(text)}</div>' for text in notes)
    # On paper nobody pastes: the feedback page doesn't print what is aside.
    pasted = _folded("to paste", _code([question.typed]), "aside")
    return _code([question.read]) + below + pasted + (_code(results) if results else "")


def _result(word: str, text: str) -> str:
    """What is expected or came back; the parts of a pair stand below each other."""
    return f"{word}  {text.replace(AND, chr(10) + ' ' * (len(word) + 2))}"


def _side_by_side(columns: str, picture: str) -> str:
    if not columns or not picture:
        return columns + picture
    side = "display:flex;flex-wrap:wrap;gap:.3em 2em;align-items:flex-start"
    return f'<div style="{side}">{columns}{picture}</div>'


def _code(lines: Sequence[str]) -> str:
    return (
        '<pre style="white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;'
        'margin:.3em 0;padding:.4em .7em;border:1px solid rgba(128,128,128,.4);border-radius:4px">'
        f"{_escape(chr(10).join(lines))}</pre>"
    )


def _folded(summary: str, inside: str, kind: str = "") -> str:
    style = "display:list-item;cursor:pointer"  # the page's own style hides the triangle
    kind = f' class="{kind}"' if kind else ""
    return f'<details{kind}><summary style="{style}">{summary}</summary>{inside}</details>'


def _prose(text: str) -> str:
    """A hint as HTML: what its author put in backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", _escape(text))


def _escape(text: str) -> str:
    return html.escape(text, quote=True)
