"""Mistakes of results: right numbers, then spoilt.

All take `after`, where ``after(change)`` is the right answer with ``change(result)`` made of its
result; so a result may be a part of an answer, or come from a function that was handed back. For
a plain reference it is `after_all`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, Unpack

import numpy as np

from autograder.marking.calls import Behaviour
from autograder.marking.criteria import Mistake
from autograder.marking.mistakes.changes import Changes, changed

__all__ = ["after_all", "altering", "cut", "matrices", "numbers", "pairs"]

After = Callable[[Callable[[Any], Any]], Behaviour]


def after_all(reference: Behaviour) -> After:
    """Changes of all that `reference` hands back."""
    return lambda change: lambda *arguments: change(reference(*arguments))


def altering(
    name: str,
    hint: str,
    reference: Behaviour,
    *changes: Callable[[Any], Any],
    costs: float | None = None,
) -> Mistake:
    """A mistake of what is handed back, whatever was computed: named beside another one, too."""
    made = on_top(*changes)
    return Mistake(name, hint, tuple(alter(reference) for alter in made), costs=costs, alters=made)


def on_top(*changes: Callable[[Any], Any]) -> tuple[Callable[[Behaviour], Behaviour], ...]:
    """The changes, to be made of what any behaviour hands back; see `Mistake.alters`."""

    def alteration(change: Callable[[Any], Any]) -> Callable[[Behaviour], Behaviour]:
        def alter(behaviour: Behaviour) -> Behaviour:
            def altered(*arguments: Any, **named: Any) -> Any:
                result = behaviour(*arguments, **named)
                return alter(result) if callable(result) else change(result)

            return altered

        return alter

    return tuple(map(alteration, changes))


def cut(most: float) -> Callable[[Any], Any]:
    """No number beyond `most`."""
    return lambda found: np.clip(found, -most, most)


def numbers(
    after: After, most: Sequence[float] = (1.0, 10.0), **changes: Unpack[Changes]
) -> list[Mistake]:
    """Mistakes of a number, or of each of an array of numbers, that may have either sign.

    Parameters
    ----------
    after : callable
    most : sequence of float
        Sizes to which somebody may have cut what is larger.
    **changes
        See `changed`.
    """
    ready = [
        Mistake(
            "sign turned around",
            "The size is right and the sign is turned around.",
            behaves_like=after(np.negative),
            alters=on_top(np.negative),
        ),
        Mistake(
            "sign lost",
            "The size is right, but the sign is lost: it may well be negative, so no abs().",
            behaves_like=after(np.abs),
        ),
        Mistake(
            "half of it",
            "It is half (or twice) as large as it should be.",
            behaves_like=(after(lambda found: found / 2), after(lambda found: 2 * found)),
            alters=on_top(lambda found: found / 2, lambda found: 2 * found),
        ),
        Mistake(
            "clipped",
            "What is large has come out smaller; return it as it is, however large.",
            behaves_like=tuple(after(cut(size)) for size in most),
        ),
    ]
    return changed(ready, **changes)


def pairs(after: After, first: str, second: str, **changes: Unpack[Changes]) -> list[Mistake]:
    """Mistakes of a pair, whose parts are called `first` and `second`."""
    ready = [
        Mistake(
            f"{second} before {first}",
            f"The two are right but exchanged: return ({first}, {second}).",
            behaves_like=after(lambda pair: tuple(pair)[::-1]),
        ),
        *(
            Mistake(
                f"only the {part}",
                f"Return two things, the {first} and the {second}; this is only the {part}.",
                behaves_like=after(itemgetter(k)),
            )
            for k, part in enumerate((first, second))
        ),
    ]
    return changed(ready, **changes)


def matrices(after: After, **changes: Unpack[Changes]) -> list[Mistake]:
    """Mistakes of a symmetric matrix, as a Hessian is one; shape (n, n)."""
    ready = [*_entries(after), *_sizes(after), *_less_than_a_matrix(after)]
    return changed(ready, **changes)


def _entries(after: After) -> list[Mistake]:
    return [
        Mistake(
            "diagonal only",
            "These are the entries on the diagonal; those beside it say how one coordinate "
            "depends on the other.",
            behaves_like=(after(lambda H: np.diag(np.diag(H))), after(np.diag)),
            alters=on_top(lambda H: np.diag(np.diag(H))),
        ),
        Mistake(
            "one triangle only",
            "One half of the mixed entries is missing: the table is symmetric, so each of them "
            "stands twice.",
            behaves_like=(after(np.triu), after(np.tril)),
        ),
        Mistake(
            "diagonal missing",
            "The mixed entries are there, but the diagonal is missing.",
            behaves_like=(after(lambda H: H - np.diag(np.diag(H))), after(lambda H: H[0, 1])),
        ),
        Mistake(
            "entries in the wrong place",
            "Row 0 and column 0 belong to the first coordinate, row 1 and column 1 to the second.",
            behaves_like=(after(lambda H: H[::-1, ::-1]), after(lambda H: H[::-1])),
            alters=on_top(lambda H: H[::-1, ::-1], lambda H: H[::-1]),
        ),
        Mistake(
            "half of some entries",
            "Diagonal and mixed entries don't go together: some are half (or twice) as large as "
            "they should be.",
            behaves_like=(
                after(lambda H: _weighted(H, diagonal=1, beside=0.5)),
                after(lambda H: _weighted(H, diagonal=1, beside=2)),
                after(lambda H: _weighted(H, diagonal=2, beside=1)),
            ),
        ),
    ]


def _sizes(after: After) -> list[Mistake]:
    return [
        Mistake(
            "sign turned around",
            "Every sign is turned around.",
            behaves_like=after(np.negative),
            alters=on_top(np.negative),
        ),
        Mistake(
            "half of it",
            "Every entry is half (or twice) as large as it should be.",
            behaves_like=(after(lambda H: H / 2), after(lambda H: 2 * H)),
            alters=on_top(lambda H: H / 2, lambda H: 2 * H),
        ),
        Mistake(
            "inverse",
            "This is the inverse of the matrix that is asked for.",
            behaves_like=after(np.linalg.inv),
        ),
        Mistake(
            "made positive",
            "Return the matrix as it is, also where it is not positive definite: add nothing to "
            "its diagonal and turn no sign.",
            behaves_like=(
                after(_bent_up),
                *(after(partial(_raised, more)) for more in (0.01, 0.1, 1)),
            ),
        ),
    ]


def _less_than_a_matrix(after: After) -> list[Mistake]:
    return [
        Mistake(
            "rows added up",
            "The rows are added together; keep them apart, one below the other.",
            behaves_like=(
                after(lambda H: H.sum(axis=0)),
                after(lambda H: np.diag(H.sum(axis=0))),
                after(np.sum),
            ),
        ),
        Mistake(
            "one row only",
            "This is one of the rows; each coordinate has a row of its own (and a list that holds "
            "one array twice needs copies).",
            behaves_like=(
                after(lambda H: H[0]),
                after(lambda H: H[-1]),
                after(lambda H: H[[0] * len(H)]),
                after(lambda H: H[[-1] * len(H)]),
            ),
        ),
        Mistake(
            "numbers in a row",
            "The numbers are right, but in one long list; give them rows and columns.",
            behaves_like=(
                after(np.ravel),
                after(lambda H: np.append(np.diag(H), H[np.triu_indices(len(H), 1)])),
                after(lambda H: H[np.triu_indices(len(H))]),
            ),
            alters=on_top(np.ravel),
        ),
        Mistake(
            "one number only",
            "This is one number; a matrix is asked for, with an entry for each pair of "
            "coordinates.",
            behaves_like=(after(np.trace), after(np.linalg.det)),
        ),
    ]


def _weighted(H: np.ndarray, diagonal: float, beside: float) -> np.ndarray:
    return H * np.where(np.eye(len(H)), diagonal, beside)


def _raised(more: float, H: np.ndarray) -> np.ndarray:
    return np.asarray(H + more * np.eye(len(H)))


def _bent_up(H: np.ndarray) -> np.ndarray:
    """Every curvature turned positive."""
    curvatures, directions = np.linalg.eigh(H)
    return np.asarray(directions * np.abs(curvatures) @ directions.T)
