"""A sample class through the whole cycle: release, submit, grade, feedback, class report.

The class is readable text in ``sample_class/WEEK.txt``, filled into the
released notebooks. A submission starts with ``== ID: what it shows``; it is
the instructor's notebook, changed by

``@cell GRADE_ID``
    the lines that follow are what the student wrote in that cell;
``@stub GRADE_ID``
    that cell is as it was released;
``@delete GRADE_ID``
    that cell is gone;
``@released``
    everything is as it was released;
``@file``
    the lines that follow are the whole file.

Lines that start with ``#`` before the first submission are comments.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.commands.grade import grade_week
from autograder.commands.summary import Summary
from autograder.errors import CourseError
from autograder.grading.course import Course, Week
from autograder.kernels.limits import Limits
from autograder.plugins.converters import convert
from autograder.report.page import write_report
from autograder.submissions.cells import grade_id_of, without_region
from autograder.terminal import table

__all__ = ["Sample", "fill", "read_samples", "run_demo"]

_MARKER = ".autograder-demo"
_DIRECTIVES = ("cell", "stub", "delete", "released", "file")


@dataclass
class Sample:
    """One submission of the sample class."""

    student: str
    about: str
    cells: dict[str, str] = field(default_factory=dict)
    stubs: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    released: bool = False
    content: str | None = None


def read_samples(text: str) -> list[Sample]:
    """The submissions described in a text; the module's docstring has the format.

    Raises
    ------
    CourseError
        If a directive is unknown.
    """
    samples = []
    for block in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
        title, _, body = block.partition("\n")
        student, _, about = title.partition(": ")
        sample = Sample(student.strip(), about.strip())
        pieces = re.split(rf"^@({'|'.join(_DIRECTIVES)})\b[ ]*(.*)\n", body, flags=re.MULTILINE)
        for directive, name, lines in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
            _apply(sample, directive, name.strip(), lines.strip("\n"))
        samples.append(sample)
    return samples


def _apply(sample: Sample, directive: str, name: str, lines: str) -> None:
    if directive in ("cell", "stub", "delete") and not name:
        raise CourseError(f"sample {sample.student}: @{directive} needs a grade_id")
    if directive == "cell":
        sample.cells[name] = lines
    elif directive == "stub":
        sample.stubs.add(name)
    elif directive == "delete":
        sample.deleted.add(name)
    elif directive == "released":
        sample.released = True
    else:
        sample.content = lines


def fill(release: NotebookNode, source: NotebookNode, sample: Sample) -> str:
    """The submitted file: the released notebook with the sample's answers in it.

    Parameters
    ----------
    release, source : NotebookNode
        What students get, and the instructor's notebook with the solutions.
    sample : Sample

    Returns
    -------
    str
        Content of the submitted file.
    """
    if sample.content is not None:
        return sample.content
    solved = {grade_id_of(cell): _solution(cell.source) for cell in source.cells}
    notebook = nbformat.from_dict(release)
    notebook.cells = [cell for cell in notebook.cells if grade_id_of(cell) not in sample.deleted]
    for cell in notebook.cells:
        grade_id = grade_id_of(cell)
        if grade_id in sample.cells:
            cell.source = sample.cells[grade_id]
        elif _answers(cell) and not sample.released and grade_id not in sample.stubs:
            cell.source = solved[grade_id]
    return str(nbformat.writes(notebook))


def _answers(cell: NotebookNode) -> bool:
    return bool((cell.metadata.get("nbgrader") or {}).get("solution"))


def _solution(source: str) -> str:
    """A solution cell as a student would have it: without markers and mark scheme."""
    kept = without_region(source, "MARK SCHEME").split("\n")
    return "\n".join(line for line in kept if "### BEGIN" not in line and "### END" not in line)


def class_of(week: str) -> list[Sample]:
    """The sample class's submissions of a week; none if there is no text for it."""
    text = resources.files("autograder.commands") / "sample_class" / f"{week}.txt"
    return read_samples(text.read_text("utf-8")) if text.is_file() else []


def run_demo(root: Path, folder: Path, jobs: int) -> int:
    """Lay out a scratch course in `folder` and take the sample class through it.

    Parameters
    ----------
    root : Path
        The course to take the weeks from.
    folder : Path
        New, empty, or left by an earlier demo.
    jobs : int

    Returns
    -------
    int
        0 if every step went well.

    Raises
    ------
    CourseError
        If `folder` holds something that is not a demo.
    """
    course = _scratch(Course(root), folder)
    weeks = [course.week(name) for name in course.week_names if class_of(name)]
    summaries = []
    for week in weeks:
        if week.skipped:
            print(f"autograder: {week.skipped}", file=sys.stderr)
            continue
        print(f"{week.name}: release", file=sys.stderr)
        convert(course, week.name, "generate_assignment")
        submit(course, week)
        # The class's notebooks were filled in and never run, so they hold no figures to keep.
        summary = grade_week(course.root, week.name, jobs=jobs, limits=Limits(figures=True))
        convert(course, week.name, "generate_feedback")
        write_report(course.root, week.name)
        summaries.append(summary)
    print("\n".join(_results(summaries)))
    print(_where_to_look(folder, summaries))
    return 1 if any(summary.ungraded for summary in summaries) else 0


def _scratch(course: Course, folder: Path) -> Course:
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARKER).exists():
        raise CourseError(f"{folder} is not empty, and no demo made it; name another folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / _MARKER).touch()
    shutil.copy(course.root / "nbgrader_config.py", folder)
    skip = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
    shutil.copytree(course.root / "source", folder / "source", ignore=skip)
    return Course(folder)


def submit(course: Course, week: Week) -> None:
    """Put the sample class's submissions of a week into ``submitted/``."""
    due = course.settings.due_date(week.name)
    for sample in class_of(week.name):
        target = course.root / "submitted" / sample.student / week.name
        target.mkdir(parents=True)
        for name in (part.source.name for part in week.parts):
            release, source = (
                nbformat.read(course.root / step / week.name / name, as_version=4)
                for step in ("release", "source")
            )
            (target / name).write_text(fill(release, source, sample), "utf-8")
        if due is not None:
            (target / "timestamp.txt").write_text(f"{due:%Y-%m-%d} 12:00:00 UTC\n")


def _results(summaries: list[Summary]) -> Iterator[str]:
    for summary in summaries:
        about = {sample.student: sample.about for sample in class_of(summary.week)}
        rows = [
            (
                row.student,
                f"{row.score:g}/{summary.points:g}",
                about[row.student],
                "; ".join([*row.mistakes, *row.attention]),
            )
            for row in sorted(summary.rows, key=lambda row: row.student)
        ]
        yield f"\n{summary.week}\n"
        yield table(("student", "score", "what was handed in", "what the grader says"), rows)


def _where_to_look(folder: Path, summaries: list[Summary]) -> str:
    count = sum(len(summary.rows) for summary in summaries)
    last = summaries[-1] if summaries else None
    lines = [f"\n{count} submissions graded. To see what people get, open in a browser:"]
    for summary in summaries:
        rows = sorted(summary.rows, key=lambda row: row.student)
        told = next((row for row in rows if row.mistakes), None)
        if told is not None:
            name = Course(folder).week(summary.week).notebooks[0]
            lines.append(f"  {folder}/feedback/{told.student}/{summary.week}/{name}.html")
    if last is not None:
        lines.append("The class on one page, for those who grade:")
        lines += [f"  {folder}/report/{summary.week}.html" for summary in summaries]
        lines.append(
            f"The gradebook is {folder}/gradebook.db; for formgrader: cd {folder} && jupyter lab"
        )
    return "\n".join(lines)
