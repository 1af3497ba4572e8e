"""`autograder init`: an nbgrader course that exists becomes one of ours, and loses nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from course101 import BOTH, BROKEN, QUICK, WEEK, hand_in, quickstart
from nbgrader.api import Gradebook

from autograder.commands.check import check_course
from autograder.commands.cli import main
from autograder.commands.explain import explain
from autograder.commands.grade import grade_week
from autograder.commands.init import init_course, new_course
from autograder.errors import CourseError
from autograder.grading.course import Course
from autograder.plugins.converters import convert
from autograder.plugins.course import MERGED, SETTINGS
from autograder.report.page import write_report
from autograder.submissions.cells import grade_id_of

# Together, as its fixtures take a while.
pytestmark = pytest.mark.xdist_group("init")

BY_NOTEBOOK = {"problem1": 10, "problem2": 3}
Scores = dict[tuple[str, str], float | None]

#: Where stock nbgrader's points are others than ours, what it gives, and its known fault.
FAULTS: dict[tuple[str, str], tuple[float | None, str]] = {
    **{
        (student, cell): (0.0, "what stands on stderr costs everything")
        for student in ("stderr", "warns")
        for cell in ("correct_squares", "squares_invalid_input", "correct_sum_of_squares")
    },
    **{
        ("forges", cell): (0.5, "a number displayed before the assert fails is partial credit")
        for cell in ("correct_squares", "squares_invalid_input", "correct_sum_of_squares")
    },
    **{
        ("dies", cell): (None, "where the kernel died nothing is graded, also what was reached")
        for cell in (
            "correct_squares", "squares_invalid_input", "correct_sum_of_squares",
            "sum_of_squares_uses_squares", "sum_of_squares_equation",
        )
    },
    **{
        (BROKEN, cell): (None, "what cannot be read has no score, and the whole run fails")
        for cell in (
            "correct_squares", "squares_invalid_input", "correct_sum_of_squares",
            "sum_of_squares_uses_squares", "sum_of_squares_equation",
            "sum_of_squares_application",
        )
    },
}  # fmt: skip


def points(root: Path) -> Scores:
    """The automatic score of each graded cell, by student."""
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        return {
            (submission.student.id, grade.cell.name): grade.auto_score
            for submission in gradebook.assignment_submissions(WEEK)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scores, str]:
    """Points by stock `nbgrader autograde` with the course's own configuration; and its log."""
    course = Course(quickstart(tmp_path_factory.mktemp("stock"), QUICK))
    convert(course, WEEK, "generate_assignment")
    hand_in(course.root)
    with pytest.raises(CourseError) as failed:  # for the one that is no notebook
        convert(course, WEEK, "autograde")
    return points(course.root), str(failed.value)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The same course and class, after `autograder init`, graded."""
    course = Course(quickstart(tmp_path_factory.mktemp("ours"), QUICK))
    assert main_in(course.root, "init", "--yes") == 0
    course = Course(course.root)
    convert(course, WEEK, "generate_assignment")
    hand_in(course.root)
    grade_week(course.root, WEEK, jobs=2)
    return course


def main_in(root: Path, *typed: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        return main(typed)


@pytest.mark.kernel
def test_points_are_those_of_stock_nbgrader(stock: tuple[Scores, str], ours: Course) -> None:
    """Cell by cell; where they are not, a known fault of stock's explains it."""
    theirs, _ = stock
    mine = points(ours.root)
    assert theirs.keys() <= mine.keys()
    found = {key: theirs[key] for key in theirs if mine[key] != theirs[key]}
    for student, cell in [key for key in found if key[1] in ("part-a", "part-b")]:
        # A notebook that is not there: stock nbgrader waits for a person to mark nothing.
        assert student not in BOTH
        assert (mine[student, cell], found.pop((student, cell))) == (0, None)
    assert found == {key: score for key, (score, _) in FAULTS.items()}


@pytest.mark.kernel
def test_what_a_person_marks_is_kept_for_a_person(ours: Course) -> None:
    """A written answer, code marked by hand, a task cell: their points count, none is lost."""
    with Gradebook(f"sqlite:///{ours.root}/gradebook.db") as gradebook:
        one = gradebook.find_submission(WEEK, "right")
        assert (one.score, one.max_score, one.needs_manual_grade) == (3, 13, True)
        assert {n.notebook.name: n.max_score for n in one.notebooks} == BY_NOTEBOOK
        (task,) = gradebook.find_notebook("problem1", WEEK).task_cells
        grade = gradebook.find_grade(task.name, "problem1", WEEK, "right")
        assert (grade.auto_score, grade.needs_manual_grade, grade.max_score) == (None, True, 4)
    graded = nbformat.read(ours.root / "autograded" / "right" / WEEK / "problem1.ipynb", 4)
    (cell,) = [c for c in graded.cells if grade_id_of(c) == task.name]
    assert cell.metadata.nbgrader.task
    assert cell.metadata.nbgrader.points == 4


@pytest.mark.kernel
def test_pages_and_report_name_how_it_was_judged(ours: Course) -> None:
    """The student's page, the class report, the record, the answer to why."""
    convert(ours, WEEK, "generate_feedback")
    page = (ours.root / "feedback" / "forges" / WEEK / "problem1.html").read_text("utf-8")
    assert "correct_squares: 0 of 1 points (judged inside the kernel)" in page
    assert "3 of 3 points are judged inside the kernel" not in page
    report, _ = write_report(ours.root, WEEK)
    text = report.read_text("utf-8")
    assert "3 of 3 points are judged inside the kernel" in text
    assert text.count("judged inside the kernel") == 5  # each cell has a line among the criteria
    assert "of 3" in text
    said, agrees = explain(ours.root, WEEK, "endless", "correct_sum_of_squares")
    assert agrees
    assert "correct_sum_of_squares: 0 of 0.5 points (judged inside the kernel)" in said
    assert "NotImplementedError" in said


@pytest.mark.kernel
def test_graded_again_nothing_is_run_unless_a_test_changed(ours: Course) -> None:
    """The record's key holds the tests as they were released."""
    assert grade_week(ours.root, WEEK, student="right").unchanged == 1
    course = ours.root / "source" / WEEK / "problem1.ipynb"
    text = course.read_text("utf-8")
    course.write_text(text.replace("sum_of_squares(11) == 506", "sum_of_squares(11) == 507"))
    try:
        convert(Course(ours.root), WEEK, "generate_assignment")
        summary = grade_week(ours.root, WEEK, student="right")
        assert (summary.unchanged, summary.again, summary.rows[0].score) == (0, 0, 2.5)
    finally:
        course.write_text(text)
        convert(Course(ours.root), WEEK, "generate_assignment")


@pytest.mark.kernel
def test_check_says_what_can_be_forged(ours: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Ready, with the cells by name."""
    assert check_course(ours.root, WEEK) == 0
    said = capsys.readouterr().out
    assert "3 points are judged inside the kernel, by nbgrader's rule: correct_squares," in said
    assert "can read their hidden tests and forge a pass" in said
    assert f"Ready to be released: {WEEK}." in said


# --- the configuration ----------------------------------------------------------------------


OWN = """
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "mine.First",
    "nbgrader.preprocessors.ClearSolutions",
    "nbgrader.preprocessors.SaveCells",
    "mine.Last",
]
c.Autograde.autograde_preprocessors.append("mine.Plagiarism")
c.CourseDirectory.submitted_directory = "handed_in"
c.CourseDirectory.ignore = ["*.log"]
c.ExportApp.plugin_class = "mine.Export"
"""


def test_a_courses_own_settings_and_steps_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it says is what it does; nothing above the block is touched; twice is once."""
    root = quickstart(tmp_path, OWN)
    before = (root / "nbgrader_config.py").read_text()
    assert init_course(root, yes=True) == 0
    after = (root / "nbgrader_config.py").read_text()
    said = capsys.readouterr().out
    assert after.startswith(before.rstrip("\n"))
    assert after.removeprefix(before.rstrip("\n")).strip() in said
    assert "mine.First, mine.Last" in said
    assert "these of ours are not used: ExportApp.plugin_class" in said
    assert "ps1: 4 cells (3 points) judged inside the kernel" in said
    config = Course(root).config
    steps = [step.rpartition(".")[2] for step in config.GenerateAssignment.preprocessors]
    place = {step: steps.index(step) for step in steps}
    assert place["IncludeHeaderFooter"] < place["First"] < place["TaskStub"]
    assert place["SaveCells"] < place["Last"]
    assert config.Autograde.autograde_preprocessors[-1] == "mine.Plagiarism"
    assert config.CourseDirectory.submitted_directory == "handed_in"
    assert config.CourseDirectory.ignore == ["*.log", "*.py"]
    assert config.ExportApp.plugin_class == "mine.Export"
    assert config.IncludeHeaderFooter.header == "source/header.ipynb"
    assert init_course(root, yes=True) == 0
    assert (root / "nbgrader_config.py").read_text() == after
    assert "nothing to add" in capsys.readouterr().out


def test_it_asks_and_takes_no_for_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nobody can answer, `--yes` is needed."""
    root = quickstart(tmp_path)
    before = (root / "nbgrader_config.py").read_bytes()
    assert init_course(root) == 1
    assert "autograder init --yes" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    for answer, done in (("", 1), ("n", 1), ("y", 0)):
        monkeypatch.setattr("builtins.input", lambda _, answer=answer: answer)
        assert (root / "nbgrader_config.py").read_bytes() == before
        assert init_course(root) == done


@pytest.mark.parametrize("text", ["c = get_config(\n", "import nothing_of_that_name\n", "1 / 0\n"])
def test_a_configuration_that_cannot_be_read_is_left_alone(tmp_path: Path, text: str) -> None:
    """It says so."""
    root = quickstart(tmp_path)
    (root / "nbgrader_config.py").write_text(text)
    with pytest.raises(CourseError, match=r"nbgrader_config\.py cannot be read"):
        init_course(root, yes=True)
    assert (root / "nbgrader_config.py").read_text() == text


def test_where_there_is_no_course_it_says_how_to_start_one(tmp_path: Path) -> None:
    """And makes nothing."""
    with pytest.raises(CourseError, match="autograder init --new DIR"):
        init_course(tmp_path, yes=True)
    assert list(tmp_path.iterdir()) == []


def test_the_repositorys_own_course_is_one_of_ours(root: Path) -> None:
    """By the same call."""
    config = Course(root).config
    assert all(config[section][name] == value for (section, name), value in SETTINGS.items())
    assert all(config[section][name] == steps for (section, name), steps in MERGED.items())


# --- an empty course ------------------------------------------------------------------------


@pytest.mark.kernel
def test_a_new_course_goes_the_whole_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Started, checked, released, handed in, graded; all that `check` wants are its own words."""
    root = tmp_path / "Deep Learning 101"
    assert new_course(root) == 0
    assert {path.name for path in root.iterdir()} >= {
        "nbgrader_config.py", "README.md", ".gitignore", "source", "release",
    }  # fmt: skip
    course = Course(root)
    (name,) = course.week_names
    assert course.settings.points == {name: 7}
    assert course.config.CourseDirectory.course_id == "Deep-Learning-101"
    assert check_course(root, None) == 1
    said = capsys.readouterr().out
    assert [line for line in said.splitlines() if "✗" in line] == [
        "  ✗ nothing is left to be written"
    ]
    assert "no due date" not in said
    convert(course, name, "generate_assignment")
    week = course.week(name)
    folder = root / "submitted" / "one" / name
    folder.mkdir(parents=True)
    shutil.copy(week.source, folder)
    assert grade_week(root, name).rows[0].score == 5
    with pytest.raises(CourseError, match="not empty"):
        new_course(root)
