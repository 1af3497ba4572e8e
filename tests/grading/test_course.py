"""The course folder: what is there is found, what is wrong is said with what to do."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import pytest
from traitlets.config import Config

from autograder.errors import AutograderError, CourseError, TaskError, UnknownWeek
from autograder.grading.course import Course, load_week
from autograder.grading.settings import CourseSettings

CONFIG = """\
c = get_config()
c.CourseSettings.due_dates = {"week1_slopes": "2027-03-01 23:59 Europe/Zurich"}
c.CourseSettings.points = {"week1_slopes": 2}
c.CourseSettings.seed = 42
"""
REFERENCE = """\
from autograder.marking.calls import Call
from autograder.marking.criteria import Criterion
from autograder.marking.task import Task

def slope(x):
    return 2 * x

TASKS = [Task(reference=slope, criteria=[Criterion("all", 2, lambda rng: [Call(1.0)])])]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A course of two small weeks."""
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    for week in ("week1_slopes", "week2_descent"):
        add_week(tmp_path, week)
    return tmp_path


def add_week(root: Path, name: str, reference: str | None = REFERENCE) -> Path:
    week = root / "source" / name
    week.mkdir(parents=True)
    (week / "notebook.py").write_text("# %%\n")
    if reference is not None:
        (week / "reference.py").write_text(reference)
    return week


# --- The folder ----------------------------------------------------------------------------


def test_a_course_knows_its_weeks_and_settings(folder: Path) -> None:
    """Every folder with a reference.py is a week; other folders are not."""
    add_week(folder, "drafts", reference=None)
    (folder / "source" / "header.ipynb").write_text("{}")
    course = Course(folder)
    assert course.root == folder.resolve()
    assert course.week_names == ["week1_slopes", "week2_descent"]
    assert course.settings.seed == 42
    assert course.settings.points == {"week1_slopes": 2}


def test_the_working_folder_is_the_default(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run from the course's root; a relative path works too."""
    monkeypatch.chdir(folder)
    assert Course().week_names == Course("../" + folder.name).week_names


@pytest.mark.parametrize("missing", ["nbgrader_config.py", "source", "both", "the folder"])
def test_another_folder_is_not_a_course(tmp_path: Path, missing: str) -> None:
    """The message says which folder, what it lacks, and what to do."""
    root = tmp_path / "here"
    if missing != "the folder":
        root.mkdir()
    if missing == "source":
        (root / "nbgrader_config.py").write_text(CONFIG)
    elif missing == "nbgrader_config.py":
        (root / "source").mkdir()
    with pytest.raises(CourseError, match="not a course folder") as caught:
        Course(root)
    assert str(root) in str(caught.value)
    assert "change to the course's root folder" in str(caught.value)


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ("c = get_config(", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        ("import no_such_module", "ModuleNotFoundError"),
    ],
)
def test_a_configuration_that_fails_is_an_error_that_says_how(
    folder: Path, config: str, name: str
) -> None:
    """With the file's name, and the exception's."""
    (folder / "nbgrader_config.py").write_text(config)
    with pytest.raises(CourseError, match=name) as caught:
        Course(folder)
    assert "nbgrader_config.py cannot be read" in str(caught.value)


@pytest.mark.parametrize(
    "setting",
    ['seed = "a"', 'due_dates = {"week1_slopes": 5}', 'due_dates = "tomorrow"', "points = [1]"],
)
def test_a_setting_of_the_wrong_type_is_an_error_of_the_course(folder: Path, setting: str) -> None:
    """One of ours, which the commands know how to show; not a bare one of traitlets."""
    (folder / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseSettings.{setting}\n")
    with pytest.raises(CourseError, match=setting.split()[0]):
        Course(folder)


def test_settings_have_defaults(folder: Path) -> None:
    """A configuration may say nothing of ours."""
    (folder / "nbgrader_config.py").write_text("c = get_config()\n")
    settings = Course(folder).settings
    assert (settings.seed, settings.due_dates, settings.points) == (0, {}, {})
    assert settings.due_date("week1_slopes") is None


# --- Weeks ---------------------------------------------------------------------------------


def test_a_week_is_loaded_with_its_notebook_and_tasks(folder: Path) -> None:
    """Folder, text, notebook, tasks by name."""
    week = Course(folder).week("week1_slopes")
    assert week.name == "week1_slopes"
    assert week.text == folder.resolve() / "source" / "week1_slopes" / "notebook.py"
    assert week.source.name == "notebook.ipynb"
    assert week.task_names == ["slope"]
    assert week.task("slope") is week.tasks[0]
    with pytest.raises(
        CourseError, match="week1_slopes has no task 'descend'; its tasks are slope"
    ):
        week.task("descend")


def test_the_fingerprint_follows_the_marking_notes(folder: Path) -> None:
    """The same text has the same fingerprint; another text another."""
    course = Course(folder)
    before = course.week("week1_slopes").fingerprint
    assert course.week("week2_descent").fingerprint == before
    path = folder / "source" / "week1_slopes" / "reference.py"
    path.write_text(REFERENCE + "# more\n")
    assert course.week("week1_slopes").fingerprint != before


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("week1_slope", "did you mean week1_slopes?"),
        ("week2descent", "did you mean week2_descent?"),
        ("Week1_slopes", "did you mean week1_slopes?"),
        ("quizzes", "there is week1_slopes, week2_descent"),
        ("", "there is week1_slopes, week2_descent"),
        ("../source/week1_slopes", "did you mean week1_slopes?"),
        (".", "there is"),
    ],
)
def test_an_unknown_week_suggests_what_is_there(folder: Path, name: str, hint: str) -> None:
    """The nearest name, or all of them."""
    with pytest.raises(UnknownWeek) as caught:
        Course(folder).week(name)
    assert f"no week {name!r}" in str(caught.value)
    assert hint in str(caught.value)


def test_an_unknown_week_of_an_empty_course_says_that_there_is_none(tmp_path: Path) -> None:
    """Nothing to suggest."""
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    (tmp_path / "source").mkdir()
    with pytest.raises(UnknownWeek, match="there is none"):
        Course(tmp_path).week("week1")


def test_a_folder_without_marking_notes_is_not_a_week(tmp_path: Path) -> None:
    """As `observe` finds when a notebook is run elsewhere."""
    with pytest.raises(
        CourseError, match=r"is not a week: it has no reference\.py and no notebook"
    ):
        load_week(tmp_path)


@pytest.mark.parametrize("files", [["a.py", "b.py"], ["a.ipynb", "b.ipynb"], ["b.py", "a.ipynb"]])
def test_a_week_has_one_notebook_or_several(folder: Path, files: list[str]) -> None:
    """As text, as a notebook, or mixed; none is an error."""
    week = add_week(folder, "week3")
    (week / "notebook.py").unlink()
    with pytest.raises(CourseError, match="has no notebook beside reference"):
        load_week(week)
    for name in files:
        (week / name).write_text("# %%\n")
    loaded = load_week(week)
    assert loaded.notebooks == ("a", "b")
    assert [part.notebook for part in loaded.parts] == ["a", "b"]


def test_a_week_without_a_text_has_the_notebook_itself(folder: Path) -> None:
    """An instructor may keep the .ipynb by hand."""
    week = add_week(folder, "week3")
    (week / "notebook.py").rename(week / "by_hand.ipynb")
    assert load_week(week).notebook == "by_hand"


def test_marking_notes_import_nothing_that_lies_beside_them(folder: Path) -> None:
    """It is for students and kernels; nobody could install it."""
    week = add_week(folder, "week3", f"import my_helpers\n{REFERENCE}")
    (week / "my_helpers.py").write_text("x = 1\n", "utf-8")
    with pytest.raises(CourseError, match="'my_helpers'; marking notes stand alone"):
        Course(folder).week("week3")


def test_a_week_may_be_begun_with_its_text_alone(folder: Path) -> None:
    """Of written answers, without marking notes, whose notebook is still to be generated."""
    essay = add_week(folder, "week3", reference=None)
    assert Course(folder).week("week3").notebooks == ("notebook",)
    (essay / "notebook.py").write_text("x = 1\n", "utf-8")
    with pytest.raises(UnknownWeek):
        Course(folder).week("week3")


# --- Marking notes that fail ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "match"),
    [
        ("def (", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        ("import no_such_module", "No module named 'no_such_module'; install it"),
        ("raise NotImplementedError('later')", "NotImplementedError: later"),
        ("", "must define TASKS"),
        ("TASKS = []", "must define TASKS"),
        ("TASKS = None", "must define TASKS"),
        ("TASKS = ['slope']", "must define TASKS"),
        (REFERENCE + "\nTASKS = TASKS[0]\n", "must define TASKS"),
        ("TASKS = 5", "must define TASKS"),
        (REFERENCE + "\nTASKS = TASKS * 2\n", "two tasks are called slope"),
        (REFERENCE.replace("reference=slope", "reference=lambda x: x"), "as def name"),
    ],
)
def test_marking_notes_that_fail_are_an_error_with_the_cause(
    folder: Path, reference: str, match: str
) -> None:
    """An error of ours, naming the file."""
    add_week(folder, "week3", reference)
    with pytest.raises(CourseError, match=match) as caught:
        Course(folder).week("week3")
    assert str(Path("week3") / "reference.py") in str(caught.value)


def test_marking_notes_that_contradict_themselves_are_a_task_error(folder: Path) -> None:
    """`autograder check` reports a TaskError as a finding and goes on to the next week."""
    add_week(folder, "week3", REFERENCE.replace('"all", 2', '"all", 0'))
    with pytest.raises(AutograderError, match="points above 0") as caught:
        Course(folder).week("week3")
    assert isinstance(caught.value, TaskError)


def test_a_broken_week_does_not_break_the_others(folder: Path) -> None:
    """Before and after."""
    add_week(folder, "week3", "1 / 0")
    course = Course(folder)
    for _ in range(2):
        with pytest.raises(CourseError):
            course.week("week3")
        assert course.week("week1_slopes").task_names == ["slope"]


def test_loading_writes_nothing_beside_the_source(folder: Path) -> None:
    """What lies there can be released, so no __pycache__; the setting is restored."""
    before, wrote = sorted(folder.rglob("*")), sys.dont_write_bytecode
    Course(folder).week("week1_slopes")
    add_week(folder, "week3", "1 / 0")
    with pytest.raises(CourseError):
        Course(folder).week("week3")
    assert sys.dont_write_bytecode == wrote
    after = [path for path in sorted(folder.rglob("*")) if "week3" not in str(path)]
    assert after == before


def test_a_changed_reference_is_read_again(folder: Path) -> None:
    """Loading is not remembered from the last time."""
    course = Course(folder)
    assert course.week("week1_slopes").tasks[0].points == 2
    path = folder / "source" / "week1_slopes" / "reference.py"
    path.write_text(REFERENCE.replace('"all", 2', '"all", 3'))
    assert course.week("week1_slopes").tasks[0].points == 3


# --- Due dates -----------------------------------------------------------------------------


def due(text: str) -> datetime | None:
    settings = CourseSettings()
    settings.due_dates = {"week1_slopes": text}
    return settings.due_date("week1_slopes")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-03-01 23:59 Europe/Zurich", datetime(2027, 3, 1, 22, 59)),
        ("2027-07-01 23:59 Europe/Zurich", datetime(2027, 7, 1, 21, 59)),
        ("2027-03-01 23:59 UTC", datetime(2027, 3, 1, 23, 59)),
        ("2027-03-01 23:59 +0100", datetime(2027, 3, 1, 22, 59)),
        ("2027-03-01 23:59 America/New_York", datetime(2027, 3, 2, 4, 59)),
        ("2027-03-01 23:59 Asia/Kolkata", datetime(2027, 3, 1, 18, 29)),
        ("2027-12-31 23:59 Pacific/Honolulu", datetime(2028, 1, 1, 9, 59)),
        ("  2027-03-01   23:59  UTC ", datetime(2027, 3, 1, 23, 59)),
    ],
)
def test_a_due_date_is_read_in_its_time_zone(text: str, moment: datetime) -> None:
    """As UTC without a zone, which is how nbgrader keeps it; summer time included."""
    assert due(text) == moment


def test_a_due_date_in_the_time_zone_of_the_exchange() -> None:
    """Where the configuration names that zone, it may be left out."""
    config = Config({"Exchange": {"timezone": "Asia/Kolkata"}})
    settings = CourseSettings(config=config)
    settings.due_dates = {"week1_slopes": "2027-03-01 23:59"}
    assert settings.due_date("week1_slopes") == datetime(2027, 3, 1, 18, 29)


def test_a_week_may_have_no_due_date() -> None:
    """Not listed, or empty."""
    assert due("") is None
    assert CourseSettings().due_date("week9") is None


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow",
        "2027-03-01",
        "2027-03-01 23:59",
        "2027-03-01 23:59 Mars/Olympus",
        "2027-03-01 23:59 CEST",
        "2027-03-01 23:59 EST",
        "2027-02-30 23:59 UTC",
        "2027-13-01 23:59 UTC",
        "2027-03-01 25:00 UTC",
        "next Monday UTC",
        "99999-01-01 00:00 UTC",
        "UTC",
    ],
)
def test_a_due_date_that_cannot_be_read_is_an_error_with_an_example(text: str) -> None:
    """It names the week and the text, and shows how to write it."""
    with pytest.raises(CourseError, match="due date of week1_slopes") as caught:
        due(text)
    assert repr(text) in str(caught.value)
    assert "write it as '2027-03-01 23:59 Europe/Zurich'" in str(caught.value)


@pytest.mark.parametrize(
    "text", ["23:59 Europe/Zurich", "2027 UTC", "March UTC", "Monday 23:59 UTC", "5 UTC"]
)
def test_a_due_date_without_its_day_is_not_completed_with_today(text: str) -> None:
    """A forgotten date is an error; otherwise the week would be due on the day one looks."""
    with pytest.raises(CourseError, match="cannot be read"):
        due(text)


def test_a_due_date_of_spaces_is_no_due_date() -> None:
    """As an empty one; not a bare ValueError."""
    assert due("   ") is None


# --- What an author is told ----------------------------------------------------------------


NOTES = """
from autograder.marking import Call, Criterion, Mistake, Task
{top}

def double(x):
    return 2 * x

def calls(rng):
    {calls}

TASKS = [Task(double, [Criterion("all", 1, calls)])]
"""


def noted(folder: Path, top: str = "", calls: str = "return [Call(2.0)]") -> Path:
    folder = folder / "ps1"
    folder.mkdir(parents=True)
    (folder / "reference.py").write_text(NOTES.format(top=top, calls=calls), "utf-8")
    (folder / "double.py").write_text("# %%\nx = 1\n\n# %%\ny = 2\n", "utf-8")
    return folder


@pytest.mark.parametrize(
    ("calls", "said"),
    [
        ("return [Call(1 / 0)]", "line 9: ZeroDivisionError: division"),
        ("return [Call({b'': 2})]", "may not contain a key that is neither text nor number: b''"),
        ("return [Call(print)]", "a call may not contain a builtin_function_or_method"),
        ("return [unheard(rng)]", "NameError: name 'unheard' is not defined"),
        ("return None", "line 8: a NoneType came back, not a list of Call(...)"),
        ("return Call(1.0)", "line 8: a Call came back, not a list of Call(...)"),
        ("return [1.0]", "line 8: a list with a float in it came back, not a list of Call(...)"),
        ("return [Call(rng)]", "it goes there by its seed, Generator(7)"),
        ("return [Call(lambda x: x)]", "it goes there as a formula, Function('x**2')"),
    ],
)
def test_an_error_in_a_calls_function_has_its_line(tmp_path: Path, calls: str, said: str) -> None:
    """With the task, and what to do."""
    (task,) = load_week(noted(tmp_path, calls=calls)).tasks
    with pytest.raises(TaskError) as caught:
        task.draw(0)
    message = str(caught.value)
    assert "while calls were drawn for the task double" in message
    assert said in message
    assert "Mend that line" in message


def test_marking_notes_that_fail_say_in_which_line(tmp_path: Path) -> None:
    """And what stands there."""
    with pytest.raises(CourseError, match=r"reference.py, line 3: NameError"):
        load_week(noted(tmp_path, top="x = undefined"))


def test_a_week_whose_notes_import_what_is_not_here_is_skipped(tmp_path: Path) -> None:
    """If they say that they require it; else it is a fault."""
    top = 'REQUIRES = ("nowhere_to_be_found",)\nimport nowhere_to_be_found'
    week = load_week(noted(tmp_path, top=top))
    assert "nowhere_to_be_found is not installed here" in week.skipped
    (tmp_path / "other").mkdir()
    with pytest.raises(CourseError, match="No module named 'nowhere_to_be_found'"):
        load_week(noted(tmp_path / "other", top="import nowhere_to_be_found"))


def test_what_is_missing_is_called_as_pip_calls_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """scikit-learn is imported as sklearn; at pip that name stands for nothing of use."""
    monkeypatch.setattr("autograder.grading.course._is_installed", lambda package: False)
    week = load_week(noted(tmp_path, top='REQUIRES = ("sklearn", "PIL.Image", "jax")'))
    assert "sklearn and PIL.Image and jax is not installed here" in week.skipped
    assert "pip install scikit-learn pillow jax)" in week.skipped


@pytest.mark.parametrize(
    ("required", "said"),
    [
        ('("scikit-learn",)', "'scikit-learn', which nothing can import; .*: 'sklearn'$"),
        ('("jax>=0.4",)', "'jax>=0.4', which nothing can import"),
        ('("jax")', "REQUIRES is 'jax', and has to be a tuple of names"),
        ("3", "REQUIRES is 3, and"),
    ],
)
def test_what_is_required_goes_by_the_name_it_is_imported_by(
    required: str, said: str, tmp_path: Path
) -> None:
    """Else the week would be skipped for ever, also where the package is installed."""
    with pytest.raises(CourseError, match=rf"reference\.py: .*{said}"):
        load_week(noted(tmp_path, top=f"REQUIRES = {required}"))


def test_a_module_beside_the_notebook_is_for_the_students(tmp_path: Path) -> None:
    """Neither a second notebook nor the marking notes."""
    folder = noted(tmp_path)
    (folder / "helpers.py").write_text("def three():\n    return 3\n", "utf-8")
    (folder / "points.csv").write_bytes(b"a,b\n")
    week = load_week(folder)
    assert week.notebook == "double"
    assert [file.name for file in week.files] == ["helpers.py", "points.csv"]


def test_marking_notes_that_exit_or_print(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither ends the command, nor stands in what it prints."""
    with pytest.raises(CourseError, match=r"reference.py, line 3: SystemExit: over"):
        load_week(noted(tmp_path / "exits", top="raise SystemExit('over')"))
    load_week(noted(tmp_path / "prints", top="print('hello')"))
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "hello\n")
