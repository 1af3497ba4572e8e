"""A course to work in: generated once, copied for each test that changes it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import nbformat
import nbgrader.api
import pytest
from alembic.script import ScriptDirectory
from nbgrader.dbutil import ALEMBIC_DIR

from autograder.commands.demo import Sample, fill
from autograder.grading.course import Course
from autograder.kernels.orders import environment
from autograder.plugins.converters import convert

ROOT = Path(__file__).parent.parent
#: For a process of a test's own that imports the package and test modules.
SEARCH_PATH = os.pathsep.join(
    [str(ROOT), str(ROOT / "tests"), *sys.path, *map(str, sorted((ROOT / "tests").glob("[!e]*/")))]
)

# Notebooks draw into themselves; a backend for this process must not reach their kernels.
os.environ.pop("MPLBACKEND", None)
matplotlib.use("Agg")
# As in the kernels: each of JAX's programs is small, and compiling them is what takes long.
os.environ.update(
    {name: value for name, value in environment(Path()).items() if name.startswith(("JAX", "XLA"))}
)
# nbgrader starts `alembic` by name; a test run need not have activated the environment.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
# For each new gradebook it asks `alembic`, in a process that takes a second, for the same constant.
HEAD = ScriptDirectory(ALEMBIC_DIR).get_current_head()
nbgrader.api.get_alembic_version = lambda: HEAD


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT


def lay_out(folder: Path) -> Course:
    """A course folder with the sources and the configuration, nothing generated."""
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    skip = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
    shutil.copytree(ROOT / "source", folder / "source", ignore=skip)
    return Course(folder)


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with all weeks released. Not to be changed."""
    course = lay_out(tmp_path_factory.mktemp("released"))
    for name in course.week_names:
        convert(course, name, "generate_assignment")
    return course


def another(course: Course, folder: Path) -> Course:
    """A copy of a course, in a folder that may be there already."""
    shutil.copytree(course.root, folder, dirs_exist_ok=True)
    return Course(folder)


@pytest.fixture
def course(released: Course, tmp_path: Path) -> Course:
    """A released course of the test's own."""
    return another(released, tmp_path / "course")


Submit = Callable[..., Path]


@pytest.fixture
def submit(course: Course) -> Submit:
    """Puts a submission into the course: ``submit(student, week, cells={...})``.

    The cells that are not given hold the instructor's solution; `content`
    replaces the whole file, `edit` changes the notebook before it is written.
    """

    def put(
        student: str,
        week: str,
        cells: dict[str, str] | None = None,
        content: str | bytes | None = None,
        edit: Callable[[Any], None] | None = None,
        **sample: Any,
    ) -> Path:
        loaded = course.week(week)
        folder = course.root / "submitted" / student / week
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / loaded.source.name
        if content is None:
            text = filled(course, week, cells or {}, **sample)
            if edit is not None:
                notebook = nbformat.reads(text, as_version=4)
                edit(notebook)
                text = nbformat.writes(notebook)
            content = text
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return put


def filled(course: Course, week: str, cells: dict[str, str], **sample: Any) -> str:
    """The released notebook with these cells, and else the solutions, filled in."""
    name = course.week(week).source.name
    release = nbformat.read(course.root / "release" / week / name, as_version=4)
    source = nbformat.read(course.root / "source" / week / name, as_version=4)
    return fill(release, source, Sample("", "", cells, **sample))


def scores(course: Course, week: str) -> dict[str, dict[str, float | None]]:
    """What the gradebook holds: by student, the automatic score of each graded cell."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        return {
            submission.student.id: {
                grade.cell.name: grade.auto_score for grade in submission.notebooks[0].grades
            }
            for submission in gradebook.assignment_submissions(week)
        }
