"""What a mistake is called, where a name that nearly fits would say something false."""

from __future__ import annotations

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
