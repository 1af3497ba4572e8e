"""Mistakes of second derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Unpack

import numpy as np

from autograder.marking.calls import Behaviour
from autograder.marking.criteria import Mistake
from autograder.marking.mistakes.changes import Changes, changed, named
from autograder.marking.mistakes.results import matrices
from autograder.marking.slopes import curvature, gradient

__all__ = ["hessians"]

At = Callable[[Any, Any], Any]


def hessians(
    answered: Callable[[At], Behaviour] = lambda at: at,
    notebook: Mapping[str, Any] = {},
    **changes: Unpack[Changes],
) -> list[Mistake]:
    """Mistakes of a Hessian, shape (2, 2).

    Parameters
    ----------
    answered : callable
        ``answered(at)`` is an answer of the task for ``at(f, v)``; where a function is to be
        handed back, ``lambda at: lambda f: lambda v: at(f, v)``.
    notebook : dict of str to Function
        Functions of the notebook that somebody may have put in place of f, by name.
    **changes
        See `changed`.
    """

    def after(change: Callable[[Any], Any]) -> Behaviour:
        return answered(lambda f, v: change(curvature(f, v)))

    ready = [
        *matrices(
            after,
            rename={
                "diagonal only": "mixed derivatives missing",
                "diagonal missing": "only mixed derivatives",
                "rows added up": "slopes added up",
                "numbers in a row": "four numbers in a row",
            },
            reword={
                "diagonal only": "These are the second derivatives along x0 and along x1 only; the "
                "slope along x0 also changes when x1 moves, and that goes off the diagonal.",
                "rows added up": "Differentiating the sum of both slopes adds the two rows "
                "together; differentiate one component of the gradient at a time.",
                "one row only": "This is how one of the slopes changes; the other one has a row of "
                "its own (and a list that holds one array twice needs copies).",
                "half of it": "Every entry is half (or twice) as large as it should be: the 1/2 of "
                "Taylor's formula is not a part of the Hessian.",
                "sign turned around": "Every sign is turned around; the Hessian belongs to f "
                "itself, not to minus f.",
            },
        ),
        *named(_DERIVED, answered),
        *named(_ELSEWHERE, answered),
        *(
            Mistake(
                f"{name} hard-coded",
                f"This is the Hessian of the notebook's `{name}`, whatever f is; differentiate the "
                "f that is given.",
                behaves_like=answered(_of(function)),
            )
            for name, function in notebook.items()
        ),
    ]
    return changed(ready, **changes)


def _of(function: Any) -> At:
    return lambda f, v: curvature(function, v)


def _two_sided(f: Any, v: Any, h: float = 0.1) -> np.ndarray:
    rows = [(gradient(f, v + h * e) - gradient(f, v - h * e)) / (2 * h) for e in np.eye(2)]
    return np.array(rows).T


def _one_sided(h: float, rows: bool, f: Any, v: Any) -> np.ndarray:
    here = gradient(f, v)
    table = np.array([(gradient(f, v + h * e) - here) / h for e in np.eye(2)])
    return table if rows else table.T


_DERIVED: Mapping[str, tuple[Any, ...]] = {
    "first derivatives": (
        "This is the gradient, the slopes themselves; the Hessian says how they change, so "
        "differentiate once more.",
        gradient,
        lambda f, v: np.diag(gradient(f, v)),
    ),
    "products of slopes": (
        "A second derivative is the derivative of a slope, not one slope times another.",
        lambda f, v: np.outer(gradient(f, v), gradient(f, v)),
        lambda f, v: gradient(f, v) ** 2,
    ),
    "differences too coarse": (
        "The difference of two slopes some way apart is only roughly the second derivative; "
        "let the gradient be differentiated.",
        # By rows or by columns: such a table isn't symmetric.
        _two_sided,
        lambda f, v: _two_sided(f, v).T,
        *(partial(_one_sided, h, rows) for h in (0.1, 0.01) for rows in (True, False)),
    ),
}

_ELSEWHERE: Mapping[str, tuple[Any, ...]] = {
    "always at the same place": (
        "This is the Hessian at a place of your own, not at the one that is given; only a "
        "quadratic f bends the same everywhere.",
        lambda f, v: curvature(f, np.zeros(2)),
        lambda f, v: curvature(f, np.ones(2)),
    ),
    "coordinates of the place swapped": (
        "This is the Hessian at (v[1], v[0]); v[0] comes first.",
        lambda f, v: curvature(f, v[::-1]),
    ),
    "fractions lost": (
        "This is the Hessian at a place of whole numbers; leave v as it is.",
        lambda f, v: curvature(f, np.trunc(v)),
    ),
}
