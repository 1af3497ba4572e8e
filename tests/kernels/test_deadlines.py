"""Neighbours cost nobody a point: what counts is the time that a kernel had."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from types import SimpleNamespace

import pytest

from autograder.kernels import deadlines, warm, yielding
from autograder.kernels.deadlines import Deadline, waited
from autograder.kernels.guest import REPORTS
from autograder.kernels.kernel import Kernel
from autograder.kernels.limits import Limits
from autograder.kernels.reports import Reports


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that goes when it is told to."""
    clock = [100.0]
    monkeypatch.setattr(deadlines, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    return clock


def test_seconds_that_others_had_do_not_count(now: list[float]) -> None:
    had = [7.0]
    deadline = Deadline(2.0, lambda: had[0])
    now[0], had[0] = 102.0, 8.5
    assert deadline.remaining() == 1.5
    now[0], had[0] = 103.5, 8.5
    assert deadline.remaining() == 0.0


def test_waiting_has_an_end(now: list[float]) -> None:
    """Where others have all of the machine for ever, and where a process has gone."""
    had = [7.0]
    deadline = Deadline(2.0, lambda: had[0])
    now[0], had[0] = 109.0, 1000.0
    assert deadline.remaining() == 1.0
    now[0], had[0] = 110.0, 0.0
    assert deadline.remaining() == 0.0


def test_a_process_that_is_not_there_has_not_waited() -> None:
    assert waited(0) == 0.0
    assert waited(os.getpid()) >= 0.0


def test_who_is_put_behind_has_all_the_same_what_it_costs() -> None:
    """By the system's weights of niceness, each level 1.25 times the next."""
    assert 1.25**yielding._NICE < deadlines._MOST


def test_who_works_for_long_goes_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yielding, "_LONG", 0.1)
    spin = [sys.executable, "-c", "while True: pass"]
    with subprocess.Popen(spin, start_new_session=True) as process:
        try:
            ends = time.monotonic() + 30
            while not yielding.is_long(process.pid) and time.monotonic() < ends:
                time.sleep(0.05)
            assert yielding.is_long(process.pid)
            before = os.getpriority(os.PRIO_PROCESS, 0)
            yielding.put_behind(process.pid)
            after = os.getpriority(os.PRIO_PROCESS, process.pid)
            assert after == min(before + yielding._NICE, 19)
        finally:
            process.kill()


@pytest.mark.kernel
def test_slow_neighbours_cost_neither_a_cell_nor_a_call_its_time() -> None:
    """Half a second of work, beside three that never stop on the same processor."""
    work = "import time\nbegan = time.process_time()\nwhile time.process_time() < began + 0.5: pass"
    function = f"def f():\n{textwrap.indent(work, '    ')}\n    return 1.0"
    processor = min(os.sched_getaffinity(0))
    spin = f"import os\nos.sched_setaffinity(0, [{processor}])\nprint(flush=True)\nwhile True: pass"
    limits = Limits(cell_seconds=0.8, call_seconds=0.8)
    with warm.warm_kernel() as (process, talk):
        kernel = Kernel(process, talk, limits)
        assert kernel.run(function) == []
        os.sched_setaffinity(process.pid, [processor])
        command = [sys.executable, "-c", spin]
        others = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(3)]
        try:
            for other in others:  # on a busy machine each takes its time to begin
                assert other.stdout is not None
                assert other.stdout.readline()
            began = time.monotonic()
            assert kernel.run(work) == []
            assert time.monotonic() - began > limits.cell_seconds  # or nothing is shown
            kernel.listen(Reports(process.place / REPORTS))
            kernel.observe("f", [{"args": []}])
            (seen,) = kernel.reports()
            assert seen["values"] == [1.0], seen
            assert seen["seconds"] > limits.call_seconds
            # Who sleeps waits for nobody.
            asleep = kernel.run("time.sleep(20)")
            assert [output.get("evalue") for output in asleep] == ["", "stopped after 0.8 s"]
        finally:
            for other in others:
                other.kill()
                other.communicate()
