"""Two weeks of another course, written from the guide: ready, and graded as they should be."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import ROOT

from autograder.commands.check import check_week
from autograder.commands.notebooks import build
from autograder.commands.sync import sync_course
from autograder.feedback.words import as_text
from autograder.grading.course import Course, Week, load_week
from autograder.marking.judge import Verdict, judge
from autograder.observation.serving import serve
from autograder.submissions.cells import grade_id_of
from autograder.submissions.hidden import adapter

EXAMPLES = ROOT / "examples" / "weeks"
WEEKS = ("week7_sgd", "week8_mlp")
HEAD = "import numpy as np\nimport torch\nfrom torch import nn\n"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def weeks() -> dict[str, Week]:
    return {name: load_week(EXAMPLES / name) for name in WEEKS}


def cells(week: Week) -> dict[str, str]:
    """The sources of the week's graded cells."""
    notebook = nbformat.reads(build(week.text.read_text("utf-8")), as_version=4)
    return {grade_id_of(cell): cell.source for cell in notebook.cells if grade_id_of(cell)}


def verdict(week: Week, name: str, code: str) -> Verdict:
    """What a student with the right solutions, and then this code, gets for a task."""
    sources = cells(week)
    namespace: Json = {}
    solutions = [sources[task] for task in week.task_names]
    exec("\n".join([HEAD, *solutions, code]), namespace)
    calls, reported = week.task(name).draw(5), list[Json]()
    hidden = adapter(sources[f"test_{name}"], name)
    serve(namespace, name, [c.to_json() for c in calls], 20.0, reported.append, hidden=hidden)
    seen: list[Any] = [None] * len(calls)
    for report in json.loads(json.dumps(reported)):
        seen[report["index"]] = report
    return judge(week.task(name), calls, seen)


def patched(name: str, old: str, new: str) -> str:
    """The solution with one thing changed, as code."""
    week = load_week(
        EXAMPLES / next(w for w in WEEKS if name in load_week(EXAMPLES / w).task_names)
    )
    source = cells(week)[name]
    assert old in source, (name, old)
    return source.replace(old, new)


RIGHT = [
    ("week7_sgd", "predict", "predict = lambda x, intercept, slope: slope * x + intercept"),
    ("week7_sgd", "predict", "def predict(x, intercept, slope):\n    return np.polyval([slope, intercept], x)"),
    ("week7_sgd", "mse", "def mse(x, y, intercept, slope):\n    return sum((intercept + slope * a - b) ** 2 for a, b in zip(x, y)) / len(x)"),
    ("week7_sgd", "mse", "def mse(x, y, intercept, slope):\n    e = torch.tensor(y) - intercept - slope * torch.tensor(x)\n    return e.square().mean()"),
    ("week7_sgd", "sgd", patched("sgd", "np.array(path)", "list(path)")),
    ("week7_sgd", "sgd", patched("sgd", "np.array(path)", "torch.tensor(np.array(path))")),
    ("week7_sgd", "sgd", patched("sgd", "error = predict(x[i], a, b) - y[i]", "error = np.float32(a + b * x[i] - y[i])")),
    ("week7_sgd", "loss_grid", "def loss_grid(x, y, intercepts, slopes):\n    A, B = np.meshgrid(intercepts, slopes)\n    return ((A[..., None] + B[..., None] * x - y) ** 2).mean(-1)"),
    ("week7_sgd", "loss_grid", "def loss_grid(x, y, intercepts, slopes):\n    return [[mse(x, y, a, b) for a in intercepts] for b in slopes]"),
    ("week7_sgd", "loss_grid", "def loss_grid(x, y, intercepts, slopes):\n    return np.vectorize(lambda b, a: mse(x, y, a, b))(slopes[:, None], intercepts[None])"),
    ("week8_mlp", "forward", patched("forward", "np.tanh(X @ W1 + b1) @ W2 + b2", "torch.tanh(torch.tensor(X @ W1 + b1)) @ torch.tensor(W2) + torch.tensor(b2)")),
    ("week8_mlp", "forward", patched("forward", "np.tanh(X @ W1 + b1)", "(2 / (1 + np.exp(-2 * (X @ W1 + b1))) - 1)")),
    ("week8_mlp", "forward", "def forward(parameters, X):\n    W1, b1, W2, b2 = parameters\n    return [[float(np.tanh(row @ W1 + b1) @ W2[:, 0] + b2[0])] for row in X]"),
    ("week8_mlp", "gradients", patched("gradients", "return [X.T @ D, D.sum(axis=0), H.T @ E, E.sum(axis=0)]", "return X.T @ D, D.sum(0), H.T @ E, E.sum(0)")),
    ("week8_mlp", "gradients", "def gradients(parameters, X, y):\n    p = [torch.tensor(a, requires_grad=True) for a in parameters]\n    out = torch.tanh(torch.tensor(X) @ p[0] + p[1]) @ p[2] + p[3]\n    ((out - torch.tensor(y)) ** 2).mean().backward()\n    return [a.grad for a in p]"),
    ("week8_mlp", "gradients", patched("gradients", "(1 - H**2)", "(1 - np.tanh(X @ W1 + b1) ** 2)")),
    ("week8_mlp", "MLP", "class MLP:\n    def __init__(self, parameters): self.p = [torch.tensor(a).float() for a in parameters]\n    def __call__(self, X): return torch.tanh(X.float() @ self.p[0] + self.p[1]) @ self.p[2] + self.p[3]"),
    ("week8_mlp", "MLP", "class MLP(nn.Module):\n    def __init__(self, parameters):\n        super().__init__()\n        self.p = parameters\n    def forward(self, X):\n        return torch.tensor(forward(self.p, X.numpy()))"),
    ("week8_mlp", "train", patched("train", "default_rng(0)", "default_rng(4)")),
    ("week8_mlp", "train", patched("train", "return losses", "return np.array(losses)")),
]  # fmt: skip
WRONG = [
    ("week7_sgd", "predict", "predict = lambda x, intercept, slope: intercept * x + slope", "exchanged"),
    ("week7_sgd", "predict", "predict = lambda x, intercept, slope: None", "returns nothing"),
    ("week7_sgd", "mse", "def mse(x, y, a, b):\n    return ((a + b * x - y) ** 2).sum()", "a sum"),
    ("week7_sgd", "mse", "def mse(x, y, a, b):\n    return abs(a + b * x - y).mean()", "not squared"),
    ("week7_sgd", "sgd", patched("sgd", "a - lr * 2 * error, b - lr", "a + lr * 2 * error, b + lr"), "climbs"),
    ("week7_sgd", "sgd", patched("sgd", "rng.integers(len(x))", "_ % len(x)"), "in order"),
    ("week7_sgd", "sgd", patched("sgd", "2 * error * x[i]", "2 * error"), "without x"),
    ("week7_sgd", "sgd", patched("sgd", '"loss": [mse', '"losses": [mse').replace('("loss", mse', '("losses", mse'), 'misses the key "loss"'),
    ("week7_sgd", "sgd", patched("sgd", "np.array(path)", "path[1:]"), "the start is missing"),
    ("week7_sgd", "loss_grid", patched("loss_grid", "np.array([[mse(x, y, a, b) for a in intercepts] for b in slopes])", "np.array([[mse(x, y, a, b) for b in slopes] for a in intercepts])"), "rows and columns"),
    ("week8_mlp", "forward", patched("forward", "np.tanh(X @ W1 + b1)", "(X @ W1 + b1)"), "no tanh"),
    ("week8_mlp", "forward", patched("forward", " @ W2 + b2", " @ W2"), "a bias is missing"),
    ("week8_mlp", "forward", "def forward(parameters, X):\n    raise ValueError('shapes')", "ValueError"),
    ("week8_mlp", "gradients", patched("gradients", " * (1 - H**2)", ""), "slope of the tanh"),
    ("week8_mlp", "gradients", patched("gradients", " / len(X)", ""), "instead of a mean"),
    ("week8_mlp", "gradients", patched("gradients", "H.T @ E", "E.T @ H"), "In the gradient by W2: The shape should be"),
    ("week8_mlp", "gradients", patched("gradients", ", E.sum(axis=0)]", "]"), "should hold 4 items, but holds 3"),
    ("week8_mlp", "MLP", "class MLP:\n    pass", "TypeError"),
    ("week8_mlp", "train", patched("train", "part - lr", "part + lr"), "should be below 0.1"),
    ("week8_mlp", "train", patched("train", "return losses", "return losses[1:]"), "201 numbers"),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(RIGHT)))
@pytest.mark.filterwarnings("ignore")
def test_a_right_code_earns_everything(weeks: dict[str, Week], case: int) -> None:
    """Ten of each week, each written otherwise."""
    name, task, code = RIGHT[case]
    found = verdict(weeks[name], task, code)
    assert found.score == found.points, as_text(found, weeks[name].task(task))


@pytest.mark.parametrize("case", range(len(WRONG)))
@pytest.mark.filterwarnings("ignore")
def test_a_wrong_code_does_not_and_is_told_why(weeks: dict[str, Week], case: int) -> None:
    """Ten of each week: by the mistake's name, or at its place."""
    name, task, code, said = WRONG[case]
    found = verdict(weeks[name], task, code)
    text = as_text(found, weeks[name].task(task))
    assert found.score is not None, text
    assert found.score < found.points
    assert said in text


@pytest.mark.parametrize("name", WEEKS)
def test_the_marking_notes_are_short(name: str) -> None:
    """Under 150 lines."""
    assert len((EXAMPLES / name / "reference.py").read_text("utf-8").splitlines()) < 150


@pytest.mark.kernel
@pytest.mark.parametrize("name", WEEKS)
def test_the_week_is_ready(name: str, tmp_path: Path) -> None:
    """By `autograder check`, once its files are generated."""
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    for each in WEEKS:
        shutil.copytree(EXAMPLES / each, tmp_path / "source" / each)
    assert sync_course(tmp_path, name) == 0
    assert [text for _, texts in check_week(Course(tmp_path), name) for text in texts] == []
