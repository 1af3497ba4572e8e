"""Results on a grid: surfaces, matrices, and fields of arrows over the contours.

Each picture gives a figure, or None for a call of another kind.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from autograder.feedback import panels
from autograder.feedback.asked import Asked
from autograder.feedback.svg import REFERENCE, SOFT, STUDENT
from autograder.feedback.views import View, heights
from autograder.observation.functions import Function

__all__ = ["field", "surface", "table"]

#: No arrow is longer than so many times the longest of the reference.
_LONGEST = 2.0


def surface(asked: Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
    """Heights over the places of two axes, shape (n, m)."""
    axes = [a for a in asked.numbers.values() if a.ndim == 1]
    if asked.of_v() is None or len(axes) != 2 or came.ndim != 2:
        return None
    fits = right.shape == (axes[1].size, axes[0].size)
    return panels.tables(right, came, axes) if fits else None


def table(asked: Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
    """A matrix."""
    if right.ndim != 2 or came.ndim != 2:
        return None
    return panels.tables(right, came, names=asked.names.of_columns(right.shape))


def field(asked: Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
    """Gradients on a grid, shape (2, n, m), at the scale of the reference's longest."""
    function, grids = asked.of_v(), [a for a in asked.numbers.values() if a.ndim == 2]
    if function is None or len(grids) != 2 or right.shape != (2, *grids[0].shape):
        return None
    if came.ndim != 3 or came.shape[0] != 2:
        return None
    figure = Figure(figsize=(5.4, 2.7))
    longest = float(np.hypot(*right).max()) or 1.0
    pairs = (("reference", REFERENCE, right), ("submitted", STUDENT, came))
    for number, (name, colour, arrows) in enumerate(pairs):
        axes = panels.panel(figure, number)
        fits = arrows.shape == right.shape
        axes.set_title(name if fits else f"{name}, shape {arrows.shape}", fontsize=9, pad=4)
        if fits:
            _ground(axes, function, grids)
            _arrows(axes, grids, arrows, longest, min(map(_gap, grids)), colour)
        else:  # where its entries are in the tables
            most = panels.MOST
            row, column = np.indices(arrows.shape[1:])[:, :most, :most].astype(float)
            _arrows(axes, (column, row), arrows[:, :most, :most], longest, 1.0, colour)
        for axis, what in zip((axes.xaxis, axes.yaxis), _AXES[fits], strict=True):
            axis.set_label_text(what, fontsize=8)
            axis.labelpad = 2
            axis.set_major_locator(MaxNLocator(5, integer=not fits))
        axes.tick_params(labelsize=7)
        axes.set_aspect("equal")
    return figure


#: What the axes of a field are, if its arrows stand on the grid or in a table.
_AXES = {True: ("x0", "x1"), False: ("column", "row")}


def _ground(axes: Axes, function: Function, places: Sequence[np.ndarray]) -> None:
    """Contours of the function around a grid, as high as wide: arrows cross them at right angles"""
    reach = max(map(np.ptp, places)) / 2 + 1.1 * min(map(_gap, places))
    across, up = (View.around((place.min() + place.max()) / 2, reach) for place in places)
    grid = np.meshgrid(across.grid(24), up.grid(24))
    z = heights(function, np.array(grid))
    if np.isfinite(z).all() and np.ptp(z) > 0:
        axes.contour(*grid, z, levels=6, colors=SOFT, linewidths=0.6)
    axes.set_xlim(across.low, across.high)
    axes.set_ylim(up.low, up.high)


def _arrows(
    axes: Axes,
    places: Sequence[np.ndarray],
    arrows: np.ndarray,
    longest: float,
    unit: float,
    colour: str,
) -> None:
    """Arrows of shape (2, n, m) at their places; one of length `longest` is `unit` long."""
    length = np.hypot(*arrows)
    shortened = np.minimum(1, _LONGEST * longest / np.maximum(length, 1e-300))
    u, v = np.nan_to_num(arrows * shortened) / longest * unit
    look = {"angles": "xy", "scale_units": "xy", "scale": 1.05, "color": colour, "width": 0.012}
    axes.quiver(*places, u, v, **look)
    if (shortened < 1).any():
        axes.text(0.99, 0.02, "long arrows are cut", transform=axes.transAxes, ha="right", size=7)


def _gap(places: np.ndarray) -> float:
    """The mean distance of neighbours along the axis on which `places` lie."""
    different = np.unique(places)
    return float(np.ptp(different) / (len(different) - 1)) if len(different) > 1 else 1.0
