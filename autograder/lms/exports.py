"""Grades for a learning management system: plug-ins of `nbgrader export`.

`CanvasExport` fills the gradebook that Canvas lets an instructor download,
`MoodleExport` a grading worksheet of Moodle; `CsvExport` writes a plain table.
What the files look like is taken from the systems' own code (see
``docs/lms.md``). Knows the gradebook; whose row is whose
is decided in `rosters`.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Dict, List, Unicode

from autograder.errors import AutograderError, SheetError
from autograder.grading.stages import write_whole
from autograder.lms.rosters import (
    HEADINGS,
    Roster,
    canvas_roster,
    moodle_column,
    moodle_roster,
    points_possible,
    unknown_heading,
)
from autograder.lms.sheets import Sheet, Student, number, written
from autograder.terminal import printable

__all__ = ["CanvasExport", "CsvExport", "MoodleExport", "explained", "known_students", "listed"]


@contextmanager
def explained(plugin: Any) -> Iterator[None]:
    """End nbgrader's command with the sentence of an error of ours, not a traceback."""
    try:
        yield
    except AutograderError as error:
        if not hasattr(plugin.parent, "fail"):
            raise
        plugin.parent.fail("%s", error)


def known_students(gradebook: Gradebook) -> list[Student]:
    """The gradebook's students."""
    return [
        Student(student.id, student.email or "", student.lms_user_id or "")
        for student in gradebook.students
    ]


def listed(log: Any, label: str, names: Sequence[str]) -> None:
    """Warn about everybody or everything in `names`, if there is any."""
    if names:
        log.warning("%s (%d): %s", label, len(names), "; ".join(map(printable, names)))


def _save(target: Path, text: str) -> None:
    try:
        write_whole(target, text)
    except OSError as error:
        raise SheetError(
            f"{target} cannot be written ({error.strerror}); choose another place with --to"
        ) from None


@dataclass
class Score:
    """A week's result as the gradebook has it: final points, and whether that is final."""

    points: float
    pending: bool


@dataclass
class Column:
    """A column to fill with a week's scores."""

    week: str
    index: int
    #: The best score that a row can have there.
    maximum: Callable[[list[str]], float]
    #: Why a row's cell has to stay as it is; empty if it doesn't.
    fixed: Callable[[list[str]], str]
    comma: bool


class _Filled(ExportPlugin):  # type: ignore[misc]
    """What the two systems have in common: filling columns, and saying what was not filled."""

    include_pending = Bool(
        False, help="Export the points so far where something still waits for manual grading."
    ).tag(config=True)

    _default_to: str

    def export(self, gradebook: Gradebook) -> None:
        """Fill the downloaded file and write it to ``--to`` (called by nbgrader)."""
        with explained(self):
            sheet = self._fill(gradebook)
            target = Path(self.to or self._default_to)
            # Cells of the system's own go back as they came, also one like =1+1: a system that
            # does not find its own cell again would refuse the row or take it for somebody
            # new. (Canvas itself disarms such names when it writes the file.) What is added
            # here is numbers only.
            _save(target, sheet.text())
            self.log.info("Wrote %s; upload it as it is", target)

    def _fill(self, gradebook: Gradebook) -> Sheet:
        raise NotImplementedError

    def _weeks(self, gradebook: Gradebook) -> list[str]:
        """The weeks asked for, or else those that somebody has handed in."""
        known = [assignment.name for assignment in gradebook.assignments]
        for name in map(str, self.assignment):
            if name not in known:
                there = ", ".join(known) or "none"
                raise SheetError(f"the gradebook knows no week {name!r}; it has {there}")
        if self.assignment:
            return [str(name) for name in self.assignment]
        weeks = [name for name in known if gradebook.assignment_submissions(name)]
        if not weeks:
            raise SheetError("the gradebook holds no grades yet; run: autograder grade WEEK")
        return weeks

    def _students(self, gradebook: Gradebook) -> list[Student]:
        students = known_students(gradebook)
        wanted = {str(name) for name in self.student}
        unknown = wanted - {student.id for student in students}
        if unknown:
            raise SheetError(f"the gradebook knows no student {', '.join(sorted(unknown))}")
        return students

    def _write(self, sheet: Sheet, roster: Roster, gradebook: Gradebook, column: Column) -> None:
        """Fill one column, and say whose cells were left as they were."""
        week = column.week
        own_maximum = float(gradebook.find_assignment(week).max_score)
        scores = {
            submission.student_id: Score(
                max(0.0, submission.score - submission.late_submission_penalty),
                bool(submission.needs_manual_grade),
            )
            for submission in gradebook.assignment_submissions(week)
        }
        only = {str(name) for name in self.student}
        count, absent, maxima = 0, 0, set()
        left: dict[str, list[str]] = {}
        for index, student in roster.whose.items():
            if only and student not in only:
                continue
            row, score = sheet.rows[index], scores.get(student)
            reason = column.fixed(row)
            if score is None:
                absent += 1
            elif reason:
                left.setdefault(reason, []).append(student)
            elif score.pending and not self.include_pending:
                left.setdefault("waiting for manual grading", []).append(student)
            else:
                best = column.maximum(row)
                factor = best / own_maximum if best > 0 and own_maximum > 0 else 1.0
                if abs(factor - 1) > 1e-9:
                    maxima.add(best)
                row[column.index] = written(score.points * factor, column.comma)
                count += 1
        self.log.info("%s: %d scores written, %d did not hand in", week, count, absent)
        for best in sorted(maxima):
            self.log.warning(
                "%s has %g points here and %g in %s: the scores were scaled to %g",
                week, own_maximum, best, sheet.path.name, best,
            )  # fmt: skip
        for reason, names in left.items():
            listed(self.log, f"{week}: {reason}, left as they were", names)
        if "waiting for manual grading" in left:
            name = type(self).__name__
            self.log.warning(
                "Grade them in formgrader, or export their points so far with "
                "--%s.include_pending=True", name,
            )  # fmt: skip

    def _unmatched(self, sheet: Sheet, roster: Roster, students: Sequence[Student]) -> None:
        """List who is only in the file and who is only in the gradebook.

        Raises
        ------
        SheetError
            If nobody is in both.
        """
        name = sheet.path.name
        if not roster.whose:
            raise SheetError(
                f"{sheet.path} has none of the gradebook's {len(students)} students; these have "
                f"ids like {', '.join(printable(s.id) for s in students[:2])}, so the file needs "
                f"a column with them ({', '.join(self.match)}), and has {roster.others[0]}"
                if students and roster.others
                else f"there are no students in {sheet.path} or none in the gradebook"
            )
        only = {str(name) for name in self.student}
        found = set(roster.whose.values())
        missing = [s.id for s in students if s.id not in found and (not only or s.id in only)]
        if not only:
            listed(self.log, f"Only in {name}, left as they were", roster.others)
        listed(self.log, "Only in the gradebook, so their scores go nowhere", missing)


class CanvasExport(_Filled):
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


class MoodleExport(_Filled):
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

    Same columns as nbgrader's own exporter; quoted where needed, and no cell
    that a spreadsheet would take for a formula.
    """

    columns = (
        "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
        "raw_score", "late_submission_penalty", "score", "max_score",
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
            _save(Path(self.to or "grades.csv"), out.getvalue())

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
            empty = dict.fromkeys(("raw_score", "late_submission_penalty", "score"), 0.0)
            return {**row, "timestamp": "", **empty}
        penalty = submission.late_submission_penalty
        return {
            **row,
            "timestamp": submission.timestamp,
            "raw_score": submission.score,
            "late_submission_penalty": penalty,
            "score": max(0.0, submission.score - penalty),
        }


def _inert(value: Any) -> Any:
    """`value`, with a leading apostrophe if a spreadsheet would run it."""
    if value is None:
        return ""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value
