"""What the names that Canvas and Moodle give to submitted files say: whose, and which is last.

Taken from the systems' own code (see ``docs/lms.md``). Knows names, and no list of people.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["SubmittedFile", "is_own", "latest", "read_name"]


@dataclass(frozen=True)
class SubmittedFile:
    """A submitted file, and what its name says."""

    path: Path
    archive: str
    system: str
    number: str
    title: str
    late: bool = False
    upload: int = 0

    @property
    def age(self) -> tuple[int, float, str]:
        """Larger is later: Canvas counts uploads; else it is the later download."""
        return self.upload, self.path.stat().st_mtime, self.archive


#: name_LATE_user_upload_title; the name is in lower case and without most punctuation.
_CANVAS = re.compile(r"(?:.*?_)?(?P<late>LATE_)?(?P<number>\d+)_(?P<upload>\d+)_(?P<title>.+)")
#: A folder for each student, or the same in front of the file's name.
_MOODLE = re.compile(r".*?[_ ](?P<number>\d+)_assignsubmission_file(?:_(?P<title>.*))?")
#: What Canvas and browsers append to the name of a file that was there before.
_AGAIN = re.compile(r"(?:-\d+|[ _]?\(\d+\))+$")


def read_name(path: Path, root: Path) -> SubmittedFile | None:
    """What the path of an extracted file says, or None if neither system named it.

    The systems write in front, students behind: whatever a student calls a
    file, the first number in the path is the system's.
    """
    parts = path.relative_to(root).parts
    for depth, part in enumerate(parts):
        last = depth == len(parts) - 1
        moodle = _MOODLE.fullmatch(part)
        canvas = _CANVAS.fullmatch(part) if last else None
        archive = "/".join(parts[:depth])
        if moodle and not (canvas and canvas.start("number") < moodle.start("number")):
            title = moodle["title"] if last else parts[-1]
            return (
                SubmittedFile(path, archive, "Moodle", moodle["number"], title) if title else None
            )
        if canvas:
            return SubmittedFile(
                path, archive, "Canvas", canvas["number"], canvas["title"],
                bool(canvas["late"]), int(canvas["upload"]),
            )  # fmt: skip
    return None


def _original(title: str, released: Sequence[str]) -> str:
    """The name a file had before it was handed in again, if that is a released one."""
    if title in released:
        return title
    stem, suffix = os.path.splitext(title)
    plain = _AGAIN.sub("", stem) + suffix.lower()
    return plain if plain in released else title


def is_own(path: Path, root: Path) -> bool:
    """Whether it is more than what macOS adds to an archive that is packed again."""
    parts = path.relative_to(root).parts
    return "__MACOSX" not in parts and not path.name.startswith(".")


def latest(files: Sequence[SubmittedFile], released: Sequence[str]) -> dict[str, SubmittedFile]:
    """A student's files by name: of the latest archive they are in, the latest of each name."""
    last = max(files, key=lambda file: file.age).archive
    kept: dict[str, SubmittedFile] = {}
    for file in sorted((file for file in files if file.archive == last), key=lambda f: f.age):
        kept[_original(file.title, released)] = file
    return kept
