"""A formula as mathematics says what the formula says."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest
from conftest import ROOT
from examples import quick
from hypothesis import given
from hypothesis import strategies as st

from autograder.feedback.formulas import as_mathml
from autograder.grading.course import Course
from autograder.observation.functions import ELEMENTARY, Function

COURSE = Course(ROOT)


def read(element: ElementTree.Element) -> str:
    """MathML as a reader takes it, as Python: each element holds its own content together."""
    inside = [read(child) for child in element]
    match element.tag:
        case "math":
            return inside[0].split("=", 1)[1]
        case "mrow" | "msqrt":
            row = re.sub(r"(?<=[\w)])(?=\*|\()", "", "".join(inside))
            return f"sqrt({row})" if element.tag == "msqrt" else row
        case "mfrac":
            return f"(({inside[0]})/({inside[1]}))"
        case "msup":
            return f"power({inside[0]},{inside[1]})"
        case "msub":
            return f"{inside[0]}[{inside[1]}]"
        case "msubsup":
            return f"power({inside[0]}[{inside[1]}],{inside[2]})"
        case "mspace":
            return "*"
    return (element.text or "").replace("−", "-").replace("·", "*")


def value(formula: str, point: float | tuple[float, float]) -> float:
    """What a reader of its mathematics gets at a point."""
    function = Function(formula)
    text = read(ElementTree.fromstring(as_mathml("f", function)))
    names = {name: getattr(math, name) for name in ELEMENTARY}
    return float(
        eval(text.split("=")[-1], {**names, "power": pow, "e": math.e, function.variable: point})
    )


atoms = st.sampled_from(["x", "2", "0.5", "3.25"])
#: Bounded, so that nothing overflows.
formulas = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})"),
        inner.map(lambda u: f"-({u})"),
        inner.map(lambda u: f"({u})**2"),
        inner.map(lambda u: f"sin({u})"),
        inner.map(lambda u: f"exp(-(({u})**2))"),
        inner.map(lambda u: f"sqrt(1 + ({u})**2)"),
        inner.map(lambda u: f"x / (1 + ({u})**2)"),
    ),
    max_leaves=6,
).map(lambda u: f"x + ({u})")


@quick
@given(formulas, st.floats(-1.5, 1.5))
def test_no_bracket_is_missing(formula: str, x: float) -> None:
    """Read as mathematics it has the value that it has as Python."""
    if len(formula) > 400:
        return
    right = float(Function(formula)(x))
    if abs(right) < 1e12:
        assert value(formula, x) == pytest.approx(right, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("week", ["week2_descent", "week3_descent_2d", "week4_curvature"])
def test_every_function_of_the_course_is_read_right(week: str) -> None:
    """Those that the hidden tests ask about."""
    found = set()
    for task in COURSE.week(week).tasks:
        for call in task.draw(0):
            found |= {a.formula for a in call.arguments if isinstance(a, Function)}
    assert found
    for formula in found:
        point = (0.7, 1.2) if "v[" in formula else 0.7
        assert value(formula, point) == pytest.approx(float(Function(formula)(point)), rel=1e-12)


def test_a_power_of_a_coordinate_stands_beside_its_index() -> None:
    """As on paper, one above the other."""
    squared = "<msubsup><mi>v</mi><mn>0</mn><mn>2</mn></msubsup>"
    assert squared in as_mathml("f", Function("v[0]**2 + v[1]"))


def test_one_times_something_is_that() -> None:
    """A factor may be drawn as 1.0, which nobody writes."""
    assert as_mathml("f", Function("1.0*v[0] - 1.0*v[1]")) == as_mathml(
        "f", Function("v[0] - v[1]")
    )
