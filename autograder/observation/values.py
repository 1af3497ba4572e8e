"""Arguments and results as plain data.

Arguments go to the student's process and results come back from it as bounded
JSON: nothing is ever unpickled, evaluated or method-called on the grader's
side. `encode` and `decode` carry arguments; `normalise` turns whatever a
reasonable student returns into a shape and a flat list of float64 values.
This module knows functions, but nothing of tasks or verdicts.
"""

from __future__ import annotations

import itertools
import math
import numbers
import re
import sys
from decimal import Decimal
from typing import Any

import numpy as np

from autograder.observation.functions import Function

__all__ = ["MAX_NUMBERS", "decode", "encode", "normalise", "paste"]

#: More numbers than this in one result are not sent back.
MAX_NUMBERS = 20_000
_MAX_DEPTH = 4
_MAX_TEXT = 200

Json = dict[str, Any]


def encode(value: Any) -> Any:
    """An argument as JSON.

    Floats, ints and strings stay themselves; arrays, 0-d tensors and
    functions become tagged objects.

    Raises
    ------
    TypeError
        For anything that a call may not contain.
    """
    if isinstance(value, Function):
        return {"function": value.to_json()}
    if isinstance(value, (bool, np.bool_)):
        raise TypeError("a call may not contain a bool")
    if isinstance(value, str):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value) if math.isfinite(value) else {"float": str(float(value))}
    if isinstance(value, np.ndarray) and value.dtype.kind in "fi":
        return {"array": _flat(value), "shape": list(value.shape), "dtype": value.dtype.name}
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        array = value.detach().cpu().numpy()
        return {"tensor": _flat(array), "shape": list(array.shape), "dtype": array.dtype.name}
    raise TypeError(f"a call may not contain a {type(value).__name__}: {value!r}")


def decode(data: Any) -> Any:
    """A fresh argument from `encode`'s JSON; two calls share no memory.

    Raises
    ------
    ValueError
        If the data was not made by `encode`.
    """
    if isinstance(data, (int, float, str)) and not isinstance(data, bool):
        return data
    try:
        if "function" in data:
            return Function.from_json(data["function"])
        if "float" in data:
            return float(data["float"])
        if "array" in data:
            return _array(data["array"], data)
        if "tensor" in data:
            import torch

            return torch.from_numpy(_array(data["tensor"], data))
    except (TypeError, KeyError, OverflowError) as error:
        raise ValueError(f"not an encoded argument ({error}): {data!r:.80}") from None
    raise ValueError(f"not an encoded argument: {data!r:.80}")


def paste(data: Any, library: str = "torch") -> str:
    """An encoded argument as Python source that a student can type."""
    if isinstance(data, dict) and "function" in data:
        return Function.from_json(data["function"]).source(library)
    if isinstance(data, dict) and "float" in data:
        return f'float("{data["float"]}")'
    if isinstance(data, dict):
        kind = "array" if "array" in data else "tensor"
        array = _array(data[kind], data)
        module = "np" if kind == "array" else "torch"
        text = re.sub(r"-?\b(nan|inf)\b", r'float("\g<0>")', repr(array.tolist()))
        # What NumPy would choose by itself needs no words; torch would choose float32.
        usual = array.size and array.dtype in (np.float64, np.int64) and kind == "array"
        dtype = "" if usual else f", dtype={module}.{data['dtype']}"
        if array.size == 0 and array.ndim > 1:
            return f"{module}.zeros({tuple(array.shape)}{dtype})"
        return f"{module}.{kind}({text}{dtype})"
    return repr(data)


def normalise(result: Any) -> Json:
    """What a student's function returned, as bounded plain data.

    Parameters
    ----------
    result : anything
        float, list, tuple, deque, generator, ndarray, tensor (with or without
        grad), list of tensors, list of pairs, JAX array, string ...

    Returns
    -------
    dict
        ``{"shape": [...], "values": [...]}`` with the values flat, as float64,
        non-finite ones spelled ``"nan"``, ``"inf"``, ``"-inf"``, and
        ``"singletons"`` if it was a list of one-element tensors;
        ``{"parts": [..., ...]}``, two such, for a pair like a vector and a
        matrix, which no one shape fits; ``{"text": ...}`` for a string;
        ``{"nothing": True}`` for None; or ``{"unsupported": ...}``, a phrase
        that says what came instead.
    """
    if result is None:
        return {"nothing": True}
    if isinstance(result, str):
        # Its own text, whatever a subclass (an Enum's member, say) prints itself as.
        return {"text": str.__str__(result)[:_MAX_TEXT]}
    try:
        if _is_iterator(result):
            result = list(itertools.islice(result, MAX_NUMBERS + 1))
        array = _as_array(result, depth=0)
    except _Unsupported as problem:
        return {"unsupported": str(problem)[:_MAX_TEXT]}
    if isinstance(array, str):
        return {"text": array[:_MAX_TEXT]}
    if isinstance(array, tuple):
        return {"parts": [{"shape": list(part.shape), "values": _flat(part)} for part in array]}
    observation: Json = {"shape": list(array.shape), "values": _flat(array)}
    if array.ndim > 1 and array.shape[-1] == 1 and _holds_singletons(result):
        observation["singletons"] = True
    return observation


class _Unsupported(Exception):
    """The result is nothing that converts to numbers; the text says what it is."""


def _as_array(value: Any, depth: int) -> Any:
    """`value` as a float64 ndarray (a string, for a 0-d array of text; a tuple, for a pair)."""
    if depth > _MAX_DEPTH:
        raise _Unsupported(f"lists nested more than {_MAX_DEPTH} deep")
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        _check_size(value.numel())
        if value.is_complex():
            raise _Unsupported("a complex tensor")
        return value.detach().to("cpu", torch.float64).numpy()
    if isinstance(value, (bool, int, float, np.number, np.bool_)):
        if isinstance(value, np.complexfloating):
            raise _Unsupported("a complex number")
        try:
            return np.asarray(float(value))
        except OverflowError:
            raise _Unsupported("a number too large for a float") from None
    if hasattr(value, "__array__"):
        value = np.asarray(value)
        _check_size(value.size)
        if value.dtype.kind in "US" and value.ndim == 0:
            return str(value)
        if value.dtype.kind in "biuf":
            return np.asarray(value, dtype=np.float64)
        if value.dtype.kind != "O" or value.ndim == 0:
            raise _Unsupported(f"an array of {value.dtype.name}")
        value = value.tolist()
    if isinstance(value, (numbers.Real, Decimal)):  # a Fraction, say
        try:
            return np.asarray(float(value))
        except (TypeError, ValueError, OverflowError):
            raise _Unsupported(f"a {type(value).__name__}") from None
    if isinstance(value, (dict, set, frozenset, bytes, str)) or not hasattr(value, "__iter__"):
        raise _Unsupported(f"a {type(value).__name__}")
    return _stack(list(itertools.islice(value, MAX_NUMBERS + 1)), depth)


def _stack(items: list[Any], depth: int) -> np.ndarray | tuple[np.ndarray, ...]:
    _check_size(len(items))
    if all(type(item) is float for item in items):
        return np.asarray(items, dtype=np.float64)
    arrays = [_as_array(item, depth + 1) for item in items]
    if any(isinstance(array, str) for array in arrays):
        raise _Unsupported("a list with strings in it")
    shapes = {array.shape for array in arrays}
    if shapes == {(), (1,)}:  # a float, then one-element tensors: numbers to their author
        arrays, shapes = [array.reshape(()) for array in arrays], {()}
    dimensions = {array.ndim for array in arrays}
    if depth == 0 and len(arrays) == len(dimensions) == 2 and 0 not in dimensions:
        _check_size(sum(array.size for array in arrays))
        return tuple(arrays)
    if len(shapes) > 1:
        shown = ", ".join(str(shape) for shape in sorted(shapes)[:4])
        raise _Unsupported(f"a list of {len(items)} items of different shapes: {shown}")
    stacked = np.asarray(arrays, dtype=np.float64)
    _check_size(stacked.size)
    return stacked


def _is_iterator(value: Any) -> bool:
    """Whether looking through `value` would use it up."""
    return hasattr(value, "__next__")


def _holds_singletons(result: Any) -> bool:
    """Whether what lists hold, innermost, are tensors or arrays of one element each."""
    if hasattr(result, "__array__") or not hasattr(result, "__iter__"):
        return False
    return all(
        np.shape(item) == (1,) if hasattr(item, "__array__") else _holds_singletons(item)
        for item in result
    )


def _check_size(count: int) -> None:
    if count > MAX_NUMBERS:
        raise _Unsupported(f"more than {MAX_NUMBERS} numbers")


def _flat(array: np.ndarray) -> list[Any]:
    return [value if math.isfinite(value) else str(value) for value in array.ravel().tolist()]


def _array(values: Any, data: Json) -> np.ndarray:
    dtype = np.dtype(data["dtype"])
    numbers_ = [float(v) for v in values] if dtype.kind == "f" else [int(v) for v in values]
    return np.array(numbers_, dtype=dtype).reshape(data["shape"]).copy()
