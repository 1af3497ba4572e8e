"""The right notebook, as other machines and other hands make it: it keeps its marks.

One class is graded once, through real kernels; each test looks at one of its students. With
AUTOGRADER_ALL_KINDS in the environment the class is graded three times, and holds every kind.
"""

from __future__ import annotations

import html
import json
import os
import shutil
import sys
from pathlib import Path

import odd
import pytest
from conftest import another, filled, scores
from elsewhere import KINDS, in_front
from odd import FULL, TESTS, WEEK
from saved import SAVED

from autograder.commands.grade import Summary, grade_week
from autograder.grading.course import Course
from autograder.kernels.limits import Limits
from autograder.plugins.converters import convert

# Together, as its fixture takes a while.
pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("odd")]

ALL_KINDS = "AUTOGRADER_ALL_KINDS" in os.environ
#: By student: what became of the notebook, and what it earns by machine.
CASES = odd.CHANGES | {name: (change, 20.0) for name, change in SAVED.items()}


@pytest.fixture(scope="module")
def graded(released: Course, tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Summary]:
    """The class, graded in one run, with its gradebook."""
    course = another(released, tmp_path_factory.mktemp("odd"))
    perfect = filled(course, WEEK, {}).replace("*Your answer here.*", "Because it shrinks.")

    release = (course.root / "release" / WEEK / "descent.ipynb").read_bytes()
    work = odd.files(perfect, release)
    for student, (change, _) in CASES.items():
        work[student] = {"descent.ipynb": odd.changed(perfect, change)}
    if ALL_KINDS:
        for student, code in KINDS.items():
            work[student] = {"descent.ipynb": in_front(perfect, code)}
    for student, files in work.items():
        for name, content in files.items():
            path = course.root / "submitted" / student / WEEK / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return course, grade_week(course.root, WEEK, jobs=2, limits=Limits())


def about(summary: Summary, student: str) -> str:
    return "; ".join(next(r for r in summary.rows if r.student == student).attention)


@pytest.mark.parametrize("student", CASES)
def test_it_keeps_its_marks(graded: tuple[Course, Summary], student: str) -> None:
    """Every task is judged by what its function does, and the answer waits for a person."""
    course, summary = graded
    found = scores(course, WEEK)[student]
    assert found.pop("written") is None
    assert sum(points or 0 for points in found.values()) == CASES[student][1]
    assert None not in found.values(), about(summary, student)


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("utf-16", "saved as UTF-16"),
        ("windows", "Windows-1252"),
        ("leftovers", "something follows the notebook"),
        ("ipynb.txt", "descent.ipynb.txt"),
        ("too deep", "handed in/descent.ipynb"),
        ("zip", "week 2/descent.ipynb in descent.zip"),
        ("copy", "descent-Copy1.ipynb"),
        ("all metadata gone", "recognised by what they say"),
        ("typed into the tests", "typed into the locked cell test_descent_update"),
        ("answer below the stub", "a person has to look"),
        ("below the test", "below its test cell"),
    ],
)
def test_it_is_said(graded: tuple[Course, Summary], student: str, words: str) -> None:
    """What was odd about it stands in the summary; the marks are all there."""
    course, summary = graded
    assert words in about(summary, student)
    found = scores(course, WEEK)[student]
    assert {name: found[name] for name in FULL} == FULL


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="here it is Python")
def test_code_for_a_newer_python_waits_for_a_person(graded: tuple[Course, Summary]) -> None:
    """What it costs is not closed at 0; what could be judged stands."""
    course, summary = graded
    found = scores(course, WEEK)["newer python"]
    assert found["test_classify_learning_rate"] is None
    assert [found[name] for name in TESTS if "classify" not in name] == [3.0, 9.0, 4.0]
    assert "written for Python 3.12, graded by 3.11" in about(summary, "newer python")
    assert "Waits for a person" in summary.text()
    assert "newer python (classify_learning_rate)" in summary.text()


def test_plain_nbgrader_gives_the_same(
    graded: tuple[Course, Summary], released: Course, tmp_path: Path
) -> None:
    """`nbgrader autograde` alone, where it can see the submission."""
    course, _ = graded
    chosen = [
        "all metadata gone",
        "answer below the stub",
        "newer python",
        "utf-16",
        "copy",
        "own module",
    ]
    if ALL_KINDS:
        chosen = [
            path.parent.parent.name for path in course.root.glob("submitted/*/*/descent.ipynb")
        ]
    other = handed_in_again(course, another(released, tmp_path), chosen)
    convert(other, WEEK, "autograde")
    ours = scores(course, WEEK)
    assert scores(other, WEEK) == {student: ours[student] for student in chosen}


def handed_in_again(course: Course, other: Course, students: list[str]) -> Course:
    """Another course, with the same work of these students."""
    for student in students:
        work = course.root / "submitted" / student
        shutil.copytree(work, other.root / "submitted" / student)
    return other


# --- every kind ----------------------------------------------------------------------------

every_kind = pytest.mark.skipif(not ALL_KINDS, reason="AUTOGRADER_ALL_KINDS is not set")


@every_kind
def test_in_another_course_the_scores_are_the_same_to_the_bit(
    graded: tuple[Course, Summary], released: Course, tmp_path: Path
) -> None:
    """Of everybody, and whatever runs beside them."""
    course, _ = graded
    everybody = sorted(path.name for path in (course.root / "submitted").iterdir())
    other = handed_in_again(course, another(released, tmp_path), everybody)
    grade_week(other.root, WEEK, jobs=2)
    assert scores(other, WEEK) == scores(course, WEEK)


@every_kind
@pytest.mark.parametrize("student", KINDS)
def test_what_it_begins_with_costs_nothing(graded: tuple[Course, Summary], student: str) -> None:
    course, summary = graded
    found = scores(course, WEEK)[student]
    assert {name: found[name] for name in FULL} == FULL, about(summary, student)


@every_kind
def test_no_point_is_lost_without_a_word(graded: tuple[Course, Summary]) -> None:
    """Each criterion that is not earned has its reason on the student's page."""
    course, _ = graded
    convert(course, WEEK, "generate_feedback")
    for path in sorted((course.root / "records" / WEEK).glob("*.json")):
        page = course.root / "feedback" / path.stem / WEEK / "descent.html"
        for verdict in json.loads(path.read_text())["graded"]["verdicts"]:
            lost = [c for c in verdict["criteria"] if c["status"] != "passed"]
            assert all(c["reason"] or c["call"] for c in lost), (path.stem, lost)
            shown = page.read_text("utf-8") if lost else ""
            assert all(html.escape(c["name"]) in shown for c in lost), path.stem
