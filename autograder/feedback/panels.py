"""Results of two dimensions beside each other: tables of numbers, columns as curves.

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
from autograder.feedback.views import View

__all__ = ["MOST", "columns", "panel", "tables"]

#: No more rows or columns are shown, no numbers in more columns than these, and only two digits
#: of them in more than these.
MOST, NUMBERED, ROOMY = 12, 6, 4
#: How strong a cell's colour is, from the lowest number to the highest: ink stays legible.
_FAINT, _STRONG = 0.05, 0.45


def tables(
    right: np.ndarray,
    came: np.ndarray,
    places: Sequence[np.ndarray] | None = None,
    names: Sequence[str] = (),
) -> Figure:
    """Two tables of numbers, shapes (n, m) and (k, l), in the same colours.

    Parameters
    ----------
    right, came : ndarray
    places : (ndarray, ndarray), optional
        Where columns and rows are, if they are places on two axes: then row 0
        is at the bottom, as on a map. Else it is on top, as in a matrix.
    names : sequence of str, optional
        What the columns are.
    """
    rows, width = (min(MOST, max(pair)) for pair in zip(right.shape, came.shape, strict=True))
    figure = Figure(figsize=(5.4, 0.95 + 0.24 * max(rows, 4)))
    view = View.of(right.ravel(), came.ravel())
    same = right.shape == came.shape
    wrong = ~np.isclose(right, came, rtol=1e-4, atol=1e-5) if same else np.zeros((0, 0), bool)
    for number, values in enumerate((right, came)):
        axes = panel(figure, number)
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
        if len(names) == values.shape[1]:
            axes.xaxis.set_ticks(range(len(names)), names, fontsize=7)
            axes.set_xlabel("")
    return figure


def panel(figure: Figure, number: int) -> Axes:
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
    along: Sequence[Any] = [range(shape[1]), range(shape[0])] if places is None else places
    for axis, name, values in zip((axes.xaxis, axes.yaxis), names, along, strict=True):
        step = max(1, -(-min(len(values), MOST) // 6))
        shown = range(0, min(len(values), MOST), step)
        axis.set_ticks(shown, [f"{float(values[k]):.3g}" for k in shown], fontsize=7)
        axis.set_label_text(name, fontsize=8)
        axis.labelpad = 2
        axis.set_tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def columns(
    right: np.ndarray,
    came: np.ndarray,
    styles: Sequence[dict[str, Any]],
    names: Sequence[str] = (),
) -> Figure:
    """A panel for each column of tables of shapes (n, m) and (k, m), over the rows.

    Parameters
    ----------
    right, came : ndarray
    styles : pair of dict
        How the reference and the submission are drawn.
    names : sequence of str, optional
        What the columns are.
    """
    count = right.shape[1]
    figure = Figure(figsize=(5.4, 2.3))
    for column in range(count):
        axes = figure.add_axes(((0.06 + column) / count, 0.17, 0.9 / count, 0.64))
        view = View.of(right[:, column], came[:, column])
        for values, style in zip((right, came), styles, strict=True):
            axes.plot(view.near(values[:, column]), **style)
        axes.set_ylim(view.low, view.high)
        if outside := int((~view.holds(came[:, column])).sum()):
            text = f"{outside} × outside"
            axes.text(0.99, 0.02, text, transform=axes.transAxes, ha="right", size=7)
        axes.set_title(names[column] if names else f"column {column}", fontsize=8, pad=3)
        axes.set_xlabel("row", fontsize=8, labelpad=2)
        axes.tick_params(labelsize=7)
        axes.locator_params(nbins=5)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    return figure
