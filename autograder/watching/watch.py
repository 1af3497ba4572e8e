"""Grade on submission: what arrives in the exchange is graded, and its feedback published.

Everything that must be known after a restart lies where it is of use anyway: the
version that is being graded in ``submitted/``, how often and when a student was
graded in ``records/``, and that a submission is done in the exchange, as its
feedback. So a watcher that is killed at any moment goes on where it was.

The gradebook is held only while there is something to grade, and never for
long, so that other commands can come between.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import nbformat

from autograder.errors import AutograderError, GradebookBusy, GradebookError, WeekSkipped
from autograder.grading.configured import as_configured
from autograder.grading.course import Course, Week
from autograder.grading.records import Record
from autograder.grading.stages import Graded, draw, grade
from autograder.kernels.driver import Execute, Limits, execute
from autograder.pages.notices import notice
from autograder.plugins.converters import feedback_page
from autograder.plugins.gradebook import GradebookWriter
from autograder.submissions.ready import Submission, find_notebook, prepare
from autograder.terminal import Status, spoken_hours
from autograder.watching.exchange import WAITS, Inbox
from autograder.watching.patience import Rests, told_to_stop
from autograder.watching.turns import Arrival, Past, Rules, Turn, clock, decide

__all__ = ["watch_week"]

#: For so many seconds the gradebook is held at most before others may have it.
HOLD = 30.0
#: After that it is left alone for so many seconds.
GAP = 2.0
#: Who waits is looked at again after so many seconds, or when something new arrives.
RELOOK = 2.0


@dataclass
class _Job:
    """A submission in hand."""

    arrival: Arrival
    folder: Path
    submission: Submission
    record: Record
    notes: list[str]
    #: Nothing to execute: it was recorded before, and only the feedback is missing.
    recorded: bool


def watch_week(
    root: Path,
    name: str,
    rules: Rules = Rules(),
    once: bool = False,
    interval: float = 1.0,
    jobs: int = 1,
    limits: Limits = Limits(),
    execute: Execute = execute,
) -> int:
    """Grade what students hand in through the exchange as it arrives, until told to stop.

    Parameters
    ----------
    root : Path
        The course folder.
    name : str
        The week.
    rules : Rules
        How often a student gets feedback at once.
    once : bool
        Grade what is there, and return.
    interval : float
        Seconds between two looks into the exchange.
    jobs : int
        Kernels at the same time.
    limits : Limits
        What each submission may use.
    execute : Execute
        What runs a notebook.

    Returns
    -------
    int
        Submissions that could not be graded through no fault of theirs.

    Raises
    ------
    WeekSkipped
        If a package that only this week needs is not installed here.
    AutograderError
        If it cannot begin, with a sentence that says what to do.
    KeyboardInterrupt
        With the signal's number, if it was told to stop; after what was in hand is done.
    """
    course = Course(root)
    limits = as_configured(limits, course, execute)
    with Status() as status:
        watcher = _Watcher(course, name, rules, once, interval, jobs, limits, execute, status)
        with told_to_stop(watcher.stop) as heard:
            watcher.warm_up()
            watcher.run()
        if heard:
            raise KeyboardInterrupt(heard[0])
    return len(watcher.faults)


def _graded_at(record: Record) -> datetime | None:
    """When a record was made (UTC, without time zone), if it says so."""
    try:
        return datetime.fromisoformat(record.run["at"]).astimezone(UTC).replace(tzinfo=None)
    except (KeyError, TypeError, ValueError):
        return None


class _Watcher:
    """Watches one week; see `watch_week`."""

    def __init__(
        self, course: Course, name: str, rules: Rules, once: bool, interval: float, jobs: int,
        limits: Limits, execute: Execute, status: Status,
    ) -> None:  # fmt: skip
        self.root, self.name, self.once = course.root, name, once
        self.rules, self.interval, self.jobs = rules, interval, jobs
        self.limits, self.execute, self.status = limits, execute, status
        self.stop = threading.Event()
        self.faults: set[str] = set()
        self._load()
        if self.week.skipped:
            raise WeekSkipped(self.week.skipped)
        draw(self.week, self.course.settings.seed)  # the instructor's errors come first
        self.inbox = Inbox(self.course, self.week)
        with suppress(GradebookBusy), GradebookWriter(self.course, self.week):
            pass  # the gradebook's errors, too
        self._arrivals: dict[str, Arrival] = {}
        self._unsettled: set[str] = set()
        self._secrets: dict[str, str] = {}
        self._done: set[str] = set()
        self._told: dict[str, str] = {}
        self._seen: dict[str, float] = {}
        self._foreign: set[str] = set()
        self._quiet: dict[str, tuple[set[str], float]] = {}
        self._rests = Rests()
        self._complaint = ""
        self._in_hand: dict[Future[Graded | None], _Job] = {}
        self._count = 0

    def _load(self) -> None:
        """Read course and week, which may have changed since the last time."""
        self.course = Course(self.root)
        week = self.course.week(self.name)
        # Equal weeks are made one, so that questions are drawn once.
        current: Week | None = getattr(self, "week", None)
        if current is None or current.fingerprint != week.fingerprint:
            self.week = week
        self.points = sum(task.points for task in self.week.tasks)

    def warm_up(self) -> None:
        """Start what forks kernels, so that the first student need not wait for it.

        Raises
        ------
        GraderFault
            If no kernel can be started.
        """
        self.status.now("starting the first kernel")
        limits = replace(self.limits, packages=self.week.requires)
        self.execute(nbformat.v4.writes(nbformat.v4.new_notebook()), {}, limits)

    def run(self) -> None:
        """Look, grade, wait, and again."""
        while not self.stop.is_set():
            ready, began = self._look(), time.monotonic()
            if ready and self._attend():
                # Others who try for the gradebook come first.
                full = time.monotonic() >= began + HOLD
                self.stop.wait(GAP if full else min(self.interval, 0.2))
                continue
            if self.once and not ready and not self._unsettled:
                break
            self._say_how_it_stands()
            self.stop.wait(self.interval)

    # --- what there is to do ----------------------------------------------------------------

    def _look(self) -> bool:
        """Look into the exchange; whether there is something to grade now."""
        try:
            self._arrivals = self.inbox.arrivals()
        except OSError as error:
            if self.once:
                raise
            self._complain(f"the exchange cannot be read ({error}); going on when it can")
            self._arrivals, self._unsettled = {}, set()
            return False
        self._unsettled = set()
        for name in self._arrivals.keys() - self._secrets.keys():
            self._seen.setdefault(name, time.monotonic())
            secret = self.inbox.secret(self._arrivals[name])
            if secret is None:
                if name not in self.inbox.foreign:
                    self._unsettled.add(name)
                continue
            self._secrets[name] = secret
            if self.inbox.is_done(secret):
                self._done.add(name)
        for name in self.inbox.foreign.keys() - self._foreign:
            self._foreign.add(name)
            self._line(f"{name!r} in the exchange is passed over: {self.inbox.foreign[name]}")
        return "gradebook" not in self._rests and next(self._turns(), None) is not None

    def _open(self) -> dict[str, list[Arrival]]:
        """What is complete and not done, by student."""
        found: dict[str, list[Arrival]] = defaultdict(list)
        for name in self._secrets.keys() - self._done:
            if name in self._arrivals:
                arrival = self._arrivals[name]
                found[arrival.student].append(arrival)
        return found

    def _turns(self) -> Iterator[Arrival]:
        """What may be graded now, one of a student, those who came first before the others."""
        busy = {job.arrival.student for job in self._in_hand.values()}
        waiting = self._open()
        for student in sorted(waiting.keys() - busy, key=lambda who: min(waiting[who])):
            names = {arrival.name for arrival in waiting[student]}
            before, until = self._quiet.get(student, (set(), 0.0))
            if names == before and time.monotonic() < until:
                continue
            turn = self._turn(student, waiting[student])
            if turn.goes is None:
                self._quiet[student] = (names, time.monotonic() + RELOOK)
            for arrival in turn.superseded:
                self._supersede(arrival)
            for arrival, why in turn.waits:
                if self._tell(arrival, "Received; it is graded later", why):
                    self._line(f"{student}  waits: {why}")
            if turn.goes is not None:
                yield turn.goes

    def _turn(self, student: str, waiting: list[Arrival]) -> Turn:
        when, secret = self.inbox.collected(student)
        superseded = tuple(a for a in waiting if when is not None and a.when < when)
        rested = [a for a in waiting if a not in superseded and a.name not in self._rests]
        for arrival in rested:
            if self._secrets[arrival.name] == secret:  # it has had its turn, and was cut short
                return Turn(arrival, superseded=superseded)
        if not rested:
            return Turn(superseded=superseded)
        record = Record.read(self.course, self.name, student)
        # What could not be graded is not held against anybody.
        attempts = record.attempt + bool(record.key) - record.missed
        past = Past(attempts, _graded_at(record) if record.key else None)
        due = self.course.settings.due_date(self.name)
        now = datetime.now(UTC).replace(tzinfo=None)
        turn = decide(rested, past, self.rules, due, now)
        return replace(turn, superseded=superseded + turn.superseded)

    def _supersede(self, arrival: Arrival) -> None:
        text = "You handed in a newer version before it was this one's turn. The newer one counts."
        if self._tell(arrival, "Not graded: there is a newer version", text, waits=False):
            self._line(f"{arrival.student}  superseded by a newer version before its turn")
            self._done.add(arrival.name)

    def _tell(self, arrival: Arrival, heading: str, text: str, waits: bool = True) -> bool:
        """Publish a page in place of feedback; whether it said something new, and could."""
        if self._told.get(arrival.name) == text:
            return False
        if self.inbox.is_done(self._secrets[arrival.name]):  # by another watcher, meanwhile
            self._done.add(arrival.name)
            return False
        about = f"{self.name}, handed in at {clock(arrival.when)}."
        page = (WAITS if waits else "") + notice(heading, text, about)
        try:
            self.inbox.publish(arrival, self._secrets[arrival.name], page)
        except OSError as error:
            self._complain(f"no notice could be published: {error}")
            return False
        self._told[arrival.name] = text
        return True

    # --- grading ----------------------------------------------------------------------------

    def _attend(self) -> bool:
        """Grade what there is, for `HOLD` seconds at most; whether the gradebook could be had."""
        ends = time.monotonic() + HOLD
        try:
            self._load()
            with GradebookWriter(self.course, self.week) as writer:
                self._rests.forget("gradebook")
                self._complaint = ""
                with ThreadPoolExecutor(self.jobs) as pool:
                    self._grade(writer, pool, ends)
        except GradebookBusy as error:
            self._complain(f"{error}. Until then submissions wait")
            return False
        except AutograderError as error:
            if self.once:
                raise
            seconds = self._rests.put("gradebook")
            self._complain(f"{error}. The next try is in {seconds:g} s")
            return False
        finally:
            self._in_hand.clear()
        return True

    def _grade(self, writer: GradebookWriter, pool: ThreadPoolExecutor, ends: float) -> None:
        while True:
            if not self.stop.is_set() and time.monotonic() < ends:
                self._look()
                for arrival in self._turns():
                    if len(self._in_hand) >= self.jobs:
                        break
                    self._begin(arrival, writer, pool)
            if not self._in_hand:
                return
            self._say_how_it_stands()
            done, _ = wait(self._in_hand, self.interval, FIRST_COMPLETED)
            for future in done:
                job = self._in_hand.pop(future)
                with self._kept(job.arrival):
                    self._finish(job, future.result(), writer)
                writer.release(job.arrival.student)

    def _begin(self, arrival: Arrival, writer: GradebookWriter, pool: ThreadPoolExecutor) -> None:
        with self._kept(arrival):
            secret = self._secrets[arrival.name]
            if not writer.claim(arrival.student):
                waiting = self._open()[arrival.student]
                self._quiet[arrival.student] = (
                    {a.name for a in waiting},
                    time.monotonic() + RELOOK,
                )
                return
            if self.inbox.is_done(secret):  # by another watcher
                self._done.add(arrival.name)
            else:
                job = self._job(arrival, secret, writer)
                work = (lambda: None) if job.recorded else (lambda: self._execute(job))
                self._in_hand[pool.submit(work)] = job
                return
        writer.release(arrival.student)

    def _job(self, arrival: Arrival, secret: str, writer: GradebookWriter) -> _Job:
        student = arrival.student
        folder = self.inbox.submitted(student)
        notes: list[str] = []
        if self.inbox.collected(student) != (arrival.when, secret):
            folder, notes = self.inbox.collect(arrival, secret)
        if owner := self.inbox.owner(arrival):
            notes.append(f"handed in by the account {owner}: is it theirs?")
        if later := self.inbox.changed_later(arrival):
            notes.append(
                f"its name says {clock(arrival.when)}; put there, or changed, {clock(later)}"
            )
        path, note = find_notebook(folder, self.week.notebook, writer.master)
        submission = prepare(student, path, writer.master, note)
        before = Record.read(self.course, self.name, student)
        record = before.next(self.course, self.week, submission, None, self.limits.figures)
        recorded = writer.is_recorded(student, record.key, arrival.when)
        return _Job(arrival, folder, submission, before if recorded else record, notes, recorded)

    def _execute(self, job: _Job) -> Graded:
        return grade(job.submission, self.week, job.record.seed, self.limits, self.execute)

    def _finish(self, job: _Job, graded: Graded | None, writer: GradebookWriter) -> None:
        """Record, publish, and say so; in that order."""
        arrival, remarks = job.arrival, job.notes
        if graded is None:
            score, late = float(job.record.graded.get("score", 0.0)), 0.0
            remarks = [*remarks, "graded before; now published"]
        else:
            late = writer.record(graded, job.folder, job.record)
            score = graded.score
            remarks = [*graded.mistakes, *graded.attention, *remarks]
            if graded.ungraded:
                self._fault(arrival, "; ".join(graded.attention))
                return
        page = feedback_page(self.course, self.week, arrival.student).read_text("utf-8")
        self.inbox.publish(arrival, self._secrets[arrival.name], page)
        self._done.add(arrival.name)
        self._rests.forget(arrival.name)
        self.faults.discard(arrival.name)
        self._count += 1
        if late:
            remarks = [*remarks, f"late by {spoken_hours(late)}"]
        seconds = time.monotonic() - self._seen[arrival.name]
        self._line(
            f"{arrival.student}  attempt {job.record.attempt + 1}  {score:g}/{self.points:g}  "
            f"{seconds:.1f} s  {'; '.join(remarks)}"
        )

    @contextmanager
    def _kept(self, arrival: Arrival) -> Iterator[None]:
        """Keep a submission for later whatever goes wrong with it, and go on with the others."""
        try:
            yield
        except GradebookError as error:  # the writer has closed itself
            self._fault(arrival, str(error))
            raise
        except Exception as error:
            self._fault(arrival, f"{type(error).__name__}: {error}")

    def _fault(self, arrival: Arrival, why: str) -> None:
        self.faults.add(arrival.name)
        seconds = self._rests.put(arrival.name)
        self._line(
            f"{arrival.student}  NOT GRADED, through no fault of theirs: {why}. "
            f"The next try is in {seconds:g} s"
        )
        text = (
            "Something on our side went wrong, not in your work. It is tried again; "
            "you need not hand in again."
        )
        self._tell(arrival, "Received; not graded yet", text)

    # --- what is said -----------------------------------------------------------------------

    def _line(self, text: str) -> None:
        try:
            self.status.line(f"{datetime.now():%Y-%m-%d %H:%M:%S}  {text.rstrip()}")
        except BrokenPipeError:
            raise
        except OSError:
            pass  # a full disk under the log is no reason to stop grading

    def _complain(self, text: str) -> None:
        """Say what is wrong, once."""
        if text != self._complaint:
            self._complaint = text
            self._line(text)

    def _say_how_it_stands(self) -> None:
        waiting = sum(map(len, self._open().values())) - len(self._in_hand)
        self.status.now(
            f"watching {self.name}: {self._count} graded, {len(self._in_hand)} in hand, "
            f"{waiting + len(self._unsettled)} waiting"
        )
