"""Slopes and curvatures of formulas, against autograd, far out, and in single precision."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from autograder.marking import Function, curvature, derivative, gradient
from autograder.observation.formulas import ELEMENTARY
from autograder.observation.functions import RoundedFunction

#: Each elementary function of an inner one, each operation with either side constant or not.
SURFACES = [
    *(f"{name}(0.3*v[0]*v[1] + 0.7)" for name in ELEMENTARY),
    "v[0] - v[1]",
    "3 - v[0]*v[1]",
    "v[1] - (v[0] - 2)",
    "-v[0]**2 + +v[1]",
    "2 / v[0] + v[1] / 3",
    "v[0] / v[1]",
    "v[0]**3 * v[1]**-2",
    "v[0]**0.5 + 2**v[1]",
    "v[0]**v[1]",
    "v[0]*(v[1] + 1)*v[0]",
    "sqrt(1 + v[0]**2) * exp(-v[1]) / (1 + cos(v[0])**2)",
    "v[1]**2",
]


@pytest.mark.parametrize("formula", SURFACES)
def test_slopes_and_curvatures_are_those_of_autograd(formula: str) -> None:
    """In every rule, to the last digits; whatever f refuses."""
    f = Function(formula)
    place = torch.tensor([1.3, 0.6], dtype=torch.float64, requires_grad=True)
    (grad,) = torch.autograd.grad(f(place), place)
    slopes, bends = grad.numpy(), torch.autograd.functional.hessian(f, place).numpy()
    point = place.detach().numpy()
    for given in (f, Function(formula, only_tensors=True), f.reordered()):
        assert gradient(given, point) == pytest.approx(slopes, rel=1e-12, abs=1e-12)
        assert curvature(given, point) == pytest.approx(bends, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("formula", "x"), [("exp({})", 800.0), ("cosh({})", 800.0), ("1/({0} - {0})", 2.0)]
)
def test_where_plain_numbers_raise_slopes_go_on_as_in_numpy(formula: str, x: float) -> None:
    """With inf or nan, and no error, on a line and in the plane."""
    on_a_line = Function(formula.format("x"))
    in_the_plane = Function(formula.format("v[0]"), only_tensors=True)
    with np.errstate(all="ignore"):
        assert not np.isfinite(derivative(on_a_line, x))
        assert not np.isfinite(gradient(in_the_plane, [x, 1.0])[0])
        assert not np.isfinite(curvature(in_the_plane, [x, 1.0])[0, 0])


def test_a_slope_is_a_number_of_numpy_whatever_the_way() -> None:
    """Dividing by it, where it is 0, is no error."""
    steep: Any = derivative(Function("x**2"), 0.0)
    with np.errstate(all="ignore"):
        assert np.isinf(1 / steep)


def test_in_single_precision_slopes_and_curvatures_have_that_precision() -> None:
    """Neither exact nor far off: differences of slopes would lose half the digits."""
    formula, place = "exp(0.5*v[0] - 0.8*v[1]) + sin(v[0]*v[1])", [0.7, -1.2]
    exact, rounded = Function(formula), RoundedFunction(formula)
    for slope in (gradient, curvature):
        apart = np.abs(slope(rounded, place) - slope(exact, place)).max()
        assert 0 < apart < 1e-5


def test_a_function_of_another_precision_is_another_function() -> None:
    """What is remembered of one is no answer for the other."""
    assert RoundedFunction("x**2") != Function("x**2")
    assert RoundedFunction("x**2") == RoundedFunction("x**2")
    assert len({RoundedFunction("x**2"), Function("x**2"), Function("x**2")}) == 2
