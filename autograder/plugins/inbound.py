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
import shutil
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import ignore_patterns

__all__ = ["OwnedCollect", "copy_plain_files", "owner_of"]


class OwnedCollect(ExchangeCollect):  # type: ignore[misc]
    """``c.ExchangeFactory.collect``: for students whose names are accounts of the machine."""

    src_records: list[dict[str, Any]]

    def _path_to_record(self, path: str) -> dict[str, Any]:
        try:
            record: dict[str, Any] = super()._path_to_record(path)
        except (ValueError, OverflowError):
            self.log.warning(
                "%s is not collected: its name doesn't say whose it is, and from when", path
            )
            return {"username": "", "filename": Path(path).name, "timestamp": datetime.min}
        owner = owner_of(Path(path))
        if owner != record["username"]:
            self.log.warning(
                "%s is not collected: it says that it is by %s, but belongs to %s",
                path,
                record["username"],
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
            self.log.warning("%s: %s", src, left_out)


def copy_plain_files(source: Path, target: Path, directory: CourseDirectory) -> list[str]:
    """Copy a folder that somebody else may be changing meanwhile, as nbgrader's settings say.

    Parameters
    ----------
    source : path
        No link, nor anything in it, is followed. Only plain files of its owner are read.
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
    left_out = []
    for path, folders, names, descriptor in os.fwalk(source, follow_symlinks=False):
        within = Path(path).relative_to(source)
        (target / within).mkdir(parents=True)
        passed = set(ignored(path, [*folders, *names]))
        folders[:] = [name for name in folders if name not in passed]
        for name in set(names) - passed:
            shown = within / name
            try:
                # Not to wait for the other end of a pipe.
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
                file = os.open(name, flags, dir_fd=descriptor)
            except OSError:
                left_out.append(f"{shown} is a link, or cannot be read, and was left out")
                continue
            with open(file, "rb") as content:
                about = os.fstat(file)
                if not stat.S_ISREG(about.st_mode) or about.st_uid != owner:
                    left_out.append(f"{shown} is not a plain file of its owner's, and was left out")
                elif about.st_size > min(room, 1000 * directory.max_file_size):
                    left_out.append(f"{shown} is too large, and was left out")
                else:
                    room -= about.st_size
                    with (target / within / name).open("wb") as copy:
                        shutil.copyfileobj(content, copy)
    return sorted(left_out)


def owner_of(folder: Path) -> str:
    """The name of the account that a folder, not a link to one, belongs to."""
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode):
        return ""
    try:
        return pwd.getpwuid(about.st_uid).pw_name
    except KeyError:
        return ""
