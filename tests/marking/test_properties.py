"""A criterion may ask for a property or for an error, and a task may keep its answer to itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from examples import any_json, forged, quick
from hypothesis import given

from autograder.errors import CannotDraw, TaskError
from autograder.feedback.markup import as_html
from autograder.feedback.results import describe
from autograder.feedback.words import as_text
from autograder.marking.agreement import matches
from autograder.marking.calls import Call
from autograder.marking.criteria import Criterion, Mistake
from autograder.marking.judge import Status, Verdict, judge
from autograder.marking.properties import breach, plain, raised
from autograder.marking.task import Task
from autograder.observation.arguments import Generator
from autograder.observation.observe import observe_call
from autograder.observation.values import normalise

Json = dict[str, Any]


def shuffled(items: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One right answer of many."""
    return rng.permutation(items)


def is_shuffled(call: Call, result: Any) -> Any:
    (items, _) = call.arguments
    if np.shape(result) != items.shape:
        return "as many items as there were"
    return sorted(result) == sorted(items) or "the items themselves, each once"


SHUFFLED = Task(
    shuffled,
    [
        Criterion(
            "a shuffle",
            2,
            lambda rng: [Call(rng.permutation(5), Generator(int(rng.integers(99))))],
            holds=is_shuffled,
        )
    ],
    [Mistake("with repeats", "Draw without.", lambda items, rng: rng.choice(items, len(items)))],
)


def root(x: float) -> float:
    if x < 0:
        raise ValueError("no root")
    return float(np.sqrt(x))


ROOT = Task(
    root,
    [
        Criterion("a root", 1, lambda rng: [Call(float(rng.integers(2, 9)))]),
        Criterion("none below 0", 1, lambda rng: [Call(-2.0)], raises="ValueError"),
    ],
    [Mistake("nan below 0", "Raise.", lambda x: np.sqrt(x))],
)


def verdict(task: Task, function: Callable[..., Any]) -> Verdict:
    calls = task.draw(0)
    seen = [observe_call(function, call.to_json()) for call in calls]
    return judge(task, calls, json.loads(json.dumps(seen)))


@pytest.mark.parametrize(
    "function",
    [shuffled, lambda items, rng: list(items)[::-1], lambda items, rng: tuple(sorted(items))],
)
def test_whatever_has_the_property_is_right(function: Callable[..., Any]) -> None:
    """Any valid shuffle, not the reference's."""
    assert verdict(SHUFFLED, function).score == 2


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda items, rng: items[1:], "as many items as there were"),
        (lambda items, rng: items * 0, "the items themselves, each once"),
        (lambda items, rng: None, "as many items as there were"),
        (lambda items, rng: 1 / 0, "not one of the mistakes we know"),
        (lambda items, rng: b"x", "not one of the mistakes we know"),
    ],
)
def test_what_has_it_not_is_told_why(function: Callable[..., Any], reason: str) -> None:
    """In the author's words; and nothing is said to have been expected."""
    found = verdict(SHUFFLED, function)
    assert found.score == 0
    for text in (as_text(found, SHUFFLED), as_html(found, SHUFFLED)):
        assert reason in text
        assert "expected" not in text
        assert "returned" in text


def test_a_property_may_look_at_what_was_given_by_name() -> None:
    """Made anew each time, like what was given by position."""
    call = Call([1, 2], count=2, table={"a": np.array([1.0])})
    assert call.named["count"] == 2
    call.named["table"]["a"] += 1
    assert call.named["table"]["a"].tolist() == [1.0]
    assert Call(1).named == {}


@pytest.mark.parametrize(
    "result", [{3: 1.0, (1, "a"): None}, {1.0, "a"}, {(1.0, 2.0)}, {"b": {2: {"x"}}}]
)
def test_a_property_sees_sets_and_keys_as_they_were(result: Any) -> None:
    """A number is no text."""
    seen: list[Any] = []
    assert breach(lambda call, plain: seen.append(plain), Call(), normalise(result)) is None
    assert seen == [result]


@pytest.mark.parametrize(
    "spoilt",
    [
        {"entries": {"[]": {"nothing": True}}, "bare": ["[]"]},
        {"entries": {"x": {"nothing": True}}, "bare": ["x"]},
        {"parts": [{"entries": {}}], "set": True},
    ],
)
def test_a_key_that_is_none_has_no_property(spoilt: Any) -> None:
    """What comes from a student's process may be anything."""
    assert "another form" in str(breach(lambda call, plain: True, Call(), spoilt))
    assert describe(spoilt)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({3: 1}, {np.int64(3): 1.0}, True),
        ({3: 1}, {"3": 1}, False),
        ({3: 1, 4: 1}, {4: 1, 3: 1}, True),
        ({2, 1}, {1.0, 2.0}, True),
        ({1, 2}, [1, 2], False),
        ({1, 2}, {1, 3}, False),
        ({1}, {1, 2}, False),
        (set(), [], False),
        (set(), {}, False),
    ],
)
def test_sets_and_keys_agree_as_they_do_for_their_author(one: Any, other: Any, same: bool) -> None:
    """A set has no order, and is no list."""
    for a, b in ((one, other), (other, one)):
        assert matches(normalise(a), normalise(b), 1e-4, 1e-5) == same


def test_a_result_that_the_property_cannot_look_at_has_it_not() -> None:
    """An exception of the property is no fault of the grader."""
    said = breach(lambda call, result: result["a"] > 0, Call(), normalise([1.0]))
    assert said is not None
    assert "another form than is asked" in said


def test_a_property_that_fails_on_the_reference_is_its_authors_mistake() -> None:
    """It is not the reference that has another form."""

    def one() -> float:
        return 1.0

    asked = Criterion("a", 1, lambda rng: [Call()], holds=lambda result: result > 0)
    with pytest.raises(CannotDraw, match="holds itself fails on what the reference"):
        Task(one, [asked]).draw(0)


def test_a_random_answer_is_asked_for_its_statistics() -> None:
    """With a tolerance of the author's own; a seed makes the reference the same each time."""

    def noise(n: int, rng: np.random.Generator) -> np.ndarray:
        return rng.normal(0.0, 1.0, n)

    def standard(call: Call, result: np.ndarray) -> Any:
        return abs(result.std() - 1) < 0.2 or f"a spread near 1, not {result.std():.2f}"

    criterion = Criterion("spread", 1, lambda rng: [Call(500, Generator(3))], holds=standard)
    task = Task(noise, [criterion], [Mistake("flat", "Draw.", lambda n, rng: np.zeros(n))])
    assert verdict(task, lambda n, rng: np.random.default_rng(1).normal(size=n)).score == 1
    assert "not 0.00" in as_text(verdict(task, lambda n, rng: [1.0] * n), task)


class Negative(ValueError):
    pass


def fails_with(error: Exception) -> Callable[[float], float]:
    def function(x: float) -> float:
        if x < 0:
            raise error
        return x**0.5

    return function


@pytest.mark.parametrize("error", [ValueError(), Negative("own"), UnicodeError("kind")])
def test_the_error_that_is_asked_earns_its_points(error: Exception) -> None:
    """Or any kind of it."""
    assert verdict(ROOT, fails_with(error)).score == 2


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda x: abs(x) ** 0.5, "no ValueError was raised"),
        (fails_with(TypeError()), "a ValueError should be raised, and not another error"),
        (fails_with(NotImplementedError()), "not solved yet"),
    ],
)
def test_another_error_or_none_does_not(function: Callable[..., Any], reason: str) -> None:
    """The untouched stub's neither."""
    found = verdict(ROOT, function)
    assert found.score == 1
    assert reason in as_text(found, ROOT)


def test_a_mistake_is_recognised_where_an_error_is_asked() -> None:
    """By what it does instead."""
    with pytest.warns(RuntimeWarning):
        found = verdict(ROOT, lambda x: np.sqrt(x))
    assert [m.name for m in found.mistakes] == ["nan below 0"]


@pytest.mark.parametrize("kind", ["Exception", "NotImplementedError", "Wrong", "print"])
def test_an_error_that_says_nothing_cannot_be_asked(kind: str) -> None:
    """It would be earned by any slip, or by the stub."""
    with pytest.raises(TaskError, match="builtin error other than"):
        Task(root, [Criterion("a", 1, lambda rng: [Call(1.0)], raises=kind)])


@pytest.mark.parametrize(
    ("criterion", "said"),
    [
        (Criterion("a", 1, lambda rng: [Call(4.0)], raises="ValueError"), "no ValueError was"),
        (Criterion("a", 1, lambda rng: [Call(-4.0)], raises="KeyError"), "a KeyError should be"),
        (Criterion("a", 1, lambda rng: [Call(4.0)], holds=lambda c, r: "too small"), "too small"),
        (Criterion("a", 1, lambda rng: [Call(4.0)], holds=lambda c, r: r.shape), "AttributeError"),
        (Criterion("a", 1, lambda rng: [Call(-1e-9)], raises="ValueError"), ""),
    ],
)
def test_a_reference_that_does_not_earn_it_is_unfair(criterion: Criterion, said: str) -> None:
    """The author is told which call, and why."""
    task = Task(root, [criterion])
    if not said:
        assert task.draw(0)
        return
    with pytest.raises(CannotDraw, match="the reference") as caught:
        task.draw(0, tries=2)
    assert said in str(caught.value)


def test_a_property_at_its_edge_is_unfair() -> None:
    """Rounding would decide."""
    at_most = Criterion("a", 1, lambda rng: [Call(0.1)], holds=lambda call, result: result <= 0.1)
    with pytest.raises(CannotDraw, match="rounding to float32 changes whether"):
        Task(lambda x: x, [at_most]).draw(0, tries=2)


def test_a_mistake_that_has_the_property_escapes() -> None:
    """The set of calls has to be telling here, too."""
    always = Criterion("a", 1, lambda rng: [Call(2.0)], holds=lambda call, result: result > 0)
    with pytest.raises(CannotDraw, match="'doubles' cannot be told from the reference"):
        Task(root, [always], [Mistake("doubles", "Don't.", lambda x: 2 * x)]).draw(0, tries=2)


def test_what_is_asked_for_once_is_not_given_away() -> None:
    """Where the answer is one value, feedback does not say it."""

    def answer() -> str:
        return "seventeen"

    task = Task(answer, [Criterion("right", 1, lambda rng: [Call()])], reveal=False)
    found = verdict(task, lambda: "eighteen")
    assert found.score == 0
    assert verdict(task, lambda: "seventeen").score == 1
    for text in (as_text(found, task), as_html(found, task), json.dumps(found.to_json())):
        assert "seventeen" not in text
        assert "eighteen" in text
    assert found.criteria[0].status is Status.FAILED


@pytest.mark.parametrize(
    "value", [1.5, True, "left", None, [1.0, "a"], {"a": {"b": None}}, [[True], "x"]], ids=str
)
def test_a_plain_result_is_what_was_returned(value: Any) -> None:
    """There and back."""
    again = plain(normalise(value))
    assert again == value or again[0].tolist() == value[0]


@quick
@given(forged | any_json)
def test_any_forgery_has_an_answer(observation: Any) -> None:
    """Neither a property nor an error can be made to raise."""
    assert isinstance(breach(lambda call, result: result > 3, Call(), observation), str | None)
    assert isinstance(raised("ValueError", observation), str | None)
