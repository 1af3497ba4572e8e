"""Results as plain data: whatever a reasonable student returns, as bounded JSON.

Nothing is ever unpickled, evaluated or method-called on the grader's side. Numbers become a shape
and a flat list of float64 values, whether they came as a list, a tuple, an array or a tensor;
what no one shape fits becomes parts, a dict its entries. This module knows nothing of tasks or
verdicts.
"""

from __future__ import annotations

import itertools
import math
import numbers
import sys
from decimal import Decimal
from typing import Any

import numpy as np

from autograder.observation.arguments import MAX_DEPTH, MAX_NUMBERS
from autograder.observation.keys import named, order

__all__ = ["MAX_NUMBERS", "MAX_TEXT", "normalise"]

#: A longer text is cut, and its length is told.
MAX_TEXT = 2_000
_MAX_PHRASE = 200
#: A text of so many characters takes the room of a number.
_CHARACTERS = 20

Json = dict[str, Any]


def normalise(result: Any) -> Json:
    """What a student's function returned, as bounded plain data.

    Parameters
    ----------
    result : anything
        float, list, tuple, deque, generator, ndarray, tensor (with or without
        grad), list of tensors, list of pairs, dict, data frame, JAX array, string ...

    Returns
    -------
    dict
        ``{"shape": [...], "values": [...]}`` with the values flat, as float64,
        non-finite ones spelled ``"nan"``, ``"inf"``, ``"-inf"``,
        ``"singletons"`` if it was a list of one-element tensors, ``"bools"`` if
        there were only bools and ``"gaps"`` if a column of a data frame lacks some;
        ``{"parts": [...]}``, each one of these, for a list that no one shape fits;
        and ``"set"`` if it is one, sorted;
        ``{"entries": {...}}`` for a dict, and ``"bare"``, which of its keys are no text;
        ``{"text": ...}`` for a string, with its ``"length"`` if it was cut;
        ``{"nothing": True}`` for None; or ``{"unsupported": ...}``, a phrase
        that says what came instead.

    Notes
    -----
    A data frame is the dict of its columns, and a column the list of its values, or, where
    its rows have text for names, the dict of those. A gap among numbers is nan, among others None.
    """
    reader = _Reader()
    try:
        if _is_iterator(result):
            result = _drawn(result)
        return reader.observation(reader.read(result, 0), result)
    except _Unsupported as problem:
        return {"unsupported": str(problem)[:_MAX_PHRASE]}


class _Unsupported(Exception):
    """The result cannot be sent; the text says what it is, and where in the result."""

    def __init__(self, phrase: str, path: str = "") -> None:
        super().__init__(phrase)
        self.phrase, self.path = phrase, path

    def inside(self, key: Any) -> _Unsupported:
        """The same, seen from one level up."""
        if self.phrase == _TOO_MANY:
            return self
        return _Unsupported(self.phrase, f"[{key!r:.40}]{self.path}"[:_MAX_PHRASE])

    def __str__(self) -> str:
        return f"{self.phrase}, at result{self.path}" if self.path else self.phrase


class _Reader:
    """Reads one result, with room for so many numbers in all."""

    def __init__(self) -> None:
        self._room = MAX_NUMBERS

    def read(self, value: Any, depth: int) -> np.ndarray | Json:
        """Numbers as an array of float64 or bool; anything else as an observation."""
        if value is None:
            return {"nothing": True}
        if isinstance(value, str):
            # Its own text, whatever a subclass (an Enum's member, say) prints itself as.
            return self._text(str.__str__(value))
        if depth > MAX_DEPTH:
            raise _Unsupported(f"lists nested more than {MAX_DEPTH} deep")
        if isinstance(value, dict):
            return self._entries(value, depth)
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor):
            return self._tensor(value, torch)
        if isinstance(value, (bool, int, float, np.number, np.bool_)):
            return self._number(value)
        pandas = sys.modules.get("pandas")
        if pandas is not None and isinstance(value, (pandas.DataFrame, pandas.Series)):
            self._take(int(np.prod([max(length, 1) for length in value.shape])))
            self._room += value.size  # they are counted where they are read
            return self.read(_of_frame(value, pandas), depth)
        if hasattr(value, "__array__"):
            value = np.asarray(value)
            if value.dtype.kind in "biuf":
                self._take(_extent(value.shape))
                return np.asarray(value, dtype=bool if value.dtype.kind == "b" else np.float64)
            if value.ndim == 0 and value.dtype.kind in "US":
                return self._text(str(value))
            if value.dtype.kind not in "OU" or value.ndim == 0:
                raise _Unsupported(f"an array of {value.dtype.name}")
            if _extent(value.shape) > self._room:
                raise _Unsupported(_TOO_MANY)
            value = value.tolist()
        if isinstance(value, (numbers.Real, Decimal)):  # a Fraction, say
            try:
                return self._number(float(value))
            except (TypeError, ValueError, OverflowError):
                raise _Unsupported(f"a {type(value).__name__}") from None
        if isinstance(value, (set, frozenset)):
            return self._set(value, depth)
        if isinstance(value, bytes) or not hasattr(value, "__iter__"):
            raise _Unsupported(f"a {type(value).__name__}")
        return self._list(_drawn(value, depth), depth)

    def observation(self, read: np.ndarray | Json, value: Any) -> Json:
        """What was read of `value`, as JSON."""
        if isinstance(read, dict):
            return read
        found: Json = {"shape": list(read.shape), "values": _flat(read)}
        if read.dtype.kind == "b":
            found["bools"] = True
        if read.ndim > 1 and read.shape[-1] == 1 and _holds_singletons(value):
            found["singletons"] = True
        if read.ndim == 1 and _is_column(value) and bool(np.isnan(read).any()):
            found["gaps"] = True
        return found

    def _list(self, items: list[Any], depth: int) -> np.ndarray | Json:
        if all(type(item) is float for item in items):
            self._take(len(items))
            return np.asarray(items, dtype=np.float64)
        if len(items) > MAX_NUMBERS:
            raise _Unsupported(_TOO_MANY)
        read: list[Any] = []
        for place, item in enumerate(items):
            if _is_iterator(item):
                item = items[place] = _drawn(item, depth + 1)
            try:
                read.append(self.read(item, depth + 1))
            except _Unsupported as problem:
                raise problem.inside(place) from None
        if all(isinstance(part, np.ndarray) for part in read):
            shapes = {part.shape for part in read}
            if shapes == {(), (1,)}:  # a float, then one-element tensors: numbers to their author
                read, shapes = [part.reshape(()) for part in read], {()}
            if len(shapes) == 1:
                bools = all(part.dtype.kind == "b" for part in read)
                return np.asarray(read, dtype=bool if bools else np.float64)
        return {"parts": [self.observation(*pair) for pair in zip(read, items, strict=True)]}

    def _entries(self, value: dict[Any, Any], depth: int) -> Json:
        entries: Json = {}
        bare: list[str] = []
        for key, item in itertools.islice(dict.items(value), MAX_NUMBERS + 1):
            try:
                name, is_text = named(key)
            except (TypeError, ValueError, OverflowError):
                raise _Unsupported(f"a dict with the key {key!r:.40}") from None
            if name in entries:
                raise _Unsupported(f"a dict with two keys that look like {name!r:.40}")
            self._take(1 + len(name) // _CHARACTERS)
            try:
                if _is_iterator(item):
                    item = _drawn(item, depth + 1)
                entries[name] = self.observation(self.read(item, depth + 1), item)
            except _Unsupported as problem:
                raise problem.inside(name if is_text else key) from None
            bare += [] if is_text else [name]
        return {"entries": entries, "bare": bare} if bare else {"entries": entries}

    def _set(self, value: Any, depth: int) -> Json:
        """Its members in an order of their own: that in which it holds them means nothing."""
        self._take(len(value))
        try:
            members = sorted(value, key=order)
        except (TypeError, ValueError, OverflowError):
            raise _Unsupported("a set of what is neither text nor number") from None
        parts = [self.observation(self.read(member, depth + 1), member) for member in members]
        return {"parts": parts, "set": True}

    def _text(self, text: str) -> Json:
        self._take(1 + min(len(text), MAX_TEXT) // _CHARACTERS)
        if len(text) <= MAX_TEXT:
            return {"text": text}
        return {"text": text[:MAX_TEXT], "length": len(text)}

    def _tensor(self, value: Any, torch: Any) -> np.ndarray:
        self._take(_extent(value.shape))
        if value.is_complex():
            raise _Unsupported("a complex tensor")
        kind = torch.bool if value.dtype is torch.bool else torch.float64
        array: np.ndarray = value.detach().to("cpu", kind).numpy()
        return array

    def _number(self, value: Any) -> np.ndarray:
        self._take(1)
        if isinstance(value, (bool, np.bool_)):
            return np.asarray(bool(value))
        if isinstance(value, np.complexfloating):
            raise _Unsupported("a complex number")
        try:
            return np.asarray(float(value))
        except OverflowError:
            raise _Unsupported("a number too large for a float") from None

    def _take(self, count: int) -> None:
        self._room -= count
        if self._room < 0:
            raise _Unsupported(_TOO_MANY)


_TOO_MANY = f"more than {MAX_NUMBERS} numbers"


def _extent(shape: Any) -> int:
    """How much a shape spans; an empty one of a thousand million rows is no small one."""
    return math.prod(max(int(length), 1) for length in shape)


def _of_frame(value: Any, pandas: Any) -> Any:
    """A data frame as a dict of columns, a column as its values; see `normalise`."""
    if isinstance(value, pandas.DataFrame):
        return dict(value.items())
    index = list(value.index)
    named = all(isinstance(name, str) for name in index) and len(set(index)) == len(index)
    if named and (index or value.index.dtype.kind in "OU"):
        return dict(zip(index, value.tolist(), strict=True))
    gaps = bool(value.isna().any())
    if value.dtype.kind in "iuf":
        return value.to_numpy(np.float64, na_value=np.nan) if gaps else value.to_numpy()
    return value.astype(object).where(value.notna(), None).tolist() if gaps else value.to_numpy()


def _is_column(value: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.Series)


def _is_iterator(value: Any) -> bool:
    """Whether looking through `value` would use it up."""
    return hasattr(value, "__next__")


def _drawn(items: Any, depth: int = 0) -> list[Any]:
    """All of them, at most one too many.

    An iterator among them is used up before the next is asked for: a row of a generator of
    generators belongs to that moment.
    """
    drawn: list[Any] = []
    room = MAX_NUMBERS + 1
    for item in itertools.islice(items, room):
        if _is_iterator(item) and depth <= MAX_DEPTH:
            item = _drawn(item, depth + 1)
            room -= len(item)
        drawn.append(item)
        if room < len(drawn):
            raise _Unsupported(_TOO_MANY)
    return drawn


def _holds_singletons(result: Any) -> bool:
    """Whether what lists hold, innermost, are tensors or arrays of one element each."""
    if hasattr(result, "__array__") or not hasattr(result, "__iter__") or _is_iterator(result):
        return False  # an iterator is used up by now
    return all(
        np.shape(item) == (1,) if hasattr(item, "__array__") else _holds_singletons(item)
        for item in result
    )


def _flat(array: np.ndarray) -> list[Any]:
    values = np.asarray(array, dtype=np.float64).ravel().tolist()
    return [value if math.isfinite(value) else str(value) for value in values]
