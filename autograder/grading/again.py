"""Judged again, without a kernel: other marking notes, the same questions and the same answers.

A record holds what was asked and what was seen. As long as the criteria would still ask that, a
changed hint, a mistake that has got a name, or another price is a matter of judging alone. Knows
records and the graded notebooks that they belong to.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder._version import __version__
from autograder.errors import Overrun
from autograder.grading.bounded import Bounds, run
from autograder.grading.course import Week
from autograder.grading.inside import point_faults
from autograder.grading.judged import Questions, judge_all, with_mistakes, write_verdicts
from autograder.grading.records import Record, tests_digest
from autograder.grading.stages import Graded
from autograder.grading.work import GradedWork
from autograder.kernels.driver import Observed
from autograder.marking.calls import Call
from autograder.marking.drawing import was_drawn
from autograder.marking.judge import UNDECIDED, Verdict
from autograder.submissions.cells import is_marked, task_of
from autograder.submissions.ready import Submission, Work, classic_tests
from autograder.submissions.sorting import Masters

__all__ = ["judge_again", "new_reasons", "remembered"]

Json = dict[str, Any]
JUDGING = Bounds("judging it again", seconds=30, megabytes=1_000)


def judge_again(
    work: Work, record: Record, week: Week, graded: Callable[[str], Path]
) -> GradedWork | None:
    """What was graded before, by the marking notes of today; None if it has to be run again.

    A notebook that would say the same as the one there is None.

    Parameters
    ----------
    work : Work
    record : Record
        Of the same one, as it was graded last.
    week : Week
    graded : callable
        From the name of a notebook to its graded copy.
    """
    try:
        before = record.graded
        if before["version"] != __version__ or _unfinished(before):
            return None
        questions = _questions(week, record.seed, json.dumps(before["calls"], sort_keys=True))
        if questions is None:
            return None
        observed = {task: Observed(**seen) for task, seen in before["observations"].items()}
        done = []
        for submission in work.notebooks:
            part = week.part(submission.name)
            found = _part(submission, record, part, questions, observed, graded(part.notebook))
            if found is None:
                return None
            done.append(found)
        return GradedWork(done)
    except (KeyError, TypeError, ValueError, AttributeError, Overrun):
        return None  # a record or a notebook that somebody has edited


def _part(
    submission: Submission, record: Record, part: Week, questions: Questions,
    observed: dict[str, Observed], graded: Path,
) -> Graded | None:  # fmt: skip
    """One notebook of it."""
    about = record.graded["notebooks"][part.notebook]
    if about["tests"] != tests_digest(submission):
        return None
    asked = {task: questions[task] for task in part.task_names}
    seen = {task: observed[task] for task in part.task_names}
    found = run(JUDGING, _again, part, asked, seen, graded)
    if found is None:
        return None
    notebook, verdicts, names = found
    submission = replace(_recorded(submission, about), notebook=notebook)
    # How long each kernel took is not kept: an equal share of the whole.
    seconds = float(record.run["seconds"]) / len(record.graded["notebooks"])
    return Graded(
        submission, record.seed, notebook, with_mistakes(part, verdicts, names), seen,
        asked, about["died"], seconds, list(about["failed"]),
    )  # fmt: skip


def remembered(student: str, record: Record, masters: Masters) -> Work | None:
    """What was read of a submission when it was graded, but for what its notebooks hold.

    From the record alone, of a submission that is still the same; None if the record says too
    little.
    """
    try:
        return Work(
            student,
            tuple(
                _recorded(
                    Submission(student, NotebookNode(), "", tests=classic_tests(master), name=name),
                    record.graded["notebooks"][name],
                )
                for name, master in masters.items()
            ),
        )
    except (KeyError, TypeError, AttributeError):
        return None


def _recorded(submission: Submission, about: Json) -> Submission:
    """The same, with what was said of it when it was graded."""
    return replace(
        submission, digest=about["submission"], problem=about["problem"],
        notes=tuple(about["notes"]), files=(), named=about["named"], file="",
    )  # fmt: skip


def new_reasons(record: Record, work: GradedWork) -> bool:
    """Whether somebody now knows a mistake by name that had none."""
    before = {
        name
        for verdict in record.graded["verdicts"]
        for criterion in verdict["criteria"]
        for name in criterion.get("mistakes", ())
    }
    now = (v for graded in work.notebooks for v in graded.verdicts)
    return any(mistake.name not in before for v in now for mistake in v.mistakes)


def _unfinished(graded: Json) -> bool:
    """Whether something of it waits for a person, or was not the student's doing."""
    inside = {verdict["status"] for verdict in graded["inside"]}
    by_hand = any(about["by_hand"] for about in graded["notebooks"].values())
    return bool(graded["doubts"] or by_hand or UNDECIDED & inside) or any(
        criterion["status"] in UNDECIDED
        for verdict in graded["verdicts"]
        for criterion in verdict["criteria"]
    )


@lru_cache(maxsize=64)  # nearly everybody was asked the same
def _questions(week: Week, seed: int, recorded: str) -> Questions | None:
    """The recorded calls, if the criteria as they are now would ask them."""
    asked = {
        task: [Call.from_json(call) for call in calls]
        for task, calls in json.loads(recorded).items()
    }
    same = asked.keys() == set(week.task_names) and all(
        was_drawn(task, seed, asked[task.name]) for task in week.tasks
    )
    return asked if same else None


def _again(
    week: Week, questions: Questions, observed: dict[str, Observed], graded: Path
) -> tuple[NotebookNode | None, list[Verdict], list[list[str]]] | None:
    """Verdicts, and the notebook with them in place of the old ones (called within bounds).

    No notebook where they say the same. Of the old one only the graded cells are looked into then.
    """
    text = graded.read_text("utf-8")
    cells = json.loads(text)["cells"]
    places = [
        k for k, cell in enumerate(cells) if cell["metadata"].get("nbgrader", {}).get("grade")
    ]
    part = _with_cells([cells[k] for k in places])
    if point_faults(part, week):
        return None
    before = deepcopy(part.cells)
    verdicts = judge_all(week, questions, observed)
    for cell in part.cells:
        if task_of(cell) in week.task_names:
            cell.outputs = cell.outputs[1:]  # the old verdict; what the cell put out follows it
            _forget_mistakes(cell)
    write_verdicts(part, week, verdicts)
    notebook = None
    # What a classic cell earned is read from the notebook.
    if part.cells != before or any(is_marked(cell, "inside") for cell in part.cells):
        notebook = nbformat.v4.reads(text)
        for place, cell in zip(places, part.cells, strict=True):
            notebook.cells[place] = cell
    names = [[mistake.name for mistake in verdict.mistakes] for verdict in verdicts]
    return notebook, [replace(verdict, mistakes=()) for verdict in verdicts], names


def _with_cells(cells: list[Json]) -> NotebookNode:
    """A notebook of these cells, which are as they stand in a file."""
    whole = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return nbformat.v4.reads(json.dumps(whole))


def _forget_mistakes(cell: NotebookNode) -> None:
    marks = cell.metadata.get("autograder", {})
    if marks.pop("mistakes", None) and not marks:
        del cell.metadata["autograder"]
