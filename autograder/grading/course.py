"""The course folder: its weeks, their marking notes, its settings.

Reads ``source/``, ``reference.py`` and ``nbgrader_config.py``; writes nothing,
and knows nothing of submissions or of how work is graded.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from weakref import WeakValueDictionary

import nbformat
from nbformat import NotebookNode
from traitlets import TraitError
from traitlets.config import Config, PyFileConfigLoader

from autograder.errors import CourseError, UnknownWeek
from autograder.grading.notes import imported, tasks_of
from autograder.grading.settings import CourseSettings
from autograder.marking.task import Task
from autograder.submissions.beside import File, released_files
from autograder.submissions.cells import task_of
from autograder.submissions.figures import is_drawing
from autograder.submissions.hidden import adapter, hands_over

__all__ = ["Course", "Week"]


@dataclass(frozen=True, eq=False)
class Week:
    """One week: its folder in ``source/``, its notebook and its tasks."""

    name: str
    folder: Path
    notebook: str
    tasks: tuple[Task, ...]
    fingerprint: str
    #: Texts of the cells that only draw.
    drawings: frozenset[str] = frozenset()
    #: Texts of all code cells that are not graded.
    released: frozenset[str] = frozenset()
    #: What students get beside the notebook.
    files: tuple[File, ...] = ()
    #: Test cells whose hidden part hands nothing to ``observe``, by ``grade_id``.
    classic: frozenset[str] = frozenset()
    #: Packages that its notebook imports, beside what every notebook does.
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
        return _same_week, (self._number, self.folder, self.fingerprint)

    @property
    def skipped(self) -> str:
        """Why nothing of this week can be run here, in one line; ``""`` if it can."""
        absent = [name for name in self.requires if not _is_installed(name)]
        if not absent:
            return ""
        return (
            f"{self.name} is skipped: {' and '.join(absent)} is not installed here "
            f"(to include the week: pip install {' '.join(absent)})"
        )

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
        if name not in names:
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


#: The weeks of this process, by number.
_loaded: WeakValueDictionary[int, Week] = WeakValueDictionary()


@lru_cache(maxsize=8)
def _same_week(number: int, folder: Path, fingerprint: str) -> Week:
    """The week of that number, as it was when this process was forked; or loaded anew."""
    week = _loaded.get(number)
    if week is None or week.folder != folder or week.fingerprint != fingerprint:
        week = load_week(folder)
    if week.fingerprint != fingerprint:
        raise CourseError(f"{folder / 'reference.py'} has changed while it was used; try again")
    return week


def load_week(folder: Path, around: Sequence[Path] = ()) -> Week:
    """Load the week in `folder`: its one notebook and the tasks of ``reference.py``.

    Raises
    ------
    CourseError
        If there is not exactly one notebook, or ``reference.py`` fails. A week without one
        has no tasks: its test cells are classic ones.
    """
    folder = folder.resolve()
    reference = folder / "reference.py"
    notebooks = _texts(folder) or list(folder.glob("*.ipynb"))
    if not notebooks and not reference.is_file():
        raise CourseError(f"{folder} is not a week: it has no reference.py and no notebook")
    if len(notebooks) != 1:
        found = ", ".join(sorted(path.name for path in notebooks)) or "none"
        raise CourseError(f"{folder} needs exactly one notebook beside reference.py; found {found}")
    notebook = notebooks[0].stem
    fingerprint = hashlib.sha256(reference.read_bytes() if reference.is_file() else b"")
    own = {reference.name, *(f"{notebook}{ending}" for ending in (".py", ".ipynb"))}
    try:
        files = released_files(folder, own)
    except OSError as error:
        raise CourseError(
            f"{folder.name}: {error.strerror or error}; students would not get it"
        ) from error
    for file in files:
        fingerprint.update(hashlib.sha256(f"{file.name}\0".encode() + file.content).digest())
    notes = imported(reference) if reference.is_file() else None
    cells = _cells(folder / f"{notebook}.ipynb")
    given = [*cells, *(cell for path in around for cell in _cells(path))]
    hidden = _hidden(cells)
    fingerprint.update("".join(hidden.values()).encode())  # what is asked decides on a verdict, too
    return Week(
        name=folder.name,
        folder=folder,
        notebook=notebook,
        tasks=tuple(tasks_of(reference, notes)) if notes else (),
        requires=tuple(getattr(notes, "REQUIRES", ())),
        fingerprint=fingerprint.hexdigest(),
        files=files,
        drawings=frozenset(cell.source for cell in cells if is_drawing(cell)),
        released=frozenset(cell.source.strip() for cell in given if _is_free(cell)),
        around=tuple(around),
        hidden=hidden,
        classic=frozenset(_classic(cells)),
    )


def _texts(folder: Path) -> list[Path]:
    """Notebooks written as text; any other module is there for the students."""
    modules = [path for path in folder.glob("*.py") if path.name != "reference.py"]
    if not any(folder.glob("*.ipynb")) and len(modules) < 2:
        return modules  # one just begun
    cell = re.compile(r"^# %%", re.MULTILINE)
    return [path for path in modules if cell.search(path.read_text("utf-8", errors="replace"))]


def _is_installed(package: str) -> bool:
    """Whether it can be found; to import it would take a second, and only kernels need it."""
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def _cells(notebook: Path) -> list[NotebookNode]:
    """The code cells; none while the notebook is not there or broken."""
    try:
        cells = nbformat.read(notebook, as_version=4).cells
    except Exception:
        return []
    return [cell for cell in cells if cell.cell_type == "code"]


def _is_free(cell: NotebookNode) -> bool:
    nbgrader = cell.metadata.get("nbgrader") or {}
    return not (nbgrader.get("grade") or nbgrader.get("solution"))


def _hidden(cells: Sequence[NotebookNode]) -> dict[str, str]:
    """The hidden parts that have to be run, by task."""
    parts = {task: adapter(cell.source, task) for cell in cells if (task := task_of(cell))}
    return {task: hidden for task, hidden in parts.items() if hidden}


def _classic(cells: Sequence[NotebookNode]) -> Iterator[str]:
    """Which test cells hand nothing over, by ``grade_id``."""
    for cell in cells:
        about = cell.metadata.get("nbgrader") or {}
        if about.get("grade") and not about.get("solution") and not hands_over(cell.source):
            yield about["grade_id"]
