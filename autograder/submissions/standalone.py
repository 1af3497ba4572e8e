"""A function out of a notebook, with all that it needs, so that it stands alone.

Looks at code as a tree and runs none of it. Comments and docstrings are left out; imports, helpers
and constants that the function reaches come along, inside of it, so that no name of theirs meets
one of the notes that it is pasted into.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.observation.formulas import parse

__all__ = ["Alone", "standalone"]

#: Longer cells are no answer to a task.
LONGEST = 20_000

_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
_Function = (ast.FunctionDef, ast.AsyncFunctionDef)
#: What makes something in which a call could leave something.
_MAKING = (ast.Call, ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)


@dataclass(frozen=True)
class Alone:
    """The text of a definition, and what it is to a `Mistake`."""

    code: str
    #: An expression: the behaviour, or what makes it anew for each sequence of calls.
    behaviour: str
    #: Whether a call may leave something behind for the next.
    stateful: bool = False


def standalone(cells: Sequence[str], name: str, new_name: str, handed: str = "") -> Alone | None:
    """The function `name` under a new name, with what it needs; None if it is not there.

    Parameters
    ----------
    cells : sequence of str
        The notebook's code, in order. A cell that does not parse counts for nothing.
    name, new_name : str
    handed : str, optional
        The expression that is asked in place of the function, where a task's cell says so.
    """
    needed = _needed(cells, name, handed)
    if not needed:
        return None
    stateful = any(map(_keeps, needed))
    others = [s for s in needed if not isinstance(s, (ast.Import, ast.ImportFrom))]
    try:
        if (
            not handed
            and not stateful
            and len(others) == 1
            and isinstance(others[0], ast.FunctionDef)
        ):
            imports = [s for s in needed if s is not others[0]]
            function = _Tidied({name: new_name}).visit(others[0])
            function.body = [*imports, *function.body]
            alone = Alone(ast.unparse(ast.fix_missing_locations(function)), new_name)
        else:
            code = _maker(needed, new_name, handed or name)
            alone = Alone(code, new_name if stateful else f"{new_name}()", stateful)
        compile(alone.code, "<alone>", "exec")
    except _UNREADABLE:
        return None
    return alone


def _needed(cells: Sequence[str], name: str, handed: str) -> list[ast.stmt]:
    """The statements that `name`, or what is handed over, needs, in order."""
    bound: dict[str, tuple[int, ast.stmt]] = {}
    for number, statement in enumerate(_statements(cells)):
        for what in _binds(statement):
            bound[what] = number, statement
    if name not in bound:
        return []
    needed: dict[int, ast.stmt] = {}
    seen = set(dir(builtins)) - {name}
    waiting = [name, *(_loads(parse(handed, "eval")) if handed else [])]
    while waiting:
        wanted = waiting.pop()
        if wanted in seen or wanted not in bound:
            continue
        seen.add(wanted)
        number, statement = bound[wanted]
        if number not in needed:
            needed[number] = statement
            waiting += _loads(statement)
    return [needed[number] for number in sorted(needed)]


def _maker(needed: Sequence[ast.stmt], new_name: str, handed: str) -> str:
    """A function without arguments that defines everything and hands back what is asked."""
    bound = {name for statement in needed for name in _binds(statement)}
    unbound = sorted({name for s in needed for name in _globals(s)} - bound)
    made = parse(f"def {new_name}():\n    return {handed}").body[0]
    first = parse("".join(f"{name} = None\n" for name in unbound)).body
    made.body = [*first, *map(_Tidied().visit, needed), *made.body]
    return ast.unparse(ast.fix_missing_locations(made))


def _statements(cells: Sequence[str]) -> Iterator[ast.stmt]:
    for source in cells:
        if len(source) > LONGEST:
            continue
        try:
            yield from parse(source).body
        except _UNREADABLE:
            continue


def _binds(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement gives a meaning to."""
    if isinstance(statement, (*_Function, ast.ClassDef)):
        yield statement.name
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        for alias in statement.names:
            yield alias.asname or alias.name.partition(".")[0]
    elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _loads(tree: ast.AST) -> list[str]:
    names = [
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    ]
    return names + _globals(tree)


def _globals(tree: ast.AST) -> list[str]:
    return [name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names]


def _keeps(statement: ast.stmt) -> bool:
    """Whether something may be left in what a statement makes: a list, a default, a global."""
    if _globals(statement):
        return True
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return _makes(statement.value)
    return any(
        _makes(default)
        for node in ast.walk(statement)
        if isinstance(node, _Function)
        for default in (*node.args.defaults, *node.args.kw_defaults)
    )


def _makes(value: ast.expr | None) -> bool:
    if value is None or isinstance(value, ast.Lambda):
        return False
    return any(isinstance(node, _MAKING) for node in ast.walk(value))


class _Tidied(ast.NodeTransformer):
    """Without docstrings and annotations, some names changed, and at home inside a function."""

    def __init__(self, renamed: Mapping[str, str] = {}) -> None:
        self._renamed = renamed

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.name = self._renamed.get(node.name, node.name)
        node.returns = None
        return _without_docstring(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        return _without_docstring(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._renamed.get(node.id, node.id)
        return node

    def visit_Global(self, node: ast.Global) -> ast.AST:
        return ast.Nonlocal(node.names)


def _without_docstring(node: ast.FunctionDef | ast.ClassDef) -> ast.AST:
    if ast.get_docstring(node, clean=False) is not None:
        node.body = node.body[1:] or [ast.Pass()]
    return node
