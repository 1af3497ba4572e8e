"""What a function returned, drawn beside what the reference returns; as SVG for a page.

A path of numbers is drawn over the function it walks on, a path of points over
its contours, other numbers over their argument or their index. Colours are
left to the page (``--reference``, ``--student``, ``--soft``), so that it can
be dark; shapes and dashes tell the two apart as well. Knows calls and
observations; no verdicts, no files.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from autograder.functions import Function
from autograder.task import Call, as_array
from autograder.values import decode

__all__ = ["bars", "compare"]

Json = dict[str, Any]

#: Colours that no picture has, and what stands for them in the page.
_INK, _SOFT, _REFERENCE, _STUDENT = "#010101", "#020202", "#030303", "#040404"
_PAGE = {
    _INK: "currentColor",
    _SOFT: "var(--soft, #888)",
    _REFERENCE: "var(--reference, #0b62a4)",
    _STUDENT: "var(--student, #b3400f)",
}
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "autograder",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": _INK,
    "axes.edgecolor": _SOFT,
    "axes.facecolor": "none",
    "axes.labelcolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": _SOFT,
    "ytick.color": _SOFT,
    "xtick.labelcolor": _INK,
    "ytick.labelcolor": _INK,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "path.simplify_threshold": 0.5,
}
#: Open circles on a line, and crosses on dashes.
_EXPECTED: dict[str, Any] = {
    "color": _REFERENCE,
    "marker": "o",
    "ms": 7,
    "mfc": "none",
    "mew": 1.4,
    "lw": 1.4,
}
_RETURNED: dict[str, Any] = {
    "color": _STUDENT,
    "marker": "x",
    "ms": 6,
    "mew": 1.6,
    "lw": 1.2,
    "ls": (0, (3, 2)),
}
#: More points than this are not drawn, and no farther out than so many widths of the reference.
_POINTS, _WIDTHS = 200, 1.5


def compare(call: Call, expected: Json, observed: Json, name: str, about: str) -> str:
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

    Returns
    -------
    str
        An ``svg`` element, or ``""`` where there is nothing to draw: a single
        number, a text, an error, another number of dimensions.
    """
    right, came = as_array(expected), as_array(observed)
    if right is None or came is None or right.size < 2 or came.size == 0:
        return ""
    if came.shape == (*right.shape, 1):
        came = came[..., 0]
    arguments = [decode(argument) for argument in call.args]
    function = next((a for a in arguments if isinstance(a, Function)), None)
    start = next((np.asarray(a) for a in arguments if _is_numeric(a)), None)
    walks = function is not None and start is not None and _starts_at(right, start)
    with rc_context(_STYLE), np.errstate(all="ignore"):
        figure = Figure(figsize=(3.6, 2.6))
        axes = figure.add_axes((0.19, 0.17, 0.77, 0.71))
        axes.locator_params(nbins=5)  # so that labels have room
        if walks and right.ndim == 1 and came.ndim <= 1:
            assert function is not None
            _over_function(axes, function, right, np.atleast_1d(came))
            title = "Path over the function"
        elif walks and right.shape[1:] == (2,) and came.ndim and came.shape[-1] == 2:
            assert function is not None
            _over_contours(axes, function, right, came.reshape(-1, 2))
            title = "Path over the contours"
        elif right.ndim == came.ndim:
            _over_argument(axes, arguments, right.ravel(), came.ravel())
            title = "Values"
        else:
            return ""
        _legend(figure, axes)
        return _svg(figure, name, title, about)


def bars(
    edges: Sequence[float],
    counts: Sequence[int],
    labels: Sequence[str],
    axis: tuple[str, str],
    name: str,
    about: str,
) -> str:
    """A histogram whose bars carry their counts.

    Parameters
    ----------
    edges : sequence of float, length n + 1
    counts : sequence of int, length n
    labels : sequence of str, length n
        What is written on each bar.
    axis : (str, str)
        Labels of the two axes.
    name, about : str
        As in `compare`.

    Returns
    -------
    str
        An ``svg`` element.
    """
    with rc_context(_STYLE):
        figure = Figure(figsize=(4.8, 2.5))
        axes = figure.add_axes((0.11, 0.18, 0.87, 0.74))
        low = np.asarray(edges[:-1], dtype=float)
        widths = np.diff(np.asarray(edges, dtype=float))
        axes.bar(low, counts, widths * 0.9, align="edge", color=_REFERENCE)
        highest = max([*counts, 1])
        size = 9 if highest < 100 else 6.5
        for left, width, count, label in zip(low, widths, counts, labels, strict=True):
            if label:
                axes.text(
                    left + 0.45 * width, count + 0.02 * highest, label, ha="center", size=size
                )
        axes.set_xlabel(axis[0])
        axes.set_ylabel(axis[1])
        axes.set_ylim(0, 1.15 * highest)
        axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
        return _svg(figure, name, "Histogram", about)


@dataclass
class _View:
    """The part of a line that is shown: the reference, and what is not too far from it."""

    low: float
    high: float

    @classmethod
    def of(cls, right: np.ndarray, came: np.ndarray) -> _View:
        tame = right[np.isfinite(right) & (abs(right) < 1e30)]
        low, high = (float(tame.min()), float(tame.max())) if tame.size else (-1.0, 1.0)
        room = max(high - low, 0.05 * max(abs(low), abs(high)), 1e-6) * _WIDTHS
        near = came[(came >= low - room) & (came <= high + room)]
        low, high = min([low, *near]), max([high, *near])
        margin = 0.08 * max(high - low, room)
        return cls(low - margin, high + margin)

    def holds(self, values: np.ndarray) -> np.ndarray:
        return np.asarray((values >= self.low) & (values <= self.high))

    def grid(self, count: int) -> np.ndarray:
        return np.linspace(self.low, self.high, count)

    def near(self, values: np.ndarray) -> np.ndarray:
        """`values`, no farther out than a drawing can stand; a line leaves all the same."""
        far = 50 * (self.high - self.low)
        return np.asarray(np.clip(values, self.low - far, self.high + far))


def _is_numeric(argument: Any) -> bool:
    return not isinstance(argument, (Function, str))


def _starts_at(path: np.ndarray, start: np.ndarray) -> bool:
    """Whether this is a walk: its first entry is the first argument that is a number."""
    return path.shape[1:] == start.shape and bool(np.allclose(path[0], start, atol=1e-6))


def _heights(function: Function, points: np.ndarray) -> np.ndarray:
    """Shape (...) from points of shape (...), or (2, ...) for a function of a point."""
    flat = points[0] if function.variable == "v" else points
    return np.asarray(function(points) + 0 * flat, dtype=float)  # also if it is constant


def _over_function(axes: Axes, function: Function, right: np.ndarray, came: np.ndarray) -> None:
    """Paths of shape (n,) and (m,) on the graph of `function`."""
    came = came[:_POINTS]
    view = _View.of(right, came)
    x = view.grid(160)
    y = _heights(function, x)
    heights = _View.of(y, y)
    axes.plot(x, heights.near(y), color=_SOFT, lw=1)
    for path, style in ((right, _EXPECTED), (came, _RETURNED)):
        walked = view.near(path)
        axes.plot(walked, heights.near(_heights(function, walked)), **style)
    axes.set_xlim(view.low, view.high)
    axes.set_ylim(heights.low, heights.high)
    axes.set_xlabel("x")
    axes.set_ylabel("f(x)")
    _say_what_is_outside(axes, ~view.holds(came))


def _over_contours(axes: Axes, function: Function, right: np.ndarray, came: np.ndarray) -> None:
    """Paths of shape (n, 2) and (m, 2) over the contours of `function`."""
    came = came[:_POINTS]
    views = [_View.of(right[:, k], came[:, k]) for k in (0, 1)]
    x, y = np.meshgrid(views[0].grid(40), views[1].grid(40))
    heights = _heights(function, np.array([x, y]))
    if np.isfinite(heights).all() and np.ptp(heights) > 0:
        lines = axes.contour(x, y, heights, levels=9, colors=_SOFT, linewidths=0.7)
        axes.clabel(lines, np.asarray(lines.levels)[1::2], fontsize=7, inline_spacing=2)
    for path, style in ((right, _EXPECTED), (came, _RETURNED)):
        axes.plot(*(view.near(part) for view, part in zip(views, path.T, strict=True)), **style)
    axes.set_xlim(views[0].low, views[0].high)
    axes.set_ylim(views[1].low, views[1].high)
    axes.set_xlabel("v[0]")
    axes.set_ylabel("v[1]")
    outside = ~views[0].holds(came[:, 0]) | ~views[1].holds(came[:, 1])
    _say_what_is_outside(axes, outside)


def _over_argument(
    axes: Axes, arguments: Sequence[Any], right: np.ndarray, came: np.ndarray
) -> None:
    """Values over the array that they belong to entry by entry, or else over their index."""
    fitting = [
        (k, np.asarray(a, dtype=float).ravel())
        for k, a in enumerate(arguments)
        if _is_numeric(a) and np.size(a) == right.size == came.size
    ]
    if any(isinstance(a, Function) and a.variable == "v" for a in arguments):
        fitting = []  # a point, whose entries are not places on a line
    right, came = right[:_POINTS], came[:_POINTS]
    joined: dict[str, Any] = {}
    if fitting and len(set(fitting[0][1])) == len(fitting[0][1]):
        place = fitting[0][1][:_POINTS]
        places = (place, place)
        axes.set_xlabel("argument" if len(arguments) < 2 else f"argument {fitting[0][0] + 1}")
    else:
        places = (np.arange(right.size), np.arange(came.size))
        joined = {"ls": ""}  # nothing lies between two entries
        axes.set_xlabel("index")
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    view = _View.of(right, came)
    for x, values, style in zip(places, (right, came), (_EXPECTED, _RETURNED), strict=True):
        order = np.argsort(x)
        axes.plot(x[order], view.near(values)[order], **style | joined)
    axes.set_ylim(view.low, view.high)
    axes.set_ylabel("value")
    _say_what_is_outside(axes, ~view.holds(came))


def _say_what_is_outside(axes: Axes, outside: np.ndarray) -> None:
    count = int(outside.sum())
    if count:
        text = f"{count} × outside the picture"
        axes.text(0.99, 0.02, text, transform=axes.transAxes, ha="right", style="italic")


def _legend(figure: Figure, axes: Axes) -> None:
    names = ("reference", "submitted")
    handles = [axes.plot([], [], **style)[0] for style in (_EXPECTED, _RETURNED)]
    figure.legend(handles, names, loc="upper center", ncols=2, frameon=False, borderpad=0)


_ID = re.compile(r' id="([^"]*)"')
_HEAD = re.compile(r'^.*?<svg [^>]*viewBox="([^"]*)"[^>]*>', re.DOTALL)
_DROPPED = re.compile(r"<metadata>.*?</metadata>|<style .*?</style>|<!--.*?-->", re.DOTALL)


def _svg(figure: Figure, name: str, title: str, about: str) -> str:
    """A figure as an ``svg`` element that can stand in a page beside others."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = _DROPPED.sub("", buffer.getvalue())
    head = _HEAD.match(text)
    assert head is not None
    body = text[head.end() :]
    used = set(re.findall(r"#([\w-]+)", body))
    body = _ID.sub(lambda found: found.group() if found.group(1) in used else "", body)
    for old in set(_ID.findall(body)):
        body = re.sub(rf'(id="|#){re.escape(old)}\b', rf"\1{name}-{old}", body)
    for colour, variable in _PAGE.items():
        body = body.replace(colour, variable)
    body = re.sub(r"\n\s*", "\n", body)
    return (
        f'<svg class="picture" role="img" aria-labelledby="{name}-title {name}-desc" '
        f'viewBox="{head.group(1)}" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f'<title id="{name}-title">{html.escape(title)}</title>'
        f'<desc id="{name}-desc">{html.escape(about)}</desc>{body}'
    )
