"""What pictures of two results have in common: a frame, a legend, contours, a note below.

Knows axes and functions; no calls, no results.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from autograder.feedback.svg import EXPECTED, RETURNED, SOFT
from autograder.feedback.views import View, heights
from autograder.observation.functions import Function

__all__ = ["blank", "contours", "frame", "legend", "note", "say_what_is_outside"]

#: A longer note below a picture needs the room of the axis's label.
_SHORT = 25


def blank() -> tuple[Figure, Axes]:
    """A figure of one picture, with its legend."""
    figure = Figure(figsize=(3.6, 2.6))
    axes = figure.add_axes((0.19, 0.17, 0.77, 0.71))
    axes.locator_params(nbins=5)  # so that labels have room
    legend(figure)
    return figure, axes


def legend(figure: Figure) -> None:
    """Write above a figure how the reference and the submission are drawn."""
    names, axes = ("reference", "submitted"), figure.axes[0]
    handles = [axes.plot([], [], **look)[0] for look in (EXPECTED, RETURNED)]
    figure.legend(handles, names, loc="upper center", ncols=2, frameon=False, borderpad=0)


def contours(axes: Axes, function: Function, across: View, up: View) -> None:
    """Draw the lines of equal height of a function of a point."""
    x, y = np.meshgrid(across.grid(40), up.grid(40))
    z = heights(function, np.array([x, y]))
    if np.isfinite(z).all() and np.ptp(z) > 0:
        lines = axes.contour(x, y, z, levels=9, colors=SOFT, linewidths=0.7)
        axes.clabel(lines, np.asarray(lines.levels)[1::2], fontsize=7, inline_spacing=2)


def frame(axes: Axes, views: Sequence[View], x: str, y: str) -> None:
    """Show these views, under these names."""
    across, up = views
    axes.set_xlim(across.low, across.high)
    axes.set_ylim(up.low, up.high)
    axes.set_xlabel(x)
    axes.set_ylabel(y)


def say_what_is_outside(figure: Figure, outside: Sequence[bool] | np.ndarray) -> None:
    """Write below a figure how many entries it does not show."""
    count = int(np.sum(outside))
    if count:
        note(figure, f"{count} × outside the picture")


def note(figure: Figure, text: str) -> None:
    """Write something small below a figure."""
    figure.text(0.99, 0.015, text, ha="right", style="italic", size=7.5)
    axes = figure.axes[0]
    axes.set_xlabel(axes.get_xlabel(), loc="left" if len(text) > _SHORT else "center")
