"""One notebook of a submission through the stages: mended, executed, judged, explained.

Knows weeks, notebooks and verdicts; it neither finds submissions nor writes
grades, and it does not import nbgrader. Both `autograder grade` and plain
`nbgrader autograde` come through here, which is why they agree.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import nbformat
from nbformat import NotebookNode

from autograder.errors import CannotDraw, ClusterError, GraderFault, Overrun
from autograder.grading import classic
from autograder.grading.bounded import Bounds, Run, place
from autograder.grading.causes import causes, failed_lines
from autograder.grading.course import Week
from autograder.grading.inside import asked, draw, judged, point_faults
from autograder.grading.judged import Questions, judge_all, timeless, with_mistakes, write_verdicts
from autograder.grading.programs import compiled
from autograder.kernels.driver import Execute, Executed, Limits, Observed, execute
from autograder.kernels.driver import execute as local
from autograder.marking.classic import Inside
from autograder.marking.judge import OVERTIME, UNDECIDED, Status, Verdict, grader_error
from autograder.submissions.cells import doubts
from autograder.submissions.ready import Submission

__all__ = ["Graded", "draw", "grade"]

#: Ordinary work takes a second of each at most, and a few megabytes.
PREPARING = Bounds("finding what only draws in the notebook", seconds=5, megabytes=500)
JUDGING = Bounds("what came back from the notebook", seconds=30, megabytes=500)


@dataclass
class Graded:
    """A graded notebook of a submission, with its verdicts, ready to be recorded."""

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
    #: Tasks of which a person decides, should they lose points, and why.
    doubts: dict[str, str] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """Points by machine; tasks that could not be graded count nothing yet."""
        scores = [v.score for v in self.verdicts] + [v.score for v in self.inside]
        return sum(score or 0.0 for score in scores)

    @property
    def inside(self) -> list[Inside]:
        """What became of the classic cells, which are judged inside the kernel."""
        return classic.verdicts_in(self.notebook)

    @property
    def ungraded(self) -> list[str]:
        """Tasks and cells that could not be graded, through the grader's fault."""
        return self._with(Status.GRADER_ERROR)

    @property
    def waiting(self) -> list[str]:
        """Tasks and cells that a person has to decide, through nobody's fault."""
        return self._with(Status.WAITS)

    def _with(self, status: Status) -> list[str]:
        tasks = [verdict.task for verdict in self.verdicts if verdict.status is status]
        return tasks + [verdict.cell for verdict in self.inside if verdict.status is status]

    @property
    def mistakes(self) -> list[str]:
        """``task: mistake`` for each mistake recognised."""
        return [f"{v.task}: {mistake.name}" for v in self.verdicts for mistake in v.mistakes]

    @property
    def by_hand(self) -> dict[str, str]:
        """Cells that no task judges, by ``grade_id``, and why a person has to mark them."""
        return classic.waiting(self.notebook)

    @property
    def attention(self) -> list[str]:
        """What a person should know about this submission."""
        found = [self.submission.problem, *self.submission.notes, self.died]
        if not self.submission.problem and not self.died:
            found += [reason for verdict in self.verdicts for reason in _reasons(verdict)]
            found += [f"{v.cell}: {v.reason}" for v in self.inside if v.status in UNDECIDED]
        if not self.submission.problem:
            found += causes(self.verdicts, self.observed, self.failed)
        return [text for text in dict.fromkeys(found) if text]


def _reasons(verdict: Verdict) -> Iterator[str]:
    """Why a task could not be judged in full, if it is neither untouched nor simply wrong."""
    for criterion in verdict.criteria:
        if criterion.status in UNDECIDED:
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
    """Execute, observe, judge and explain one notebook of a submission.

    Parameters
    ----------
    submission : Submission
    week : Week
        The part with this notebook.
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
    tests = classic.of_week(submission.tests, week)
    with place() as inside:
        try:
            questions, text = inside(
                PREPARING, asked, submission.notebook, week, seed, limits.figures, tests
            )
        except Overrun as overrun:
            questions = draw(week, seed)
            return _unread(submission, week, seed, questions, str(overrun), waits=True)
        except CannotDraw:
            raise  # nobody can be graded
        except Exception as error:
            reason = f"preparing failed: {type(error).__name__}: {error}"
            return _ungraded(submission, week, seed, draw(week, seed), reason)
        if week.skipped:
            return _ungraded(submission, week, seed, questions, week.skipped)
        if submission.problem:
            return _unread(submission, week, seed, questions, submission.problem)
        calls = {task: [call.to_json() for call in drawn] for task, drawn in questions.items()}
        shared = "" if execute is not local else compiled(week, calls, limits)
        limits = replace(
            limits, packages=week.requires, files=(*submission.files, *week.files), programs=shared
        )
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
            return _judged(inside, submission, week, seed, questions, executed)
        except (Overrun, RecursionError) as overrun:
            reason = f"{overrun}, and was not judged"
            return _unread(submission, week, seed, questions, reason, waits=True)
        except Exception as error:
            reason = f"judging failed: {type(error).__name__}: {error}"
            return _ungraded(submission, week, seed, questions, reason)


def _judged(
    inside: Run, submission: Submission, week: Week, seed: int, questions: Questions,
    executed: Executed,
) -> Graded:  # fmt: skip
    """Verdicts on what was executed, written into the notebook."""
    notebook, verdicts, mistaken = inside(
        JUDGING, judged, submission.notebook, week, questions, executed,
        classic.of_week(submission.tests, week),
    )  # fmt: skip
    verdicts = with_mistakes(week, verdicts, mistaken)
    observed = {task: timeless(seen) for task, seen in executed.observed.items()}
    sources = [cell.source for cell in submission.notebook.cells]
    failed = failed_lines(executed.stumbles, sources, week.released)
    return Graded(
        submission, seed, notebook, verdicts, observed, questions,
        executed.died, executed.seconds, failed, doubts(submission.notebook.cells),
    )  # fmt: skip


def _unread(
    submission: Submission, week: Week, seed: int, questions: Questions, reason: str,
    waits: bool = False,
) -> Graded:  # fmt: skip
    """What could not be read or judged: nothing was reached, or a person has to look."""
    observed = {task: Observed(reason=reason) for task in questions}
    faults = point_faults(submission.notebook, week)
    unsure = dict.fromkeys(questions, reason) if waits else doubts(submission.notebook.cells)
    verdicts = judge_all(week, questions, observed, faults, unsure)
    fate = (Status.WAITS if waits else Status.NOT_REACHED, reason)
    graded = _written(submission, week, seed, questions, verdicts, observed, fate)
    return replace(graded, doubts=unsure)


def _ungraded(
    submission: Submission, week: Week, seed: int, questions: Questions, reason: str
) -> Graded:
    """What could not be graded, through no fault of the student."""
    verdicts = [grader_error(task, reason) for task in week.tasks]
    fate = (Status.GRADER_ERROR, reason)
    return _written(submission, week, seed, questions, verdicts, {}, fate)


def _written(
    submission: Submission, week: Week, seed: int, questions: Questions,
    verdicts: list[Verdict], observed: dict[str, Observed], fate: tuple[Status, str],
) -> Graded:  # fmt: skip
    notebook = nbformat.from_dict(copy.deepcopy(submission.notebook))
    classic.leave_classic(notebook, classic.of_week(submission.tests, week), *fate)
    write_verdicts(notebook, week, verdicts)
    return Graded(submission, seed, notebook, verdicts, observed, questions)
