"""What the guide says of asking about anything: its blocks, run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from conftest import ROOT

from autograder.feedback.questions import Question
from autograder.feedback.words import as_text
from autograder.grading.course import load_week
from autograder.marking.calls import Call
from autograder.marking.judge import Verdict, judge
from autograder.marking.task import Task
from autograder.observation.serving import serve
from autograder.submissions.hidden import objections

GUIDE = (ROOT / "docs" / "write-a-week.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python anything/(\S+)\n(.*?)^```$", GUIDE, re.M | re.S)
HIDDEN = {name: text for name, text in BLOCKS if name.startswith("test_")}
REFERENCE = "\n".join(text for name, text in BLOCKS if name == "reference.py")
Json = dict[str, Any]


def notebook() -> Json:
    """A notebook of the guide's test cells."""
    cells = [
        {
            "cell_type": "code",
            "metadata": {"nbgrader": {"grade_id": name, "grade": True, "solution": False}},
            "source": f"### BEGIN HIDDEN TESTS\n{text}### END HIDDEN TESTS",
        }
        for name, text in HIDDEN.items()
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Task]:
    """The tasks of the guide's marking notes."""
    folder = tmp_path_factory.mktemp("source") / "ps1"
    folder.mkdir()
    (folder / "reference.py").write_text(REFERENCE, "utf-8")
    (folder / "ps1.ipynb").write_text(json.dumps(notebook()), "utf-8")
    return {task.name: task for task in load_week(folder).tasks}


def verdict(task: Task, code: str) -> Verdict:
    """What a student gets for this code."""
    namespace: Json = {"np": np}
    exec(code, namespace)
    calls, reported = task.draw(0), list[Json]()
    questions = [call.to_json() for call in calls]
    hidden = HIDDEN.get(f"test_{task.name}", "")
    serve(namespace, task.name, questions, 5.0, reported.append, hidden=hidden)
    seen: list[Any] = [None] * len(calls)
    for report in json.loads(json.dumps(reported)):
        seen[report["index"]] = report
    return judge(task, calls, seen)


RIGHT = {
    "summary": "def summary(table, digits=2):\n"
    "    return {k: dict(n=len(v), mean=round(sum(v) / len(v), digits)) for k, v in table.items()}",
    "shuffled": "def shuffled(items, rng):\n    return list(items)[::-1]",
    "estimate_pi": "def estimate_pi(n, rng):\n"
    "    x, y = rng.uniform(size=n), rng.uniform(size=n)\n"
    "    return 4 * (x*x + y*y <= 1).sum() / n",
    "mean_of": "class Empty(ValueError): pass\n"
    "def mean_of(numbers):\n    if not len(numbers): raise Empty\n    return np.mean(numbers)",
    "Line": "class Line:\n    def __init__(self, a, b): self.a, self.b = a, b\n"
    "    def at(self, x): return self.a + self.b * np.array(x)",
    "best_lr": "best_lr = np.float32(1) / 2",
}
WRONG = {
    "summary": ("def summary(table, digits=2):\n    return {}", 'misses the keys "x", "y"'),
    "shuffled": ("def shuffled(items, rng):\n    return [items[0]] * 6", "there once"),
    "estimate_pi": (
        "def estimate_pi(n, rng):\n    return 4 * np.mean((np.random.rand(n, 2)**2).sum(1) < 1)",
        "two answers: draw from rng alone",
    ),
    "mean_of": ("def mean_of(numbers):\n    return sum(numbers)", "nothing has the mean 0"),
    "Line": (RIGHT["Line"].replace("self.a + self.b", "self.b + self.a"), "exchanged"),
    "best_lr": ("best_lr = 0.3", "returned: 0.3"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_earns_all(tasks: dict[str, Task], name: str) -> None:
    """Of every task in the guide, written otherwise than the reference."""
    found = verdict(tasks[name], RIGHT[name])
    assert found.score == found.points, as_text(found, tasks[name])


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_told_what_is_wrong(tasks: dict[str, Task], name: str) -> None:
    """And the answer of a task that keeps it to itself is not given away."""
    code, said = WRONG[name]
    found = verdict(tasks[name], code)
    assert found.score is not None
    assert found.score < found.points
    text = as_text(found, tasks[name])
    assert said in text
    assert "expected: 0.5" not in text


def test_students_see_what_was_asked_and_not_how_it_is_handed_over(tasks: dict[str, Task]) -> None:
    """As they could type it themselves: of a class its call, of a variable its name."""
    code, _ = WRONG["Line"]
    assert "call:     Line(1.0, 2.0).at([0.0, 0.5])\n" in as_text(
        verdict(tasks["Line"], code), tasks["Line"]
    )
    code, _ = WRONG["best_lr"]
    assert "call:     best_lr\n" in as_text(verdict(tasks["best_lr"], code), tasks["best_lr"])


@pytest.mark.parametrize("name", HIDDEN)
def test_the_hidden_parts_hold_no_answer(name: str) -> None:
    """As `autograder check` wants it."""
    cell = f"### BEGIN HIDDEN TESTS\n{HIDDEN[name]}### END HIDDEN TESTS"
    assert objections(cell, name.removeprefix("test_")) == []


REPORT = "def report(n):\n    for k in range(n): print(k)"
PLOT = """
def plot_descent(path):
    from matplotlib.figure import Figure
    axes = Figure().add_subplot()
    axes.plot(path, [x**2 for x in path])
    return axes
"""


@pytest.mark.parametrize(
    ("name", "code", "call", "seen"),
    [
        ("report", REPORT, Call(2), {"text": "0\n1\n"}),
        ("plot_descent", PLOT, Call([2.0, 1.0]),
         {"shape": [1, 2, 2], "values": [2.0, 4.0, 1.0, 1.0]}),
    ],
)  # fmt: skip
def test_what_is_printed_and_drawn_is_seen(name: str, code: str, call: Call, seen: Json) -> None:
    """By the adapters of the guide."""
    assert matplotlib.__version__
    namespace: Json = {}
    exec(code, namespace)
    reported: list[Json] = []
    serve(namespace, name, [call.to_json()], 5.0, reported.append, hidden=HIDDEN[f"test_{name}"])
    assert {key: reported[0][key] for key in seen} == seen


PRINTED = """
from autograder.marking import Call, Criterion, Task

def report(n):
    return "".join(f"{k}\\n" for k in range(n))

TASKS = [Task(report, [Criterion("lines", points=1, calls=lambda rng: [Call(2)])])]
"""


def test_a_function_of_several_lines_is_shown_with_what_it_does(tmp_path: Path) -> None:
    """What is called is no function of theirs: to be pasted, it comes along."""
    (tmp_path / "reference.py").write_text(PRINTED, "utf-8")
    (tmp_path / "ps1.ipynb").write_text(json.dumps(notebook()), "utf-8")
    (task,) = load_week(tmp_path).tasks
    text = as_text(verdict(task, "def report(n): pass"), task)
    assert "call:     printed(2)\n" in text
    assert "to paste: import contextlib" in text
    *lines, call = Question.of(task.draw(0)[0], task).typed.splitlines()
    namespace: Json = {}
    exec("\n".join([REPORT, *lines, f"came = {call}"]), namespace)
    assert namespace["came"] == "0\n1\n"


def test_the_guide_names_every_form(tmp_path: Path) -> None:
    """Each of the six tasks, and two adapters more."""
    of_tasks = {"test_estimate_pi", "test_Line", "test_best_lr"}
    assert set(HIDDEN) == of_tasks | {"test_report", "test_plot_descent"}
