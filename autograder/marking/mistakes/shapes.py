"""Mistakes of the shape of a result, where its numbers are right."""

from __future__ import annotations

from typing import Unpack

import numpy as np

from autograder.marking.calls import Behaviour
from autograder.marking.criteria import Mistake
from autograder.marking.mistakes.changes import Changes, changed

__all__ = ["shapes"]


def shapes(reference: Behaviour, **changes: Unpack[Changes]) -> list[Mistake]:
    """Mistakes of the shape of an array.

    Leave out those that the task's results cannot show: a transposed vector is the same vector.
    """

    def after(change: Behaviour) -> Behaviour:
        return lambda *arguments: change(np.asarray(reference(*arguments)))

    ready = [
        Mistake(
            "transposed",
            "Rows and columns are exchanged.",
            behaves_like=after(np.transpose),
        ),
        Mistake(
            "flattened",
            "The numbers are right, but in one long list; give them the shape that is asked for.",
            behaves_like=after(np.ravel),
        ),
        Mistake(
            "an axis too many",
            "The numbers are right, but wrapped once more than asked: an axis of length 1 is too "
            "many.",
            behaves_like=(
                after(lambda result: result[None]),
                after(lambda result: result[..., None]),
            ),
        ),
        Mistake(
            "an array of one becomes a number",
            "An array of length one should stay an array, but a number came back; leave out "
            "squeeze() and .item().",
            behaves_like=after(np.squeeze),
        ),
    ]
    return changed(ready, **changes)
