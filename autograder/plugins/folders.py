"""Folders of students: the names that nbgrader can take through all of its steps, and the files."""

from __future__ import annotations

import os
import shutil
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from nbgrader import utils
from nbgrader.api import Student

__all__ = [
    "copy_files",
    "entries",
    "is_too_long",
    "plain_files",
    "why_not_a_path",
    "why_not_a_student",
]

#: A supplementary file larger than this is not copied beside the graded notebook.
_MAX_FILE = 10_000_000
#: File systems take 255.
_LONGEST = 240
#: Characters of an id in nbgrader's tables. A file (SQLite) takes more.
_WIDTH = Student.__table__.c.id.type.length


def entries(parent: Path, week: str) -> list[tuple[str, Path]]:
    """What students have there of the name of a week, folder or not, by student."""
    found = parent.iterdir() if parent.is_dir() else []
    return sorted((s.name, s / week) for s in found if os.path.lexists(s / week))


def why_not_a_path(name: str) -> str:
    """Why nbgrader cannot take a folder of this name; empty if it can."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return "its name is not in UTF-8"
    if any(unicodedata.category(char) == "Cc" for char in name):
        return "its name has a line break, or another control character"
    return ""


def why_not_a_student(name: str, shared: bool = False) -> str:
    """Why a folder's name cannot be a student's id; empty if it can.

    Parameters
    ----------
    name : str
    shared : bool, optional
        Whether the gradebook is a server's, which counts.
    """
    if why := why_not_a_path(name):
        return why
    if is_too_long(name):
        return f"its name is longer than {_LONGEST} bytes"
    if shared and len(name) > _WIDTH:
        return f"its name is longer than {_WIDTH} characters, which PostgreSQL refuses"
    if name != name.strip():
        return "its name begins or ends with a space"
    return "its name begins with a full stop" if name.startswith(".") else ""


def is_too_long(name: str) -> bool:
    """Whether nothing can be called so with an ending: a record, for one."""
    return len(os.fsencode(name)) > _LONGEST


def copy_files(source: Path, target: Path, ignore: Sequence[str]) -> None:
    """Copy the plain files of a submission, but no notebooks, links or ignored ones."""
    for path in map(Path, plain_files(source, [*ignore, "*.ipynb"])):
        copy = target / path.name
        copy.unlink(missing_ok=True)
        shutil.copyfile(path, copy)


def plain_files(folder: str | Path, exclude: Sequence[str]) -> list[str]:
    """The plain files in a folder, by path: no folders or links, and nothing large or unreadable.

    Stands in for nbgrader's `find_all_files`, which goes down every folder.
    """
    skip = utils.ignore_patterns(exclude=list(exclude))
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if _is_plain(entry)]
    except OSError:
        return []  # none there, or none for us
    ignored = set(skip(str(folder), [entry.name for entry in found]))
    return [entry.path for entry in found if entry.name not in ignored]


def _is_plain(entry: os.DirEntry[str]) -> bool:
    return (
        entry.is_file(follow_symlinks=False)
        and entry.stat(follow_symlinks=False).st_size <= _MAX_FILE
        and os.access(entry.path, os.R_OK)
    )
