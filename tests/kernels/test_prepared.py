"""What is done once before the fork changes nothing of what is found or said."""

from __future__ import annotations

import inspect
import sys

import pytest
import stack_data
from IPython.core.ultratb import VerboseTB
from pygments.formatters.terminal256 import Terminal256Formatter
from stack_data import style_with_executing_node

from autograder.kernels import prepared


def test_a_cell_is_found_in_no_module_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only faster; whatever else is asked for is looked for as ever."""
    before = inspect.getmodule
    monkeypatch.setattr(inspect, "getmodule", before)
    names: dict[str, object] = {"sys": sys, "__name__": "__main__"}
    code = compile("frame = sys._getframe()\ndef f(): 1 / 0", "/tmp/ipykernel_7/31.py", "exec")
    exec(code, names)
    with pytest.raises(ZeroDivisionError) as raised:
        names["f"]()  # type: ignore[operator]
    prepared._spare_searching()
    assert inspect.getmodule is not before
    cell = [code, names["frame"], raised.tb.tb_next]
    assert [*map(inspect.getmodule, cell)] == [*map(before, cell)] == [None] * 3  # type: ignore[arg-type]
    others = [raised.tb, sys._getframe(), prepared.prepare, prepared, ValueError, names["f"]]
    assert [*map(inspect.getmodule, others)] == [*map(before, others)]


def test_another_version_of_a_library_is_no_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has no such names, or is not there, is left as it is."""
    monkeypatch.setitem(sys.modules, "jax._src.interpreters.mlir", None)
    monkeypatch.setitem(sys.modules, "ipykernel.compiler", None)
    monkeypatch.setitem(sys.modules, "stack_data", None)
    monkeypatch.delattr(Terminal256Formatter, "_setup_styles")
    prepared._share_contexts()
    prepared._spare_hashing()
    prepared._spare_colouring()


def test_an_error_has_the_same_colours_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each time, and in each theme."""
    original = Terminal256Formatter._setup_styles
    monkeypatch.setattr(Terminal256Formatter, "_setup_styles", original)
    monkeypatch.setattr(stack_data, "style_with_executing_node", style_with_executing_node)

    def shown(theme: str) -> str:
        try:
            int("x" + "y")
        except ValueError:
            return VerboseTB(theme_name=theme, include_vars=False).text(*sys.exc_info())

    themes = ["linux", "nocolor", "linux", "lightbg", "linux"]
    before = [shown(theme) for theme in themes]
    assert "\x1b[" in before[0]
    assert len(set(before)) == 3
    prepared._spare_colouring()
    assert Terminal256Formatter._setup_styles is not original
    assert [shown(theme) for theme in themes] == before
