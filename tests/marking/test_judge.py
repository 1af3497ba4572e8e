"""The verdict: full marks for any right answer, none for anything else, and never an exception."""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import logging
import sys
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from examples import (
    DESCEND,
    NEWTON,
    ROLL,
    SCALE,
    SECANT,
    TASKS,
    any_json,
    climb,
    forged,
    judged,
    nested,
    quick,
    roll,
    scale,
    thorough,
    walk,
)
from hypothesis import given
from hypothesis import strategies as st

from autograder.marking import derivative
from autograder.marking.agreement import as_array
from autograder.marking.calls import Call
from autograder.marking.criteria import Criterion, Mistake
from autograder.marking.judge import OVERTIME, Status, Verdict, grader_error, judge
from autograder.marking.task import Task
from autograder.observation.observe import observe_call

Json = dict[str, Any]


def right_answers(task: Task, calls: list[Call]) -> list[Json]:
    """What is seen of the reference itself."""
    return [observe_call(task.reference, call.to_json()) for call in calls]


def statuses(verdict: Verdict) -> list[Status]:
    return [criterion.status for criterion in verdict.criteria]


def named(verdict: Verdict) -> list[str]:
    return [mistake.name for mistake in verdict.mistakes]


def assert_full_marks(verdict: Verdict) -> None:
    assert statuses(verdict) == [Status.PASSED] * len(verdict.criteria), verdict
    assert verdict.score == verdict.points
    assert verdict.status is Status.PASSED
    assert verdict.mistakes == ()


# --- Right answers, in whatever form they are returned -------------------------------------


class JaxArray:
    """A fake of a JAX array, in float32 as JAX has it."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values, dtype=np.float32)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.asarray(self.values, dtype=dtype)


def leaf(x: Any, **kinds: Any) -> torch.Tensor:
    return torch.tensor(x, dtype=torch.float64, requires_grad=True, **kinds)


RETURNED: dict[str, Callable[[list[float]], Any]] = {
    "list": list,
    "tuple": tuple,
    "ndarray": np.array,
    "float32 ndarray": lambda path: np.array(path, dtype=np.float32),
    "np.float64 entries": lambda path: [np.float64(x) for x in path],
    "float64 tensor": lambda path: torch.tensor(path, dtype=torch.float64),
    "float32 tensor": torch.tensor,
    "tensor that requires grad": leaf,
    "list of 0-d tensors": lambda path: [torch.tensor(x) for x in path],
    "list of 0-d tensors that require grad": lambda path: [leaf(x) for x in path],
    "list of (1,)-tensors": lambda path: [leaf([x]) for x in path],
    "a float, then (1,)-tensors": lambda path: [path[0], *(leaf([x]) for x in path[1:])],
    "deque": deque,
    "generator": lambda path: (x for x in path),
    "map": lambda path: map(float, path),
    "JAX array": JaxArray,
    "list of JAX scalars": lambda path: [JaxArray(x) for x in path],
}


@pytest.mark.parametrize("kind", RETURNED)
def test_a_right_path_gets_full_marks_in_any_type(kind: str) -> None:
    """List, tuple, array, tensor with or without grad, float32 or float64: never the type."""
    assert_full_marks(judged(DESCEND, lambda *args: RETURNED[kind](list(DESCEND.reference(*args)))))


POINTS: dict[str, Callable[[np.ndarray], Any]] = {
    "ndarray": lambda path: path,
    "list of pairs": lambda path: [(x, y) for x, y in path],
    "list of lists": lambda path: path.tolist(),
    "list of arrays": list,
    "list of tensors": lambda path: [leaf(point) for point in path],
    "list of pairs of tensors": lambda path: [(leaf(x), leaf(y)) for x, y in path],
    "tensor": lambda path: torch.tensor(path, dtype=torch.float32),
    "zip of coordinates": lambda path: zip(*path.T, strict=True),
    "list of JAX arrays": lambda path: [JaxArray(point) for point in path],
}


@pytest.mark.parametrize("kind", POINTS)
def test_right_points_get_full_marks_in_any_type(kind: str) -> None:
    """A walk in the plane is rows of two, in whatever type."""
    assert_full_marks(judged(ROLL, lambda *args: POINTS[kind](roll(*args))))


# --- Right answers, however they are computed ----------------------------------------------


def by(slope: Callable[..., Any]) -> Callable[..., Any]:
    """Descent with one's own way to the slope."""
    return lambda f, x0, lr, n: walk(x0, n, lambda x: x - lr * float(slope(f, x)))


def backward(f, x):
    point = leaf(x)
    f(point).backward()
    return point.grad


def autograd_grad(f, x):
    point = leaf(x)
    return torch.autograd.grad(f(point), point)[0]


def zeroed(f, x0, lr, n_steps):
    x = leaf(float(x0))
    path = [x.item()]
    for _ in range(n_steps):
        if x.grad is not None:
            x.grad.zero_()
        f(x).backward()
        with torch.no_grad():
            x -= lr * x.grad
        path.append(x.item())
    return path


def data_attribute(f, x0, lr, n_steps):
    x = leaf(float(x0))
    path = [x.data.clone()]
    for _ in range(n_steps):
        x.grad = None
        f(x).backward()
        x.data = x.data - lr * x.grad
        path.append(x.data.clone())
    return path


def float32_throughout(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), requires_grad=True)
    path = [x.detach()]
    for _ in range(n_steps):
        (slope,) = torch.autograd.grad(f(x), x)
        x = (x - lr * slope).detach().requires_grad_()
        path.append(x.detach())
    return torch.stack(path)


def optimiser(f, x0, lr, n_steps):
    if lr < 0:
        return walk(x0, n_steps, lambda x: x - lr * float(backward(f, x)))
    x = torch.nn.Parameter(torch.tensor(float(x0), dtype=torch.float64))
    descent = torch.optim.SGD([x], lr=lr)
    path = [x.item()]
    for _ in range(n_steps):
        descent.zero_grad()
        f(x).backward()
        descent.step()
        path.append(x.item())
    return path


def recursion(f, x0, lr, n_steps):
    start = float(x0)
    if n_steps == 0:
        return [start]
    return [start, *recursion(f, start - lr * float(backward(f, start)), lr, n_steps - 1)]


def reduced(f, x0, lr, n_steps):
    def step(path, _):
        return [*path, path[-1] - lr * float(backward(f, path[-1]))]

    return functools.reduce(step, range(n_steps), [float(x0)])


def accumulated(f, x0, lr, n_steps):
    return itertools.accumulate(
        range(n_steps), lambda x, _: x - lr * float(backward(f, x)), initial=float(x0)
    )


def while_loop(f, x0, lr, n_steps):
    path = [float(x0)]
    while len(path) <= n_steps:
        path += [path[-1] - lr * float(backward(f, path[-1]))]
    return path


def walrus(f, x0, lr, n_steps):
    x = float(x0)
    return [x, *[(x := x - lr * float(backward(f, x))) for _ in range(n_steps)]]


def preallocated(f, x0, lr, n_steps):
    path = np.empty(n_steps + 1)
    path[0] = x0
    for k in range(n_steps):
        path[k + 1] = path[k] - lr * backward(f, path[k]).numpy()
    return path


def generator(f, x0, lr, n_steps):
    x = float(x0)
    yield x
    for _ in range(n_steps):
        x = x - lr * float(backward(f, x))
        yield x


class Descent:
    def __call__(self, f, x0, lr, n_steps):
        return walrus(f, x0, lr, n_steps)


def keyword_only(function, start, rate=0.1, count=10, *, verbose=False, **extra):
    return walrus(function, start, rate, count)


def annotated(f: Callable[[Any], Any], x0: float, lr: float = 0.1, n_steps: int = 10) -> list:
    return walrus(f, x0, lr, n_steps)


def extra_evaluations(f, x0, lr, n_steps):
    path = walrus(f, x0, lr, n_steps)
    assert len([f(x) for x in path]) == n_steps + 1
    return path


def reordered(f, x0, lr, n_steps):
    return walk(x0, n_steps, lambda x: float(backward(f, x)) * -lr + x)


def scaled_and_back(f, x0, lr, n_steps):
    return walk(x0, n_steps, lambda x: (2 * x - 2 * lr * float(backward(f, x))) / 2)


WAYS: dict[str, Callable[..., Any]] = {
    "backward on a fresh leaf": by(backward),
    "torch.autograd.grad": by(autograd_grad),
    "torch.func.grad": by(lambda f, x: torch.func.grad(f)(torch.tensor(x, dtype=torch.float64))),
    "torch.func.jacrev": by(lambda f, x: torch.func.jacrev(f)(torch.tensor([x]))[0, 0]),
    "torch.vmap": by(lambda f, x: torch.vmap(torch.func.grad(f))(torch.tensor([x]))[0]),
    "complex step": by(derivative),
    "finite differences": by(lambda f, x: (f(x + 1e-6) - f(x - 1e-6)) / 2e-6),
    "zeroed gradient under no_grad": zeroed,
    ".data": data_attribute,
    "float32 throughout": float32_throughout,
    "torch.optim.SGD": optimiser,
    "recursion": recursion,
    "reduce": reduced,
    "accumulate": accumulated,
    "while": while_loop,
    "comprehension with walrus": walrus,
    "preallocated array": preallocated,
    "generator function": generator,
    "class with __call__": Descent(),
    "lambda": lambda f, x0, lr, n: walrus(f, x0, lr, n),
    "partial": functools.partial(keyword_only, verbose=True),
    "renamed, defaults, keyword-only": keyword_only,
    "annotations": annotated,
    "extra evaluations of f": extra_evaluations,
    "reordered arithmetic": reordered,
    "scaled and unscaled": scaled_and_back,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_right_path_gets_full_marks_however_it_is_computed(way: str) -> None:
    """Only the values count; two draws, so that no one call decides."""
    for seed in (0, 1):
        assert_full_marks(judged(DESCEND, WAYS[way], seed))


@contextlib.contextmanager
def default_float64() -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def noisy(f, x0, lr, n_steps):
    print("starting at", x0)
    print("careful", file=sys.stderr)
    logging.getLogger("student").warning("rate %s", lr)
    warnings.warn("deprecated", stacklevel=1)
    from tqdm import tqdm

    with tqdm(total=n_steps) as bar:
        bar.update(n_steps)
    return walrus(f, x0, lr, n_steps)


def plotting(f, x0, lr, n_steps):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    path = walrus(f, x0, lr, n_steps)
    figure, axes = plt.subplots()
    axes.plot(path, [f(x) for x in path])
    plt.show()
    plt.close(figure)
    return path


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("function", [noisy, plotting])
def test_noise_and_pictures_cost_nothing(function: Callable[..., Any]) -> None:
    """Prints, warnings, logging, stderr, progress bars and plots leave the marks alone."""
    assert_full_marks(judged(DESCEND, function))


@pytest.mark.parametrize("way", ["torch.autograd.grad", "float32 throughout", "torch.vmap"])
def test_global_settings_cost_nothing(way: str) -> None:
    """float64 as torch's default, and numpy raising on every floating point event."""
    with default_float64(), np.errstate(all="raise"):
        assert_full_marks(judged(DESCEND, WAYS[way]))


def cramer(hessian, slope, point):
    (a, b), (c, d) = hessian.tolist()
    g, h = slope
    determinant = a * d - b * c
    return [point[0] - (d * g - b * h) / determinant, point[1] - (a * h - c * g) / determinant]


NEWTON_WAYS: dict[str, Callable[..., Any]] = {
    "inv": lambda H, g, v: v - np.linalg.inv(H) @ g,
    "solve": lambda H, g, v: v - np.linalg.solve(H, g),
    "Cramer's rule": cramer,
    "torch": lambda H, g, v: (
        torch.tensor(v) - torch.linalg.solve(torch.tensor(H), torch.tensor(g))
    ),
    "float32": lambda H, g, v: (
        v.astype("f4") - np.linalg.inv(H.astype("f4")) @ g.astype("f4")
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", NEWTON_WAYS)
def test_a_newton_step_gets_full_marks_by_any_linear_algebra(way: str) -> None:
    """Inverse, solve, by hand, in torch, in single precision."""
    assert_full_marks(judged(NEWTON, NEWTON_WAYS[way]))


def rate_inside(f, start, lr, beta, n_steps):
    path, velocity = [np.array(start)], np.zeros(2)
    for _ in range(n_steps):
        velocity = beta * velocity - lr * autograd_grad(f, path[-1]).numpy()
        path.append(path[-1] + velocity)
    return path


def heavy_ball(f, start, lr, beta, n_steps):
    path = [np.array(start)] * 2
    for _ in range(n_steps):
        slope = autograd_grad(f, path[-1]).numpy()
        path.append(path[-1] - lr * slope + beta * (path[-1] - path[-2]))
    return path[1:]


@pytest.mark.parametrize("function", [roll, rate_inside, heavy_ball])
def test_momentum_gets_full_marks_with_the_rate_inside_or_outside(
    function: Callable[..., Any],
) -> None:
    """Three ways to write the same walk."""
    assert_full_marks(judged(ROLL, function))


@pytest.mark.parametrize(
    "function",
    [
        lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h),
        lambda f, x, h: (f(x + h) - f(x - h)) / 2 / h,
        lambda f, x, h: 0.5 * (f(x + h) / h - f(x - h) / h),
        lambda f, x, h: np.vectorize(lambda t: (f(t + h) - f(t - h)) / (2 * h))(x),
    ],
    ids=["as the reference", "divided twice", "divided first", "vectorised"],
)
def test_a_finite_difference_gets_full_marks(function: Callable[..., Any]) -> None:
    """So does a task about the finite difference itself, on floats and arrays."""
    assert_full_marks(judged(SECANT, function))


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
@pytest.mark.parametrize("seed", range(5))
def test_the_reference_gets_full_marks(task: Task, seed: int) -> None:
    """References by autograd, by finite differences, on arrays and by linear algebra."""
    assert_full_marks(judged(task, task.reference, seed))


# --- Wrong answers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "mistake"),
    [(task, mistake) for task in TASKS for mistake in task.mistakes],
    ids=lambda value: value.name,
)
def test_a_known_mistake_loses_points_and_is_named(task: Task, mistake: Mistake) -> None:
    """By what it does, whatever the code; nothing else is named."""
    for seed in (0, 1):
        verdict = judged(task, mistake.variants[0], seed)
        assert verdict.score is not None
        assert verdict.score < task.points
        assert named(verdict) == [mistake.name]
        assert verdict.status is Status.FAILED


def climb_in_torch(f, x0, lr, n_steps):
    x = torch.tensor([float(x0)], requires_grad=True)
    path = [x]
    for _ in range(n_steps):
        (slope,) = torch.autograd.grad(f(path[-1]).sum(), path[-1])
        path.append(path[-1] + lr * slope)
    return path


def test_a_mistake_is_recognised_by_what_it_does() -> None:
    """Other code, another type and single precision: the same mistake."""
    verdict = judged(DESCEND, climb_in_torch)
    assert named(verdict) == ["climbs"]
    assert verdict.score == 0


def test_a_failed_criterion_shows_the_call_and_both_answers() -> None:
    """The first call that did not match, what was expected, what came back."""
    verdict = judged(SCALE, lambda x, factor: x + factor)
    failed = verdict.criteria[0]
    assert failed.status is Status.FAILED
    assert failed.mistake == "adds"
    assert failed.call is not None
    assert failed.expected == SCALE.expected(failed.call)
    assert failed.observed is not None
    x, factor = failed.call.args
    assert failed.expected["values"] == [x * factor]
    assert failed.observed["values"] == [x + factor]


def test_an_unknown_mistake_loses_points_without_a_name() -> None:
    """No hint is better than a wrong one."""
    verdict = judged(SCALE, lambda x, factor: x * factor + 0.5)
    assert verdict.score == 0
    assert verdict.mistakes == ()
    assert all(criterion.mistake == "" for criterion in verdict.criteria)


def adds_up():
    """What is appended to a list that every call shares, added up."""
    kept: list[Any] = []

    def scale(x, factor):
        if kept and np.shape(kept[-1]) != np.shape(x):
            raise ValueError("setting an array element with a sequence.")
        kept.append(x * factor)
        return sum(kept)

    return scale


REMEMBERS = replace(SCALE, mistakes=[Mistake("remembers", "Begin anew.", adds_up, stateful=True)])


def test_what_only_raises_does_not_remember() -> None:
    """Right at first and an error later: that is not yet what an earlier call left behind."""

    def numbers_only(x, factor):
        if np.ndim(x):
            raise ValueError("setting an array element with a sequence.")
        return x * factor

    task = replace(
        REMEMBERS,
        criteria=[
            Criterion("numbers", 1, lambda rng: [Call(2.0, 3.0)]),
            Criterion("arrays", 1, lambda rng: [Call(np.array([1.0, 2.0]), 3.0)]),
        ],
    )
    assert named(judged(task, numbers_only)) == []
    assert named(judged(REMEMBERS, adds_up())) == ["remembers"]


def test_criteria_are_earned_one_by_one() -> None:
    """Right on numbers and wrong on arrays keeps the points for numbers."""
    verdict = judged(SCALE, lambda x, factor: float(x) * factor)
    assert statuses(verdict) == [Status.PASSED, Status.FAILED]
    assert verdict.score == 2
    assert verdict.status is Status.FAILED


def test_one_wrong_call_loses_the_whole_criterion() -> None:
    """A criterion is all or none: half a mistake is still a mistake."""
    calls = SCALE.draw(0)
    for k in range(len(calls)):
        seen = right_answers(SCALE, calls)
        seen[k] = {"shape": [], "values": [12345.0]}
        verdict = judge(SCALE, calls, seen)
        lost = {c.name for c in verdict.criteria if c.status is Status.FAILED}
        assert lost == {calls[k].criterion}


@pytest.mark.parametrize(
    "half",
    [
        lambda f, x0, lr, n: climb(f, x0, lr, n) if n > 1 else DESCEND.reference(f, x0, lr, n),
        lambda f, x0, lr, n: climb(f, x0, lr, n) if lr < 0 else DESCEND.reference(f, x0, lr, n),
        lambda f, x0, lr, n: climb(f, x0, lr, n) if x0 < 0 else DESCEND.reference(f, x0, lr, n),
        lambda f, x0, lr, n: [*DESCEND.reference(f, x0, lr, n)[:-1], climb(f, x0, lr, n)[-1]],
    ],
    ids=["in long walks", "with a negative rate", "from the left", "at the end"],
)
def test_half_a_mistake_does_not_pass(half: Callable[..., Any]) -> None:
    """Right in some of the calls, wrong in others: points are lost."""
    verdict = judged(DESCEND, half)
    assert verdict.score is not None
    assert verdict.score < DESCEND.points
    assert verdict.status is Status.FAILED


@pytest.mark.parametrize(
    "both",
    [
        lambda f, x0, lr, n: climb(f, x0, lr, n - 1),
        lambda f, x0, lr, n: walk(x0, n - 1, lambda x: x + lr * 2 * x),
        lambda f, x0, lr, n: walk(x0, n, lambda x: x + lr * 2 * x),
        lambda f, x0, lr, n: list(reversed(climb(f, x0, lr, n))),
    ],
    ids=["climbs and is short", "all three", "climbs with 2x", "climbs and is reversed"],
)
def test_two_mistakes_at_once_do_not_pass(both: Callable[..., Any]) -> None:
    """Two wrongs do not make a right."""
    assert judged(DESCEND, both).score == 0


@quick
@given(st.data())
def test_no_mixture_of_right_and_mistaken_answers_passes(data: st.DataObject) -> None:
    """Whichever calls are answered by which known mistake, a wrong call loses its criterion."""
    calls = DESCEND.draw(0)
    answers = [right_answers(DESCEND, calls), *(seen for _, seen in DESCEND.behaviours(calls))]
    chosen = [data.draw(st.integers(0, len(answers) - 1)) for _ in calls]
    seen = [answers[choice][k] for k, choice in enumerate(chosen)]
    wrong = {
        call.criterion
        for call, observation in zip(calls, seen, strict=True)
        if not DESCEND.agree(call, DESCEND.expected(call), observation)
    }
    verdict = judge(DESCEND, calls, seen)
    assert verdict.score == sum(c.points for c in DESCEND.criteria if c.name not in wrong)
    assert bool(wrong) == (verdict.score < DESCEND.points)


def test_changing_an_argument_fails_only_where_it_matters() -> None:
    """The first criterion does not mind; the second does, and says why."""

    def in_place_and_right(x, factor):
        result = x * factor
        if isinstance(x, np.ndarray):
            x[:] = 0
        return result

    verdict = judged(SCALE, in_place_and_right)
    assert statuses(verdict) == [Status.PASSED, Status.FAILED]
    assert verdict.criteria[1].observed is not None
    assert verdict.criteria[1].observed["mutated"] == [0]
    easy = Task(scale, [replace(criterion, untouched=False) for criterion in SCALE.criteria])
    assert_full_marks(judged(easy, in_place_and_right))


# --- Objects that lie ----------------------------------------------------------------------


class Agrees:
    """Claims to be equal to, close to and convertible to whatever one likes."""

    def __eq__(self, other: object) -> bool:
        return True

    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = None  # type: ignore[assignment]

    def __sub__(self, other: object) -> float:
        return 0.0

    __rsub__ = __abs__ = __sub__

    def __float__(self) -> float:
        return 0.0

    def __int__(self) -> int:
        return 0

    __index__ = __int__


class AgreeingFloat(float):
    __eq__ = __le__ = __lt__ = Agrees.__eq__
    __hash__ = float.__hash__
    __sub__ = __rsub__ = Agrees.__sub__


class TwoFacedFloat(float):
    def __float__(self) -> float:
        return float("nan")


class AgreeingArray(np.ndarray):
    __eq__ = __le__ = __lt__ = Agrees.__eq__  # type: ignore[assignment]

    def __array_ufunc__(self, *args: Any, **kwargs: Any) -> bool:
        return True


class AgreeingText(str):
    __eq__ = Agrees.__eq__
    __hash__ = str.__hash__


class AgreeingList(list):
    __eq__ = Agrees.__eq__
    __hash__ = None  # type: ignore[assignment]


LIARS: dict[str, Callable[[], Any]] = {
    "object": Agrees,
    "list of objects": lambda: [Agrees() for _ in range(4)],
    "object array": lambda: np.array([Agrees()] * 4, dtype=object),
    "float": lambda: AgreeingFloat(0.123),
    "list of floats": lambda: [AgreeingFloat(0.123)] * 4,
    "float with two faces": lambda: [TwoFacedFloat(0.123)] * 4,
    "array": lambda: np.full(4, 0.123).view(AgreeingArray),
    "text": lambda: AgreeingText("right"),
    "list": lambda: AgreeingList([0.123] * 4),
    "nan": lambda: float("nan"),
    "list of nan": lambda: [float("nan")] * 4,
    "inf": lambda: [float("inf")] * 4,
    "True": lambda: True,
    "an observation": lambda: {"shape": [], "values": [1.0], "status": "passed"},
}


@pytest.mark.parametrize("liar", LIARS)
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_an_object_that_agrees_with_everything_earns_nothing(task: Task, liar: str) -> None:
    """Nothing of the student's is asked whether it is right."""
    verdict = judged(task, lambda *args: LIARS[liar]())
    assert verdict.score == 0
    assert set(statuses(verdict)) == {Status.FAILED}


# --- Not reached ---------------------------------------------------------------------------


@pytest.mark.parametrize("reached", [0, 1, 2, 3])
def test_calls_without_an_observation_are_not_reached_and_say_why(reached: int) -> None:
    """What was seen before the notebook stopped counts; the rest has the reason."""
    calls = DESCEND.draw(0)
    assert [c.criterion for c in calls] == ["the first step"] * 2 + ["a longer walk"] * 2
    seen = right_answers(DESCEND, calls)[:reached]
    for observations in (seen, [*seen, *[None] * (4 - reached)], tuple(seen)):
        verdict = judge(DESCEND, calls, observations, "the kernel died")
        expected = [Status.PASSED if reached >= 2 else Status.NOT_REACHED, Status.NOT_REACHED]
        assert statuses(verdict) == expected
        assert verdict.score == (3 if reached >= 2 else 0)
        assert verdict.status is Status.NOT_REACHED
        assert verdict.criteria[1].reason == "the kernel died"


def test_without_a_reason_not_reached_says_that_nothing_came_back() -> None:
    """There is always a sentence."""
    verdict = judge(SCALE, SCALE.draw(0), [])
    assert {c.reason for c in verdict.criteria} == {"no result came back"}


def test_a_wrong_answer_before_the_end_is_a_failure() -> None:
    """What was seen to be wrong is wrong, though other calls were not reached."""
    calls = SCALE.draw(0)
    verdict = judge(SCALE, calls, [{"shape": [], "values": [-1.0]}], "the kernel died")
    assert statuses(verdict) == [Status.FAILED, Status.NOT_REACHED]
    assert verdict.status is Status.FAILED


def test_the_untouched_stub_is_not_reached() -> None:
    """A stub that still raises NotImplementedError is unsolved, not wrong."""

    def stub(x, factor):
        raise NotImplementedError

    verdict = judged(SCALE, stub)
    assert set(statuses(verdict)) == {Status.NOT_REACHED}
    assert verdict.score == 0
    assert verdict.mistakes == ()
    assert all("not solved yet" in c.reason for c in verdict.criteria)


def test_a_stub_is_known_by_its_error_among_right_answers_too() -> None:
    """Half solved: what works counts, the rest is not solved yet."""

    def half(x, factor):
        if isinstance(x, np.ndarray):
            raise NotImplementedError("arrays")
        return x * factor

    verdict = judged(SCALE, half)
    assert statuses(verdict) == [Status.PASSED, Status.NOT_REACHED]
    assert verdict.score == 2


def test_a_call_that_ran_out_of_time_is_a_failure_that_says_so() -> None:
    """What came back before counts; what was not asked after it has its own reason."""
    calls = DESCEND.draw(0)
    overtime = {"error": {"type": "Timeout", "message": "no result after 10 s"}, "mutated": []}
    verdict = judge(DESCEND, calls, [*right_answers(DESCEND, calls)[:2], overtime], "not asked")
    assert statuses(verdict) == [Status.PASSED, Status.FAILED]
    assert verdict.criteria[1].reason == OVERTIME
    verdict = judge(DESCEND, calls, [overtime], "not asked")
    assert [criterion.reason for criterion in verdict.criteria] == [OVERTIME, "not asked"]
    assert verdict.score == 0


# --- The grader's own faults ---------------------------------------------------------------


def failing_reference(x):
    raise ZeroDivisionError("in the marking notes")


def test_a_reference_that_raises_is_the_graders_error() -> None:
    """No score at all, and the reason is kept for the person who looks."""
    task = Task(failing_reference, [Criterion("all", 2, lambda rng: [])])
    calls = [Call(1.0).asked_by("all", 0)]
    for seen in ([{"shape": [], "values": [1.0]}], [], [{"error": {"type": "ZeroDivisionError"}}]):
        verdict = judge(task, calls, seen)
        assert verdict.status is Status.GRADER_ERROR
        assert verdict.score is None
        assert "ZeroDivisionError" in verdict.criteria[0].reason
        assert "in the marking notes" in repr(task.expected(calls[0]))


def test_anything_that_goes_wrong_while_judging_is_the_graders_error() -> None:
    """A fault in the grader's own data is not the student's zero."""
    calls = SCALE.draw(0)
    broken: Any = [calls[0], None]
    for verdict in (judge(SCALE, broken, [{}, {}]), judge(SCALE, calls, None)):  # type: ignore[arg-type]
        assert verdict.status is Status.GRADER_ERROR
        assert verdict.score is None


def test_a_criterion_that_no_call_asks_about_is_the_graders_error() -> None:
    """Nobody can earn what was not asked; so it is not a zero."""
    calls = [call for call in SCALE.draw(0) if call.criterion == "numbers"]
    verdict = judge(SCALE, calls, right_answers(SCALE, calls))
    assert verdict.score is None
    assert verdict.status is Status.GRADER_ERROR


def test_one_graders_error_leaves_the_task_without_a_score() -> None:
    """A partial score would look like a grade."""
    passed = judged(SCALE, scale)
    fault = grader_error(SCALE, "the disk is full")
    mixed = Verdict("scale", (passed.criteria[0], fault.criteria[1]))
    assert mixed.score is None
    assert mixed.status is Status.GRADER_ERROR
    assert mixed.points == 3


# --- Recognising ---------------------------------------------------------------------------


def raising(error: Exception) -> Callable[..., Any]:
    def behaviour(*args: Any) -> Any:
        raise error

    return behaviour


def recognised(behaves_like: Callable[..., Any], student: Callable[..., Any]) -> list[str]:
    """What is named when the one known mistake, and the student, do these things."""
    known = Mistake("known", "A hint.", behaves_like)
    task = Task(scale, SCALE.criteria, [known])
    calls = SCALE.draw(0)
    return named(judge(task, calls, [observe_call(student, call.to_json()) for call in calls]))


def test_an_error_type_alone_is_not_recognised() -> None:
    """TypeErrors have many causes."""
    known = raising(TypeError("only 0-dimensional arrays can be converted to Python scalars"))
    assert recognised(known, raising(TypeError("unsupported operand type(s) for +"))) == []
    assert recognised(known, raising(TypeError("only 0-dimensional arrays can be used"))) != []


def test_an_error_without_a_message_is_not_recognised() -> None:
    """Two bare asserts have nothing in common but their type."""
    assert recognised(raising(AssertionError()), raising(AssertionError())) == []


def test_an_error_beside_a_shared_result_is_recognised() -> None:
    """Behaving alike on numbers, in the wrong, makes the same error on arrays tell something."""

    def known(x, factor):
        if isinstance(x, np.ndarray):
            raise TypeError("for one reason")
        return x + factor

    def student(x, factor):
        if isinstance(x, np.ndarray):
            raise TypeError("differently worded")
        return factor + x

    assert recognised(known, student) == ["known"]


def test_a_mistake_that_explains_everything_is_preferred() -> None:
    """Of two that fit, the one that also fits the right calls explains more."""
    calls = SCALE.draw(0)
    on_arrays = Mistake("on arrays", "", lambda x, k: x + k if isinstance(x, np.ndarray) else x * k)
    always = Mistake("always", "", lambda x, k: x + k)
    for mistakes in ([on_arrays, always], [always, on_arrays]):
        task = Task(scale, SCALE.criteria, mistakes)
        half = [observe_call(on_arrays.variants[0], call.to_json()) for call in calls]
        assert named(judge(task, calls, half)) == ["on arrays"]
        full = [observe_call(always.variants[0], call.to_json()) for call in calls]
        assert named(judge(task, calls, full)) == ["always"]


def test_a_mistake_that_explains_less_than_half_is_not_named() -> None:
    """One lucky call in three is no recognition."""
    calls = SCALE.draw(0)
    seen = right_answers(SCALE, calls)
    (_, adds) = next((m, s) for m, s in SCALE.behaviours(calls) if m.name == "adds")
    seen = [adds[0], {"shape": [], "values": [-5.0]}, {"shape": [], "values": [-6.0]}]
    assert named(judge(SCALE, calls, seen)) == []


def test_a_recognised_call_is_shown_rather_than_an_unexplained_one() -> None:
    """A call that shows the mistake teaches more, though another failed before it."""
    calls = SCALE.draw(0)
    (_, adds) = next((m, s) for m, s in SCALE.behaviours(calls) if m.name == "adds")
    seen = [{"shape": [], "values": [-5.0]}, adds[1], adds[2]]
    criterion = judge(SCALE, calls, seen).criteria[0]
    assert criterion.mistake == "adds"
    assert criterion.call == calls[1]


# --- Whatever an adversary sends -----------------------------------------------------------


def equals_the_right_answer(expected: Json, observation: Any) -> bool:
    """An independent, plain reading of what it takes to be right; for numerical tasks."""
    if not isinstance(observation, dict) or observation.get("mutated"):
        return False
    array, right = as_array(observation), as_array(expected)
    if array is None or right is None or array.size != right.size:
        return False
    return bool(np.allclose(array.ravel(), right.ravel(), rtol=2e-4, atol=2e-5))


@pytest.mark.parametrize("task", [DESCEND, SCALE, SECANT], ids=lambda task: task.name)
@quick
@given(data=st.data())
def test_any_json_gives_a_verdict_and_only_the_right_answer_earns(
    task: Task, data: st.DataObject
) -> None:
    """Recursive JSON, huge ints, NaN, wrong types in every field: judged, and worth nothing."""
    calls = task.draw(0)
    right = right_answers(task, calls)
    seen = [data.draw(forged | st.just(answer) | st.none()) for answer in right]
    seen = seen[: data.draw(st.integers(0, len(seen)))] + data.draw(st.lists(any_json, max_size=1))
    verdict = judge(task, calls, seen)
    assert verdict.status is not Status.GRADER_ERROR, verdict.criteria[0].reason
    for criterion in verdict.criteria:
        if criterion.earned:
            mine = [k for k, call in enumerate(calls) if call.criterion == criterion.name]
            assert all(k < len(seen) and equals_the_right_answer(right[k], seen[k]) for k in mine)


@quick
@given(forged)
def test_one_forged_observation_earns_nothing(observation: Any) -> None:
    """Sent for every call, a made-up observation is worth no points."""
    calls = DESCEND.draw(0)
    verdict = judge(DESCEND, calls, [observation] * len(calls))
    assert verdict.score == 0
    assert verdict.status in (Status.FAILED, Status.NOT_REACHED)


FORGERIES: dict[str, Any] = {
    "nothing": {},
    "the status": {"status": "passed", "score": 100, "points": 100},
    "right": {"right": True, "passed": True, "error": None},
    "NaN": {"shape": [], "values": [float("nan")]},
    "the word nan": {"shape": [], "values": ["nan"]},
    "inf": {"shape": [], "values": ["inf"]},
    "a huge int": {"shape": [], "values": [10**400]},
    "a huge shape": {"shape": [10**30], "values": [1.0]},
    "an empty huge shape": {"shape": [0, 10**30], "values": []},
    "a negative shape": {"shape": [-1], "values": [1.0]},
    "nine dimensions": {"shape": [1] * 9, "values": [1.0]},
    "a million numbers": {"shape": [10**6], "values": [1.0] * 10**6},
    "deep values": {"shape": [], "values": nested(5_000)},
    "deep shape": {"shape": nested(5_000), "values": [1.0]},
    "deep error": {"error": nested(5_000)},
    "deep error type": {"error": {"type": nested(5_000), "message": nested(5_000)}},
    "deep text": {"text": nested(5_000)},
    "deep nothing": {"nothing": nested(5_000)},
    "deep parts": {"parts": nested(5_000)},
    "parts of parts": {"parts": [{"parts": nested(5_000)}, {"parts": nested(5_000)}]},
    "deep mutated": {"shape": [], "values": [1.0], "mutated": nested(5_000)},
    "a deep list": nested(5_000),
    "an error without a type": {"error": {}},
    "an error that is true": {"error": True},
    "an error of a list": {"error": {"type": ["TypeError"], "message": {}}},
    "an unsolved stub": {"error": {"type": "NotImplementedError"}},
    "text that is a list": {"text": ["right"]},
    "a lone surrogate": {"text": "\ud800", "error": {"type": "\ud800", "message": "\ud800"}},
    "a string": "passed",
    "a number": 1.0,
    "true": True,
    "false": False,
    "empty": [],
}


@pytest.mark.parametrize("forgery", FORGERIES)
@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_forgery_earns_nothing_and_does_no_harm(task: Task, forgery: str) -> None:
    """By hand, what a search might miss: nothing raises, nothing is earned."""
    calls = task.draw(0)
    verdict = judge(task, calls, [FORGERIES[forgery]] * len(calls))
    assert verdict.status in (Status.FAILED, Status.NOT_REACHED)
    assert verdict.score == 0
    assert all(isinstance(c.observed, dict) for c in verdict.criteria)


@pytest.mark.parametrize("key", ["error", "text", "nothing", "unsupported"])
def test_a_right_answer_that_also_says_otherwise_is_not_right(key: str) -> None:
    """Values beside an error or a text are no observation that we make."""
    calls = SCALE.draw(0)
    seen = [{**answer, key: {"type": "E"}} for answer in right_answers(SCALE, calls)]
    assert judge(SCALE, calls, seen).score == 0


def test_more_observations_than_calls_change_nothing() -> None:
    """What was not asked is not looked at."""
    calls = SCALE.draw(0)
    assert_full_marks(judge(SCALE, calls, [*right_answers(SCALE, calls), {"values": []}, None]))


# --- Order ---------------------------------------------------------------------------------

ANSWERS = [scale, *(mistake.variants[0] for mistake in SCALE.mistakes), raising(TypeError("x"))]


@quick
@given(st.permutations(range(3)), st.lists(st.sampled_from(ANSWERS), min_size=3, max_size=3))
def test_the_order_of_calls_does_not_matter(order: list[int], answers: list[Any]) -> None:
    """Calls shuffled together with their observations give the same verdict, to the letter."""
    calls = SCALE.draw(0)
    seen = [observe_call(f, c.to_json()) for f, c in zip(answers, calls, strict=True)]
    shuffled = judge(SCALE, [calls[k] for k in order], [seen[k] for k in order])
    assert shuffled == judge(SCALE, calls, seen)


@quick
@given(st.permutations(range(4)), st.lists(forged | st.none(), min_size=4, max_size=4))
def test_the_order_of_calls_does_not_matter_for_forgeries_either(
    order: list[int], seen: list[Any]
) -> None:
    """Neither for observations that nobody made."""
    calls = DESCEND.draw(0)
    one = judge(DESCEND, calls, seen)
    other = judge(DESCEND, [calls[k] for k in order], [seen[k] for k in order])
    assert repr(one) == repr(other)


def test_judging_twice_gives_the_same_verdict_and_changes_nothing() -> None:
    """Pure: neither the calls nor the observations are touched."""
    calls = DESCEND.draw(0)
    seen = [observe_call(climb, call.to_json()) for call in calls]
    before = json.dumps([seen, [call.to_json() for call in calls]])
    assert judge(DESCEND, calls, seen) == judge(DESCEND, calls, seen)
    assert json.dumps([seen, [call.to_json() for call in calls]]) == before


# --- The tolerance -------------------------------------------------------------------------


@thorough
@given(st.floats(-0.9, 0.9), st.sampled_from([1e-4, 0.2, 0.5]))
def test_the_tolerance_is_symmetric(offset: float, rtol: float) -> None:
    """As far above as below: x (1 + e) for x passes exactly if x for x (1 + e) does."""

    def value(x):
        return x

    task = Task(value, [Criterion("all", 1, lambda rng: [Call(3.0)])], rtol=rtol)
    low, high = Call(3.0).asked_by("all", 0), Call(3.0 * (1 + offset)).asked_by("all", 0)
    one = judge(task, [low], [task.expected(high)])
    other = judge(task, [high], [task.expected(low)])
    assert one.status is other.status
    if abs(offset) < rtol:
        assert one.status is Status.PASSED
    if abs(offset) > rtol / (1 - rtol) + 1e-5:
        assert one.status is Status.FAILED


def test_a_task_may_set_its_own_tolerance() -> None:
    """What is too far by default may be near enough for a task, and the other way round."""
    calls = SCALE.draw(0)
    off = [observe_call(lambda x, k: x * k * 1.001, call.to_json()) for call in calls]
    assert judge(SCALE, calls, off).score == 0
    assert_full_marks(judge(replace(SCALE, rtol=1e-2), calls, off))
    near = [observe_call(lambda x, k: x * k * (1 + 5e-5), call.to_json()) for call in calls]
    assert_full_marks(judge(SCALE, calls, near))
    assert judge(replace(SCALE, rtol=1e-6, atol=0.0), calls, near).score == 0


# --- The record ----------------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_verdict_is_kept_as_json(task: Task) -> None:
    """Everything that was decided, and on what grounds, can be written down."""
    for function in (task.reference, task.mistakes[0].variants[0], raising(NotImplementedError())):
        verdict = judged(task, function)
        record = json.loads(json.dumps(verdict.to_json()))
        assert record["task"] == task.name
        assert record["score"] == verdict.score
        assert record["points"] == task.points
        assert record["mistakes"] == named(verdict)
        assert [c["status"] for c in record["criteria"]] == [str(s) for s in statuses(verdict)]
        for criterion, kept in zip(verdict.criteria, record["criteria"], strict=True):
            if kept["call"]:
                assert Call.from_json(kept["call"]) == criterion.call
