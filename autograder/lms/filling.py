"""A week's scores into the columns of a file that came from another system.

What Canvas and Moodle have in common: which weeks and students, what stays as it is, and what is
said of it. Knows the gradebook; what the files look like is told by `exports`, whose row is whose
by `rosters`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from traitlets import Bool

from autograder.errors import AutograderError, SheetError
from autograder.grading.records import write_whole
from autograder.lms.rosters import Roster
from autograder.lms.sheets import Sheet, Student, written
from autograder.terminal import printable

__all__ = ["Column", "Filled", "explained", "known_students", "listed", "save"]


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


def save(target: Path, text: str) -> None:
    """Write a file for another system.

    Raises
    ------
    SheetError
        If it cannot be written.
    """
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


class Filled(ExportPlugin):  # type: ignore[misc]
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
            save(target, sheet.text())
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
