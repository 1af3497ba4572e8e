"""Week 5: functions that return functions, calls under ``jax.jit``, and life without JAX."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, Submit, scores

from autograder.commands.grade import grade_week
from autograder.feedback.words import as_text
from autograder.grading import programs, stages
from autograder.grading.course import Course
from autograder.kernels.kernel import Kernel, open_kernel
from autograder.kernels.limits import Limits
from autograder.kernels.orders import available
from autograder.kernels.warm import warm_kernel
from autograder.marking import derivative, gradient
from autograder.marking.calls import Call
from autograder.marking.criteria import Criterion, Mistake
from autograder.marking.judge import Status, judge
from autograder.marking.task import Task
from autograder.observation.formulas import ELEMENTARY
from autograder.observation.functions import Function
from autograder.observation.observe import observe_call
from autograder.observation.values import normalise
from autograder.submissions.ready import Submission

Json = dict[str, Any]
WEEK = "week5_jax"


def seen(function: Callable[..., Any], call: Call) -> Json:
    """What is seen of a call; strict JSON."""
    observation = observe_call(function, json.loads(json.dumps(call.to_json())))
    return json.loads(json.dumps(observation, allow_nan=False))


@pytest.fixture(scope="module")
def jax() -> Any:
    return pytest.importorskip("jax")


# --- What comes back is a function ---------------------------------------------------------


def test_a_call_says_so_when_its_result_is_called_or_jitted() -> None:
    """As JSON and back, and as a student would type it; other calls look as they always did."""
    f = Function("sin(x)")
    call = Call(f, 2).then(1.5).jit(0).asked_by("c", 3)
    assert Call.from_json(json.loads(json.dumps(call.to_json()))) == call
    assert call.asked_by("d", 4).question == call.question
    assert call.source("g", "jnp") == (
        "jax.jit(g, static_argnums=(0,))(lambda x: jnp.sin(x), 2)(1.5)"
    )
    keys = {call.key, Call(f, 2).key, Call(f, 2).then(1.5).key, Call(f, 2).jit(0).key}
    assert len(keys) == 4
    assert set(Call(f, 2).to_json()) == {"args", "times", "criterion", "index"}


def test_the_function_that_comes_back_is_called() -> None:
    """Its result, its error, or what it does to its argument is what counts."""
    call = Call(2.0).then(np.array([1.0, 3.0]))
    assert seen(lambda a: lambda x: a * x, call)["values"] == [2.0, 6.0]
    assert seen(lambda a: lambda: a, call)["error"]["type"] == "TypeError"
    assert seen(lambda a: lambda x: x.fill(a), call)["mutated"] == [1]
    assert seen(lambda a: nullcontext, call)["unsupported"] == "a nullcontext"


def test_the_function_that_comes_back_is_asked_again() -> None:
    """The same one, in the order that is written; the last result counts."""

    def counter(by: float) -> Any:
        made: list[tuple[float, ...]] = []
        return lambda *xs: made.append(xs) or by * len(made) + sum(xs)

    for call, result, typed in (
        (Call(2.0).then(1.0).then(5.0), 9.0, "[*map(counter(2.0), [1.0, 5.0])][-1]"),
        (
            Call(2.0).then(1.0, 1.0).then(0.0, 0.0).then(3.0, 4.0).times(2),
            13.0,
            "[[*map(counter(2.0), [1.0, 0.0, 3.0], [1.0, 0.0, 4.0])][-1] for _ in range(2)][-1]",
        ),
        (
            Call(2.0).then().then(),
            4.0,
            "[g(*given) for g in [counter(2.0)] for given in [[], []]][-1]",
        ),
    ):
        assert seen(counter, call)["values"] == [result]
        assert call.source("counter") == typed
        assert eval(typed, {"counter": counter}) == result
        assert call.alone.source("counter") != typed
        assert Call.from_json(json.loads(json.dumps(call.to_json()))) == call
    twice = Call(2.0).then([1.0]).then([3.0])
    assert seen(lambda a: lambda xs: xs.clear(), twice)["mutated"] == [1, 2]
    assert seen(lambda a: lambda xs: 1 / (xs[0] - a + 1), twice)["error"]["type"] == (
        "ZeroDivisionError"
    )


@pytest.mark.parametrize(
    "hidden",
    [
        "memo = []\n    def {g}(v):\n        memo or memo.append({answer})\n        return memo[0]",
        "found = {{}}\n    def {g}(v): return found.setdefault(0, {answer})",
        "def {g}(v):\n        {g}.at = getattr({g}, 'at', v)\n        v = {g}.at\n"
        "        return {answer}",
        "left = [1]\n    def {g}(v):\n        left.pop()\n        return {answer}",
    ],
)
@pytest.mark.parametrize(
    ("name", "answer"), [("hessian_of", "jax.hessian(f)(v)"), ("slope", "jax.grad(f)(v)")]
)
def test_what_works_once_only_loses_points(
    jax: ModuleType, hidden: str, name: str, answer: str
) -> None:
    """The function that is handed back is asked at another place, too; and feedback says so."""
    space: Json = {"jax": jax}
    code = hidden.format(g="inner", answer=answer)
    exec(f"def {name}(f):\n    {code}\n    return inner", space)
    task = Course(ROOT).week(WEEK).task(name)
    for seed in (3, 4):
        calls = task.draw(seed)
        verdict = judge(task, calls, [seen(space[name], call) for call in calls])
        assert verdict.score is not None
        assert verdict.score <= verdict.points / 2
        text = as_text(verdict, task)
        assert "the function that came back was called 2 times; the last counts" in text
        assert f"to paste: [*map({name}(lambda " in text
        if name == "hessian_of" and "pop" not in hidden:
            assert "keeps an earlier result" in text


@pytest.mark.parametrize(
    ("name", "answer"), [("hessian_of", "jax.hessian(last)(v)"), ("slope", "jax.grad(last)(v)")]
)
def test_functions_that_share_what_was_asked_last_lose_points(
    jax: ModuleType, name: str, answer: str
) -> None:
    """Two that came back are right by themselves, and the first is wrong beside the second."""
    space: Json = {"jax": jax}
    exec(f"def {name}(f):\n    global last\n    last = f\n    return lambda v: {answer}", space)
    task = Course(ROOT).week(WEEK).task(name)
    calls = task.draw(3)
    verdict = judge(task, calls, [seen(space[name], call) for call in calls])
    assert verdict.score is not None
    assert 0 < verdict.score < verdict.points
    assert [mistake.name for mistake in verdict.mistakes] == ["uses the last f"]
    text = as_text(verdict, task)
    assert "another function was asked for before this one was called" in text
    assert re.search(rf"to paste: \[{name}\(.*\), {name}\(.*\)\]\[0\]\(", text)


@pytest.mark.parametrize(
    ("result", "observation"),
    [
        (None, {"nothing": True}),
        (3.0, {"unsupported": "a float, not a function"}),
        (np.float64(3), {"unsupported": "a number, not a function"}),
        ("f'", {"unsupported": "a str, not a function"}),
    ],
)
def test_something_else_than_a_function_comes_back(result: Any, observation: Json) -> None:
    found = seen(lambda a: result, Call(2.0).then(1.0))
    assert {key: found[key] for key in observation} == observation
    assert "values" not in found


def test_a_message_is_the_same_each_time() -> None:
    """JAX tells the file of a cell, and functions their address: grading again must not differ."""

    def fail() -> None:
        raise TypeError(
            "Error in <function f at 0x7f9d30b55f80> as an array, while tracing the function g "
            "at /tmp/kernel-ybi39k9i/home/ipykernel_7874/2060903962.py:12 for jit."
        )

    said = seen(fail, Call())["error"]["message"]
    assert said == "Error in <function f> as an array, while tracing the function g for jit."


def test_the_grader_needs_no_jax_for_what_is_asked_under_jit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The answer is that without it; a mistake may have another one there."""
    monkeypatch.setitem(sys.modules, "jax", None)

    def double(x: float) -> float:
        return 2 * x

    def converts(x: float) -> float:
        return 2 * x

    def fails(x: float) -> float:
        raise RuntimeError("a placeholder")

    converts.jitted = fails  # type: ignore[attr-defined]
    task = Task(
        reference=double,
        criteria=[Criterion("plain and jitted", 1, lambda rng: [Call(3.0), Call(3.0).jit()])],
        mistakes=[Mistake("converts", "Don't.", converts)],
    )
    calls = task.draw(0)
    assert [task.expected(call)["values"] for call in calls] == [[6.0], [6.0]]
    ((_, behaviour),) = task.behaviours(calls)
    assert ["error" in observation for observation in behaviour] == [False, True]
    assert judge(task, calls, behaviour).mistakes == tuple(task.mistakes)


# --- Where JAX is missing ------------------------------------------------------------------

BLOCKED = """
import sys
from importlib.abc import MetaPathFinder

class Blocked(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in ("jax", "jaxlib"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocked())
from autograder.commands.cli import main
from autograder.grading.course import Course
from autograder.kernels.kernel import Kernel, open_kernel
from autograder.kernels.limits import Limits
from autograder.marking.judge import judge

for command in ("check", "sync", "grade"):
    print(command, main([command, "week5_jax"]), flush=True)
week = Course().week("week5_jax")
for task in week.tasks:
    calls = task.draw(1)
    assert judge(task, calls, [task.expected(call) for call in calls]).score == task.points
print(sorted(name for name in sys.modules if name.startswith("jax")))
"""


def test_the_week_is_skipped_with_one_line_and_no_error() -> None:
    """By every command that would run it; its marking notes work all the same."""
    environment = {**os.environ, "PYTHONWARNINGS": "error::RuntimeWarning"}
    run = subprocess.run(
        [sys.executable, "-c", BLOCKED],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    line = "week5_jax is skipped: jax is not installed here (to include the week: pip install jax)"
    said = [text.strip() for text in run.stdout.splitlines()]
    assert said == [line, "check 0", line, "sync 0", "grade 0", "[]"]
    assert run.stderr.splitlines() == [f"autograder: {line}"]


def test_without_jax_nobody_gets_a_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain nbgrader comes this way: the work is left to a person, with the reason."""
    monkeypatch.setitem(sys.modules, "jax", None)
    week = Course(ROOT).week(WEEK)
    notebook = stages.nbformat.read(ROOT / "release" / WEEK / week.source.name, as_version=4)
    submission = Submission("s", notebook, "")
    graded = stages.grade(submission, week, seed=1)
    assert {verdict.status for verdict in graded.verdicts} == {Status.GRADER_ERROR}
    assert "jax is not installed" in graded.attention[0]


def test_only_weeks_that_say_so_require_anything() -> None:
    course = Course(ROOT)
    needs = {name: course.week(name).requires for name in course.week_names}
    assert {name for name, packages in needs.items() if packages} == {WEEK}
    assert needs[WEEK] == ("jax",)


# --- Where it is there ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ELEMENTARY)
def test_functions_travel_to_jax(jax: ModuleType, name: str) -> None:
    """On arrays, and on tracers under grad, vmap and jit; what is pasted gives the same."""
    f = Function(f"{name}(x) + x**2/3")
    places = np.array([0.4, 0.7, 1.1])
    exact = derivative(f, places)
    traced = jax.jit(jax.vmap(jax.value_and_grad(f)))(jax.numpy.asarray(places))
    assert np.asarray(traced[0]) == pytest.approx(f(places), rel=1e-5)
    assert np.asarray(traced[1]) == pytest.approx(exact, rel=1e-5)
    pasted = eval(f.source("jnp"), {"jnp": jax.numpy})
    assert float(pasted(0.7)) == pytest.approx(f(0.7), rel=1e-5)


def test_a_function_of_a_point_travels_to_jax(jax: ModuleType) -> None:
    f = Function("v[0]**2*sin(v[1]) - exp(v[0]*v[1])/2")
    v = np.array([0.4, 0.8])
    for point in (v, jax.numpy.asarray(v)):
        assert np.asarray(jax.grad(f)(point)) == pytest.approx(gradient(f, v), rel=1e-5)
        assert np.asarray(jax.hessian(f)(point)).shape == (2, 2)
    # Equal functions are one static argument, so that jit compiles once.
    again = Function.from_json(f.to_json())
    traced: list[Any] = []

    def follow(g: Any, x: Any) -> Any:
        traced.append(g)
        return g(x)

    jitted = jax.jit(follow, static_argnums=0)
    assert float(jitted(f, v)) == float(jitted(again, v))
    assert len(traced) == 1


def test_jax_results_are_numbers(jax: ModuleType) -> None:
    """Arrays of any type, lists of scalars, nested lists; a leaked tracer is an error."""
    jnp = jax.numpy
    assert normalise(jnp.float32(1.5)) == {"shape": [], "values": [1.5]}
    assert normalise(jnp.arange(3)) == {"shape": [3], "values": [0.0, 1.0, 2.0]}
    assert normalise([jnp.ones(()), 2.0]) == {"shape": [2], "values": [1.0, 2.0]}
    assert normalise([jnp.ones(2), np.zeros(2)])["values"] == [1.0, 1.0, 0.0, 0.0]
    assert normalise(jnp.array([jnp.inf, jnp.nan]))["values"] == ["inf", "nan"]
    leaked: list[Any] = []
    jax.jit(lambda x: leaked.append(x))(1.0)
    assert seen(lambda: leaked, Call())["error"]["type"] == "TracerArrayConversionError"


def test_a_call_under_jit_is_traced(jax: ModuleType) -> None:
    """x and lr are placeholders then; f and the number of steps are themselves."""
    call = Call(Function("x**2"), 4.0, 0.75, 2).jit(0, 3)

    def descend(f: Any, x: Any, lr: Any, n: int, convert: Any = lambda x: x) -> Any:
        path = [x]
        for _ in range(n):
            path.append(path[-1] - convert(lr) * jax.grad(f)(path[-1]))
        return jax.numpy.stack(path)

    assert seen(descend, call)["values"] == [4.0, -2.0, 1.0]
    found = seen(lambda *given: descend(*given, convert=float), call)
    assert found["error"]["type"] == "ConcretizationTypeError"


@pytest.mark.kernel
def test_the_week_is_graded_in_warm_kernels(
    course: Course, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right and wrong work; what is compiled for both holds nothing of a solution."""
    pytest.importorskip("jax")
    shared: dict[tuple[str, ...], Any] = {}
    monkeypatch.setattr(programs, "_FIRST", 1)
    monkeypatch.setattr(programs, "_shared", shared)
    submit("right", WEEK)
    submit("wrong", WEEK, {"slopes": "def slopes(f, xs):\n    return jax.vmap(jax.grad(f))(xs)"})
    grade_week(course.root, WEEK, jobs=2)
    found = scores(course, WEEK)
    assert sum(score or 0 for score in found["right"].values()) == 20
    assert found["wrong"]["test_slopes"] == 3
    record = json.loads((course.root / "records" / WEEK / "wrong.json").read_text())
    assert [v["mistakes"] for v in record["graded"]["verdicts"]][1] == ["whole numbers fail"]
    (found_there,) = shared.values()
    files = {path.name.partition("-")[0] for path in Path(found_there.folder).iterdir()}
    assert {"jit_multiply", "jit_stack"} < files
    assert not files & {"jit_gradient_descent_jax", "jit_double"}


@pytest.mark.kernel
@pytest.mark.skipif(not available(), reason="warm kernels need Linux")
def test_a_replaced_jit_is_not_the_one_that_is_used() -> None:
    """What asks is bound before the first cell: a function that cannot be traced is seen not to."""
    pytest.importorskip("jax")
    cheat = "import jax\njax.jit = lambda function, **options: function"
    call = Call(3.0).jit().to_json()
    with open_kernel(Limits(packages=("jax",))) as kernel:
        kernel.run(cheat)
        kernel.run("def double(x):\n    return 2 * x if x > 0 else x")
        kernel.observe("double", [call, Call(3.0).to_json()])
        traced, plain = kernel.reports()
    assert traced["error"]["type"].startswith("Tracer")
    assert plain["values"] == [6.0]


LOOK = """
import os, sys
print('jax' in sys.modules, len(os.listdir('/proc/self/task')))
"""
USE = """
import warnings
warnings.simplefilter('error')
from jax._src.xla_bridge import backends_are_initialized
print(backends_are_initialized())
import jax
print(jax.jit(jax.vmap(jax.grad(lambda x: x**3)))(jax.numpy.arange(3.0)))
print(len(os.listdir('/proc/self/task')) < 40, jax.devices())
"""


@pytest.mark.kernel
@pytest.mark.skipif(not available(), reason="warm kernels need Linux")
def test_a_kernel_has_jax_only_where_it_was_asked_for() -> None:
    """Imported and not yet at work: its threads start in the kernel, and few of them."""
    pytest.importorskip("jax")
    said = []
    for packages, cells in (((), [LOOK]), (("jax",), [LOOK, USE])):
        with warm_kernel(packages=packages) as (process, client):
            kernel = Kernel(process, client, Limits())
            outputs = [output for cell in cells for output in kernel.run(cell)]
        assert all(output.output_type == "stream" for output in outputs), outputs
        said.append("".join(output.text for output in outputs).split("\n"))
    (plain, _), (warm, *used) = said
    assert plain.split()[0] == "False"
    assert warm == plain.replace("False", "True")
    assert used == ["False", "[ 0.  3. 12.]", "True [CpuDevice(id=0)]", ""]


def test_feedback_shows_the_whole_call() -> None:
    """As a student would type it, the second pair of brackets included."""
    task = Course(ROOT).week(WEEK).task("slope")
    calls = task.draw(3)
    verdict = judge(task, calls, [seen(lambda f: f, call) for call in calls])
    text = as_text(verdict, task)
    assert "call:     slope(f)(" in text
    assert "to paste: slope(lambda x: " in text
    (place,) = calls[0].question["then"]
    assert f")({place})" in text
    assert "recognised: value instead of slope" in text
