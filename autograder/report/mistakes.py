"""Which mistakes the class made, how often, and two results that show what each looks like.

Knows records and tasks. A known mistake has a name; what is wrong and has none is kept apart.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.feedback.names import Names
from autograder.feedback.pictures import compare
from autograder.feedback.results import describe, wanted
from autograder.grading.course import Week
from autograder.grading.records import Record
from autograder.marking.agreement import as_array
from autograder.marking.calls import Call
from autograder.marking.judge import Status
from autograder.marking.task import Task
from autograder.report.alike import Alike
from autograder.report.discretion import FEW, Discretion
from autograder.report.sources import verdicts

__all__ = ["Example", "MistakeSeen", "Shared", "mistakes", "shared"]

Json = dict[str, Any]

EXAMPLES = 2
#: Longer results show no more.
ENOUGH_NUMBERS = 6


@dataclass
class Example:
    """One wrong result beside the right one."""

    criterion: str
    call: str
    expected: str
    returned: str
    picture: str


@dataclass
class MistakeSeen:
    """A mistake of a task, how many made it, and what it looks like."""

    task: str
    name: str
    hint: str
    students: int
    examples: list[Example] = field(default_factory=list)


@dataclass
class Shared:
    """How many are wrong in the same way without a name for it, and what it looks like."""

    task: str
    students: int
    example: Example
    #: The shortest of theirs, empty where nobody's is to be shown.
    code: str


def mistakes(
    week: Week, records: Mapping[str, Record], discretion: Discretion
) -> list[MistakeSeen]:
    """The mistakes that were made, the most frequent first, with examples.

    What is wrong and not recognised comes last, task by task.
    """
    who: dict[tuple[str, str], set[str]] = defaultdict(set)
    shown: dict[tuple[str, str], dict[str, Json]] = defaultdict(dict)
    for student, record in records.items():
        for task_name, criterion in verdicts(record):
            if criterion["status"] != Status.FAILED or not criterion.get("call"):
                continue
            names = criterion.get("mistakes") or [""]
            if names == [""] and criterion.get("reason"):
                continue  # it ran out of time, or the fault is another task's
            key = json.dumps([_asked(criterion), criterion.get("observed")], sort_keys=True)
            for name in names:
                who[task_name, name].add(student)
                if len(shown[task_name, name]) < 40:
                    shown[task_name, name].setdefault(key, criterion)
    few = FEW if discretion.anonymous else 0  # which of the rare ones is rarer is not told either
    order = sorted(who, key=lambda key: (not key[1], -max(len(who[key]), few - 1), key))
    found = []
    for number, (task_name, name) in enumerate(order):
        if task_name not in week.task_names:
            continue  # reference.py has changed
        task, students = week.task(task_name), len(who[task_name, name])
        hint = next((m.hint for m in task.mistakes if m.name == name), "")
        chosen = _telling(list(shown[task_name, name].values()), bool(name), discretion)
        if discretion.anonymous and students < FEW:
            chosen = []
        examples = [_example(task, c, f"m{number}-{k}") for k, c in enumerate(chosen)]
        found.append(MistakeSeen(task_name, name, hint, students, examples))
    return found


def shared(
    groups: Sequence[Alike],
    week: Week,
    codes: Mapping[str, Mapping[str, str]],
    discretion: Discretion,
) -> list[Shared]:
    """Groups that are wrong in the same way, as the page shows them.

    Parameters
    ----------
    groups : sequence of Alike
    week : Week
    codes : mapping of str to mapping
        By student, then by the solution cell's ``grade_id``.
    discretion : Discretion
        In the page to share, small groups are left out, and nobody's code or text is shown.
    """
    found = []
    for number, group in enumerate(groups):
        if discretion.anonymous and (
            len(group.students) < FEW or as_array(group.shown["observed"]) is None
        ):
            continue
        example = _example(week.task(group.task), group.shown, f"s{number}")
        texts = [codes.get(who, {}).get(group.task, "") for who in group.students]
        shortest = min(filter(None, texts), key=len, default="")
        code = "" if discretion.anonymous else shortest
        found.append(Shared(group.task, len(group.students), example, code))
    return found


def _telling(candidates: list[Json], recognised: bool, discretion: Discretion) -> list[Json]:
    """The two criteria whose results show most: of several numbers, on different calls."""

    def shows(criterion: Json) -> int:
        right, came = as_array(criterion["expected"]), as_array(criterion["observed"])
        if right is None or came is None:
            return 0
        tame = bool(np.isfinite(came).all() and (abs(came) < 1e6).all())
        differs = right.shape != came.shape or bool(
            (abs(came - right) > 0.05 * max(np.ptp(right), 1e-9)).any()
        )
        return 1 + min(right.size, ENOUGH_NUMBERS) * (1 + tame) * (1 + differs)

    def may_be_shown(criterion: Json) -> bool:
        # A text that a known mistake returns is that mistake's, not the student's own.
        plain = recognised and "text" in (criterion["observed"] or {})
        return not discretion.anonymous or plain or as_array(criterion["observed"]) is not None

    ranked = sorted(filter(may_be_shown, candidates), key=shows, reverse=True)
    chosen: list[Json] = []
    for other_calls in (True, False):  # rather another call than another result of the same
        for criterion in ranked:
            asked = [_asked(c) for c in chosen] if other_calls else []
            if criterion not in chosen and _asked(criterion) not in asked:
                chosen.append(criterion)
    return chosen[:EXAMPLES]


def _asked(criterion: Json) -> str:
    """What the call of a failed criterion asked, for comparing it with others."""
    return Call.from_json(criterion["call"]).key


def _example(task: Task, criterion: Json, name: str) -> Example:
    call = Call.from_json(criterion["call"])
    expected, observed = criterion["expected"] or {}, criterion["observed"] or {}
    right, came = wanted(expected), describe(observed)
    about = (
        f"{task.name}, {criterion['name']}. Reference: {right or 'not told'}. Submitted: {came}."
    )
    return Example(
        criterion["name"],
        task.source(call),
        right,
        came,
        compare(call, expected, observed, name, about, task.result, Names.of(task)),
    )
