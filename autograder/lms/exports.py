"""Grades for a learning management system: plug-ins of `nbgrader export`.

`CanvasExport` fills the gradebook that Canvas lets an instructor download,
`MoodleExport` a grading worksheet of Moodle; `CsvExport` writes a plain table.
What the files look like is taken from the systems' own code (see
``docs/lms.md``). How a column is filled stands in `filling`.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin
from traitlets import Dict, List, Unicode

from autograder.errors import SheetError
from autograder.lms.filling import Column, Filled, explained, save
from autograder.lms.rosters import (
    HEADINGS,
    canvas_roster,
    moodle_column,
    moodle_roster,
    points_possible,
    unknown_heading,
)
from autograder.lms.sheets import Sheet, number
from autograder.terminal import printable

__all__ = ["CanvasExport", "CsvExport", "MoodleExport"]


class CanvasExport(Filled):
    """Fills the gradebook that an instructor downloaded from Canvas.

    Every column and row stays; only the columns of the weeks are written to.
    """

    _default_to = "canvas.csv"

    gradebook_csv = Unicode(
        "", help="The file downloaded from Canvas (Grades, Export, Export Entire Gradebook)."
    ).tag(config=True)
    columns = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="The assignment's title in Canvas by week, if it is not the week's own name.",
    ).tag(config=True)
    match = List(
        Unicode(),
        ["ID", "SIS User ID", "SIS Login ID"],
        help="Columns of the file that may hold the gradebook's student ids.",
    ).tag(config=True)

    def _fill(self, gradebook: Gradebook) -> Sheet:
        if not self.gradebook_csv:
            raise SheetError(
                "which gradebook? Download it from Canvas, and add "
                "--CanvasExport.gradebook_csv=FILE"
            )
        sheet = Sheet.read(Path(self.gradebook_csv))
        weeks, students = self._weeks(gradebook), self._students(gradebook)
        columns = [self._column(sheet, week) for week in weeks]
        roster = canvas_roster(sheet, students, self.match)
        self._unmatched(sheet, roster, students)
        for column in columns:
            self._write(sheet, roster, gradebook, column)
        return sheet

    def _column(self, sheet: Sheet, week: str) -> Column:
        """The week's column, with what may not be overwritten there."""
        row, index = sheet.rows[points_possible(sheet)], self._index(sheet, week)
        points = number(row[index])
        if points is None:
            raise SheetError(
                f"{sheet.path}: the column {sheet.header[index]!r} has no points in the row Points "
                f"Possible ({row[index]!r}), so scores can't be entered; choose another one"
            )
        comma = sheet.has_decimal_comma(_assignments(sheet))

        def fixed(cells: list[str]) -> str:
            return _KEPT.get(cells[index].strip().upper(), "")

        return Column(week, index, lambda _: points, fixed, comma)

    def _index(self, sheet: Sheet, week: str) -> int:
        """The week's column: by its title, with or without Canvas's id in brackets."""
        title = str(self.columns.get(week, week))
        titles = {k: sheet.header[k].strip() for k in _assignments(sheet)}
        found = [k for k, full in titles.items() if title in (full, _ASSIGNMENT.sub("", full))]
        there = ", ".join(map(printable, titles.values())) or "none"
        if len(found) > 1:
            raise SheetError(
                f"{sheet.path} has {len(found)} columns called {title!r}: name one with its "
                f"number in c.CanvasExport.columns; its assignments are {there}"
            )
        if not found:
            plain = [_ASSIGNMENT.sub("", full) for full in titles.values()]
            close = difflib.get_close_matches(title, plain, n=1)
            hint = f" (did you mean {close[0]!r}?)" if close else ""
            raise SheetError(
                f"{sheet.path} has no column for {title!r}{hint}; its assignments are {there}. "
                f"Create the assignment in Canvas and download again, or give its title: "
                f"c.CanvasExport.columns = {{{week!r}: '...'}}, "
                "or export other weeks with --assignment"
            )
        return found[0]


_ASSIGNMENT = re.compile(r" \(\d+\)$")
_KEPT = {"EX": "excused in Canvas", "N/A": "not assigned this in Canvas"}


def _assignments(sheet: Sheet) -> list[int]:
    """The columns of assignments: those whose title ends in a number in brackets."""
    return [k for k, title in enumerate(sheet.header) if _ASSIGNMENT.search(title.strip())]


class MoodleExport(Filled):
    """Fills the grading worksheet that an instructor downloaded from Moodle, for one week."""

    _default_to = "moodle.csv"

    worksheet_csv = Unicode(
        "", help="The file downloaded from Moodle (Download grading worksheet)."
    ).tag(config=True)
    headings = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="Titles of the columns by their English ones, for a language not known here.",
    ).tag(config=True)
    match = List(
        Unicode(),
        ["Identifier", "ID number", "Email address"],
        help="Columns, by their English titles, that may hold the gradebook's student ids.",
    ).tag(config=True)

    def _fill(self, gradebook: Gradebook) -> Sheet:
        if not self.worksheet_csv:
            raise SheetError(
                "which worksheet? Download it from Moodle, and add "
                "--MoodleExport.worksheet_csv=FILE"
            )
        weeks = self._weeks(gradebook)
        if len(weeks) > 1:
            raise SheetError(
                "a grading worksheet is for one assignment; "
                f"choose one of {', '.join(weeks)} with --assignment"
            )
        sheet = Sheet.read(Path(self.worksheet_csv))
        where = {title: moodle_column(sheet, title, self.headings) for title in HEADINGS}
        grade, maximum = where["Grade"], where["Maximum Grade"]
        if grade is None:
            raise unknown_heading(sheet, "Grade")
        if maximum is None:
            raise unknown_heading(sheet, "Maximum Grade")
        students = self._students(gradebook)
        roster = moodle_roster(sheet, students, self.match, self.headings)
        for index in roster.whose:
            if number(sheet.rows[index][maximum]) is None:
                raise SheetError(
                    f"{sheet.path}: row {index + 1} has no number under "
                    f"{sheet.header[maximum]!r}; set the assignment's grade type to Point"
                )
        locked = where["Grade can be changed"]

        def fixed(row: list[str]) -> str:
            no = locked is not None and row[locked].strip().casefold() in ("no", "nein", "non")
            return "locked in Moodle" if no else ""

        self._unmatched(sheet, roster, students)
        comma = sheet.has_decimal_comma([grade, maximum])
        column = Column(weeks[0], grade, lambda row: number(row[maximum]) or 0.0, fixed, comma)
        self._write(sheet, roster, gradebook, column)
        return sheet


class CsvExport(ExportPlugin):  # type: ignore[misc]
    """Grades as CSV that spreadsheets read back as they were written.

    The columns of nbgrader's own exporter, and whether a score is final; quoted where
    needed, and no cell that a spreadsheet would take for a formula. Who did not hand in has no
    score, which is not the same as 0.
    """

    columns = (
        "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
        "raw_score", "late_submission_penalty", "score", "max_score", "status",
    )  # fmt: skip

    def export(self, gradebook: Gradebook) -> None:
        """Write every assignment and student to ``--to`` (called by nbgrader)."""
        wanted_students = {str(name) for name in self.student}
        wanted_weeks = {str(name) for name in self.assignment}
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, self.columns)
        writer.writeheader()
        for assignment in gradebook.assignments:
            if wanted_weeks and assignment.name not in wanted_weeks:
                continue
            for student in gradebook.students:
                if not wanted_students or student.id in wanted_students:
                    row = self._row(gradebook, assignment, student)
                    writer.writerow({key: _inert(value) for key, value in row.items()})
        with explained(self):
            save(Path(self.to or "grades.csv"), out.getvalue())

    @staticmethod
    def _row(gradebook: Gradebook, assignment: Any, student: Any) -> dict[str, Any]:
        row = {
            "assignment": assignment.name,
            "duedate": assignment.duedate,
            "student_id": student.id,
            "last_name": student.last_name,
            "first_name": student.first_name,
            "email": student.email,
            "max_score": assignment.max_score,
        }
        try:
            submission = gradebook.find_submission(assignment.name, student.id)
        except MissingEntry:
            return {**row, "status": "not handed in"}
        score, penalty = submission.score, submission.late_submission_penalty
        return {
            **row,
            "timestamp": submission.timestamp,
            # A tenth of 7 is 0.7 to people, and not 0.7000000000000001.
            "raw_score": round(score, 6),
            "late_submission_penalty": round(penalty, 6),
            "score": round(max(0.0, score - penalty), 6),
            "status": "waits for manual grading" if submission.needs_manual_grade else "final",
        }


def _inert(value: Any) -> Any:
    """`value`, with a leading apostrophe if a spreadsheet would run it."""
    if value is None:
        return ""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
