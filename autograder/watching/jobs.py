"""A submission in hand: collected, read, given its questions, and run.

Puts together the exchange's side and the records'. What may take long is left to threads, so that
it is part of the student's own turn. It writes nothing into the gradebook.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from autograder.grading.course import Course, Week
from autograder.grading.receiving import receive
from autograder.grading.records import Record
from autograder.grading.work import GradedWork, grade_work
from autograder.kernels.driver import Execute, Limits
from autograder.plugins.gradebook import GradebookWriter
from autograder.submissions.ready import Work
from autograder.terminal import spoken_hours
from autograder.watching.arrivals import Arrival, clock
from autograder.watching.collecting import Collecting

__all__ = ["Job", "Way", "way"]

T = TypeVar("T")


@dataclass
class Job:
    """A submission in hand."""

    arrival: Arrival
    folder: Path
    work: Work
    record: Record
    notes: list[str]

    def stands(self, course: Course, week: Week) -> bool:
        """Whether nothing has been recorded since that would give it another number."""
        before = Record.read(course, week.name, self.arrival.student)
        return self.record.attempt == before.next(course, week, self.work, None).attempt

    def named(self, pages: Mapping[str, str]) -> dict[str, str]:
        """Pages by notebook; also by the name it was handed in with, where a student looks."""
        return {Path(one.file).stem: pages[one.name] for one in self.work.notebooks} | {**pages}

    def said(self, graded: GradedWork | None, late: float) -> tuple[float, list[str]]:
        """The score, and what there is to remark; None stands for verdicts of before."""
        if graded is None:
            score = float(self.record.graded.get("score", 0.0))
            return score, [*self.notes, "graded before; now published"]
        remarks = [*graded.mistakes, *graded.attention, *self.notes]
        return graded.score, remarks + ([f"late by {spoken_hours(late)}"] if late else [])

    def line(self, score: str, seconds: float, remarks: Sequence[str]) -> str:
        """What is said of it in the end."""
        who, attempt = self.arrival.student, self.record.attempt + 1
        return f"{who}  attempt {attempt}  {score}  {seconds:.1f} s  {'; '.join(remarks)}"


#: A submission on its way: gives what a thread has to do, and is sent what came of it.
Way = Generator[Callable[[], Any], Any, T]


def way(
    arrival: Arrival, secret: str, collecting: Collecting, course: Course,
    writer: Callable[[], GradebookWriter], limits: Limits, execute: Execute,
) -> Way[tuple[Job, GradedWork | None]]:  # fmt: skip
    """From the exchange to its verdicts, None where they stand already; what takes long is yielded.

    The `writer` may be another one afterwards.

    Raises
    ------
    OSError
        If it cannot be collected, or the disk is full.
    """
    student, week = arrival.student, writer().week
    folder, notes = collecting.submitted(student), list[str]()
    if collecting.collected(student) != (arrival.when, secret):
        folder, notes = collecting.collect(arrival, secret)
    if owner := collecting.owner(arrival):
        notes.append(f"handed in by the account {owner}: is it theirs?")
    if later := collecting.changed_later(arrival):
        notes.append(f"its name says {clock(arrival.when)}; put there, or changed, {clock(later)}")
    work = yield partial(receive, student, folder, writer().masters)
    before = Record.read(course, week.name, student)
    if before.submission == work.digest and writer().is_recorded(student, before.key):
        # The same bytes again: what answers differently each time is not asked a second time.
        return Job(arrival, folder, work, before, notes), None
    # Feedback is out while others still hand in: nobody's questions are another's.
    record = before.next(course, week, work, None, limits.figures, own=True)
    graded = yield partial(grade_work, work, week, record.seed, limits, execute)
    return Job(arrival, folder, work, record, notes), graded
