"""Graded cells that no task judges: classic ones, and those that wait for a person.

A *classic* cell's hidden part hands nothing to ``observe``. It is judged inside the kernel, by
`autograder.marking.classic`; what became of it stands in the graded notebook, in the cell's
metadata. A cell that hands something over for which ``reference.py`` has no task waits for a
person: its points cannot come from what it puts out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nbformat import NotebookNode

from autograder.feedback import classic as shown
from autograder.feedback import words
from autograder.grading.course import Week
from autograder.marking.classic import INSIDE, Inside, judge_inside
from autograder.marking.judge import Status
from autograder.submissions.cells import MasterCell, grade_id_of, is_marked, region
from autograder.submissions.hidden import hands_over
from autograder.submissions.nodes import new_output
from autograder.submissions.ready import classic_tests

__all__ = [
    "judge_classic",
    "leave_classic",
    "machine_points",
    "of_week",
    "said",
    "verdicts_in",
    "wait_for_a_person",
    "waiting",
]


def of_week(tests: Mapping[str, str], week: Week) -> dict[str, str]:
    """Of test cells that hand nothing over, those that no task of the week is about."""
    return {name: test for name, test in tests.items() if not _judged(week, name)}


def _judged(week: Week, grade_id: str) -> bool:
    return grade_id in {f"test_{name}" for name in week.task_names}


def judge_classic(notebook: NotebookNode, tests: Mapping[str, str]) -> None:
    """Judge the classic cells of an executed notebook by what they put out."""
    for cell, test in _classic(notebook, tests):
        name, points = grade_id_of(cell), float(_meta(cell)["points"])
        verdict = judge_inside(name, points, test, cell.outputs)
        if is_marked(cell, "missing"):
            verdict = Inside(name, points, Status.NOT_REACHED, 0.0, "the cell is missing")
        _write(cell, verdict, test)


def leave_classic(
    notebook: NotebookNode, tests: Mapping[str, str], status: Status, reason: str
) -> None:
    """Write into the classic cells of a notebook that was not executed why that is so."""
    for cell, test in _classic(notebook, tests):
        score = 0.0 if status is Status.NOT_REACHED else None
        points = float(_meta(cell)["points"])
        _write(cell, Inside(grade_id_of(cell), points, status, score, reason), test)


def _classic(
    notebook: NotebookNode, tests: Mapping[str, str]
) -> Iterator[tuple[NotebookNode, str]]:
    return ((cell, tests[name]) for cell in notebook.cells if (name := grade_id_of(cell)) in tests)


def _write(cell: NotebookNode, verdict: Inside, test: str) -> None:
    """Put a verdict into its cell; what is in doubt costs nothing until a person has looked."""
    marks = dict(cell.metadata.get("autograder") or {})
    doubt = marks.pop("waits", "")
    marks.pop("classic", None)  # the test itself goes no further
    if doubt and verdict.score is not None and verdict.score < verdict.points:
        verdict = Inside(verdict.cell, verdict.points, Status.WAITS, None, doubt)
    mark = {Status.GRADER_ERROR: "grader_error", Status.WAITS: "waits"}.get(verdict.status)
    if mark is not None:
        marks[mark] = verdict.reason
    about = {"status": str(verdict.status), "score": verdict.score, "reason": verdict.reason}
    cell.metadata["autograder"] = {**marks, "inside": about}
    own = [] if marks.get("missing") else cell.outputs
    cell.outputs = shown.outputs(verdict, own, bool(region(test, "HIDDEN TESTS").strip()))


def verdicts_in(notebook: NotebookNode | None) -> list[Inside]:
    """What became of the classic cells of a graded notebook."""
    found = []
    for cell in notebook.cells if notebook is not None else ():
        if is_marked(cell, "inside"):
            about = cell.metadata["autograder"]["inside"]
            found.append(
                Inside(
                    grade_id_of(cell), float(_meta(cell)["points"]), Status(about["status"]),
                    about["score"], about["reason"],
                )
            )  # fmt: skip
    return found


def wait_for_a_person(notebook: NotebookNode, week: Week) -> None:
    """Take the score from every other test cell that no task judges.

    Nothing is changed where no graded cell was handed in at all: that is 0.
    """
    graded = [cell for cell in notebook.cells if _meta(cell).get("grade")]
    if all(is_marked(cell, "missing") for cell in graded):
        return
    for cell in graded:
        name = grade_id_of(cell)
        if cell.cell_type != "code" or _meta(cell).get("solution") or _judged(week, name):
            continue
        if is_marked(cell, "by_hand") or is_marked(cell, "inside"):
            continue
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
    """Sentences on the released test cells that no task judges."""
    classic = of_week(classic_tests(master), week)
    points = sum(cell.points for cell in master if cell.grade_id in classic)
    sentences = []
    if classic:
        names = ", ".join(classic)
        sentences.append(
            f"{points:g} of {machine_points(master):g} points are {INSIDE}, where a student's code "
            f"can read the test and forge a pass: {names}"
        )
    return sentences + [
        f"The cell {cell.grade_id} ({cell.points:g} points) waits for a person, with "
        "everybody: reference.py has no task for it. Mark it in formgrader"
        for cell in _tests(master)
        if hands_over(cell.source) and not _judged(week, cell.grade_id)
    ]


def machine_points(master: Sequence[MasterCell]) -> float:
    """Points of all test cells together, whoever judges them; written answers not included."""
    return sum(cell.points for cell in _tests(master))


def _tests(master: Sequence[MasterCell]) -> Iterator[MasterCell]:
    return (c for c in master if c.grade and not c.solution and c.cell_type == "code")


def _meta(cell: NotebookNode) -> dict[str, Any]:
    return dict(cell.metadata.get("nbgrader") or {})
