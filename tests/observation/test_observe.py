"""Observing a call: whatever the function does, what it did comes back as plain data."""

from __future__ import annotations

import functools
import itertools
import json
import linecache
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from examples import any_json, quick
from hypothesis import given

import autograder
from autograder.marking.calls import Call
from autograder.observation.arguments import encode
from autograder.observation.functions import Function
from autograder.observation.observe import Overtime, observe_call, time_limit
from autograder.observation.serving import serve

Json = dict[str, Any]


def observed(
    function: Callable[..., Any], *args: Any, seconds: float = 0.0, times: int = 1
) -> Json:
    """What is seen of one call; checked to be strict JSON on the way."""
    call = Call(*args).times(times).to_json()
    observation = observe_call(function, call, seconds)
    return json.loads(json.dumps(observation, allow_nan=False))


# --- What is seen --------------------------------------------------------------------------


def test_a_result_is_seen_with_its_duration_and_the_evaluations() -> None:
    """One call of a well-behaved function tells values, time, evaluations, no changes."""
    seen = observed(lambda f, x: [f(x), f(x + 1)], Function("x**2"), 3.0)
    assert seen["shape"] == [2]
    assert seen["values"] == [9.0, 16.0]
    assert seen["evaluations"] == 2
    assert seen["mutated"] == []
    assert seen["seconds"] >= 0
    assert "error" not in seen


def test_arguments_are_passed_by_position() -> None:
    """The student's own names for the parameters, and extra keyword-only ones, don't matter."""

    def renamed(eta: float, theta: float, *, verbose: bool = False) -> float:
        return eta - theta

    assert observed(renamed, 5.0, 3.0)["values"] == [2.0]


def asked_by_name(function: Any, *ordered: str) -> Json:
    """What is seen of a function that is asked for ``(x, lr, n)`` at (5, 3, 1)."""
    names = ["x", "lr", "n", *ordered]
    return observe_call(function, {"args": [5.0, 3.0, 1], "times": 1, "names": names})


@functools.wraps(lambda n, lr, x: 0)
def wrapped(*given: float) -> float:
    return given[0]


@pytest.mark.parametrize(
    "function",
    [
        lambda n, lr, x: x - lr,
        lambda x, n, lr: x - lr,
        lambda *, lr, n, x: x - lr,
        lambda n, x, verbose=False, *, lr: x - lr,
        functools.partial(lambda lr, x, n, k: x - lr, k=2),
    ],
)
def test_who_has_the_same_names_in_another_order_gets_the_arguments_by_name(function: Any) -> None:
    """A visible check that calls by name sees no difference."""
    assert asked_by_name(function)["values"] == [2.0]


@pytest.mark.parametrize(
    ("function", "seen"),
    [
        (lambda x, lr, n: x, 5.0),
        (lambda n, rate, x: n, 5.0),  # a name of one's own
        (lambda lr, x, n, must: lr, None),  # there is no telling
        (lambda x, lr, k, n=0: x, 5.0),
        (lambda *given: given[0], 5.0),
        (wrapped, 5.0),  # takes no names
        (np.add, None),
    ],
)
def test_otherwise_arguments_are_passed_by_position(function: Any, seen: float | None) -> None:
    """As nobody can tell what another name means."""
    answer = asked_by_name(function)
    assert ("error" in answer) if seen is None else answer["values"] == [seen]


@pytest.mark.parametrize(
    ("function", "seen"),
    [
        (lambda x, *, n, lr: x - lr, 2.0),
        (lambda *, lr, n, x: x - lr, 2.0),
        (lambda x, lr, *, n: x - lr, 2.0),
        (lambda x, n, lr: x - lr, 4.0),
        (lambda lr, x, *, n: x - lr, None),
    ],
)
def test_another_order_may_be_a_mistake_and_keywords_have_none(
    function: Any, seen: float | None
) -> None:
    """Where the names end in a slash."""
    answer = asked_by_name(function, "/")
    assert ("error" in answer) if seen is None else answer["values"] == [seen]


def test_a_call_is_repeated_with_the_same_arguments_and_the_last_result_counts() -> None:
    """`times` shows what a second call finds, with arguments as the first one left them."""
    met: list[Any] = []

    def remember(f: Any, x: Any) -> float:
        met.append((f, x))
        return f(float(len(met)))

    seen = observed(remember, Function("x"), np.array([1.0]), times=3)
    assert seen["values"] == [3.0]
    assert seen["evaluations"] == 3
    assert all(f is met[0][0] and x is met[0][1] for f, x in met)


def test_every_observation_starts_with_fresh_arguments() -> None:
    """What one call did to its arguments is not seen by the next."""
    call = Call(np.array([1.0, 2.0])).to_json()
    before = json.dumps(call)
    for _ in range(2):
        assert observe_call(lambda a: a.sort() or a.__imul__(2), call)["values"] == [2.0, 4.0]
    assert json.dumps(call) == before


def test_a_generator_is_looked_through_while_it_is_watched() -> None:
    """An error that a generator raises late belongs to the call."""

    def steps() -> Iterator[float]:
        yield 1.0
        raise ValueError("at the second step")

    assert observed(lambda: steps())["error"]["message"] == "at the second step"


# --- Errors --------------------------------------------------------------------------------


class Silent(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no message for you")


class Leaving(Exception):
    def __str__(self) -> str:
        raise SystemExit("out")


class Wordless(Exception):
    def __str__(self) -> Any:
        return 3


@pytest.mark.parametrize(
    ("error", "name", "message"),
    [
        (ValueError("bad value"), "ValueError", "bad value"),
        (NotImplementedError(), "NotImplementedError", ""),
        (KeyError("k"), "KeyError", "'k'"),
        (SystemExit(3), "SystemExit", "3"),
        (KeyboardInterrupt(), "KeyboardInterrupt", ""),
        (GeneratorExit("x"), "GeneratorExit", "x"),
        (BaseException("base"), "BaseException", "base"),
        (BaseExceptionGroup("two", [SystemExit(), ValueError()]), "BaseExceptionGroup", "two (2"),
        (MemoryError("100 GB"), "MemoryError", "100 GB"),
        (Silent(), "Silent", "(the message could not be read)"),
        (Wordless(), "Wordless", "(the message could not be read)"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_an_error_of_any_kind_is_seen_and_does_not_escape(
    error: BaseException, name: str, message: str
) -> None:
    """Whatever is raised comes back as its type and message."""

    def fail() -> None:
        raise error

    seen = observed(fail)
    assert seen["error"]["type"] == name
    assert seen["error"]["message"].startswith(message)
    assert "values" not in seen


def test_an_error_that_is_raised_again_and_again_keeps_nothing_of_it() -> None:
    """One object keeps where it was raised, each time, and all that was at hand there."""
    kept = ValueError("always the same")

    def fails() -> None:
        raise kept

    for _ in range(3):
        assert observed(fails)["error"]["message"] == "always the same"
        assert kept.__traceback__ is None


def test_an_error_whose_message_leaves_the_process_does_not_escape() -> None:
    """Reading a message may not end the run, even if reading it raises SystemExit."""

    def fail() -> None:
        raise Leaving

    try:
        seen = observed(fail)
    except SystemExit:
        pytest.fail("the SystemExit of __str__ escaped")
    assert seen["error"]["type"] == "Leaving"


def test_endless_recursion_is_an_error_like_any_other() -> None:
    """A function that calls itself for ever is seen as RecursionError."""

    def again(x: float) -> float:
        return again(x)

    assert observed(again, 1.0)["error"]["type"] == "RecursionError"


def test_sys_exit_is_seen_as_an_error() -> None:
    """Code that ends the program ends only its call."""
    assert observed(lambda: sys.exit(0))["error"]["type"] == "SystemExit"


def test_the_wrong_number_of_parameters_is_an_error_of_the_student() -> None:
    """A signature that does not fit is seen as TypeError."""
    assert observed(lambda x: x, 1.0, 2.0)["error"]["type"] == "TypeError"


def test_a_long_message_is_cut() -> None:
    """What comes back is bounded, however long the message."""

    def fail() -> None:
        raise ValueError("x" * 10**7)

    assert len(observed(fail)["error"]["message"]) == 300


def test_a_name_of_an_error_is_cut_and_not_asked_for() -> None:
    """Its class may have any, and a class of its own that says another."""

    class Lying(type):
        @property
        def __name__(cls) -> str:  # type: ignore[override]
            raise SystemExit

    for kind in (type("x" * 10**6, (Exception,), {}), Lying("x" * 200, (Exception,), {})):

        def fails(kind: type = kind) -> None:
            raise kind

        assert observe_call(fails, {"args": []})["error"]["type"] == "x" * 100


def test_an_error_tells_the_line_of_the_notebook_where_it_arose() -> None:
    """The line is the notebook's own, the last on the way to the error, not a library's."""
    cell = "<ipython-input-1-abc>"
    source = "def slope(x):\n    return helper(x)\ndef helper(x):\n    return int('one')  \n"
    linecache.cache[cell] = (len(source), None, source.splitlines(keepends=True), cell)
    namespace: dict[str, Any] = {}
    exec(compile(source, cell, "exec"), namespace)
    assert observed(namespace["slope"], 1.0)["error"]["line"] == "return int('one')"
    assert "line" not in observed(lambda: 1 / 0)["error"]


# --- Arguments that change -----------------------------------------------------------------


def fill_first(array: Any) -> None:
    array[0] = 99


@pytest.mark.parametrize(
    ("argument", "change"),
    [
        (np.array([1.0, 2.0]), fill_first),
        (np.array([1, 2]), fill_first),
        (torch.tensor([1.0, 2.0]), fill_first),
        (torch.tensor(1.0), lambda x: x.add_(1)),
        (np.array([1.0, 2.0]), lambda a: a.fill(np.nan)),
        (np.array([1.0, 2.0]), lambda a: a.resize(3, refcheck=False)),
        (np.array([[1.0, 2.0]]), lambda a: setattr(a, "shape", (2, 1))),
        (torch.tensor([1.0, 2.0]), lambda x: x.resize_(3)),
        (np.array([1.0, 1.0 + 1e-8]), lambda a: a.__iadd__(1e-6)),
    ],
    ids=["array", "int array", "tensor", "0-d tensor", "filled with nan", "resized", "reshaped",
         "resized tensor", "a little"],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Setting the shape on a NumPy array:DeprecationWarning")
def test_a_changed_argument_is_seen(argument: Any, change: Callable[[Any], Any]) -> None:
    """The positions of arguments that are not what they were are told."""
    assert observed(lambda a, x, b: change(b), 1.0, argument, argument)["mutated"] == [2]


def nudge_and_restore(array: Any) -> float:
    for i in range(len(array)):
        array[i] += 1e-5
        array[i] -= 1e-5
    return 0.0


@pytest.mark.parametrize(
    ("argument", "use"),
    [
        (np.array([0.1, 2.3]), nudge_and_restore),
        (torch.tensor([0.1, 2.3], dtype=torch.float64), nudge_and_restore),
        (np.array([1.0, 2.0]), lambda a: a * 2),
        (torch.tensor(1.5), lambda x: (x.requires_grad_() ** 2).backward()),
        (2.0, lambda x: x + 1),
        ("left", str.upper),
        (Function("x"), lambda f: f(1.0)),
    ],
    ids=["restored array", "restored tensor", "array", "tensor with grad", "float", "str", "f"],
)
def test_an_argument_that_is_only_used_counts_as_untouched(
    argument: Any, use: Callable[[Any], Any]
) -> None:
    """Reading, asking for a gradient, or nudging and restoring to rounding is not a change."""
    assert observed(use, argument)["mutated"] == []


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("make", [np.array, torch.tensor], ids=["array", "tensor"])
def test_an_untouched_argument_that_is_not_finite_counts_as_untouched(
    make: Callable[[Any], Any], value: float
) -> None:
    """NaN and inf that are still there are not a change."""
    assert observed(lambda a: 0.0, make([1.0, value]))["mutated"] == []


def test_an_argument_changed_before_an_error_is_seen() -> None:
    """Errors do not hide what was done before them."""

    def spoil(array: Any) -> None:
        array[0] = 5
        raise ValueError

    assert observed(spoil, np.zeros(2))["mutated"] == [0]


@pytest.mark.parametrize("count", [None, "many", 10**400, [], object()], ids=lambda c: str(c)[:9])
def test_a_tampered_counter_of_evaluations_does_no_harm(count: Any) -> None:
    """A function that rewrites f's counter is observed all the same, as strict JSON."""

    def tamper(f: Any) -> float:
        f.evaluations = count
        return 1.0

    assert observed(tamper, Function("x"))["values"] == [1.0]


# --- Time ----------------------------------------------------------------------------------


def spin() -> None:
    while True:
        pass


def spin_swallowing_exceptions() -> None:
    while True:
        try:
            spin()
        except Exception:
            continue


def spin_swallowing_everything_once() -> None:
    try:
        spin()
    except BaseException:
        spin()


def spin_in_a_generator() -> Iterator[float]:
    yield 1.0
    spin()


@pytest.mark.parametrize(
    "function",
    [
        spin,
        spin_swallowing_exceptions,
        spin_swallowing_everything_once,
        spin_in_a_generator,
        lambda: time.sleep(60),
    ],
    ids=["loop", "swallows Exception", "swallows everything once", "in a generator", "sleep"],
)
def test_a_call_that_runs_too_long_is_stopped(function: Callable[[], Any]) -> None:
    """After its time a call is over, and the observation says so."""
    started = time.perf_counter()
    seen = observed(function, seconds=0.05)
    assert time.perf_counter() - started < 5
    assert seen["error"] == {"type": "Timeout", "message": "no result after 0.05 s"}
    assert seen["seconds"] >= 0.05


def test_the_time_limit_leaves_nothing_behind() -> None:
    """After a call, quick or stopped, no alarm is set and the old handler is back."""
    before = signal.getsignal(signal.SIGALRM)
    for function in (spin, lambda: 1.0):
        observed(function, seconds=0.05)
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
        assert signal.getsignal(signal.SIGALRM) is before


def test_a_limit_within_a_limit_leaves_the_outer_one_its_time() -> None:
    """Calls with limits of their own, stopped or not, neither end nor prolong what is around."""

    def for_ever() -> None:
        for function in itertools.cycle((spin, lambda: 1.0)):
            observed(function, seconds=0.05)

    started = time.perf_counter()
    with pytest.raises(Overtime), time_limit(0.4):
        for_ever()
    assert 0.3 < time.perf_counter() - started < 5
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_call_without_a_limit_does_not_take_that_of_its_caller_for_its_own() -> None:
    """The caller hears of it; no observation says that the function timed out."""
    with pytest.raises(Overtime), time_limit(0.05):
        observed(spin)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_call_within_its_time_is_not_disturbed() -> None:
    """The limit costs a quick call nothing."""
    assert observed(lambda: 1.0, seconds=30)["values"] == [1.0]


def test_without_signals_a_call_is_observed_without_a_limit() -> None:
    """In another thread no alarm can be set; the call is observed all the same."""
    seen: list[Json] = []
    thread = threading.Thread(target=lambda: seen.append(observed(lambda: 2.0, seconds=5)))
    thread.start()
    thread.join(timeout=30)
    assert seen[0]["values"] == [2.0]


@pytest.mark.parametrize("stage", ["str", "float", "iter", "array"])
def test_the_time_limit_holds_while_the_result_is_read(stage: str) -> None:
    """Methods of a result, and the message of an error, run within the time as well."""

    class Slow(Exception):
        def __str__(self) -> str:
            time.sleep(1)
            return ""

    def slowly(*_: Any) -> Any:
        time.sleep(1)

    def function() -> Any:
        if stage == "str":
            raise Slow
        if stage == "float":
            return type("Number", (float,), {"__float__": slowly})()
        return type("Result", (), {f"__{stage}__": slowly})()

    started = time.perf_counter()
    seen = observed(function, seconds=0.05)
    assert time.perf_counter() - started < 0.8
    assert "error" in seen


# --- Never raises --------------------------------------------------------------------------


class Hostile:
    """An object of which every question raises something worse."""

    def __getattribute__(self, name: str) -> Any:
        raise KeyboardInterrupt(name)

    def __iter__(self) -> Any:
        raise SystemExit

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise MemoryError

    def __repr__(self) -> str:
        raise GeneratorExit


class BadArray:
    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        return "not an array"


class BadNumber(float):
    def __float__(self) -> Any:
        return "not a float"


BadText = type("Text", (str,), {"__str__": lambda self: 3})


@pytest.mark.parametrize(
    "function",
    [
        lambda: Hostile(),
        lambda: [Hostile()],
        lambda: Hostile,
        lambda: BadArray(),
        lambda: [BadArray()],
        lambda: BadNumber(),
        lambda: [1.0, BadNumber()],
    ],
    ids=["hostile", "list of hostile", "class", "bad array", "list of bad arrays", "bad number",
         "list with a bad number"],
)  # fmt: skip
def test_a_result_that_cannot_be_looked_at_is_described(function: Callable[[], Any]) -> None:
    """Objects that raise or lie when looked at give an observation without values."""
    seen = observed(function)
    assert "values" not in seen
    assert "error" in seen or "unsupported" in seen


def test_a_text_is_read_without_asking_it() -> None:
    """What a subclass of str prints itself as does not count."""
    assert observed(lambda: BadText("left"))["text"] == "left"


@quick
@given(any_json)
def test_any_result_gives_an_observation_of_strict_json(result: Any) -> None:
    """`observed` fails on NaN literals and on what JSON cannot hold; nothing does."""
    seen = observed(lambda: result)
    assert {"seconds", "mutated", "evaluations"} <= set(seen)


@pytest.mark.filterwarnings("default")
def test_prints_warnings_and_logs_cost_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """What a function writes on the way does not enter the observation."""
    import logging
    import warnings

    def talkative() -> float:
        print("step 1")
        print("careful", file=sys.stderr)
        logging.getLogger("student").error("an error, says the log")
        warnings.warn("deprecated", stacklevel=1)
        return 2.0

    with pytest.warns(UserWarning, match="deprecated"):
        seen = observed(talkative)
    assert seen["values"] == [2.0]
    assert "careful" in capsys.readouterr().err


# --- Serving a notebook --------------------------------------------------------------------


def served(
    namespace: dict[str, Any],
    calls: list[Call],
    seconds: float = 0.0,
    into: list[Json] | None = None,
) -> list[Json]:
    """What is reported of `slope`."""
    reported: list[Json] = [] if into is None else into
    asked = [call.to_json() for call in calls]
    serve(namespace, "slope", asked, seconds, reported.append)
    return reported


def test_each_call_is_reported_as_soon_as_it_is_seen() -> None:
    """One report a call, numbered, so that what came before a crash is kept."""
    reported: list[Json] = []

    def slope(x: float) -> float:
        assert len(reported) == x
        return 2 * x

    calls = [Call(0.0), Call(1.0), Call(2.0)]
    messages = served({"slope": slope}, calls, into=reported)
    assert [message["index"] for message in messages] == [0, 1, 2]
    assert [message["values"] for message in messages] == [[0.0], [2.0], [4.0]]
    assert {message["task"] for message in messages} == {"slope"}


@pytest.mark.parametrize(
    ("namespace", "reason"),
    [({}, "slope is not defined"), ({"slope": 3.0}, "slope is a float, not a function")],
)
def test_what_is_no_function_is_reported_as_missing(namespace: dict[str, Any], reason: str) -> None:
    """An undefined name, or one that is no function, gives one message that says so."""
    (message,) = served(namespace, [Call(1.0), Call(2.0)])
    assert message["index"] == -1
    assert message["missing"] == reason


def test_what_a_function_calls_is_told_once() -> None:
    """Which other functions of the notebook, so that an inherited fault is not blamed on it."""
    namespace: Json = {"fuse": abs}
    exec("def slope(x):\n    return fuse(x)", namespace)
    first, second = served(namespace, [Call(1.0), Call(2.0)])
    assert first["names"] == ["fuse"]
    assert "names" not in second


class Permissive:
    """A callable that has every attribute one asks for."""

    def __call__(self, x: float) -> float:
        return 2 * x

    def __getattr__(self, name: str) -> int:
        return 0


class Unwilling(Permissive):
    @property
    def __code__(self) -> None:
        raise RuntimeError("none of your business")


@pytest.mark.parametrize(
    "function",
    [Permissive(), Unwilling(), np.sin, int],
    ids=["permissive", "unwilling", "np.sin", "int"],
)
def test_a_callable_without_code_of_its_own_is_observed(function: Callable[..., Any]) -> None:
    """Whatever its attributes say, what it returns is what counts."""
    (message,) = served({"slope": function}, [Call(1.5)])
    assert message["shape"] == []


def test_a_callable_object_is_a_function() -> None:
    """An instance with ``__call__`` is as good as a function."""

    class Slope:
        def __call__(self, x: float) -> float:
            return 2 * x

    (message,) = served({"slope": Slope()}, [Call(1.5)])
    assert message["values"] == [3.0]


def test_nothing_is_asked_after_a_call_that_ran_out_of_time() -> None:
    """One endless loop costs one time limit, not one for each call."""

    def slope(x: float) -> float:
        return spin() if x == 1 else x  # type: ignore[func-returns-value,return-value]

    calls = [Call(0.0), Call(1.0), Call(2.0)]
    messages = served({"slope": slope}, calls, seconds=0.05)
    assert [message["index"] for message in messages] == [0, 1]
    assert messages[1]["error"]["type"] == "Timeout"


def test_the_arguments_encoded_for_a_call_are_those_the_function_gets() -> None:
    """Types survive the way: a tensor comes as a tensor, an int as an int."""
    got: list[Any] = []
    arguments = [Function("x"), 1.0, 2, "left", np.array([1, 2]), torch.tensor(0.5)]
    observe_call(lambda *args: got.extend(args), {"args": [encode(a) for a in arguments]})
    assert [type(a) for a in got] == [type(a) for a in arguments]


# --- What the hidden part hands over -------------------------------------------------------


def asked(namespace: Json, hidden: str, *calls: Call) -> list[Json]:
    reported: list[Json] = []
    hidden = f"from autograder import observe\n{hidden}"
    questions = [call.to_json() for call in calls]
    serve(namespace, "slope", questions, 5.0, reported.append, hidden=hidden)
    assert sys.modules["autograder"] is autograder
    return reported


class Line:
    """A class as a student would write it."""

    def __init__(self, slope: float) -> None:
        self.slope = slope

    def __call__(self, x: float) -> float:
        return self.slope * x

    def fit(self, x: np.ndarray, y: np.ndarray) -> None:
        self.slope = float(x @ y / (x @ x))


FIT = """
def fitted(x, y):
    line = Line(0.0)
    line.fit(x, y)
    return line.slope

observe(fitted, task="slope")
"""
PRINTED = """
import contextlib, io

def printed():
    with contextlib.redirect_stdout(io.StringIO()) as said:
        print(best_lr)
    return said.getvalue()

observe(printed)
"""
HIDDEN: dict[str, tuple[str, tuple[Any, ...], Any]] = {
    "a class": ("observe(lambda a, x: Line(a)(x), task='slope')", (2.0, 3.0), 6.0),
    "a variable": ("observe(lambda: best_lr, task='slope')", (), 0.5),
    "a fitted object": (FIT, (np.array([1.0, 2.0]), np.array([3.0, 6.0])), 3.0),
    "what is printed": (PRINTED, (), "0.5\n"),
    "names of its own": ("two = 2\nobserve(lambda x: two * Line(x)(1))", (2.0,), 4.0),
    "a comprehension": ("observe(lambda n: sum(Line(2.0)(k) for k in range(n)))", (3,), 6.0),
    "a module": ("import math\nobserve(lambda x: math.floor(x))", (2.5,), 2.0),
}


@pytest.mark.parametrize("kind", HIDDEN)
def test_what_the_hidden_part_hands_over_is_asked(kind: str) -> None:
    """It runs as written, sees the notebook's names, and leaves none."""
    hidden, arguments, value = HIDDEN[kind]
    namespace = {"Line": Line, "best_lr": 0.5}
    before = dict(namespace)
    (message,) = asked(namespace, hidden, Call(*arguments))
    assert message.get("text", message.get("values")) in (value, [value])
    assert message["task"] == "slope"
    assert namespace == before


def test_an_adapter_sees_what_the_students_code_sets_meanwhile() -> None:
    """Globals are read as they are now, not as they were."""
    namespace: Json = {"history": []}
    exec("def train(n):\n    global history\n    history = [*history, n]", namespace)
    first, second = asked(namespace, "observe(lambda n: (train(n), history)[1])", Call(1), Call(2))
    assert first["values"] == [1.0]
    assert second["values"] == [1.0, 2.0]


@pytest.mark.parametrize(
    ("hidden", "reason"),
    [
        ("observe(Missing(3))", "NameError: name 'Missing' is not defined"),
        ("observe(best_lr)", "slope is a float, not a function"),
        ("observe(1 / 0)", "ZeroDivisionError: division by zero"),
        ("observe(lambda x: slope, task='slope')", "slope is not defined"),
        ("raise SystemExit('out')\nobserve(abs)", "SystemExit: out"),
    ],
)
def test_a_hidden_part_that_cannot_hand_over_says_why(hidden: str, reason: str) -> None:
    """What the student did not write, or wrote so that it fails, is the reason."""
    (message,) = asked({"best_lr": 0.5}, hidden, Call(1.0))
    assert message["missing"] == reason


def test_only_the_first_that_is_handed_over_counts() -> None:
    """The student's code cannot hand over something else while it is asked."""

    def slope(x: float) -> float:
        from autograder import observe

        observe(lambda x: 99.0)
        return 2 * x

    (message,) = asked({"slope": slope}, "observe(slope)", Call(1.0))
    assert message["values"] == [2.0]


FULL = """
import resource
from itertools import islice
from autograder.observation.observe import observe_call

def grows(n):
    out = []
    while True:
        out.append(n * n)
        n += 1

room = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize() + 120_000_000
resource.setrlimit(resource.RLIMIT_AS, (room, room))
for k in range(3):
    seen = observe_call(lambda n: list(islice(grows(n), 3)), {"args": [10**6]}, 30.0)
    print(seen["error"]["type"])
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc")
def test_a_list_that_grows_without_end_is_an_error_of_memory() -> None:
    """It is let go before anybody looks at the error: else its handling never ended."""
    done = subprocess.run([sys.executable, "-c", FULL], capture_output=True, text=True, timeout=90)
    assert done.stdout == "MemoryError\n" * 3, done.stderr


def test_a_frame_that_lies_is_an_error_or_a_phrase() -> None:
    """One that raises where it is looked at, holds itself, or has names that are no text."""
    import pandas as pd

    class Leaves(pd.DataFrame):  # type: ignore[misc,unused-ignore]
        @property
        def columns(self) -> Any:
            raise SystemExit("no")

    endless: list[Any] = []
    endless.append(endless)
    seen = observe_call(lambda: Leaves({"x": [1.0]}), Call().to_json(), 5.0)
    assert seen["error"] == {"type": "SystemExit", "message": "no"}
    for frame in (
        pd.DataFrame({"x": [endless]}),
        pd.DataFrame({b"x": [2]}),
        pd.DataFrame({"x": [b"x"]}),
    ):
        seen = observe_call(lambda frame=frame: frame, Call().to_json(), 5.0)
        assert seen["unsupported"]
