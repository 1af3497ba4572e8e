"""Mistakes of the shape of a result, where its numbers are right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Unpack

import numpy as np

from autograder.marking.calls import Behaviour
from autograder.marking.criteria import Mistake
from autograder.marking.mistakes.changes import Changes, changed
from autograder.marking.mistakes.results import altering

__all__ = ["shapes"]


def shapes(reference: Behaviour, **changes: Unpack[Changes]) -> list[Mistake]:
    """Mistakes of the shape of an array.

    Leave out those that the task's results cannot show: a transposed vector is the same vector.
    """

    def shaped(name: str, hint: str, *changes: Callable[[np.ndarray], Any]) -> Mistake:
        return altering(name, hint, reference, *map(_of_an_array, changes))

    ready = [
        shaped(
            "transposed",
            "Rows and columns are exchanged.",
            np.transpose,
        ),
        shaped(
            "flattened",
            "The numbers are right, but in one long list; give them the shape that is asked for.",
            np.ravel,
        ),
        shaped(
            "an axis too many",
            "The numbers are right, but wrapped once more than asked: an axis of length 1 is too "
            "many.",
            lambda result: result[None],
            lambda result: result[..., None],
        ),
        shaped(
            "an array of one becomes a number",
            "An array of length one should stay an array, but a number came back; leave out "
            "squeeze() and .item().",
            np.squeeze,
        ),
    ]
    return changed(ready, **changes)


def _of_an_array(change: Callable[[np.ndarray], Any]) -> Callable[[Any], Any]:
    return lambda result: change(np.asarray(result))
