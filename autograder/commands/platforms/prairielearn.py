"""PrairieLearn: the results of an external grader.

Format: "External grading" in PrairieLearn's documentation (docs/externalGrading.md): the score is a
fraction, tests have points, and images are data addresses.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.commands.platforms.there import grade_there, needs_person
from autograder.commands.try_ import Tried
from autograder.feedback import classic
from autograder.feedback.words import as_text
from autograder.grading.records import write_whole

__all__ = ["main", "results"]

Json = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> int:
    """Grade what lies in ``/grade/student`` (run by the question's entrypoint)."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    base = Path(arguments[0] if arguments else "/grade")
    tried, missing = grade_there(base / "tests" / "course", base / "student")
    for text in missing:
        print(f"autograder: {text}")
    write_whole(base / "results" / "results.json", json.dumps(results(tried), indent=1))
    return 0


def results(tried: Tried) -> Json:
    """The whole ``results.json``; not gradable if the file cannot be read."""
    graded = tried.graded
    if graded.problem:
        return {"gradable": False, "format_errors": [graded.problem]}
    return {
        "gradable": True,
        "score": graded.score / tried.points if tried.points else 0.0,
        "message": f"{graded.score:g} of {tried.points:g} points",
        "output": "\n".join([*needs_person(tried), *graded.attention]),
        "tests": [
            {
                "name": verdict.task,
                "description": "",
                "points": verdict.score or 0.0,
                "max_points": verdict.points,
                "message": ", ".join(mistake.name for mistake in verdict.mistakes),
                "output": as_text(verdict, tried.week.task(verdict.task)),
            }
            for verdict in graded.verdicts
        ]
        + [
            {
                "name": verdict.cell,
                "description": "",
                "points": verdict.score or 0.0,
                "max_points": verdict.points,
                "message": "",
                "output": classic.text(verdict),
            }
            for verdict in graded.inside
        ],
    }


if __name__ == "__main__":
    sys.exit(main())
