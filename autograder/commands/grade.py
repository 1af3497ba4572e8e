"""A grading run: every submission of a week, recorded as it is done.

Puts together what finds submissions, grades them and writes the gradebook;
one process that writes, many kernels. Running it again grades only what has changed.
"""

from __future__ import annotations

import difflib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from autograder._version import __version__
from autograder.commands.summary import Summary
from autograder.errors import CourseError, NothingToGrade, WeekSkipped
from autograder.feedback.illustration import drawing
from autograder.grading import classic
from autograder.grading.again import judge_again, new_reasons, remembered
from autograder.grading.bounded import places
from autograder.grading.configured import as_configured
from autograder.grading.course import Course, Week
from autograder.grading.glance import at_a_glance
from autograder.grading.receiving import receive
from autograder.grading.records import Record
from autograder.grading.stages import draw
from autograder.grading.standstill import Standstill, at_the_start, written
from autograder.grading.work import GradedWork, grade_all
from autograder.kernels.driver import Execute, execute
from autograder.kernels.limits import Limits
from autograder.plugins.gradebook import GradebookWriter
from autograder.submissions.ready import Work
from autograder.terminal import Progress, printable
from autograder.watching.patience import told_to_stop

__all__ = ["grade_week"]


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
    stop = threading.Event()
    with told_to_stop(stop) as heard:
        course = Course(root)
        start = at_the_start(
            course.root, name, course.config, (seed, limits.figures, limits.unsafe)
        )
        week = course.week(name)
        if week.skipped:
            raise WeekSkipped(week.skipped)
        seed_of_run = course.settings.seed if seed is None else seed
        draw(week, seed_of_run)  # the instructor's errors before the first kernel starts
        limits = as_configured(limits, course, execute)
        # The places first: what is opened and started after them is nothing that they should have.
        with places(drawing), GradebookWriter(course, week) as writer:
            run = _Run(course, week, writer, stop, seed, force, limits.figures)
            run.grade(_chosen(writer, student, name), jobs, limits, execute)
            if student is None and not stop.is_set():
                run.remember(start)
    if heard:
        raise KeyboardInterrupt(heard[0])
    return run.summary


class _Run:
    """What a run has in hand."""

    def __init__(
        self, course: Course, week: Week, writer: GradebookWriter, stop: threading.Event,
        seed: int | None, force: bool, figures: bool,
    ) -> None:  # fmt: skip
        self.course, self.week, self.writer, self.stop = course, week, writer, stop
        self.seed, self.force, self.figures = seed, force, figures
        #: What decides, beside the submission, on what is read.
        self.against = f"{__version__}/{writer.master}"
        self.summary = Summary(
            week.name, classic.machine_points(writer.master),
            course.settings.seed if seed is None else seed,
        )  # fmt: skip
        self.summary.remarks += [writer.remark] if writer.remark else []
        self.summary.remarks += classic.said(week, writer.master)
        #: Of those in hand: the folder, and what it was at a glance.
        self.folders: dict[str, tuple[Path, str]] = {}
        #: Of everybody, what they were at a glance.
        self.seen: dict[str, str] = {}
        self.records: dict[str, tuple[Record, Path]] = {}
        #: Those whom the marking notes of today judged again, and what was recorded of them.
        self.judged: dict[str, Record] = {}
        #: Those whom another run is grading; their turn comes again.
        self.taken: list[tuple[str, Path]] = []

    def grade(
        self, found: list[tuple[str, Path]], jobs: int, limits: Limits, execute: Execute
    ) -> None:
        """Grade what there is, until told to stop."""
        for who, why in self.writer.refused().items():
            self.summary.pass_over(who, why)
        with Progress(len(found), f"grading {self.week.name}") as self.progress:
            while found and not self.stop.is_set():
                readings = self.readings(found)
                for graded in grade_all(
                    readings, self.choose, self.week, jobs, limits, execute, self.stop
                ):
                    self.record(graded)
                found, self.taken = self.taken, []
                if found:
                    self.stop.wait(0.5)

    def readings(self, some: list[tuple[str, Path]]) -> Iterator[Callable[[], Work | GradedWork]]:
        """How each of them is read, as far as no other run has it in hand."""
        for who, folder in some:
            if self.stop.is_set():
                return
            if not self.writer.claim(who):
                self.taken.append((who, folder))
                continue
            before = Record.read(self.course, self.week.name, who)
            seen = self.seen[who] = at_a_glance(folder, self.against)
            same = bool(seen) and seen == before.seen
            work = remembered(who, before, self.writer.masters) if same else None
            if work and self._kept(who, folder, self._next(before, work, seen).key):
                continue
            self.folders[who] = folder, seen
            yield partial(self._read, who, before, work)

    def _next(self, before: Record, work: Work, seen: str) -> Record:
        record = before.next(self.course, self.week, work, self.seed, self.figures)
        record.seen = seen
        return record

    def _read(self, who: str, before: Record, work: Work | None) -> Work | GradedWork:
        """What was handed in; judged again, if the marking notes alone are new (in a thread)."""
        folder, seen = self.folders[who]
        read = work or receive(who, folder, self.writer.masters)
        record = self._next(before, read, seen)
        same = (before.submission, before.seed) == (record.submission, record.seed)
        if same and before.key != record.key and not self.force and not self.figures:
            target = partial(self.writer.target, who)
            graded = judge_again(read, before, self.writer.week, target)
            if graded is not None:
                del self.folders[who]
                self.records[who] = (record, folder)
                self.judged[who] = before
                return graded
        return receive(who, folder, self.writer.masters) if work else read

    def choose(self, work: Work) -> int | None:
        """The seed, if it has to be run; of what is unchanged, only the time is looked at again."""
        who = work.student
        folder, seen = self.folders.pop(who)
        before = Record.read(self.course, self.week.name, who)
        record = self._next(before, work, seen)
        if self._kept(who, folder, record.key):
            replace(before, seen=seen).keep(self.course, self.week, who)
            return None
        self.records[who] = (record, folder)
        return record.seed

    def _kept(self, who: str, folder: Path, key: str) -> bool:
        """Whether what has this key stays as it is recorded; only the time is looked at again."""
        if self.force or not self.writer.is_recorded(who, key):
            return False
        self.summary.keep(who, self.writer.renew(who, folder), self.writer.timestamp(folder)[1])
        self.writer.release(who)
        self.progress.step(f"{who}: unchanged")
        return True

    def remember(self, start: str) -> None:
        """Note what a run would say that finds nothing changed since this one."""
        end = written(self.course.root, self.week.name)
        if self.summary.ungraded or self.writer.others_wrote():
            return
        copies = (self.writer.target(w, name) for w in self.seen for name in self.week.notebooks)
        standstill = Standstill(
            self.summary.again_unchanged().text(), start, self.seen, self.against,
            tuple(map(str, copies)), end,
        )  # fmt: skip
        standstill.keep(self.course.root, self.week.name)

    def record(self, graded: GradedWork) -> None:
        """Write down what was graded."""
        who = graded.student
        record, folder = self.records.pop(who)
        before = self.judged.pop(who, None)
        if before is not None:
            self.summary.again += 1
            self.summary.reasoned += new_reasons(before, graded)
        late = self.writer.record(graded, folder, record, same_work=before is not None)
        self.writer.release(who)
        self.summary.add(graded, late, self.writer.timestamp(folder)[1])
        self.progress.step(f"{who}: {graded.score:g}/{self.summary.points:g}")


def _chosen(writer: GradebookWriter, student: str | None, week: str) -> list[tuple[str, Path]]:
    """Who is to be graded: everybody, or the one who was asked for."""
    found, refused = writer.submissions(), writer.refused()
    if student in refused:
        raise CourseError(f"{printable(student)} is passed over: {refused[student]}")
    if not found and not refused:
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
