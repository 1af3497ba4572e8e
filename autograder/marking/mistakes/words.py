"""Mistakes of answers that are words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from autograder.marking.calls import Behaviour
from autograder.marking.criteria import Mistake
from autograder.marking.mistakes.changes import Changes, changed

__all__ = ["words"]

#: How the right word may be spelled wrongly.
SPELLINGS = (
    str.capitalize,
    str.title,
    str.upper,
    lambda word: word.removesuffix("s"),
    lambda word: word[0],
    lambda word: word.replace(" ", "_"),
    lambda word: word.replace(" ", "-"),
    lambda word: f"{word}.",
    lambda word: f" {word}",
    lambda word: f"{word} ",
)


def words(
    reference: Behaviour, answers: Sequence[str], **changes: Unpack[Changes]
) -> list[Mistake]:
    """Mistakes of a task whose answer is one of some words.

    Parameters
    ----------
    reference : callable
    answers : sequence of str
        All there are; "swapped" exchanges the first two.
    **changes
        See `changed`.
    """
    listed = " or ".join([", ".join(map(repr, answers[:-1])), repr(answers[-1])])
    swap = dict(zip(answers[:2], answers[1::-1], strict=True))
    ready = [
        Mistake(
            "always the same word",
            "The answer is the same whatever is asked; it has to depend on the argument.",
            behaves_like=tuple(lambda *_, word=word: word for word in answers),
        ),
        Mistake(
            f"{answers[0]} and {answers[1]} swapped",
            "Two of the words are exchanged.",
            behaves_like=_spelled(reference, lambda word: swap.get(word, word)),
        ),
        Mistake(
            "a case without an answer",
            "Sometimes no return is reached, so the answer is None; each case needs its word (is "
            "there an else?).",
            behaves_like=tuple(_forgetting(reference, word) for word in answers),
        ),
        Mistake(
            "spelled differently",
            f"The answer is {listed}, in lower case and spelled just so.",
            behaves_like=tuple(
                _spelled(reference, spell)
                for spell in SPELLINGS
                if any(spell(word) != word for word in answers)
            ),
        ),
    ]
    return changed(ready, **changes)


def _forgetting(reference: Behaviour, forgotten: str) -> Behaviour:
    def variation(*arguments: Any) -> Any:
        word = reference(*arguments)
        return None if word == forgotten else word

    return variation


def _spelled(reference: Behaviour, spell: Any) -> Behaviour:
    return lambda *arguments: spell(reference(*arguments))
