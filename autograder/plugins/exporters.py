"""How nbgrader's commands read and write, where its own way would end them: three exporters.

nbgrader makes an exporter before it converts anything, so this is also where a command can be
kept from harm: a folder whose name it cannot take stops nobody else, what students wrote steers
no terminal, and a release that cannot be made leaves the old one. Named in
``nbgrader_config.py``; knows converters, no grades.
"""

from __future__ import annotations

import glob
import logging
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import base
from nbgrader.converters.base import NbGraderException

from autograder.errors import CourseError
from autograder.grading.configured import as_configured
from autograder.grading.course import Course
from autograder.grading.settings import exchange_zone
from autograder.grading.times import read_stamp
from autograder.kernels.driver import execute
from autograder.kernels.limits import Limits
from autograder.pages.student import FeedbackExporter
from autograder.plugins.folders import is_too_long, plain_files, why_not_a_path
from autograder.plugins.manypages import convert_many
from autograder.plugins.oldrelease import keep_the_old_one
from autograder.terminal import printable

__all__ = ["AssignmentExporter", "PageExporter", "SubmissionExporter"]

Resources = dict[str, Any]


class SubmissionExporter(NotebookExporter):  # type: ignore[misc]
    """Reads a submission, whatever it is, and when it was handed in."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        _steady(self.parent)
        _expect_every_notebook(self.parent)
        _pass_over(self.parent)
        directory = getattr(self.parent, "coursedir", None)
        if directory is not None:
            _refuse_what_is_not_safe(self.parent)
            _copy_plain_files(self.parent)
            zone = exchange_zone(self.config)
            directory.get_existing_timestamp = lambda path: read_stamp(Path(path), zone)[0]

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
        text, resources = self.from_notebook_node(notebook, resources, **kwargs)
        # What cannot be written (a lone surrogate, from a student's string) becomes a question
        # mark, as in what `autograder grade` writes.
        return text.encode("utf-8", errors="replace").decode("utf-8"), resources


class PageExporter(FeedbackExporter):
    """Makes a feedback page of a graded notebook, for everybody whose folder has a name."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        _steady(self.parent)
        _pass_over(self.parent)
        convert = getattr(self.parent, "convert_notebooks", None)
        if convert is not None:
            self.parent.convert_notebooks = lambda: convert_many(self.parent, convert)


class AssignmentExporter(NotebookExporter):  # type: ignore[misc]
    """Writes what is released; where that cannot be made, the old release stays."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        convert = getattr(self.parent, "convert_notebooks", None)
        if convert is not None:
            self.parent.convert_notebooks = lambda: keep_the_old_one(self.parent, convert)


def _steady(converter: Any) -> None:
    """Have a converter take each folder literally, and log plainly."""
    if getattr(converter, "assignments", None) is None:
        return
    directory, log = converter.coursedir, converter.log
    if not any(isinstance(known, _Spelled) for known in log.filters):
        log.addFilter(_Spelled())
    asked = converter._format_source(directory.assignment_id, directory.student_id)
    named = directory.student_id != "*" and Path(asked).is_dir()  # as formgrader asks for one
    # nbgrader takes a name like [x] or a?b for a pattern, and finds no notebooks, or others'.
    there = {
        folder: glob.glob(str(Path(glob.escape(folder), f"{directory.notebook_id}.ipynb")))
        for folder in ([asked] if named else glob.glob(asked))
    }
    converter.assignments = {folder: found for folder, found in there.items() if found}


def _pass_over(converter: Any) -> None:
    """Leave out what cannot be graded, and name it."""
    for folder in list(getattr(converter, "assignments", None) or ()):
        if why := _why_not(folder):
            converter.log.error("Passed over: %s, %s", printable(folder), why)
            del converter.assignments[folder]


def _why_not(folder: str) -> str:
    """Why nothing in it can be graded; empty if it can."""
    if why_not_a_path(folder):
        return "whose name has a line break or the like; rename it"
    if any(map(is_too_long, Path(folder).parts)):
        return "whose name is too long; rename it"
    return "" if Path(folder).is_dir() else "which is no folder"


def _refuse_what_is_not_safe(converter: Any) -> None:
    """Stop before the first kernel, as `autograder grade` does.

    Raises
    ------
    NbGraderException
        With a sentence that is in the log, too.
    """
    try:
        as_configured(Limits(), Course(Path(converter.coursedir.root)), execute)
    except CourseError as error:
        converter.log.error("%s", error)
        raise NbGraderException(str(error)) from None


def _copy_plain_files(converter: Any) -> None:
    """Copy beside a graded notebook what `autograder grade` does, whatever lies in the folder."""
    begin = converter.init_assignment

    def init_assignment(assignment: str, student: str) -> None:
        everything = base.find_all_files
        base.find_all_files = plain_files
        try:
            begin(assignment, student)
        finally:
            base.find_all_files = everything

    converter.init_assignment = init_assignment


def _expect_every_notebook(converter: Any) -> None:
    """Have each notebook of a week graded, however a student calls it, and where it is missing.

    nbgrader takes the files for the notebooks: one under another name would be skipped, and count
    as not handed in. `Mend` finds it.
    """
    directory: Any = getattr(converter, "coursedir", None)
    if getattr(converter, "assignments", None) is None or directory.notebook_id != "*":
        return
    with Gradebook(directory.db_url, directory.course_id) as gradebook:
        try:
            known = gradebook.find_assignment(directory.assignment_id).notebooks
            names = [notebook.name for notebook in known]
        except MissingEntry:
            return  # which nbgrader says itself
    folders = set(converter.assignments)
    if directory.student_id == "*":  # those who handed in no notebook at all, too
        there = glob.glob(converter._format_source(directory.assignment_id, "*"))
        folders |= set(there)
    for folder in folders if names else ():
        converter.assignments[folder] = [str(Path(folder, f"{name}.ipynb")) for name in names]


class _Spelled(logging.Filter):
    """Spells out what could steer a terminal, line by line."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = "\n".join(map(printable, record.getMessage().split("\n")))
        record.args = ()
        return True
