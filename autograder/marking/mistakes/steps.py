"""Mistakes of what a walk computes: its slopes, its learning rate, when it stops."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Unpack

import numpy as np

from autograder.marking.calls import Behaviour
from autograder.marking.criteria import Mistake
from autograder.marking.mistakes.changes import Changes, changed
from autograder.marking.mistakes.coordinates import coordinates
from autograder.marking.mistakes.kinds import refusing
from autograder.marking.mistakes.walks import Slope, Walk

__all__ = ["steps"]

#: What students put where the learning rate belongs.
RATES = (1.0, 0.75, 0.5, 0.3, 0.25, 0.2, 0.1, 0.05, 0.02, 0.01, 0.001)
#: How they shrink it along the way, by the number of the step.
SCHEDULES: Sequence[Callable[[int], float]] = (
    lambda k: 1 / (k + 1),
    lambda k: (k + 1) ** -0.5,
    lambda k: 1 / (1 + 0.1 * k),
    lambda k: 0.5**k,
    lambda k: 0.9**k,
    lambda k: 0.95**k,
    lambda k: 0.99**k,
)


def steps(
    walk: Walk,
    notebook: Mapping[str, Any] = {},
    rates: Sequence[float] = RATES,
    flat: Sequence[float] = (1e-2, 1e-3),
    waits: Sequence[float] = (1e-2,),
    far: Sequence[float] = (),
    **changes: Unpack[Changes],
) -> list[Mistake]:
    """Mistakes of what a walk computes.

    Parameters
    ----------
    walk : Walk
    notebook : dict of str to Function
        Functions of the notebook that somebody may have put in place of f, by name.
    rates : sequence of float
        Learning rates that somebody may have put in place of the given one.
    flat : sequence of float
        Lengths of the gradient below which somebody may have stopped.
    waits : sequence of float
        Lengths below which somebody may have stayed where they were, up to the last step. Staying
        differs little from walking on, where it is flatter still.
    far : sequence of float
        How far from 0 somebody may have stopped; some walk has to go farther, see `draws.runaway`.
    **changes
        See `changed`.
    """
    ready = [*_slopes(walk), *_rates(walk, rates), _stops(walk, flat, waits, far), _stays(walk)]
    if walk.dimensions > 1:
        ready += coordinates(walk)
    ready += [
        Mistake(
            f"{name} hard-coded",
            f"These are the steps on the notebook's `{name}`, whatever f is; take the slope of the "
            "f that is given.",
            behaves_like=walk.with_function(function),
        )
        for name, function in notebook.items()
    ]
    return changed(ready, **changes)


def _slopes(walk: Walk) -> list[Mistake]:
    return [
        Mistake(
            "climbs",
            "The gradient points uphill, so this walks up; step against it.",
            behaves_like=walk.scaled(-1),
            alters=(_with_rate(lambda rate: -rate),) if walk.parameters else (),
        ),
        Mistake(
            "sign of the slope lost",
            "Whichever way the ground slopes, the steps go the same way; take the slope with its "
            "sign, without abs().",
            behaves_like=walk.with_slope(lambda f, slope, start: lambda x: np.abs(slope(x))),
        ),
        Mistake(
            "accumulates gradients",
            "backward() adds to .grad, so from the second step on this uses the sum of all "
            "gradients so far; clear it before every step.",
            behaves_like=walk.with_slope(_accumulated),
        ),
        Mistake(
            "gradient computed once",
            "The gradient of the start is used at every step; take it anew where the walker is.",
            behaves_like=walk.with_slope(_of_the_start),
        ),
        Mistake(
            "steps by the height",
            "The step uses the value of f where its slope should be.",
            behaves_like=walk.with_slope(lambda f, slope, start: lambda x: f(x) + 0 * x),
        ),
        Mistake(
            "normalised gradient",
            "Every step has the same length here; it should be long where the ground is steep, so "
            "don't scale the gradient to length 1.",
            behaves_like=walk.with_slope(_lengthened(lambda length: 1.0)),
        ),
        Mistake(
            "clips the gradient",
            "Long gradients are cut to a largest size here; the step uses the whole gradient, "
            "however long that is.",
            behaves_like=tuple(
                walk.with_slope(_lengthened(partial(min, most))) for most in (1.0, 5.0, 10.0)
            ),
        ),
        Mistake(
            "lr shrinks",
            "The learning rate gets smaller along the way; here it stays the same for all steps.",
            behaves_like=tuple(walk.with_slope(_scheduled(factor)) for factor in SCHEDULES),
        ),
    ]


def _rates(walk: Walk, rates: Sequence[float]) -> list[Mistake]:
    if not walk.parameters:
        return [
            Mistake(
                "damped",
                "The step is made shorter; take all of it, however long it is and even where it "
                "leads up.",
                behaves_like=tuple(walk.scaled(rate) for rate in rates if rate != 1),
            )
        ]
    lr = walk.parameters[0]
    return [
        Mistake(
            f"ignores {lr}",
            f"The walk is the same whatever {lr} is; it should scale every step.",
            behaves_like=tuple(walk.with_parameter(0, _always(rate)) for rate in rates),
        ),
        Mistake(
            f"ignores the sign of {lr}",
            f"A negative {lr} is allowed and walks uphill; use it as it is given.",
            behaves_like=walk.with_parameter(0, abs),
        ),
        Mistake(
            f"refuses a negative {lr}",
            f"A negative {lr} is allowed here (it walks uphill); take it as it is. torch.optim.SGD "
            "refuses it, so a loop by hand is needed.",
            behaves_like=refusing(
                walk.right,
                lambda f, start, rate, *rest: rate > 0,
                ValueError("Invalid learning rate"),
                AssertionError(f"{lr} must be positive"),
            ),
        ),
        Mistake(
            f"{lr} twice",
            f"{lr} is multiplied in twice; once is enough.",
            behaves_like=walk.with_parameter(0, lambda rate: rate * rate),
            alters=(_with_rate(lambda rate: rate * rate),),
        ),
    ]


def _stops(
    walk: Walk, flat: Sequence[float], waits: Sequence[float], far: Sequence[float]
) -> Mistake:
    def where_flat(tolerance: float, kept: int, pad: bool) -> Behaviour:
        def variation(f: Any, start: Any, *rest: Any) -> np.ndarray:
            path = walk.right(f, start, *rest)
            for k, place in enumerate(path[:-1]):
                if np.linalg.norm(walk.slope(f, place)) < tolerance:
                    again = rest[-1] - k if pad else kept
                    return np.concatenate([path[: k + 1], *[path[k : k + 1]] * again])
            return path

        return variation

    def where_far(most: float, kept: int) -> Behaviour:
        def variation(*arguments: Any) -> np.ndarray:
            path = walk.right(*arguments)
            beyond = [k for k, place in enumerate(path) if np.linalg.norm(place) > most]
            return path[: beyond[0] + kept] if beyond else path

        return variation

    def where_it_rises(f: Any, start: Any, *rest: Any) -> np.ndarray:
        path = walk.right(f, start, *rest)
        for k in range(len(path) - 1):
            if f(path[k + 1]) > f(path[k]):
                return path[: k + 1]
        return path

    def stays_below(f: Any, start: Any, *rest: Any) -> np.ndarray:
        refuse = walk.moving(lambda step, x, start, k: after if f(after := step(x)) < f(x) else x)
        return np.asarray(refuse(f, start, *rest))

    return Mistake(
        "stops early",
        "The walk ends before n_steps updates; take every step, on flat ground, uphill, far out.",
        behaves_like=(
            *(where_flat(limit, kept, False) for limit in flat for kept in (0, 1)),
            *(where_flat(limit, 0, True) for limit in waits),
            *(where_far(limit, kept) for limit in far for kept in (0, 1)),
            where_it_rises,
            stays_below,
        ),
    )


def _stays(walk: Walk) -> Mistake:
    return Mistake(
        "never leaves the start",
        "Each step is taken from the start again; continue from the place reached last.",
        behaves_like=(
            walk.moving(lambda step, x, start, k: start + (step(x) - x)),
            walk.moving(lambda step, x, start, k: step(start)),
            walk.after(lambda path: np.array([path[0]] * len(path))),
        ),
    )


def _with_rate(change: Callable[[float], float]) -> Callable[[Behaviour], Behaviour]:
    """As if the learning rate were ``change(lr)``."""
    return lambda behaviour: lambda f, start, rate, *rest: behaviour(f, start, change(rate), *rest)


def _always(rate: float) -> Callable[[float], float]:
    return lambda given: rate


def _accumulated(f: Any, slope: Slope, start: Any) -> Slope:
    total: Any = 0.0

    def added_up(place: Any) -> Any:
        nonlocal total
        total = total + slope(place)
        return total

    return added_up


def _of_the_start(f: Any, slope: Slope, start: Any) -> Slope:
    first = slope(start)
    return lambda place: first


def _lengthened(length: Callable[[float], float]) -> Callable[[Any, Slope, Any], Slope]:
    """The right direction, with another length."""

    def change(f: Any, slope: Slope, start: Any) -> Slope:
        def turned(place: Any) -> Any:
            steep = slope(place)
            size = float(np.linalg.norm(steep))
            return steep * (length(size) / size) if size else steep

        return turned

    return change


def _scheduled(factor: Callable[[int], float]) -> Callable[[Any, Slope, Any], Slope]:
    def change(f: Any, slope: Slope, start: Any) -> Slope:
        taken = -1

        def shrinking(place: Any) -> Any:
            nonlocal taken
            taken += 1
            return slope(place) * factor(taken)

        return shrinking

    return change
