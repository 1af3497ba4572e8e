"""What a student reads of a classic cell: its points, why, and how they were reached.

Like `words` for verdicts, in the form that nbgrader understands. Knows no files.
"""

from __future__ import annotations

import html
from collections.abc import Iterable

from nbformat import NotebookNode

from autograder.feedback.markup import COLOURS
from autograder.feedback.sentences import MARKS
from autograder.feedback.words import harmless
from autograder.marking.classic import INSIDE, Inside
from autograder.marking.judge import Status
from autograder.submissions.nodes import new_output

__all__ = ["headline", "outputs", "text"]


def headline(verdict: Inside) -> str:
    """The cell, its score, and how that was reached."""
    if verdict.status is Status.GRADER_ERROR:
        return (
            f"{verdict.cell}: not graded; this is the grader's fault, and a person will look "
            f"({INSIDE})"
        )
    if verdict.score is None:
        return f"{verdict.cell}: not decided yet; a person will look ({INSIDE})"
    return f"{verdict.cell}: {verdict.score:g} of {verdict.points:g} points ({INSIDE})"


def text(verdict: Inside) -> str:
    """The feedback as plain text."""
    lines = [f"{MARKS[verdict.status]} {headline(verdict)}"]
    return "\n".join(lines + ([f"    {verdict.reason}"] if verdict.reason else []))


def outputs(
    verdict: Inside, own: Iterable[NotebookNode] = (), hidden: bool = True
) -> list[NotebookNode]:
    """Outputs of the cell: the verdict, then what running it put out.

    Parameters
    ----------
    verdict : Inside
    own : iterable of NotebookNode
    hidden : bool
        Whether some of the cell is hidden. Then no traceback is shown, nor what stands on
        stderr, where a warning quotes the line that it came from.
    """
    colour = COLOURS[verdict.status]
    page = (
        f'<div class="autograder" style="border-left:4px solid {colour};padding:.3em 0 .3em .9em;'
        f'margin:.4em 0;line-height:1.45;max-width:60em"><div><b>{MARKS[verdict.status]} '
        f"{html.escape(headline(verdict))}</b></div>"
        + (f"<div>{html.escape(verdict.reason)}</div>" if verdict.reason else "")
        + "</div>"
    )
    if verdict.score is None:
        first = new_output("display_data", data={"text/html": page, "text/plain": text(verdict)})
    else:
        data = {"text/html": page, "text/plain": repr(float(verdict.score))}
        first = new_output("execute_result", data=data)
    shown = [
        harmless(output) for output in own if not (hidden and _may_quote(output))
        if output.output_type != "execute_result"
    ]  # fmt: skip
    return [first, *shown]


def _may_quote(output: NotebookNode) -> bool:
    """Whether it may show a line of the cell."""
    return bool(output.output_type == "error" or output.get("name") == "stderr")
