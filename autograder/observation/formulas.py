"""What a formula is: its grammar, and how it is spelled and turned around as syntax.

A formula is an expression of numbers, arithmetic and a few analytic functions, in ``x`` or in
``v[0]`` and ``v[1]``; nothing else gets past `compiled`. This module evaluates nothing.
"""

from __future__ import annotations

import ast
import contextlib
import threading
from functools import lru_cache
from types import CodeType
from typing import Any

__all__ = ["ELEMENTARY", "MAX_LENGTH", "Spelled", "compiled", "parse", "turned_around"]

#: Elementary functions a formula may use; all are analytic, so that
#: `marking.slopes.derivative` may step in the imaginary direction.
ELEMENTARY = ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "sqrt")

_ALLOWED = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow,
    ast.USub, ast.UAdd, ast.Constant, ast.Name, ast.Load, ast.Call, ast.Subscript,
)  # fmt: skip
MAX_LENGTH = 400

_parsing = threading.Lock()


def parse(source: str, mode: str = "exec") -> Any:
    """`ast.parse`, one thread after the other, and again if it was disturbed.

    Up to Python 3.12, what parses at the same time can disturb the count of the depth:
    ``SystemError: AST constructor recursion depth mismatch`` (CPython issue 106905). That can be
    another thread; or the same one, when garbage is collected meanwhile whose last words are a
    traceback, for which Python 3.11 parses the line.
    """
    with _parsing:
        for _ in range(3):
            with contextlib.suppress(SystemError):
                return ast.parse(source, mode=mode)
        return ast.parse(source, mode=mode)


@lru_cache(maxsize=4096)
def compiled(formula: str) -> tuple[str, CodeType]:
    """The name of its variable, and its code.

    Raises
    ------
    ValueError
        If `formula` is anything but a formula.
    """
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


class Spelled(ast.NodeTransformer):
    """Write ``sin(u)`` as a student would, with the library's name before it.

    With torch, if it `chooses`, that is torch or NumPy, as ``u`` is a tensor or not: a name
    stands for the one that fits; `chosen` has what the choice depends on, by name.
    """

    def __init__(self, library: str, chooses: bool = True) -> None:
        self.library, self.chooses = library, chooses
        self.chosen: dict[str, str] = {}

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Put the library's name before the function's."""
        kinds = " + ".join(sorted({ast.unparse(part) for part in _places(node.args[0])}))
        self.generic_visit(node)
        assert isinstance(node.func, ast.Name)
        library = self.library
        if library == "torch" and not kinds:
            library = "np"
        elif library == "torch" and self.chooses:
            known = {on: name for name, on in self.chosen.items()}
            library = known.get(kinds, "mnk"[len(known)])
            self.chosen |= {library: kinds}
        name = ast.Attribute(ast.Name(library, ast.Load()), node.func.id, ast.Load())
        return ast.Call(name, node.args, [])


def _places(node: ast.AST) -> list[ast.AST]:
    """``x``, or ``v[0]`` and ``v[1]``, wherever they are met in an expression."""
    if isinstance(node, ast.Subscript) or (isinstance(node, ast.Name) and node.id == "x"):
        return [node]
    return [place for child in ast.iter_child_nodes(node) for place in _places(child)]


@lru_cache(maxsize=4096)
def turned_around(formula: str) -> str:
    """The same formula with its sums added up in the opposite order."""
    tree = _Reversed().visit(parse(formula, "eval"))
    return ast.unparse(ast.fix_missing_locations(tree))


class _Reversed(ast.NodeTransformer):
    """Turn every sum ``a - b + c`` into ``c - b + a``."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Turn a sum around; anything else stays as it is."""
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
