"""Folders of students: the names that nbgrader can take through all of its steps, and the files."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from nbgrader import utils

__all__ = ["copy_files", "why_not_a_student"]

#: A supplementary file larger than this is not copied beside the graded notebook.
_MAX_FILE = 10_000_000


def why_not_a_student(name: str) -> str:
    """Why a folder's name cannot be a student's id; empty if it can."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return "its name is not in UTF-8"
    if any(unicodedata.category(char) == "Cc" for char in name):
        return "its name has a line break, or another control character"
    if name != name.strip():
        return "its name begins or ends with a space"
    return "its name begins with a full stop" if name.startswith(".") else ""


def copy_files(source: Path, target: Path, ignore: Sequence[str]) -> None:
    """Copy the plain files of a submission, but no notebooks, links or ignored ones."""
    if not source.is_dir():
        return
    skip = utils.ignore_patterns(exclude=[*ignore, "*.ipynb"])
    names = [p.name for p in source.iterdir() if p.is_file() and not p.is_symlink()]
    ignored = set(skip(str(source), names))
    for name in names:
        if name not in ignored and (source / name).stat().st_size <= _MAX_FILE:
            copy = target / name
            copy.unlink(missing_ok=True)
            shutil.copyfile(source / name, copy)
