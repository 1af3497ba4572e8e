"""Verdicts as sentences: what a good assistant would write in the margin.

Turns a `Verdict` into the outputs of its test cell, in the form that nbgrader
understands: one ``execute_result`` whose ``text/plain`` is the score and whose
``text/html`` is what people read. This module knows verdicts; no files.
"""

from __future__ import annotations

from collections.abc import Iterable

from nbformat import NotebookNode

from autograder.feedback.markup import as_html
from autograder.feedback.questions import Question
from autograder.feedback.results import aligned, difference
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
from autograder.submissions.nodes import new_output

__all__ = ["as_text", "harmless", "outputs"]


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
    lines = [headline(verdict)]
    said: set[str] = set()
    for criterion in verdict.criteria:
        mark, status = MARKS[criterion.status], criterion.status
        lines.append(f"{mark} {criterion.name}: {points(criterion)}")
        if status is not Status.PASSED:
            lines += [f"    {line}" for line in _details(criterion, task, verdict, said)]
    return "\n".join(lines)


def _details(
    criterion: CriterionVerdict, task: Task, verdict: Verdict, said: set[str]
) -> list[str]:
    if criterion.status is not Status.FAILED:
        return explanation(criterion, task, said)
    lines = []
    new = {m.name: m.hint for m in newly_met(criterion, verdict, said)}
    lines += [f"recognised: {name}. {new.get(name, '')}".rstrip() for name in criterion.mistakes]
    assert criterion.call is not None
    question = Question.of(criterion.call, task)
    lines.append(f"call:     {question.read}")
    lines += [f"          {t}" for t in (*question.formulas(), *circumstances(criterion, verdict))]
    typed = question.typed.replace("\n", "\n" + " " * 14)
    lines += [f"to paste: {typed}"] if question.differ else []
    expected, observed = criterion.expected or {}, criterion.observed or {}
    right, came = aligned(expected, observed, task)
    lines += [f"expected: {right}"] if expected else []
    lines.append(f"returned: {came}")
    lines += [
        text for text in (changed(criterion, task), difference(expected, observed, task)) if text
    ]
    lines += explanation(criterion, task, said)
    return lines
