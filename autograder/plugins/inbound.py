"""Submissions out of an exchange whose students have accounts of their own on the machine.

nbgrader's `collect` believes the name of a submission's folder, and only warns when the folder
belongs to another account; and it follows links, as the instructor, so that a link named like the
notebook brings in the instructor's solution to be graded and shown in feedback. `OwnedCollect`
takes a submission only from the account whose name it bears, and only plain files of that account.
It knows nothing of grading. `examples/hub` names it in its configuration, and `watch` obeys that.
"""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import ignore_patterns

from autograder.terminal import printable

__all__ = ["OwnedCollect", "copy_plain_files", "owner_of", "plain_tree"]


#: Folders are copied so deep, with so many names in all.
_DEEPEST, _MOST = 10, 2000
#: So much is named of what was left out.
_NAMED = 20
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
#: Bytes read at once.
_PART = 1 << 20


class OwnedCollect(ExchangeCollect):  # type: ignore[misc]
    """``c.ExchangeFactory.collect``: for students whose names are accounts of the machine."""

    src_records: list[dict[str, Any]]

    def _path_to_record(self, path: str) -> dict[str, Any]:
        try:
            record: dict[str, Any] = super()._path_to_record(path)
        except Exception:  # dateutil has more ways to fail than it says
            self.log.warning(
                "%s is not collected: its name doesn't say whose it is, and from when",
                printable(path),
            )
            return {"username": "", "filename": Path(path).name, "timestamp": datetime.min}
        owner = owner_of(Path(path))
        if owner != record["username"]:
            self.log.warning(
                "%s is not collected: it says that it is by %s, but belongs to %s",
                printable(path),
                printable(record["username"]),
                owner or "no account, or is not a folder",
            )
            # Sorted by name later on, before one is chosen for each student: this is nobody's.
            record["username"] = ""
        return record

    def init_src(self) -> None:
        """Find the submissions, without those that aren't whose they say they are."""
        super().init_src()
        self.src_records = [record for record in self.src_records if record["username"]]

    def do_copy(self, src: str, dest: str, log: object = None) -> None:
        """Copy what a submission holds, without what could be somebody else's."""
        for left_out in copy_plain_files(Path(src), Path(dest), self.coursedir):
            self.log.warning("%s: %s", printable(src), printable(left_out))


def copy_plain_files(source: Path, target: Path, directory: CourseDirectory) -> list[str]:
    """Copy a folder that somebody else may be changing meanwhile, as nbgrader's settings say.

    Parameters
    ----------
    source : path
        No link, nor anything in it, is followed. Only plain files of its owner are read, up to
        the limit and no byte more, even while they grow.
    target : path
        Must not exist.
    directory : CourseDirectory
        Says which names are left out and how large files and folders may be.

    Returns
    -------
    list of str
        What was left out, in sentences.
    """
    ignored = ignore_patterns(exclude=directory.ignore, include=directory.include)
    room = 1000 * directory.max_dir_size
    owner = source.lstat().st_uid
    left_out: list[str] = []
    for within, entries, descriptor in plain_tree(source, left_out):
        (target / within).mkdir(parents=True)
        for name in set(entries) - set(ignored(str(source / within), entries)):
            limit = min(room, 1000 * directory.max_file_size)
            reason, size = _copied(name, descriptor, target / within / name, owner, limit)
            room -= size
            if reason:
                left_out.append(f"{within / name} {reason}, and was left out")
    left_out.sort()
    more = len(left_out) - _NAMED
    return left_out[:_NAMED] + ([f"{more} more were left out"] if more > 0 else [])


def plain_tree(
    root: Path, left_out: list[str] | None = None
) -> Iterator[tuple[Path, list[str], int]]:
    """Each folder of a tree that somebody else made: where, what is in it but folders, and open.

    No link is followed. What is nested too deeply, or too much, is named in `left_out` only.

    Raises
    ------
    OSError
        If `root` itself cannot be read.
    """
    said = [] if left_out is None else left_out
    count = 0

    def folder(within: Path, descriptor: int) -> Iterator[tuple[Path, list[str], int]]:
        nonlocal count
        names = os.listdir(descriptor)
        folders = [name for name in names if _is_folder(name, descriptor)]
        plain = [name for name in names if name not in folders]
        count += len(names)
        if count > _MOST:
            said.append(f"{within} and more hold too many files, and were left out")
            return
        yield within, plain, descriptor
        for name in folders:
            if len(within.parts) >= _DEEPEST:
                said.append(f"{within / name} is nested too deeply, and was left out")
                continue
            try:
                inner = os.open(
                    name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=descriptor
                )
            except OSError:
                said.append(f"{within / name} cannot be read, and was left out")
                continue
            try:
                yield from folder(within / name, inner)
            finally:
                os.close(inner)

    descriptor = os.open(root, _FOLDER)
    try:
        yield from folder(Path(), descriptor)
    finally:
        os.close(descriptor)


def _is_folder(name: str, descriptor: int) -> bool:
    try:
        return stat.S_ISDIR(os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode)
    except OSError:  # it has gone
        return False


def _copied(name: str, descriptor: int, copy: Path, owner: int, limit: int) -> tuple[str, int]:
    """Copy one file; why it could not be, and how many bytes were taken."""
    try:
        # Not to wait for the other end of a pipe.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        file = os.open(name, flags, dir_fd=descriptor)
    except OSError:
        return "is a link, or cannot be read", 0
    with open(file, "rb") as content:
        about = os.fstat(file)
        if not stat.S_ISREG(about.st_mode) or about.st_uid != owner:
            return "is not a plain file of its owner's", 0
        if about.st_size > limit:
            return "is too large", 0
        taken = 0
        with copy.open("wb") as written:
            while part := content.read(min(_PART, limit - taken + 1)):
                taken += len(part)
                if taken > limit:
                    break
                written.write(part)
        if taken > limit:  # it has grown
            copy.unlink()
            return "is too large", 0
    return "", taken


def owner_of(folder: Path) -> str:
    """The name of the account that a folder, not a link to one, belongs to."""
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode):
        return ""
    try:
        return pwd.getpwuid(about.st_uid).pw_name
    except KeyError:
        return ""
