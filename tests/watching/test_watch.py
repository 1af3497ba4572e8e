"""`autograder watch`: what arrives is graded once, and its feedback published once.

`AUTOGRADER_SUBMISSIONS=200 pytest tests/watching/test_watch.py -k killed -s` drops so many within
a minute.
"""

from __future__ import annotations

import errno
import itertools
import json
import os
import pwd
import re
import resource
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy.orm
import test_resume
from conftest import SEARCH_PATH, filled, scores
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import (
    ExchangeFetchFeedback,
    ExchangeReleaseAssignment,
    ExchangeSubmit,
)
from nbgrader.utils import notebook_hash
from test_regrade import CLIMBS, Reference

from autograder.commands.demo import class_of
from autograder.commands.grade import grade_week
from autograder.errors import CourseError, GradebookBusy, GraderFault
from autograder.grading import inside, pace, stages
from autograder.grading.course import Course
from autograder.grading.records import Record
from autograder.kernels.driver import Execute, Executed, Limits
from autograder.plugins import folders, inbound
from autograder.plugins.gradebook import GradebookWriter
from autograder.terminal import Status
from autograder.watching import inbox, outbox
from autograder.watching import watch as watch_module
from autograder.watching.turns import Rules
from autograder.watching.watch import _Watcher, watch_week

WEEK = "week2_descent"
NOW = datetime.now(UTC).replace(tzinfo=None)


@pytest.fixture
def course(course: Course) -> Course:
    """A course with an exchange of its own, due in an hour."""
    root = course.root.parent / "exchange"
    due = f"{NOW + timedelta(hours=1):%Y-%m-%d %H:%M} UTC"
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Exchange.root = {str(root)!r}\n")
        config.write(f"c.CourseSettings.due_dates = {{{WEEK!r}: {due!r}}}\n")
    for name in ("inbound", "feedback"):
        (root / "gradient-descent" / name).mkdir(parents=True)
    root.chmod(0o777)
    return Course(course.root)


def folder(course: Course, name: str) -> Path:
    return course.root.parent / "exchange" / "gradient-descent" / name


def drop(
    course: Course,
    student: str,
    content: str = "",
    minutes: float = 0,
    notebook: str = "descent",
    finished: int = 4,
) -> str:
    """Hand in as `nbgrader submit` does, step by step; the secret."""
    stamp = f"{NOW + timedelta(minutes=minutes):%Y-%m-%d %H:%M:%S.%f} UTC"
    secret = secrets.token_hex(64)
    place = folder(course, "inbound") / f"{student}+{WEEK}+{stamp}+{secrets.token_urlsafe(9)}"
    steps: list[Callable[[], Any]] = [
        place.mkdir,
        lambda: (place / f"{notebook}.ipynb").write_text(content or filled(course, WEEK, {})),
        lambda: (place / "timestamp.txt").write_text(stamp),
        lambda: (place / "submission_secret.txt").write_text(secret),
        lambda: place.chmod(0o777),
    ]
    for step in steps[: finished + 1]:
        step()
    return secret


def page(course: Course, secret: str, notebook: str = "descent") -> str:
    """The page that the student fetches; "" if there is none."""
    name = notebook_hash(secret=secret, notebook_id=notebook)
    path = folder(course, "feedback") / f"{name}.html"
    return path.read_text("utf-8") if path.exists() else ""


def given_back(course: Course, secret: str) -> bool:
    """Whether there is feedback, and not a notice that it is to come."""
    text = page(course, secret)
    return bool(text) and not text.startswith(outbox.WAITS)


def once(course: Course, execute: Execute | None = None, **rules: Any) -> int:
    return watch_week(
        course.root, WEEK, Rules(**rules), once=True, interval=0.05,
        execute=execute or Reference(course),
    )  # fmt: skip


def record(course: Course, student: str) -> dict[str, Any]:
    path = course.root / "records" / WEEK / f"{student}.json"
    return dict(json.loads(path.read_text()))


def total(course: Course, student: str) -> float:
    return sum(score or 0 for score in scores(course, WEEK)[student].values())


def climbing(course: Course, about: str = "") -> str:
    return filled(course, WEEK, {"gradient_descent": f"# {CLIMBS} {about}"})


def test_nbgraders_own_cycle(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Released, submitted and fetched by nbgrader's own commands, as a student does."""
    student = course.root.parent / "student"
    student.mkdir()
    shutil.rmtree(folder(course, ""))
    config = course.config.copy()
    config.Exchange.cache = str(student / "cache")
    config.Exchange.assignment_dir = str(student)

    def nbgrader(step: Any, who: str, root: Path) -> None:
        directory = CourseDirectory(
            config=config, root=str(root), assignment_id=WEEK, student_id=who
        )
        step(coursedir=directory, authenticator=Authenticator(), config=config).start()

    with pytest.raises(CourseError, match="nbgrader release_assignment"):
        once(course)
    nbgrader(ExchangeReleaseAssignment, "*", course.root)
    shutil.copytree(course.root / "release" / WEEK, student / WEEK)
    (student / WEEK / "descent.ipynb").write_text(climbing(course))
    nbgrader(ExchangeSubmit, "ada", student)
    assert once(course) == 0
    nbgrader(ExchangeFetchFeedback, "ada", student)
    (fetched,) = (student / WEEK / "feedback").rglob("descent.html")
    assert "climbs" in fetched.read_text()
    assert fetched.read_text() == (course.root / f"feedback/ada/{WEEK}/descent.html").read_text()


def test_every_version_is_graded_in_order_with_fresh_calls(course: Course) -> None:
    """Both are published, under their own secrets; the gradebook has the last one."""
    first = drop(course, "one", climbing(course), minutes=-2)
    second = drop(course, "one", filled(course, WEEK, {}), minutes=-1)
    asked = []

    def execute(notebook: str, calls: Any, limits: Limits) -> Executed:
        asked.extend([calls] if calls else [])
        return Reference(course)(notebook, calls, limits)

    assert once(course, execute) == 0
    assert len(asked) == 2
    assert asked[0]["gradient_descent"] != asked[1]["gradient_descent"]
    assert "climbs" in page(course, first)
    assert "climbs" not in page(course, second)
    assert total(course, "one") == 20
    assert record(course, "one")["attempt"] == 1
    assert once(course, execute) == 0
    assert len(asked) == 2, "nothing is graded twice"


def test_questions_are_each_students_own_from_the_first_version(course: Course) -> None:
    """A table of what the pages of others show is of no use; nor is a name nobody has."""
    for who in ("ada", "ben", "eve"):
        drop(course, who, climbing(course))
    once(course)
    asked = {json.dumps(record(course, who)["graded"]["calls"]) for who in ("ada", "ben", "eve")}
    assert len(asked) == 3


def test_the_same_bytes_are_not_run_again(course: Course) -> None:
    """What answers by the clock has one throw; the standing verdict is published again."""
    asked: list[Any] = []

    def execute(notebook: str, calls: Any, limits: Limits) -> Executed:
        asked.extend([calls] if calls else [])
        return Reference(course)(notebook, calls, limits)

    drop(course, "one", climbing(course), minutes=-2)
    once(course, execute)
    before = record(course, "one")
    again = drop(course, "one", climbing(course), minutes=-1)
    once(course, execute)
    assert len(asked) == 1
    assert record(course, "one") == before
    assert "climbs" in page(course, again)


def test_feedback_is_not_replaced_by_a_second_watcher(course: Course) -> None:
    """One that saw both versions before they were graded, and knows of it from the exchange."""
    first = drop(course, "one", climbing(course), minutes=-2)
    second = drop(course, "one", filled(course, WEEK, {}), minutes=-1)
    works = Reference(course)
    with Status() as status:
        other = _Watcher(course, WEEK, Rules(), True, 0.05, 1, Limits(), works, status)
        other._look()
        assert once(course, works) == 0
        before = pages(course)
        other.run()
    assert pages(course) == before
    assert given_back(course, first)
    assert given_back(course, second)


def test_a_line_for_each(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Time, student, attempt, score, seconds, and what the grader says."""
    drop(course, "one", climbing(course), minutes=61)
    drop(course, "two", minutes=-30)
    once(course)
    line, dated = sorted(capsys.readouterr().out.splitlines(), key=lambda said: "  two  " in said)
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  one  attempt 1  \d+/20  \d+\.\d s  "
        r"gradient_descent: climbs; late by \d+ min",
        line,
    )
    said = re.search(
        r"  two  .*  its name says .*(\d\d):(\d\d) \S+; put there, or changed, .*(\d\d):(\d\d) ",
        dated,
    )
    assert said
    named, put = (
        60 * int(hour) + int(minute) for hour, minute in (said.group(1, 2), said.group(3, 4))
    )
    assert 30 <= (put - named) % 1440 < 720


def test_within_the_pause_the_newest_waits(course: Course) -> None:
    """Each page says what becomes of it; after the pause the newest one is graded."""
    pause = timedelta(minutes=10)
    first = drop(course, "one", climbing(course, "1"), minutes=-9)
    once(course, pause=pause)
    second = drop(course, "one", climbing(course, "2"), minutes=-5)
    once(course, pause=pause)
    assert "pause of 10 minutes" in page(course, second)
    third = drop(course, "one", filled(course, WEEK, {}), minutes=-4)
    assert once(course, pause=pause) == 0
    assert "there is a newer version" in page(course, second)
    assert "Received; it is graded later" in page(course, third)
    assert not given_back(course, third)
    assert "climbs" in page(course, first)

    path = course.root / "records" / WEEK / "one.json"
    about = record(course, "one")
    about["run"]["at"] = (datetime.now(UTC) - pause).isoformat(timespec="seconds")
    path.write_text(json.dumps(about))
    once(course, pause=pause)
    assert given_back(course, third)
    assert total(course, "one") == 20
    assert "there is a newer version" in page(course, second)


def test_over_the_count_the_last_one_is_graded_after_the_due_date(course: Course) -> None:
    first = drop(course, "one", climbing(course), minutes=-9)
    last = drop(course, "one", filled(course, WEEK, {}), minutes=-8)
    assert once(course, attempts=1) == 0
    assert "climbs" in page(course, first)
    assert "This version is kept." in page(course, last)
    assert total(course, "one") < 20
    config = course.root / "nbgrader_config.py"
    past = f"{NOW - timedelta(minutes=1):%Y-%m-%d %H:%M} UTC"
    config.write_text(f"{config.read_text()}\nc.CourseSettings.due_dates[{WEEK!r}] = {past!r}\n")
    once(course, attempts=1)
    assert total(course, "one") == 20
    assert given_back(course, last)


@pytest.mark.parametrize("finished", [0, 1, 2, 3])
def test_half_copied_is_not_taken(
    course: Course, finished: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each step of `nbgrader submit`; nor one that goes on after a while."""
    monkeypatch.setattr(inbox, "_SETTLES", (0.3, 0.3))
    drop(course, "one", "{" if finished else "", finished=finished)
    (place,) = folder(course, "inbound").iterdir()
    looked = []

    def wait(box: Any, arrival: Any) -> str | None:
        secret = ask(box, arrival)
        looked.append(secret)
        if len(looked) == 3:
            (place / "descent.ipynb").write_text(filled(course, WEEK, {}))
            looked.append("went on")
        return secret

    ask = inbox.Inbox.secret
    monkeypatch.setattr(inbox.Inbox, "secret", wait)
    started = time.monotonic()
    once(course)
    assert looked[:4] == [None, None, None, "went on"]
    assert time.monotonic() - started > 0.4
    assert total(course, "one") == 20


def test_foreign_things_in_the_exchange(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """Passed over, each with its reason, once; nothing outside is read or written."""
    inbound = folder(course, "inbound")
    stamp = "2027-03-01 10:00:00.000000 UTC"
    (inbound / "notes.txt").write_text("x")
    (inbound / "other+week9_other+yesterday").mkdir()
    (inbound / f"file+{WEEK}+{stamp}+x").write_text("x")
    (inbound / f"link+{WEEK}+{stamp}+x").symlink_to(course.root / "source" / WEEK)
    (inbound / f"..+{WEEK}+{stamp}+x").mkdir()
    (inbound / f"+{WEEK}+{stamp}+x").mkdir()
    (inbound / f"when+{WEEK}+yesterday+x").mkdir()
    (inbound / f"eons+{WEEK}+99999999999-01-01 00:00:00 UTC").mkdir()
    (inbound / f"genesis+{WEEK}+0001-01-01 00:00:00 3600").mkdir()
    (inbound / f"last day+{WEEK}+9999-12-31 23:59:59 UTC").mkdir()
    (inbound / f"{'n' * 129}+{WEEK}+{stamp}+x").mkdir()
    (inbound / f"two\nlines+{WEEK}+{stamp}+x").mkdir()
    (inbound / f"red\x1b[31m+{WEEK}+{stamp}+x").mkdir()
    (inbound / f"wide\x9b+{WEEK}+{stamp}+\x85").mkdir()
    drop(course, "one")
    assert once(course) == 0
    out = capsys.readouterr().out
    passed = dict(re.findall(r"  '(.*?)\+.* is passed over: (.*)", out))
    control = "its name has a line break, or another control character"
    assert passed == {
        "file": "it is not a folder",
        "link": "it is a link",
        "..": "its name doesn't begin with a student's",
        "": "its name doesn't begin with a student's",
        "when": "its name is not STUDENT+WEEK+TIME",
        "eons": "its name is not STUDENT+WEEK+TIME",
        "genesis": "its name is not STUDENT+WEEK+TIME",
        "last day": "its name says a time that cannot be",
        "n" * 129: "its student's name is too long for the gradebook",
        r"two\nlines": control,
        r"red\x1b[31m": control,
        r"wide\x9b": control,
    }
    assert set(scores(course, WEEK)) == {"one"}
    assert sorted(p.name for p in (course.root / "submitted").iterdir()) == ["one"]


def test_links_in_a_submission_are_not_followed(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the solutions would be handed in, and read in the feedback."""
    monkeypatch.setattr(inbox, "_SETTLES", (0.1, 0.1))
    drop(course, "one", finished=0)
    (place,) = folder(course, "inbound").iterdir()
    solutions = course.root / "source" / WEEK
    (place / "descent.ipynb").symlink_to(solutions / "descent.ipynb")
    (place / "all").symlink_to(solutions)
    os.mkfifo(place / "pipe")
    (place / "timestamp.txt").symlink_to("/dev/zero")
    (place / "data.csv").write_text("1,2")
    (place / "submission_secret.txt").write_text("secret")
    place.chmod(0o777)
    once(course)
    assert total(course, "one") == 0
    assert "there is no notebook descent.ipynb" in page(course, "secret")
    collected = course.root / "submitted" / "one" / WEEK
    assert sorted(path.name for path in collected.rglob("*")) == [
        "data.csv", "submission_secret.txt", "timestamp.txt",
    ]  # fmt: skip


def test_unreadable_files_hold_nobody_up(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One is passed over, with a line, while it can't be read; a folder is no time stamp."""
    monkeypatch.setattr(inbox, "_SETTLES", (0.1, 0.1))
    secret = drop(course, "closed")
    drop(course, "odd", finished=1)
    for place in folder(course, "inbound").glob("odd*"):
        for name in ("timestamp.txt", "submission_secret.txt"):
            (place / name / "deep").mkdir(parents=True)

    def closed(path: Path) -> str:
        if "closed" in str(path):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return text(path)

    text = inbox.small_text
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "small_text", closed)
        assert once(course) == 0
    assert re.findall("closed.* is passed over: (.*)", capsys.readouterr().out) == [
        "it cannot be read (Permission denied)"
    ]
    assert total(course, "odd") == 20
    assert once(course) == 0
    assert given_back(course, secret)


def test_where_students_have_accounts_only_the_owner_hands_in(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `nbgrader collect` does with the same line of configuration."""
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write('c.ExchangeFactory.collect = "autograder.plugins.inbound.OwnedCollect"\n')
    me = pwd.getpwuid(os.getuid()).pw_name
    mine, stolen = drop(course, me), drop(course, "ada")
    assert once(Course(course.root), Reference(course)) == 0
    assert given_back(course, mine)
    assert not page(course, stolen)
    assert f"belongs to {me}, not to ada" in capsys.readouterr().out


def test_odd_names_and_broken_files(course: Course) -> None:
    """Everybody gets a page, also under the name of the notebook that they handed in."""
    odd = drop(course, 's[1]*, "x" =1+1', climbing(course))
    renamed = drop(course, "two", notebook="descent (1)")
    broken = drop(course, "three", '{"cells": [')
    assert once(course) == 0
    assert "climbs" in page(course, odd)
    assert page(course, renamed) == page(course, renamed, "descent (1)") != ""
    assert "it is not JSON" in page(course, broken)
    assert set(scores(course, WEEK)) == {'s[1]*, "x" =1+1', "two", "three"}


def test_older_than_what_was_graded_already(course: Course) -> None:
    """A watcher that starts late publishes what was graded, and takes nothing back."""
    old = drop(course, "one", climbing(course), minutes=-20)
    new = drop(course, "one", filled(course, WEEK, {}), minutes=-10)
    newest = sorted(folder(course, "inbound").iterdir())[-1]
    shutil.copytree(newest, course.root / "submitted" / "one" / WEEK)
    grade_week(course.root, WEEK, execute=Reference(course))
    before = record(course, "one")

    def execute(notebook: str, calls: Any, limits: Limits) -> Executed:
        assert not calls, "nothing is left to execute"
        return Executed(notebook, {})

    assert once(course, execute) == 0
    assert record(course, "one") == before
    assert "there is a newer version" in page(course, old)
    assert "climbs" not in page(course, new) != ""


class Broken:
    """Cannot start kernels, but for the first one and while `mended` is set."""

    def __init__(self, course: Course) -> None:
        self.mended, self.times, self._works = False, 0, Reference(course)

    def __call__(self, notebook: str, calls: Any, limits: Limits) -> Executed:
        self.times += bool(calls)
        if calls and not self.mended:
            raise GraderFault("no kernel could be started")
        return self._works(notebook, calls, limits)


def running(course: Course, execute: Execute, until: Callable[[], bool], **rules: Any) -> None:
    """Watch, in this process, until something has come true; stopped as by Ctrl-C."""

    def interrupt() -> None:
        ends = time.monotonic() + 20
        while not until() and time.monotonic() < ends:
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        watch_week(course.root, WEEK, Rules(**rules), interval=0.05, execute=execute)
    thread.join()
    assert until()


def test_a_fault_of_the_grader_waits_longer_each_time(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No page with a score, no hot loop; a try after each rest; graded once it is mended."""
    monkeypatch.setattr("autograder.watching.patience.REST", (0.3, 60.0))
    secret, execute = drop(course, "one"), Broken(course)

    def mend() -> bool:
        if execute.times == 3 and not execute.mended:
            assert "went wrong, not in your work" in page(course, secret)
            execute.mended = True
        return given_back(course, secret) and execute.times == 4

    started = time.monotonic()
    running(course, execute, mend, attempts=1)
    assert time.monotonic() - started > 0.3 + 0.6 + 1.2
    out = capsys.readouterr().out
    rests = re.findall(r"NOT GRADED.*no kernel.*next try is in ([\d.]+) s", out)
    assert rests == ["0.3", "0.6", "1.2"]
    assert "attempt 1  20/20" in out


def test_a_fault_of_the_grader_is_no_attempt_and_no_reason_to_wait(course: Course) -> None:
    """Not even if a newer version is graded while it rests, which still meets fresh calls."""
    broken, second = Broken(course), ""

    def execute(notebook: str, calls: Any, limits: Limits) -> Executed:
        nonlocal second
        broken.mended = bool(second)
        if calls and not second:
            second = drop(course, "one", filled(course, WEEK, {}), minutes=-1)
        return broken(notebook, calls, limits)

    rules: dict[str, Any] = {"attempts": 1, "pause": timedelta(minutes=10)}
    drop(course, "one", climbing(course), minutes=-2)
    once(course, execute, **rules)
    assert given_back(course, second)
    assert (record(course, "one")["attempt"], record(course, "one")["missed"]) == (1, 1)
    third = drop(course, "one", climbing(course, "3"))
    assert once(course, **rules) == 0
    assert "You have had the 1 gradings" in page(course, third)


def test_one_try_and_an_exit_status_with_once(course: Course) -> None:
    execute = Broken(course)
    drop(course, "one")
    assert once(course, execute) == 1
    assert execute.times == 1


@pytest.mark.parametrize("where", ["timestamp.txt", ".html", "descent.ipynb", "one.json"])
def test_a_full_disk(course: Course, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While collecting, recording or publishing: kept, and done when there is room."""
    monkeypatch.setattr("autograder.watching.patience.REST", (0.1, 0.1))
    secret, full = drop(course, "one"), True

    def write(path: Path, text: str) -> None:
        if full and path.name.endswith(where):
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        whole(path, text)

    whole = outbox.write_whole
    monkeypatch.setattr("autograder.watching.collecting.write_whole", write)
    monkeypatch.setattr("autograder.watching.outbox.write_whole", write)
    monkeypatch.setattr("autograder.grading.records.write_whole", write)
    monkeypatch.setattr("autograder.plugins.gradebook.write_whole", write)
    tries: list[int] = []

    def until() -> bool:
        nonlocal full
        tries.append(1)
        full = len(tries) < 20
        return not full and given_back(course, secret)

    running(course, Reference(course), until)
    assert total(course, "one") == 20
    assert once(course) == 0


def test_one_of_a_student_at_a_time_and_several_students_at_once(course: Course) -> None:
    inside: Counter[str] = Counter()
    most: Counter[str] = Counter()
    works = Reference(course)

    def execute(notebook: str, calls: Any, limits: Limits) -> Executed:
        who = "a" if "# by a" in notebook else "b"
        if calls:
            inside[who] += 1
            most[who] = max(most[who], inside[who])
            most["together"] = max(most["together"], inside.total())
            ends = time.monotonic() + 20
            while most["together"] < 2 and time.monotonic() < ends:
                time.sleep(0.02)  # the other's may take its time to be read
            time.sleep(0.05)
            inside[who] -= 1
        return works(notebook, calls, limits)

    for k in range(3):
        for who in "ab":
            cells = {"basin": f"# by {who} {k}"}
            drop(course, who, filled(course, WEEK, cells), minutes=-10 + k)
    watch_week(course.root, WEEK, once=True, interval=0.05, jobs=4, execute=execute)
    assert most == {"a": 1, "b": 1, "together": 2}
    assert [record(course, who)["attempt"] for who in "ab"] == [2, 2]


@pytest.mark.parametrize("graded_by_another", [False, True])
def test_who_takes_long_keeps_neither_the_others_nor_the_gradebook(
    course: Course, monkeypatch: pytest.MonkeyPatch, graded_by_another: bool
) -> None:
    """One at a time, and the gradebook for half a second; what another run has done counts."""
    monkeypatch.setattr(watch_module, "HOLD", 0.5)
    monkeypatch.setattr(pace, "_LONG", 0.2)
    monkeypatch.setattr(pace, "_TIMES", 0.0)
    (mine, theirs), works = (drop(course, who, minutes=-2) for who in "ab"), Reference(course)
    times: Counter[str] = Counter()
    had: list[bool] = []

    def execute(notebook: str, calls: Any, limits: Limits) -> Executed:
        times["all"] += bool(calls)
        first, ends = times["all"] == 1 and calls, time.monotonic() + 60
        while first and not had and time.monotonic() < ends:
            time.sleep(0.02)
            if not given_back(course, theirs):
                continue
            with suppress(GradebookBusy), GradebookWriter(course, course.week(WEEK)):
                had.append(True)
                if graded_by_another:
                    Record("another", 1, 0, "key").keep(course, course.week(WEEK), "a")
        return works(notebook, calls, limits)

    watch_week(course.root, WEEK, once=True, interval=0.05, jobs=1, execute=execute)
    assert had == [True]
    assert given_back(course, mine)
    assert times["all"] == 2 + graded_by_another
    assert record(course, "a")["attempt"] == graded_by_another


def test_making_a_page_holds_nobody_up(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is part of the student's own turn: meanwhile another's is made and published."""
    mine, theirs = (drop(course, who, minutes=-at) for who, at in (("a", 2), ("b", 1)))

    def slowly(course: Course, week: Any, student: str) -> dict[str, str]:
        ends = time.monotonic() + 60
        while student == "a" and not given_back(course, theirs) and time.monotonic() < ends:
            time.sleep(0.02)
        return {"descent": student}

    monkeypatch.setattr(watch_module, "feedback_pages", slowly)
    watch_week(course.root, WEEK, once=True, interval=0.05, jobs=2, execute=Reference(course))
    assert re.findall(r"  (\w)  attempt 1  20/20", capsys.readouterr().out) == ["b", "a"]
    assert (page(course, mine), page(course, theirs)) == ("a", "b")


# --- killed at every step -------------------------------------------------------------------
# In a process of its own, which forks for each run, and with notebooks that are not executed.


def killed_at_every_step(root: Path, stride: str) -> None:
    """One student for each step; killed there, and watched to the end after that."""
    test_resume.STEPS = [  # type: ignore[assignment]
        (outbox.Path, "write_text"),
        (outbox.Path, "replace"),
        (outbox.Path, "rename"),
        (inbound, "_copied"),
        (folders.shutil, "copyfile"),
        (sqlalchemy.orm.Session, "commit"),
    ]
    course = Course(root)
    questions = stages.draw(course.week(WEEK), course.settings.seed)
    stages.draw = inside.draw = watch_module.draw = lambda week, seed: questions  # type: ignore[assignment]

    def feedback_pages(course: Course, week: Any, student: str) -> dict[str, str]:
        target = course.root / f"{student}.html"
        target.write_bytes(
            (course.root / f"autograded/{student}/{WEEK}/descent.ipynb").read_bytes()
        )
        return {"descent": target.read_text()}

    watch_module.feedback_pages = feedback_pages  # type: ignore[assignment]
    text = filled(course, WEEK, {})
    for step in itertools.count(0, int(stride)):
        secret = drop(course, f"s{step:03}", text)
        statuses, seen = [], []
        for at in (step, None):
            pid = os.fork()
            if not pid:
                status = 99
                try:
                    if at is not None:
                        test_resume.disturb(at, "killed")
                    status = once(course, test_resume.unexecuted)
                finally:
                    os._exit(status)
            statuses.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            seen.append(given_back(course, secret) and pages(course)[name_of(secret)])
        print(json.dumps([step, statuses, seen[0] in (False, seen[1]), bool(seen[1])]))
        if statuses[0] == 0:
            break


def name_of(secret: str) -> str:
    return f"{notebook_hash(secret=secret, notebook_id='descent')}.html"


def pages(course: Course) -> dict[str, tuple[int, str]]:
    """What is published, and when it was."""
    return {
        path.name: (path.stat().st_mtime_ns, path.read_text("utf-8"))
        for path in folder(course, "feedback").glob("*.html")
    }


def test_killed_at_any_step(course: Course) -> None:
    """Collecting, recording, publishing: the next watcher makes it whole, and publishes once.

    Every third step; all of them with `AUTOGRADER_STEPS=1`.
    """
    code = (
        "import sys, test_watch; from pathlib import Path;"
        "test_watch.killed_at_every_step(Path(sys.argv[1]), sys.argv[2])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(course.root), os.environ.get("AUTOGRADER_STEPS", "3")],
        env=os.environ | {"PYTHONPATH": SEARCH_PATH},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *killed, last = (json.loads(line) for line in done.stdout.splitlines() if line[0] == "[")
    assert len(killed) >= 8, done.stdout
    assert [found[1:] for found in killed] == [[[-signal.SIGKILL, 0], True, True]] * len(killed)
    assert last[1:] == [[0, 0], True, True]
    students = [f"s{step:03}" for step, *_ in [*killed, last]]
    left = test_resume.results(course)
    assert left["students"] == [(student,) for student in students]
    of_one = [row[1:] for row in left["rows"] if row[0] == students[-1]]
    assert left["rows"] == [(student, *row) for student in students for row in of_one]
    own = ("seed", "key")
    records = [{k: v for k, v in r.items() if k not in own} for r in left["records"].values()]
    assert len({json.dumps(record) for record in records}) == 1
    assert len({record["seed"] for record in left["records"].values()}) == len(students)
    assert len(pages(course)) == len(students)
    submitted = sorted(path.relative_to(course.root) for path in course.root.glob("submitted/*/*"))
    assert [str(path) for path in submitted] == [f"submitted/{who}/{WEEK}" for who in students]


# --- through real kernels ------------------------------------------------------------------

COUNT = int(os.environ.get("AUTOGRADER_SUBMISSIONS", "6"))
DONE = re.compile(r"^\S+ \S+  (\S+)  attempt (\d+)  ([\d.]+)/20", re.MULTILINE)


class Watch:
    """`autograder watch` in a process of its own, writing into a file."""

    def __init__(self, course: Course, *options: str) -> None:
        self.log = course.root.parent / "watch.log"
        with self.log.open("a") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "autograder", "watch", WEEK, *options],
                cwd=course.root, stdout=out, stderr=out,
                env=os.environ | {"PYTHONPATH": SEARCH_PATH},
            )  # fmt: skip

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def done(self) -> list[tuple[str, ...]]:
        return DONE.findall(self.log.read_text())

    def until(self, true: Callable[[], bool], seconds: float) -> None:
        ends = time.monotonic() + seconds
        while not true():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < ends, self.log.read_text()
            time.sleep(0.05)


def spent() -> tuple[float, float]:
    """The time, and the processor time of all processes that were started here, and ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic(), used.ru_utime + used.ru_stime


@pytest.mark.kernel
def test_killed_in_the_middle(course: Course) -> None:
    """SIGKILL with work in hand; another watcher goes on; all are graded once; then SIGTERM."""
    usual = [sample for sample in class_of(WEEK) if sample.content is None]
    texts = {}
    for k in range(COUNT):
        sample = usual[k % len(usual)]
        cells = {name: f"{code}\n# {k}" for name, code in sample.cells.items()}
        texts[f"s{k:03}"] = filled(course, WEEK, cells, stubs=sample.stubs, deleted=sample.deleted)
    texts["s000"] = '{"cells": ['
    given: dict[str, str] = {}

    def hand_in() -> None:
        for student, text in texts.items():
            minutes = (time.time() - NOW.replace(tzinfo=UTC).timestamp()) / 60
            given[student] = drop(course, student, text, minutes=minutes)
            time.sleep(60 / COUNT if COUNT > 100 else 0.05)

    class_ = threading.Thread(target=hand_in)
    class_.start()
    with Watch(course) as first:
        first.until(lambda: len(first.done) >= max(COUNT // 3, 2), 300)
        first.process.kill()
        first.process.wait()
        pages = {who: page(course, secret) for who, secret in list(given.items())}
        seen = {who: text for who, text in pages.items() if text}
    assert seen
    started = spent()
    with Watch(course) as second:
        class_.join()
        second.until(lambda: all(given_back(course, s) for s in given.values()), 60 + 20 * COUNT)
        second.process.send_signal(signal.SIGTERM)
        assert second.process.wait(60) == 128 + signal.SIGTERM
    took = [round(after - before) for before, after in zip(started, spent(), strict=True)]
    log = second.log.read_text()
    assert "stopped. What was graded is kept; the same command goes on" in log
    assert "NOT GRADED" not in log

    # Each is said to be graded once; but for one that was published just before the kill.
    said = Counter(who for who, *_ in second.done)
    assert set(said.values()) == {1}
    assert said.keys() <= texts.keys()
    assert len(said) >= COUNT - 1
    assert {attempt for _, attempt, _ in second.done} == {"1"}
    graded = scores(course, WEEK)
    assert graded.keys() == texts.keys()
    for student, _, score in second.done:
        assert float(score) == sum(points or 0 for points in graded[student].values())
        assert f"{float(score):g}" in page(course, given[student])
    for student, text in seen.items():
        assert page(course, given[student]) == text, "published twice"
    published = sorted(p.name for p in folder(course, "feedback").glob("*"))
    assert len(published) == COUNT, published
    if COUNT > 100:
        print(f"{COUNT - len(seen)} after the kill: {took}")
        started = spent()
        command = [sys.executable, "-m", "autograder", "grade", WEEK, "--force"]
        done = subprocess.run(
            command,
            cwd=course.root,
            env=os.environ | {"PYTHONPATH": SEARCH_PATH},
        )
        assert done.returncode == 0
        took = [round(after - before) for before, after in zip(started, spent(), strict=True)]
        print(f"autograder grade, {COUNT}: {took} seconds, of which processor time")
        assert scores(course, WEEK) == graded
