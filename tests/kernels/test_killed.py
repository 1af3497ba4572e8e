"""A kernel that is killed from outside, or has no room to report, costs nobody a mark."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import SEARCH_PATH
from nbformat.v4 import new_code_cell, new_notebook
from test_resume import IN_A_NAMESPACE

from autograder.errors import GraderFault
from autograder.kernels import driver, orders
from autograder.kernels.driver import Executed, execute
from autograder.kernels.kernel import Kernel, open_kernel
from autograder.kernels.limits import Limits

pytestmark = pytest.mark.kernel

MARKS = {"grade_id": "test_double", "grade": True, "solution": False, "points": 1}
CELLS = [
    new_code_cell("print('well')\ndef double(x):\n    return 2 * x"),
    new_code_cell("double(1)", metadata={"nbgrader": {**MARKS, "schema_version": 3}}),
]
CALLS = {"double": [{"args": [float(x)]} for x in range(3)]}
RIGHT = [[0.0], [2.0], [4.0]]


def run() -> tuple[Executed, list[Any]]:
    """What came of it, and what was seen."""
    executed = execute(nbformat.writes(new_notebook(cells=CELLS)), CALLS, Limits())
    return executed, [seen.get("values") for seen in executed.observed["double"].observations]


def end_kernel(kernel: Kernel) -> None:
    os.kill(kernel._process.pid, signal.SIGKILL)


def end_zygote(kernel: Kernel) -> None:
    os.kill(orders._zygotes[()].process.pid, signal.SIGKILL)


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[Kernel], None]]:
    """What is done to the next kernels when they are ready, the first of them last."""
    waiting: list[Callable[[Kernel], None]] = []

    @contextmanager
    def opened(limits: Limits) -> Iterator[Kernel]:
        with open_kernel(limits) as kernel:
            if waiting:
                waiting.pop()(kernel)
            yield kernel

    monkeypatch.setattr(driver, "open_kernel", opened)
    return waiting


@pytest.mark.parametrize("end", [end_kernel, end_zygote])
def test_who_is_killed_by_the_system_is_run_again(
    killed: list[Callable[[Kernel], None]], end: Callable[[Kernel], None]
) -> None:
    """As by one that has no memory left: right work is right."""
    killed.append(end)
    executed, values = run()
    assert not killed
    assert (executed.died, values) == ("", RIGHT)
    assert nbformat.reads(executed.notebook, as_version=4).cells[0].outputs[0].text == "well\n"


def test_who_is_killed_twice_has_done_it_or_the_machine_is_too_small(
    killed: list[Callable[[Kernel], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system has ended processes meanwhile, it is nobody's mark."""
    killed += [end_kernel] * 2
    executed, _ = run()
    assert executed.died == "the kernel died (the kernel was killed)"
    killed += [end_kernel] * 2
    monkeypatch.setattr(driver, "killed_for_memory", itertools.count().__next__)
    with pytest.raises(GraderFault, match=r"no memory left.*--jobs"):
        run()
    killed += [end_zygote] * 2
    with pytest.raises(GraderFault, match="the process that makes kernels was killed"):
        run()
    assert run()[1] == RIGHT


def test_who_makes_kernels_is_replaced_when_it_has_ended() -> None:
    with open_kernel(Limits()) as kernel:
        end_zygote(kernel)
    assert run()[1] == RIGHT


FULL = """
import sys, tempfile
from functools import partial
import test_killed
from autograder.errors import GraderFault
from autograder.kernels import kernel
tempfile.tempdir = sys.argv[1]
for quota in False, True:
    kernel.Box = partial(kernel.Box, quota=quota)
    try:
        print(test_killed.run()[1])
    except GraderFault as fault:
        print(fault)
"""


def test_a_full_disk_is_nobodys_mark(tmp_path: Path) -> None:
    """What cannot be written down would look like what was never returned."""
    mount = f"mount -t tmpfs -o size=200k tmpfs {tmp_path}"
    script = f'{mount} && exec {sys.executable} -c "$FULL" {tmp_path}'
    done = subprocess.run(
        [*IN_A_NAMESPACE, "sh", "-c", script], capture_output=True, text=True,
        env={**os.environ, "FULL": FULL, "PYTHONPATH": SEARCH_PATH},
    )  # fmt: skip
    if "mount" in done.stderr:
        pytest.skip("needs unprivileged user namespaces, to mount a small disk")
    shared, own = done.stdout.splitlines()
    assert "No space left on device" in shared
    assert "TMPDIR" in shared
    assert own == str(RIGHT)
