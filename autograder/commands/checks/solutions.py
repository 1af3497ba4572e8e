"""Do the solutions earn everything, and the released notebook nothing?

Runs both in real kernels, in a scratch copy of the course.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import nbformat
from nbconvert.filters import strip_ansi
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from autograder.commands.checks.cells import MAY_STOP
from autograder.commands.checks.variants import variants
from autograder.commands.scratch import released
from autograder.feedback import classic as shown
from autograder.feedback.results import aligned
from autograder.grading.course import Course, Week
from autograder.grading.stages import Graded, grade
from autograder.kernels.limits import Limits
from autograder.marking.judge import CriterionVerdict, Status
from autograder.marking.task import Task
from autograder.pages.outputs import last_line
from autograder.plugins.standings import released_masters
from autograder.submissions.cells import grade_id_of, task_of
from autograder.submissions.ready import prepare
from autograder.submissions.sorting import Masters

__all__ = ["solutions"]

#: The instructor's own notebooks need no protection from themselves.
TRUSTED = Limits(unsafe=True)
#: Where a kernel works, which nobody finds when it has ended.
_IN_A_KERNEL = re.compile(r"[^\s'\"]*/kernel-[0-9a-f]{8}/work/")


def solutions(course: Course, week: Week) -> list[str]:
    """The instructor's notebook earns everything, the released one nothing, in real kernels."""
    problems: list[str] = []
    for label, notebooks in variants(week):
        with released(course, week, notebooks) as scratch:
            masters = _masters(scratch, week)
            seed = course.settings.seed
            for part in week.parts:
                one = {part.notebook: masters[part.notebook]}
                source = scratch.source / week.name / part.source.name
                solved = grade(prepare("the solutions", source, one), part, seed, TRUSTED)
                problems += [f"{label}: {text}" for text in _unsolved(solved, part)]
                release = scratch.root / "release" / week.name / part.source.name
                untouched = grade(prepare("nobody", release, one), part, seed, TRUSTED)
                may_stop = _may_stop(release) if week.tasks else None
                problems += [f"{label}: {text}" for text in _too_good(untouched, may_stop)]
    return [_IN_A_KERNEL.sub("", text) for text in problems]


def _unsolved(graded: Graded, week: Week) -> list[str]:
    problems = [graded.died] if graded.died else []
    for verdict in graded.verdicts:
        for criterion in verdict.criteria:
            if criterion.status is not Status.PASSED:
                problems.append(
                    f"the solution of {verdict.task} is wrong: {criterion.name!r} "
                    f"{_why(criterion, week.task(verdict.task))}"
                )
    problems += [
        f"the solutions earn {shown.headline(v)}: {v.reason}"
        for v in graded.inside
        if v.score != v.points
    ]
    for cell in graded.notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                first = cell.source.strip().splitlines()[0]
                problems.append(
                    f"solved, the cell {first!r} raises {output.ename}: {output.evalue}"
                )
    for cell in graded.notebook.cells:
        if (name := task_of(cell)) in week.task_names:
            problems += [
                f"the visible checks of {name} fail on the solution: {what}; mend the check, or "
                "the solution"
                for output in cell.outputs
                if (what := _failed(grade_id_of(cell), output.get("text", "")))
            ]
    return problems


def _why(criterion: CriterionVerdict, task: Task) -> str:
    """Why the solution does not earn a criterion: the call, what was expected, what came back."""
    parts = [criterion.reason] if criterion.reason else []
    if criterion.call is not None:
        parts.append(f"not earned on {criterion.call!r}")
        # The instructor may know what a student is not told.
        expected = None if task.asks(criterion.call) == "holds" else task.expected(criterion.call)
        right, came = aligned(expected, criterion.observed or {}, task)
        parts.append(f"expected {right}, returned {came}" if right else f"returned {came}")
    if criterion.mistake:
        parts.append(f"it looks like {criterion.mistake!r}")
    return "; ".join(parts)


def _failed(cell: str, text: str) -> str:
    """The cell, the line and the error of a traceback; empty for any other text."""
    if not (error := last_line(text)):
        return ""
    at = re.search(r"^-+> *(\d+) (.*)$", strip_ansi(text), re.MULTILINE)
    return f"{cell}, line {at[1]}: {at[2].strip()}: {error}" if at else f"{cell}: {error}"


def _too_good(graded: Graded, may_stop: Collection[str] | None) -> list[str]:
    """What released and untouched earns points; or stops, and is none of those that may."""
    problems = [
        f"the released stub of {verdict.task} earns {verdict.score:g} points"
        for verdict in graded.verdicts
        if verdict.score
    ]
    problems += [
        f"released and untouched, the notebook earns {v.score:g} points in the cell {v.cell}"
        for v in graded.inside
        if v.score
    ]
    if may_stop is None:
        return problems
    for cell in graded.notebook.cells:
        name = grade_id_of(cell)
        if MAY_STOP in cell.metadata.get("tags", []) or name in may_stop:
            continue
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                which = name or cell.source.strip().splitlines()[0]
                what = f"{output.ename}: {output.evalue}".removesuffix(": ")
                problems.append(
                    f"released and untouched, the cell {which!r} raises {what}; the notebook must "
                    f"run to its end{_remedy(output.ename)}"
                )
    return problems


def _remedy(error: str) -> str:
    """What to do about a cell that stops."""
    if error != "NotImplementedError":
        return ""
    return (
        f". Where the solution stands in no function, the cell needs the tag {MAY_STOP}; where it "
        "does, a line ### BEGIN SOLUTION within it, or the whole cell is taken away"
    )


def _may_stop(release: Path) -> set[str]:
    """The solution cells that are released with the tag, by ``grade_id``."""
    cells = nbformat.read(release, as_version=4).cells
    return {grade_id_of(cell) for cell in cells if MAY_STOP in cell.metadata.get("tags", [])} - {""}


def _masters(course: Course, week: Week) -> Masters:
    directory = CourseDirectory(config=course.config, root=str(course.root))
    with Gradebook(directory.db_url) as gradebook:
        return released_masters(gradebook, week)
