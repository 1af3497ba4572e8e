"""Room for what stands along the axes of a picture, so that no minus sign is cut off.

The page chooses the letters, so their width is estimated, on the safe side. Knows figures; not
what they show.
"""

from __future__ import annotations

from collections.abc import Iterator

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure

__all__ = ["make_room"]

#: Width of a digit, in parts of the size of letters; of ticks with the gap beside them, and of an
#: axis's label lying on its side, in inches.
_DIGIT, _TICK, _LABEL = 0.66, 0.11, 0.2
_POINTS_PER_INCH = 72
#: An axes never gets narrower than this, in inches.
_NARROWEST = 0.8


def make_room(figure: Figure) -> None:
    """Move the sides of a figure's axes inwards, until its numbers have room beside them."""
    width = figure.get_figwidth()
    for axes in figure.axes:
        box = axes.get_position()
        beside = [other.get_position().x1 for other in figure.axes if other is not axes]
        limit = max([0.0, *(x1 for x1 in beside if x1 <= box.x0)]) * width
        left = max(box.x0 * width, limit + _beside(axes))
        right = box.x1 * width
        right -= max(0.0, _beyond(axes, left, right) - width)
        if right - left >= _NARROWEST:
            axes.set_position((left / width, box.y0, (right - left) / width, box.height))


def _beside(axes: Axes) -> float:
    """How many inches the numbers along the upright axis take, and what it is called."""
    widest = max((size for _, size in _labels(axes.yaxis)), default=0.0)
    return _TICK + widest + (_LABEL if axes.get_ylabel() else 0.0)


def _beyond(axes: Axes, left: float, right: float) -> float:
    """How far to the right the numbers below reach, in inches."""
    low, high = axes.get_xlim()
    part = (right - left) / ((high - low) or 1.0)
    return max((left + (x - low) * part + size / 2 for x, size in _labels(axes.xaxis)), default=0.0)


def _labels(axis: Axis) -> Iterator[tuple[float, float]]:
    """Where the numbers along an axis stand, and how many inches wide each is."""
    places = [float(place) for place in axis.get_majorticklocs()]
    size = float(axis.get_major_ticks(1)[0].label1.get_fontsize()) * _DIGIT / _POINTS_PER_INCH
    low, high = sorted(axis.get_view_interval())
    for place, text in zip(places, axis.get_major_formatter().format_ticks(places), strict=True):
        if low <= place <= high:
            yield place, len(text) * size
