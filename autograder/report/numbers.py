"""How the class did: each criterion, the spread of the scores, and when all that was graded.

Counts over records; knows no page and no single student's work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from autograder.feedback.svg import bars
from autograder.grading.course import Week
from autograder.grading.records import Record
from autograder.marking.calls import Call
from autograder.marking.judge import UNDECIDED, Status
from autograder.report.discretion import FEW, Discretion
from autograder.report.sources import verdicts

__all__ = ["ENOUGH", "Criterion", "criteria", "facts", "histogram", "inside", "points"]

#: With fewer submissions a correlation says nothing.
ENOUGH = 10


@dataclass
class Criterion:
    """How the class did on one criterion."""

    task: str
    name: str
    points: float
    earned: int
    judged: int
    discrimination: float | None = None
    #: What of it the students' own processes say of themselves.
    reported: Sequence[str] = ()

    @property
    def rate(self) -> float:
        """Part of those judged who earned it."""
        return self.earned / self.judged if self.judged else 0.0

    @property
    def difficulty(self) -> float:
        """Part of those judged who did not earn it."""
        return 1 - self.rate


def criteria(week: Week, records: Mapping[str, Record]) -> list[Criterion]:
    """How hard each criterion was, and whether it told those who know from those who don't.

    The discrimination is the item-rest correlation: Pearson's, between the
    points of a criterion and those of all others. Only submissions that were
    graded in full count; None where too few were, or all did the same.
    """
    items = [*_items(week), *inside(records)]
    columns = {(task, name): k for k, (task, name, _) in enumerate(items)}
    earned = np.full((len(records), len(columns)), np.nan)
    for row, record in enumerate(records.values()):
        for name, criterion in verdicts(record):
            column = columns.get((name, criterion["name"]))
            if column is not None and criterion["status"] not in UNDECIDED:
                passed = criterion["status"] == Status.PASSED
                full = criterion["points"] * passed
                earned[row, column] = criterion.get("score", full)
    complete = earned[~np.isnan(earned).any(axis=1)]
    rest = complete.sum(axis=1, keepdims=True) - complete
    found, said = [], _reported(week, records)
    for column, (task, name, points) in enumerate(items):
        judged = earned[~np.isnan(earned[:, column]), column]
        one, others = complete[:, column], rest[:, column]
        tells = len(complete) >= ENOUGH and np.ptp(one) > 0 and np.ptp(others) > 0
        found.append(
            Criterion(
                task, name, points, int(((judged >= points) & (judged > 0)).sum()), len(judged),
                float(np.corrcoef(one, others)[0, 1]) if tells else None,
                said.get((task, name), ()),
            )
        )  # fmt: skip
    return found


def _reported(week: Week, records: Mapping[str, Record]) -> dict[tuple[str, str], list[str]]:
    """What is not seen from outside, by task and criterion; everybody is asked the same kind."""
    found: dict[tuple[str, str], list[str]] = {}
    for task in week.tasks:
        asked = (record.graded.get("calls", {}).get(task.name) for record in records.values())
        calls = map(Call.from_json, next(filter(None, asked), ()))
        found |= {(task.name, name): said for name, said in task.reported(calls).items()}
    return found


def _items(week: Week) -> Iterator[tuple[str, str, float]]:
    """Each criterion: its task, its name and its points."""
    return ((t.name, c.name, c.points) for t in week.tasks for c in t.criteria)


def inside(records: Mapping[str, Record]) -> list[tuple[str, str, float]]:
    """The classic cells likewise, in their order: judged inside the kernel."""
    found = (v for record in records.values() for v in record.graded.get("inside", ()))
    return list(dict.fromkeys((v["cell"], v["judged"], float(v["points"])) for v in found))


def points(week: Week, records: Mapping[str, Record]) -> float:
    """What can be earned by machine."""
    return sum(points for _, _, points in (*_items(week), *inside(records)))


def histogram(scores: Sequence[float], points: float, discretion: Discretion) -> str:
    """How many have how many points, as a picture."""
    if len(scores) < (FEW if discretion.anonymous else 1):
        return ""
    width = max(1, round(points / 20))
    number = int(points // width) + 1
    counts = np.zeros(number, dtype=int)
    for score in scores:
        counts[min(max(int(score // width), 0), number - 1)] += 1
    spans = [(k * width, (k + 1) * width - 1, int(count)) for k, count in enumerate(counts)]
    if discretion.anonymous:
        spans = _merged(spans)
    words = [f"{low}" if low == high else f"{low} to {high}" for low, high, _ in spans]
    about = "Points by machine and number of submissions: " + "; ".join(
        f"{word} points, {count}" for word, (_, _, count) in zip(words, spans, strict=True) if count
    )
    return bars(
        [low - 0.5 for low, _, _ in spans] + [spans[-1][1] + 0.5],
        [count for _, _, count in spans],
        [str(count) if count else "" for _, _, count in spans],
        ("points by machine", "submissions"),
        "scores",
        about,
    )


def _merged(spans: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Neighbouring spans put together until each holds five people or more."""
    made: list[tuple[int, int, int]] = []
    for low, high, count in spans:
        if made and (made[-1][2] < FEW):
            low, _, before = made.pop()
            count += before
        made.append((low, high, count))
    if len(made) > 1 and made[-1][2] < FEW:
        _, high, count = made.pop()
        low, _, before = made.pop()
        made.append((low, high, before + count))
    return made


def facts(
    week: Week, records: Mapping[str, Record], discretion: Discretion
) -> list[tuple[str, str]]:
    """When, from which numbers and by which grader."""
    times = sorted(str(r.run.get("at", "")) for r in records.values())
    length = len("2027-03-01") if discretion.anonymous else len("2027-03-01T12:00")
    first, last = (moment[:length].replace("T", " ") for moment in (times[0], times[-1]))
    seconds = [float(r.run.get("seconds") or 0) for r in records.values()]
    versions = Counter(str(r.graded.get("version", "?")) for r in records.values())
    other = sum(r.graded.get("reference") != week.fingerprint for r in records.values())
    facts = [
        ("graded", f"{first} to {last} UTC" if first != last else f"{last} UTC"),
        # Whoever knows the seed can draw the questions of the weeks to come.
        ("seeds of the questions", "not for sharing")
        if discretion.anonymous
        else ("seeds of the questions", _seeds(Counter(r.seed for r in records.values()))),
        (
            "questions",
            "the same for all"
            if len({r.seed for r in records.values()}) == 1
            else "not the same for all: work that is graded as it comes, or was handed in again, "
            "meets its own. The criteria are the same",
        ),
        ("version of the grader", ", ".join(sorted(versions))),
        (
            "time of the kernels",
            f"{sum(seconds):.0f} s in all; {median(seconds or [0]):.1f} s for half of them or less",
        ),
    ]
    if other:
        facts.append(
            (
                "reference.py",
                f"{discretion.count(other)} were graded by another reference.py than today's; "
                f"autograder grade {week.name} grades them again",
            )
        )
    return facts


def _seeds(seeds: Counter[int]) -> str:
    said = [f"{seed} ({count} submissions)" for seed, count in seeds.most_common(5)]
    more = len(seeds) - 5
    return ", ".join(said + [f"{more} others"] * (more > 0))
