"""Who is who in the files of Canvas and Moodle.

Reads the two files that an instructor can download, a gradebook of Canvas and
a grading worksheet of Moodle, and says which row is which student's. Their
form is taken from the systems' own code (see ``docs/lms.md``). Knows no
gradebook of nbgrader's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from autograder.errors import SheetError
from autograder.lms.sheets import LOCAL_PART, Claim, Sheet, Student, match, number
from autograder.terminal import printable

__all__ = ["HEADINGS", "Roster", "canvas_roster", "is_canvas", "moodle_column", "moodle_roster",
           "points_possible", "unknown_heading"]  # fmt: skip

#: Titles of a worksheet's columns in English, German and French, by the English one.
HEADINGS = {
    "Identifier": ("Identifier", "ID", "Identifiant"),
    "Full name": ("Full name", "Vollständiger Name", "Nom complet"),
    "ID number": ("ID number", "ID-Nummer", "Numéro d'identification", "Numéro d’identification"),
    "Email address": (
        "Email address", "Email", "E-Mail-Adresse", "E-Mail", "Adresse de courriel",
        "Adresse e-mail",
    ),
    "Grade": ("Grade", "Bewertung", "Note"),
    "Maximum Grade": ("Maximum Grade", "Bestwertung", "Note maximale"),
    "Grade can be changed": (
        "Grade can be changed", "Bewertung kann geändert werden", "La note peut être modifiée",
    ),
    "Last modified (submission)": (
        "Last modified (submission)", "Zuletzt geändert (Abgabe)",
        "Dernière modification (travail remis)",
    ),
}  # fmt: skip


@dataclass
class Roster:
    """Whose row is whose in a file, and what the others are called."""

    whose: dict[int, str]
    others: list[str]
    #: Numbers that the system puts into the names of submitted files, by row.
    numbers: dict[int, str] = field(default_factory=dict)
    #: For rows that the gradebook does not know: an id that will fit the next export.
    ids: dict[int, str] = field(default_factory=dict)
    #: When each handed in, as the system writes it, by row.
    times: dict[int, str] = field(default_factory=dict)


def canvas_roster(sheet: Sheet, students: Iterable[Student], columns: Sequence[str]) -> Roster:
    """The students in a gradebook of Canvas.

    Raises
    ------
    SheetError
        If it is not one, or a row can't be told whose it is.
    """
    fields = {
        "ID": ("id", "lms_id"),
        "SIS User ID": ("id", "lms_id"),
        "SIS Login ID": ("id", "email"),
    }
    where = {title: sheet.find([title]) for title in (*fields, *columns)}
    first, numbers = points_possible(sheet), where["ID"]
    if numbers is None:
        raise SheetError(f"{sheet.path} is not a gradebook of Canvas: it has no column ID")
    claims = {}
    for index, row in enumerate(sheet.rows):
        if index > first and row and any(cell.strip() for cell in row):
            claims[index] = [
                Claim(title, row[k], fields.get(title, ("id",)))
                for title in columns
                if (k := where[title]) is not None
            ]
    advice = "name the column with the gradebook's ids, as in --CanvasExport.match='SIS User ID'"
    whose = match(claims, students, sheet.path, advice)
    others = [
        f"{printable(sheet.rows[index][0])} (ID {printable(sheet.rows[index][numbers])})"
        for index in claims
        if index not in whose
    ]
    by_row = {index: sheet.rows[index][numbers].strip() for index in claims}
    return Roster(whose, others, by_row, by_row)


def is_canvas(sheet: Sheet) -> bool:
    """Whether the file is a gradebook of Canvas."""
    return any(row and "Points Possible" in row[0] for row in sheet.rows[1:4])


def points_possible(sheet: Sheet) -> int:
    """The row of a Canvas gradebook that holds each assignment's points.

    Above it there may be one that says "Manual Posting"; below it are students.
    """
    for index, row in enumerate(sheet.rows[1:4], start=1):
        if row and "Points Possible" in row[0]:
            return index
    raise SheetError(
        f"{sheet.path} is not a gradebook of Canvas: no row says Points Possible; "
        "download it in Canvas under Grades, Export"
    )


def moodle_roster(
    sheet: Sheet, students: Iterable[Student], columns: Sequence[str], headings: dict[str, str]
) -> Roster:
    """The students in a grading worksheet of Moodle.

    Raises
    ------
    SheetError
        If it is not one, or a row can't be told whose it is.
    """
    where = {title: moodle_column(sheet, title, headings) for title in HEADINGS}
    identifier, name = where["Identifier"], where["Full name"]
    if identifier is None:
        raise unknown_heading(sheet, "Identifier")
    claims, numbers, ids, times = {}, {}, {}, {}
    for index, row in enumerate(sheet.rows):
        if index == 0 or not row:
            continue
        cells = {title: row[k].strip() for title, k in where.items() if k is not None}
        numbers[index] = _digits(cells["Identifier"])
        local, at, _ = cells.get("Email address", "").partition("@")
        # A participant number is another one in every assignment, so it is the last resort.
        ids[index] = cells.get("ID number") or (local if at else "") or numbers[index]
        times[index] = cells.get("Last modified (submission)", "")
        possible = {
            "Identifier": [Claim("Identifier", numbers[index])],
            "ID number": [Claim("ID number", cells.get("ID number", ""), ("id", "lms_id"))],
            "Email address": [
                Claim("Email address", cells.get("Email address", ""), ("id", "email")),
                Claim(LOCAL_PART, local if at else ""),
            ],
        }
        claims[index] = [claim for title in columns for claim in possible.get(title, ())]
    advice = "name the column with the gradebook's ids, as in --MoodleExport.match='ID number'"
    whose = match(claims, students, sheet.path, advice)
    others = [
        f"{printable(sheet.rows[i][name]) + ' ' if name is not None else ''}"
        f"({printable(sheet.rows[i][identifier])})"
        for i in claims
        if i not in whose
    ]
    return Roster(whose, others, numbers, ids, times)


def moodle_column(sheet: Sheet, title: str, headings: dict[str, str]) -> int | None:
    """The column with this English title, whatever language it is written in.

    Only the identifier, the grade and its maximum are also known by what is in them.
    """
    if title in headings:
        found = sheet.find([headings[title]])
        if found is None:
            raise unknown_heading(sheet, title)
        return found
    found = sheet.find(HEADINGS[title])
    if found is None and title in ("Identifier", "Grade", "Maximum Grade"):
        found = _by_content(sheet).get(title)
    return found


def unknown_heading(sheet: Sheet, title: str) -> SheetError:
    """That no column is the one called `title` in English, and how to name it."""
    there = ", ".join(printable(title) for title in sheet.header)
    return SheetError(
        f"{sheet.path}: which column is the {title!r} of an English worksheet? It has {there}. "
        f"Say it in nbgrader_config.py: c.MoodleExport.headings = {{{title!r}: '...'}}"
    )


def _by_content(sheet: Sheet) -> dict[str, int]:
    """Columns in an unknown language, where what is in them leaves no doubt.

    Moodle puts the identifier (a word and a number, all different) first, and
    the maximum (the same number in each row) right after the grade.
    """
    rows = [row for row in sheet.rows[1:] if row]
    found: dict[str, int] = {}
    if not rows:
        return found
    first = [row[0] for row in rows]
    if len(set(first)) == len(rows) and all(re.fullmatch(r"\D+\d+", cell) for cell in first):
        found["Identifier"] = 0
    maxima = [
        k
        for k in range(1, len(sheet.header))
        if len({row[k] for row in rows}) == 1
        and (number(rows[0][k]) or 0) > 0
        and all(not row[k - 1].strip() or number(row[k - 1]) is not None for row in rows)
    ]
    if len(maxima) == 1:
        found |= {"Grade": maxima[0] - 1, "Maximum Grade": maxima[0]}
    return found


def _digits(text: str) -> str:
    """The number at the end of ``Participant 123456``."""
    found = re.search(r"\d+\s*$", text)
    return found[0].strip() if found else ""
