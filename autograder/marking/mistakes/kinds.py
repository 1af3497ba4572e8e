"""Mistakes of kind: what a function takes, what it hands back, what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Unpack

import numpy as np

from autograder.marking.calls import Behaviour
from autograder.marking.criteria import Mistake
from autograder.marking.mistakes.changes import Changes, changed

__all__ = [
    "arrays_only",
    "lost_leaf",
    "modifies",
    "not_by_autograd",
    "raising",
    "refusing",
    "returns_nothing",
    "scalars_only",
    "value_for_a_function",
]


def raising(error: BaseException) -> Behaviour:
    """A behaviour that fails like this whatever it is asked."""

    def behaviour(*arguments: Any) -> Any:
        raise error

    return behaviour


def refusing(
    reference: Behaviour, accepts: Callable[..., Any], *errors: BaseException
) -> tuple[Behaviour, ...]:
    """Behaviours that fail on arguments they don't accept, one for each error."""

    def with_error(error: BaseException) -> Behaviour:
        def behaviour(*arguments: Any) -> Any:
            if not accepts(*arguments):
                raise error
            return reference(*arguments)

        return behaviour

    return tuple(map(with_error, errors))


def not_by_autograd(
    reference: Behaviour,
    asks: Callable[..., Any] = lambda *arguments: True,
    **changes: Unpack[Changes],
) -> list[Mistake]:
    """An f of tensors only, asked about something else; see `draws.for_tensors`.

    `asks` says whether f is asked at all: a walk of no steps does not ask.
    """
    ready = Mistake(
        "not by autograd",
        "f takes torch tensors and nothing else, so differences of floats or arrays won't do: make "
        "a tensor that requires grad and let autograd take the slope.",
        behaves_like=refusing(
            reference,
            lambda *arguments: not asks(*arguments),
            TypeError("this f works on torch tensors and nothing else"),
        ),
    )
    return changed([ready], **changes)


def lost_leaf(reference: Behaviour, **changes: Unpack[Changes]) -> list[Mistake]:
    """A walk in torch that steps away from the tensor whose ``.grad`` it reads.

    The last argument is the number of steps; none, or the first one, may still be right.
    """

    def after(most: int, *errors: BaseException) -> tuple[Behaviour, ...]:
        return refusing(reference, lambda *arguments: arguments[-1] <= most, *errors)

    ready = Mistake(
        "step leaves the leaf",
        "backward() fills .grad of the tensor that you made yourself, not of one that is computed: "
        "step in place inside torch.no_grad(), or make a new tensor that requires grad each time "
        "(and clear .grad only once it is there).",
        behaves_like=(
            *after(1, TypeError("unsupported operand type(s) for *: 'float' and 'NoneType'")),
            *after(1, RuntimeError("element 0 of tensors does not require grad")),
            *after(0, RuntimeError("a leaf Variable that requires grad is being used in-place")),
            *after(0, AttributeError("'NoneType' object has no attribute 'zero_'")),
        ),
    )
    return changed([ready], **changes)


def returns_nothing(**changes: Unpack[Changes]) -> list[Mistake]:
    """A function without a return, as one that prints its result."""
    ready = Mistake(
        "returns nothing",
        "The function computes but hands nothing back: end it with a return (printing is not "
        "returning).",
        behaves_like=lambda *arguments, **named: None,
    )
    return changed([ready], **changes)


def scalars_only(
    reference: Behaviour, argument: int = 0, **changes: Unpack[Changes]
) -> list[Mistake]:
    """A function that takes numbers where `argument` may be an array, too."""

    def is_number(*arguments: Any) -> bool:
        return np.ndim(arguments[argument]) == 0

    def first_entry(*arguments: Any) -> Any:
        return reference(*(np.ravel(a)[0] if isinstance(a, np.ndarray) else a for a in arguments))

    ready = Mistake(
        "scalars only",
        "It takes numbers and fails for arrays; plain arithmetic does both, without float(), "
        ".item() or if.",
        behaves_like=(
            *refusing(
                reference,
                is_number,
                TypeError("only 0-dimensional arrays can be converted to Python scalars"),
                TypeError("only length-1 arrays can be converted to Python scalars"),
                ValueError("can only convert an array of size 1 to a Python scalar"),
                ValueError("The truth value of an array with more than one element is ambiguous"),
                RuntimeError("a Tensor with 2 elements cannot be converted to Scalar"),
            ),
            first_entry,
        ),
    )
    return changed([ready], **changes)


def arrays_only(
    reference: Behaviour, argument: int = 0, **changes: Unpack[Changes]
) -> list[Mistake]:
    """A function that takes arrays where `argument` may be a number, too."""

    def is_array(*arguments: Any) -> bool:
        return np.ndim(arguments[argument]) > 0

    ready = Mistake(
        "arrays only",
        "It takes arrays and fails for a number, which has no entries, no length and no methods "
        "of an array.",
        behaves_like=(
            *refusing(
                reference,
                is_array,
                TypeError("'float' object is not subscriptable"),
                TypeError("object of type 'float' has no len()"),
                TypeError("'float' object is not iterable"),
                TypeError("iteration over a 0-d tensor"),
                AttributeError("'float' object has no attribute 'copy'"),
                AttributeError("'float' object has no attribute 'shape'"),
                IndexError("tuple index out of range"),
            ),
        ),
    )
    wrapped = Mistake(
        "a number becomes an array",
        "A float should give a number, but the answer is an array of length one; drop the list "
        "around it.",
        behaves_like=lambda *arguments: np.atleast_1d(reference(*arguments)),
        costs=1,
    )
    return changed([ready, wrapped], **changes)


def value_for_a_function(
    name: str, argument: str, values: Sequence[Behaviour], **changes: Unpack[Changes]
) -> list[Mistake]:
    """A value, where `name` should hand back a function of `argument`.

    `values` are behaviours that answer too early.
    """

    def missing(of: str) -> str:
        return f"{of}() missing 1 required positional argument: {argument!r}"

    ready = Mistake(
        "a value, not a function",
        f"{name} hands back a function; whoever calls that one brings the {argument}.",
        behaves_like=(
            *values,
            lambda *arguments: 1.0,
            raising(TypeError(missing(name))),
            raising(TypeError(missing("<lambda>"))),
            raising(NameError(f"name {argument!r} is not defined")),
        ),
    )
    return changed([ready], **changes)


def modifies(
    reference: Behaviour,
    argument: int,
    name: str = "modifies its argument",
    **changes: Unpack[Changes],
) -> list[Mistake]:
    """An array that belongs to the caller has changed; the result is right, or left in there."""

    def with_result(handed_back: Callable[[Any], Any]) -> Behaviour:
        def behaviour(*arguments: Any) -> Any:
            result = reference(*arguments)
            given = arguments[argument]
            if isinstance(given, np.ndarray):
                given[...] = given + 1
            return handed_back(result)

        return behaviour

    ready = Mistake(
        name,
        "The values are right, but the caller's array was changed (in-place operators like -= do "
        "that); work on a copy.",
        behaves_like=(with_result(lambda result: result), with_result(lambda result: None)),
    )
    return changed([ready], **changes)
