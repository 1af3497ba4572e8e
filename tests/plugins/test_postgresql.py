"""A gradebook in PostgreSQL: several graders at once, nothing lost or doubled.

A real server, started here. Most tests execute nothing (`Reference`); everything else is as always.
"""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from conftest import SEARCH_PATH, filled, lay_out
from nbgrader import dbutil
from nbgrader.api import Gradebook, MissingEntry
from test_regrade import CLIMBS, Reference
from test_resume import _COMMENTS, _GRADES, results
from test_watch import drop

from autograder.commands.grade import grade_week
from autograder.errors import GradebookError
from autograder.grading.course import Course
from autograder.kernels.driver import Execute, Executed, Limits
from autograder.plugins import database
from autograder.plugins.converters import convert
from autograder.plugins.gradebook import GradebookWriter
from autograder.plugins.standings import standings
from autograder.watching import queue, watch

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
if not PROGRAMS and "CI" not in os.environ:
    pytest.skip("needs PostgreSQL's server: apt-get install postgresql", allow_module_level=True)
if "CI" not in os.environ:
    pytest.importorskip("psycopg", reason="needs the extra: pip install -e '.[postgresql]'")

pytestmark = pytest.mark.xdist_group("postgresql")

WEEKS = ("week2_descent", "week3_descent_2d")
STUDENTS = 6


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server of the tests' own, on a socket; the address of its databases."""
    assert PROGRAMS, "the machine that runs CI has no PostgreSQL server: apt-get install postgresql"
    # The server refuses to run as root, and its account cannot see pytest's folders.
    account = "postgres" if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if account:
        about = pwd.getpwnam(account)
        os.chown(folder, about.pw_uid, about.pw_gid)

    def run(program: str, *options: str) -> None:
        subprocess.run(
            [PROGRAMS[-1] / program, *options], cwd=folder, user=account, check=True,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip

    data = str(folder / "data")
    run("initdb", "-D", data, "-U", "grader", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
    settings = f"-F -k {folder} -c listen_addresses='' -c shared_buffers=16MB"
    run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", settings, "start")
    yield f"postgresql://grader@/DATABASE?host={folder}"
    run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    shutil.rmtree(folder)


@pytest.fixture
def url(server: str, request: pytest.FixtureRequest) -> str:
    """A new, empty database."""
    return new(server, request.node.name, "template1")


def new(server: str, name: str, template: str) -> str:
    name = re.sub("[^a-z]", "_", name)[:60]
    ask(server.replace("DATABASE", "postgres"), f"CREATE DATABASE {name} TEMPLATE {template}")
    return server.replace("DATABASE", name)


def ask(url: str, question: str) -> list[Any]:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(question)
        return found.fetchall() if found.description else []


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Two weeks handed in, and their gradebook in a file. Not to be changed."""
    course = lay_out(tmp_path_factory.mktemp("handed-in"))
    for week in WEEKS:
        convert(course, week, "generate_assignment")
        for number in range(STUDENTS):
            folder = course.root / "submitted" / f"s{number}" / week
            folder.mkdir(parents=True)
            about = {"gradient_descent": f"# {CLIMBS}"} if number % 3 == 1 else {}
            text = filled(course, week, about if week == WEEKS[0] else {})
            (folder / f"{course.week(week).notebook}.ipynb").write_text(text)
    return course


@pytest.fixture(scope="module")
def generated(handed_in: Course, server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database that knows both weeks. Not to be changed."""
    url = new(server, "generated", "template1")
    course = copied(handed_in, tmp_path_factory.mktemp("generated"), url)
    for week in WEEKS:
        convert(course, week, "generate_assignment")
    return url


@pytest.fixture
def shared(
    handed_in: Course, server: str, generated: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Course:
    """What was handed in, with an empty gradebook in PostgreSQL."""
    return copied(handed_in, tmp_path, new(server, request.node.name, "generated"))


def copied(course: Course, folder: Path, url: str) -> Course:
    """A copy of the course, with its gradebook there."""
    root = Path(shutil.copytree(course.root, folder / "course"))
    (root / "gradebook.db").unlink()
    with (root / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.CourseDirectory.db_url = {url!r}\n")
    return Course(root)


def url_of(course: Course) -> str:
    return str(course.config.CourseDirectory.db_url)


@pytest.fixture(scope="module")
def serially(handed_in: Course, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one grader after the other leaves in a gradebook in a file."""
    folder = tmp_path_factory.mktemp("serially") / "course"
    course = Course(shutil.copytree(handed_in.root, folder))
    for week in WEEKS:
        grade_week(course.root, week, execute=executing(course, week))
    return results(course)


def executing(course: Course, week: str) -> Reference:
    reference = Reference(course)
    reference.tasks = {task.name: task for task in course.week(week).tasks}
    return reference


def grading(root: str, *weeks: str) -> None:
    """A grader for each of these, at once, each a process of its own; what each of them graded."""
    executions = [executing(Course(root), week) for week in weeks]
    start, children = time.time() + 1, []
    for week, reference in zip(weeks, executions, strict=True):
        child = os.fork()
        if child:
            children.append(child)
            continue
        status = 99
        try:
            execute = counting(reference, Path(root).parent / "executed", week, weeks.count(week))
            time.sleep(max(0.0, start - time.time()))
            status = len(grade_week(Path(root), week, jobs=2, execute=execute).rows)
        finally:
            os._exit(status)
    print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])


def counting(works: Execute, list_: Path, week: str, graders: int) -> Execute:
    """The same, with a line in a list for each; none ends before all graders have begun."""

    def execute(notebook: str, calls: Any, limits: Limits) -> Executed:
        with list_.open("a") as file:
            file.write(f"{week} {os.getpid()}\n")
        ends = time.monotonic() + 60
        while time.monotonic() < ends:
            at_work = {line for line in list_.read_text().splitlines() if line.startswith(week)}
            if len(at_work) == graders:
                break
            time.sleep(0.02)
        return works(notebook, calls, limits)

    return execute


def graders(course: Course, *weeks: str) -> list[int]:
    """How many each of them graded, all at the same time."""
    code = "import sys, test_postgresql; test_postgresql.grading(*sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, str(course.root), *weeks],
        env=os.environ | {"PYTHONPATH": SEARCH_PATH},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return list(json.loads(done.stdout.splitlines()[-1]))


def in_database(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """The same rows as `results` finds in a file."""
    students = "SELECT id FROM student ORDER BY 1"
    questions = {"rows": _GRADES, "comments": _COMMENTS, "students": students}
    return {part: ask(url, question) for part, question in questions.items()}


def test_two_graders_and_a_person_at_once(shared: Course, serially: dict[str, Any]) -> None:
    """Both of one week, and one of another; a person marks meanwhile. As if one after another."""
    person = threading.Thread(target=mark, args=(url_of(shared), "s1"))
    person.start()
    counts = graders(shared, WEEKS[0], WEEKS[0], WEEKS[1])
    person.join()
    assert counts[0] + counts[1] == STUDENTS
    assert counts[2] == STUDENTS
    assert min(counts) > 0, "they share the work"
    executed = (shared.root.parent / "executed").read_text().split()[::2]
    assert sorted(executed) == sorted([*WEEKS] * STUDENTS), "nobody is executed twice"
    found = in_database(url_of(shared))
    marked = [row for row in found["rows"] if row[3] is not None]
    assert [(who, cell, manual) for who, cell, _, manual, *_ in marked] == [("s1", "written", 2.5)]
    left = [row for row in found["rows"] if row[:2] != ("s1", "written")]
    assert left == [row for row in serially["rows"] if row[:2] != ("s1", "written")]
    assert len(found["rows"]) == len(serially["rows"])
    assert found["comments"] == serially["comments"]
    assert found["students"] == serially["students"]
    assert grade_week(shared.root, WEEKS[0], execute=unwanted).unchanged == STUDENTS


def unwanted(notebook: str, calls: Any, _: Limits) -> Executed:
    assert not calls, "everything was graded"
    return Executed(notebook, {})


def mark(url: str, student: str) -> None:
    """As a person does in formgrader, as soon as the student's written answer is there."""
    with Gradebook(url, "gradient-descent") as gradebook:
        ends = time.monotonic() + 300
        while time.monotonic() < ends:
            gradebook.db.rollback()
            try:
                grade = gradebook.find_grade("written", "descent", WEEKS[0], student)
            except MissingEntry:
                time.sleep(0.05)
                continue
            grade.manual_score, grade.needs_manual_grade = 2.5, False
            gradebook.db.commit()
            return
    raise AssertionError("it was never graded")


def test_whom_another_grader_has_is_waited_for(shared: Course) -> None:
    """And a grader whose connection has ended, as when it is killed, has nobody any more."""
    week, other_week = map(shared.week, WEEKS)
    with suppress(GradebookError), GradebookWriter(shared, week) as other:
        assert other.claim("s0")
        assert other.claim("s0")
        with GradebookWriter(shared, week) as writer:
            assert not writer.claim("s0")
            assert writer.claim("s1")
        with GradebookWriter(shared, other_week) as writer:
            assert writer.claim("s0"), "another week is another matter"
        assert other.claim("s1"), "given back when the writer was closed"
        other.release("s1")
        works, seen = executing(shared, WEEKS[0]), []

        def execute(notebook: str, calls: Any, limits: Any) -> Any:
            seen.append(notebook)
            if len(seen) == STUDENTS - 1:
                ask(
                    url_of(shared),
                    "SELECT pg_terminate_backend(pid) FROM pg_locks "
                    "WHERE locktype = 'advisory' AND objid <> 0 ORDER BY pid LIMIT 1",
                )
            return works(notebook, calls, limits)

        summary = grade_week(shared.root, WEEKS[0], execute=execute)
    assert summary.rows[-1].student == "s0"
    assert len(summary.rows) == STUDENTS


def test_nothing_is_written_once_the_claim_is_lost(shared: Course) -> None:
    """Another may have the student by then; the run ends, and what it wrote before stays."""
    works = executing(shared, WEEKS[0])

    def execute(notebook: str, calls: Any, limits: Limits) -> Executed:
        ask(
            url_of(shared),
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d "
            "ON d.oid = l.database WHERE locktype = 'advisory' AND datname = current_database()",
        )
        return works(notebook, calls, limits)

    with pytest.raises(GradebookError, match="see whether its server runs"):
        grade_week(shared.root, WEEKS[0], execute=execute)
    assert in_database(url_of(shared))["rows"] == []


def test_watch(shared: Course, tmp_path: Path) -> None:
    """It passes over whom another grader has, and grades them later; who is done is left alone."""
    exchange = with_exchange(shared, tmp_path)
    for student in ("s0", "new"):
        drop(shared, student)
    works, once = executing(shared, WEEKS[0]), {"once": True, "interval": 0.05}
    waited = 0

    def refuse(self: GradebookWriter, student: str) -> bool:
        nonlocal waited
        if student == "s0" and waited < 3:
            waited += 1
            return False
        return claim(self, student)

    claim = GradebookWriter.claim
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(GradebookWriter, "claim", refuse)
        patch.setattr(queue, "RELOOK", 0.05)
        assert watch.watch_week(shared.root, WEEKS[0], execute=works, **once) == 0  # type: ignore[arg-type]
    found = {who for who, *_ in in_database(url_of(shared))["rows"]}
    assert (found, waited) == ({"s0", "new"}, 3)
    assert len(list(exchange.rglob("*.html"))) == 2
    assert watch.watch_week(shared.root, WEEKS[0], execute=unwanted, **once) == 0  # type: ignore[arg-type]


@pytest.mark.kernel
def test_two_watchers_with_kernels(shared: Course, tmp_path: Path) -> None:
    """The commands themselves, at the same moment: everybody is graded once, by one of them."""
    exchange = with_exchange(shared, tmp_path)
    students = sorted(f"w{number}" for number in range(3 * STUDENTS))
    secrets = [drop(shared, student) for student in students]
    watching = [
        subprocess.Popen(
            [sys.executable, "-m", "autograder", "watch", WEEKS[0], "--once"], cwd=shared.root,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    said = [watcher.communicate(timeout=300)[0] for watcher in watching]
    assert [watcher.returncode for watcher in watching] == [0, 0], said
    graded = [re.findall(r"(\w+)  attempt 1  20/20", text) for text in said]
    assert sorted(graded[0] + graded[1]) == students, said
    assert min(map(len, graded)) > 0, "they share the work"
    assert "NOT GRADED" not in said[0] + said[1]
    assert len(list(exchange.rglob("*.html"))) == len(secrets)
    rows = in_database(url_of(shared))["rows"]
    assert len(rows) == len({row[:2] for row in rows})
    assert {row[0] for row in rows} == set(students)


def with_exchange(course: Course, folder: Path) -> Path:
    """An exchange of the course's own."""
    exchange = folder / "exchange"
    (exchange / "gradient-descent" / "inbound").mkdir(parents=True)
    exchange.chmod(0o777)
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f"c.Exchange.root = {str(exchange)!r}\n")
    return exchange


def test_a_name_that_is_too_long(shared: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is passed over by name, and nobody else is; 128 characters of two bytes each are taken."""
    submitted = shared.root / "submitted"
    (submitted / "s0").rename(submitted / ("n" * 129))
    (submitted / "s1").rename(submitted / ("ü" * 120))
    summary = grade_week(shared.root, WEEKS[0], execute=executing(shared, WEEKS[0]))
    assert "its name is longer than 128 characters" in " ".join(summary.attention["n" * 129])
    assert {who for who, *_ in in_database(url_of(shared))["rows"]} == {
        *(f"s{k}" for k in range(2, STUDENTS)), "ü" * 120,
    }  # fmt: skip

    def sleep(seconds: float) -> None:
        raise AssertionError("it tries again")

    # Asked nevertheless, the server refuses it, however often; so it is asked once.
    monkeypatch.setattr("autograder.plugins.folders._WIDTH", 1000)
    monkeypatch.setattr("autograder.plugins.database.time.sleep", sleep)
    with pytest.raises(GradebookError, match=r"too long.*shorten"):
        grade_week(shared.root, WEEKS[0], student="n" * 129, execute=executing(shared, WEEKS[0]))


def test_many_make_the_tables_at_once(handed_in: Course, url: str, tmp_path: Path) -> None:
    """Who comes second to a table or a row finds it there."""
    together = threading.Barrier(4)

    def opened() -> bool:
        together.wait()
        database.opened(url, "gradient-descent").close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(future.result() for future in [pool.submit(opened) for _ in range(4)])
    assert ask(url, "SELECT id FROM course") == [("gradient-descent",)]
    assert len(ask(url, "SELECT version_num FROM alembic_version")) == 1
    course = copied(handed_in, tmp_path, url)
    week = course.week(WEEKS[0])
    with pytest.raises(GradebookError, match="nbgrader generate_assignment week2_descent"):
        GradebookWriter(course, week)


def test_it_is_upgraded_like_any_other(shared: Course) -> None:
    """`nbgrader db upgrade` leaves a current one as it is."""
    before = ask(url_of(shared), "SELECT version_num FROM alembic_version")
    dbutil.upgrade(url_of(shared))
    assert ask(url_of(shared), "SELECT version_num FROM alembic_version") == before
    assert standings(shared, shared.week(WEEKS[0]))[0] == []


def test_a_server_that_is_not_there(handed_in: Course, tmp_path: Path) -> None:
    """One sentence, without the password."""
    course = copied(handed_in, tmp_path, f"postgresql://grader:secret@/none?host={tmp_path}")
    with pytest.raises(GradebookError, match="see whether its server runs") as caught:
        GradebookWriter(course, course.week(WEEKS[0]))
    assert "secret" not in str(caught.value)
