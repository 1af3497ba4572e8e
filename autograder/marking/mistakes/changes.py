"""What an author changes about mistakes that come from the library."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict

from autograder.errors import TaskError
from autograder.marking.calls import Behaviour
from autograder.marking.criteria import Mistake

__all__ = ["Changes", "changed", "named"]


class Changes(TypedDict, total=False):
    """The keyword arguments of `changed`; each goes by the names of the library."""

    leave_out: Iterable[str]
    reword: Mapping[str, str]
    rename: Mapping[str, str]
    also: Mapping[str, Sequence[Behaviour]]
    costs: Mapping[str, float]


def changed(
    ready: Iterable[Mistake],
    *,
    leave_out: Iterable[str] = (),
    reword: Mapping[str, str] = {},
    rename: Mapping[str, str] = {},
    also: Mapping[str, Sequence[Behaviour]] = {},
    costs: Mapping[str, float] = {},
) -> list[Mistake]:
    """Mistakes as their author wants them.

    Parameters
    ----------
    ready : iterable of Mistake
    leave_out : iterable of str
        Names of those that the task has no use for.
    reword : dict of str to str
        Other hints.
    rename : dict of str to str
        Other names. Two under one name become one mistake, with the hint of the first.
    also : dict of str to sequence of callables
        More behaviours that deserve the same name and hint.
    costs : dict of str to float
        See `Mistake`.

    Returns
    -------
    list of Mistake

    Raises
    ------
    TaskError
        If a name is none of those that there are.
    """
    mistakes = {mistake.name: mistake for mistake in ready}
    out = set(leave_out)
    unknown = {*out, *reword, *rename, *also, *costs} - mistakes.keys()
    if unknown:
        raise TaskError(
            f"the library has no mistake {', '.join(map(repr, sorted(unknown)))} here; "
            f"it has {', '.join(map(repr, mistakes))}"
        )
    chosen: dict[str, Mistake] = {}
    for name, mistake in mistakes.items():
        if name in out:
            continue
        new = rename.get(name, name)
        variants = (*mistake.variants, *also.get(name, ()))
        if new in chosen:
            chosen[new] = replace(chosen[new], behaves_like=(*chosen[new].variants, *variants))
            continue
        chosen[new] = replace(
            mistake,
            name=new,
            hint=reword.get(name, mistake.hint),
            behaves_like=variants,
            costs=costs.get(name, mistake.costs),
        )
    return list(chosen.values())


def named(
    table: Mapping[str, Sequence[Any]],
    made: Callable[[Any], Behaviour] = lambda change: change,
    stateful: bool = False,
) -> list[Mistake]:
    """Mistakes as a table.

    Parameters
    ----------
    table : dict of str to tuple
        For each name its hint, then one behaviour or several.
    made : callable, optional
        What makes a behaviour of each of them, where the table holds something shorter.
    stateful : bool
        See `Mistake`.
    """
    return [
        Mistake(name, hint, behaves_like=tuple(map(made, changes)), stateful=stateful)
        for name, (hint, *changes) in table.items()
    ]
