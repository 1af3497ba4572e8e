"""What arrives in the exchange for a week, and when it is complete.

What lies there was put there by students: links are not followed, and what is no submission is
named and passed over, whatever it is. It copies and grades nothing.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from pathlib import Path

from nbgrader import api, utils

from autograder.plugins.folders import why_not_a_path
from autograder.plugins.inbound import owner_of
from autograder.watching.arrivals import Arrival
from autograder.watching.exchange import Exchange
from autograder.watching.files import looks, small_text, time_in

__all__ = ["Inbox"]

#: What `nbgrader submit` didn't finish, or didn't make, is taken when it has been left alone
#: for so many seconds: with and without the time stamp, which comes after the notebooks.
_SETTLES = (2.0, 10.0)
#: So many characters does the gradebook keep of a student's name.
_LONGEST = api.Student.id.type.length


class Inbox:
    """What students hand in for a week through nbgrader's exchange.

    Parameters
    ----------
    exchange : Exchange
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._read: tuple[int, bool] = (0, True)
        self._arrivals: dict[str, Arrival] = {}
        self._last: dict[str, tuple[object, float]] = {}
        #: Names in the exchange that look like submissions of the week and are none, and why.
        self.foreign: dict[str, str] = {}

    def arrivals(self) -> dict[str, Arrival]:
        """Everything that was handed in, by name; cheap where nothing has changed.

        Raises
        ------
        OSError
            If the folder cannot be read (any more).
        """
        changed, again = self._read
        now = self._exchange.inbound.stat().st_mtime_ns
        if now != changed or again:
            # Once more after a change: what came within the clock's last tick left no trace.
            self._read = (now, now != changed)
            with os.scandir(self._exchange.inbound) as entries:
                found = {e.name: e for e in entries if f"+{self._exchange.week.name}+" in e.name}
            known = self._arrivals
            self._arrivals = {name: known[name] for name in found if name in known}
            for name in found.keys() - known.keys() - self.foreign.keys():
                if reason := self._why_foreign(found[name]):
                    self.foreign[name] = reason
                else:
                    self._arrivals[name] = self._parsed(name, self._arrived(name))
        return self._arrivals

    def _why_foreign(self, entry: os.DirEntry[str]) -> str:
        """Why something in the exchange is no submission; "" if it is one."""
        if not entry.is_dir(follow_symlinks=False):
            return "it is a link" if entry.is_symlink() else "it is not a folder"
        try:
            arrival = self._parsed(entry.name, 0.0)
            entry.name.encode()
        except Exception:  # dateutil has more ways to fail than it says
            return "its name is not STUDENT+WEEK+TIME"
        student = arrival.student
        if not 2000 <= arrival.when.year < 9999:
            return "its name says a time that cannot be"
        if not student.strip() or student != student.strip() or student.startswith("."):
            return "its name doesn't begin with a student's"
        if why := why_not_a_path(entry.name):
            return why
        if len(student) > _LONGEST:
            return "its student's name is too long for the gradebook"
        if student in self._exchange.directory.student_id_exclude.split(","):
            return "its student is excluded (c.CourseDirectory.student_id_exclude)"
        owner = owner_of(Path(entry.path)) if self._exchange.owned else student
        return (
            "" if owner == student else f"it belongs to {owner or 'no account'}, not to {student}"
        )

    def _arrived(self, name: str) -> float:
        """When the file system saw it last change: a time that nobody can choose."""
        try:
            return (self._exchange.inbound / name).lstat().st_ctime
        except OSError:  # it has gone
            return time.time()

    def _parsed(self, name: str, arrived: float) -> Arrival:
        student, _, rest = name.rpartition(f"+{self._exchange.week.name}+")
        # `nbgrader submit` appends a random text, unless told not to.
        when, _, _ = rest.rpartition("+")
        try:
            return Arrival(utils.parse_utc(when or rest), name, student, arrived)
        except Exception:  # a random text, or none that is a time
            return Arrival(utils.parse_utc(rest), name, student, arrived)

    def secret(self, arrival: Arrival) -> str | None:
        """The secret under which a submission's feedback is published; None until it is complete.

        `nbgrader submit` copies the notebooks, then writes the time stamp, then the
        secret, and then makes the folder writable for everybody. What can't be read for
        long is `foreign` while that lasts.
        """
        folder = self._exchange.inbound / arrival.name
        trouble = ""
        try:
            complete = stat.S_IMODE(folder.lstat().st_mode) & 0o777 == 0o777
            stamp, secret = (
                small_text(folder / n) for n in ("timestamp.txt", "submission_secret.txt")
            )
            stamped = time_in(stamp) == arrival.when
            whole = complete and stamped and secret
            now_there = () if whole else tuple(sorted(looks(folder)))
        except OSError as error:  # it is being moved in, or taken away; or it stays like this
            complete, stamped, secret, now_there = False, False, "", ()
            trouble = f"it cannot be read ({error.strerror})"
        if not (complete and stamped and secret):
            now = time.monotonic()
            before, since = self._last.get(arrival.name, (None, now))
            if (now_there, trouble) != before:
                since = now
            self._last[arrival.name] = ((now_there, trouble), since)
            if now - since < _SETTLES[not stamped]:
                return None
            if trouble:
                self.foreign[arrival.name] = trouble
                return None
        self._last.pop(arrival.name, None)
        self.foreign.pop(arrival.name, None)
        # Without a secret nobody can fetch the page; that it is there says that it is done.
        return secret or hashlib.sha256(f"no secret/{arrival.name}".encode()).hexdigest()
