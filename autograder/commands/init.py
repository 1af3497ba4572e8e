"""A course that exists becomes one of ours, or an empty one is started: `autograder init`.

Into ``nbgrader_config.py`` goes one call (`autograder.plugins.course`), behind all that stands
there; nothing else of the course is touched. Asks first, and says what comes next.
"""

from __future__ import annotations

import re
import secrets
import sys
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import nbformat

from autograder.commands.checks.cells import classic_cells
from autograder.commands.new import new_week
from autograder.errors import AutograderError, CourseError
from autograder.grading.course import Course
from autograder.grading.records import write_whole
from autograder.marking.classic import INSIDE
from autograder.plugins.course import SETTINGS, own_settings, own_steps

__all__ = ["MARK", "init_course", "new_course"]

#: The first week of a new course.
_FIRST = "week1_first"
#: Before it stands what the course was.
MARK = "# --- added by `autograder init` "
_BLOCK = (
    "\n\n"
    + MARK
    + """------------------------------------------------------------
# What is set above stays. Without this block the course is as it was.
from autograder.plugins.course import plug_in

c = get_config()  # noqa: F821
# The questions of hidden tests are drawn from this number. Keep it, and keep it to yourself.
c.CourseSettings.seed = {seed}
plug_in(c)
"""
)


def init_course(root: Path, yes: bool = False) -> int:
    """Show what will be added to the configuration of a course, ask, and add it; 0 when done.

    Parameters
    ----------
    root : Path
        The course folder.
    yes : bool
        Don't ask.

    Raises
    ------
    CourseError
        If there is no course, or its configuration cannot be read, before or after.
    """
    path = root.resolve() / "nbgrader_config.py"
    if not path.is_file():
        raise CourseError(
            f"there is no nbgrader_config.py in {root.resolve()}; change to the root folder of "
            "your nbgrader course and try again, or start an empty one: autograder init --new DIR"
        )
    course = Course(root)  # or its configuration cannot be read, and is left alone
    if _is_ours(course):
        print(f"{path.name} plugs autograder in already: nothing to add.")
    else:
        block = _BLOCK.format(seed=secrets.randbelow(10**8))
        print(f"This goes to the end of {path}:{block}")
        print("\n".join(_kept(course)))
        if not yes and not _agreed():
            print("Nothing was changed.")
            return 1
        before = path.read_bytes()
        path.write_bytes(before.rstrip(b"\n") + block.encode("ascii"))
        try:
            course = Course(root)
        except CourseError:
            path.write_bytes(before)
            raise
        print(f"Added to {path.name}.")
    print("\n".join(["", *_weeks(course)]))
    return 0


def _is_ours(course: Course) -> bool:
    return "autograder." in str(course.config.Autograde.get("sanitize_preprocessors", ""))


def _kept(course: Course) -> list[str]:
    """What of the course's own settings stays, in sentences."""
    own = own_settings(course.config)
    lines = [f"Your own settings stay: {', '.join(own)}."] if own else []
    for setting, steps in own_steps(course.config).items():
        lines.append(
            f"Your own steps keep their place in {setting}: {', '.join(steps)}. nbgrader's own "
            "commands run them, autograder grade doesn't."
        )
    instead = [f"{s}.{n}" for s, n in SETTINGS if f"{s}.{n}" in own and n != "force"]
    if instead:
        lines.append(f"So these of ours are not used: {', '.join(instead)}.")
    return lines


def _agreed() -> bool:
    if not sys.stdin.isatty():
        print("To add it without being asked: autograder init --yes", file=sys.stderr)
        return False
    return input("Add it? [y/N] ").strip().lower() in ("y", "yes")


def _weeks(course: Course) -> list[str]:
    """What there is to grade, and what comes next."""
    lines = []
    for name in course.week_names:
        try:
            points = classic_cells(course.week(name))
        except AutograderError as error:
            lines.append(f"{name}: {error}")
            continue
        cells = f"{len(points)} cell{'s' * (len(points) != 1)}"
        lines.append(f"{name}: {cells} ({sum(points.values()):g} points) {INSIDE}")
    week = course.week_names[0] if course.week_names else "WEEK"
    return [
        *lines,
        "Next:",
        f"  autograder check {week}                 is it ready, and what can be forged in it?",
        f"  nbgrader generate_assignment {week}     unless it is released already",
        f"  autograder grade {week}                 then formgrader, for what is marked by hand",
        f"  nbgrader generate_feedback {week}",
        "A test that a student can neither read nor forge is a task in a reference.py: see "
        "docs/write-a-week.md. Records of each grading are kept in records/; they are as private "
        "as the gradebook.",
    ]


def new_course(folder: Path) -> int:
    """Start an empty course with a first week, and say what comes next; 0 when done.

    Raises
    ------
    CourseError
        If something lies in the folder already.
    """
    folder = folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CourseError(f"{folder} is there already and not empty; choose another folder")
    course = re.sub(r"[^\w.-]+", "-", folder.name).strip("-") or "course"
    filled = {"course": course, "week": _FIRST, "notebook": _FIRST.partition("_")[2]}
    filled |= {"seed": str(secrets.randbelow(10**8)), "points": "0"}
    (folder / "source").mkdir(parents=True)
    files = {"nbgrader_config.py": "nbgrader_config.py", "README.md": "README.md"}
    for name, target in {**files, "gitignore": ".gitignore"}.items():
        write_whole(folder / target, _template(name, filled))
        print(f"written    {target}")
    new_week(folder, _FIRST)
    filled["points"] = f"{_points(Course(folder)):g}"
    write_whole(folder / "nbgrader_config.py", _template("nbgrader_config.py", filled))
    return 0


def _points(course: Course) -> float:
    cells = nbformat.read(course.week(_FIRST).source, as_version=4).cells
    return float(sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in cells))


def _template(name: str, filled: Mapping[str, str]) -> str:
    folder = resources.files("autograder.commands") / "templates" / "course"
    text = (folder / f"{name}.txt").read_text("utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: filled[found[1]], text)
