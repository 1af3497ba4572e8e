"""The course folder: its weeks, their marking notes, its settings.

Reads ``source/``, ``reference.py`` and ``nbgrader_config.py``; writes nothing,
and knows nothing of submissions or of how work is graded.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from weakref import WeakValueDictionary

from traitlets import TraitError
from traitlets.config import Config, PyFileConfigLoader

from autograder.errors import CourseError, UnknownWeek
from autograder.grading.notebooks import (
    classic_tests_of,
    code_cells,
    hidden_parts,
    is_free,
    is_idle,
    is_text,
    names_in,
    places,
)
from autograder.grading.notes import imported, tasks_of
from autograder.grading.requires import to_install
from autograder.grading.settings import CourseSettings
from autograder.marking.task import Task
from autograder.submissions.beside import File, released_files
from autograder.submissions.hidden import handed

__all__ = ["Course", "Week"]


@dataclass(frozen=True, eq=False)
class Week:
    """One week: its folder in ``source/``, its notebooks and their tasks."""

    name: str
    folder: Path
    notebooks: tuple[str, ...]
    tasks: tuple[Task, ...]
    fingerprint: str
    #: Texts of the cells that only draw, or only define.
    idle: frozenset[str] = frozenset()
    #: Texts of all code cells that are not graded.
    released: frozenset[str] = frozenset()
    #: In which notebook the test cell of a task stands.
    where: Mapping[str, str] = field(default_factory=dict)
    #: What students get beside the notebooks.
    files: tuple[File, ...] = ()
    #: Test cells whose hidden part hands nothing to ``observe``, by ``grade_id``.
    classic: frozenset[str] = frozenset()
    #: Packages that its notebooks import, beside what every notebook does.
    requires: tuple[str, ...] = ()
    #: What nbgrader puts before and after the notebook when it is released.
    around: tuple[Path, ...] = ()
    #: Hidden parts of test cells that do more than name a function, by task.
    hidden: Mapping[str, str] = field(default_factory=dict)
    _number: int = field(default_factory=itertools.count().__next__, init=False, repr=False)

    def __post_init__(self) -> None:
        _loaded[self._number] = self

    def __reduce__(self) -> tuple[object, ...]:
        # Its notes are code, which does not pickle; a forked process has them already.
        return _same_week, (self._number, self.folder, self.fingerprint, self.notebooks)

    @property
    def skipped(self) -> str:
        """Why nothing of this week can be run here, in one line; ``""`` if it can."""
        absent = [name for name in self.requires if not _is_installed(name)]
        if not absent:
            return ""
        return (
            f"{self.name} is skipped: {' and '.join(absent)} is not installed here "
            f"(to include the week: pip install {' '.join(map(to_install, absent))})"
        )

    @cached_property
    def parts(self) -> tuple[Week, ...]:
        """The week notebook by notebook: weeks of one notebook each, with the tasks in it."""
        if len(self.notebooks) == 1:
            return (self,)
        return tuple(
            replace(self, notebooks=(name,), tasks=tuple(self._tasks_in(name)))
            for name in self.notebooks
        )

    def _tasks_in(self, notebook: str) -> Iterator[Task]:
        return (task for task in self.tasks if self.where[task.name] == notebook)

    def part(self, notebook: str) -> Week:
        """The part with this notebook."""
        return next(part for part in self.parts if part.notebook == notebook)

    @property
    def notebook(self) -> str:
        """The name of the one notebook that this week, or this part of a week, has."""
        (name,) = self.notebooks
        return name

    @property
    def text(self) -> Path:
        """The notebook as jupytext ``py:percent``: the text that is edited."""
        return self.folder / f"{self.notebook}.py"

    @property
    def source(self) -> Path:
        """The generated notebook, which nbgrader reads."""
        return self.folder / f"{self.notebook}.ipynb"

    def task(self, name: str) -> Task:
        """The task called `name`.

        Raises
        ------
        CourseError
            If there is none.
        """
        for task in self.tasks:
            if task.name == name:
                return task
        known = ", ".join(task.name for task in self.tasks)
        raise CourseError(f"{self.name} has no task {name!r}; its tasks are {known}")

    @property
    def task_names(self) -> list[str]:
        """Names of the tasks, in order."""
        return [task.name for task in self.tasks]


class Course:
    """A course folder.

    Parameters
    ----------
    root : path
        The folder with ``nbgrader_config.py`` and ``source/``.

    Raises
    ------
    CourseError
        If it is not a course folder, or its configuration cannot be read.
    """

    def __init__(self, root: Path | str = ".") -> None:
        self.root = Path(root).resolve()
        config = self.root / "nbgrader_config.py"
        if not config.is_file():
            raise CourseError(_NO_COURSE.format(self.root))
        try:
            self.config: Config = PyFileConfigLoader(config.name, str(self.root)).load_config()
        except Exception as error:
            raise CourseError(f"{config} cannot be read: {type(error).__name__}: {error}") from None
        try:
            self.settings = CourseSettings(config=self.config)
        except TraitError as error:
            raise CourseError(f"{config}: {error}") from None
        if not self.source.is_dir():
            raise CourseError(_NO_COURSE.format(self.root))

    @property
    def source(self) -> Path:
        """The folder of the weeks: nbgrader's ``CourseDirectory.source_directory``."""
        return self.root / str(self.config.CourseDirectory.get("source_directory", "source"))

    @property
    def week_names(self) -> list[str]:
        """Folders in ``source/`` that hold a ``reference.py`` or a notebook, sorted."""
        found = (path.parent.name for path in self.source.glob("*/*") if _makes_a_week(path))
        return sorted({name for name in found if not name.startswith(".")})

    def week(self, name: str) -> Week:
        """Load a week.

        Raises
        ------
        UnknownWeek
            If there is no such folder in ``source/``.
        CourseError, TaskError
            If its notebook or its ``reference.py`` is not as it should be.
        """
        names = self.week_names
        begun = {path.parent.name for path in self.source.glob("*/*.py") if is_text(path)}
        if name not in {*names, *begun}:
            close = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
            hint = (
                f"did you mean {close[0]}?" if close else f"there is {', '.join(names) or 'none'}"
            )
            raise UnknownWeek(f"no week {name!r} in {self.source}; {hint}")
        return load_week(self.source / name, self._around)

    @property
    def _around(self) -> tuple[Path, ...]:
        """The header and the footer: nbgrader's ``c.IncludeHeaderFooter``."""
        names = [str(self.config.IncludeHeaderFooter.get(n, "")) for n in ("header", "footer")]
        return tuple(path for name in names if name and (path := self.root / name).is_file())


_NO_COURSE = (
    "{} is not a course folder: it has no nbgrader_config.py beside a source folder; change to the "
    "course's root folder and try again"
)


def _makes_a_week(path: Path) -> bool:
    return path.name == "reference.py" or path.suffix == ".ipynb"


#: What a notebook is edited as, and what is generated from that.
_ENDINGS = (".py", ".ipynb")
#: The weeks of this process, by number.
_loaded: WeakValueDictionary[int, Week] = WeakValueDictionary()


@lru_cache(maxsize=8)
def _same_week(number: int, folder: Path, fingerprint: str, notebooks: tuple[str, ...]) -> Week:
    """The week of that number, as it was when this process was forked; or loaded anew."""
    week = _loaded.get(number)
    if week is None or (week.folder, week.notebooks, week.fingerprint) != (
        folder, notebooks, fingerprint
    ):  # fmt: skip
        week = load_week(folder)
        week = week if week.notebooks == notebooks else week.part(*notebooks)
    if week.fingerprint != fingerprint:
        raise CourseError(f"{folder / 'reference.py'} has changed while it was used; try again")
    return week


def load_week(folder: Path, around: Sequence[Path] = ()) -> Week:
    """Load the week in `folder`: its notebooks and the tasks of ``reference.py``.

    Raises
    ------
    CourseError
        If there is no notebook, or ``reference.py`` fails. A week without one has no tasks: its
        test cells are classic ones.
    """
    folder = folder.resolve()
    reference = folder / "reference.py"
    notebooks = names_in(folder)
    if not notebooks and not reference.is_file():
        raise CourseError(f"{folder} is not a week: it has no reference.py and no notebook")
    if not notebooks:
        raise CourseError(f"{folder} has no notebook beside reference.py")
    fingerprint = hashlib.sha256(reference.read_bytes() if reference.is_file() else b"")
    own = {reference.name, *(f"{name}{ending}" for name in notebooks for ending in _ENDINGS)}
    try:
        files = released_files(folder, own)
    except OSError as error:
        raise CourseError(
            f"{folder.name}: {error.strerror or error}; students would not get it"
        ) from error
    for file in files:
        fingerprint.update(hashlib.sha256(f"{file.name}\0".encode() + file.content).digest())
    notes = imported(reference) if reference.is_file() else None
    tasks = tuple(tasks_of(reference, notes)) if notes else ()
    inside = {name: code_cells(folder / f"{name}.ipynb") for name in notebooks}
    cells = [cell for name in notebooks for cell in inside[name]]
    given = [*cells, *(cell for path in around for cell in code_cells(path))]
    found, hidden = places(inside), hidden_parts(cells)
    asked = {task.name: handed(hidden.get(task.name, "")) for task in tasks}
    tasks = tuple(replace(t, handed=asked[t.name][0], beforehand=asked[t.name][1]) for t in tasks)
    where = {task.name: found.get(task.name, notebooks[0]) for task in tasks}
    fingerprint.update("".join(hidden.values()).encode())  # what is asked decides on a verdict, too
    fingerprint.update(" ".join(where.values()).encode())
    return Week(
        name=folder.name,
        folder=folder,
        notebooks=tuple(notebooks),
        tasks=tasks,
        where=where,
        requires=tuple(getattr(notes, "REQUIRES", ())),
        fingerprint=fingerprint.hexdigest(),
        files=files,
        idle=frozenset(cell.source for cell in cells if is_idle(cell)),
        released=frozenset(cell.source.strip() for cell in given if is_free(cell)),
        around=tuple(around),
        hidden=hidden,
        classic=frozenset(classic_tests_of(cells)),
    )


def _is_installed(package: str) -> bool:
    """Whether it can be found; to import it would take a second, and only kernels need it."""
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False
