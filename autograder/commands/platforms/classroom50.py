"""Classroom 50: an ``autograder.py`` that leaves a ``result.json``.

Contract: the wiki page "Advanced Autograding" of foundation50/classroom50 and its
``schemas/result-v1.schema.json``. Points there are whole numbers; what is not is rounded down. Its
runner writes owner, type and times anew, so that nobody can claim another's.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.commands.platforms.github import escaped, summary
from autograder.commands.platforms.there import grade_there
from autograder.commands.try_ import Tried
from autograder.grading.records import write_whole

__all__ = ["main", "result"]

Json = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> int:
    """Grade the checkout that is the working folder (run by ``autograder.py``)."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    tried, missing = grade_there(
        Path(arguments[0]), Path(), os.environ.get("USERNAME", ""), os.environ.get("GITHUB_SHA", "")
    )
    for text in missing:
        print(f"::warning::{escaped(text)}")
    write_whole(Path("result.json"), json.dumps(result(tried, os.environ), indent=2))
    write_whole(Path("release-body.md"), summary(tried))
    return 0


def result(tried: Tried, environment: Mapping[str, str]) -> Json:
    """The whole ``result.json``, a test for each task."""
    tests = [
        {
            "test-name": verdict.task,
            "passed": verdict.score == verdict.points,
            "score": math.floor(verdict.score or 0.0),
            "max-score": math.floor(verdict.points),
            "mistakes": [mistake.name for mistake in verdict.mistakes],
            "needs-a-person": verdict.score is None,
        }
        for verdict in tried.graded.verdicts
    ]
    tests += [
        {
            "test-name": verdict.cell,
            "passed": verdict.score == verdict.points,
            "score": math.floor(verdict.score or 0.0),
            "max-score": math.floor(verdict.points),
            "mistakes": [],
            "needs-a-person": verdict.score is None,
        }
        for verdict in tried.graded.inside
    ]
    commit = environment.get("COMMIT_URL", "")
    return {
        "schema": "classroom50/result/v1",
        "classroom": environment.get("CLASSROOM", ""),
        "assignment": environment.get("ASSIGNMENT", ""),
        "assignment_type": environment.get("ASSIGNMENT_TYPE", "individual"),
        "owner": environment.get("OWNER") or environment.get("USERNAME", ""),
        "submission": environment.get("SUBMISSION_TAG", ""),
        "commit": commit,
        "release": environment.get("RELEASE_URL", ""),
        "review": environment.get("REVIEW_URL") or commit,
        "datetime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": sum(int(str(test["score"])) for test in tests),
        "max-score": sum(int(str(test["max-score"])) for test in tests),
        "tests": tests,
    }


if __name__ == "__main__":
    sys.exit(main())
