"""What reads hostile work has a clock and a memory limit, and can be killed."""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import CannotDraw, Overrun
from autograder.grading import bounded
from autograder.grading.bounded import Bounds, place, places, run

SMALL = Bounds("this", 1, 100)


@pytest.fixture(params=["warm", "alone"])
def _place(request: pytest.FixtureRequest) -> Iterator[None]:
    """With processes kept, and with one for each piece of work."""
    with places() if request.param == "warm" else nullcontext():
        yield


def spin() -> None:
    while True:
        pass


def hoard() -> int:
    return len([bytearray(10_000_000) for _ in range(1000)])


def swallow() -> int:
    """What a bare `except` inside makes of it."""
    while True:
        try:
            return hoard()
        except Exception:
            pass


def fail() -> None:
    raise CannotDraw("no calls")


class Odd(Exception):
    """Cannot be made from its text alone."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__("odd")


def odd() -> None:
    raise Odd(1, 2)


def die() -> None:
    os._exit(3)


def killed_until(path: Path) -> str:
    """Killed as by the system, as often as there are letters in the file."""
    if text := path.read_text():
        path.write_text(text[1:])
        os.kill(os.getpid(), signal.SIGKILL)
    return "well"


pytestmark = pytest.mark.usefixtures("_place")


def test_a_result_comes_back_and_so_does_an_error() -> None:
    assert run(SMALL, divmod, 7, 2) == (3, 1)
    with pytest.raises(CannotDraw, match="no calls"):
        run(SMALL, fail)
    # Itself, where something (Dask does) has taught exceptions to pickle; else in words.
    with pytest.raises((RuntimeError, Odd), match="odd"):
        run(SMALL, odd)


def test_what_the_system_kills_is_done_again_once(tmp_path: Path) -> None:
    """It may have had no memory left; that is no word on what is read."""
    path = tmp_path / "kills"
    path.write_text("x")
    with place() as inside:
        assert inside(SMALL, killed_until, path) == "well"
        path.write_text("xx")
        with pytest.raises(Overrun, match="this was killed twice"):
            inside(SMALL, killed_until, path)
        assert inside(SMALL, killed_until, path) == "well"


@pytest.mark.parametrize(
    ("function", "limit"), [(spin, "1 s"), (hoard, "100 MB"), (swallow, ""), (die, "MB")]
)
def test_what_needs_more_is_ended_and_the_next_is_well(
    function: Callable[[], Any], limit: str
) -> None:
    began = time.monotonic()
    with pytest.raises(Overrun, match=f"this takes more than .*{limit}"):
        run(SMALL, function)
    # The clock is for what sleeps; it gives a busy machine much longer.
    assert time.monotonic() - began < SMALL.seconds * bounded._PATIENCE - 1
    assert run(SMALL, abs, -1) == 1


def test_a_result_that_is_too_large_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "_MOST", 1000)
    with pytest.raises(Overrun):
        run(SMALL, bytes, 5000)


def test_one_place_remembers_and_goes_on_after_an_overrun() -> None:
    with place() as inside:
        first = inside(SMALL, os.getpid)
        assert inside(SMALL, os.getpid) == first != os.getpid()
        with pytest.raises(Overrun):
            inside(SMALL, spin)
        assert inside(SMALL, os.getpid) != first


def deepest() -> int:
    """So many calls of itself are possible."""

    def call(n: int) -> int:
        try:
            return call(n + 1)
        except RecursionError:
            return n

    return call(0)


def from_deep_down(calls: int) -> int:
    if calls:
        return from_deep_down(calls - 1)
    return run(Bounds("a test", seconds=5, megabytes=100), deepest)


def test_there_is_the_same_room_for_recursion_wherever_it_is_asked_for() -> None:
    """`nbgrader autograde` asks from deeper down than `autograder grade`."""
    assert from_deep_down(0) == from_deep_down(200)


def test_time_is_counted_for_each_piece_of_work() -> None:
    """A process that is used again and again does not use itself up."""
    with place() as inside:
        first = inside(SMALL, os.getpid)
        for _ in range(4):
            inside(SMALL, work, 0.5)
        assert inside(SMALL, os.getpid) == first


def work(seconds: float) -> None:
    ends = time.process_time() + seconds
    while time.process_time() < ends:
        pass


def test_many_threads_share_the_places() -> None:
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda k=k: found.append(run(SMALL, abs, -k))) for k in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(8))


def test_nothing_is_left_behind() -> None:
    """Neither a process nor a file descriptor."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    before = children.read_text()
    with places():
        run(SMALL, abs, 1)
        with pytest.raises(Overrun):
            run(SMALL, die)
        run(SMALL, abs, 1)
    assert children.read_text() == before
    with places():
        run(SMALL, abs, 1)
        held = len(os.listdir("/proc/self/fd"))
        with pytest.raises(Overrun):
            run(SMALL, die)
        run(SMALL, abs, 1)
        assert len(os.listdir("/proc/self/fd")) == held


def burn() -> None:
    while time.process_time() < 0.2:
        pass


def test_what_it_took_is_counted_as_the_graders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who measures a command from outside sees it too, though no worker is asked to end."""
    monkeypatch.setattr(bounded, "_stem", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with places():
        run(SMALL, burn)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime > 0.15


def descriptors() -> list[str]:
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{name}"))
        except OSError:
            continue
    return found


def test_nothing_of_the_graders_is_open_there(tmp_path: Any) -> None:
    """A lock that another process holds would outlive the grader."""
    with (tmp_path / "lock").open("w"):
        assert not [name for name in run(SMALL, descriptors) if "lock" in name]


def load() -> None:
    sys.modules["loaded first"] = sys


def loaded() -> bool:
    return "loaded first" in sys.modules


def test_what_is_loaded_first_is_there_in_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in one that follows a killed one; the grader has nothing of it."""
    monkeypatch.setattr(bounded, "_stem", None)
    with places(load):
        assert run(SMALL, loaded)
        with pytest.raises(Overrun):
            run(SMALL, spin)
        assert run(SMALL, loaded)
    assert not loaded()


def test_what_cannot_be_loaded_first_keeps_nobody_from_working(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever needs it will say so."""
    monkeypatch.setattr(bounded, "_stem", None)
    with places(fail):
        assert not run(SMALL, loaded)
