"""Call a function and describe what it did, as plain data.

This runs inside the student's kernel (and, for the reference, in the grader,
so that both are seen through the same eyes). It calls, normalises and
reports; it knows nothing of references, tolerances or verdicts, so there is
nothing here to read or to forge.
"""

from __future__ import annotations

import builtins
import importlib
import linecache
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import chain, islice
from types import FrameType
from typing import Any

from autograder.observation.arguments import decode
from autograder.observation.changes import changed, print_of
from autograder.observation.functions import Function
from autograder.observation.memory import let_go
from autograder.observation.naming import by_name
from autograder.observation.values import normalise

__all__ = ["Overtime", "arguments_of", "observe_call", "time_limit"]

_MAX_MESSAGE, _MAX_NAME = 300, 100
#: On the clock, a call may take so many times as long as it has.
_MOST = 5.0
_NAME = vars(type)["__name__"]
#: What JAX and ``repr`` say that is another each time: a cell's file, an object's address.
_FLEETING = re.compile(r" at (?:0x[0-9a-f]+|\S*ipykernel_\d+/\d+\.py:\d+)\b")

#: Errors that have the same name everywhere.
_BUILTIN = frozenset(kind for kind in vars(builtins).values() if isinstance(kind, type))

#: What will interrupt each of the time limits that hold.
_running: list[Overtime] = []

#: For our own code, which nobody waits for.
_NO_LIMIT = nullcontext()

Json = dict[str, Any]


class Overtime(BaseException):
    """Raised inside what is limited (a student's function, a week's notes) when its time is up.

    Not an `Exception`, so that ``except Exception`` inside a loop does not
    swallow it.
    """


def observe_call(
    function: Callable[..., Any],
    call: Json,
    seconds: float = 0.0,
    jit: Callable[..., Any] | None = None,
) -> Json:
    """Call `function` once and say what happened.

    Parameters
    ----------
    function : callable
        The student's function, the reference, or the model of a mistake.
    call : dict
        ``args``: encoded arguments, passed by position; ``names``, if there: by which a function
        takes them that has these in another order; ``kwargs``: those passed by name; ``times``:
        how often to call with the same arguments (the last result counts); ``then``: those with
        which to call the function that came back; ``before``: lists of those with which to call
        the same function before that; ``beside``: those with which to have another one come back
        before all that; ``jit``: positions of the static ones, to call it under ``jax.jit``.
    seconds : float
        Time allowed, 0 for no limit.
    jit : callable, optional
        ``jax.jit`` as it was before the student's code ran; by default, as it is.

    Returns
    -------
    dict
        The normalised result (see `autograder.observation.values.normalise`) or
        ``"error"`` with type, message and line; ``"mutated"``, the positions of arguments whose
        values changed (as in `arguments_of`); ``"evaluations"``, how often f was called;
        ``"seconds"``.
    """
    given = arguments_of(call)
    arguments = [decode(argument) for argument in given]
    prints = [print_of(argument) for argument in arguments]
    started = time.perf_counter()
    try:
        with time_limit(seconds) if seconds > 0 else _NO_LIMIT:
            observation = _seen(function, arguments, call, jit)
    except Overtime as late:
        if any(late is other for other in _running):
            raise  # it is the caller who has no time left
        observation = {"error": {"type": "Timeout", "message": f"no result after {seconds:g} s"}}
    observation["seconds"] = round(time.perf_counter() - started, 4)
    observation["mutated"] = [
        position
        for position, (before, after) in enumerate(zip(given, arguments, strict=True))
        # What can't change is the very object that was given.
        if before is not after and changed(before, after, prints[position])
    ]
    observation["evaluations"] = sum(map(_evaluations, arguments))
    return observation


def arguments_of(call: Json) -> list[Any]:
    """Every encoded argument: by position, by name, of ``then``, ``before`` and ``beside``."""
    thens = chain(*_thens(call), call.get("beside", ()))
    return [*call["args"], *call.get("kwargs", {}).values(), *thens]


def _thens(call: Json) -> list[list[Any]]:
    """What the function that comes back is asked: what counts, then all that is asked before."""
    return [call["then"], *call.get("before", ())] if "then" in call else []


def _seen(
    function: Callable[..., Any],
    arguments: list[Any],
    call: Json,
    jit: Callable[..., Any] | None,
) -> Json:
    """The normalised result, or the error; both are read within the time limit."""
    names = call.get("kwargs", {})
    count, last = len(call["args"]), len(call["args"]) + len(names)
    named = dict(zip(names, arguments[count:last], strict=True))
    given = arguments[:count]
    try:
        if "jit" in call:
            compiled = jit or importlib.import_module("jax").jit
            function = compiled(function, static_argnums=tuple(call["jit"]))
        elif meant := by_name(function, given, call.get("names", ())):
            given, named = [], {**meant, **named}
        for _ in range(int(call.get("times", 1))):
            result = function(*given, **named)
            if "then" in call:
                if result is not None and not callable(result):
                    kind = "number" if hasattr(result, "__array__") else type(result).__name__
                    return {"unsupported": f"a {kind}, not a function"}
                if beside := arguments[len(arguments) - len(call.get("beside", ())) :]:
                    function(*beside)
                result = None if result is None else _last_of(result, arguments[last:], call)
        return normalise(result)
    except Overtime:
        raise
    except BaseException as error:
        let_go(error)
        described = _describe(error)
        # One object may be raised again and again, and each time keeps where it was raised.
        BaseException.with_traceback(error, None)
        return {"error": described}


def _last_of(function: Callable[..., Any], arguments: list[Any], call: Json) -> Any:
    """The last result of a function that came back, and may be asked more than once."""
    rest = iter(arguments)
    counts, *before = [list(islice(rest, len(then))) for then in _thens(call)]
    for given in before:
        function(*given)
    return function(*counts)


def _evaluations(argument: Any) -> int:
    """How often a function was called; its counter is within the student's reach."""
    count = argument.evaluations if isinstance(argument, Function) else 0
    return count if type(count) is int and 0 <= count < 10**9 else 0


@contextmanager
def time_limit(seconds: float) -> Iterator[Overtime]:
    """Interrupt the block after `seconds`; again every second, if that is swallowed.

    Waiting for a processor that others use does not count, up to a limit. Within another block
    like this one, the time of that one goes on.

    Yields
    ------
    Overtime
        What this block is interrupted with, and no other.
    """
    late = Overtime()
    usable = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not usable:
        yield late
        return

    began, waited = time.monotonic(), _waited()

    def expire(signum: int, frame: FrameType | None) -> None:
        allowed = min(seconds + _waited() - waited, _MOST * seconds)
        left = began + allowed - time.monotonic()
        if left <= 0:
            raise late.with_traceback(None)
        signal.setitimer(signal.ITIMER_REAL, max(left, 0.001), 1.0)

    before = signal.signal(signal.SIGALRM, expire)
    rest, _ = signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    _running.append(late)
    try:
        yield late
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        _running.remove(late)
        if rest and _running:  # otherwise it is a student's own alarm
            left = began + rest - time.monotonic()
            if left > 0:
                signal.setitimer(signal.ITIMER_REAL, left, 1.0)
            elif callable(before):  # at once: the next block within would put it off again
                before(signal.SIGALRM, None)


def _waited() -> float:
    """Seconds for which this process was ready to run, and others ran; 0 where none counts them."""
    try:
        # No file object: a time that is up may take it from us before anybody could close it.
        about = os.open("/proc/self/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        try:
            return int(os.read(about, 100).split()[1]) / 1e9
        finally:
            os.close(about)
    except (OSError, ValueError, IndexError):
        return 0.0


def _describe(error: BaseException) -> Json:
    try:
        message = str(error)
    except Overtime:
        raise
    except BaseException:
        message = "(the message could not be read)"
    message = _FLEETING.sub("", message[: 10 * _MAX_MESSAGE])[:_MAX_MESSAGE]
    name = _NAME.__get__(type(error))[:_MAX_NAME]  # a class can say of itself what it likes
    described: Json = {"type": name, "message": message}
    known = [base.__name__ for base in type(error).__mro__ if base in _BUILTIN]
    if type(error) not in _BUILTIN and known[:-3]:  # more than an Exception
        described["bases"] = known[:-3]
    line = _last_line_of_notebook(error)
    if line:
        described["line"] = line
    return described


def _last_line_of_notebook(error: BaseException) -> str:
    """The line of the notebook in which the error arose, stripped."""
    found = ""
    trace = error.__traceback__
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if "ipykernel_" in filename or filename.startswith("<ipython-input"):
            found = linecache.getline(filename, trace.tb_lineno).strip() or found
        trace = trace.tb_next
    return found[:_MAX_MESSAGE]
