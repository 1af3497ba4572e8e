"""Wrong in the same way, and not named yet: unknown mistakes that several students share.

Everybody's first version answers the same questions, so equal answers on all of them are the same
behaviour. Knows records and tasks; runs nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.grading.course import Week
from autograder.grading.records import Record
from autograder.marking.agreement import field_of
from autograder.marking.calls import Call
from autograder.marking.judge import Status
from autograder.marking.task import Task

__all__ = ["Alike", "alike"]

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


def alike(week: Week, records: Mapping[str, Record]) -> list[Alike]:
    """Groups of two or more, the largest first.

    Parameters
    ----------
    week : Week
    records : mapping of str to Record
        By student.
    """
    groups: dict[tuple[str, str], list[Alike]] = {}
    for student, record in records.items():
        for task, shown in _unknown(week, record):
            found = _answers(record, task.name)
            if found is None:
                continue
            asked, calls, seen = found
            same = groups.setdefault((task.name, asked), [])
            group = next((g for g in same if _same(task, calls, g.observations, seen)), None)
            if group is None:
                group = Alike(task.name, calls, seen, shown)
                same.append(group)
            group.students.append(student)
    several = [g for same in groups.values() for g in same if len(g.students) > 1]
    order = {name: k for k, name in enumerate(week.task_names)}
    return sorted(several, key=lambda g: (-len(g.students), order[g.task], g.students))


def _unknown(week: Week, record: Record) -> list[tuple[Task, Json]]:
    """Tasks that are wrong in a way without a name, with a criterion that shows it."""
    found = []
    for verdict in record.graded["verdicts"]:
        failed = [c for c in verdict["criteria"] if c["status"] == Status.FAILED and c.get("call")]
        named = any(c.get("mistakes") or c.get("reason") for c in failed)
        if failed and not named and verdict["task"] in week.task_names:
            found.append((week.task(verdict["task"]), failed[0]))
    return found


def _answers(record: Record, task: str) -> tuple[str, list[Call], list[Any]] | None:
    """What was asked and seen; None if somebody has edited the record, or calls are missing."""
    try:
        plain = record.graded["calls"][task]
        calls = [Call.from_json(call) for call in plain]
        seen = record.graded["observations"][task]["observations"]
        if len(seen) != len(calls):
            return None
        return json.dumps(plain, sort_keys=True), calls, list(seen)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _same(task: Task, calls: list[Call], one: list[Any], other: list[Any]) -> bool:
    return all(
        task.agree(call, a, b) and _said(a) == _said(b)
        for call, a, b in zip(calls, one, other, strict=True)
    )


def _said(observation: Any) -> str:
    """How an error's message begins; its type alone is shared by too many faults."""
    return str(field_of(field_of(observation, "error"), "message"))[:SAID]
