"""Zip archives from students: looked at first, then extracted.

Knows nothing of Canvas, Moodle or nbgrader. What is refused: a path that leaves
its folder, a link, an encrypted file, more or larger files than allowed.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from autograder.errors import ArchiveError
from autograder.terminal import printable

__all__ = ["check", "unpack"]


def check(archives: Iterable[Path], max_files: int, max_bytes: int, max_ratio: int) -> None:
    """Look at everything in some archives, before any of them is extracted.

    Parameters
    ----------
    archives : iterable of Path
    max_files : int
        Files in all archives together.
    max_bytes : int
        Their size when extracted.
    max_ratio : int
        Size over packed size of one file, if it is larger than 1 MB.

    Raises
    ------
    ArchiveError
        If an archive is damaged, or anything in it is not safe.
    """
    count = size = 0
    for path in archives:
        for member in _members(path):
            problem = _problem(member, max_ratio)
            if problem:
                raise ArchiveError(
                    f"{path}: {printable(member.orig_filename)!r} {problem}. Nothing was "
                    "extracted; find out who handed it in, and delete it from the archive"
                )
            count, size = count + 1, size + member.file_size
        if count > max_files or size > max_bytes:
            raise ArchiveError(
                f"{path}: {count:,} files of {size / 1e9:.1f} GB are more than "
                f"{max_files:,} files or {max_bytes / 1e9:.1f} GB. Nothing was "
                "extracted; if that is right for your class, raise "
                "c.SafeExtractor.max_files and max_bytes"
            )


def _members(path: Path) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.infolist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ArchiveError(
            f"{path} is not a zip archive, or damaged ({error}); download it again. "
            "Nothing was extracted"
        ) from None


def _problem(member: zipfile.ZipInfo, max_ratio: int) -> str:
    """Why a member must not be extracted, or nothing."""
    # As it stands in the archive: the standard library cuts names at a NUL.
    name = member.orig_filename
    if "\0" in name or "\\" in name or name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "has a path that does not stay in its folder"
    if ".." in PurePosixPath(name).parts:
        return "has a path that leads out of its folder"
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind and not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        return "is a link or a device, not a file"
    if member.flag_bits & 0x1:
        return "is encrypted"
    if member.file_size > 1_000_000 and member.file_size > max_ratio * member.compress_size:
        return (
            f"unpacks to {member.file_size / 1e6:,.0f} MB, more than {max_ratio} times its size "
            "in the archive (c.SafeExtractor.max_ratio)"
        )
    return ""


def unpack(path: Path, folder: Path) -> None:
    """Extract a checked archive; no member grows beyond the size it declares."""
    folder.mkdir(parents=True)
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            target = folder.joinpath(*PurePosixPath(member.filename).parts)
            if member.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            # Two members of one name would be one file: "x" refuses the second.
            with archive.open(member) as packed, open(target, "xb") as file:
                shutil.copyfileobj(packed, file)
            # Which of two downloads is the later one is decided by this.
            moment = time.mktime((*member.date_time, 0, 0, -1))
            os.utime(target, (moment, moment))
