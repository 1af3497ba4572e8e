"""What a command takes, with all its descendants, seen from outside.

Knows processes; neither courses nor grades.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from autograder.commands.bench.results import Cost
from autograder.errors import CourseError

__all__ = ["Others", "measure", "rss"]


def measure(command: Sequence[str], folder: Path, count: int, may_fail: bool = False) -> Cost:
    """Run a command in `folder` and measure it with all its descendants.

    Parameters
    ----------
    command : sequence of str
    folder : Path
    count : int
        Submissions that it grades.
    may_fail : bool
        Whether another exit status than 0 is a result like any other.

    Raises
    ------
    CourseError
        If it fails, with the end of what it said.
    """
    # What a user of this machine has configured must not decide.
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(folder / "no-configuration")}
    environment["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), environment.get("PATH", "")]
    )
    with tempfile.TemporaryFile() as said:
        started = time.monotonic()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        with _Memory(process.pid) as memory:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0 and not (may_fail and process.returncode > 0):
            said.seek(0)
            words = said.read().decode(errors="replace").strip().splitlines()[-5:]
            end = process.returncode
            how = f"was killed (signal {-end})" if end < 0 else f"failed (exit status {end})"
            raise CourseError(f"{' '.join(command)} {how}: " + " | ".join(words))
    return Cost(count, seconds, usage.ru_utime + usage.ru_stime, memory.rss, memory.pss)


class _Memory(threading.Thread):
    """Watches the memory of a process and its descendants from outside, while it lives."""

    _every, _every_pss = 0.1, 2.0

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._ended = threading.Event()
        self.rss = self.pss = 0

    def __enter__(self) -> _Memory:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Look until told that it has ended (called by `start`)."""
        next_pss = time.monotonic() + self._every_pss / 2
        while not self._ended.wait(self._every):
            family = _family(self._pid)
            self.rss = max(self.rss, sum(map(rss, family)))
            # The kernel walks all pages for it, which takes some 15 ms a process.
            if time.monotonic() >= next_pss:
                self.pss = max(self.pss, sum(map(_pss, family)))
                next_pss = time.monotonic() + self._every_pss


def _family(pid: int) -> list[int]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                # After the name, which may hold anything: state, then the parent.
                fields = Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()
                children.setdefault(int(fields[1]), []).append(int(entry))
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


class Others:
    """What the rest of the machine does, from now on, beside this process and its children."""

    def __init__(self, counters: Path = Path("/proc/stat")) -> None:
        self._counters = counters
        self._since = time.monotonic(), self._used()

    def cores(self) -> float:
        """How many cores it keeps busy on average; children that still run count as others."""
        seconds, used = self._since
        return max(0.0, (self._used() - used) / (time.monotonic() - seconds))

    def _used(self) -> float:
        # Without what idles and what waits for the disk; from the ninth, others' are counted again.
        fields = [int(field) for field in self._counters.read_text().split("\n", 1)[0].split()[1:9]]
        own = os.times()
        busy = (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")
        return busy - sum(own[:4])


def rss(pid: int) -> int:
    """Bytes in memory of a process, with what it shares; 0 if it has ended."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _pss(pid: int) -> int:
    with contextlib.suppress(OSError):
        found = re.search(r"^Pss: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
        return int(found[1]) * 1024 if found else 0
    return 0
