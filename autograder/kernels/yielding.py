"""Who works for long lets the others go first: a kernel behind those that take an ordinary turn.

It still has whatever processor nobody else wants, and by `autograder.kernels.deadlines` loses no
second of its own. Asked and done from outside, by the forking parent. Knows processes alone.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from autograder.kernels.sandbox import process_status

__all__ = ["is_long", "put_behind"]

#: Several times what an ordinary turn takes, in seconds of the processor.
_LONG = 5.0
#: A third of what others get, where all want it.
_NICE = 5


def is_long(pid: int) -> bool:
    """Whether a process has used more than an ordinary turn takes."""
    try:
        fields = process_status(pid)
    except OSError:
        return False
    return int(fields[11]) + int(fields[12]) > _LONG * os.sysconf("SC_CLK_TCK")


def put_behind(pid: int) -> None:
    """Have the others go first, before all threads of a process that leads its session."""
    nice = min(os.getpriority(os.PRIO_PROCESS, 0) + _NICE, 19)
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PGRP, pid, nice)
    with contextlib.suppress(OSError):  # where sessions are weighed against each other
        Path(f"/proc/{pid}/autogroup").write_text(str(nice))
