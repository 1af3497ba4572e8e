"""A student's work of a week, each of its notebooks; and many students at a time.

What a run of `autograder grade` and `watch` have in hand. Knows how one notebook is graded by
`autograder.grading.stages`; it neither finds submissions nor writes grades.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial

from autograder.grading.course import Week
from autograder.grading.pace import Pace, Turn
from autograder.grading.stages import Graded, grade
from autograder.kernels.driver import Execute, Limits, execute
from autograder.marking.classic import Inside
from autograder.marking.judge import Verdict
from autograder.submissions.ready import Work

__all__ = ["GradedWork", "grade_all", "grade_work"]

#: How often it is looked whether somebody takes long.
_LOOK_SECONDS = 1.0


@dataclass
class GradedWork:
    """A student's graded work of a week: each of its notebooks."""

    notebooks: list[Graded]

    @property
    def student(self) -> str:
        """Whose it is."""
        return self.notebooks[0].submission.student

    @property
    def seed(self) -> int:
        """From which the calls were drawn."""
        return self.notebooks[0].seed

    @property
    def verdicts(self) -> list[Verdict]:
        """On every task."""
        return [verdict for graded in self.notebooks for verdict in graded.verdicts]

    @property
    def inside(self) -> list[Inside]:
        """What became of the classic cells."""
        return [verdict for graded in self.notebooks for verdict in graded.inside]

    @property
    def problem(self) -> str:
        """Why nothing at all could be read; of a part that could not, `attention` says so."""
        problems = [graded.submission.problem for graded in self.notebooks]
        return "; ".join(problems) if all(problems) else ""

    @property
    def score(self) -> float:
        """Points by machine, of all notebooks together."""
        return sum(graded.score for graded in self.notebooks)

    @property
    def seconds(self) -> float:
        """How long the kernels took."""
        return sum(graded.seconds for graded in self.notebooks)

    @property
    def ungraded(self) -> list[str]:
        """Tasks that could not be graded, through the grader's fault."""
        return [task for graded in self.notebooks for task in graded.ungraded]

    @property
    def waiting(self) -> list[str]:
        """Tasks that a person has to decide, through nobody's fault."""
        return [task for graded in self.notebooks for task in graded.waiting]

    @property
    def mistakes(self) -> list[str]:
        """``task: mistake`` for each mistake recognised."""
        return [mistake for graded in self.notebooks for mistake in graded.mistakes]

    @property
    def attention(self) -> list[str]:
        """What a person should know; where there are several notebooks, of which."""
        if len(self.notebooks) == 1:
            return self.notebooks[0].attention
        return [
            f"{graded.submission.name}: {text}"
            for graded in self.notebooks
            for text in graded.attention
        ]


def grade_work(
    work: Work, week: Week, seed: int, limits: Limits = Limits(), execute: Execute = execute
) -> GradedWork:
    """Grade a submission: its notebooks in turn, each with a kernel of its own; see `grade`."""
    return GradedWork(
        [grade(one, week.part(one.name), seed, limits, execute) for one in work.notebooks]
    )


def grade_all(
    readings: Iterable[Callable[[], Work | GradedWork]],
    choose: Callable[[Work], int | None],
    week: Week,
    jobs: int,
    limits: Limits = Limits(),
    execute: Execute = execute,
    stop: threading.Event | None = None,
) -> Iterator[GradedWork]:
    """Read and grade many submissions, `jobs` at a time, and yield each as it is done.

    They are taken from the iterable only as workers become free, so memory does not grow with
    their number; and one that takes long to be read takes that out of its own turn. Beside one
    that takes much longer than the others another is begun.

    Parameters
    ----------
    readings : iterable of callable
        Each reads a submission (see `autograder.grading.receiving`), or grades it as well.
    choose : callable
        Called here with what was read: the seed of its calls, or None if it is not to be run.
    week : Week
    jobs : int
        Submissions in hand at the same time; see `autograder.grading.pace`.
    limits : Limits
    execute : Execute
    stop : threading.Event, optional
        When it is set no more are taken; those in hand are finished and yielded.

    Yields
    ------
    GradedWork
        In order of completion.
    """
    waiting, pace = iter(readings), Pace(jobs)
    in_hand: dict[Future[Work | GradedWork], Turn] = {}
    with ThreadPoolExecutor(max_workers=pace.most) as pool:
        while True:
            while pace.free and not (stop and stop.is_set()):
                reading = next(waiting, None)
                if reading is None:
                    break
                in_hand[pool.submit(reading)] = pace.begin()
            if not in_hand:
                return
            done, _ = wait(in_hand, _LOOK_SECONDS, FIRST_COMPLETED)
            for future in done:
                turn, found = in_hand.pop(future), future.result()
                if isinstance(found, Work) and (seed := choose(found)) is not None:
                    work = partial(grade_work, found, week, seed, limits, execute)
                    in_hand[pool.submit(work)] = turn
                    continue
                pace.end(turn)
                if isinstance(found, GradedWork):
                    yield found
