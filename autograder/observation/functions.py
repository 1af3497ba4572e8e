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
import threading
from collections.abc import Callable
from functools import lru_cache
from types import CodeType
from typing import Any

import numpy as np

__all__ = ["Function", "parse"]

#: Elementary functions a formula may use; all are analytic, so that
#: `marking.slopes.derivative` may step in the imaginary direction.
ELEMENTARY = ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "sqrt")

_ALLOWED = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow,
    ast.USub, ast.UAdd, ast.Constant, ast.Name, ast.Load, ast.Call, ast.Subscript,
)  # fmt: skip
_MAX_LENGTH = 400


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

    Raises
    ------
    ValueError
        If the formula is anything but such an expression.

    Examples
    --------
    >>> f = Function("x**2 + 1")
    >>> f(3.0)
    10.0
    >>> Function("v[0]**2 + v[1]")([2.0, 1.0])
    5.0
    """

    def __init__(self, formula: str, refuses_tensors: bool = False) -> None:
        if not isinstance(formula, str) or len(formula) > _MAX_LENGTH:
            raise ValueError(f"a formula is a string of at most {_MAX_LENGTH} characters")
        self.formula = formula
        self.refuses_tensors = bool(refuses_tensors)
        self.variable, self._code = _compile(formula)
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
        return eval(self._code, _NAMESPACE, {self.variable: point})

    def to_json(self) -> dict[str, Any]:
        """The function as plain data; `from_json` is the way back."""
        data: dict[str, Any] = {"formula": self.formula}
        if self.refuses_tensors:
            data["refuses_tensors"] = True
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
        return cls(data["formula"], bool(data.get("refuses_tensors", False)))

    def source(self, library: str = "torch") -> str:
        """A lambda that a student can paste.

        With ``np`` and ``jnp`` it takes numbers and arrays, with ``torch`` tensors as well: as
        here, what is a tensor goes to torch and anything else to NumPy.
        """
        tree = parse(self.formula, "eval")
        library = "np" if self.refuses_tensors else library
        spelled = _Spelled(library)
        body = ast.unparse(spelled.visit(tree))
        for name, kinds in spelled.chosen.items():
            choice = f"torch if torch.is_tensor({kinds}) else np"
            again = len(re.findall(rf"\b{name}\.", body)) > 1
            body = re.sub(rf"\b{name}\.", f"({f'{name} := ' * again}{choice}).", body, count=1)
        if self.refuses_tensors and "np." not in body:  # or it would take what f refuses
            body = re.sub(r"v\[\d\]|\bx\b", r"np.asarray(\g<0>)", body, count=1)
        return f"lambda {self.variable}: {body}"

    def reordered(self) -> Function:
        """The same function with its sums added up in the opposite order."""
        tree = _Reversed().visit(parse(self.formula, "eval"))
        formula = ast.unparse(ast.fix_missing_locations(tree))
        # Brackets may make it longer than a formula that people write may be.
        function = Function.__new__(Function)
        function.formula, function.refuses_tensors = formula, self.refuses_tensors
        function.variable, function._code = _compile(formula)
        function.evaluations, function.__name__ = 0, self.__name__
        return function

    def __repr__(self) -> str:
        return self.source()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Function) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash((self.formula, self.refuses_tensors))


class RoundedFunction(Function):
    """A `Function` that computes in float32, whatever it is given.

    Stands in for a student who works in single precision; the result has the
    type of the argument again.
    """

    def __call__(self, point: Any) -> Any:
        self.evaluations += 1
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(point, (list, tuple)) and _holds_tensor(point):
            point = torch.stack([torch.as_tensor(part) for part in point])
        if torch is not None and isinstance(point, torch.Tensor):
            return eval(self._code, _NAMESPACE, {self.variable: point.float()}).to(point.dtype)
        kinds = (np.complex64, complex) if np.iscomplexobj(point) else (np.float32, float)
        single = np.asarray(point, dtype=kinds[0])
        result = eval(self._code, _NAMESPACE, {self.variable: single[()]})
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


_NAMESPACE = {"__builtins__": {}, **{name: _elementary(name) for name in ELEMENTARY}}


def _holds_tensor(point: Any) -> bool:
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    if isinstance(point, (list, tuple)):
        return any(_holds_tensor(part) for part in point)
    return isinstance(point, torch.Tensor)


_parsing = threading.Lock()


def parse(source: str, mode: str = "exec") -> Any:
    """`ast.parse`, one thread after the other.

    Up to Python 3.12, threads that parse at the same time can disturb each other's count of
    the depth: ``SystemError: AST constructor recursion depth mismatch`` (CPython issue 106905).
    """
    with _parsing:
        return ast.parse(source, mode=mode)


@lru_cache(maxsize=4096)
def _compile(formula: str) -> tuple[str, CodeType]:
    try:
        tree = parse(formula.strip(), "eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"{formula!r} is not a formula: {error}") from None
    variables = set()
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            raise ValueError(f"{type(node).__name__} is not allowed in the formula {formula!r}")
        if isinstance(node, ast.Constant) and type(node.value) not in (int, float):
            raise ValueError(f"{node.value!r} is not a number, in the formula {formula!r}")
        if isinstance(node, ast.Name) and node.id not in ELEMENTARY:
            variables.add(node.id)
        if isinstance(node, ast.Call) and not (
            isinstance(node.func, ast.Name)
            and node.func.id in ELEMENTARY
            and len(node.args) == 1
            and not node.keywords
        ):
            raise ValueError(f"only {', '.join(ELEMENTARY)} may be called, in {formula!r}")
        if isinstance(node, ast.Subscript) and not (
            isinstance(node.value, ast.Name) and isinstance(node.slice, ast.Constant)
        ):
            raise ValueError(f"only v[0] and v[1] may be indexed, in {formula!r}")
    if variables not in ({"x"}, {"v"}):
        raise ValueError(f"the formula {formula!r} must use x, or v[0] and v[1], and no other name")
    (variable,) = variables
    return variable, compile(tree, "<formula>", "eval")


class _Spelled(ast.NodeTransformer):
    """Write ``sin(u)`` as a student would, with the library's name before it.

    Where that is torch or NumPy, as ``u`` is a tensor or not, a name stands for
    the one that fits; `chosen` has what the choice depends on, by name.
    """

    def __init__(self, library: str) -> None:
        self.library = library
        self.chosen: dict[str, str] = {}

    def visit_Call(self, node: ast.Call) -> ast.AST:
        kinds = " + ".join(sorted({ast.unparse(part) for part in _places(node.args[0])}))
        self.generic_visit(node)
        assert isinstance(node.func, ast.Name)
        library = self.library
        if library == "torch":
            known = {on: name for name, on in self.chosen.items()}
            library = known.get(kinds, "mnk"[len(known)]) if kinds else "np"
            self.chosen |= {library: kinds} if kinds else {}
        name = ast.Attribute(ast.Name(library, ast.Load()), node.func.id, ast.Load())
        return ast.Call(name, node.args, [])


def _places(node: ast.AST) -> list[ast.AST]:
    """``x``, or ``v[0]`` and ``v[1]``, wherever they are met in an expression."""
    if isinstance(node, ast.Subscript) or (isinstance(node, ast.Name) and node.id == "x"):
        return [node]
    return [place for child in ast.iter_child_nodes(node) for place in _places(child)]


class _Reversed(ast.NodeTransformer):
    """Turn every sum ``a - b + c`` into ``c - b + a``."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        if not isinstance(node.op, (ast.Add, ast.Sub)):
            self.generic_visit(node)
            return node
        terms: list[tuple[bool, ast.expr]] = []

        def flatten(expression: ast.expr, negative: bool) -> None:
            if isinstance(expression, ast.BinOp) and isinstance(expression.op, (ast.Add, ast.Sub)):
                flatten(expression.left, negative)
                flatten(expression.right, negative != isinstance(expression.op, ast.Sub))
            else:
                terms.append((negative, self.visit(expression)))

        flatten(node, False)
        negative, total = terms.pop()
        if negative:
            total = ast.UnaryOp(ast.USub(), total)
        for negative, term in reversed(terms):
            total = ast.BinOp(total, ast.Sub() if negative else ast.Add(), term)
        return total
