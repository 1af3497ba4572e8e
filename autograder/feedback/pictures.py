"""What a function returned, drawn beside what the reference returns; as SVG for a page.

The call decides how: a path of numbers is drawn over the function it walks on,
a path of points over its contours; a slope as a line through the point, a
gradient as an arrow from it; tables and fields beside each other; other
numbers over their argument or their index. Knows calls and observations; no
verdicts, no files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from autograder.feedback import believed, curves, grids, walks
from autograder.feedback.asked import Asked
from autograder.feedback.names import NAMELESS, Names
from autograder.feedback.svg import as_svg, style
from autograder.marking.agreement import as_arrays
from autograder.marking.calls import Call

__all__ = ["compare"]

Json = dict[str, Any]

#: What differs by less than this part of the reference's span cannot be seen.
_VISIBLE = 2e-3
#: Of more numbers there is no picture.
_MOST_NUMBERS = 4000

#: Tried in this order, by what the picture is called; each gives a figure, or None if it is not
#: for this call.
_KINDS: dict[str, Callable[[Asked, np.ndarray, np.ndarray], Figure | None]] = {
    "Path over the function": walks.path_over_function,
    "Path over the contours": walks.path_over_contours,
    "Slope at the point": walks.slope_at_point,
    "Gradient at the point": walks.gradient_at_point,
    "Arrows on the grid": grids.field,
    "Surface beside surface": grids.surface,
    "The second result over the first": curves.over_each_other,
    "Columns": curves.columns,
    "Table beside table": grids.table,
    "Values": curves.values,
}


def compare(
    call: Call,
    expected: Json,
    observed: Json,
    name: str,
    about: str,
    kind: str = "",
    names: Names = NAMELESS,
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
    names : Names, optional
        What they consist of.

    Returns
    -------
    str
        An ``svg`` element, or ``""`` where a picture would show nothing: a
        text, an error, two numbers that nothing connects, results that look
        the same.
    """
    asked, right, came = Asked.of(call, names), as_arrays(expected), as_arrays(observed)
    with style():
        if kind == "belief" and (figure := believed.picture(asked, right, came)):
            return as_svg(figure, name, "Belief and belief", about)
        if len(right) != 1 or len(came) != 1 or _looks_the_same(right[0], came[0]):
            return ""
        if came[0].size > _MOST_NUMBERS:
            return ""
        fits = came[0].shape == (*right[0].shape, 1)
        for title, draw in _KINDS.items():
            figure = draw(asked, right[0], came[0][..., 0] if fits else came[0])
            if figure is not None:
                return as_svg(figure, name, title, about)
    return ""


def _looks_the_same(right: np.ndarray, came: np.ndarray) -> bool:
    if not right.size or not came.size:
        return True
    if right.shape != came.shape or not np.isfinite(came).all():
        return False
    span = np.ptp(right) or abs(right).max()
    return bool((abs(came - right) <= _VISIBLE * span).all())
