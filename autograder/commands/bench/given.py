"""A course's own week, graded by us and by stock nbgrader: `autograder bench --week WEEK`.

Both grade what lies in ``submitted/``, handed in again under other names up to the number that is
asked for, each in a copy of the course; stock nbgrader by the configuration that the course had
before `autograder init`. Says how long each took, and where points differ.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from autograder.commands.bench.measure import Others, measure
from autograder.commands.bench.results import Cost
from autograder.commands.bench.rounds import commands
from autograder.commands.bench.tables import company, spread
from autograder.commands.init import MARK
from autograder.commands.scratch import own_gradebook, scratch_course
from autograder.errors import CourseError, NothingToGrade
from autograder.grading.course import Course, Week
from autograder.plugins.converters import convert
from autograder.terminal import table

__all__ = ["bench_week"]

#: By student and cell.
Points = dict[tuple[str, str], float | None]


def bench_week(root: Path, name: str, count: int, rounds: int) -> int:
    """Measure, and print two tables: times, and cells with other points; 0 when done.

    Parameters
    ----------
    root : Path
        The course.
    name : str
        The week.
    count : int
        Submissions in each round.
    rounds : int
        How often each grades them, in turn.

    Raises
    ------
    CourseError
        If nobody has submitted, or the course was not made one of ours by `autograder init`.
    """
    course = Course(root)
    week = course.week(name)
    before, mark, _ = (course.root / "nbgrader_config.py").read_text("utf-8").partition(MARK)
    if not mark:
        raise CourseError(
            "only a course that autograder init has made one of ours can be compared: stock "
            "nbgrader grades by what its nbgrader_config.py was before"
        )
    run = commands(name)
    typed = {"autograder grade": run["ours"], "nbgrader autograde": run["stock"]}
    costs: dict[str, list[Cost]] = {who: [] for who in typed}
    load, others = os.getloadavg()[0], list[float]()
    points: dict[str, Points] = {}
    with scratch_course(course, week) as ours, scratch_course(course, week) as stock:
        (stock.root / "nbgrader_config.py").write_text(before, "utf-8")
        own_gradebook(stock.root)
        made = dict(zip(typed, (ours, Course(stock.root)), strict=True))
        for copy in made.values():
            convert(copy, name, "generate_assignment")
            _hand_in(course, copy, week, count)
        for number in range(1, rounds + 1):
            rest = Others()
            for who, command in typed.items():
                cost, points[who] = _graded(command, made[who], name, count)
                costs[who].append(cost)
                said = f"bench: round {number}: {who}: {cost.seconds:.1f} s"
                print(said, file=sys.stderr, flush=True)
            others.append(rest.cores())
    print(company(load, others))
    print(_report(name, costs, *points.values()))
    return 0


def _hand_in(course: Course, copy: Course, week: Week, count: int) -> None:
    """Put `count` submissions of the course into a copy of it, everybody's in turn."""
    directory = CourseDirectory(config=course.config, root=str(course.root))
    submitted = course.root / directory.submitted_directory
    folders = sorted(path for path in submitted.glob(f"*/{week.name}") if path.is_dir())
    if not folders:
        raise NothingToGrade(f"nobody has submitted {week.name}: there is nothing to compare")
    for number in range(count):
        folder = folders[number % len(folders)]
        name = f"{number:04d}-{folder.parent.name}"
        target = copy.root / directory.submitted_directory / name / week.name
        shutil.copytree(folder, target, symlinks=True)


def _graded(command: list[str], course: Course, week: str, count: int) -> tuple[Cost, Points]:
    """Grade in a fresh copy of a course."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        run = Path(name) / "course"
        shutil.copytree(course.root, run, symlinks=True)
        # Stock nbgrader fails as a whole where one submission cannot be read.
        cost = measure(command, run, count, may_fail=True)
        return cost, dict(_points(run, week))


def _points(root: Path, week: str) -> Iterator[tuple[tuple[str, str], float | None]]:
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        for submission in gradebook.assignment_submissions(week):
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    cell = f"{notebook.name}: {grade.cell.name}"
                    yield (submission.student.id, cell), grade.auto_score


def _report(week: str, costs: dict[str, list[Cost]], ours: Points, stock: Points) -> str:
    (mine, theirs) = (median(c.seconds for c in found) for found in costs.values())
    count, rounds = next(iter(costs.values()))[0].count, len(next(iter(costs.values())))
    rows = [
        (who, f"{median(seconds):.1f}", spread(seconds),
         f"{median(c.cpu_each for c in found):.2f}")
        for who, found in costs.items()
        if (seconds := [c.seconds for c in found])
    ]  # fmt: skip
    differ = Counter(
        (student.partition("-")[2], cell, _shown(score), _shown(stock.get((student, cell))))
        for (student, cell), score in ours.items()
        if score != stock.get((student, cell))
    )
    lines = [
        f"{week}: {count} submissions, medians of {rounds} rounds, in turn on the same machine",
        table(("", "seconds", "of the rounds", "CPU s each"), rows),
        f"stock nbgrader takes {theirs / mine:.1f} times as long",
        "",
        f"Points of {len(ours) - sum(differ.values())} of {len(ours)} cells are the same.",
    ]
    if differ:
        found = [(*key, str(number)) for key, number in sorted(differ.items())]
        lines.append(table(("submission of", "cell", "ours", "stock", "times"), found))
        lines.append("Where stock nbgrader is known to be wrong: docs/instructors.md")
    return "\n".join(lines)


def _shown(score: float | None) -> str:
    return "a person" if score is None else f"{score:g}"
