"""A submission in hand: collected, read, and with the questions that it meets.

Puts together the exchange's side and the records'. It runs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.course import Course
from autograder.grading.receiving import receive
from autograder.grading.records import Record
from autograder.plugins.gradebook import GradebookWriter
from autograder.submissions.ready import Submission
from autograder.watching.arrivals import Arrival, clock
from autograder.watching.collecting import Collecting

__all__ = ["Job", "take"]


@dataclass
class Job:
    """A submission in hand."""

    arrival: Arrival
    folder: Path
    submission: Submission
    record: Record
    notes: list[str]
    #: Nothing to execute: it was graded before, and that stands; only the feedback is missing.
    recorded: bool

    def line(self, score: str, seconds: float, remarks: Sequence[str]) -> str:
        """What is said of it in the end."""
        who, attempt = self.arrival.student, self.record.attempt + 1
        return f"{who}  attempt {attempt}  {score}  {seconds:.1f} s  {'; '.join(remarks)}"


def take(
    arrival: Arrival,
    secret: str,
    collecting: Collecting,
    course: Course,
    writer: GradebookWriter,
    figures: bool,
) -> Job:
    """Collect a submission, unless it was before, and make it ready.

    Raises
    ------
    OSError
        If it cannot be read, or the disk is full.
    """
    student, week = arrival.student, writer.week
    folder, notes = collecting.submitted(student), list[str]()
    if collecting.collected(student) != (arrival.when, secret):
        folder, notes = collecting.collect(arrival, secret)
    if owner := collecting.owner(arrival):
        notes.append(f"handed in by the account {owner}: is it theirs?")
    if later := collecting.changed_later(arrival):
        notes.append(f"its name says {clock(arrival.when)}; put there, or changed, {clock(later)}")
    submission = receive(student, folder, writer.master, week.notebook)
    before = Record.read(course, week.name, student)
    if before.submission == submission.digest and writer.is_recorded(student, before.key):
        # The same bytes again: what answers differently each time is not asked a second time.
        return Job(arrival, folder, submission, before, notes, recorded=True)
    # Feedback is out while others still hand in: nobody's questions are another's.
    record = before.next(course, week, submission, None, figures, own=True)
    return Job(arrival, folder, submission, record, notes, recorded=False)
