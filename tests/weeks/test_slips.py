"""Slips in weeks 4 to 6: two at once, what one costs, and what only some calls show."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from corpus import Answer, drawn, observed, week_of

from autograder.marking.judge import Verdict, judge
from autograder.observation.observe import observe_call

SEED = 3

#: A walk as a student writes it, by week and task, with places for its step and its record.
CODES = {
    ("week4_curvature", "newton"): """
def newton(f, v0, n_steps):
    x, total = torch.tensor(v0, dtype=torch.float64), 0
    path = {first}
    for _ in range({count}):
        leaf = x.detach().requires_grad_()
        (g,) = torch.autograd.grad(f(leaf), leaf)
        total = total + g
        H = torch.autograd.functional.hessian(f, x)
        {step}
        path.append(x)
    return torch.stack(path) if path else torch.zeros((0, 2))
""",
    ("week4_curvature", "momentum_descent"): """
def momentum_descent(f, v0, lr, beta, n_steps):
    x, total, u = torch.tensor(v0, dtype=torch.float64), 0, 0
    path = {first}
    for _ in range({count}):
        leaf = x.detach().requires_grad_()
        (g,) = torch.autograd.grad(f(leaf), leaf)
        total = total + g
        {step}
        path.append(x)
    return torch.stack(path) if path else torch.zeros((0, 2))
""",
    ("week5_jax", "gradient_descent_jax"): """
def gradient_descent_jax(f, x0, lr, n_steps):
    x, total = jnp.asarray(x0, dtype=float), 0
    path = {first}
    for _ in range({count}):
        g = jax.grad(f)(x)
        total = total + g
        {step}
        path.append(x)
    return jnp.stack(path) if path else jnp.zeros((0, *x.shape))
""",
}
STEPS = {
    "newton": {
        "plus sign": "x = x + torch.linalg.solve(H, g)",
        "accumulates gradients": "x = x - torch.linalg.solve(H, total)",
        "damped": "x = x - 0.5 * torch.linalg.solve(H, g)",
        "": "x = x - torch.linalg.solve(H, g)",
    },
    "momentum_descent": {
        "climbs": "u = beta * u + g; x = x + lr * u",
        "accumulates gradients": "u = beta * u + total; x = x - lr * u",
        "ignores lr": "u = beta * u + g; x = x - 0.1 * u",
        "": "u = beta * u + g; x = x - lr * u",
    },
    "gradient_descent_jax": {
        "climbs": "x = x + lr * g",
        "accumulates gradients": "x = x - lr * total",
        "ignores lr": "x = x - 0.1 * g",
        "": "x = x - lr * g",
    },
}
RECORDS = {
    "start missing": ("[]", "n_steps"),
    "one step short": ("[x]", "n_steps - 1"),
    "one step too many": ("[x]", "n_steps + 1"),
}
WRITTEN = [
    (week, task, step, record)
    for (week, task) in CODES
    for step, record in product(STEPS[task], RECORDS)
]


def verdict_on(week: str, task: str, code: str) -> Verdict:
    if skipped := week_of(week).skipped:
        pytest.skip(skipped)
    notes = week_of(week).task(task)
    calls = drawn(week, task, SEED)
    return judge(notes, calls, observed(Answer(week, "mistake", task, "", "", code), calls))


@pytest.mark.parametrize(("week", "task", "step", "record"), WRITTEN)
def test_a_wrong_step_and_a_wrong_record_are_both_named(
    week: str, task: str, step: str, record: str
) -> None:
    """And a wrong record alone costs 2 points, though it spoils every call."""
    first, count = RECORDS[record]
    code = CODES[week, task].format(first=first, count=count, step=STEPS[task][step])
    verdict = verdict_on(week, task, code)
    assert {mistake.name for mistake in verdict.mistakes} == {step, record} - {""}
    if not step:
        assert verdict.score == verdict.points - 2


def test_a_path_of_numbers_is_for_numbers_as_a_start() -> None:
    """It fails for points and under jit; that has nothing to do with an earlier call."""
    verdict = verdict_on(
        "week5_jax",
        "gradient_descent_jax",
        """
def gradient_descent_jax(f, x0, lr, n_steps):
    path = np.zeros(n_steps + 1)
    path[0] = x0
    for k in range(n_steps):
        path[k + 1] = path[k] - lr * jax.grad(f)(path[k])
    return path
""",
    )
    assert [mistake.name for mistake in verdict.mistakes] == ["only numbers as a start"]


#: Slopes and curvatures by differences, for tasks that ask for autograd.
DIFFERENCES = """
def slope(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)

def gradient(f, v, h=1e-5):
    return np.array([(f(v + d) - f(v - d)) / (2 * h) for d in h * np.eye(2)])

def curvature(f, v, h=1e-4):
    return np.array([(gradient(f, v + d) - gradient(f, v - d)) / (2 * h) for d in h * np.eye(2)])

def walk(step, x, n):
    path = [x]
    for _ in range(n):
        path.append(step(path[-1]))
    return path
"""
BY_DIFFERENCES = {
    ("week1_slopes", "autograd_slope"): "autograd_slope = slope",
    ("week2_descent", "gradient_descent"):
        "gradient_descent = lambda f, x, lr, n: walk(lambda x: x - lr * slope(f, x), x, n)",
    ("week3_descent_2d", "gradient_descent_2d"):
        "gradient_descent_2d = lambda f, v, lr, n: walk(lambda v: v - lr * gradient(f, v), v, n)",
    ("week3_descent_2d", "gradient_field"):
        "gradient_field = lambda f, X, Y: (slope(lambda x: f([x, Y]), X),"
        " slope(lambda y: f([X, y]), Y))",
    ("week4_curvature", "hessian"): "hessian = curvature",
    ("week4_curvature", "newton"):
        "newton = lambda f, v, n: walk("
        "lambda v: v - np.linalg.solve(curvature(f, v), gradient(f, v)), v, n)",
    ("week4_curvature", "momentum_descent"):
        "def momentum_descent(f, v, lr, beta, n):\n    u, path = 0, [v]\n"
        "    for _ in range(n):\n        u = beta * u + gradient(f, v)\n"
        "        v = v - lr * u\n        path.append(v)\n    return path",
}  # fmt: skip


@pytest.mark.parametrize(("week", "task"), BY_DIFFERENCES)
def test_differences_are_not_autograd(week: str, task: str) -> None:
    """Nor is the function of the first task; what is to be used is said."""
    verdict = verdict_on(week, task, DIFFERENCES + BY_DIFFERENCES[week, task])
    assert verdict.score is not None
    assert verdict.score <= verdict.points / 2
    (mistake,) = verdict.mistakes
    assert "autograd" in mistake.hint


#: How many arguments each task takes, those of the function that it hands back among them.
ASKED = {
    ("week4_curvature", "hessian"): 2,
    ("week4_curvature", "newton"): 3,
    ("week4_curvature", "momentum_descent"): 5,
    ("week5_jax", "slope"): 2,
    ("week5_jax", "slopes"): 2,
    ("week5_jax", "gradient_descent_jax"): 4,
    ("week5_jax", "hessian_of"): 2,
    ("week6_kalman", "fuse"): 4,
    ("week6_kalman", "newton_fuse"): 5,
    ("week6_kalman", "predict"): 4,
    ("week6_kalman", "kalman_1d"): 5,
}


def key(argument: Any) -> Any:
    return str(argument.tolist()) if hasattr(argument, "tolist") else argument


def kept(right: Callable[..., Any], count: int, chosen: Callable[[int], bool]) -> Any:
    """Looks up results by some of its arguments only."""
    results: dict[Any, Any] = {}

    def asked(function: Callable[..., Any], before: tuple[Any, ...]) -> Any:
        def code(*arguments: Any) -> Any:
            given = before + arguments
            if len(given) < count:
                return asked(function(*arguments), given)
            by = tuple(key(argument) for k, argument in enumerate(given) if chosen(k))
            if by not in results:
                results[by] = function(*arguments)
            return results[by]

        return code

    return asked(right, ())


def spoilt(right: Callable[..., Any], change: Callable[[Any], Any]) -> Any:
    def code(*arguments: Any) -> Any:
        result = right(*arguments)
        if callable(result):
            return spoilt(result, change)
        return tuple(map(change, result)) if isinstance(result, tuple) else change(result)

    return code


@pytest.mark.parametrize(("week", "task"), ASKED)
def test_what_is_remembered_clipped_or_rounded_loses_points(week: str, task: str) -> None:
    """By one argument alone or by all but one; however wide the range; down to four decimals."""
    if skipped := week_of(week).skipped:
        pytest.skip(skipped)
    notes, count = week_of(week).task(task), ASKED[week, task]
    right = notes.reference
    wrong = {f"by {k}": kept(right, count, lambda i, k=k: i == k) for k in range(count)}
    wrong |= {f"without {k}": kept(right, count, lambda i, k=k: i != k) for k in range(count)}
    if task == "newton_fuse":
        del wrong["without 0"]  # the start makes no difference
    for most in (10, 100, 1000):
        wrong[f"clip {most}"] = spoilt(right, lambda x, most=most: np.clip(x, -most, most))
    for digits in (2, 3, 4):
        wrong[f"round {digits}"] = spoilt(right, lambda x, d=digits: np.round(np.asarray(x), d))
    calls = drawn(week, task, SEED)
    questions = [{k: v for k, v in c.to_json().items() if k != "jit"} for c in calls]
    for name, code in wrong.items():
        verdict = judge(notes, calls, [observe_call(code, question) for question in questions])
        assert verdict.score is not None
        assert verdict.score < verdict.points, name
