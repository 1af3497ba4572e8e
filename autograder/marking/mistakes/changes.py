"""What an author changes about mistakes that come from the library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypedDict

from autograder.errors import TaskError
from autograder.marking.calls import Behaviour
from autograder.marking.task import Mistake

__all__ = ["Changes", "changed"]


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
        Other names.
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
    return [
        replace(
            mistake,
            name=rename.get(name, name),
            hint=reword.get(name, mistake.hint),
            behaves_like=(*mistake.variants, *also.get(name, ())),
            costs=costs.get(name, mistake.costs),
        )
        for name, mistake in mistakes.items()
        if name not in out
    ]
