"""What of other people's lies where every submission may read, however the box is closed.

Looks at each path that the configuration of course, user and machine names, and at what links make
of it. Knows paths and settings; it runs nothing and changes nothing.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Set
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir
from traitlets.config import Config

from autograder.grading.course import Course
from autograder.grading.settings import as_nbgrader_reads_it
from autograder.kernels.landlock import readable

__all__ = ["exposed"]

#: nbgrader's settings of folders with somebody's work in them, and what it takes without them.
_WORK = {
    ("CourseDirectory", "source_directory"): "source",
    ("CourseDirectory", "source_with_tests_directory"): "source_with_tests",
    ("CourseDirectory", "solution_directory"): "solutions",
    ("CourseDirectory", "submitted_directory"): "submitted",
    ("CourseDirectory", "autograded_directory"): "autograded",
    ("CourseDirectory", "feedback_directory"): "feedback",
    ("ZipCollectApp", "downloaded_directory"): "downloaded",
    ("NbGrader", "logfile"): ".nbgrader.log",
}
#: The same of folders in which libraries may lie as well.
_SHARED = {
    ("Exchange", "root"): "/usr/local/share/nbgrader/exchange",
    ("Exchange", "cache"): "",
}


def exposed(course: Course) -> list[str]:
    """What every submission could read, a sentence each that says what to do; empty if nothing."""
    places = frozenset(readable())
    config = as_nbgrader_reads_it(course.config)
    found = []
    for path, remedy in _shared(course, config):
        if place := _around(path, places):
            found.append(_sentence(path, place, remedy))
    for path, remedy in _work(course, config):
        for each in (path, *_links(path)):
            if place := _around(each, places) or _inside(each, places):
                found.append(_sentence(each, place, remedy))
    return found


def _shared(course: Course, config: Config) -> Iterator[tuple[Path, str]]:
    """Folders in which the environment may lie, too; and how to move them."""
    yield course.root, "move the course"
    yield Path(tempfile.gettempdir()), "set TMPDIR to another folder"
    for (section, name), default in _SHARED.items():
        path = str(config[section].get(name, default) or Path(jupyter_data_dir(), "nbgrader_cache"))
        yield course.root / path, _set(section, name)


def _work(course: Course, config: Config) -> Iterator[tuple[Path, str]]:
    """Folders and files of nothing but somebody's work; and how to move them."""
    for (section, name), default in _WORK.items():
        yield course.root / str(config[section].get(name, default)), _set(section, name)
    for name in ("records", "report"):
        yield course.root / name, "move it back into the course"
    url = str(config.CourseDirectory.get("db_url", "sqlite:///gradebook.db"))
    if url.startswith("sqlite:///"):
        path = url.removeprefix("sqlite:///").partition("?")[0]
        yield course.root / path, _set("CourseDirectory", "db_url")


def _set(section: str, name: str) -> str:
    return f"move it, and set c.{section}.{name} in nbgrader_config.py"


def _links(folder: Path) -> Iterator[Path]:
    """What in a folder is a link: to a week, or a student's work, that is kept elsewhere."""
    try:
        with os.scandir(folder) as entries:
            yield from (Path(entry) for entry in entries if entry.is_symlink())
    except OSError:
        return  # not there, or a file


def _around(path: Path, places: Set[str]) -> str:
    """The place in which a path lies."""
    real = Path(os.path.realpath(path))
    return next((name for name in map(str, (real, *real.parents)) if name in places), "")


def _inside(path: Path, places: Set[str]) -> str:
    """A place that lies in a path."""
    real = os.path.join(os.path.realpath(path), "")
    return next((place for place in places if place.startswith(real)), "")


def _sentence(path: Path, place: str, remedy: str) -> str:
    return (
        f"every submission could read {path}, as it may read {place}, where the system and Python "
        f"keep what programs use; {remedy}"
    )
