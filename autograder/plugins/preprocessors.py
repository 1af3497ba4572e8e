"""The steps that plug into nbgrader's own commands, named in ``nbgrader_config.py``.

Plain `nbgrader autograde` mends a submission with `Mend`, grades it with `Grade` and saves with
`SaveVerdicts`; `autograder grade` takes the same steps. Knows cells and the gradebook; what is
in a verdict it does not know.
"""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.preprocessors import (
    ClearSolutions,
    NbGraderPreprocessor,
    SaveAutoGrades,
)

from autograder.grading import stages
from autograder.grading.configured import as_long_as_configured
from autograder.grading.course import Course, Week
from autograder.grading.receiving import receive
from autograder.grading.records import Record
from autograder.grading.settings import CourseSettings, exchange_zone
from autograder.grading.times import read_stamp
from autograder.grading.work import GradedWork
from autograder.kernels.driver import Limits
from autograder.plugins.duedates import agree
from autograder.plugins.standings import released_masters
from autograder.submissions.beside import File
from autograder.submissions.cells import extras, is_marked
from autograder.submissions.ready import Submission, Work, classic_tests
from autograder.submissions.signs import badges
from autograder.terminal import printable

__all__ = [
    "AddBadges",
    "Grade",
    "Mend",
    "RecordDueDate",
    "ReleaseModules",
    "SaveVerdicts",
    "TaskStub",
]

Resources = dict[str, Any]


class TaskStub(ClearSolutions):  # type: ignore[misc]
    """Replaces a solution by a stub that says which task it is.

    The words after ``### BEGIN SOLUTION`` become the message of a
    ``NotImplementedError``.
    """

    code_stub: Any
    _words = re.compile(r"BEGIN SOLUTION[ \t]+(\S.*)")

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, cell_index: int
    ) -> tuple[NotebookNode, Resources]:
        """Clear one cell (called by nbconvert)."""
        words = self._words.search(cell.source)
        before: dict[str, str] = dict(self.code_stub)
        if words and cell.cell_type == "code":
            message = words.group(1).strip().replace('"', "'")
            stub = f'# your code here\nraise NotImplementedError("{message}")'
            self.code_stub = {**before, "python": stub}
        try:
            cleared: tuple[NotebookNode, Resources] = super().preprocess_cell(
                cell, resources, cell_index
            )
            return cleared
        finally:
            self.code_stub = before


class ReleaseModules(NbGraderPreprocessor):  # type: ignore[misc]
    """Releases a week's helper modules: `CourseDirectory.ignore` keeps back every Python text."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Copy them beside the notebook being released (called by nbconvert)."""
        ids = resources["nbgrader"]
        course = Course(_root_of(self))
        for file in _loaded(course, ids["assignment"]).files:
            if file.name.endswith(".py"):
                target = course.root / self._folder(ids) / file.name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.content)
        return nb, resources

    def _folder(self, ids: dict[str, str]) -> Path:
        coursedir = _coursedir(self)
        return Path(
            coursedir.format_path(coursedir.release_directory, ids["student"], ids["assignment"])
        )


class AddBadges(NbGraderPreprocessor):  # type: ignore[misc]
    """Begins a released notebook with badges that open it elsewhere, if the course is published.

    A week with files beside its notebook has none: what opens there is the notebook alone.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Put the cell in front (called by nbconvert)."""
        folder = CourseSettings(config=self.config).public_url
        ids = resources["nbgrader"]
        if folder and not _loaded(Course(_root_of(self)), ids["assignment"]).files:
            text = badges(folder, f"{ids['assignment']}/{ids['notebook']}.ipynb")
            nb.cells.insert(0, new_markdown_cell(text, id="badges"))
        return nb, resources


class RecordDueDate(NbGraderPreprocessor):  # type: ignore[misc]
    """Copies a week's due date from the configuration into the gradebook."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Set the due date of the assignment being generated (called by nbconvert)."""
        name = resources["nbgrader"]["assignment"]
        with Gradebook(resources["nbgrader"]["db_url"]) as gradebook:
            settings = CourseSettings(config=self.config)
            if remark := agree(gradebook, _root_of(self), settings, name):
                self.log.warning("%s", remark)
        return nb, resources


class Mend(NbGraderPreprocessor):  # type: ignore[misc]
    """Restores the graded cells of a submission from the gradebook's copies."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Read and mend the submission (called by nbconvert)."""
        ids, path = resources["nbgrader"], resources["autograder"]["path"]
        week = _loaded(Course(_root_of(self)), ids["assignment"])
        with Gradebook(ids["db_url"]) as gradebook:
            masters = released_masters(gradebook, week)
            settings = CourseSettings(config=self.config)
            remark = agree(gradebook, _root_of(self), settings, ids["assignment"])
            when, unsure = read_stamp(path.parent, exchange_zone(self.config))
            if when is None:  # nbgrader would leave an earlier one
                gradebook.update_or_create_submission(
                    ids["assignment"], ids["student"], timestamp=None
                )
        work = receive(ids["student"], path.parent, masters)
        submission = next(one for one in work.notebooks if one.name == ids["notebook"])
        for text in (submission.problem, *submission.notes, unsure, remark):
            if text:
                self.log.warning("%s: %s", printable(ids["student"]), printable(text))
        notebook = submission.notebook
        notebook.metadata["autograder"] = {
            "digest": submission.digest,
            "problem": submission.problem,
            "notes": list(submission.notes),
            "files": {f.name: base64.b64encode(f.content).decode() for f in submission.files},
            "named": submission.named,
            "work": [(one.name, one.digest, list(one.notes)) for one in work.notebooks],
        }
        return notebook, resources


class Grade(NbGraderPreprocessor):  # type: ignore[misc]
    """Executes a mended submission, judges it, and writes the verdicts into it."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Grade one notebook (called by nbconvert)."""
        ids = resources["nbgrader"]
        course = Course(_root_of(self))
        week = _loaded(course, ids["assignment"])
        about = nb.metadata.pop("autograder", {})
        tests = self._tests(ids["db_url"], week)
        submission = Submission(
            ids["student"],
            nb,
            about.get("digest", ""),
            about.get("problem", ""),
            tuple(about.get("notes", ())),
            tuple(File(name, base64.b64decode(f)) for name, f in about.get("files", {}).items()),
            about.get("named", ""),
            tests[ids["notebook"]],
            ids["notebook"],
        )
        notebooks = (
            replace(submission, digest=digest, notes=tuple(notes), tests=tests[name])
            for name, digest, notes in about.get("work", ())
        )
        work = Work(submission.student, tuple(notebooks))
        before, settings = Record.read(course, week.name, work.student), course.settings
        record = before.next(course, week, work, None, settings.figures)
        limits = Limits(unsafe=settings.unsafe, figures=settings.figures)
        limits = as_long_as_configured(limits, course)
        stages.draw(week.part(submission.name), record.seed)  # not within the student's limits
        graded = stages.grade(submission, week.part(submission.name), record.seed, limits)
        record.write(course, week, GradedWork([graded]))
        for text in (*graded.attention, *graded.by_hand.values()):
            self.log.warning("%s: %s", printable(submission.student), printable(text))
        return graded.notebook, resources

    @staticmethod
    def _tests(url: str, week: Week) -> dict[str, dict[str, str]]:
        """The classic tests of each notebook, which are not kept with what was handed in."""
        with Gradebook(url) as gradebook:
            masters = released_masters(gradebook, week)
        return {name: classic_tests(master) for name, master in masters.items()}


class SaveVerdicts(SaveAutoGrades):  # type: ignore[misc]
    """Saves scores as nbgrader does, and leaves to a person what could not be graded."""

    def save(self, notebook: NotebookNode) -> None:
        """Save what its cells say, into the gradebook and for the student set before."""
        self._extras = extras(notebook.cells)
        for index, cell in enumerate(notebook.cells):
            self.preprocess_cell(cell, {}, index)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The same, from one notebook of `nbgrader autograde` (called by nbconvert)."""
        self._extras = extras(nb.cells)
        notebook, resources = super().preprocess(nb, resources)
        return notebook, resources

    def _add_score(self, cell: NotebookNode, resources: Resources) -> None:
        super()._add_score(cell, resources)
        waits = is_marked(cell, "waits") or is_marked(cell, "grader_error")
        nothing_there = is_marked(cell, "missing") or is_marked(cell, "unanswered")
        explicit_zero = nothing_there and not waits
        if not explicit_zero and not waits:
            return
        grade = self.gradebook.find_grade(
            cell.metadata["nbgrader"]["grade_id"],
            self.notebook_id,
            self.assignment_id,
            self.student_id,
        )
        grade.auto_score = 0.0 if explicit_zero else None
        grade.needs_manual_grade = not explicit_zero or grade.manual_score is not None
        self.gradebook.db.commit()

    def _add_comment(self, cell: NotebookNode, resources: Resources) -> None:
        super()._add_comment(cell, resources)
        extra = cell.metadata["nbgrader"]["grade_id"] in self._extras
        if extra or is_marked(cell, "unanswered") or is_marked(cell, "waits"):
            comment = self.gradebook.find_comment(
                cell.metadata["nbgrader"]["grade_id"],
                self.notebook_id,
                self.assignment_id,
                self.student_id,
            )
            quiet = extra or is_marked(cell, "waits")
            comment.auto_comment = None if quiet else "No response."
            self.gradebook.db.commit()


_weeks: dict[tuple[Path, int], Week] = {}


def _loaded(course: Course, name: str) -> Week:
    """The week, loaded once as long as its marking notes stay the same."""
    reference = course.source / name / "reference.py"
    try:
        key = (reference, reference.stat().st_mtime_ns)
    except OSError:
        return course.week(name)  # which says what is wrong
    if key not in _weeks:
        _weeks[key] = course.week(name)
    return _weeks[key]


def _root_of(configurable: Any) -> Path:
    """The course's root, from whichever nbgrader object is asking."""
    coursedir = _coursedir(configurable)
    return Path.cwd() if coursedir is None else Path(coursedir.root)


def _coursedir(configurable: Any) -> Any:
    while configurable is not None:
        coursedir = getattr(configurable, "coursedir", None)
        if coursedir is not None:
            return coursedir
        configurable = configurable.parent
    return None
