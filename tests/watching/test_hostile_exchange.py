# ruff: noqa: F811 - a fixture that is asked for by its name
"""No name, time, tree or file in the exchange ends the watcher, or keeps it from anybody else."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from fuzzing import fuzzed
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.coursedir import CourseDirectory
from test_watch import WEEK, course, drop, folder, given_back, once, total  # noqa: F401

from autograder.grading.course import Course
from autograder.plugins import inbound
from autograder.plugins.inbound import copy_plain_files, plain_tree
from autograder.watching.arrivals import Arrival
from autograder.watching.exchange import Exchange
from autograder.watching.files import looks
from autograder.watching.inbox import Inbox
from autograder.watching.patience import Rests
from autograder.watching.queue import Queue
from autograder.watching.turns import Rules


class Silent:
    """Says nothing."""

    def line(self, text: str) -> None:
        pass


def nested(place: Path, count: int) -> None:
    """Folders in folders, deeper than any path can say."""
    here = os.open(place, os.O_RDONLY)
    for _ in range(count):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


NINES = "9" * 29


@pytest.mark.parametrize(
    "when",
    [f"{NINES}h", f"{NINES}h+x", NINES, "1e999", "٣", "12:00:00.9" + "9" * 80, "\udcff", "-1",
     "2027-02-30", "2027-13-01 UTC", "24:61", "T", "Z", "UTC+99:99", "now+1"],
)  # fmt: skip
def test_a_time_that_is_none_is_passed_over(course: Course, when: str) -> None:
    """In a name and in timestamp.txt; the next student is graded."""
    (folder(course, "inbound") / f"bad+{WEEK}+{when}").mkdir()
    secret = drop(course, "one")
    (folder(course, "inbound") / f"odd+{WEEK}+2027-03-01 10:00:00 UTC").mkdir()
    (
        folder(course, "inbound") / f"odd+{WEEK}+2027-03-01 10:00:00 UTC" / "timestamp.txt"
    ).write_text(when, errors="surrogateescape")
    inbox = Inbox(Exchange(course, course.week(WEEK)))
    arrivals = inbox.arrivals()
    assert {arrival.student for arrival in arrivals.values()} >= {"one", "odd"}
    for arrival in arrivals.values():
        inbox.secret(arrival)
    assert secret


@fuzzed(100)
@given(
    student=st.text(max_size=40), when=st.text(max_size=60) | st.from_regex(r"[-0-9: .+hTZ]{1,40}")
)
def test_fuzz_names_in_the_exchange(
    course: Course,
    student: str,
    when: str,
) -> None:
    """Each is an arrival, or is named."""
    name = f"{student}+{WEEK}+{when}".replace("/", "").replace("\0", "")
    try:
        place = folder(course, "inbound") / name
        place.mkdir(exist_ok=True)
    except (OSError, UnicodeEncodeError):
        return  # the file system does not take it
    inbox = Inbox(Exchange(course, course.week(WEEK)))
    assert name in inbox.arrivals() or name in inbox.foreign
    place.rmdir()


def test_a_tree_nested_too_deeply_is_copied_up_to_there(tmp_path: Path) -> None:
    """What is not nested so is copied, and the rest is named."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "descent.ipynb").write_text("{}")
    nested(source, 1200)
    left_out = copy_plain_files(source, tmp_path / "target", CourseDirectory())
    assert (tmp_path / "target" / "descent.ipynb").exists()
    assert len(left_out) == 1
    assert "nested too deeply" in left_out[0]
    assert [name for name, *_ in looks(source)] == ["descent.ipynb"]
    os.system(f"rm -rf {source}")  # which goes down without recursion


def test_a_tree_of_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbound, "_MOST", 50)
    for number in range(40):
        (tmp_path / "source" / f"{number % 4}").mkdir(parents=True, exist_ok=True)
        (tmp_path / "source" / f"{number % 4}" / f"{number}").touch()
    said: list[str] = []
    assert len(list(plain_tree(tmp_path / "source", said))) <= 5
    (tmp_path / "source" / "more").mkdir()
    for number in range(60):
        (tmp_path / "source" / "more" / f"{number}").touch()
    assert list(plain_tree(tmp_path / "source", said)) != []
    assert "too many files" in said[-1]


def test_a_file_that_grows_is_copied_up_to_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And then not at all: what was looked at first is not believed."""
    (tmp_path / "source").mkdir()
    big = tmp_path / "source" / "big.csv"
    big.write_bytes(b"x" * 10)
    real, taken = os.fstat, list[int]()

    def grows(descriptor: int) -> os.stat_result:
        about = real(descriptor)
        with big.open("ab") as file:
            file.write(b"x" * 500_000)
        return about

    class Counted(io.BufferedReader):
        def read(self, size: int | None = -1, /) -> bytes:
            part = super().read(size)
            taken.append(len(part))
            return part

    monkeypatch.setattr(inbound, "_PART", 1000)
    monkeypatch.setattr(inbound.os, "fstat", grows)
    monkeypatch.setattr(inbound, "open", lambda file, mode: Counted(io.FileIO(file)), raising=False)
    directory = CourseDirectory(max_file_size=20, max_dir_size=100)
    left_out = copy_plain_files(tmp_path / "source", tmp_path / "target", directory)
    assert left_out == ["big.csv is too large, and was left out"]
    assert list((tmp_path / "target").iterdir()) == []
    assert sum(taken) == 20_001


def test_many_things_left_out_are_counted(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    for number in range(50):
        (tmp_path / "source" / f"{number}").symlink_to("/etc/passwd")
    left_out = copy_plain_files(tmp_path / "source", tmp_path / "target", CourseDirectory())
    assert len(left_out) == 21
    assert left_out[-1] == "30 more were left out"


def test_a_name_cannot_choose_its_turn(course: Course) -> None:
    """Versions dated 2001 do not go first; and who has had a turn goes after who has not."""
    drop(course, "early")
    for number in range(3):
        place = folder(course, "inbound") / f"flood+{WEEK}+2001-01-0{number + 1} 00:00:00 UTC+x"
        drop(course, "flood").encode()
        newest = max(folder(course, "inbound").glob("flood+*"), key=lambda p: p.stat().st_ctime_ns)
        newest.rename(place)
    drop(course, "late")
    queue = Queue(Exchange(course, course.week(WEEK)), Rules(), Rests(), Silent())  # type: ignore[arg-type]
    queue.look()
    for name, arrival in queue._inbox.arrivals().items():
        queue.secrets[name] = "settled"
        assert isinstance(arrival, Arrival)
    order = [arrival.student for arrival in queue.turns(course, [])]
    assert order[0] == "early"
    queue.served("early")
    queue.served("flood")
    assert next(queue.turns(course, [])).student == "late"


def test_hostile_things_keep_nobody_from_a_grade(
    course: Course,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder(course, "inbound") / f"bad+{WEEK}+{NINES}h").mkdir()
    deep = drop(course, "deep")
    (place,) = folder(course, "inbound").glob("deep+*")
    nested(place, 1200)
    secret = drop(course, "one")
    assert once(course) == 0
    assert given_back(course, secret)
    assert given_back(course, deep)
    assert total(course, "deep") == 20
    assert "is passed over: its name is not STUDENT+WEEK+TIME" in capsys.readouterr().out
    os.system(f"rm -rf '{place}'")
