"""What students are called: each has a page, or is refused by name; nobody else is touched."""

from __future__ import annotations

from conftest import Submit, scores
from test_regrade import Reference

from autograder.commands.grade import grade_week
from autograder.grading.course import Course
from autograder.plugins.converters import convert

WEEK = "week2_descent"
#: As accounts are called elsewhere; with what upsets patterns, shells, pages and terminals.
TAKEN = [
    "DOMAIN\\user", "[x]", "x*", "a+b", "-x", "o'b <b>&amp;", "user@d.org", "no\xa0break",
    "joined\u200cname", "\u202ereversed",
]  # fmt: skip
REFUSED = {
    "a\nb": "line break", "a\rb": "control character", "\x1b[31mred": "control character",
    " b": "a space", ".b": "a full stop",
}  # fmt: skip


def test_each_has_a_page_or_is_refused_by_name(course: Course, submit: Submit) -> None:
    for student in [*TAKEN, *REFUSED]:
        submit(student, WEEK)
    summary = grade_week(course.root, WEEK, execute=Reference(course))
    convert(course, WEEK, "generate_feedback")
    pages = {path.parent.parent.name for path in course.root.glob("feedback/*/*/descent.html")}
    assert set(scores(course, WEEK)) == pages == set(TAKEN)
    assert set(summary.attention) == set(REFUSED)
    for student, why in REFUSED.items():
        (said,) = summary.attention[student]
        assert said.startswith("passed over: its name ")
        assert why in said
    assert "\x1b" not in summary.text()
