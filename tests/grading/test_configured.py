"""Before a run: what cannot be protected is refused by name."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest
from conftest import lay_out
from traitlets.config import Config

from autograder.commands.doctor import _course
from autograder.commands.grade import grade_week
from autograder.errors import CourseError
from autograder.grading.configured import as_configured
from autograder.grading.course import Course
from autograder.kernels.driver import Limits, execute
from autograder.kernels.sandbox import missing_protection
from autograder.plugins.converters import convert
from autograder.watching.watch import watch_week

#: Every submission may read this.
READABLE = str(Path(os.__file__).parent / "json")

pytestmark = pytest.mark.skipif(bool(missing_protection()), reason="not all is protected here")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course with one week, and nothing in it."""
    (tmp_path / "nbgrader_config.py").touch()
    (tmp_path / "source" / "week1_slopes").mkdir(parents=True)
    return Course(tmp_path)


IN_CONFIG = {
    "Exchange.root": READABLE,
    "Exchange.cache": READABLE,
    "CourseDirectory.source_directory": READABLE,
    "CourseDirectory.solution_directory": READABLE,
    "CourseDirectory.submitted_directory": READABLE,
    "CourseDirectory.autograded_directory": READABLE,
    "CourseDirectory.feedback_directory": READABLE,
    "CourseDirectory.db_url": f"sqlite:///{READABLE}/gradebook.db?timeout=5",
    "ZipCollectApp.downloaded_directory": READABLE,
    "NbGrader.logfile": f"{READABLE}/log",
}


@pytest.mark.parametrize("setting", IN_CONFIG)
def test_what_every_submission_may_read_is_refused(course: Course, setting: str) -> None:
    """With its path, the place in which it lies, and the setting to change."""
    section, _, name = setting.partition(".")
    course.config[section][name] = IN_CONFIG[setting]
    with pytest.raises(CourseError, match=rf"could read {READABLE}.*; .*set c\.{setting} in nbgr"):
        as_configured(Limits(), course, execute)
    assert as_configured(Limits(unsafe=True), course, execute).unsafe


def test_so_is_a_course_that_lies_among_the_libraries(course: Course) -> None:
    course.root = Path(READABLE)
    with pytest.raises(CourseError, match=rf"could read {READABLE}, .*; move the course"):
        as_configured(Limits(), course, execute)


@pytest.mark.parametrize("setting", ["TMPDIR", "JUPYTER_DATA_DIR"])
def test_and_what_the_environment_says(
    course: Course, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    """Where the private folders of kernels lie, and nbgrader's cache if nobody has set it."""
    monkeypatch.setenv(setting, READABLE)
    monkeypatch.setattr(tempfile, "tempdir", READABLE if setting == "TMPDIR" else None)
    with pytest.raises(CourseError, match=rf"could read {READABLE}"):
        as_configured(Limits(), course, execute)


@pytest.mark.parametrize("name", ["records", "report", "gradebook.db", "submitted", "feedback/ann"])
def test_a_link_is_followed(course: Course, name: str) -> None:
    """Also of one student's folder."""
    (course.root / "feedback").mkdir()
    (course.root / name).symlink_to(READABLE)
    with pytest.raises(CourseError, match=rf"could read {course.root}.*/{name}, as"):
        as_configured(Limits(), course, execute)


def test_a_link_among_the_libraries_is_followed(
    course: Course, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Helper modules of a course are often installed by a link."""
    (tmp_path / "my-packages").mkdir()
    (tmp_path / "my-packages" / "helpers").symlink_to(course.source / "week1_slopes")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "my-packages")])
    with pytest.raises(CourseError, match=r"could read .*source, as it may read .*week1_slopes"):
        as_configured(Limits(), course, execute)


def test_the_machines_configuration_counts(
    course: Course, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As it does for nbgrader; what the course says itself goes before it."""
    (tmp_path / "nbgrader_config.py").write_text(f"c.Exchange.root = {READABLE!r}")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    with pytest.raises(CourseError, match="could read"):
        as_configured(Limits(), course, execute)
    course.config.Exchange.root = "/srv/nbgrader/exchange"
    as_configured(Limits(), course, execute)


def test_every_command_refuses(tmp_path: Path) -> None:
    """Before a kernel starts, and nothing is graded; `autograder doctor` says it the day before."""
    course = lay_out(tmp_path)
    (tmp_path / "submitted" / "ann" / "week1_slopes").mkdir(parents=True)
    (tmp_path / "submitted" / "ann" / "week1_slopes" / "slopes.ipynb").write_text("{}")
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Exchange.cache = {READABLE!r}\n")
    course = Course(course.root)
    for command in (
        lambda: grade_week(course.root, "week1_slopes"),
        lambda: watch_week(course.root, "week1_slopes", once=True),
        lambda: convert(course, "week1_slopes", "autograde"),
    ):
        with pytest.raises(CourseError, match=rf"could read {READABLE}"):
            command()
    assert not (course.root / "autograded").exists()
    (said,) = [f for f in _course(course.root) if f.what == "others' work"]
    assert READABLE in said.remedy
    assert not said.optional


def test_a_cell_has_the_time_that_nbgrader_gives_it(course: Course) -> None:
    """`c.Execute.timeout`, where the course sets it; nbgrader's -1 and None leave ours."""
    for section in ("Execute", "ExecutePreprocessor"):
        for seconds, cell, whole in ((300, 300, 2400), (5, 5, 240), (-1, 30, 240), (None, 30, 240)):
            course.config = Config({section: {"timeout": seconds}})
            limits = as_configured(Limits(), course, execute)
            assert (limits.cell_seconds, limits.total_seconds) == (cell, whole)
            assert limits.answer_seconds == (10 if cell == 30 else cell)


def test_other_places_are_not_refused(course: Course) -> None:
    """Nor an environment in the course's own folder, where it mostly lies."""
    course.config = Config({"Exchange": {"root": "/srv/nbgrader/exchange"}})
    as_configured(Limits(), course, execute)
