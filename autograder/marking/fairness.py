"""Whether a call is fair: no right answer, computed in another way, could be marked wrong on it.

Rounding to float32, adding up in another order, and the noise of finite differences must not
change the reference's answer noticeably. It knows what a task offers; no mistakes, no verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograder.marking.agreement import parts_of
from autograder.marking.calls import Behaviour, Call, observe_own
from autograder.marking.drawable import Drawable
from autograder.marking.places import place_where
from autograder.marking.properties import FAILS
from autograder.observation.arguments import leaves, mapped
from autograder.observation.functions import Function, RoundedFunction

__all__ = ["reference_on", "unfair"]

#: How far inside the tolerance a fair difference must be.
FAIR = 0.1
#: The noise of a slope by central differences in float64, which a fair call allows.
NOISE = 1e-10


def unfair(task: Drawable, call: Call) -> str:
    """Why a right answer could be marked wrong on `call`, or ``""``."""
    expected = task.expected(call)
    if asks := task.asks(call):
        return _unfair_property(task, call, asks)
    if "error" in expected:
        error = expected["error"]
        return (
            f"the reference raises {error['type']} on {call!r}: {error['message']} "
            f"({place_where(task.reference)})"
        )
    if "unsupported" in expected:
        return (
            f"the reference returns what can't be compared on {call!r}: {expected['unsupported']}. "
            "Numbers can be, bools, text, None, arrays, tensors and data frames; lists, tuples, "
            "sets and dicts of such. Of anything else the test cell hands over what "
            f'can be: observe(lambda ...: ..., task="{task.name}")'
        )
    if task.minds_changes(call) and expected["mutated"]:
        return f"the reference changes its argument on {call!r}, which nobody may"
    if any(_is_wild(leaf) for _, leaf in parts_of(expected)):
        return f"the reference is not finite on {call!r}"
    for how, variant in _variations(task, call):
        other = observe_own(reference_on(task.reference, variant), call.question)
        if not task.agree(call, expected, other, FAIR):
            again = observe_own(task.reference, call.question)
            if not task.agree(call, expected, again, FAIR):
                return (
                    f"asked twice, the reference gives two answers on {call!r} (does it draw "
                    "random numbers, or keep something between calls?)"
                )
            return f"{how} changes the reference's answer on {call!r}"
    return ""


def _is_wild(leaf: dict[str, Any]) -> bool:
    """Whether it holds a number that is not finite, and no gap of a data frame."""
    allowed = {"nan"} if leaf.get("gaps") else set()
    return any(isinstance(v, str) and v not in allowed for v in leaf.get("values", ()))


def _unfair_property(task: Drawable, call: Call, asks: str) -> str:
    """The same, where a property or an error is asked."""
    why = task.breach(call, task.expected(call))
    if why is not None:
        what = "has not the property that is asked" if asks == "holds" else "raises something else"
        if why.startswith(FAILS):
            return (
                f"holds itself fails on what the reference gives, {call!r}: {why.split(FAILS)[1]}"
            )
        return f"the reference {what} on {call!r}" + (f": {why}" if why else "")
    for how, variant in _variations(task, call):
        other = observe_own(reference_on(task.reference, variant), call.question)
        if task.breach(call, other) is not None:
            return f"{how} changes whether the reference earns {call!r}"
    return ""


def reference_on(reference: Behaviour, variant: Callable[[Any], Any]) -> Behaviour:
    """The reference, with `variant` applied to each argument, and inside of lists, first."""

    def varied(function: Behaviour) -> Behaviour:
        def on(*arguments: Any, **named: Any) -> Any:
            result = function(
                *(mapped(argument, variant) for argument in arguments),
                **{name: mapped(argument, variant) for name, argument in named.items()},
            )
            return varied(result) if callable(result) else result

        return on

    return varied(reference)


def _variations(task: Drawable, call: Call) -> Iterable[tuple[str, Callable[[Any], Any]]]:
    def nudged(argument: Any) -> Any:
        if isinstance(argument, float) or (
            isinstance(argument, np.ndarray) and argument.dtype.kind == "f"
        ):
            return argument + NOISE
        return argument

    def reordered(argument: Any) -> Any:
        return argument.reordered() if isinstance(argument, Function) else argument

    def rounded(argument: Any) -> Any:
        if isinstance(argument, Function):
            return RoundedFunction(argument.formula)
        if isinstance(argument, float):
            return float(np.float32(argument))
        if isinstance(argument, np.ndarray) and argument.dtype.kind == "f":
            return argument.astype(np.float32).astype(np.float64)
        return argument

    inside = [leaf for argument in call.given for leaf in leaves(argument)]
    if any("function" in leaf for leaf in inside if isinstance(leaf, dict)):
        yield "adding up in another order", reordered
        yield f"noise of {NOISE:g}, as finite differences have it,", nudged
    if task.precision == "float32":
        yield "rounding to float32", rounded
