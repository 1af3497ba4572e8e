"""Drawing calls: a seed becomes questions that are fair and telling.

A drawn set is *fair* (see `fairness`), call by call, and *telling* (see `telling`) as a whole, or
drawing fails with the name of the mistake that escapes. It knows what a task offers; no verdicts.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

import numpy as np

from autograder.errors import CannotDraw, TaskError
from autograder.marking.calls import Call
from autograder.marking.drawable import Drawable
from autograder.marking.fairness import unfair
from autograder.marking.places import place_where
from autograder.marking.telling import untelling
from autograder.observation.naming import named_parameters

__all__ = ["MAX_TRIES", "draw", "was_drawn"]

#: Proposals of a whole set of calls before drawing gives up.
MAX_TRIES = 40


def draw(task: Drawable, seed: int, tries: int = MAX_TRIES) -> list[Call]:
    """Calls for one grading run: fair, telling, and the same for the same seed.

    Parameters
    ----------
    seed : int
        Not negative.
    tries : int
        Proposals before giving up.

    Returns
    -------
    list of Call
        Each with its criterion's name and its index.

    Raises
    ------
    CannotDraw
        Naming the mistake that escapes, or the criterion without a fair call.
    """
    problem = ""
    for attempt in range(tries):
        calls, problem = _proposed(task, seed, attempt)
        problem = problem or untelling(task, calls) or _says_nothing(task, calls)
        if not problem:
            return calls
    raise CannotDraw(
        f"task {task.name}: no usable set of calls in {tries} tries with seed {seed}; "
        f"in the last, {problem}. Change what the criteria propose, the reference, or the mistake."
    )


def was_drawn(task: Drawable, seed: int, calls: Sequence[Call], tries: int = MAX_TRIES) -> bool:
    """Whether the criteria, as they are now, propose these calls for this seed.

    Whatever mistakes are known: another mistake may want other calls of those that they propose.
    """
    asked = list(calls)
    return any(_proposed(task, seed, attempt)[0] == asked for attempt in range(tries))


def _proposed(task: Drawable, seed: int, attempt: int) -> tuple[list[Call], str]:
    """The fair calls of one attempt; and the criterion that has none, in a sentence."""
    rng = np.random.default_rng([seed, zlib.crc32(task.name.encode()), attempt])
    calls: list[Call] = []
    names = named_parameters(task.reference) + ([] if task.by_name else ["/"])
    for criterion in task.criteria:
        given = criterion.calls(rng)
        asked = list(given) if isinstance(given, Iterable) else [given]
        other = next((type(o).__name__ for o in asked if not isinstance(o, Call)), "")
        if other or not isinstance(given, Iterable):
            came = type(given).__name__
            came += f" with a {other} in it" if isinstance(given, Iterable) else ""
            raise TaskError(
                f"{place_where(criterion.calls)}: a {came} came back, not a list "
                f"of Call(...), while calls were drawn for the task {task.name}. Mend that line, "
                "and run: autograder check"
            )
        proposed = [call.asked_by(criterion.name, 0) for call in asked]
        reasons = [unfair(task, call) for call in proposed]
        kept = [c for c, why in zip(proposed, reasons, strict=True) if not why]
        if not kept:
            why = reasons[0] if reasons else "it proposes none"
            return calls, f"no call of the criterion {criterion.name!r} is fair: {why}"
        calls += [c.asked_by(criterion.name, len(calls) + k, names) for k, c in enumerate(kept)]
    return calls, ""


def _says_nothing(task: Drawable, calls: Sequence[Call]) -> str:
    """Whether the reference never returns anything: None is an answer, but not the only one."""
    if all("nothing" in task.expected(call) for call in calls):
        return "the reference returns None on every call (is there a return at its end?)"
    return ""
