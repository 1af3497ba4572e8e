"""What writes the gradebook in a run: scores, penalties, the graded notebooks and the record.

One submission is written whole or not at all. Knows nbgrader's gradebook and folders; it grades
nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties

from autograder.errors import GradebookError
from autograder.grading.claims import Alone, Claims, Shared, is_shared
from autograder.grading.course import Course, Week
from autograder.grading.records import Record, write_whole
from autograder.grading.settings import exchange_zone
from autograder.grading.times import read_stamp
from autograder.grading.work import GradedWork
from autograder.plugins.database import (
    existing,
    explained,
    in_spite_of_others,
    one_transaction,
    opened,
)
from autograder.plugins.duedates import agree
from autograder.plugins.folders import copy_files, entries, why_not_a_student
from autograder.plugins.found import rows_of
from autograder.plugins.preprocessors import SaveVerdicts
from autograder.plugins.standings import InTime, Renewed, automatic_scores, released_masters
from autograder.submissions.cells import MasterCell

__all__ = ["GradebookWriter"]

T = TypeVar("T")


class GradebookWriter:
    """What writes the gradebook in a run of `autograder grade`.

    Of one in a file it is the only one; of one in PostgreSQL each grades whom it has claimed.

    Parameters
    ----------
    course : Course
    week : Week

    Raises
    ------
    GradebookError
        If there is none, another run writes to it, it is locked, or does not know the week.
    """

    def __init__(self, course: Course, week: Week) -> None:
        self.course = course
        self.week = week
        self.directory = CourseDirectory(config=course.config, root=str(course.root))
        self._gradebook: Gradebook | None = None
        url = existing(self.directory.db_url, course, week)
        #: What the instructor has to know of the week's due date, if there is something.
        self.remark = ""
        self._shared = is_shared(url)
        self._claims: Claims | None = None if self._shared else Alone(course.root)
        try:
            with self._explained():
                self._gradebook = opened(url, self.directory.course_id)
                self._in_time = InTime(self._gradebook, week.name)
                if self._claims is None:
                    engine = self._gradebook.engine
                    self._claims = Shared(engine, self.directory.course_id, week.name)
                #: The released cells, by the name of their notebook.
                self.masters = released_masters(self._gradebook, week)
                # Fail now, not after an hour of grading, if it cannot be written to.
                self._gradebook.update_or_create_assignment(week.name)
                self.remark = agree(self._gradebook, course.root, course.settings, week.name)
        except BaseException:
            self.close()
            raise
        self._saver = SaveVerdicts(config=course.config)
        self._penalties = AssignLatePenalties(config=course.config)
        # It warns about each late submission; the run's summary lists them all.
        self._penalties.log = logging.getLogger("autograder.penalties")
        self._penalties.log.setLevel(logging.ERROR)
        self._penalties.init_plugin()

    @property
    def master(self) -> list[MasterCell]:
        """The released cells of all notebooks."""
        return [cell for master in self.masters.values() for cell in master]

    def others_wrote(self) -> bool:
        """Whether somebody else has changed the gradebook since it was opened, or may have."""
        return self._in_time.others_wrote()

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
        found = self._folders()
        return [(who, at) for who, at in found if not why_not_a_student(who, self._shared)]

    def refused(self) -> dict[str, str]:
        """Folders whose names cannot be students', and why; those of nobody else suffer."""
        found = {}
        for who, folder in self._entries():
            if why := why_not_a_student(who, self._shared):
                found[who] = f"{why}; rename its folder in submitted/"
            elif not folder.is_dir():
                found[who] = f"its {folder.name} in submitted/ is no folder"
        return found

    def _folders(self) -> list[tuple[str, Path]]:
        return [(who, folder) for who, folder in self._entries() if folder.is_dir()]

    def _entries(self) -> list[tuple[str, Path]]:
        excluded = set(filter(None, self.directory.student_id_exclude.split(",")))
        found = entries(self.course.root / self.directory.submitted_directory, self.week.name)
        return [(who, folder) for who, folder in found if who not in excluded]

    def timestamp(self, folder: Path) -> tuple[datetime | None, str]:
        """When it was submitted (UTC), or None; and a note if that is not certain."""
        return read_stamp(folder, exchange_zone(self.course.config))

    def is_recorded(self, student: str, key: str, when: datetime | None = None) -> bool:
        """Whether this student's work with this record key is in the gradebook already.

        With `when`, only if it stands there as handed in at that time (UTC).
        """
        record = Record.read(self.course, self.week.name, student)
        copies = [self.target(student, name) for name in self.week.notebooks]
        if not key or record.key != key or not all(copy.exists() for copy in copies):
            return False
        assert self._gradebook is not None
        with self._explained():
            if when is None and self._in_time.has(student):
                return True
            try:
                submission = self._gradebook.find_submission(self.week.name, student)
                return when is None or submission.timestamp == when
            except MissingEntry:
                return False
            finally:
                self._gradebook.db.rollback()  # what others write is seen the next time

    def record(
        self, work: GradedWork, folder: Path, record: Record, same_work: bool = False
    ) -> float:
        """Write the graded notebooks, the scores, and the record; in that order.

        Interrupted at any moment, grading the same submission again ends in
        the same state. Of the `same_work`, what is written already is not written again.

        Returns
        -------
        float
            Seconds late.

        Raises
        ------
        GradebookError
            If the gradebook cannot be written to.
        """
        student, week = work.student, self.week.name
        graded = {g.submission.name: g.notebook for g in work.notebooks}
        self._in_time.forget(student)
        for name, notebook in graded.items():
            if notebook is not None:
                write_whole(self.target(student, name), nbformat.v4.writes(notebook) + "\n")
        copy_files(folder, self.target(student, name).parent, self.directory.ignore)
        timestamp, _ = self.timestamp(folder)

        def save(gradebook: Gradebook) -> float:
            if same_work and self._stands(gradebook, work):
                return self._renewed(gradebook, student, timestamp).late
            saver, rows = self._saver, rows_of(gradebook, week, student, timestamp)
            saver.gradebook, saver.student_id, saver.assignment_id = rows, student, week
            for name, notebook in graded.items():
                saver.notebook_id = name
                if notebook is None:
                    notebook = nbformat.read(self.target(student, name), as_version=4)
                saver.save(notebook)
            return 0.0 if rows.write() else self._renewed(gradebook, student, timestamp).late

        late = self._saved(save)
        record.write(self.course, self.week, work)
        return late

    def renew(self, student: str, folder: Path) -> Renewed:
        """Work out anew how late recorded work is, and what that costs; nothing is graded.

        The due date may have been moved, more time given, ``timestamp.txt`` corrected, the
        rule changed, or the written answer marked.

        Raises
        ------
        GradebookError
            If the gradebook cannot be written to.
        """
        timestamp, _ = self.timestamp(folder)
        with self._explained():
            if self._in_time.at(student, timestamp):
                return Renewed(0.0, 0.0, 0.0)
        self._in_time.forget(student)
        return self._saved(lambda gradebook: self._renewed(gradebook, student, timestamp))

    def _renewed(self, gradebook: Gradebook, student: str, timestamp: datetime | None) -> Renewed:
        submission = gradebook.find_submission(self.week.name, student)
        if submission.timestamp != timestamp:
            submission.timestamp = timestamp
            gradebook.db.commit()
        before, after = self._penalise(gradebook, submission, student)
        return Renewed(float(submission.total_seconds_late), before, after)

    def _stands(self, gradebook: Gradebook, work: GradedWork) -> bool:
        """Whether the gradebook has these scores, and waits for nobody's."""
        scores = {f"test_{v.task}": v.score for one in work.notebooks for v in one.verdicts}
        return scores.items() <= automatic_scores(gradebook, self.week.name, work.student).items()

    def _saved(self, save: Callable[[Gradebook], T]) -> T:
        """What `save` returns, in one transaction, if the student is still ours to write."""
        gradebook, claims = self._gradebook, self._claims
        assert gradebook is not None
        assert claims is not None

        def write() -> T:
            with one_transaction(gradebook):
                return save(gradebook)

        with self._explained():
            claims.check()
            return in_spite_of_others(self.directory.db_url, write)

    def _penalise(self, gradebook: Gradebook, submission: Any, student: str) -> tuple[float, float]:
        """Set the penalties for late work, one a notebook; what they were, and what they are."""
        were = are = 0.0
        late = submission.total_seconds_late
        for name in self.week.notebooks:
            notebook = gradebook.find_submission_notebook(name, self.week.name, student)
            before, penalty = notebook.late_submission_penalty, None
            if late > 0:
                plugin = self._penalties.plugin_inst
                penalty = plugin.late_submission_penalty(student, notebook.score, late)
                if penalty is not None:
                    penalty = self._penalties._check_late_penalty(notebook, penalty)
            if penalty != before:
                notebook.late_submission_penalty = penalty
            were, are = were + float(before or 0.0), are + float(penalty or 0.0)
        gradebook.db.commit()
        return were, are

    def target(self, student: str, notebook: str) -> Path:
        """Where the graded copy of a student's notebook goes."""
        folder = Path(
            self.directory.format_path(self.directory.autograded_directory, student, self.week.name)
        )
        return folder / f"{notebook}.ipynb"
