"""A new week, laid out: `autograder new`.

Fills the templates of the package into ``source/WEEK/`` and generates the rest.
What comes out is a small whole week that passes `autograder check`; everything
that wants replacing says REPLACE. Configures nothing: what belongs into
``nbgrader_config.py`` is printed, for the instructor to put there.
"""

from __future__ import annotations

import importlib.util
import keyword
import re
import sys
from importlib import resources
from pathlib import Path

import nbformat

from autograder.commands.sync import sync_course
from autograder.errors import CourseError
from autograder.grading.course import Course
from autograder.grading.records import write_whole

__all__ = ["new_week"]

_WEEK = re.compile(r"[a-z]+([0-9]+)(?:_([a-z][a-z0-9_]*))?")
_NOTEBOOK = re.compile(r"[a-z][a-z0-9_]*")
#: The other text of a week, and what may be missing here and not at the students.
_TAKEN = {"reference", "jax"}


def new_week(root: Path, name: str, notebook: str | None = None) -> int:
    """Lay out the week `name`, generate its notebooks, and say what comes next; 0 when done.

    Parameters
    ----------
    root : Path
        The course folder.
    name : str
        Like ``week7_name``.
    notebook : str, optional
        What the notebook is called; by default what follows the first underscore of `name`.

    Raises
    ------
    CourseError
        If a name will not do, or a folder of the week is there already.
    """
    course = Course(root)
    number, rest = _parts(name)
    notebook = rest if notebook is None else notebook
    _check_notebook(notebook)
    for step in ("source", "release", "solutions"):
        if (course.root / step / name).exists():
            raise CourseError(f"{step}/{name} is there already; choose another name or remove it")
    before = _before(course, number)
    filled = {"number": str(number), "week": name, "links": _link_back(course, before)}
    for template, target in (("notebook", notebook), ("reference", "reference")):
        relative = f"source/{name}/{target}.py"
        write_whole(course.root / relative, _template(template, filled))
        print(f"written    {relative}")
    sync_course(course.root, name)
    print(_what_next(course, name, notebook, before))
    return 0


def _parts(name: str) -> tuple[int, str]:
    """Number and name of a week; one without an underscore is its own name."""
    found = _WEEK.fullmatch(name)
    if found is None:
        raise CourseError(
            f"{name!r} is no name for a week; take small letters, a number and, after an "
            "underscore, what it is about, like week7_name, or ps1"
        )
    return int(found[1]), found[2] or name


def _check_notebook(notebook: str) -> None:
    if not _NOTEBOOK.fullmatch(notebook) or keyword.iskeyword(notebook):
        raise CourseError(
            f"{notebook!r} is no name for a notebook; take small letters, digits and underscores, "
            "as for a Python module"
        )
    # The text lies beside the notebook, where Python looks for modules first.
    if notebook in _TAKEN or _is_module(notebook):
        raise CourseError(
            f"a notebook {notebook} would hide the Python module of that name from its own cells; "
            "choose another with --notebook NAME"
        )


def _is_module(name: str) -> bool:
    if name in sys.modules:
        return True
    found = importlib.util.find_spec(name)
    # A folder without code is found too, and hides nothing that anybody imports.
    return found is not None and found.origin is not None


def _before(course: Course, number: int) -> str | None:
    """The last of the weeks with a smaller number."""
    numbers = {int(m[1]): name for name in course.week_names if (m := _WEEK.fullmatch(name))}
    return numbers.get(max((n for n in numbers if n < number), default=-1))


def _link_back(course: Course, before: str | None) -> str:
    if before is None:
        return "REPLACE: links to the week before and the week after"
    return f"[← Week {_parts(before)[0]}](../{before}/{course.week(before).notebooks[0]}.ipynb)"


def _template(name: str, filled: dict[str, str]) -> str:
    text = (resources.files("autograder.commands") / "templates" / f"{name}.py.txt").read_text(
        "utf-8"
    )
    return re.sub(r"\{\{(\w+)\}\}", lambda found: filled[found[1]], text)


def _what_next(course: Course, name: str, notebook: str, before: str | None) -> str:
    week = course.week(name)
    cells = nbformat.read(week.source, as_version=4).cells
    points = sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in cells)
    lines = [
        "",
        f"{name} is a small week already. Replace what says REPLACE in the two texts, then run",
        f"  autograder sync {name}",
        f"  autograder check {name}",
        "and put two lines into nbgrader_config.py (the points are those of now):",
        f'  c.CourseSettings.due_dates   "{name}": "YYYY-MM-DD 23:59 Europe/Zurich",',
        f'  c.CourseSettings.points      "{name}": {points:g},',
    ]
    if before is not None:
        lines += [
            f"and into the notebook of {before} a link to this one:",
            f"  [Week {_parts(name)[0]} →](../{name}/{notebook}.ipynb)",
        ]
    return "\n".join(lines)
