"""Mistakes with the start of a walk on a line: a float, an int or a tensor."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from autograder.marking.calls import Behaviour
from autograder.marking.criteria import Mistake
from autograder.marking.mistakes.changes import Changes, changed
from autograder.marking.mistakes.kinds import refusing
from autograder.marking.mistakes.walks import Walk

__all__ = ["starts"]


def starts(walk: Walk, **changes: Unpack[Changes]) -> list[Mistake]:
    """Starts that are ints or 0-d tensors, and don't work or cost the fractions.

    Leave out those of a kind that the task does not ask for.
    """

    def is_tensor(f: Any, start: Any, *rest: Any) -> bool:
        return hasattr(start, "fill_")

    def is_whole(f: Any, start: Any, *rest: Any) -> bool:
        return isinstance(start, int)

    def unless(kind: Any) -> Any:
        return lambda *arguments: not kind(*arguments)

    ready = [
        Mistake(
            "truncated to ints",
            "The places are cut to whole numbers, as happens in an array made from an int start; "
            "make the array one of floats.",
            behaves_like=tuple(
                _truncated(walk, only_if, at_end)
                for only_if in (is_whole, None)
                for at_end in (False, True)
            ),
        ),
        Mistake(
            "int start fails",
            "An int start such as 3 raises an error, as only floating-point tensors have "
            "gradients; turn it into a float first.",
            behaves_like=refusing(
                walk.right,
                unless(is_whole),
                RuntimeError("Only Tensors of floating point and complex dtype can require grad"),
                TypeError("x0 must be a float"),
                AttributeError("'int' object has no attribute"),
            ),
        ),
        Mistake(
            "only tensor starts",
            "The start is used as it comes, and only a tensor will do: make a float tensor of it "
            "first, so that a number works as well, and let autograd take the slope there.",
            behaves_like=refusing(
                walk.right,
                is_tensor,
                AttributeError("'float' object has no attribute 'clone'"),
                TypeError("f(): argument 'input' must be Tensor, not float"),
            ),
        ),
        Mistake(
            "tensor start fails",
            "A number will do as the start, and a 0-d tensor won't; it has to work as well.",
            behaves_like=refusing(
                walk.right,
                unless(is_tensor),
                TypeError("must be real number, not Tensor"),
                RuntimeError("a leaf Variable that requires grad"),
            ),
        ),
    ]
    return changed(ready, **changes)


def _truncated(walk: Walk, only_if: Any, at_end: bool) -> Behaviour:
    """Cut when the walk is done, or at every step and from the start."""
    steps = walk.moving(lambda step, place, start, k: np.trunc(step(place)))

    def variation(f: Any, start: Any, *rest: Any) -> Any:
        if only_if and not only_if(f, start, *rest):
            return walk.right(f, start, *rest)
        if at_end:
            return np.trunc(walk.right(f, start, *rest))
        return steps(f, np.trunc(float(start)), *rest)

    return variation
