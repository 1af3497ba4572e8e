"""Is a week ready to be released? `autograder check`.

Runs every check of `autograder.commands.checks`, whatever the earlier ones found, and prints what
they say; nothing in the course is touched.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from autograder.commands.checks.cells import cells, inside, notes, unwritten
from autograder.commands.checks.dead import dead
from autograder.commands.checks.leaks import leaks
from autograder.commands.checks.questions import draws, mistakes
from autograder.commands.checks.solutions import solutions
from autograder.commands.checks.texts import old_points
from autograder.commands.sync import differences
from autograder.errors import AutograderError, UnknownWeek
from autograder.grading.course import Course, Week
from autograder.marking.places import place_of

__all__ = ["check_course", "check_week"]

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
    with contextlib.suppress(AutograderError, OSError):  # said above
        week = course.week(name)
        for note in [*inside(week), *(notes(course, week) if well else ())]:
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
    except UnknownWeek:
        raise
    except AutograderError as error:
        yield "reference.py makes sense, beside its notebook", [str(error)]
        return
    checks: list[tuple[str, Check]] = [
        ("the hidden tests are fair, and tell every known mistake", draws),
        ("every known mistake loses points and is named", mistakes),
        ("no known mistake stops by itself", dead),
        ("each task has its cells, and the points agree", cells),
        ("nothing is left to be written", unwritten),
        ("the text gives today's points", old_points),
        ("the solutions earn full marks, the released notebook none", solutions),
        ("nothing hidden is released", leaks),
        ("generated files are current", differences),
    ]
    for title, check in checks:
        try:
            yield title, check(course, week)
        except AutograderError as error:
            yield title, [str(error)]
        except Exception as error:  # one broken week keeps no other from being checked
            yield title, [f"{place_of(error)}: {type(error).__name__}: {error}"]
