"""Figures of matplotlib as SVG that can stand in a page beside others.

Colours are left to the page (``--reference``, ``--student``, ``--soft``), so
that it can be dark; where it sets none there are some. Shapes and dashes tell
the reference and a submission apart as well. Knows no calls, no verdicts.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.style import context
from matplotlib.ticker import MaxNLocator

from autograder.feedback.room import make_room

__all__ = ["EXPECTED", "INK", "REFERENCE", "RETURNED", "SOFT", "STUDENT", "as_svg", "bars", "style"]

#: Colours that no picture has, and what stands for them in the page.
INK, SOFT, REFERENCE, STUDENT = "#010101", "#020202", "#030303", "#040404"
_PAGE = {
    INK: "currentColor",
    SOFT: "var(--soft, #888)",
    REFERENCE: "var(--reference, #0b62a4)",
    STUDENT: "var(--student, #b3400f)",
}
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "autograder",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": SOFT,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "path.simplify_threshold": 0.5,
    "contour.negative_linestyle": "solid",  # dashes are the submission's
}
#: Open circles on a line, and crosses on dashes.
EXPECTED: dict[str, Any] = {
    "color": REFERENCE,
    "marker": "o",
    "ms": 7,
    "mfc": "none",
    "mew": 1.4,
    "lw": 1.4,
}
RETURNED: dict[str, Any] = {
    "color": STUDENT,
    "marker": "x",
    "ms": 6,
    "mew": 1.6,
    "lw": 1.2,
    "ls": (0, (3, 2)),
}


@contextmanager
def style() -> Iterator[None]:
    """The settings under which every picture is drawn, whatever this process has set before."""
    with context(["default", _STYLE]), np.errstate(all="ignore"):
        yield


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
        As in `as_svg`.

    Returns
    -------
    str
        An ``svg`` element.
    """
    with style():
        figure = Figure(figsize=(4.8, 2.5))
        axes = figure.add_axes((0.11, 0.18, 0.87, 0.74))
        low = np.asarray(edges[:-1], dtype=float)
        widths = np.diff(np.asarray(edges, dtype=float))
        axes.bar(low, counts, widths * 0.9, align="edge", color=REFERENCE)
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
        return as_svg(figure, name, "Histogram", about)


#: Widths of a letter m in an inch of a figure.
EMS = 6.7
#: A figure of more inches rather scrolls than shrink too far.
WIDE = 4.8

_ID = re.compile(r' id="([^"]*)"')
_HEAD = re.compile(r'^.*?<svg [^>]*viewBox="([^"]*)"[^>]*>', re.DOTALL)
_DROPPED = re.compile(r"<metadata>.*?</metadata>|<style .*?</style>|<!--.*?-->", re.DOTALL)


def _shorter(tag: str) -> str:
    """A tag of matplotlib's without what says nothing: it is most of a picture's bytes."""
    tag = re.sub(r"font-family: [^;\"]*; | transform=\"rotate\(-0 [^\"]*\"", "", tag)
    return re.sub(r"(\d\.\d\d)\d+", r"\1", tag)


def as_svg(figure: Figure, name: str, title: str, about: str) -> str:
    """A figure as an ``svg`` element.

    Parameters
    ----------
    figure : Figure
        Drawn in the colours of this module.
    name : str
        Unique on the page: ids start with it.
    title, about : str
        The picture in words, for those who do not see it: its kind, and what
        is in it.

    Returns
    -------
    str
        As wide as the figure at the page's size of letters, or as there is room.
    """
    make_room(figure)
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
    body = re.sub(r"<[^>]+>", lambda tag: _shorter(tag.group()), re.sub(r"\n\s*", "\n", body))
    wide = f"width:{figure.get_figwidth() * EMS:.1f}em;max-width:100%;height:auto"
    width = f"font-family:sans-serif;display:block;{wide}"
    if figure.get_figwidth() > WIDE:  # or nobody could read it on a phone
        width += ";min-width:26em"
    return (
        f'<svg class="picture" role="img" aria-labelledby="{name}-title {name}-desc" '
        f'style="{width}" '
        f'viewBox="{head.group(1)}" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f'<title id="{name}-title">{html.escape(title)}</title>'
        f'<desc id="{name}-desc">{html.escape(about)}</desc>{body}'
    )
