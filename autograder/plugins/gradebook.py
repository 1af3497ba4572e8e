"""What writes the gradebook in a run: scores, penalties, the graded notebook and the record.

One submission is written whole or not at all. Knows nbgrader's gradebook and folders; it grades
nothing.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbgrader import utils
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties

from autograder.errors import GradebookError
from autograder.grading.claims import Alone, Claims, Shared, is_shared
from autograder.grading.course import Course, Week
from autograder.grading.records import Record, write_whole
from autograder.grading.stages import Graded
from autograder.plugins.database import (
    existing,
    explained,
    in_spite_of_others,
    one_transaction,
    opened,
)
from autograder.plugins.preprocessors import SaveVerdicts
from autograder.plugins.standings import master_cells
from autograder.submissions.released import with_plain_cells

__all__ = ["GradebookWriter"]

#: A supplementary file larger than this is not copied beside the graded notebook.
_MAX_FILE = 10_000_000


class GradebookWriter:
    """What writes the gradebook in a run of `autograder grade`.

    Of a gradebook in a file it is the only one; where several share one in
    PostgreSQL, each grades the students that it has claimed.

    Parameters
    ----------
    course : Course
    week : Week

    Raises
    ------
    GradebookError
        If there is no gradebook, another run is writing to it, it is locked, or it does not
        know the week.
    """

    def __init__(self, course: Course, week: Week) -> None:
        self.course = course
        self.week = week
        self.directory = CourseDirectory(config=course.config, root=str(course.root))
        self._gradebook: Gradebook | None = None
        url = existing(self.directory.db_url, course, week)
        self._claims: Claims | None = None if is_shared(url) else Alone(course.root)
        try:
            with self._explained():
                self._gradebook = opened(url, self.directory.course_id)
                if self._claims is None:
                    engine = self._gradebook.engine
                    self._claims = Shared(engine, self.directory.course_id, week.name)
                graded = master_cells(self._gradebook, week.name, week.notebook)
                self.master = with_plain_cells(graded, week.source)
                # Fail now, not after an hour of grading, if it cannot be written to.
                due = course.settings.due_date(week.name)
                known = {"duedate": due} if due is not None else {}
                self._gradebook.update_or_create_assignment(week.name, **known)
        except BaseException:
            self.close()
            raise
        self._saver = SaveVerdicts(config=course.config)
        self._penalties = AssignLatePenalties(config=course.config)
        # It warns about each late submission; the run's summary lists them all.
        self._penalties.log = logging.getLogger("autograder.penalties")
        self._penalties.log.setLevel(logging.ERROR)
        self._penalties.init_plugin()

    def close(self) -> None:
        """Close the gradebook, and let another run have it."""
        if self._claims is not None:
            self._claims.close()
            self._claims = None
        if self._gradebook is not None:
            self._gradebook.close()
            self._gradebook = None

    def __enter__(self) -> GradebookWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            with explained(self.directory.db_url):
                yield
        except GradebookError:
            self.close()
            raise

    def claim(self, student: str) -> bool:
        """Whether this run may grade a student now, and no other run until `release`."""
        assert self._claims is not None
        with self._explained():
            return self._claims.take(student)

    def release(self, student: str) -> None:
        """Let other runs grade a student."""
        assert self._claims is not None
        with self._explained():
            self._claims.give_back(student)

    def submissions(self) -> list[tuple[str, Path]]:
        """Students who submitted the week, with the folder of each, sorted."""
        root = self.course.root
        parent = root / self.directory.submitted_directory
        folders = parent.iterdir() if parent.is_dir() else []
        excluded = set(filter(None, self.directory.student_id_exclude.split(",")))
        return sorted(
            (folder.name, folder / self.week.name)
            for folder in folders
            if (folder / self.week.name).is_dir() and folder.name not in excluded
        )

    def timestamp(self, folder: Path) -> Any:
        """When it was submitted (UTC), or None; and a note if it cannot be read."""
        try:
            return self.directory.get_existing_timestamp(str(folder)), ""
        except Exception:
            return None, "timestamp.txt cannot be read; the submission counts as in time"

    def is_recorded(self, student: str, key: str, when: datetime | None = None) -> bool:
        """Whether this student's work with this record key is in the gradebook already.

        With `when`, only if it stands there as handed in at that time (UTC).
        """
        record = Record.read(self.course, self.week.name, student)
        if not key or record.key != key or not self.target(student).exists():
            return False
        assert self._gradebook is not None
        with self._explained():
            try:
                submission = self._gradebook.find_submission(self.week.name, student)
                return when is None or submission.timestamp == when
            except MissingEntry:
                return False
            finally:
                self._gradebook.db.rollback()  # what others write is seen the next time

    def record(self, graded: Graded, folder: Path, record: Record) -> float:
        """Write the graded notebook, the scores, and the record; in that order.

        Interrupted at any moment, grading the same submission again ends in
        the same state.

        Returns
        -------
        float
            Seconds late.

        Raises
        ------
        GradebookError
            If the gradebook cannot be written to.
        """
        student, week = graded.submission.student, self.week.name
        target = self.target(student)
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy_files(folder, target.parent, self.directory.ignore)
        write_whole(target, nbformat.v4.writes(graded.notebook) + "\n")
        gradebook = self._gradebook
        assert gradebook is not None
        timestamp, _ = self.timestamp(folder)

        def save() -> float:
            with one_transaction(gradebook):
                gradebook.update_or_create_student(student)
                submission = gradebook.update_or_create_submission(
                    week, student, timestamp=timestamp
                )
                saver = self._saver
                saver.gradebook, saver.student_id = gradebook, student
                saver.assignment_id, saver.notebook_id = week, self.week.notebook
                for index, cell in enumerate(graded.notebook.cells):
                    saver.preprocess_cell(cell, {}, index)
                self._penalise(gradebook, submission, student)
                return float(submission.total_seconds_late)

        assert self._claims is not None
        with self._explained():
            self._claims.check()
            late = in_spite_of_others(self.directory.db_url, save)
        record.write(self.course, self.week, graded)
        return late

    def _penalise(self, gradebook: Gradebook, submission: Any, student: str) -> None:
        notebook = gradebook.find_submission_notebook(self.week.notebook, self.week.name, student)
        notebook.late_submission_penalty = None
        late = submission.total_seconds_late
        if late > 0:
            plugin = self._penalties.plugin_inst
            penalty = plugin.late_submission_penalty(student, notebook.score, late)
            if penalty is not None:
                notebook.late_submission_penalty = self._penalties._check_late_penalty(
                    notebook, penalty
                )
        gradebook.db.commit()

    def target(self, student: str) -> Path:
        """Where the graded notebook of a student goes."""
        folder = Path(
            self.directory.format_path(self.directory.autograded_directory, student, self.week.name)
        )
        return folder / f"{self.week.notebook}.ipynb"


def _copy_files(source: Path, target: Path, ignore: Sequence[str]) -> None:
    """Copy the plain files of a submission, but no notebooks, links or ignored ones."""
    if not source.is_dir():
        return
    skip = utils.ignore_patterns(exclude=[*ignore, "*.ipynb"])
    names = [p.name for p in source.iterdir() if p.is_file() and not p.is_symlink()]
    ignored = set(skip(str(source), names))
    for name in names:
        if name not in ignored and (source / name).stat().st_size <= _MAX_FILE:
            copy = target / name
            copy.unlink(missing_ok=True)
            shutil.copyfile(source / name, copy)
