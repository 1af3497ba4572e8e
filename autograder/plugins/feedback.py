"""The steps of `nbgrader generate_feedback`: what a student's page is made from.

Named in ``nbgrader_config.py``; how the page looks stands in `autograder.pages`.
"""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor
from traitlets import List, Unicode

from autograder.submissions.cells import is_marked

__all__ = ["HideMarkScheme", "ReadGrades"]

Resources = dict[str, Any]


class HideMarkScheme(NbGraderPreprocessor):  # type: ignore[misc]
    """Takes the mark scheme, put in for the person who marks, out of the feedback."""

    # The HTML exporter sets it on every preprocessor.
    display_data_priority = List(Unicode()).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Drop those cells (called by nbconvert)."""
        nb.cells = [cell for cell in nb.cells if not is_marked(cell, "mark_scheme")]
        return nb, resources


class ReadGrades(GetGrades):  # type: ignore[misc]
    """Puts scores and comments into the notebook, and says which scores wait for a person."""

    def _get_score(self, cell: NotebookNode, resources: Resources) -> None:
        about = cell.metadata["nbgrader"]
        grade = self.gradebook.find_grade(
            about["grade_id"], self.notebook_id, self.assignment_id, self.student_id
        )
        about["score"], about["points"] = grade.score, grade.max_score
        about["waits"] = grade.auto_score is None and grade.manual_score is None
