"""The class report: one week of a whole class on one page, offline.

Made from the records and the gradebook; nothing is run and nothing is judged again. Numbers first
(`summarise`), then words and pictures (``page.html``). The shareable variant is made by the same
code with another `Discretion`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, median
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.errors import CourseError
from autograder.grading import classic
from autograder.grading.course import Course, Week
from autograder.grading.records import Record, write_whole
from autograder.grading.same import asked_before
from autograder.plugins.standings import Standing, standings
from autograder.report.alike import alike
from autograder.report.attention import SLOW, SLOW_SECONDS, Needing, attention
from autograder.report.discretion import FEW, Discretion
from autograder.report.mistakes import mistakes, shared
from autograder.report.numbers import ENOUGH, criteria, facts, histogram, inside, points
from autograder.report.similarity import Group, near_identical
from autograder.report.sources import handed_in, read_records, ungraded

__all__ = ["write_report"]

Json = dict[str, Any]


def write_report(
    root: Path, name: str, out: Path | None = None, discretion: Discretion = Discretion()
) -> tuple[Path, int]:
    """Write the report of a week.

    Parameters
    ----------
    root : Path
        The course folder.
    name : str
        The week.
    out : Path, optional
        By default ``report/WEEK.html`` in the course folder.
    discretion : Discretion

    Returns
    -------
    Path
        The page.
    int
        The number of submissions in it.

    Raises
    ------
    AutograderError
        With a sentence that says what to do.
    """
    course = Course(root)
    week = course.week(name)
    records, damaged = read_records(course, name)
    if not records and not damaged:
        raise CourseError(
            f"there are no records of {name} in {course.root / 'records'}; "
            f"run: autograder grade {name}"
        )
    known, master = standings(course, week)
    released = {c.grade_id: c.source for c in master if c.solution and c.cell_type == "code"}
    submitted = handed_in(course, week, released)
    codes = {who: notebook.code for who, notebook in submitted.items()}
    groups = near_identical(codes, list(released.values()))
    digests = {who: notebook.digests for who, notebook in submitted.items()}
    about = summarise(week, records, damaged, known, digests, groups, discretion)
    cells = {who: notebook.cells for who, notebook in submitted.items()}
    about["unjudged"] = classic.said(week, master)
    kept = {who: asked_before(course, week, who, record) for who, record in records.items()}
    compared = alike(week, records, kept)
    about["shared"] = shared(compared.groups, week, cells, discretion)
    about["uncompared"] = sum(map(len, compared.open.values()))
    path = (out or course.root / "report" / f"{name}.html").resolve()
    write_whole(path, _environment().get_template("page.html").render(about))
    return path, len(records)


def summarise(
    week: Week,
    records: Mapping[str, Record],
    damaged: Sequence[str],
    known: Sequence[Standing],
    digests: Mapping[str, Mapping[str, str]],
    groups: Sequence[Group],
    discretion: Discretion,
) -> Json:
    """Everything the page shows, by name in the template.

    Parameters
    ----------
    week : Week
    records : mapping of str to Record
        By student.
    damaged : sequence of str
        Students whose record cannot be read.
    known : sequence of Standing
        The gradebook's students.
    digests : mapping of str to mapping of str to str
        Of the notebooks that lie in ``submitted/`` now, by student and name.
    groups : sequence of Group
    discretion : Discretion
    """
    needing = list(attention(week, records, damaged, known, digests))
    if discretion.anonymous:  # or totals that differ would tell how many are not among them
        records = {who: r for who, r in records.items() if not ungraded(r)}
    scores = [r.graded["score"] for r in records.values() if not ungraded(r)]
    marked = [s for s in known if s.student in records]
    tests = {f"test_{task}" for task in week.task_names} | {cell for cell, *_ in inside(records)}
    waiting = [s for s in marked if set(s.waiting) - tests]
    possible = points(week, records)
    named = {s.student: f"{s.student} ({s.name})" if s.name else s.student for s in known}
    show = named if discretion.names else {}
    return {
        "week": week.name,
        "points": possible,
        "discretion": discretion,
        "submissions": len(records),
        "scores": scores,
        "typical": (median(scores), mean(scores)) if len(scores) >= FEW else None,
        "histogram": histogram(scores, possible, discretion),
        "waiting": (len(waiting), len(marked)),
        "needing": [
            Needing(n.title, [(show.get(who, who), words) for who, words in n.who])
            for n in needing
        ],
        "criteria": criteria(week, records),
        "mistakes": mistakes(week, records, discretion),
        "groups": [
            (len(g.members), g.alike, [show.get(m, m) for m in g.members]) for g in groups
        ],
        "facts": facts(week, records, discretion),
        "slow": (SLOW, SLOW_SECONDS),
        "enough": ENOUGH,
        "few": FEW,
    }  # fmt: skip


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("autograder.report", ""),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
