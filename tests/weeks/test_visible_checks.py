"""What the visible checks say and what the hidden tests decide go by the same tolerance."""

from __future__ import annotations

import ast
import contextlib
import io
from typing import Any

import nbformat
import numpy as np
import pytest
import torch
from conftest import ROOT
from corpus import COURSE, drawn, week_of
from examples import judged
from matplotlib import pyplot as plt
from matplotlib import rc_context

from autograder.observation.naming import named_parameters
from autograder.submissions.cells import grade_id_of


def nudges_in_place(f: Any, v: np.ndarray, h: float = 1e-5) -> list[float]:
    """Forth, back, and back to where it was, but for rounding."""
    gradient = []
    for k in range(2):
        v[k] += h
        up = f(v)
        v[k] -= 2 * h
        gradient.append((up - f(v)) / (2 * h))
        v[k] += h
    return gradient


def test_an_argument_that_is_put_back_to_rounding_has_not_changed() -> None:
    """Full points, and the check below agrees."""
    there = np.array([1.0, 2.0])
    nudges_in_place(lambda v: v[0] ** 3 * v[1], there, 0.1)
    assert there.tolist() != [1.0, 2.0]
    task = week_of("week3_descent_2d").task("numerical_gradient")
    assert judged(task, nudges_in_place).score == task.points
    path = ROOT / "release" / "week3_descent_2d" / "descent_2d.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    names: dict[str, Any] = {
        "np": np,
        "torch": torch,
        "plt": plt,
        "numerical_gradient": nudges_in_place,
    }
    with contextlib.redirect_stdout(io.StringIO()) as said, rc_context():
        for cell in cells:
            helps = "def numbers(" in cell.source or "def surface(" in cell.source
            if grade_id_of(cell) == "test_numerical_gradient" or helps:
                exec(cell.source, names)
    assert "the visible checks pass" in said.getvalue()


@pytest.mark.parametrize("week", COURSE.week_names)
def test_a_reference_has_the_parameters_of_the_stub(week: str) -> None:
    """So the grader knows what who calls by name means, as the visible checks do."""
    text = week_of(week).text.read_text("utf-8")
    stubs = {
        node.name: node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)
    }
    for task in week_of(week).tasks:
        named = [argument.arg for argument in stubs[task.name].args.args]
        assert named_parameters(task.reference) == named


@pytest.mark.parametrize(
    ("place", "positions"),
    [(("week1_slopes", "grid_slope"), [0]), (("week3_descent_2d", "surface_grid"), [1, 2])],
)
@pytest.mark.parametrize("seed", range(5))
def test_what_increases_by_the_text_increases(
    place: tuple[str, str], positions: list[int], seed: int
) -> None:
    """Who puts it in order, or looks it up by bisection, is right to do so."""
    for call in drawn(*place, seed):
        assert all(np.all(np.diff(call.arguments[k]) > 0) for k in positions)
