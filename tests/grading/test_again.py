"""Other marking notes, the same answers: judged again without running anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import nbformat
import pytest
from conftest import Submit, scores
from nbgrader.api import Gradebook
from test_regrade import CLIMBS, Reference

from autograder.commands.grade import Summary, grade_week
from autograder.grading.course import Course

WEEK = "week2_descent"
Edit = Callable[..., None]


class NoKernel:
    """Executing anything would be a mistake."""

    def __call__(self, *arguments: Any) -> Any:
        raise AssertionError("a notebook was run")


@pytest.fixture
def graded(course: Course, submit: Submit) -> Course:
    """A class of which one climbs, graded by notes that do not know climbing."""
    submit("right", WEEK)
    submit("wrong", WEEK, {"gradient_descent": f"# {CLIMBS}"})
    execute = Reference(course)
    edit(course, "m.name != 'climbs'")
    grade_week(course.root, WEEK, execute=execute)
    return course


def edit(course: Course, keep: str = "True", change: str = "{}") -> None:
    """Let ``reference.py`` end in other mistakes, and with some of them changed."""
    path = course.root / "source" / WEEK / "reference.py"
    text = path.read_text("utf-8").split("\n# edited\n")[0]
    path.write_text(
        f"{text}\n# edited\nfrom dataclasses import replace\n"
        f"TASKS = [replace(t, mistakes=[replace(m, **(lambda m: {change})(m))"
        f" for m in t.mistakes if {keep}], indistinguishable=()) for t in TASKS]\n"
    )


def again(course: Course) -> Summary:
    return grade_week(course.root, WEEK, execute=NoKernel())


def page(course: Course, student: str) -> str:
    path = course.root / "autograded" / student / WEEK / "descent.ipynb"
    return nbformat.v4.writes(nbformat.read(path, as_version=4))


def test_a_mistake_that_got_a_name_is_recognised(graded: Course) -> None:
    """The run says so; scores stay; the graded notebook has the hint, once."""
    before = scores(graded, WEEK)
    assert "so this walks up" not in page(graded, "wrong")
    edit(graded)
    summary = again(graded)
    assert (summary.again, summary.reasoned, summary.unchanged) == (2, 1, 0)
    assert "2 judged again" in summary.text()
    assert "1 got a reason" in summary.text()
    assert scores(graded, WEEK) == before
    assert "so this walks up" in page(graded, "wrong")
    assert again(graded).unchanged == 2


def test_another_hint_and_another_price_follow(graded: Course) -> None:
    edit(graded)
    again(graded)
    lost = scores(graded, WEEK)["wrong"]["test_gradient_descent"]
    edit(graded, change="dict(hint='Turn round.', costs=3) if m.name == 'climbs' else {}")
    summary = again(graded)
    assert (summary.again, summary.reasoned) == (2, 0)
    found = scores(graded, WEEK)
    assert lost == 0
    assert found["wrong"]["test_gradient_descent"] == 6
    assert found["right"]["test_gradient_descent"] == 9
    assert page(graded, "wrong").count("Turn round.") == 1
    assert "so this walks up" not in page(graded, "wrong")


def test_it_is_what_grading_anew_gives(graded: Course) -> None:
    """The same verdicts and the same notebook, but for the questions that it kept."""
    edit(graded)
    again(graded)
    kept = {who: (page(graded, who), _record(graded, who)) for who in ("right", "wrong")}
    grade_week(graded.root, WEEK, execute=Reference(graded), force=True)
    for who, (notebook, record) in kept.items():
        anew = _record(graded, who)
        if anew["graded"]["calls"] == record["graded"]["calls"]:
            assert anew["graded"] == record["graded"]
            assert page(graded, who) == notebook


def _record(course: Course, student: str) -> Any:
    return json.loads((course.root / "records" / WEEK / f"{student}.json").read_text())


@pytest.mark.parametrize(
    "change",
    [
        # Other questions, other points, another version of the grader, an edited record.
        lambda course: _append(
            course,
            "t = TASKS[0]; c = t.criteria[0]; TASKS[0] = replace(t, criteria=[replace(c, "
            "calls=lambda rng: [*c.calls(rng), Call(1.5, 2.5, 0.5)]), *t.criteria[1:]])",
        ),
        lambda course: _spoil(course, lambda graded: graded.update(version="0")),
        lambda course: _spoil(course, lambda graded: graded.update(calls={})),
        lambda course: _spoil(course, lambda graded: graded.pop("observations")),
    ],
    ids=["other questions", "another version", "no calls", "no observations"],
)
def test_what_cannot_be_judged_again_is_run(graded: Course, change: Any) -> None:
    edit(graded)
    change(graded)
    summary = grade_week(graded.root, WEEK, execute=Reference(graded))
    assert summary.again == 0
    assert len(summary.rows) == 2


def _append(course: Course, code: str) -> None:
    path = course.root / "source" / WEEK / "reference.py"
    path.write_text(path.read_text("utf-8") + code + "\n")


def _spoil(course: Course, change: Callable[[Any], Any]) -> None:
    for path in (course.root / "records" / WEEK).glob("*.json"):
        data = json.loads(path.read_text())
        change(data["graded"])
        path.write_text(json.dumps(data))


def test_a_score_that_somebody_changed_is_written_again(graded: Course) -> None:
    """What the gradebook holds decides, not what the record says of it."""
    with Gradebook(f"sqlite:///{graded.root}/gradebook.db") as gradebook:
        found = gradebook.find_grade("test_gradient_descent", "descent", WEEK, "wrong")
        found.auto_score = 7.0
        gradebook.db.commit()
    edit(graded)
    again(graded)
    assert scores(graded, WEEK)["wrong"]["test_gradient_descent"] == 0


def test_a_mistake_that_has_lost_its_name_is_not_said_any_more(graded: Course) -> None:
    edit(graded)
    again(graded)
    assert '"climbs"' in page(graded, "wrong")
    edit(graded, "m.name != 'climbs'")
    again(graded)
    assert "climbs" not in page(graded, "wrong").replace(CLIMBS, "")
