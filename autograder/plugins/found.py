"""The grades and comments of one submission, found at once, for nbgrader's preprocessor to fill in.

It asks the gradebook for each of them, by a join of six tables, and commits after each: most of
what writing a submission took. Stands in for the gradebook meanwhile. Knows nbgrader's tables; no
scores.
"""

from __future__ import annotations

from typing import Any

from nbgrader import api

__all__ = ["Found"]


class Found:
    """What of a gradebook `SaveVerdicts` needs for a submission that stands in it.

    Parameters
    ----------
    gradebook : Gradebook
        Within a transaction; what is filled in is written with the rest of it.
    submission : SubmittedAssignment
    """

    def __init__(self, gradebook: api.Gradebook, submission: Any) -> None:
        self._gradebook = gradebook
        self.db = self
        ask, notebook, cell = gradebook.db.query, api.Notebook, api.BaseCell
        cells = ask(cell.id, notebook.id, notebook.name, cell.name).join(
            notebook, notebook.id == cell.notebook_id
        )
        of = cells.filter(notebook.assignment_id == submission.assignment_id).all()
        names = {one: (file, name) for one, _, file, name in of}
        # By the columns that the tables have an index on: without one each row of everybody's
        # would be looked at.
        submitted = ask(api.SubmittedNotebook.id).filter(
            api.SubmittedNotebook.notebook_id.in_({file for _, file, _, _ in of}),
            api.SubmittedNotebook.assignment_id == submission.id,
        )
        own = [one for (one,) in submitted]
        self._grades, self._comments = (
            {
                names[row.cell_id]: row
                for row in ask(kind).filter(kind.cell_id.in_(names), kind.notebook_id.in_(own))
            }
            for kind in (api.Grade, api.Comment)
        )

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
