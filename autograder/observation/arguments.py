"""Arguments as plain data: `encode` writes them, `decode` makes fresh ones, `paste` types them.

What a call may contain: None, bools, numbers, text; lists, tuples, sets and dicts of such; arrays
of numbers, bools or text; tensors; functions as formulas; a random generator by its seed; data
frames. Nested, and bounded in size and depth. This module knows functions; no results, no tasks,
no verdicts.
"""

from __future__ import annotations

import math
import numbers
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.observation.functions import Function
from autograder.observation.keys import named, order

__all__ = ["MAX_DEPTH", "MAX_NUMBERS", "Generator", "decode", "encode", "leaves", "mapped", "paste"]

#: More numbers than this are sent neither there, in one argument, nor back, in one result.
MAX_NUMBERS = 20_000
#: Lists in lists in lists: so deep and no deeper.
MAX_DEPTH = 8

#: What a call may contain in place of what it may not.
_INSTEAD = {
    "Generator": "; it goes there by its seed, Generator(7)",
    "function": "; it goes there as a formula, Function('x**2')",
}

Json = dict[str, Any]


@dataclass(frozen=True)
class Generator:
    """A random generator as an argument: in a call it is ``np.random.default_rng(seed)``.

    A call can't hold a generator itself, whose state changes; each time the call is asked,
    a fresh one begins at the seed.
    """

    seed: int


def encode(value: Any) -> Any:
    """An argument as JSON.

    None, bools, floats, ints, strings and lists stay themselves; anything else becomes a tagged
    object.

    Raises
    ------
    TypeError
        For anything that a call may not contain.
    """
    data = _encoded(value, 0)
    if sum(_size(leaf) for leaf in leaves(data)) > MAX_NUMBERS:
        raise TypeError(f"a call may not contain an argument of more than {MAX_NUMBERS} numbers")
    return data


def _encoded(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise TypeError(f"a call may not contain lists nested more than {MAX_DEPTH} deep")
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value) if math.isfinite(value) else {"float": str(float(value))}
    if isinstance(value, Function):
        return {"function": value.to_json()}
    if isinstance(value, Generator):
        return {"generator": int(value.seed)}
    if isinstance(value, (list, tuple)):
        items = [_encoded(item, depth + 1) for item in value]
        return items if isinstance(value, list) else {"tuple": items}
    if isinstance(value, (set, frozenset)):
        members = {item: _encoded_key(item) for item in value}
        return {"set": [members[item] for item in sorted(members, key=order)]}
    if isinstance(value, dict):
        if all(isinstance(key, str) for key in value):
            return {"dict": _encoded_dict(value, depth)}
        return {"pairs": [[_encoded_key(k), _encoded(v, depth + 1)] for k, v in value.items()]}
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiubU":
        dtype = "str" if value.dtype.kind == "U" else value.dtype.name
        return {"array": _flat(value), "shape": list(value.shape), "dtype": dtype}
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        array = value.detach().cpu().numpy()
        return {"tensor": _flat(array), "shape": list(array.shape), "dtype": array.dtype.name}
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(value, pandas.DataFrame):
        return {"frame": _encoded_frame(value, depth)}
    kind = type(value).__name__
    raise TypeError(f"a call may not contain a {kind}: {value!r:.80}{_INSTEAD.get(kind, '')}")


def _encoded_key(key: Any) -> Any:
    """What stands before a colon, or in a set."""
    try:
        named(key)
    except (TypeError, ValueError, OverflowError) as error:
        raise TypeError(f"a call may not contain {error}") from None
    return _encoded(key, 0)


def _encoded_dict(value: dict[Any, Any], depth: int) -> Json:
    for key in value:
        if not isinstance(key, str):
            raise TypeError(
                f"a call may not contain a data frame with a column that is no text: {key!r:.80}"
            )
    return {str(key): _encoded(item, depth + 1) for key, item in value.items()}


def _encoded_frame(frame: Any, depth: int) -> Json:
    """The columns of a data frame, whose rows have only their numbers for names."""
    if list(frame.index) != list(range(len(frame))):
        raise TypeError("a call may not contain a data frame with an index of its own")
    return _encoded_dict(
        {
            name: column.to_numpy() if column.dtype.kind in "fiub" else column.tolist()
            for name, column in frame.items()
        },
        depth,
    )


def decode(data: Any) -> Any:
    """A fresh argument from `encode`'s JSON; two calls share no memory.

    Raises
    ------
    ValueError
        If the data was not made by `encode`.
    """
    if data is None or isinstance(data, (bool, int, float, str)):
        return data
    try:
        if isinstance(data, list):
            return [decode(item) for item in data]
        for tag, made in _DECODERS.items():
            if tag in data:
                return made(data)
    except (TypeError, AttributeError, KeyError, OverflowError, RecursionError) as error:
        raise ValueError(f"not an encoded argument ({error}): {data!r:.80}") from None
    raise ValueError(f"not an encoded argument: {data!r:.80}")


def _tensor(data: Json) -> Any:
    import torch

    return torch.from_numpy(_array(data["tensor"], data))


def _frame(data: Json) -> Any:
    import pandas  # type: ignore[import-untyped,unused-ignore]

    return pandas.DataFrame(_dict(data["frame"]))


def _dict(data: Json) -> Json:
    return {key: decode(item) for key, item in data.items()}


_DECODERS: dict[str, Callable[[Json], Any]] = {
    "function": lambda data: Function.from_json(data["function"]),
    "float": lambda data: float(data["float"]),
    "array": lambda data: _array(data["array"], data),
    "tensor": _tensor,
    "tuple": lambda data: tuple(decode(item) for item in data["tuple"]),
    "dict": lambda data: _dict(data["dict"]),
    "pairs": lambda data: {decode(key): decode(item) for key, item in data["pairs"]},
    "set": lambda data: {decode(item) for item in data["set"]},
    "generator": lambda data: np.random.default_rng(data["generator"]),
    "frame": _frame,
}


def paste(data: Any, library: str = "torch") -> str:
    """An encoded argument as Python source that a student can type."""
    if isinstance(data, list):
        return f"[{', '.join(paste(item, library) for item in data)}]"
    if not isinstance(data, dict):
        return repr(data)
    if "function" in data:
        return Function.from_json(data["function"]).source(library)
    if "float" in data:
        return f'float("{data["float"]}")'
    if "generator" in data:
        return f"np.random.default_rng({data['generator']})"
    if "tuple" in data:
        items = [paste(item, library) for item in data["tuple"]]
        return f"({', '.join(items)}{',' * (len(items) == 1)})"
    if "set" in data:
        items = [paste(item, library) for item in data["set"]]
        return f"{{{', '.join(items)}}}" if items else "set()"
    if "pairs" in data:
        pairs = [f"{paste(k, library)}: {paste(v, library)}" for k, v in data["pairs"]]
        return f"{{{', '.join(pairs)}}}"
    if "dict" in data or "frame" in data:
        entries: Json = data["dict"] if "dict" in data else data["frame"]
        typed = f"{{{', '.join(f'{k!r}: {paste(v, library)}' for k, v in entries.items())}}}"
        return typed if "dict" in data else f"pd.DataFrame({typed})"
    return _pasted_array(data)


def _pasted_array(data: Json) -> str:
    kind = "array" if "array" in data else "tensor"
    array = _array(data[kind], data)
    module = "np" if kind == "array" else "torch"
    text = repr(array.tolist())
    if array.dtype.kind == "f":
        text = re.sub(r"-?\b(nan|inf)\b", r'float("\g<0>")', text)
    # What NumPy would choose by itself needs no words; torch would choose float32.
    by_itself = array.dtype in (np.float64, np.int64, np.bool_) or array.dtype.kind == "U"
    name = data["dtype"] if data["dtype"] in ("str", "bool") else f"{module}.{data['dtype']}"
    if kind == "tensor" and name == "bool":
        name = "torch.bool"
    dtype = "" if array.size and kind == "array" and by_itself else f", dtype={name}"
    if array.size == 0 and array.ndim > 1:
        return f"{module}.zeros({tuple(array.shape)}{dtype})"
    return f"{module}.{kind}({text}{dtype})"


def mapped(value: Any, leaf: Callable[[Any], Any]) -> Any:
    """A decoded argument with `leaf` applied to whatever is in its lists, tuples and dicts."""
    if isinstance(value, (list, tuple, set)):
        return type(value)(mapped(item, leaf) for item in value)
    if isinstance(value, dict):
        return {key: mapped(item, leaf) for key, item in value.items()}
    return leaf(value)


def leaves(data: Any) -> Iterator[Any]:
    """What an encoded argument's lists, tuples and dicts hold, innermost."""
    if isinstance(data, list):
        inside: Any = data
    elif isinstance(data, dict) and ("tuple" in data or "set" in data):
        inside = data["tuple"] if "tuple" in data else data["set"]
    elif isinstance(data, dict) and "pairs" in data:
        inside = [part for pair in data["pairs"] for part in pair]
    elif isinstance(data, dict) and ("dict" in data or "frame" in data):
        inside = (data["dict"] if "dict" in data else data["frame"]).values()
    else:
        yield data
        return
    for item in inside:
        yield from leaves(item)


def _size(leaf: Any) -> int:
    if isinstance(leaf, dict):
        return max(1, len(leaf.get("array", ())), len(leaf.get("tensor", ())))
    return 1 + len(leaf) // 20 if isinstance(leaf, str) else 1


def _flat(array: np.ndarray) -> list[Any]:
    values = array.ravel().tolist()
    if array.dtype.kind != "f":
        return values
    return [value if math.isfinite(value) else str(value) for value in values]


#: How an entry is read, by the kind of the array.
_READ: dict[str, Callable[[Any], Any]] = {"f": float, "U": str, "b": bool}


def _array(values: Any, data: Json) -> np.ndarray:
    dtype = np.dtype(data["dtype"])
    read = _READ.get(dtype.kind, int)
    return np.array([read(v) for v in values], dtype=dtype).reshape(data["shape"]).copy()
