"""Plain `nbgrader autograde` where a submission would steer it: the same verdict, plain words."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from conftest import Submit, scores
from fuzzing import deepen
from nbgrader.api import Gradebook

from autograder.grading.course import Course
from autograder.kernels.folders import remove
from autograder.plugins.converters import convert

WEEK = "week2_descent"


@pytest.mark.kernel
def test_hostile_text_stops_nobody_and_steers_nothing(
    course: Course, submit: Submit, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """A lone surrogate in an output, escape sequences, times that raise, a line break in a name.

    And a name that is too long, a file in a folder's place, folders without end, what is closed.
    """

    def odd(notebook: nbformat.NotebookNode) -> None:
        source = "print(chr(0xDC80)); raise ValueError('\\x1b[2J\\x9bevil')"
        notebook.cells.insert(0, nbformat.v4.new_code_cell(source, id="odd"))

    path = submit("odd", WEEK, edit=odd)
    (path.parent / "\x1b[31mred.ipynb").write_text("{}")
    (path.parent / "timestamp.txt").write_text("9" * 29 + "h")
    late = submit("[x]", WEEK)
    (late.parent / "timestamp.txt").write_text("2027-03-09 23:30 CEST")
    submit("a\nb", WEEK)
    submit("x" * 255, WEEK)
    (course.root / "submitted" / "file").mkdir()
    (course.root / "submitted" / "file" / WEEK).write_text("")
    (path.parent / "closed.csv").touch()
    # pytest would go down by recursion.
    request.addfinalizer(lambda: remove(path.parent / "deep"))
    deepen(path.parent / "deep", 1200)
    monkeypatch.setattr(os, "access", lambda path, mode: "closed" not in str(path))
    log = convert(course, WEEK, "autograde")
    assert "\x1b" not in log
    assert "\x9b" not in log
    assert "Passed over: " in log
    for named in (r"a\nb", f"{'x' * 255}/{WEEK}, whose name is too long", f"{WEEK}, which is no f"):
        assert log.count(named) == 1 or named == r"a\nb"
    assert not (course.root / "autograded" / "odd" / WEEK / "closed.csv").exists()
    found = scores(course, WEEK)
    assert sorted(found) == ["[x]", "odd"]
    for student in found:
        tests = [v for name, v in found[student].items() if name.startswith("test_")]
        assert sum(value or 0 for value in tests) == 20
        assert f"{student}: timestamp.txt says" in log
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        assert gradebook.find_submission(WEEK, "odd").timestamp is None
        assert gradebook.find_submission(WEEK, "[x]").timestamp is None
    graded = Path(course.root, "autograded", "odd", WEEK, "descent.ipynb")
    assert "odd" in nbformat.read(graded, as_version=4).cells[0].source or graded.is_file()
    convert(course, WEEK, "generate_feedback")
    pages = sorted(p.parent.parent.name for p in course.root.glob("feedback/*/*/descent.html"))
    assert pages == ["[x]", "odd"]
