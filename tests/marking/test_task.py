"""Drawing calls: the same for the same seed, fair to right answers, telling wrong ones."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import nbformat
import numpy as np
import pytest
import torch
from examples import (
    DESCEND,
    NEWTON,
    SCALE,
    SECANT,
    TASKS,
    any_json,
    forged,
    nested,
    quick,
    scale,
    thorough,
)
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import AutograderError, CannotDraw, TaskError
from autograder.marking.agreement import as_array, matches
from autograder.marking.calls import Call
from autograder.marking.criteria import Criterion, Mistake
from autograder.marking.fairness import unfair
from autograder.marking.task import Task
from autograder.marking.telling import untelling
from autograder.observation.arguments import Generator
from autograder.observation.functions import Function
from autograder.observation.observe import observe_call

Json = dict[str, Any]


def double(x: Any) -> Any:
    """A reference of the simplest kind."""
    return 2 * x


def asks(*calls: Call) -> list[Criterion]:
    """One criterion that always asks the same."""
    return [Criterion("everything", points=1, calls=lambda rng: list(calls))]


def mistake(name: str, *behaves_like: Callable[..., Any], stateful: bool = False) -> Mistake:
    return Mistake(name, f"Not {name}.", behaves_like, stateful=stateful)


def draw_fails(task: Task, match: str, tries: int = 3) -> str:
    with pytest.raises(CannotDraw, match=match) as caught:
        task.draw(0, tries=tries)
    assert f"task {task.name}" in str(caught.value)
    return str(caught.value)


# --- Calls ---------------------------------------------------------------------------------


def test_a_call_travels_as_json() -> None:
    """Arguments of every kind, the criterion and the number survive."""
    call = (
        Call(Function("x"), 1.5, 2, "left", np.array([1.0, 2.0]), torch.tensor(3.0))
        .times(2)
        .asked_by("all", 7)
    )
    again = Call.from_json(json.loads(json.dumps(call.to_json())))
    assert again == call
    assert hash(again) == hash(call)
    assert (again.criterion, again.index, again.question["times"]) == ("all", 7, 2)


def test_a_call_is_the_same_question_whoever_asks_it() -> None:
    """The key is about arguments and repetitions, not about criterion and position."""
    call = Call(1.0, 2)
    assert call.asked_by("a", 1).key == call.asked_by("b", 2).key
    assert call.asked_by("a", 1) != call.asked_by("b", 1)
    assert Call(1.0).key != Call(1).key
    assert Call(1.0).key != Call(1.0).times(2).key
    assert call != "something else"


def test_a_call_reads_as_a_student_would_type_it() -> None:
    """Name, parentheses, arguments; functions in the task's library."""
    call = Call(Function("sin(x)"), -0.5, np.array([1.0]), 3)
    assert call.source("slope", "np") == "slope(lambda x: np.sin(x), -0.5, np.array([1.0]), 3)"
    # A student may hand tensors to f, or numbers.
    either = "lambda x: (torch if torch.is_tensor(x) else np).sin(x)"
    assert call.source("slope") == f"slope({either}, -0.5, np.array([1.0]), 3)"
    assert repr(Call(1.0)) == "Call(1.0)"


def test_a_call_has_arguments_by_name_and_options_chained() -> None:
    """Each option makes another call; the first one stays as it was."""
    plain = Call(1.0, [True, None], n=3)
    call = plain.times(2).then(2.0)
    assert plain.source("g") == "g(1.0, [True, None], n=3)"
    assert call.source("g") == "[g(1.0, [True, None], n=3)(2.0) for _ in range(2)][-1]"
    assert plain.jit(0).source("g") == "jax.jit(g, static_argnums=(0,))(1.0, [True, None], n=3)"
    assert Call(times=2, then=1).source("g") == "g(times=2, then=1)"
    assert Call.from_json(json.loads(json.dumps(call.to_json()))) == call
    assert len({plain.key, call.key, Call(1.0, [True, None]).key}) == 3


def test_arguments_by_name_reach_the_function_and_are_watched() -> None:
    """By their names, whatever the student calls the others; a change to one is seen."""

    def fill(a: Any, *, rows: list[Any], scale: float = 1.0) -> float:
        rows.append(a)
        return scale * len(rows)

    seen = observe_call(fill, Call(5.0, scale=2.0, rows=[1.0]).to_json())
    assert seen["values"] == [4.0]
    assert seen["mutated"] == [2]


@pytest.mark.parametrize(
    ("argument", "change"),
    [
        ([1.0, 2.0], list.clear),
        ([[1.0], [2.0]], lambda rows: rows[1].append(3.0)),
        ({"a": 1.0}, lambda entries: entries.update(a=2.0)),
        ({"a": {"b": 1.0}}, lambda entries: entries["a"].pop("b")),
        ({"w": np.ones(2)}, lambda entries: entries["w"].fill(2)),
        ([1, 2], lambda items: items.__setitem__(0, object())),
        ([1, 2], lambda items: items.__setitem__(0, items)),
    ],
    ids=["clear", "inner list", "dict", "inner dict", "array in a dict", "an object", "itself"],
)
def test_a_change_inside_of_an_argument_is_seen(argument: Any, change: Any) -> None:
    """Lists, dicts and what they hold."""
    assert observe_call(change, Call(argument).to_json())["mutated"] == [0]
    assert observe_call(lambda argument: 1.0, Call(argument).to_json())["mutated"] == []


def test_a_generator_is_there_to_be_used() -> None:
    """Drawing from it is no change of an argument, and every call begins at the seed."""
    call = Call(Generator(3)).to_json()
    first, second = (observe_call(lambda rng: rng.random(), call) for _ in range(2))
    assert first["values"] == second["values"]
    assert first["mutated"] == []


def test_a_call_refuses_what_cannot_be_sent() -> None:
    """A plain function has no formula, so a call cannot hold it."""
    with pytest.raises(TypeError, match="may not contain"):
        Call(abs)


# --- What makes a task ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"criteria": []}, "needs criteria"),
        ({"criteria": [Criterion("a", 0, lambda rng: [])]}, "points above 0"),
        ({"criteria": [Criterion("a", -1, lambda rng: [])]}, "points above 0"),
        ({"criteria": [Criterion("a", 1, lambda rng: [])] * 2}, "two criteria"),
        ({"mistakes": [mistake("m", abs), mistake("m", abs)]}, "two mistakes"),
        ({"criteria": asks(Call(1.0))[0]}, r"criteria is a list, \[Criterion"),
        ({"mistakes": mistake("m", abs)}, r"mistakes is a list, \[Mistake"),
        ({"mistakes": [abs]}, r"mistakes is a list, \[Mistake"),
        ({"precision": "float16"}, "precision"),
        ({"indistinguishable": [("m", "nobody")]}, "names no mistake: {'(m|nobody)'"),
    ],
)
def test_a_task_that_contradicts_itself_is_refused(changes: Json, match: str) -> None:
    """The error is the author's, names the task, and is raised when the task is made."""
    with pytest.raises(TaskError, match=match) as caught:
        Task(**{"reference": double, "criteria": asks(Call(1.0)), **changes})
    assert "task double" in str(caught.value)
    assert isinstance(caught.value, AutograderError)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"points": "3"}, "'all': points is a number, and not '3'"),
        ({"calls": [Call(1.0)]}, "'all': calls is a function"),
        ({"holds": "positive"}, "'all': holds is a function"),
        ({"raises": ValueError}, "'all': raises is a name as text, raises='ValueError'"),
    ],
)
def test_a_criterion_that_is_none_is_refused(changes: Json, match: str) -> None:
    """By its name, before anything is drawn."""
    with pytest.raises(TaskError, match=match):
        Criterion(**{"name": "all", "points": 1, "calls": lambda rng: [], **changes})


def test_a_reference_is_a_function_with_a_name() -> None:
    """The task's own."""
    with pytest.raises(TaskError, match="it is a function, def name"):
        Task("double", asks(Call(1.0)))  # type: ignore[arg-type]


def test_a_reference_may_not_do_what_costs_points() -> None:
    """Who leaves the argument as it was would be the only one to lose them."""

    def total(items: list[float]) -> float:
        return sum(items.pop() for _ in range(len(items)))

    call = Call([1.0, 2.0])
    assert unfair(Task(total, asks(call)), call) == ""
    assert "changes its argument" in unfair(Task(total, asks(call), untouched=True), call)


def test_a_task_has_the_name_of_its_reference_and_the_points_of_its_criteria() -> None:
    """Nothing is said twice."""
    assert DESCEND.name == "descend"
    assert DESCEND.points == 7
    assert replace(SCALE, criteria=SCALE.criteria[:1]).points == 2


def test_the_reference_is_asked_once_for_each_question() -> None:
    """What it answers is remembered, whoever asks."""
    count = 0

    def counted(x: float) -> float:
        nonlocal count
        count += 1
        return x

    task = Task(reference=counted, criteria=asks(Call(1.0)))
    assert task.expected(Call(3.0)) == task.expected(Call(3.0).asked_by("other", 5))
    assert count == 1


# --- Drawing -------------------------------------------------------------------------------


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_same_seed_draws_the_same_calls(task: Task) -> None:
    """To the bit, and also from a task that is made anew."""
    drawn = [call.to_json() for call in task.draw(7)]
    assert [call.to_json() for call in task.draw(7)] == drawn
    assert [call.to_json() for call in replace(task, criteria=list(task.criteria)).draw(7)] == drawn


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_different_seeds_draw_different_calls(task: Task) -> None:
    """A resubmission meets other questions."""
    draws = {json.dumps([call.to_json() for call in task.draw(seed)]) for seed in range(6)}
    assert len(draws) > 1
    assert len({call.key for seed in (1, 2, 3) for call in task.draw(seed)}) > 3


def test_two_tasks_draw_differently_from_one_seed() -> None:
    """The task's name is part of the seed."""

    def treble(x: float) -> float:
        return 3 * x

    criteria = [Criterion("all", 1, lambda rng: [Call(float(rng.uniform()))])]
    one, other = (Task(reference=f, criteria=criteria) for f in (double, treble))
    assert one.draw(0)[0].args != other.draw(0)[0].args


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_drawn_calls_are_numbered_and_know_their_criterion(task: Task) -> None:
    """Every criterion asks something, in the order of the criteria."""
    calls = task.draw(0)
    assert [call.index for call in calls] == list(range(len(calls)))
    assert list(dict.fromkeys(c.criterion for c in calls)) == [c.name for c in task.criteria]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
@pytest.mark.parametrize("seed", [0, 1, 2**48 - 1])
def test_drawn_calls_are_fair_and_telling(task: Task, seed: int) -> None:
    """What `draw` promises holds for what it returns."""
    calls = task.draw(seed)
    assert [unfair(task, call) for call in calls] == [""] * len(calls)
    assert untelling(task, calls) == ""


def test_unfair_calls_are_dropped() -> None:
    """Of a proposal only the fair calls are kept; the others cost nothing."""

    def root(x: float) -> float:
        return float(np.sqrt(x))

    proposals = [Call(-4.0), Call(4.0), Call("four"), Call(9.0)]
    task = Task(reference=root, criteria=asks(*proposals))
    with np.errstate(invalid="ignore"):
        drawn = task.draw(0)
    assert [call.args for call in drawn] == [[4.0], [9.0]]
    assert [call.index for call in drawn] == [0, 1]


# --- Fairness ------------------------------------------------------------------------------


def test_a_call_on_which_the_reference_raises_is_unfair() -> None:
    """The reason names the error and the call."""

    def fail(x: float) -> float:
        raise ValueError("not at 3")

    reason = unfair(Task(reference=fail, criteria=asks(Call(3.0))), Call(3.0))
    line = fail.__code__.co_firstlineno
    where = f"test_task.py, line {line}"
    assert reason == f"the reference raises ValueError on Call(3.0): not at 3 ({where})"


@pytest.mark.parametrize("behaviour", ["climbs", (), [abs], (abs, None)])
def test_a_mistake_is_something_that_can_be_called(behaviour: Any) -> None:
    """Else it would be found in every work that raises a TypeError."""
    with pytest.raises(TaskError, match="'m': behaves_like is a function, or a tuple of functions"):
        Mistake("m", "Help.", behaves_like=behaviour)


def test_a_reference_that_says_something_else_each_time_is_told_so() -> None:
    """It is not the order of a sum, nor float32."""
    numbers = itertools.count()
    task = Task(lambda x: x + next(numbers), asks(Call(3.0)))
    assert "asked twice, the reference gives two answers" in unfair(task, Call(3.0))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_call_on_which_the_reference_is_not_finite_is_unfair(value: float) -> None:
    """Nothing can be compared with NaN or inf."""
    task = Task(reference=lambda x: [1.0, value], criteria=asks(Call(3.0)))
    assert "not finite" in unfair(task, Call(3.0))


def test_a_gap_in_a_data_frame_is_fair_and_nothing_like_infinity() -> None:
    """Who cleans a table returns gaps; another number, or inf in their place, is wrong."""
    import pandas as pd

    def numbers(texts: list[str]) -> Any:
        return pd.to_numeric(pd.Series(texts), errors="coerce")

    call = Call(["1.5", "n/a"])
    task = Task(numbers, asks(call))
    assert unfair(task, call) == ""
    for right in (lambda texts: [1.5, np.nan], lambda texts: np.array([1.5, np.nan])):
        assert task.breach(call, observe_call(right, call.question)) is None
    for wrong in ([1.5, 0.0], [1.5, np.inf], [np.nan, np.nan], [1.5, None], [1.5]):
        assert task.breach(call, observe_call(lambda texts: wrong, call.question)) is not None  # noqa: B023


def test_a_call_on_which_the_reference_overflows_is_unfair_without_a_warning() -> None:
    """As a proposal it is dropped, which nobody has to read about."""
    task = Task(np.exp, criteria=asks(Call(1000.0)))
    assert "is not finite" in unfair(task, Call(1000.0))


def test_a_call_that_float32_answers_differently_is_unfair() -> None:
    """A student may compute in single precision, unless the task says otherwise."""

    def difference(f: Any, x: float) -> float:
        return (f(x + 1e-6) - f(x)) / 1e-6

    call = Call(Function("x**2"), 1.7)
    single = Task(reference=difference, criteria=asks(call))
    assert "float32" in unfair(single, call)
    assert unfair(Task(reference=difference, criteria=asks(call), precision="float64"), call) == ""


def test_a_call_at_the_edge_of_a_decision_is_unfair() -> None:
    """Where rounding an argument tips the answer, either answer would be right."""

    def side(x: float) -> str:
        return "left" if x < 0.1 else "right"

    task = Task(reference=side, criteria=asks(Call(1.0)))
    assert "float32" in unfair(task, Call(np.nextafter(0.1, 0)))
    assert unfair(task, Call(0.3)) == ""


def test_a_call_that_depends_on_the_order_of_a_sum_is_unfair() -> None:
    """Where reordered arithmetic gives something else, the call is not asked."""

    def value(f: Any, x: float) -> float:
        return f(x)

    cancels = Call(Function("x + 1e17 - 1e17"), 1.0)
    task = Task(reference=value, criteria=asks(cancels), precision="float64")
    assert "another order" in unfair(task, cancels)


def test_arrays_are_rounded_to_float32_too() -> None:
    """A difference of nearly equal entries is unfair in single precision."""

    def last_gap(x: np.ndarray) -> float:
        return (x[1] - x[0]) * 1e6

    call = Call(np.array([1.0, 1.0 + 1e-6]))
    assert "float32" in unfair(Task(reference=last_gap, criteria=asks(call)), call)


def test_no_fair_call_is_an_error_that_names_the_criterion() -> None:
    """The author is told which criterion, and why."""

    def fail(x: float) -> float:
        raise ZeroDivisionError("at once")

    message = draw_fails(Task(reference=fail, criteria=asks(Call(1.0))), "ZeroDivisionError")
    assert "no call of the criterion 'everything' is fair" in message
    assert "in 3 tries with seed 0" in message


def test_a_criterion_that_proposes_nothing_is_an_error() -> None:
    """So is an empty proposal."""
    draw_fails(Task(reference=double, criteria=asks()), "it proposes none")


@pytest.mark.parametrize("result", [{b"x": 1}, 1j, [1.0, b"x"], np.nan, {"a": [np.inf]}], ids=str)
def test_a_reference_whose_answer_cannot_be_compared_is_unfair(result: Any) -> None:
    """What has no values to compare would be matched by a phrase; it is the author's mistake."""
    task = Task(reference=lambda x: result, criteria=asks(Call(1.0)))
    assert unfair(task, Call(1.0)) != ""


def test_the_author_is_told_what_came_back_and_what_can_be_compared() -> None:
    """And where in the result it is."""
    task = Task(reference=lambda x: {"b": [x, b"x"]}, criteria=asks(Call(1.0)))
    draw_fails(
        task, r"compared on Call\(1.0\): a bytes, at result\['b'\]\[1\]. Numbers can be, bools"
    )


@pytest.mark.parametrize("result", [{"a": 1}, "left", [1.0, None], (np.ones(3), 1.0), True])
def test_a_nested_answer_is_fair(result: Any) -> None:
    """So is text, and None in a list."""
    task = Task(reference=lambda x: result, criteria=asks(Call(1.0)))
    assert unfair(task, Call(1.0)) == ""


def test_none_is_an_answer_but_not_the_only_one() -> None:
    """A reference that always returns None has most likely no return."""
    task = Task(reference=lambda x: None if x < 0 else x, criteria=asks(Call(-1.0), Call(1.0)))
    assert len(task.draw(0)) == 2
    draw_fails(Task(reference=lambda x: None, criteria=asks(Call(1.0))), "None on every call")


def test_what_is_inside_of_lists_is_rounded_and_reordered_too() -> None:
    """A set of calls is fair however the numbers are wrapped."""

    def edge(data: dict[str, Any], *, f: Any) -> bool:
        return bool(f(data["points"][0]) > 0.1)

    task = Task(reference=edge, criteria=asks(Call(1.0)))
    call = Call({"points": [0.1 - 1e-12]}, f=Function("x + 0*sin(x)"))
    assert "changes the reference's answer" in unfair(task, call)
    assert unfair(task, Call({"points": [0.3]}, f=Function("x"))) == ""


# --- Telling -------------------------------------------------------------------------------


def test_a_mistake_that_equals_the_reference_is_named() -> None:
    """A behaviour that loses no points on any try is the author's to fix."""
    task = Task(double, asks(Call(1.0)), [mistake("escapes", double), mistake("other", abs)])
    message = draw_fails(task, "the mistake 'escapes' cannot be told from the reference")
    assert "Change what the criteria propose" in message


def test_the_variant_that_escapes_is_numbered() -> None:
    """With several variants it says which."""
    task = Task(double, asks(Call(2.0)), [mistake("two ways", abs, lambda x: x + x)])
    draw_fails(task, r"'two ways' \(variant 2\)")


def test_a_mistake_hidden_by_the_calls_is_named() -> None:
    """Adding 2 looks like doubling at 2; another call reveals it."""
    adds = mistake("adds", lambda x: x + 2)
    draw_fails(Task(double, asks(Call(2.0)), [adds]), "'adds'")
    assert len(Task(double, asks(Call(2.0), Call(3.0)), [adds]).draw(0)) == 2


def test_drawing_tries_until_a_set_is_telling() -> None:
    """Proposals that hide a mistake are drawn again."""
    criteria = [Criterion("all", 1, lambda rng: [Call(float(rng.integers(1, 4)))])]
    task = Task(double, criteria, [mistake("adds", lambda x: x + 2)])
    assert all(call.args != [2.0] for seed in range(8) for call in task.draw(seed))


def test_a_mistake_must_be_clearly_wrong() -> None:
    """A difference near the tolerance is not telling: rounding could hide it."""
    near = mistake("near", lambda x: 2 * x * (1 + 5e-4))
    far = mistake("far", lambda x: 2 * x * (1 + 5e-3))
    draw_fails(Task(double, asks(Call(3.0)), [near]), "'near'")
    assert Task(double, asks(Call(3.0)), [far]).draw(0)


def test_two_equal_mistakes_are_named() -> None:
    """Two hints for one behaviour: neither could be given."""
    pair = [mistake("first", abs), mistake("second", lambda x: abs(x))]
    draw_fails(Task(double, asks(Call(3.0)), pair), "'first' and 'second' cannot be told apart")


def test_two_equal_mistakes_may_be_declared_indistinguishable() -> None:
    """Then they are drawn, in whatever order the pair is written."""
    pair = [mistake("first", abs), mistake("second", lambda x: abs(x))]
    for names in (("first", "second"), ("second", "first")):
        task = Task(double, asks(Call(3.0)), pair, indistinguishable=[names])
        assert len(task.draw(0)) == 1


def test_indistinguishable_excuses_only_that_pair() -> None:
    """A third equal mistake still has to be told apart."""
    three = [mistake(name, abs) for name in ("first", "second", "third")]
    task = Task(double, asks(Call(3.0)), three, indistinguishable=[("first", "second")])
    draw_fails(task, "'third' cannot be told apart")


def test_variants_of_one_mistake_need_not_be_told_apart() -> None:
    """Several codes may deserve the same hint."""
    task = Task(double, asks(Call(3.0)), [mistake("one", abs, lambda x: abs(x))])
    assert len(task.draw(0)) == 1


def test_errors_of_different_types_tell_mistakes_apart() -> None:
    """A behaviour may raise; the type of the error is what is seen."""

    def raising(error: Exception) -> Callable[[Any], Any]:
        def behaviour(x: Any) -> Any:
            raise error

        return behaviour

    different = [mistake("type", raising(TypeError())), mistake("value", raising(ValueError()))]
    same = [mistake("one", raising(TypeError("a"))), mistake("other", raising(TypeError("b")))]
    assert Task(double, asks(Call(3.0)), different).draw(0)
    draw_fails(Task(double, asks(Call(3.0)), same), "cannot be told apart")


def test_modifying_an_argument_is_telling_only_where_it_matters() -> None:
    """The values are right; only a criterion (or a task) that minds changes sees the mistake."""

    def in_place(x: Any) -> Any:
        x *= 2
        return x

    call, spoils = Call(np.array([1.0, 2.0])), mistake("in place", in_place)
    draw_fails(Task(double, asks(call), [spoils]), "'in place'")
    minding = [Criterion("everything", 1, lambda rng: [call], untouched=True)]
    assert Task(double, minding, [spoils]).draw(0)
    assert Task(double, asks(call), [spoils], untouched=True).draw(0)


# --- Mistakes that remember ----------------------------------------------------------------


def accumulator() -> Callable[[Any], Any]:
    """As with gradients that are never zeroed: every answer has the earlier ones in it."""
    total = 0.0

    def behaviour(x: float) -> float:
        nonlocal total
        total += 2 * x
        return total

    return behaviour


def test_a_stateful_mistake_sees_the_calls_in_order_and_starts_fresh() -> None:
    """The first call is right, the second is not; each simulation begins anew."""
    calls = [Call(float(k)).asked_by("all", k) for k in (1, 2, 3)]
    never_zeroed = mistake("never zeroed", accumulator, stateful=True)
    for _ in range(2):
        (seen,) = never_zeroed.observations(calls)
        assert [observation["values"] for observation in seen] == [[2.0], [6.0], [12.0]]


def test_a_stateful_mistake_is_asked_by_index_whatever_the_order_of_the_list() -> None:
    """Observations belong to their calls, also when the calls come shuffled."""
    calls = [Call(float(k)).asked_by("all", k) for k in (3, 1, 2)]
    (seen,) = mistake("never zeroed", accumulator, stateful=True).observations(calls)
    assert [observation["values"] for observation in seen] == [[12.0], [2.0], [6.0]]


def test_a_stateful_mistake_needs_a_second_call_to_be_told() -> None:
    """One call hides it; two calls, or one that is repeated, reveal it."""
    never_zeroed = mistake("never zeroed", accumulator, stateful=True)
    draw_fails(Task(double, asks(Call(1.0)), [never_zeroed]), "'never zeroed'")
    assert Task(double, asks(Call(1.0), Call(2.0)), [never_zeroed]).draw(0)
    assert Task(double, asks(Call(1.0).times(2)), [never_zeroed]).draw(0)


def test_what_a_mistake_does_on_a_call_is_worked_out_once_and_when_it_is_looked_at() -> None:
    """Drawing looks at few calls; nothing is done for the others."""
    asked: list[float] = []

    def adds(x: float) -> float:
        asked.append(x)
        return x + 1

    calls = [Call(float(k)) for k in (1, 2, 3, 4)]
    ((_, seen),) = Task(double, asks(*calls), [mistake("adds", adds)]).behaviours(calls)
    assert asked == []
    assert [seen[2]["values"], seen[-1]["values"], seen[2]["values"]] == [[4.0], [5.0], [4.0]]
    assert asked == [3.0, 4.0]
    assert [observation["values"] for observation in seen[:2]] == [[2.0], [3.0]]
    assert (len(seen), len(list(seen)), asked) == (4, 4, [3.0, 4.0, 1.0, 2.0])


def test_a_mistake_that_warns_is_quiet() -> None:
    """Overflow in a known mistake is no warning for the instructor."""
    blows_up = mistake("blows up", lambda x: np.exp(1e4 * np.float64(x)) - np.inf)
    (seen,) = blows_up.observations([Call(1.0)])
    assert seen[0]["values"] == ["nan"]


# --- When two observations agree -----------------------------------------------------------

RTOL, ATOL = 1e-4, 1e-5


def one(value: Any) -> Json:
    return {"shape": [], "values": [value]}


def two(first: float, second: float) -> Json:
    """A vector and a matrix, of one number each."""
    parts = [{"shape": [1], "values": [first]}, {"shape": [1, 1], "values": [second]}]
    return {"parts": parts}


@quick
@given(forged, forged)
def test_agreement_is_symmetric_and_defined_for_any_json(a: Any, b: Any) -> None:
    """Whatever is compared, the answer is yes or no, and the same from both sides."""
    assert matches(a, b, RTOL, ATOL) is matches(b, a, RTOL, ATOL)
    assert isinstance(matches(a, a, RTOL, ATOL), bool)


@pytest.mark.parametrize("kind", ["nothing", "text", "unsupported"])
@pytest.mark.parametrize(("a", "b"), [(True, 1), (1, 1.0), (False, 0)])
def test_agreement_is_symmetric_between_types(kind: str, a: Any, b: Any) -> None:
    """True and 1 are equal in Python; whether they agree does not depend on who comes first."""
    assert matches({kind: a}, {kind: b}, RTOL, ATOL) is matches({kind: b}, {kind: a}, RTOL, ATOL)


close = st.floats(-1e3, 1e3)


@thorough
@given(close, close, st.sampled_from([RTOL, 0.1, 0.5]), st.sampled_from([ATOL, 0.0, 10.0]))
def test_the_tolerance_is_that_of_the_documentation(
    a: float, b: float, rtol: float, atol: float
) -> None:
    """|a - b| <= atol + rtol max(|a|, |b|), from both sides."""
    agrees = abs(a - b) <= atol + rtol * max(abs(a), abs(b))
    assert matches(one(a), one(b), rtol, atol) is agrees
    assert matches(one(b), one(a), rtol, atol) is agrees


def test_the_larger_number_sets_the_tolerance() -> None:
    """1 and 1.9 are within half of 1.9, though not within half of 1; whichever is expected."""
    assert matches(one(1.0), one(1.9), 0.5, 0.0)
    assert matches(one(1.9), one(1.0), 0.5, 0.0)


@pytest.mark.parametrize(
    ("a", "b", "agree"),
    [
        (one(1.0), one(1.00005), True),
        (one(1.0), one(1.001), False),
        (one(0.0), one(9e-6), True),
        (one(0.0), one(2e-5), False),
        (one(1.0), {"shape": [1], "values": [1.0]}, False),
        ({"shape": [0], "values": []}, {"shape": [0], "values": []}, True),
        ({"shape": [0], "values": []}, {"shape": [0, 2], "values": []}, False),
        ({"shape": [2, 1], "values": [1, 2]}, {"shape": [2], "values": [1, 2]}, False),
        (
            {"shape": [2, 1], "values": [1, 2], "singletons": True},
            {"shape": [2], "values": [1, 2]},
            True,
        ),
        (
            {"shape": [2, 1], "values": [1, 3], "singletons": True},
            {"shape": [2], "values": [1, 2]},
            False,
        ),
        (one(1.0), one("nan"), False),
        (one("nan"), one("nan"), True),
        (one(1e31), one("inf"), True),
        (one(1e29), one("inf"), False),
        (one(float("nan")), one("nan"), True),
        ({"text": "left"}, {"text": "left"}, True),
        ({"text": "left"}, {"text": "Left"}, False),
        ({"text": "left"}, {"text": ["left"]}, False),
        ({"text": "2.0"}, one(2.0), False),
        ({"nothing": True}, {"nothing": True}, True),
        ({"nothing": True}, one(0.0), False),
        ({"error": {"type": "E", "message": "a"}}, {"error": {"type": "E", "message": "b"}}, True),
        ({"error": {"type": "E"}}, {"error": {"type": "F"}}, False),
        ({"error": {"type": None}}, {"error": {"type": None}}, False),
        ({"error": "E"}, {"error": "E"}, False),
        ({**one(1.0), "error": {"type": "E"}}, one(1.0), False),
        ({**one(1.0), "text": "left"}, one(1.0), False),
        (two(1.0, 2.0), two(1.0, 2.00005), True),
        (two(1.0, 2.0), nbformat.from_dict(two(1.0, 2.0)), True),  # as kernels send it
        (two(1.0, 2.0), two(1.0, 2.1), False),
        (two(1.0, 2.0), two(1.1, 2.0), False),
        (two(1.0, 2.0), {"parts": [two(1.0, 2.0)["parts"][0]]}, False),
        (two(1.0, 2.0), {"parts": [*two(1.0, 2.0)["parts"], one(3.0)]}, False),
        (two(1.0, 2.0), one(1.0), False),
        (two(1.0, 2.0), {**two(1.0, 2.0), **one(1.0)}, False),
        (two(1.0, 2.0), {**two(1.0, 2.0), "text": "left"}, False),
        (two(1.0, 2.0), {"parts": True}, False),
        ({"parts": [one(1.0), {"text": "a"}]}, {"parts": [one(1.0), {"text": "a"}]}, True),
        ({"parts": [one(1.0), {"text": "a"}]}, {"parts": [one(1.0), {"text": "b"}]}, False),
        ({"parts": [one(1.0), {"nothing": True}]}, {"parts": [one(1.0), one(0.0)]}, False),
        ({"entries": {"a": one(1.0)}}, {"entries": {"a": one(1.00005)}}, True),
        ({"entries": {"a": one(1.0)}}, {"entries": {"a": one(1.1)}}, False),
        ({"entries": {"a": one(1.0)}}, {"entries": {"b": one(1.0)}}, False),
        ({"entries": {"a": one(1.0)}}, {"entries": {}}, False),
        (
            {"entries": {"a": one(1.0), "b": one(2.0)}},
            {"entries": {"b": one(2.0), "a": one(1.0)}},
            True,
        ),
        ({"entries": {"a": two(1.0, 2.0)}}, {"entries": {"a": two(1.0, 2.0)}}, True),
        ({"entries": {}}, {"parts": []}, False),
        ({"entries": {"a": one(1.0)}}, one(1.0), False),
        ({"entries": True}, {"entries": True}, False),
        ({"entries": {}, "parts": []}, {"entries": {}, "parts": []}, False),
        ({**one(1.0), "bools": True}, one(1.0), True),
        ({"text": "a", "length": 9000}, {"text": "a", "length": 9001}, False),
        ({"text": "a", "length": 9000}, {"text": "a", "length": 9000}, True),
        ({"parts": [{}, {}]}, {"parts": [{}, {}]}, False),
        ({"parts": [two(1.0, 2.0), one(1.0)]}, {"parts": [two(1.0, 2.0), one(1.0)]}, True),
        (None, None, False),
        ([], [], False),
        ({}, {}, False),
    ],
)
def test_agreement_goes_by_kind_then_shape_then_values(a: Any, b: Any, agree: bool) -> None:
    """Cases of each kind, from both sides."""
    assert matches(a, b, RTOL, ATOL) is agree
    assert matches(b, a, RTOL, ATOL) is agree


@pytest.mark.parametrize(
    "key", ["text", "nothing", "unsupported", "error", "values", "shape", "parts", "entries"]
)
def test_agreement_is_defined_for_deep_nesting(key: str) -> None:
    """Lists nested beyond any recursion are compared, or refused, without an exception."""
    deep, other = {key: nested(5_000)}, {key: nested(5_000)}
    assert matches(deep, one(1.0), RTOL, ATOL) is False
    assert isinstance(matches(deep, other, RTOL, ATOL), bool)


@quick
@given(forged)
def test_reading_values_never_raises(observation: Any) -> None:
    """There is an array of the stated shape, or none."""
    array = as_array(observation)
    if array is not None:
        assert list(array.shape) == observation["shape"]
        assert array.dtype == np.float64


@pytest.mark.parametrize(
    ("shape", "values"),
    [
        ([2], [1.0]),
        ([-1], [1.0]),
        ([True], [1.0]),
        ([1.0], [1.0]),
        (["1"], [1.0]),
        ([1] * 9, [1.0]),
        ([10**30], [1.0]),
        ([2**62, 4], []),
        ([0, 10**30], []),
        (None, [1.0]),
        ([1], None),
        ([1], "1"),
        ([1], {"0": 1}),
        ([1], [None]),
        ([1], [True]),
        ([1], ["1.0"]),
        ([1], ["NaN"]),
        ([1], ["infinity"]),
        ([1], [[1.0]]),
        ([1], [10**400]),
        ([2], [[1.0], [2.0, 3.0]]),
    ],
)
def test_malformed_values_are_no_values(shape: Any, values: Any) -> None:
    """A wrong type in any place, or a shape that does not fit, gives no array."""
    assert as_array({"shape": shape, "values": values}) is None


@quick
@given(any_json)
def test_a_call_that_minds_changes_sees_them_in_any_form(mark: Any) -> None:
    """Whatever stands under "mutated", comparing does not raise."""
    call = Call(np.ones(1)).asked_by("arrays stay as they are", 0)
    expected = SCALE.expected(Call(np.ones(1), 2.0))
    agreed = SCALE.agree(call, expected, {**expected, "mutated": mark})
    assert agreed is not bool(mark)


@pytest.mark.parametrize("task", [SECANT, NEWTON], ids=lambda task: task.name)
def test_observing_the_reference_agrees_with_what_is_expected(task: Task) -> None:
    """The reference is seen through the same eyes as a student's function."""
    for call in task.draw(3):
        assert task.agree(call, task.expected(call), observe_call(task.reference, call.to_json()))


def test_the_reference_of_a_shared_example_is_plain() -> None:
    """A guard for the other tests: scaling is scaling."""
    assert scale(2.0, 3.0) == 6.0
