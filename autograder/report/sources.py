"""What the class report is made from: the records of a week, and the code handed in.

Reads files that somebody may have edited; judges and counts nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import Overrun
from autograder.grading.bounded import Bounds, places, run
from autograder.grading.course import Course, Week
from autograder.grading.records import Record
from autograder.marking.judge import Status
from autograder.submissions.cells import grade_id_of

__all__ = ["HandedIn", "handed_in", "read_records", "told", "ungraded", "verdicts"]

Json = dict[str, Any]
_READING = Bounds("reading the notebook", seconds=5, megabytes=700)
#: More characters of a cell are not compared with those of others.
_LONGEST = 50_000


def read_records(course: Course, week: str) -> tuple[dict[str, Record], list[str]]:
    """The records of a week by student, and the students whose record cannot be read."""
    records, damaged = {}, []
    for path in sorted((course.root / "records" / week).glob("*.json")):
        record = Record.read(course, week, path.stem)
        if _is_whole(record.graded) and isinstance(record.run, dict):
            records[path.stem] = record
        else:
            damaged.append(path.stem)
    return records, damaged


def _is_whole(graded: Json) -> bool:
    """Whether a record, which somebody may have edited, holds verdicts."""
    try:
        whole = all({"problem", "died", "notes"} <= n.keys() for n in graded["notebooks"].values())
        return (
            whole
            and graded["score"] >= 0
            and all(
                isinstance(c["points"], (int, float)) and Status(c["status"]) and c["name"]
                for verdict in graded["verdicts"]
                for c in verdict["criteria"]
                if verdict["task"]
            )
            and all(
                isinstance(v["points"], (int, float)) and Status(v["status"]) and v["cell"]
                for v in graded.get("inside", ())
                if v["judged"]
            )
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


@dataclass(frozen=True)
class HandedIn:
    """The notebooks of one in ``submitted/``: their digests, and the code of solution cells."""

    #: By the name of the notebook; "" of one that cannot be read.
    digests: dict[str, str]
    #: By the cell's ``grade_id``; of a cell that is there twice, the last.
    cells: dict[str, str]

    @property
    def code(self) -> tuple[str, ...]:
        """The texts alone, in their order."""
        return tuple(self.cells.values())


def handed_in(course: Course, week: Week, cells: Collection[str]) -> dict[str, HandedIn]:
    """The notebooks of everybody who submitted the week, of those under their released names.

    Parameters
    ----------
    course : Course
    week : Week
    cells : collection of str
        Which cells hold solutions.
    """
    found = {}
    with places():
        for folder in (course.root / "submitted").glob(f"*/{week.name}"):
            digests, code = dict[str, str](), dict[str, str]()
            for name in week.notebooks:
                path = folder / f"{name}.ipynb"
                try:
                    if not path.is_file() or path.is_symlink():
                        continue
                    with path.open("rb") as content:
                        digest = hashlib.file_digest(content, "sha256")  # as `prepare` has it
                except OSError:  # nobody else's report waits for it
                    digests[name] = ""
                    continue
                digests[name] = digest.hexdigest()
                with suppress(Overrun):  # the record says so
                    code |= run(_READING, _code, path, list(cells))
            if digests:
                found[folder.parent.name] = HandedIn(digests, code)
    return dict(sorted(found.items()))


def _code(path: Path, cells: Collection[str]) -> dict[str, str]:
    """The text of these cells, up to a length; none of a file that is no notebook.

    `read_submission` does more, and takes ten times as long.
    """
    try:
        return {
            grade_id_of(cell): "".join(cell.get("source", ""))[:_LONGEST]
            for cell in json.loads(path.read_bytes())["cells"]
            if isinstance(cell.get("metadata"), dict) and grade_id_of(cell) in cells
        }
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def told(record: Record, what: str) -> list[str]:
    """What the record says of its notebooks under one heading, like ``died`` or ``notes``."""
    abouts: dict[str, Json] = record.graded["notebooks"]
    found = []
    for name, about in abouts.items():
        texts = [about[what]] if isinstance(about[what], str) else list(about[what])
        found += [f"{name}: {text}" if len(abouts) > 1 else text for text in texts if text]
    return found


def verdicts(record: Record) -> Iterator[tuple[str, Json]]:
    """``(task, criterion)`` of a record; a classic cell is one, judged inside the kernel."""
    for verdict in record.graded["verdicts"]:
        for criterion in verdict["criteria"]:
            yield verdict["task"], criterion
    for verdict in record.graded.get("inside", ()):
        yield verdict["cell"], {**verdict, "name": verdict["judged"]}


def ungraded(record: Record, status: Status = Status.GRADER_ERROR) -> list[str]:
    """Why tasks have no score: through the grader's fault, or as a person has to look."""
    reasons = [
        str(criterion.get("reason"))
        for _, criterion in verdicts(record)
        if criterion["status"] == status
    ]
    return list(dict.fromkeys(reasons))
