"""Interrupted at any moment, in any way, grading goes on and ends as if nothing had happened.

`AUTOGRADER_SUBMISSIONS=500 pytest tests/grading/test_resume.py -s` does it with a large class.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy.exc
import sqlalchemy.orm
from conftest import SEARCH_PATH, another, filled

from autograder.commands import grade as run
from autograder.commands.demo import class_of
from autograder.commands.grade import grade_week
from autograder.errors import GradebookError
from autograder.grading import inside, records, stages
from autograder.grading.course import Course
from autograder.kernels.driver import Executed, Limits, Observed
from autograder.plugins import folders

# Together, as its fixture takes a while.
pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("resume")]

WEEK = "week2_descent"
COUNT = int(os.environ.get("AUTOGRADER_SUBMISSIONS", "12"))
#: Figures are most of the work of a submission, and nothing of what is tested here.
FIGURES = "AUTOGRADER_FIGURES" in os.environ
#: One in so many is broken or hostile.
EVERY = 3 if COUNT < 100 else 10

#: Put in place of a student's `gradient_descent`.
HOSTILE = [
    "import os\nos._exit(3)",
    "def gradient_descent(f, x0, lr, n_steps):\n    import os\n    os.abort()",
    "print('x' * 50_000_000)",
    "import os\nos.closerange(0, 1000)",
    "data = []\nwhile True:\n    data.append(bytearray(50_000_000))",
    "import os\nos.kill(os.getppid(), 9)",
    "import os\nwhile True:\n    os.fork()",
    "import threading, time\n"
    "while True:\n    threading.Thread(target=time.sleep, args=(99,)).start()",
    "with open('big', 'wb') as file:\n    while True:\n        file.write(bytes(10_000_000))",
    "class Path(list):\n    def __len__(self):\n        raise SystemExit\n"
    "def gradient_descent(*_):\n    return Path()",
    "def gradient_descent(*_):\n    raise KeyboardInterrupt",
    "def gradient_descent(",
    "raise SystemExit",
]
BROKEN = [b"", b"{", b"[1, 2]", b'{"cells": [1], "metadata": {}, "nbformat": 4}']
#: Only in a large class, as it takes its 35 seconds.
ENDLESS = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"


def hand_in(course: Course, count: int) -> None:
    """`count` submissions, no two alike; every third or tenth broken or hostile."""
    usual = [sample for sample in class_of(WEEK) if sample.content is None]
    for number in range(count):
        folder = course.root / "submitted" / f"student-{number:04}" / WEEK
        folder.mkdir(parents=True)
        turn, odd = divmod(number, EVERY)
        if odd:
            sample = usual[number % len(usual)]
            mine = {name: f"{code}\n# {number}" for name, code in sample.cells.items()}
            text = filled(course, WEEK, mine, stubs=sample.stubs, deleted=sample.deleted)
        elif turn % 3 == 1:
            (folder / "descent.ipynb").write_bytes(BROKEN[turn // 3 % len(BROKEN)])
            continue
        else:
            code = ENDLESS if turn in (11, 30) else HOSTILE[turn % len(HOSTILE)]
            text = filled(course, WEEK, {"gradient_descent": f"{code}\n# {number}"})
        (folder / "descent.ipynb").write_text(text if FIGURES else without_figures(text), "utf-8")


def without_figures(text: str) -> str:
    """The notebook without the cells that only draw."""
    notebook = json.loads(text)
    notebook["cells"] = [
        cell
        for cell in notebook["cells"]
        if "nbgrader" in cell["metadata"] or "plt.show" not in "".join(cell["source"])
    ]
    return json.dumps(notebook)


@pytest.fixture(scope="module")
def handed_in(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A class that has submitted. Not to be changed."""
    course = another(released, tmp_path_factory.mktemp("handed-in"))
    hand_in(course, COUNT)
    return course


@pytest.fixture
def ungraded(handed_in: Course, tmp_path: Path) -> Course:
    """The same, to be graded."""
    shutil.copytree(handed_in.root, tmp_path / "course")
    (tmp_path / "tmp").mkdir()
    return Course(tmp_path / "course")


@pytest.fixture(scope="module")
def undisturbed(handed_in: Course, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What grading the class in one go leaves behind."""
    folder = tmp_path_factory.mktemp("undisturbed")
    shutil.copytree(handed_in.root, folder / "course")
    (folder / "tmp").mkdir()
    course = Course(folder / "course")
    with Run(course) as run:
        assert run.finish() == 0, run.said
    assert run.graded == COUNT
    seconds = time.monotonic() - run.started
    at = {count: run.memory[count - 1] for count in (5, 10, 100, 250, 500) if count <= COUNT}
    print(f"\nundisturbed: {COUNT} in {seconds:.0f} s; the grader's memory (MB): {at}")
    return results(course)


class Run:
    """`autograder grade` in a process of its own."""

    def __init__(self, course: Course, *options: str, before: list[str] | None = None) -> None:
        temporary = course.root.parent / "tmp"
        environment = os.environ | {
            "TMPDIR": str(temporary),
            "PYTHONPATH": SEARCH_PATH,
        }
        self.said = ""
        #: Megabytes in use by the grader after each submission.
        self.memory: list[int] = []
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [*(before or []), sys.executable, "-m", "autograder", "grade", WEEK, *options],
            cwd=course.root,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()

    def lines(self) -> Iterator[str]:
        """What it says, as it says it."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said += line
            with contextlib.suppress(OSError, IndexError):
                status = Path(f"/proc/{self.process.pid}/statm").read_text()
                self.memory.append(int(status.split()[1]) * os.sysconf("SC_PAGE_SIZE") // 10**6)
            yield line

    def until_recorded(self, count: int) -> None:
        """Wait until `count` more submissions are recorded, or the run is over."""
        for line in self.lines():
            count -= ": unchanged" not in line and line.startswith("[")
            if count <= 0:
                return

    def finish(self) -> int:
        """Wait for the end; the exit status."""
        for _ in self.lines():
            pass
        return self.process.wait()

    @property
    def graded(self) -> int:
        """How many submissions it said it graded."""
        return len(re.findall(r"^\[\d+/\d+\] (?!.*: unchanged)", self.said, re.MULTILINE))

    @property
    def sentence(self) -> str:
        """The one sentence it ended with."""
        assert "Traceback" not in self.said, self.said
        (sentence,) = re.findall(r"^autograder: (.*)", self.said, re.MULTILINE)
        return str(sentence)


_OF_CELLS = """
    SELECT submitted_assignment.student_id, base_cell.name, {columns}
    FROM {table} JOIN base_cell ON base_cell.id = {table}.cell_id
    JOIN submitted_notebook ON submitted_notebook.id = {table}.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    ORDER BY 1, 2
"""
_GRADES = _OF_CELLS.format(
    table="grade", columns="auto_score, manual_score, extra_credit, needs_manual_grade"
)
_COMMENTS = _OF_CELLS.format(table="comment", columns="auto_comment")


def results(course: Course) -> dict[str, Any]:
    """All that a run leaves behind for people: rows, graded notebooks, records.

    Rows as a list, so that a doubled one shows. Not how long anything took.
    """
    with contextlib.closing(sqlite3.connect(course.root / "gradebook.db")) as book:
        rows = book.execute(_GRADES).fetchall()
        comments = book.execute(_COMMENTS).fetchall()
        students = book.execute("SELECT id FROM student ORDER BY 1").fetchall()
    graded = course.root / "autograded"
    notebooks = {
        str(path.relative_to(graded)): path.read_text("utf-8")
        for path in sorted(graded.rglob("*"))
        if path.is_file()
    }
    records = {}
    for path in sorted((course.root / "records" / WEEK).iterdir()):
        record = json.loads(path.read_text("utf-8"))
        del record["run"]  # when, and how long it took
        records[path.name] = record
    return {
        "rows": rows, "comments": comments, "students": students, "notebooks": notebooks,
        "records": records,
    }  # fmt: skip


def same(one: dict[str, Any], two: dict[str, Any]) -> None:
    """Assert that two runs left the same; name what differs."""
    for part in one:
        if isinstance(one[part], dict):
            assert one[part].keys() == two[part].keys(), part
            differing = [name for name in one[part] if one[part][name] != two[part][name]]
            for name in differing[:1]:
                assert one[part][name] == two[part][name], (part, differing)
        assert one[part] == two[part], part


# --- through real kernels ------------------------------------------------------------------


def test_killed_three_times(ungraded: Course, undisturbed: dict[str, Any]) -> None:
    """SIGKILL at random moments: nothing is lost, nothing done twice but what was in hand."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    graded = 0
    for _ in range(3):
        with Run(ungraded, "--jobs", "2") as run:
            run.until_recorded(chance.randint(1, max(COUNT // 5, 1)))
            time.sleep(chance.uniform(0.0, 0.4))
            run.process.send_signal(signal.SIGKILL)
            run.finish()
        graded += run.graded
        print(f"killed after {run.graded} graded, {time.monotonic() - run.started:.0f} s")
    with Run(ungraded) as run:
        assert run.finish() == 0, run.said
    graded += run.graded
    same(results(ungraded), undisturbed)
    # Each time at most those in hand, and the one being recorded, are graded again.
    assert COUNT <= graded + 3 <= COUNT + 3 * 3
    assert list((ungraded.root.parent / "tmp").iterdir()) == []


def test_ctrl_c(ungraded: Course, undisturbed: dict[str, Any]) -> None:
    """SIGINT: what is in hand is finished and recorded, a sentence, status 130; it goes on."""
    with Run(ungraded, "--jobs", "2") as run:
        run.until_recorded(2)
        run.process.send_signal(signal.SIGINT)
        assert run.finish() == 130
    assert run.sentence.startswith("stopped. What was graded is kept; the same command goes on")
    assert 2 <= run.graded < COUNT
    assert len(results(ungraded)["records"]) == run.graded
    with Run(ungraded) as again:
        assert again.finish() == 0, again.said
    assert again.said.count(": unchanged") == run.graded
    assert again.graded == COUNT - run.graded
    same(results(ungraded), undisturbed)


def test_two_at_once(ungraded: Course, undisturbed: dict[str, Any]) -> None:
    """The second of two runs is refused with a sentence; the first is none the wiser."""
    with Run(ungraded, "--jobs", "2") as one, Run(ungraded, "--jobs", "2") as two:
        threads = [threading.Thread(target=run.finish) for run in (one, two)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    refused, first = sorted((one, two), key=lambda run: run.graded)
    assert (first.process.returncode, refused.process.returncode) == (0, 1)
    assert (first.graded, refused.graded) == (COUNT, 0)
    assert "another autograder grade is at work in" in refused.sentence
    same(results(ungraded), undisturbed)


# --- at every single step of recording -----------------------------------------------------
# In a process of its own, which forks for each run, and with notebooks that are not executed.

STEPS = [
    (records.Path, "write_text"),
    (records.Path, "replace"),
    (folders.shutil, "copyfile"),
    (sqlalchemy.orm.Session, "commit"),
]


def unexecuted(notebook: str, calls: dict[str, Any], _: Limits) -> Executed:
    """Instead of a kernel."""
    return Executed(notebook, {task: Observed(reason="not executed") for task in calls})


def disturb(at: int, how: str) -> None:
    """Have the `at`-th step of recording, from now on, fail before, in or after it."""
    counter = itertools.count()

    def fail(name: str) -> None:
        if next(counter) != at:
            return
        if how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if name == "commit":
            full = sqlite3.OperationalError("database or disk is full")
            raise sqlalchemy.exc.OperationalError("UPDATE", {}, full)
        raise OSError(errno.ENOSPC, "No space left on device")

    def disturbed(owner: Any, name: str) -> None:
        step = getattr(owner, name)

        def instead(self: Any, *arguments: Any, **named: Any) -> Any:
            fail(name)
            if name == "write_text":
                step(self, arguments[0][: len(arguments[0]) // 2], *arguments[1:], **named)
                fail(name)
            result = step(self, *arguments, **named)
            if name != "commit" or how == "killed":
                fail(name)
            return result

        setattr(owner, name, instead)

    for owner, name in STEPS:
        disturbed(owner, name)


def in_a_fork(
    course: Path, student: str | None = None, at: int | None = None, how: str = ""
) -> int:
    """Grade in a fork of this process; its exit status, negative for a signal."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    status = 99
    try:
        if at is not None:
            disturb(at, how)
        grade_week(course, WEEK, student, execute=unexecuted)
        status = 0
    except (OSError, GradebookError) as error:
        status = 1 if "make room" in str(error) or "No space left" in str(error) else 98
    finally:
        os._exit(status)


def at_every_step(course: Path, how: str) -> None:
    """One student for each step; each is disturbed there, and graded to the end after that."""
    loaded = Course(course)
    questions = stages.draw(loaded.week(WEEK), loaded.settings.seed)
    stages.draw = inside.draw = run.draw = lambda week, seed: questions  # type: ignore[assignment]
    text = filled(loaded, WEEK, {})
    for step in itertools.count():
        student = f"student-{step:04}"
        folder = course / "submitted" / student / WEEK
        folder.mkdir(parents=True)
        (folder / "descent.ipynb").write_text(text)
        (folder / "data.csv").write_text("1,2")
        status = in_a_fork(course, student, step, how)
        again = in_a_fork(course, student)
        print(json.dumps([status, again]))
        if status == 0:
            break


@pytest.mark.parametrize(("how", "status"), [("killed", -signal.SIGKILL), ("full", 1)])
def test_at_every_step(released: Course, tmp_path: Path, how: str, status: int) -> None:
    """Killed at, or out of disk in, any step of recording: the next run makes it whole."""
    shutil.copytree(released.root, tmp_path / "course")
    course = Course(tmp_path / "course")
    statuses = [json.loads(line) for line in alone("at_every_step", course.root, how)]
    assert len(statuses) > 10
    assert statuses == [[status, 0]] * (len(statuses) - 1) + [[0, 0]]
    left = results(course)
    names = [f"student-{number:04}" for number in range(len(statuses))]
    assert left["students"] == [(name,) for name in names]
    assert set(left["notebooks"]) == {
        f"{name}/{WEEK}/{file}" for name in names for file in ("descent.ipynb", "data.csv")
    }
    assert len(set(left["notebooks"].values())) == 2  # all alike
    for part in ("rows", "comments"):
        of_one = [row[1:] for row in left[part] if row[0] == names[-1]]
        assert left[part] == [(name, *row) for name in names for row in of_one]
    assert sorted(left["records"]) == [f"{name}.json" for name in names]
    assert len({json.dumps(record) for record in left["records"].values()}) == 1


FREE = "0 50000 300000"


def on_small_disks(course: Path, numbers: str) -> None:
    """Grade on disks with so many free bytes; make room; grade again; bring it back."""
    for free in numbers.split():
        disk = course.parent / f"disk {free}"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=60m", "tmpfs", disk], check=True)
        shutil.copytree(course, disk / "course")
        (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free - int(free)))
        status = in_a_fork(disk / "course")
        (disk / "filler").unlink()
        again = in_a_fork(disk / "course")
        shutil.copytree(disk / "course", course.parent / f"after {free}")
        print(json.dumps([status, again]))


def test_on_a_full_disk(released: Course, tmp_path: Path) -> None:
    """A real full disk, at various points: a sentence, and the next run makes it whole."""
    allowed = subprocess.run([*IN_A_NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"])
    if allowed.returncode:
        pytest.skip("needs unprivileged user namespaces, to mount a small disk")
    shutil.copytree(released.root, tmp_path / "course")
    hand_in(Course(tmp_path / "course"), 12)
    shutil.copytree(tmp_path / "course", tmp_path / "other")
    statuses = alone("on_small_disks", tmp_path / "course", FREE, before=IN_A_NAMESPACE)
    assert [json.loads(status) for status in statuses] == [[1, 0]] * len(FREE.split())
    grade_week(tmp_path / "other", WEEK, execute=unexecuted)
    for free in FREE.split():
        same(results(Course(tmp_path / f"after {free}")), results(Course(tmp_path / "other")))


IN_A_NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


def alone(function: str, course: Path, argument: str, before: Sequence[str] = ()) -> list[str]:
    """Call one of the functions above in a process of its own; the lines it printed."""
    code = (
        f"import sys, test_resume as t; from pathlib import Path; "
        f"t.{function}(Path(sys.argv[1]), sys.argv[2])"
    )
    done = subprocess.run(
        [*before, sys.executable, "-u", "-c", code, str(course), argument],
        cwd=Path(__file__).parent,
        env=os.environ | {"PYTHONPATH": SEARCH_PATH},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith("[")]
