"""What students are called: each has a page, or is refused by name; nobody else is touched."""

from __future__ import annotations

from pathlib import Path

from conftest import Submit, scores
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
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


#: Read as patterns, some of them match others.
PATTERNS = ["*", "**", "?", "a*b", "a?b", "acb", "[!x]", "y", "Anna [2]", "Anna 2"]


def test_a_name_that_reads_as_a_pattern_takes_nobody_elses_notebooks(
    course: Course, submit: Submit
) -> None:
    """Each is converted once, for the class as for one that is named."""
    for student in PATTERNS:
        submit(student, WEEK)
    grade_week(course.root, WEEK, execute=Reference(course))
    assert _converted(convert(course, WEEK, "generate_feedback")) == sorted(PATTERNS)
    for student in PATTERNS[1:]:  # "*" is everybody, to nbgrader
        directory = CourseDirectory(
            config=course.config, root=str(course.root), assignment_id=WEEK, student_id=student
        )
        one = GenerateFeedback(coursedir=directory, config=course.config)
        one.convert_notebooks = list
        one.start()
        (folder,) = one.assignments
        assert Path(folder).parent.name == student
        assert [Path(path).parent for path in one.assignments[folder]] == [Path(folder)]


def _converted(log: str) -> list[str]:
    """Whose notebooks a converter says that it has converted."""
    lines = [line for line in log.splitlines() if "Converting notebook" in line]
    return sorted(Path(line.split("Converting notebook ")[1]).parts[-3] for line in lines)
