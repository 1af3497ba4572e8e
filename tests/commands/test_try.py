"""`autograder try`: one file from anywhere is graded as a submission would be, and not recorded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import nbformat
import pytest
from conftest import ROOT

from autograder.commands.cli import main
from autograder.commands.scratch import scratch_course
from autograder.grading.course import Course
from autograder.plugins.converters import convert
from autograder.plugins.database import opened
from autograder.plugins.released import released_cells
from autograder.plugins.standings import master_cells

pytestmark = pytest.mark.kernel
WEEK = "week2_descent"
SCHEMA = json.loads((ROOT / "docs/try.schema.json").read_text("utf-8"))


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(ROOT)
    return ROOT


def climbing(path: Path) -> Path:
    """The solutions, but for a walk uphill, under a name of the student's own."""
    notebook = nbformat.read(ROOT / "solutions" / WEEK / "descent.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.source.startswith("def gradient_descent("):
            cell.source = cell.source.replace(".item(), lr)", ".item(), -lr)")
            assert "-lr)" in cell.source
    nbformat.write(notebook, path)
    return path


def test_the_feedback_is_printed_and_the_page_written(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Not what other tests' tools keep there.
    beside = [path for path in ROOT.iterdir() if path.name not in (".hypothesis", ".pytest_cache")]
    before = {path: path.stat().st_mtime_ns for path in beside}
    page = tmp_path / "page.html"
    assert main(["try", WEEK, str(climbing(tmp_path / "my work.ipynb")), "--html", str(page)]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{WEEK}: ")
    assert "needs a person: written (5 points)" in said
    assert "recognised: climbs." in said
    html = page.read_text("utf-8")
    assert "climbs" in html
    assert "waits for a person" in html
    assert {path: path.stat().st_mtime_ns for path in beside} == before


def test_the_data_are_as_the_schema_says(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Right, wrong, untouched and unreadable; each is graded, so the exit status is 0."""
    broken = tmp_path / "broken.ipynb"
    broken.write_bytes(b'{"cells": [')
    release = ROOT / "release" / WEEK / "descent.ipynb"
    scores = []
    for path in (climbing(tmp_path / "a.ipynb"), release, broken):
        assert main(["try", WEEK, str(path), "--json"]) == 0
        data = json.loads(capsys.readouterr().out)
        jsonschema.validate(data, SCHEMA)
        scores.append(data["score"])
        assert data["points"] == 20
        assert [task["name"] for task in data["tasks"]][1] == "gradient_descent"
    assert data["problem"]
    assert 0 < scores[0] < 20
    assert scores[1:] == [0, 0]


def test_a_student_has_questions_of_their_own(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(ROOT / "release" / WEEK / "descent.ipynb")
    seeds = []
    for options in ([], ["--student", "ada"], ["--student", "ada"], ["--seed", "5"]):
        assert main(["try", WEEK, path, "--json", *options]) == 0
        seeds.append(json.loads(capsys.readouterr().out)["seed"])
    assert seeds[1] == seeds[2]
    assert len(set(seeds)) == 3
    assert seeds[3] == 5


def test_a_file_that_is_not_there(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["try", WEEK, "nowhere.ipynb"]) == 1
    assert "there is no file nowhere.ipynb" in capsys.readouterr().err


@pytest.mark.parametrize("week", [WEEK, "week5_jax"])
def test_released_cells_are_those_of_the_gradebook(week: str, tmp_path: Path) -> None:
    course = Course(ROOT)
    with scratch_course(course, course.week(week)) as scratch:
        convert(scratch, week, "generate_assignment")
        with opened(f"sqlite:///{scratch.root}/gradebook.db", "") as gradebook:
            known = master_cells(gradebook, week, course.week(week).notebook)
        assert released_cells(scratch, course.week(week).source) == known
        shutil.rmtree(scratch.root / "release")
