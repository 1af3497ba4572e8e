"""The marking notes of every week, against known mistakes and students' code."""

from __future__ import annotations

import gc
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from corpus import COURSE, Answer, answers, drawn, observed, week_of

from autograder.feedback.words import as_text
from autograder.grading.course import Week
from autograder.marking import derivative
from autograder.marking.judge import Status, judge
from autograder.marking.task import Task
from autograder.observation.functions import Function

WEEKS = {name: week_of(name) for name in COURSE.week_names}
TASKS = [(week, task.name) for week, loaded in WEEKS.items() for task in loaded.tasks]
CORPUS = [answer for week in WEEKS for answer in answers(week)]
#: Why students' code of a week can't be run here; nothing else of it needs the missing package.
SKIPPED = {name: week.skipped for name, week in WEEKS.items()}
#: At least this many seeds for every task; a few of them for every student's code, if it is right
#: and if it is mistaken.
SEEDS = 200
BLOCK = 25
FEW = {"correct": 5, "mistake": 3}


@pytest.fixture(autouse=True, scope="module")
def _few_collections() -> Iterator[None]:
    """Drawing calls makes millions of small objects, hardly any of them in a cycle."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def task_of(week: str, name: str) -> Task:
    return WEEKS[week].task(name)


def together(answers: list[Answer]) -> list[Any]:
    """Parameters whose tests share a worker with all others on the same task, and its draws."""
    return [pytest.param(a, marks=pytest.mark.xdist_group(a.task), id=str(a)) for a in answers]


@pytest.mark.parametrize("start", range(0, SEEDS, BLOCK))
@pytest.mark.parametrize(
    ("week", "name"),
    [pytest.param(*task, marks=pytest.mark.xdist_group(task[1])) for task in TASKS],
)
def test_every_known_mistake_loses_points_under_its_own_name(
    week: str, name: str, start: int
) -> None:
    """Across the seeds, each variant of each mistake is judged as a student's work would be."""
    task = task_of(week, name)
    for seed in range(start, start + BLOCK):
        calls = drawn(week, name, seed)  # drawing checks that they are fair and telling
        right = judge(task, calls, [task.expected(call) for call in calls])
        assert right.status is Status.PASSED
        for mistake, seen in task.behaviours(calls):
            verdict = judge(task, calls, seen)
            assert verdict.score is not None
            assert verdict.score < task.points, (seed, mistake.name)
            assert mistake.name in {m.name for m in verdict.mistakes}, (seed, mistake.name)


def seeds_for(answer: Answer) -> Iterator[int]:
    """A few seeds for each answer, others for the next, so that all are used."""
    if SKIPPED[answer.week]:
        pytest.skip(SKIPPED[answer.week])
    # Compiling takes its time.
    few = 1 if WEEKS[answer.week].requires else FEW[answer.kind]
    first = CORPUS.index(answer) * few
    return (seed % SEEDS for seed in range(first, first + few))


@pytest.mark.parametrize("answer", together([a for a in CORPUS if a.kind == "correct"]))
def test_correct_work_gets_full_marks(answer: Answer) -> None:
    """However odd, right is right."""
    task = task_of(answer.week, answer.task)
    for seed in seeds_for(answer):
        calls = drawn(answer.week, answer.task, seed)
        verdict = judge(task, calls, observed(answer, calls))
        assert verdict.status is Status.PASSED, f"seed {seed}\n{as_text(verdict, task)}"


#: Where students' code takes long to compile, it is tried once, in the test of names.
SLOW = [name for name, week in WEEKS.items() if week.requires]


@pytest.mark.parametrize(
    "answer", together([a for a in CORPUS if a.kind == "mistake" and a.week not in SLOW])
)
def test_mistaken_work_loses_points(answer: Answer) -> None:
    """No known mistake, half of one, or two at once gets full marks."""
    task = task_of(answer.week, answer.task)
    for seed in seeds_for(answer):
        calls = drawn(answer.week, answer.task, seed)
        verdict = judge(task, calls, observed(answer, calls))
        assert verdict.score is not None
        assert verdict.score < task.points, f"seed {seed}"


def early(week: str) -> Any:
    """With a group, as those are begun first: what takes minutes would end alone."""
    marks = [pytest.mark.xdist_group(WEEKS[week].tasks[0].name)] if week in SLOW else []
    return pytest.param(week, marks=marks)


@pytest.mark.parametrize("week", [early(week) for week in WEEKS])
def test_nearly_all_mistaken_work_is_named(week: str) -> None:
    """Nine of ten, in codes that the marking notes were not written from.

    Those that the corpus calls unnamed count, too: under any name. Of those that take long to
    compile, every other one. Few seeds: drawing takes longer than judging.
    """
    if SKIPPED[week]:
        pytest.skip(SKIPPED[week])
    named, missed = 0, []
    mistaken = [a for a in CORPUS if a.week == week and a.kind == "mistake"]
    for number, answer in enumerate(mistaken[:: 2 if week in SLOW else 1]):
        task = task_of(week, answer.task)
        calls = drawn(week, answer.task, number % FEW["mistake"])
        verdict = judge(task, calls, observed(answer, calls))
        assert verdict.score is not None
        assert verdict.score < task.points, answer
        names = {mistake.name for mistake in verdict.mistakes}
        if answer.name in names or (answer.name == "unnamed" and names):
            named += 1
        else:
            missed.append(str(answer))
    assert named >= 0.9 * (named + len(missed)), missed


def test_the_corpus_covers_every_task() -> None:
    """Each task has correct and mistaken code of students."""
    for week, name in TASKS:
        kinds = {answer.kind for answer in CORPUS if (answer.week, answer.task) == (week, name)}
        assert kinds == {"correct", "mistake"}, name


@pytest.mark.parametrize("week", WEEKS.values(), ids=WEEKS)
def test_a_week_has_20_points_by_machine(week: Week) -> None:
    """And no mistake or criterion without words for it."""
    assert sum(task.points for task in week.tasks) == 20
    for task in week.tasks:
        assert all(mistake.hint.strip().endswith((".", "!", "?")) for mistake in task.mistakes)
        assert all(criterion.name.strip() for criterion in task.criteria)


def test_the_central_difference_approaches_the_slope_like_h_squared() -> None:
    """Theory: the error of a central difference is h²/6 f''' plus higher orders."""
    reference = task_of("week1_slopes", "central_difference").reference
    f, x = Function("sin(x) + x**3"), 0.7
    third = -math.cos(x) + 6
    slope = float(derivative(f, x))
    for h in (0.1, 0.05, 0.025):
        error = float(reference(f, x, h)) - slope
        assert error == pytest.approx(third * h**2 / 6, rel=0.01)


def test_the_numerical_gradient_approaches_the_gradient_like_h_squared() -> None:
    """Halving h divides the error by four, in both coordinates."""
    reference = task_of("week3_descent_2d", "numerical_gradient").reference
    f, v = Function("sin(v[0]) * v[1]**3 + exp(v[0] * v[1])"), np.array([0.4, 0.8])
    exact = np.array(
        [
            math.cos(0.4) * 0.8**3 + 0.8 * math.exp(0.32),
            3 * math.sin(0.4) * 0.8**2 + 0.4 * math.exp(0.32),
        ]
    )
    wide, narrow = (np.abs(np.asarray(reference(f, v, h)) - exact) for h in (0.02, 0.01))
    assert wide / narrow == pytest.approx([4.0, 4.0], rel=0.01)


def test_the_hessian_is_that_of_the_formula() -> None:
    """Second derivatives by hand, mixed ones included, at a place without symmetry."""
    reference = task_of("week4_curvature", "hessian").reference
    f, (x, y) = Function("sin(v[0] * v[1]) + v[0]**3 * v[1]"), (0.7, 1.3)
    mixed = math.cos(x * y) - x * y * math.sin(x * y) + 3 * x**2
    exact = [
        [-(y**2) * math.sin(x * y) + 6 * x * y, mixed],
        [mixed, -(x**2) * math.sin(x * y)],
    ]
    assert reference(f, np.array([x, y])) == pytest.approx(np.array(exact), abs=1e-12)


def test_newton_doubles_the_digits() -> None:
    """Near a minimum the error of a step is about a constant times the old error squared."""
    reference = task_of("week4_curvature", "newton").reference
    f = Function("exp(v[0] - 1) - v[0] + (v[1] - v[0])**2 + v[1]**4 / 4 - v[1]")
    path = reference(f, np.array([1.3, 1.2]), 4)  # the minimum is at (1, 1)
    errors = np.linalg.norm(path - 1, axis=1)
    constants = errors[1:4] / errors[:3] ** 2
    assert errors[4] < 1e-8
    assert constants.max() < 2 * constants.min()


def test_momentum_forgets_at_the_square_root_of_beta() -> None:
    """Theory: with complex roots, each step on a parabola leaves sqrt(beta) of the energy norm."""
    reference = task_of("week4_curvature", "momentum_descent").reference
    lr, beta = 0.1, 0.5
    path = reference(Function("3*v[0]**2 + 5*v[1]**2"), np.array([1.0, -2.0]), lr, beta, 40)
    for curvature, x in zip((6.0, 10.0), path.T, strict=True):
        middle = 1 + beta - lr * curvature  # x[k+1] = middle x[k] - beta x[k-1]
        energy = x[1:] ** 2 - middle * x[1:] * x[:-1] + beta * x[:-1] ** 2
        assert energy[1:] / energy[:-1] == pytest.approx(beta)


def test_values_that_the_course_states() -> None:
    """The worked values of the task texts."""
    square, surface = Function("x**2"), Function("v[0]**2 + sin(v[1])")
    reference = {name: task_of(week, name).reference for week, name in TASKS}
    assert reference["central_difference"](Function("x**3"), 1.0, 0.1) == pytest.approx(3.01)
    path = reference["gradient_descent"](square, 4.0, 0.75, 3)
    assert np.asarray(path) == pytest.approx([4, -2, 1, -0.5])
    end = np.asarray(reference["gradient_descent_2d"](surface, np.array([-2.0, -2.0]), 0.25, 10))
    assert end[-1] == pytest.approx([-0.0020, -1.5955], abs=1e-4)
    after = pytest.approx([1.6154, 2.7692], abs=1e-4)
    assert reference["fuse"](1, 4, 3, 9) == after
    assert reference["newton_fuse"](-50.0, 1, 4, 3, 9) == after
    beliefs = reference["kalman_1d"](np.array([3.0, 5.0]), 1.0, 3.0, 1.0, 9.0)
    assert beliefs[0] == after
    assert beliefs[1] == pytest.approx([2.6145, 2.6566], abs=1e-4)
    valley, v0 = Function("5*v[0]**2 + 5*v[1]**2 - 9*v[0]*v[1]"), np.array([4.0, 2.0])
    odd = Function("v[0]**2 * v[1]**3")
    bends = reference["hessian"](odd, np.array([1.0, 2.0]))
    assert bends == pytest.approx(np.array([[16, 24], [24, 12]]))
    assert reference["newton"](valley, v0, 1) == pytest.approx(np.array([[4, 2], [0, 0]]))
    assert reference["newton"](odd, np.array([1.0, 2.0]), 1)[-1] == pytest.approx([0.75, 1.5])
    rolled = reference["momentum_descent"](valley, v0, 0.1, 0.5, 3)
    assert rolled[1:] == pytest.approx(np.array([[1.8, 3.6], [2.14, 2.42], [2.348, 1.336]]))
    curve = Function("x - 4*x**2 + x**4/4")
    assert reference["slope"](curve)(2.0) == pytest.approx(-7)
    assert reference["slopes"](curve, np.array([0, 1, 2])) == pytest.approx([1, -6, -7])
    path = reference["gradient_descent_jax"](square, 4, 0.75, 3)
    assert path == pytest.approx([4, -2, 1, -0.5])
    path = reference["gradient_descent_jax"](valley, v0, 0.1, 2)
    assert path == pytest.approx(np.array([[4, 2], [1.8, 3.6], [3.24, 1.62]]))
    assert reference["hessian_of"](valley)(v0) == pytest.approx(np.array([[10, -9], [-9, 10]]))
    poly = Function("v[0] - 4*v[0]**2 + v[0]**4/4 + v[1]**2")
    climbed = reference["newton"](poly, np.array([1.0, 0.0]), 1)
    assert climbed[-1] == pytest.approx([-0.2, 0.0])
    assert poly(climbed[-1]) > poly(climbed[0])


def test_the_filter_finds_its_level_and_forgets_its_start() -> None:
    """Theory: the variance settles where P² + QP = QR; of the start, 1 - gain is left each time."""
    reference = task_of("week6_kalman", "kalman_1d").reference
    zs, Q, R = np.zeros(60), 1.0, 6.0
    near, far = (np.asarray(reference(zs, start, 9.0, Q, R)) for start in (1.0, 1001.0))
    assert far[:, 1] == pytest.approx(near[:, 1])
    assert near[-1, 1] == pytest.approx(2.0)
    apart = far[:, 0] - near[:, 0]
    assert apart[11] / apart[10] == pytest.approx(2 / 3, rel=1e-4)


def test_a_sequence_of_updates_is_one_weighted_average() -> None:
    """Without drift the filter is least squares: all at once gives what one by one does."""
    reference = task_of("week6_kalman", "kalman_1d").reference
    zs, m0, P0, R = np.array([3.0, -1.0, 4.5, 2.0]), 1.0, 3.0, 9.0
    weights = np.array([1 / P0, *np.full(len(zs), 1 / R)])
    mean = np.average([m0, *zs], weights=weights)
    assert reference(zs, m0, P0, 0.0, R)[-1] == pytest.approx([mean, 1 / weights.sum()])


def test_a_prediction_is_what_a_cloud_of_points_does() -> None:
    """Mean and covariance of points that are moved by F and shaken by Q, up to sampling noise."""
    reference = task_of("week6_kalman", "predict").reference
    rng = np.random.default_rng(5)
    m, P = np.array([2.0, -1.0]), np.array([[3.0, 0.5], [0.5, 1.0]])
    F, Q = np.array([[1.0, 0.7], [-0.2, 0.8]]), np.array([[0.6, 0.1], [0.1, 0.9]])
    cloud = rng.multivariate_normal(m, P, 200_000) @ F.T
    cloud += rng.multivariate_normal(np.zeros(2), Q, len(cloud))
    mean, covariance = reference(m, P, F, Q)
    assert cloud.mean(axis=0) == pytest.approx(mean, abs=0.03)
    assert np.cov(cloud.T) == pytest.approx(covariance, abs=0.05)
