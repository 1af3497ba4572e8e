"""Graded cells that no task judges: which they are, and that they wait for a person.

A *classic* cell's hidden part hands nothing to ``observe``, so there is nothing to judge it by
from outside; a cell that belongs to no task of ``reference.py`` is like it. Neither may earn
points by what it puts out. Whoever judges such cells in another way begins here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.feedback import words
from autograder.grading.course import Week
from autograder.submissions.cells import MasterCell, grade_id_of, is_marked
from autograder.submissions.hidden import hands_over

__all__ = ["machine_points", "said", "wait_for_a_person", "waiting"]


def _judged(week: Week, grade_id: str) -> bool:
    return grade_id in {f"test_{name}" for name in week.task_names}


def wait_for_a_person(notebook: NotebookNode, week: Week) -> None:
    """Take the score from every test cell that no task judges.

    Nothing is changed where no graded cell was handed in at all: that is 0.
    """
    graded = [cell for cell in notebook.cells if _meta(cell).get("grade")]
    if all(is_marked(cell, "missing") for cell in graded):
        return
    for cell in graded:
        name = grade_id_of(cell)
        if cell.cell_type != "code" or _meta(cell).get("solution") or _judged(week, name):
            continue
        if is_marked(cell, "by_hand"):
            continue  # from an earlier run
        why = f"a person has to mark the cell {name}: no task in reference.py judges it"
        # Of what the student's process put out, nothing may pass for a mark or a verdict.
        plain = [o for o in cell.outputs if o.output_type in ("stream", "error")]
        first = new_output("stream", name="stdout", text=f"Not graded yet: {why}.\n")
        cell.outputs = [first, *map(words.harmless, plain)]
        cell.metadata["autograder"] = {"grader_error": why, "by_hand": True}


def waiting(notebook: NotebookNode | None) -> dict[str, str]:
    """Why a person has to mark a cell of a graded notebook, by ``grade_id``."""
    cells = notebook.cells if notebook is not None else []
    return {
        grade_id_of(cell): cell.metadata["autograder"]["grader_error"]
        for cell in cells
        if is_marked(cell, "by_hand")
    }


def said(week: Week, master: Sequence[MasterCell]) -> list[str]:
    """A sentence for each released test cell that waits for a person with everybody."""
    sentences = []
    for cell in _tests(master):
        why = ""
        if not hands_over(cell.source):
            why = "its hidden part hands nothing to observe"
        elif not _judged(week, cell.grade_id):
            why = "reference.py has no task for it"
        if why:
            sentences.append(
                f"The cell {cell.grade_id} ({cell.points:g} points) waits for a person, with "
                f"everybody: {why}. Mark it in formgrader"
            )
    return sentences


def machine_points(master: Sequence[MasterCell]) -> float:
    """Points of all test cells together, whoever judges them; written answers not included."""
    return sum(cell.points for cell in _tests(master))


def _tests(master: Sequence[MasterCell]) -> Iterator[MasterCell]:
    return (c for c in master if c.grade and not c.solution and c.cell_type == "code")


def _meta(cell: NotebookNode) -> dict[str, object]:
    return dict(cell.metadata.get("nbgrader") or {})
