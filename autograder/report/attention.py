"""Whose work somebody should look at, and why.

Reads what records, gradebook and folders say of each student; judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from autograder.grading.course import Week
from autograder.grading.records import Record
from autograder.marking.judge import UNDECIDED, Status
from autograder.plugins.standings import Standing
from autograder.report.sources import told, ungraded, verdicts

__all__ = ["SLOW", "SLOW_SECONDS", "Needing", "attention"]

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
    digests: Mapping[str, Mapping[str, str]],
) -> Iterator[Needing]:
    """Reasons to look at somebody's work, the gravest first; those that concern nobody left out."""

    def say(what: str) -> list[tuple[str, str]]:
        return [(who, "; ".join(said)) for who, r in records.items() if (said := told(r, what))]

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
        ("Could not be read", say("problem")),
        (
            "Cannot be read now: see the file's permissions in submitted/",
            [(who, "") for who, of in digests.items() if not all(of.values())],
        ),
        ("The kernel died", say("died")),
        ("Unusually slow", _slow(records)),
        ("Cells missing, doubled or changed", say("notes")),
        (
            "Something else stood in the way",
            [(who, "; ".join(_rest(r))) for who, r in records.items() if _rest(r)],
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


def _changed(
    records: Mapping[str, Record], digests: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    """Whose notebook is another one now than that which was graded."""
    for who, record in records.items():
        now = digests.get(who, {})
        for name, about in record.graded["notebooks"].items():
            graded = about.get("named") or about.get("submission")
            if now.get(name) and not about["problem"] and now[name] != graded:
                yield who
                break


def _slow(records: Mapping[str, Record]) -> Iterator[tuple[str, str]]:
    """Whose work took far longer than the class's median, and how long."""
    seconds = {who: float(r.run.get("seconds") or 0) for who, r in records.items()}
    usual = median(seconds.values()) if seconds else 0.0
    for who, taken in seconds.items():
        if taken > SLOW * usual and taken > usual + SLOW_SECONDS:
            yield who, f"{taken:.0f} s, where {usual:.1f} s is usual"


def _rest(record: Record) -> list[str]:
    """What else the grader found worth a look."""
    said = [text for what in ("problem", "died", "notes") for text in told(record, what)]
    undecided = (c.get("reason") for _, c in verdicts(record) if c["status"] in UNDECIDED)
    faults = tuple(str(reason) for reason in undecided if reason)
    texts = record.graded.get("attention", ())
    return [text for text in texts if text not in said and not text.endswith(faults)]
