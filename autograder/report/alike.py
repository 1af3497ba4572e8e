"""Wrong in the same way, and not named yet: unknown mistakes that several students share.

Equal answers to the same questions, all of them, are the same behaviour. Everybody's first version
answers the same ones; whoever had questions of their own is compared by what they answered when
asked the others' (`autograder.grading.same`). Knows records and tasks; runs nothing.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.grading.course import Week
from autograder.grading.records import Record
from autograder.grading.same import Asked
from autograder.marking.agreement import field_of
from autograder.marking.calls import Call
from autograder.marking.judge import Status
from autograder.marking.task import Task

__all__ = ["Alike", "Compared", "alike"]

Json = dict[str, Any]
#: So much of what an error says has to be the same; messages end in details.
SAID = 40


@dataclass
class Alike:
    """Students whose wrong answers to a task are the same, and are no known mistake."""

    task: str
    calls: list[Call]
    #: Of the first of them, one for each call.
    observations: list[Any]
    #: The criterion that shows it, as recorded.
    shown: Json
    students: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Compared:
    """The groups, the largest first; and who would have to be asked what to be compared."""

    groups: list[Alike]
    #: By student, then by task: calls as recorded.
    open: dict[str, dict[str, list[Json]]]


@dataclass(frozen=True)
class _Wrong:
    """One answer that is wrong without a name, and the calls that it answers, as text."""

    student: str
    task: str
    asked: str
    observations: list[Any]
    shown: Json


def alike(week: Week, records: Mapping[str, Record], kept: Mapping[str, Asked] = {}) -> Compared:
    """Groups of two or more.

    Parameters
    ----------
    week : Week
    records : mapping of str to Record
        By student.
    kept : mapping of str to Asked
        By student: what they answered when asked what others were asked.
    """
    compared: list[_Wrong] = []
    questions: dict[str, dict[str, list[Json]]] = {}
    wrong = [found for who, record in records.items() for found in _unnamed(week, who, record)]
    common = _common(wrong, kept)
    for own in wrong:
        asked = common[own.task]
        found = own if own.asked == asked else _elsewhere(own, asked, kept)
        if found is not None:
            compared.append(found)
        elif sum(other.task == own.task for other in wrong) > 1:
            questions.setdefault(own.student, {})[own.task] = json.loads(asked)
    several = [group for group in _grouped(week, compared) if len(group.students) > 1]
    order = {name: k for k, name in enumerate(week.task_names)}
    several.sort(key=lambda group: (-len(group.students), order[group.task], group.students))
    return Compared(several, questions)


def _unnamed(week: Week, student: str, record: Record) -> Iterator[_Wrong]:
    """Answers that are wrong in a way without a name; none of a record that was edited."""
    for verdict in record.graded["verdicts"]:
        failed = [c for c in verdict["criteria"] if c["status"] == Status.FAILED and c.get("call")]
        named = any(c.get("mistakes") or c.get("reason") for c in failed)
        if not failed or named or verdict["task"] not in week.task_names:
            continue
        try:
            calls = record.graded["calls"][verdict["task"]]
            seen = record.graded["observations"][verdict["task"]]["observations"]
            yield _read(student, verdict["task"], calls, seen, failed[0])
        except (AttributeError, KeyError, TypeError, ValueError):
            continue


def _read(student: str, task: str, calls: Any, seen: Any, shown: Json) -> _Wrong:
    if len([Call.from_json(call) for call in calls]) != len(seen):
        raise ValueError("not every call has an answer")
    return _Wrong(student, task, json.dumps(calls, sort_keys=True), list(seen), shown)


def _common(wrong: Sequence[_Wrong], kept: Mapping[str, Asked]) -> dict[str, str]:
    """For each task the calls that most have answered, so that the fewest have to be asked."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for own in wrong:
        other = field_of(field_of(kept.get(own.student), own.task), "calls")
        counts[own.task].update(
            [own.asked, *([json.dumps(other, sort_keys=True)] if other else [])]
        )
    return {task: count.most_common(1)[0][0] for task, count in counts.items()}


def _elsewhere(own: _Wrong, asked: str, kept: Mapping[str, Asked]) -> _Wrong | None:
    """What somebody answered to the calls of others; None if they were not asked."""
    found = field_of(kept.get(own.student), own.task)
    try:
        shown = found["shown"]
        if shown is not None:
            Call.from_json(shown["call"])
        other = _read(own.student, own.task, found["calls"], found["observations"], shown)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return other if other.asked == asked else None


def _grouped(week: Week, wrong: Sequence[_Wrong]) -> Iterator[Alike]:
    """Those with the same answers to a task together."""
    groups: defaultdict[str, list[Alike]] = defaultdict(list)
    for one in wrong:
        if one.shown is None:  # on the questions of others it is right, or has a name
            continue
        task, same = week.task(one.task), groups[one.task]
        group = next((g for g in same if _same(task, g, one.observations)), None)
        if group is None:
            calls = [Call.from_json(call) for call in json.loads(one.asked)]
            group = Alike(one.task, calls, one.observations, one.shown)
            same.append(group)
        group.students.append(one.student)
    for same in groups.values():
        yield from same


def _same(task: Task, group: Alike, seen: Sequence[Any]) -> bool:
    return all(
        task.agree(call, a, b) and _said(a) == _said(b)
        for call, a, b in zip(group.calls, group.observations, seen, strict=True)
    )


def _said(observation: Any) -> str:
    """How an error's message begins; its type alone is shared by too many faults."""
    return str(field_of(field_of(observation, "error"), "message"))[:SAID]
