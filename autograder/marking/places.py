"""Where in a week's marking notes something stands: a file and a line, for those who mend them."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["place_of", "place_where"]

#: Our own code, and Python's: what is wrong, is wrong in what calls them.
_OTHERS = {Path(__file__).parent.parent, Path(traceback.__file__).parent}


def place_of(error: BaseException) -> str:
    """The last line of somebody's own, not of a package, that an error came through."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [
        frame
        for frame in frames
        if _OTHERS.isdisjoint(Path(frame.filename).parents)
        and "site-packages" not in frame.filename
    ]
    named = [frame for frame in theirs if frame.filename.endswith("reference.py")]
    for frame in reversed(named or theirs):
        return f"{frame.filename}, line {frame.lineno}"
    return "reference.py"


def place_where(function: Callable[..., Any]) -> str:
    """Where a function is written."""
    code = getattr(function, "__code__", None)
    if code is None:
        return "reference.py"
    return f"{Path(code.co_filename).name}, line {code.co_firstlineno}"
