"""A call of what a test cell hands over in place of a function, as a student would type it.

Of ``observe(lambda a, b, x: Line(a, b).at(x), task="Line")`` a student knows
``Line(1.0, 2.0).at(3.0)``, and of ``observe(lambda: rate, task="rate")`` only ``rate``; a function
of several lines goes by its own name. Knows expressions; runs none.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from autograder.observation.formulas import parse

__all__ = ["called", "filled"]

_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


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
    except _UNREADABLE:
        return ""
    if not isinstance(made, ast.Lambda):
        return ""
    positions = [argument.arg for argument in (*made.args.posonlyargs, *made.args.args)]
    texts = {**dict(zip(positions, arguments, strict=False)), **named}
    known = {*positions, *(argument.arg for argument in made.args.kwonlyargs)}
    if len(arguments) > len(positions) or texts.keys() != known or _collide(made.body, texts):
        return ""
    return ast.unparse(_Filled(texts).visit(ast.Expression(made.body)))


def called(expression: str, listed: str, otherwise: str) -> str:
    """What is handed over, called with arguments: `otherwise` is, where that is no expression."""
    try:
        made = parse(expression, "eval").body
    except _UNREADABLE:
        return f"{otherwise}({listed})"
    alone = isinstance(made, (ast.Name, ast.Attribute, ast.Call, ast.Subscript))
    return f"{expression}({listed})" if alone else f"({expression})({listed})"


def _collide(body: ast.expr, texts: Mapping[str, str]) -> bool:
    """Whether a name that has a meaning inside of it stands in what is to be put in."""
    inside = _given_a_meaning(body)
    if inside is None or not inside.isdisjoint(texts):
        return True
    try:
        put_in = [parse(text, "eval") for text in texts.values()] if inside else []
    except _UNREADABLE:
        return True
    return any(
        name in inside
        for tree in put_in
        for node in ast.walk(tree)
        if (name := getattr(node, "id", getattr(node, "arg", None)))
    )


def _given_a_meaning(body: ast.expr) -> set[str] | None:
    """The names that mean something inside of it; None, where they do behind it, too."""
    nodes = list(ast.walk(body))
    if any(isinstance(node, ast.NamedExpr) for node in nodes):
        return None
    return {node.arg for node in nodes if isinstance(node, ast.arg)} | {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


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
