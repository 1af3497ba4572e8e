"""A function of a call as mathematics: its formula, read as Python, as MathML.

Knows the formulas that `Function` allows, and nothing else.
"""

from __future__ import annotations

import ast
import re

from autograder.observation.formulas import parse
from autograder.observation.functions import Function

__all__ = ["as_mathml"]

#: How strongly the parts of an expression hold together; a weaker part gets brackets.
_SUM, _PRODUCT, _POWER, _ATOM = range(4)

#: A letter or a number.
_ONE = re.compile(r"<(mi|mn)>[^<]*</\1>")

Written = tuple[str, int]


def as_mathml(name: str, function: Function) -> str:
    """``f(x) = …`` as an element for a page."""
    formula, _ = _written(parse(function.formula.strip(), "eval").body)
    variable = f"<mi>{function.variable}</mi>"
    return (
        f"<math><mrow><mi>{name}</mi>{_bracketed(variable)}<mo>=</mo>{_row(formula)}</mrow></math>"
    )


def _written(node: ast.AST) -> Written:
    match node:
        case ast.BinOp():
            return _binary(node)
        case ast.UnaryOp(op=ast.USub()):
            return f"<mo>−</mo>{_at_least(_PRODUCT, node.operand)}", _SUM
        case ast.UnaryOp():
            return _written(node.operand)
        case ast.Call(func=ast.Name(id=name)):
            return _call(name, node.args[0])
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=k)):
            return f"<msub><mi>{name}</mi><mn>{k!r}</mn></msub>", _ATOM
        case ast.Name(id=name):
            return f"<mi>{name}</mi>", _ATOM
        case ast.Constant(value=value):
            return f"<mn>{value!r}</mn>", _ATOM
    raise ValueError(f"{type(node).__name__} is not in a formula")


def _binary(node: ast.BinOp) -> Written:
    match node.op:
        case ast.Add():
            right = node.right
            signed = isinstance(right, ast.UnaryOp) and isinstance(right.op, ast.USub)
            after = _at_least(_PRODUCT if signed else _SUM, right)
            return f"{_at_least(_SUM, node.left)}<mo>+</mo>{after}", _SUM
        case ast.Sub():
            return f"{_at_least(_SUM, node.left)}<mo>−</mo>{_at_least(_PRODUCT, node.right)}", _SUM
        case ast.Mult():
            if isinstance(node.left, ast.UnaryOp):  # minus a, times b: minus the product
                product = ast.BinOp(node.left.operand, node.op, node.right)
                return _written(ast.UnaryOp(node.left.op, product))
            if isinstance(node.left, ast.Constant) and node.left.value == 1:
                return _written(node.right)
            before, after = (_at_least(_PRODUCT, part) for part in (node.left, node.right))
            sign = "<mo>·</mo>" if _begins_with_a_digit(node.right) else '<mspace width=".17em"/>'
            return f"{before}{sign}{after}", _PRODUCT
        case ast.Div():
            above, below = (_row(_written(part)[0]) for part in (node.left, node.right))
            return f"<mfrac>{above}{below}</mfrac>", _PRODUCT
        case _:
            base, exponent = _at_least(_ATOM, node.left), _row(_written(node.right)[0])
            if isinstance(node.left, ast.Subscript):  # both beside the letter
                inside = base.removeprefix("<msub>").removesuffix("</msub>")
                return f"<msubsup>{inside}{exponent}</msubsup>", _POWER
            return f"<msup>{_row(base)}{exponent}</msup>", _POWER


def _call(name: str, argument: ast.AST) -> Written:
    inside = _written(argument)[0]
    if name == "sqrt":
        return f"<msqrt>{inside}</msqrt>", _ATOM
    if name == "exp":
        return f"<msup><mi>e</mi>{_row(inside)}</msup>", _POWER
    return f"<mi>{name}</mi>{_bracketed(inside)}", _ATOM


def _at_least(strength: int, node: ast.AST) -> str:
    text, own = _written(node)
    return text if own >= strength else _bracketed(text)


def _begins_with_a_digit(node: ast.AST) -> bool:
    while isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Div):
        node = node.left
    return isinstance(node, ast.Constant)


def _bracketed(text: str) -> str:
    return f"<mo>(</mo>{text}<mo>)</mo>"


def _row(text: str) -> str:
    """Several elements as one; a letter or a number is one already."""
    return text if _ONE.fullmatch(text) else f"<mrow>{text}</mrow>"
