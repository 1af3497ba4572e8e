"""Whose turn it is: which of a student's submissions is graded now, and what the others wait for.

Pure: times and counts in, a decision out. It knows no exchange, clock or gradebook.
The rules, in the order in which they count:

- one attempt of a student at a time;
- who has had all attempts keeps the last version handed in before the due date for then;
- within the pause after a student's last grading everything waits, and the newest version goes;
- without a pause every version is graded, in the order in which they were handed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from autograder.watching.arrivals import Arrival, clock

__all__ = ["Past", "Rules", "Turn", "decide", "spoken"]


@dataclass(frozen=True)
class Rules:
    """How often a student gets feedback at once."""

    pause: timedelta = timedelta(0)
    #: None for any number.
    attempts: int | None = None


@dataclass(frozen=True)
class Past:
    """How many versions of a student were graded before, and when the last one (UTC)."""

    attempts: int = 0
    last: datetime | None = None


@dataclass(frozen=True)
class Turn:
    """What happens to the submissions of one student now."""

    #: To be graded now.
    goes: Arrival | None = None
    #: Not to be graded now; the reason is a sentence for the student.
    waits: tuple[tuple[Arrival, str], ...] = ()
    #: Never to be graded: a newer version takes their place.
    superseded: tuple[Arrival, ...] = ()


def decide(
    waiting: Sequence[Arrival], past: Past, rules: Rules, due: datetime | None, now: datetime
) -> Turn:
    """What happens to a student's submissions that were not graded yet.

    Parameters
    ----------
    waiting : sequence of Arrival
        At least one.
    past : Past
    rules : Rules
    due : datetime or None
        When the week is due.
    now : datetime
        All times in UTC, without time zone.
    """
    *older, newest = sorted(waiting)
    if rules.attempts is not None and past.attempts >= rules.attempts:
        return _used_up([*older, newest], rules.attempts, due, now)
    if rules.pause and past.last is not None and now < past.last + rules.pause:
        until = past.last + rules.pause
        sentence = (
            f"There is a pause of {spoken(rules.pause)} between two gradings. This version is "
            f"graded after {clock(until)}; if you hand in again before that, the newer one is."
        )
        return Turn(waits=((newest, sentence),), superseded=tuple(older))
    if rules.pause:
        return Turn(newest, superseded=tuple(older))
    return Turn([*older, newest][0])


def _used_up(waiting: list[Arrival], count: int, due: datetime | None, now: datetime) -> Turn:
    in_time = [arrival for arrival in waiting if due is not None and arrival.when <= due]
    late = waiting[len(in_time) :]
    superseded = (*in_time[:-1], *late[:-1])
    used = f"You have had the {count} gradings of this week that come at once."
    waits = []
    if late:
        why = "It came after the due date, so a" if due is not None else "A"
        waits.append((late[-1], f"{used} This version is kept. {why} person decides about it."))
    if in_time:
        assert due is not None
        if now > due:
            return Turn(in_time[-1], tuple(waits), superseded)
        waits.append(
            (
                in_time[-1],
                f"{used} This version is kept. The last version that you hand in before "
                f"{clock(due)} is graded after that, and counts.",
            )
        )
    return Turn(None, tuple(waits), superseded)


def spoken(span: timedelta) -> str:
    """A span of time in words."""
    seconds = round(span.total_seconds())
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {word}{'s' * (seconds > size)}"
    return f"{seconds} second{'s' * (seconds != 1)}"
