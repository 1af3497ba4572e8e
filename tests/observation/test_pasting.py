"""The failing call that feedback shows, pasted after the student's code, does what was observed.

For every mistake of the corpora: a student who doubts the grader can see for himself.
"""

from __future__ import annotations

import contextlib
import html
from typing import Any

import numpy as np
import pytest
from corpus import STUDENTS, Answer, answers, namespace, observed, restored, week_of

from autograder.feedback.markup import as_html
from autograder.feedback.words import as_text
from autograder.grading.course import Course
from autograder.grading.stages import draw
from autograder.marking.agreement import as_arrays
from autograder.marking.calls import Call
from autograder.marking.judge import CriterionVerdict, Status, judge
from autograder.marking.task import Task
from autograder.observation.values import normalise

COURSE = Course(STUDENTS.parent.parent)
SEED = 20270301
#: What these do depends on the calls before, so one call alone does something else.
REMEMBERS = {
    "a list shared between calls",
    "accumulates and takes scalars only",
    "one leaf per shape",
}
Json = dict[str, Any]


def pasted(answer: Answer, codes: list[str]) -> Json:
    """What a fresh notebook with this answer shows for the last of some lines."""
    with restored():
        names = namespace(uses_jax=answer.week == "week5_jax")
        exec(compile(answer.code, f"<{answer}>", "exec"), names)
        for code in codes[:-1]:
            with contextlib.suppress(Exception):
                eval(code, names)
        try:
            return normalise(eval(codes[-1], names))
        except Exception as error:
            return {"error": {"type": type(error).__name__}}


def complaint(answer: Answer, task: Task, criterion: CriterionVerdict, before: list[Call]) -> str:
    """How what the pasted call shows differs from what was observed; empty if it does not.

    Calls that come before it are pasted too, if there are any.
    """
    assert criterion.call is not None
    seen = criterion.observed or {}
    calls = [*before, criterion.call]
    again = pasted(answer, [call.source(task.name, task.library) for call in calls])
    if "error" in seen and "not on torch tensors" in seen["error"]["message"]:
        same = "error" in again  # NumPy refuses them in other words
    elif "not a function" in seen.get("unsupported", ""):
        same = again.get("error", {}).get("type") == "TypeError"  # it cannot be called
    elif "error" in seen:
        same = again.get("error", {}).get("type") == seen["error"]["type"]
    elif as_arrays(seen):
        pairs = list(zip(as_arrays(seen), as_arrays(again), strict=False))
        same = len(pairs) == len(as_arrays(seen)) and all(
            a.shape == b.shape and np.allclose(a, b, rtol=1e-4, atol=1e-5, equal_nan=True)
            for a, b in pairs
        )
    else:
        same = {k: v for k, v in seen.items() if k in again} == again
    return "" if same else f"{answer}: {criterion.call.source(task.name)}\n  {seen}\n  {again}"


@pytest.mark.parametrize("name", COURSE.week_names)
def test_every_failing_call_can_be_pasted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is shown, with the hint of the recognised mistake, and gives what was observed."""
    monkeypatch.setattr(
        "autograder.feedback.markup.illustrate", lambda *_: ""
    )  # not what this is about
    week, problems, shown = week_of(name), [], 0
    calls = draw(week, SEED)
    for answer in answers(name)[:: 6 if name == "week5_jax" else 1]:  # JAX compiles each anew
        if answer.kind != "mistake" or answer.detail in REMEMBERS:
            continue
        task = week.task(answer.task)
        verdict = judge(task, calls[task.name], observed(answer, calls[task.name]))
        pages = (as_text(verdict, task), html.unescape(as_html(verdict, task)))
        for mistake in verdict.mistakes:
            assert mistake.name in pages[0]
            assert mistake.hint in pages[0]
        for criterion in verdict.criteria:
            if criterion.status is Status.FAILED and criterion.call:
                code = criterion.call.source(task.name, task.library)
                assert all(code in page for page in pages)
                kept = any(m.stateful for m in verdict.mistakes if m.name == criterion.mistake)
                before = [c for c in calls[task.name] if kept and c.index < criterion.call.index]
                question = criterion.call.question
                itself = question["times"] > 1 or "beside" in question
                assert not before or itself or "try it twice" in pages[0]
                problems.append(complaint(answer, task, criterion, before))
                shown += 1
    assert shown > (10 if name == "week5_jax" else 50)
    assert "\n".join(filter(None, problems)) == ""
