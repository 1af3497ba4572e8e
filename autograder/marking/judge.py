"""Reach a verdict: `judge(task, calls, observations) -> Verdict`.

Pure: no kernel, clock, disk or randomness. What comes from the student's
process is treated as untrusted data, and any JSON at all gives a verdict. A
fault of the grader gives `Status.GRADER_ERROR`, never a student's zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from autograder.errors import TaskError
from autograder.marking.calls import Call
from autograder.marking.criteria import Mistake
from autograder.marking.recognition import recognise
from autograder.marking.task import Task

__all__ = [
    "OVERTIME",
    "UNDECIDED",
    "CriterionVerdict",
    "Status",
    "Verdict",
    "grader_error",
    "judge",
    "left_to_a_person",
]

Json = dict[str, Any]

#: The reason of a criterion whose call did not come back in time.
OVERTIME = "A call ran out of time."


class Status(StrEnum):
    """What became of a criterion, or of a whole task."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not reached"
    WAITS = "waits for a person"
    GRADER_ERROR = "grader error"


#: Of these nobody has a score yet.
UNDECIDED = frozenset({Status.GRADER_ERROR, Status.WAITS})


@dataclass(frozen=True)
class CriterionVerdict:
    """What became of one criterion.

    `call`, `expected` and `observed` are those of the first call that did not
    match, if there is one; `mistakes` names the known mistake that explains it, or the two.
    """

    name: str
    points: float
    status: Status
    reason: str = ""
    call: Call | None = None
    expected: Json | None = None
    observed: Json | None = None
    mistakes: tuple[str, ...] = ()

    @property
    def mistake(self) -> str:
        """The mistakes as one text, empty if none is recognised."""
        return " + ".join(self.mistakes)

    @property
    def earned(self) -> float:
        """Points earned: all or none."""
        return self.points if self.status is Status.PASSED else 0.0

    def to_json(self) -> Json:
        """Plain data for the record."""
        return {
            "name": self.name,
            "points": self.points,
            "status": str(self.status),
            "reason": self.reason,
            "mistakes": list(self.mistakes),
            "call": self.call.to_json() if self.call else None,
            "expected": self.expected,
            "observed": self.observed,
        }


@dataclass(frozen=True)
class Verdict:
    """The verdict on one task: its criteria, and the mistakes recognised.

    `costs` is what the mistakes cost by their author's word, if they explain all that was seen.
    """

    task: str
    criteria: tuple[CriterionVerdict, ...]
    mistakes: tuple[Mistake, ...] = ()
    costs: float | None = None

    @property
    def points(self) -> float:
        """Points that could be earned."""
        return sum(criterion.points for criterion in self.criteria)

    @property
    def score(self) -> float | None:
        """Points earned, or None if a person has to look."""
        if self.status in UNDECIDED:
            return None
        earned = sum(criterion.earned for criterion in self.criteria)
        return earned if self.costs is None else max(earned, self.points - self.costs)

    @property
    def status(self) -> Status:
        """The worst that became of any criterion."""
        found = {criterion.status for criterion in self.criteria}
        for status in (Status.GRADER_ERROR, Status.WAITS, Status.FAILED, Status.NOT_REACHED):
            if status in found:
                return status
        return Status.PASSED

    def to_json(self) -> Json:
        """Plain data for the record."""
        return {
            "task": self.task,
            "status": str(self.status),
            "score": self.score,
            "points": self.points,
            "mistakes": [mistake.name for mistake in self.mistakes],
            "criteria": [criterion.to_json() for criterion in self.criteria],
        }


def judge(
    task: Task, calls: Sequence[Call], observations: Sequence[Any], reason: str = ""
) -> Verdict:
    """Compare what was seen with the reference.

    Parameters
    ----------
    task : Task
    calls : sequence of Call
        As drawn; their order does not matter.
    observations : sequence
        One for each call, in the same order; None, or a sequence too short,
        for calls that were not reached.
    reason : str
        Why calls were not reached.

    Returns
    -------
    Verdict
    """
    try:
        pairs = sorted(
            zip(calls, _padded(observations, len(calls)), strict=True),
            key=lambda pair: pair[0].index,
        )
        calls = [call for call, _ in pairs]
        seen = [observation for _, observation in pairs]
        for call in calls:
            if "error" in task.expected(call) and not task.asks(call):
                error = task.expected(call)["error"]
                return grader_error(task, f"the reference raises {error['type']} on {call!r}")
        why = ["" if o is None else task.breach(c, o) for c, o in zip(calls, seen, strict=True)]
        right = [breach is None for breach in why]
        recognised = recognise(task, calls, seen, right)
        named = recognised.named(len(calls))
        criteria = tuple(
            _criterion(task, criterion.name, criterion.points, calls, seen, why, named, reason)
            for criterion in task.criteria
        )
    except Exception as error:
        return grader_error(task, f"{type(error).__name__}: {error}")
    found = {name for criterion in criteria for name in criterion.mistakes}
    known = tuple(m for m in task.mistakes if m.name in found)
    return Verdict(task.name, criteria, known, recognised.costs(seen))


def grader_error(task: Task, reason: str) -> Verdict:
    """The verdict for a fault that is not the student's: a person has to look."""
    return Verdict(
        task.name,
        tuple(
            CriterionVerdict(c.name, c.points, Status.GRADER_ERROR, reason) for c in task.criteria
        ),
    )


def left_to_a_person(verdict: Verdict, reason: str) -> Verdict:
    """The verdict where points would be lost for something that may be no fault of the work.

    What was earned is kept; a person decides about the rest.
    """
    if verdict.score is None or verdict.score == verdict.points:
        return verdict
    criteria = tuple(
        c if c.status is Status.PASSED else CriterionVerdict(c.name, c.points, Status.WAITS, reason)
        for c in verdict.criteria
    )
    return Verdict(verdict.task, criteria)


_REASONS = {
    "NotImplementedError": "not solved yet: it still raises NotImplementedError",
    "Timeout": OVERTIME,
}


def _padded(observations: Sequence[Any], length: int) -> list[Any]:
    seen = list(observations)[:length]
    return seen + [None] * (length - len(seen))


def _criterion(
    task: Task,
    name: str,
    points: float,
    calls: Sequence[Call],
    seen: Sequence[Any],
    why: Sequence[str | None],
    named: Sequence[tuple[str, ...]],
    reason: str,
) -> CriterionVerdict:
    mine = [k for k, call in enumerate(calls) if call.criterion == name]
    if not mine:
        raise TaskError(f"no call asks about the criterion {name!r}")
    wrong = [k for k in mine if why[k] is not None and seen[k] is not None]
    if wrong:
        # A call that shows a recognised mistake explains more than one that does not.
        k = next((k for k in wrong if named[k]), wrong[0])
        observed = seen[k] if isinstance(seen[k], dict) else {"unsupported": "no valid observation"}
        error = observed.get("error")
        kind = error.get("type") if isinstance(error, dict) else None
        untouched = kind == "NotImplementedError"
        return CriterionVerdict(
            name,
            points,
            Status.NOT_REACHED if untouched else Status.FAILED,
            (_REASONS.get(kind, "") if isinstance(kind, str) else "") or why[k] or "",
            calls[k],
            task.shown(calls[k]),
            observed,
            named[k],
        )
    if any(seen[k] is None for k in mine):
        return CriterionVerdict(name, points, Status.NOT_REACHED, reason or "no result came back")
    return CriterionVerdict(name, points, Status.PASSED)
