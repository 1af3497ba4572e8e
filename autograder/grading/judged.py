"""Verdicts on a whole submission: from what was asked and seen, into the notebook.

Pure: a record gives the same verdicts again. Knows tasks and observations, one task's verdict by
`autograder.marking.judge`; it knows neither where the observations came from nor what is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nbformat import NotebookNode

from autograder.feedback import words
from autograder.grading.classic import wait_for_a_person
from autograder.grading.course import Week
from autograder.kernels.driver import Observed
from autograder.marking.calls import Call
from autograder.marking.judge import Status, Verdict, grader_error, judge, left_to_a_person
from autograder.submissions.cells import is_marked, task_of

__all__ = ["Questions", "judge_all", "timeless", "with_mistakes", "write_verdicts"]

#: The calls of one run, for each task of the week.
Questions = dict[str, list[Call]]


def judge_all(
    week: Week,
    questions: Questions,
    observed: Mapping[str, Observed],
    faults: Mapping[str, str] = {},
    doubts: Mapping[str, str] = {},
) -> list[Verdict]:
    """Verdicts on the tasks of a week, from what was asked and seen.

    Pure, so that a record gives the same verdicts again.

    Parameters
    ----------
    week : Week
    questions : dict of str to list of Call
    observed : dict of str to Observed
        Both for each task of the week.
    faults : dict of str to str, optional
        Tasks that cannot be judged through the grader's fault, and why.
    doubts : dict of str to str, optional
        Tasks of which a person decides, should they lose points, and why.
    """
    verdicts = [
        grader_error(task, faults[task.name])
        if task.name in faults
        else judge(
            task, questions[task.name],
            observed[task.name].observations, observed[task.name].reason,
        )
        for task in week.tasks
    ]  # fmt: skip
    verdicts = [_less_inherited(verdict, verdicts, observed) for verdict in verdicts]
    return [
        left_to_a_person(verdict, doubts[verdict.task]) if verdict.task in doubts else verdict
        for verdict in verdicts
    ]


def with_mistakes(
    week: Week, verdicts: Sequence[Verdict], names: Sequence[Sequence[str]]
) -> list[Verdict]:
    """Verdicts with their mistakes, which are code and come from another process by name."""
    known = [{mistake.name: mistake for mistake in week.task(v.task).mistakes} for v in verdicts]
    return [
        replace(verdict, mistakes=tuple(mistakes[name] for name in found))
        for verdict, mistakes, found in zip(verdicts, known, names, strict=True)
    ]


def timeless(seen: Observed) -> Observed:
    """What was seen, without how long it took: that is never the same twice."""
    observations = [
        {name: value for name, value in observation.items() if name != "seconds"}
        if isinstance(observation, dict)
        else observation
        for observation in seen.observations
    ]
    return Observed(observations, seen.reason)


def _less_inherited(
    verdict: Verdict, others: Sequence[Verdict], observed: Mapping[str, Observed]
) -> Verdict:
    """Take back the names of mistakes that may be those of another task.

    A function that calls the student's function of another task inherits its
    faults; to name them again would blame the wrong lines.
    """
    seen = observed[verdict.task].observations
    names = seen[0].get("names") if seen else None
    called = [
        other.task
        for other in others
        if isinstance(names, list)
        and other.task in names
        and other.task != verdict.task
        and other.status is not Status.PASSED
    ]
    if not called or verdict.status is not Status.FAILED:
        return verdict
    note = f"It calls your {called[0]}, which is not right yet: mend that first."
    criteria = tuple(
        replace(criterion, mistakes=(), reason=note)
        if criterion.status is Status.FAILED
        else criterion
        for criterion in verdict.criteria
    )
    return Verdict(verdict.task, criteria)


def write_verdicts(notebook: NotebookNode, week: Week, verdicts: Sequence[Verdict]) -> None:
    """Put verdicts into the outputs of the test cells; one without a score is for a person."""
    by_task = {verdict.task: verdict for verdict in verdicts}
    for cell in notebook.cells:
        verdict = by_task.get(task_of(cell))
        if verdict is None:
            continue
        own = [] if is_marked(cell, "missing") else cell.outputs
        cell.outputs = words.outputs(verdict, week.task(verdict.task), own)
        mark = {Status.GRADER_ERROR: "grader_error", Status.WAITS: "waits"}.get(verdict.status)
        if mark is not None:
            reason = next(c.reason for c in verdict.criteria if c.status is verdict.status)
            cell.metadata["autograder"] = {mark: reason}
        elif verdict.mistakes:
            cell.metadata["autograder"] = {"mistakes": [m.name for m in verdict.mistakes]}
        elif is_marked(cell, "waits"):  # judged after all
            del cell.metadata["autograder"]
    wait_for_a_person(notebook, week)
