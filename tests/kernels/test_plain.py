"""A cell that is read quickly is read as IPython reads it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from autograder.kernels.plain import is_plain, read_quickly

PLAIN = [
    "", "x = 1", "x = 1\n", "# only words", "s = '%d?' % 3\nassert s != '!'  # why?", "f(x)[0] ;",
    "def f():\n    '''Is there\n    a return?'''\n\n    return 1", "x = (1\n, 2\n/ 3)", "await f()",
    "x = 'a\\\n% b'", "return 3", "'''\n%magic\n!ls\n'''", "x = 1\r\ny = 2\r\n",
]  # fmt: skip
CHANGED = [
    "\n\nx = 1", "  x = 1\n  y = 2", "%magic", "%%time\nx = 1", "!ls", "x = !ls", "x = %pwd", "f?",
    "?f", ">>> x = 1\n... y = 2", "In [1]: x = 1", "'''a\n   \nb'''", "/f 1", ",f a b", "def f(:",
    "x = (", "if x:\n        1\n    2", "    >>> 1", "\x0cx = 1", "x = '''\n>>> 1\n'''", "x\0",
]  # fmt: skip


def _shell() -> Any:
    manager = TransformerManager()
    return SimpleNamespace(
        input_transformer_manager=manager,
        transform_cell=manager.transform_cell,
        should_run_async=lambda raw_cell, **about: True,
    )


def _read(transform: Any, cell: str) -> str:
    try:
        return str(transform(cell))
    except Exception as error:
        return type(error).__name__


@pytest.mark.parametrize("cell", [*PLAIN, *CHANGED])
def test_what_is_plain_is_as_ipython_would_leave_it(cell: str) -> None:
    """And what is not is left to IPython, its errors too."""
    shell = _shell()
    read_quickly(shell)
    quickly = shell.input_transformer_manager.transform_cell
    assert _read(quickly, cell) == _read(TransformerManager().transform_cell, cell)
    assert is_plain(cell) is (cell in PLAIN)


def test_most_of_a_course_is_plain(root: Path) -> None:
    """Every cell of every week, and it comes out as IPython reads it."""
    for path in (root / "release").glob("*/*.ipynb"):
        cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
        plain = [c.source for c in cells if is_plain(c.source)]
        assert len(plain) > 0.9 * len(cells)
        for source in plain:
            assert TransformerManager().transform_cell(source) == f"{source}\n"


def test_a_notebook_that_adds_a_transformation_has_it_applied() -> None:
    """To plain cells, too, from the next one on."""
    shell = _shell()
    read_quickly(shell)
    manager = shell.input_transformer_manager
    assert manager.transform_cell("x = 1") == "x = 1\n"
    manager.cleanup_transforms.append(lambda lines: [line.upper() for line in lines])
    assert manager.transform_cell("x = 1") == "X = 1\n"


@pytest.mark.parametrize("cell", ["await f()", "async for x in y: 1", "[x async for x in y]"])
def test_only_what_may_await_is_looked_at(cell: str) -> None:
    """By IPython; all else runs at once."""
    shell = _shell()
    read_quickly(shell)
    assert shell.should_run_async(cell, transformed_cell=cell) is True
    assert shell.should_run_async("x = 1", transformed_cell="x = 1\n") is False
