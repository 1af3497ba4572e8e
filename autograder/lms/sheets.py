"""CSV files of a learning management system: filled in, and otherwise given back as they came.

Byte order mark, delimiter, line ends, the order of rows and columns and every
cell that is not written to stay the same, since the system has to recognise
its own file. Also says whose row is whose. Knows no system in particular, no
gradebook, and writes no file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import SheetError
from autograder.terminal import printable

__all__ = ["LOCAL_PART", "Claim", "Sheet", "Student", "match", "number", "written"]

#: The weakest reason to take a row for a student's: others may have the same name elsewhere.
LOCAL_PART = "e-mail before the @"

_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")


@dataclass
class Sheet:
    """A CSV file: its rows, the header first, and how it was written."""

    path: Path
    rows: list[list[str]]
    delimiter: str = ","
    newline: str = "\n"
    mark: bool = False

    @classmethod
    def read(cls, path: Path) -> Sheet:
        """Read a CSV file in UTF-8, separated by commas, semicolons or tabs.

        Raises
        ------
        SheetError
            If it is not there, not such a file, or its rows differ in length.
        """
        again = "download it again, and don't save it from a spreadsheet"
        try:
            text = path.read_bytes().decode("utf-8")
        except OSError as error:
            raise SheetError(
                f"{path} cannot be opened ({error.strerror}); give the downloaded file's path"
            ) from None
        except UnicodeDecodeError:
            raise SheetError(f"{path} is not in UTF-8; {again}") from None
        mark = text.startswith("\ufeff")
        text = text.removeprefix("\ufeff")
        try:
            delimiter = max(",;\t", key=lambda each: _columns(text, each))
            delimiter = delimiter if _columns(text, delimiter) > 1 else ","
            rows = list(_reader(text, delimiter))
        except csv.Error as error:
            raise SheetError(f"{path} is not a CSV file ({error}); {again}") from None
        if not rows or len(rows[0]) < 2:
            raise SheetError(f"{path} has no columns; {again}")
        for index, row in enumerate(rows):
            if row and len(row) != len(rows[0]):
                raise SheetError(
                    f"{path}: row {index + 1} has {len(row)} cells, the header {len(rows[0])}; "
                    f"{again}"
                )
        return cls(path, rows, delimiter, "\r\n" if "\r\n" in text else "\n", mark)

    @property
    def header(self) -> list[str]:
        """The titles of the columns."""
        return self.rows[0]

    def text(self) -> str:
        """The file's text, with the byte order mark if it had one."""
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=self.delimiter, lineterminator=self.newline).writerows(self.rows)
        return "\ufeff" * self.mark + out.getvalue()

    def find(self, titles: Iterable[str]) -> int | None:
        """The column with one of these titles, or None.

        Raises
        ------
        SheetError
            If there are several.
        """
        wanted = {title.casefold() for title in titles}
        found = [k for k, title in enumerate(self.header) if title.strip().casefold() in wanted]
        if len(found) > 1:
            raise SheetError(
                f"{self.path} has {len(found)} columns {self.header[found[0]]!r}; "
                "download it again, and leave its columns as they are"
            )
        return found[0] if found else None

    def has_decimal_comma(self, columns: Iterable[int]) -> bool:
        """Whether numbers in these columns are written like 12,5."""
        columns = list(columns)
        cells = (row[k].strip() for row in self.rows[1:] if row for k in columns)
        return any("," in cell and _NUMBER.fullmatch(cell) for cell in cells)


def _columns(text: str, delimiter: str) -> int:
    """How many columns the header has with this delimiter."""
    try:
        return len(next(_reader(text, delimiter), []))
    except csv.Error:
        return 0


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def number(text: str) -> float | None:
    """The number in a cell, with decimal point or comma, or None."""
    text = text.strip()
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def written(value: float, comma: bool) -> str:
    """A score as a cell: at most two decimals, which is what both systems show."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if comma else text


@dataclass(frozen=True)
class Student:
    """What the gradebook knows of a student that a row may also know."""

    id: str
    email: str = ""
    lms_id: str = ""


@dataclass(frozen=True)
class Claim:
    """A cell that may say whose row it is: compared with these fields of a `Student`."""

    column: str
    value: str
    fields: tuple[str, ...] = ("id",)


def match(
    rows: Mapping[int, Sequence[Claim]], students: Iterable[Student], path: Path, advice: str
) -> dict[int, str]:
    """Whose row is whose.

    Parameters
    ----------
    rows : mapping of int to sequence of Claim
        By row number, the cells that may identify a student; the preferred first.
    students : iterable of Student
    path : Path
        For messages.
    advice : str
        How to say which column to go by.

    Returns
    -------
    dict of int to str
        The student's id for each row that is somebody's. Rows of nobody are absent.

    Raises
    ------
    SheetError
        If a row could be two students' or a student has two rows. Guessing
        might give somebody another's grade.
    """
    known: dict[tuple[str, str], set[str]] = {}
    for student in students:
        for field in ("id", "email", "lms_id"):
            value = getattr(student, field)
            if value:
                known.setdefault((field, value.casefold()), set()).add(student.id)
    owners: dict[str, dict[int, str]] = {}
    for row, claims in rows.items():
        found: dict[str, str] = {}
        for claim in claims:
            value = claim.value.strip()
            fits = set().union(*(known.get((f, value.casefold()), ()) for f in claim.fields))
            for student_id in {value} & fits or fits:
                found.setdefault(student_id, claim.column)
        certain = {who: why for who, why in found.items() if why != LOCAL_PART} or found
        if len(certain) > 1:
            fits_ = " and ".join(f"{printable(w)} by {c}" for w, c in sorted(certain.items()))
            raise SheetError(f"{path}: row {row + 1} fits {fits_}; {advice}")
        for who, why in certain.items():
            owners.setdefault(who, {})[row] = why
    whose = {}
    for who, reasons in owners.items():
        certain_rows = {r: why for r, why in reasons.items() if why != LOCAL_PART} or reasons
        if len(certain_rows) > 1:
            which = " and ".join(f"row {r + 1} by {why}" for r, why in certain_rows.items())
            raise SheetError(f"{path}: {which} are both {printable(who)}; {advice}")
        whose.update(dict.fromkeys(certain_rows, who))
    return whose
