"""Points that were changed after the release: what to do is said, and it helps."""

from __future__ import annotations

from conftest import Submit
from nbformat.v4 import new_notebook
from test_regrade import Reference

from autograder.commands.checks import cells, texts
from autograder.commands.grade import grade_week
from autograder.commands.notebooks import build
from autograder.grading.course import Course
from autograder.grading.inside import point_faults
from autograder.plugins.converters import convert

WEEK = "week2_descent"
#: Of the task, in the notebook's metadata and its heading; of the week; of a criterion.
CHANGED = {
    f"source/{WEEK}/descent.py": [('"points": 9', '"points": 10'), ("(9 points", "(10 points")],
    "nbgrader_config.py": [(f'"{WEEK}": 25', f'"{WEEK}": 26')],
    f"source/{WEEK}/reference.py": [
        ('Criterion("one step goes downhill", 2', 'Criterion("one step goes downhill", 3')
    ],
}


def test_what_is_said_to_do_helps(course: Course, submit: Submit) -> None:
    """`check` finds nothing in the texts, for they agree; `grade` names the release's command."""
    submit("one", WEEK)
    for name, changes in CHANGED.items():
        path = course.root / name
        text = path.read_text("utf-8")
        for old, new in changes:
            assert text.count(old) == 1
            text = text.replace(old, new)
        path.write_text(text, "utf-8")
    course = Course(course.root)
    week = course.week(WEEK)
    week.source.write_text(build(week.text.read_text("utf-8")), "utf-8")
    assert (cells.cells(course, week), texts.old_points(course, week)) == ([], [])
    said = grade_week(course.root, WEEK, execute=Reference(course)).text()
    assert "NOT GRADED" in said
    assert "has 9.0 points, but reference.py gives 10" in said
    assert f"run nbgrader generate_assignment {WEEK}" in said
    convert(course, WEEK, "generate_assignment")
    graded = grade_week(course.root, WEEK, execute=Reference(course))
    assert [row.score for row in graded.rows] == [21.0]


def test_a_task_whose_cell_was_not_released_is_said_to_be_one(course: Course) -> None:
    """Renamed after the release, say: it has no points to compare."""
    said = point_faults(new_notebook(), course.week(WEEK))
    assert said["basin"].startswith("no cell test_basin was released, for which reference.py has")
    assert f"run nbgrader generate_assignment {WEEK}" in said["basin"]
