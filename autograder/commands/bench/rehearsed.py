"""A grading run whose kernels are played: what grading costs beside them, from 10 to 10,000.

Each kind of work is run once in a real kernel; after that its answers are played again, after as
long as a notebook is said to take. Everything else is the run of `autograder grade`: reading,
drawing, judging, gradebook, records. Run as ``python -m autograder.commands.bench.rehearsed``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import resource
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder.commands.bench.courses import KINDS
from autograder.commands.bench.measure import rss
from autograder.commands.grade import grade_week
from autograder.errors import GraderFault
from autograder.grading.processors import processors
from autograder.grading.records import write_whole
from autograder.kernels.driver import Calls, Executed, Limits, execute

__all__ = ["PlayedKernels", "Recorded", "main"]

#: What tells equal work of different students apart; see `courses.submissions`.
_NUMBER = re.compile(r"# \d+(?=\")")


def _kind(notebook: str) -> str:
    return hashlib.sha256(_NUMBER.sub("", notebook).encode()).hexdigest()


class Recorded:
    """An `Execute` with real kernels that keeps what they answered, by kind of work."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}

    def __call__(self, notebook: str, calls: Calls, limits: Limits) -> Executed:
        """See `autograder.kernels.driver.execute`."""
        executed = execute(notebook, calls, limits)
        self.answers[_kind(notebook)] = asdict(executed)
        return executed


class PlayedKernels:
    """An `Execute` that waits as a busy worker would be waited for, and plays what was recorded.

    Parameters
    ----------
    answers : dict
        Of `Recorded`.
    seconds : float
        How long a notebook takes on its worker; no processor of this machine is used meanwhile.
    """

    def __init__(self, answers: dict[str, Any], seconds: float) -> None:
        self._answers, self._seconds = answers, seconds
        self._lock = threading.Lock()
        #: Of each submission, when its turn on a worker came, and the grader's memory in bytes.
        self.moments: list[tuple[float, int]] = []

    def __call__(self, notebook: str, calls: Calls, limits: Limits) -> Executed:
        """See `autograder.kernels.driver.execute`.

        Raises
        ------
        GraderFault
            If work of this kind was not recorded.
        """
        del calls, limits
        with self._lock:
            self.moments.append((time.time(), rss(os.getpid())))
        answer = self._answers.get(_kind(notebook))
        if answer is None:
            raise GraderFault("work of this kind was not run in a kernel before")
        time.sleep(self._seconds)
        return Executed.from_json(answer)

    @staticmethod
    def missing_protection() -> list[str]:
        """Nothing runs here that had to be protected against."""
        return []


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def main(argv: list[str] | None = None) -> int:
    """Record answers (without ``--jobs``), or grade with them and print what it took as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("week")
    parser.add_argument("answers", type=Path)
    parser.add_argument("--jobs", type=int, help="workers")
    parser.add_argument("--seconds", type=float, default=0.0, help="that a notebook takes on each")
    given = parser.parse_args(argv)
    if given.jobs is None:
        recorded = Recorded()
        grade_week(Path(), given.week, jobs=processors(), execute=recorded)
        write_whole(given.answers, json.dumps(recorded.answers))
        return 0 if len(recorded.answers) == len(KINDS) else 1
    played = PlayedKernels(json.loads(given.answers.read_text("utf-8")), given.seconds)
    before = _processor()
    grade_week(Path(), given.week, jobs=given.jobs, execute=played)
    used = _processor() - before
    print(json.dumps({"moments": played.moments, "end": time.time(), "processor": used}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
