"""Mistakes that show only where numbers are very large, or very small."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Unpack

import numpy as np

from autograder.marking.calls import Behaviour
from autograder.marking.criteria import Mistake
from autograder.marking.mistakes.changes import Changes, changed
from autograder.marking.mistakes.results import After, cut
from autograder.marking.mistakes.walks import Walk

__all__ = ["limits"]

Change = Callable[[Any], Any]


def limits(
    after: After,
    bounds: Sequence[float] = (10.0, 100.0, 1000.0),
    decimals: Sequence[int] = (1, 2, 3),
    walk: Walk | None = None,
    **changes: Unpack[Changes],
) -> list[Mistake]:
    """Numbers kept in bounds, and numbers of a few digits.

    Parameters
    ----------
    after : callable
        As in `results`; of a walk, `Walk.after`.
    bounds : sequence of float
        Sizes that some call has to exceed by far.
    decimals : sequence of int
        How many somebody may have left; three show in numbers of a few hundredths.
    walk : Walk, optional
        One that carries nothing from step to step: places may be cut off and rounded at every
        step as well, there to four decimals, too. See `draws.runaway`.
    **changes
        See `changed`.
    """

    def made(changes: Sequence[Change], of_steps: Sequence[Change]) -> tuple[Behaviour, ...]:
        recorded = tuple(after(_each(change)) for change in changes)
        return recorded + (tuple(walk.each_step(change) for change in of_steps) if walk else ())

    bounded = [cut(most) for most in bounds]
    rounded = [partial(np.round, decimals=digits) for digits in (*decimals, 4)]
    ready = [
        Mistake(
            "kept in bounds",
            "Numbers are cut off at some size; they may become as large as they like.",
            behaves_like=made(bounded, bounded),
        ),
        Mistake(
            "rounded",
            "The numbers are rounded to a few digits; return them as they are, the rounding is for "
            "printing.",
            behaves_like=made(rounded[:-1], rounded),
        ),
    ]
    return changed(ready, **changes)


def _each(change: Change) -> Change:
    """The change of each part of a pair, or of whatever else it is."""
    return lambda found: tuple(map(change, found)) if isinstance(found, tuple) else change(found)
