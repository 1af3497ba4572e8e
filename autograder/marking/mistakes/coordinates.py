"""Mistakes of a walk in several dimensions: which coordinate moves when, and by what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.marking.calls import Behaviour
from autograder.marking.criteria import Mistake
from autograder.marking.mistakes.walks import Slope, Walk

__all__ = ["coordinates"]

Change = Callable[[Any, Slope, Any], Slope]


def coordinates(walk: Walk) -> list[Mistake]:
    """Mistakes of a walk in two dimensions or more."""
    order = range(walk.dimensions)
    return [
        Mistake(
            "one coordinate never moves",
            "Only one of the coordinates ever changes; each moves by the slope along itself.",
            behaves_like=tuple(walk.with_slope(_only(i)) for i in order),
        ),
        Mistake(
            "one coordinate a step",
            "The coordinates take turns, one a step; every step moves all of them.",
            behaves_like=walk.moving(_by_turns),
        ),
        Mistake(
            "only the signs of the slopes",
            "Each coordinate moves by the same length, whichever way its slope points; the steeper "
            "the ground, the longer the step.",
            behaves_like=walk.with_slope(lambda f, slope, start: lambda x: np.sign(slope(x))),
        ),
        Mistake(
            "sequential update",
            "One coordinate has moved before the slope along the other is taken; measure all "
            "slopes at the old place, then move every coordinate.",
            behaves_like=(_one_by_one(walk, order), _one_by_one(walk, order[::-1])),
        ),
        Mistake(
            "one slope for all",
            "All coordinates move by the same amount; each moves by the slope along itself.",
            behaves_like=walk.with_slope(
                lambda f, slope, start: lambda x: np.full(len(x), slope(x).sum())
            ),
        ),
        Mistake(
            "others held still",
            "Each slope is taken as if the other coordinate stood still; all slopes depend on the "
            "current place.",
            behaves_like=(
                walk.with_slope(_held(lambda start: start)),
                walk.with_slope(_held(np.zeros_like)),
            ),
        ),
    ]


def _one_by_one(walk: Walk, order: Sequence[int]) -> Behaviour:
    def move(step: Callable[[Any], Any], place: Any, start: Any, k: int) -> Any:
        place = place.copy()
        for i in order:
            place[i] = step(place)[i]
        return place

    return walk.moving(move)


def _by_turns(step: Callable[[Any], Any], place: Any, start: Any, k: int) -> Any:
    place = place.copy()
    place[k % len(place)] = step(place)[k % len(place)]
    return place


def _only(i: int) -> Change:
    return lambda f, slope, start: lambda place: slope(place) * (np.arange(len(place)) == i)


def _held(still: Callable[[Any], Any]) -> Change:
    """Each slope with the other coordinates where `still(start)` has them."""

    def change(f: Any, slope: Slope, start: Any) -> Slope:
        def alone(place: Any) -> Any:
            places = np.tile(still(start), (len(place), 1)).astype(float)
            np.fill_diagonal(places, place)
            return np.array([slope(place)[i] for i, place in enumerate(places)])

        return alone

    return change
