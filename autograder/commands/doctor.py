"""What can this machine do? `autograder doctor`, for the evening before.

Looks at the machine, the installation and the course, and says of each whether all is well or what
to do. It grades nothing and changes nothing but a probe file in the exchange, which it removes.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from autograder.errors import AutograderError, GraderFault
from autograder.grading.course import Course
from autograder.grading.exposed import exposed
from autograder.grading.processors import processors
from autograder.grading.settings import as_nbgrader_reads_it
from autograder.kernels import landlock, quota
from autograder.kernels.limits import Limits
from autograder.kernels.sandbox import missing_protection
from autograder.terminal import printable

__all__ = ["Finding", "doctor", "examine"]

#: Memory that a kernel may map, and what the grader itself needs beside the kernels.
GRADER_BYTES = 1_000_000_000


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `remedy` says what to do, or is empty if all is well."""

    what: str
    found: str
    remedy: str = ""
    #: Grading works all the same.
    optional: bool = False

    def line(self) -> str:
        """For the terminal."""
        mark = "✓" if not self.remedy else "·" if self.optional else "✗"
        text = f"{mark} {self.what}: {self.found}"
        return printable(f"{text}; {self.remedy}" if self.remedy else text)


def doctor(root: Path) -> int:
    """Print what was found; 0 if a class can be graded here."""
    well = True
    for finding in examine(root):
        print(finding.line(), flush=True)
        well = well and (finding.optional or not finding.remedy)
    print("\nReady to grade." if well else "\nNot ready: see the lines that begin with ✗.")
    return 0 if well else 1


def examine(root: Path) -> Iterator[Finding]:
    """Look at everything in turn; what fails to be looked at is a finding, too."""
    looks: list[Callable[[], Iterator[Finding]]] = [
        _python, _packages, _box, _resources, _kernel, lambda: _course(root)
    ]  # fmt: skip
    for look in looks:
        try:
            yield from look()
        except AutograderError as error:
            yield Finding("course", str(error), "mend this first")


def _python() -> Iterator[Finding]:
    here = platform.python_version()
    old = sys.version_info < (3, 11)
    yield Finding("Python", here, "3.11 or later is needed" if old else "")


def _packages() -> Iterator[Finding]:
    for name in ("torch", "numpy", "matplotlib", "nbgrader", "ipykernel", "jupyter_client"):
        try:
            yield Finding(name, version(name))
        except PackageNotFoundError:
            yield Finding(name, "not installed", "run: pip install .")
    for name, purpose in (("jax", "week 5"), ("ipympl", "clicking into pictures")):
        there = importlib.util.find_spec(name) is not None
        remedy = "" if there else f"for {purpose}: pip install {name}"
        yield Finding(name, version(name) if there else "not installed", remedy, optional=True)
    there = shutil.which("alembic") is not None
    yield Finding(
        "alembic on the path",
        "found" if there else "not found",
        "" if there else "activate the environment: nbgrader starts it by name",
    )


def _box() -> Iterator[Finding]:
    missing = missing_protection()
    for text in missing:
        yield Finding("protection", text, "grade elsewhere, or with --unsafe if you trust all")
    if not missing:
        yield Finding("files (Landlock)", f"version {landlock.version()}")
        yield Finding("system calls (seccomp)", "filtered")
        kept = "the system keeps each kernel's limit, in memory"
        counted = "counted four times a second, as the system allows no user namespaces"
        yield Finding("room for files", kept if quota.possible() else counted)


def _resources() -> Iterator[Finding]:
    cores = processors()
    yield Finding("cores", str(cores))
    memory = _available_memory()
    if memory:
        jobs = max(1, (memory - GRADER_BYTES) // Limits().memory_bytes)
        few = jobs < cores
        yield Finding(
            "memory",
            f"{memory / 1e9:.1f} GB free",
            f"each kernel may take 2 GB: grade with --jobs {jobs}" if few else "",
            optional=True,
        )
    free = shutil.disk_usage(tempfile.gettempdir()).free
    yield Finding(
        f"room in {tempfile.gettempdir()}",
        f"{free / 1e9:.1f} GB",
        "" if free > 1e9 else "make room, or set TMPDIR to another place",
    )


def _available_memory() -> int:
    """Bytes, 0 where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return 0
    return next((int(t.split()[1]) * 1024 for t in lines if t.startswith("MemAvailable")), 0)


def _kernel() -> Iterator[Finding]:
    from nbformat.v4 import new_code_cell, new_notebook, writes

    from autograder.kernels.driver import execute

    notebook = new_notebook(
        cells=[new_code_cell("import torch; print(float(torch.tensor(2.) ** 2))")]
    )
    started = time.monotonic()
    try:
        done = execute(writes(notebook), {}, Limits(unsafe=bool(missing_protection())))
    except GraderFault as fault:
        yield Finding("a kernel", "does not start", str(fault))
        return
    well = "4.0" in done.notebook and not done.died
    yield Finding(
        "a kernel",
        f"ran torch, {time.monotonic() - started:.1f} s with everything started",
        "" if well else f"it did not compute: {done.died or 'look at the installation'}",
    )


def _course(root: Path) -> Iterator[Finding]:
    from nbgrader.coursedir import CourseDirectory

    from autograder.plugins.database import existing, explained, opened

    course = Course(root)
    free = shutil.disk_usage(course.root).free
    yield Finding(
        "room in the course's folder",
        f"{free / 1e9:.1f} GB",
        "" if free > 1e8 else "make room: graded copies, records and pages go there",
    )
    names = course.week_names
    yield Finding("weeks", ", ".join(names) or "none", "" if names else "run: autograder new WEEK")
    for name in names:
        if skipped := course.week(name).skipped:
            yield Finding(name, "skipped", skipped, optional=True)
    yield from _others_work(course)
    yield _exchange(course)
    url = CourseDirectory(config=course.config, root=str(course.root)).db_url
    if names:
        try:
            with explained(url), opened(existing(url, course, course.week(names[0])), "") as book:
                known = [a.name for a in book.assignments]
        except AutograderError as error:
            yield Finding(
                "gradebook", "cannot be read", str(error), optional="no gradebook yet" in str(error)
            )
        else:
            yield Finding("gradebook", f"knows {', '.join(known) or 'no week'}")


def _others_work(course: Course) -> Iterator[Finding]:
    if missing_protection():
        return  # which has been said
    found = exposed(course)
    yield from (Finding("others' work", "can be read", sentence) for sentence in found)
    if not found:
        yield Finding("others' work", "lies where no submission can read it")


def _exchange(course: Course) -> Finding:
    from nbgrader.exchange.default.exchange import Exchange

    place = Path(Exchange(config=as_nbgrader_reads_it(course.config)).root)
    if not place.is_dir():
        return Finding(
            "exchange", f"{place} is not there",
            "make it, writable by all, or set c.Exchange.root; only needed where work comes by it",
            optional=True,
        )  # fmt: skip
    probe = place / f".autograder-doctor-{os.getpid()}"
    try:
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        return Finding("exchange", str(place), f"cannot be written to ({error.strerror})", True)
    return Finding("exchange", str(place))
