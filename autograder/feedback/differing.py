"""Where two arrays of a result differ, and the places around the first such one.

What came back may have any shape: the work done here is bounded by the numbers that it holds, never
by the places that it claims to have. Knows arrays and a task's tolerance; no words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

import numpy as np

from autograder.feedback.names import Index
from autograder.marking.agreement import BLOWN_UP
from autograder.marking.task import Task

__all__ = ["Differences", "has"]


class Differences:
    """Where two arrays differ, entry by entry, in the part that both have.

    Parameters
    ----------
    right, came : ndarray
        Of the same number of dimensions, or nothing is said to differ.
    task : Task
        For its tolerance.
    """

    def __init__(self, right: np.ndarray, came: np.ndarray, task: Task) -> None:
        self.arrays = right, came
        self.wrong = np.zeros(0, bool)
        if right.ndim == came.ndim:
            both = tuple(map(slice, map(min, right.shape, came.shape)))
            self.wrong = _disagree(right[both], came[both], task)

    def __contains__(self, index: Index) -> bool:
        return has(self.wrong, index) and bool(self.wrong[index])

    @property
    def first(self) -> Index | None:
        """The index of the first entry that differs."""
        if not self.wrong.any():
            return None
        found = np.unravel_index(int(self.wrong.argmax()), self.wrong.shape)
        return tuple(int(k) for k in found)

    def at(self, place: Index) -> bool:
        """Whether an entry, or one in a row of entries, differs or is missing on one side."""
        if not all(has(array, place) for array in self.arrays):
            return True
        return has(self.wrong, place) and bool(self.wrong[place].any())

    def column(self, place: Index) -> int:
        """The first entry that differs in a row of numbers; else 0."""
        if not has(self.wrong, place):
            return 0
        found = np.flatnonzero(self.wrong[place])
        return int(found[0]) if found.size else 0

    def around(self, before: int, after: int, lead: int) -> tuple[list[Index], bool, bool]:
        """The places around the first at which something differs or is missing.

        Parameters
        ----------
        before, after : int
            How many on both sides.
        lead : int
            How many dimensions make a place; what is left is a row of numbers.

        Returns
        -------
        (list of tuple of int, bool, bool)
            The places, and whether there are more before and after them.
        """
        shapes = [array.shape[:lead] for array in self.arrays]
        shape = tuple(map(max, *shapes))
        total = prod(shape)
        candidates = list(_missing(*shapes))
        rows = self.wrong.any(axis=tuple(range(lead, self.wrong.ndim)))
        if rows.any():
            found = np.unravel_index(int(rows.argmax()), rows.shape)
            candidates.append(tuple(int(k) for k in found))
        place = _number(min(candidates), shape) if candidates and total else total
        first = max(0, min(place - before, total - 1 - before - after))
        last = min(first + before + after + 1, total)
        return [_place(k, shape) for k in range(first, last)], first > 0, last < total


def has(array: np.ndarray, place: Index) -> bool:
    """Whether an array has this place."""
    return all(k < length for k, length in zip(place, array.shape, strict=False))


def _disagree(a: np.ndarray, b: np.ndarray, task: Task) -> np.ndarray:
    """As `marking.agreement.matches` compares numbers, for arrays of the same shape."""
    with np.errstate(all="ignore"):
        tame_a, tame_b = abs(a) < BLOWN_UP, abs(b) < BLOWN_UP
        near = abs(a - b) <= task.atol + task.rtol * np.maximum(abs(a), abs(b))
    return np.asarray(~np.where(tame_a & tame_b, near, tame_a == tame_b))


def _missing(a: Sequence[int], b: Sequence[int]) -> Iterator[Index]:
    """The first place along each axis that only one of two shapes has."""
    for axis, (one, other) in enumerate(zip(a, b, strict=True)):
        if one != other:
            yield tuple(min(one, other) if k == axis else 0 for k in range(len(a)))


def _number(place: Index, shape: Sequence[int]) -> int:
    """How many places come before; in plain integers, as a shape may claim more than 2**63."""
    number = 0
    for k, length in zip(place, shape, strict=True):
        number = number * length + k
    return number


def _place(number: int, shape: Sequence[int]) -> Index:
    place = []
    for length in reversed(shape):
        number, k = divmod(number, length)
        place.append(k)
    return tuple(reversed(place))
