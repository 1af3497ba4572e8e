"""Results of a call in words: a few numbers, around the first that differs from what is expected.

Observations may hold any JSON; there is always an answer. Knows observations and a task's
tolerance; no verdicts.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.feedback.differing import Differences
from autograder.feedback.names import NAMELESS, Names
from autograder.feedback.nested import as_bools, path_to, spelled, unlike
from autograder.marking.agreement import (
    as_array,
    as_arrays,
    field_of,
    first_difference,
    inside,
)
from autograder.marking.task import Task
from autograder.observation.values import normalise

__all__ = ["AND", "aligned", "arrays_of", "describe", "difference", "number", "wanted"]

Json = dict[str, Any]

#: Between the parts of a result that is a pair, or more.
AND = "  and  "
#: So many parts stand below each other; more are a list.
PARTS = 3
#: What is said of a list of nothing but None: a method's results, say.
NO_RETURN = "Each of them is None (is there a return at the end?)"
#: How many numbers of a result are shown, and how many before the first that differs.
SHOWN, BEFORE = 8, 2


def describe(observation: Json) -> str:
    """An observation in a few words: values, text, or what went wrong."""
    error = observation.get("error")
    if isinstance(error, dict):
        where = f", in the line: {_words(error['line'])}" if error.get("line") else ""
        said = f": {_words(message)}" if (message := error.get("message")) else ""
        return f"{_words(error.get('type'))}{said}{where}"
    if "text" in observation:
        return repr(_words(observation["text"]))
    if "nothing" in observation:
        return "None (is there a return at the end?)"
    if "unsupported" in observation:
        return _words(observation["unsupported"])
    arrays = as_arrays(observation)
    if not arrays or len(arrays) > PARTS:
        return spelled(observation, describe) or "nothing that could be read"
    if observation.get("bools"):
        return as_bools(_array(arrays[0]))
    return AND.join(map(_array, arrays))


def wanted(expected: Json | None) -> str:
    """What was expected in a few words; empty where that is not told."""
    if not expected:
        return ""
    return "None" if "nothing" in expected else describe(expected)


def aligned(expected: Json | None, observed: Json | None, task: Task) -> tuple[str, str]:
    """Both in a line each; rows of numbers so that what belongs together stands together."""
    arrays = arrays_of(expected, observed)
    if arrays is None or any(array.ndim != 1 or array.size == 0 for array in arrays):
        return wanted(expected), describe(observed or {})
    right, came = arrays
    (place,) = Differences(right, came, task).first or (min(right.size, came.size),)
    first = place - BEFORE if place >= SHOWN - 1 else 0
    texts = [[number(x) for x in array[first : first + SHOWN].tolist()] for array in arrays]
    widths = [max(map(len, pair)) for pair in zip(*texts, strict=False)]
    lines = []
    for array, shown in zip(arrays, texts, strict=True):
        padded = [text.rjust(width) for text, width in zip(shown, widths, strict=False)]
        padded += shown[len(widths) :]
        before, after = ["…"] if first else [], ["…"] if first + SHOWN < array.size else []
        lines.append(f"[{', '.join([*before, *padded, *after])}]  shape {array.shape}")
    return lines[0], lines[1]


def difference(expected: Json | None, observed: Json | None, task: Task) -> str:
    """Where the two first differ, in a sentence; empty if what they are says it all."""
    names, arrays = Names.of(task), arrays_of(expected, observed)
    if arrays is not None:
        return _array_difference(*arrays, task, names)
    wanted, came = as_arrays(expected or {}), as_arrays(observed or {})
    if len(wanted) != len(came) or not wanted:
        return _nested_difference(expected, observed, task)
    found = [
        _array_difference(right, seen, task, NAMELESS)
        for right, seen in zip(wanted, came, strict=True)
    ]
    said = [(names.one_of(k, len(found)), text) for k, text in enumerate(found) if text]
    return " ".join(f"In {which}: {text}" for which, text in said)


def _nested_difference(expected: Json | None, observed: Json | None, task: Task) -> str:
    """The way to what first differs in a list or a dict, and what stands there."""
    path, right, came = first_difference(expected, observed, task.rtol, task.atol)
    where = path_to(path)
    right, came = (part if isinstance(part, dict) else {} for part in (right, came))
    if told := unlike(where, right, came, describe):
        return told
    if not path:
        held = (inside(came) or {}).values()
        return NO_RETURN if held and all(field_of(p, "nothing") for p in held) else ""
    arrays = arrays_of(right, came)
    if arrays is not None and arrays[0].shape != arrays[1].shape:
        return f"The shape of {where} should be {arrays[0].shape}, but it is {arrays[1].shape}."
    if arrays is not None and (index := Differences(*arrays, task).first):
        right, came = (normalise(array[index]) for array in arrays)
        where = path_to((*path, *index))
    texts = ["None" if "nothing" in part else describe(part) for part in (right, came)]
    return f"They first differ at {where}: expected {texts[0]}, returned {texts[1]}."


def _array_difference(a: np.ndarray, b: np.ndarray, task: Task, names: Names) -> str:
    if a.shape != b.shape:
        return f"The shape should be {a.shape}, but it is {b.shape}."
    index = Differences(a, b, task).first
    if not index:  # two single numbers stand above each other
        return ""
    right, came = number(float(a[index])), number(float(b[index]))
    place = names.entry(index, a.shape)
    return f"They first differ at {place}: expected {right}, returned {came}."


def arrays_of(expected: Json | None, observed: Json | None) -> tuple[np.ndarray, np.ndarray] | None:
    """Expected and observed values, if both are numbers."""
    right, came = as_array(expected or {}), as_array(observed or {})
    if right is None or came is None:
        return None
    if (observed or {}).get("singletons") and came.shape == (*right.shape, 1):
        came = came[..., 0]
    return right, came


def _array(array: np.ndarray) -> str:
    if array.ndim == 0:
        return number(float(array))
    if array.ndim > 3:
        return f"numbers of shape {array.shape}"
    rows = array if array.ndim > 1 else array.ravel()
    shown = ", ".join(_entry(row) for row in rows[:SHOWN])
    dots = ", …" if len(rows) > SHOWN else ""
    return f"[{shown}{dots}]  shape {array.shape}"


def _entry(row: Any) -> str:
    if np.ndim(row) == 0:
        return number(float(row))
    cells = ", ".join(_entry(item) for item in row[:SHOWN])
    return f"[{cells}{', …' if len(row) > SHOWN else ''}]"


def number(value: float, digits: int = 6) -> str:
    """A number in a few digits."""
    return f"{value:.{digits}g}"


def _words(value: Any) -> str:
    """Text from the student's process: short, and such that it can be written as UTF-8."""
    if not isinstance(value, str):
        return f"({type(value).__name__})"
    return value[:300].encode("utf-8", errors="replace").decode("utf-8")
