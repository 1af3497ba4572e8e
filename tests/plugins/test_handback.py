"""Feedback through the exchange goes to everyone whose work came that way."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError, ExchangeFactory
from nbgrader.utils import notebook_hash

from autograder.grading.course import Course

WEEK = "week2_descent"
# nbgrader reads the timestamp of each page and leaves the file to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")


def page(root: Path, student: str, secret: str = "") -> str:
    """A feedback page; with a secret, the name it should have in the exchange."""
    folder = root / "feedback" / student / WEEK
    folder.mkdir(parents=True)
    (folder / "descent.html").write_text(f"for {student}")
    if not secret:
        return ""
    (folder / "timestamp.txt").write_text("2027-03-08 12:00:00 UTC")
    (folder / "submission_secret.txt").write_text(secret)
    return f"{notebook_hash(secret=secret, notebook_id='descent')}.html"


def release(root: Path, configured: Path, student: str = "*") -> dict[str, str]:
    """Release feedback as the course is configured; what is in the exchange then."""
    config = Course(configured).config
    config.Exchange.root = str(root / "exchange")
    (root / "exchange").mkdir(exist_ok=True)
    course = CourseDirectory(config=config, root=str(root), assignment_id=WEEK, student_id=student)
    factory = ExchangeFactory(config=config)
    # nbgrader's usual log is lost to `caplog` once a command of nbgrader has run here.
    log = logging.getLogger(__name__)
    factory.ReleaseFeedback(coursedir=course, config=config, log=log).start()
    return {path.name: path.read_text() for path in root.glob("exchange/*/feedback/*")}


def test_work_put_in_by_hand_does_not_keep_the_others_from_their_feedback(
    tmp_path: Path, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    names = {
        student: page(tmp_path, student, secret)
        for student, secret in [("alice", "a1"), ("by hand", ""), ("zoé [2]", "z2")]
    }
    released = release(tmp_path, root)
    assert released == {names["alice"]: "for alice", names["zoé [2]"]: "for zoé [2]"}
    assert "by hand" in caplog.text
    assert "did not come through the exchange (no timestamp.txt and no sub" in caplog.text


def test_feedback_that_cannot_be_released_at_all_is_an_error(tmp_path: Path, root: Path) -> None:
    page(tmp_path, "alice", "a1")
    page(tmp_path, "by hand")
    with pytest.raises(ExchangeError, match="None of this feedback"):
        release(tmp_path, root, student="by hand")


def test_nothing_to_release_is_no_error(tmp_path: Path, root: Path) -> None:
    assert release(tmp_path, root) == {}
