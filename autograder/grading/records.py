"""What is kept of a grading, so that it can be repeated to the bit, and skipped if nothing changed.

Knows the course folder and what was graded. Files are written whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder._version import __version__
from autograder.grading.course import Course, Week
from autograder.grading.stages import Graded
from autograder.submissions.ready import Submission

__all__ = ["Record", "fresh_seed", "tests_digest", "write_whole"]

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
        submission: Submission,
        seed: int | None,
        figures: bool = False,
        own: bool = False,
    ) -> Record:
        """The record of grading `submission` now.

        The same work meets the same calls again, so that a regrade changes nothing; changed work
        meets fresh ones, which nobody else does. So does the first version if `own`: where
        feedback is out while others still hand in. An explicit `seed` decides. With figures drawn
        it is another graded notebook, with the same verdicts.
        """
        same = self.submission == submission.digest
        attempt = max(self.attempt if same else self.attempt + 1, 0)
        if seed is None:
            theirs = f"{week.name}/{submission.student}"
            mine = attempt + 1 if own or attempt else 0
            seed = self.seed if same else fresh_seed(course.settings.seed, theirs, mine)
        key = f"{__version__}/{week.fingerprint}/{seed}/{submission.digest}/{figures}"
        key += f"/{tests_digest(submission)}"
        key += "".join(f"/{note}" for note in submission.notes)  # what lies beside it counts, too
        # They count for what is drawn, so that no question comes twice, but not as attempts.
        missed = self.missed + (not same and self.attempt >= 0 and not self.key)
        key = hashlib.sha256(key.encode()).hexdigest()
        return Record(submission.digest, seed, attempt, key, missed=missed)

    def write(self, course: Course, week: Week, graded: Graded) -> None:
        """Keep this record; written whole or not at all."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self.run = {"at": now, "seconds": graded.seconds}
        self.graded = {
            "version": __version__,
            "reference": week.fingerprint,
            "score": graded.score,
            "problem": graded.submission.problem,
            "named": graded.submission.named,
            "notes": list(graded.submission.notes),
            "died": graded.died,
            "failed": graded.failed,
            "attention": graded.attention,
            "doubts": graded.doubts,
            "by_hand": dict(graded.by_hand),
            "inside": [verdict.to_json() for verdict in graded.inside],
            "tests": tests_digest(graded.submission),
            "verdicts": [verdict.to_json() for verdict in graded.verdicts],
            "calls": {t: [c.to_json() for c in calls] for t, calls in graded.questions.items()},
            "observations": {
                task: {"observations": seen.observations, "reason": seen.reason}
                for task, seen in graded.observed.items()
            },
        }
        if graded.ungraded:
            self.key = ""  # to be graded again
        self.keep(course, week, graded.submission.student)

    def keep(self, course: Course, week: Week, student: str) -> None:
        """Keep it as it is."""
        path = self.path(course, week.name, student)
        write_whole(path, json.dumps(self.__dict__, ensure_ascii=True))


def tests_digest(submission: Submission) -> str:
    """What the classic tests were; empty where there are none."""
    text = json.dumps(dict(submission.tests), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest() if submission.tests else ""


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
    path.parent.mkdir(parents=True, exist_ok=True)
    # Always the same name: what a killed run left is overwritten by the next.
    name = hashlib.sha256(path.name.encode(errors="surrogateescape")).hexdigest()[:16]
    temporary = path.parent / f".{name}.part"
    try:
        temporary.unlink(missing_ok=True)  # should it be a link
        temporary.write_text(text, "utf-8", errors="replace")
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
