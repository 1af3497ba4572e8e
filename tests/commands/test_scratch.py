"""What is tried in a copy of a course stays in the copy."""

from __future__ import annotations

import shutil
from pathlib import Path

from autograder.commands.bench.courses import released
from autograder.commands.scratch import scratch_course
from autograder.grading.course import Course


def test_a_configured_gradebook_is_left_alone(root: Path, tmp_path: Path) -> None:
    """It may be the class's own, on a server; what `check` or the bench writes is not for it."""
    (tmp_path / "source").mkdir()
    shutil.copytree(root / "source" / "week2_descent", tmp_path / "source" / "week2_descent")
    real = f"sqlite:///{tmp_path}/real.db"
    text = (root / "nbgrader_config.py").read_text("utf-8")
    (tmp_path / "nbgrader_config.py").write_text(
        f"{text}\nc.CourseDirectory.db_url = {real!r}\n", "utf-8"
    )
    course = Course(tmp_path)
    assert course.config.CourseDirectory.db_url == real
    with scratch_course(course, course.week("week2_descent")) as scratch:
        assert "db_url" not in scratch.config.CourseDirectory
        assert (scratch.root / "gradebook.db").exists()
    (tmp_path / "bench").mkdir()
    copy = released(course, tmp_path / "bench" / "ours")
    assert (copy.root / "gradebook.db").exists()
    assert not (tmp_path / "real.db").exists()
