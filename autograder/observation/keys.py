"""Keys of a dict as text: a text is itself, a number or a tuple what Python writes for it.

What may be a key may be in a set, too. It knows single keys; no dicts.
"""

from __future__ import annotations

import ast
import math
import numbers
from typing import Any

import numpy as np

from autograder.observation.formulas import parse

__all__ = ["meant", "named", "order"]

#: So long a key's text, and so many things in a tuple, at most.
LONGEST, MOST = 200, 20
#: Two keys are the same number if so many digits are.
_DIGITS = 6


def named(key: Any) -> tuple[str, bool]:
    """What a key is called, and whether that is the key itself, a text.

    Raises
    ------
    TypeError
        If it is neither text nor number, bool nor None, nor a tuple of such; or too long.
    """
    plain = _plain(key)
    name = plain if isinstance(plain, str) else repr(plain)
    if len(name) > LONGEST:
        raise TypeError(f"a key of more than {LONGEST} characters")
    return name, isinstance(plain, str)


def meant(name: str) -> Any:
    """The key that is no text and is called so.

    Raises
    ------
    ValueError
        If there is none.
    """
    try:
        return ast.literal_eval(parse(name[:LONGEST], "eval"))
    except (SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise ValueError(f"no key: {name!r:.40}") from error


def order(key: Any) -> tuple[bool, float, str]:
    """What keys are sorted by: numbers first, as numbers."""
    plain = _plain(key)
    number = isinstance(plain, (bool, int, float)) and abs(plain) < 2**53
    return not number, float(plain) if number else 0.0, repr(plain)


def _plain(key: Any, depth: int = 0) -> Any:
    if isinstance(key, str):
        return str.__str__(key)
    if key is None or isinstance(key, (bool, np.bool_)):
        return None if key is None else bool(key)
    if isinstance(key, numbers.Integral) and abs(key) < 10**LONGEST:
        return int(key)
    if isinstance(key, numbers.Real) and math.isfinite(number := float(key)):
        return int(number) if number.is_integer() else float(f"{number:.{_DIGITS}g}")
    if isinstance(key, tuple) and len(key) <= MOST and depth < 3:
        return tuple(_plain(item, depth + 1) for item in key)
    raise TypeError(f"a key that is neither text nor number: {key!r:.40}")
