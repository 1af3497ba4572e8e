"""Who the numbers in the names of submitted files are, and when their work arrived.

From the gradebook, and from the system's own list if it lies beside the archive. Knows no
notebooks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from autograder.errors import SheetError
from autograder.grading.settings import CourseSettings, exchange_zone
from autograder.grading.times import zone_named
from autograder.lms.exports import CanvasExport, MoodleExport
from autograder.lms.filenames import SubmittedFile
from autograder.lms.filling import known_students
from autograder.lms.moments import read_moment
from autograder.lms.rosters import Roster, canvas_roster, is_canvas, moodle_roster
from autograder.lms.sheets import Sheet, Student

__all__ = ["Roll"]


class Roll:
    """Who the numbers in the names are, and when what they handed in arrived."""

    def __init__(self, plugin: Any) -> None:
        app = plugin.parent
        students = _students(app)
        self._by_lms_id = {student.lms_id: student.id for student in students if student.lms_id}
        self._roster = _roster(app, plugin.config, students)
        self._rows = {number: row for row, number in self._roster.numbers.items()}
        self.has_list = bool(self._rows)
        # Who is in no gradebook yet gets an id from the list, if it is nobody else's.
        new = [who for row, who in self._roster.ids.items() if row not in self._roster.whose]
        taken = {student.id for student in students}
        self._new = {who for who, times in Counter(new).items() if times == 1} - taken
        #: Files that were late for a week without a due date.
        self.unplaced = 0
        #: Times that were given, but in no language known here.
        self.unread: list[str] = []
        settings = CourseSettings(config=plugin.config)
        week = app.coursedir.assignment_id
        self._due = settings.due_date(week)
        zone = (settings.due_dates.get(week, "").split() or ["UTC"])[-1]
        self._zone = zone_named(zone) or exchange_zone(plugin.config)

    def student(self, file: SubmittedFile) -> str:
        """The gradebook's id of whose file it is; empty if that is not certain."""
        if not self.has_list:
            return self._by_lms_id.get(file.number, file.number)
        row = self._rows.get(file.number)
        if row is None:
            return ""
        student = self._roster.whose.get(row, "")
        if not student and self._roster.ids[row] in self._new:
            student = self._roster.ids[row]
        if "/" in student or student.startswith("."):
            raise SheetError(f"{student!r} can't be the name of a folder; mend it in the list")
        return student

    def moment(self, file: SubmittedFile) -> datetime | None:
        """When it was handed in (UTC), as far as the system says."""
        if self._due is None:
            self.unplaced += file.late
            return None
        if file.system == "Canvas":
            # It says that it was late, not by how much.
            return (self._due + timedelta(minutes=1)).replace(tzinfo=UTC) if file.late else None
        text = self._roster.times.get(self._rows.get(file.number, -1), "")
        moment = read_moment(text)
        if moment is None or self._zone is None:
            self.unread += [text] if any(char.isdigit() for char in text) else []
            return None
        return moment.replace(tzinfo=self._zone).astimezone(UTC)


def _students(app: Any) -> list[Student]:
    """The students of the gradebook, if there is one already (opening it would make one)."""
    url = app.coursedir.db_url
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return []
    with Gradebook(url, app.coursedir.course_id) as gradebook:
        return known_students(gradebook)


def _roster(app: Any, config: Any, students: Sequence[Student]) -> Roster:
    """The list beside the archive: a gradebook of Canvas or a worksheet of Moodle, or none."""
    folder = Path(app._format_collect_path(app.archive_directory))
    # Only here, where the instructor puts files: what is extracted comes from students.
    found = sorted(path for path in folder.glob("*") if path.suffix.lower() == ".csv")
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise SheetError(f"{folder} holds several lists ({names}); leave the latest one only")
    if not found:
        return Roster({}, [])
    sheet = Sheet.read(found[0])
    if is_canvas(sheet):
        return canvas_roster(sheet, students, CanvasExport(config=config).match)
    moodle = MoodleExport(config=config)
    return moodle_roster(sheet, students, moodle.match, moodle.headings)
