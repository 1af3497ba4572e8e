"""Submissions out of a learning management system: plug-ins of `nbgrader zip_collect`.

`SafeExtractor` opens archives that hold nothing but files of a reasonable size,
inside their folder. `LmsCollector` reads from the names that Canvas and Moodle
give to files whose they are, which are the latest, and which are late. The
names are taken from the systems' own code (see ``docs/lms.md``).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import UTC
from pathlib import Path
from typing import Any

from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from nbgrader.utils import find_all_notebooks
from traitlets import Int

from autograder.errors import ArchiveError
from autograder.grading.settings import exchange_zone
from autograder.grading.times import moment
from autograder.lms.archives import check, unpack
from autograder.lms.filenames import SubmittedFile, is_own, latest, read_name
from autograder.lms.filling import explained, listed
from autograder.lms.roll import Roll
from autograder.terminal import printable

__all__ = ["LmsCollector", "SafeExtractor"]


class SafeExtractor(ExtractorPlugin):  # type: ignore[misc]
    """Extracts zip archives, after a look at everything that is in them."""

    max_files = Int(20_000, help="Archives with more files in all are not opened.").tag(config=True)
    max_bytes = Int(
        4_000_000_000, help="Archives that would take more space in all are not opened."
    ).tag(config=True)
    max_ratio = Int(
        200, help="A file that was packed to less than one part in so many is taken for a bomb."
    ).tag(config=True)

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Extract all archives in a folder, or none (called by nbgrader).

        Files that are no archives are copied, except a CSV file, which is read by
        `LmsCollector` where it is. Archives inside archives stay closed.
        """
        source, target = Path(archive_path), Path(extracted_path)
        with explained(self):
            # A link could be left by unpacking an archive by hand; it would be copied as a file.
            found = sorted(p for p in source.rglob("*") if p.is_file() and not p.is_symlink())
            if not found:
                self.log.warning("%s is empty: put the downloaded archive there", source)
            archives = [path for path in found if path.suffix.lower() == ".zip"]
            check(archives, self.max_files, self.max_bytes, self.max_ratio)
            try:
                for path in found:
                    folder = target / path.relative_to(source).parent
                    if path in archives:
                        for left_out in unpack(path, folder / path.stem, self.max_ratio):
                            self.log.warning("%s: %s, and was left out", path.name, left_out)
                    elif path.suffix.lower() != ".csv":
                        folder.mkdir(parents=True, exist_ok=True)
                        shutil.copy2(path, folder)
            except Exception as error:
                shutil.rmtree(target, ignore_errors=True)
                raise ArchiveError(
                    f"{path} cannot be extracted ({error}); download it again. "
                    "Nothing was extracted"
                ) from None


class LmsCollector(FileNameCollectorPlugin):  # type: ignore[misc]
    """Says whose a file is, from the name Canvas or Moodle gave it.

    Students keep the id that the gradebook has for them if the system's own
    list (the CSV file that is also used to export) lies beside the archive.
    With `named_regexp` set it does what nbgrader's own collector does.
    """

    _plan: dict[Path, dict[str, Any]] | None = None

    def collect(self, submitted_file: str) -> dict[str, Any] | None:
        """Student, file name and, if it is known, time of a file; None to leave it."""
        if self.named_regexp:
            groups: dict[str, Any] | None = super().collect(submitted_file)
            if groups and "timestamp" in groups:
                self._settle(groups, submitted_file)
            return groups
        with explained(self):
            if self._plan is None:
                self._plan = self._decide()
        assert self._plan is not None
        return self._plan.get(Path(submitted_file))

    def _settle(self, groups: dict[str, Any], file: str) -> None:
        """Keep the time that a file's name says only if it is certain."""
        text = str(groups.pop("timestamp") or "")
        when = moment(text, exchange_zone(self.config))
        if when is not None:
            groups["timestamp"] = when.replace(tzinfo=UTC)
        elif text.strip():
            self.log.warning(
                "%s: its name says %r, no certain time, so it counts as in time",
                printable(Path(file).name), text,
            )  # fmt: skip

    def _decide(self) -> dict[Path, dict[str, Any]]:
        """What to do with each extracted file: whether it is the latest depends on the others."""
        app = self.parent
        root = Path(app._format_collect_path(app.extracted_directory))
        released = find_all_notebooks(
            app.coursedir.format_path(
                app.coursedir.release_directory, ".", app.coursedir.assignment_id
            )
        )

        def left(label: str, paths: Iterable[Path]) -> None:
            listed(self.log, label, [str(path.relative_to(root)) for path in sorted(paths)])

        found = [path for path in sorted(root.rglob("*")) if path.is_file() and is_own(path, root)]
        notebooks = [path for path in found if path.suffix.lower() in self.valid_ext]
        left("Not notebooks, left (unpack archives by hand)", set(found) - set(notebooks))
        named = {path: read_name(path, root) for path in notebooks}
        left(
            "Named neither by Canvas nor by Moodle, left (turn anonymous grading off)",
            [path for path, file in named.items() if file is None],
        )
        roll = Roll(self)
        whose: dict[str, list[SubmittedFile]] = {}
        for file in filter(None, named.values()):
            whose.setdefault(roll.student(file), []).append(file)
        left(
            "Of nobody certain in the list beside the archive, left",
            [file.path for file in whose.pop("", [])],
        )
        plan: dict[Path, dict[str, Any]] = {}
        for student, theirs in whose.items():
            for title, file in latest(theirs, released).items():
                plan[file.path] = {"student_id": student, "file_id": title}
                when = roll.moment(file)
                if when is not None:
                    plan[file.path]["timestamp"] = when
        self._say_what_is_unsure(roll, filter(None, named.values()))
        everything = {file.path for theirs in whose.values() for file in theirs}
        left("Handed in again later, left", everything - set(plan))
        return plan

    def _say_what_is_unsure(self, roll: Roll, files: Iterable[SubmittedFile]) -> None:
        if not roll.has_list and any(file.system == "Moodle" for file in files):
            self.log.warning(
                "Moodle gives a student another number in every assignment: put the grading "
                "worksheet beside the archive, or the students' ids are these numbers"
            )
        if roll.unplaced:
            self.log.warning(
                "%d are late, but %s has no due date in nbgrader_config.py: they count as in time",
                roll.unplaced, self.parent.coursedir.assignment_id,
            )  # fmt: skip
        if roll.unread:
            self.log.warning(
                "%d times of submission can't be read, as %r, and count as in time: "
                "correct timestamp.txt where it matters",
                len(roll.unread), roll.unread[0],
            )  # fmt: skip
