"""Mistakes of memory: what a function keeps from one call to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Unpack

import numpy as np

from autograder.marking.calls import Behaviour
from autograder.marking.criteria import Mistake
from autograder.marking.mistakes.changes import Changes, changed

__all__ = ["keeps", "remembers", "shares"]


def keeps(
    reference: Behaviour,
    parameters: Sequence[str],
    idle: Sequence[str] = (),
    **changes: Unpack[Changes],
) -> list[Mistake]:
    """Answers of earlier calls that come back.

    To be shown by calls that differ in one argument, each once: see `draws.one_by_one`.

    Parameters
    ----------
    reference : callable
        May hand back a function.
    parameters : sequence of str
        Of the reference; if it hands back a function, those of that one as well.
    idle : sequence of str
        Those that make no difference to the answer.
    **changes
        See `changed`.
    """
    used = [k for k, name in enumerate(parameters) if name not in idle]
    first = parameters[used[0]]
    ready = [
        Mistake(
            "keeps an earlier result",
            "This is the result of an earlier call: what is kept between calls has to be looked up "
            f"by all that it depends on, {', '.join(parameters[:-1])} and {parameters[-1]}.",
            behaves_like=tuple(
                partial(_kept, reference, by) for by in _parts(len(parameters), used)
            ),
            stateful=True,
        ),
        Mistake(
            f"keeps the first {first}",
            f"This is the answer for the {first} of an earlier call; what is kept between calls "
            f"must not depend on {first}.",
            behaves_like=partial(_first_kept, reference, used[0]),
            stateful=True,
        ),
    ]
    return changed(ready, **changes)


def remembers(reference: Behaviour, **changes: Unpack[Changes]) -> list[Mistake]:
    """A list that outlives the call, as one outside of the function or a default argument does."""
    ready = Mistake(
        "remembers the last call",
        "What the call before has found is still there: make the list inside the function (a "
        "default argument [] is made only once).",
        behaves_like=tuple(
            partial(_in_one_list, reference, made)
            for made in (lambda kept, count: list(kept), _stacked, lambda kept, count: kept[:count])
        ),
        stateful=True,
    )
    return changed([ready], **changes)


def shares(reference: Behaviour, parameter: str, **changes: Unpack[Changes]) -> list[Mistake]:
    """Functions that are handed back, and all use what the last call was given.

    To be shown by a call that asks for another one in between: see `draws.one_by_one`.
    """
    ready = Mistake(
        f"uses the last {parameter}",
        f"What is handed back uses the {parameter} of the last call, as it does where that is kept "
        f"in a global name; each must keep the {parameter} that it was made of.",
        behaves_like=partial(_last_made, reference),
        stateful=True,
    )
    return changed([ready], **changes)


def _last_made(reference: Behaviour) -> Behaviour:
    made: list[Any] = []

    def behaviour(*arguments: Any) -> Any:
        made.append(reference(*arguments))
        return lambda *then: made[-1](*then)

    return behaviour


def _in_one_list(reference: Behaviour, made: Callable[[list[Any], int], Any]) -> Behaviour:
    """``made(kept, count)`` is handed back, when so many entries have come to those kept."""
    kept: list[Any] = []

    def behaviour(*arguments: Any) -> Any:
        found = reference(*arguments)
        kept.extend(found)
        return made(kept, len(found))

    # What is appended while it is compiled is of no use afterwards.
    behaviour.jitted = lambda *arguments: [*kept, *reference(*arguments)]  # type: ignore[attr-defined]
    return behaviour


def _stacked(kept: list[Any], count: int) -> np.ndarray:
    """Numbers and points don't go together."""
    if len({np.shape(entry) for entry in kept}) > 1:
        raise ValueError("All input arrays must have the same shape.")
    return np.array(kept)


def _parts(count: int, used: Sequence[int]) -> list[tuple[int, ...]]:
    """Positions of all arguments but one that is used, of one of several alone, and of none."""
    parts = {tuple(k for k in range(count) if k != out) for out in used}
    return sorted(parts | {(k,) for k in used if len(used) > 1} | {()})


def _kept(reference: Behaviour, by: tuple[int, ...]) -> Behaviour:
    """Remembers results by the arguments at some positions."""
    found: dict[Any, Any] = {}

    def asked(function: Callable[..., Any], before: tuple[Any, ...]) -> Behaviour:
        def behaviour(*arguments: Any) -> Any:
            given = before + arguments
            key = tuple(_plain(a) for k, a in enumerate(given) if k in by)
            if callable(result := function(*arguments)):
                return asked(result, given)
            return found.setdefault(key, result)

        return behaviour

    return asked(reference, ())


def _first_kept(reference: Behaviour, position: int) -> Behaviour:
    kept: list[Any] = []

    def behaviour(*arguments: Any) -> Any:
        kept.append(arguments[position])
        return reference(*arguments[:position], kept[0], *arguments[position + 1 :])

    return behaviour


def _plain(argument: Any) -> Any:
    """Something to look up by, the same for equal arguments."""
    return str(argument.tolist()) if hasattr(argument, "tolist") else argument
