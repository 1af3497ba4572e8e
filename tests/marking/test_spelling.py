"""A call is spelled as a student would type it, whatever is handed over in the function's place."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.marking.calls import Call
from autograder.marking.spelling import filled


@pytest.mark.parametrize(
    ("handed", "call", "typed"),
    [
        ("lambda a, b, x: Line(a, b).at(x)", Call(1.0, -2.0, [0.5]), "Line(1.0, -2.0).at([0.5])"),
        ("lambda: best_lr", Call(), "best_lr"),
        ("lambda x: x.size", Call(-1.5), "(-1.5).size"),
        ("lambda x: x ** 2 + g(x)", Call(-1.5), "(-1.5) ** 2 + g(-1.5)"),
        ("lambda t, *, k=2: tidy(t, digits=k)", Call([1], k=3), "tidy([1], digits=3)"),
        ("lambda s: list(Stack(s))[-1]", Call("a'b"), 'list(Stack("a\'b"))[-1]'),
        ("lambda a: Line(a).at", Call(2.0).then(3.0), "Line(2.0).at(3.0)"),
        ("lambda x: norm(x)", Call(np.array([1.0])), "norm(np.array([1.0]))"),
        ("lambda n, r: [f(n, r) for _ in 'ab']", Call(7, 3), "[f(7, 3) for _ in 'ab']"),
        ("lambda t: {k: v for k, v in g(t)}", Call({"k": 1}), "{k: v for k, v in g({'k': 1})}"),
    ],
)
def test_a_lambda_is_shown_with_its_arguments_filled_in(
    handed: str, call: Call, typed: str
) -> None:
    """What it computes is what a student can type."""
    assert call.source("task", handed=handed) == typed


@pytest.mark.parametrize(
    ("handed", "typed"),
    [
        ("", "task"),
        ("printed", "printed"),
        ("partial(f, n=3)", "partial(f, n=3)"),
        ("lambda *args: f(*args)", "(lambda *args: f(*args))"),
        ("lambda x, y=1: f(x, y)", "(lambda x, y=1: f(x, y))"),
        ("lambda: f()", "(lambda: f())"),
        ("lambda x: [x for x in x]", "(lambda x: [x for x in x])"),
        ("lambda x: map(lambda x: x, x)", "(lambda x: map(lambda x: x, x))"),
        ("lambda x: (y := x)", "(lambda x: (y := x))"),
        ("lambda x", "task"),
        ("lambda x: " + "(" * 5000, "task"),
    ],
)
def test_what_cannot_be_filled_in_is_shown_being_called(handed: str, typed: str) -> None:
    """A function of several lines, other arguments, names that mean something else inside."""
    assert filled(handed, ["1.0"], {}) == ""
    assert Call(1.0).source("task", handed=handed) == f"{typed}(1.0)"


def test_a_name_that_means_something_inside_is_not_put_in() -> None:
    """The n of the argument is another one than that of the comprehension."""
    handed, f = "lambda f: [f(n) for n in 'ab']", "lambda n: n + 1"
    assert filled(handed, [f], {}) == ""


def test_under_jit_the_function_itself_is_shown() -> None:
    """What is compiled is what was handed over; its arguments are not in it."""
    typed = Call(1.0).jit(0).source("task", handed="lambda x: f(x)")
    assert typed == "jax.jit(task, static_argnums=(0,))(1.0)"
