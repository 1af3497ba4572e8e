"""The mistake library: each mistake is told from the right answer and from every other one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from autograder.errors import TaskError
from autograder.marking import (
    Call,
    Criterion,
    Function,
    Mistake,
    Task,
    derivative,
    draws,
    gradient,
    mistakes,
)
from autograder.marking.judge import Status, judge
from autograder.marking.telling import untelling

SEEDS = range(3)


def descend(f: Any, slope: Any, place: Any, lr: float, n_steps: int) -> list[Any]:
    path = [place]
    for _ in range(n_steps):
        path.append(path[-1] - lr * slope(path[-1]))
    return path


LINE = mistakes.Walk(descend, slope=derivative)
PLANE = mistakes.Walk(descend, slope=gradient, dimensions=2)


def on_the_line(rng: np.random.Generator) -> list[Call]:
    f, g, h = draws.formulas(rng, 3)
    return [
        Call(f, draws.signed(rng, 1.1, 2.5), draws.decimal(rng, 0.15, 0.3), 0),
        Call(f, draws.signed(rng, 1.1, 2.5), draws.decimal(rng, 0.15, 0.3), 4),
        Call(g, draws.signed(rng, 1.1, 2.5), draws.decimal(rng, 0.6, 0.8), 3),
        Call(h, draws.signed(rng, 0.5, 1.0), -draws.decimal(rng, 0.15, 0.25), 3),
        Call(draws.choice(rng, f, h), draws.signed(rng, 5, 6), draws.decimal(rng, 0.3, 0.4), 13),
        # Flat ground, and steep.
        Call(f, draws.signed(rng, 1.1, 2.4), 0.35, 22),
        Call(Function(f"{draws.decimal(rng, 1.1, 1.4)}*x**2 + sin(x)"), 7.5, 0.11, 2),
        # A start that can be moved.
        Call(f, torch.tensor(draws.signed(rng, 1.1, 2.4), dtype=torch.float64), 0.2, 3),
        # Far out, and close to 0.
        Call(Function("x**2"), 7.5, draws.decimal(rng, 2.5, 3), 6),
        Call(Function("x**2"), draws.decimal(rng, 0.05, 0.09), draws.decimal(rng, 0.1, 0.2), 5),
        *draws.one_by_one(Call(g, 1.7, 0.21, 3), Call(h, -1.3, 0.17, 4)),
    ]


def in_the_plane(rng: np.random.Generator) -> list[Call]:
    f, g = draws.surfaces(rng, 2)
    return [
        Call(f, draws.place(rng), draws.decimal(rng, 0.1, 0.2), 0),
        Call(f, draws.place(rng), draws.decimal(rng, 0.1, 0.2), 4),
        Call(g, draws.place(rng), -draws.decimal(rng, 0.05, 0.15), 3),
        Call(draws.bowl(rng), draws.place(rng), draws.decimal(rng, 0.6, 0.8), 3),
        Call(draws.bowl(rng), draws.place(rng, 8, 9), draws.decimal(rng, 0.1, 0.15), 2),
        Call(draws.bowl(rng), draws.place(rng), 0.25, 40),
        Call(draws.bowl(rng), draws.place(rng), draws.decimal(rng, 2.5, 3), 6),
        Call(
            Function("v[0]**2 + 2*v[1]**2 + v[0]*v[1]"),
            draws.place(rng, 0.05, 0.09),
            draws.decimal(rng, 0.1, 0.2),
            4,
        ),
        *draws.one_by_one(Call(f, draws.place(rng), 0.11, 3), Call(g, draws.place(rng), 0.17, 4)),
    ]


def task(walk: mistakes.Walk, calls: Any) -> Task:
    def gradient_descent(f: Any, x0: Any, lr: float, n_steps: int) -> Any:
        return walk.right(f, x0, lr, n_steps)

    return Task(
        reference=gradient_descent,
        criteria=[Criterion("any walk", points=9, calls=calls, untouched=True)],
        mistakes=[
            *mistakes.steps(walk),
            *mistakes.records(walk),
            *mistakes.limits(walk.after),
            *mistakes.keeps(walk.right, ["f", "x0", "lr", "n_steps"]),
            *mistakes.returns_nothing(),
        ],
        precision="float64",
    )


TASKS = {"line": task(LINE, on_the_line), "plane": task(PLANE, in_the_plane)}


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("seed", SEEDS)
def test_each_is_told_from_the_right_walk_and_from_each_other(name: str, seed: int) -> None:
    calls = TASKS[name].draw(seed)  # or it raises, naming the mistake that escapes
    assert untelling(TASKS[name], calls) == ""
    for mistake, seen in TASKS[name].behaviours(calls):
        verdict = judge(TASKS[name], calls, seen)
        assert mistake.name in {m.name for m in verdict.mistakes}
        assert verdict.score == 0


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("record", ["start missing", "one step short", "one step too many"])
@pytest.mark.parametrize("step", ["climbs", "accumulates gradients", "ignores lr", "lr shrinks"])
def test_two_at_once_are_named_as_both(name: str, step: str, record: str) -> None:
    both = TASKS[name]
    known = {mistake.name: mistake for mistake in both.mistakes}
    calls = both.draw(1)
    for alter in known[record].alters:
        variant = Mistake("", "", alter(known[step].variants[-1]))
        (seen,) = variant.observations(calls)
        verdict = judge(both, calls, seen)
        assert {m.name for m in verdict.mistakes} == {step, record}
        assert verdict.criteria[0].mistakes == (step, record)


def test_two_at_once_are_hinted_at_once_each() -> None:
    from autograder.feedback.words import as_text

    line = TASKS["line"]
    known = {mistake.name: mistake for mistake in line.mistakes}
    calls = line.draw(1)
    climbs = known["start missing"].alters[0](known["climbs"].variants[0])
    (seen,) = Mistake("", "", climbs).observations(calls)
    text = as_text(judge(line, calls, seen), line)
    for name in ("climbs", "start missing"):
        assert text.count(known[name].hint) == 1
    assert "not one of the mistakes" not in text


def test_half_of_two_mistakes_is_not_named_as_both() -> None:
    """What the two together do not explain everywhere, they do not explain."""
    line = TASKS["line"]
    known = {mistake.name: mistake for mistake in line.mistakes}
    calls = line.draw(1)
    both = known["start missing"].alters[0](known["climbs"].variants[0])
    (seen,) = Mistake("", "", both).observations(calls)
    seen[-1] = {"shape": [1], "values": [17.0], "mutated": []}
    assert len(judge(line, calls, seen).mistakes) < 2


def test_a_slip_costs_what_its_author_says() -> None:
    """And so do two of them; with anything else wrong beside, every criterion counts."""
    cheap = Task(
        reference=TASKS["line"].reference,
        criteria=TASKS["line"].criteria,
        mistakes=[
            *mistakes.steps(LINE, costs={"climbs": 3}),
            *mistakes.records(LINE, costs={"start missing": 2}),
        ],
        precision="float64",
    )
    known = {mistake.name: mistake for mistake in cheap.mistakes}
    calls = cheap.draw(1)

    def score(behaviour: Any, spoilt: int | None = None) -> float | None:
        (seen,) = Mistake("", "", behaviour).observations(calls)
        if spoilt is not None:
            seen[spoilt] = {"text": "something else"}
        return judge(cheap, calls, seen).score

    assert score(known["start missing"].variants[0]) == 7
    assert score(known["start missing"].alters[0](known["climbs"].variants[0])) == 4
    assert score(known["one step short"].variants[0]) == 0
    assert score(known["start missing"].variants[0], spoilt=2) == 0


@pytest.mark.parametrize("costs", [0, -1, 10])
def test_a_price_beyond_the_points_is_refused(costs: float) -> None:
    free = Mistake("free", "Free.", lambda: None, costs=costs)
    with pytest.raises(TaskError, match="'free' costs"):
        Task(reference=descend, criteria=TASKS["line"].criteria, mistakes=[free])


def test_an_author_leaves_out_rewords_renames_and_adds() -> None:
    extra = lambda *arguments: 1.0  # noqa: E731
    chosen = mistakes.records(
        LINE,
        leave_out=["only the last point"],
        reword={"start missing": "Begin with x0."},
        rename={"start twice": "records before updating"},
        also={"one step short": [extra]},
    )
    by_name = {mistake.name: mistake for mistake in chosen}
    assert "only the last point" not in by_name
    assert by_name["start missing"].hint == "Begin with x0."
    assert "records before updating" in by_name
    assert by_name["one step short"].variants[-1] is extra


def test_a_name_that_the_library_does_not_have_is_refused() -> None:
    with pytest.raises(TaskError, match="no mistake 'starts missing' here; it has 'start missing'"):
        mistakes.records(LINE, leave_out=["starts missing"])


# --- words, shapes, kinds, results ---------------------------------------------------------


def side(x: float) -> str:
    return "left" if x < 0 else "right"


def table(x: Any) -> Any:
    return np.array([[x, 2 * x, 3 * x], [4 * x, 5 * x, 6 * x]])


def double(x: Any) -> Any:
    return 2 * x


def lopsided(x: Any) -> Any:
    return np.array([[x, 1.0 - x], [1.0 - x, 3.0]])


def minus_cube(x: Any) -> Any:
    return -(x**3)


def line_of(a: float) -> Any:
    return lambda x: (a + 2 * x, a * x)


WHOLE = [
    Task(
        reference=lopsided,
        criteria=[Criterion("any", 2, calls=lambda rng: [Call(draws.decimal(rng, -3, -2))])],
        mistakes=mistakes.matrices(mistakes.after_all(lopsided)),
    ),
    Task(
        reference=minus_cube,
        criteria=[
            Criterion(
                "numbers of any size",
                2,
                calls=lambda rng: [Call(x * draws.decimal(rng, 1, 2)) for x in (0.1, -1, 20)],
            )
        ],
        mistakes=[
            *mistakes.numbers(mistakes.after_all(minus_cube), rename={"clipped": "cut"}),
            *mistakes.limits(mistakes.after_all(minus_cube), leave_out=["kept in bounds"]),
        ],
    ),
    Task(
        reference=line_of,
        criteria=[
            Criterion(
                "any line, anywhere",
                2,
                calls=lambda rng: [
                    *draws.one_by_one(
                        Call(draws.decimal(rng, 1, 2)).then(draws.decimal(rng, 3, 4)),
                        Call(draws.decimal(rng, 3, 4)).then(draws.decimal(rng, 1, 2)),
                    ),
                    Call(draws.decimal(rng, 5, 6)).then(draws.decimal(rng, 5, 6)),
                ],
            )
        ],
        mistakes=[
            *mistakes.pairs(lambda change: lambda a: lambda x: change(line_of(a)(x)), "a", "b"),
            *mistakes.keeps(line_of, ["a", "x"]),
        ],
    ),
    Task(
        reference=side,
        criteria=[Criterion("both", 1, calls=lambda rng: [Call(-1.5), Call(1.5)])],
        mistakes=[*mistakes.words(side, ["left", "right"]), *mistakes.returns_nothing()],
    ),
    Task(
        reference=table,
        criteria=[Criterion("any", 1, calls=lambda rng: [Call(draws.decimal(rng, 1, 2))])],
        mistakes=mistakes.shapes(table, leave_out=["an array of one becomes a number"]),
    ),
    Task(
        reference=double,
        criteria=[
            Criterion("a number", 1, calls=lambda rng: [Call(draws.decimal(rng, 1, 2))]),
            Criterion(
                "an array, left as it was",
                1,
                calls=lambda rng: [Call(draws.array(rng, n, 1, 2)) for n in (3, 1)],
                untouched=True,
            ),
        ],
        mistakes=[
            *mistakes.scalars_only(double),
            *mistakes.arrays_only(double),
            *mistakes.modifies(double, 0),
            *mistakes.shapes(double, leave_out=["transposed", "flattened", "an axis too many"]),
            *mistakes.returns_nothing(),
        ],
    ),
]


@pytest.mark.parametrize("task", WHOLE, ids=[task.name for task in WHOLE])
def test_words_shapes_and_kinds_are_told_apart_as_well(task: Task) -> None:
    calls = task.draw(0)
    for mistake, seen in task.behaviours(calls):
        verdict = judge(task, calls, seen)
        assert verdict.status is Status.FAILED
        assert mistake.name in {m.name for m in verdict.mistakes}


# --- two at once that are no walk ----------------------------------------------------------


def table(x: Any) -> Any:
    return np.add.outer(np.arange(2.0), np.arange(3.0)) * x


TABLE = Task(
    reference=table,
    criteria=[Criterion("a", 1, lambda rng: [Call(draws.decimal(rng, 1, 2)), Call(3.0)])],
    mistakes=[
        Mistake("squared", "Once.", lambda x: table(x * x)),
        mistakes.altering("upside down", "Row 0 first.", table, lambda found: found[::-1]),
        *mistakes.shapes(table, leave_out=["an array of one becomes a number"]),
    ],
)


@pytest.mark.parametrize(
    ("code", "names"),
    [
        (lambda x: table(x * x)[::-1], {"squared", "upside down"}),
        (lambda x: table(x).T[:, ::-1], {"transposed", "upside down"}),
        (lambda x: table(x * x).ravel(), {"squared", "flattened"}),
        (lambda x: table(x * x)[:, ::-1], set()),
    ],
)
def test_what_is_handed_back_may_be_spoilt_on_top_of_another_mistake(
    code: Any, names: set[str]
) -> None:
    calls = TABLE.draw(1)
    (seen,) = Mistake("", "", code).observations(calls)
    assert {mistake.name for mistake in judge(TABLE, calls, seen).mistakes} == names


def circle(r: Any) -> Any:
    return 2 * np.pi * r, np.pi * r**2


def beside(length: float, area: float) -> Any:
    """Both parts, each so many times as large."""
    return lambda r: (length * circle(r)[0], area * circle(r)[1])


CIRCLE = Task(
    reference=circle,
    parts=("length", "area"),
    criteria=[Criterion("a", 1, lambda rng: [Call(draws.decimal(rng, 1, 2)), Call(3.0)])],
    mistakes=[
        Mistake("half", "Twice that.", (beside(0.5, 1), beside(0.5, 0.25))),
        Mistake("no pi", "Times pi.", (beside(1, 1 / np.pi), beside(7, 1 / np.pi))),
    ],
)


@pytest.mark.parametrize(
    ("code", "names"),
    [
        (beside(0.5, 1 / np.pi), {"half", "no pi"}),
        (beside(7, 0.25), {"half", "no pi"}),
        (beside(0.5, 3), set()),
        (beside(1, 0.25), set()),
        (lambda r: circle(r)[0], set()),
        (lambda r: 1 / 0, set()),
    ],
)
def test_each_part_may_be_spoilt_by_a_mistake_of_its_own(code: Any, names: set[str]) -> None:
    """Both have to be explained; one mistake in one part is that mistake only if it is all."""
    calls = CIRCLE.draw(1)
    (seen,) = Mistake("", "", code).observations(calls)
    assert {mistake.name for mistake in judge(CIRCLE, calls, seen).mistakes} == names


@pytest.mark.parametrize("shown", [{}, {"parts": 3}, {"shape": [2], "values": None}, {"shape": []}])
def test_parts_of_any_json_are_looked_at(shown: Any) -> None:
    calls = CIRCLE.draw(1)
    assert judge(CIRCLE, calls, [shown] * len(calls)).status is Status.FAILED
