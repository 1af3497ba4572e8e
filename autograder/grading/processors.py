"""How many processors there are for us: of a large machine a container has its share.

Knows the system; nothing of grading. It stands alone, as the command line asks before anything else
is imported.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["processors"]


def processors(
    proc: Path = Path("/proc/self/cgroup"), groups: Path = Path("/sys/fs/cgroup")
) -> int:
    """How many this process, and what it starts, can keep busy at the same time; 1 at least.

    Those that it may run on, and no more than its control groups give it time for.

    Parameters
    ----------
    proc, groups : Path
        Where the system says in which groups it is, and what these may use.

    References
    ----------
    Linux kernel documentation, "CFS Bandwidth Control": ``cpu.max``, ``cpu.cfs_quota_us``.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, min([count, *map(math.ceil, _shares(proc, groups))]))


def _shares(proc: Path, groups: Path) -> Iterator[float]:
    """Processors that each group may use, the process's own and those around it."""
    for line in _read(proc).splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        # In a container the path may be as the machine sees it; the group itself is then the root.
        root = groups / "cpu" if controllers else groups
        own = root / path.strip("/")
        for folder in (own, *own.parents):
            files = ("cpu.cfs_quota_us", "cpu.cfs_period_us") if controllers else ("cpu.max",)
            limit = " ".join(_read(folder / file) for file in files).split()
            if len(limit) == 2 and all(number.isdigit() for number in limit):
                yield int(limit[0]) / int(limit[1])
            if folder == root:
                break


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
