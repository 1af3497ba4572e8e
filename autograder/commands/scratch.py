"""A scratch copy of a course with one week, where it can be released and graded.

It has a gradebook of its own, so that a course in use is never touched. Knows folders; what is
done in the copy it does not know.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from autograder.commands.notebooks import built
from autograder.grading.course import Course, Week
from autograder.plugins.converters import convert
from autograder.plugins.database import began

__all__ = ["kept", "named", "own_gradebook", "released", "scratch_course"]


@contextmanager
def scratch_course(
    course: Course, week: Week, notebooks: Mapping[str, str] = {}
) -> Iterator[Course]:
    """A copy of a course with one week, its notebooks built from their texts.

    Parameters
    ----------
    course : Course
    week : Week
    notebooks : mapping of str to str, optional
        JSON of those to use instead of the ones built from the text, by name.
    """
    with tempfile.TemporaryDirectory(prefix="course-") as name:
        root = Path(name)
        for path in named(course):
            copy = root / path.relative_to(course.root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
        folder = root / week.folder.relative_to(course.root)
        skip = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
        shutil.copytree(week.folder, folder, ignore=skip)
        for part in week.parts:
            text = notebooks.get(part.notebook, "")
            if not text and part.text.exists():
                text = built(part.text)
            if text:
                (folder / part.source.name).write_text(text, "utf-8")
        own_gradebook(root)
        began(root / "gradebook.db")
        yield Course(root)


def own_gradebook(root: Path) -> None:
    """Let a copy of a course forget the gradebook that is configured, which is the real one."""
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as configuration:
        configuration.write('\nget_config().CourseDirectory.pop("db_url", None)\n')


def named(course: Course) -> Iterator[Path]:
    """The configuration, and files beside it and beside the weeks that it may name."""
    for folder, endings in ((course.root, (".py", ".yml", ".yaml")), (course.source, ())):
        for path in folder.iterdir():
            if path.is_file() and (not endings or path.suffix in endings):
                yield path
    for name in ("header", "footer"):
        path = course.root / str(course.config.IncludeHeaderFooter.get(name, ""))
        if path.is_file() and path.is_relative_to(course.root):
            yield path


#: What is closed at the end of `kept`, and the releases that were made inside.
_kept: tuple[ExitStack, dict[object, Course]] | None = None


@contextmanager
def kept() -> Iterator[None]:
    """Make each release once, and keep it for whoever asks for the same inside."""
    global _kept
    with ExitStack() as stack:
        before, _kept = _kept, (stack, {})
        try:
            yield
        finally:
            _kept = before


@contextmanager
def released(course: Course, week: Week, notebooks: Mapping[str, str] = {}) -> Iterator[Course]:
    """A scratch copy in which the week is released; see `scratch_course`."""
    if _kept is None:
        with _released(course, week, notebooks) as scratch:
            yield scratch
        return
    stack, made = _kept
    key = (course.root, week.name, tuple(sorted(notebooks.items())))
    if key not in made:
        made[key] = stack.enter_context(_released(course, week, notebooks))
    yield made[key]


@contextmanager
def _released(course: Course, week: Week, notebooks: Mapping[str, str]) -> Iterator[Course]:
    with scratch_course(course, week, notebooks) as scratch:
        convert(scratch, week.name, "generate_assignment")
        yield scratch
