"""Results drawn over the function that was asked about: paths, slopes and gradients.

A path of numbers stands on the graph, a path of points over the contours; a slope is a line
through its point, a gradient an arrow from it. Each gives a figure, or None for a call of
another kind.
"""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from autograder.feedback.asked import Asked
from autograder.feedback.frames import blank, contours, frame, say_what_is_outside
from autograder.feedback.svg import EXPECTED, INK, RETURNED, SOFT
from autograder.feedback.views import View, heights

__all__ = ["gradient_at_point", "path_over_contours", "path_over_function", "slope_at_point"]

#: More points than this are not drawn.
_POINTS = 200
#: How far around a point its slope is shown.
_REACH = 1.0


def path_over_function(asked: Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
    """Paths of shape (n,) and (m,) on the graph of the function."""
    function = asked.of_x()
    if function is None or right.ndim != 1 or came.ndim > 1 or not asked.is_walked(right):
        return None
    figure, axes = blank()
    came = np.atleast_1d(came)[:_POINTS]
    view = View.of(right, came)
    x = view.grid(160)
    y = heights(function, x)
    high = View.of(y, y)
    axes.plot(x, high.near(y), color=SOFT, lw=1)
    for path, look in ((right, EXPECTED), (came, RETURNED)):
        walked = view.near(path)
        axes.plot(walked, high.near(heights(function, walked)), **look)
    frame(axes, (view, high), "x", "f(x)")
    say_what_is_outside(figure, ~view.holds(came))
    return figure


def path_over_contours(asked: Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
    """Paths of shape (n, 2) and (m, 2) over the contours of the function."""
    function = asked.of_v()
    if function is None or right.shape[1:] != (2,) or not asked.is_walked(right):
        return None
    if not came.ndim or came.shape[-1] != 2:
        return None
    figure, axes = blank()
    came = came.reshape(-1, 2)[:_POINTS]
    views = [View.of(right[:, k], came[:, k]) for k in (0, 1)]
    contours(axes, function, *views)
    for path, look in ((right, EXPECTED), (came, RETURNED)):
        axes.plot(*(view.near(part) for view, part in zip(views, path.T, strict=True)), **look)
    frame(axes, views, "v[0]", "v[1]")
    outside = ~views[0].holds(came[:, 0]) | ~views[1].holds(came[:, 1])
    say_what_is_outside(figure, outside)
    return figure


def slope_at_point(asked: Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
    """Two slopes as lines through the point of the graph that they belong to."""
    function, start = asked.of_x(), asked.start
    if function is None or start is None or start.ndim or right.ndim or came.ndim:
        return None
    figure, axes = blank()
    x0, y0 = float(start), float(heights(function, start))
    view = View.around(x0, _REACH)
    x = view.grid(120)
    y = heights(function, x)
    tame = y[np.isfinite(y)]
    lines = [y0 + float(slope) * (x - x0) for slope in (right, came)]
    high = View.of(np.concatenate([tame, lines[0]]), lines[1])
    axes.plot(x, high.near(y), color=SOFT, lw=1.6)
    for line, look in zip(lines, (EXPECTED, RETURNED), strict=True):
        axes.plot(x, high.near(line), **{**look, "markevery": (10, 33)})
    axes.plot([x0], [y0], color=INK, marker="o", ms=4, ls="")
    frame(axes, (view, high), "x", "f(x)")
    return figure


def gradient_at_point(asked: Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
    """Two gradients, shape (2,), as arrows from the point over the contours."""
    function, start = asked.of_v(), asked.start
    if function is None or start is None or start.shape != (2,):
        return None
    if right.shape != (2,) or came.shape != (2,):
        return None
    figure, axes = blank()
    views = [View.around(float(place), _REACH) for place in start]
    contours(axes, function, *views)
    long = 0.8 * _REACH / (max(float(np.hypot(*right)), 1e-12))
    tips = [start + long * arrow for arrow in (right, came)]
    for tip, look in zip(tips, (EXPECTED, RETURNED), strict=True):
        ends = (view.near(np.array([a, b])) for view, a, b in zip(views, start, tip, strict=True))
        axes.plot(*ends, **{**look, "markevery": [1]})
    axes.plot(*start, color=INK, marker="o", ms=4, ls="")
    frame(axes, views, "v[0]", "v[1]")
    axes.set_aspect("equal")  # or an arrow would not cross its contour at a right angle
    outside = [not (views[0].holds(tips[1][0]) and views[1].holds(tips[1][1]))]
    say_what_is_outside(figure, np.array(outside))
    return figure
