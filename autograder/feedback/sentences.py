"""What is said of a verdict, whether in plain text or on a page: headline, hint, circumstances.

Knows verdicts and tasks; no markup.
"""

from __future__ import annotations

from autograder.marking.agreement import matches
from autograder.marking.criteria import Mistake
from autograder.marking.judge import CriterionVerdict, Status, Verdict
from autograder.marking.task import Task

__all__ = [
    "MARKS",
    "UNKNOWN",
    "changed",
    "circumstances",
    "explanation",
    "headline",
    "newly_met",
    "points",
]


#: A sign for each status.
MARKS = {
    Status.PASSED: "✓",
    Status.FAILED: "✗",
    Status.NOT_REACHED: "–",
    Status.WAITS: "?",
    Status.GRADER_ERROR: "?",
}
UNKNOWN = "This is not one of the mistakes we know."


def headline(verdict: Verdict) -> str:
    """The task and its score; or that there is none."""
    if verdict.status is Status.WAITS:
        return f"{verdict.task}: not decided yet; a person will look"
    if verdict.score is None:
        return f"{verdict.task}: not graded; this is the grader's fault, and a person will look"
    text = f"{verdict.task}: {verdict.score:g} of {verdict.points:g} points"
    if verdict.score > sum(criterion.earned for criterion in verdict.criteria):
        text += f"; all that is wrong is one slip, which costs {verdict.costs:g}"
    return text


def points(criterion: CriterionVerdict) -> str:
    """What was earned, and what could be."""
    return f"{criterion.earned:g} of {criterion.points:g}"


def newly_met(criterion: CriterionVerdict, verdict: Verdict, said: set[str]) -> list[Mistake]:
    """The recognised mistakes that are met for the first time, and whose hints are due."""
    new = [name for name in criterion.mistakes if name not in said]
    said.update(new)
    return [m for name in new for m in verdict.mistakes if m.name == name]


def explanation(criterion: CriterionVerdict, task: Task, said: set[str]) -> list[str]:
    """Why a criterion is not earned, if no mistake is recognised: once a task, not each time."""
    reason = criterion.reason or UNKNOWN
    if (
        criterion.mistake
        or reason in said
        or (not criterion.reason and _only_changed(criterion, task))
    ):
        return []
    said.add(reason)
    return [reason]


def _only_changed(criterion: CriterionVerdict, task: Task) -> bool:
    """Whether the result is right, and all that is wrong has been said by `changed`."""
    right = matches(criterion.expected, criterion.observed, task.rtol, task.atol)
    return right and bool(changed(criterion, task))


def circumstances(criterion: CriterionVerdict, verdict: Verdict) -> list[str]:
    """What else there is to know about a call before it is tried again."""
    assert criterion.call is not None
    times = criterion.call.question["times"]
    if times > 1:
        return [f"called {times} times; the last result counts"]
    if before := criterion.call.question.get("before"):
        return [f"the function that came back was called {len(before) + 1} times; the last counts"]
    if "beside" in criterion.call.question:
        return ["another function was asked for before this one was called"]
    if criterion.call.index and any(
        m.stateful for m in verdict.mistakes if m.name in criterion.mistakes
    ):
        return ["right at first? What earlier calls left behind counts too: try it twice in a row"]
    return []


def changed(criterion: CriterionVerdict, task: Task) -> str:
    """What is wrong besides the result."""
    if criterion.call is None or not (criterion.observed or {}).get("mutated"):
        return ""
    if not task.minds_changes(criterion.call):
        return ""
    return "The function changed its argument; work on a copy."
