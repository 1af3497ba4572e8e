"""`autograder check` fails, and names the cause, when a week is not ready."""

from __future__ import annotations

import itertools
import re
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autograder.commands import check
from autograder.commands.checks import cells, dead, leaks, questions, solutions, texts
from autograder.commands.notebooks import build
from autograder.commands.sync import sync_course
from autograder.errors import CourseError, TaskError
from autograder.grading.course import Course
from autograder.kernels.driver import Executed
from autograder.marking import clock
from autograder.marking.calls import Call
from autograder.marking.criteria import Criterion, Mistake
from autograder.observation.functions import Function

WEEK = "week2_descent"


@pytest.fixture
def course(root: Path, tmp_path: Path) -> Course:
    """The course as it is in the repository, to be spoilt."""
    for name in ("source", "release", "solutions"):
        skip = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
        shutil.copytree(root / name / WEEK, tmp_path / name / WEEK, ignore=skip)
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    return Course(tmp_path)


def spoil(course: Course, relative: str, old: str, new: str) -> Course:
    path = course.root / relative
    text = path.read_text("utf-8")
    assert old in text, f"{old!r} is not in {relative}"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return Course(course.root)


def with_notes(course: Course, more: str) -> Course:
    """The course with more at the end of its marking notes."""
    reference = course.root / "source" / WEEK / "reference.py"
    reference.write_text(f"{reference.read_text('utf-8')}\n\n{more}", "utf-8")
    return Course(course.root)


def found(course: Course, only: Callable[..., list[str]]) -> str:
    return "\n".join(only(course, course.week(WEEK)))


def test_the_repository_passes_without_kernels(course: Course) -> None:
    """The checks that need no kernel find nothing to say about the week as it is."""
    week = course.week(WEEK)
    for each in (questions.draws, questions.mistakes, cells.cells, leaks.leaks):
        assert each(course, week) == []


def test_a_mistake_that_cannot_be_told_from_the_reference(course: Course) -> None:
    """The mistake is named."""
    amended = with_notes(
        course,
        "from dataclasses import replace\n"
        "TASKS[1] = replace(TASKS[1], mistakes=[*TASKS[1].mistakes,"
        " Mistake('quite right', 'This is right.', behaves_like=gradient_descent)])\n",
    )
    said = found(amended, questions.draws)
    assert "'quite right'" in said
    assert "cannot be told from the reference" in said


def test_calls_that_the_seed_does_not_decide(course: Course) -> None:
    """Who takes numbers from elsewhere could not regrade with the same questions."""
    amended = with_notes(
        course,
        "import random\nfrom dataclasses import replace\n"
        "\ndef own(rng):\n    x = round(random.random(), 6)\n"
        "    return [Call(Function('x**2'), x, 0.75, 10)]\n\n"
        "TASKS[1] = replace(TASKS[1], criteria=[*TASKS[1].criteria, Criterion('own', 1, own)])\n",
    )
    (said,) = questions.draws(amended, amended.week(WEEK))
    assert "gradient_descent: drawn again from the same seed, the criterion 'own' asks" in said
    assert "the generator that its calls function is given" in said


@pytest.mark.parametrize(
    ("holds", "fails"),
    [
        ("lambda call, result: True", False),
        ("lambda call, result: None", False),
        ("lambda call, result: result is not None", True),
        ("lambda call, result: len(result) == 11", True),
        ("lambda call, result: abs(result[0] - 4) < 0.1 or 'begin at the start'", True),
    ],
)
def test_a_criterion_that_nobody_can_fail(course: Course, holds: str, fails: bool) -> None:
    """Its points would be given away."""
    week = course.week(WEEK)
    task = week.task("gradient_descent")
    free = Criterion(
        "free", 1, lambda rng: [Call(Function("x**2"), 4.0, 0.75, 10)], holds=eval(holds)
    )
    task = replace(task, criteria=[*task.criteria, free])
    said = questions.draws(course, replace(week, tasks=(task,)))
    assert bool(said) is not fails
    assert fails or "nobody can fail the criterion 'free'" in said[0]


def test_calls_that_hide_a_mistake(course: Course) -> None:
    """Criteria that only ask easy calls: drawing fails, naming what escapes."""
    amended = with_notes(
        course,
        "from dataclasses import replace\n"
        "easy = lambda rng: [Call(Function('x**2'), 4.0, 0.75, 10)]\n"
        "TASKS[1] = replace(TASKS[1], criteria=[Criterion('easy', 9, easy)])\n",
    )
    said = found(amended, questions.draws)
    assert "gradient_descent" in said
    assert "cannot be told" in said


def test_points_that_disagree(course: Course) -> None:
    """Between cell and criteria, and between notebook and configuration: both are said."""
    spoilt = spoil(course, f"source/{WEEK}/descent.py", '"points": 9', '"points": 8')
    said = found(spoilt, cells.cells)
    assert "test_gradient_descent has 8, the criteria in reference.py sum to 9" in said
    assert "notebook's sum to 24" in said
    assert "nbgrader_config.py says 25" in said


def test_what_the_configuration_leaves_out(course: Course) -> None:
    """No due date and no points are no fault, but they are said."""
    assert cells.notes(course, course.week(WEEK)) == []
    without_date = spoil(course, "nbgrader_config.py", f'"{WEEK}": "2027-', '"week0": "2027-')
    spoilt = spoil(without_date, "nbgrader_config.py", f'"{WEEK}": 25', '"week0": 25')
    spoilt = spoil(spoilt, f"source/{WEEK}/descent.py", "# # Week 2", "# # REPLACE")
    assert found(spoilt, cells.cells) == ""
    said = found(spoilt, cells.notes)
    assert "no due date in nbgrader_config.py" in said
    assert "week0" in said
    assert "no week here" in said
    assert "no points in nbgrader_config.py" in said
    assert "descent.py says REPLACE in 1 place," in found(spoilt, cells.unwritten)


def test_what_is_easily_forgotten(course: Course) -> None:
    """The tag that lets Jupyter go on, and the words that help."""
    spoilt = spoil(
        course,
        f"source/{WEEK}/descent.py",
        '# %% tags=["raises-exception"] nbgrader',
        "# %% nbgrader",
    )
    said = found(spoilt, cells.notes)
    assert "without the tag raises-exception: test_descent_update. In Jupyter, Run All" in said
    week = course.week(WEEK)
    task = week.task("basin")
    task = replace(task, mistakes=[*task.mistakes, Mistake("mute", " ", abs)])
    (said,) = cells.unwritten(course, replace(week, tasks=(task,)))
    assert said == "reference.py: the mistake 'mute' of basin has no hint"


def test_old_points_in_the_prose(course: Course) -> None:
    """The heading of a task has to give what its cell has."""
    spoilt = spoil(course, f"source/{WEEK}/descent.py", "Task 2 (9 points", "Task 2 (8 points")
    said = found(spoilt, texts.old_points)
    assert "the text says 'Task 2 (8 points', but test_gradient_descent has 9 points" in said


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("lambda *a: no_such_name", "NameError: name 'no_such_name' is not defined"),
        ("lambda x: x", "cannot be called with what is asked"),
        ("lambda a, b, c, d, e, f, g, h: a", "cannot be called with what is asked"),
    ],
)
def test_a_mistake_that_cannot_happen(course: Course, behaviour: str, words: str) -> None:
    """It would name students who never made it; the line is named."""
    week = course.week(WEEK)
    assert dead.dead(course, week) == []
    task = week.task("gradient_descent")
    task = replace(task, mistakes=[*task.mistakes, Mistake("dead", "It is dead.", eval(behaviour))])
    (said,) = dead.dead(course, replace(week, tasks=(task,)))
    assert said.startswith("<string>, line 1: the mistake 'dead' of gradient_descent")
    assert words in said


def test_an_error_where_calls_are_proposed(course: Course) -> None:
    """File, line, task, and what to do; no traceback."""
    spoilt = spoil(
        course,
        f"source/{WEEK}/reference.py",
        "TASKS = [",
        """
def broken(rng):
    return [Call(1 / 0)]


TASKS = [""",
    )
    week = spoilt.week(WEEK)
    criterion = replace(week.tasks[0].criteria[0], calls=sys.modules[f"_reference_{WEEK}"].broken)
    task = replace(week.tasks[0], criteria=[criterion])
    with pytest.raises(TaskError) as caught:
        task.draw(1)
    said = str(caught.value)
    assert re.search(r"reference.py, line \d+: ZeroDivisionError: division by zero", said)
    assert f"the task {task.name}" in said
    assert "autograder check" in said


def test_a_slip_in_what_is_said_of_a_cell(course: Course) -> None:
    """Its line is named, once; nothing is ticked that could not be looked at."""
    spoilt = spoil(course, f"source/{WEEK}/descent.py", '"grade": false, ', '"grade": false ')
    text = (course.root / "source" / WEEK / "descent.py").read_text("utf-8")
    line = 1 + text[: text.index('"grade": false "')].count("\n")
    ((title, (said,)),) = check.check_week(spoilt, WEEK)
    assert title == "the notebook can be read"
    assert said.startswith(f"descent.py, line {line}: ")
    with pytest.raises(CourseError, match=f"descent.py, line {line}: "):
        sync_course(course.root, WEEK)


def test_nothing_is_ticked_of_which_there_is_nothing(course: Course) -> None:
    """Neither questions of a week without notes, nor mistakes where none are known."""
    titles = [title for title, _ in itertools.islice(check.check_week(course, WEEK), 3)]
    assert [("known mistake" in title) for title in titles] == [True] * 3
    week = course.week(WEEK)
    for tasks, count in (
        ((), 0),
        ([replace(task, mistakes=(), indistinguishable=()) for task in week.tasks], 1),
    ):
        fewer = replace(week, tasks=tuple(tasks))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(course, "week", lambda name, fewer=fewer: fewer)
            titles = [title for title, _ in itertools.islice(check.check_week(course, WEEK), 3)]
        assert sum("known mistake" in title for title in titles) == count


_ENDLESS = """
def endless(*_, **__):
    while True:
        pass

easy = lambda rng: [Call(Function('x**2'), 4.0, 0.75, 10)]
"""


@pytest.mark.parametrize(
    ("what", "spoilt"),
    [
        ("the reference", {"reference": "endless"}),
        ("a mistake", {"mistakes": "[Mistake('m', 'Hint.', behaves_like=endless)]"}),
        ("what proposes calls", {"criteria": "[Criterion('c', 9, endless)]"}),
        ("a property", {"criteria": "[Criterion('c', 9, easy, holds=endless)]"}),
    ],
)
def test_notes_that_never_end(
    course: Course, what: str, spoilt: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are stopped once; the line, the task and what to do are named."""
    monkeypatch.setattr(clock, "SECONDS", 1.5)
    path = course.root / "source" / WEEK / "reference.py"
    text = path.read_text("utf-8") + _ENDLESS
    line = text[: text.index("    while True:")].count("\n") + 1
    changes = ", ".join(f"{name}={value}" for name, value in spoilt.items())
    text += (
        "from dataclasses import replace\n"
        "endless.__name__ = 'gradient_descent'\n"
        f"TASKS[:] = [replace(TASKS[1], {changes})]\n"
    )
    path.write_text(text, "utf-8")
    course = Course(course.root)
    week = course.week(WEEK)
    monkeypatch.setattr(check, "solutions", lambda course, week: [])
    monkeypatch.setattr(course, "week", lambda name: week)
    started = time.monotonic()
    said = dict(check.check_week(course, WEEK, "its notes"))
    waited = time.monotonic() - started
    problems = [text for texts in said.values() for text in texts]
    late = [text for text in problems if "still at work after 1.5 s" in text]
    assert late, what
    assert f"reference.py, line {line}" in late[0] or f"reference.py, line {line + 1}" in late[0]
    assert "the task gradient_descent" in late[0]
    assert "autograder check" in late[0]
    assert len(late) * 1.5 < waited < 40
    fair, named, alive = list(said.values())[:3]
    if late[0] in fair:
        assert fair == late
        assert named == alive == [] or all("not looked at" in t for t in (*named, *alive))


def test_notes_that_take_long_again_and_again(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each draw ends in time, and all of them would not: nobody waits for twenty."""
    monkeypatch.setattr(clock, "SECONDS", 1.0)
    week = course.week(WEEK)
    task = week.task("gradient_descent")

    def slow(rng: np.random.Generator) -> list[Call]:
        time.sleep(0.4)
        return [Call(Function("x**2"), 4.0, round(rng.uniform(0.1, 0.2), 4), 5)]

    slowly = replace(task, criteria=[Criterion("c", 9, slow)], mistakes=(), indistinguishable=())
    started = time.monotonic()
    (said,) = questions.draws(course, replace(week, tasks=(slowly,)))
    assert time.monotonic() - started < 30
    assert "after 5 s, while calls were drawn from 21 seeds for the task gradient_descent" in said


def test_notes_that_never_end_when_they_are_read(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even a loop outside of any function is waited for."""
    monkeypatch.setattr(clock, "SECONDS", 1.0)
    path = course.root / "source" / WEEK / "reference.py"
    path.write_text(path.read_text("utf-8") + "\nwhile True:\n    pass\n", "utf-8")
    with pytest.raises(TaskError, match=r"reference.py, line \d+: still at work after 5 s"):
        Course(course.root).week(WEEK)


def test_a_graded_cell_that_hands_nothing_over(course: Course) -> None:
    """It is judged inside the kernel, which is said; one that a person marks needs no task."""
    path = course.root / "source" / WEEK / "descent.py"
    cell = '# %% nbgrader={"grade": true, "grade_id": "extra", "points": 2, "locked": LOCK, '
    cell += '"schema_version": 3, "solution": SOL, "task": false}\n### BEGIN HIDDEN TESTS\n'
    cell += "assert True\n### END HIDDEN TESTS\n"
    text = path.read_text()
    path.write_text(text + "\n" + cell.replace("LOCK", "true").replace("SOL", "false"))
    assert "extra" not in found(course, cells.cells)
    (said,) = cells.inside(course.week(WEEK))
    assert said.startswith("2 points are judged inside the kernel, by nbgrader's rule: extra.")
    assert "forge a pass" in said
    ours = cell.replace("assert True", "from autograder import observe\nobserve(extra)")
    path.write_text(text + "\n" + ours.replace("LOCK", "true").replace("SOL", "false"))
    said = found(course, cells.cells)
    assert "'extra' belongs to no task in reference.py: its points wait for a person" in said
    assert cells.inside(course.week(WEEK)) == []
    theirs = cell.replace("LOCK", "false").replace("SOL", "true")
    path.write_text(text + "\n" + theirs)
    assert "extra" not in found(course, cells.cells)
    path.write_text(text + "\n" + theirs.replace('"grade": true', '"grade": false'))
    assert "extra" not in found(course, cells.cells), "a cell may ask for what earns nothing"


def test_a_due_date_that_is_none(course: Course) -> None:
    """Unlike one that is missing, one that cannot be read is a fault."""
    spoilt = spoil(course, "nbgrader_config.py", f'"{WEEK}": "2027-', f'"{WEEK}": "soon-')
    with pytest.raises(CourseError, match="cannot be read"):
        cells.cells(spoilt, spoilt.week(WEEK))


def test_a_task_without_its_cells(course: Course) -> None:
    """A grade_id that reference.py knows and the notebook doesn't, and the other way round."""
    spoilt = spoil(
        course, f"source/{WEEK}/descent.py", '"grade_id": "basin"', '"grade_id": "bassin"'
    )
    said = found(spoilt, cells.cells)
    assert "no cell with grade_id 'basin'" in said
    assert "'bassin' belongs to no task" in said


def test_two_cells_of_one_grade_id(course: Course) -> None:
    """Both are named by it, before nbgrader says that the notebook is corrupted."""
    path = course.root / "source" / WEEK / "descent.py"
    text = path.read_text("utf-8")
    written = text[text.index("# %% [markdown] nbgrader=") :]
    path.write_text(f"{text}\n{written}", "utf-8")
    assert "2 cells of descent have the grade_id 'written'" in found(course, cells.cells)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"locked": true', '"looked": true', "the cell 'test_descent_update': 'locked' is a requ"),
        ('"points": 3', '"points": "3"', "the cell 'test_descent_update': '3' is not of type"),
        ('"grade_id": "descent_update"', '"grade_id": "test_"', "no cell with grade_id 'descent_u"),
    ],
)
def test_what_nbgrader_would_not_take_is_said_with_its_cell(
    course: Course, old: str, new: str, said: str
) -> None:
    """It says itself that the notebook may be corrupted, and not where."""
    assert said in found(spoil(course, f"source/{WEEK}/descent.py", old, new), cells.cells)


def test_a_test_cell_above_its_solution(course: Course) -> None:
    """It would ask for what is not there yet."""
    path = course.root / "source" / WEEK / "descent.py"
    text = path.read_text("utf-8")
    swapped = text.replace('"test_basin"', '"?"').replace('"basin"', '"test_basin"')
    path.write_text(swapped.replace('"?"', '"basin"'), "utf-8")
    assert "the cell test_basin stands above the cell basin" in found(course, cells.cells)


def test_a_region_that_does_not_end(course: Course) -> None:
    """Of which nbgrader names the notebook, and not the cell."""
    spoilt = spoil(course, f"source/{WEEK}/descent.py", "    ### END SOLUTION\n", "")
    said = found(spoilt, cells.cells)
    assert said == (
        "the cell 'descent_update' says 1 times ### BEGIN SOLUTION, 0 times ### END SOLUTION"
    )


def test_a_grade_id_that_nbgrader_does_not_take(course: Course) -> None:
    """Letters of other alphabets, and spaces; not only that something is corrupted."""
    spoilt = spoil(
        course, f"source/{WEEK}/descent.py", '"grade_id": "written"', '"grade_id": "größe"'
    )
    said = found(spoilt, cells.cells)
    assert "the grade_id 'größe' is none that nbgrader takes: letters from a to z" in said


def test_hidden_tests_that_would_be_released(course: Course) -> None:
    """Without its markers the hidden part would go out."""
    path = course.root / "source" / WEEK / "descent.py"
    path.write_text(path.read_text("utf-8").replace("### BEGIN HIDDEN TESTS\n", ""), "utf-8")
    assert "something hidden would be released" in found(Course(course.root), leaks.leaks)


def test_reference_that_would_be_released(course: Course) -> None:
    """With Python files no longer ignored, the marking notes would go out."""
    spoilt = spoil(
        course,
        "nbgrader_config.py",
        "plug_in(c)\n",
        'plug_in(c)\nc.CourseDirectory.ignore = [".ipynb_checkpoints", "feedback"]\n',
    )
    said = found(spoilt, leaks.leaks)
    assert "reference.py would be released" in said


def test_a_solution_copied_into_an_open_cell(course: Course) -> None:
    """The solution's own lines are looked for in everything that is released."""
    path = course.root / "source" / WEEK / "descent.py"
    text = path.read_text("utf-8")
    start = text.index("### BEGIN SOLUTION Task 2")
    body = text[text.index("\n", start) : text.index("### END SOLUTION", start)]
    path.write_text(text + "\n# %%\ndef leaked():\n" + body.rstrip() + "\n", "utf-8")
    said = found(Course(course.root), leaks.leaks)
    assert "contains a part of the solution" in said


def test_a_stray_file_in_the_release(course: Course) -> None:
    """What lies in release/ is looked at too, not only what would be generated."""
    shutil.copy(course.root / "source" / WEEK / "reference.py", course.root / "release" / WEEK)
    assert "reference.py would be released" in found(course, leaks.leaks)


@pytest.mark.kernel
def test_a_wrong_solution(course: Course) -> None:
    """A sign slip in the instructor's own solution is found, with the mistake it looks like."""
    path = course.root / "source" / WEEK / "descent.py"
    text = path.read_text("utf-8")
    start = text.index("### BEGIN SOLUTION Task 1")
    end = text.index("### END SOLUTION", start)
    line = text.index("\n", start)
    wrong = "\n    return x + lr * gradient\n    "
    path.write_text(text[:line] + wrong + text[end:], "utf-8")
    spoilt = Course(course.root)
    said = found(spoilt, solutions.solutions)
    assert "the solution of descent_update is wrong" in said
    assert "'climbs'" in said
    assert re.search(r"not earned on Call\(.+; expected [-\d.]+, returned [-\d.]+", said)
    (line,) = re.findall("the visible checks of descent_update fail on the solution: (.*)", said)
    assert re.match(r"test_descent_update, line \d+: assert .+: AssertionError: .+; mend", line)


VARIABLE = """
# %% {tag}nbgrader={{"grade": false, "grade_id": "rate", "locked": false, "schema_version": 3, "solution": true, "task": false}}
### BEGIN SOLUTION Task 9: rate = ...
rate = {value}
### END SOLUTION

# %% tags=["raises-exception"] nbgrader={{"grade": true, "grade_id": "test_rate", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}}
### BEGIN HIDDEN TESTS
from autograder import observe
observe(lambda: rate, task="rate")
### END HIDDEN TESTS
"""  # noqa: E501
RATE = """

def rate():
    return 0.5


TASKS.append(Task(rate, [Criterion("the rate", 1, lambda rng: [Call()])], reveal=False))
"""


def with_a_variable(course: Course, tag: str = "", value: float = 0.5) -> Course:
    """A week that asks for a variable, too."""
    folder = course.root / "source" / WEEK
    for name, text in (
        ("descent.py", VARIABLE.format(tag=tag, value=value)),
        ("reference.py", RATE),
    ):
        path = folder / name
        path.write_text(path.read_text("utf-8") + text, "utf-8")
    (folder / "descent.ipynb").write_text(
        build((folder / "descent.py").read_text("utf-8")), "utf-8"
    )
    spoil(course, "nbgrader_config.py", f'"{WEEK}": 25', f'"{WEEK}": 26')
    return Course(course.root)


@pytest.mark.kernel
def test_a_solution_outside_of_a_function_needs_a_tag(course: Course) -> None:
    """Else its stub stops the notebook: which cell, and what to do."""
    bare = shutil.copytree(course.root, course.root.parent / "bare")
    tagged = with_a_variable(course, 'tags=["raises-exception"] ')
    assert found(tagged, solutions.solutions) == ""
    said = found(with_a_variable(Course(bare)), solutions.solutions)
    assert "the cell 'rate' raises NotImplementedError: Task 9: rate = ...;" in said
    assert "needs the tag raises-exception" in said


@pytest.mark.kernel
def test_an_instructor_may_know_what_students_are_not_told(course: Course) -> None:
    """A wrong solution of a task that keeps its answer to itself: both values."""
    spoilt = with_a_variable(course, 'tags=["raises-exception"] ', value=0.25)
    said = found(spoilt, solutions.solutions)
    assert "not earned on Call(); expected 0.5, returned 0.25" in said


def test_one_broken_week_keeps_no_other_from_being_checked(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each kind of fault is said, with file and line, and the next week has its turn."""
    for name, text in (
        ("a1", "TASKS = [nothing]"),
        ("a2", "import package_that_is_not_there"),
        ("a3", "TASKS = ["),
        ("a4", "TASKS = []"),
        ("a5", None),
    ):
        folder = course.root / "source" / name
        folder.mkdir()
        (folder / "n.ipynb").write_text("{" if text is None else _EMPTY)
        if text is not None:
            (folder / "reference.py").write_text(f"\n{text}\n")
    monkeypatch.setattr(check, "leaks", lambda course, week: [])
    monkeypatch.setattr(check, "solutions", lambda course, week: [])
    monkeypatch.setattr(check, "differences", lambda course, week: [])
    for slow in ("draws", "mistakes", "dead"):
        monkeypatch.setattr(check, slow, lambda course, week: [])
    assert check.check_course(course.root, None) == 1
    said = capsys.readouterr().out
    assert re.search(r"a1/reference.py, line 2: NameError: name 'nothing' is not defined", said)
    assert re.search(r"a2/reference.py, line 2: ModuleNotFoundError.+REQUIRES", said)
    assert re.search(r"a3/reference.py, line 2: SyntaxError", said)
    assert "must define TASKS" in said
    assert "n.ipynb is no notebook that can be read (NotJSONError" in said
    assert "Not ready to be released: a1, a2, a3, a4, a5.\n" in said
    assert f"\n{WEEK}\n" in said


_EMPTY = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


def test_files_that_are_not_current(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text edited without generating anew is said, with the command to run."""
    from autograder.commands import sync

    whole = sync.generate
    monkeypatch.setattr(sync, "generate", lambda c, w: whole(c, w, solutions=False))
    spoilt = spoil(course, f"source/{WEEK}/descent.py", "# # Week 2", "# # Week two")
    said = found(spoilt, sync.differences)
    assert f"source/{WEEK}/descent.ipynb is not current" in said
    assert f"release/{WEEK}/descent.ipynb is not current" in said
    assert f"autograder sync {WEEK}" in said


def test_the_command_reports_and_fails(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line a check, the causes beneath, and an exit status of 1."""

    def checks(course: Course, name: str, half: str) -> list[tuple[str, list[str]]]:
        return [("one thing", []), ("another", ["because of this"])]

    monkeypatch.setattr(check, "check_week", checks)
    assert check.check_course(course.root, WEEK) == 1
    shown = capsys.readouterr().out
    assert "✓ one thing" in shown
    assert "✗ another\n      because of this" in shown
    assert f"Not ready to be released: {WEEK}." in shown
    monkeypatch.setattr(check, "check_week", lambda *asked: [("one thing", [])])
    assert check.check_course(course.root, None) == 0


def test_a_missing_tool_is_not_a_pass(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """When no kernel can be had, the solutions are not said to be right."""
    from autograder.errors import GraderFault
    from autograder.grading import stages

    def broken(notebook: str, calls: object, limits: object) -> Executed:
        raise GraderFault("no kernel could be started")

    monkeypatch.setattr(
        solutions, "grade", lambda s, w, seed, limits: stages.grade(s, w, seed, execute=broken)
    )
    assert "no kernel could be started" in found(course, solutions.solutions)
