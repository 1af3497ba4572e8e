"""What a grading run did, in rows and sentences for the terminal."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograder.grading.work import GradedWork
from autograder.plugins.standings import Renewed
from autograder.terminal import printable, spoken_hours, table

__all__ = ["Row", "Summary"]


@dataclass
class Row:
    """One student's line in the summary."""

    student: str
    score: float
    mistakes: list[str] = field(default_factory=list)
    attention: list[str] = field(default_factory=list)
    ungraded: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    late_seconds: float = 0.0


@dataclass
class Summary:
    """What a run did."""

    week: str
    #: Of all test cells together, also of those that wait for a person.
    points: float
    seed: int
    rows: list[Row] = field(default_factory=list)
    unchanged: int = 0
    #: Judged again without a kernel, and those of them who got a reason that they had not.
    again: int = 0
    reasoned: int = 0
    #: What the instructor should know of the week.
    remarks: list[str] = field(default_factory=list)
    #: How late those who handed in late were, in seconds.
    late: dict[str, float] = field(default_factory=dict)
    #: Whose penalty is another one now, though their work is unchanged: before and now.
    moved: dict[str, tuple[float, float]] = field(default_factory=dict)
    #: What would be said of somebody again if nothing were graded: of their time, or their folder.
    notes: dict[str, str] = field(default_factory=dict)
    #: Whom somebody should look at, and why.
    attention: dict[str, list[str]] = field(default_factory=dict)

    @property
    def ungraded(self) -> list[Row]:
        """Students with a task that a person has to look at."""
        return [row for row in self.rows if row.ungraded]

    def add(self, graded: GradedWork, late: float, note: str) -> None:
        """Count a submission that was graded; `note` says what is unsure of its time."""
        who = graded.student
        attention = [*graded.attention, *([note] if note else [])]
        self.rows.append(
            Row(
                who, graded.score, graded.mistakes, attention, graded.ungraded, graded.waiting, late
            )
        )  # fmt: skip
        self._look(who, late, attention, note)

    def keep(self, who: str, renewed: Renewed, note: str) -> None:
        """Count a submission that is unchanged."""
        self.unchanged += 1
        if renewed.before != renewed.after:
            self.moved[who] = (renewed.before, renewed.after)
        self._look(who, renewed.late, [note] if note else [], note)

    def pass_over(self, who: str, why: str) -> None:
        """Say that somebody was not graded, for this reason."""
        self._look(who, 0.0, [f"passed over: {why}"], f"passed over: {why}")

    def again_unchanged(self) -> Summary:
        """What the same run would do if it were run again at once: nothing."""
        return Summary(
            self.week, self.points, self.seed, unchanged=self.unchanged + len(self.rows),
            remarks=self.remarks, late=self.late,
            attention={who: [note] for who, note in self.notes.items()},
        )  # fmt: skip

    def _look(self, who: str, late: float, attention: list[str], note: str) -> None:
        if note:
            self.notes[who] = note
        if late:
            self.late[who] = late
        if attention:
            self.attention[who] = attention

    def text(self) -> str:
        """The summary for the terminal: scores and mistakes, then who needs attention."""
        rows = sorted(self.rows, key=lambda row: row.student)
        parts = []
        if rows:
            shown = [
                (row.student, f"{row.score:g}/{self.points:g}", "; ".join(row.mistakes))
                for row in rows
            ]
            parts.append(table(("student", "score", "recognised mistakes"), shown))
        parts.append(
            f"{self.week}: {len(rows) - self.again} graded, {self.unchanged} unchanged since they "
            f"were last graded (seed {self.seed}; changed work meets questions of its own)."
        )
        if self.again:
            parts.append(
                f"{self.again} judged again by the marking notes of today, without running them; "
                f"{self.reasoned} got a reason that they had not."
            )
        parts += [f"{remark}." for remark in self.remarks]
        parts += self._times()
        if self.attention:
            lines = [
                f"  {printable(who)}: {printable('; '.join(texts))}"
                for who, texts in sorted(self.attention.items())
            ]
            parts.append("Worth a look:\n" + "\n".join(lines))
        waiting = [row for row in rows if row.waiting]
        if waiting:
            names = "; ".join(f"{printable(r.student)} ({', '.join(r.waiting)})" for r in waiting)
            parts.append(
                f"Waits for a person, in formgrader: {names}. The machine could not tell whether "
                "these points are lost; the causes stand above."
            )
        if self.ungraded:
            names = ", ".join(printable(row.student) for row in self.ungraded)
            parts.append(
                f"NOT GRADED, through no fault of theirs: {names}. Their cells wait for manual "
                "grading in formgrader; mend the cause above and run the same command again."
            )
        return "\n\n".join(parts)

    def _times(self) -> list[str]:
        """Who is late, and whose penalty has changed."""
        parts = []
        if self.late:
            late = [f"{printable(who)} ({spoken_hours(s)})" for who, s in sorted(self.late.items())]
            parts.append("Late: " + ", ".join(late))
        if self.moved:
            moved = [
                f"{printable(who)} ({before:g} before, {now:g} now)"
                for who, (before, now) in sorted(self.moved.items())
            ]
            parts.append("Points off for being late, worked out anew: " + ", ".join(moved))
        return parts
