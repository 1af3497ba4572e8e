"""The picture of a failing call, drawn once for all who made the same mistake.

Knows verdicts on criteria; how a picture is drawn is `pictures`' own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np

from autograder.feedback.names import Names
from autograder.feedback.results import arrays_of, describe, wanted
from autograder.marking.agreement import as_arrays, first_difference
from autograder.marking.calls import Call
from autograder.marking.judge import CriterionVerdict
from autograder.marking.task import Task
from autograder.observation.values import normalise

__all__ = ["MAX_PICTURE", "drawing", "illustrate"]

Json = dict[str, Any]

#: A picture of more bytes is left out.
MAX_PICTURE = 60_000


#: matplotlib's settings are those of the whole process.
_drawing = Lock()


def drawing() -> Callable[..., str]:
    """What draws, loaded when it is wanted: matplotlib takes a third of a second."""
    from autograder.feedback.pictures import compare

    return compare


def illustrate(criterion: CriterionVerdict, task: Task) -> str:
    """Both results in one picture, or nothing where there is none; it never raises."""
    if criterion.call is None:
        return ""
    try:
        # A class makes the same mistakes, but for rounding that no picture shows.
        expected, observed = criterion.expected, criterion.observed
        if not as_arrays(expected or {}):  # a dict, say: the first of its parts that differs
            _, expected, observed = first_difference(expected, observed, task.rtol, task.atol)
        shown = _rounded(observed, expected)
        if shown is None:
            return ""
        about = (
            f"{task.name}, {criterion.name}. Reference: {wanted(expected) or 'not told'}. "
            f"Submitted: {describe(shown)}."
        )
        number = [c.name for c in task.criteria].index(criterion.name)
        return _drawn(
            json.dumps(criterion.call.to_json(), sort_keys=True),
            json.dumps(expected, sort_keys=True),
            json.dumps(shown, sort_keys=True),
            f"{task.name}-{number}",
            about,
            task.result,
            Names.of(task),
        )
    except Exception:  # a verdict is worth more than its picture
        return ""


@lru_cache(maxsize=512)
def _drawn(
    call: str, expected: str, observed: str, name: str, about: str, kind: str, names: Names
) -> str:
    compare = drawing()
    asked = Call.from_json(json.loads(call))
    with _drawing:
        svg = compare(asked, json.loads(expected), json.loads(observed), name, about, kind, names)
    if not svg or len(svg.encode()) > MAX_PICTURE:
        return ""
    scrolls = ' style="overflow-x:auto;max-width:100%" tabindex="0"' if "min-width" in svg else ""
    return f"<div{scrolls}>{svg}</div>"


def _rounded(observed: Json | None, expected: Json | None) -> Json | None:
    """The numbers observed, to a thousandth of what those expected span or less; None if none."""
    arrays = arrays_of(expected, observed)
    if arrays is not None:
        return normalise(_coarser(arrays[1], arrays[0]))
    right, came = as_arrays(expected or {}), as_arrays(observed or {})
    if len(right) != len(came) or not right:
        return None
    return {"parts": [normalise(_coarser(*pair)) for pair in zip(came, right, strict=True)]}


def _coarser(values: np.ndarray, like: np.ndarray) -> np.ndarray:
    tame = like[np.isfinite(like)]
    span = (float(np.ptp(tame)) or float(abs(tame).max())) if tame.size else 0.0
    digits = 4 - int(np.floor(np.log10(span))) if span else 6
    with np.errstate(all="ignore"):
        return np.asarray(np.round(values, max(-12, min(digits, 12))))
