"""The rules of differentiation, for formulas.

A formula goes in and the expression of its slopes comes out, exact and in no library's arithmetic:
in single precision it is as good as single precision. It knows what a formula may hold.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from types import CodeType

from autograder.observation.formulas import parse

__all__ = ["gradient_of"]

#: The slope of each elementary function of u.
_SLOPES = {
    "sin": "cos(u)",
    "cos": "-sin(u)",
    "tan": "1 / cos(u)**2",
    "sinh": "cosh(u)",
    "cosh": "sinh(u)",
    "tanh": "1 / cosh(u)**2",
    "exp": "exp(u)",
    "log": "1 / u",
    "sqrt": "0.5 / sqrt(u)",
}
#: The slope of an operation on u and w, whose own slopes are du and dw.
_OPERATIONS = {
    ast.Mult: ("du * w", "u * dw"),
    ast.Div: ("du / w", "-(u * dw / w**2)"),
    ast.Pow: ("w * u**(w - 1) * du", "u**w * log(u) * dw"),
}


@lru_cache(maxsize=1024)
def gradient_of(formula: str) -> CodeType:
    """Code of a formula's two slopes, ``[along v[0], along v[1]]``."""
    tree = parse(formula.strip(), "eval").body
    slopes = [_slope(tree, place) or ast.Constant(0.0) for place in (0, 1)]
    listed = ast.Expression(ast.List(slopes, ast.Load()))
    return compile(ast.fix_missing_locations(listed), "<slopes>", "eval")


def _slope(node: ast.expr, place: int) -> ast.expr | None:
    """The slope of an expression along one coordinate; None where it does not depend on it."""
    match node:
        case ast.Subscript(slice=ast.Constant(value)):
            return ast.Constant(1.0) if value == place else None
        case ast.UnaryOp(op, operand):
            inner = _slope(operand, place)
            return inner and ast.UnaryOp(op, inner)
        case ast.BinOp(left, op, right):
            return _of_operation(left, op, right, _slope(left, place), _slope(right, place))
        case ast.Call(func=ast.Name(name), args=[inside]):
            inner = _slope(inside, place)
            outer = _filled(_SLOPES[name], u=inside)
            return inner and ast.BinOp(outer, ast.Mult(), inner)
    return None


def _of_operation(
    u: ast.expr, op: ast.operator, w: ast.expr, du: ast.expr | None, dw: ast.expr | None
) -> ast.expr | None:
    if isinstance(op, (ast.Add, ast.Sub)):
        if du is None and dw is not None and isinstance(op, ast.Sub):
            return ast.UnaryOp(ast.USub(), dw)
        return ast.BinOp(du, op, dw) if du and dw else du or dw
    first, second = _OPERATIONS[type(op)]
    terms = [
        _filled(rule, u=u, w=w, **{name: slope})
        for rule, name, slope in ((first, "du", du), (second, "dw", dw))
        if slope is not None
    ]
    if len(terms) == 2:
        return ast.BinOp(terms[0], ast.Add(), terms[1])
    return terms[0] if terms else None


def _filled(rule: str, **parts: ast.expr) -> ast.expr:
    filled: ast.expr = _Filled(parts).visit(parse(rule, "eval").body)
    return filled


class _Filled(ast.NodeTransformer):
    """A rule with expressions in place of its letters."""

    def __init__(self, parts: dict[str, ast.expr]) -> None:
        self.parts = parts

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Put in what the letter stands for; what is no letter stays."""
        return self.parts.get(node.id, node)
