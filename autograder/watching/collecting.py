"""A submission out of the exchange into ``submitted/``, in place of the student's last one.

Copies plain files of a bounded size (see `autograder.plugins.inbound`), and says what is odd about
whose they are and when they came. It does not look into them.
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.grading.records import write_whole
from autograder.plugins.inbound import copy_plain_files, owner_of
from autograder.watching.arrivals import Arrival
from autograder.watching.exchange import Exchange
from autograder.watching.files import small_text, time_in

__all__ = ["Collecting"]

#: A submission may lie in the exchange so much later than its name says: clocks differ, and
#: large files take their time.
_LATER = timedelta(minutes=5)


class Collecting:
    """What was collected of a week, and what is.

    Parameters
    ----------
    exchange : Exchange
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def submitted(self, student: str) -> Path:
        """The folder of a student's collected submission."""
        submitted = self._exchange.directory.submitted_directory
        return Path(
            self._exchange.directory.format_path(submitted, student, self._exchange.week.name)
        )

    def collected(self, student: str) -> tuple[datetime | None, str]:
        """When the collected submission was handed in, and its secret."""
        folder = self.submitted(student)
        try:
            stamp, secret = (
                small_text(folder / n) for n in ("timestamp.txt", "submission_secret.txt")
            )
        except OSError:
            return None, ""
        return time_in(stamp), secret

    def collect(self, arrival: Arrival, secret: str) -> tuple[Path, list[str]]:
        """Put a submission in place of the student's last one; and what was left out of it.

        Raises
        ------
        OSError
            If it cannot be read, or the disk is full; the last one is still there then.
        """
        target = self.submitted(arrival.student)
        fresh, old = (target.parent / f".{target.name}.{what}" for what in ("new", "old"))
        for left in (fresh, old):
            shutil.rmtree(left, ignore_errors=True)
        fresh.parent.mkdir(parents=True, exist_ok=True)
        try:
            left_out = copy_plain_files(
                self._exchange.inbound / arrival.name, fresh, self._exchange.directory
            )
            # What the name says: by that the exchange is sorted, whatever stands in the files.
            for name in ("timestamp.txt", "submission_secret.txt"):
                if (fresh / name).is_dir():
                    shutil.rmtree(fresh / name)
            stamp = f"{arrival.when:%Y-%m-%d %H:%M:%S.%f} UTC"
            write_whole(fresh / "timestamp.txt", stamp)
            write_whole(fresh / "submission_secret.txt", secret)
            if target.exists():
                target.rename(old)
            fresh.rename(target)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        shutil.rmtree(old, ignore_errors=True)
        return target, left_out

    def owner(self, arrival: Arrival) -> str:
        """The account that handed in, if it is another one than the student's and not ours."""
        folder = self._exchange.inbound / arrival.name
        try:
            if not self._exchange.check_owner or folder.lstat().st_uid in (0, os.getuid()):
                return ""
        except OSError:
            return ""
        owner = owner_of(folder)
        return "" if owner == arrival.student else owner

    def changed_later(self, arrival: Arrival) -> datetime | None:
        """When the folder was put there, or changed, if that is well after what its name says.

        The machine's own clock says so (UTC), unlike the name; but it also does for a folder
        that was copied or restored.
        """
        try:
            seconds = (self._exchange.inbound / arrival.name).lstat().st_ctime
        except OSError:
            return None
        changed = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
        return changed if changed - arrival.when > _LATER else None
