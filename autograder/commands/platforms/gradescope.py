"""Gradescope: a test a criterion, with the hint, the call and the picture.

Format: ``docs/specs.md`` of gradescope/autograder_samples, and Gradescope's pages "Autograder
specifications" and "Submission metadata".
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.commands.platforms.there import grade_there, needs_person
from autograder.commands.try_ import Tried
from autograder.feedback import classic
from autograder.feedback.markup import as_html
from autograder.grading.records import write_whole
from autograder.marking.classic import Inside
from autograder.marking.judge import UNDECIDED, CriterionVerdict, Status, Verdict
from autograder.marking.task import Task
from autograder.terminal import printable, spoken_hours

__all__ = ["main", "results"]

Json = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> int:
    """Grade what lies in ``/autograder/submission`` (run by ``run_autograder``)."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    base = Path(arguments[0] if arguments else "/autograder")
    about = _metadata(base / "submission_metadata.json")
    tried, missing = grade_there(
        base / "source" / "course", base / "submission", _student(about), _attempt(about)
    )
    for text in missing:  # standard output is shown to instructors alone
        print(f"autograder: {text}")
    for text in tried.graded.attention:
        print(f"autograder: {printable(text)}")
    write_whole(base / "results" / "results.json", json.dumps(results(tried, about), indent=1))
    return 0


def results(tried: Tried, about: Json) -> Json:
    """The whole ``results.json``.

    Parameters
    ----------
    tried : Tried
    about : dict
        Gradescope's ``submission_metadata.json``, or nothing.
    """
    tests = []
    for number, verdict in enumerate(tried.graded.verdicts, start=1):
        task = tried.week.task(verdict.task)
        tests += [
            _test(verdict, criterion, task, f"{number}.{k}")
            for k, criterion in enumerate(verdict.criteria, start=1)
        ]
    first = len(tried.graded.verdicts) + 1
    tests += [_inside(verdict, str(k)) for k, verdict in enumerate(tried.graded.inside, first)]
    said = [tried.graded.problem, *_late(about), *needs_person(tried)]
    said += [f"{v.task}: {_price(v)}" for v in tried.graded.verdicts if _price(v)]
    return {
        # It overrides the sum of the tests, which a slip with a price of its own exceeds.
        "score": tried.graded.score,
        "execution_time": round(tried.graded.seconds),
        "output": "\n".join(text for text in said if text),
        "output_format": "text",
        "test_output_format": "html",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {"week": tried.week.name, "seed": tried.graded.seed},
    }


def _test(verdict: Verdict, criterion: CriterionVerdict, task: Task, number: str) -> Json:
    waits = criterion.status in UNDECIDED
    alone = replace(verdict, criteria=(criterion,), costs=None)
    test: Json = {
        "score": criterion.earned,
        "max_score": criterion.points,
        "name": f"{verdict.task}: {criterion.name}",
        "number": number,
        "output": as_html(alone, task),
        "output_format": "html",
        "visibility": "visible",
        "tags": [*criterion.mistakes, *(["a person has to look"] if waits else [])],
    }
    if not waits:
        test["status"] = "passed" if criterion.status is Status.PASSED else "failed"
    return test


def _inside(verdict: Inside, number: str) -> Json:
    """A classic cell, judged inside the kernel."""
    test: Json = {
        "score": verdict.score or 0.0,
        "max_score": verdict.points,
        "name": verdict.cell,
        "number": number,
        "output": classic.text(verdict),
        "output_format": "text",
        "visibility": "visible",
        "tags": ["a person has to look"] if verdict.score is None else [],
    }
    if verdict.score is not None:
        test["status"] = "passed" if verdict.score == verdict.points else "failed"
    return test


def _price(verdict: Verdict) -> str:
    """What a slip costs that is all that is wrong, if that is less than its criteria."""
    earned = sum(criterion.earned for criterion in verdict.criteria)
    if verdict.score is None or verdict.score <= earned:
        return ""
    return f"all that is wrong is one slip, which costs {verdict.costs:g} of {verdict.points:g}"


def _metadata(path: Path) -> Json:
    try:
        about = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}


def _student(about: Json) -> str:
    """Who handed in, as Gradescope numbers them; a group is one."""
    users = about.get("users")
    ids = [str(user.get("id", "")) for user in users or () if isinstance(user, dict)]
    return "+".join(sorted(filter(None, ids)))


def _attempt(about: Json) -> str:
    """Which of somebody's attempts it is; the first is told by the student alone."""
    before = about.get("previous_submissions")
    return str(len(before)) if isinstance(before, list) and before else ""


def _late(about: Json) -> list[str]:
    """By how much it was late, if Gradescope says when it was due."""
    assignment = about.get("assignment")
    due = assignment.get("due_date") if isinstance(assignment, dict) else None
    try:
        late = datetime.fromisoformat(about["created_at"]) - datetime.fromisoformat(str(due))
        seconds = late.total_seconds()
    except (KeyError, TypeError, ValueError):
        return []
    return [f"handed in late, by {spoken_hours(seconds)}"] if seconds > 0 else []


if __name__ == "__main__":
    sys.exit(main())
