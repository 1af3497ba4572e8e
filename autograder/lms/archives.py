"""Zip archives from students: looked at first, then extracted.

Knows nothing of Canvas, Moodle or nbgrader. What is left out, and named: a path that leaves its
folder, a link, an encrypted or damaged file, a second file of one name. No member keeps another
from being extracted; only what is no archive at all, or too much in all, is refused.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import time
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath

from autograder.errors import ArchiveError
from autograder.terminal import printable

__all__ = ["check", "unpack"]

#: What is packed tighter than a file can be is a bomb only if it is large.
_LARGE = 20_000_000
#: Folders in folders.
_DEEPEST = 20
#: Faults of the machine, and of no member.
_MACHINE = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE)


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
        As for `unpack`.

    Raises
    ------
    ArchiveError
        If an archive is none, or holds too much.
    """
    count = size = 0
    for path in archives:
        fit = [member for member in _members(path) if not _problem(member, max_ratio)]
        count, size = count + len(fit), size + sum(member.file_size for member in fit)
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
    if len(PurePosixPath(name).parts) > _DEEPEST:
        return "is nested too deeply"
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind and not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        return "is a link or a device, not a file"
    if member.flag_bits & 0x1:
        return "is encrypted"
    if member.file_size > _LARGE and member.file_size > max_ratio * member.compress_size:
        return (
            f"unpacks to {member.file_size / 1e6:,.0f} MB, more than {max_ratio} times its size "
            "in the archive (c.SafeExtractor.max_ratio)"
        )
    return ""


def unpack(path: Path, folder: Path, max_ratio: int) -> list[str]:
    """Extract a checked archive; no member grows beyond the size it declares.

    Parameters
    ----------
    path, folder : Path
    max_ratio : int
        Size over packed size of one file, if it is larger than 20 MB.

    Returns
    -------
    list of str
        What was left out, and why.

    Raises
    ------
    OSError
        If the machine cannot: the disk is full.
    """
    folder.mkdir(parents=True)
    left_out = []
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            problem = _problem(member, max_ratio) or _extracted(archive, member, folder)
            if problem:
                left_out.append(f"{printable(member.orig_filename)[:200]!r} {problem}")
    return left_out


def _extracted(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> str:
    """Extract one member; why it could not be."""
    target = folder.joinpath(*PurePosixPath(member.filename).parts)
    try:
        if member.is_dir():
            target.mkdir(parents=True, exist_ok=True)
            return ""
        target.parent.mkdir(parents=True, exist_ok=True)
        # Two members of one name would be one file: "x" refuses the second.
        file = open(target, "xb")  # noqa: SIM115 - its errors are others than those of the content
    except OSError as error:
        if error.errno in _MACHINE:
            raise
        if error.errno == errno.EEXIST:
            return "has the name of another member"
        return f"cannot have that name ({error.strerror})"
    try:
        with file, archive.open(member) as packed:
            shutil.copyfileobj(packed, file)
    except Exception as error:  # whatever a decompressor says to damaged data
        target.unlink()
        if isinstance(error, OSError) and error.errno in _MACHINE:
            raise
        return f"cannot be extracted ({error})"
    # Which of two downloads is the later one is decided by this.
    with suppress(ValueError, OverflowError, OSError):
        moment = time.mktime((*member.date_time, 0, 0, -1))
        os.utime(target, (moment, moment))
    return ""
