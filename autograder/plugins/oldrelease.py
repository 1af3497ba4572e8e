"""The old release, kept where a new one cannot be made.

nbgrader removes ``release/WEEK`` before it knows whether it can write another one. Here the old
one comes back, and a sentence says what stood in the way. Knows nbgrader's converter and the
gradebook's cells.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters.base import NbGraderException

from autograder.submissions.cells import grade_id_of

__all__ = ["keep_the_old_one"]


def keep_the_old_one(converter: Any, convert: Callable[[], None]) -> None:
    """Generate a week, or leave everything in ``release/`` as it was.

    Parameters
    ----------
    converter : GenerateAssignment
    convert : callable
        Its own way to convert all notebooks.

    Raises
    ------
    NbGraderException
        With a sentence that says what stood in the way; it is in the log, too.
    """
    weeks = {Path(folder).name: folder for folder in converter.assignments}
    with tempfile.TemporaryDirectory() as kept, _held_back(converter.log) as said:
        old = {week: Path(converter._format_dest(week, ".")) for week in weeks}
        for week, folder in old.items():
            if folder.is_dir():
                shutil.copytree(folder, Path(kept, week), symlinks=True)
        try:
            convert()
            return
        except BaseException as error:
            for week, folder in old.items():
                shutil.rmtree(folder, ignore_errors=True)
                if Path(kept, week).is_dir():
                    shutil.copytree(Path(kept, week), folder, symlinks=True)
            if not isinstance(error, Exception):
                raise
            cause = error
    names = " and ".join(weeks)
    why = " ".join(filter(None, (_changed(converter, *week) for week in weeks.items())))
    stays = f"release/{names} stays as it was"
    sentence = f"{why or _last_line(said) or cause}. Nothing was generated; {stays}"
    converter.log.error("%s", sentence)
    raise NbGraderException(sentence) from cause


def _changed(converter: Any, week: str, folder: str) -> str:
    """What nbgrader cannot take over, if the gradebook holds submissions: other graded cells."""
    directory = converter.coursedir
    with Gradebook(directory.db_url, directory.course_id) as gradebook:
        for path in map(Path, converter.assignments[folder]):
            try:
                entry = gradebook.find_notebook(path.stem, week)
            except MissingEntry:
                continue
            count = len(entry.submissions)
            before = {cell.name for cell in entry.source_cells}
            now = {*map(grade_id_of, nbformat.read(path, as_version=4).cells)} - {""}
            if count and before != now:
                what = [
                    f"{label}: {', '.join(sorted(names))}"
                    for label, names in (("new", now - before), ("gone", before - now))
                    if names
                ]
                return (
                    f"{week} has other graded cells than before ({'; '.join(what)}), and the "
                    f"gradebook holds {count} submissions of it: take the change back; or, if "
                    f"their grades may go, run: nbgrader db assignment remove {week} --force, "
                    "and then this command again"
                )
    return ""


def _last_line(said: list[str]) -> str:
    """What the last traceback ends with."""
    for message in reversed(said):
        if "Traceback" in message:
            return message.strip().splitlines()[-1].rstrip(".")
    return said[0].rstrip(".") if said else ""


@contextmanager
def _held_back(log: logging.Logger) -> Iterator[list[str]]:
    """Keep errors, and what is said of removing, out of the log; they are in the list."""
    said: list[str] = []

    def passes(record: logging.LogRecord) -> bool:
        removing = record.getMessage().startswith("Removing")
        if record.levelno >= logging.ERROR:
            said.append(record.getMessage())
        return record.levelno < logging.ERROR and not removing

    log.addFilter(passes)
    try:
        yield said
    finally:
        log.removeFilter(passes)
