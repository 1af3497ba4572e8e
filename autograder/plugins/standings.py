"""What the gradebook knows: the cells as they were released, and how everybody stands.

Reads only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from nbgrader import api
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory

from autograder.errors import GradebookError
from autograder.grading.course import Course, Week
from autograder.plugins.database import existing, explained, opened, version
from autograder.submissions.cells import MasterCell
from autograder.submissions.released import with_plain_cells

__all__ = [
    "Renewed",
    "Standing",
    "automatic_scores",
    "master_cells",
    "released_masters",
    "standings",
]


def master_cells(gradebook: Gradebook, week: str, notebook: str) -> list[MasterCell]:
    """The graded cells as released, from the gradebook, in their order.

    Raises
    ------
    GradebookError
        If the week was never generated.
    """
    try:
        entry = gradebook.find_notebook(notebook, week)
    except MissingEntry:
        raise GradebookError(
            f"the gradebook knows no notebook {notebook!r} of {week}; "
            f"run: nbgrader generate_assignment {week}"
        ) from None
    points = {c.name: float(c.max_score) for c in (*entry.grade_cells, *entry.task_cells)}
    tasks = {cell.name for cell in entry.task_cells}
    solutions = {cell.name for cell in entry.solution_cells}
    return [
        MasterCell(
            grade_id=cell.name,
            cell_type=cell.cell_type,
            source=cell.source,
            grade=cell.name in points.keys() - tasks,
            solution=cell.name in solutions,
            locked=cell.locked,
            points=points.get(cell.name, 0.0),
            checksum=cell.checksum or "",
            is_task=cell.name in tasks,
        )
        for cell in entry.source_cells
    ]


def released_masters(gradebook: Gradebook, week: Week) -> dict[str, list[MasterCell]]:
    """All cells of a week as released, by the name of their notebook.

    Raises
    ------
    GradebookError
        If the week was never generated.
    """
    return {
        part.notebook: with_plain_cells(
            master_cells(gradebook, week.name, part.notebook), part.source, *week.around
        )
        for part in week.parts
    }


@dataclass(frozen=True)
class Standing:
    """What the gradebook knows of a student and a week."""

    student: str
    name: str
    handed_in: bool
    #: Cells that wait to be graded by hand.
    waiting: tuple[str, ...]


@dataclass(frozen=True)
class Renewed:
    """How late recorded work is (in seconds), and what that cost before and costs now."""

    late: float
    before: float
    after: float


def automatic_scores(gradebook: Gradebook, week: str, student: str) -> dict[str, float]:
    """The automatic scores of a student's graded cells, but those that wait for a person."""
    one = api.SubmittedAssignment
    query = (
        gradebook.db.query(api.BaseCell.name, api.Grade.auto_score)
        .select_from(api.Grade)
        .join(api.BaseCell, api.Grade.cell_id == api.BaseCell.id)
        .join(api.SubmittedNotebook, api.Grade.notebook_id == api.SubmittedNotebook.id)
        .join(one, api.SubmittedNotebook.assignment_id == one.id)
        .join(api.Assignment, one.assignment_id == api.Assignment.id)
        .filter(api.Assignment.name == week, one.student_id == student)
        .filter(api.Grade.needs_manual_grade.is_(False))
    )
    return {cell: score for cell, score in query if score is not None}


class InTime:
    """Who stands in a week's gradebook as in time and without a penalty, and when they handed in.

    Of a gradebook in a file all are asked for at once, and again when others have written to it; of
    one that is shared nobody is known.

    Parameters
    ----------
    gradebook : Gradebook
    week : str
    """

    def __init__(self, gradebook: Gradebook, week: str) -> None:
        self._gradebook, self._week = gradebook, week
        self._first, self._version = version(gradebook), 0
        self._times: dict[str, datetime | None] = {}

    def has(self, student: str) -> bool:
        """Whether a student is one of them."""
        now = version(self._gradebook)
        if now != self._version:
            self._version, self._times = now, self._asked()
        return student in self._times

    def at(self, student: str, when: datetime | None) -> bool:
        """Whether a student is one of them, who handed in at that time."""
        return self.has(student) and self._times[student] == when

    def others_wrote(self) -> bool:
        """Whether somebody else, like formgrader, has changed the gradebook, or may have."""
        return not self._first or version(self._gradebook) != self._first

    def forget(self, student: str) -> None:
        """What is known of a student is about to change."""
        self._times.pop(student, None)

    def _asked(self) -> dict[str, datetime | None]:
        one, week = api.SubmittedAssignment, api.Assignment
        query = (
            self._gradebook.db.query(
                one.student_id, one.timestamp, one.extension, week.duedate,
                api.SubmittedNotebook.late_submission_penalty,
            )
            .select_from(api.SubmittedNotebook)
            .join(one, api.SubmittedNotebook.assignment_id == one.id)
            .join(week, one.assignment_id == week.id)
            .filter(week.name == self._week)
        )  # fmt: skip
        found: dict[str, datetime | None] = {}
        others = set()
        for student, when, more, due, penalty in query:
            late = when is not None and due is not None and when > due + (more or timedelta(0))
            if late or penalty is not None:
                others.add(student)
            found[student] = when
        self._gradebook.db.rollback()
        return {student: when for student, when in found.items() if student not in others}


def standings(course: Course, week: Week) -> tuple[list[Standing], list[MasterCell]]:
    """Every student in the gradebook, and the graded cells as released.

    Raises
    ------
    GradebookError
        If there is no gradebook, or it cannot be used, or it does not know the week.
    """
    directory = CourseDirectory(config=course.config, root=str(course.root))
    url = existing(directory.db_url, course, week)
    waiting: dict[str, list[str]] = {}
    with explained(url), opened(url, directory.course_id) as gradebook:
        master = [
            cell for name in week.notebooks for cell in master_cells(gradebook, week.name, name)
        ]
        query, one = gradebook.db.query, api.SubmittedAssignment
        people = query(api.Student.id, api.Student.first_name, api.Student.last_name)
        named = sorted((id, " ".join(filter(None, names))) for id, *names in people)
        grades = (
            query(one.student_id, api.BaseCell.name, api.Grade.needs_manual_grade)
            .select_from(api.Grade)
            .join(api.SubmittedNotebook, api.Grade.notebook_id == api.SubmittedNotebook.id)
            .join(one, api.SubmittedNotebook.assignment_id == one.id)
            .join(api.Assignment, one.assignment_id == api.Assignment.id)
            .join(api.BaseCell, api.Grade.cell_id == api.BaseCell.id)
            .filter(api.Assignment.name == week.name)
            .order_by(api.BaseCell.name)
        )
        for student, cell, needed in grades:
            waiting.setdefault(student, []).extend([cell] if needed else [])
    everybody = [
        Standing(student, name, student in waiting, tuple(waiting.get(student, ())))
        for student, name in named
    ]
    return everybody, master
