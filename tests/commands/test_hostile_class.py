"""Work that is made to hurt costs no neighbour a point, and leaves nothing behind."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import Submit
from nbformat.v4 import new_markdown_cell

from autograder.commands.grade import grade_week
from autograder.grading.course import Course
from autograder.kernels.driver import Limits
from autograder.plugins.converters import feedback_pages

WEEK = "week1_slopes"
FIELDS = "f'" + "{x}" * 140_000 + "'"


def told_at_length(notebook: Any) -> None:
    notebook.cells.append(new_markdown_cell("a" + " " * 300_000 + "b"))


@pytest.mark.kernel
def test_hostile_neighbours(
    course: Course, submit: Submit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Parsing, judging and showing that would take minutes; every ordinary score is full."""
    (tmp_path / "own").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "own"))
    monkeypatch.setattr("tempfile.tempdir", None)
    week = course.week(WEEK)
    first = week.task_names[0]
    cells = ",".join(['{"cell_type":"raw","metadata":{},"source":""}'] * 180_000)
    many = f'{{"nbformat":4,"nbformat_minor":5,"metadata":{{}},"cells":[{cells}]}}'
    for number in range(4):
        submit(f"fine{number}", WEEK, {})
    submit("bad-fields", WEEK, {first: f"x = 1\n{FIELDS}"})
    submit("bad-cells", WEEK, content=many)
    submit("bad-empty", WEEK, {
        first: f"import numpy as np\ndef {first}(*a, **k): return np.zeros((10**9, 0))"
    })  # fmt: skip
    submit("bad-text", WEEK, {}, edit=told_at_length)
    began = time.process_time()
    summary = grade_week(course.root, WEEK, jobs=2, limits=Limits(unsafe=True))
    used = time.process_time() - began
    scores = {row.student: row.score for row in summary.rows}
    assert {scores[f"fine{number}"] for number in range(4)} == {summary.points}
    assert not summary.ungraded
    assert used < 30, "the grader's own process does nothing that a submission can make long"
    for student in scores:
        assert feedback_pages(course, week, student)[week.notebook]
    assert os.listdir(tmp_path / "own") == []
