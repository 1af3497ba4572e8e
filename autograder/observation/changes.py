"""Whether an argument is what it was before a call.

Knows arguments, decoded and encoded; nothing of calls.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograder.observation.arguments import encode

__all__ = ["changed", "print_of"]


def print_of(argument: Any) -> Any:
    """What shows at a glance that an array is as it was; of anything else, None."""
    if type(argument) is np.ndarray and argument.dtype.kind in "fiubU":
        return argument.dtype, argument.shape, argument.tobytes()
    return None


def changed(before: Any, after: Any, seen: Any = None) -> bool:
    """Whether an argument is not what it was; restoring it to rounding is fine."""
    if isinstance(before, dict) and ("function" in before or "generator" in before):
        return False  # what is called, and what numbers are drawn from, is there to be used
    try:
        if seen is not None and seen == print_of(after):
            return False
        return not _same(before, encode(after))
    except Exception:
        return True


def _same(before: Any, now: Any) -> bool:
    """Whether two encoded arguments are the same, numbers to rounding."""
    if isinstance(before, dict) and ("function" in before or "generator" in before):
        return True
    if isinstance(before, float) and isinstance(now, float):
        return before == now or math.isclose(before, now, rel_tol=1e-9, abs_tol=1e-9)
    if type(before) is not type(now):
        return False
    if isinstance(before, list):
        return len(before) == len(now) and all(map(_same, before, now))
    if isinstance(before, dict):
        if "pairs" in before and "pairs" in now:  # their order is none of a dict's own
            before, now = ({repr(k): v for k, v in one["pairs"]} for one in (before, now))
        return before.keys() == now.keys() and all(_same(before[k], now[k]) for k in before)
    return bool(before == now)
