"""Named functions that travel as data.

A hidden test hands the student's code a function to differentiate or to
descend. Inside the grader such a function is a formula, ``"x**2 - 3*sin(x)"``,
so it can be sent to another process as JSON, shown to a student as something
to paste, and evaluated on floats, NumPy arrays, torch tensors and JAX arrays
alike. This module knows nothing of tasks, kernels or verdicts.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable
from copy import copy
from typing import Any

import numpy as np

from autograder.observation.formulas import (
    ELEMENTARY,
    MAX_LENGTH,
    Spelled,
    compiled,
    parse,
    turned_around,
)

__all__ = ["Function", "RoundedFunction"]

#: The variable, as it stands in a lambda.
_PLACE = r"v\[\d\]|\bx\b"


class Function:
    """A function of one number ``x`` or of a point ``v``, given by a formula.

    Parameters
    ----------
    formula : str
        An expression in ``x``, or in ``v[0]`` and ``v[1]``, of numbers,
        ``+ - * / **`` and the names in `ELEMENTARY`.
    refuses_tensors : bool
        Raise ``TypeError`` on a torch tensor, so that a "numerical
        derivative" has to be one.
    only_tensors : bool
        Raise ``TypeError`` on whatever is not a torch tensor, or a pair of
        them in whatever holds it, so that "by autograd" is meant.

    Attributes
    ----------
    variable : {"x", "v"}
    code : code
        What is evaluated.

    Raises
    ------
    ValueError
        If the formula is anything but such an expression, or everything
        would be refused.

    Examples
    --------
    >>> f = Function("x**2 + 1")
    >>> f(3.0)
    10.0
    >>> Function("v[0]**2 + v[1]")([2.0, 1.0])
    5.0
    """

    def __init__(
        self, formula: str, refuses_tensors: bool = False, only_tensors: bool = False
    ) -> None:
        if not isinstance(formula, str) or len(formula) > MAX_LENGTH:
            raise ValueError(f"a formula is a string of at most {MAX_LENGTH} characters")
        if refuses_tensors and only_tensors:
            raise ValueError("a function takes tensors, or numbers, or both")
        self.formula = formula
        self.refuses_tensors, self.only_tensors = bool(refuses_tensors), bool(only_tensors)
        self.variable, self.code = compiled(formula)
        self.evaluations = 0
        self.__name__ = "f"

    def __call__(self, point: Any) -> Any:
        """Evaluate at `point`: a number, an array, a tensor, or a pair of such."""
        self.evaluations += 1
        if self.refuses_tensors and _holds_tensor(point):
            raise TypeError(
                "this f works on floats and NumPy arrays, not on torch tensors: "
                "the derivative asked for here is a numerical one"
            )
        if self.only_tensors and not _is_tensor(point):
            raise TypeError(
                f"this f works on torch tensors and nothing else, not on {_kind(point)}: "
                "the derivative asked for here is one by autograd"
            )
        return eval(self.code, _NAMESPACE, {self.variable: point})

    def to_json(self) -> dict[str, Any]:
        """The function as plain data; `from_json` is the way back."""
        data: dict[str, Any] = {"formula": self.formula}
        if self.refuses_tensors:
            data["refuses_tensors"] = True
        if self.only_tensors:
            data["only_tensors"] = True
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Function:
        """Rebuild a function from `to_json`.

        Raises
        ------
        ValueError
            If the data holds no valid formula.
        """
        if not isinstance(data, dict) or "formula" not in data:
            raise ValueError("a function as JSON is an object with a formula")
        kinds = ("refuses_tensors", "only_tensors")
        return cls(data["formula"], *(bool(data.get(kind, False)) for kind in kinds))

    def unrestricted(self) -> Function:
        """The same function of anything."""
        if not self.refuses_tensors and not self.only_tensors:
            return self
        function = copy(self)
        function.refuses_tensors = function.only_tensors = False
        return function

    def source(self, library: str = "torch") -> str:
        """A lambda that a student can paste.

        With ``np`` and ``jnp`` it takes numbers and arrays, with ``torch`` tensors as well: as
        here, what is a tensor goes to torch and anything else to NumPy. What is refused here is
        refused by the lambda, too.
        """
        tree = parse(self.formula, "eval")
        library = "np" if self.refuses_tensors else library
        spelled = Spelled(library, chooses=not self.only_tensors)
        body = ast.unparse(spelled.visit(tree))
        for name, kinds in spelled.chosen.items():
            choice = f"torch if torch.is_tensor({kinds}) else np"
            again = len(re.findall(rf"\b{name}\.", body)) > 1
            body = re.sub(rf"\b{name}\.", f"({f'{name} := ' * again}{choice}).", body, count=1)
        if self.refuses_tensors and "np." not in body:  # or it would take what f refuses
            body = re.sub(_PLACE, r"np.asarray(\g<0>)", body, count=1)
        if self.only_tensors and "torch." not in body:
            body = re.sub(_PLACE, r"torch.positive(\g<0>)", body, count=1)
        return f"lambda {self.variable}: {body}"

    def reordered(self) -> Function:
        """The same function with its sums added up in the opposite order."""
        # Brackets may make it longer than a formula that people write may be.
        function = copy(self)
        function.formula = turned_around(self.formula)
        function.code, function.evaluations = compiled(function.formula)[1], 0
        return function

    def __repr__(self) -> str:
        return self.source()

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash((type(self), self.formula, self.refuses_tensors, self.only_tensors))


class RoundedFunction(Function):
    """A `Function` that computes in float32, whatever it is given.

    Stands in for a student who works in single precision; the result has the
    type of the argument again.
    """

    def __call__(self, point: Any) -> Any:
        """Evaluate in float32, at anything."""
        self.evaluations += 1
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(point, (list, tuple)) and _holds_tensor(point):
            point = torch.stack([torch.as_tensor(part) for part in point])
        if torch is not None and isinstance(point, torch.Tensor):
            return eval(self.code, _NAMESPACE, {self.variable: point.float()}).to(point.dtype)
        kinds = (np.complex64, complex) if np.iscomplexobj(point) else (np.float32, float)
        single = np.asarray(point, dtype=kinds[0])
        result = eval(self.code, _NAMESPACE, {self.variable: single[()]})
        return np.asarray(result, dtype=kinds[1])[()]


def _library_of(value: Any) -> Any:
    """torch, jax.numpy or numpy: whichever `value` belongs to."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return torch
    jax = sys.modules.get("jax")
    if jax is not None and isinstance(value, jax.Array):
        return sys.modules["jax.numpy"]
    return np


def _elementary(name: str) -> Callable[[Any], Any]:
    def apply(value: Any) -> Any:
        return getattr(_library_of(value), name)(value)

    apply.__name__ = name
    return apply


#: No formula can name `__import__`; it is there for libraries: torch imports something in the midst
#: of a formula, where it looks for anomalies.
_NAMESPACE = {
    "__builtins__": {"__import__": __import__},
    **{name: _elementary(name) for name in ELEMENTARY},
}


def _holds_tensor(point: Any) -> bool:
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    if isinstance(point, (list, tuple)):
        return any(_holds_tensor(part) for part in point)
    return isinstance(point, torch.Tensor)


def _is_tensor(point: Any) -> bool:
    """A tensor, or a pair of nothing but tensors: in a list, or in what has places 0 and 1."""
    torch = sys.modules.get("torch")
    if torch is None or isinstance(point, torch.Tensor):
        return torch is not None
    parts = point
    if not isinstance(point, (list, tuple)):
        try:
            parts = [point[0], point[1]]
        except Exception:  # whatever a student's own class may raise
            return False
    return all(isinstance(part, torch.Tensor) for part in parts)


def _kind(point: Any) -> str:
    name = type(point).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
