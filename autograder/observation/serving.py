"""In the student's kernel: ask a task's calls, and report what was seen of each.

Asked is the function that has the task's name, or what the hidden part of the test cell, run as
it is written, hands to `observe`. It runs after the student's cells, sees their names, and leaves
none of its own. Nothing here knows an answer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from autograder.observation.callees import callees
from autograder.observation.observe import observe_call

__all__ = ["serve"]

Json = dict[str, Any]


def serve(
    namespace: dict[str, Any],
    name: str,
    calls: Sequence[Json],
    seconds: float,
    report: Callable[[Json], None],
    jit: Callable[..., Any] | None = None,
    hidden: str = "",
) -> None:
    """Observe a task's function in a running notebook.

    Reports each call at once, so that what was seen before a kernel
    died is kept. Stops after a call that ran out of time.

    Parameters
    ----------
    namespace : dict
        The notebook's.
    name : str
        The task, and its function in the namespace. The first report also has the names of
        the notebook's functions that it calls.
    calls : sequence of dict
    seconds : float
        Time allowed for each call.
    report : callable
    jit : callable, optional
        See `observe_call`.
    hidden : str
        The hidden part of the test cell, if it hands over something else.
    """
    asked: list[bool] = []

    def say(index: int, observation: Json) -> None:
        report({"task": name, "index": index, **observation})

    def ask(function: Any) -> None:
        if asked:
            return
        asked.append(True)
        if not callable(function):
            say(-1, {"missing": f"{name} is a {type(function).__name__}, not a function"})
            return
        names = callees(function, namespace, beside)
        for index, call in enumerate(calls):
            observation = observe_call(function, call, seconds, jit)
            if index == 0 and _lacks(name, observation):
                say(-1, {"missing": f"{name} is not defined"})
                return
            if index == 0:
                observation["names"] = names
            say(index, observation)
            if observation.get("error", {}).get("type") == "Timeout":
                return

    beside = _Beside(namespace)
    if not hidden:
        if name in namespace:
            ask(namespace[name])
        else:
            say(-1, {"missing": f"{name} is not defined"})
        return
    try:
        with _importable(lambda function, task="": ask(function)):
            exec(compile(hidden, "<hidden part>", "exec"), beside)
    except BaseException as error:
        if not asked:
            say(-1, {"missing": _said(error)})


def _lacks(name: str, observation: Json) -> bool:
    """Whether what was handed over looked in vain for the task's own name: a variable, say."""
    error = observation.get("error", {})
    missed = error.get("type") == "NameError" and "line" not in error
    return missed and error.get("message") == f"name {name!r} is not defined"


@contextmanager
def _importable(observe: Callable[..., None]) -> Iterator[None]:
    """Meanwhile ``from autograder import observe`` gives this; of ours nothing else is there."""
    module = ModuleType("autograder")
    module.observe = observe  # type: ignore[attr-defined]
    before = sys.modules.get("autograder")
    sys.modules["autograder"] = module
    try:
        yield
    finally:
        if before is None:
            sys.modules.pop("autograder", None)
        else:
            sys.modules["autograder"] = before


class _Beside(dict[str, Any]):
    """A namespace beside the notebook's: sees its names as they are now, and keeps its own."""

    def __init__(self, notebook: dict[str, Any]) -> None:
        super().__init__()
        self._notebook = notebook

    def __missing__(self, name: str) -> Any:
        return self._notebook[name]


def _said(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"[:200]
    except BaseException:
        return type(error).__name__
