"""Whether two observations agree, and observations as arrays.

What comes from a student's process is untrusted: every function here gives an answer for any JSON
at all. It knows no task, no call and no points.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.observation.arguments import MAX_DEPTH, MAX_NUMBERS

__all__ = [
    "Bare",
    "as_array",
    "as_arrays",
    "both_empty",
    "field_of",
    "first_difference",
    "inside",
    "matches",
    "parts_of",
    "same_shape",
]

#: Keys and positions that lead to a part of a result.
Path = tuple[Any, ...]

#: Beyond this, numbers count as "blown up" when behaviours are compared.
BLOWN_UP = 1e30

Json = dict[str, Any]


def matches(a: Any, b: Any, rtol: float, atol: float, depth: int = 0) -> bool:
    """Whether two observations agree: kind, shape, then values; for what is nested, part by part.

    Symmetric in its arguments, and defined (False) for any JSON at all.
    Errors agree when their types do. Numbers that are not finite, or blown up
    beyond 1e30, agree only with such numbers.
    """
    if not isinstance(a, dict) or not isinstance(b, dict):
        return False
    if "values" in a and "values" in b:
        return _same_numbers(a, b, rtol, atol)
    if not (a.keys() | b.keys()).isdisjoint(_NESTED):
        return _same_inside(a, b, rtol, atol, depth)
    return _same_kind(a, b)


def _same_numbers(a: Json, b: Json, rtol: float, atol: float) -> bool:
    """Whether two observations with values agree: in shape, then number by number."""
    if _ends_apart(a["values"], b["values"], rtol, atol):
        return False
    x, y = _shaped(a), _shaped(b)
    if x is None or y is None or not _NO_NUMBERS.isdisjoint(a.keys() | b.keys()):
        return False
    if x == y and set(map(type, x[1])) == set(map(type, y[1])) == {float}:
        return True  # to the last digit, as a mistake is what it does itself
    # One-element tensors, appended step by step, are numbers to their author.
    if x[0] != y[0]:
        loose = (a.get("singletons") and x[0] == [*y[0], 1]) or (
            b.get("singletons") and y[0] == [*x[0], 1]
        )
        if not loose:
            return False
    gaps = a.get("gaps") or b.get("gaps")  # a gap is an answer: it is nothing like infinity
    if gaps and [p == "nan" for p in x[1]] != [q == "nan" for q in y[1]]:
        return False
    try:
        return all(
            (type(p) is type(q) is float and abs(p - q) <= atol) or _close(p, q, rtol, atol)
            for p, q in zip(x[1], y[1], strict=True)
        )
    except (TypeError, ValueError, OverflowError):
        return False


def same_shape(a: Any, b: Any) -> bool:
    """Whether two observations, compared by their shapes alone, may agree."""
    return bool(field_of(a, "shape") == field_of(b, "shape")) or both_empty(a, b)


def both_empty(a: Any, b: Any) -> bool:
    """Whether neither has a row: of an empty list, nobody can tell how many columns it has."""
    one, other = field_of(a, "shape"), field_of(b, "shape")
    return type(one) is type(other) is list and one[:1] == other[:1] == [0]


#: What an observation may hold that holds observations.
_NESTED = frozenset(("parts", "entries"))


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
_NO_NUMBERS = _OTHER_KINDS | _NESTED


def _same_inside(a: Json, b: Json, rtol: float, atol: float, depth: int) -> bool:
    """Whether two lists, or two dicts, hold the same, one by one."""
    one, other = inside(a), inside(b)
    if one is None or other is None or depth > MAX_DEPTH or one.keys() != other.keys():
        return False
    if ("parts" in a) != ("parts" in b) or bool(a.get("set")) != bool(b.get("set")):
        return False
    return all(matches(one[key], other[key], rtol, atol, depth + 1) for key in one)


@dataclass(frozen=True)
class Bare:
    """A key that is no text, by its name: 3 is another key than "3"."""

    name: str

    def __str__(self) -> str:
        return self.name


def inside(observation: Any) -> dict[Any, Any] | None:
    """What a list holds, by position, or a dict, by its keys; None for any other observation."""
    if not isinstance(observation, dict):
        return None
    kinds = observation.keys() & (_NESTED | _OTHER_KINDS | {"values"})
    if kinds == {"parts"} and isinstance(observation["parts"], list):
        return dict(enumerate(observation["parts"]))
    if kinds == {"entries"} and isinstance(observation["entries"], dict):
        bare = observation.get("bare")
        names = {name for name in bare if isinstance(name, str)} if isinstance(bare, list) else ()
        return {Bare(k) if k in names else k: v for k, v in observation["entries"].items()}
    return None


def parts_of(observation: Any, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """What an observation holds innermost, and where; of what isn't nested, itself at ``()``."""
    held = inside(observation) if len(path) <= MAX_DEPTH else None
    if held is None:
        yield path, observation if isinstance(observation, dict) else {}
        return
    for key, part in held.items():
        yield from parts_of(part, (*path, key))


def first_difference(
    a: Any, b: Any, rtol: float, atol: float, path: Path = ()
) -> tuple[Path, Any, Any]:
    """Where two observations that don't agree first differ, and what each has there.

    As deep as both have the same keys, or are lists of the same length.
    """
    one, other = inside(a), inside(b)
    if one is None or other is None or one.keys() != other.keys() or len(path) > MAX_DEPTH:
        return path, a, b
    if a.get("set") or b.get("set"):
        return path, a, b  # no member of a set has a place
    for key in one:
        if not matches(one[key], other[key], rtol, atol, len(path) + 1):
            return first_difference(one[key], other[key], rtol, atol, (*path, key))
    return path, a, b


def _same_kind(a: Json, b: Json) -> bool:
    """Whether two observations without values say the same."""
    (kind,) = found if len(found := _OTHER_KINDS & a.keys()) == 1 else ("",)
    if _OTHER_KINDS & b.keys() != {kind}:
        return False
    if kind == "error":
        a, b, kind = field_of(a, kind), field_of(b, kind), "type"
    one, other = field_of(a, kind), field_of(b, kind)
    if kind == "text" and field_of(a, "length") != field_of(b, "length"):
        return False
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


#: How numbers are spelled that JSON has none for.
_SPELLED = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}
#: A list of more arrays is not taken for one.
MOST_ARRAYS = 16


def as_array(observation: Any) -> np.ndarray | None:
    """The values of an observation as an array, or None if it has none.

    Never raises, whatever JSON the student's process may have sent.
    """
    shaped = _shaped(observation)
    if shaped is None:
        return None
    values = shaped[1]
    if not set(map(type, values)) <= {float, int, str}:
        return None
    try:
        plain = [_SPELLED[value] if type(value) is str else value for value in values]
        return np.array(plain, dtype=np.float64).reshape(shaped[0])
    except (KeyError, ValueError, OverflowError):
        return None


def as_arrays(observation: Any) -> list[np.ndarray]:
    """The arrays of an observation: one, those of a short list, or none. Never raises either."""
    is_list = "parts" in (observation or ()) and not observation.get("set")
    held = inside(observation) if is_list else None
    parts = [observation] if held is None else list(held.values())
    if len(parts) > MOST_ARRAYS:
        return []
    arrays = [array for part in parts if (array := as_array(part)) is not None]
    return arrays if len(arrays) == len(parts) else []


def _as_float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError(f"not a number but a {type(value).__name__}")
    if isinstance(value, str) and value not in _SPELLED:
        raise ValueError("not a number but a text")
    return float(value)


def field_of(data: Any, key: str) -> Any:
    """An entry of what may be no dictionary at all."""
    return data.get(key) if isinstance(data, dict) else None
