"""The class report: one week of a whole class on one page, offline.

Made from the records and the gradebook; nothing is run and nothing is judged
again. Numbers first (`summarise`), then words and pictures
(``page.html``). The shareable variant is made by the same code
with another `Discretion`.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.errors import CourseError
from autograder.feedback.pictures import compare
from autograder.feedback.results import describe
from autograder.feedback.svg import bars
from autograder.grading.course import Course, Week
from autograder.grading.stages import Record, write_whole
from autograder.marking.agreement import as_array
from autograder.marking.calls import Call
from autograder.marking.judge import Status
from autograder.marking.task import Task
from autograder.plugins.preprocessors import Standing, standings
from autograder.report.similarity import Group, near_identical
from autograder.submissions.cells import grade_id_of

__all__ = ["Discretion", "read_records", "write_report"]

Json = dict[str, Any]

#: Counts below this are not broken down in the shareable variant.
FEW = 5
#: With fewer submissions a correlation says nothing.
ENOUGH = 10
#: Graded in so many times the class's median, and so many seconds more, is unusually slow.
SLOW, SLOW_SECONDS = 3, 5
EXAMPLES = 2
#: Longer results show no more.
ENOUGH_NUMBERS = 6


@dataclass(frozen=True)
class Discretion:
    """What the report may say of single people.

    Parameters
    ----------
    anonymous : bool
        No names or ids, no texts of students, and no counts below five.
    names : bool
        Names beside the ids, and who is in a group of near-identical work.

    Raises
    ------
    CourseError
        If both are asked for.
    """

    anonymous: bool = False
    names: bool = False

    def __post_init__(self) -> None:
        if self.anonymous and self.names:
            raise CourseError("--anonymous and --names contradict each other; leave one out")

    def count(self, number: int) -> str:
        """A number of people."""
        return f"fewer than {FEW}" if self.anonymous and number < FEW else str(number)

    def share(self, part: int, whole: int) -> str:
        """``part`` of ``whole`` people, in words."""
        if self.anonymous and part < FEW:
            return f"fewer than {FEW} of {self.count(whole)}"
        if self.anonymous and whole - part < FEW:
            return f"all of {whole} but fewer than {FEW}"
        return f"{part} of {whole} ({part / whole:.0%})" if whole else "nobody"

    def may_break_down(self, part: int, whole: int) -> bool:
        """Whether both those and the others are enough people."""
        return not self.anonymous or (part >= FEW and whole - part >= FEW)


@dataclass
class Criterion:
    """How the class did on one criterion."""

    task: str
    name: str
    points: float
    earned: int
    judged: int
    discrimination: float | None = None

    @property
    def rate(self) -> float:
        """Part of those judged who earned it."""
        return self.earned / self.judged if self.judged else 0.0

    @property
    def difficulty(self) -> float:
        """Part of those judged who did not earn it."""
        return 1 - self.rate


@dataclass
class Example:
    """One wrong result beside the right one."""

    criterion: str
    call: str
    expected: str
    returned: str
    picture: str


@dataclass
class MistakeSeen:
    """A mistake of a task, how many made it, and what it looks like."""

    task: str
    name: str
    hint: str
    students: int
    examples: list[Example] = field(default_factory=list)


@dataclass
class Needing:
    """A reason to look, and whom it concerns: student and words for each."""

    title: str
    who: list[tuple[str, str]]


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
    submitted = _handed_in(course, week, released)
    codes = {who: notebook.code for who, notebook in submitted.items()}
    groups = near_identical(codes, list(released.values()))
    digests = {who: notebook.digest for who, notebook in submitted.items()}
    about = summarise(week, records, damaged, known, digests, groups, discretion)
    path = (out or course.root / "report" / f"{name}.html").resolve()
    write_whole(path, _environment().get_template("page.html").render(about))
    return path, len(records)


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
        return graded["score"] >= 0 and all(
            isinstance(c["points"], (int, float)) and Status(c["status"]) and c["name"]
            for verdict in graded["verdicts"]
            for c in verdict["criteria"]
            if verdict["task"]
        )
    except (KeyError, TypeError, ValueError):
        return False


@dataclass(frozen=True)
class HandedIn:
    """A notebook in ``submitted/``: its digest, and the code of its solution cells."""

    digest: str
    code: tuple[str, ...]


def _handed_in(course: Course, week: Week, cells: Collection[str]) -> dict[str, HandedIn]:
    """The notebook of everybody who submitted the week under its released name.

    Parameters
    ----------
    course : Course
    week : Week
    cells : collection of str
        Which cells hold solutions.
    """
    found = {}
    for folder in (course.root / "submitted").glob(f"*/{week.name}"):
        path = folder / f"{week.notebook}.ipynb"
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()  # as `submissions.prepare` has it
            found[folder.parent.name] = HandedIn(digest, tuple(_code(content, cells)))
    return dict(sorted(found.items()))


def _code(content: bytes, cells: Collection[str]) -> list[str]:
    """The text of these cells; none of a file that is no notebook.

    `mend.read_submission` does more, and takes ten times as long.
    """
    try:
        sources = [
            cell.get("source", "")
            for cell in json.loads(content)["cells"]
            if isinstance(cell.get("metadata"), dict) and grade_id_of(cell) in cells
        ]
        return ["".join(source) for source in sources]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return []


def summarise(
    week: Week,
    records: Mapping[str, Record],
    damaged: Sequence[str],
    known: Sequence[Standing],
    digests: Mapping[str, str],
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
    digests : mapping of str to str
        Of the notebooks that lie in ``submitted/`` now.
    groups : sequence of Group
    discretion : Discretion
    """
    needing = list(_attention(week, records, damaged, known, digests))
    if discretion.anonymous:  # or totals that differ would tell how many are not among them
        records = {who: r for who, r in records.items() if not _ungraded(r)}
    scores = [r.graded["score"] for r in records.values() if not _ungraded(r)]
    marked = [s for s in known if s.student in records]
    waiting = [s for s in marked if set(s.waiting) - _tests(week)]
    named = {s.student: f"{s.student} ({s.name})" if s.name else s.student for s in known}
    show = named if discretion.names else {}
    return {
        "week": week.name,
        "points": sum(task.points for task in week.tasks),
        "discretion": discretion,
        "submissions": len(records),
        "scores": scores,
        "typical": (median(scores), mean(scores)) if len(scores) >= FEW else None,
        "histogram": _histogram(scores, sum(task.points for task in week.tasks), discretion),
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
        "facts": _facts(week, records, discretion),
        "slow": (SLOW, SLOW_SECONDS),
        "enough": ENOUGH,
        "few": FEW,
    }  # fmt: skip


def _tests(week: Week) -> set[str]:
    return {f"test_{task}" for task in week.task_names}


def _verdicts(record: Record) -> Iterator[tuple[str, Json]]:
    """``(task, criterion)`` of a record."""
    for verdict in record.graded["verdicts"]:
        for criterion in verdict["criteria"]:
            yield verdict["task"], criterion


def _ungraded(record: Record) -> list[str]:
    """Why tasks could not be graded, through the grader's fault."""
    reasons = [
        str(criterion.get("reason"))
        for _, criterion in _verdicts(record)
        if criterion["status"] == Status.GRADER_ERROR
    ]
    return list(dict.fromkeys(reasons))


def criteria(week: Week, records: Mapping[str, Record]) -> list[Criterion]:
    """How hard each criterion was, and whether it told those who know from those who don't.

    The discrimination is the item-rest correlation: Pearson's, between the
    points of a criterion and those of all others. Only submissions that were
    graded in full count; None where too few were, or all did the same.
    """
    columns = {(t.name, c.name): k for k, (t, c) in enumerate(_items(week))}
    earned = np.full((len(records), len(columns)), np.nan)
    for row, record in enumerate(records.values()):
        for name, criterion in _verdicts(record):
            column = columns.get((name, criterion["name"]))
            if column is not None and criterion["status"] != Status.GRADER_ERROR:
                passed = criterion["status"] == Status.PASSED
                earned[row, column] = criterion["points"] * passed
    complete = earned[~np.isnan(earned).any(axis=1)]
    rest = complete.sum(axis=1, keepdims=True) - complete
    found = []
    for column, (task, item) in enumerate(_items(week)):
        judged = earned[~np.isnan(earned[:, column]), column]
        one, others = complete[:, column], rest[:, column]
        tells = len(complete) >= ENOUGH and np.ptp(one) > 0 and np.ptp(others) > 0
        found.append(
            Criterion(
                task.name, item.name, item.points, int((judged > 0).sum()), len(judged),
                float(np.corrcoef(one, others)[0, 1]) if tells else None,
            )
        )  # fmt: skip
    return found


def _items(week: Week) -> Iterator[tuple[Task, Any]]:
    return ((task, criterion) for task in week.tasks for criterion in task.criteria)


def mistakes(
    week: Week, records: Mapping[str, Record], discretion: Discretion
) -> list[MistakeSeen]:
    """The mistakes that were made, the most frequent first, with examples.

    What is wrong and not recognised comes last, task by task.
    """
    who: dict[tuple[str, str], set[str]] = defaultdict(set)
    shown: dict[tuple[str, str], dict[str, Json]] = defaultdict(dict)
    for student, record in records.items():
        for task_name, criterion in _verdicts(record):
            if criterion["status"] != Status.FAILED or not criterion.get("call"):
                continue
            names = criterion.get("mistakes") or [""]
            if names == [""] and criterion.get("reason"):
                continue  # it ran out of time, or the fault is another task's
            key = json.dumps([_asked(criterion), criterion.get("observed")], sort_keys=True)
            for name in names:
                who[task_name, name].add(student)
                if len(shown[task_name, name]) < 40:
                    shown[task_name, name].setdefault(key, criterion)
    few = FEW if discretion.anonymous else 0  # which of the rare ones is rarer is not told either
    order = sorted(who, key=lambda key: (not key[1], -max(len(who[key]), few - 1), key))
    found = []
    for number, (task_name, name) in enumerate(order):
        if task_name not in week.task_names:
            continue  # reference.py has changed
        task, students = week.task(task_name), len(who[task_name, name])
        hint = next((m.hint for m in task.mistakes if m.name == name), "")
        chosen = _telling(list(shown[task_name, name].values()), bool(name), discretion)
        if discretion.anonymous and students < FEW:
            chosen = []
        examples = [_example(task, c, f"m{number}-{k}") for k, c in enumerate(chosen)]
        found.append(MistakeSeen(task_name, name, hint, students, examples))
    return found


def _telling(candidates: list[Json], recognised: bool, discretion: Discretion) -> list[Json]:
    """The two criteria whose results show most: of several numbers, on different calls."""

    def shows(criterion: Json) -> int:
        right, came = as_array(criterion["expected"]), as_array(criterion["observed"])
        if right is None or came is None:
            return 0
        tame = bool(np.isfinite(came).all() and (abs(came) < 1e6).all())
        differs = right.shape != came.shape or bool(
            (abs(came - right) > 0.05 * max(np.ptp(right), 1e-9)).any()
        )
        return 1 + min(right.size, ENOUGH_NUMBERS) * (1 + tame) * (1 + differs)

    def may_be_shown(criterion: Json) -> bool:
        # A text that a known mistake returns is that mistake's, not the student's own.
        plain = recognised and "text" in (criterion["observed"] or {})
        return not discretion.anonymous or plain or as_array(criterion["observed"]) is not None

    ranked = sorted(filter(may_be_shown, candidates), key=shows, reverse=True)
    chosen: list[Json] = []
    for other_calls in (True, False):  # rather another call than another result of the same
        for criterion in ranked:
            asked = [_asked(c) for c in chosen] if other_calls else []
            if criterion not in chosen and _asked(criterion) not in asked:
                chosen.append(criterion)
    return chosen[:EXAMPLES]


def _asked(criterion: Json) -> str:
    """What the call of a failed criterion asked, for comparing it with others."""
    return Call.from_json(criterion["call"]).key


def _example(task: Task, criterion: Json, name: str) -> Example:
    call = Call.from_json(criterion["call"])
    expected, observed = criterion["expected"] or {}, criterion["observed"] or {}
    right, came = describe(expected), describe(observed)
    about = f"{task.name}, {criterion['name']}. Reference: {right}. Submitted: {came}."
    return Example(
        criterion["name"],
        call.source(task.name, task.library),
        right,
        came,
        compare(call, expected, observed, name, about, task.result),
    )


def _attention(
    week: Week,
    records: Mapping[str, Record],
    damaged: Sequence[str],
    known: Sequence[Standing],
    digests: Mapping[str, str],
) -> Iterator[Needing]:
    """Reasons to look at somebody's work, the gravest first; those that concern nobody left out."""
    seconds = {who: float(r.run.get("seconds") or 0) for who, r in records.items()}
    usual = median(seconds.values()) if seconds else 0.0
    graded = {who: r.graded for who, r in records.items()}
    reasons: list[tuple[str, Iterable[tuple[str, str]]]] = [
        (
            "Not graded, through no fault of theirs",
            [(who, "; ".join(_ungraded(r))) for who, r in records.items() if _ungraded(r)],
        ),
        ("The record is damaged: grade again", [(who, "") for who in damaged]),
        (
            "Handed in, but not graded yet",
            [(who, "") for who in digests if who not in records and who not in damaged],
        ),
        (
            "Handed in again since",
            [
                (who, "")
                for who, r in records.items()
                if who in digests and not r.graded.get("problem") and digests[who] != r.submission
            ],
        ),
        (
            "Could not be read",
            [(who, g["problem"]) for who, g in graded.items() if g.get("problem")],
        ),
        ("The kernel died", [(who, g["died"]) for who, g in graded.items() if g.get("died")]),
        (
            "Unusually slow",
            [
                (who, f"{taken:.0f} s, where {usual:.1f} s is usual")
                for who, taken in seconds.items()
                if taken > SLOW * usual and taken > usual + SLOW_SECONDS
            ],
        ),
        (
            "Cells missing, doubled or changed",
            [(who, "; ".join(g["notes"])) for who, g in graded.items() if g.get("notes")],
        ),
        (
            "Something else stood in the way",
            [(who, "; ".join(_rest(g))) for who, g in graded.items() if _rest(g)],
        ),
        (
            "Nothing handed in",
            [(s.student, s.name) for s in known if not s.handed_in and s.student not in digests],
        ),
    ]
    for title, who in reasons:
        listed = sorted(who)
        if listed:
            yield Needing(title, listed)


def _rest(graded: Json) -> list[str]:
    """What else the grader found worth a look."""
    said = [graded.get("problem"), graded.get("died"), *graded.get("notes", ())]
    faults = {
        c.get("reason") for v in graded["verdicts"] for c in v["criteria"]
        if c["status"] == Status.GRADER_ERROR
    }  # fmt: skip
    return [text for text in graded.get("attention", ()) if text not in said and text not in faults]


def _histogram(scores: Sequence[float], points: float, discretion: Discretion) -> str:
    """How many have how many points, as a picture."""
    if len(scores) < (FEW if discretion.anonymous else 1):
        return ""
    width = max(1, round(points / 20))
    number = int(points // width) + 1
    counts = np.zeros(number, dtype=int)
    for score in scores:
        counts[min(max(int(score // width), 0), number - 1)] += 1
    spans = [(k * width, (k + 1) * width - 1, int(count)) for k, count in enumerate(counts)]
    if discretion.anonymous:
        spans = _merged(spans)
    words = [f"{low}" if low == high else f"{low} to {high}" for low, high, _ in spans]
    about = "Points by machine and number of submissions: " + "; ".join(
        f"{word} points, {count}" for word, (_, _, count) in zip(words, spans, strict=True) if count
    )
    return bars(
        [low - 0.5 for low, _, _ in spans] + [spans[-1][1] + 0.5],
        [count for _, _, count in spans],
        [str(count) if count else "" for _, _, count in spans],
        ("points by machine", "submissions"),
        "scores",
        about,
    )


def _merged(spans: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Neighbouring spans put together until each holds five people or more."""
    made: list[tuple[int, int, int]] = []
    for low, high, count in spans:
        if made and (made[-1][2] < FEW):
            low, _, before = made.pop()
            count += before
        made.append((low, high, count))
    if len(made) > 1 and made[-1][2] < FEW:
        _, high, count = made.pop()
        low, _, before = made.pop()
        made.append((low, high, before + count))
    return made


def _facts(
    week: Week, records: Mapping[str, Record], discretion: Discretion
) -> list[tuple[str, str]]:
    """When, from which numbers and by which grader."""
    times = sorted(str(r.run.get("at", "")) for r in records.values())
    length = len("2027-03-01") if discretion.anonymous else len("2027-03-01T12:00")
    first, last = (moment[:length].replace("T", " ") for moment in (times[0], times[-1]))
    seconds = [float(r.run.get("seconds") or 0) for r in records.values()]
    versions = Counter(str(r.graded.get("version", "?")) for r in records.values())
    other = sum(r.graded.get("reference") != week.fingerprint for r in records.values())
    facts = [
        ("graded", f"{first} to {last} UTC" if first != last else f"{last} UTC"),
        # Whoever knows the seed can draw the questions of the weeks to come.
        ("seeds of the questions", "not for sharing")
        if discretion.anonymous
        else ("seeds of the questions", _seeds(Counter(r.seed for r in records.values()))),
        ("version of the grader", ", ".join(sorted(versions))),
        (
            "time of the kernels",
            f"{sum(seconds):.0f} s in all; {median(seconds or [0]):.1f} s for half of them or less",
        ),
    ]
    if other:
        facts.append(
            (
                "reference.py",
                f"{discretion.count(other)} were graded by another reference.py than today's; "
                f"autograder grade {week.name} grades them again",
            )
        )
    return facts


def _seeds(seeds: Counter[int]) -> str:
    said = [f"{seed} ({count} submissions)" for seed, count in seeds.most_common(5)]
    return ", ".join(said + ["others, for work handed in again"] * (len(seeds) > 5))


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("autograder.report", ""),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
