"""Files beside a notebook: a student's own modules, a week's data. As bytes, within bounds.

They are looked at as files alone: nothing is imported or parsed, and no link is followed. Knows
folders and names; neither kernels, which get the files, nor weeks.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path

__all__ = ["File", "own_modules", "released_files"]

_MOST_MODULES = 20
_MODULE_BYTES = 200_000
_RELEASED_BYTES = 50_000_000
_MOST_RELEASED = 500
_PASSED_OVER = ("__pycache__", "node_modules")


@dataclass(frozen=True)
class File:
    """A file for the folder in which a notebook runs.

    `name` is relative, with forward slashes. `released` ones cannot be written to.
    """

    name: str
    content: bytes
    released: bool = False


def own_modules(folder: Path, sources: str) -> tuple[list[File], list[str]]:
    """A student's own plain modules, as far as the notebook speaks of them.

    Parameters
    ----------
    folder : Path
        Of the submission.
    sources : str
        All code of the notebook.

    Returns
    -------
    files : list of File
    notes : list of str
        Modules that cannot be used, and why.
    """
    files: list[File] = []
    notes: list[str] = []
    waiting = {path.stem: path for path in _modules(folder)}
    text = sources
    while text:
        named = [stem for stem in waiting if re.search(rf"\b{re.escape(stem)}\b", text)]
        text = ""
        for stem in named:
            path = waiting.pop(stem)
            content, problem = _module(path)
            if not problem and len(files) == _MOST_MODULES:
                problem = f"there are more than {_MOST_MODULES}"
            if problem:
                notes.append(f"the module {path.name} was not used: {problem}")
            else:
                files.append(File(path.name, content))
                text += content.decode(errors="replace")
    return sorted(files, key=lambda file: file.name), sorted(notes)


def _modules(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.name.endswith(".py"))
    except OSError:
        return []
    return [folder / name for name in names if not name.startswith(".")]


def _module(path: Path) -> tuple[bytes, str]:
    """The content, or why it cannot be had."""
    if path.stem == "autograder" or path.stem in sys.stdlib_module_names:
        return b"", "Python has one of that name"
    installed = [place for place in sys.path if place.endswith("-packages")]
    if PathFinder.find_spec(path.stem, installed) is not None:
        return b"", "a package of that name is installed"
    try:
        return _read(path, _MODULE_BYTES), ""
    except OSError as error:
        return b"", error.strerror or str(error)


def released_files(folder: Path, less: Collection[str]) -> tuple[File, ...]:
    """All that a week's folder holds for students beside its notebook.

    Parameters
    ----------
    folder : Path
    less : collection of str
        Names in it that are not for them.

    Raises
    ------
    OSError
        If there is too much of it, or a file cannot be read.
    """
    files: list[File] = []
    room = _RELEASED_BYTES
    for name in _names(folder, less):
        if len(files) == _MOST_RELEASED:
            raise OSError(f"{folder} holds more than {_MOST_RELEASED} files for students")
        content = _read(folder / name, room)
        room -= len(content)
        files.append(File(name, content, released=True))
    return tuple(files)


def _names(folder: Path, less: Collection[str]) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(n for n in folders if not n.startswith(".") and n not in _PASSED_OVER)
        for name in sorted(names):
            relative = Path(place, name).relative_to(folder).as_posix()
            if not name.startswith(".") and relative not in less:
                yield relative


def _read(path: Path, most: int) -> bytes:
    """The content of a plain file, and not a byte more than that many."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{path.name} is no plain file")
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(f"{path.name} is larger than {most:,} bytes")
    return content
