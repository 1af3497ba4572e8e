"""Whose work somebody should look at, and why.

Reads what records, gradebook and folders say of each student; judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from autograder.grading.course import Week
from autograder.grading.records import Record
from autograder.marking.judge import UNDECIDED, Status
from autograder.plugins.standings import Standing
from autograder.report.sources import ungraded

__all__ = ["SLOW", "SLOW_SECONDS", "Needing", "attention"]

Json = dict[str, Any]

#: Graded in so many times the class's median, and so many seconds more, is unusually slow.
SLOW, SLOW_SECONDS = 3, 5


@dataclass
class Needing:
    """A reason to look, and whom it concerns: student and words for each."""

    title: str
    who: list[tuple[str, str]]


def attention(
    week: Week,
    records: Mapping[str, Record],
    damaged: Sequence[str],
    known: Sequence[Standing],
    digests: Mapping[str, str],
) -> Iterator[Needing]:
    """Reasons to look at somebody's work, the gravest first; those that concern nobody left out."""
    graded = {who: record.graded for who, record in records.items()}
    reasons: list[tuple[str, Iterable[tuple[str, str]]]] = [
        (
            "Not graded, through no fault of theirs",
            [(who, "; ".join(ungraded(r))) for who, r in records.items() if ungraded(r)],
        ),
        (
            "Waits for a person",
            [
                (who, said)
                for who, r in records.items()
                if (said := "; ".join(ungraded(r, Status.WAITS)))
            ],
        ),
        ("The record is damaged: grade again", [(who, "") for who in damaged]),
        (
            "Handed in, but not graded yet",
            [(who, "") for who in digests if who not in records and who not in damaged],
        ),
        ("Handed in again since", [(who, "") for who in _changed(records, digests)]),
        (
            "Could not be read",
            [(who, g["problem"]) for who, g in graded.items() if g.get("problem")],
        ),
        ("The kernel died", [(who, g["died"]) for who, g in graded.items() if g.get("died")]),
        ("Unusually slow", _slow(records)),
        (
            "Cells missing, doubled or changed",
            [(who, "; ".join(g["notes"])) for who, g in graded.items() if g.get("notes")],
        ),
        (
            "Something else stood in the way",
            [(who, "; ".join(_rest(g))) for who, g in graded.items() if _rest(g)],
        ),
        (
            "Nothing handed in",
            [(s.student, s.name) for s in known if not s.handed_in and s.student not in digests],
        ),
    ]
    for title, who in reasons:
        listed = sorted(who)
        if listed:
            yield Needing(title, listed)


def _changed(records: Mapping[str, Record], digests: Mapping[str, str]) -> Iterator[str]:
    """Whose notebook is another one now than that which was graded."""
    for who, record in records.items():
        readable = not record.graded.get("problem")
        graded = record.graded.get("named") or record.submission
        if who in digests and readable and digests[who] != graded:
            yield who


def _slow(records: Mapping[str, Record]) -> Iterator[tuple[str, str]]:
    """Whose work took far longer than the class's median, and how long."""
    seconds = {who: float(r.run.get("seconds") or 0) for who, r in records.items()}
    usual = median(seconds.values()) if seconds else 0.0
    for who, taken in seconds.items():
        if taken > SLOW * usual and taken > usual + SLOW_SECONDS:
            yield who, f"{taken:.0f} s, where {usual:.1f} s is usual"


def _rest(graded: Json) -> list[str]:
    """What else the grader found worth a look."""
    said = [graded.get("problem"), graded.get("died"), *graded.get("notes", ())]
    faults = {
        c.get("reason") for v in graded["verdicts"] for c in v["criteria"]
        if c["status"] in UNDECIDED
    }  # fmt: skip
    return [text for text in graded.get("attention", ()) if text not in said and text not in faults]
