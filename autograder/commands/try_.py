"""What would this file get? `autograder try`: a notebook, from anywhere, without a gradebook.

The same stages as a grading run, and the same words and page; nothing is recorded. What other
platforms need is the same thing as data (``docs/try.schema.json``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder._version import __version__
from autograder.errors import CourseError, WeekSkipped
from autograder.feedback import classic
from autograder.feedback.questions import Question
from autograder.feedback.words import as_text
from autograder.grading.configured import as_configured
from autograder.grading.course import Course, Week
from autograder.grading.receiving import receive
from autograder.grading.records import fresh_seed, write_whole
from autograder.grading.stages import Graded, draw
from autograder.grading.work import GradedWork, grade_work
from autograder.kernels.driver import execute
from autograder.kernels.limits import Limits
from autograder.marking.judge import CriterionVerdict, Verdict
from autograder.marking.task import Task
from autograder.plugins.released import source_masters
from autograder.submissions.cells import MasterCell, grade_id_of, is_marked
from autograder.submissions.sorting import Masters
from autograder.terminal import printable

__all__ = ["SCHEMA_VERSION", "Ready", "Tried", "as_json", "ready", "try_notebook"]

Json = dict[str, Any]

#: Of what `Tried.to_json` gives. A new number where something is taken away or means another thing.
SCHEMA_VERSION = 1


@dataclass
class Tried:
    """One file, or a folder with all notebooks of the week; graded, and not recorded anywhere."""

    week: Week
    graded: GradedWork
    masters: Masters

    @property
    def points(self) -> float:
        """What can be earned by machine in what was tried."""
        tasks = sum(verdict.points for verdict in self.graded.verdicts)
        return tasks + sum(verdict.points for verdict in self.graded.inside)

    @property
    def undecided(self) -> list[str]:
        """Tasks and cells without a score yet, whosever fault that is."""
        return [*self.graded.ungraded, *self.graded.waiting]

    @property
    def written(self) -> list[MasterCell]:
        """What a person marks: the answers that no task judges."""
        return [cell for graded in self.graded.notebooks for cell in self._written(graded)]

    def _written(self, graded: Graded) -> list[MasterCell]:
        judged = {f"test_{name}" for name in self.week.task_names}
        judged |= {verdict.cell for verdict in graded.inside}
        master = self.masters[graded.submission.name]
        return [
            cell for cell in master
            if (cell.grade or cell.is_task) and cell.grade_id not in judged
        ]  # fmt: skip

    def text(self) -> str:
        """The feedback for a terminal: a line on the whole, then task by task."""
        graded = self.graded
        lines = [f"{self.week.name}: {graded.score:g} of {self.points:g} points by machine"]
        lines += [f"needs a person: {name}" for name in self.undecided]
        lines += [
            f"needs a person: {cell.grade_id} ({cell.points:g} points)" for cell in self.written
        ]
        lines += [f"worth a look: {text}" for text in graded.attention]
        for verdict in graded.verdicts:
            lines += ["", *as_text(verdict, self.week.task(verdict.task)).splitlines()]
        for inside in graded.inside:
            lines += ["", *classic.text(inside).splitlines()]
        return "\n".join(map(printable, lines))

    def write_pages(self, path: Path) -> None:
        """Write the page that the student would get; where they are several, name in name."""
        from autograder.pages.student import FeedbackExporter

        for graded in self.graded.notebooks:
            name = graded.submission.name
            exported, _ = FeedbackExporter().from_notebook_node(
                self._scored(graded), {"nbgrader": {"assignment": self.week.name, "notebook": name}}
            )
            several = len(self.graded.notebooks) > 1
            target = path.with_stem(f"{path.stem}-{name}") if several else path
            write_whole(target, str(exported))

    def _scored(self, graded: Graded) -> NotebookNode:
        """A graded notebook, with the scores that nbgrader would read from its gradebook."""
        scores = {f"test_{v.task}": v.score for v in graded.verdicts}
        scores |= {verdict.cell: verdict.score for verdict in graded.inside}
        notebook = graded.notebook
        notebook.cells = [cell for cell in notebook.cells if not is_marked(cell, "mark_scheme")]
        for cell in notebook.cells:
            about = cell.metadata.get("nbgrader") or {}
            if about.get("grade") or about.get("task"):
                score = scores.get(grade_id_of(cell))
                if is_marked(cell, "unanswered"):
                    score = 0.0
                about["score"], about["waits"] = score or 0.0, score is None
        return notebook

    def to_json(self) -> Json:
        """Everything as plain data, as ``docs/try.schema.json`` describes it."""
        graded = self.graded
        return {
            "version": SCHEMA_VERSION,
            "autograder": __version__,
            "week": self.week.name,
            "notebook": ", ".join(one.submission.name for one in graded.notebooks),
            "student": graded.student,
            "seed": graded.seed,
            "score": graded.score,
            "points": self.points,
            "problem": graded.problem,
            "attention": graded.attention,
            "tasks": [self._task(verdict) for verdict in graded.verdicts],
            "inside": [
                {
                    "cell": verdict.cell,
                    "score": verdict.score,
                    "points": verdict.points,
                    "status": str(verdict.status),
                    "reason": verdict.reason,
                }
                for verdict in graded.inside
            ],
            "by_hand": [
                {
                    "grade_id": cell.grade_id,
                    "points": cell.points,
                    "answered": not _is_marked(one.notebook, cell, "unanswered"),
                }
                for one in graded.notebooks
                for cell in self._written(one)
            ],
        }

    def _task(self, verdict: Verdict) -> Json:
        task = self.week.task(verdict.task)
        return {
            "name": verdict.task,
            "score": verdict.score,
            "points": verdict.points,
            "status": str(verdict.status),
            "mistakes": [{"name": m.name, "hint": m.hint} for m in verdict.mistakes],
            "text": as_text(verdict, task),
            "criteria": [_criterion(c, task) for c in verdict.criteria],
        }


def _is_marked(notebook: NotebookNode, cell: MasterCell, mark: str) -> bool:
    return any(
        grade_id_of(mine) == cell.grade_id and is_marked(mine, mark) for mine in notebook.cells
    )


def _criterion(criterion: CriterionVerdict, task: Task) -> Json:
    call = criterion.call
    return {
        "name": criterion.name,
        "points": criterion.points,
        "earned": criterion.earned,
        "status": str(criterion.status),
        "reason": criterion.reason,
        "mistakes": list(criterion.mistakes),
        "call": Question.of(call, task).typed if call else None,
        "expected": criterion.expected,
        "observed": criterion.observed,
    }


@dataclass(frozen=True)
class Ready:
    """A week, read and ready to try files on; its texts are not needed any more."""

    course: Course
    week: Week
    masters: Masters

    def try_file(
        self, path: Path, student: str = "", seed: int | None = None, limits: Limits = Limits()
    ) -> Tried:
        """Grade one file as a submission of the week would be.

        Parameters
        ----------
        path : Path
            A notebook under any name, or a folder that holds all of the week.
        student : str
            Somebody's questions of their own; by default the first that everybody meets.
        seed : int, optional
            The questions drawn from this number.
        limits : Limits
        """
        work = receive(student, path, self.masters)
        if seed is None:
            seed = self.course.settings.seed
            seed = fresh_seed(seed, f"{self.week.name}/{student}", 1) if student else seed
        draw(self.week, seed)  # the instructor's errors first, and outside the student's limits
        limits = as_configured(limits, self.course, execute)
        return Tried(self.week, grade_work(work, self.week, seed, limits), self.masters)


def ready(root: Path, name: str) -> Ready:
    """Read what trying files on a week needs.

    Raises
    ------
    CourseError
        If there is no such course or week.
    WeekSkipped
        If a package that only this week needs is not here.
    """
    course = Course(root)
    week = course.week(name)
    if week.skipped:
        raise WeekSkipped(week.skipped)
    return Ready(course, week, source_masters(course, week))


def try_notebook(
    root: Path,
    name: str,
    path: Path,
    student: str = "",
    seed: int | None = None,
    limits: Limits = Limits(),
) -> Tried:
    """Grade one file; see `ready` and `Ready.try_file`.

    Raises
    ------
    CourseError
        If there is no such file.
    """
    week = ready(root, name)
    if not path.exists():
        raise CourseError(f"there is no file {path}; give the path of the notebook to try")
    return week.try_file(path, student, seed, limits)


def as_json(tried: Tried) -> str:
    """The data as one text; what no JSON has (inf, a lone surrogate) is spelled out."""
    return json.dumps(tried.to_json(), indent=1, ensure_ascii=True, default=str)
