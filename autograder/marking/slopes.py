"""Exact slopes of formulas, for references and for the models of mistakes.

They live on the marking side: what is loaded in a student's kernel must hold nothing that
computes an answer.
"""

from __future__ import annotations

import cmath
from collections.abc import Callable, Iterator
from copy import copy
from typing import Any

import numpy as np

from autograder.marking.rules import gradient_of
from autograder.observation.formulas import ELEMENTARY
from autograder.observation.functions import Function

__all__ = ["curvature", "derivative", "gradient"]

#: The step in the imaginary direction.
STEP = 1e-30
_NAMESPACE = {"__builtins__": {}, **{name: getattr(cmath, name) for name in ELEMENTARY}}

Analytic = Callable[[Any], Any]


def derivative(f: Analytic, x: Any) -> Any:
    """Slope of an analytic `f` at `x` by the complex step.

    ``Im f(x + ih) / h`` has no subtraction, so h can be tiny and the slope is
    exact to machine precision; far quicker than autograd on a float, and
    independent of it.

    Parameters
    ----------
    f : callable
        A `Function` of x, whatever it refuses.
    x : float or ndarray, shape (...)

    Returns
    -------
    float or ndarray, shape of `x`

    References
    ----------
    W. Squire and G. Trapp, "Using complex variables to estimate derivatives
    of real functions", SIAM Review 40 (1998), 110-112.
    """
    if isinstance(x, float) and type(f) is Function:
        try:
            return np.float64(_plain(f)(x + STEP * 1j).imag / STEP)
        except _BEYOND:
            pass
    with np.errstate(all="ignore"):
        return np.imag(_free(f)(np.asarray(x, dtype=complex)[()] + STEP * 1j)) / STEP


def gradient(f: Analytic, v: Any) -> np.ndarray:
    """Gradient of an analytic `f` at a point, by the complex step.

    Parameters
    ----------
    f : callable
        A `Function` of v, whatever it refuses.
    v : array_like, shape (n, ...)

    Returns
    -------
    ndarray, shape of `v`
    """
    return np.array([height.imag / STEP for height in _stepped(f, v)])


def curvature(f: Function, v: Any) -> np.ndarray:
    """Second derivatives of `f` at a point: by the rules, then by the complex step.

    Exact to machine precision as well, and in single precision to that one.

    Parameters
    ----------
    f : Function
        Of v, whatever it refuses.
    v : array_like, shape (2,)

    Returns
    -------
    ndarray, shape (2, 2)
    """
    slopes = copy(f)
    slopes.code = gradient_of(f.formula)
    return np.array([[slope.imag / STEP for slope in pair] for pair in _stepped(slopes, v)]).T


#: What plain numbers raise where NumPy goes on with inf and nan.
_BEYOND = (ArithmeticError, ValueError)


def _stepped(f: Analytic, v: Any) -> list[Any]:
    """What `f` is one tiny imaginary step away from `v`, along each coordinate."""
    place = np.asarray(v, dtype=complex)
    if place.ndim == 1:
        try:
            return list(_nudged(_plain(f), place.tolist()))
        except _BEYOND:
            pass
    with np.errstate(all="ignore"):
        return list(_nudged(_free(f), place))


def _nudged(f: Analytic, place: Any) -> Iterator[Any]:
    for i in range(len(place)):
        nudged = place.copy()
        nudged[i] += STEP * 1j
        yield f(nudged)


def _plain(f: Analytic) -> Analytic:
    """The function on plain complex numbers, where it is several times as fast as through NumPy."""
    if type(f) is not Function:
        return f
    code, variable = f.code, f.variable
    return lambda point: eval(code, _NAMESPACE, {variable: point})


def _free(f: Analytic) -> Analytic:
    """The function of anything; complex numbers are what some refuse."""
    return f.unrestricted() if isinstance(f, Function) else f
