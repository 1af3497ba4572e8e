"""What is kept of a grading, so that it can be repeated to the bit, and skipped if nothing changed.

Knows the course folder and what was graded. Files are written whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder._version import __version__
from autograder.grading.course import Course, Week
from autograder.grading.stages import Graded
from autograder.grading.work import GradedWork
from autograder.marking.judge import Status
from autograder.submissions.ready import Submission, Work

__all__ = ["Record", "fresh_seed", "tests_digest", "whole", "write_whole"]

Json = dict[str, Any]


@dataclass
class Record:
    """What one grading of one submission was made of, kept so that it can be repeated."""

    submission: str = ""
    seed: int = 0
    attempt: int = -1
    key: str = ""
    graded: Json = field(default_factory=dict)
    #: How many versions before this one were never graded, through no fault of the student.
    missed: int = 0
    #: What lay in the submission's folder, and against what it was read; "" if that is not known.
    seen: str = ""
    #: When it was graded (UTC) and how many seconds that took: all that a repeated run changes.
    run: Json = field(default_factory=dict)

    @staticmethod
    def path(course: Course, week: str, student: str) -> Path:
        """Where the record of this student's week is kept."""
        return course.root / "records" / week / f"{student}.json"

    @classmethod
    def read(cls, course: Course, week: str, student: str) -> Record:
        """The last record; an empty one if there is none or it cannot be read."""
        try:
            data = json.loads(cls.path(course, week, student).read_text("utf-8"))
            return cls(**data)
        except (OSError, ValueError, TypeError):
            return cls()

    def next(
        self,
        course: Course,
        week: Week,
        work: Work,
        seed: int | None,
        figures: bool = False,
        own: bool = False,
    ) -> Record:
        """The record of grading `work` now.

        The same work meets the same calls again, so that a regrade changes nothing; changed work
        meets fresh ones, which nobody else does. So does the first version if `own`: where
        feedback is out while others still hand in. An explicit `seed` decides. With figures drawn
        it is another graded notebook, with the same verdicts.
        """
        same = self.submission == work.digest
        attempt = max(self.attempt if same else self.attempt + 1, 0)
        if seed is None:
            theirs = f"{week.name}/{work.student}"
            mine = attempt + 1 if own or attempt else 0
            seed = self.seed if same else fresh_seed(course.settings.seed, theirs, mine)
        key = f"{__version__}/{week.fingerprint}/{seed}/{work.digest}/{figures}"
        key += "".join(f"/{tests_digest(submission)}" for submission in work.notebooks)
        key += "".join(f"/{note}" for note in work.notes)  # what lies beside it counts, too
        # They count for what is drawn, so that no question comes twice, but not as attempts.
        missed = self.missed + (not same and self.attempt >= 0 and not self.key)
        key = hashlib.sha256(key.encode()).hexdigest()
        made_by = self.graded.get("version"), self.graded.get("reference"), self.seed
        alike = same and made_by == (__version__, week.fingerprint, seed)
        graded = self.graded if alike else {}
        return Record(work.digest, seed, attempt, key, graded, missed)

    def write(self, course: Course, week: Week, work: GradedWork) -> None:
        """Keep this record; written whole or not at all.

        Plain `nbgrader autograde` grades one notebook after the other: what is recorded of the
        others stays, if it is of the same grading.
        """
        kept, done = self.graded, work.notebooks
        about = kept.get("notebooks", {}) | {g.submission.name: _about(g) for g in done}
        named = len(week.notebooks) > 1

        def of_all(what: str, new: Json) -> Json:
            return {**kept.get(what, {}), **new}

        verdicts = {verdict["task"]: verdict for verdict in kept.get("verdicts", ())}
        verdicts |= {v.task: v.to_json() for graded in done for v in graded.verdicts}
        inside = [verdict for entry in about.values() for verdict in entry["inside"]]
        self.graded = {
            "version": __version__,
            "reference": week.fingerprint,
            "score": sum(v["score"] or 0.0 for v in (*verdicts.values(), *inside)),
            "notebooks": about,
            "attention": [
                f"{name}: {text}" if named else text
                for name, entry in about.items()
                for text in entry["attention"]
            ],
            "doubts": of_all("doubts", {t: why for g in done for t, why in g.doubts.items()}),
            "inside": inside,
            "verdicts": list(verdicts.values()),
            "calls": of_all(
                "calls",
                {t: [c.to_json() for c in calls] for g in done for t, calls in g.questions.items()},
            ),
            "observations": of_all(
                "observations",
                {
                    task: {"observations": seen.observations, "reason": seen.reason}
                    for graded in done
                    for task, seen in graded.observed.items()
                },
            ),
        }
        self.run = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": work.seconds,
        }
        judged = [c for verdict in verdicts.values() for c in verdict["criteria"]] + inside
        faults = any(verdict["status"] == Status.GRADER_ERROR for verdict in judged)
        if faults or about.keys() != set(week.notebooks):
            self.key = ""  # to be graded again
        self.keep(course, week, work.student)

    def keep(self, course: Course, week: Week, student: str) -> None:
        """Keep it as it is."""
        path = self.path(course, week.name, student)
        write_whole(path, json.dumps(self.__dict__, ensure_ascii=True))


def tests_digest(submission: Submission) -> str:
    """What the classic tests were; empty where there are none."""
    text = json.dumps(dict(submission.tests), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest() if submission.tests else ""


def _about(graded: Graded) -> Json:
    """What is kept of a notebook, beside the verdicts on its tasks."""
    return {
        "submission": graded.submission.digest,
        "problem": graded.submission.problem,
        "named": graded.submission.named,
        "notes": list(graded.submission.notes),
        "died": graded.died,
        "failed": graded.failed,
        "attention": graded.attention,
        "by_hand": dict(graded.by_hand),
        "inside": [verdict.to_json() for verdict in graded.inside],
        "tests": tests_digest(graded.submission),
    }


def fresh_seed(seed: int, whose: str, number: int) -> int:
    """The `number`-th seed of somebody's own, from that of the course; with 0, the course's."""
    if number == 0:
        return seed
    mixed = hashlib.sha256(f"{seed}/{whose}/{number}".encode(errors="surrogateescape")).digest()
    return int.from_bytes(mixed[:6], "big")


def write_whole(path: Path, text: str) -> None:
    """Write a file so that at any moment it is the old one or the new one.

    What cannot be written as UTF-8 (a lone surrogate, from a student's string)
    becomes a question mark.
    """
    with whole(path) as temporary:
        temporary.write_text(text, "utf-8", errors="replace")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Where to write what becomes `path` if all went well, and is gone if not.

    Raises
    ------
    OSError
        About `path`: of the other name nobody knows.
    """
    # Always the same name: what a killed run left is overwritten by the next.
    name = hashlib.sha256(path.name.encode(errors="surrogateescape")).hexdigest()[:16]
    temporary = path.parent / f".{name}.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)  # should it be a link
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename, error.filename2 = str(path), None
        raise
