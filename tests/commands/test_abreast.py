"""Several things at the same time, each in a process, told in their order."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.commands.abreast import abreast
from autograder.errors import CourseError, GraderFault


def told(thing: str) -> Iterator[str]:
    """The first takes longest."""
    time.sleep({"a": 0.3, "b": 0.1}.get(thing, 0))
    yield from (thing.upper(), str(os.getpid()))


@pytest.mark.parametrize("jobs", [1, 2, 9])
def test_what_is_told_comes_in_order(jobs: int) -> None:
    """Whoever is done first; in as many processes as there are jobs, and things."""
    found = list(abreast(told, ["a", "b", "c", "d"], jobs))
    assert [thing for thing, _ in found] == [*"aabbccdd"]
    assert [what for _, what in found[::2]] == [*"ABCD"]
    places = {what for _, what in found[1::2]}
    assert places == {str(os.getpid())} if jobs == 1 else len(places) in range(2, jobs + 1)
    assert not list(abreast(told, [], jobs))


def test_the_first_is_heard_while_it_is_at_work() -> None:
    """Not only when it is done."""

    def slowly(thing: str) -> Iterator[float]:
        yield time.monotonic()
        time.sleep(0.5 if thing == "a" else 0)
        yield time.monotonic()

    heard = [(time.monotonic(), what) for _, what in abreast(slowly, ["a", "b"], 2)]
    assert heard[0][0] < heard[1][1]


def test_what_fails_is_raised_and_what_dies_is_missed() -> None:
    """Others put away what they have, and end with it."""

    def failing(thing: str) -> Iterator[str]:
        yield thing
        if thing == "b":
            raise CourseError("b is not there")
        if thing == "c":
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.2)

    with pytest.raises(CourseError, match="b is not there"):
        list(abreast(failing, ["a", "b"], 2))
    with pytest.raises(GraderFault, match="c: the process"):
        list(abreast(failing, ["a", "c"], 2))


def test_told_to_stop_they_clean_up(tmp_path: Path) -> None:
    """What a process has made is removed when whoever listens stops."""
    made = tmp_path / "made"

    def making(thing: str) -> Iterator[str]:
        folder = f"{made}-{thing}"
        try:  # from the first: it may be stopped at any moment
            os.mkdir(folder)
            yield thing
            time.sleep(30)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.rmdir(folder)

    heard = abreast(making, ["a", "b"], 2)
    next(heard)
    heard.close()  # type: ignore[attr-defined]
    assert not os.path.exists(f"{made}-a")
    assert not os.path.exists(f"{made}-b")
