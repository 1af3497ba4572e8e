"""Everything that plugs into nbgrader, named in ``nbgrader_config.py``.

The only module that imports nbgrader (with what stands above it). Plain
`nbgrader autograde` reads submissions through `SubmissionExporter`, mends them
with `Mend`, grades them with `Grade` and saves with `SaveVerdicts`;
`autograder grade` takes the same steps, and records with `GradebookWriter`.
"""

from __future__ import annotations

import logging
import re
import shutil
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader import api, utils
from nbgrader.api import Gradebook, InvalidEntry, MissingEntry
from nbgrader.converters import (
    Autograde,
    GenerateAssignment,
    GenerateFeedback,
    GenerateSolution,
)
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    AssignLatePenalties,
    ClearSolutions,
    GetGrades,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from sqlalchemy import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    DBAPIError,
    SAWarning,
    SQLAlchemyError,
)
from traitlets import List, Unicode

from autograder.errors import CourseError, GradebookError
from autograder.grading import stages
from autograder.grading.claims import Alone, Claims, Shared, is_shared, one_at_a_time
from autograder.grading.course import Course, CourseSettings, Week
from autograder.grading.stages import Graded, Record
from autograder.kernels.driver import Limits
from autograder.submissions.cells import MasterCell, is_marked
from autograder.submissions.ready import Submission, prepare

__all__ = [
    "Grade",
    "GradebookWriter",
    "HideMarkScheme",
    "Mend",
    "ReadGrades",
    "RecordDueDate",
    "SaveVerdicts",
    "Standing",
    "SubmissionExporter",
    "TaskStub",
    "convert",
    "feedback_page",
    "master_cells",
    "standings",
]

Resources = dict[str, Any]
T = TypeVar("T")
#: A supplementary file larger than this is not copied beside the graded notebook.
_MAX_FILE = 10_000_000


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


class RecordDueDate(NbGraderPreprocessor):  # type: ignore[misc]
    """Copies a week's due date from the configuration into the gradebook."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Set the due date of the assignment being generated (called by nbconvert)."""
        name = resources["nbgrader"]["assignment"]
        due = CourseSettings(config=self.config).due_date(name)
        if due is not None:
            with Gradebook(resources["nbgrader"]["db_url"]) as gradebook:
                gradebook.update_or_create_assignment(name, duedate=due)
        return nb, resources


class SubmissionExporter(NotebookExporter):  # type: ignore[misc]
    """Reads a submission, whatever it is, where nbconvert would give up."""

    def from_filename(
        self, filename: str, resources: Resources | None = None, **kwargs: Any
    ) -> tuple[str, Resources]:
        """Export `filename`; the second time (when it is graded), as it was mended."""
        path = Path(filename)
        if getattr(self.parent, "_sanitizing", True):
            notebook = nbformat.v4.new_notebook()
            assert resources is not None
            resources["autograder"] = {"path": path}
        else:
            notebook = nbformat.read(path, as_version=4)
        exported: tuple[str, Resources] = self.from_notebook_node(notebook, resources, **kwargs)
        return exported


class Mend(NbGraderPreprocessor):  # type: ignore[misc]
    """Restores the graded cells of a submission from the gradebook's copies."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Read and mend the submission (called by nbconvert)."""
        ids = resources["nbgrader"]
        with Gradebook(ids["db_url"]) as gradebook:
            master = master_cells(gradebook, ids["assignment"], ids["notebook"])
        submission = prepare(ids["student"], resources["autograder"]["path"], master)
        for text in (submission.problem, *submission.notes):
            if text:
                self.log.warning("%s: %s", ids["student"], text)
        notebook = submission.notebook
        notebook.metadata["autograder"] = {
            "digest": submission.digest,
            "problem": submission.problem,
            "notes": list(submission.notes),
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
        submission = Submission(
            ids["student"],
            nb,
            about.get("digest", ""),
            about.get("problem", ""),
            tuple(about.get("notes", ())),
        )
        before = Record.read(course, week.name, submission.student)
        settings = course.settings
        record = before.next(course, week, submission, None, settings.figures)
        limits = Limits(unsafe=settings.unsafe, figures=settings.figures)
        graded = stages.grade(submission, week, record.seed, limits)
        record.write(course, week, graded)
        for text in graded.attention:
            self.log.warning("%s: %s", submission.student, text)
        return graded.notebook, resources


class HideMarkScheme(NbGraderPreprocessor):  # type: ignore[misc]
    """Takes the mark scheme, put in for the person who marks, out of the feedback."""

    # The HTML exporter sets it on every preprocessor.
    display_data_priority = List(Unicode()).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Drop those cells (called by nbconvert)."""
        nb.cells = [cell for cell in nb.cells if not is_marked(cell, "mark_scheme")]
        return nb, resources


class ReadGrades(GetGrades):  # type: ignore[misc]
    """Puts scores and comments into the notebook, and says which scores wait for a person."""

    def _get_score(self, cell: NotebookNode, resources: Resources) -> None:
        super()._get_score(cell, resources)
        about = cell.metadata["nbgrader"]
        grade = self.gradebook.find_grade(
            about["grade_id"], self.notebook_id, self.assignment_id, self.student_id
        )
        about["waits"] = grade.auto_score is None and grade.manual_score is None


class SaveVerdicts(SaveAutoGrades):  # type: ignore[misc]
    """Saves scores as nbgrader does, and leaves to a person what could not be graded."""

    def _add_score(self, cell: NotebookNode, resources: Resources) -> None:
        super()._add_score(cell, resources)
        explicit_zero = is_marked(cell, "missing") or is_marked(cell, "unanswered")
        if not explicit_zero and not is_marked(cell, "grader_error"):
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
        if is_marked(cell, "unanswered"):
            comment = self.gradebook.find_comment(
                cell.metadata["nbgrader"]["grade_id"],
                self.notebook_id,
                self.assignment_id,
                self.student_id,
            )
            comment.auto_comment = "No response."
            self.gradebook.db.commit()


_weeks: dict[tuple[Path, int], Week] = {}


def _loaded(course: Course, name: str) -> Week:
    """The week, loaded once as long as its marking notes stay the same."""
    reference = course.root / "source" / name / "reference.py"
    try:
        key = (reference, reference.stat().st_mtime_ns)
    except OSError:
        return course.week(name)  # which says what is wrong
    if key not in _weeks:
        _weeks[key] = course.week(name)
    return _weeks[key]


def _root_of(configurable: Any) -> Path:
    """The course's root, from whichever nbgrader object is asking."""
    while configurable is not None:
        coursedir = getattr(configurable, "coursedir", None)
        if coursedir is not None:
            return Path(coursedir.root)
        configurable = configurable.parent
    return Path.cwd()


def master_cells(gradebook: Gradebook, week: str, notebook: str) -> list[MasterCell]:
    """The graded cells as released, from the gradebook, in their order.

    Raises
    ------
    GradebookError
        If the week was never generated.
    """
    try:
        entry = gradebook.find_notebook(notebook, week)
    except MissingEntry:
        raise GradebookError(
            f"the gradebook knows no notebook {notebook!r} of {week}; "
            f"run: nbgrader generate_assignment {week}"
        ) from None
    points = {cell.name: float(cell.max_score) for cell in entry.grade_cells}
    solutions = {cell.name for cell in entry.solution_cells}
    return [
        MasterCell(
            grade_id=cell.name,
            cell_type=cell.cell_type,
            source=cell.source,
            grade=cell.name in points,
            solution=cell.name in solutions,
            locked=cell.locked,
            points=points.get(cell.name, 0.0),
            checksum=cell.checksum or "",
        )
        for cell in entry.source_cells
    ]


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
        url = _existing(self.directory.db_url, course, week)
        self._claims: Claims | None = None if is_shared(url) else Alone(course.root)
        try:
            with self._explained():
                self._gradebook = _opened(url, self.directory.course_id)
                if self._claims is None:
                    engine = self._gradebook.engine
                    self._claims = Shared(engine, self.directory.course_id, week.name)
                self.master = master_cells(self._gradebook, week.name, week.notebook)
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
            with warnings.catch_warnings():
                # SQLAlchemy warns about how nbgrader's own models are put together.
                warnings.simplefilter("ignore", SAWarning)
                yield
        except (SQLAlchemyError, InvalidEntry) as error:
            self.close()
            raise _unusable(self.directory.db_url, _beneath(error)) from error

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
        if not key or record.key != key or not self._target(student).exists():
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
        target = self._target(student)
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy_files(folder, target.parent, self.directory.ignore)
        stages.write_whole(target, nbformat.v4.writes(graded.notebook) + "\n")
        gradebook = self._gradebook
        assert gradebook is not None
        timestamp, _ = self.timestamp(folder)

        def save() -> float:
            with _one_transaction(gradebook):
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
            late = _in_spite_of_others(self.directory.db_url, save)
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

    def _target(self, student: str) -> Path:
        folder = Path(
            self.directory.format_path(self.directory.autograded_directory, student, self.week.name)
        )
        return folder / f"{self.week.notebook}.ipynb"


@dataclass(frozen=True)
class Standing:
    """What the gradebook knows of a student and a week."""

    student: str
    name: str
    handed_in: bool
    #: Cells that wait to be graded by hand.
    waiting: tuple[str, ...]


def standings(course: Course, week: Week) -> tuple[list[Standing], list[MasterCell]]:
    """Every student in the gradebook, and the graded cells as released.

    Raises
    ------
    GradebookError
        If there is no gradebook, or it cannot be used, or it does not know the week.
    """
    directory = CourseDirectory(config=course.config, root=str(course.root))
    url = _existing(directory.db_url, course, week)
    waiting: dict[str, list[str]] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)
            with _opened(url, directory.course_id) as gradebook:
                master = master_cells(gradebook, week.name, week.notebook)
                query, one = gradebook.db.query, api.SubmittedAssignment
                people = query(api.Student.id, api.Student.first_name, api.Student.last_name)
                named = sorted((id, " ".join(filter(None, names))) for id, *names in people)
                grades = (
                    query(one.student_id, api.BaseCell.name, api.Grade.needs_manual_grade)
                    .select_from(api.Grade)
                    .join(api.SubmittedNotebook, api.Grade.notebook_id == api.SubmittedNotebook.id)
                    .join(one, api.SubmittedNotebook.assignment_id == one.id)
                    .join(api.Assignment, one.assignment_id == api.Assignment.id)
                    .join(api.BaseCell, api.Grade.cell_id == api.BaseCell.id)
                    .filter(api.Assignment.name == week.name)
                    .order_by(api.BaseCell.name)
                )
                for student, cell, needed in grades:
                    waiting.setdefault(student, []).extend([cell] if needed else [])
    except (SQLAlchemyError, InvalidEntry) as error:
        raise _unusable(url, _beneath(error)) from error
    everybody = [
        Standing(student, name, student in waiting, tuple(waiting.get(student, ())))
        for student, name in named
    ]
    return everybody, master


def _existing(url: str, course: Course, week: Week) -> str:
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        raise GradebookError(
            f"there is no gradebook yet in {course.root}; "
            f"run: nbgrader generate_assignment {week.name}"
        )
    return url


def _beneath(error: Exception) -> BaseException:
    """What the database said, where nbgrader puts an exception of its own around that."""
    said = error.__context__
    return said if isinstance(error, InvalidEntry) and said is not None else error


def _unusable(url: str, error: BaseException) -> GradebookError:
    cause = getattr(error, "orig", None) or error
    text = str(cause).strip()
    try:
        url = make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        url = "of c.CourseDirectory.db_url"
    unreachable = isinstance(error, DBAPIError) and (
        error.connection_invalidated or getattr(cause, "sqlstate", "") is None
    )
    advice = (
        "see whether its server runs, and c.CourseDirectory.db_url in nbgrader_config.py"
        if unreachable or isinstance(error, ArgumentError)
        else "another program is using it; close formgrader or the other run, and start again"
        if "locked" in text
        else "make room on the disk, and run the same command again"
        if "full" in text or "disk I/O" in text
        else "shorten what is too long, like a folder's name in submitted/, and start again"
        if isinstance(error, DataError)
        else "if nbgrader was upgraded, back the file up and run: nbgrader db upgrade"
        if isinstance(error, DatabaseError)
        else "restore it from a copy"
    )
    return GradebookError(
        f"the gradebook {url} cannot be used ({text}): {advice}. "
        "Nothing that was graded before is lost."
    )


def _opened(url: str, course: str) -> Gradebook:
    """The gradebook; its tables are made if there are none.

    Raises
    ------
    GradebookError
        If the package that speaks to its database is not installed.
    """
    try:
        with one_at_a_time(url):
            return Gradebook(url, course)
    except ModuleNotFoundError as error:
        raise GradebookError(
            f"the gradebook needs the package {error.name}; for PostgreSQL run: "
            "pip install 'gradient-descent-course[postgresql]'"
        ) from None


def _in_spite_of_others(url: str, write: Callable[[], T]) -> T:
    """Do it again if somebody else, in a shared database, was a moment faster.

    Two may make the same row, and one is refused; the next time it is there. A
    lost connection is made again.
    """
    for pause in (0.1, 0.3, 1.0, 3.0) if is_shared(url) else ():
        try:
            with _silent("tornado.application"):  # nbgrader logs such a refusal with its traceback
                return write()
        except (DBAPIError, InvalidEntry) as error:
            if isinstance(_beneath(error), DataError):  # the value's fault, whoever writes it
                raise
            time.sleep(pause)
    return write()


@contextmanager
def _silent(name: str) -> Iterator[None]:
    logger = logging.getLogger(name)
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


@contextmanager
def _one_transaction(gradebook: Gradebook) -> Iterator[None]:
    """Make one transaction of what nbgrader commits in a dozen.

    Each waits for the disk; and a run that is killed leaves all of a submission, or nothing.
    """
    session = gradebook.db

    def as_if_committed() -> None:
        session.flush()
        session.expire_all()  # scores are computed when they are loaded

    session.commit = as_if_committed
    try:
        yield
    except BaseException:
        session.rollback()
        raise
    finally:
        del session.commit
    session.commit()


def convert(course: Course, week: str, step: str) -> str:
    """Run one of nbgrader's own commands on a week, in this process.

    Parameters
    ----------
    course : Course
    week : str
    step : {"generate_assignment", "generate_solution", "autograde", "generate_feedback"}

    Returns
    -------
    str
        nbgrader's log.

    Raises
    ------
    CourseError
        If the command fails, with what it said.
    """
    converters = {
        "generate_assignment": GenerateAssignment,
        "generate_solution": GenerateSolution,
        "autograde": Autograde,
        "generate_feedback": GenerateFeedback,
    }
    directory = CourseDirectory(config=course.config, root=str(course.root), assignment_id=week)
    return _converted(converters[step], directory, course, f"{step} {week}")


class _OnePage(GenerateFeedback):  # type: ignore[misc]
    """Feedback for one student, whose name may hold what a pattern would not take literally."""

    def init_notebooks(self) -> None:
        """Say what is to be converted (called by nbgrader)."""
        folder = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        notebook = str(Path(folder, f"{self.coursedir.notebook_id}.ipynb"))
        self.assignments = {folder: [notebook]}


def feedback_page(course: Course, week: Week, student: str) -> Path:
    """Write a student's feedback page, as `nbgrader generate_feedback` does.

    Returns
    -------
    Path
        The page in ``feedback/``.

    Raises
    ------
    CourseError
        If it cannot be made, with what nbgrader said.
    """
    directory = CourseDirectory(
        config=course.config, root=str(course.root), assignment_id=week.name,
        student_id=student, notebook_id=week.notebook,
    )  # fmt: skip
    _converted(_OnePage, directory, course, f"generate_feedback {week.name}")
    folder = directory.format_path(directory.feedback_directory, student, week.name)
    return Path(folder, f"{week.notebook}.html")


def _converted(
    converter: type[BaseConverter], directory: CourseDirectory, course: Course, step: str
) -> str:
    """Run one of nbgrader's converters; its log.

    Raises
    ------
    CourseError
        If it fails, with what it said.
    """
    with warnings.catch_warnings(), _quiet_traitlets():
        # SQLAlchemy warns about how nbgrader's own models are put together.
        warnings.simplefilter("ignore", SAWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        app = converter(coursedir=directory, config=course.config)
        app.force = True
        result = utils.capture_log(app)
    log = str(result.get("log", ""))
    if not result["success"]:
        said = [line for line in log.splitlines() if "Error" in line or "[ERROR]" in line]
        last = str(result.get("error", "")).strip().splitlines()[-1:]
        what = "; ".join(dict.fromkeys(line.strip() for line in [*said[:3], *last]))
        raise CourseError(f"nbgrader {step} failed: {what}")
    return log


@contextmanager
def _quiet_traitlets() -> Iterator[None]:
    """Keep nbgrader's log out of the terminal; it is captured."""
    logger = logging.getLogger("traitlets")
    before = logger.propagate, logger.level
    logger.propagate = False
    logger.setLevel(logging.INFO)
    silent = logging.NullHandler()
    logger.addHandler(silent)
    try:
        yield
    finally:
        logger.removeHandler(silent)
        logger.propagate, level = before
        logger.setLevel(level)


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
