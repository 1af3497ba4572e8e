"""A week of two notebooks, through everything that knows weeks."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.utils import notebook_hash
from several import NOTEBOOKS, WEEK, WRONG, Fake, both, filled, graded, hand_in, lay_out, record

from autograder.commands.checks.cells import cells as check_cells
from autograder.commands.explain import explain
from autograder.commands.grade import grade_week
from autograder.commands.learn import learn
from autograder.errors import Overrun
from autograder.grading import receiving
from autograder.grading.course import Course
from autograder.grading.receiving import receive
from autograder.lms.exports import CsvExport
from autograder.plugins.converters import convert
from autograder.plugins.released import source_masters
from autograder.report.page import write_report
from autograder.submissions.ready import Work
from autograder.submissions.sorting import Masters
from autograder.watching.watch import watch_week

WAITS = dict.fromkeys(["bend/test_relu", "bend/written", "line/test_line", "line/written"])
SLIP = f"def line(x, slope):\n    return x + slope  # {WRONG}"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The course with its week released. Not to be changed."""
    course = lay_out(tmp_path_factory.mktemp("several"))
    convert(course, WEEK, "generate_assignment")
    return course


@pytest.fixture
def course(released: Course, tmp_path: Path) -> Course:
    """A released course of the test's own."""
    shutil.copytree(released.root, tmp_path / "course")
    return Course(tmp_path / "course")


def cells(course: Course, student: str) -> dict[str, float | None]:
    """Automatic scores by notebook and cell."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        submission = gradebook.find_submission(WEEK, student)
        return {
            f"{notebook.name}/{grade.cell.name}": grade.auto_score
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def test_a_week_knows_which_task_stands_where(course: Course) -> None:
    """Its parts are weeks of one notebook, with the tasks in it, and everything else shared."""
    week = course.week(WEEK)
    assert week.notebooks == NOTEBOOKS
    assert [part.task_names for part in week.parts] == [["relu"], ["line"]]
    assert week.task_names == ["line", "relu"]
    assert {part.fingerprint for part in week.parts} == {week.fingerprint}
    assert not week.files
    files = sorted(p.name for p in (course.root / "release" / WEEK).iterdir())
    assert files == ["bend.ipynb", "line.ipynb"]


def test_scores_of_both_notebooks_add_up(course: Course) -> None:
    """Each runs by itself and is asked its own tasks; one record, one row, one sum."""
    hand_in(course, "ada", both(course))
    hand_in(course, "ben", both(course, line=SLIP))
    fake = Fake(course)
    summary = grade_week(course.root, WEEK, execute=fake)
    assert fake.asked == [["relu"], ["line"]] * 2
    assert summary.points == 7
    assert {row.student: (row.score, row.mistakes) for row in summary.rows} == {
        "ada": (7, []), "ben": (3, ["line: adds"]),
    }  # fmt: skip
    assert cells(course, "ben") == {
        "bend/test_relu": 3, "bend/written": None, "line/test_line": 0, "line/written": None,
    }  # fmt: skip
    assert set(graded(course, "ben")) == set(NOTEBOOKS)
    kept = record(course, "ben")
    assert kept["graded"]["score"] == 3
    assert list(kept["graded"]["notebooks"]) == list(NOTEBOOKS)
    assert grade_week(course.root, WEEK, execute=fake).unchanged == 2
    hand_in(course, "ben", both(course))
    assert [row.score for row in grade_week(course.root, WEEK, execute=fake).rows] == [7]


def test_what_is_missing_broken_or_renamed_keeps_no_other_from_being_graded(
    course: Course,
) -> None:
    """A missing notebook is an explicit 0, a renamed one is known by its cells."""
    files = both(course)
    hand_in(course, "broken", {**files, "line.ipynb": "{"})
    hand_in(course, "missing", {"bend.ipynb": files["bend.ipynb"]})
    hand_in(course, "nothing", {"answers.pdf": ""})
    hand_in(course, "renamed", {"A.ipynb": files["line.ipynb"], "B.ipynb": files["bend.ipynb"]})
    hand_in(course, "swapped", dict(zip(files, reversed(files.values()), strict=True)))
    hand_in(course, "one file", {"line.ipynb": merged(*files.values()), "bend.ipynb": "{"})
    hand_in(course, "twice", {**files, "line-Copy1.ipynb": filled(course, "line", released=True)})
    hand_in(course, "copied", {
        **files, "line.ipynb": filled(course, "line", released=True),
        "line-Copy1.ipynb": files["line.ipynb"],
    })  # fmt: skip
    summary = grade_week(course.root, WEEK, execute=Fake(course))
    rows = {row.student: row for row in summary.rows}
    assert {student: row.score for student, row in rows.items()} == {
        "broken": 3, "missing": 3, "nothing": 0, "renamed": 7, "swapped": 7, "one file": 7,
        "twice": 7, "copied": 7,
    }  # fmt: skip
    assert rows["missing"].attention == ["line: there is no notebook line.ipynb"]
    assert "line: the file is not a notebook: it is not JSON" in rows["broken"].attention[0]
    assert cells(course, "nothing") == WAITS, "the work may stand in the PDF"
    assert rows["renamed"].attention == [
        "bend: the notebook is called B.ipynb; it should be bend.ipynb",
        "line: the notebook is called A.ipynb; it should be line.ipynb",
    ]
    assert "other notebooks were ignored: line-Copy1.ipynb" in rows["twice"].attention[0]
    assert "line-Copy1.ipynb, beside it, was graded" in rows["copied"].attention[0]
    assert cells(course, "missing") == {
        "bend/test_relu": 3, "bend/written": None, "line/test_line": 0, "line/written": 0,
    }  # fmt: skip
    assert "no notebook line.ipynb" in str(graded(course, "missing")["line"])


def merged(*notebooks: str) -> str:
    """One notebook with the cells of all."""
    first, *others = (nbformat.reads(text, as_version=4) for text in notebooks)
    for other in others:
        first.cells += [cell for cell in other.cells if not cell.id.startswith("written")]
    for number, cell in enumerate(first.cells):
        cell["id"] = f"c{number}"
    return str(nbformat.writes(first))


def test_without_metadata_a_notebook_is_known_by_what_it_says(course: Course) -> None:
    """Under names that say nothing."""
    files = {}
    for name, text in zip("xy", both(course).values(), strict=True):
        notebook = nbformat.reads(text, as_version=4)
        for cell in notebook.cells:
            cell.metadata = nbformat.NotebookNode()
        files[f"{name}.ipynb"] = nbformat.writes(notebook)
    hand_in(course, "bare", files)
    (row,) = grade_week(course.root, WEEK, execute=Fake(course)).rows
    assert row.score == 7


def test_report_explain_learn_and_judging_again_know_both(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """What one slip in one notebook looks like to those who teach."""
    hand_in(course, "ada", both(course))
    for student in ("ben", "eve"):
        hand_in(course, student, both(course, line=SLIP))
    files = both(course)
    hand_in(course, "gone", {"bend.ipynb": files["bend.ipynb"]})
    fake = Fake(course)
    grade_week(course.root, WEEK, execute=fake)

    hand_in(course, "ada", {**files, "bend.ipynb": files["bend.ipynb"] + " "})
    page, count = write_report(course.root, WEEK)
    text = page.read_text("utf-8")
    assert count == 4
    for said in ("line: there is no notebook line.ipynb", "any line", "any array", "adds"):
        assert said in text
    assert "ada" in text.split("Handed in again since")[1][:200]

    said, agrees = explain(course.root, WEEK, "ben", "line")
    assert agrees
    assert "adds" in said
    said, agrees = explain(course.root, WEEK, "ben", "relu")
    assert agrees
    assert "3 of 3" in said or "3/3" in said

    notes = course.root / "source" / WEEK / "reference.py"
    before = notes.read_text("utf-8")
    notes.write_text(
        before.replace(
            '        mistakes=[Mistake("adds"',
            '        mistakes=[Mistake("nothing", "No.", lambda x, slope: x * 0), Mistake("adds"',
        )
    )
    asked = len(fake.asked)
    hand_in(course, "ada", files)
    summary = grade_week(course.root, WEEK, execute=fake)
    assert summary.again == 4
    assert len(fake.asked) == asked, "no kernel"
    assert {row.student: row.score for row in summary.rows} == {
        "ada": 7, "ben": 3, "eve": 3, "gone": 3,
    }  # fmt: skip

    notes.write_text(
        before.replace('Mistake("adds", "A slope multiplies.", lambda x, slope: x + slope)', "")
    )
    grade_week(course.root, WEEK, execute=fake, force=True)
    capsys.readouterr()
    assert learn(course.root, WEEK) == 0
    assert "def wrong_line_1(x, slope):" in capsys.readouterr().out


@pytest.mark.kernel
def test_plain_nbgrader_pages_exports_and_checks_know_both(course: Course) -> None:
    """In real kernels, once: nbgrader's own commands from the submission to the sheet."""
    files = both(course)
    hand_in(course, "ada", files)
    hand_in(course, "ben", {"line.ipynb": both(course, line=SLIP)["line.ipynb"]})
    hand_in(course, "eve", {"A.ipynb": files["bend.ipynb"], "line.ipynb": files["line.ipynb"]})
    hand_in(course, "pdf", {"answers.pdf": ""})
    log = convert(course, WEEK, "autograde")
    assert "ben: there is no notebook bend.ipynb" in log
    assert cells(course, "ada") == {
        "bend/test_relu": 3, "bend/written": None, "line/test_line": 4, "line/written": None,
    }  # fmt: skip
    assert cells(course, "ben") == {
        "bend/test_relu": 0, "bend/written": 0, "line/test_line": 0, "line/written": None,
    }  # fmt: skip
    assert cells(course, "eve") == cells(course, "ada")
    assert cells(course, "pdf") == WAITS
    kept = {student: record(course, student) for student in ("ada", "ben", "eve")}
    assert {who: one["graded"]["score"] for who, one in kept.items()} == {
        "ada": 7, "ben": 0, "eve": 7,
    }  # fmt: skip
    assert all(one["key"] for one in kept.values())
    plain = {who: json.dumps(one["graded"]) for who, one in kept.items()}

    summary = grade_week(course.root, WEEK)
    assert summary.unchanged == 4, "the record is whole"
    grade_week(course.root, WEEK, force=True)
    assert {who: json.dumps(record(course, who)["graded"]) for who in plain} == plain

    convert(course, WEEK, "generate_feedback")
    pages = course.root / "feedback" / "ben" / WEEK
    assert sorted(path.name for path in pages.iterdir()) == ["bend.html", "line.html"]
    assert "adds" in (pages / "line.html").read_text("utf-8")
    assert "there is no notebook bend.ipynb" in (pages / "bend.html").read_text("utf-8")


def test_watch_publishes_a_page_for_each_notebook(course: Course) -> None:
    """Under the name it was handed in with, too, where the student looks."""
    exchange = course.root.parent / "exchange"
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Exchange.root = {str(exchange)!r}\n")
    inbound, feedback = (exchange / "gradient-descent" / name for name in ("inbound", "feedback"))
    place = inbound / f"ada+{WEEK}+2027-03-01 12:00:00.000000 UTC+random"
    place.mkdir(parents=True)
    feedback.mkdir()
    files = both(course, line=SLIP)
    stamp = {"timestamp.txt": "2027-03-01 12:00:00.000000 UTC", "submission_secret.txt": "s" * 64}
    named = {"bend.ipynb": files["bend.ipynb"], "mine.ipynb": files["line.ipynb"]}
    for name, text in {**named, **stamp}.items():
        (place / name).write_text(text, "utf-8")
    place.chmod(0o777)
    fake = Fake(course)
    assert watch_week(course.root, WEEK, once=True, interval=0.05, execute=fake) == 0
    pages = {
        name: (feedback / f"{notebook_hash(secret='s' * 64, notebook_id=name)}.html").read_text()
        for name in ("bend", "line", "mine")
    }
    assert "adds" in pages["line"]
    assert pages["mine"] == pages["line"]
    assert "adds" not in pages["bend"]
    asked = list(fake.asked)
    assert asked == [["relu"], ["line"]]
    assert watch_week(course.root, WEEK, once=True, interval=0.05, execute=fake) == 0
    assert fake.asked == asked, "it is done"


def test_the_sheet_has_the_sum(course: Course) -> None:
    """Of both notebooks, of what can be had in both."""
    hand_in(course, "ada", both(course))
    hand_in(course, "ben", both(course, line=SLIP))
    grade_week(course.root, WEEK, execute=Fake(course))
    sheet = course.root / "grades.csv"
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        CsvExport(to=str(sheet), student=[], assignment=[]).export(gradebook)
    with sheet.open(newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {who: (row["score"], row["max_score"]) for who, row in rows.items()} == {
        "ada": ("7.0", "11.0"), "ben": ("3.0", "11.0"),
    }  # fmt: skip


def test_a_task_stands_in_one_notebook(course: Course) -> None:
    """As each runs by itself, one that is solved here and tested there cannot be right."""
    folder = course.root / "source" / WEEK
    assert check_cells(course, course.week(WEEK)) == []
    text = (folder / "bend.py").read_text("utf-8")
    (folder / "bend.py").write_text(text.replace('"test_relu"', '"test_line"'), "utf-8")
    found = check_cells(course, course.week(WEEK))
    assert "bend.py and line.py have no cell with grade_id 'test_relu'" in found
    assert any("line: its cells stand in bend and line" in text for text in found)


def test_one_file_is_the_notebook_whose_cells_it_has(course: Course, tmp_path: Path) -> None:
    """As `autograder try` is given it: under any name, from anywhere."""
    masters = source_masters(course, course.week(WEEK))
    path = tmp_path / "download.ipynb"
    for name in NOTEBOOKS:
        path.write_text(filled(course, name), "utf-8")
        assert [one.name for one in receive("", path, masters).notebooks] == [name]


READ = receiving._read


def slow(student: str, path: Path, masters: Masters) -> Work:
    """Reads the folder as a whole, and one of its files, for too long."""
    if path.is_dir() or path.name == "bend.ipynb":
        raise Overrun("reading the notebook takes more than 5 s")
    return READ(student, path, masters)


def test_one_that_cannot_be_read_in_time_keeps_no_other_from_being_read(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is then read alone, under its released name."""
    folder = hand_in(course, "ada", both(course))
    monkeypatch.setattr(receiving, "_read", slow)
    bend, line = receive("ada", folder, source_masters(course, course.week(WEEK))).notebooks
    assert (bend.name, line.name) == NOTEBOOKS
    assert "takes more than 5 s" in bend.problem
    assert line.problem == ""
