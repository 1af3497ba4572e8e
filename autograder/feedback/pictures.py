"""What a function returned, drawn beside what the reference returns; as SVG for a page.

The call decides how: a path of numbers is drawn over the function it walks on,
a path of points over its contours; a slope as a line through the point, a
gradient as an arrow from it; tables and fields beside each other; other
numbers over their argument or their index. Knows calls and observations; no
verdicts, no files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from autograder.feedback import beliefs, panels
from autograder.feedback.beliefs import Belief
from autograder.feedback.svg import EXPECTED, INK, RETURNED, SOFT, as_svg, style
from autograder.feedback.views import View, heights
from autograder.marking.agreement import as_arrays
from autograder.marking.calls import Call
from autograder.observation.functions import Function
from autograder.observation.values import decode

__all__ = ["compare"]

Json = dict[str, Any]

#: More points than this are not drawn.
_POINTS = 200
#: What differs by less than this part of the reference's span cannot be seen.
_VISIBLE = 2e-3
#: A longer note below a picture needs the room of the axis's label.
_SHORT = 25
#: How far around a point its slope is shown.
_REACH = 1.0


def compare(
    call: Call, expected: Json, observed: Json, name: str, about: str, kind: str = ""
) -> str:
    """A call's two results in one picture.

    Parameters
    ----------
    call : Call
    expected, observed : dict
        Observations, the reference's and the student's; any JSON.
    name : str
        Unique on the page: ids start with it.
    about : str
        The picture in words, for those who do not see it.
    kind : {"", "belief"}
        What the results are, where that is more than numbers; see `Task`.

    Returns
    -------
    str
        An ``svg`` element, or ``""`` where a picture would show nothing: a
        text, an error, two numbers that nothing connects, results that look
        the same.
    """
    asked, right, came = _Asked.of(call), as_arrays(expected), as_arrays(observed)
    with style():
        if kind == "belief" and (figure := _beliefs(asked, right, came)):
            return as_svg(figure, name, "Belief and belief", about)
        if len(right) != 1 or len(came) != 1 or _looks_the_same(right[0], came[0]):
            return ""
        fits = came[0].shape == (*right[0].shape, 1)
        for title, draw in _KINDS.items():
            figure = draw(asked, right[0], came[0][..., 0] if fits else came[0])
            if figure is not None:
                return as_svg(figure, name, title, about)
    return ""


@dataclass
class _Asked:
    """A call, as far as it says how its result is drawn: arguments by their position."""

    function: Function | None
    numbers: dict[int, np.ndarray]

    @classmethod
    def of(cls, call: Call) -> _Asked:
        # Of a function that is returned, it is shown what that does with its own arguments.
        arguments = [decode(argument) for argument in (*call.args, *(call.then or ()))]
        return cls(
            next((a for a in arguments if isinstance(a, Function)), None),
            {
                k: np.asarray(a, dtype=float)
                for k, a in enumerate(arguments)
                if not isinstance(a, (Function, str))
            },
        )

    @property
    def start(self) -> np.ndarray | None:
        """The first argument that is a number, a point or an array."""
        return next(iter(self.numbers.values()), None)

    def of_x(self) -> Function | None:
        """The function, if it is one of a number."""
        return self.function if self.function and self.function.variable == "x" else None

    def of_v(self) -> Function | None:
        """The function, if it is one of a point."""
        return self.function if self.function and self.function.variable == "v" else None

    def is_walked(self, path: np.ndarray) -> bool:
        """Whether a path's first entry is where it was to start."""
        start = self.start
        if start is None or path.ndim == 0 or path.shape[1:] != start.shape:
            return False
        return bool(np.allclose(path[0], start, atol=1e-6))


def _looks_the_same(right: np.ndarray, came: np.ndarray) -> bool:
    if not right.size or not came.size:
        return True
    if right.shape != came.shape or not np.isfinite(came).all():
        return False
    span = np.ptp(right) or abs(right).max()
    return bool((abs(came - right) <= _VISIBLE * span).all())


# --- What is known to be more than numbers ---------------------------------------------------


def _beliefs(
    asked: _Asked, right: Sequence[np.ndarray], came: Sequence[np.ndarray]
) -> Figure | None:
    """Beliefs about one or two numbers, over those in the first arguments."""
    reference, submitted = Belief.of(right), Belief.of(came)
    if reference is None or submitted is None or reference.why_none:
        return None
    if reference.mean.size != submitted.mean.size or reference.is_near(submitted):
        return None
    before = []
    first = len(asked.numbers) % 2
    for k, name in ((first, "before"), (first + 2, "measured")):
        pair = [asked.numbers[place] for place in (k, k + 1) if place in asked.numbers]
        belief = Belief.of(pair)
        if belief is not None and belief.mean.size == reference.mean.size:
            before.append((name, belief))
    figure, axes = _one()
    views = beliefs.draw(axes, before, reference, submitted)
    one = reference.mean.size == 1
    _frame(axes, views, *(("x", "density") if one else ("m[0]", "m[1]")))
    outside = [not view.holds(mean) for view, mean in zip(views, submitted.mean, strict=False)]
    if any(outside):
        _note(figure, "submitted: outside the picture")
    elif submitted.why_none:
        _note(figure, f"submitted: {submitted.why_none}")
    return figure


# --- Kinds of pictures: each gives a figure, or None if it is not for this call --------------


def _path_over_function(asked: _Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
    """Paths of shape (n,) and (m,) on the graph of the function."""
    function = asked.of_x()
    if function is None or right.ndim != 1 or came.ndim > 1 or not asked.is_walked(right):
        return None
    figure, axes = _one()
    came = np.atleast_1d(came)[:_POINTS]
    view = View.of(right, came)
    x = view.grid(160)
    y = heights(function, x)
    high = View.of(y, y)
    axes.plot(x, high.near(y), color=SOFT, lw=1)
    for path, look in ((right, EXPECTED), (came, RETURNED)):
        walked = view.near(path)
        axes.plot(walked, high.near(heights(function, walked)), **look)
    _frame(axes, (view, high), "x", "f(x)")
    _say_what_is_outside(figure, ~view.holds(came))
    return figure


def _path_over_contours(asked: _Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
    """Paths of shape (n, 2) and (m, 2) over the contours of the function."""
    function = asked.of_v()
    if function is None or right.shape[1:] != (2,) or not asked.is_walked(right):
        return None
    if not came.ndim or came.shape[-1] != 2:
        return None
    figure, axes = _one()
    came = came.reshape(-1, 2)[:_POINTS]
    views = [View.of(right[:, k], came[:, k]) for k in (0, 1)]
    _contours(axes, function, *views)
    for path, look in ((right, EXPECTED), (came, RETURNED)):
        axes.plot(*(view.near(part) for view, part in zip(views, path.T, strict=True)), **look)
    _frame(axes, views, "v[0]", "v[1]")
    outside = ~views[0].holds(came[:, 0]) | ~views[1].holds(came[:, 1])
    _say_what_is_outside(figure, outside)
    return figure


def _slope_at_point(asked: _Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
    """Two slopes as lines through the point of the graph that they belong to."""
    function, start = asked.of_x(), asked.start
    if function is None or start is None or start.ndim or right.ndim or came.ndim:
        return None
    figure, axes = _one()
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
    _frame(axes, (view, high), "x", "f(x)")
    return figure


def _gradient_at_point(asked: _Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
    """Two gradients, shape (2,), as arrows from the point over the contours."""
    function, start = asked.of_v(), asked.start
    if function is None or start is None or start.shape != (2,):
        return None
    if right.shape != (2,) or came.shape != (2,):
        return None
    figure, axes = _one()
    views = [View.around(float(place), _REACH) for place in start]
    _contours(axes, function, *views)
    long = 0.8 * _REACH / (max(float(np.hypot(*right)), 1e-12))
    tips = [start + long * arrow for arrow in (right, came)]
    for tip, look in zip(tips, (EXPECTED, RETURNED), strict=True):
        ends = (view.near(np.array([a, b])) for view, a, b in zip(views, start, tip, strict=True))
        axes.plot(*ends, **{**look, "markevery": [1]})
    axes.plot(*start, color=INK, marker="o", ms=4, ls="")
    _frame(axes, views, "v[0]", "v[1]")
    axes.set_aspect("equal")  # or an arrow would not cross its contour at a right angle
    outside = [not (views[0].holds(tips[1][0]) and views[1].holds(tips[1][1]))]
    _say_what_is_outside(figure, np.array(outside))
    return figure


def _field(asked: _Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
    """Gradients on a grid, shape (2, n, m)."""
    function, grids = asked.of_v(), [a for a in asked.numbers.values() if a.ndim == 2]
    if function is None or len(grids) != 2 or right.shape != (2, *grids[0].shape):
        return None
    return panels.fields(function, grids, right, came)


def _surface(asked: _Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
    """Heights over the places of two axes, shape (n, m)."""
    axes = [a for a in asked.numbers.values() if a.ndim == 1]
    if asked.of_v() is None or len(axes) != 2 or came.ndim != 2:
        return None
    fits = right.shape == (axes[1].size, axes[0].size)
    return panels.tables(right, came, axes) if fits else None


def _over_each_other(asked: _Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
    """Places and what belongs to them, shape (2, n): the second row over the first."""
    given = [a for a in asked.numbers.values() if a.ndim == 1]
    if asked.function or len(given) != 2 or right.ndim != 2 or came.ndim != 2:
        return None
    if right.shape != (2, given[0].size - 1) or came.shape[0] != 2:
        return None
    figure, axes = _one()
    views = [View.of(right[k], came[k]) for k in (0, 1)]
    for result, look in ((right, EXPECTED), (came, RETURNED)):
        axes.plot(*(view.near(part) for view, part in zip(views, result, strict=True)), **look)
    _frame(axes, views, "first", "second")
    _say_what_is_outside(figure, ~views[0].holds(came[0]) | ~views[1].holds(came[1]))
    return figure


def _columns(asked: _Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
    """A history of a few quantities, shape (n, 2) or (n, 3)."""
    if asked.function or right.ndim != 2 or came.ndim != 2 or right.shape[0] < 3:
        return None
    if right.shape[1] not in (2, 3) or came.shape[1] != right.shape[1]:
        return None
    figure = panels.columns(right[:_POINTS], came[:_POINTS], (EXPECTED, RETURNED))
    _legend(figure)
    return figure


def _table(asked: _Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
    """A matrix."""
    return panels.tables(right, came) if right.ndim == came.ndim == 2 else None


def _values(asked: _Asked, right: np.ndarray, came: np.ndarray) -> Figure | None:
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
    figure, axes = _one()
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
    _say_what_is_outside(figure, ~view.holds(came))
    return figure


#: Tried in this order, by what the picture is called.
_KINDS: dict[str, Callable[[_Asked, np.ndarray, np.ndarray], Figure | None]] = {
    "Path over the function": _path_over_function,
    "Path over the contours": _path_over_contours,
    "Slope at the point": _slope_at_point,
    "Gradient at the point": _gradient_at_point,
    "Arrows on the grid": _field,
    "Surface beside surface": _surface,
    "The second result over the first": _over_each_other,
    "Columns": _columns,
    "Table beside table": _table,
    "Values": _values,
}


# --- What they have in common ---------------------------------------------------------------


def _one() -> tuple[Figure, Axes]:
    """A figure of one picture, with its legend."""
    figure = Figure(figsize=(3.6, 2.6))
    axes = figure.add_axes((0.19, 0.17, 0.77, 0.71))
    axes.locator_params(nbins=5)  # so that labels have room
    _legend(figure)
    return figure, axes


def _legend(figure: Figure) -> None:
    names, axes = ("reference", "submitted"), figure.axes[0]
    handles = [axes.plot([], [], **look)[0] for look in (EXPECTED, RETURNED)]
    figure.legend(handles, names, loc="upper center", ncols=2, frameon=False, borderpad=0)


def _contours(axes: Axes, function: Function, across: View, up: View) -> None:
    x, y = np.meshgrid(across.grid(40), up.grid(40))
    z = heights(function, np.array([x, y]))
    if np.isfinite(z).all() and np.ptp(z) > 0:
        lines = axes.contour(x, y, z, levels=9, colors=SOFT, linewidths=0.7)
        axes.clabel(lines, np.asarray(lines.levels)[1::2], fontsize=7, inline_spacing=2)


def _frame(axes: Axes, views: Sequence[View], x: str, y: str) -> None:
    across, up = views
    axes.set_xlim(across.low, across.high)
    axes.set_ylim(up.low, up.high)
    axes.set_xlabel(x)
    axes.set_ylabel(y)


def _say_what_is_outside(figure: Figure, outside: Sequence[bool] | np.ndarray) -> None:
    count = int(np.sum(outside))
    if count:
        _note(figure, f"{count} × outside the picture")


def _note(figure: Figure, text: str) -> None:
    figure.text(0.99, 0.015, text, ha="right", style="italic", size=7.5)
    axes = figure.axes[0]
    axes.set_xlabel(axes.get_xlabel(), loc="left" if len(text) > _SHORT else "center")
