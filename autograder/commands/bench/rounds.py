"""One round of the bench: ours, stock, otter, bare and lean, each as it is asked for.

All graders must agree on who is perfect, or they did not do the same work.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

from autograder.commands.bench.courses import PERFECT, WEEK
from autograder.commands.bench.measure import measure
from autograder.commands.bench.otter import Otter
from autograder.commands.bench.results import Cost
from autograder.errors import CourseError
from autograder.grading import stages
from autograder.grading.course import Course, Week
from autograder.marking.calls import Call
from autograder.submissions.cells import task_of
from autograder.submissions.figures import is_drawing

__all__ = ["commands", "contestants", "graded"]


def contestants(
    courses: dict[str, Course], folder: Path, week: Week, count: int, otter: Otter | None = None,
) -> Iterator[tuple[str, Cost, Cost | None]]:  # fmt: skip
    """One round: ours, stock, otter if it is there, bare, lean, each as it is asked for."""
    run = commands(week.name)
    scores = {}
    for who in ("ours", "stock"):
        cost, idle, scores[who] = graded(run[who], courses[who], folder / "run", count)
        yield who, cost, idle
    files = sorted((courses["ours"].root / "submitted").glob(f"*/{week.name}/{week.source.name}"))
    points = sum(task.points for task in week.tasks)
    _compare(scores["ours"], scores["stock"], points, "stock nbgrader")
    if otter is not None:
        cost, scores["otter"] = otter.graded(files)
        yield "otter", cost, None
        _compare(scores["ours"], scores["otter"], points, "otter-grader")
    yield "bare", _bare(files), None
    calls = stages.draw(week, courses["ours"].settings.seed)
    yield "lean", _bare(list(_lean(files, week, calls, folder / "lean"))), None


def _lean(
    files: Sequence[Path], week: Week, calls: Mapping[str, Sequence[Call]], folder: Path
) -> Iterator[Path]:
    """Copies of notebooks without what only draws, and with each hidden call in a cell."""
    folder.mkdir(exist_ok=True)
    for number, path in enumerate(files):
        notebook = nbformat.read(path, as_version=4)
        cells = []
        for cell in notebook.cells:
            if not is_drawing(cell):
                cells.append(cell)
            cells += [new_code_cell(c.source(task_of(cell))) for c in calls.get(task_of(cell), ())]
        notebook.cells = cells
        nbformat.write(notebook, folder / f"{number}.ipynb")
        yield folder / f"{number}.ipynb"


def commands(week: str) -> dict[str, list[str]]:
    """What is typed for ours and for stock."""
    return {
        "ours": [sys.executable, "-m", "autograder", "grade", week],
        "stock": [sys.executable, "-m", "nbgrader", "autograde", week],
    }


def graded(
    command: Sequence[str], course: Course, run: Path, count: int, idle: bool = True
) -> tuple[Cost, Cost | None, dict[str, float]]:
    """Grade in a fresh copy of a course; then once more, with nothing left to do."""
    shutil.rmtree(run, ignore_errors=True)
    shutil.copytree(course.root, run)
    cost = measure(command, run, count)
    again = measure(command, run, count) if idle else None
    scores = _scores(run)
    if len(scores) != count:
        raise CourseError(
            f"{' '.join(command)} graded {len(scores)} of {count} submissions; run the same in a "
            "course of your own to see why"
        )
    return cost, again, scores


def _scores(course: Path) -> dict[str, float]:
    """What the gradebook of a course holds: each student's points by machine."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        return {
            submission.student.id: sum(
                grade.auto_score or 0.0 for grade in submission.notebooks[0].grades
            )
            for submission in gradebook.assignment_submissions(WEEK)
        }


def _compare(
    ours: Mapping[str, float], theirs: Mapping[str, float], points: float, name: str
) -> None:
    """Both must see who is perfect and who is not; else they did not do the same work."""
    for student in sorted(ours.keys() | theirs.keys()):
        seen = ours.get(student), theirs.get(student)
        right = student.endswith(PERFECT)
        if any((score == points) != right for score in seen):
            raise CourseError(
                f"{student} got {seen[0]} points from us and {seen[1]} from {name}; "
                f"{'both' if right else 'neither'} should be {points:g}. The comparison would not "
                f"be fair: run autograder check {WEEK}, and see that {name} has the packages that "
                "the cells import"
            )


def _bare(files: Sequence[Path]) -> Cost:
    """The cells of these notebooks in one warm process."""
    command = [sys.executable, "-m", "autograder.commands.bench.cells", *map(str, files)]
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(command, env={**os.environ, **one_thread}, capture_output=True, text=True)
    if done.returncode != 0:
        raise CourseError(f"running the bare cells failed: {done.stderr.strip()[-500:]}")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))
