"""Committed generated files are what their texts give."""

from __future__ import annotations

import base64
import errno
import io
import json
import shutil
from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder.commands.checks.leaks import leaks
from autograder.commands.sync import difference, differences, generate, sync_course
from autograder.errors import CourseError
from autograder.grading.course import Course
from autograder.plugins.converters import convert

WEEKS = Course(Path(__file__).parents[2]).week_names


@pytest.mark.kernel
@pytest.mark.parametrize("name", WEEKS)
def test_generated_files_are_current(root: Path, name: str) -> None:
    """Notebook, release and solutions, made anew, are those in the repository."""
    course = Course(root)
    week = course.week(name)
    if week.skipped:
        pytest.skip(week.skipped)
    assert differences(course, week) == []


@pytest.mark.parametrize("name", WEEKS)
def test_committed_notebooks_carry_no_outputs(root: Path, name: str) -> None:
    """In source/ and release/; and their ids come from grade_id or position."""
    notebook = Course(root).week(name).source.name
    for step in ("source", "release"):
        cells = nbformat.read(root / step / name / notebook, as_version=4).cells
        for position, cell in enumerate(cell for cell in cells if cell.id != "badges"):
            assert not cell.get("outputs")
            assert cell.get("execution_count") is None
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            assert cell.id == (grade_id or f"cell-{position:02d}")


@pytest.mark.parametrize("name", WEEKS)
def test_only_the_notebook_is_released(root: Path, name: str) -> None:
    """No Python text of source/ reaches the release."""
    week = Course(root).week(name)
    assert [path.name for path in (root / "release" / name).iterdir()] == [week.source.name]


@pytest.mark.parametrize("name", WEEKS)
def test_a_solution_shows_every_picture_and_no_error(root: Path, name: str) -> None:
    """The executed notebook has pictures, full marks from each observe(), and no error."""
    week = Course(root).week(name)
    notebook = nbformat.read(root / "solutions" / name / week.source.name, as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
    assert sum("image/png" in o.get("data", {}) for o in outputs) >= 5
    shown = json.dumps(outputs)
    for task in week.tasks:
        assert f"{task.name}: {task.points:g} of {task.points:g} points" in shown


def test_published_releases_begin_with_badges(course: Course) -> None:
    """One setting gives all of them their address; unset again, the releases are what they were."""
    config = course.root / "nbgrader_config.py"
    before = config.read_text()
    plain = releases(course)
    address = "https://github.com/somebody/course/tree/main/release"
    config.write_text(f"{before}\nc.CourseSettings.public_url = {address!r}\n")
    published = Course(course.root)
    for name in WEEKS:
        convert(published, name, "generate_assignment")
    made = releases(published)
    for path, text in made.items():
        badges, *others = nbformat.reads(text, as_version=4).cells
        assert badges.id == "badges"
        assert f"somebody/course/blob/main/release/{path}" in badges.source
        assert others == nbformat.reads(plain[path], as_version=4).cells
    assert leaks(published, published.week(WEEKS[0])) == []
    convert(published, WEEKS[0], "generate_assignment")
    assert releases(published) == made
    config.write_text(before)
    for name in WEEKS:
        convert(Course(course.root), name, "generate_assignment")
    assert releases(course) == plain


def releases(course: Course) -> dict[str, str]:
    folder = course.root / "release"
    return {str(p.relative_to(folder)): p.read_text("utf-8") for p in folder.rglob("*.ipynb")}


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("example.com", "write it as"),
        (
            "https://github.com/OWNER/REPOSITORY/tree/main/release",
            "with OWNER and REPOSITORY still to be filled in",
        ),
        ("https://github.com/somebody/course/tree/BRANCH/release", "with BRANCH still"),
    ],
)
def test_an_address_that_no_badge_can_have_is_refused(
    course: Course, address: str, said: str
) -> None:
    """With how to write it; also one that was copied from the documentation as it stands."""
    config = course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}\nc.CourseSettings.public_url = {address!r}\n")
    with pytest.raises(CourseError, match=said):
        Course(course.root)


def picture(values: np.ndarray) -> str:
    from matplotlib.image import imsave

    file = io.BytesIO()
    imsave(file, values)
    return base64.b64encode(file.getvalue()).decode()


def with_picture(values: np.ndarray) -> str:
    output = nbformat.v4.new_output("display_data", data={"image/png": picture(values)})
    cell = nbformat.v4.new_code_cell("draw()", outputs=[output], id="cell-00")
    return str(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])))


def test_pictures_that_look_the_same_are_no_difference() -> None:
    """A grey level here and there is rasterising; another picture is a difference."""
    grey = np.full((20, 30, 3), 0.5)
    nearly, other = grey.copy(), grey.copy()
    nearly[3, 4] += 0.01
    other[:, :10] = 0
    assert difference(with_picture(grey), with_picture(nearly)) == ""
    assert "outputs of cell 1" in difference(with_picture(grey), with_picture(other))


def test_another_text_is_a_difference() -> None:
    """Even a space."""
    one = with_picture(np.zeros((2, 2, 3)))
    assert "text of cell 1" in difference(one, one.replace("draw()", "draw( )"))


def with_prints(*texts: str) -> str:
    """A notebook of one cell with a message for each text."""
    outputs = [nbformat.v4.new_output("stream", name="stdout", text=text) for text in texts]
    cell = nbformat.v4.new_code_cell("show()", outputs=outputs, id="cell-00")
    return str(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])))


def test_it_says_which_outputs_differ() -> None:
    """How many there are, or where they part."""
    said = difference(with_prints("one"), with_prints("one", "two"))
    assert said == "the outputs of cell 1 differ: 1 instead of 2"
    said = difference(with_prints("one", "slope 3"), with_prints("one", "slope 4"))
    assert "output 2 has" in said
    assert "slope 3" in said
    assert "slope 4" in said


@pytest.mark.kernel
def test_a_print_in_two_messages_is_one_output(root: Path, tmp_path: Path) -> None:
    """When a kernel sends what is printed is a matter of time; solutions must not show it."""
    source = "print('one', end=' ', flush=True)\nprint('two')"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    week = tmp_path / "source" / "week9_prints"
    week.mkdir(parents=True)
    nbformat.write(notebook, week / "prints.ipynb")
    course = Course(tmp_path)
    convert(course, week.name, "generate_assignment")
    convert(course, week.name, "generate_solution")
    solved = nbformat.read(tmp_path / "solutions" / week.name / "prints.ipynb", as_version=4)
    assert [output.text for output in solved.cells[0].outputs] == ["one two\n"]


@pytest.mark.kernel
def test_a_solution_says_nothing_of_the_run_that_made_it(root: Path, tmp_path: Path) -> None:
    """Else it would differ from itself each time, and `autograder sync` would be no remedy."""
    sources = (
        "import os, warnings\nwarnings.warn('careful')\nobject()",
        "open(os.path.join(os.getcwd(), 'points.csv'))",
    )
    week = tmp_path / "source" / "week9_warns"
    week.mkdir(parents=True)
    shutil.copy(root / "nbgrader_config.py", tmp_path)

    def made(*sources: str) -> str:
        cells = [nbformat.v4.new_code_cell(s, id=f"c{k}") for k, s in enumerate(sources)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), week / "warns.ipynb")
        course = Course(tmp_path)
        return generate(course, course.week(week.name))["solutions/week9_warns/warns.ipynb"]

    solved = made(*sources)
    assert "py:2: UserWarning: careful" in solved
    assert "<object at 0x...>" in solved
    assert "No such file or directory: 'source/week9_warns/points.csv'" in solved
    assert made(*sources) == solved
    with pytest.raises(CourseError) as died:
        made("import os\nos._exit(3)")
    assert str(died.value).endswith("failed: Kernel died while waiting for execute reply.")


def test_what_cannot_be_written_leaves_the_old_file(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the disk is full. And a broken file is named as what is not current."""
    name = WEEKS[0]
    week = course.week(name)
    path = course.root / "solutions" / name / week.source.name
    made = {str(path.relative_to(course.root)): "new"}
    monkeypatch.setattr("autograder.commands.sync.generate", lambda *_: made)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("old")

    def full(self: Path, content: bytes) -> int:
        with self.open("wb"):
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match="No space") as failed:
            sync_course(course.root, name)
    assert failed.value.filename == str(path)
    assert path.read_text() == "old"
    assert f"{path.relative_to(course.root)} is not current" in differences(course, week)[0]


def test_a_stop_is_no_failure_of_nbgrader(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """nbgrader catches it like any error, and puts it into its log."""
    stopped = {"success": False, "log": "[ERROR] Canceled", "error": "Traceback\nKeyboardInterrupt"}
    monkeypatch.setattr("autograder.plugins.converters.utils.capture_log", lambda app: stopped)
    with pytest.raises(KeyboardInterrupt):
        convert(course, WEEKS[0], "generate_solution")
