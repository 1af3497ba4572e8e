"""What few notebooks use is imported for those, and not on their time."""

from __future__ import annotations

import sys
from collections import Counter

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.kernels import imports
from autograder.kernels.driver import execute
from autograder.kernels.imports import forked_with, modules, slow_imports


@pytest.mark.parametrize(
    "code",
    [
        "torch.optim.SGD([x], lr=0.1)",
        "from torch.optim import Adam",
        "from torch import optim",
        "from torch import nn, func",
        "torch.func.grad(f)(x)",
        "torch . func.hessian(f)",
        "import functorch",
        "step = torch.compile(step)",
    ],
)
def test_what_takes_long_to_import_is_seen_in_the_code(code: str) -> None:
    assert slow_imports(f"x = 1\n{code}\n") == ("torch._dynamo",)


def test_nothing_else_is_and_a_huge_text_costs_nothing() -> None:
    """Functions of one's own, and autograd's; the longest lines are read in a moment."""
    usual = "import torch\nfunc = f\ndef optimal(func): return torch.autograd.functional.hessian\n"
    assert slow_imports(usual) == ()
    assert slow_imports("import " * 2_000_000) == ()


def test_a_warm_process_has_it_from_the_third_notebook_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """One or two import it themselves; a week's own packages are there from the start."""
    monkeypatch.setattr(imports, "_asked", Counter())
    asked = [forked_with(("jax", "torch._dynamo")) for _ in range(4)]
    assert asked == [("jax",), ("jax",), ("jax", "torch._dynamo"), ("jax", "torch._dynamo")]
    assert forked_with(()) == ()
    assert {"jax.numpy", "torch._dynamo"} <= {*modules(("jax", "torch._dynamo"))}
    assert "torch._dynamo" not in [*modules(("jax",))]


@pytest.mark.kernel
@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux alone")
def test_no_notebook_imports_it_on_its_own_time() -> None:
    """It is there before the first cell of one that names it, and only there."""
    said = []
    for line in ("x = 1", "o = torch.optim"):
        cell = new_code_cell(f"import sys, torch\nprint('torch._dynamo' in sys.modules)\n{line}")
        done = execute(nbformat.writes(new_notebook(cells=[cell])), {})
        assert not done.died
        said.append("True" in done.notebook)
    assert said == [False, True]
