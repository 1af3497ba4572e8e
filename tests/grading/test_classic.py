"""Graded cells that no task judges: classic ones, judged inside the kernel, and those that wait."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import Submit, scores
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from nbgrader.utils import determine_grade
from test_regrade import Reference

from autograder.commands.explain import explain
from autograder.commands.grade import grade_week
from autograder.grading import classic
from autograder.grading.course import Course
from autograder.grading.records import Record
from autograder.lms.exports import CsvExport
from autograder.marking.classic import Inside, judge_inside
from autograder.marking.judge import Status
from autograder.plugins.converters import convert
from autograder.report.page import write_report

WEEK = "week2_descent"
OURS = """### BEGIN HIDDEN TESTS
from autograder import observe
observe(quiz)
### END HIDDEN TESTS"""
PARTIAL = """import sys
print("beside", file=sys.stderr)
### BEGIN HIDDEN TESTS
earned = 1.5 if basin(1.0) == "right" else 0
### END HIDDEN TESTS
earned"""
CLASSIC = """assert basin is not None
### BEGIN HIDDEN TESTS
assert basin(1.0) == "middle", "off"
### END HIDDEN TESTS"""


def graded_cell(grade_id: str, source: str, points: float = 3.0) -> nbformat.NotebookNode:
    about = {
        "grade": True, "grade_id": grade_id, "points": points, "locked": True,
        "schema_version": 3, "solution": False, "task": False, "cell_type": "code",
    }  # fmt: skip
    return new_code_cell(source, metadata={"nbgrader": about}, id=grade_id.replace("_", "-"))


@pytest.fixture
def mixed(course: Course) -> Course:
    """A week with cells of an older course: one by another name, one like a task's, one of ours."""
    path = course.root / "source" / WEEK / "descent.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells += [graded_cell("old", PARTIAL), graded_cell("test_old", CLASSIC, 2.0)]
    notebook.cells.append(graded_cell("quiz", OURS))
    nbformat.write(notebook, path)
    convert(course, WEEK, "generate_assignment")
    return Course(course.root)


def judged(test: str, *outputs: Any, points: float = 3.0) -> Inside:
    return judge_inside("c", points, test, outputs)


def shown(text: str, kind: str = "execute_result") -> NotebookNode:
    return new_output(kind, {"text/plain": text})


def error(name: str = "AssertionError", said: str = "") -> NotebookNode:
    return new_output("error", ename=name, evalue=said, traceback=["secret line"])


STDERR = new_output("stream", name="stderr", text="a warning")


@pytest.mark.parametrize(
    ("test", "outputs", "score"),
    [
        ("check()", [], 3),
        ("check()", [STDERR], 3),  # stock: 0
        ("check()", [error()], 0),
        ("check()", [shown("2.0"), error()], 0),  # stock: 2
        ("check()", [shown("2.0")], 2),
        ("check()", [shown("2.0"), STDERR], 2),
        ("check()", [STDERR, shown("2.0")], 2),  # stock: 0
        ("check()", [shown("np.float64(2.0)")], 2),  # stock: 3
        ("check()", [shown("1.0"), shown("2.0")], 2),  # the student's own, then the cell's
        ("check()", [shown("1.0", "display_data")], 3),
        ("check()", [shown("'1.0'")], 3),
        ("check()", [shown("True")], 3),
        ("check()", [shown("[1.0]")], 3),
        ("check()", [shown("0")], 0),
        ("check();", [shown("1.0")], 3),
        ("x = check()", [shown("1.0")], 3),  # stock: 1
        ("", [shown("1.0")], 3),
        ("%time check()", [shown("1.0")], 1),
        ("check()", [shown("nan")], None),  # stock: 3
        ("check()", [shown("4.0")], None),  # stock: the whole run ends
        ("check()", [shown("-1.0")], None),  # stock: 3
        ("check()", [shown("inf")], None),
        ("check()", [shown("np.float64(nan)")], None),
        ("check()", [shown("1.2.3")], None),
    ],
)
def test_points_follow_nbgraders_rule_without_its_faults(
    test: str, outputs: list[NotebookNode], score: float | None
) -> None:
    """An error earns nothing, the cell's own number is partial credit, all else is full."""
    verdict = judged(test, *outputs)
    assert verdict.score == score
    assert (verdict.status is Status.WAITS) == (score is None)


def test_a_verdict_says_the_error_and_shows_no_line_of_a_hidden_test(root: Path) -> None:
    """A traceback holds the line, and a warning quotes it."""
    cell = graded_cell("quiz", "visible")
    cell.outputs = [STDERR, new_output("stream", name="stdout", text="printed"), error(said="off")]
    notebook = new_notebook(cells=[cell])
    classic.judge_classic(notebook, {"quiz": CLASSIC})
    (verdict,) = classic.verdicts_in(notebook)
    assert (verdict.score, verdict.reason) == (0, "AssertionError: off")
    text = str(cell.outputs)
    assert "judged inside the kernel" in text
    assert "printed" in text
    assert "secret" not in text
    assert "a warning" not in text
    assert nbgraders(cell) == (0, 3)


def test_what_is_visible_of_a_cell_may_be_quoted() -> None:
    """Where nothing is hidden a traceback helps."""
    cell = graded_cell("quiz", "assert visible")
    cell.outputs = [error()]
    classic.judge_classic(new_notebook(cells=[cell]), {"quiz": "assert visible"})
    assert "secret line" in str(cell.outputs)


def test_in_doubt_a_person_decides_what_is_lost() -> None:
    """As with a task: full marks are full marks."""
    for outputs, score in (([], 3.0), ([error()], None)):
        cell = graded_cell("quiz", "x")
        cell.metadata["autograder"] = {"waits": "another file has more"}
        cell.outputs = outputs
        notebook = new_notebook(cells=[cell])
        classic.judge_classic(notebook, {"quiz": "x"})
        assert classic.verdicts_in(notebook)[0].score == score
        assert bool(cell.metadata["autograder"].get("waits")) == (score is None)


def nbgraders(cell: NotebookNode) -> Any:
    return determine_grade(cell)


def test_each_is_judged_in_its_way(mixed: Course, submit: Submit, tmp_path: Path) -> None:
    """In the gradebook, the summary, the record, the report and the export."""
    submit("one", WEEK)
    for summary in (
        grade_week(mixed.root, WEEK, execute=Reference(mixed)),
        grade_week(mixed.root, WEEK, execute=Reference(mixed)),
    ):
        text = summary.text()
        assert "5 of 28 points are judged inside the kernel" in text
        assert "can read the test and forge a pass: old, test_old" in text
        assert "The cell quiz (3 points) waits for a person, with everybody" in text
        assert "NOT GRADED" not in text
        assert summary.points == 28
    page, _ = write_report(mixed.root, WEEK)
    assert "5 of 28 points are judged inside the kernel" in page.read_text("utf-8")
    found = scores(mixed, WEEK)["one"]
    assert (found["old"], found["test_old"], found["quiz"]) == (3, 2, None)
    assert sum(found[f"test_{name}"] or 0 for name in mixed.week(WEEK).task_names) == 20
    record = Record.read(mixed, WEEK, "one").graded
    assert record["score"] == 25
    assert [v["judged"] for v in record["inside"]] == ["judged inside the kernel"] * 2
    text, _ = explain(mixed.root, WEEK, "one", "old")
    assert "old: 3 of 3 points (judged inside the kernel)" in text
    with Gradebook(f"sqlite:///{mixed.root}/gradebook.db") as gradebook:
        assert gradebook.find_grade("quiz", "descent", WEEK, "one").needs_manual_grade
        gradebook.add_student("two")
        out = tmp_path / "grades.csv"
        CsvExport(to=str(out)).export(gradebook)
    rows = {
        (r["assignment"], r["student_id"]): r for r in csv.DictReader(out.read_text().splitlines())
    }
    assert rows[WEEK, "one"]["status"] == "waits for manual grading"
    assert (rows[WEEK, "one"]["score"], rows[WEEK, "two"]["score"]) == ("25.0", "")
    assert rows[WEEK, "two"]["status"] == "not handed in"


@pytest.mark.kernel
def test_plain_nbgrader_agrees(mixed: Course, submit: Submit) -> None:
    """`nbgrader autograde`, and so formgrader's button; hidden tests run, and stay hidden."""
    submit("one", WEEK)
    log = convert(mixed, WEEK, "autograde")
    assert "a person has to mark the cell quiz" in log
    plain = scores(mixed, WEEK)["one"]
    grade_week(mixed.root, WEEK, force=True)
    found = scores(mixed, WEEK)["one"]
    assert found == plain
    assert [found[name] for name in ("old", "test_old", "quiz")] == [1.5, 0, None]
    assert found["test_gradient_descent"] == 9
    graded = (mixed.root / "autograded" / "one" / WEEK / "descent.ipynb").read_text("utf-8")
    assert "AssertionError" in graded
    assert "earned = 1.5" not in graded
    assert "middle" not in graded


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
