"""Two slips at once in a student's walk: both are named. One slip costs what the notes say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import pytest
from corpus import Answer, drawn, observed, week_of

from autograder.marking.judge import Verdict, judge

SEED = 3


@dataclass(frozen=True)
class Walk:
    """How a student writes the walk of one task: a loop in torch, or in whatever the week uses."""

    signature: str
    begin: str
    record: str
    right: str
    slips: dict[str, str]

    def code(self, task: str, step: str, first: str, count: str) -> str:
        """The function, with this line for a step, this for a path, and so many steps."""
        return (
            f"def {task}({self.signature}):\n    {self.begin}\n    path = {first}\n"
            f"    for _ in range({count}):\n        {step}\n        path.append({self.record})\n"
            "    return path\n"
        )


TORCH = Walk(
    signature="f, start, lr, n_steps",
    begin="x = torch.tensor(start, dtype=torch.float64, requires_grad=True)",
    record="x.detach().clone()",
    right="f(x).backward(); x.data -= lr * x.grad; x.grad.zero_()",
    slips={
        "climbs": "f(x).backward(); x.data += lr * x.grad; x.grad.zero_()",
        "accumulates gradients": "f(x).backward(); x.data -= lr * x.grad",
        "ignores lr": "f(x).backward(); x.data -= 0.1 * x.grad; x.grad.zero_()",
    },
)
ON_THE_LINE = replace(TORCH, begin=TORCH.begin.replace("start", "float(start)"), record="x.item()")
#: How each walk is written, by week and task.
WALKS = {
    ("week2_descent", "gradient_descent"): ON_THE_LINE,
    ("week3_descent_2d", "gradient_descent_2d"): TORCH,
}
#: The path before the loop, with {x} for its first entry, and how many steps the loop makes.
RECORDS = {
    "start missing": ("[]", "n_steps"),
    "one step short": ("[{x}]", "n_steps - 1"),
    "one step too many": ("[{x}]", "n_steps + 1"),
}
#: What a slip of bookkeeping costs, of the points of the task.
COSTS = {
    ("week2_descent", "gradient_descent", "start missing"): 2,
    ("week2_descent", "gradient_descent", "one step short"): 2,
    ("week3_descent_2d", "gradient_descent_2d", "start missing"): 2,
    ("week3_descent_2d", "gradient_descent_2d", "one step short"): 2,
}


def verdict_on(week: str, task: str, code: str) -> Verdict:
    notes = week_of(week).task(task)
    calls = drawn(week, task, SEED)
    return judge(notes, calls, observed(Answer(week, "mistake", task, "", "", code), calls))


def written(week: str, task: str, step: str, record: str) -> str:
    walk = WALKS[week, task]
    first, count = RECORDS[record]
    line = walk.slips.get(step, walk.right)
    return walk.code(task, line, first.format(x=walk.record), count)


@pytest.mark.parametrize(("week", "task"), list(WALKS))
@pytest.mark.parametrize(("step", "record"), list(product(TORCH.slips, RECORDS)))
def test_a_wrong_step_and_a_wrong_record_are_named_as_both(
    week: str, task: str, step: str, record: str
) -> None:
    if week_of(week).skipped:
        pytest.skip(week_of(week).skipped)
    verdict = verdict_on(week, task, written(week, task, step, record))
    assert {mistake.name for mistake in verdict.mistakes} == {step, record}


@pytest.mark.parametrize(("week", "task", "record"), list(COSTS))
def test_a_slip_of_bookkeeping_does_not_cost_everything(week: str, task: str, record: str) -> None:
    """Though it spoils every call; what it costs stands in the notes."""
    if week_of(week).skipped:
        pytest.skip(week_of(week).skipped)
    verdict = verdict_on(week, task, written(week, task, "", record))
    assert [mistake.name for mistake in verdict.mistakes] == [record]
    assert verdict.score == verdict.points - COSTS[week, task, record]
    assert sum(criterion.earned for criterion in verdict.criteria) < verdict.score
