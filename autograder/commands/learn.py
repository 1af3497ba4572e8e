"""The wrong answers that several students share and nobody has named yet: `autograder learn`.

Prints each group with what to paste into ``reference.py`` to name it: for this class at its next
grading, and for every class after it. Where questions differ, wrong work is asked the same ones
first, in its box. A student's code runs nowhere else; only what a person has pasted will be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from autograder.errors import CourseError, Overrun
from autograder.feedback.results import describe, wanted
from autograder.grading.bounded import Bounds, places, run
from autograder.grading.configured import as_configured
from autograder.grading.course import Course, Week
from autograder.grading.records import Record
from autograder.grading.same import ask, asked_before
from autograder.kernels.driver import Execute, execute
from autograder.kernels.limits import Limits
from autograder.marking.properties import plain
from autograder.marking.task import Task
from autograder.marking.telling import TELLING
from autograder.plugins.released import source_masters
from autograder.report.alike import Alike, alike
from autograder.report.sources import read_records
from autograder.submissions.hidden import handed
from autograder.submissions.ready import find
from autograder.submissions.sorting import Masters
from autograder.submissions.standalone import Alone, standalone
from autograder.terminal import Progress, printable, printable_lines

__all__ = ["Learned", "learn", "lessons"]

#: A longer value is no word of a choice.
_LONGEST = 80
READING = Bounds("reading the code of the notebook", seconds=10, megabytes=700)


@dataclass(frozen=True)
class Learned:
    """What one group has in common, in words, and what to paste to name it."""

    students: tuple[str, ...]
    about: str
    definition: str
    mistake: str

    @property
    def text(self) -> str:
        """All of it, as it is printed."""
        return "\n\n".join(filter(None, (self.about, self.definition, self.mistake)))


def learn(
    root: Path, name: str, jobs: int = 1, limits: Limits = Limits(), execute: Execute = execute
) -> int:
    """Print what there is to learn from a class; 0 when done.

    Parameters
    ----------
    root : Path
        The course folder.
    name : str
        The week.
    jobs : int
        Kernels at the same time, if somebody has to be asked.
    limits : Limits
    execute : Execute
        What runs a notebook.
    """
    course = Course(root)
    week = course.week(name)
    records, _ = read_records(course, name)
    if not records:
        raise CourseError(f"there are no records of {name}; run: autograder grade {name}")
    with places():
        lost = _ask(course, week, records, jobs, limits, execute)
        found = lessons(course, week, records)
    for lesson in found:
        print(printable_lines(lesson.text), end="\n\n")
    if lost:
        print(
            f"Not compared, as their work has changed since it was graded or did not run: "
            f"{printable(', '.join(lost))}."
        )
    print(_summed_up(week, len(found)))
    return 0


def _summed_up(week: Week, count: int) -> str:
    if not count:
        return f"{week.name}: no two students share a mistake that has no name."
    said = "one mistake" if count == 1 else f"{count} mistakes"
    return (
        f"{week.name}: {said} without a name, made by two or more each.\n"
        f"Paste what is worth a name into source/{week.name}/reference.py: the function above "
        "TASKS, the Mistake among the task's. Write its name and hint, and run: "
        f"autograder check {week.name}, then autograder grade {week.name}. Verdicts are then "
        "reached again without a kernel."
    )


def lessons(course: Course, week: Week, records: Mapping[str, Record]) -> list[Learned]:
    """One for each group: who, what it looks like, and what to paste."""
    kept = {who: asked_before(course, week, who, record) for who, record in records.items()}
    masters = source_masters(course, week)
    counts: dict[str, int] = {}
    found = []
    for group in alike(week, records, kept).groups:
        counts[group.task] = counts.get(group.task, 0) + 1
        found.append(_lesson(course, week, group, masters, counts[group.task]))
    return found


def _ask(
    course: Course, week: Week, records: Mapping[str, Record], jobs: int, limits: Limits,
    execute: Execute,
) -> list[str]:  # fmt: skip
    """Ask whoever had other questions than most; who could not be asked."""
    kept = {who: asked_before(course, week, who, record) for who, record in records.items()}
    wanted = alike(week, records, kept).open
    if not wanted:
        return []
    limits = as_configured(limits, course, execute)
    lost = []
    with Progress(len(wanted), f"asking the same in {week.name}") as progress:
        for who, answered in ask(
            course, week, source_masters(course, week), records, wanted, limits, execute, jobs
        ):
            lost += [] if answered else [who]
            progress.step(who)
    return lost


def _lesson(course: Course, week: Week, group: Alike, masters: Masters, number: int) -> Learned:
    task = week.task(group.task)
    asked = next((c for c in group.calls if c.to_json() == group.shown["call"]), group.calls[0])
    about = [
        f"{group.task}: {len(group.students)} students are wrong in the same way",
        f"  who:      {', '.join(group.students)}",
        f"  call:     {task.source(asked)}",
        f"  expected: {wanted(task.expected(asked))}",
        f"  returned: {describe(group.shown.get('observed') or {})}",
        f"  {_told(task, group)}",
    ]
    new_name = f"wrong_{group.task}_{number}"
    alone = _constant(group) or _shortest(course, week, group, masters, new_name)
    if alone is None:
        alone = Alone(
            "# Their code cannot be read as a function; write down what it does:\n"
            f"def {new_name}(*arguments):\n    ...",
            new_name,
        )
    notes = (week.folder / "reference.py").read_text("utf-8")
    imported = [
        package
        for package in week.requires
        if f"import {package}" in alone.code and f"import {package}" not in notes
    ]
    definition = [f"# The grader imports no {package}; write it without." for package in imported]
    mistake = [
        "Mistake(",
        '    "REPLACE: what is wrong, in a few words",',
        '    "REPLACE: one sentence that helps: what is wrong, and where to look.",',
        f"    behaves_like={alone.behaviour},",
        *(["    stateful=True,"] if alone.stateful else []),
        "),",
    ]
    return Learned(
        tuple(group.students),
        "\n".join(map(printable, about)),
        "\n".join(map(printable, [*definition, *alone.code.splitlines()])),
        "\n".join(mistake),
    )


def _constant(group: Alike) -> Alone | None:
    """What says it of a variable, or of what takes no arguments: the wrong value itself."""
    if any(call.given for call in group.calls):
        return None
    try:
        first, *others = (plain(seen) for seen in group.observations)
    except ValueError:
        return None  # an error
    simple = isinstance(first, (bool, str)) or (isinstance(first, float) and isfinite(first))
    if not simple or len(repr(first)) > _LONGEST or any(other != first for other in others):
        return None
    return Alone("", f"lambda: {first!r}")


def _told(task: Task, group: Alike) -> str:
    """Whether the questions that were asked tell it from right work and from known mistakes."""
    for mistake, behaviour in task.behaviours(group.calls):
        if all(map(task.agree, group.calls, behaviour, group.observations)):
            return f"the questions do not tell it from {mistake.name!r}"
    far = [
        task.breach(call, seen, TELLING) is not None
        for call, seen in zip(group.calls, group.observations, strict=True)
    ]
    if not any(far):
        return (
            "the questions hardly tell it from the right answer: its criteria need a call on which "
            "it differs more, or no draw will do"
        )
    return "the questions tell it from the right answer and from every known mistake"


def _shortest(
    course: Course, week: Week, group: Alike, masters: Masters, new_name: str
) -> Alone | None:
    """The shortest code of the group that stands alone."""
    found = []
    for student in group.students:
        folder = course.root / "submitted" / student / week.name
        try:
            alone = run(READING, _alone, student, folder, week, masters, group.task, new_name)
        except Overrun:
            continue
        found += [alone] if alone else []
    return min(found, key=lambda alone: (len(alone.code), alone.code), default=None)


def _alone(
    student: str, folder: Path, week: Week, masters: Masters, task: str, new_name: str
) -> Alone | None:
    """A student's code of a task (called within bounds)."""
    work = find(student, folder, masters)
    cells = next(one for one in work.notebooks if one.name == week.where[task]).notebook.cells
    expression, before = handed(week.hidden.get(task, ""))
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    return standalone([*sources, before], task, new_name, expression)
