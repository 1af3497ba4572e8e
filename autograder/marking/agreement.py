"""Whether two observations agree, and observations as arrays.

What comes from a student's process is untrusted: every function here gives an answer for any JSON
at all. It knows no task, no call and no points.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.observation.values import MAX_NUMBERS

__all__ = ["as_array", "as_arrays", "field_of", "matches", "same_shape"]

#: Beyond this, numbers count as "blown up" when behaviours are compared.
BLOWN_UP = 1e30

Json = dict[str, Any]


def matches(a: Any, b: Any, rtol: float, atol: float) -> bool:
    """Whether two observations agree: kind, shape, then values.

    Symmetric in its arguments, and defined (False) for any JSON at all.
    Errors agree when their types do. Numbers that are not finite, or blown up
    beyond 1e30, agree only with such numbers.
    """
    if not isinstance(a, dict) or not isinstance(b, dict):
        return False
    if "parts" in a or "parts" in b:
        return _same_parts(a, b, rtol, atol)
    if "values" not in a or "values" not in b:
        return _same_kind(a, b)
    if _ends_apart(a["values"], b["values"], rtol, atol):
        return False
    x, y = _shaped(a), _shaped(b)
    if x is None or y is None or not _OTHER_KINDS.isdisjoint(a.keys() | b.keys()):
        return False
    # One-element tensors, appended step by step, are numbers to their author.
    if x[0] != y[0]:
        loose = (a.get("singletons") and x[0] == [*y[0], 1]) or (
            b.get("singletons") and y[0] == [*x[0], 1]
        )
        if not loose:
            return False
    # Plain floats, as most comparisons of a draw end at the first number.
    try:
        return all(_close(p, q, rtol, atol) for p, q in zip(x[1], y[1], strict=True))
    except (TypeError, ValueError, OverflowError):
        return False


def same_shape(a: Any, b: Any) -> bool:
    """Whether two observations, compared by their shapes alone, may agree."""
    return bool(field_of(a, "shape") == field_of(b, "shape"))


def _ends_apart(x: Any, y: Any, rtol: float, atol: float) -> bool:
    """Whether two lists of numbers plainly differ at their ends.

    Most comparisons are of different walks from the same start, and end here.
    """
    if type(x) is not list or type(y) is not list or not x or not y:
        return False
    p, q = x[-1], y[-1]
    return type(p) is float and type(q) is float and not _close(p, q, rtol, atol)


#: What an observation may hold instead of values.
_OTHER_KINDS = frozenset(("error", "text", "nothing", "unsupported"))


def _same_parts(a: Json, b: Json, rtol: float, atol: float) -> bool:
    """Whether two observations are pairs, of numbers and nothing else, that agree one by one."""
    pairs = [_parts(a), _parts(b)]
    if [] in pairs:
        return False
    return all(matches(p, q, rtol, atol) for p, q in zip(*pairs, strict=True))


def _parts(observation: Any) -> list[Json]:
    """The two parts of an observation, each with values; empty if it is no such pair."""
    parts = field_of(observation, "parts")
    if not isinstance(parts, list) or len(parts) != 2:
        return []
    if "values" in observation or not _OTHER_KINDS.isdisjoint(observation):
        return []
    plain = all(isinstance(p, dict) and "values" in p and "parts" not in p for p in parts)
    return parts if plain else []


def _same_kind(a: Json, b: Json) -> bool:
    """Whether two observations without values say the same."""
    (kind,) = found if len(found := _OTHER_KINDS & a.keys()) == 1 else ("",)
    if _OTHER_KINDS & b.keys() != {kind}:
        return False
    if kind == "error":
        a, b, kind = field_of(a, kind), field_of(b, kind), "type"
    one, other = field_of(a, kind), field_of(b, kind)
    return isinstance(one, (str, bool)) and type(one) is type(other) and bool(one == other)


def _close(p: Any, q: Any, rtol: float, atol: float) -> bool:
    p = p if type(p) is float else _as_float(p)
    q = q if type(q) is float else _as_float(q)
    tame_p, tame_q = abs(p) < BLOWN_UP, abs(q) < BLOWN_UP
    if not (tame_p and tame_q):
        return bool(tame_p == tame_q)
    return bool(abs(p - q) <= atol + rtol * max(abs(p), abs(q)))


def _shaped(observation: Any) -> tuple[list[int], list[Any]] | None:
    """Shape and flat values of an observation, if they are lists that fit each other."""
    shape, values = field_of(observation, "shape"), field_of(observation, "values")
    if not isinstance(shape, list) or not isinstance(values, list) or len(shape) > 8:
        return None
    if len(values) > MAX_NUMBERS:
        return None  # no function's result: so many are not sent
    size = 1
    for length in shape:
        if type(length) is not int or length < 0:
            return None
        size *= length
    return (shape, values) if size == len(values) else None


def as_array(observation: Any) -> np.ndarray | None:
    """The values of an observation as an array, or None if it has none.

    Never raises, whatever JSON the student's process may have sent.
    """
    shaped = _shaped(observation)
    if shaped is None:
        return None
    try:
        return np.array([_as_float(v) for v in shaped[1]], dtype=np.float64).reshape(shaped[0])
    except (TypeError, ValueError, OverflowError):
        return None


def as_arrays(observation: Any) -> list[np.ndarray]:
    """The arrays of an observation: one, the two of a pair, or none. Never raises either."""
    parts = _parts(observation) or [observation]
    arrays = [array for part in parts if (array := as_array(part)) is not None]
    return arrays if len(arrays) == len(parts) else []


def _as_float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError(f"not a number but a {type(value).__name__}")
    if isinstance(value, str) and value not in ("nan", "inf", "-inf"):
        raise ValueError("not a number but a text")
    return float(value)


def field_of(data: Any, key: str) -> Any:
    """An entry of what may be no dictionary at all."""
    return data.get(key) if isinstance(data, dict) else None
