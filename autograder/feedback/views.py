"""The part of the numbers that a picture shows, and functions evaluated there.

A submission may be anywhere, up to 1e300: what is shown is the reference, and
what is not too far from it. Knows numbers and functions; it draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autograder.observation.functions import Function

__all__ = ["View", "heights"]

#: No farther out than so many widths of the reference.
_WIDTHS = 1.5


@dataclass
class View:
    """A part of a line."""

    low: float
    high: float

    @classmethod
    def of(cls, right: np.ndarray, came: np.ndarray) -> View:
        """Holds the reference `right`, and what of `came` is near it."""
        tame = right[np.isfinite(right) & (abs(right) < 1e30)]
        low, high = (float(tame.min()), float(tame.max())) if tame.size else (-1.0, 1.0)
        room = max(high - low, 0.05 * max(abs(low), abs(high)), 1e-6) * _WIDTHS
        near = came[(came >= low - room) & (came <= high + room)]
        low, high = min([low, *near]), max([high, *near])
        margin = 0.08 * max(high - low, room)
        return cls(low - margin, high + margin)

    @classmethod
    def around(cls, place: float, reach: float) -> View:
        """As far as `reach` on both sides."""
        return cls(place - reach, place + reach)

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Which values are in it."""
        return np.asarray((values >= self.low) & (values <= self.high))

    def grid(self, count: int) -> np.ndarray:
        """So many places in it, from end to end."""
        return np.linspace(self.low, self.high, count)

    def near(self, values: np.ndarray) -> np.ndarray:
        """`values`, no farther out than a drawing can stand; a line leaves all the same."""
        far = 50 * (self.high - self.low)
        return np.asarray(np.clip(values, self.low - far, self.high + far))

    def part(self, values: np.ndarray) -> np.ndarray:
        """Where values are, from 0 at the low end to 1 at the high one."""
        return np.clip((values - self.low) / (self.high - self.low), 0, 1)


def heights(function: Function, points: np.ndarray) -> np.ndarray:
    """Shape (...) from points of shape (...), or (2, ...) for a function of a point."""
    flat = points[0] if function.variable == "v" else points
    return np.asarray(function(points) + 0 * flat, dtype=float)  # also if it is constant
