"""A clock for marking notes: what an instructor wrote may run for ever, and nobody would know why.

Knows code that runs, and where it stands; no questions, no answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from autograder.errors import TaskError
from autograder.marking.places import place_of
from autograder.observation.observe import Overtime, time_limit

__all__ = ["timed"]

#: What a task's own code may take for one draw, or to be looked at once; a second or two is usual.
SECONDS = 60.0


@contextmanager
def timed(meanwhile: str, times: int = 1) -> Iterator[None]:
    """Stop what takes longer than so many times `SECONDS`; only the main thread can be stopped.

    Raises
    ------
    TaskError
        With the line that was running.
    """
    own = None
    try:
        with time_limit(times * SECONDS) as own:
            yield
    except Overtime as late:
        if late is not own:
            raise
        raise TaskError(
            f"{place_of(late)}: still at work after {times * SECONDS:g} s, while {meanwhile}. If "
            "that line belongs to a loop that never ends, mend it; if it is only slow, ask for "
            "less, or compute it in another way; and run: autograder check"
        ) from None
