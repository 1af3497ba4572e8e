"""Formulas: nothing but arithmetic gets in, and what comes out is right everywhere."""

from __future__ import annotations

import json
import sys
import warnings
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from examples import quick
from hypothesis import given
from hypothesis import strategies as st

from autograder.marking import derivative, gradient
from autograder.observation.formulas import ELEMENTARY
from autograder.observation.functions import Function, RoundedFunction

#: Smooth on [0.3, 2], and between them every operator and every elementary function.
FORMULAS = [
    "x",
    "x**2 - 3*sin(x)",
    "-x + 1",
    "+x - -x",
    "1 - (2 - (3 - x))",
    "x/3 - (x - 1)/(x + 1) - 2",
    "2**x + x**0.5 - x**-1",
    "x*(1 - x)*(x - 3) - 4",
    "exp(-x) - log(x) + sqrt(1 + x**2)",
    "sin(x) - cos(x) - tan(x/2)",
    "sinh(x) - cosh(x) + tanh(x - 1)",
    "exp(sin(x - cos(x + 1)) - x)",
]
SURFACES = [
    "v[0]",
    "v[0]**2 - 3*v[0]*v[1] + v[1]",
    "sin(v[0]) - cos(v[1]) - v[0]/v[1]",
    "exp(v[0] - v[1]) + sqrt(v[0] + v[1]) - 1",
]
points = st.floats(0.3, 2)


def pasted(f: Function, library: str = "torch") -> Any:
    return eval(f.source(library), {"np": np, "torch": torch})


# --- What a formula may be -----------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "x.real",
        "x.__class__",
        "().__class__",
        "sin.__globals__",
        "open('/etc/passwd')",
        "__import__('os').system('true')",
        "x()",
        "sin(x)(x)",
        "abs(x)",
        "sin()",
        "sin(x, x)",
        "sin(*x)",
        "sin(x=x)",
        "sin(**x)",
        "x + y",
        "x + v[0]",
        "y",
        "_",
        "__builtins__",
        "3",
        "",
        "   ",
        "sin",
        "[x for x in x]",
        "[x]",
        "(x, x)",
        "{x}",
        "{x: x}",
        "lambda x: x",
        "x if x else x",
        "x and x",
        "not x",
        "~x",
        "x < 1",
        "x == x",
        "x % 2",
        "x // 2",
        "x @ x",
        "x << 9",
        "x | 1",
        "(x := 1)",
        "f'{x}'",
        "'x'",
        "b'x' + x",
        "1j*x",
        "True*x",
        "None + x",
        "... + x",
        "x[0:1]",
        "x[x]",
        "v['a']",
        "v[(0, 1)]",
        "v[0][0][x]",
        "sin(x)[0]",
        "x; x",
        "x = 1",
        "x\nx",
        "import os",
        "await x",
        "*x",
        "x\0",
        "(" * 250 + "x" + ")" * 250,
        "x" * 100_000,
        "x" + "+x" * 100_000,
    ],
)
def test_nothing_but_arithmetic_is_a_formula(text: str) -> None:
    """Whatever is not plain arithmetic is refused with a ValueError, before it is evaluated."""
    with pytest.raises(ValueError, match=r"formula|may be (called|indexed), in"):
        Function(text)


@pytest.mark.parametrize("value", [None, 3, 2.5, b"x", ("x",)])
def test_a_formula_is_a_string(value: Any) -> None:
    """A formula of another type is refused with the same ValueError."""
    with pytest.raises(ValueError, match="a formula is a string"):
        Function(value)


def test_a_formula_that_is_a_list_is_refused_with_a_value_error() -> None:
    """What cannot be hashed is refused like everything else, not with another exception."""
    with pytest.raises(ValueError, match="a formula is a string"):
        Function(["x"])  # type: ignore[arg-type]


def test_a_formula_with_a_lone_surrogate_is_refused() -> None:
    """Text that no encoding can write is a ValueError as well."""
    with pytest.raises(ValueError, match="surrogates"):
        Function("x + \ud800")


@quick
@given(st.text(max_size=40) | st.text("xv[]01+-*/(). sincoexplg", max_size=40))
def test_any_text_is_a_formula_or_a_value_error(text: str) -> None:
    """No text at all raises anything but ValueError, and what is let in holds no attribute."""
    try:
        Function(text)
    except ValueError:
        return
    assert all(name not in text for name in ("__", "import", "lambda", ":="))


def test_a_formula_sees_no_builtins() -> None:
    """Evaluation happens in a namespace of the elementary functions and nothing else."""
    assert set(Function("sin(x)").code.co_names) == {"sin", "x"}
    assert Function("x").variable == "x"
    assert Function("v[0] + v[1]").variable == "v"


def test_what_a_library_imports_while_it_is_evaluated_is_found() -> None:
    """Where a notebook has torch look for anomalies, say."""
    x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    with warnings.catch_warnings(action="ignore"), torch.autograd.set_detect_anomaly(True):
        Function("exp(x) + x**2")(x).backward()
    assert x.grad.item() == pytest.approx(np.e + 2)


# --- Evaluating ----------------------------------------------------------------------------


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_means_the_same_on_floats_arrays_and_tensors(formula: str) -> None:
    """A float, an array and a tensor give the same values, each in its own kind."""
    f, grid = Function(formula), np.linspace(0.3, 2, 7)
    one_by_one = [float(f(float(x))) for x in grid]
    on_array, on_tensor = f(grid), f(torch.from_numpy(grid))
    assert isinstance(on_array, np.ndarray)
    assert isinstance(on_tensor, torch.Tensor)
    assert on_tensor.dtype is torch.float64
    np.testing.assert_allclose(on_array, one_by_one, rtol=1e-13)
    np.testing.assert_allclose(on_tensor.numpy(), one_by_one, rtol=1e-13)


@pytest.mark.parametrize("formula", SURFACES)
def test_a_surface_takes_lists_arrays_tensors_and_grids(formula: str) -> None:
    """A point may be a list, a tuple, an array, a tensor, or two grids of coordinates."""
    f = Function(formula)
    value = float(f([0.7, 1.2]))
    for point in ((0.7, 1.2), np.array([0.7, 1.2]), torch.tensor([0.7, 1.2], dtype=torch.float64)):
        assert float(f(point)) == pytest.approx(value, rel=1e-14)
    assert float(f([torch.tensor(0.7), torch.tensor(1.2)])) == pytest.approx(value, rel=1e-5)
    grids = np.meshgrid([0.7, 1.0], [1.2, 1.4, 1.6])
    assert f(grids).shape == (3, 2)
    assert f(grids)[0, 0] == pytest.approx(value, rel=1e-14)


def test_a_jax_array_is_handed_to_jax(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a JAX array (here a fake one) the elementary functions are those of jax.numpy."""

    class Array(float):
        pass

    jax, jax_numpy = ModuleType("jax"), SimpleNamespace(sin=lambda value: Array(value + 100))
    jax.Array = Array  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "jax", jax)
    monkeypatch.setitem(sys.modules, "jax.numpy", jax_numpy)
    assert Function("sin(x)")(Array(2.0)) == 102.0
    assert Function("sin(x)")(2.0) == np.sin(2.0)


def test_evaluations_are_counted() -> None:
    """Every call counts once, also one that raises."""
    f = Function("x[0]", refuses_tensors=True)
    f([1.0])
    with pytest.raises(TypeError):
        f(3.0)
    with pytest.raises(TypeError):
        f(torch.tensor([1.0]))
    assert f.evaluations == 3


@pytest.mark.parametrize(
    "point",
    [
        torch.tensor(1.0),
        torch.nn.Parameter(torch.ones(2)),
        [torch.tensor(1.0), 2.0],
        (2.0, [torch.ones(1)]),
    ],
    ids=["tensor", "parameter", "list with a tensor", "tensor deep in a tuple"],
)
def test_a_function_that_refuses_tensors_says_so(point: Any) -> None:
    """A numerical derivative has to be one: tensors are refused, numbers and arrays are not."""
    f = Function("v[0] + 1", refuses_tensors=True)
    with pytest.raises(TypeError, match="not on torch tensors"):
        f(point)
    assert f([1.0, 2.0]) == 2.0
    assert f(np.array([1.0, 2.0])) == 2.0


# --- Slopes --------------------------------------------------------------------------------


@pytest.mark.parametrize("formula", FORMULAS)
@quick
@given(x=points)
def test_derivative_agrees_with_autograd(formula: str, x: float) -> None:
    """The complex step and torch's autograd give the same slope to rounding."""
    f = Function(formula)
    leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(f(leaf), leaf)
    assert derivative(f, x) == pytest.approx(slope.item(), rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("formula", SURFACES)
@quick
@given(x=points, y=points)
def test_gradient_agrees_with_autograd(formula: str, x: float, y: float) -> None:
    """So do they in two dimensions."""
    f = Function(formula)
    leaf = torch.tensor([x, y], dtype=torch.float64, requires_grad=True)
    (slopes,) = torch.autograd.grad(f(leaf), leaf)
    np.testing.assert_allclose(gradient(f, [x, y]), slopes.numpy(), rtol=1e-10, atol=1e-12)


def test_derivative_works_element_by_element() -> None:
    """An array of points, also of ints, gives an array of slopes; a float gives a float."""
    f = Function("x**3")
    np.testing.assert_allclose(derivative(f, np.array([[1, 2], [3, 4]])), [[3, 12], [27, 48]])
    assert np.ndim(derivative(f, 2)) == 0
    assert derivative(f, 2) == pytest.approx(12, rel=1e-15)


def test_gradient_works_on_grids() -> None:
    """A point of shape (2, ...) gives slopes of that shape."""
    grids = np.array(np.meshgrid([1.0, 2.0, 3.0], [4.0, 5.0]))
    slopes = gradient(Function("v[0]**2*v[1]"), grids)
    np.testing.assert_allclose(slopes, [2 * grids[0] * grids[1], grids[0] ** 2])


@pytest.mark.parametrize("name", ELEMENTARY)
def test_every_elementary_function_is_known_to_both_libraries(name: str) -> None:
    """numpy and torch spell each elementary function alike, and agree on it."""
    f = Function(f"{name}(x)")
    assert f(0.4) == pytest.approx(f(torch.tensor(0.4, dtype=torch.float64)).item(), rel=1e-14)


# --- The same function in another form -----------------------------------------------------


@pytest.mark.parametrize("formula", FORMULAS)
@quick
@given(x=points)
def test_reordered_is_the_same_function(formula: str, x: float) -> None:
    """Adding up in the opposite order changes the rounding and nothing else."""
    f = Function(formula)
    assert f.reordered()(x) == pytest.approx(f(x), rel=1e-11, abs=1e-11)
    assert f.reordered().reordered()(x) == pytest.approx(f(x), rel=1e-11, abs=1e-11)


@quick
@given(st.data())
def test_reordered_keeps_signs_in_nested_sums(data: st.DataObject) -> None:
    """In any sum of differences of sums, every term keeps its sign."""
    parts = st.sampled_from(["x", "x**2", "3", "sin(x)", "-x", "2*x", "(1 - x)", "-(x - 2)"])
    term = st.recursive(
        parts,
        lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner),
        max_leaves=8,
    )
    formula = data.draw(term.map(lambda text: f"x + {text} - {text[::1]} - ({text}) - 1"))
    f = Function(formula)
    assert f.reordered()(0.7) == pytest.approx(f(0.7), rel=1e-9, abs=1e-9)


def test_reordered_adds_up_in_the_opposite_order() -> None:
    """The last term comes first, with its sign; what refused tensors still does."""
    for formula, turned in (("x - 2 + sin(x)", "sin(x)-2+x"), ("1 - x", "-x+1")):
        assert Function(formula).reordered().formula.replace(" ", "") == turned
    assert Function("x + 1", refuses_tensors=True).reordered().refuses_tensors


def test_a_formula_of_any_allowed_length_can_be_reordered() -> None:
    """Spaces that reordering writes do not push an allowed formula over the limit."""
    f = Function("+".join(["x"] * 200))
    assert f.reordered()(0.5) == pytest.approx(100.0)


def test_rounded_computes_in_float32_and_returns_float64() -> None:
    """The result is that of single precision, in the type of the argument."""
    f = RoundedFunction("x**2 + sin(x)")
    x = 1.2345678901
    single = np.float32(x) ** 2 + np.sin(np.float32(x))
    assert f(x) == float(single)
    assert isinstance(f(x), float)
    assert f(np.array([x, 1.0])).dtype == np.float64
    tensor = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    assert f(tensor).dtype is torch.float64
    assert f(tensor).item() == pytest.approx(float(single), rel=1e-6)
    f(tensor).backward()
    assert tensor.grad is not None
    assert f.evaluations == 6


def test_a_rounded_function_has_slopes() -> None:
    """The complex step works in single precision too, so a reference may use `derivative`."""
    assert derivative(RoundedFunction("x**2 + sin(x)"), 0.7) == pytest.approx(
        1.4 + np.cos(0.7), rel=1e-6
    )
    np.testing.assert_allclose(gradient(RoundedFunction("v[0]*v[1]"), [2.0, 3.0]), [3.0, 2.0])


def test_rounded_takes_a_pair_of_tensors_as_function_does() -> None:
    """A reference may differentiate f([x, y]) with x and y tensors, also when rounded."""
    x, y = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (1.5, 2.0))
    rounded = RoundedFunction("v[0]*v[1]")([x, y])
    slope, _ = torch.autograd.grad(rounded, (x, y))
    assert slope.item() == pytest.approx(2.0)


# --- As text and as data -------------------------------------------------------------------


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("library", ["torch", "np"])
def test_source_pastes_and_means_the_same_on_floats(formula: str, library: str) -> None:
    """The pasted lambda has the function's values, to the last digits."""
    f = Function(formula)
    assert float(pasted(f, library)(0.7)) == pytest.approx(float(f(0.7)), rel=1e-12)


@pytest.mark.parametrize("formula", FORMULAS)
def test_source_pastes_and_means_the_same_on_tensors(formula: str) -> None:
    """A tensor gives the function's values, in the tensor's own precision."""
    f, grid = Function(formula), torch.linspace(0.3, 2, 5, dtype=torch.float64)
    np.testing.assert_allclose(pasted(f)(grid).numpy(), f(grid).numpy(), rtol=1e-12)


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("library", ["torch", "np"])
def test_source_pastes_and_means_the_same_on_arrays(formula: str, library: str) -> None:
    """An array gives the function's values too, however it is spelled."""
    f, grid = Function(formula), np.linspace(0.3, 2, 5)
    np.testing.assert_allclose(np.asarray(pasted(f, library)(grid)), f(grid), rtol=1e-12)


def test_source_is_short_where_it_can_be() -> None:
    """What is asked of the argument is asked once."""
    choice = "torch if torch.is_tensor(x) else np"
    assert Function("x + sin(x)").source() == f"lambda x: x + ({choice}).sin(x)"
    assert Function("sin(cos(x))").source() == f"lambda x: (m := {choice}).sin(m.cos(x))"
    assert Function("x**2").source() == "lambda x: x ** 2"
    assert Function("x*sin(2)").source() == "lambda x: x * np.sin(2)"


@pytest.mark.parametrize("formula", SURFACES)
@pytest.mark.parametrize(
    ("library", "point"),
    [
        ("torch", [0.7, 1.2]),
        ("torch", np.array([0.7, 1.2])),
        ("torch", torch.tensor([0.7, 1.2], dtype=torch.float64)),
        ("torch", (0.7, torch.tensor(1.2, dtype=torch.float64))),
        ("torch", (torch.tensor(0.7, dtype=torch.float64), np.float64(1.2))),
        ("np", [0.7, 1.2]),
        ("np", np.array([0.7, 1.2])),
    ],
    ids=[
        "torch, list",
        "torch, array",
        "torch, tensor",
        "torch, mixed",
        "torch, mixed too",
        "np, list",
        "np, array",
    ],
)
def test_source_of_a_surface_takes_points(formula: str, library: str, point: Any) -> None:
    """A pasted surface takes a list, an array and a tensor."""
    f = Function(formula)
    value = float(pasted(f, library)(point))
    assert value == pytest.approx(float(f([0.7, 1.2])), rel=1e-12)


def test_source_can_be_differentiated() -> None:
    """What a student pastes works with autograd."""
    leaf = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    f = Function("x**2 + sin(x)")
    pasted(f)(leaf).backward()
    assert leaf.grad is not None
    assert leaf.grad.item() == pytest.approx(derivative(f, 0.7))


@pytest.mark.parametrize(
    "point",
    [
        3.0,
        3,
        np.float64(3),
        np.array(3.0),
        np.array([1.0, 2.0]),
        [1.0, 2.0],
        {0: 1.0, 1: 2.0},
        (torch.ones(()), 2.0),
    ],
    ids=lambda point: type(point).__name__,
)
@pytest.mark.parametrize(
    "formula", ["v[0] + 1", "v[0]**2 + sin(v[1])", "sin(2)*v[1]", "x", "exp(x)"]
)
def test_a_function_of_tensors_only_refuses_everything_else(formula: str, point: Any) -> None:
    """As does what a student can paste instead, but for a pair that is half a tensor."""
    f = Function(formula, only_tensors=True)
    with pytest.raises(TypeError, match=r"torch tensors and nothing else, not on an? "):
        f(point)
    if not isinstance(point, tuple) and (f.variable == "x" or np.ndim(point)):
        with pytest.raises(TypeError):
            pasted(f)(point)


@pytest.mark.parametrize("formula", ["v[0] + 1", "v[0]**2 + sin(v[1])", "sin(2)*v[1]"])
def test_a_function_of_tensors_only_takes_tensors_of_all_kinds(formula: str) -> None:
    """A leaf, a batch, a pair in whatever holds it, and what `torch.func` puts in place of one."""
    f, v = Function(formula, only_tensors=True), torch.tensor([0.5, 1.5], requires_grad=True)
    plain = Function(formula)
    for g in (f, pasted(f)):
        assert g(v).item() == pytest.approx(plain([0.5, 1.5]))
        for pair in ([v[0], v[1]], {0: v[0], 1: v[1]}, torch.nn.ParameterList([*v.detach()])):
            assert g(pair).item() == pytest.approx(plain([0.5, 1.5]))
        assert g(v.detach().expand(3, 2).T).shape == (3,)
        assert torch.func.grad(g)(v.detach()) == pytest.approx(gradient(f, [0.5, 1.5]))


def test_a_slope_of_a_function_of_tensors_only_is_that_of_its_formula() -> None:
    """What the marking side computes needs no tensors."""
    f = Function("sin(x)", only_tensors=True)
    assert derivative(f, 0.5) == pytest.approx(np.cos(0.5))
    assert f.unrestricted()(0.5) == np.sin(0.5)
    assert f.source() == "lambda x: torch.sin(x)"
    again = Function.from_json(json.loads(json.dumps(f.to_json())))
    assert again == f
    assert again.only_tensors
    assert again != f.unrestricted()
    assert f.reordered().only_tensors


def test_a_function_that_refuses_everything_is_refused() -> None:
    with pytest.raises(ValueError, match="takes tensors, or numbers, or both"):
        Function("x", refuses_tensors=True, only_tensors=True)


def test_source_of_a_function_that_refuses_tensors_is_spelled_with_numpy() -> None:
    """It is about numbers, so torch doesn't appear in what is shown."""
    assert Function("sin(x)", refuses_tensors=True).source() == "lambda x: np.sin(x)"
    assert Function("sin(x)").source("np") == "lambda x: np.sin(x)"
    assert repr(Function("x + 1")) == "lambda x: x + 1"
    plain = Function("2*x + 1", refuses_tensors=True)
    assert pasted(plain)(3.0) == 7
    for f in (plain, pasted(plain)):
        with pytest.raises((TypeError, RuntimeError)):
            f(torch.tensor(3.0, requires_grad=True))


@pytest.mark.parametrize("refuses", [False, True])
def test_a_function_travels_as_json(refuses: bool) -> None:
    """`from_json` undoes `to_json`, through a string; equal functions hash alike."""
    f = Function("x**2 + 0.1", refuses_tensors=refuses)
    again = Function.from_json(json.loads(json.dumps(f.to_json())))
    assert again == f
    assert hash(again) == hash(f)
    assert again.refuses_tensors is refuses
    assert again != Function("x**2 + 0.1", refuses_tensors=not refuses)
    assert again != "x**2 + 0.1"


@pytest.mark.parametrize("data", [{"formula": "import os"}, {"formula": None}, {"formula": []}, {}])
def test_from_json_refuses_what_is_no_function(data: dict[str, Any]) -> None:
    """Data without a valid formula is a ValueError, as documented."""
    with pytest.raises(ValueError, match="formula"):
        Function.from_json(data)
