"""The notebooks in a week's folder: which they are, and what their cells say to the grader.

Reads files; knows neither marking notes nor the week that is made of both.
"""

from __future__ import annotations

import ast
import contextlib
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.observation.formulas import parse
from autograder.submissions.cells import task_of
from autograder.submissions.figures import is_drawing
from autograder.submissions.hidden import adapter, hands_over

__all__ = [
    "classic_tests_of", "code_cells", "hidden_parts", "is_free", "is_idle", "is_text", "names_in",
    "places",
]  # fmt: skip


def names_in(folder: Path) -> list[str]:
    """The names of a week's notebooks, without an ending, sorted as nbgrader sorts them."""
    return sorted({path.stem for path in (*_texts(folder), *folder.glob("*.ipynb"))})


def _texts(folder: Path) -> list[Path]:
    """Notebooks written as text; any other module is there for the students."""
    modules = [path for path in folder.glob("*.py") if path.name != "reference.py"]
    if not any(folder.glob("*.ipynb")) and len(modules) < 2:
        return modules  # one just begun
    return [path for path in modules if is_text(path)]


def is_text(path: Path) -> bool:
    """Whether a file is a notebook written as text."""
    return path.suffix == ".py" and bool(
        re.search(r"^# %%", path.read_text("utf-8", errors="replace"), re.MULTILINE)
    )


def code_cells(notebook: Path) -> list[NotebookNode]:
    """The code cells; none while the notebook is not there or broken."""
    try:
        cells = nbformat.read(notebook, as_version=4).cells
    except Exception:
        return []
    return [cell for cell in cells if cell.cell_type == "code"]


def places(cells: Mapping[str, Sequence[NotebookNode]]) -> dict[str, str]:
    """In which notebook the test cell of a task stands; of several, in the first."""
    return {task_of(cell): name for name in sorted(cells, reverse=True) for cell in cells[name]}


def is_free(cell: NotebookNode) -> bool:
    """Whether it is neither graded nor to be filled in."""
    nbgrader = cell.metadata.get("nbgrader") or {}
    return not (nbgrader.get("grade") or nbgrader.get("solution"))


def is_idle(cell: NotebookNode) -> bool:
    """Whether it need not be run for what it does itself: it draws, or defines functions."""
    with contextlib.suppress(SyntaxError, ValueError):
        statements = parse(cell.source).body if is_free(cell) else []
        return is_drawing(cell) or (bool(statements) and all(map(_defines, statements)))
    return False


def _defines(node: ast.stmt) -> bool:
    """Whether a statement defines a function, or imports from Python's own library.

    To import from another may be what the cell is there for.
    """
    if isinstance(node, ast.FunctionDef):
        given = [value for value in (*node.args.defaults, *node.args.kw_defaults) if value]
        return not node.decorator_list and all(isinstance(value, ast.Constant) for value in given)
    if isinstance(node, ast.Import):
        modules = [name.name for name in node.names]
    elif isinstance(node, ast.ImportFrom):
        modules = [node.module or ""]
    else:
        return False
    return {name.partition(".")[0] for name in modules} <= sys.stdlib_module_names


def hidden_parts(cells: Sequence[NotebookNode]) -> dict[str, str]:
    """The hidden parts that have to be run, by task."""
    parts = {task: adapter(cell.source, task) for cell in cells if (task := task_of(cell))}
    return {task: hidden for task, hidden in parts.items() if hidden}


def classic_tests_of(cells: Sequence[NotebookNode]) -> Iterator[str]:
    """Which test cells hand nothing over, by ``grade_id``."""
    for cell in cells:
        about = cell.metadata.get("nbgrader") or {}
        if about.get("grade") and not about.get("solution") and not hands_over(cell.source):
            yield about["grade_id"]
