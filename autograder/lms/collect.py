"""Submissions out of a learning management system: plug-ins of `nbgrader zip_collect`.

`SafeExtractor` opens archives that hold nothing but files of a reasonable size,
inside their folder. `LmsCollector` reads from the names that Canvas and Moodle
give to files whose they are, which are the latest, and which are late. The
names are taken from the systems' own code (see ``docs/lms.md``).
"""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dateutil.parser
import dateutil.tz
from nbgrader.api import Gradebook
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from nbgrader.utils import find_all_notebooks
from traitlets import Int

from autograder.errors import ArchiveError, SheetError
from autograder.grading.course import CourseSettings
from autograder.lms.archives import check, unpack
from autograder.lms.exports import CanvasExport, MoodleExport, explained, known_students, listed
from autograder.lms.rosters import Roster, canvas_roster, is_canvas, moodle_roster
from autograder.lms.sheets import Sheet, Student

__all__ = ["LmsCollector", "SafeExtractor"]


class SafeExtractor(ExtractorPlugin):  # type: ignore[misc]
    """Extracts zip archives, after a look at everything that is in them."""

    max_files = Int(20_000, help="Archives with more files in all are not opened.").tag(config=True)
    max_bytes = Int(
        4_000_000_000, help="Archives that would take more space in all are not opened."
    ).tag(config=True)
    max_ratio = Int(
        200, help="A file that was packed to less than one part in so many is taken for a bomb."
    ).tag(config=True)

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Extract all archives in a folder, or none (called by nbgrader).

        Files that are no archives are copied, except a CSV file, which is read by
        `LmsCollector` where it is. Archives inside archives stay closed.
        """
        source, target = Path(archive_path), Path(extracted_path)
        with explained(self):
            # A link could be left by unpacking an archive by hand; it would be copied as a file.
            found = sorted(p for p in source.rglob("*") if p.is_file() and not p.is_symlink())
            if not found:
                self.log.warning("%s is empty: put the downloaded archive there", source)
            archives = [path for path in found if path.suffix.lower() == ".zip"]
            check(archives, self.max_files, self.max_bytes, self.max_ratio)
            try:
                for path in found:
                    folder = target / path.relative_to(source).parent
                    if path in archives:
                        unpack(path, folder / path.stem)
                    elif path.suffix.lower() != ".csv":
                        folder.mkdir(parents=True, exist_ok=True)
                        shutil.copy2(path, folder)
            except Exception as error:  # whatever a decompressor says to damaged data
                shutil.rmtree(target, ignore_errors=True)
                raise ArchiveError(
                    f"{path} cannot be extracted ({error}); download it again. "
                    "Nothing was extracted"
                ) from None


@dataclass(frozen=True)
class _File:
    """A submitted file, and what its name says."""

    path: Path
    archive: str
    system: str
    number: str
    title: str
    late: bool = False
    upload: int = 0

    @property
    def age(self) -> tuple[int, float, str]:
        """Larger is later: Canvas counts uploads; else it is the later download."""
        return self.upload, self.path.stat().st_mtime, self.archive


#: name_LATE_user_upload_title; the name is in lower case and without most punctuation.
_CANVAS = re.compile(r"(?:.*?_)?(?P<late>LATE_)?(?P<number>\d+)_(?P<upload>\d+)_(?P<title>.+)")
#: A folder for each student, or the same in front of the file's name.
_MOODLE = re.compile(r".*?[_ ](?P<number>\d+)_assignsubmission_file(?:_(?P<title>.*))?")
#: What Canvas and browsers append to the name of a file that was there before.
_AGAIN = re.compile(r"(?:-\d+|[ _]?\(\d+\))+$")


def _read_name(path: Path, root: Path) -> _File | None:
    """What the path of an extracted file says, or None if neither system named it.

    The systems write in front, students behind: whatever a student calls a
    file, the first number in the path is the system's.
    """
    parts = path.relative_to(root).parts
    for depth, part in enumerate(parts):
        last = depth == len(parts) - 1
        moodle = _MOODLE.fullmatch(part)
        canvas = _CANVAS.fullmatch(part) if last else None
        archive = "/".join(parts[:depth])
        if moodle and not (canvas and canvas.start("number") < moodle.start("number")):
            title = moodle["title"] if last else parts[-1]
            return _File(path, archive, "Moodle", moodle["number"], title) if title else None
        if canvas:
            return _File(
                path, archive, "Canvas", canvas["number"], canvas["title"],
                bool(canvas["late"]), int(canvas["upload"]),
            )  # fmt: skip
    return None


def _original(title: str, released: Sequence[str]) -> str:
    """The name a file had before it was handed in again, if that is a released one."""
    if title in released:
        return title
    stem, suffix = os.path.splitext(title)
    plain = _AGAIN.sub("", stem) + suffix.lower()
    return plain if plain in released else title


class LmsCollector(FileNameCollectorPlugin):  # type: ignore[misc]
    """Says whose a file is, from the name Canvas or Moodle gave it.

    Students keep the id that the gradebook has for them if the system's own
    list (the CSV file that is also used to export) lies beside the archive.
    With `named_regexp` set it does what nbgrader's own collector does.
    """

    _plan: dict[Path, dict[str, Any]] | None = None

    def collect(self, submitted_file: str) -> dict[str, Any] | None:
        """Student, file name and, if it is known, time of a file; None to leave it."""
        if self.named_regexp:
            groups: dict[str, Any] | None = super().collect(submitted_file)
            return groups
        with explained(self):
            if self._plan is None:
                self._plan = self._decide()
        assert self._plan is not None
        return self._plan.get(Path(submitted_file))

    def _decide(self) -> dict[Path, dict[str, Any]]:
        """What to do with each extracted file: whether it is the latest depends on the others."""
        app = self.parent
        root = Path(app._format_collect_path(app.extracted_directory))
        week = app.coursedir.assignment_id
        released = find_all_notebooks(
            app.coursedir.format_path(app.coursedir.release_directory, ".", week)
        )
        found = [path for path in sorted(root.rglob("*")) if path.is_file() and _is_own(path, root)]
        notebooks = [path for path in found if path.suffix.lower() in self.valid_ext]
        named = {path: _read_name(path, root) for path in notebooks}
        files = [file for file in named.values() if file]

        def left(label: str, paths: Iterable[Path]) -> None:
            listed(self.log, label, [str(path.relative_to(root)) for path in sorted(paths)])

        left("Not notebooks, left (unpack archives by hand)", set(found) - set(notebooks))
        left(
            "Named neither by Canvas nor by Moodle, left (turn anonymous grading off)",
            [path for path, file in named.items() if file is None],
        )
        roll = _Roll(self)
        if not roll.has_list and any(file.system == "Moodle" for file in files):
            self.log.warning(
                "Moodle gives a student another number in every assignment: put the grading "
                "worksheet beside the archive, or the students' ids are these numbers"
            )
        whose: dict[str, list[_File]] = {}
        for file in files:
            whose.setdefault(roll.student(file), []).append(file)
        strangers = whose.pop("", [])
        left(
            "Of nobody certain in the list beside the archive, left",
            [file.path for file in strangers],
        )
        plan: dict[Path, dict[str, Any]] = {}
        for student, theirs in whose.items():
            for title, file in _latest(theirs, released).items():
                plan[file.path] = {"student_id": student, "file_id": title}
                moment = roll.moment(file)
                if moment is not None:
                    plan[file.path]["timestamp"] = moment
        if roll.unplaced:
            self.log.warning(
                "%d are late, but %s has no due date in nbgrader_config.py: they count as in time",
                roll.unplaced, week,
            )  # fmt: skip
        if roll.unread:
            self.log.warning(
                "%d times of submission can't be read, as %r, and count as in time: "
                "correct timestamp.txt where it matters",
                len(roll.unread), roll.unread[0],
            )  # fmt: skip
        everything = {file.path for theirs in whose.values() for file in theirs}
        left("Handed in again later, left", everything - set(plan))
        return plan


def _is_own(path: Path, root: Path) -> bool:
    """Whether it is more than what macOS adds to an archive that is packed again."""
    parts = path.relative_to(root).parts
    return "__MACOSX" not in parts and not path.name.startswith(".")


def _latest(files: Sequence[_File], released: Sequence[str]) -> dict[str, _File]:
    """A student's files by name: of the latest archive they are in, the latest of each name."""
    last = max(files, key=lambda file: file.age).archive
    kept: dict[str, _File] = {}
    for file in sorted((file for file in files if file.archive == last), key=lambda f: f.age):
        kept[_original(file.title, released)] = file
    return kept


class _Roll:
    """Who the numbers in the names are, and when what they handed in arrived."""

    def __init__(self, plugin: LmsCollector) -> None:
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
        self._zone = dateutil.tz.gettz((settings.due_dates.get(week, "").split() or ["UTC"])[-1])

    def student(self, file: _File) -> str:
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

    def moment(self, file: _File) -> datetime | None:
        """When it was handed in, UTC without time zone, as far as the system says."""
        if self._due is None:
            self.unplaced += file.late
            return None
        if file.system == "Canvas":
            # It says that it was late, not by how much.
            return self._due + timedelta(minutes=1) if file.late else None
        text = self._roster.times.get(self._rows.get(file.number, -1), "")
        moment = read_moment(text)
        if moment is None or self._zone is None:
            self.unread += [text] if any(char.isdigit() for char in text) else []
            return None
        return moment.replace(tzinfo=self._zone).astimezone(dateutil.tz.UTC).replace(tzinfo=None)


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


class _Calendar(dateutil.parser.parserinfo):
    """Dates as Moodle writes them in English, German and French."""

    JUMP = [*dateutil.parser.parserinfo.JUMP, "à", "um", "uhr"]
    WEEKDAYS: list[Any] = [
        ("Mon", "Monday", "Montag", "lundi"), ("Tue", "Tuesday", "Dienstag", "mardi"),
        ("Wed", "Wednesday", "Mittwoch", "mercredi"), ("Thu", "Thursday", "Donnerstag", "jeudi"),
        ("Fri", "Friday", "Freitag", "vendredi"), ("Sat", "Saturday", "Samstag", "samedi"),
        ("Sun", "Sunday", "Sonntag", "dimanche"),
    ]  # fmt: skip
    MONTHS: list[Any] = [
        ("Jan", "January", "Januar", "janvier"), ("Feb", "February", "Februar", "février"),
        ("Mar", "March", "März", "mars"), ("Apr", "April", "avril"), ("May", "Mai"),
        ("Jun", "June", "Juni", "juin"), ("Jul", "July", "Juli", "juillet"),
        ("Aug", "August", "août"), ("Sep", "September", "septembre"),
        ("Oct", "October", "Oktober", "octobre"), ("Nov", "November", "novembre"),
        ("Dec", "December", "Dezember", "décembre"),
    ]  # fmt: skip


def read_moment(text: str) -> datetime | None:
    """The date and time in a cell of a worksheet, or None ("-", or another language)."""
    if not any(char.isdigit() for char in text) or re.match(r"\s*\d+[./]\d", text):
        return None  # 3/4 is in March for some and in April for others
    try:
        # German puts a full stop after the day.
        return dateutil.parser.parse(re.sub(r"(\d)\.(?=\s)", r"\1", text), _Calendar())
    except (ValueError, OverflowError):
        return None
