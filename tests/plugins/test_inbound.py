"""The collector for an exchange that accounts share which don't trust each other."""

from __future__ import annotations

import logging
import os
import pwd
import shutil
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.plugins.inbound import OwnedCollect

ME = pwd.getpwuid(os.getuid()).pw_name
WEEK = "week2_descent"


class Exchange:
    """An exchange in which this account hands in, under any name."""

    def __init__(self, root: Path) -> None:
        self.course, self.inbound = root / "course", root / "exchange" / "gd" / "inbound"
        self.course.mkdir()
        self.inbound.mkdir(parents=True)

    def hand_in(self, student: str, minute: int = 0, text: str = "{}") -> Path:
        name = f"{student}+{WEEK}+2027-03-01 12:{minute:02}:00.000000 UTC+Zufall"
        folder = self.inbound / name
        folder.mkdir()
        (folder / "descent.ipynb").write_text(text)
        return folder

    def collect(self) -> Path:
        config = Config(
            CourseDirectory={"course_id": "gd", "root": str(self.course), "max_file_size": 1},
            Exchange={"root": str(self.inbound.parent.parent)},
        )
        directory = CourseDirectory(config=config, assignment_id=WEEK)
        # nbgrader's usual log is lost to `caplog` once a command of nbgrader has run here.
        log = logging.getLogger(__name__)
        OwnedCollect(coursedir=directory, config=config, log=log).start()
        return self.course / "submitted"


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty one: nbgrader takes seconds to make it."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    Gradebook(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def exchange(tmp_path: Path, gradebook: Path) -> Exchange:
    exchange = Exchange(tmp_path)
    shutil.copy(gradebook, exchange.course)
    return exchange


def test_the_latest_of_ones_own_is_collected(exchange: Exchange) -> None:
    exchange.hand_in(ME, 1, "older")
    exchange.hand_in(ME, 2, "newer")
    exchange.hand_in(ME, 0, "oldest")
    submitted = exchange.collect()
    assert [p.name for p in submitted.iterdir()] == [ME]
    assert (submitted / ME / WEEK / "descent.ipynb").read_text() == "newer"


def test_a_submission_under_another_name_is_left_in_the_exchange(
    exchange: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    """It neither becomes theirs nor takes the place of an older one that is."""
    exchange.hand_in(ME, 1)
    forged = exchange.hand_in("somebody-else", 2)
    with caplog.at_level(logging.WARNING):
        submitted = exchange.collect()
    assert [p.name for p in submitted.iterdir()] == [ME]
    assert forged.is_dir()
    assert f"by somebody-else, but belongs to {ME}" in caplog.text


@pytest.mark.parametrize(
    "name",
    [f"eve+{WEEK}+x", f"a+b+{WEEK}+2027-03-01 12:00:00 UTC+x", f"eve+{WEEK}+0001-01-01 0:0:0 3600"],
)
def test_a_name_that_says_no_time_stops_nobody_elses_collection(
    exchange: Exchange, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    exchange.hand_in(ME)
    (exchange.inbound / name).mkdir()
    with caplog.at_level(logging.WARNING):
        submitted = exchange.collect()
    assert [p.name for p in submitted.iterdir()] == [ME]
    assert f"{name} is not collected" in caplog.text


def test_no_link_is_followed(exchange: Exchange, tmp_path: Path) -> None:
    """Neither in place of a file, nor of a folder, nor of the submission."""
    answers = tmp_path / "solutions"
    answers.mkdir()
    (answers / "descent.ipynb").write_text("the answers")
    folder = exchange.hand_in(ME, 1)
    (folder / "descent.ipynb").unlink()
    (folder / "descent.ipynb").symlink_to(answers / "descent.ipynb")
    (folder / "way").symlink_to(answers)
    os.mkfifo(folder / "pipe.ipynb")
    (folder / "notes.txt").write_text("mine")
    (exchange.inbound / f"{ME}+{WEEK}+2027-03-02 12:00:00.000000 UTC").symlink_to(answers)
    submitted = exchange.collect() / ME / WEEK
    assert sorted(p.name for p in submitted.rglob("*")) == ["notes.txt"]


def test_what_is_too_large_or_ignored_is_left_out(
    exchange: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    folder = exchange.hand_in(ME)
    (folder / "large.csv").write_text("x" * 1001)
    (folder / "__pycache__").mkdir()
    (folder / "deep").mkdir()
    (folder / "deep" / "data.csv").write_text("1")
    with caplog.at_level(logging.WARNING):
        submitted = exchange.collect() / ME / WEEK
    found = sorted(str(p.relative_to(submitted)) for p in submitted.rglob("*") if p.is_file())
    assert found == ["deep/data.csv", "descent.ipynb"]
    assert "large.csv is too large" in caplog.text
