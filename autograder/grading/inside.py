"""The two halves of grading that read what a student wrote: before the kernel runs it, and after.

Both are called in a place of their own (`autograder.grading.bounded`), so what they take and give
is plain data. Pure: they know weeks and notebooks; no kernel, no clock and no disk.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import nbformat
from nbformat import NotebookNode

from autograder.grading.classic import judge_classic
from autograder.grading.course import Week
from autograder.grading.judged import Questions, judge_all, timeless, write_verdicts
from autograder.kernels.driver import Executed
from autograder.kernels.reports import is_deep
from autograder.marking.judge import Verdict
from autograder.submissions.cells import doubts, grade_id_of, is_marked, task_of
from autograder.submissions.figures import only_drawing, put_back
from autograder.submissions.nodes import packed

__all__ = ["asked", "draw", "for_a_kernel", "judged", "point_faults"]


#: What was drawn in this process, by the marking notes and the seed.
_drawn: dict[tuple[object, ...], Questions] = {}


def draw(week: Week, seed: int) -> Questions:
    """The calls of one grading run, for each task of the week.

    Remembered, as it takes a second; also for the same notes in another folder, or loaded again.

    Raises
    ------
    CannotDraw
        If a task has no usable calls.
    """
    key = (week.name, week.fingerprint, *week.task_names, seed)
    if key not in _drawn:
        while len(_drawn) >= 64:
            _drawn.pop(next(iter(_drawn)), None)
        if len(week.parts) > 1:
            parts = [draw(part, seed) for part in week.parts]  # where they are looked for again
            _drawn[key] = {task: calls for drawn in parts for task, calls in drawn.items()}
        else:
            _drawn[key] = {task.name: task.draw(seed) for task in week.tasks}
    return _drawn[key]


def asked(
    notebook: NotebookNode, week: Week, seed: int, figures: bool, tests: Mapping[str, str] = {}
) -> tuple[Questions, str]:
    """The calls, and the notebook as the kernel gets it, with these classic tests.

    Raises
    ------
    CannotDraw
        If a task has no usable calls.
    """
    return draw(week, seed), for_a_kernel(notebook, week, figures, tests)


def for_a_kernel(
    notebook: NotebookNode, week: Week, figures: bool = False, tests: Mapping[str, str] = {}
) -> str:
    """A notebook as text, without outputs; unless figures are wanted, marked where it only draws.

    The hidden parts that have to be run go with their test cells; `execute` takes them out.
    """
    # A classic test may look at anything, also at what was drawn.
    asked = (*week.hidden.values(), *week.task_names)
    idle = set() if figures or tests else only_drawing(notebook.cells, week.idle, asked)
    cells = [nbformat.from_dict({**cell, "outputs": []}) for cell in notebook.cells]
    for position, cell in enumerate(cells):
        if cell.cell_type != "code":
            del cell["outputs"]
        elif position in idle:
            cell["metadata"] = {**cell.metadata, "autograder": {"only_draws": True}}
        elif (test := tests.get(grade_id_of(cell))) and not is_marked(cell, "missing"):
            marks = cell.metadata.get("autograder", {})
            cell["metadata"] = {**cell.metadata, "autograder": {**marks, "classic": test}}
        elif hidden := week.hidden.get(task_of(cell)):
            marks = cell.metadata.get("autograder", {})
            cell["metadata"] = {**cell.metadata, "autograder": {**marks, "hidden": hidden}}
    return packed(nbformat.from_dict({**notebook, "cells": cells}))


def judged(
    before: NotebookNode, week: Week, questions: Questions, executed: Executed,
    tests: Mapping[str, str] = {},
) -> tuple[NotebookNode, list[Verdict], list[list[str]]]:  # fmt: skip
    """What was executed, with its verdicts written into it.

    Parameters
    ----------
    before : NotebookNode
        As it was before it was executed, with the figures that were handed in.
    week : Week
    questions : dict of str to list of Call
    executed : Executed
    tests : mapping of str to str, optional
        The classic test cells as they ran, by ``grade_id``.

    Returns
    -------
    notebook : NotebookNode
    verdicts : list of Verdict
        Without their mistakes, which are code.
    mistaken : list of list of str
        The names of the mistakes of each.
    """
    notebook = nbformat.v4.reads(executed.notebook)
    for cell in notebook.cells:
        cell["outputs"] = [_shallow(output) for output in cell.get("outputs", ())]
        if cell.cell_type != "code":
            del cell["outputs"]
    put_back(notebook.cells, before.cells)
    observed = {task: timeless(seen) for task, seen in executed.observed.items()}
    verdicts = judge_all(
        week, questions, observed, point_faults(notebook, week), doubts(before.cells)
    )
    judge_classic(notebook, tests)
    write_verdicts(notebook, week, verdicts)
    notebook = _writable(notebook)
    names = [[mistake.name for mistake in verdict.mistakes] for verdict in verdicts]
    return notebook, [replace(verdict, mistakes=()) for verdict in verdicts], names


def _writable(notebook: NotebookNode) -> NotebookNode:
    """A notebook that can be a file: a lone surrogate, which no file holds, is a question mark."""
    text = json.dumps(notebook, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return nbformat.v4.reads(text.encode(errors="replace").decode())
    return notebook


def _shallow(output: NotebookNode) -> NotebookNode:
    """An output as nbformat has it, without what is nested so deeply that nobody could read it."""
    for bundle in (output.get("data", {}), output.get("metadata", {})):
        for kind, value in list(bundle.items()):
            if is_deep(value):
                bundle[kind] = "nested too deeply to be shown"
    return output


def point_faults(notebook: NotebookNode, week: Week) -> dict[str, str]:
    """Tasks that cannot be judged as the notebook was released, in sentences."""
    points = {task_of(c): c.metadata.nbgrader.points or 0 for c in notebook.cells if task_of(c)}
    faults = {
        task.name: (
            f"the released cell test_{task.name} has {points[task.name]} points, but reference.py "
            f"gives {task.points:g}"
            if task.name in points
            else f"no cell test_{task.name} was released, for which reference.py has a task"
        )
        + "; where the notebook's text gives the same by now, "
        f"run nbgrader generate_assignment {week.name}"
        for task in week.tasks
        if points.get(task.name) != task.points
    }
    return faults | {
        task.name: f"the hidden part of test_{task.name} hands nothing to observe, so nothing can "
        f"be judged; run autograder check {week.name}"
        for task in week.tasks
        if f"test_{task.name}" in week.classic
    }
