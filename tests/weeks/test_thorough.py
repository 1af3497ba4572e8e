"""Wrong code that once earned everything: it remembers too much, clips, or rounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from corpus import COURSE, drawn

from autograder.marking.calls import Call
from autograder.marking.judge import judge
from autograder.marking.task import Task
from autograder.observation.observe import observe_call

SEEDS = (0, 1, 2)
#: The tasks that are asked, and how many arguments each takes.
ASKED = {
    ("week1_slopes", "central_difference"): 3,
    ("week1_slopes", "grid_slope"): 2,
    ("week1_slopes", "autograd_slope"): 2,
    ("week2_descent", "descent_update"): 3,
    ("week2_descent", "gradient_descent"): 4,
    ("week3_descent_2d", "surface_grid"): 3,
    ("week3_descent_2d", "numerical_gradient"): 3,
    ("week3_descent_2d", "gradient_descent_2d"): 4,
    ("week3_descent_2d", "gradient_field"): 3,
}
REMEMBERED = [
    pytest.param(place, k, id=f"{place[1]}-{k}", marks=pytest.mark.xdist_group(place[1]))
    for place, count in ASKED.items()
    for k in range(count)
]
NUMBERS = {*ASKED, ("week1_slopes", "poly_slope")}

Code = Callable[..., Any]


def score(task: Task, code: Code, calls: Sequence[Call]) -> float | None:
    """Of code that is asked all calls, one after the other, as in a kernel."""
    return judge(task, calls, [observe_call(code, call.to_json()) for call in calls]).score


def key(argument: Any) -> Any:
    return str(argument.tolist()) if hasattr(argument, "tolist") else argument


def by(right: Code, chosen: Callable[[int], bool]) -> Code:
    """Looks up results by some of its arguments only."""
    results: dict[Any, Any] = {}

    def code(*arguments: Any) -> Any:
        kept = tuple(key(argument) for k, argument in enumerate(arguments) if chosen(k))
        if kept not in results:
            results[kept] = right(*arguments)
        return results[kept]

    return code


def changed(right: Code, change: Callable[[Any], Any]) -> Code:
    """Each number that is handed back is changed, in both parts of a pair."""

    def code(*arguments: Any) -> Any:
        result = right(*arguments)
        return tuple(map(change, result)) if isinstance(result, tuple) else change(result)

    return code


@pytest.mark.parametrize(("place", "k"), REMEMBERED)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_remembered_by_a_part_of_the_arguments_loses_points(
    place: tuple[str, str], k: int, seed: int
) -> None:
    """By one alone, and by all but one; each argument matters some time."""
    task = COURSE.week(place[0]).task(place[1])
    calls = drawn(*place, seed)
    for chosen in (lambda i: i == k, lambda i: i != k):
        earned = score(task, by(task.reference, chosen), calls)
        assert earned is not None
        assert earned < task.points


@pytest.mark.parametrize("place", sorted(NUMBERS), ids="-".join)
@pytest.mark.parametrize("seed", SEEDS)
def test_numbers_that_are_clipped_or_rounded_lose_points(place: tuple[str, str], seed: int) -> None:
    """However wide the range, and down to four decimals."""
    task = COURSE.week(place[0]).task(place[1])
    calls = drawn(*place, seed)
    changes: dict[str, Callable[[Any], Any]] = {
        **{f"clip {most}": lambda x, most=most: np.clip(x, -most, most) for most in (10, 100)},
        **{f"round {d}": lambda x, d=d: np.round(np.asarray(x), d) for d in (2, 3, 4)},
    }
    for name, change in changes.items():
        earned = score(task, changed(task.reference, change), calls)
        assert earned is not None
        assert earned < task.points, name


@pytest.mark.parametrize(
    "place",
    [("week2_descent", "gradient_descent"), ("week3_descent_2d", "gradient_descent_2d")],
    ids="-".join,
)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_walk_that_is_clipped_or_rounded_on_the_way_loses_points(
    place: tuple[str, str], seed: int
) -> None:
    task = COURSE.week(place[0]).task(place[1])
    calls = drawn(*place, seed)
    for change in (
        *(lambda x, most=most: np.clip(x, -most, most) for most in (10, 100, 1000)),
        *(lambda x, d=d: np.round(x, d) for d in (2, 3, 4)),
        lambda x: np.asarray(x, dtype=np.float16).astype(float),
    ):

        def code(f: Any, start: Any, lr: Any, n: int, change: Any = change) -> list[Any]:
            path = [np.array(float(start) if np.ndim(start) == 0 else start)]
            for _ in range(n):
                path.append(np.asarray(change(task.reference(f, path[-1], lr, 1)[1])))
            return path

        earned = score(task, code, calls)
        assert earned is not None
        assert earned < task.points
