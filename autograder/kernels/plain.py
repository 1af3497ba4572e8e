"""A cell that is plain Python is not searched for IPython's own syntax.

IPython tokenises each cell, in Python, for magics and commands, and compiles it twice more to see
whether it awaits something: longer than running most of them. What parses as it stands holds no
such syntax. Lives in the student's process; knows texts.
"""

from __future__ import annotations

import ast
import contextlib
import re
from typing import Any

__all__ = ["AWAITS", "read_quickly"]

#: What IPython changes in a text though it is Python: prompts, and lines of nothing but space; and
#: what it takes away before: empty lines at the beginning.
_CHANGED = re.compile(r"\A\s|>>>|\bIn \[|\.{3,}:|^[ \t]+$", re.MULTILINE)
#: What a cell that awaits something contains.
AWAITS = re.compile("await|async")


def read_quickly(shell: Any) -> None:
    """Have a shell read the cells that it is given quickly, and each of them once."""
    _transform_once(shell)
    manager = shell.input_transformer_manager
    transform, should = manager.transform_cell, shell.should_run_async
    usual = [list(steps) for steps in _steps(manager)]

    def transform_cell(cell: str) -> str:
        if usual == _steps(manager) and is_plain(cell):
            return cell if cell.endswith("\n") else f"{cell}\n"
        return str(transform(cell))

    def should_run_async(raw_cell: str, *, transformed_cell: str = "", **about: Any) -> bool:
        if transformed_cell and not AWAITS.search(transformed_cell):
            return False
        return bool(should(raw_cell, transformed_cell=transformed_cell or None, **about))

    manager.transform_cell, shell.should_run_async = transform_cell, should_run_async


def _steps(manager: Any) -> list[Any]:
    """What is done to a text, which a notebook may change."""
    return [manager.cleanup_transforms, manager.line_transforms, manager.token_transformers]


def is_plain(cell: str) -> bool:
    """Whether IPython would leave it as it is, but for the end of its last line."""
    if _CHANGED.search(cell):
        return False
    with contextlib.suppress(SyntaxError, ValueError, MemoryError, RecursionError):
        flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        compile(cell, "<cell>", "exec", flags, dont_inherit=True)
        return True
    return False


def _transform_once(shell: Any) -> None:
    """Have a cell read for magics once: ipykernel does so, and IPython at once again."""
    transform = shell.transform_cell
    last: list[tuple[str, str]] = []

    def transform_cell(raw: str) -> str:
        if last and last[0][0] == raw:
            return last.pop()[1]
        last[:] = [(raw, transform(raw))]
        return last[0][1]

    shell.transform_cell = transform_cell
