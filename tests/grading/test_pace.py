"""Who takes long holds nobody up, and there are never more in hand than twice as many."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.grading import pace
from autograder.grading.pace import Pace
from autograder.grading.processors import processors


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that goes when it is told to."""
    clock = [100.0]
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    return clock


def test_beside_those_that_take_long_as_many_others_go(now: list[float]) -> None:
    turns = Pace(2)
    for _ in range(5):
        turns.end(turns.begin())
    long = [turns.begin(), turns.begin()]
    assert not turns.free
    assert not turns.only_long
    now[0] += 11
    assert turns.only_long
    others = [turns.begin(), turns.begin()]
    assert not turns.free
    now[0] += 11  # all four take long: there is an end
    assert not turns.free
    turns.end(others[0])
    assert turns.free
    turns.end(long[0])
    assert turns.only_long


def test_what_everybody_takes_is_not_long(now: list[float]) -> None:
    """In a week of slow work nothing more is in hand than was asked for."""
    turns = Pace(1)
    for _ in range(3):
        turn = turns.begin()
        now[0] += 20
        turns.end(turn)
    turns.begin()
    now[0] += 59
    assert not turns.free
    now[0] += 2
    assert turns.free


#: What lies in ``/proc/self/cgroup`` and ``/sys/fs/cgroup``, and how many of sixteen that leaves.
GROUPS = {
    "none": ("0::/\n", {}, 16),
    "no limit": ("0::/\n", {"cpu.max": "max 100000\n"}, 16),
    "a container's": ("0::/\n", {"cpu.max": "250000 100000\n"}, 3),
    "less than one": ("0::/a\n", {"a/cpu.max": "20000 100000\n"}, 1),
    "one around it": (
        "0::/user/a\n", {"user/cpu.max": "400000 100000", "user/a/cpu.max": "max 100000"}, 4,
    ),
    "as the machine sees it": ("0::/docker/1f\n", {"cpu.max": "200000 100000\n"}, 2),
    "first version": (
        "3:cpuset:/\n1:cpu,cpuacct:/t\n",
        {"cpu/t/cpu.cfs_quota_us": "500000\n", "cpu/t/cpu.cfs_period_us": "100000\n"}, 5,
    ),
    "first version, no limit": (
        "1:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 16,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GROUPS)
def test_a_container_has_its_share_of_the_processors(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By default there are no more kernels than it has time for."""
    about, files, expected = GROUPS[name]
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(16)))
    (tmp_path / "proc").write_text(about)
    for file, text in files.items():
        path = tmp_path / "groups" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert processors(tmp_path / "proc", tmp_path / "groups") == expected
