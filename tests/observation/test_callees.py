"""What a function calls is found in its code: by globals, through helpers, never by attributes."""

from __future__ import annotations

import functools
import time
from typing import Any

import jax
import numpy as np
import pytest
import torch

from autograder.observation.callees import callees


def told(code: str) -> list[str]:
    """The callees of the ``walk`` that `code` defines beside a ``fuse``, as a cell would."""
    namespace: dict[str, Any] = {
        "__name__": "__main__", "np": np, "torch": torch, "jax": jax, "functools": functools,
    }  # fmt: skip
    exec(f"def fuse(x):\n    return x\n\n{code}", namespace)
    return callees(namespace["walk"], namespace)


CALLS_IT = {
    "itself": "def walk(x): return fuse(x)",
    "through a helper": "def once(x): return fuse(x)\ndef walk(x): return once(x)",
    "through two": "def a(x): return fuse(x)\ndef b(x): return a(x)\ndef walk(x): return b(x)",
    "from a function inside": "def walk(x):\n    def inner(y): return fuse(y)\n    return inner(x)",
    "from a lambda": "walk = lambda x: (lambda y: fuse(y))(x)",
    "from a comprehension": "def walk(x): return [fuse(y) for y in x]",
    "from a generator": "def walk(x): return list(fuse(y) for y in x)",
    "as an argument": "def walk(x): return functools.reduce(lambda a, b: fuse(a), x)",
    "under another name": "step = fuse\ndef walk(x): return step(x)",
    "closed over": "def make(step):\n    return lambda x: step(x)\nwalk = make(fuse)",
    "as a default": "def walk(x, step=fuse): return step(x)",
    "as a keyword's default": "def walk(x, *, step=fuse): return step(x)",
    "as a partial": "def go(step, x): return step(x)\nwalk = functools.partial(go, fuse)",
    "as a partial's function": "walk = functools.partial(fuse, 1)",
    "in a cached function": "@functools.lru_cache\ndef walk(x): return fuse(x)",
    "in a vectorized one": "walk = np.vectorize(lambda x: fuse(x))",
    "without gradients": "@torch.no_grad()\ndef walk(x): return fuse(x)",
    "compiled": "@jax.jit\ndef walk(x): return fuse(x)",
    "compiled, a helper": "once = jax.jit(lambda x: fuse(x))\ndef walk(x): return once(x)",
    "mapped and differentiated": "walk = jax.vmap(jax.grad(lambda x: fuse(x)))",
    "of a class": "class walk:\n    def __init__(self, x): self.y = fuse(x)",
    "in a class inside": "def walk(x):\n    class A:\n        y = fuse(1)\n    return A.y",
    "in a method": "class A:\n    def go(self, x): return fuse(x)\nwalk = A().go",
    "of an instance": "class A:\n    def __call__(self, x): return fuse(x)\nwalk = A()",
    "of a base": "class A:\n    def go(self, x): return fuse(x)\nclass B(A): pass\nwalk = B()",
    "in a static method": "class A:\n    @staticmethod\n    def go(x): return fuse(x)\nwalk = A()",
    "and back": "def a(x): return walk(x)\ndef walk(x): return a(x) if x else fuse(x)",
}  # fmt: skip

DOES_NOT = {
    "an attribute": "def walk(x): return torch.fuse(x)",
    "a method": "def walk(x): return x.fuse(x)",
    "a function inside": "def walk(x):\n    def fuse(y): return y\n    return fuse(x)",
    "imported inside": "def walk(x):\n    from torch.autograd.functional import hessian as fuse\n"
    "    return fuse(x)",
    "an argument": "def walk(x, fuse): return fuse(x)",
    "a text": "def walk(x): return 'fuse'",
    "a keyword": "def walk(x): return dict(fuse=x)",
    "a neighbour's": "def other(x): return fuse(x)\ndef walk(x): return x",
}  # fmt: skip


@pytest.mark.parametrize("how", CALLS_IT)
def test_what_is_called_is_found(how: str) -> None:
    """However it is reached."""
    assert "fuse" in told(CALLS_IT[how])


@pytest.mark.parametrize("how", DOES_NOT)
def test_the_same_word_elsewhere_is_no_call(how: str) -> None:
    """An attribute, a local or a text only looks like it."""
    assert "fuse" not in told(DOES_NOT[how])


def test_an_adapter_of_the_hidden_part_is_looked_through() -> None:
    """It has a namespace of its own, and sees the notebook's; its own helpers are not told."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec("def fuse(x): return x\ndef walk(x): return fuse(x)", namespace)

    class Beside(dict[str, Any]):
        def __missing__(self, name: str) -> Any:
            return namespace[name]

    beside = Beside()
    exec("def own(x): return walk(x)\nadapter = lambda x: own(x)", beside)
    assert callees(beside["adapter"], namespace, beside) == ["walk", "fuse"]
    assert callees(beside["adapter"], namespace) == []


def test_only_functions_of_the_notebook_are_told() -> None:
    """No modules, no numbers, no built-in functions."""
    code = "RATE = 2\ndef walk(x): return np.abs(print(fuse(x) * RATE))"
    assert told(code) == ["fuse"]


class Bottomless:
    """A callable whose every attribute is another."""

    def __call__(self) -> None: ...

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        return {str(k): Bottomless() for k in range(10)}


class Unwilling:
    """A callable that doesn't want to be looked at."""

    def __call__(self) -> None: ...

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("none of your business")


def test_what_is_told_is_bounded() -> None:
    """However much there is to be found, in a moment."""
    started = time.process_time()
    assert callees(Bottomless(), {}) == []
    assert callees(Unwilling(), {"a": Unwilling()}) == []
    many = "\n".join(f"def g{k}(x): return x" for k in range(2000))
    calls = " + ".join(f"g{k}(x)" for k in range(2000))
    assert len(told(f"{many}\ndef walk(x): return {calls}")) == 50
    assert told(f"def {'a' * 101}(x): return x\ndef walk(x): return {'a' * 101}(x)") == []
    assert time.process_time() - started < 3
