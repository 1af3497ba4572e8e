"""Is a week ready to be released? `autograder check`.

Runs every check of `autograder.commands.checks`, whatever the earlier ones found, and prints what
they say, several weeks at the same time; nothing in the course is touched.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from autograder.commands.abreast import abreast
from autograder.commands.checks.cells import cells, inside, notes, unwritten
from autograder.commands.checks.dead import dead
from autograder.commands.checks.leaks import leaks
from autograder.commands.checks.questions import draws, mistakes
from autograder.commands.checks.solutions import solutions
from autograder.commands.checks.texts import old_points
from autograder.commands.checks.variants import notebook_of
from autograder.commands.scratch import kept
from autograder.commands.sync import differences
from autograder.errors import AutograderError, UnknownWeek
from autograder.grading.course import Course, Week
from autograder.grading.processors import processors
from autograder.marking.places import place_of
from autograder.terminal import Status

__all__ = ["check_course", "check_week"]

Check = Callable[[Course, Week], list[str]]


def check_course(root: Path, name: str | None) -> int:
    """Check a week, or all, and print what was found; 0 if all is well."""
    course = Course(root)
    names = [name] if name else course.week_names
    if not names:
        print("autograder: there is no week in source/ to check", file=sys.stderr)
        return 1
    verdicts: dict[str, bool | None] = {}
    halves = [(week_name, half) for week_name in names for half in _HALVES]
    with Status() as status:
        for (week_name, _), said in abreast(partial(_said, course), halves, processors()):
            if week_name not in verdicts:
                status.now(f"{len(verdicts)} of {len(names)} weeks checked")
            _print(status, week_name, said, verdicts)
    failed = [week_name for week_name, well in verdicts.items() if well is False]
    ready = [week_name for week_name, well in verdicts.items() if well]
    if failed:
        print(f"\nNot ready to be released: {', '.join(failed)}.")
        return 1
    if ready:
        print(f"\nReady to be released: {', '.join(ready)}.")
    return 0


#: Solving a notebook in a stock kernel takes as long as all else, and is done beside it.
_HALVES = ("its notes", "its files")


@dataclass(frozen=True)
class _Said:
    """A check and what it found; or, without a title, what is to be known of a week."""

    title: str = ""
    problems: Sequence[str] = ()
    #: To be known in any case, and only where nothing is wrong.
    notes: Sequence[str] = ()
    if_well: Sequence[str] = ()
    skipped: str = ""


def _said(course: Course, half_of_week: tuple[str, str]) -> Iterator[_Said]:
    """What is said of one half of a week."""
    name, half = half_of_week
    with contextlib.suppress(AutograderError):  # said below, by `check_week`
        if skipped := course.week(name).skipped:
            yield from [_Said(skipped=skipped)] if half == _HALVES[0] else ()
            return
    for title, problems in check_week(course, name, half):
        yield _Said(title, problems)
    if half == _HALVES[-1]:
        with contextlib.suppress(AutograderError, OSError):  # said above
            week = course.week(name)
            yield _Said(notes=inside(week), if_well=notes(course, week))


def _print(status: Status, name: str, said: _Said, verdicts: dict[str, bool | None]) -> None:
    if said.skipped:
        status.line(said.skipped)
        verdicts[name] = None
        return
    if name not in verdicts:
        status.line(name)
        verdicts[name] = True
    if said.title:
        verdicts[name] = verdicts[name] and not said.problems
        status.line(f"  {'✗' if said.problems else '✓'} {said.title}")
    for problem in said.problems:
        status.line(f"      {problem}")
    for note in [*said.notes, *(said.if_well if verdicts[name] else ())]:
        status.line(f"  · {note}")


def check_week(course: Course, name: str, half: str = "") -> Iterable[tuple[str, list[str]]]:
    """Run every check on a week, or those of one half.

    Yields
    ------
    title : str
        What is checked.
    problems : list of str
        What is wrong, a sentence each.
    """
    try:
        week = course.week(name)
    except UnknownWeek:
        raise
    except AutograderError as error:
        if half != _HALVES[1]:
            yield "reference.py makes sense, beside its notebook", [str(error)]
        return
    of_tasks: list[tuple[str, Check]] = [
        ("the hidden tests are fair, and tell every known mistake", draws),
    ]
    of_mistakes: list[tuple[str, Check]] = [
        ("every known mistake loses points and is named", mistakes),
        ("no known mistake stops by itself", dead),
    ]
    of_notes: list[tuple[str, Check]] = [
        # Nothing is ticked of which there is none to look at.
        *(of_tasks if week.tasks else ()),
        *(of_mistakes if any(task.mistakes for task in week.tasks) else ()),
        ("each task has its cells, and the points agree", cells),
        ("nothing is left to be written", unwritten),
        ("the text gives today's points", old_points),
        ("the solutions earn full marks, the released notebook none", solutions),
        ("nothing hidden is released", leaks),
    ]
    of_files: list[tuple[str, Check]] = [("generated files are current", differences)]
    try:
        for part in week.parts:
            notebook_of(part)
    except Exception as error:  # or it would be said again by all that look into the notebook
        if half != _HALVES[1]:
            yield "the notebook can be read", [_sentence(error)]
        return
    checks = {_HALVES[0]: of_notes, _HALVES[1]: of_files}.get(half, [*of_notes, *of_files])
    with kept():
        for title, check in checks:
            try:
                yield title, check(course, week)
            except Exception as error:  # one broken week keeps no other from being checked
                yield title, [_sentence(error)]


def _sentence(error: Exception) -> str:
    if isinstance(error, AutograderError):
        return str(error)
    return f"{place_of(error)}: {type(error).__name__}: {error}"
