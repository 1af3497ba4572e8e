"""`nbgrader generate_assignment` that cannot succeed leaves the old release, and says why."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from classes import enrol
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps import GenerateAssignmentApp

from autograder.errors import CourseError
from autograder.grading.course import Course
from autograder.plugins.converters import convert

WEEK = "week2_descent"


def edit(course: Course, change: Callable[[NotebookNode], None]) -> None:
    path = course.root / "source" / WEEK / "descent.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


def renamed(notebook: NotebookNode) -> None:
    """A task by another name."""
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader")
        if about and about.grade_id.endswith("basin"):
            about.grade_id = about.grade_id.replace("basin", "valley")


def added(notebook: NotebookNode) -> None:
    """Another graded cell."""
    cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade"))
    copy = nbformat.from_dict(cell)
    copy.metadata.nbgrader.grade_id, copy.id = "test_more", "more"
    notebook.cells.append(copy)


def unfinished(notebook: NotebookNode) -> None:
    """A hidden part without its end."""
    for cell in notebook.cells:
        cell.source = cell.source.replace("### END HIDDEN TESTS", "")


def pointless(notebook: NotebookNode) -> None:
    """A graded cell without points."""
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            del cell.metadata.nbgrader["points"]


def files(course: Course) -> dict[str, bytes]:
    folder = course.root / "release" / WEEK
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def tried(course: Course) -> Course:
    """A course in which one submission of the week is in the gradebook."""
    enrol(course, course.week(WEEK), ["trial"])
    return course


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (renamed, "new: test_valley, valley; gone: basin, test_basin"),
        (added, "new: test_more"),
        (unfinished, "No end hidden tests statement found"),
        (pointless, "the nbgrader metadata may be corrupted"),
    ],
)
def test_the_old_release_stays(
    tried: Course, change: Callable[[NotebookNode], None], words: str
) -> None:
    """Whatever stands in the way of a new one, and it is said in a sentence."""
    before = files(tried)
    edit(tried, change)
    with pytest.raises(CourseError) as caught:
        convert(tried, WEEK, "generate_assignment")
    said = str(caught.value)
    assert words in said
    assert said.count(f"release/{WEEK} stays as it was") == 1
    assert "Traceback" not in said
    assert files(tried) == before


def test_what_to_do_when_tasks_have_changed(tried: Course) -> None:
    """Followed to the letter, it works."""
    edit(tried, renamed)
    with pytest.raises(CourseError, match=f"nbgrader db assignment remove {WEEK} --force"):
        convert(tried, WEEK, "generate_assignment")
    with Gradebook(f"sqlite:///{tried.root}/gradebook.db") as gradebook:
        gradebook.remove_assignment(WEEK)
    convert(tried, WEEK, "generate_assignment")
    assert b"test_valley" in files(tried)["descent.ipynb"]


def test_the_command_itself(
    tried: Course, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """No traceback, status 1; and its log can be used again afterwards."""
    before = files(tried)
    edit(tried, renamed)
    monkeypatch.chdir(tried.root)
    with pytest.raises(SystemExit) as ended:
        GenerateAssignmentApp.launch_instance([WEEK])
    GenerateAssignmentApp.clear_instance()
    assert ended.value.code == 1
    said = capfd.readouterr().err
    assert said.count("ERROR") == 1
    assert "Traceback" not in said
    assert "Removing" not in said
    assert files(tried) == before
    assert not any(callable(f) for f in logging.getLogger("traitlets").filters)


def test_a_first_release_that_fails_leaves_none(course: Course, tmp_path: Path) -> None:
    """Half a release is worse than none."""
    edit(course, pointless)
    for path in sorted((course.root / "release" / WEEK).rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (course.root / "release" / WEEK).rmdir()
    with pytest.raises(CourseError):
        convert(course, WEEK, "generate_assignment")
    assert not (course.root / "release" / WEEK).exists()
