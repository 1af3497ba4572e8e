"""nbgrader's exchange from the instructor's side: what arrives, and what is given back.

Finds what was handed in for a week, says when it is complete, copies it into
``submitted/`` (see `autograder.plugins.inbound`) and puts pages where `nbgrader
fetch_feedback` finds them. What lies in the exchange was put there by students:
links are not followed, and only plain files of a bounded size are read. It
grades nothing.

That feedback lies in the exchange *is* the mark that a submission is done, and
it is put there in one step: there is no other list that could disagree.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jupyter_core.paths import jupyter_config_path
from nbgrader import api, utils
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError, ExchangeFactory
from nbgrader.exchange.default import ExchangeReleaseFeedback
from traitlets.config import Config, PyFileConfigLoader

from autograder.errors import CourseError
from autograder.grading.course import Course, Week
from autograder.grading.records import write_whole
from autograder.plugins.inbound import OwnedCollect, copy_plain_files, owner_of
from autograder.watching.turns import Arrival

__all__ = ["Inbox"]

#: A page that stands in for feedback which is still to come begins with this.
WAITS = "<!-- autograder: waits -->"
#: What `nbgrader submit` didn't finish, or didn't make, is taken when it has been left alone
#: for so many seconds: with and without the time stamp, which comes after the notebooks.
_SETTLES = (2.0, 10.0)
#: So many characters does the gradebook keep of a student's name.
_LONGEST = api.Student.id.type.length
#: What opening says of a file that isn't there, a link and a socket.
_NO_FILE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO)
#: A submission may lie in the exchange so much later than its name says: clocks differ, and
#: large files take their time.
_LATER = timedelta(minutes=5)
#: Pages are published under the names of at most so many notebooks.
_MOST = 10


class Inbox:
    """What students hand in for a week through nbgrader's exchange.

    Parameters
    ----------
    course : Course
    week : Week

    Raises
    ------
    CourseError
        If there is no exchange, or it cannot be used.
    """

    def __init__(self, course: Course, week: Week) -> None:
        self.week = week
        config = _as_nbgrader_reads_it(course)
        self.directory = CourseDirectory(
            config=config, root=str(course.root), assignment_id=week.name
        )
        factory = ExchangeFactory(config=config)
        releasing = ExchangeReleaseFeedback(coursedir=self.directory, config=config)
        collecting = factory.collect(coursedir=self.directory, config=config)
        self._check_owner = getattr(collecting, "check_owner", True)
        #: Whether only the account of a student's name may hand in for them.
        self._owned = isinstance(collecting, OwnedCollect)
        folder = Path(releasing.root, self.directory.course_id)
        self.inbound = folder / "inbound"
        self.feedback = folder / "feedback"
        if not issubclass(factory.release_feedback, ExchangeReleaseFeedback):
            raise CourseError(
                f"watching works with nbgrader's own exchange, a folder; "
                f"{factory.release_feedback.__name__} is another one"
            )
        if not self.inbound.is_dir():
            raise CourseError(
                f"there is no folder {self.inbound}; run: nbgrader release_assignment {week.name} "
                "(where the exchange lies is said by c.Exchange.root in nbgrader_config.py)"
            )
        if not os.access(self.inbound, os.R_OK | os.X_OK):
            raise CourseError(
                f"{self.inbound} cannot be read by this account; run the command as the account "
                "that released the week"
            )
        try:
            releasing.init_dest()
        except (ExchangeError, OSError) as error:
            raise CourseError(f"no feedback can be put into the exchange: {error}") from None
        self._read: tuple[int, bool] = (0, True)
        self._arrivals: dict[str, Arrival] = {}
        self._last: dict[str, tuple[object, float]] = {}
        #: Names in the exchange that look like submissions of the week and are none, and why.
        self.foreign: dict[str, str] = {}

    # --- what arrives -----------------------------------------------------------------------

    def arrivals(self) -> dict[str, Arrival]:
        """Everything that was handed in, by name; cheap where nothing has changed.

        Raises
        ------
        OSError
            If the folder cannot be read (any more).
        """
        changed, again = self._read
        now = self.inbound.stat().st_mtime_ns
        if now != changed or again:
            # Once more after a change: what came within the clock's last tick left no trace.
            self._read = (now, now != changed)
            with os.scandir(self.inbound) as entries:
                found = {e.name: e for e in entries if f"+{self.week.name}+" in e.name}
            known = self._arrivals
            self._arrivals = {name: known[name] for name in found if name in known}
            for name in found.keys() - known.keys() - self.foreign.keys():
                if reason := self._why_foreign(found[name]):
                    self.foreign[name] = reason
                else:
                    self._arrivals[name] = self._parsed(name)
        return self._arrivals

    def _why_foreign(self, entry: os.DirEntry[str]) -> str:
        """Why something in the exchange is no submission; "" if it is one."""
        if not entry.is_dir(follow_symlinks=False):
            return "it is a link" if entry.is_symlink() else "it is not a folder"
        try:
            arrival = self._parsed(entry.name)
            entry.name.encode()
        except (ValueError, OverflowError):
            return "its name is not STUDENT+WEEK+TIME"
        student = arrival.student
        if not 2000 <= arrival.when.year < 9999:
            return "its name says a time that cannot be"
        if not student.strip() or student != student.strip() or student.startswith("."):
            return "its name doesn't begin with a student's"
        if len(student) > _LONGEST:
            return "its student's name is too long for the gradebook"
        if student in self.directory.student_id_exclude.split(","):
            return "its student is excluded (c.CourseDirectory.student_id_exclude)"
        owner = owner_of(Path(entry.path)) if self._owned else student
        return (
            "" if owner == student else f"it belongs to {owner or 'no account'}, not to {student}"
        )

    def _parsed(self, name: str) -> Arrival:
        student, _, rest = name.rpartition(f"+{self.week.name}+")
        # `nbgrader submit` appends a random text, unless told not to.
        when, _, _ = rest.rpartition("+")
        try:
            return Arrival(utils.parse_utc(when or rest), name, student)
        except (ValueError, OverflowError):
            return Arrival(utils.parse_utc(rest), name, student)

    def secret(self, arrival: Arrival) -> str | None:
        """The secret under which a submission's feedback is published; None until it is complete.

        `nbgrader submit` copies the notebooks, then writes the time stamp, then the
        secret, and then makes the folder writable for everybody. What can't be read for
        long is `foreign` while that lasts.
        """
        folder = self.inbound / arrival.name
        trouble = ""
        try:
            complete = stat.S_IMODE(folder.lstat().st_mode) & 0o777 == 0o777
            stamp, secret = (_text(folder / n) for n in ("timestamp.txt", "submission_secret.txt"))
            stamped = _time(stamp) == arrival.when
            looks = () if complete and stamped and secret else tuple(sorted(_looks(folder)))
        except OSError as error:  # it is being moved in, or taken away; or it stays like this
            complete, stamped, secret, looks = False, False, "", ()
            trouble = f"it cannot be read ({error.strerror})"
        if not (complete and stamped and secret):
            now = time.monotonic()
            before, since = self._last.get(arrival.name, (None, now))
            if (looks, trouble) != before:
                since = now
            self._last[arrival.name] = ((looks, trouble), since)
            if now - since < _SETTLES[not stamped]:
                return None
            if trouble:
                self.foreign[arrival.name] = trouble
                return None
        self._last.pop(arrival.name, None)
        self.foreign.pop(arrival.name, None)
        # Without a secret nobody can fetch the page; that it is there says that it is done.
        return secret or hashlib.sha256(f"no secret/{arrival.name}".encode()).hexdigest()

    def owner(self, arrival: Arrival) -> str:
        """The account that handed in, if it is another one than the student's and not ours."""
        folder = self.inbound / arrival.name
        try:
            if not self._check_owner or folder.lstat().st_uid in (0, os.getuid()):
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
            seconds = (self.inbound / arrival.name).lstat().st_ctime
        except OSError:
            return None
        changed = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
        return changed if changed - arrival.when > _LATER else None

    # --- into submitted/ --------------------------------------------------------------------

    def submitted(self, student: str) -> Path:
        """The folder of a student's collected submission."""
        submitted = self.directory.submitted_directory
        return Path(self.directory.format_path(submitted, student, self.week.name))

    def collected(self, student: str) -> tuple[datetime | None, str]:
        """When the collected submission was handed in, and its secret."""
        folder = self.submitted(student)
        try:
            stamp, secret = (_text(folder / n) for n in ("timestamp.txt", "submission_secret.txt"))
        except OSError:
            return None, ""
        return _time(stamp), secret

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
            left_out = copy_plain_files(self.inbound / arrival.name, fresh, self.directory)
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

    # --- what is given back -----------------------------------------------------------------

    def is_done(self, secret: str) -> bool:
        """Whether feedback has been published, and not only a notice that it is to come."""
        try:
            with self._page(secret, self.week.notebook).open("rb") as page:
                return page.read(len(WAITS)) != WAITS.encode()
        except OSError:
            return False

    def publish(self, arrival: Arrival, secret: str, page: str) -> None:
        """Put a page where the student's `nbgrader fetch_feedback` looks for it.

        That is under the name of each notebook that was handed in; the released
        one comes last, as the mark that all is done.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        names: list[str] = []
        with contextlib.suppress(OSError):
            names = sorted(p.stem for p in (self.inbound / arrival.name).glob("*.ipynb"))
        own = self.week.notebook
        for name in [*(n for n in names[:_MOST] if n != own), own]:
            write_whole(self._page(secret, name), page)

    def _page(self, secret: str, notebook: str) -> Path:
        return self.feedback / f"{utils.notebook_hash(secret=secret, notebook_id=notebook)}.html"


def _text(path: Path) -> str:
    """What stands in a small plain file, if there is one."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in _NO_FILE:
            return ""
        raise
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return ""
        return os.read(file, 1000).decode("utf-8", errors="replace")
    finally:
        os.close(file)


def _time(text: str) -> datetime | None:
    try:
        when: datetime | None = utils.parse_utc(text.strip()) if text.strip() else None
    except (ValueError, OverflowError):
        return None
    return when


def _looks(folder: Path) -> list[tuple[str, int, int]]:
    found = []
    for path, _, names, descriptor in os.fwalk(folder, follow_symlinks=False):
        for name in names:
            about = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            found.append((os.path.join(path, name), about.st_size, about.st_ctime_ns))
    return found


def _as_nbgrader_reads_it(course: Course) -> Config:
    """The course's configuration on top of the machine's and the user's.

    Where the exchange lies is often said once for all courses of a machine.
    """
    config = Config()
    for folder in reversed(jupyter_config_path()):
        if Path(folder, "nbgrader_config.py").is_file():
            try:
                config.merge(PyFileConfigLoader("nbgrader_config.py", folder).load_config())
            except Exception as error:
                where = Path(folder, "nbgrader_config.py")
                raise CourseError(f"{where} cannot be read: {error}") from None
    config.merge(course.config)
    return config
