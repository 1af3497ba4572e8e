"""Grade on submission: what arrives in the exchange is graded, and its feedback published.

Everything that must be known after a restart lies where it is of use anyway: the version that is
being graded in ``submitted/``, how often and when a student was graded in ``records/``, and that a
submission is done in the exchange, as its feedback. So a watcher that is killed goes on where it
was. The gradebook is held only while there is something to grade, and never for long.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import nbformat

from autograder.errors import AutograderError, GradebookBusy, GradebookError, WeekSkipped
from autograder.feedback.illustration import drawing
from autograder.grading import classic
from autograder.grading.bounded import places
from autograder.grading.configured import as_configured
from autograder.grading.course import Course, Week
from autograder.grading.stages import draw
from autograder.kernels.driver import Execute, Limits, execute
from autograder.plugins import exporters, feedback  # noqa: F401 - once, for all who make pages
from autograder.plugins.converters import feedback_pages
from autograder.plugins.gradebook import GradebookWriter
from autograder.terminal import Status
from autograder.watching.arrivals import Arrival
from autograder.watching.collecting import Collecting
from autograder.watching.exchange import Exchange
from autograder.watching.hands import Hand, Hands
from autograder.watching.jobs import Job, Way, way
from autograder.watching.outbox import Outbox
from autograder.watching.patience import Rests, told_to_stop
from autograder.watching.queue import Queue
from autograder.watching.turns import Rules
from autograder.watching.voice import Voice

__all__ = ["watch_week"]

#: For so many seconds the gradebook is held at most, and then left alone for so many.
HOLD, GAP = 30.0, 2.0


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
        with places(drawing), told_to_stop(watcher.stop) as heard:
            watcher.warm_up()
            watcher.run()
        if heard:
            raise KeyboardInterrupt(heard[0])
    return len(watcher.faults)


class _Watcher:
    """Watches one week; see `watch_week`."""

    def __init__(
        self, course: Course, name: str, rules: Rules, once: bool, interval: float, jobs: int,
        limits: Limits, execute: Execute, status: Status,
    ) -> None:  # fmt: skip
        self.root, self.name, self.once = course.root, name, once
        self.interval = interval
        self.limits, self.execute = limits, execute
        self.stop = threading.Event()
        self.faults: set[str] = set()
        self._load()
        if self.week.skipped:
            raise WeekSkipped(self.week.skipped)
        draw(self.week, self.course.settings.seed)  # the instructor's errors come first
        exchange = Exchange(self.course, self.week)
        self._voice, self._rests = Voice(status), Rests()
        # The gradebook's errors, too.
        with suppress(GradebookBusy), GradebookWriter(self.course, self.week) as writer:
            if writer.remark:
                self._voice.line(writer.remark)
        self.collecting, self.outbox = Collecting(exchange), Outbox(exchange)
        self.queue = Queue(exchange, rules, self._rests, self._voice)
        self._hands = Hands(jobs)
        self._count, self.points = 0, 0.0

    def _load(self) -> None:
        """Read course and week, which may have changed since the last time."""
        self.course = Course(self.root)
        week = self.course.week(self.name)
        # Equal weeks are made one, so that questions are drawn once.
        current: Week | None = getattr(self, "week", None)
        if current is None or current.fingerprint != week.fingerprint:
            self.week = week

    def warm_up(self) -> None:
        """Start what forks kernels, so that the first student need not wait for it.

        Raises
        ------
        GraderFault
            If no kernel can be started.
        """
        self._voice.now("starting the first kernel")
        limits = replace(self.limits, packages=self.week.requires)
        self.execute(nbformat.v4.writes(nbformat.v4.new_notebook()), {}, limits)

    def run(self) -> None:
        """Look, grade, wait, and again; in the end, finish what is in hand."""
        with self._hands.at_work():
            while not self.stop.is_set():
                ready, began = self._look(), time.monotonic()
                if (ready or self._hands.waiting) and self._attend():
                    # Others who try for the gradebook come first.
                    full = time.monotonic() >= began + HOLD
                    self.stop.wait(GAP if full else min(self.interval, 0.2))
                    continue
                if self.once and not (ready or self.queue.unsettled or self._hands):
                    break
                self._say_how_it_stands()
                self.stop.wait(self.interval)
            if self._hands:
                self._attend()

    def _look(self) -> bool:
        """Look into the exchange; whether there is something to grade now."""
        try:
            self.queue.look()
        except OSError as error:
            if self.once:
                raise
            self._voice.complain(f"the exchange cannot be read ({error}); going on when it can")
            return False
        return "gradebook" not in self._rests and next(self._turns(), None) is not None

    def _turns(self) -> Iterator[Arrival]:
        return self.queue.turns(self.course, self._hands.students)

    def _attend(self) -> bool:
        """Grade what there is, for `HOLD` seconds or little more; whether there is a gradebook."""
        ends = time.monotonic() + HOLD
        try:
            self._load()
            with GradebookWriter(self.course, self.week) as self._writer:
                self.points = classic.machine_points(self._writer.master)
                self._rests.forget("gradebook")
                self._voice.content()
                self._grade(ends)
        except GradebookBusy as error:
            self._voice.complain(f"{error}. Until then submissions wait")
            return False
        except AutograderError as error:
            if self.once:
                raise
            seconds = self._rests.put("gradebook")
            self._voice.complain(f"{error}. The next try is in {seconds:g} s")
            return False
        return True

    def _grade(self, ends: float) -> None:
        while True:
            over = time.monotonic() >= ends
            if not self.stop.is_set() and not over:
                self._look()
                for arrival in self._turns():
                    if not self._hands.free:
                        break
                    self._begin(arrival)
            # What takes long goes on meanwhile, and is written down another time.
            if not self._hands or (over and self._hands.only_long and not self.stop.is_set()):
                return
            self._say_how_it_stands()
            for hand, done in self._hands.done(self.interval):
                self._go_on(hand, done)

    def _begin(self, arrival: Arrival) -> None:
        with self._kept(arrival):
            if self._writer.claim(arrival.student):
                self.queue.served(arrival.student)
                self._go_on(self._hands.take(arrival, self._way(arrival)))
            else:
                self.queue.leave(arrival.student)

    def _go_on(self, hand: Hand, done: Future[Any] | None = None) -> None:
        """Take a submission on to the next piece of work for a thread, or to its end."""
        with self._kept(hand.arrival), suppress(StopIteration):
            self._hands.give(hand, hand.way.send(done.result() if done else None))
            return
        self._writer.release(hand.arrival.student)

    def _way(self, arrival: Arrival) -> Way[None]:
        if self.queue.is_done(arrival):  # by another watcher
            return
        job, graded = yield from way(
            arrival, self.queue.secrets[arrival.name], self.collecting, self.course,
            lambda: self._writer, self.limits, self.execute,
        )  # fmt: skip
        # Others may have had the gradebook meanwhile, and it has its turn again.
        if not self._writer.claim(arrival.student):
            self.queue.leave(arrival.student)
            return
        if not job.stands(self.course, self.week):
            return
        late = 0.0 if graded is None else self._writer.record(graded, job.folder, job.record)
        if graded is not None and graded.ungraded:
            self._fault(arrival, "; ".join(graded.attention))
            return
        pages = yield partial(feedback_pages, self.course, self.week, arrival.student)
        self._publish(job, job.named(pages), *job.said(graded, late))

    def _publish(
        self, job: Job, pages: Mapping[str, str], score: float, remarks: Sequence[str]
    ) -> None:
        """Publish what was recorded, and say so; in that order."""
        arrival = job.arrival
        self.outbox.publish(arrival, self.queue.secrets[arrival.name], pages)
        self.queue.done(arrival)
        self._rests.forget(arrival.name)
        self.faults.discard(arrival.name)
        self._count += 1
        seconds = time.monotonic() - self.queue.seen[arrival.name]
        self._voice.line(job.line(f"{score:g}/{self.points:g}", seconds, remarks))

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
        self._voice.line(
            f"{arrival.student}  NOT GRADED, through no fault of theirs: {why}. "
            f"The next try is in {seconds:g} s"
        )
        text = "Something on our side went wrong, not in your work. It is tried again; "
        self.queue.tell(arrival, "Received; not graded yet", f"{text}you need not hand in again.")

    def _say_how_it_stands(self) -> None:
        waiting = sum(map(len, self.queue.waiting().values())) - len(self._hands)
        self._voice.now(
            f"watching {self.name}: {self._count} graded, {len(self._hands)} in hand, "
            f"{waiting + len(self.queue.unsettled)} waiting"
        )
