"""Does the notebook have the cells and points that ``reference.py`` speaks of?

Reads the notebook and the course's settings; runs nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator, ValidationError

from autograder.commands.checks.variants import notebook_of, texts_of
from autograder.grading.course import Course, Week
from autograder.marking.classic import INSIDE
from autograder.submissions.hidden import hands_over, objections

__all__ = ["MAY_STOP", "cells", "classic_cells", "inside", "notes", "unwritten"]

#: What marks a cell that may stop: Jupyter goes on with the next.
MAY_STOP = "raises-exception"
#: Marks in a laid-out week what the instructor has to write.
_REPLACE = "REPLACE"


def cells(course: Course, week: Week) -> list[str]:
    """The notebook has the cells that ``reference.py`` speaks of, with its points."""
    problems = []
    found = [
        (part, meta["grade_id"], cell, meta)
        for part in week.parts
        for cell in notebook_of(part).cells
        if (meta := cell.metadata.get("nbgrader")) and meta.get("grade_id")
    ]
    problems += _unfit([(part.notebook, grade_id) for part, grade_id, *_ in found])
    for _, grade_id, cell, _ in found:
        problems += [*_refused(grade_id, cell), *_unpaired(grade_id, cell.source)]
    graded = {grade_id: (cell, meta) for _, grade_id, cell, meta in found}
    for task in week.tasks:
        wanted = (task.name, f"test_{task.name}")
        for grade_id in wanted:
            if grade_id not in graded:
                has = "has" if len(week.parts) == 1 else "have"
                problems.append(f"{texts_of(week)} {has} no cell with grade_id {grade_id!r}")
        places = sorted({part.notebook for part, grade_id, *_ in found if grade_id in wanted})
        if len(places) > 1:
            problems.append(
                f"{task.name}: its cells stand in {' and '.join(places)}; each notebook runs by "
                "itself, so a task has to stand in one"
            )
        elif [grade_id for _, grade_id, *_ in found if grade_id in wanted] == [*wanted[::-1]]:
            problems.append(f"the cell test_{task.name} stands above the cell {task.name}")
        cell, meta = graded.get(f"test_{task.name}", (None, {}))
        points = meta.get("points")
        if cell is not None and points != task.points:
            problems.append(
                f"{task.name}: the points disagree: the cell test_{task.name} has {points!r}, "
                f"the criteria in reference.py sum to {task.points:g}"
            )
        if cell is not None:
            problems += objections(cell.source, task.name)
    known = {*week.task_names, *_tests(week)}
    complete = known <= graded.keys()
    for _, grade_id, cell, meta in found:
        if grade_id in known or _is_marked_by_hand(meta) or (complete and _is_unmarked(meta)):
            continue
        if meta.get("grade") and hands_over(cell.source):
            problems.append(
                f"the cell {grade_id!r} belongs to no task in reference.py: its points wait for a "
                "person, with everybody"
            )
        elif meta.get("solution") and not classic_cells(week):
            problems.append(f"the cell {grade_id!r} belongs to no task in reference.py")
    total = sum(
        float(meta.get("points", 0)) for *_, meta in found if meta.get("grade") or meta.get("task")
    )
    configured = course.settings.points.get(week.name, total)
    if float(configured) != total:
        problems.append(
            f"the points disagree: the notebook's sum to {total:g}, and "
            f"c.CourseSettings.points in nbgrader_config.py says {configured}"
        )
    course.settings.due_date(week.name)  # raises if it cannot be read
    return problems


def _unfit(found: list[tuple[str, str]]) -> list[str]:
    """What is the ``grade_id`` of two cells of a notebook, or none that nbgrader takes."""
    odd = [grade_id for _, grade_id in found if not re.fullmatch(r"[A-Za-z0-9_-]+", grade_id)]
    return [
        f"the grade_id {grade_id!r} is none that nbgrader takes: letters from a to z, digits, _ "
        "and - only, so a task's name has no others either"
        for grade_id in dict.fromkeys(odd)
    ] + [
        f"{count} cells of {notebook} have the grade_id {grade_id!r}; give each one of its own"
        for (notebook, grade_id), count in Counter(found).items()
        if count > 1
    ]


def _refused(grade_id: str, cell: NotebookNode) -> list[str]:
    """Why nbgrader would not take what is said of a cell; it says so of the whole notebook."""
    try:
        MetadataValidator().validate_cell(cell)
    except ValidationError as error:
        return [f"nbgrader does not take what is said of the cell {grade_id!r}: {error.message}"]
    except Exception:  # as old as an earlier nbgrader: it makes that anew by itself
        return []
    return []


def _unpaired(grade_id: str, source: str) -> list[str]:
    """What begins in a cell and does not end, or the other way round."""
    counts = [
        (what, source.count(f"### BEGIN {what}"), source.count(f"### END {what}"))
        for what in ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
    ]
    return [
        f"the cell {grade_id!r} says {begun} times ### BEGIN {what}, {ended} times ### END {what}"
        for what, begun, ended in counts
        if begun != ended
    ]


def classic_cells(week: Week) -> dict[str, float]:
    """Points of the test cells that no task judges from outside, by ``grade_id``."""
    return {
        meta["grade_id"]: float(meta.get("points", 0))
        for part in week.parts
        for cell in notebook_of(part).cells
        if (meta := cell.metadata.get("nbgrader")) and meta.get("grade")
        if cell.cell_type == "code" and not _is_marked_by_hand(meta)
        if not hands_over(cell.source) and meta["grade_id"] not in _tests(week)
    }


def inside(week: Week) -> list[str]:
    """What has to be known of cells that are judged inside the kernel."""
    cells = classic_cells(week)
    if not cells:
        return []
    points = sum(cells.values())
    return [
        f"{points:g} {'point is' if points == 1 else 'points are'} {INSIDE}, by nbgrader's rule: "
        f"{', '.join(cells)}. They run in the box, as everything does; but beside a student's "
        "code, which can read their hidden tests and forge a pass. What is to be safe from that "
        "has to be a task: docs/write-a-week.md"
    ]


def _tests(week: Week) -> set[str]:
    return {f"test_{name}" for name in week.task_names}


def unwritten(course: Course, week: Week) -> list[str]:
    """Nothing is left of what a laid-out week asks the instructor to write."""
    problems = []
    for path in (*(part.text for part in week.parts), week.folder / "reference.py"):
        count = path.read_text("utf-8").count(_REPLACE) if path.exists() else 0
        if count:
            places = "place" if count == 1 else "places"
            problems.append(
                f"{path.name} says {_REPLACE} in {count} {places}, as autograder new left it"
            )
    problems += [
        f"reference.py: the mistake {mistake.name!r} of {task.name} has no hint"
        for task in week.tasks
        for mistake in task.mistakes
        if not mistake.hint.strip()
    ]
    return problems


def _is_marked_by_hand(meta: dict[str, Any]) -> bool:
    """Whether a person gives the points: of a written answer, of code, of a task cell."""
    return bool(meta.get("task") or (meta.get("grade") and meta.get("solution")))


def _is_unmarked(meta: dict[str, Any]) -> bool:
    """Whether it asks for something that earns nothing (or for a task, under a wrong name)."""
    return bool(meta.get("solution") and not meta.get("grade"))


def notes(course: Course, week: Week) -> list[str]:
    """What is no fault, and may have been forgotten all the same."""
    said = []
    if course.settings.due_date(week.name) is None:
        strange = sorted(set(course.settings.due_dates) - set(course.week_names))
        said.append(
            "no due date in nbgrader_config.py (c.CourseSettings.due_dates): nobody is late"
            + (f". It gives one to {', '.join(strange)}, which is no week here" if strange else "")
        )
    if week.name not in course.settings.points:
        said.append("no points in nbgrader_config.py (c.CourseSettings.points) to compare with")
    of_tests = [
        (meta, cell.metadata.get("tags", ()))
        for part in week.parts
        for cell in notebook_of(part).cells
        if (meta := cell.metadata.get("nbgrader")) and meta.get("grade_id") in _tests(week)
    ]
    if unlocked := [meta["grade_id"] for meta, _ in of_tests if not meta.get("locked")]:
        said.append(f"not locked: {', '.join(unlocked)}. Students can change what they check")
    if stopping := [meta["grade_id"] for meta, tags in of_tests if MAY_STOP not in tags]:
        said.append(
            f"without the tag {MAY_STOP}: {', '.join(stopping)}. In Jupyter, Run All stops there "
            "until the task is solved"
        )
    return said
