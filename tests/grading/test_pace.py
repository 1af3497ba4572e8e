"""Who takes long holds nobody up, and there are never more in hand than twice as many."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from autograder.grading import pace
from autograder.grading.pace import Pace


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
