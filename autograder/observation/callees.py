"""Which functions of the notebook a function calls, as far as its code tells.

What it loads as a global counts, and what the functions behind those names load in turn; an
attribute (``torch.autograd.functional.hessian``) is not the notebook's ``hessian``. Looked up in
the student's process, so it is believed only as far as to choose words. Knows code; no tasks.
"""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import Any

__all__ = ["callees"]

#: So many names are told, none longer than that, and so many objects are looked into.
_MOST_NAMES, _LONGEST, _MOST_OBJECTS = 50, 100, 300
#: How code loads a global; the second and third are those of a class's body.
_LOADS = frozenset(("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"))

Namespace = dict[str, Any]


def callees(
    function: Callable[..., Any], namespace: Namespace, beside: Namespace | None = None
) -> list[str]:
    """Names of the notebook's functions that `function` calls, itself or through others.

    Parameters
    ----------
    function : callable
        A function, method, partial, class, or whatever wraps one.
    namespace : dict
        The notebook's.
    beside : dict, optional
        Another one, of code that sees the notebook's names as well as its own.

    Returns
    -------
    list of str
        As met; another name of the same function counts too. Empty for what
        has no code of the notebook in it. It never raises.
    """
    names: list[str] = []
    waiting, met = [function], [function]
    while waiting and len(met) < _MOST_OBJECTS:
        for name, value in _reached(waiting.pop(0), namespace, beside):
            if name and callable(value) and name not in names:
                names.append(name)
            if _holds_code(value) and not any(value is other for other in met):
                met.append(value)
                waiting.append(value)
    others = [
        name
        for name, value in list(namespace.items())
        if name not in names and any(value is other for other in met[1:])
    ]
    return [name for name in [*names, *others] if len(name) <= _LONGEST][:_MOST_NAMES]


def _holds_code(value: Any) -> bool:
    return callable(value) or isinstance(value, (staticmethod, classmethod, property))


def _reached(
    value: Any, namespace: Namespace, beside: Namespace | None
) -> Iterator[tuple[str, Any]]:
    """What a value refers to: globals of the notebook by their name, anything else without."""
    try:
        space = value.__globals__ if type(value) is FunctionType else None
        if space is not None and (space is namespace or space is beside):
            for name in _loaded(value.__code__):
                if space is beside and name in beside:
                    yield "", beside[name]
                elif name in namespace:
                    yield name, namespace[name]
        yield from (("", part) for part in _parts(value, namespace))
    except Exception:  # an object of the student's own making
        return


def _loaded(code: CodeType) -> Iterator[str]:
    """Names that code loads as globals, with the functions and classes defined inside."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in _LOADS:
            yield str(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _loaded(constant)


def _parts(value: Any, namespace: Namespace) -> list[Any]:
    """What a value is made of: what it wraps, closes over, or was given beforehand."""
    if type(value) is FunctionType:
        cells = [cell.cell_contents for cell in value.__closure__ or () if _filled(cell)]
        given = [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()]
        return [*cells, *given, *vars(value).values()]
    if isinstance(value, partial):
        return [value.func, *value.args, *value.keywords.values()]
    if isinstance(value, MethodType):
        return [value.__func__, value.__self__]
    if isinstance(value, (staticmethod, classmethod)):
        return [value.__func__]
    if isinstance(value, property):
        return [value.fget]
    if isinstance(value, type):
        own = value.__module__ == namespace.get("__name__")
        return [*vars(value).values(), *value.__bases__] if own else []
    return [*vars(value).values(), type(value)]


def _filled(cell: Any) -> bool:
    """Whether a variable that is closed over has a value by now."""
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False
