"""Feedback on results that no function returns: soon, and short, whatever they claim to be."""

from __future__ import annotations

import time
from math import prod
from typing import Any

import pytest
from conftest import ROOT
from examples import DESCEND, SCALE, any_json
from fuzzing import fuzzed
from hypothesis import given
from hypothesis import strategies as st

from autograder.feedback.markup import as_html
from autograder.feedback.words import as_text
from autograder.grading.course import Course
from autograder.marking.judge import Status, judge
from autograder.marking.task import Task

Json = dict[str, Any]
COURSE = Course(ROOT)
ASKED = {
    "week1_slopes": ["central_difference", "grid_slope"],
    "week3_descent_2d": ["surface_grid", "gradient_descent_2d", "gradient_field"],
    "week6_kalman": ["fuse", "predict", "kalman_1d"],
}
#: One of each kind of picture, each with its calls.
TASKS = [DESCEND, SCALE] + [COURSE.week(w).task(t) for w, names in ASKED.items() for t in names]
CALLS = {task.name: task.draw(0) for task in TASKS}


def explained(task: Task, observation: Any) -> None:
    """There is a page and a text, soon, and neither is long."""
    calls = CALLS[task.name]
    verdict = judge(task, calls, [observation] * len(calls))
    assert verdict.status in (Status.FAILED, Status.PASSED, Status.NOT_REACHED)
    started = time.process_time()
    page, text = as_html(verdict, task), as_text(verdict, task)
    assert time.process_time() - started < 1
    assert len(page) < 400_000
    assert len(text) < 30_000


@pytest.fixture(autouse=True, scope="module")
def _warm() -> None:
    """Matplotlib is there already: what is measured is the drawing."""
    for task in TASKS:
        calls = CALLS[task.name]
        as_html(judge(task, calls, [{"shape": [2], "values": [1.0, 9.0]}] * len(calls)), task)


HUGE = (10**9, 2**31, 2**62, 2**63, 10**30, 10**400)
EMPTY = [
    *([n, 0] for n in HUGE),
    *([0, n] for n in HUGE),
    *([2, n, 0] for n in HUGE),
    *([n, 0, 2] for n in HUGE),
    [10**9, 10**9, 0],
    [0] * 8,
    [0] * 9,
    [10**9, 0, *[10**9] * 6],
]
FULL = [
    [20_000],
    [20_001],
    [2, 10_000],
    [10_000, 2],
    [2, 100, 100],
    [141, 141],
    [10] * 4,
    [300_000],
]
each_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)


@each_task
def test_nothing_is_listed_that_is_not_there(task: Task) -> None:
    """A billion rows without a number in them are told like any other wrong shape."""
    for shape in EMPTY:
        explained(task, {"shape": shape, "values": []})
        explained(task, {"parts": [{"shape": shape, "values": []}, {"shape": [0], "values": []}]})


def branching(leaf: Json, depth: int, width: int, kind: str) -> Json:
    """Results in results."""
    if not depth:
        return leaf
    inner = branching(leaf, depth - 1, width, kind)
    if kind == "parts":
        return {"parts": [inner] * width}
    return {"entries": {f"key {k}": inner for k in range(width)}}


@pytest.mark.parametrize("kind", ["parts", "entries"])
@pytest.mark.parametrize(("depth", "width"), [(3, 20), (5, 8), (60, 1), (1, 10_000)])
def test_what_is_in_one_another_is_told_soon(kind: str, depth: int, width: int) -> None:
    """Lists and dicts of lists and dicts, wide or deep, the same one over and over."""
    for leaf in ({"shape": [10**9, 0], "values": []}, {"text": "x" * 2000}, {"nothing": True}):
        for task in TASKS[:2]:
            explained(task, branching(leaf, depth, width, kind))


@each_task
@pytest.mark.parametrize("value", [1.0, "nan"])
def test_many_numbers_are_told_as_soon_as_few(task: Task, value: float | str) -> None:
    """As many as a kernel sends, and more."""
    for shape in FULL:
        explained(task, {"shape": shape, "values": [value] * prod(shape)})


lengths = st.sampled_from([0, 1, 2, 3, 4, 5, 17, True, -1, 2.0, "2", None, *HUGE])
entries = st.one_of(
    st.floats(), st.integers(), st.booleans(), st.sampled_from(["nan", "inf", "-inf", "x", None]),
    st.sampled_from([10**400, -(10**400), 1e308, 5e-324]),
)  # fmt: skip
arrays = st.fixed_dictionaries(
    {"shape": st.lists(lengths, max_size=9), "values": st.lists(entries, max_size=20)}
)
fitting = st.lists(st.integers(0, 4), max_size=3).flatmap(
    lambda shape: st.fixed_dictionaries(
        {
            "shape": st.just(shape),
            "values": st.lists(
                st.floats(allow_nan=False), min_size=prod(shape), max_size=prod(shape)
            ),
        }
    )
)
extras = st.fixed_dictionaries(
    {},
    optional={
        "singletons": any_json, "mutated": any_json, "evaluations": any_json, "names": any_json,
        "seconds": any_json,
    },
)  # fmt: skip
hostile = st.one_of(
    any_json,
    st.tuples(st.one_of(arrays, fitting), extras).map(lambda pair: {**pair[0], **pair[1]}),
    st.lists(st.one_of(arrays, fitting, any_json), max_size=3).map(lambda parts: {"parts": parts}),
    st.lists(st.one_of(fitting, any_json), max_size=3).map(lambda p: {"parts": p, "set": True}),
    st.dictionaries(st.text(max_size=4), st.one_of(arrays, fitting, any_json), max_size=3).map(
        lambda entries: {"entries": entries, "bools": True, "bare": [*entries][:1]}
    ),
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("error", "text", "nothing", "unsupported", "values"), any_json)
    ),
    st.fixed_dictionaries(
        {"error": st.dictionaries(st.sampled_from(["type", "message", "line"]), any_json)}
    ),
)  # fmt: skip


@fuzzed(40)
@given(st.sampled_from(TASKS), hostile)
def test_fuzz_results(task: Task, observation: Any) -> None:
    """Whatever the student's process has sent, it is explained within a second."""
    explained(task, observation)
