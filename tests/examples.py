"""Small tasks that the unit tests share, and strategies that attack them.

Every task is of a kind that the course has: by autograd, by a finite
difference, on arrays that must stay as they are, in two dimensions, by linear
algebra. They are cheap, so that thousands of verdicts fit in a second.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from autograder.marking import derivative
from autograder.marking.calls import Call
from autograder.marking.criteria import Criterion, Mistake
from autograder.marking.judge import Verdict, judge
from autograder.marking.task import Task
from autograder.observation.functions import Function
from autograder.observation.observe import observe_call

#: Deterministic, so that a failure on one machine is a failure on all.
quick = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
thorough = settings(quick, max_examples=100)


# --- Tasks ---------------------------------------------------------------------------------


def descend(f, x0, lr, n_steps):
    """Reference by autograd: the start and the point after every step."""
    path = [float(x0)]
    for _ in range(n_steps):
        x = torch.tensor(path[-1], dtype=torch.float64, requires_grad=True)
        (slope,) = torch.autograd.grad(f(x), x)
        path.append(path[-1] - lr * slope.item())
    return np.array(path)


def walk(x0, n_steps, step):
    """The start and n_steps points, as a list."""
    path = [float(x0)]
    for _ in range(n_steps):
        path.append(float(step(path[-1])))
    return path


def climb(f, x0, lr, n_steps):
    return walk(x0, n_steps, lambda x: x + lr * derivative(f, x))


def stop_one_short(f, x0, lr, n_steps):
    return walk(x0, max(n_steps - 1, 0), lambda x: x - lr * derivative(f, x))


def take_two_x(f, x0, lr, n_steps):
    return walk(x0, n_steps, lambda x: x - lr * 2 * x)


def bumpy(rng):
    """A valley with bumps, whose slope is not 2x."""
    a, b = np.round(rng.uniform([0.6, 1.2], [0.9, 1.6]), 2)
    return Function(f"{a}*x**2 + 0.5*sin({b}*x)")


def first_steps(rng):
    return [
        Call(bumpy(rng), float(np.round(rng.uniform(1, 2), 2)), 0.3, 1),
        Call(bumpy(rng), float(np.round(rng.uniform(-2, -1), 2)), 0.2, 1),
    ]


def longer_walks(rng):
    return [
        Call(bumpy(rng), float(np.round(rng.uniform(1, 2), 2)), 0.25, int(rng.integers(3, 6))),
        Call(bumpy(rng), torch.tensor(-1.5, dtype=torch.float64), -0.1, 3),
    ]


DESCEND = Task(
    reference=descend,
    criteria=[
        Criterion("the first step", points=3, calls=first_steps),
        Criterion("a longer walk", points=4, calls=longer_walks),
    ],
    mistakes=[
        Mistake("climbs", "The gradient points uphill; step against it.", climb),
        Mistake("one step short", "One point is missing; count the start as well.", stop_one_short),
        Mistake("slope of x²", "The slope is 2x for x² only; use f.", take_two_x),
    ],
)


def secant(f, x, h):
    """Reference by finite differences."""
    return (f(x + h) - f(x - h)) / (2 * h)


def secants(rng):
    f = Function(f"x**3 + {rng.integers(2, 5)}*x", refuses_tensors=True)
    return [
        Call(f, float(np.round(rng.uniform(0.5, 2), 2)), 0.25),
        Call(f, np.round(rng.uniform(-2, 2, size=3), 2), 0.5),
    ]


SECANT = Task(
    reference=secant,
    criteria=[Criterion("any point and step", points=2, calls=secants)],
    mistakes=[
        Mistake("forward", "Step back as well.", lambda f, x, h: (f(x + h) - f(x)) / h),
        Mistake("ignores h", "Use the h you are given.", lambda f, x, h: derivative(f, x)),
    ],
    precision="float64",
    library="np",
)


def scale(x, factor):
    """Reference on floats and arrays: nothing but a product."""
    return x * factor


def numbers(rng):
    return [Call(float(rng.integers(2, 9)), 3.0), Call(float(rng.integers(2, 9)), 0.5)]


def arrays(rng):
    return [Call(np.array([1.0, -2.0, float(rng.integers(3, 9))]), 3.0)]


def scale_in_place(x, factor):
    x *= factor
    return x


def scale_floats_only(x, factor):
    return float(x) * factor


SCALE = Task(
    reference=scale,
    criteria=[
        Criterion("numbers", points=2, calls=numbers),
        Criterion("arrays stay as they are", points=1, calls=arrays, untouched=True),
    ],
    mistakes=[
        Mistake("adds", "The factor multiplies.", lambda x, factor: x + factor),
        Mistake("forgets the factor", "It comes back as it was.", lambda x, factor: x),
        Mistake("in place", "Work on a copy.", scale_in_place),
        Mistake("floats only", "Leave out float().", scale_floats_only),
    ],
)


def roll(f, start, lr, beta, n_steps):
    """Reference in two dimensions: descent with momentum, shape (n_steps + 1, 2)."""
    path, velocity = [np.array(start, dtype=float)], np.zeros(2)
    for _ in range(n_steps):
        v = torch.tensor(path[-1], requires_grad=True)
        (slopes,) = torch.autograd.grad(f(v), v)
        velocity = beta * velocity + slopes.numpy()
        path.append(path[-1] - lr * velocity)
    return np.array(path)


def rolls(rng):
    f = Function(f"v[0]**2 + {rng.integers(2, 4)}*v[1]**2 + sin(v[0]*v[1])")
    return [Call(f, np.round(rng.uniform(0.5, 1.5, size=2), 2), 0.1, 0.5, n) for n in (0, 1, 4)]


ROLL = Task(
    reference=roll,
    criteria=[Criterion("rolls on", points=5, calls=rolls, untouched=True)],
    mistakes=[
        Mistake("no momentum", "Keep the velocity.", lambda f, v, lr, b, n: roll(f, v, lr, 0, n)),
        Mistake("transposed", "A row for each point.", lambda *args: roll(*args).T),
    ],
)


def newton_step(hessian, slope, point):
    """Reference by linear algebra."""
    return point - np.linalg.solve(hessian, slope)


def bowls(rng):
    off = float(np.round(rng.uniform(0.3, 0.8), 2))
    hessian = np.array([[3.0, off], [off, 2.0]])
    return [Call(hessian, *np.round(rng.uniform(1, 2, size=(2, 2)), 2)) for _ in range(2)]


NEWTON = Task(
    reference=newton_step,
    criteria=[Criterion("one step", points=2, calls=bowls)],
    mistakes=[Mistake("plus", "Step against it.", lambda H, g, v: v + np.linalg.solve(H, g))],
)

TASKS = [DESCEND, SECANT, SCALE, ROLL, NEWTON]


def judged(task: Task, function: Callable[..., Any], seed: int = 0) -> Verdict:
    """The verdict on `function`, observed as it would be in a kernel."""
    calls = task.draw(seed)
    return judge(task, calls, [observe_call(function, call.to_json()) for call in calls])


# --- What an adversary may send ------------------------------------------------------------


def nested(depth: int) -> list[Any]:
    """Lists in lists, deeper than recursion goes."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from([10**400, -(2**63), 2**64, "nan", "inf", "-inf", "\ud800", "<script>"])
)
any_json = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=10,
)
#: The keys of an observation, with values of any type: some right, most wrong.
forged = any_json | st.fixed_dictionaries(
    {},
    optional={
        "shape": any_json | st.lists(st.integers(-1, 4), max_size=9) | st.just([2**62, 4]),
        "values": any_json | st.lists(st.floats() | st.just("nan") | st.integers(), max_size=9),
        "error": any_json
        | st.fixed_dictionaries({"type": st.just("TypeError") | any_json}, optional={})
        | st.fixed_dictionaries({"type": any_json, "message": any_json, "line": any_json}),
        "text": any_json,
        "nothing": any_json,
        "unsupported": any_json,
        "singletons": any_json,
        "parts": any_json | st.lists(st.fixed_dictionaries({"values": any_json}), max_size=3),
        "set": any_json,
        "bare": any_json | st.lists(st.text(max_size=3), max_size=3),
        "entries": any_json | st.dictionaries(st.text(max_size=3), any_json, max_size=3),
        "mutated": any_json,
        "evaluations": any_json,
        "seconds": any_json,
    },
)
