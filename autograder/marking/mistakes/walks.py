"""A task's walk, written once over any slope, from which variations are made.

A walk starts somewhere and takes `n_steps` steps on a function; its task has the signature
``(f, start, *parameters, n_steps)`` and returns every place, the start first. It knows how to vary
a walk; which variations are mistakes stands in `steps` and `records`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autograder.marking.calls import Behaviour

__all__ = ["Slope", "Walk"]

Slope = Callable[[Any], Any]


class Walk:
    """The walk of a task, over any slope.

    Parameters
    ----------
    path : callable
        ``path(f, slope, start, *parameters, n_steps)``: the places, the start first. It asks
        ``slope(place)`` once for each step, and changes no place that it is given.
    slope : callable
        ``slope(f, place)``, as exact as `derivative` or `gradient`.
    parameters : sequence of str
        Names of what stands between the start and `n_steps`; the first is the learning rate.
    dimensions : {1, 2}
        Of a place: a number, or an array of so many.

    Examples
    --------
    >>> from autograder.marking import Function, derivative
    >>> def descend(f, slope, x, lr, n_steps):
    ...     path = [x]
    ...     for _ in range(n_steps):
    ...         path.append(path[-1] - lr * slope(path[-1]))
    ...     return path
    >>> Walk(descend, slope=derivative).right(Function("x**2"), 4, 0.75, 2)
    array([ 4., -2.,  1.])
    """

    def __init__(
        self,
        path: Callable[..., Sequence[Any]],
        slope: Callable[[Any, Any], Any],
        parameters: Sequence[str] = ("lr",),
        dimensions: int = 1,
    ) -> None:
        self.path, self.slope = path, slope
        self.parameters = tuple(parameters)
        self.dimensions = dimensions
        # Half of all variations start from the same right path.
        self._remembered = lru_cache(maxsize=1024)(self._walk)

    def _walk(self, f: Any, start: Any, *rest: Any) -> np.ndarray:
        return self._along(f, lambda place: self.slope(f, place), start, *rest)

    def _along(self, f: Any, slope: Slope, start: Any, *rest: Any) -> np.ndarray:
        return np.array(self.path(f, slope, _place(start), *rest))

    def right(self, f: Any, start: Any, *rest: Any) -> np.ndarray:
        """The right path, cheaply: shape (n_steps + 1,), or (n_steps + 1, dimensions)."""
        start = _place(start)
        key = tuple(start) if np.ndim(start) else float(start)
        return self._remembered(f, key, *rest).copy()

    def step(self, f: Any, place: Any, *parameters: Any) -> Any:
        """The place after one step from `place`."""
        return self._walk(f, place, *parameters, 1)[1]

    def with_slope(self, change: Callable[[Any, Slope, Any], Slope]) -> Behaviour:
        """Another slope: ``change(f, slope, start)`` gives it, anew for each walk."""

        def variation(f: Any, start: Any, *rest: Any) -> np.ndarray:
            there = _place(start)
            slope = change(f, lambda place: self.slope(f, place), there)
            return self._along(f, slope, start, *rest)

        return variation

    def with_parameter(self, position: int, change: Callable[[float], float]) -> Behaviour:
        """Another value of a parameter."""

        def variation(f: Any, start: Any, *rest: Any) -> np.ndarray:
            parameters = list(rest)
            parameters[position] = change(parameters[position])
            return self.right(f, start, *parameters)

        return variation

    def by(self, path: Callable[..., Any]) -> Behaviour:
        """Another way of walking; `path` as in the class."""
        return lambda f, start, *rest: np.array(
            path(f, lambda place: self.slope(f, place), _place(start), *rest)
        )

    def taking(self, step: Callable[..., Any]) -> Behaviour:
        """Another step: ``step(f, slope, places, *parameters)``, from the places so far."""

        def path(f: Any, slope: Slope, start: Any, *rest: Any) -> list[Any]:
            places = [start]
            for _ in range(rest[-1]):
                places.append(step(f, slope, places, *rest[:-1]))
            return places

        return self.by(path)

    def scaled(self, factor: float) -> Behaviour:
        """The walk with every slope so many times as large."""
        return self.with_slope(lambda f, slope, start: lambda place: factor * slope(place))

    def with_function(self, other: Any) -> Behaviour:
        """The walk on `other`, whatever f is."""
        return lambda f, *rest: self.right(other, *rest)

    def after(self, change: Callable[[np.ndarray], Any]) -> Behaviour:
        """The right path, then spoilt by ``change(path)``."""
        return lambda *arguments: change(self.right(*arguments))

    def moving(self, change: Callable[..., Any]) -> Behaviour:
        """Another step: ``change(step, place, start, k)`` gives the next place.

        For walks that carry nothing from one step to the next; ``step(place)`` is the right one.
        """

        def variation(f: Any, start: Any, *rest: Any) -> np.ndarray:
            start = _place(start)
            path = [start]
            for k in range(rest[-1]):
                path.append(change(lambda x: self.step(f, x, *rest[:-1]), path[-1], start, k))
            return np.array(path)

        return variation

    def each_step(self, change: Callable[[Any], Any]) -> Behaviour:
        """``change(place)`` of each place that is stepped to, for walks that carry nothing."""
        return self.moving(lambda step, place, start, k: change(step(place)))


def _place(start: Any) -> Any:
    """A start of any kind as a float, or as an array of its own; shape () or (dimensions,)."""
    plain = start.tolist() if hasattr(start, "tolist") else start
    return np.array(plain, dtype=float)[()]
