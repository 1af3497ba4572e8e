"""Who waits: what was handed in and is not done, and what each student is told meanwhile.

Knows the exchange, the records and the rules; it grades nothing.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from autograder.grading.course import Course
from autograder.grading.records import Record
from autograder.pages.notices import notice
from autograder.watching.arrivals import Arrival, clock
from autograder.watching.collecting import Collecting
from autograder.watching.exchange import Exchange
from autograder.watching.inbox import Inbox
from autograder.watching.outbox import WAITS, Outbox
from autograder.watching.patience import Rests
from autograder.watching.turns import Past, Rules, Turn, decide
from autograder.watching.voice import Voice

__all__ = ["Queue"]

#: Who waits is looked at again after so many seconds, or when something new arrives.
RELOOK = 2.0


class Queue:
    """Everything in the exchange that belongs to a week, and what becomes of it.

    Parameters
    ----------
    exchange : Exchange
    rules : Rules
    rests : Rests
        What is left alone for a while.
    voice : Voice
    """

    def __init__(self, exchange: Exchange, rules: Rules, rests: Rests, voice: Voice) -> None:
        self._week = exchange.week.name
        self._inbox, self._outbox = Inbox(exchange), Outbox(exchange)
        self._collecting, self._rules = Collecting(exchange), rules
        self._rests, self._voice = rests, voice
        self._arrivals: dict[str, Arrival] = {}
        #: Names that are not complete yet.
        self.unsettled: set[str] = set()
        #: Of what is complete, by name.
        self.secrets: dict[str, str] = {}
        #: When something was seen first, by name, on this process's clock.
        self.seen: dict[str, float] = {}
        self._done: set[str] = set()
        self._told: dict[str, str] = {}
        self._foreign: set[str] = set()
        self._quiet: dict[str, tuple[set[str], float]] = {}
        self._served: dict[str, float] = {}

    def look(self) -> None:
        """Look into the exchange.

        Raises
        ------
        OSError
            If it cannot be read (any more).
        """
        try:
            self._arrivals = self._inbox.arrivals()
        except OSError:
            self._arrivals, self.unsettled = {}, set()
            raise
        self.unsettled = set()
        for name in self._arrivals.keys() - self.secrets.keys():
            self.seen.setdefault(name, time.monotonic())
            secret = self._inbox.secret(self._arrivals[name])
            if secret is None:
                if name not in self._inbox.foreign:
                    self.unsettled.add(name)
                continue
            self.secrets[name] = secret
            if self._outbox.is_done(secret):
                self._done.add(name)
        for name in self._inbox.foreign.keys() - self._foreign:
            self._foreign.add(name)
            why = self._inbox.foreign[name]
            self._voice.line(f"{name!r} in the exchange is passed over: {why}")

    def waiting(self) -> dict[str, list[Arrival]]:
        """What is complete and not done, by student."""
        found: dict[str, list[Arrival]] = defaultdict(list)
        for name in self.secrets.keys() - self._done:
            if name in self._arrivals:
                arrival = self._arrivals[name]
                found[arrival.student].append(arrival)
        return found

    def turns(self, course: Course, busy: Collection[str]) -> Iterator[Arrival]:
        """What may be graded now, one of a student.

        Those come first whose last turn is longest ago, and of these those who came first.

        Parameters
        ----------
        course : Course
        busy : collection of str
            Students of whom something is in hand.
        """
        waiting = self.waiting()

        def place(student: str) -> tuple[float, float]:
            arrived = min(arrival.arrived for arrival in waiting[student])
            return self._served.get(student, 0.0), arrived

        for student in sorted(waiting.keys() - set(busy), key=place):
            names = {arrival.name for arrival in waiting[student]}
            before, until = self._quiet.get(student, (set(), 0.0))
            if names == before and time.monotonic() < until:
                continue
            turn = self._turn(course, student, waiting[student])
            if turn.goes is None:
                self.leave(student)
            for arrival in turn.superseded:
                self._supersede(arrival)
            for arrival, why in turn.waits:
                if self.tell(arrival, "Received; it is graded later", why):
                    self._voice.line(f"{student}  waits: {why}")
            if turn.goes is not None:
                yield turn.goes

    def served(self, student: str) -> None:
        """A student has a turn now."""
        self._served[student] = time.monotonic()

    def leave(self, student: str) -> None:
        """Leave a student alone, until something new arrives or some time has passed."""
        names = {arrival.name for arrival in self.waiting()[student]}
        self._quiet[student] = (names, time.monotonic() + RELOOK)

    def _turn(self, course: Course, student: str, waiting: list[Arrival]) -> Turn:
        when, secret = self._collecting.collected(student)
        superseded = tuple(a for a in waiting if when is not None and a.when < when)
        rested = [a for a in waiting if a not in superseded and a.name not in self._rests]
        for arrival in rested:
            if self.secrets[arrival.name] == secret:  # it has had its turn, and was cut short
                return Turn(arrival, superseded=superseded)
        if not rested:
            return Turn(superseded=superseded)
        record = Record.read(course, self._week, student)
        # What could not be graded is not held against anybody.
        attempts = record.attempt + bool(record.key) - record.missed
        past = Past(attempts, _graded_at(record) if record.key else None)
        due = course.settings.due_date(self._week)
        now = datetime.now(UTC).replace(tzinfo=None)
        turn = decide(rested, past, self._rules, due, now)
        return replace(turn, superseded=superseded + turn.superseded)

    def _supersede(self, arrival: Arrival) -> None:
        text = "You handed in a newer version before it was this one's turn. The newer one counts."
        if self.tell(arrival, "Not graded: there is a newer version", text, waits=False):
            self._voice.line(f"{arrival.student}  superseded by a newer version before its turn")
            self.done(arrival)

    def tell(self, arrival: Arrival, heading: str, text: str, waits: bool = True) -> bool:
        """Publish a page in place of feedback; whether it said something new, and could."""
        if self._told.get(arrival.name) == text:
            return False
        if self.is_done(arrival):  # by another watcher, meanwhile
            return False
        about = f"{self._week}, handed in at {clock(arrival.when)}."
        page = (WAITS if waits else "") + notice(heading, text, about)
        try:
            self._outbox.publish(arrival, self.secrets[arrival.name], {"": page})
        except OSError as error:
            self._voice.complain(f"no notice could be published: {error}")
            return False
        self._told[arrival.name] = text
        return True

    def done(self, arrival: Arrival) -> None:
        """It has its feedback, or never gets any."""
        self._done.add(arrival.name)

    def is_done(self, arrival: Arrival) -> bool:
        """Whether its feedback lies in the exchange, perhaps by another watcher."""
        if self._outbox.is_done(self.secrets[arrival.name]):
            self.done(arrival)
            return True
        return False


def _graded_at(record: Record) -> datetime | None:
    """When a record was made (UTC, without time zone), if it says so."""
    try:
        return datetime.fromisoformat(record.run["at"]).astimezone(UTC).replace(tzinfo=None)
    except (KeyError, TypeError, ValueError):
        return None
