"""Results of a call in words, and two of them beside each other.

What came back is shown in a few numbers: those around the first that differs
from what was expected. Observations may hold any JSON; there is always an
answer. Knows observations and a task's tolerance; no verdicts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.marking.agreement import as_array, as_arrays, matches
from autograder.marking.task import Task

__all__ = ["aligned", "arrays_of", "beside", "describe", "difference"]

Json = dict[str, Any]
Index = tuple[int, ...]

#: How many numbers of a result are shown, and how many of a row of a table.
SHOWN, ACROSS = 8, 3
#: How many entries are shown before and after the first that differs.
BEFORE, AFTER = 2, 3


def describe(observation: Json) -> str:
    """An observation in a few words: values, text, or what went wrong."""
    error = observation.get("error")
    if isinstance(error, dict):
        where = f", in the line: {_words(error['line'])}" if error.get("line") else ""
        return f"{_words(error.get('type'))}: {_words(error.get('message'))}{where}"
    if "text" in observation:
        return repr(_words(observation["text"]))
    if "nothing" in observation:
        return "None (is there a return at the end?)"
    if "unsupported" in observation:
        return _words(observation["unsupported"])
    arrays = as_arrays(observation)
    if not arrays:
        return "nothing that could be read"
    return "  and  ".join(map(_array, arrays))


def aligned(expected: Json | None, observed: Json | None, task: Task) -> tuple[str, str]:
    """Both in a line each; rows of numbers so that what belongs together stands together."""
    arrays = arrays_of(expected, observed)
    if arrays is None or any(array.ndim != 1 or array.size == 0 for array in arrays):
        return describe(expected or {}), describe(observed or {})
    right, came = arrays
    differing = [index[0] for index in _differing(right, came, task)]
    place = differing[0] if differing else min(right.size, came.size)
    first = place - BEFORE if place >= SHOWN - 1 else 0
    texts = [[_number(x) for x in array[first : first + SHOWN].tolist()] for array in arrays]
    widths = [max(map(len, pair)) for pair in zip(*texts, strict=False)]
    lines = []
    for array, shown in zip(arrays, texts, strict=True):
        padded = [text.rjust(width) for text, width in zip(shown, widths, strict=False)]
        padded += shown[len(widths) :]
        before, after = ["…"] if first else [], ["…"] if first + SHOWN < array.size else []
        lines.append(f"[{', '.join([*before, *padded, *after])}]  shape {array.shape}")
    return lines[0], lines[1]


def beside(expected: Json | None, observed: Json | None, task: Task) -> str:
    """A table of both around the first entry that differs, as HTML; empty if they have no rows."""
    arrays = arrays_of(expected, observed)
    if arrays is None or arrays[0].ndim != arrays[1].ndim or arrays[0].ndim == 0:
        return ""
    right, came = arrays
    wrong = set(_differing(right, came, task))
    wide = right.ndim > 1  # an entry is a row of numbers
    lead = right.ndim - wide
    places = list(np.ndindex(*np.maximum(right.shape, came.shape)[:lead]))
    ones = {index[:lead] for index in wrong}
    ones |= {place for place in places if not all(_has(array, place) for array in arrays)}
    first_one = next((k for k, place in enumerate(places) if place in ones), len(places))
    column = min((index[-1] for index in wrong if index[:lead] == places[first_one]), default=0)
    first = max(0, min(first_one - BEFORE, len(places) - 1 - BEFORE - AFTER))
    last = min(first + BEFORE + AFTER + 1, len(places))
    cell = "padding:.1em .8em .1em 0;text-align:left;border:0;white-space:nowrap"
    rows = [f'<tr><td style="{cell}" colspan="4">…</td></tr>'] if first else []
    for place in places[first:last]:
        mark = "≠" if place in ones else ""
        texts = [_entries(array, place, wrong, column if wide else None) for array in arrays]
        cells = "".join(f'<td style="{cell}">{text}</td>' for text in (mark, *texts))
        name = ", ".join(map(str, place))
        rows.append(
            f'<tr><th scope="row" style="{cell};font-weight:normal">[{name}]</th>{cells}</tr>'
        )
    rows += [f'<tr><td style="{cell}" colspan="4">…</td></tr>'] if last < len(places) else []
    heads = "".join(
        f'<th scope="col" style="{cell}">{word}'
        f'<div style="font-weight:normal">shape {array.shape}</div></th>'
        for word, array in zip(("expected", "returned"), arrays, strict=True)
    )
    empty = f'<td style="{cell}"></td>'
    return (
        '<div style="overflow-x:auto;max-width:100%" tabindex="0">'
        '<table style="border-collapse:collapse;margin:.3em 0;font-family:monospace;'
        'font-size:.95em;background:none;color:inherit">'
        f"<thead><tr>{empty}{empty}{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _has(array: np.ndarray, place: Index) -> bool:
    return all(k < length for k, length in zip(place, array.shape, strict=False))


def _entries(array: np.ndarray, place: Index, wrong: set[Index], column: int | None) -> str:
    """What stands at a place: a number, or the numbers of a row near `column`; wrong ones bold."""
    if not _has(array, place):
        return "<b>–</b>"

    digits = 6 if column is None else 5

    def shown(index: Index) -> str:
        text = _number(float(array[index]), digits)
        return f"<b>{text}</b>" if index in wrong else text

    if column is None:
        return shown(place)
    length = array.shape[-1]
    first = max(0, min(column - 1, length - ACROSS))
    last = min(first + ACROSS, length)
    before, after = ["…"] if first else [], ["…"] if last < length else []
    middle = [shown((*place, k)) for k in range(first, last)]
    return f"[{', '.join([*before, *middle, *after])}]"


def difference(expected: Json | None, observed: Json | None, task: Task) -> str:
    """Where the two first differ, in a sentence; empty if what they are says it all."""
    arrays = arrays_of(expected, observed)
    if arrays is not None:
        return _array_difference(*arrays, task)
    wanted, came = as_arrays(expected or {}), as_arrays(observed or {})
    if len(wanted) != len(came) or not wanted:
        return ""
    found = [_array_difference(right, seen, task) for right, seen in zip(wanted, came, strict=True)]
    which = zip(("first", "second"), found, strict=True)
    return " ".join(f"In the {place} of the two: {text}" for place, text in which if text)


def _array_difference(a: np.ndarray, b: np.ndarray, task: Task) -> str:
    if a.shape != b.shape:
        return f"The shape should be {a.shape}, but it is {b.shape}."
    for index in _differing(a, b, task):
        if index:  # two single numbers stand above each other
            place = ", ".join(map(str, index))
            right, came = _number(float(a[index])), _number(float(b[index]))
            return f"They first differ at index [{place}]: expected {right}, returned {came}."
    return ""


def arrays_of(expected: Json | None, observed: Json | None) -> tuple[np.ndarray, np.ndarray] | None:
    """Expected and observed values, if both are numbers."""
    right, came = as_array(expected or {}), as_array(observed or {})
    if right is None or came is None:
        return None
    if (observed or {}).get("singletons") and came.shape == (*right.shape, 1):
        came = came[..., 0]
    return right, came


def _differing(a: np.ndarray, b: np.ndarray, task: Task) -> Iterator[Index]:
    """The indices, of those that both have, at which two arrays do not agree."""
    if a.ndim != b.ndim:
        return
    for index in np.ndindex(*np.minimum(a.shape, b.shape)):
        one, other = _single(float(a[index])), _single(float(b[index]))
        if not matches(one, other, task.rtol, task.atol):
            yield index


def _single(value: float) -> Json:
    return {"shape": [], "values": [float(value) if np.isfinite(value) else str(float(value))]}


def _array(array: np.ndarray) -> str:
    if array.ndim == 0:
        return _number(float(array))
    if array.ndim > 3:
        return f"numbers of shape {array.shape}"
    rows = array if array.ndim > 1 else array.ravel()
    shown = ", ".join(_entry(row) for row in rows[:SHOWN])
    dots = ", …" if len(rows) > SHOWN else ""
    return f"[{shown}{dots}]  shape {array.shape}"


def _entry(row: Any) -> str:
    if np.ndim(row) == 0:
        return _number(float(row))
    cells = ", ".join(_entry(item) for item in row[:SHOWN])
    return f"[{cells}{', …' if len(row) > SHOWN else ''}]"


def _number(value: float, digits: int = 6) -> str:
    return f"{value:.{digits}g}"


def _words(value: Any) -> str:
    """Text from the student's process: short, and such that it can be written as UTF-8."""
    if not isinstance(value, str):
        return f"({type(value).__name__})"
    return value[:300].encode("utf-8", errors="replace").decode("utf-8")
