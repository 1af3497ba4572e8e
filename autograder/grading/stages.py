"""One submission through the stages: mended, executed, judged, explained.

Knows weeks, notebooks and verdicts; it neither finds submissions nor writes
grades, and it does not import nbgrader. Both `autograder grade` and plain
`nbgrader autograde` come through here, which is why they agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import lru_cache

import nbformat
from nbformat import NotebookNode

from autograder.errors import ClusterError, GraderFault
from autograder.grading.causes import causes, failed_lines
from autograder.grading.course import Week
from autograder.grading.judged import Questions, judge_all, timeless, write_verdicts
from autograder.kernels.driver import Execute, Executed, Limits, Observed, execute
from autograder.marking.judge import OVERTIME, Status, Verdict, grader_error
from autograder.submissions.cells import task_of
from autograder.submissions.figures import only_drawing, put_back
from autograder.submissions.ready import Submission

__all__ = [
    "Graded",
    "draw",
    "grade",
    "grade_all",
]


@dataclass
class Graded:
    """A graded submission: the notebook with its verdicts, ready to be recorded."""

    submission: Submission
    seed: int
    notebook: NotebookNode
    verdicts: list[Verdict]
    observed: dict[str, Observed]
    questions: Questions
    died: str = ""
    seconds: float = 0.0
    #: Lines outside the tasks that failed, and why.
    failed: list[str] = field(default_factory=list)

    @property
    def score(self) -> float:
        """Points by machine; tasks that could not be graded count nothing yet."""
        return sum(verdict.score or 0.0 for verdict in self.verdicts)

    @property
    def ungraded(self) -> list[str]:
        """Tasks that a person has to look at."""
        return [v.task for v in self.verdicts if v.status is Status.GRADER_ERROR]

    @property
    def mistakes(self) -> list[str]:
        """``task: mistake`` for each mistake recognised."""
        return [f"{v.task}: {mistake.name}" for v in self.verdicts for mistake in v.mistakes]

    @property
    def attention(self) -> list[str]:
        """What a person should know about this submission."""
        found = [self.submission.problem, *self.submission.notes, self.died]
        if not self.submission.problem and not self.died:
            found += [reason for verdict in self.verdicts for reason in _reasons(verdict)]
        if not self.submission.problem:
            found += causes(self.verdicts, self.observed, self.failed)
        return [text for text in dict.fromkeys(found) if text]


def _reasons(verdict: Verdict) -> Iterator[str]:
    """Why a task could not be judged in full, if it is neither untouched nor simply wrong."""
    for criterion in verdict.criteria:
        if criterion.status is Status.GRADER_ERROR:
            yield criterion.reason
        elif criterion.reason == OVERTIME or (
            criterion.reason and not criterion.call and "missing from" not in criterion.reason
        ):
            yield f"{verdict.task}: {criterion.reason}"


def grade(
    submission: Submission,
    week: Week,
    seed: int,
    limits: Limits = Limits(),
    execute: Execute = execute,
) -> Graded:
    """Execute, observe, judge and explain one submission.

    Parameters
    ----------
    submission : Submission
    week : Week
    seed : int
        From which the calls are drawn.
    limits : Limits
    execute : Execute
        What runs the notebook.

    Returns
    -------
    Graded
        A fault of the grader shows as verdicts with `Status.GRADER_ERROR`;
        it does not raise.

    Raises
    ------
    CannotDraw
        If the week has no usable calls: nobody can be graded.
    ClusterError
        If `execute` has lost its workers: the same.
    """
    questions = draw(week, seed)
    calls = {task: [call.to_json() for call in asked] for task, asked in questions.items()}
    if week.skipped:
        return _ungraded(submission, week, seed, questions, week.skipped)
    try:
        text = nbformat.v4.writes(_for_a_kernel(submission.notebook, week, limits.figures))
    except Exception as error:
        reason = f"preparing failed: {type(error).__name__}: {error}"
        return _ungraded(submission, week, seed, questions, reason)
    limits = replace(limits, packages=week.requires, files=(*submission.files, *week.files))
    if submission.problem:
        observed = {task: Observed(reason=submission.problem) for task in calls}
        executed = Executed(text, observed)
    else:
        try:
            executed = execute(text, calls, limits)
        except GraderFault as fault:
            return _ungraded(submission, week, seed, questions, str(fault))
        except ClusterError:
            raise  # nobody can be graded
        except Exception as error:
            reason = f"executing failed: {type(error).__name__}: {error}"
            return _ungraded(submission, week, seed, questions, reason)
    try:
        return _judged(submission, week, seed, questions, executed)
    except Exception as error:
        reason = f"judging failed: {type(error).__name__}: {error}"
        return _ungraded(submission, week, seed, questions, reason)


def _for_a_kernel(notebook: NotebookNode, week: Week, figures: bool) -> NotebookNode:
    """A notebook without outputs; unless figures are wanted, marked where it only draws.

    The hidden parts that have to be run go with their test cells; `execute` takes them out.
    """
    idle = set() if figures else only_drawing(notebook.cells, week.drawings)
    cells = [nbformat.from_dict({**cell, "outputs": []}) for cell in notebook.cells]
    for position, cell in enumerate(cells):
        if cell.cell_type != "code":
            del cell["outputs"]
        elif position in idle:
            cell["metadata"] = {**cell.metadata, "autograder": {"only_draws": True}}
        elif hidden := week.hidden.get(task_of(cell)):
            marks = cell.metadata.get("autograder", {})
            cell["metadata"] = {**cell.metadata, "autograder": {**marks, "hidden": hidden}}
    return nbformat.from_dict({**notebook, "cells": cells})


def _judged(
    submission: Submission, week: Week, seed: int, questions: Questions, executed: Executed
) -> Graded:
    """Verdicts on what was executed, written into the notebook."""
    notebook = nbformat.v4.reads(executed.notebook)
    put_back(notebook.cells, submission.notebook.cells)
    points = {task_of(c): c.metadata.nbgrader.points for c in notebook.cells if task_of(c)}
    faults = {
        task.name: f"the released cell test_{task.name} has {points.get(task.name)} points, "
        f"but reference.py gives {task.points:g}; run autograder check {week.name}"
        for task in week.tasks
        if points.get(task.name) != task.points
    }
    observed = {task: timeless(seen) for task, seen in executed.observed.items()}
    verdicts = judge_all(week, questions, observed, faults)
    write_verdicts(notebook, week, verdicts)
    sources = [cell.source for cell in submission.notebook.cells]
    failed = failed_lines(executed.stumbles, sources, week.released)
    return Graded(
        submission, seed, notebook, verdicts, observed, questions,
        executed.died, executed.seconds, failed,
    )  # fmt: skip


@lru_cache(maxsize=64)
def draw(week: Week, seed: int) -> Questions:
    """The calls of one grading run, for each task of the week.

    Raises
    ------
    CannotDraw
        If a task has no usable calls.
    """
    return {task.name: task.draw(seed) for task in week.tasks}


def grade_all(
    submissions: Iterable[tuple[Submission, int]],
    week: Week,
    jobs: int,
    limits: Limits = Limits(),
    execute: Execute = execute,
) -> Iterator[Graded]:
    """Grade many submissions, `jobs` at a time, and yield each as it is done.

    Submissions are taken from the iterable only as workers become free, so
    memory does not grow with their number. On Ctrl-C no more are taken; those
    in hand are finished and yielded before `KeyboardInterrupt` is raised.

    Parameters
    ----------
    submissions : iterable of (Submission, int)
        With the seed of the calls for each.
    week : Week
    jobs : int
        Kernels at work at the same time.
    limits : Limits
    execute : Execute

    Yields
    ------
    Graded
        In order of completion.
    """
    waiting = iter(submissions)
    in_hand: set[Future[Graded]] = set()
    interrupted = False
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        while True:
            try:
                while not interrupted and len(in_hand) < jobs:
                    following = next(waiting, None)
                    if following is None:
                        break
                    submission, seed = following
                    in_hand.add(pool.submit(grade, submission, week, seed, limits, execute))
                if not in_hand:
                    break
                done, in_hand = wait(in_hand, return_when=FIRST_COMPLETED)
            except KeyboardInterrupt:
                if interrupted:
                    raise
                interrupted = True
                continue
            for future in done:
                yield future.result()
    if interrupted:
        raise KeyboardInterrupt


def _ungraded(
    submission: Submission, week: Week, seed: int, questions: Questions, reason: str
) -> Graded:
    verdicts = [grader_error(task, reason) for task in week.tasks]
    notebook = nbformat.v4.reads(nbformat.v4.writes(submission.notebook))
    write_verdicts(notebook, week, verdicts)
    return Graded(submission, seed, notebook, verdicts, {}, questions)
