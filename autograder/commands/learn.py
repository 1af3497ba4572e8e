"""The wrong answers that several students share and nobody has named yet: `autograder learn`.

Prints each group with what to paste into ``reference.py`` to name it: for this class at its next
grading, and for every class after it. A student's code is shown here and run nowhere; only what a
person has pasted will be.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from autograder.errors import CourseError
from autograder.feedback.results import describe
from autograder.grading.course import Course, Week
from autograder.grading.records import Record
from autograder.marking.task import Task
from autograder.plugins.released import released_cells
from autograder.report.alike import Alike, alike
from autograder.report.sources import read_records
from autograder.submissions.cells import MasterCell
from autograder.submissions.ready import find
from autograder.submissions.standalone import standalone
from autograder.terminal import printable, printable_lines

__all__ = ["learn", "lessons"]


def learn(root: Path, name: str) -> int:
    """Print what there is to learn from a class; 0 when done."""
    course = Course(root)
    week = course.week(name)
    records, _ = read_records(course, name)
    if not records:
        raise CourseError(f"there are no records of {name}; run: autograder grade {name}")
    found = lessons(course, week, records)
    for text in found:
        print(printable_lines(text), end="\n\n")
    print(
        f"{name}: {len(found)} mistakes without a name are made by two or more."
        if found
        else f"{name}: no two students share a mistake that has no name."
    )
    if found:
        print(
            f"Paste what is worth a name into source/{name}/reference.py, write its name and hint, "
            f"and run: autograder check {name}, then autograder grade {name}. Verdicts are then "
            "reached again without a kernel."
        )
    return 0


def lessons(course: Course, week: Week, records: Mapping[str, Record]) -> list[str]:
    """A text for each group: who, what it looks like, and what to paste."""
    master = released_cells(course, week.source)
    counts: dict[str, int] = {}
    texts = []
    for group in alike(week, records):
        counts[group.task] = counts.get(group.task, 0) + 1
        texts.append(_lesson(course, week, group, master, counts[group.task]))
    return texts


def _lesson(course: Course, week: Week, group: Alike, master: list[MasterCell], number: int) -> str:
    task = week.task(group.task)
    call, shown = group.calls, group.shown
    asked = next((c for c in call if c.to_json() == shown["call"]), call[0])
    lines = [
        f"{group.task}: {len(group.students)} students are wrong in the same way",
        f"  who:      {', '.join(group.students)}",
        f"  call:     {asked.source(task.name, task.library)}",
        f"  expected: {describe(shown.get('expected') or {})}",
        f"  returned: {describe(shown.get('observed') or {})}",
        f"  {_told(task, group)}",
        "",
    ]
    new_name = f"wrong_{group.task}_{number}"
    code = _shortest(course, week, group, master, new_name)
    if code:
        lines += [*code.splitlines(), ""]
    else:
        lines += ["# Their code cannot be read as a function; write down what it does:"]
        lines += [f"def {new_name}(*arguments):", "    ...", ""]
    lines += [
        "Mistake(",
        '    "REPLACE: what is wrong, in a few words",',
        '    "REPLACE: one sentence that helps: what is wrong, and where to look.",',
        f"    behaves_like={new_name},",
        "),",
    ]
    return "\n".join(map(printable, lines))


def _told(task: Task, group: Alike) -> str:
    """Whether the questions that were asked tell it from the known mistakes."""
    for mistake, behaviour in task.behaviours(group.calls):
        if all(map(task.agree, group.calls, behaviour, group.observations)):
            return f"the questions do not tell it from {mistake.name!r}"
    return "the questions tell it from the right answer and from every known mistake"


def _shortest(
    course: Course, week: Week, group: Alike, master: list[MasterCell], new_name: str
) -> str:
    """The shortest code of the group that stands alone, or ""."""
    found = []
    for student in group.students:
        folder = course.root / "submitted" / student / week.name
        cells = find(student, folder, week.notebook, master).notebook.cells
        sources = [cell.source for cell in cells if cell.cell_type == "code"]
        if code := standalone(sources, group.task, new_name):
            found.append(code)
    return min(found, key=lambda code: (len(code), code), default="")
