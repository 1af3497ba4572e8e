"""GitHub Actions: the score and the feedback as a job's summary, and an annotation for each task.

Format: "Workflow commands for GitHub Actions" in GitHub's documentation: job summaries in Markdown,
``::warning`` and ``::error`` with their properties, outputs of a step.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.commands.platforms.there import grade_there, needs_person, shortened
from autograder.commands.try_ import Tried, as_json
from autograder.feedback import classic
from autograder.feedback.words import as_text
from autograder.grading.records import write_whole
from autograder.terminal import printable_lines

__all__ = ["annotated", "escaped", "main", "summary"]

#: In characters. A step's summary may have 1 MiB, the text of a release 125,000 characters; what is
#: longer is not shown at all.
_MOST = 100_000


def main(argv: Sequence[str] | None = None) -> int:
    """Grade the checkout that is the working folder (run by the workflow).

    The first argument is the packed course, the second where the data go.
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    tried, missing = grade_there(
        Path(arguments[0]),
        Path(),
        os.environ.get("GITHUB_ACTOR", ""),
        os.environ.get("GITHUB_SHA", ""),
    )
    for text in missing:
        print(f"::warning::{escaped(text)}")
    print("\n".join(annotated(tried)))
    _append("GITHUB_STEP_SUMMARY", summary(tried))
    _append("GITHUB_OUTPUT", f"score={tried.graded.score:g}\npoints={tried.points:g}\n")
    write_whole(Path(arguments[1] if len(arguments) > 1 else "result.json"), as_json(tried))
    return 0


def summary(tried: Tried) -> str:
    """The feedback as Markdown; what a student wrote stands in fences that it cannot leave."""
    graded = tried.graded
    lines = [f"## {tried.week.name}: {graded.score:g} of {tried.points:g} points by machine", ""]
    lines += ["| task | points | recognised |", "|---|---|---|"]
    for verdict in graded.verdicts:
        score = "a person has to look" if verdict.score is None else f"{verdict.score:g}"
        names = ", ".join(mistake.name for mistake in verdict.mistakes)
        lines.append(f"| `{verdict.task}` | {score} of {verdict.points:g} | {names} |")
    for inside in graded.inside:
        score = "a person has to look" if inside.score is None else f"{inside.score:g}"
        lines.append(f"| `{inside.cell}` | {score} of {inside.points:g} | |")
    texts = ["\n".join([*needs_person(tried), *graded.attention])]
    texts += [as_text(verdict, tried.week.task(verdict.task)) for verdict in graded.verdicts]
    texts += [classic.text(inside) for inside in graded.inside]
    for text in filter(None, texts):
        lines += ["", *_fenced(shortened(printable_lines(text), _MOST // len(texts)))]
    return "\n".join(lines) + "\n"


def annotated(tried: Tried) -> list[str]:
    """One line for each task that is not right, with the hints of what was recognised."""
    lines = []
    for verdict in tried.graded.verdicts:
        if verdict.score == verdict.points:
            continue
        hints = " ".join(mistake.hint for mistake in verdict.mistakes)
        score = "not graded" if verdict.score is None else f"{verdict.score:g}"
        title = _property(f"{verdict.task}: {score} of {verdict.points:g}")
        kind = "warning" if verdict.score is None else "error"
        lines.append(f"::{kind} title={title}::{escaped(hints or 'see the job summary')}")
    for inside in tried.graded.inside:
        if inside.score != inside.points:
            kind = "warning" if inside.score is None else "error"
            lines.append(f"::{kind} title={_property(inside.cell)}::{escaped(inside.reason)}")
    return lines


def _append(variable: str, text: str) -> None:
    """To the file that GitHub names, if this is a job of its."""
    if path := os.environ.get(variable):
        with open(path, "a", encoding="utf-8", errors="replace") as file:
            file.write(text)


def escaped(text: str) -> str:
    """As a workflow command wants its message."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """As a workflow command wants what stands before its message."""
    return escaped(text).replace(":", "%3A").replace(",", "%2C")


def _fenced(text: str) -> list[str]:
    """Lines of no Markdown, no HTML and nobody's name, behind a fence that they cannot leave."""
    fence = "`" * max(3, _longest(text, "`") + 1)
    return [f"{fence}text", text, fence]


def _longest(text: str, character: str) -> int:
    longest = run = 0
    for c in text:
        run = run + 1 if c == character else 0
        longest = max(longest, run)
    return longest


if __name__ == "__main__":
    sys.exit(main())
