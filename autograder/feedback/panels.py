"""Results of two dimensions beside each other: tables of numbers, surfaces, fields of arrows.

On the left the reference, on the right what was submitted, at the same scale,
each in a shape of its own: a transposed surface is seen to be transposed. The
numbers stand in the cells, where there is room. Knows arrays; no calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from autograder.feedback.svg import INK, REFERENCE, SOFT, STUDENT
from autograder.feedback.views import View, heights
from autograder.observation.functions import Function

__all__ = ["columns", "fields", "tables"]

#: No more rows or columns are shown, no numbers in more columns than these, and only two digits
#: of them in more than these.
MOST, NUMBERED, ROOMY = 12, 6, 4
#: How strong a cell's colour is, from the lowest number to the highest: ink stays legible.
_FAINT, _STRONG = 0.05, 0.45
#: No arrow is longer than so many times the longest of the reference.
_LONGEST = 2.0


def tables(
    right: np.ndarray, came: np.ndarray, places: Sequence[np.ndarray] | None = None
) -> Figure:
    """Two tables of numbers, shapes (n, m) and (k, l), in the same colours.

    Parameters
    ----------
    right, came : ndarray
    places : (ndarray, ndarray), optional
        Where columns and rows are, if they are places on two axes: then row 0
        is at the bottom, as on a map. Else it is on top, as in a matrix.
    """
    rows, width = (min(MOST, max(pair)) for pair in zip(right.shape, came.shape, strict=True))
    figure = Figure(figsize=(5.4, 0.95 + 0.24 * max(rows, 4)))
    view = View.of(right.ravel(), came.ravel())
    same = right.shape == came.shape
    wrong = ~np.isclose(right, came, rtol=1e-4, atol=1e-5) if same else np.zeros((0, 0), bool)
    for number, values in enumerate((right, came)):
        axes = _panel(figure, number)
        name = ("reference", "submitted")[number]
        axes.set_title(name if same else f"{name}, shape {values.shape}", fontsize=9, pad=4)
        _cells(axes, values[:MOST, :MOST], view, digits=3 if width <= ROOMY else 2)
        if number and not wrong.all():
            for row, column in np.argwhere(wrong[:MOST, :MOST]):
                axes.add_patch(_cell(row, column, fill=False, ec=STUDENT, lw=1.8, zorder=3))
        axes.set_xlim(-0.55, width - 0.45)
        axes.set_ylim(-0.55, rows - 0.45)
        if places is None:
            axes.invert_yaxis()
        _label(axes, values.shape, places if values.shape == right.shape else None)
    return figure


def _panel(figure: Figure, number: int) -> Axes:
    """The left or the right one of two, with room for what stands around it (inches)."""
    width, height = figure.get_size_inches()
    left, below, above, between = 0.55, 0.42, 0.28, 0.7
    each = (width - left - between - 0.1) / 2
    place = (left + number * (each + between), below, each, height - below - above)
    scale = (width, height, width, height)
    return figure.add_axes(tuple(a / b for a, b in zip(place, scale, strict=True)))


def _cell(row: int, column: int, **style: Any) -> Rectangle:
    return Rectangle((column - 0.5, row - 0.5), 1, 1, **style)


def _cells(axes: Axes, values: np.ndarray, view: View, digits: int) -> None:
    """A rectangle for each number, the stronger the higher, and the number."""
    strength = _FAINT + (_STRONG - _FAINT) * np.nan_to_num(view.part(values))
    numbered = values.shape[1] <= NUMBERED
    for (row, column), value in np.ndenumerate(values):
        axes.add_patch(_cell(row, column, fc=REFERENCE, alpha=strength[row, column], lw=0))
        axes.add_patch(_cell(row, column, fill=False, ec=SOFT, lw=0.4))
        if numbered:
            text = f"{value:.{digits}g}".replace("e+0", "e").replace("e-0", "e-")
            axes.text(column, row, text, ha="center", va="center", size=7, color=INK)


def _label(axes: Axes, shape: Sequence[int], places: Sequence[np.ndarray] | None) -> None:
    """What stands along the two sides: places on the axes x0 and x1, or numbers from 0."""
    names = ("column", "row") if places is None else ("x0", "x1")
    along = [np.arange(n) for n in (shape[1], shape[0])] if places is None else places
    for axis, name, values in zip((axes.xaxis, axes.yaxis), names, along, strict=True):
        step = -(-min(len(values), MOST) // 6)
        shown = range(0, min(len(values), MOST), step)
        axis.set_ticks(shown, [f"{float(values[k]):.3g}" for k in shown], fontsize=7)
        axis.set_label_text(name, fontsize=8)
        axis.labelpad = 2
        axis.set_tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def fields(
    function: Function, places: Sequence[np.ndarray], right: np.ndarray, came: np.ndarray
) -> Figure | None:
    """Arrows at the points of a grid, over the contours of `function`.

    Parameters
    ----------
    function : Function
        Of a point.
    places : (ndarray, ndarray), shape (n, m)
    right, came : ndarray, shape (2, n, m) and, if right, the same
        Arrows; drawn at the scale of the reference's longest.

    Returns
    -------
    Figure or None
        Nothing if what came is no such field.
    """
    if came.ndim != 3 or came.shape[0] != 2:
        return None
    xs, ys = (np.asarray(place, dtype=float) for place in places)
    figure = Figure(figsize=(5.4, 2.7))
    longest = float(np.hypot(*right).max()) or 1.0
    spacing = min(_gap(xs), _gap(ys))
    # As high as wide: then arrows cross contours at right angles.
    reach = max(np.ptp(xs), np.ptp(ys)) / 2 + 1.1 * spacing
    views = [View.around((place.min() + place.max()) / 2, reach) for place in (xs, ys)]
    grid = np.meshgrid(views[0].grid(24), views[1].grid(24))
    for number, (name, colour, arrows) in enumerate(
        (("reference", REFERENCE, right), ("submitted", STUDENT, came))
    ):
        axes = _panel(figure, number)
        fits = arrows.shape == right.shape
        axes.set_title(name if fits else f"{name}, shape {arrows.shape}", fontsize=9, pad=4)
        if fits:
            x, y, unit = xs, ys, spacing
            z = heights(function, np.array(grid))
            if np.isfinite(z).all() and np.ptp(z) > 0:
                axes.contour(*grid, z, levels=6, colors=SOFT, linewidths=0.6)
            axes.set_xlim(views[0].low, views[0].high)
            axes.set_ylim(views[1].low, views[1].high)
            axes.set_xlabel("x0", fontsize=8, labelpad=2)
            axes.set_ylabel("x1", fontsize=8, labelpad=2)
        else:  # where its entries are in the tables
            y, x = np.indices(arrows.shape[1:])[:, :MOST, :MOST].astype(float)
            arrows, unit = arrows[:, :MOST, :MOST], 1.0
            axes.set_xlabel("column", fontsize=8, labelpad=2)
            axes.set_ylabel("row", fontsize=8, labelpad=2)
        length = np.hypot(*arrows)
        shortened = np.minimum(1, _LONGEST * longest / np.maximum(length, 1e-300))
        u, v = np.nan_to_num(arrows * shortened) / longest * unit
        axes.quiver(
            x, y, u, v, angles="xy", scale_units="xy", scale=1.05, color=colour, width=0.012
        )
        axes.tick_params(labelsize=7)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(5, integer=not fits))
        axes.set_aspect("equal")
        if (shortened < 1).any():
            axes.text(
                0.99, 0.02, "long arrows are cut", transform=axes.transAxes, ha="right", size=7
            )
    return figure


def _gap(places: np.ndarray) -> float:
    """The mean distance of neighbours along the axis on which `places` lie."""
    different = np.unique(places)
    return float(np.ptp(different) / (len(different) - 1)) if len(different) > 1 else 1.0


def columns(right: np.ndarray, came: np.ndarray, styles: Sequence[dict[str, Any]]) -> Figure:
    """A panel for each column of tables of shapes (n, m) and (k, m), over the rows.

    Parameters
    ----------
    right, came : ndarray
    styles : pair of dict
        How the reference and the submission are drawn.
    """
    count = right.shape[1]
    figure = Figure(figsize=(5.4, 2.3))
    for column in range(count):
        left = (0.09 + column) / count if count > 1 else 0.12
        axes = figure.add_axes((left, 0.17, 0.85 / count, 0.64))
        view = View.of(right[:, column], came[:, column])
        for values, style in zip((right, came), styles, strict=True):
            axes.plot(view.near(values[:, column]), **style)
        axes.set_ylim(view.low, view.high)
        axes.set_title(f"column {column}", fontsize=8, pad=3)
        axes.set_xlabel("row", fontsize=8, labelpad=2)
        axes.tick_params(labelsize=7)
        axes.locator_params(nbins=5)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    return figure
