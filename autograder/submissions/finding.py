"""Which files of a submission may hold its notebook.

Students rename, copy, zip and nest. A file is what it holds, so everything that may be a notebook
is read: within bounds, and following no link. Knows files; not what was released.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path

from autograder.submissions.reading import Reading, parse, read_submission

__all__ = ["answers", "candidates", "checkpoints", "documents"]

#: So many files are read, so many folders looked into, and so many entries of each.
MAX_FILES = 20
MAX_FOLDERS = 50
MAX_ENTRIES = 500
#: How deep a folder may lie.
MAX_DEPTH = 8
#: An archive that is larger, or a notebook in it, is not opened.
MAX_ARCHIVE = 50_000_000
_MAY_BE = re.compile(r"\.(ipynb|json|txt|zip)$|\.ipynb|\.i?nb$|^[^.]+$", re.IGNORECASE)
_DOCUMENT = re.compile(
    r"\.(py|pdf|html?|docx?|odt|rtf|txt|md|tex|zip|rar|7z|t?gz|png|jpe?g|heic|url|webloc|gdoc)$",
    re.IGNORECASE,
)
#: Of these, what hardly anything but an answer is.
_ANSWER = re.compile(r"\.(pdf|html?|docx?|odt|rtf|tex|pages|jpe?g|heic)$", re.IGNORECASE)
#: Put there by Jupyter, by macOS and by nbgrader.
_NOBODYS = re.compile(r"^\.|^__MACOSX$|^timestamp\.txt$|^desktop\.ini$", re.IGNORECASE)


def candidates(folder: Path, wanted: Collection[Path]) -> Iterator[tuple[str, Path, Reading]]:
    """What may be a notebook in a submission, besides `wanted`: name, folder, content.

    Notebooks by their name first, and the nearest first.
    """
    files = [path for path in _files(folder) if path not in wanted and _MAY_BE.search(path.name)]
    files.sort(key=lambda path: path.suffix.lower() != ".ipynb")
    for path in files[:MAX_FILES]:
        label = str(path.relative_to(folder))
        if path.suffix.lower() == ".zip":
            yield from ((f"{name} in {label}", folder, reading) for name, reading in _zipped(path))
        else:
            yield label, path.parent, read_submission(path, inside=folder)


def documents(folder: Path) -> str:
    """Names of files that people hand in instead of a notebook; ``""`` if there are none."""
    return _some([path.name for path in _files(folder) if _DOCUMENT.search(path.name)])


def answers(folder: Path, wanted: Path) -> str:
    """Names of files beside a notebook in which work may stand; ``""`` if there are none."""
    found = [
        path.name
        for path in _files(folder)
        if "feedback" not in path.relative_to(folder).parts  # fetched from us
        and (
            _ANSWER.search(path.name) or (path.stem == wanted.stem and _DOCUMENT.search(path.name))
        )
    ]
    return _some(found)


def checkpoints(folder: Path) -> Iterator[Reading]:
    """What Jupyter kept of notebooks when they were saved, right in the folder of a submission."""
    kept = folder / ".ipynb_checkpoints"
    try:
        paths = [] if kept.is_symlink() else sorted(islice(kept.glob("*.ipynb"), MAX_FILES))
    except OSError:
        return
    for path in paths:
        yield read_submission(path, inside=folder)


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (" and more" if len(names) > 3 else "")


def _files(folder: Path) -> Iterator[Path]:
    """Plain files in it and in its folders, nearest first; what cannot be read is left out."""
    folders = [(folder, 0)]
    for current, depth in folders:
        try:
            entries = sorted(islice(current.iterdir(), MAX_ENTRIES))
        except OSError:
            continue
        for path in entries:
            try:
                if _NOBODYS.search(path.name) or path.is_symlink():
                    continue
                if path.is_file():
                    yield path
                elif path.is_dir() and depth < MAX_DEPTH and len(folders) < MAX_FOLDERS:
                    folders.append((path, depth + 1))
            except OSError:
                continue


def _zipped(path: Path) -> Iterator[tuple[str, Reading]]:
    """The notebooks in an archive."""
    try:
        if path.stat().st_size > MAX_ARCHIVE:
            return
        with zipfile.ZipFile(path) as archive:
            members = [
                member
                for member in archive.infolist()
                if member.filename.lower().endswith(".ipynb")
                and not any(_NOBODYS.search(part) for part in member.filename.split("/"))
            ]
            for member in members[:MAX_FILES]:
                with archive.open(member) as file:
                    content = file.read(MAX_ARCHIVE + 1)
                if len(content) <= MAX_ARCHIVE:
                    yield member.filename[:200], parse(content)
    except Exception:  # whatever is wrong with it: it holds no notebook for us
        return
