"""One submission through the stages: mended, executed, judged, explained.

Knows weeks, notebooks and verdicts; it neither finds submissions nor writes
grades, and it does not import nbgrader. Both `autograder grade` and plain
`nbgrader autograde` come through here, which is why they agree.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder._version import __version__
from autograder.errors import ClusterError, GraderFault
from autograder.feedback import words
from autograder.grading.course import Course, Week
from autograder.kernels.driver import Execute, Executed, Limits, Observed, execute
from autograder.marking.calls import Call
from autograder.marking.judge import OVERTIME, Status, Verdict, grader_error, judge
from autograder.submissions.cells import is_marked, task_of
from autograder.submissions.figures import only_drawing, put_back
from autograder.submissions.ready import Submission

__all__ = [
    "Graded",
    "Record",
    "grade",
    "grade_all",
    "judge_all",
    "write_verdicts",
]

Json = dict[str, Any]
Questions = dict[str, list[Call]]


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
    limits = replace(limits, packages=week.requires)
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
    """A notebook without outputs; unless figures are wanted, marked where it only draws."""
    idle = set() if figures else only_drawing(notebook.cells, week.drawings)
    cells = [nbformat.from_dict({**cell, "outputs": []}) for cell in notebook.cells]
    for position, cell in enumerate(cells):
        if cell.cell_type != "code":
            del cell["outputs"]
        elif position in idle:
            cell["metadata"] = {**cell.metadata, "autograder": {"only_draws": True}}
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
    observed = {task: _timeless(seen) for task, seen in executed.observed.items()}
    verdicts = judge_all(week, questions, observed, faults)
    write_verdicts(notebook, week, verdicts)
    return Graded(
        submission, seed, notebook, verdicts, observed, questions,
        executed.died, executed.seconds,
    )  # fmt: skip


def judge_all(
    week: Week,
    questions: Questions,
    observed: Mapping[str, Observed],
    faults: Mapping[str, str] = {},
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
    return [_less_inherited(verdict, verdicts, observed) for verdict in verdicts]


def _timeless(seen: Observed) -> Observed:
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


def write_verdicts(notebook: NotebookNode, week: Week, verdicts: Sequence[Verdict]) -> None:
    """Put verdicts into the outputs of the test cells; a cell without one is for a person."""
    by_task = {verdict.task: verdict for verdict in verdicts}
    for cell in notebook.cells:
        name = task_of(cell)
        if name and name not in by_task:
            # Nothing that the student's process put out may pass for a verdict.
            reason = f"reference.py has no task {name}"
            cell.outputs = [new_output("stream", name="stdout", text=f"not graded: {reason}\n")]
            cell.metadata["autograder"] = {"grader_error": reason}
        verdict = by_task.get(name)
        if verdict is None:
            continue
        own = [] if is_marked(cell, "missing") else cell.outputs
        cell.outputs = words.outputs(verdict, week.task(verdict.task), own)
        if verdict.score is None:
            cell.metadata["autograder"] = {"grader_error": verdict.criteria[0].reason}


@dataclass
class Record:
    """What one grading of one submission was made of, kept so that it can be repeated."""

    submission: str = ""
    seed: int = 0
    attempt: int = -1
    key: str = ""
    graded: Json = field(default_factory=dict)
    #: How many versions before this one were never graded, through no fault of the student.
    missed: int = 0
    #: When it was graded (UTC) and how many seconds that took: all that a repeated run changes.
    run: Json = field(default_factory=dict)

    @staticmethod
    def path(course: Course, week: str, student: str) -> Path:
        """Where the record of this student's week is kept."""
        return course.root / "records" / week / f"{student}.json"

    @classmethod
    def read(cls, course: Course, week: str, student: str) -> Record:
        """The last record; an empty one if there is none or it cannot be read."""
        try:
            data = json.loads(cls.path(course, week, student).read_text("utf-8"))
            return cls(**data)
        except (OSError, ValueError, TypeError):
            return cls()

    def next(
        self,
        course: Course,
        week: Week,
        submission: Submission,
        seed: int | None,
        figures: bool = False,
    ) -> Record:
        """The record of grading `submission` now.

        The same work meets the same calls again, so that a regrade changes
        nothing; changed work meets fresh ones. An explicit `seed` decides.
        With figures drawn it is another graded notebook, with the same verdicts.
        """
        same = self.submission == submission.digest
        attempt = max(self.attempt if same else self.attempt + 1, 0)
        if seed is None:
            seed = self.seed if same else fresh_seed(course.settings.seed, week.name, attempt)
        key = f"{__version__}/{week.fingerprint}/{seed}/{submission.digest}/{figures}"
        # They count for what is drawn, so that no question comes twice, but not as attempts.
        missed = self.missed + (not same and self.attempt >= 0 and not self.key)
        key = hashlib.sha256(key.encode()).hexdigest()
        return Record(submission.digest, seed, attempt, key, missed=missed)

    def write(self, course: Course, week: Week, graded: Graded) -> None:
        """Keep this record; written whole or not at all."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self.run = {"at": now, "seconds": graded.seconds}
        self.graded = {
            "version": __version__,
            "reference": week.fingerprint,
            "score": graded.score,
            "problem": graded.submission.problem,
            "notes": list(graded.submission.notes),
            "died": graded.died,
            "attention": graded.attention,
            "verdicts": [verdict.to_json() for verdict in graded.verdicts],
            "calls": {t: [c.to_json() for c in calls] for t, calls in graded.questions.items()},
            "observations": {
                task: {"observations": seen.observations, "reason": seen.reason}
                for task, seen in graded.observed.items()
            },
        }
        if graded.ungraded:
            self.key = ""  # to be graded again
        path = self.path(course, week.name, graded.submission.student)
        write_whole(path, json.dumps(self.__dict__, ensure_ascii=True))


def fresh_seed(seed: int, week: str, attempt: int) -> int:
    """The seed of a student's n-th version of a week; the first is the run's own."""
    if attempt == 0:
        return seed
    mixed = hashlib.sha256(f"{seed}/{week}/{attempt}".encode()).digest()
    return int.from_bytes(mixed[:6], "big")


def write_whole(path: Path, text: str) -> None:
    """Write a file so that at any moment it is the old one or the new one.

    What cannot be written as UTF-8 (a lone surrogate, from a student's string)
    becomes a question mark.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Always the same name: what a killed run left is overwritten by the next.
    name = hashlib.sha256(path.name.encode(errors="surrogateescape")).hexdigest()[:16]
    temporary = path.parent / f".{name}.part"
    try:
        temporary.unlink(missing_ok=True)  # should it be a link
        temporary.write_text(text, "utf-8", errors="replace")
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
