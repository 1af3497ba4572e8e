"""What a criterion may ask beside equality: a property of the result, or an error.

Judged in the grader, on plain data. What comes from a student's process is untrusted: there is an
answer for any JSON at all. It knows observations and calls; no tasks, no points.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.marking.agreement import Bare, as_array, field_of, inside
from autograder.marking.calls import Call
from autograder.observation.arguments import MAX_DEPTH
from autograder.observation.keys import meant

__all__ = ["FAILS", "Property", "breach", "is_particular", "plain", "raised"]

Json = dict[str, Any]

#: Said where the property itself stops with an error.
FAILS = "what came back has another form than is asked "

#: Given a call and its plain result, whether all is well; or, as text, why not.
Property = Callable[[Call, Any], Any]


def breach(holds: Property, call: Call, observed: Any) -> str | None:
    """Why a result has not the property, ``""`` if there are no words for it; None if it has."""
    if not isinstance(observed, dict) or "error" in observed or "unsupported" in observed:
        return ""
    try:
        said = holds(call, plain(observed))
        if said is None or isinstance(said, str):
            return said or None
        return None if bool(said) else ""
    except Exception as error:
        return f"{FAILS}({type(error).__name__}: {error})"


def plain(observation: Any, depth: int = 0) -> Any:
    """A result as data: float, bool, text, None, array, list, set, dict.

    Raises
    ------
    ValueError
        If the observation holds no result.
    """
    held = inside(observation)
    if held is not None and depth <= MAX_DEPTH:
        parts = {
            meant(key.name) if isinstance(key, Bare) else key: plain(part, depth + 1)
            for key, part in held.items()
        }
        if "entries" in observation:
            return parts
        return set(map(_member, parts.values())) if observation.get("set") else [*parts.values()]
    if field_of(observation, "nothing") is True:
        return None
    text = field_of(observation, "text")
    if isinstance(text, str):
        return text
    array = as_array(observation)
    if array is None:
        raise ValueError("nothing that could be read")
    if observation.get("singletons") and array.ndim > 1:
        array = array[..., 0]
    if observation.get("bools"):
        array = array != 0
    return array.item() if array.ndim == 0 else array


def _member(part: Any) -> Any:
    """What was in a set, where it can be again."""
    if isinstance(part, np.ndarray):
        part = part.tolist()
    return tuple(map(_member, part)) if isinstance(part, list) else part


def raised(kind: str, observed: Any) -> str | None:
    """Why an observation is not an error of this kind; None if it is."""
    error = field_of(observed, "error")
    name = field_of(error, "type")
    if not isinstance(name, str):
        return f"no {kind} was raised"
    if name in ("NotImplementedError", "Timeout"):
        return ""
    bases = field_of(error, "bases")
    if name == kind or (isinstance(bases, list) and kind in bases):
        return None
    one, other = getattr(builtins, name, None), getattr(builtins, kind, None)
    if isinstance(one, type) and isinstance(other, type) and issubclass(one, other):
        return None
    return f"a {kind} should be raised, and not another error"


def is_particular(kind: str) -> bool:
    """Whether this names a builtin error that says something, and that no stub raises."""
    error = getattr(builtins, kind, None)
    usual = (Exception, BaseException, NotImplementedError)
    return isinstance(error, type) and issubclass(error, BaseException) and error not in usual
