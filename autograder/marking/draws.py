"""What the questions of a task are made of: numbers, arrays, places, formulas, lively walks.

Everything is drawn from a `numpy.random.Generator` and is something that a student can read and
paste: numbers of a few digits, formulas of a line. It knows no task.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from autograder.marking.calls import Call
from autograder.observation.arguments import decode, encode
from autograder.observation.functions import Function

__all__ = [
    "across", "array", "both_ends", "bowl", "bowl_at_the_origin", "choice", "decimal", "fine",
    "for_tensors", "formula", "formulas", "hills", "lively", "mirrored", "one_by_one",
    "place", "runaway", "scaled", "separable", "several", "shuffled", "signed", "surface",
    "surfaces", "tiny", "twin", "until", "whole",
]  # fmt: skip

T = TypeVar("T")
Rng = np.random.Generator


# --- numbers -------------------------------------------------------------------------------


def decimal(rng: Rng, low: float, high: float, decimals: int = 2) -> float:
    """A number between `low` and `high` of so many decimals."""
    return round(float(rng.uniform(low, high)), decimals)


def signed(rng: Rng, low: float, high: float, decimals: int = 2) -> float:
    """The same, with either sign."""
    return decimal(rng, low, high, decimals) * int(rng.choice([-1, 1]))


def whole(rng: Rng, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both included."""
    return int(rng.integers(low, high + 1))


def choice(rng: Rng, *choices: T) -> T:
    """One of several things."""
    return choices[int(rng.integers(len(choices)))]


def several(rng: Rng, count: int, choices: Sequence[T]) -> list[T]:
    """So many different ones of several things."""
    return [choices[int(k)] for k in rng.choice(len(choices), count, replace=False)]


def shuffled(rng: Rng, things: Sequence[T]) -> list[T]:
    """All of them, in another order."""
    return [things[int(k)] for k in rng.permutation(len(things))]


# --- arrays and places ---------------------------------------------------------------------


def array(
    rng: Rng, shape: int | tuple[int, ...], low: float, high: float, either_sign: bool = True,
    decimals: int = 2,
) -> np.ndarray:  # fmt: skip
    """Numbers between `low` and `high` in size, with so many decimals."""
    sizes = np.round(rng.uniform(low, high, size=shape), decimals)
    return sizes * rng.choice([-1.0, 1.0], size=shape) if either_sign else sizes


def place(rng: Rng, low: float = 0.5, high: float = 2.0, decimals: int = 2) -> np.ndarray:
    """A place in the plane off both axes, shape (2,)."""
    return array(rng, 2, low, high, decimals=decimals)


def across(rng: Rng, low: float, high: float) -> np.ndarray:
    """A place with one coordinate on each side of 0; far out, a limit on either side shows."""
    return array(rng, 2, low, high, either_sign=False) * shuffled(rng, [1, -1])


def mirrored(value: Any) -> Any:
    """A number with the other sign; an array with the other sign in all but its first entry.

    Who goes by sizes, shape, first entry or, below 1, whole parts takes it for the same.
    """
    if not isinstance(value, np.ndarray):
        return -value
    return np.where(np.arange(value.size).reshape(value.shape) == 0, value, -value)


# --- formulas of a number ------------------------------------------------------------------


def formulas(rng: Rng, count: int) -> list[Function]:
    """Different smooth functions of x, gently curved up to 4 from 0, none a plain parabola."""
    a, b, c = decimal(rng, 0.6, 1.2), decimal(rng, 1.2, 1.8), decimal(rng, 0.4, 0.8)
    texts = (
        f"{a}*x**2 + {c}*sin({b}*x)",
        f"sqrt({b} + x**2) + {c}*cos(x)",
        f"log({b} + x**2) + {a}*x**2/2",
        f"exp(-{c}*x) + {a}*x**2",
        f"{a}*x**2 - {c}*tanh({b}*x)",
    )
    return [Function(text) for text in several(rng, count, texts)]


def formula(rng: Rng) -> Function:
    """One of `formulas`."""
    return formulas(rng, 1)[0]


# --- surfaces over the plane ---------------------------------------------------------------


def bowl(rng: Rng) -> Function:
    """A tilted bowl: quadratic, convex, with a mixed term, its bottom beside the origin."""
    centred = bowl_at_the_origin(rng).formula
    return Function(f"{centred} - {decimal(rng, 0.5, 1.5)}*v[0] + {decimal(rng, 0.5, 1.5)}*v[1]")


def bowl_at_the_origin(rng: Rng) -> Function:
    """The same with its bottom at the origin, for walks of a few hundredths."""
    a, b, c = decimal(rng, 0.6, 1.0), decimal(rng, 1.3, 1.9), decimal(rng, 0.6, 1.1)
    return Function(f"{a}*v[0]**2 + {b}*v[1]**2 + {c}*v[0]*v[1]")


def hills(rng: Rng) -> Function:
    """A surface with hilltops and saddles."""
    a, b, c = decimal(rng, 0.8, 1.4), decimal(rng, 1.0, 1.6), decimal(rng, 0.3, 0.7)
    texts = (
        f"{a}*cos(v[0])*cos(v[1]) + {c}*v[0]*v[1]",
        f"{b}*v[0] - 4*v[0]**2 + v[0]**4/4 + {a}*v[1]**2 + {c}*v[0]*v[1]",
        f"{a}*sin(v[0] + {c}*v[1]) - {b}*cos(v[1])",
        f"exp(-{c}*v[0]**2) - {a}*v[1]**2 + {c}*v[0]*v[1]",
    )
    return Function(choice(rng, *texts))


def separable(rng: Rng) -> Function:
    """A surface whose coordinates don't mix."""
    a, b = decimal(rng, 0.6, 1.4), decimal(rng, 1.2, 1.9)
    texts = (
        f"{a}*v[0]**2 + cos({b}*v[1])",
        f"log(1 + v[0]**2) + {a}*v[1]**2 - {b}*v[1]",
        f"sqrt({b} + v[0]**2) + sin(v[0]) + {a}*v[1]**2",
    )
    return Function(choice(rng, *texts))


def surfaces(rng: Rng, count: int) -> list[Function]:
    """Different surfaces on which all slopes and curvatures depend on both coordinates."""
    a, b, c = decimal(rng, 0.6, 1.4), decimal(rng, 1.2, 1.9), decimal(rng, 0.6, 1.1)
    texts = (
        f"({a} - v[0])**2 + {c}*(v[1] - sin({b}*v[0]))**2",
        f"log(1 + v[0]**2 + {a}*v[1]**2) + {c}*sin(v[0] + {b}*v[1])",
        f"sqrt(1 + v[0]**2 + {b}*v[1]**2) + {c}*v[0]*v[1] - {a}*v[0]",
        f"exp(0.5*v[0] - {c}*v[1]) + {a}*v[0]**2 + {b}*v[1]**2",
        f"{a}*cos(v[0])*sin({b}*v[1]) + {c}*v[0]**2 - 2*v[1]",
    )
    return [Function(text) for text in several(rng, count, texts)]


def surface(rng: Rng) -> Function:
    """One of `surfaces`."""
    return surfaces(rng, 1)[0]


# --- worth asking --------------------------------------------------------------------------


def for_tensors(calls: Callable[[Rng], Sequence[Call]]) -> Callable[[Rng], list[Call]]:
    """The same calls, each with an f that takes tensors only: the slope is to come by autograd."""

    def asked(argument: Any) -> Any:
        if isinstance(argument, dict) and "function" in argument:
            return {"function": {**argument["function"], "only_tensors": True}}
        return argument

    def proposed(rng: Rng) -> list[Call]:
        questions = [call.to_json() for call in calls(rng)]
        return [Call.from_json({**q, "args": list(map(asked, q["args"]))}) for q in questions]

    return proposed


def one_by_one(first: Call, second: Call) -> list[Call]:
    """The first call, and for each of its arguments the same call with that of the second.

    They show who looks up an earlier result by a part of the arguments; or, where what comes back
    is a function and asked once more, who keeps its first, or has only one for all.
    """
    calls, asked = [first], first.to_json()
    for part in ("args", "then"):
        for k, other in enumerate(second.to_json().get(part, [])):
            changed = [*asked[part][:k], other, *asked[part][k + 1 :]]
            before = {"before": [asked["then"]]} if part == "then" else {}
            calls.append(Call.from_json({**asked, part: changed, **before}))
    if "then" in asked:
        calls.append(Call.from_json({**asked, "beside": second.to_json()["args"]}))
    return calls


def both_ends(call: Call, *positions: int) -> list[Call]:
    """The call, and one with the other sign of these arguments; if of none, of those of `then`.

    They show, far out, a limit on either side. As in `one_by_one`, what comes back is asked again.
    """
    part, asked = "args" if positions else "then", call.to_json()
    turned = [
        encode(-decode(value)) if part == "then" or k in positions else value
        for k, value in enumerate(asked[part])
    ]
    before = {} if positions else {"before": [asked["then"]]}
    return [call, Call.from_json({**asked, part: turned, **before})]


def twin(call: Call, position: int, value: Any) -> Call:
    """The same question, but for one argument; whoever remembers results must look at all."""
    args = [encode(value) if k == position else arg for k, arg in enumerate(call.args)]
    return Call.from_json({**call.to_json(), "args": args})


def scaled(f: Function, factor: float) -> Function:
    """The same function, so many times as high."""
    return Function(f"{factor:g}*({f.formula})", f.refuses_tensors, f.only_tensors)


def tiny(rng: Rng, shape: int | tuple[int, ...] = ()) -> Any:
    """Numbers so small, and so fine, that rounding them to four decimals shows."""
    sizes = rng.integers(12, 40, shape) / 1e4 + rng.integers(30, 71, shape) / 1e6
    return np.round(sizes * rng.choice([-1, 1], shape), 6)[()]


def runaway(rng: Rng, dimensions: int = 1, *between: Any) -> Call:
    """A walk that starts among tiny numbers, and ends far out of any range: beyond 1000.

    Its steps are exact to a few digits of float32, as f is quadratic. What the task takes between
    the learning rate and the number of steps is `between`.
    """
    steep, n_steps, rate = decimal(rng, 0.9, 1.1), whole(rng, 11, 12), decimal(rng, 2.6, 2.8)
    if dimensions == 1:
        return Call(Function(f"{steep}*x**2"), float(tiny(rng)), rate, *between, n_steps)
    other, mixed = decimal(rng, 0.5, 0.7), decimal(rng, 0.2, 0.5)
    f = Function(f"{steep}*v[0]**2 + {other}*v[1]**2 + {mixed}*v[0]*v[1]")
    return Call(f, tiny(rng, 2), rate, *between, n_steps)


def fine(answer: Callable[..., Any]) -> Callable[[Call], bool]:
    """Whether rounding the answer to four decimals shows; small numbers are meant."""

    def suits(call: Call) -> bool:
        numbers = np.asarray(answer(*call.arguments))
        return bool(np.abs(numbers - np.round(numbers, 4)).max() > 2.5e-5)

    return suits


def until(suits: Callable[[Call], bool], propose: Callable[[], Call], tries: int = 100) -> Call:
    """The first proposed call that suits, or the last one tried."""
    for _ in range(tries):
        call = propose()
        if suits(call):
            break
    return call


def lively(
    path: Callable[..., Any],
    slope: Callable[[Any, Any], Any],
    least: float = 0.02,
    steep: float = 0.1,
    most: float = 12.0,
) -> Callable[[Call], bool]:
    """Whether a walk keeps moving, on a slope, and does not run away.

    Parameters
    ----------
    path : callable
        The right walk; it takes the call's arguments, f first.
    slope : callable
        ``slope(f, place)``.
    least, steep, most : float
        The shortest step, the gentlest slope and the farthest place allowed.
    """

    def suits(call: Call) -> bool:
        f, *rest = call.arguments
        places = np.asarray(path(f, *rest), dtype=float)
        lengths = np.abs(np.diff(places, axis=0)).reshape(len(places) - 1, -1).max(axis=1)
        slopes = [np.linalg.norm(slope(f, place)) for place in places]
        return bool(
            np.all(lengths > least)
            and np.all(np.array(slopes) > steep)
            and np.abs(places).max() < most  # nan compares as False
        )

    return suits
