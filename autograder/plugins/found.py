"""The rows of one submission, found or made at once, for nbgrader's preprocessor to fill in.

It asks the gradebook for each of them, by a join of six tables, and commits after each; and to
make one it loads all that it is related to: together most of what writing a submission took. What
is here stands in for the gradebook meanwhile. Knows nbgrader's tables; no scores.
"""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from nbgrader import api
from sqlalchemy import and_, bindparam, insert, select

__all__ = ["Rows", "rows_of"]

_WEEK, _NOTEBOOK, _CELL, _STUDENT, _SUBMISSION = (
    kind.__table__.c
    for kind in (
        api.Assignment, api.Notebook, api.BaseCell, api.Student, api.SubmittedAssignment,
    )
)  # fmt: skip
#: A week, and of a student the entry and the submission of it, as far as there are any.
_STANDING = (
    select(_WEEK.id, _WEEK.duedate, _STUDENT.id, _SUBMISSION.id)
    .select_from(api.Assignment.__table__)
    .outerjoin(api.Student.__table__, _STUDENT.id == bindparam("student"))
    .outerjoin(
        api.SubmittedAssignment.__table__,
        and_(_SUBMISSION.assignment_id == _WEEK.id, _SUBMISSION.student_id == bindparam("student")),
    )
    .where(_WEEK.name == bindparam("week"))
)
_CELLS = (
    select(_NOTEBOOK.id, _NOTEBOOK.name, _CELL.id, _CELL.name, _CELL.type)
    .outerjoin(api.BaseCell.__table__, _CELL.notebook_id == _NOTEBOOK.id)
    .where(_NOTEBOOK.assignment_id == bindparam("week"))
    .order_by(_NOTEBOOK.name)
)


class Rows:
    """What of a gradebook `SaveVerdicts` needs for a submission: its grades and comments.

    Parameters
    ----------
    gradebook : Gradebook
        Within a transaction; what is filled in is written with the rest of it.
    """

    def __init__(self, gradebook: api.Gradebook) -> None:
        self._gradebook = gradebook
        self.db = self
        #: By notebook and cell.
        self._grades: dict[tuple[str, str], Any] = {}
        self._comments: dict[tuple[str, str], Any] = {}

    def find_grade(self, cell: str, notebook: str, *of: str) -> Any:
        """As the gradebook would find it, which also says that there is none."""
        grade = self._grades.get((notebook, cell))
        return grade or self._gradebook.find_grade(cell, notebook, *of)

    def find_comment(self, cell: str, notebook: str, *of: str) -> Any:
        """As the gradebook would find it, which also says that there is none."""
        comment = self._comments.get((notebook, cell))
        return comment or self._gradebook.find_comment(cell, notebook, *of)

    def commit(self) -> None:
        """Nothing: the whole submission is committed at once."""

    def write(self) -> bool:
        """Write what was filled in; whether that was all, as for what is new and in time."""
        return False  # the session writes what it has loaded


def rows_of(gradebook: api.Gradebook, week: str, student: str, timestamp: datetime | None) -> Rows:
    """The rows of what a student has handed in: those that there are, or new ones.

    Parameters
    ----------
    gradebook : Gradebook
    week, student : str
    timestamp : datetime or None
        When that was, in UTC.
    """
    about = gradebook.db.execute(_STANDING, {"week": week, "student": student}).first()
    assignment, due, known, submitted = about or (None, None, None, None)
    if assignment is not None and submitted is None:
        late = timestamp is not None and due is not None and timestamp > due
        new = {
            "id": api.new_uuid(),
            "assignment_id": assignment,
            "student_id": student,
            "timestamp": timestamp,
        }
        return _Made(gradebook, new, known is None, late)
    gradebook.update_or_create_student(student)
    return _Found(
        gradebook, gradebook.update_or_create_submission(week, student, timestamp=timestamp)
    )


class _Found(Rows):
    """Those of a submission that stands in the gradebook."""

    def __init__(self, gradebook: api.Gradebook, submission: Any) -> None:
        super().__init__(gradebook)
        ask, notebook = gradebook.db.query, api.SubmittedNotebook
        of = gradebook.db.execute(_CELLS, {"week": submission.assignment_id}).all()
        names = {cell: (file, name) for _, file, cell, name, _ in of}
        # By the columns that the tables have an index on: without one each row of everybody's
        # would be looked at.
        submitted = ask(notebook.id).filter(
            notebook.notebook_id.in_({one for one, *_ in of}),
            notebook.assignment_id == submission.id,
        )
        own = [one for (one,) in submitted]
        self._grades, self._comments = (
            {
                names[row.cell_id]: row
                for row in ask(kind).filter(kind.cell_id.in_(names), kind.notebook_id.in_(own))
            }
            for kind in (api.Grade, api.Comment)
        )


class _Made(Rows):
    """Those of a new one, with all that nbgrader would make with them."""

    def __init__(
        self, gradebook: api.Gradebook, submission: dict[str, Any], unknown: bool, late: bool
    ) -> None:
        super().__init__(gradebook)
        self._submission, self._unknown, self._late = submission, unknown, late
        self._notebooks: dict[str, str] = {}
        of = gradebook.db.execute(_CELLS, {"week": submission["assignment_id"]})
        for notebook, file, cell, name, kind in of:
            whose = self._notebooks.setdefault(notebook, api.new_uuid())
            row = {"cell_id": cell, "notebook_id": whose}
            if kind in ("GradeCell", "TaskCell"):
                self._grades[file, name] = SimpleNamespace(
                    **row, auto_score=None, manual_score=None, needs_manual_grade=True
                )
            if kind in ("SolutionCell", "TaskCell"):
                self._comments[file, name] = SimpleNamespace(**row, auto_comment=None)

    def write(self) -> bool:
        student, one = self._submission["student_id"], self._submission["id"]
        for kind, rows in (
            (api.Student, [{"id": student}] if self._unknown else []),
            (api.SubmittedAssignment, [self._submission]),
            (
                api.SubmittedNotebook,
                [
                    {"id": whose, "notebook_id": notebook, "assignment_id": one}
                    for notebook, whose in self._notebooks.items()
                ],
            ),
            (api.Grade, [vars(grade) for grade in self._grades.values()]),
            (api.Comment, [vars(comment) for comment in self._comments.values()]),
        ):
            if rows:
                self._gradebook.db.execute(insert(kind.__table__), rows)
        return not self._late
