"""The command line: wrong input gives one clear sentence and loses nothing."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from conftest import Submit, scores

from autograder.commands import grade as run
from autograder.commands.cli import main
from autograder.errors import GraderFault
from autograder.grading.course import Course
from autograder.kernels import driver
from autograder.kernels.driver import Executed

WEEK = "week2_descent"


@pytest.fixture
def here(course: Course, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The course, with the working folder in it."""
    monkeypatch.chdir(course.root)
    return course


def no_kernel(*_: object, **__: object) -> Executed:
    raise AssertionError("no kernel should have been started")


@pytest.fixture(autouse=True)
def without_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests never run a notebook."""
    monkeypatch.setattr(run, "grade_all", no_kernel)


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    sentences = [line for line in captured.err.splitlines() if line.startswith("autograder: ")]
    assert len(sentences) == 1, captured.err
    return sentences[0]


def test_an_unknown_week_is_named_with_the_nearest(
    here: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """A typing slip gets a suggestion."""
    assert main(["grade", "week2_decent"]) == 1
    sentence = said(capsys)
    assert "'week2_decent'" in sentence
    assert "did you mean week2_descent?" in sentence


@pytest.mark.parametrize(
    "command", [["grade", WEEK], ["check"], ["demo", "x"], ["sync"], ["new", "week7_name"]]
)
def test_a_folder_that_is_no_course(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Every command says so, and leaves nothing behind."""
    monkeypatch.chdir(tmp_path)
    assert main(command) == 1
    assert "is not a course folder" in said(capsys)
    assert list(tmp_path.iterdir()) == []


def test_nothing_submitted(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Says where submissions are looked for, and how they get there."""
    assert main(["grade", WEEK]) == 1
    sentence = said(capsys)
    assert f"submitted/STUDENT/{WEEK}" in sentence
    assert "nbgrader collect" in sentence


def test_a_student_who_did_not_submit(
    here: Course, submit: Submit, capsys: pytest.CaptureFixture[str]
) -> None:
    """A student's name with a slip gets a suggestion."""
    submit("student-17", WEEK)
    assert main(["grade", WEEK, "--student", "student-71"]) == 1
    assert "did you mean 'student-17'?" in said(capsys)


def test_a_week_that_was_never_generated(
    here: Course, submit: Submit, capsys: pytest.CaptureFixture[str]
) -> None:
    """The gradebook does not know the week: the sentence has the command to run."""
    submit("someone", WEEK)
    (here.root / "gradebook.db").unlink()
    assert main(["grade", WEEK]) == 1
    assert f"nbgrader generate_assignment {WEEK}" in said(capsys)
    assert not (here.root / "gradebook.db").exists()


def test_a_locked_gradebook(
    here: Course,
    submit: Submit,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Said at once, before any kernel starts, and nothing is lost."""
    submit("someone", WEEK)
    before = (here.root / "gradebook.db").read_bytes()
    with contextlib.closing(sqlite3.connect(here.root / "gradebook.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert main(["grade", WEEK]) == 1
        other.rollback()
    assert "another program is using it" in said(capsys)
    assert (here.root / "gradebook.db").read_bytes() == before


def test_a_gradebook_that_is_no_database(
    here: Course, submit: Submit, capsys: pytest.CaptureFixture[str]
) -> None:
    """A damaged gradebook is named, and left as it is."""
    submit("someone", WEEK)
    (here.root / "gradebook.db").write_text("not a database, but long enough to look at" * 100)
    assert main(["grade", WEEK]) == 1
    assert "gradebook.db cannot be used" in said(capsys)


def test_a_configuration_that_fails(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """The file and the error are named."""
    (here.root / "nbgrader_config.py").write_text("c = get_config(\n")
    assert main(["check"]) == 1
    assert "nbgrader_config.py cannot be read: SyntaxError" in said(capsys)


def test_a_reference_that_fails(here: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """So is a reference.py that cannot be loaded."""
    (here.root / "source" / WEEK / "reference.py").write_text("1 / 0\n")
    assert main(["grade", WEEK]) == 1
    text = said(capsys)
    assert "reference.py fails" in text
    assert "reference.py, line 1: ZeroDivisionError: division by zero" in text


def test_demo_does_not_overwrite_a_folder_that_is_not_its_own(
    here: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder with somebody's files stays as it is."""
    (here.root / "mine").mkdir()
    (here.root / "mine" / "thesis.txt").write_text("precious")
    assert main(["demo", "mine"]) == 1
    assert "no demo made it" in said(capsys)
    assert (here.root / "mine" / "thesis.txt").read_text() == "precious"


@pytest.mark.parametrize(
    "arguments",
    [
        ["grade", WEEK, "--jobs", "0"],
        ["grade", WEEK, "--seed", "-3"],
        ["watch", WEEK, "--pause", "999999999999d"],
        ["grade"],
        [],
    ],
)
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Rejected by name, with the usage, before anything is touched."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: autograder" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["grade", "check", "demo", "sync", "new"])
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """``--help`` explains itself and exits 0."""
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert "usage:" in capsys.readouterr().out


def test_a_grader_fault_is_no_zero(
    here: Course,
    submit: Submit,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No kernel to be had: cells wait for a person, the run says so and exits 1."""
    monkeypatch.undo()
    monkeypatch.chdir(here.root)
    submit("someone", WEEK)

    def broken(notebook: str, calls: object, limits: object) -> Executed:
        raise GraderFault("no kernel could be started")

    monkeypatch.setattr(driver, "execute", broken)
    assert main(["grade", WEEK]) == 1
    shown = capsys.readouterr().out
    assert "NOT GRADED, through no fault of theirs: someone" in shown
    assert "no kernel could be started" in shown
    found = scores(here, WEEK)["someone"]
    assert {found[name] for name in found if name.startswith("test_")} == {None}
