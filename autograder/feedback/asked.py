"""A call, as far as it says how its result is drawn.

Its function, and its numbers by their position. Knows calls; it draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.feedback.names import Names
from autograder.marking.agreement import as_array
from autograder.marking.calls import Call
from autograder.observation.arguments import decode
from autograder.observation.functions import Function
from autograder.observation.values import normalise

__all__ = ["Asked"]


@dataclass
class Asked:
    """A call, as far as it says how its result is drawn: arguments by their position."""

    function: Function | None
    numbers: dict[int, np.ndarray]
    #: What the parts of its result are called.
    names: Names

    @classmethod
    def of(cls, call: Call, names: Names) -> Asked:
        """Read from a call; its numbers by their position, those given by name last."""
        # Of a function that is returned, it is shown what that does with its own arguments.
        arguments = [decode(argument) for argument in call.given]
        numbers = {k: _numbers(argument) for k, argument in enumerate(arguments)}
        return cls(
            next((a.unrestricted() for a in arguments if isinstance(a, Function)), None),
            {k: found for k, found in numbers.items() if found is not None},
            names,
        )

    @property
    def start(self) -> np.ndarray | None:
        """The first argument that is a number, a point or an array."""
        return next(iter(self.numbers.values()), None)

    def of_x(self) -> Function | None:
        """The function, if it is one of a number."""
        return self.function if self.function and self.function.variable == "x" else None

    def of_v(self) -> Function | None:
        """The function, if it is one of a point."""
        return self.function if self.function and self.function.variable == "v" else None

    def is_walked(self, path: np.ndarray) -> bool:
        """Whether a path's first entry is where it was to start."""
        start = self.start
        if start is None or path.ndim == 0 or path.shape[1:] != start.shape:
            return False
        return bool(np.allclose(path[0], start, atol=1e-6))


def _numbers(argument: Any) -> np.ndarray | None:
    """An argument as numbers, if it is made of nothing else."""
    found = normalise(argument)
    return None if "bools" in found else as_array(found)
