"""A call of what a test cell hands over in place of a function, as a student would type it.

Of ``observe(lambda a, b, x: Line(a, b).at(x), task="Line")`` a student knows
``Line(1.0, 2.0).at(3.0)``, and of ``observe(lambda: rate, task="rate")`` only ``rate``. Knows
expressions; runs none.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from autograder.observation.formulas import parse

__all__ = ["filled"]


def filled(expression: str, arguments: Sequence[str], named: Mapping[str, str]) -> str:
    """What a ``lambda`` computes, with what it is given in place of its parameters.

    Parameters
    ----------
    expression : str
        The ``lambda``.
    arguments : sequence of str
        By position, each as it is typed.
    named : mapping of str to str
        By name.

    Returns
    -------
    str
        Empty, where it is no ``lambda``, or one that cannot be filled in by its names alone.
    """
    try:
        made = parse(expression, "eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    if not isinstance(made, ast.Lambda):
        return ""
    positions = [argument.arg for argument in (*made.args.posonlyargs, *made.args.args)]
    texts = {**dict(zip(positions, arguments, strict=False)), **named}
    known = {*positions, *(argument.arg for argument in made.args.kwonlyargs)}
    if len(arguments) > len(positions) or texts.keys() != known or _gives_a_meaning(made.body):
        return ""
    return ast.unparse(_Filled(texts).visit(ast.Expression(made.body)))


def _gives_a_meaning(body: ast.expr) -> bool:
    """Whether names may mean something else inside of it."""
    return any(
        isinstance(node, ast.arg)
        or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
        for node in ast.walk(body)
    )


class _Filled(ast.NodeTransformer):
    """An expression with texts in place of names; `ast.unparse` writes a name as it is."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """What is an argument by itself needs no brackets."""
        node.func = self.visit(node.func)
        node.args = [self._alone(argument) for argument in node.args]
        for word in node.keywords:
            word.value = self._alone(word.value)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A sign, or a function, binds weaker than what may stand beside it."""
        text = self._texts.get(node.id, node.id)
        return ast.Name(f"({text})" if text.startswith(("-", "lambda ")) else text, node.ctx)

    def _alone(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Name):
            return ast.Name(self._texts.get(node.id, node.id), node.ctx)
        found: ast.expr = self.visit(node)
        return found
