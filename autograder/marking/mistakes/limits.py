"""Mistakes that show only where numbers are very large, or very small."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Unpack

import numpy as np

from autograder.marking.mistakes.changes import Changes, changed
from autograder.marking.mistakes.results import After, cut
from autograder.marking.task import Mistake

__all__ = ["limits"]


def limits(
    after: After,
    bounds: Sequence[float] = (10.0, 100.0, 1000.0),
    decimals: Sequence[int] = (1, 2, 3),
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
    **changes
        See `changed`.
    """
    ready = [
        Mistake(
            "kept in bounds",
            "Numbers are cut off at some size; they may become as large as they like.",
            behaves_like=tuple(after(_each(cut(most))) for most in bounds),
        ),
        Mistake(
            "rounded",
            "The numbers are rounded to a few digits; return them as they are, the rounding is for "
            "printing.",
            behaves_like=tuple(
                after(_each(partial(np.round, decimals=digits))) for digits in decimals
            ),
        ),
    ]
    return changed(ready, **changes)


def _each(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The change of each part of a pair, or of whatever else it is."""
    return lambda found: tuple(map(change, found)) if isinstance(found, tuple) else change(found)
