"""Numbers as curves: over their argument, over each other, over their index, a column each.

Each gives a figure, or None for a call of another kind.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from autograder.feedback import panels
from autograder.feedback.asked import Asked
from autograder.feedback.frames import blank, frame, legend, say_what_is_outside
from autograder.feedback.svg import EXPECTED, RETURNED
from autograder.feedback.views import View

__all__ = ["columns", "over_each_other", "values"]

#: More points than this are not drawn.
_POINTS = 200


def over_each_other(asked: Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
    """Places and what belongs to them, shape (2, n): the second row over the first."""
    given = [a for a in asked.numbers.values() if a.ndim == 1]
    if asked.function or len(given) != 2 or right.ndim != 2 or came.ndim != 2:
        return None
    if right.shape != (2, given[0].size - 1) or came.shape[0] != 2:
        return None
    figure, axes = blank()
    views = [View.of(right[k], came[k]) for k in (0, 1)]
    for result, look in ((right, EXPECTED), (came, RETURNED)):
        axes.plot(*(view.near(part) for view, part in zip(views, result, strict=True)), **look)
    frame(axes, views, *(asked.names.of_parts(right.shape) or ("first", "second")))
    say_what_is_outside(figure, ~views[0].holds(came[0]) | ~views[1].holds(came[1]))
    return figure


def columns(asked: Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
    """A history of a few quantities, shape (n, 2) or (n, 3)."""
    if asked.function or right.ndim != 2 or came.ndim != 2 or right.shape[0] < 3:
        return None
    if right.shape[1] not in (2, 3) or came.shape[1] != right.shape[1]:
        return None
    names = asked.names.of_columns(right.shape)
    figure = panels.columns(right[:_POINTS], came[:_POINTS], (EXPECTED, RETURNED), names)
    legend(figure)
    return figure


def values(asked: Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
    """Values over the array that they belong to entry by entry, or else over their index."""
    if right.ndim != 1 or came.ndim != 1:
        return None
    fitting = [
        (k, a.ravel()) for k, a in asked.numbers.items() if a.size == right.size == came.size
    ]
    if asked.of_v():
        fitting = []  # a point, whose entries are not places on a line
    if not fitting and right.size < 3:
        return None
    figure, axes = blank()
    right, came = right[:_POINTS], came[:_POINTS]
    joined: dict[str, Any] = {}
    if fitting and len(set(fitting[0][1])) == len(fitting[0][1]):
        place = fitting[0][1][:_POINTS]
        places = (place, place)
        label = "x" if asked.of_x() else f"argument {fitting[0][0] + 1}"
        axes.set_xlabel(label)
    else:
        places = (np.arange(right.size), np.arange(came.size))
        joined = {"ls": ""}  # nothing lies between two entries
        axes.set_xlabel("index")
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    view = View.of(right, came)
    for x, values, look in zip(places, (right, came), (EXPECTED, RETURNED), strict=True):
        order = np.argsort(x)
        axes.plot(x[order], view.near(values)[order], **look | joined)
    axes.set_ylim(view.low, view.high)
    axes.set_ylabel("value")
    say_what_is_outside(figure, ~view.holds(came))
    return figure
