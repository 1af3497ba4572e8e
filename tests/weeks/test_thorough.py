"""Wrong code that once earned everything: it remembers too much, clips, or rounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from corpus import COURSE, drawn, week_of

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
    task = week_of(place[0]).task(place[1])
    calls = drawn(*place, seed)
    for chosen in (lambda i: i == k, lambda i: i != k):
        earned = score(task, by(task.reference, chosen), calls)
        assert earned is not None
        assert earned < task.points


@pytest.mark.parametrize("place", sorted(NUMBERS), ids="-".join)
@pytest.mark.parametrize("seed", SEEDS)
def test_numbers_that_are_clipped_or_rounded_lose_points(place: tuple[str, str], seed: int) -> None:
    """However wide the range, and down to four decimals."""
    task = week_of(place[0]).task(place[1])
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
    task = week_of(place[0]).task(place[1])
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


# --- on all tasks ----------------------------------------------------------------------------

TASKS = [(week, task.name) for week in COURSE.week_names for task in week_of(week).tasks]
#: Tasks whose answers are words: far out, and by a little, they stay the same.
WORDS = {"classify_learning_rate", "basin", "classify_stationary_point"}
#: Tasks that are asked about numbers only: their shape and first entry say all.
NUMBERS_ONLY = {
    "classify_learning_rate", "basin", "gradient_descent", "slope", "fuse", "newton_fuse",
}  # fmt: skip


def rough(look: Callable[[Any], Any]) -> Callable[[Code], Code]:
    """Looks up results by what it takes for all there is to an argument."""

    def looking_up(right: Code) -> Code:
        results: dict[Any, Any] = {}

        def code(*arguments: Any) -> Any:
            seen = tuple(look(a) if hasattr(a, "shape") or is_number(a) else a for a in arguments)
            if seen not in results:
                result = right(*arguments)
                results[seen] = looking_up(result) if callable(result) else result
            return results[seen]

        return code

    return looking_up


def limited(limit: Callable[[Any], Any]) -> Callable[[Code], Code]:
    """Limits its arguments, and those of a function that it hands back."""

    def limiting(right: Code) -> Code:
        def code(*arguments: Any) -> Any:
            result = right(*map(limit, arguments))
            return limiting(result) if callable(result) else result

        return code

    return limiting


def is_number(argument: Any) -> bool:
    return isinstance(argument, (int, float))


def entries(argument: Any) -> np.ndarray:
    return np.asarray(argument, dtype=float)


def within(argument: Any) -> Any:
    """Cut off at 100, but for whole numbers."""
    if isinstance(argument, float) or getattr(argument, "dtype", int) == np.float64:
        return np.clip(argument, -100, 100)
    return argument


@pytest.mark.parametrize("place", TASKS, ids="-".join)
def test_a_rough_look_and_a_limit_lose_points(place: tuple[str, str]) -> None:
    """Places told apart by sizes, shapes or first entries; places and steps up to 100."""
    week, name = place
    if skipped := week_of(week).skipped:
        pytest.skip(skipped)
    task, calls = week_of(week).task(name), drawn(*place, 0)
    wrong = {"by sizes": rough(lambda a: str(np.abs(entries(a)).tolist()))}
    if name not in NUMBERS_ONLY:
        wrong["by shapes"] = rough(lambda a: np.shape(a) or float(a))
        wrong["by first entries"] = rough(lambda a: str(entries(a).ravel()[:1].tolist()))
    if name not in WORDS:
        wrong["up to 100"] = limited(within)
    if "descent" in name and name != "descent_update":
        most = 15 if week_of(week).requires else 100  # under jit each step is compiled
        wrong["few steps"] = limited(lambda a: min(a, most) if isinstance(a, int) else a)
    questions = [{k: v for k, v in call.to_json().items() if k != "jit"} for call in calls]
    for how, spoil in wrong.items():
        code = spoil(task.reference)
        seen = [observe_call(code, question) for question in questions]
        earned = judge(task, calls, seen).score
        assert earned is not None
        assert earned < task.points, how


def one_sided(most: float) -> dict[str, Callable[[Any], Any]]:
    """Cut off on one side only, but for whole numbers."""

    def cut(low: float, high: float) -> Callable[[Any], Any]:
        def limit(argument: Any) -> Any:
            fractions = np.asarray(argument).dtype.kind == "f"
            return np.clip(argument, low, high) if fractions else argument

        return limit

    return {"from below": cut(-most, np.inf), "from above": cut(-np.inf, most)}


def of_results(limit: Callable[[Any], Any]) -> Callable[[Code], Code]:
    """Limits what comes back, and what comes back of that."""

    def limiting(right: Code) -> Code:
        def code(*arguments: Any) -> Any:
            result = right(*arguments)
            if callable(result):
                return limiting(result)
            return tuple(map(limit, result)) if isinstance(result, tuple) else limit(result)

        return code

    return limiting


@pytest.mark.parametrize("place", [p for p in TASKS if p[1] not in WORDS], ids="-".join)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_limit_on_one_side_only_loses_points(place: tuple[str, str], seed: int) -> None:
    """Each draw asks at both ends: of the arguments, and of the answers."""
    if skipped := week_of(place[0]).skipped:
        pytest.skip(skipped)
    task, calls = week_of(place[0]).task(place[1]), drawn(*place, seed)
    questions = [{k: v for k, v in call.to_json().items() if k != "jit"} for call in calls]
    for side, limit in one_sided(100).items():
        for spoil in (limited, of_results):
            code = spoil(limit)(task.reference)
            earned = judge(task, calls, [observe_call(code, q) for q in questions]).score
            assert earned is not None
            assert earned < task.points, (side, spoil.__name__)
