"""Formulas as syntax: what they are parsed with."""

from __future__ import annotations

import ast
import gc

from autograder.observation.formulas import parse


class _LastWords:
    """Garbage that parses when it is collected, deeper down than who parses meanwhile."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        ast.parse("last + words")


def test_parsing_goes_on_when_garbage_that_parses_is_collected_meanwhile() -> None:
    before = gc.get_threshold()
    gc.set_threshold(50)
    try:
        for _ in range(100):
            _LastWords()
            assert len(parse("x = [" + "1 + 2, " * 200 + "]").body[0].value.elts) == 200
    finally:
        gc.set_threshold(*before)
