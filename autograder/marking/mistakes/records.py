"""Mistakes of what a walk hands back, where the steps themselves may be right.

Those that only change what is recorded can be made on top of any other mistake, and are recognised
together with it (see `Mistake.alters`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Unpack

import numpy as np

from autograder.marking.calls import Behaviour
from autograder.marking.criteria import Mistake
from autograder.marking.mistakes.changes import Changes, changed
from autograder.marking.mistakes.memory import remembers
from autograder.marking.mistakes.walks import Walk

__all__ = ["records"]

Alteration = Callable[[Behaviour], Behaviour]


def records(
    walk: Walk, always: int = 10, movable: bool = True, **changes: Unpack[Changes]
) -> list[Mistake]:
    """Mistakes of what a walk hands back.

    Parameters
    ----------
    walk : Walk
    always : int
        A number of steps that somebody may have put in place of `n_steps`.
    movable : bool
        Some call has a start that code can change, an array or a tensor, and is `untouched`.
    **changes
        See `changed`.
    """
    ready = [*_lengths(walk, always), *_entries(walk, movable), *remembers(walk.right)]
    if movable:
        ready += _starts(walk)
    if walk.dimensions > 1:
        ready += _tables(walk)
    return changed(ready, **changes)


def _after(change: Callable[[np.ndarray], Any]) -> Alteration:
    return lambda behaviour: lambda *arguments: change(np.asarray(behaviour(*arguments)))


def _with_steps(count: Callable[[int], int]) -> Alteration:
    """As if the number of steps were `count(n_steps)`."""
    return lambda behaviour: lambda *arguments: behaviour(*arguments[:-1], count(arguments[-1]))


def _nothing_without_a_step(behaviour: Behaviour) -> Behaviour:
    """As if the return stood in the loop, and nowhere else."""
    return lambda *arguments: behaviour(*arguments[:-1], 1) if arguments[-1] else None


def _altering(walk: Walk, name: str, hint: str, *alterations: Alteration) -> Mistake:
    made = tuple(alter(walk.right) for alter in alterations)
    return Mistake(name, hint, behaves_like=made, alters=alterations)


def _lengths(walk: Walk, always: int) -> list[Mistake]:
    def unwritten(path: np.ndarray) -> np.ndarray:
        """A path of the right length whose last place nobody wrote."""
        return np.concatenate([path[:-1], 0 * path[-1:]]) if len(path) > 1 else path

    def around(path: np.ndarray) -> np.ndarray:
        return np.concatenate([path[:-1], path[:1]])

    def one_more_without_the_start(behaviour: Behaviour) -> Behaviour:
        return lambda *arguments: behaviour(*arguments[:-1], arguments[-1] + 1)[1:]

    return [
        _altering(
            walk,
            "start missing",
            "The path should begin with the start itself, before any step.",
            _after(lambda path: path[1:]),
            one_more_without_the_start,
            _after(lambda path: np.roll(path, -1, axis=0)),
        ),
        _altering(
            walk,
            "one step short",
            "The last step is missing: the start and n_steps steps make n_steps + 1 entries.",
            _after(lambda path: path[:-1]),
            _with_steps(lambda n: max(n - 1, 0)),
            _after(unwritten),
            _after(around),
        ),
        _altering(
            walk,
            "one step too many",
            "There is a step more than n_steps; the start is not a step.",
            _with_steps(lambda n: n + 1),
        ),
        _altering(
            walk,
            "start twice",
            "The start comes twice; record each place once, after the step to it.",
            _after(lambda path: np.concatenate([path[:1], path[:-1]])),
            _after(lambda path: np.concatenate([path[:1], path])),
        ),
        _altering(
            walk,
            "in another order",
            "The places are right, and not in the order in which they are reached: the start comes "
            "first, and each place after the one before it.",
            _after(lambda path: path[::-1]),
            *([_after(np.sort)] if walk.dimensions == 1 else ()),
        ),
        _altering(
            walk,
            "returns after the first step",
            "The walk ends after one step, as it does where the return stands inside the loop; "
            "move it out, below the last step.",
            _with_steps(lambda n: min(n, 1)),
            _nothing_without_a_step,
        ),
        _altering(
            walk,
            "only the last point",
            "This is where the walk ends; return the whole walk, the start first.",
            _after(lambda path: path[-1]),
            _after(lambda path: path[-1:]),
        ),
        _altering(
            walk,
            "an axis of one lost",
            "A walk of no steps is still a list, of one place; leave out squeeze().",
            _after(np.squeeze),
        ),
        _altering(
            walk,
            "an axis of one added",
            "The walk is wrapped once more than asked, in an axis of length 1; leave out the "
            "brackets, or the reshape, that made it.",
            _after(lambda path: path[..., None]),
            _after(lambda path: path[None]),
        ),
        _altering(
            walk,
            f"always {always} steps",
            f"The number of steps is always {always}; use n_steps.",
            _with_steps(lambda n: always),
        ),
    ]


def _entries(walk: Walk, movable: bool) -> list[Mistake]:
    def heights(f: Any, *rest: Any) -> np.ndarray:
        return np.array([f(place) for place in walk.right(f, *rest)])

    def beside(*arguments: Any) -> np.ndarray:
        return np.column_stack([walk.right(*arguments), heights(*arguments)])

    def all_last(path: np.ndarray) -> np.ndarray:
        return np.array([path[-1]] * len(path))

    def slopes(f: Any, *rest: Any) -> np.ndarray:
        return np.array([walk.slope(f, place) for place in walk.right(f, *rest)])

    ready = [
        Mistake(
            "heights instead of places",
            "These are heights, values of f; the path consists of the places themselves.",
            behaves_like=(heights, lambda *arguments: heights(*arguments)[:-1]),
        ),
        Mistake(
            "slopes instead of places",
            "These are slopes; the path consists of the places themselves.",
            behaves_like=(slopes, lambda *arguments: slopes(*arguments)[:-1]),
        ),
        Mistake(
            "same array appended",
            "All entries are one and the same object, which is changed in place; append a number "
            "or a copy.",
            behaves_like=(
                walk.after(all_last),
                walk.after(lambda path: np.concatenate([path[:1], all_last(path)[1:]])),
                *([_dragging(walk, all_last)] if movable else ()),
            ),
        ),
    ]
    if walk.dimensions > 1:  # a column more
        ready[0] = changed(ready[:1], also={ready[0].name: [beside]})[0]
    if walk.dimensions == 1:  # (start, heights...) and the like, in a list of numbers
        ready[0] = changed(ready[:1], also={ready[0].name: _mixed(heights)})[0]
        ready[1] = changed(ready[1:2], also={ready[1].name: _mixed(slopes)[:1]})[0]
    return ready


def _mixed(entries: Behaviour) -> tuple[Behaviour, ...]:
    """The start, then something else than places."""

    def after_the_start(f: Any, start: Any, *rest: Any) -> list[float]:
        return [float(start), *entries(f, start, *rest)[:-1]]

    def instead_of_the_rest(f: Any, start: Any, *rest: Any) -> list[float]:
        return [float(start), *entries(f, start, *rest)[1:]]

    return after_the_start, instead_of_the_rest


def _starts(walk: Walk) -> list[Mistake]:
    return [
        Mistake(
            "modifies the start",
            "The path is right, but what was passed as the start has moved along; work on a copy "
            "(as_tensor and from_numpy share memory with an array).",
            behaves_like=(
                _dragging(walk, lambda path: path),
                _dragging(walk, lambda path: np.concatenate([path[-1:], path[1:]])),
            ),
        )
    ]


def _dragging(walk: Walk, change: Callable[[np.ndarray], np.ndarray]) -> Behaviour:
    """Works in the memory of a start that can be changed; anything else stays right."""

    def variation(f: Any, start: Any, *rest: Any) -> np.ndarray:
        path = walk.right(f, start, *rest)
        if hasattr(start, "fill_"):
            start.fill_(path[-1])
        elif isinstance(start, np.ndarray):
            start[...] = path[-1]
        else:
            return path
        return change(path)

    return variation


def _tables(walk: Walk) -> list[Mistake]:
    def from_the_swapped_start(f: Any, start: Any, *rest: Any) -> np.ndarray:
        return walk.right(f, start[::-1], *rest)

    return [
        _altering(
            walk,
            "transposed output",
            "The path has one row for each place; yours lists all first coordinates, then all "
            "others (.T turns a table round, reshape doesn't).",
            _after(np.transpose),
            _after(lambda path: path.T.reshape(path.shape)),
        ),
        Mistake(
            "coordinates swapped",
            "The coordinates are exchanged; each row of the path is a place in the order it was "
            "given.",
            behaves_like=(walk.after(lambda path: path[:, ::-1]), from_the_swapped_start),
            alters=(_after(lambda path: path[:, ::-1]),),
        ),
    ]
