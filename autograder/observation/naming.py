"""Parameters by their names: for a function that has those of the task in another order.

Arguments are passed by position, as anybody may rename what is his own. But who calls by name, as
a visible check may, sees no difference between ``(f, x0, lr, n_steps)`` and ``(f, x0, n_steps,
lr)``. This module knows signatures; no calls, no tasks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import Parameter, signature
from typing import Any

__all__ = ["by_name", "named_parameters"]

#: Kinds of parameters that take an argument by its position, and by its name.
_PLACED = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
_NAMED = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


def named_parameters(function: Callable[..., Any]) -> list[str]:
    """The names of the parameters that take arguments by position; none where nobody can tell."""
    try:
        parameters = signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [parameter.name for parameter in parameters if parameter.kind in _PLACED]


def by_name(
    function: Callable[..., Any], arguments: Sequence[Any], names: Sequence[str]
) -> dict[str, Any]:
    """The arguments by name, if only so a function takes them as they are meant.

    It has all of their names among its parameters, and not in this order, or some by keyword
    only. Otherwise, and where nobody can tell, empty: they go by position. So they do where the
    names end in a slash, and it has another order.
    """
    meant = dict(zip(names, arguments, strict=False))
    if len(meant) < len(arguments):
        return {}
    try:
        parameters = signature(function).parameters
        placed = [name for name, each in parameters.items() if each.kind in _PLACED]
        known = all(name in parameters and parameters[name].kind in _NAMED for name in meant)
        if not known or placed[: len(meant)] == list(meant):
            return {}
        ours = [name for name in placed if name in meant]
        if "/" in names and ours != list(meant)[: len(ours)]:
            return {}
        for wrapped in (True, False):  # what is wrapped, and what wraps it
            signature(function, follow_wrapped=wrapped).bind(**meant)
    except Exception:  # an object of the student's own making
        return {}
    return meant
