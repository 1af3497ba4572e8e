"""A grading run: every submission of a week, recorded as it is done.

Puts together what finds submissions, grades them and writes the gradebook;
one process that writes, many kernels. Running it again grades only what has changed.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import CourseError, NothingToGrade, WeekSkipped
from autograder.grading.again import judge_again, new_reasons
from autograder.grading.bounded import places
from autograder.grading.configured import as_configured
from autograder.grading.course import Course
from autograder.grading.receiving import receive
from autograder.grading.records import Record
from autograder.grading.stages import Graded, draw, grade_all
from autograder.kernels.driver import Execute, execute
from autograder.kernels.limits import Limits
from autograder.plugins.gradebook import GradebookWriter
from autograder.submissions.ready import Submission
from autograder.terminal import Progress, printable, spoken_hours, table

__all__ = ["Row", "Summary", "grade_week"]


@dataclass
class Row:
    """One student's line in the summary."""

    student: str
    score: float
    mistakes: list[str] = field(default_factory=list)
    attention: list[str] = field(default_factory=list)
    ungraded: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    late_seconds: float = 0.0


@dataclass
class Summary:
    """What a run did."""

    week: str
    points: float
    seed: int
    rows: list[Row] = field(default_factory=list)
    unchanged: int = 0
    #: Judged again without a kernel, and those of them who got a reason that they had not.
    again: int = 0
    reasoned: int = 0

    @property
    def ungraded(self) -> list[Row]:
        """Students with a task that a person has to look at."""
        return [row for row in self.rows if row.ungraded]

    def text(self) -> str:
        """The summary for the terminal: scores and mistakes, then who needs attention."""
        rows = sorted(self.rows, key=lambda row: row.student)
        parts = []
        if rows:
            shown = [
                (row.student, f"{row.score:g}/{self.points:g}", "; ".join(row.mistakes))
                for row in rows
            ]
            parts.append(table(("student", "score", "recognised mistakes"), shown))
        parts.append(
            f"{self.week}: {len(rows) - self.again} graded, {self.unchanged} unchanged since they "
            f"were last graded (seed {self.seed}; changed work meets questions of its own)."
        )
        if self.again:
            parts.append(
                f"{self.again} judged again by the marking notes of today, without running them; "
                f"{self.reasoned} got a reason that they had not."
            )
        late = [
            f"{printable(r.student)} ({spoken_hours(r.late_seconds)})"
            for r in rows
            if r.late_seconds
        ]
        if late:
            parts.append("Late: " + ", ".join(late))
        needing = [row for row in rows if row.attention]
        if needing:
            lines = [
                f"  {printable(r.student)}: {printable('; '.join(r.attention))}" for r in needing
            ]
            parts.append("Worth a look:\n" + "\n".join(lines))
        waiting = [row for row in rows if row.waiting]
        if waiting:
            names = "; ".join(f"{printable(r.student)} ({', '.join(r.waiting)})" for r in waiting)
            parts.append(
                f"Waits for a person, in formgrader: {names}. The machine could not tell whether "
                "these points are lost; the causes stand above."
            )
        if self.ungraded:
            names = ", ".join(printable(row.student) for row in self.ungraded)
            parts.append(
                f"NOT GRADED, through no fault of theirs: {names}. Their cells wait for manual "
                "grading in formgrader; mend the cause above and run the same command again."
            )
        return "\n\n".join(parts)


def grade_week(
    root: Path,
    name: str,
    student: str | None = None,
    jobs: int = 1,
    seed: int | None = None,
    force: bool = False,
    limits: Limits = Limits(),
    execute: Execute = execute,
) -> Summary:
    """Grade the submissions of a week and write them into the gradebook.

    Parameters
    ----------
    root : Path
        The course folder.
    name : str
        The week.
    student : str, optional
        Only this one.
    jobs : int
        Kernels at the same time.
    seed : int, optional
        Draw the calls from this; by default the course's seed, or the one a
        submission was graded with before.
    force : bool
        Also grade what has not changed.
    limits : Limits
        What each submission may use.
    execute : Execute
        What runs a notebook.

    Returns
    -------
    Summary

    Raises
    ------
    WeekSkipped
        If a package that only this week needs is not installed here.
    AutograderError
        With a sentence that says what to do.
    """
    course = Course(root)
    week = course.week(name)
    if week.skipped:
        raise WeekSkipped(week.skipped)
    points = sum(task.points for task in week.tasks)
    summary = Summary(name, points, course.settings.seed if seed is None else seed)
    draw(week, summary.seed)  # the instructor's errors before the first kernel starts
    limits = as_configured(limits, course, execute)
    # The places first: what is opened and started after them is nothing that they should have.
    with places(), GradebookWriter(course, week) as writer:
        found = _chosen(writer.submissions(), student, name)
        with Progress(len(found), f"grading {name}") as progress:
            run = _Run(course, writer, summary, progress, seed, force, limits)
            while found:
                for graded in grade_all(run.pending(found), week, jobs, limits, execute):
                    run.record(graded)
                found, run.taken = run.taken, []
                if found:
                    time.sleep(0.5)
    return summary


@dataclass
class _Run:
    """What is taken up, and what becomes of it."""

    course: Course
    writer: GradebookWriter
    summary: Summary
    progress: Progress
    seed: int | None
    force: bool
    limits: Limits
    #: Those whom another run is grading; their turn comes again.
    taken: list[tuple[str, Path]] = field(default_factory=list)
    _records: dict[str, tuple[Record, Path]] = field(default_factory=dict)

    def pending(self, found: list[tuple[str, Path]]) -> Iterator[tuple[Submission, int]]:
        """Those of `found` that are to be graded, with the seed of each."""
        writer, week = self.writer, self.writer.week
        for who, folder in found:
            if not writer.claim(who):
                self.taken.append((who, folder))
                continue
            submission = receive(who, folder, writer.master, week.notebook)
            before = Record.read(self.course, week.name, who)
            record = before.next(self.course, week, submission, self.seed, self.limits.figures)
            if not self.force and writer.is_recorded(who, record.key):
                self.summary.unchanged += 1
                writer.release(who)
                self.progress.step(f"{who}: unchanged")
                continue
            self._records[who] = (record, folder)
            if not self._judged_again(who, before, record):
                yield submission, record.seed

    def _judged_again(self, who: str, before: Record, record: Record) -> bool:
        """Whether the marking notes alone are new, and the old answers were enough."""
        same = (before.submission, before.seed) == (record.submission, record.seed)
        if not same or self.force or self.limits.figures:
            return False
        graded = judge_again(who, before, self.writer.week, self.writer.target(who))
        if graded is None:
            return False
        self.summary.again += 1
        self.summary.reasoned += new_reasons(before, graded)
        self.record(graded)
        return True

    def record(self, graded: Graded) -> None:
        """Write down what was graded."""
        who = graded.submission.student
        record, folder = self._records.pop(who)
        late = self.writer.record(graded, folder, record)
        self.writer.release(who)
        self.summary.rows.append(_row(graded, late, self.writer.timestamp(folder)[1]))
        self.progress.step(f"{who}: {graded.score:g}/{self.summary.points:g}")


def _chosen(
    found: list[tuple[str, Path]], student: str | None, week: str
) -> list[tuple[str, Path]]:
    if not found:
        raise NothingToGrade(
            f"nobody has submitted {week}: there is no folder submitted/STUDENT/{week}; "
            "collect the submissions first (nbgrader collect, or nbgrader zip_collect)"
        )
    if student is None:
        return found
    chosen = [(who, folder) for who, folder in found if who == student]
    if not chosen:
        close = difflib.get_close_matches(student, [who for who, _ in found], n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise CourseError(f"{student!r} has not submitted {week}{hint}")
    return chosen


def _row(graded: Graded, late: float, note: str) -> Row:
    return Row(
        graded.submission.student,
        graded.score,
        graded.mistakes,
        [*graded.attention, *([note] if note else [])],
        graded.ungraded,
        graded.waiting,
        late,
    )
