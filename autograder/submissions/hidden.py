"""The hidden part of a test cell: what runs of it in the student's kernel, and what it may hold.

It runs as its author wrote it, beside the student's code and within its reach. So it may hold no
answer. Knows texts; runs nothing.
"""

from __future__ import annotations

import ast
from functools import lru_cache

from autograder.observation.formulas import parse
from autograder.submissions.cells import region

__all__ = ["adapter", "handed", "hands_over", "objections"]

_ANSWERS = {
    ast.Assert: "an assert",
    ast.Compare: "a comparison",
    ast.Raise: "a raise",
    ast.Try: "a try",
}


def adapter(source: str, task: str) -> str:
    """The hidden part that has to be run; empty where it only names the task's function."""
    hidden = region(source, "HIDDEN TESTS")
    if not hands_over(source):
        return ""
    body = [node for node in _parsed(hidden).body if not _imports_observe(node)]
    plain = len(body) == 1 and ast.unparse(body[0]) == f"observe({task})"
    return "" if plain else hidden


@lru_cache(maxsize=256)
def hands_over(source: str) -> bool:
    """Whether a test cell's hidden part hands something to `observe`."""
    return bool(_observed(region(source, "HIDDEN TESTS")))


def handed(hidden: str) -> tuple[str, str]:
    """What a hidden part hands over, as an expression, and the lines before it; or nothing."""
    before: list[ast.stmt] = []
    for statement in _parsed(hidden).body:
        if calls := _observed(ast.unparse(statement)):
            rest = ast.unparse(ast.Module(before, []))
            return (ast.unparse(calls[0].args[0]), rest) if calls[0].args else ("", "")
        if not _imports_observe(statement):
            before.append(statement)
    return "", ""


def objections(source: str, task: str) -> list[str]:
    """What speaks against a test cell's hidden part: an answer in it, or nothing to ask."""
    hidden = region(source, "HIDDEN TESTS")
    try:
        tree = parse(hidden)
    except (SyntaxError, ValueError) as error:
        return [f"the hidden part of test_{task} is no Python: {error}"]
    calls = _observed(hidden)
    if len(calls) != 1:
        return [
            f"the hidden part of test_{task} has to call observe(...) once, not {len(calls)} times"
        ]
    found = []
    (call,) = calls
    named = next((word.value for word in call.keywords if word.arg == "task"), None)
    first = ast.unparse(call.args[0]) if call.args else ""
    asked = named.value if isinstance(named, ast.Constant) else first
    if asked != task:
        found.append(
            f"the cell test_{task} observes {asked!r}: write observe({task}), or, around it, "
            f'observe(..., task="{task}")'
        )
    for node in ast.walk(tree):
        what = _ANSWERS.get(type(node))
        if what is None and isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            what = "an import of the reference" if "reference" in names else None
        if what is not None:
            line = ast.unparse(node).splitlines()[0]
            found.append(
                f"the hidden part of test_{task} holds {what} ({line}): it runs within the "
                "student's reach, so it may only hand over what is to be asked. Put the question "
                "into a criterion"
            )
    return found


def _parsed(hidden: str) -> ast.Module:
    try:
        tree: ast.Module = parse(hidden)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        tree = ast.Module([], [])
    return tree


def _observed(hidden: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(_parsed(hidden))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "observe"
    ]


def _imports_observe(node: ast.stmt) -> bool:
    return ast.unparse(node) == "from autograder import observe"
