"""Mistakes of the step that a difference takes when none is given, and the ripple that shows them.

On a smooth hill nearly any small step gives nearly the same slope.
"""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from autograder.marking.calls import Behaviour
from autograder.marking.criteria import Mistake
from autograder.marking.mistakes.changes import Changes, changed
from autograder.observation.functions import Function

__all__ = ["default_step", "rippled"]


def default_step(
    reference: Behaviour, step: float = 1e-5, **changes: Unpack[Changes]
) -> list[Mistake]:
    """A difference ``reference(f, x, h=step)`` that takes another h where h is left out.

    To be shown by a call without h on a hill that is `rippled`.
    """

    def with_default(other: float) -> Behaviour:
        return lambda f, x, h=other: reference(f, x, h)

    def without_default(f: Any, x: Any, h: float) -> Any:
        return reference(f, x, h)

    def without_parameter(f: Any, x: Any) -> Any:
        return reference(f, x, step)

    ready = Mistake(
        "h has another default, or none",
        f"h left out means {step:g}: give it that default in the first line, and use it as it is.",
        behaves_like=(
            without_default,
            without_parameter,
            *(with_default(10.0**k) for k in range(-9, 0) if 10.0**k != step),
        ),
    )
    return changed([ready], **changes)


def rippled(f: Function, variable: str, step: float = 1e-5) -> Function:
    """The same hill with ripples along `variable`, four times as long as `step`, and very low.

    At places of up to four decimals a difference looks along a whole ripple's steepest part: with
    exactly this step it sees 2/π of its slope of 1 or -1, with a tenth of it nearly all, with ten
    or a hundred of it nothing. Ahead and back it looks the same, which is for others to tell.
    """
    often = round(np.pi / (2 * step), 6)
    formula = f"{f.formula} + sin({often}*{variable})/{often}"
    return Function(formula, f.refuses_tensors, f.only_tensors)
