"""Something that was handed in: by whom, when, and under which name in the exchange.

Knows the names that `nbgrader submit` gives; not where they lie, nor what becomes of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

__all__ = ["Arrival", "clock"]


@dataclass(frozen=True, order=True)
class Arrival:
    """Something that was handed in: when (UTC, without time zone), under which name, by whom."""

    when: datetime
    name: str
    student: str = field(compare=False)
    #: When the file system saw it (seconds since 1970); the name may say anything.
    arrived: float = field(default=0.0, compare=False)


def clock(utc: datetime) -> str:
    """A time (UTC, without time zone) as the clock on the wall of this machine shows it."""
    return f"{utc.replace(tzinfo=UTC).astimezone():%Y-%m-%d %H:%M %Z}"
