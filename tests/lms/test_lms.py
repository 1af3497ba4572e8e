"""Grades out to Canvas and Moodle, submissions in from them."""

from __future__ import annotations

import contextlib
import csv
import io
import logging
import os
import re
import shutil
import sqlite3
import stat
import warnings
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from nbgrader.api import Gradebook
from nbgrader.apps import ExportApp, ZipCollectApp
from sqlalchemy.exc import SAWarning

from autograder.errors import ArchiveError, SheetError
from autograder.lms.collect import SafeExtractor
from autograder.lms.exports import CanvasExport, CsvExport, MoodleExport
from autograder.lms.moments import read_moment
from autograder.lms.sheets import Claim, Sheet, Student, match, number, written

# Together, as its fixture takes a while.
pytestmark = pytest.mark.xdist_group("lms")

WEEK = "week1_slopes"
#: Last and first names; each is met again every so many students.
NAMES = [
    ("O'Brien", "Zoë"), ("Doe, Jr.", "Jane"), ('"Q"', 'Ann "the" Quote'), ("=1+1", "Formula"),
    ("@SUM(A1)", "At"), ("+41 79", "Phone"), ("-2", "Minus"), ("李", "小龙"),
    ("Nguyễn", "Thị Ánh"), ("Semi;colon", "Tab\tbed"), ("Line\nbreak", "New"), ("EX", "EX"),
    ("    Points", "Spaces"), ("null", "None"), ("O’Neil", "Søren"),
]  # fmt: skip


class Entry:
    """A made-up student: where the systems and the gradebook know him from."""

    def __init__(self, k: int) -> None:
        last, first = NAMES[k % len(NAMES)]
        self.k, self.last, self.first = k, last, f"{first} {k}"
        self.id = f"s{k:03}"
        self.email = f"s{k:03}@example.org"
        self.canvas = str(5000 + k)
        self.number = str(900100 + 7 * k)
        #: In turn: handed in, handed in late, not handed in, waits for manual grading.
        self.kind = ("graded", "graded", "graded", "absent", "late", "pending")[k % 6]
        self.auto = float(k % 21) if k % 5 else 12.25
        self.final = self.auto + 5 - (2 if self.kind == "late" else 0)


CLASS = [Entry(k) for k in range(300)]
GRADED = [entry for entry in CLASS if entry.kind in ("graded", "late")]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder whose gradebook holds a class of 300. Not to be changed."""
    folder = tmp_path_factory.mktemp("lms")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    (folder / "source").mkdir()
    (folder / "release" / WEEK).mkdir(parents=True)
    shutil.copy(ROOT / "release" / WEEK / "slopes.ipynb", folder / "release" / WEEK)
    with (
        warnings.catch_warnings(),
        Gradebook(f"sqlite:///{folder}/gradebook.db", "gradient-descent") as gradebook,
    ):
        # SQLAlchemy warns about how nbgrader's own models are put together.
        warnings.simplefilter("ignore", SAWarning)
        really = gradebook.db.commit
        gradebook.db.commit = gradebook.db.flush  # one transaction: 300 wait for no disk
        gradebook.add_assignment(WEEK, duedate="2027-03-01 22:59")
        gradebook.add_assignment("week2_descent")
        gradebook.add_notebook("slopes", WEEK)
        gradebook.add_grade_cell("test_slope", "slopes", WEEK, max_score=20, cell_type="code")
        gradebook.add_grade_cell("written", "slopes", WEEK, max_score=5, cell_type="markdown")
        for entry in CLASS:
            gradebook.add_student(
                entry.id, last_name=entry.last, first_name=entry.first, email=entry.email
            )
            if entry.kind == "absent":
                continue
            gradebook.add_submission(WEEK, entry.id)
            for cell, score in (("test_slope", entry.auto), ("written", 5.0)):
                grade = gradebook.find_grade(cell, "slopes", WEEK, entry.id)
                waits = cell == "written" and entry.kind == "pending"
                grade.auto_score = None if waits else score
                grade.needs_manual_grade = waits
            notebook = gradebook.find_submission_notebook("slopes", WEEK, entry.id)
            notebook.late_submission_penalty = 2.0 if entry.kind == "late" else None
        really()
    return folder


@pytest.fixture
def course_folder(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, to work in."""
    shutil.copytree(filled, tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    return tmp_path / "course"


@pytest.fixture
def run(course_folder: Path) -> Callable[..., str]:
    """Runs a command of nbgrader's in the course, and gives what it logged."""

    def start(app_class: Any, *arguments: str) -> str:
        lines = io.StringIO()
        app = app_class()
        app.initialize(list(arguments))
        handler = logging.StreamHandler(lines)
        app.log.addHandler(handler)
        try:
            app.start()
        except SystemExit as end:
            lines.write(f"exit {end.code}\n")
        finally:
            app.log.removeHandler(handler)
        return lines.getvalue()

    return start


# --- Canvas out ------------------------------------------------------------------------------


def canvas_rows(comma: bool = False, points: str = "25.00", **extra: str) -> list[list[str]]:
    """A gradebook as Canvas writes it: of its columns, titles, formula-like names."""
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Notes", "Old quiz (77)",
              f"{WEEK} (1234)", "Assignments Current Points", "Assignments Current Score",
              "Current Score", "Final Score", "Final Grade"]  # fmt: skip
    manual = ["", "", "", "", "", "", "", "Manual Posting", *[""] * 5]
    possible = ["    Points Possible", "", "", "", "", "", "10.00", points,
                *["(read only)"] * 5]  # fmt: skip
    rows = [header, manual, possible]
    for entry in CLASS:
        name = f"{entry.last}, {entry.first}"
        shown = f'="{name}"' if name.startswith("=") else name  # as Canvas disarms them
        ids = [shown, entry.canvas, f"U-{entry.k}", entry.id, "Mon; Tue, and Wed", "=2+2"]
        rows.append([*ids, "9.50", extra.get(entry.id, ""), "9.50", *["95.00"] * 3, "A"])
    rows.append(["Student, Test", "99999", "", "4e6f", "Mon", "", "", "", *[""] * 5])
    if comma:
        rows = [[re.sub(r"^(\d+)\.(\d\d)$", r"\1,\2", cell) for cell in row] for row in rows]
    return rows


def put(path: Path, rows: list[list[str]], mark: bool = False, **how: Any) -> Path:
    """Write rows as a CSV file."""
    out = io.StringIO(newline="")
    csv.writer(out, **{"lineterminator": "\n", **how}).writerows(rows)
    path.write_bytes(("\ufeff" * mark + out.getvalue()).encode())
    return path


def read_as_canvas(path: Path) -> dict[str, dict[str, str]]:
    """What Canvas would take from a file, by student's ID and assignment's id.

    Written after `lib/gradebook_importer.rb` of canvas-lms: the header decides,
    the delimiter is the one that splits the first three lines into more fields
    evenly, numbers may have a comma, an assignment without an id would be created.
    """
    text = path.read_text("utf-8-sig")
    counts = {}
    for delimiter in ";,":
        sizes = {len(row) for row in csv.reader(text.splitlines()[:3], delimiter=delimiter)}
        counts[delimiter] = sizes.pop() if len(sizes) == 1 else 0
    delimiter = ";" if counts[";"] > counts[","] else ","
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    header = rows[0]
    assert "Student" in header[0]
    assert header[1] == "ID"
    assert header[2:5] == ["SIS User ID", "SIS Login ID", "Section"]
    ours = {}
    for k, title in enumerate(header[6:8], start=6):
        found = re.fullmatch(r".* \((\d+)\)", title)
        assert found, f"Canvas would create an assignment {title!r}"
        ours[k] = found[1]
    taken = {}
    for row in rows[1:]:
        assert len(row) == len(header)
        if "Points Possible" in row[0]:
            continue
        if all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell, re.I) for cell in row):
            continue
        numbers = {a: re.sub(r"^(-?\d+),(\d+)$", r"\1.\2", row[k].strip()) for k, a in ours.items()}
        taken[row[1]] = numbers
    return taken


def test_canvas_gets_the_scores_of_300(course_folder: Path, run: Callable[..., str]) -> None:
    """`nbgrader export` fills one column, after the penalty; all else is as it came."""
    before = put(course_folder / "in.csv", canvas_rows())
    log = run(
        ExportApp, "--exporter=autograder.lms.exports.CanvasExport",
        f"--CanvasExport.gradebook_csv={before}", "--to=out.csv",
    )  # fmt: skip
    taken = read_as_canvas(course_folder / "out.csv")
    assert len(taken) == 301
    expected = {entry.canvas: entry.final for entry in GRADED}
    assert {who: float(row["1234"]) for who, row in taken.items() if row["1234"]} == expected
    assert {row["77"] for row in taken.values()} == {"9.50", ""}
    old, new = (Sheet.read(course_folder / name).rows for name in ("in.csv", "out.csv"))
    assert [row[:7] + row[8:] for row in new] == [row[:7] + row[8:] for row in old]
    assert f"{WEEK}: 200 scores written, 50 did not hand in" in log
    assert "waiting for manual grading, left as they were (50): s" in log
    assert "Only in in.csv, left as they were (1): Student, Test (ID 99999)" in log
    assert "s005; s011" in log


@pytest.mark.parametrize(
    ("how", "mark"),
    [
        ({"delimiter": ";"}, True),
        ({"delimiter": ",", "lineterminator": "\r\n"}, False),
        ({"quoting": csv.QUOTE_ALL}, True),
    ],
)
def test_the_file_stays_as_it_was_written(
    course_folder: Path, how: dict[str, Any], mark: bool
) -> None:
    """Delimiter, byte order mark, line ends and decimal comma are kept."""
    path = put(course_folder / "in.csv", canvas_rows(comma=True), mark=mark, **how)
    out = export(course_folder, CanvasExport, gradebook_csv=str(path))
    raw = out.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") == mark
    assert (b"\r\n" in raw) == (how.get("lineterminator") == "\r\n")
    taken = read_as_canvas(out)
    assert {who: float(r["1234"]) for who, r in taken.items() if r["1234"]} == {
        entry.canvas: entry.final for entry in GRADED
    }
    sheet = Sheet.read(out)
    assert sheet.delimiter == how.get("delimiter", ",")
    assert "17,25" in {row[7] for row in sheet.rows}


def rename(folder: Path, ids: dict[str, str]) -> None:
    """Give the gradebook's students other ids."""
    with contextlib.closing(sqlite3.connect(folder / "gradebook.db")) as database, database:
        for old, new in ids.items():
            database.execute("UPDATE student SET id = ? WHERE id = ?", (new, old))
            database.execute(
                "UPDATE submitted_assignment SET student_id = ? WHERE student_id = ?", (new, old)
            )


def export(folder: Path, plugin_class: Any, **traits: Any) -> Path:
    """Run a plug-in without the command around it."""
    plugin = plugin_class(**{"to": str(folder / "out.csv"), **traits})
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        plugin.export(gradebook)
    return Path(plugin.to)


def test_excused_and_blank_stay(course_folder: Path) -> None:
    """EX, N/A and what is there for those without a final score is not touched."""
    there = {"s000": "EX", "s001": "N/A", "s003": "7.00", "s005": "3.00", "s002": "1.00"}
    path = put(course_folder / "in.csv", canvas_rows(**there))
    taken = read_as_canvas(export(course_folder, CanvasExport, gradebook_csv=str(path)))
    # absent: s003; pending: s005; graded: s002
    shown = {entry.id: taken[entry.canvas]["1234"] for entry in CLASS[:6]}
    assert shown == {**there, "s002": "7", "s004": "7"}


def test_pending_can_be_exported(course_folder: Path) -> None:
    """With `include_pending` the points so far go out."""
    path = put(course_folder / "in.csv", canvas_rows())
    out = export(course_folder, CanvasExport, gradebook_csv=str(path), include_pending=True)
    assert read_as_canvas(out)["5011"]["1234"] == "11"


def test_only_the_students_asked_for(course_folder: Path) -> None:
    """`--student` leaves the others' cells alone."""
    path = put(course_folder / "in.csv", canvas_rows())
    out = export(course_folder, CanvasExport, gradebook_csv=str(path), student=["s000"])
    assert [who for who, row in read_as_canvas(out).items() if row["1234"]] == ["5000"]


@pytest.mark.parametrize("column", ["ID", "SIS User ID", "SIS Login ID"])
def test_each_column_can_hold_the_ids(course_folder: Path, column: str) -> None:
    """The gradebook's ids are looked for in all three."""
    rows = canvas_rows()
    source, target = 3, rows[0].index(column)
    for entry, row in zip(CLASS, rows[3:], strict=False):
        row[source], row[target] = "x" + entry.id, entry.id
    path = put(course_folder / "in.csv", rows)
    out = export(course_folder, CanvasExport, gradebook_csv=str(path))
    values = [row[7] for row in Sheet.read(out).rows[3:] if row[7]]
    assert len(values) == len(GRADED)


def change(k: int, column: int, value: str) -> Callable[[list[list[str]]], None]:
    """An edit of one cell."""
    return lambda rows: rows[k].__setitem__(column, value)


@pytest.mark.parametrize(
    ("edit", "traits", "sentence"),
    [
        (change(0, 7, "Slopes (1234)"), {}, r"no column for 'week1_slopes'.*Old quiz \(77\), Slop"),
        (change(0, 7, "week1_slope (1)"), {}, "did you mean 'week1_slope'"),
        (change(0, 6, f"{WEEK} (77)"), {}, r"2 columns called 'week1_slopes'"),
        (change(0, 7, WEEK), {}, "no column for 'week1_slopes'"),
        (change(2, 7, "(read only)"), {}, "has no points"),
        (change(2, 0, "s000"), {}, "no row says Points Possible"),
        (change(0, 1, "Number"), {}, "no column ID"),
        (change(4, 2, "s000"), {}, "row 5 fits s000 by SIS User ID and s001 by SIS Login ID"),
        (change(4, 3, "s000"), {}, "row 4 by SIS Login ID and row 5 by SIS Login ID are both s000"),
        (lambda rows: rows[9].pop(), {}, "row 10 has 12 cells, the header 13"),
        (lambda rows: None, {"assignment": ["week9"]}, "knows no week 'week9'"),
        (lambda rows: None, {"assignment": ["week2_descent"]}, "no column for 'week2_descent'"),
        (lambda rows: None, {"student": ["nobody"]}, "knows no student nobody"),
        (lambda rows: None, {"columns": {WEEK: "Current Score"}}, "no column for 'Current Score'"),
        (lambda rows: None, {"gradebook_csv": "none.csv"}, "cannot be opened"),
        (lambda rows: None, {"gradebook_csv": ""}, "which gradebook"),
        (lambda rows: None, {"match": ["SIS User ID"]}, "none of the gradebook's 300 students"),
    ],
)
def test_what_does_not_fit_is_one_sentence(
    course_folder: Path, edit: Any, traits: dict[str, Any], sentence: str
) -> None:
    """Nothing is written, and the sentence says what to do."""
    rows = canvas_rows()
    edit(rows)
    path = put(course_folder / "in.csv", rows)
    (course_folder / "out.csv").write_text("as before")
    with pytest.raises(SheetError, match=sentence) as caught:
        export(course_folder, CanvasExport, **{"gradebook_csv": str(path), **traits})
    assert "\n" not in str(caught.value)
    assert (course_folder / "out.csv").read_text() == "as before"


def test_a_command_ends_with_the_sentence(course_folder: Path, run: Callable[..., str]) -> None:
    """No traceback, and a status that is not 0."""
    log = run(ExportApp, "--exporter=autograder.lms.exports.CanvasExport")
    assert "which gradebook?" in log
    assert log.endswith("exit 1\n")


def test_titles_can_be_given(course_folder: Path) -> None:
    """A week's column may have any title, with or without its number."""
    rows = canvas_rows()
    rows[0][7] = "Slopes, part (a) (1234)"
    path = put(course_folder / "in.csv", rows)
    for title in ("Slopes, part (a)", "Slopes, part (a) (1234)"):
        out = export(course_folder, CanvasExport, gradebook_csv=str(path), columns={WEEK: title})
        assert read_as_canvas(out)["5000"]["1234"] == "17.25"


def test_other_points_in_canvas_scale(
    course_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An assignment of 100 points there gets four times the score, and the log says so."""
    path = put(course_folder / "in.csv", canvas_rows(points="100.00"))
    out = export(course_folder, CanvasExport, gradebook_csv=str(path))
    assert read_as_canvas(out)["5000"]["1234"] == "69"


def test_canvas_without_sis_columns(course_folder: Path) -> None:
    """First and last names apart and no SIS User ID: Canvas can write that too."""
    rows = [["LastName", "FirstName", *row[1:2], *row[3:]] for row in canvas_rows()[:1]]
    rows += [[row[0], "", *row[1:2], *row[3:]] for row in canvas_rows()[1:]]
    path = put(course_folder / "in.csv", rows)
    out = export(course_folder, CanvasExport, gradebook_csv=str(path))
    assert len([row for row in Sheet.read(out).rows[3:] if row[7]]) == len(GRADED)


# --- Moodle out ------------------------------------------------------------------------------

ENGLISH = ["Identifier", "Full name", "ID number", "Email address", "Status", "Grade",
           "Maximum Grade", "Grade can be changed", "Last modified (submission)",
           "Last modified (grade)", "Feedback comments"]  # fmt: skip
GERMAN = ["ID", "Vollständiger Name", "ID-Nummer", "E-Mail-Adresse", "Status", "Bewertung",
          "Bestwertung", "Bewertung kann geändert werden", "Zuletzt geändert (Abgabe)",
          "Zuletzt geändert (Bewertung)", "Feedback als Kommentar"]  # fmt: skip
FRENCH = ["Identifiant", "Nom complet", "Numéro d'identification", "Adresse de courriel", "Statut",
          "Note", "Note maximale", "La note peut être modifiée",
          "Dernière modification (travail remis)", "Dernière modification (note)",
          "Feedback par commentaires"]  # fmt: skip
UNKNOWN = ["Tunniste", "Nimi", "Numero", "Osoite", "Tila", "Arvosana", "Paras", "Voi", "Jätetty",
           "Arvosteltu", "Palaute"]  # fmt: skip


def moodle_rows(
    header: list[str] = ENGLISH, word: str = "Participant ", best: str = "25.00", by: str = "email"
) -> list[list[str]]:
    """A grading worksheet as Moodle writes it."""
    rows = [list(header)]
    for entry in CLASS:
        rows.append([
            f"{word}{entry.number if by != 'identifier' else entry.k + 1}",
            f"{entry.first} {entry.last}",
            entry.id if by == "number" else f"2027-{entry.k}",
            {"email": entry.email, "local": f"{entry.id}@other.example"}.get(by, ""),
            "Submitted for grading - ", "", best, "Yes", "Monday, 1 March 2027, 10:15 PM", "-",
            '<p>=1+1, "so"</p>',
        ])  # fmt: skip
    return rows


def read_as_moodle(path: Path, header: list[str], word: str) -> dict[str, str]:
    """What Moodle would take from a worksheet, by participant.

    Written after `mod/assign/feedback/offline/importgradeslib.php`: columns by
    their titles, the number after the word for a participant, in UTF-8.
    """
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""), strict=True))
    where = {title: k for k, title in enumerate(rows[0])}
    identifier, grade, modified = where[header[0]], where[header[5]], where[header[9]]
    taken = {}
    for row in rows[1:]:
        assert len(row) == len(header)
        assert row[identifier].startswith(word)
        assert row[modified] == "-"
        taken[row[identifier][len(word) :]] = row[grade].replace(",", ".")
    return taken


@pytest.mark.parametrize(
    ("header", "word", "best"),
    [
        (ENGLISH, "Participant ", "25.00"),
        (GERMAN, "Teilnehmer/in ", "25,00"),
        (FRENCH, "Participant ", "25,00"),
        (UNKNOWN, "Osallistuja ", "25,00"),
    ],
)
def test_moodle_gets_the_scores_of_300(
    course_folder: Path, run: Callable[..., str], header: list[str], word: str, best: str
) -> None:
    """A worksheet in any language is filled; all else is as it came."""
    by = "identifier" if header is UNKNOWN else "email"
    rows = moodle_rows(header, word, best, by)
    if header is UNKNOWN:
        rename(course_folder, {entry.id: str(entry.k + 1) for entry in CLASS})
    before = put(course_folder / "in.csv", rows, mark=True)
    log = run(
        ExportApp, "--exporter=autograder.lms.exports.MoodleExport",
        f"--MoodleExport.worksheet_csv={before}", f"--assignment={WEEK}", "--to=out.csv",
    )  # fmt: skip
    assert f"{WEEK}: 200 scores written, 50 did not hand in" in log
    taken = read_as_moodle(course_folder / "out.csv", header, word)
    expected = {str(e.k + 1) if by == "identifier" else e.number: e.final for e in GRADED}
    assert {who: float(grade) for who, grade in taken.items() if grade} == expected
    after = Sheet.read(course_folder / "out.csv")
    assert after.mark
    assert [row[:5] + row[6:] for row in after.rows] == [row[:5] + row[6:] for row in rows]
    assert ("17,25" if "," in best else "17.25") in {row[5] for row in after.rows}


@pytest.mark.parametrize("by", ["email", "local", "number", "identifier"])
def test_moodle_students_are_found(course_folder: Path, by: str) -> None:
    """By e-mail, what stands before its @, ID number, or the participant's number."""
    rows = moodle_rows(by=by)
    if by == "identifier":
        for entry, row in zip(CLASS, rows[1:], strict=True):
            row[0] = f"Participant {entry.number}"
        rename(course_folder, {entry.id: entry.number for entry in CLASS})
    path = put(course_folder / "in.csv", rows)
    out = export(course_folder, MoodleExport, worksheet_csv=str(path))
    assert len([row for row in Sheet.read(out).rows[1:] if row[5]]) == len(GRADED)


def test_moodle_scales_and_says_so(course_folder: Path, run: Callable[..., str]) -> None:
    """A worksheet out of 10 gets 10/25 of the score."""
    path = put(course_folder / "in.csv", moodle_rows(best="10.00"))
    log = run(
        ExportApp, "--exporter=autograder.lms.exports.MoodleExport",
        f"--MoodleExport.worksheet_csv={path}", "--to=out.csv",
    )  # fmt: skip
    assert "25 points here and 10 in in.csv: the scores were scaled to 10" in log
    taken = read_as_moodle(course_folder / "out.csv", ENGLISH, "Participant ")
    assert taken[CLASS[0].number] == "6.9"


def test_locked_grades_stay(course_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where Moodle says that a grade can't be changed, it isn't."""
    rows = moodle_rows()
    rows[1][5], rows[1][7] = "3.00", "No"
    path = put(course_folder / "in.csv", rows)
    out = export(course_folder, MoodleExport, worksheet_csv=str(path))
    assert Sheet.read(out).rows[1][5] == "3.00"


@pytest.mark.parametrize(
    ("edit", "traits", "sentence"),
    [
        (change(0, 5, "Arvosana"), {}, None),
        (change(0, 6, "Paras"), {}, None),
        (lambda r: (r[0].__setitem__(6, "?"), r[1].__setitem__(6, "30")), {}, "'Maximum Grade'"),
        (lambda r: (r[0].__setitem__(0, "?"), r[1].__setitem__(0, "x")), {}, "'Identifier' of an"),
        (change(0, 5, "Points"), {"headings": {"Grade": "Score"}}, "'Grade' of an English"),
        (change(0, 5, "Points"), {"headings": {"Grade": "Points"}}, None),
        (change(1, 6, "Poor, fair, good"), {}, "grade type to Point"),
        (change(1, 3, "s001@example.org"), {}, "row 2 by Email address and row 3 by Email address"),
        (change(1, 2, "s001"), {}, "row 2 fits s000 by Email address and s001 by ID number"),
        (lambda rows: None, {"worksheet_csv": ""}, "which worksheet"),
        (lambda rows: None, {"assignment": [WEEK, "week2_descent"]}, "is for one assignment"),
    ],
)
def test_worksheets_that_do_not_fit(
    course_folder: Path, edit: Any, traits: dict[str, Any], sentence: str | None
) -> None:
    """What leaves a doubt is one sentence; what doesn't is filled."""
    rows = moodle_rows()
    edit(rows)
    traits = {"worksheet_csv": str(put(course_folder / "in.csv", rows)), **traits}
    if sentence is None:
        out = export(course_folder, MoodleExport, **traits)
        assert len([row for row in Sheet.read(out).rows[1:] if row[5]]) == len(GRADED)
        return
    with pytest.raises(SheetError, match=sentence) as caught:
        export(course_folder, MoodleExport, **traits)
    assert "\n" not in str(caught.value)
    assert not (course_folder / "out.csv").exists()


def test_files_that_are_no_sheets(course_folder: Path) -> None:
    """Spreadsheets' own formats and encodings are named, not guessed at."""
    path = course_folder / "in.csv"
    for content, sentence in [
        ("Student;Zoë".encode("latin-1"), "not in UTF-8"),
        (b"", "has no columns"),
        (b"PK\x03\x04", "has no columns"),
        (b'a,"b\nc,d\n', "not a CSV file"),
    ]:
        path.write_bytes(content)
        with pytest.raises(SheetError, match=sentence):
            export(course_folder, CanvasExport, gradebook_csv=str(path))


# --- whose row is whose, numbers -------------------------------------------------------------


def test_an_address_elsewhere_does_not_take_the_grade() -> None:
    """What stands before the @ counts only if nothing better does."""
    students = [Student("jane", "jane@a.edu")]

    def claims(address: str) -> list[Claim]:
        local = address.partition("@")[0]
        return [Claim("Email", address, ("id", "email")), Claim("e-mail before the @", local)]

    rows = {1: claims("jane@b.edu"), 2: claims("Jane@a.edu")}
    assert match(rows, students, Path("f"), "") == {2: "jane"}
    assert match({1: rows[1]}, students, Path("f"), "") == {1: "jane"}


def test_numbers_are_read_and_written() -> None:
    """With either decimal sign; a name is no number."""
    assert [number(text) for text in ("25.00", " 25,5 ", "-1", "EX", "", "1e3", "1,2,3")] == [
        25.0, 25.5, -1.0, None, None, None, None,
    ]  # fmt: skip
    assert [written(value, False) for value in (25.0, 17.25, 6.899999, 0.0, 100.0, 1234.5)] == [
        "25", "17.25", "6.9", "0", "100", "1234.5",
    ]  # fmt: skip
    assert written(17.25, True) == "17,25"


# --- plain CSV -------------------------------------------------------------------------------


def test_plain_csv_is_read_back(course_folder: Path, run: Callable[..., str]) -> None:
    """Every name comes back as it was, but for an apostrophe before a formula."""
    run(ExportApp, "--to=grades.csv", f"--assignment={WEEK}")
    with open(course_folder / "grades.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert len(rows) == 300
    by_id = {row["student_id"]: row for row in rows}
    for entry in CLASS:
        row = by_id[entry.id]
        risky = entry.last[0] in "=+-@"
        assert row["last_name"] == "'" * risky + entry.last
        states = {"absent": "not handed in", "pending": "waits for manual grading"}
        assert row["status"] == states.get(entry.kind, "final")
        if entry.kind == "absent":  # not 0, which somebody who handed in may have
            assert row["score"] == ""
        else:
            assert float(row["score"]) == entry.final - 5 * (entry.kind == "pending")


def test_a_place_that_cannot_be_written_is_named(course_folder: Path) -> None:
    """For all three exports, one sentence."""
    path = put(course_folder / "in.csv", canvas_rows())
    (course_folder / "a file").touch()
    for plugin, traits in ((CanvasExport, {"gradebook_csv": str(path)}), (CsvExport, {})):
        with pytest.raises(SheetError, match="choose another place with --to"):
            export(course_folder, plugin, to=str(course_folder / "a file" / "out.csv"), **traits)


def test_plain_csv_is_whole_or_not_there(course_folder: Path) -> None:
    """An error in the middle leaves the earlier file."""
    (course_folder / "out.csv").write_text("as before")
    with pytest.raises(ZeroDivisionError):
        export(course_folder, Breaking)
    assert (course_folder / "out.csv").read_text() == "as before"


class Breaking(CsvExport):
    """Stops after some rows."""

    rows_left = 5

    def _row(self, *arguments: Any) -> dict[str, Any]:  # type: ignore[override]
        self.rows_left -= 1
        return {"score": 1 / self.rows_left}


# --- submissions in --------------------------------------------------------------------------


def archive(folder: Path, name: str, files: dict[str, str], when: tuple[int, ...] = ()) -> Path:
    """An archive in the folder where `nbgrader zip_collect` looks for it."""
    path = folder / "downloaded" / WEEK / "archive" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for member, text in files.items():
            moment = when or (2027, 3, 2, 8, 0, 0)
            out.writestr(zipfile.ZipInfo(member, moment), text)  # type: ignore[arg-type]
    return path


def submitted(folder: Path) -> dict[str, str]:
    """What was collected: the text of each file, by its path."""
    found = (folder / "submitted").rglob("*")
    return {
        str(path.relative_to(folder / "submitted")): path.read_text()
        for path in found
        if path.is_file()
    }


def test_a_canvas_archive_is_collected(course_folder: Path, run: Callable[..., str]) -> None:
    """Under the gradebook's ids and the released name, late ones with a time."""
    archive(course_folder, "submissions.zip", {
        "obrienzoë0_5000_456_slopes.ipynb": "first",
        "obrienzoë0_5000_789_slopes-1.ipynb": "again",
        "doejane_LATE_5001_456_slopes-1.ipynb": "late",
        "late_5002_11_12_13.ipynb": "own name",
        "007_5004_456_slopes (2).ipynb": "by a browser",
        "__5006_456_slopes.ipynb": "name of no letters",
        "doejane_5007_456_data.csv": "s000,s001",
        "doejane_5007_text.html": "text",
        "doejane_5008_456_all.zip": "PK",
        "anon_Xy12Z_456_slopes.ipynb": "anonymous",
        "stranger_77777_456_slopes.ipynb": "not in the list",
        "__MACOSX/._obrienzoë0_5000_789_slopes-1.ipynb": "added by macOS",
        ".DS_Store": "the same",
    })  # fmt: skip
    put(course_folder / "downloaded" / WEEK / "archive" / "grades.csv", canvas_rows())
    log = run(ZipCollectApp, WEEK)
    assert submitted(course_folder) == {
        f"s000/{WEEK}/slopes.ipynb": "again",
        f"s001/{WEEK}/slopes.ipynb": "late",
        f"s001/{WEEK}/timestamp.txt": "2027-03-01 23:00:00+00:00",
        f"s002/{WEEK}/12_13.ipynb": "own name",
        f"s004/{WEEK}/slopes.ipynb": "by a browser",
        f"s006/{WEEK}/slopes.ipynb": "name of no letters",
    }
    for sentence in (
        "Of nobody certain in the list beside the archive, left (1): submissions/stranger_77777",
        "(turn anonymous grading off) (1): submissions/anon_Xy12Z",
        "left (unpack archives by hand) (3): submissions/doejane_5007_456_data.csv; ",
        "Handed in again later, left (1): submissions/obrienzoë0_5000_456_slopes.ipynb",
    ):
        assert sentence in log


def test_without_a_list_canvas_ids_are_kept(course_folder: Path, run: Callable[..., str]) -> None:
    """They are the same every week, and the export finds them again."""
    archive(course_folder, "a.zip", {"doejane_5000_456_slopes.ipynb": "x"})
    with Gradebook(f"sqlite:///{course_folder}/gradebook.db") as gradebook:
        gradebook.find_student("s009").lms_user_id = "5009"
        gradebook.db.commit()
    archive(course_folder, "b.zip", {"doejane_5009_456_slopes.ipynb": "y"})
    run(ZipCollectApp, WEEK)
    assert submitted(course_folder) == {
        f"5000/{WEEK}/slopes.ipynb": "x", f"s009/{WEEK}/slopes.ipynb": "y",
    }  # fmt: skip


@pytest.mark.parametrize(
    "member",
    [
        "{name}_{n}_assignsubmission_file_/slopes.ipynb",
        "{name}_{n}_assignsubmission_file/slopes.ipynb",
        "{name}_{n}_assignsubmission_file_/my folder/slopes.ipynb",
        "{name}_{n}_assignsubmission_file_slopes.ipynb",
        "Participant {n}_assignsubmission_file_/slopes.ipynb",
        "Participant_{n}_assignsubmission_file_slopes.ipynb",
    ],
)
def test_a_moodle_archive_is_collected(
    course_folder: Path, run: Callable[..., str], member: str
) -> None:
    """Folders or not, by name or number: the worksheet beside it says who is who and when."""
    files = {
        member.format(name=f"{e.first} {e.last}".replace("\n", " "), n=e.number): e.id
        for e in (CLASS[0], CLASS[1], CLASS[7])
    }
    archive(course_folder, "moodle.zip", files)
    rows = moodle_rows()
    rows[2][8] = "Tuesday, 2 March 2027, 10:15 AM"
    rows[8][8] = "-"
    put(course_folder / "downloaded" / WEEK / "archive" / "Grades.csv", rows)
    run(ZipCollectApp, WEEK)
    assert submitted(course_folder) == {
        f"s000/{WEEK}/slopes.ipynb": "s000",
        f"s000/{WEEK}/timestamp.txt": "2027-03-01 21:15:00+00:00",
        f"s001/{WEEK}/slopes.ipynb": "s001",
        f"s001/{WEEK}/timestamp.txt": "2027-03-02 09:15:00+00:00",
        f"s007/{WEEK}/slopes.ipynb": "s007",
    }


def test_a_namesake_elsewhere_gets_no_folder(course_folder: Path, run: Callable[..., str]) -> None:
    """Who is in no gradebook gets an id from the list, unless it is somebody else's."""
    rows = moodle_rows()
    fresh = {"700001": "new@b.example", "700002": "s000@b.example"}
    fresh |= {"700003": "twin@a.example", "700004": "twin@b.example"}
    rows += [[f"Participant {n}", "N", "", mail, *rows[1][4:]] for n, mail in fresh.items()]
    files = {f"N_{n}_assignsubmission_file_/slopes.ipynb": n for n in fresh}
    archive(course_folder, "m.zip", files)
    put(course_folder / "downloaded" / WEEK / "archive" / "Grades.csv", rows)
    log = run(ZipCollectApp, WEEK)
    assert {path.split("/")[0] for path in submitted(course_folder)} == {"new"}
    assert "Of nobody certain in the list beside the archive, left (3)" in log


def test_late_without_a_due_date_is_said(course_folder: Path, run: Callable[..., str]) -> None:
    """A late mark that can't be recorded is not passed over."""
    archive(course_folder, "a.zip", {"doejane_LATE_5000_1_slopes.ipynb": "x"})
    log = run(ZipCollectApp, WEEK, "--CourseSettings.due_dates={}")
    assert "1 are late, but week1_slopes has no due date" in log
    assert list(submitted(course_folder)) == [f"5000/{WEEK}/slopes.ipynb"]


def test_without_a_worksheet_numbers_are_kept(course_folder: Path, run: Callable[..., str]) -> None:
    """With a warning, since they change from week to week."""
    archive(course_folder, "m.zip", {"Jane Doe_123_assignsubmission_file_/slopes.ipynb": "x"})
    log = run(ZipCollectApp, WEEK)
    assert submitted(course_folder) == {f"123/{WEEK}/slopes.ipynb": "x"}
    assert "another number in every assignment" in log


def test_the_latest_download_wins(course_folder: Path, run: Callable[..., str]) -> None:
    """All of it: what was only in the earlier one was replaced by the student."""
    folder = "Jane Doe_123_assignsubmission_file_/"
    archive(course_folder, "z.zip", {folder + "slopes.ipynb": "monday"}, (2027, 2, 1, 8, 0, 0))
    archive(course_folder, "a.zip", {folder + "other.ipynb": "tuesday"}, (2027, 2, 2, 8, 0, 0))
    run(ZipCollectApp, WEEK)
    assert submitted(course_folder) == {f"123/{WEEK}/other.ipynb": "tuesday"}
    # And again, with a newer one
    archive(course_folder, "b.zip", {folder + "slopes.ipynb": "friday"}, (2027, 2, 5, 8, 0, 0))
    run(ZipCollectApp, WEEK, "--force")
    assert submitted(course_folder) == {f"123/{WEEK}/slopes.ipynb": "friday"}


def test_an_archive_unpacked_by_hand_is_collected(
    course_folder: Path, run: Callable[..., str]
) -> None:
    """Some browsers do it unasked. Links that were in it are left."""
    folder = course_folder / "downloaded" / WEEK / "archive" / "submissions"
    folder.mkdir(parents=True)
    (folder / "doejane_5000_456_slopes.ipynb").write_text("x")
    (folder / "doejane_5001_456_slopes.ipynb").symlink_to(course_folder / "gradebook.db")
    run(ZipCollectApp, WEEK)
    assert submitted(course_folder) == {f"5000/{WEEK}/slopes.ipynb": "x"}


def test_a_students_file_is_no_list(course_folder: Path, run: Callable[..., str]) -> None:
    """Only what lies beside the archive says who is who, never what is in it."""
    member = "mallory_5666_1_"
    archive(course_folder, "a.zip", {
        member + "slopes.ipynb": "x", member + "grades.csv": "Student,ID\nPoints Possible,\nM,5666",
        "grades.csv": "Student,ID\nPoints Possible,\nM,5666",
    })  # fmt: skip
    run(ZipCollectApp, WEEK)
    assert submitted(course_folder) == {f"5666/{WEEK}/slopes.ipynb": "x"}


@pytest.mark.parametrize(
    ("member", "student"),
    [
        ("mallory_5666_1_x_5000_assignsubmission_file_slopes.ipynb", "5666"),
        ("mallory_5666_1_5000_2_slopes.ipynb", "5666"),
        ("Mallory_5666_assignsubmission_file_x_5000_2_slopes.ipynb", "5666"),
        ("Mallory_5666_assignsubmission_file_x_5000_assignsubmission_file_slopes.ipynb", "5666"),
        ("Mallory_5666_assignsubmission_file_/x_5000_2_slopes.ipynb", "5666"),
        ("Mallory_5666_assignsubmission_file_/x_5000_assignsubmission_file_/slopes.ipynb", "5666"),
        ("Mallory 5000_5666_assignsubmission_file_/slopes.ipynb", "5666"),
    ],
)
def test_a_files_name_cannot_make_it_anothers(
    course_folder: Path, run: Callable[..., str], member: str, student: str
) -> None:
    """What a student calls a file is never taken for what the system wrote."""
    archive(course_folder, "a.zip", {member: "x"})
    run(ZipCollectApp, WEEK)
    assert [path.split("/")[0] for path in submitted(course_folder)] == [student]


def test_nbgraders_own_collector_is_there(course_folder: Path, run: Callable[..., str]) -> None:
    """A regular expression in the configuration does what nbgrader's manual says."""
    archive(course_folder, "a.zip", {"ps1_ben_slopes.ipynb": "x"})
    run(
        ZipCollectApp, WEEK,
        r"--FileNameCollectorPlugin.named_regexp=.*_(?P<student_id>\w+)_(?P<file_id>\w+)",
    )  # fmt: skip
    assert submitted(course_folder) == {f"ben/{WEEK}/slopes.ipynb": "x"}


# --- archives that are refused ---------------------------------------------------------------


def link(name: str) -> zipfile.ZipInfo:
    """A member that is a symbolic link."""
    member = zipfile.ZipInfo(name)
    member.create_system = 3
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


GOOD = "doejane_5000_1_slopes.ipynb"


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ([("../../evil.ipynb", "x")], "leads out of its folder"),
        ([("a/../../evil.ipynb", "x")], "leads out of its folder"),
        ([("/tmp/evil.ipynb", "x")], "does not stay in its folder"),
        ([("C:/evil.ipynb", "x")], "does not stay in its folder"),
        ([("..\\evil.ipynb", "x")], "does not stay in its folder"),
        ([(link("a_1_2_slopes.ipynb"), "/etc/passwd")], "is a link"),
        ([("bomb.ipynb", "0" * 30_000_000)], "unpacks to 30 MB, more than 200 times"),
        ([("n" * 300 + ".ipynb", "x")], "cannot have that name (File name too long)"),
        ([("d/" * 1500 + "x.ipynb", "x")], "is nested too deeply"),
        ([("both", "x"), ("both/x.ipynb", "x")], "'both/x.ipynb' has the name of another member"),
        ([("both/x.ipynb", "x"), ("both", "x")], "'both' has the name of another member"),
        ([(GOOD, "another")], "has the name of another member"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_is_not_safe_is_left_out_and_keeps_nobody_elses_work(
    tmp_path: Path,
    members: list[tuple[Any, str]],
    sentence: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Named on one line, whatever it is called; the rest is extracted."""
    source, target = tmp_path / "archive", tmp_path / "extracted"
    source.mkdir()
    with zipfile.ZipFile(source / "b.zip", "w", zipfile.ZIP_DEFLATED) as bad:
        for name, text in [(GOOD, "fine"), *members, ("roeann_5001_2_slopes.ipynb", "fine, too")]:
            bad.writestr(name, text)
    before = set(tmp_path.parent.rglob("*evil*"))
    extractor = SafeExtractor()
    monkeypatch.setattr(extractor.log, "propagate", True)
    with caplog.at_level("WARNING"):
        extractor.extract(str(source), str(target))
    (line,) = [
        record.getMessage() for record in caplog.records if "left out" in record.getMessage()
    ]
    assert sentence in line
    assert "\n" not in line
    assert (target / "b" / GOOD).read_text() == "fine"
    assert (target / "b" / "roeann_5001_2_slopes.ipynb").exists()
    assert set(tmp_path.parent.rglob("*evil*")) == before


def test_a_notebook_full_of_spaces_is_no_bomb(tmp_path: Path) -> None:
    source = tmp_path / "archive"
    source.mkdir()
    with zipfile.ZipFile(source / "a.zip", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(GOOD, " " * 2_000_000)
    SafeExtractor().extract(str(source), str(tmp_path / "extracted"))
    assert (tmp_path / "extracted" / "a" / GOOD).stat().st_size == 2_000_000


@pytest.mark.parametrize(
    ("members", "traits", "sentence"),
    [
        ([(f"{k}.ipynb", "") for k in range(12)], {"max_files": 10}, "13 files"),
        ([("big.ipynb", os.urandom(500).hex() * 9)], {"max_bytes": 5000}, "0.0 GB"),
    ],
)
def test_too_much_in_all_is_refused(
    tmp_path: Path, members: list[tuple[Any, str]], traits: dict[str, int], sentence: str
) -> None:
    """With a sentence, and nothing is extracted, from no archive of the folder."""
    source, target = tmp_path / "archive", tmp_path / "extracted"
    source.mkdir()
    target.mkdir()
    with zipfile.ZipFile(source / "a.zip", "w") as good:
        good.writestr(GOOD, "fine")
    with zipfile.ZipFile(source / "b.zip", "w", zipfile.ZIP_DEFLATED) as bad:
        for name, text in members:
            bad.writestr(name, text)
    with pytest.raises(ArchiveError, match=sentence) as caught:
        SafeExtractor(**traits).extract(str(source), str(target))
    assert "\n" not in str(caught.value)
    assert list(target.iterdir()) == []


def test_limits_hold_for_all_archives_together(tmp_path: Path) -> None:
    """Many small archives are no way around them."""
    source = tmp_path / "archive"
    source.mkdir()
    for k in range(4):
        with zipfile.ZipFile(source / f"{k}.zip", "w") as out:
            out.writestr(GOOD, "x" * 400)
    with pytest.raises(ArchiveError, match=r"c\.SafeExtractor\.max_files"):
        SafeExtractor(max_bytes=1500).extract(str(source), str(tmp_path / "extracted"))


@pytest.mark.parametrize("damage", ["cut", "no zip"])
def test_what_is_no_archive_is_refused(tmp_path: Path, damage: str) -> None:
    """A sentence, and no half of it is left."""
    source, target = tmp_path / "archive", tmp_path / "extracted"
    path = two_files(source)
    content = path.read_bytes()
    path.write_bytes(content[:600] if damage == "cut" else b"<html>please log in</html>")
    with pytest.raises(ArchiveError) as caught:
        SafeExtractor().extract(str(source), str(target))
    assert "othing was extracted" in str(caught.value)
    assert not target.exists() or list(target.rglob("*.ipynb")) == []


METHODS = {"zlib": 8, "lzma": 14, "unknown": 99}


@pytest.mark.parametrize("damage", ["flipped", "encrypted", "lies", "zlib", "lzma", "unknown"])
def test_a_damaged_member_is_left_out(tmp_path: Path, damage: str) -> None:
    """No half of it is left, and the others are there."""
    source, target = tmp_path / "archive", tmp_path / "extracted"
    path = two_files(source)
    content = path.read_bytes()
    if damage == "flipped":
        path.write_bytes(content.replace(b"AAAA", b"AABA", 1))
    elif damage == "encrypted":
        flags = content.rindex(b"PK\x01\x02") + 8
        path.write_bytes(content[:flags] + b"\x01" + content[flags + 1 :])
    elif damage in METHODS:  # each decompressor has errors of its own
        method = content.rindex(b"PK\x01\x02") + 10
        path.write_bytes(content[:method] + bytes([METHODS[damage], 0]) + content[method + 2 :])
    else:  # about the size, to get past the limits
        size = content.rindex(b"PK\x01\x02") + 24
        path.write_bytes(content[:size] + b"\x05\0\0\0" + content[size + 4 :])
    SafeExtractor().extract(str(source), str(target))
    assert [found.name for found in target.rglob("*.ipynb")] == ["x_1_2_first.ipynb"]


def two_files(source: Path) -> Path:
    """An archive of two."""
    source.mkdir()
    path = source / "a.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("x_1_2_first.ipynb", "fine")
        out.writestr("x_1_2_slopes.ipynb", "A" * 1000)
    return path


def test_one_member_that_is_left_out_does_not_end_the_command(
    course_folder: Path, run: Callable[..., str]
) -> None:
    archive(course_folder, "a.zip", {GOOD: "x", "../evil.ipynb": "x"})
    log = run(ZipCollectApp, WEEK)
    assert "leads out of its folder" in log
    assert submitted(course_folder)


def test_moments_are_read_in_three_languages() -> None:
    """As Moodle writes them; "-" and other languages are no time."""
    evening = datetime(2027, 3, 1, 22, 15)
    for text in (
        "Monday, 1 March 2027, 10:15 PM",
        "Montag, 1. März 2027, 22:15",
        "lundi 1 mars 2027, 22:15",
    ):
        assert read_moment(text) == evening, text
    for text in ("-", "", "maanantai 1. maaliskuuta 2027, 22:15", "3/4/2027 22:15", "3.4.2027"):
        assert read_moment(text) is None
