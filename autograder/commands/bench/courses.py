"""The courses that are compared, and what is handed in there.

The same week twice: as it is, and as stock nbgrader would have it, with classic hidden tests of the
same calls. It grades nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.commands.demo import class_of, fill
from autograder.commands.scratch import own_gradebook
from autograder.grading import stages
from autograder.grading.course import Course, Week
from autograder.marking.calls import Call
from autograder.marking.task import Task
from autograder.plugins.converters import convert
from autograder.submissions.cells import grade_id_of, task_of

__all__ = [
    "KINDS", "PERFECT", "WEEK",
    "asserts", "classic", "courses", "released", "submissions", "submit",
]  # fmt: skip

WEEK = "week2_descent"
#: Perfect, mistaken (three ways) and unfinished work, of the sample class.
KINDS = ("s01-perfect", "s03-climbs", "s04-accumulates", "s05-oneshort", "s06-unfinished")
PERFECT = KINDS[0]
_STOCK_CONFIG = """\
c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "bench"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "*.py"]
c.ClearSolutions.code_stub = {"python": "# your code here\\nraise NotImplementedError"}
c.ClearMarkScheme.enforce_metadata = False
"""


def courses(course: Course, folder: Path) -> dict[str, Course]:
    """Two released copies: the course as it is, and as stock nbgrader would have it."""
    stock = _copied(course, folder / "stock")
    (stock / "nbgrader_config.py").write_text(_STOCK_CONFIG, "utf-8")
    week = course.week(WEEK)
    source = nbformat.read(week.source, as_version=4)
    calls = stages.draw(week, course.settings.seed)
    target = stock / "source" / WEEK / week.source.name
    target.write_text(nbformat.writes(classic(source, week, calls)), "utf-8")
    return {"ours": released(course, folder / "ours"), "stock": _released(stock)}


def released(course: Course, folder: Path, url: str = "") -> Course:
    """A released copy of the course as it is, with another gradebook if its address is given."""
    copy = _copied(course, folder)
    if url:
        with (copy / "nbgrader_config.py").open("a", encoding="utf-8") as configuration:
            configuration.write(f"\nget_config().CourseDirectory.db_url = {url!r}\n")
    return _released(copy)


def _copied(course: Course, copy: Path) -> Path:
    copy.mkdir()
    skip = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
    shutil.copytree(course.root / "source" / WEEK, copy / "source" / WEEK, ignore=skip)
    shutil.copy(course.root / "nbgrader_config.py", copy)
    own_gradebook(copy)
    return copy


def _released(copy: Path) -> Course:
    made = Course(copy)
    convert(made, WEEK, "generate_assignment")
    return made


def classic(source: NotebookNode, week: Week, calls: Mapping[str, Sequence[Call]]) -> NotebookNode:
    """The instructor's notebook with classic hidden tests of the same calls.

    Parameters
    ----------
    source : NotebookNode
        With ``observe(...)`` between the marks of the hidden tests.
    week : Week
    calls : mapping of str to sequence of Call
        For each task, what a grading run asks.

    Returns
    -------
    NotebookNode
    """
    notebook = nbformat.from_dict(source)
    for cell in notebook.cells:
        task = task_of(cell)
        if task:
            before, begin, rest = cell.source.partition("### BEGIN HIDDEN TESTS\n")
            _, end, after = rest.partition("### END HIDDEN TESTS")
            tests = asserts(week.task(task), calls[task])
            cell.source = before + begin + tests + end + after
    return notebook


def asserts(task: Task, calls: Sequence[Call]) -> str:
    """The calls of a task as any grader inside the notebook would ask them, a line each."""
    lines = []
    for call in calls:
        expected, asked = task.expected(call), call.source(task.name)
        if "text" in expected:
            lines.append(f"assert {asked} == {expected['text']!r}")
        else:
            values = expected["values"] if expected["shape"] else expected["values"][0]
            lines.append(f"assert np.allclose({asked}, {values!r}, rtol=1e-4, atol=1e-5)")
    return "".join(f"{line}\n" for line in lines)


def submissions(
    course: Course, week: Week, count: int, first: int = 0
) -> Iterator[tuple[str, str]]:
    """Student and submitted file, `count` times from number `first`; no two are the same text."""
    release = nbformat.read(course.root / "release" / week.name / week.source.name, as_version=4)
    source = nbformat.read(week.source, as_version=4)
    samples = {sample.student: sample for sample in class_of(week.name)}
    filled = {kind: fill(release, source, samples[kind]) for kind in KINDS}
    for number in range(first, first + count):
        kind = KINDS[number % len(KINDS)]
        notebook = nbformat.reads(filled[kind], as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code" and grade_id_of(cell) in week.task_names:
                cell.source += f"\n# {number}"
        yield f"{number:05d}-{kind}", str(nbformat.writes(notebook))


def submit(course: Course, week: Week, count: int, first: int = 0) -> None:
    """Put `count` submissions into ``submitted/``, from number `first`."""
    for student, content in submissions(course, week, count, first):
        target = course.root / "submitted" / student / week.name
        target.mkdir(parents=True)
        (target / week.source.name).write_text(content, "utf-8")
