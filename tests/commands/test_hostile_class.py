"""Work that is made to hurt costs no neighbour a point, and leaves nothing behind.

`AUTOGRADER_SUBMISSIONS=200 pytest tests/commands/test_hostile_class.py -s` does it with so many
ordinary submissions and everything in `HOSTILE`, once more without that, compares, and prints what
it took; `AUTOGRADER_HOSTILE=4` takes only so many of them.
"""

from __future__ import annotations

import ctypes
import io
import json
import os
import resource
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import SEARCH_PATH, filled, scores

from autograder.grading.course import Course
from autograder.kernels.folders import remove
from autograder.plugins.converters import convert

WEEK, TASK, FILE = "week2_descent", "gradient_descent", "descent.ipynb"
#: A class of its own size is measured, with and without hostile work.
MEASURED = "AUTOGRADER_SUBMISSIONS" in os.environ
COUNT = int(os.environ.get("AUTOGRADER_SUBMISSIONS", "3"))
#: Megabytes that the grader's own process takes at most, whatever is handed in.
GRADER_MEGABYTES = 800
NINES = "9" * 29


def nested(folder: Path) -> None:
    """Folders in folders, deeper than any path can say."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


def many_cells() -> str:
    cells = ",".join(['{"cell_type":"raw","metadata":{},"source":""}'] * 180_000)
    return f'{{"nbformat":4,"nbformat_minor":5,"metadata":{{}},"cells":[{cells}]}}'


def a_pipe(folder: Path) -> None:
    (folder / FILE).unlink()
    os.mkfifo(folder / FILE)


def a_bomb(folder: Path) -> None:
    (folder / FILE).unlink()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.writestr(f"{number}.ipynb", '{"cells": [' + "[]," * 10_000_000)
    (folder / "work.zip").write_bytes(packed.getvalue())


def long_text(folder: Path) -> None:
    notebook = json.loads((folder / FILE).read_text())
    for source in ("a" + " " * 300_000 + "b", "```systemd\n" + " " * 10_000 + "\n```"):
        notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "source": source})
    (folder / FILE).write_text(json.dumps(notebook))


#: What stands in a task's cell, or what is done to the folder of a submission. The first few are
#: tried in every class.
HOSTILE: dict[str, str | Callable[[Path], None]] = {
    "fields": "x = 1\nf'" + "{x}" * 140_000 + "'",
    "cells": lambda folder: (folder / FILE).write_text(many_cells()) and None,
    "empty": f"import numpy as np\ndef {TASK}(*a, **k): return np.zeros((10**9, 0))",
    "nested": nested,
    "stamp": lambda folder: (folder / "timestamp.txt").write_text(f"{NINES}h") and None,
    "pipe": a_pipe,
    "bomb": a_bomb,
    "endless": "while True: pass",
    "prints": "while True: print('x' * 100_000)",
    "memory": "hoard = []\nwhile True: hoard.append(bytearray(50_000_000))",
    "threads": "import threading, time\nwhile True: "
    "threading.Thread(target=time.sleep, args=(99,)).start()",
    "disk": "with open('big', 'wb') as file:\n    while True: file.write(bytes(10_000_000))",
    "files": "for k in range(10**6): open(str(k), 'w').close()",
    "depth": "import os\nfor k in range(2000): os.mkdir('d'); os.chdir('d')\nos.chmod('.', 0)",
    "text": long_text,
    "stop": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
    "parts": "kernel = get_ipython().kernel\npart = bytes(64_000_000)\n"
    "kernel.iopub_thread.schedule("
    "lambda: kernel.iopub_thread.socket.send_multipart([part] * 80, copy=False))",
    "reports": "import os\nwith open(os.path.expanduser('~/.reports'), 'ab') as file:\n"
    "    for _ in range(40): file.write(b'{\"x\": [' + b'[],' * 500_000 + b'1]}\\n')",
    "escapes": "print('\\x1b[2J\\x9bevil', chr(0xDC80)); raise ValueError('\\x1b]0;x\\x07')",
    "deep": "deep = 1\nfor _ in range(480): deep = [deep]\n"
    "from IPython.display import display\ndisplay({'application/json': deep}, raw=True)",
}
FEW = int(os.environ.get("AUTOGRADER_HOSTILE", len(HOSTILE) if MEASURED else 4))


def hand_in(course: Course, student: str, cells: dict[str, str]) -> Path:
    """Into ``submitted/``; the folder."""
    folder = course.root / "submitted" / student / WEEK
    folder.mkdir(parents=True)
    (folder / FILE).write_text(filled(course, WEEK, cells))
    return folder


def drop(course: Course, student: str, cells: dict[str, str]) -> Path:
    """Into the exchange, as `nbgrader submit` does; the folder."""
    when = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"
    inbound = course.root.parent / "exchange" / "gradient-descent" / "inbound"
    folder = inbound / f"{student}+{WEEK}+{when}+{secrets.token_hex(4)}"
    folder.mkdir()
    (folder / FILE).write_text(filled(course, WEEK, cells))
    (folder / "timestamp.txt").write_text(when)
    (folder / "submission_secret.txt").write_text(secrets.token_hex(64))
    folder.chmod(0o777)
    return folder


def attend(
    course: Course, put: Callable[[Course, str, dict[str, str]], Path], ordinary: int, hostile: int
) -> None:
    """Every fifth of the ordinary ones is wrong, and the hostile ones are among them."""
    every = max(1, ordinary // hostile) if hostile else ordinary + 1
    kinds = iter(list(HOSTILE.items())[:hostile])
    for number in range(ordinary):
        if number % every == 0 and (kind := next(kinds, None)):
            put_hostile(course, put, *kind)
        code = {"basin": f"def basin(*a, **k):\n    return {number}"} if number % 5 == 4 else {}
        put(course, f"fine{number:03}", code)
    for kind in kinds:
        put_hostile(course, put, *kind)


def put_hostile(
    course: Course,
    put: Callable[[Course, str, dict[str, str]], Path],
    name: str,
    what: str | Callable[[Path], None],
) -> None:
    folder = put(course, f"bad-{name}", {TASK: what} if isinstance(what, str) else {})
    if callable(what):
        what(folder)


@dataclass
class Run:
    """What a command took, and what it left."""

    said: str
    seconds: float
    processor: float
    megabytes: int
    left: list[str]
    orphans: list[str]

    def is_clean(self) -> None:
        """It kept its limits, and nothing of it is there any more."""
        assert "Traceback" not in self.said, self.said
        assert "NOT GRADED" not in self.said, self.said
        assert "\x1b" not in self.said
        assert "\x9b" not in self.said
        assert self.left == []
        assert self.orphans == []
        assert self.megabytes < GRADER_MEGABYTES

    def __str__(self) -> str:
        return (
            f"{self.seconds:.0f} s, {self.processor:.0f} s of the processor, the grader's memory "
            f"{self.megabytes} MB, left in TMPDIR: {len(self.left)}, processes: {len(self.orphans)}"
        )


def run(course: Course, *command: str) -> Run:
    """A command in a process of its own, whose orphans become ours."""
    libc, known = ctypes.CDLL(None), children()
    libc.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    own = Path(tempfile.mkdtemp())  # its sockets' paths have to be short
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=course.root,
        env=os.environ | {"TMPDIR": str(own), "PYTHONPATH": SEARCH_PATH},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    peak = [0]

    def look() -> None:
        while process.poll() is None:
            status = Path(f"/proc/{process.pid}/status")
            lines = [t for t in status.read_text().splitlines() if t.startswith("VmHWM")]
            peak[0] = int(lines[0].split()[1]) // 1000 if lines else peak[0]
            time.sleep(0.2)

    looking = threading.Thread(target=look)
    looking.start()
    said = process.communicate()[0]
    looking.join()
    seconds, left = time.monotonic() - began, orphans(known)
    libc.prctl(36, 0, 0, 0, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found = os.listdir(own)
    shutil.rmtree(own, ignore_errors=True)
    return Run(said, seconds, used, peak[0], found, left)


def children() -> set[int]:
    return set(map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()))


def orphans(before: set[int]) -> list[str]:
    """Processes that a command has left; those that were ended are gone in a moment."""
    for _ in range(50):
        for pid in children() - before:
            os.waitpid(pid, os.WNOHANG)
        if not children() - before:
            return []
        time.sleep(0.1)
    return [Path(f"/proc/{pid}/cmdline").read_text() for pid in children() - before]


def sums(course: Course) -> dict[str, float]:
    """Points of the ordinary students."""
    found = scores(course, WEEK)
    return {s: sum(p or 0 for p in found[s].values()) for s in found if s.startswith("fine")}


def turns(course: Course) -> float:
    """Seconds that the ordinary students' own turns took together, by their records."""
    found = (course.root / "records" / WEEK).glob("fine*.json")
    return sum(json.loads(path.read_text())["run"]["seconds"] for path in found)


Class = Callable[[str, int, int], Course]


@pytest.fixture
def class_with(released: Course, tmp_path: Path) -> Iterator[Class]:
    """A course of its own with an exchange, and a class that has handed in for a command."""

    def make(way: str, ordinary: int, hostile: int) -> Course:
        root = tmp_path / f"{way}-{ordinary}-{hostile}" / "course"
        shutil.copytree(released.root, root)
        exchange = root.parent / "exchange"
        due = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d %H:%M} UTC"
        with (root / "nbgrader_config.py").open("a") as config:
            config.write(f"\nc.Exchange.root = {str(exchange)!r}\n")
            config.write(f"c.CourseSettings.due_dates = {{{WEEK!r}: {due!r}}}\n")
        for name in ("inbound", "feedback"):
            (exchange / "gradient-descent" / name).mkdir(parents=True)
        course = Course(root)
        attend(course, drop if way == "watch" else hand_in, ordinary, hostile)
        return course

    yield make
    remove(tmp_path)  # pytest would go down the deep ones by recursion, three runs later


COMMANDS = {
    "grade": ("autograder", "grade", WEEK, "--jobs", "2"),
    "watch": ("autograder", "watch", WEEK, "--once", "--jobs", "2"),
}


@pytest.mark.kernel
@pytest.mark.parametrize("way", COMMANDS)
def test_hostile_neighbours(class_with: Class, way: str) -> None:
    """Ordinary work gets what it would get without them, and everybody has a page."""
    course = class_with(way, COUNT, FEW)
    done = run(course, *COMMANDS[way])
    print(f"\n{way}, {COUNT} ordinary and {FEW} hostile: {done}; "
          f"turns of the ordinary ones: {turns(course):.0f} s")  # fmt: skip
    done.is_clean()
    found = sums(course)
    assert len(found) == COUNT
    assert {found[s] for s in found if int(s[4:]) % 5 != 4} == {20.0}
    if way == "grade":
        convert(course, WEEK, "generate_feedback")
        plainly_the_same(class_with, course)
    for student in scores(course, WEEK):
        assert (course.root / "feedback" / student / WEEK / "descent.html").exists(), student
    if MEASURED:
        other = class_with(way, COUNT, 0)
        alone = run(other, *COMMANDS[way])
        print(f"{way}, {COUNT} ordinary ones alone: {alone}; turns: {turns(other):.0f} s")
        print(f"{way}, with hostile work: {done.seconds / alone.seconds:.2f} times the time, "
              f"{done.processor / alone.processor:.2f} times the processor's, "
              f"{turns(course) / turns(other):.2f} times the ordinary ones' turns")  # fmt: skip
        alone.is_clean()
        assert found == sums(other)
        assert turns(course) < 1.5 * turns(other)
        # The longest turn of all is 30 s of one cell; in a small class it weighs more.
        room = 40 * (COUNT < 100)
        assert done.processor < 1.5 * alone.processor + room
        assert done.seconds < 1.5 * alone.seconds + room


def plainly_the_same(class_with: Class, course: Course) -> None:
    """`nbgrader autograde` gives the hostile ones, and two beside them, the same scores."""
    other = class_with("autograde", 2, FEW)
    done = run(other, "nbgrader", "autograde", WEEK)
    done.is_clean()
    plain, ours = scores(other, WEEK), scores(course, WEEK)
    assert len(plain) == 2 + FEW, done.said
    assert plain == {student: ours[student] for student in plain}
