"""What a mistake is called, where a name that nearly fits would say something false."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.marking import Call, Criterion, Mistake, Task
from autograder.marking.judge import judge

SIZES = (1, 2, 3, 4, 6)


def sign(x: float) -> str:
    return "plus" if x > 0 else "minus"


TASK = Task(
    reference=sign,
    criteria=[Criterion("signs", 2, lambda rng: [Call(s * n) for n in SIZES for s in (1, -1)])],
    mistakes=[
        Mistake("always the same word", "It has to depend on x.", lambda x: "plus"),
        Mistake("swapped", "The other way round.", lambda x: sign(-x)),
    ],
)


def named(*words: str) -> list[str]:
    calls = TASK.draw(0)
    return [m.name for m in judge(TASK, calls, [{"text": word} for word in words]).mistakes]


def test_who_says_a_word_now_and_then_is_not_told_that_it_is_always_said() -> None:
    assert named(*["plus"] * 10) == ["always the same word"]
    assert "always the same word" not in named("plus", "zero", *["plus"] * 8)
    assert "always the same word" not in named("plus", "minus", *["plus"] * 8)


def test_what_depends_on_the_argument_may_explain_most_of_it() -> None:
    assert named("minus", "minus", *["minus", "plus"] * 4) == ["swapped"]


def step(x: float, lr: float) -> float:
    return x - 2 * lr * x


STEP = Task(
    reference=step,
    criteria=[
        Criterion(
            "steps", 1, lambda rng: [Call(x, lr) for x in (3.0, 0.004) for lr in (0.1, 0.3, 2.0)]
        )
    ],
    mistakes=[
        Mistake("ignores lr", "Whatever lr is, the step is the same.", lambda x, lr: step(x, 1.0)),
        Mistake("climbs", "Turn around.", lambda x, lr: step(x, -lr)),
        Mistake("too far", "Not quite so far.", lambda x, lr: 1.005 * step(x, lr)),
    ],
)


def of_steps(*results: float) -> list[str]:
    calls = STEP.draw(0)
    seen = [{"shape": [], "values": [float(result)]} for result in results]
    return [m.name for m in judge(STEP, calls, seen).mistakes]


def test_who_tells_two_arguments_apart_does_not_ignore_them() -> None:
    """With lr cut off at 1, all that is wrong is what an lr of 1 would do."""
    assert of_steps(*[step(x, 1.0) for x in (3.0, 0.004) for _ in range(3)]) == ["ignores lr"]
    assert of_steps(*[step(x, min(lr, 1)) for x in (3.0, 0.004) for lr in (0.1, 0.3, 2.0)]) == []


def test_half_a_mistake_that_depends_on_all_arguments_is_named() -> None:
    """Uphill where lr is large, as the last branch of an if may go."""
    results = [step(x, lr if lr < 1 else -lr) for x in (3.0, 0.004) for lr in (0.1, 0.3, 2.0)]
    assert of_steps(*results) == ["climbs"]


def test_what_barely_differs_is_not_explained() -> None:
    """Close to the right answer many wrong ones are, if the numbers are small."""
    right = [step(x, lr) for x in (3.0, 0.004) for lr in (0.1, 0.3, 2.0)]
    near = step(0.004, 0.1) + 1.2e-5
    assert of_steps(*right[:3], near, *right[4:]) == []


def test_words_that_are_mostly_right_are_not_said_to_be_exchanged() -> None:
    """With two words, any wrong one is the other."""
    assert named("plus", "plus", *["plus", "minus"] * 4) == []


def inverse(x: float) -> float:
    return 1 / x


def hurried(x: float) -> float:
    if x > 2:
        raise ValueError("too far")
    return 2 / x if x < 0 else 1 / x


@pytest.mark.parametrize(("says", "names"), [("Too far", ["hurried"]), ("not a number", [])])
def test_half_a_mistake_that_only_fails_has_to_say_the_same(says: str, names: list[str]) -> None:
    """Where the other half is something else, an error has many causes."""
    task = Task(
        reference=inverse,
        criteria=[Criterion("inverses", 1, lambda rng: [Call(x) for x in (1.0, 2.0, 3.0, -1.0)])],
        mistakes=[Mistake("hurried", "Not so fast.", hurried)],
    )
    calls = task.draw(0)
    failed: dict[str, Any] = {"error": {"type": "ValueError", "message": says}}
    seen = [{"shape": [], "values": [value]} for value in (1.0, 0.5)]
    verdict = judge(task, calls, [*seen, failed, {"shape": [], "values": [7.0]}])
    assert [mistake.name for mistake in verdict.mistakes] == names


def test_of_two_half_mistakes_the_one_is_named_that_is_right_where_the_answer_is() -> None:
    """As both fail where it fails."""
    task = Task(
        reference=inverse,
        criteria=[Criterion("inverses", 1, lambda rng: [Call(x) for x in (1.0, 2.0, 3.0, -1.0)])],
        mistakes=[
            Mistake("twice", "Once is enough.", lambda x: 2 * inverse(x)),
            Mistake("negative", "Mind the sign.", lambda x: 2 / x if x > 2 else 1 / abs(x)),
        ],
    )
    seen = [{"shape": [], "values": [value]} for value in (1.0, 0.5, 2 / 3, 7.0)]
    verdict = judge(task, task.draw(0), seen)
    assert [mistake.name for mistake in verdict.mistakes] == ["negative"]


def test_another_runtime_error_is_no_sign_of_a_mistake() -> None:
    """Torch raises one for nearly everything."""

    def leafless(x: float) -> float:
        if x > 2:
            raise RuntimeError("element 0 of tensors does not require grad")
        return inverse(x)

    task = Task(
        reference=inverse,
        criteria=[Criterion("inverses", 1, lambda rng: [Call(x) for x in (1.0, 2.0, 3.0)])],
        mistakes=[Mistake("leafless", "A new one each time.", leafless)],
    )
    right = [{"shape": [], "values": [value]} for value in (1.0, 0.5)]
    for says, names in (
        ("element 0 of tensors does not require grad and ...", ["leafless"]),
        ("Trying to backward through the graph a second time", []),
    ):
        failed = {"error": {"type": "RuntimeError", "message": says}}
        verdict = judge(task, task.draw(0), [*right, failed])
        assert [mistake.name for mistake in verdict.mistakes] == names
