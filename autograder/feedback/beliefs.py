"""Gaussian beliefs as pictures: bells over a line, ellipses in a plane.

A belief is a mean and a variance, or a mean vector and a covariance matrix.
What was submitted need not be one: a variance below zero, a matrix that is
not symmetric. Then its mean is drawn, and the picture says why there is no
more. Knows arrays; no calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from autograder.feedback.svg import EXPECTED, INK, RETURNED, SOFT
from autograder.feedback.views import View

__all__ = ["Belief", "draw"]

#: A bell is drawn to so many standard deviations, an ellipse at so many.
_BELL, _ELLIPSE = 3.2, 2.0


@dataclass(frozen=True)
class Belief:
    """A mean, shape (n,), and a covariance, shape (n, n); n is 1 or 2."""

    mean: np.ndarray
    covariance: np.ndarray

    @classmethod
    def of(cls, parts: Sequence[np.ndarray]) -> Belief | None:
        """From a mean and a (co)variance, or one array of the two; None if it is neither."""
        if len(parts) == 1 and parts[0].shape == (2,):
            parts = list(parts[0])
        if len(parts) != 2:
            return None
        mean, covariance = np.atleast_1d(parts[0]), np.atleast_2d(parts[1])
        fits = mean.ndim == 1 and covariance.shape == (mean.size, mean.size)
        return cls(mean, covariance) if fits and mean.size in (1, 2) else None

    @property
    def why_none(self) -> str:
        """Why nothing is distributed like this; "" if something is."""
        if not (np.isfinite(self.mean).all() and np.isfinite(self.covariance).all()):
            return "not finite"
        if not np.allclose(self.covariance, self.covariance.T, rtol=1e-4, atol=1e-8):
            return "covariance not symmetric"
        if np.linalg.eigvalsh(self.covariance).min() <= 0:
            one = self.mean.size == 1
            return "variance not above 0" if one else "covariance not positive definite"
        return ""

    def is_near(self, other: Belief) -> bool:
        """Whether no picture would show them apart."""
        pairs = ((self.mean, other.mean), (self.covariance, other.covariance))
        reach = (self.spread.max(), self.covariance.max())
        return all(
            bool((abs(a - b) <= 0.04 * size).all())
            for (a, b), size in zip(pairs, reach, strict=True)
        )

    @property
    def spread(self) -> np.ndarray:
        """Standard deviations, shape (n,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def density(self, x: np.ndarray) -> np.ndarray:
        """Of a belief about one number, at the places x."""
        (mean,), (spread,) = self.mean, self.spread
        bell = np.exp(-0.5 * ((x - mean) / spread) ** 2)
        return np.asarray(bell / (spread * np.sqrt(2 * np.pi)))

    def ellipse(self, count: int = 60) -> np.ndarray:
        """Points at `_ELLIPSE` standard deviations around the mean, shape (2, count)."""
        angle = np.linspace(0, 2 * np.pi, count)
        circle = np.array([np.cos(angle), np.sin(angle)])
        root = np.linalg.cholesky(self.covariance)
        return np.asarray(self.mean[:, None] + _ELLIPSE * root @ circle)


def draw(
    axes: Axes, before: Sequence[tuple[str, Belief]], right: Belief, came: Belief
) -> tuple[View, View]:
    """A reference's belief and a submitted one; behind them those that they were made of.

    Parameters
    ----------
    axes : Axes
    before : sequence of (str, Belief)
        With what is written beside each.
    right, came : Belief
        Of the same dimension; `right` is a belief.

    Returns
    -------
    (View, View)
        What the two axes should show.
    """
    views = _bells if right.mean.size == 1 else _ellipses
    return views(axes, [(name, b) for name, b in before if not b.why_none], right, came)


def _bells(
    axes: Axes, before: Sequence[tuple[str, Belief]], right: Belief, came: Belief
) -> tuple[View, View]:
    drawn = [belief for _, belief in before] + [right]
    ends = [b.mean + side * _BELL * b.spread for b in drawn for side in (-1, 1)]
    across = View.of(np.concatenate(ends), came.mean)
    x = across.grid(240)
    top = 1.2 * max(float(belief.density(x).max()) for belief in drawn)
    up = View(-0.04 * top, top)
    for name, belief in before:
        axes.plot(x, belief.density(x), color=SOFT, lw=1.4)
        # On the flank that looks away from the others, at half of the height.
        left = belief.mean[0] <= np.mean([b.mean[0] for b in drawn])
        flank = belief.mean + (-1.25 if left else 1.25) * belief.spread
        _label(axes, name, (flank[0], belief.density(flank)[0]), (-3 if left else 3, 0))
    for belief, look in ((right, EXPECTED), (came, RETURNED)):
        mean = across.near(belief.mean)
        if belief.why_none:
            axes.plot(mean.repeat(2), [0, 0.92 * top], **{**look, "markevery": [1]})
            continue
        # A marker on the top: it is what the eye looks for.
        places = np.sort(np.append(x, mean))
        marked = {**look, "markevery": [int(np.searchsorted(places, mean[0]))]}
        axes.plot(places, up.near(belief.density(places)), **marked)
    return across, up


def _ellipses(
    axes: Axes, before: Sequence[tuple[str, Belief]], right: Belief, came: Belief
) -> tuple[View, View]:
    rings = [belief.ellipse() for _, belief in before] + [right.ellipse()]
    all_of_them = np.concatenate(rings, axis=1)
    theirs = came.mean[:, None] if came.why_none else came.ellipse()
    views = View.of(all_of_them[0], theirs[0]), View.of(all_of_them[1], theirs[1])
    others = right.ellipse() if came.why_none else np.hstack([right.ellipse(), came.ellipse()])
    for name, belief in before:
        ring = belief.ellipse()
        axes.plot(*ring, color=SOFT, lw=1.4)
        axes.plot(*belief.mean, color=SOFT, marker="o", ms=3)
        # Outside, where the others are farthest.
        scale = np.array([[view.high - view.low] for view in views])
        apart = np.linalg.norm((ring[:, :, None] - others[:, None, :]) / scale[:, None], axis=0)
        place = ring[:, int(apart.min(axis=1).argmax())]
        out = (place - belief.mean) / scale[:, 0]
        _label(axes, name, place, 5 * out / np.hypot(*out))
    for belief, look in ((right, EXPECTED), (came, RETURNED)):
        axes.plot(*_near(views, belief.mean[:, None]), **look)
        if not belief.why_none:
            axes.plot(*_near(views, belief.ellipse()), **{**look, "marker": ""})
    return views


def _near(views: tuple[View, View], points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return views[0].near(points[0]), views[1].near(points[1])


def _label(axes: Axes, name: str, place: Iterable[float], out: Iterable[float]) -> None:
    """Write a name beside a place, on the side that `out` (in points) points to."""
    (x, y), (right, up) = place, out
    axes.annotate(
        name,
        (x, y),
        (right, up),
        textcoords="offset points",
        ha="left" if right > 2 else "right" if right < -2 else "center",
        va="bottom" if up > 2 else "top" if up < -2 else "center",
        size=7.5,
        color=INK,
    )
