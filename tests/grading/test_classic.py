"""A graded cell that nothing judges earns nothing by itself: it waits for a person, by name."""

from __future__ import annotations

import csv
from pathlib import Path

import nbformat
import pytest
from conftest import Submit, scores
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from test_regrade import Reference

from autograder.commands.grade import grade_week
from autograder.grading import classic
from autograder.grading.course import Course
from autograder.lms.exports import CsvExport
from autograder.plugins.converters import convert
from autograder.report.page import write_report

WEEK = "week2_descent"
CLASSIC = """assert basin is not None
### BEGIN HIDDEN TESTS
assert basin(1.0) == "right"
### END HIDDEN TESTS"""


def graded_cell(grade_id: str, source: str, points: float = 3.0) -> nbformat.NotebookNode:
    about = {
        "grade": True, "grade_id": grade_id, "points": points, "locked": True,
        "schema_version": 3, "solution": False, "task": False, "cell_type": "code",
    }  # fmt: skip
    return new_code_cell(source, metadata={"nbgrader": about}, id=grade_id.replace("_", "-"))


@pytest.fixture
def mixed(course: Course) -> Course:
    """A week with two cells of an older course: one by another name, one like a task's."""
    path = course.root / "source" / WEEK / "descent.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells += [graded_cell("quiz", CLASSIC), graded_cell("test_old", CLASSIC, 2.0)]
    nbformat.write(notebook, path)
    convert(course, WEEK, "generate_assignment")
    return Course(course.root)


def test_it_waits_for_a_person(mixed: Course, submit: Submit, tmp_path: Path) -> None:
    """In the gradebook, the summary, the record and the export; what is judged counts."""
    submit("one", WEEK)
    for summary in (
        grade_week(mixed.root, WEEK, execute=Reference(mixed)),
        grade_week(mixed.root, WEEK, execute=Reference(mixed)),
    ):
        text = summary.text()
        assert "The cell quiz (3 points) waits for a person, with everybody" in text
        assert "The cell test_old (2 points) waits for a person" in text
        assert "hands nothing to observe" in text
        assert "NOT GRADED" not in text
        assert summary.points == 25
    page, _ = write_report(mixed.root, WEEK)
    assert "The cell quiz (3 points) waits for a person, with everybody" in page.read_text("utf-8")
    found = scores(mixed, WEEK)["one"]
    assert (found["quiz"], found["test_old"]) == (None, None)
    assert sum(found[f"test_{name}"] or 0 for name in mixed.week(WEEK).task_names) == 20
    with Gradebook(f"sqlite:///{mixed.root}/gradebook.db") as gradebook:
        assert gradebook.find_grade("quiz", "descent", WEEK, "one").needs_manual_grade
        gradebook.add_student("two")
        out = tmp_path / "grades.csv"
        CsvExport(to=str(out)).export(gradebook)
    rows = {
        (r["assignment"], r["student_id"]): r for r in csv.DictReader(out.read_text().splitlines())
    }
    assert rows[WEEK, "one"]["status"] == "waits for manual grading"
    assert (rows[WEEK, "one"]["score"], rows[WEEK, "two"]["score"]) == ("20.0", "")
    assert rows[WEEK, "two"]["status"] == "not handed in"


@pytest.mark.kernel
def test_plain_nbgrader_leaves_it_to_a_person_too(mixed: Course, submit: Submit) -> None:
    """`nbgrader autograde`, and so formgrader's button, which is the same; the log says so."""
    submit("one", WEEK)
    log = convert(mixed, WEEK, "autograde")
    assert "a person has to mark the cell quiz" in log
    found = scores(mixed, WEEK)["one"]
    assert (found["quiz"], found["test_old"], found["test_gradient_descent"]) == (None, None, 9)


def test_what_it_put_out_is_no_score(root: Path) -> None:
    """A number that the student's process put out would be partial credit for nbgrader."""
    week = Course(root).week(WEEK)
    cell = graded_cell("quiz", "x")
    cell.outputs = [
        new_output("execute_result", {"text/plain": "3.0", "text/html": "<b>3</b>"}),
        new_output("stream", name="stderr", text="well"),
    ]
    notebook = new_notebook(cells=[cell])
    for _ in range(2):  # judged again, it is said once
        classic.wait_for_a_person(notebook, week)
        assert [(o.output_type, o.name) for o in cell.outputs] == [("stream", "stdout")] * 2
    assert list(classic.waiting(notebook)) == ["quiz"]


def test_where_nothing_was_handed_in_it_is_0(root: Path) -> None:
    """An empty file is no work that somebody would have to look at."""
    cell = graded_cell("quiz", "x")
    cell.metadata["autograder"] = {"missing": True}
    notebook = new_notebook(cells=[cell])
    classic.wait_for_a_person(notebook, Course(root).week(WEEK))
    assert classic.waiting(notebook) == {}
    assert cell.metadata["autograder"] == {"missing": True}
