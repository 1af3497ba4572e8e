"""Which of a student's submissions is graded, and what the others are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from autograder.watching.arrivals import Arrival
from autograder.watching.turns import Past, Rules, Turn, decide, spoken

NOON = datetime(2027, 3, 8, 12)
DUE = NOON + timedelta(hours=10)


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def handed_in(*minutes: float) -> list[Arrival]:
    return [Arrival(after(m), f"at {m:g}", "one") for m in minutes]


def turn(
    waiting: list[Arrival], now: float, past: Past = Past(), **rules: object
) -> tuple[str, list[str], list[str]]:
    """Who goes, who waits, who is superseded; by name."""
    found = decide(waiting, past, Rules(**rules), DUE, after(now))  # type: ignore[arg-type]
    assert all(why.endswith(".") for _, why in found.waits)
    goes = found.goes.name if found.goes else ""
    return goes, [a.name for a, _ in found.waits], [a.name for a in found.superseded]


def test_without_rules_every_version_is_graded_in_order() -> None:
    assert turn(handed_in(3, 1, 2), 4) == ("at 1", [], [])
    assert turn(handed_in(3, 2), 4, Past(1, after(3.9))) == ("at 2", [], [])


def test_the_order_is_the_same_for_equal_times() -> None:
    """Several submissions in one second."""
    one, two = Arrival(NOON, "b", "one"), Arrival(NOON, "a", "one")
    rules = Rules()
    assert decide([one, two], Past(), rules, None, NOON) == Turn(two)
    assert decide([two, one], Past(), rules, None, NOON) == Turn(two)


def test_within_the_pause_the_newest_waits_and_after_it_goes() -> None:
    pause, past = timedelta(minutes=10), Past(1, after(0))
    assert turn(handed_in(1, 2), 9.9, past, pause=pause) == ("", ["at 2"], ["at 1"])
    assert turn(handed_in(1, 2), 10, past, pause=pause) == ("at 2", [], ["at 1"])
    assert turn(handed_in(1), 2, pause=pause) == ("at 1", [], [])


def test_the_student_is_told_until_when() -> None:
    pause = timedelta(minutes=10)
    ((_, why),) = decide(handed_in(1), Past(1, NOON), Rules(pause), DUE, after(2)).waits
    assert "pause of 10 minutes" in why
    assert f"after {after(10).replace(tzinfo=UTC).astimezone():%Y-%m-%d %H:%M} " in why


def test_who_has_had_all_attempts_has_the_last_one_graded_at_the_due_date() -> None:
    past = Past(2, after(-60))
    assert turn(handed_in(1, 2), 3, past, attempts=3) == ("at 1", [], [])
    past = Past(3, after(-60))
    assert turn(handed_in(1, 2), 3, past, attempts=3) == ("", ["at 2"], ["at 1"])
    assert turn(handed_in(1, 2), 600, past, attempts=3) == ("", ["at 2"], ["at 1"])
    assert turn(handed_in(1, 2), 601, past, attempts=3) == ("at 2", [], ["at 1"])


def test_late_work_without_attempts_left_is_for_a_person() -> None:
    """It doesn't take the place of what was in time."""
    past = Past(3, after(-60))
    assert turn(handed_in(1, 700), 701, past, attempts=3) == ("at 1", ["at 700"], [])
    assert turn(handed_in(700, 710), 711, past, attempts=3) == ("", ["at 710"], ["at 700"])
    found = decide(handed_in(1), past, Rules(attempts=3), None, after(99999))
    assert (found.goes, len(found.waits)) == (None, 1)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1 second"), (90, "90 seconds"), (60, "1 minute"), (7200, "2 hours"), (86400, "1 day")],
)
def test_spans_in_words(seconds: int, text: str) -> None:
    assert spoken(timedelta(seconds=seconds)) == text
