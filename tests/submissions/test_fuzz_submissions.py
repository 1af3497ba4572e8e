"""Whatever lies in a submission's folder, reading and mending it ends soon, and not by an error."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from fuzzing import fuzzed, grow, names, runs, trees, within
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.coursedir import CourseDirectory

from autograder.grading.course import Course
from autograder.grading.inside import asked
from autograder.grading.times import moment, read_stamp, zone_named
from autograder.kernels.folders import Uncountable, measure, remove
from autograder.lms.filenames import read_name
from autograder.plugins.folders import why_not_a_student
from autograder.plugins.inbound import copy_plain_files
from autograder.plugins.released import released_cells
from autograder.submissions.cells import grade_id_of
from autograder.submissions.ready import Work, find, prepare
from autograder.watching.files import looks, small_text, time_in

COURSE = Course(ROOT)
WEEK = COURSE.week("week2_descent")
MASTER = released_cells(COURSE, WEEK.source)
MASTERS = {"descent": MASTER}
#: What is met in code, and in what looks at it.
CODE = [
    " ", "\n", "\t", "(", ")", "[", "]", "{", "}", "{{", "'", '"', "'''", "f'", "f'{", "rb'", "\\",
    "#", "=", "=!", ":", ",", ".", "a", "1", "é", "\x1b", "\ud800", "%", "!", "?", "??", "%%time\n",
    "def f(", "def f[T](", "class A:\n ", "type X = ", "except a, b:\n", "try:\n ", "lambda:", "-",
    "not ", "a if ", "await ", "import a\n", "raise NotImplementedError\n", "plt.plot(", "\r", "\f",
    "### BEGIN HIDDEN TESTS\n", "def gradient_descent(f, x0, lr, n_steps):\n ", "plt.show()\n",
    "@a\n", "\0",
]  # fmt: skip
sources = runs(CODE, 100_000) | runs(CODE, 3000, most=8) | st.text(max_size=200)
metadata = st.dictionaries(
    st.sampled_from(["nbgrader", "autograder", "tags", "id"]),
    st.fixed_dictionaries(
        {}, optional={"grade_id": st.sampled_from([m.grade_id for m in MASTER if m.grade_id])}
    )
    | st.lists(names, max_size=3),
)
cells = st.fixed_dictionaries(
    {
        "cell_type": st.sampled_from(["code", "code", "markdown", "raw", "x"]),
        "metadata": metadata,
        "source": sources,
        "outputs": st.lists(st.dictionaries(names, names, max_size=2), max_size=2),
    }
)


@fuzzed(25)
@given(st.lists(st.tuples(cells, st.integers(1, 40)), max_size=5))
def test_fuzz_notebooks(parts: list[tuple[dict[str, Any], int]]) -> None:
    """Within half of what reading may take, and of what finding figures may."""
    repeated = [cell for cell, count in parts for _ in range(count)]
    data = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": repeated})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "descent.ipynb")
        path.write_text(data)
        with within(2.5, 350):
            submission = prepare("ada", path, MASTERS)
    ids = [grade_id_of(cell) for cell in submission.notebook.cells]
    for master in MASTER:
        assert not master.grade_id or ids.count(master.grade_id) == 1
    with within(5, 250):
        asked(submission.notebook, WEEK, 1, False)


@fuzzed(40)
@given(trees, st.sampled_from([0o700, 0o700, 0, 0o300]))
def test_fuzz_trees(tree: dict[str, Any], mode: int) -> None:
    """Found, looked at, copied, counted and removed; what a link leads to stays as it is."""
    with tempfile.TemporaryDirectory() as place:
        aim, folder, copy = (Path(place, name) for name in ("aim", "tree", "copy"))
        aim.mkdir()
        (aim / "week.ipynb").write_text("secret")
        folder.mkdir()
        grow(folder, tree, aim, mode)
        with within(2, 100):
            assert isinstance(find("ada", folder, {"week": MASTER[:4]}), Work)
            looks(folder)
            small_text(folder / "timestamp.txt")
            read_stamp(folder, None)
            copy_plain_files(folder, copy, CourseDirectory())
            try:
                assert measure(folder, 500)[1] <= 501
            except Uncountable:
                assert mode != 0o700 or "deep" in str(tree)
            for what in (folder, copy):
                remove(what)
        assert not folder.exists()
        assert not copy.exists()
        assert (aim / "week.ipynb").read_text() == "secret"


digits = st.text(alphabet="0123456789-: .+TZhUE/", max_size=60)


@fuzzed(150)
@given(st.text(max_size=80) | digits | runs(["9", " ", "-", "+", ":", "T", "UTC", "E/", "_"], 2000))
def test_fuzz_times(text: str) -> None:
    """A time or none, in the exchange and in `timestamp.txt`."""
    with within(0.5, 50):
        time_in(text)
        moment(text, None)
        zone_named(text)


@fuzzed(150)
@given(names | runs(["_", "1", "LATE_", "12_", "assignsubmission_file", "(1)", "-1", " "], 250))
def test_fuzz_names(name: str) -> None:
    """Whose a file is, and whether a folder can be a student's."""
    with within(0.5, 50):
        why_not_a_student(name)
        read_name(Path("root", name.replace("/", "_") or "_"), Path("root"))


@pytest.fixture(autouse=True, scope="module")
def _warm() -> None:
    """What is loaded once is not part of the cost."""
    asked(prepare("ada", WEEK.source, MASTERS).notebook, WEEK, 1, False)
