"""What the parts of a task's result are called, where its author has said so.

``midpoints[1]`` says more than index ``[0, 1]``. Knows shapes and places; no values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.marking.task import Task

__all__ = ["NAMELESS", "Index", "Names"]

Index = tuple[int, ...]

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


@dataclass(frozen=True)
class Names:
    """Names of what a result consists of, along its first axis; and of the columns of a table."""

    parts: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    @classmethod
    def of(cls, task: Task) -> Names:
        """Those that a task gives."""
        return cls(tuple(task.parts), tuple(task.columns))

    def of_parts(self, shape: Sequence[int]) -> tuple[str, ...]:
        """The names along the first axis of a result of this shape; empty if it has none."""
        return self.parts if len(shape) and len(self.parts) == shape[0] else ()

    def of_columns(self, shape: Sequence[int]) -> tuple[str, ...]:
        """The names along its last axis."""
        return self.columns if len(shape) > 1 and len(self.columns) == shape[-1] else ()

    def row(self, place: Index, shape: Sequence[int]) -> str:
        """A row of a result, or an entry of a list: ``midpoints``, or ``[0]``."""
        parts = self.of_parts(shape)
        if not place or place[0] >= len(parts):  # what came back may have more rows
            return _index(place)
        return parts[place[0]] + _index(place[1:])

    def entry(self, index: Index, shape: Sequence[int]) -> str:
        """An entry of a result: ``midpoints[1]``, ``variance``, or ``index [0, 1]``."""
        if self.of_parts(shape):
            return self.row(index, shape)
        if columns := self.of_columns(shape):
            return columns[index[-1]] + _index(index[:-1])
        return f"index {_index(index)}"

    def one_of(self, number: int, count: int) -> str:
        """One of the arrays of a result: ``the mean``, or ``the first of the two``."""
        if len(self.parts) == count:
            return f"the {self.parts[number]}"
        which = _ORDINALS[number] if number < len(_ORDINALS) else f"number {number + 1}"
        return f"the {which} of the {'two' if count == 2 else count}"


#: Of a result whose author has named nothing.
NAMELESS = Names()


def _index(place: Index) -> str:
    return f"[{', '.join(map(str, place))}]" if place else ""
