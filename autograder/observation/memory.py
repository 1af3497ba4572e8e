"""Room to tell that there is none left.

An error keeps the frames that it came through, and they what filled the memory: a list that grows
without end, say. Whoever looks at such an error runs out of memory in turn, and CPython 3.11 may
then try for ever to handle that. Knows errors; nothing of ours.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

__all__ = ["let_go", "show"]


def let_go(error: BaseException) -> None:
    """Free what the frames below the caller's hold, if memory ran out; takes none for it."""
    if not isinstance(error, MemoryError):
        return
    trace = error.__traceback__
    while trace is not None and (trace := trace.tb_next) is not None:
        _clear(trace)


def _clear(trace: TracebackType) -> None:
    try:  # noqa: SIM105 (what suppresses errors takes memory)
        trace.tb_frame.clear()
    except RuntimeError:  # it is still at work
        pass


def show(shell: Any, kind: Any, error: Any, trace: Any, tb_offset: int | None = None) -> None:
    """Show that memory ran out, as IPython's ``set_custom_exc`` wants it."""
    let_go(error)
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
