"""What else than a wrong answer may have cost points: what the grader's machine lacks, what failed.

A task that lost points because a cell stopped before it, or because its function asks for a
graphics card, is no wrong answer: a person is told the line and the reason. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from autograder.kernels.driver import Observed
from autograder.marking.judge import Verdict
from autograder.observation.surroundings import is_surroundings

__all__ = ["causes", "failed_lines"]

Json = dict[str, Any]


def failed_lines(
    stumbles: Sequence[Json], sources: Sequence[str], released: Collection[str]
) -> list[str]:
    """The lines outside the tasks that failed, and why.

    Parameters
    ----------
    stumbles : sequence of dict
        From `autograder.kernels.driver.execute`.
    sources : sequence of str
        The texts of all cells.
    released : collection of str
        Texts of released cells. One that fails as it was released has met a wrong answer, unless
        it is the machine that lacks something.
    """
    found = []
    for stumble in stumbles:
        kind, _, message = stumble["error"].partition(": ")
        if sources[stumble["cell"]].strip() in released and not is_surroundings(kind, message):
            continue
        found.append(f"the line `{stumble['line']}` failed: {stumble['error']}")
    return found


def causes(
    verdicts: Sequence[Verdict], observed: Mapping[str, Observed], lines: Sequence[str]
) -> Iterator[str]:
    """What a person should know where points were lost; nothing where none were.

    Parameters
    ----------
    verdicts : sequence of Verdict
    observed : dict of str to Observed
    lines : sequence of str
        From `failed_lines`.
    """
    short = [verdict for verdict in verdicts if (verdict.score or 0.0) < verdict.points]
    if short:
        yield from lines
    for verdict in short:
        for observation in observed.get(verdict.task, Observed()).observations:
            error = observation.get("error") if isinstance(observation, dict) else None
            if not isinstance(error, dict):
                continue
            # As long as what looks at a call makes them; they may have been forged.
            kind, message = str(error.get("type"))[:100], str(error.get("message"))[:300]
            if is_surroundings(kind, message):
                yield f"{verdict.task}: asks for what this machine lacks: {kind}: {message}"
                break
