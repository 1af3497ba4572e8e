"""A function out of a notebook, with all that it needs, so that it stands alone.

Looks at code as a tree and runs none of it. Comments and docstrings are left out; imports, helpers
and constants that the function reaches come along.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence

from autograder.observation.formulas import parse

__all__ = ["standalone"]

#: Longer cells are no answer to a task.
LONGEST = 20_000


def standalone(cells: Sequence[str], name: str, new_name: str) -> str:
    """The text of the function `name`, renamed, below what it needs; "" if it is not there.

    Parameters
    ----------
    cells : sequence of str
        The notebook's code, in order. A cell that does not parse counts for nothing.
    name, new_name : str
    """
    bound: dict[str, tuple[int, ast.stmt]] = {}
    for number, statement in enumerate(_statements(cells)):
        for what in _binds(statement):
            bound[what] = number, statement
    if name not in bound:
        return ""
    needed: dict[int, ast.stmt] = {}
    open_names, seen = [name], set(dir(builtins))
    while open_names:
        wanted = open_names.pop()
        if wanted in seen or wanted not in bound:
            continue
        seen.add(wanted)
        number, statement = bound[wanted]
        if number not in needed:
            needed[number] = statement
            open_names += _loads(statement)
    texts = [ast.unparse(_Tidied(name, new_name).visit(needed[k])) for k in sorted(needed)]
    return "\n".join(texts)


def _statements(cells: Sequence[str]) -> Iterator[ast.stmt]:
    for source in cells:
        if len(source) > LONGEST:
            continue
        try:
            yield from parse(source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue


def _binds(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement gives a meaning to."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        for alias in statement.names:
            yield alias.asname or alias.name.partition(".")[0]
    elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _loads(statement: ast.stmt) -> list[str]:
    return [
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    ]


class _Tidied(ast.NodeTransformer):
    """Without docstrings and annotations, and under another name."""

    def __init__(self, name: str, new_name: str) -> None:
        self._name, self._new_name = name, new_name

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        if node.name == self._name:
            node.name = self._new_name
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        node.returns = None
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id == self._name:
            node.id = self._new_name
        return node
