"""Is a week ready to be released? `autograder check`.

Each check returns sentences that name the cause; an empty list is a pass. All
checks run, whatever the earlier ones found, and nothing in the course is
touched.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from autograder.commands.notebooks import build
from autograder.commands.sync import differences, scratch_course
from autograder.errors import AutograderError, CannotDraw, TaskError
from autograder.grading.course import Course, Week
from autograder.grading.stages import Graded, grade
from autograder.kernels.driver import Limits
from autograder.marking.judge import Status, judge
from autograder.marking.task import Task
from autograder.plugins.preprocessors import convert, master_cells
from autograder.submissions.cells import MasterCell, grade_id_of, without_region
from autograder.submissions.ready import prepare

__all__ = ["check_course", "check_week"]

#: Seeds that are drawn beside the course's own.
SEEDS = range(20)
#: The instructor's own notebooks need no protection from themselves.
TRUSTED = Limits(unsafe=True)
#: Marks in a laid-out week what the instructor has to write.
_REPLACE = "REPLACE"
_HIDDEN_MARKS = ("HIDDEN TESTS", "MARK SCHEME", "BEGIN SOLUTION", "END SOLUTION", "observe(")

Check = Callable[[Course, Week], list[str]]


def check_course(root: Path, name: str | None) -> int:
    """Check a week, or all, and print what was found; 0 if all is well."""
    course = Course(root)
    names = [name] if name else course.week_names
    if not names:
        print("autograder: there is no week in source/ to check", file=sys.stderr)
        return 1
    verdicts = {week_name: _report(course, week_name) for week_name in names}
    failed = [week_name for week_name, well in verdicts.items() if well is False]
    ready = [week_name for week_name, well in verdicts.items() if well]
    if failed:
        print(f"\nNot ready to be released: {', '.join(failed)}.")
        return 1
    if ready:
        print(f"\nReady to be released: {', '.join(ready)}.")
    return 0


def _report(course: Course, name: str) -> bool | None:
    """Print what was found; whether all is well, or None if the week can't be run here."""
    with contextlib.suppress(AutograderError):  # said below, by `check_week`
        if skipped := course.week(name).skipped:
            print(skipped)
            return None
    print(name)
    well = True
    for title, problems in check_week(course, name):
        well = well and not problems
        print(f"  {'✗' if problems else '✓'} {title}", flush=True)
        for problem in problems:
            print(f"      {problem}", flush=True)
    if well:
        for note in notes(course, course.week(name)):
            print(f"  · {note}", flush=True)
    return well


def check_week(course: Course, name: str) -> Iterable[tuple[str, list[str]]]:
    """Run every check on a week.

    Yields
    ------
    title : str
        What is checked.
    problems : list of str
        What is wrong, a sentence each.
    """
    try:
        week = course.week(name)
    except TaskError as error:
        yield "reference.py makes sense", [str(error)]
        return
    checks: list[tuple[str, Check]] = [
        ("the hidden tests are fair, and tell every known mistake", draws),
        ("every known mistake loses points and is named", mistakes),
        ("each task has its cells, and the points agree", cells),
        ("the solutions earn full marks, the released notebook none", solutions),
        ("nothing hidden is released", leaks),
        ("generated files are current", differences),
    ]
    for title, check in checks:
        try:
            yield title, check(course, week)
        except AutograderError as error:
            yield title, [str(error)]


def draws(course: Course, week: Week) -> list[str]:
    """Calls can be drawn for each task, with the course's seed and with others."""
    problems = []
    for task in week.tasks:
        for seed in (course.settings.seed, *SEEDS):
            try:
                task.draw(seed)
            except CannotDraw as error:
                problems.append(str(error))
                break
    return problems


def mistakes(course: Course, week: Week) -> list[str]:
    """Each known mistake, judged as a student's work, loses points under its own name."""
    problems = []
    for task in week.tasks:
        try:
            calls = task.draw(course.settings.seed)
        except CannotDraw:
            continue  # said by `draws`
        for mistake in task.mistakes:
            for seen in mistake.observations(calls):
                verdict = judge(task, calls, seen)
                named = {m.name for m in verdict.mistakes}
                if verdict.status is Status.PASSED:
                    problems.append(f"{task.name}: the mistake {mistake.name!r} loses no points")
                elif mistake.name not in named and not _excused(task, mistake.name, named):
                    called = ", ".join(sorted(named)) or "not recognised"
                    problems.append(f"{task.name}: the mistake {mistake.name!r} is {called}")
    return problems


def _excused(task: Task, name: str, named: set[str]) -> bool:
    pairs = {frozenset(pair) for pair in task.indistinguishable}
    return any(frozenset((name, other)) in pairs for other in named)


def cells(course: Course, week: Week) -> list[str]:
    """The notebook has the cells that ``reference.py`` speaks of, with its points."""
    problems = []
    notebook = _notebook(week)
    graded = {
        meta["grade_id"]: (cell, meta)
        for cell in notebook.cells
        if (meta := cell.metadata.get("nbgrader")) and meta.get("grade_id")
    }
    for task in week.tasks:
        for grade_id in (task.name, f"test_{task.name}"):
            if grade_id not in graded:
                problems.append(f"{week.text.name} has no cell with grade_id {grade_id!r}")
        cell, meta = graded.get(f"test_{task.name}", (None, {}))
        points = meta.get("points")
        if cell is not None and points != task.points:
            problems.append(
                f"{task.name}: the points disagree: the cell test_{task.name} has {points}, "
                f"the criteria in reference.py sum to {task.points:g}"
            )
        if cell is not None and f"observe({task.name})" not in cell.source:
            problems.append(f"the cell test_{task.name} does not call observe({task.name})")
    known = {*week.task_names, *(f"test_{name}" for name in week.task_names), "written"}
    problems += [
        f"the cell {grade_id!r} belongs to no task in reference.py"
        for grade_id in graded
        if grade_id not in known
    ]
    total = sum(float(meta.get("points", 0)) for _, meta in graded.values() if meta.get("grade"))
    configured = course.settings.points.get(week.name, total)
    if float(configured) != total:
        problems.append(
            f"the points disagree: the notebook's sum to {total:g}, and "
            f"c.CourseSettings.points in nbgrader_config.py says {configured}"
        )
    course.settings.due_date(week.name)  # raises if it cannot be read
    return problems


def notes(course: Course, week: Week) -> list[str]:
    """What is no fault, and may have been forgotten all the same."""
    said = []
    if course.settings.due_date(week.name) is None:
        said.append(
            "no due date in nbgrader_config.py (c.CourseSettings.due_dates): nobody is late"
        )
    if week.name not in course.settings.points:
        said.append("no points in nbgrader_config.py (c.CourseSettings.points) to compare with")
    for path in (week.text, week.folder / "reference.py"):
        count = path.read_text("utf-8").count(_REPLACE) if path.exists() else 0
        if count:
            places = "place" if count == 1 else "places"
            said.append(
                f"{path.name} says {_REPLACE} in {count} {places}, as autograder new left it"
            )
    return said


def solutions(course: Course, week: Week) -> list[str]:
    """The instructor's notebook earns everything, the released one nothing, in real kernels."""
    problems = []
    for label, notebook in _variants(week):
        with scratch_course(course, week, notebook) as scratch:
            convert(scratch, week.name, "generate_assignment")
            master = _master(scratch, week)
            seed = course.settings.seed
            source = scratch.root / "source" / week.name / week.source.name
            solved = grade(prepare("the solutions", source, master), week, seed, TRUSTED)
            problems += [f"{label}: {text}" for text in _unsolved(solved, week)]
            release = scratch.root / "release" / week.name / week.source.name
            untouched = grade(prepare("nobody", release, master), week, seed, TRUSTED)
            problems += [f"{label}: {text}" for text in _too_good(untouched)]
    return problems


def _unsolved(graded: Graded, week: Week) -> list[str]:
    problems = [graded.died] if graded.died else []
    for verdict in graded.verdicts:
        for criterion in verdict.criteria:
            if criterion.status is not Status.PASSED:
                what = criterion.reason or f"not earned on {criterion.call!r}"
                problems.append(
                    f"the solution of {verdict.task} is wrong: {criterion.name!r} {what}"
                    + (f" (it looks like {criterion.mistake!r})" if criterion.mistake else "")
                )
    for cell in graded.notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                first = cell.source.strip().splitlines()[0]
                problems.append(
                    f"solved, the cell {first!r} raises {output.ename}: {output.evalue}"
                )
    for name in week.task_names:
        cell = next((c for c in graded.notebook.cells if grade_id_of(c) == f"test_{name}"), None)
        texts = [o.get("text", "") for o in cell.outputs] if cell is not None else []
        failing = [t for t in texts if "Error" in t and "Traceback" in t]
        if failing:
            problems.append(f"the visible checks of {name} fail on the solution")
    return problems


def _too_good(graded: Graded) -> list[str]:
    problems = [
        f"the released stub of {verdict.task} earns {verdict.score:g} points"
        for verdict in graded.verdicts
        if verdict.score
    ]
    for cell in graded.notebook.cells:
        if "raises-exception" in cell.metadata.get("tags", []):
            continue
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                first = cell.source.strip().splitlines()[0]
                problems.append(
                    f"released and untouched, the cell {first!r} raises {output.ename}: "
                    f"{output.evalue}; the notebook must run to its end"
                )
    return problems


def leaks(course: Course, week: Week) -> list[str]:
    """No solution, hidden test, mark scheme or marking note is in the release."""
    secrets = list(_secrets(week))
    problems = []
    for label, notebook in _variants(week):
        with scratch_course(course, week, notebook) as scratch:
            convert(scratch, week.name, "generate_assignment")
            folder = scratch.root / "release" / week.name
            problems += [f"{label}: {text}" for text in _leaks_in(folder, secrets)]
    folder = course.root / "release" / week.name
    if folder.is_dir():
        problems += [f"release/{week.name}: {text}" for text in _leaks_in(folder, secrets)]
    return list(dict.fromkeys(problems))


def _leaks_in(folder: Path, secrets: Sequence[tuple[str, str]]) -> list[str]:
    problems = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if ".ipynb_checkpoints" in path.parts:
            continue
        if path.suffix == ".py":
            problems.append(f"{path.name} would be released; keep '*.py' in CourseDirectory.ignore")
            continue
        text = path.read_text("utf-8", errors="replace")
        if path.suffix == ".ipynb":
            text = "\n\n".join(cell.source for cell in nbformat.reads(text, as_version=4).cells)
        problems += [
            f"{path.name} contains {mark!r}: something hidden would be released"
            for mark in _HIDDEN_MARKS
            if mark in text
        ]
        squeezed = _squeeze(text)
        problems += [
            f"{path.name} contains a part of {origin} that must stay hidden: {shown!r}"
            for origin, shown in secrets
            if _squeeze(shown) in squeezed
        ]
    return problems


def _secrets(week: Week) -> Iterable[tuple[str, str]]:
    """Pairs of neighbouring lines that students must not see, with where they are from."""
    source = build(week.text.read_text("utf-8")) if week.text.exists() else ""
    public: list[str] = []
    hidden: list[tuple[str, str]] = []
    for cell in nbformat.reads(source, as_version=4).cells if source else ():
        for name, origin in (
            ("SOLUTION", "the solution"),
            ("HIDDEN TESTS", "a hidden test"),
            ("MARK SCHEME", "the mark scheme"),
        ):
            pattern = rf"[^\n]*BEGIN {name}[^\n]*\n(.*?)\n[^\n]*END {name}"
            inside = re.findall(pattern, cell.source, flags=re.DOTALL)
            hidden += [(f"{origin} in {week.text.name}", text) for text in inside]
        if not (cell.metadata.get("nbgrader") or {}).get("solution"):
            public.append(without_region(cell.source, "HIDDEN TESTS"))
    hidden.append(("reference.py", (week.folder / "reference.py").read_text("utf-8")))
    shown = _squeeze("\n".join(public))
    for origin, text in hidden:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        for first, second in itertools.pairwise(lines):
            pair = f"{first}\n{second}"
            # Imports and signatures stand in the notebook for everyone; a pair that is already
            # in a cell meant for students is no secret unless it comes from a solution.
            telling = len(_squeeze(pair)) >= 40 and not first.startswith(("import ", "from "))
            if telling and ("solution" in origin or _squeeze(pair) not in shown):
                yield origin, pair


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _variants(week: Week) -> list[tuple[str, str | None]]:
    """The notebook as its text has it, and as it lies there, if that is another."""
    if not week.text.exists():
        return [(week.source.name, None)]
    built = build(week.text.read_text("utf-8"))
    variants: list[tuple[str, str | None]] = [(week.text.name, built)]
    if week.source.exists() and week.source.read_text("utf-8") != built:
        variants.append((week.source.name, week.source.read_text("utf-8")))
    return variants


def _notebook(week: Week) -> NotebookNode:
    if week.text.exists():
        return nbformat.reads(build(week.text.read_text("utf-8")), as_version=4)
    return nbformat.read(week.source, as_version=4)


def _master(course: Course, week: Week) -> list[MasterCell]:
    directory = CourseDirectory(config=course.config, root=str(course.root))
    with Gradebook(directory.db_url) as gradebook:
        return master_cells(gradebook, week.name, week.notebook)
