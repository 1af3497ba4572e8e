"""`autograder bench`: against stock nbgrader, and against the bare cost of the cells.

The same submissions of one week, on the same machine, in the same run, in rounds:

ours
    ``autograder grade WEEK --jobs CORES`` in a fresh copy of a course;
stock
    ``nbgrader autograde WEEK`` in a course with none of our plug-ins, whose hidden
    tests are classic asserts, inside the notebook, of the same calls;
bare
    nothing but the cells, one notebook after the other, in one process that has
    everything imported (``python -m autograder.commands.bench FILES``);
lean
    the same, without the cells that only draw, and with the calls of the hidden
    tests: what any grader of these tasks has to compute.

It measures whole commands from outside and knows nothing of how they work.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from types import CodeType
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

from autograder.commands.demo import class_of, fill
from autograder.errors import CourseError
from autograder.grading import stages
from autograder.grading.course import Course, Week
from autograder.grading.records import write_whole
from autograder.marking.calls import Call
from autograder.marking.task import Task
from autograder.plugins.converters import convert
from autograder.submissions.cells import grade_id_of, task_of
from autograder.submissions.figures import is_drawing
from autograder.terminal import table

__all__ = ["Cost", "classic", "run_bench", "submissions"]

WEEK = "week2_descent"
#: Perfect, mistaken (three ways) and unfinished work, of the sample class.
KINDS = ("s01-perfect", "s03-climbs", "s04-accumulates", "s05-oneshort", "s06-unfinished")
_PERFECT = KINDS[0]
_STOCK_CONFIG = """\
c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "bench"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "*.py"]
c.ClearSolutions.code_stub = {"python": "# your code here\\nraise NotImplementedError"}
c.ClearMarkScheme.enforce_metadata = False
"""


@dataclass
class Cost:
    """What one run of a command took."""

    #: Submissions graded.
    count: int
    #: Wall-clock seconds, start-up included.
    seconds: float
    #: User and system CPU seconds of the process and all its descendants.
    cpu: float
    #: The most memory in use at once by the process and its descendants, in bytes;
    #: pages that processes share are counted in each (RSS) or divided among them (PSS).
    rss: int = 0
    pss: int = 0

    @property
    def throughput(self) -> float:
        """Submissions a second."""
        return self.count / self.seconds

    @property
    def cpu_each(self) -> float:
        """CPU seconds a submission."""
        return self.cpu / self.count


@dataclass
class Results:
    """Everything that was measured."""

    machine: dict[str, Any]
    week: str
    jobs: int
    rounds: dict[str, list[Cost]] = field(default_factory=dict)
    #: The same commands once more, with nothing left to do.
    startup: dict[str, list[Cost]] = field(default_factory=dict)
    growth: list[Cost] = field(default_factory=list)

    def median(self, who: str, what: str, of: str = "rounds") -> float:
        """The median over the rounds of a number."""
        runs: dict[str, list[Cost]] = getattr(self, of)
        return float(statistics.median(getattr(cost, what) for cost in runs[who]))

    def further(self) -> Cost:
        """What further submissions take us: the largest run less the smallest."""
        runs = sorted([*self.growth, *self.rounds["ours"]], key=lambda cost: cost.count)
        small, large = runs[0], runs[-1]
        if small.count == large.count:
            idle = self.startup["ours"][0]
            return Cost(large.count, large.seconds - idle.seconds, large.cpu - idle.cpu)
        return Cost(large.count - small.count, large.seconds - small.seconds, large.cpu - small.cpu)

    def further_stock(self) -> Cost:
        """What further submissions take stock nbgrader: a run less its start-up."""
        count = self.rounds["stock"][0].count
        seconds, cpu = (
            self.median("stock", what) - self.median("stock", what, "startup")
            for what in ("seconds", "cpu")
        )
        return Cost(count, seconds, cpu)

    def ratios(self) -> dict[str, float]:
        """The numbers that the bench is for."""
        bare = self.median("bare", "cpu_each")
        largest = max([*self.growth, *self.rounds["ours"]], key=lambda cost: cost.count)
        stock = self.median("stock", "throughput")
        return {
            "throughput, ours / stock, small run": self.median("ours", "throughput") / stock,
            "throughput, ours / stock, largest run of ours": largest.throughput / stock,
            "throughput, ours / stock, start-up left out of both": (
                self.further().throughput / self.further_stock().throughput
            ),
            "CPU a submission, ours / bare, largest run of ours": largest.cpu_each / bare,
            "CPU a submission, ours / bare, start-up left out": self.further().cpu_each / bare,
            "CPU a submission, stock / bare": self.median("stock", "cpu_each") / bare,
            "CPU a submission, ours / lean, start-up left out": (
                self.further().cpu_each / self.median("lean", "cpu_each")
            ),
        }

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {**asdict(self), "ratios": self.ratios()}


def run_bench(
    root: Path,
    count: int = 10,
    out: Path = Path("bench"),
    sizes: Sequence[int] = (10, 100),
    rounds: int = 3,
) -> int:
    """Measure, print a table, and write ``bench.json`` and ``bench.svg``.

    Parameters
    ----------
    root : Path
        The course.
    count : int
        Submissions in each round, for stock nbgrader and for us.
    out : Path
        Folder for the results.
    sizes : sequence of int
        Numbers of submissions at which our growth is measured.
    rounds : int
        How often each is measured, in turn.

    Returns
    -------
    int
        0 when everything could be measured.

    Raises
    ------
    CourseError
        If a command fails, or we and stock nbgrader disagree on who is perfect.
    """
    jobs = os.cpu_count() or 1
    results = Results(_machine(), WEEK, jobs)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        courses = _courses(Course(root), folder)
        ours = courses["ours"]
        week = ours.week(WEEK)
        for course in courses.values():
            _submit(course, week, count)
        _say(f"{count} submissions of {WEEK}, {rounds} rounds, {jobs} cores")
        for number in range(1, rounds + 1):
            for who, cost, idle in _contestants(courses, folder, week, count, jobs):
                results.rounds.setdefault(who, []).append(cost)
                if idle is not None:
                    results.startup.setdefault(who, []).append(idle)
                _say(f"round {number}: {who}", cost)
        for size in sorted(sizes):
            shutil.rmtree(ours.root / "submitted")
            _submit(ours, week, size)
            cost, _, _ = _graded(_commands(jobs)["ours"], ours, folder / "run", size, idle=False)
            results.growth.append(cost)
            _say(f"growth: ours, {size}", cost)
    out.mkdir(parents=True, exist_ok=True)
    write_whole(out / "bench.json", json.dumps(results.to_json(), indent=1) + "\n")
    _plot(results, out / "bench.svg")
    print(report(results))
    print(f"\nWritten: {out / 'bench.json'}, {out / 'bench.svg'}")
    return 0


# --- the courses and what is handed in ------------------------------------------------------


def _courses(course: Course, folder: Path) -> dict[str, Course]:
    """Two released copies: the course as it is, and as stock nbgrader would have it."""
    made = {}
    for name in ("ours", "stock"):
        copy = folder / name
        copy.mkdir()
        skip = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
        shutil.copytree(course.root / "source" / WEEK, copy / "source" / WEEK, ignore=skip)
        shutil.copy(course.root / "nbgrader_config.py", copy)
        if name == "stock":
            (copy / "nbgrader_config.py").write_text(_STOCK_CONFIG, "utf-8")
            week = course.week(WEEK)
            source = nbformat.read(week.source, as_version=4)
            calls = stages.draw(week, course.settings.seed)
            target = copy / "source" / WEEK / week.source.name
            target.write_text(nbformat.writes(classic(source, week, calls)), "utf-8")
        made[name] = Course(copy)
        convert(made[name], WEEK, "generate_assignment")
    return made


def classic(source: NotebookNode, week: Week, calls: Mapping[str, Sequence[Call]]) -> NotebookNode:
    """The instructor's notebook with classic hidden tests of the same calls.

    Parameters
    ----------
    source : NotebookNode
        With ``observe(...)`` between the marks of the hidden tests.
    week : Week
    calls : mapping of str to sequence of Call
        For each task, what a grading run asks.

    Returns
    -------
    NotebookNode
    """
    notebook = nbformat.from_dict(source)
    for cell in notebook.cells:
        task = task_of(cell)
        if task:
            before, begin, rest = cell.source.partition("### BEGIN HIDDEN TESTS\n")
            _, end, after = rest.partition("### END HIDDEN TESTS")
            tests = _asserts(week.task(task), calls[task])
            cell.source = before + begin + tests + end + after
    return notebook


def _asserts(task: Task, calls: Sequence[Call]) -> str:
    lines = []
    for call in calls:
        expected, asked = task.expected(call), call.source(task.name)
        if "text" in expected:
            lines.append(f"assert {asked} == {expected['text']!r}")
        else:
            values = expected["values"] if expected["shape"] else expected["values"][0]
            lines.append(f"assert np.allclose({asked}, {values!r}, rtol=1e-4, atol=1e-5)")
    return "".join(f"{line}\n" for line in lines)


def submissions(course: Course, week: Week, count: int) -> Iterator[tuple[str, str]]:
    """Student and submitted file, `count` times; no two are the same text."""
    release = nbformat.read(course.root / "release" / week.name / week.source.name, as_version=4)
    source = nbformat.read(week.source, as_version=4)
    samples = {sample.student: sample for sample in class_of(week.name)}
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        notebook = nbformat.reads(fill(release, source, samples[kind]), as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code" and grade_id_of(cell) in week.task_names:
                cell.source += f"\n# {number}"
        yield f"{number:05d}-{kind}", str(nbformat.writes(notebook))


def _submit(course: Course, week: Week, count: int) -> None:
    for student, content in submissions(course, week, count):
        target = course.root / "submitted" / student / week.name
        target.mkdir(parents=True)
        (target / week.source.name).write_text(content, "utf-8")


# --- what is measured ------------------------------------------------------------


def _contestants(
    courses: dict[str, Course], folder: Path, week: Week, count: int, jobs: int
) -> Iterator[tuple[str, Cost, Cost | None]]:
    """One round: ours, stock, bare, lean, each as it is asked for."""
    commands = _commands(jobs)
    scores = {}
    for who in ("ours", "stock"):
        cost, idle, scores[who] = _graded(commands[who], courses[who], folder / "run", count)
        yield who, cost, idle
    _compare(scores["ours"], scores["stock"], sum(task.points for task in week.tasks))
    files = sorted((courses["ours"].root / "submitted").glob(f"*/{week.name}/{week.source.name}"))
    yield "bare", _bare(files), None
    calls = stages.draw(week, courses["ours"].settings.seed)
    yield "lean", _bare(list(_lean(files, week, calls, folder / "lean"))), None


def _lean(
    files: Sequence[Path], week: Week, calls: Mapping[str, Sequence[Call]], folder: Path
) -> Iterator[Path]:
    """Copies of notebooks without what only draws, and with each hidden call in a cell."""
    folder.mkdir(exist_ok=True)
    for number, path in enumerate(files):
        notebook = nbformat.read(path, as_version=4)
        cells = []
        for cell in notebook.cells:
            if not is_drawing(cell):
                cells.append(cell)
            cells += [new_code_cell(c.source(task_of(cell))) for c in calls.get(task_of(cell), ())]
        notebook.cells = cells
        nbformat.write(notebook, folder / f"{number}.ipynb")
        yield folder / f"{number}.ipynb"


def _commands(jobs: int) -> dict[str, list[str]]:
    return {
        "ours": [sys.executable, "-m", "autograder", "grade", WEEK, "--jobs", str(jobs)],
        "stock": [sys.executable, "-m", "nbgrader", "autograde", WEEK],
    }


def _graded(
    command: Sequence[str], course: Course, run: Path, count: int, idle: bool = True
) -> tuple[Cost, Cost | None, dict[str, float]]:
    """Grade in a fresh copy of a course; then once more, with nothing left to do."""
    shutil.rmtree(run, ignore_errors=True)
    shutil.copytree(course.root, run)
    cost = measure(command, run, count)
    again = measure(command, run, count) if idle else None
    scores = _scores(run)
    if len(scores) != count:
        raise CourseError(
            f"{' '.join(command)} graded {len(scores)} of {count} submissions; run the same in a "
            "course of your own to see why"
        )
    return cost, again, scores


def measure(command: Sequence[str], folder: Path, count: int) -> Cost:
    """Run a command in `folder` and measure it with all its descendants.

    Parameters
    ----------
    command : sequence of str
    folder : Path
    count : int
        Submissions that it grades.

    Raises
    ------
    CourseError
        If it fails, with the end of what it said.
    """
    # What a user of this machine has configured must not decide.
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(folder / "no-configuration")}
    environment["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), environment.get("PATH", "")]
    )
    with tempfile.TemporaryFile() as said:
        started = time.monotonic()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        with _Memory(process.pid) as memory:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            words = said.read().decode(errors="replace").strip().splitlines()[-5:]
            end = process.returncode
            how = f"was killed (signal {-end})" if end < 0 else f"failed (exit status {end})"
            raise CourseError(f"{' '.join(command)} {how}: " + " | ".join(words))
    return Cost(count, seconds, usage.ru_utime + usage.ru_stime, memory.rss, memory.pss)


class _Memory(threading.Thread):
    """Watches the memory of a process and its descendants from outside, while it lives."""

    _every, _every_pss = 0.1, 2.0

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._ended = threading.Event()
        self.rss = self.pss = 0

    def __enter__(self) -> _Memory:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Look until told that it has ended (called by `start`)."""
        next_pss = time.monotonic() + self._every_pss / 2
        while not self._ended.wait(self._every):
            family = _family(self._pid)
            self.rss = max(self.rss, sum(map(_rss, family)))
            # The kernel walks all pages for it, which takes some 15 ms a process.
            if time.monotonic() >= next_pss:
                self.pss = max(self.pss, sum(map(_pss, family)))
                next_pss = time.monotonic() + self._every_pss


def _family(pid: int) -> list[int]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                # After the name, which may hold anything: state, then the parent.
                fields = Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()
                children.setdefault(int(fields[1]), []).append(int(entry))
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


def _rss(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _pss(pid: int) -> int:
    with contextlib.suppress(OSError):
        found = re.search(r"^Pss: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
        return int(found[1]) * 1024 if found else 0
    return 0


def _scores(course: Path) -> dict[str, float]:
    """What the gradebook of a course holds: each student's points by machine."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        return {
            submission.student.id: sum(
                grade.auto_score or 0.0 for grade in submission.notebooks[0].grades
            )
            for submission in gradebook.assignment_submissions(WEEK)
        }


def _compare(ours: Mapping[str, float], stock: Mapping[str, float], points: float) -> None:
    """Both must see who is perfect and who is not; else they did not do the same work."""
    for student in sorted(ours.keys() | stock.keys()):
        seen = ours.get(student), stock.get(student)
        right = student.endswith(_PERFECT)
        if any((score == points) != right for score in seen):
            raise CourseError(
                f"{student} got {seen[0]} points from us and {seen[1]} from stock nbgrader; "
                f"{'both' if right else 'neither'} should be {points:g}. The comparison would not "
                f"be fair: run autograder check {WEEK}"
            )


def _bare(files: Sequence[Path]) -> Cost:
    """The cells of these notebooks in one warm process."""
    command = [sys.executable, "-m", "autograder.commands.bench", *map(str, files)]
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(command, env={**os.environ, **one_thread}, capture_output=True, text=True)
    if done.returncode != 0:
        raise CourseError(f"running the bare cells failed: {done.stderr.strip()[-500:]}")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def run_cells(files: Sequence[str]) -> Cost:
    """Run the code cells of notebooks in this process, warm, one after the other.

    Figures are drawn as in a kernel, by the inline backend.
    """
    import matplotlib.pyplot  # noqa: F401 - imported before the clock starts
    import torch  # noqa: F401
    from IPython.core.interactiveshell import InteractiveShell
    from matplotlib_inline.backend_inline import flush_figures

    shell: Any = InteractiveShell.instance()
    shell.enable_gui = lambda gui=None: None  # needs no event loop
    shell.enable_matplotlib("inline")
    codes = [
        [
            compile(cell.source, f"cell {number}", "exec")
            for number, cell in enumerate(nbformat.read(file, as_version=4).cells)
            if cell.cell_type == "code"
        ]
        for file in files
    ]
    _run(codes[0], flush_figures)  # fonts, and what is imported at first use
    gc.collect()
    gc.freeze()  # as in our own kernels: closing a figure collects garbage
    started, cpu = time.monotonic(), time.process_time()
    for code in codes:
        _run(code, flush_figures)
    seconds, cpu = time.monotonic() - started, time.process_time() - cpu
    return Cost(len(files), seconds, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def _run(cells: Sequence[CodeType], flush_figures: Callable[[], Any]) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in cells:
        with contextlib.redirect_stdout(io.StringIO()):
            with contextlib.suppress(Exception):
                exec(cell, names)
            flush_figures()


# --- what is shown --------------------------------------------------------------------------


def report(results: Results) -> str:
    """The tables for the terminal."""
    count = results.rounds["ours"][0].count
    rounds = len(results.rounds["ours"])
    rows = []
    for who, about in _ABOUT.items():
        costs = results.rounds[who]
        idle = f"{results.median(who, 'seconds', 'startup'):.1f}" if who in _STARTS else ""
        throughput, cpu = results.median(who, "throughput"), results.median(who, "cpu_each")
        memory = max(cost.rss for cost in costs), max(cost.pss for cost in costs)
        rows.append((about, f"{throughput:.3g}", f"{cpu:.2f}", idle, *map(_size, memory)))
    for who, cost in (("ours", results.further()), ("stock", results.further_stock())):
        rows.append(
            (
                f"{who}, start-up left out",
                f"{cost.throughput:.3g}",
                f"{cost.cpu_each:.2f}",
                *[""] * 3,
            )
        )
    header = ("", "submissions/s", "CPU s each", "start-up s", "peak RSS", "peak PSS")
    growth = [
        (f"{c.count}", f"{c.seconds:.1f}", f"{c.throughput:.3g}", f"{c.cpu_each:.2f}",
         _size(c.rss), _size(c.pss))
        for c in results.growth
    ]  # fmt: skip
    return "\n".join(
        [
            f"{results.week}: {count} submissions, medians of {rounds} rounds; start-up is in, "
            "unless it says otherwise",
            table(header, rows),
            "",
            f"Growth of ours (stock was measured at {count} only)",
            table(
                ("submissions", "seconds", "submissions/s", "CPU s each", "peak RSS", "peak PSS"),
                growth,
            ),
            "",
            table(("ratio", ""), [(k, f"{v:.2f}") for k, v in results.ratios().items()]),
        ]
    )


_ABOUT = {
    "ours": "ours: autograder grade",
    "stock": "stock: nbgrader autograde",
    "bare": "bare: the cells, warm, one core",
    "lean": "lean: no drawings, the hidden calls",
}
_STARTS = ("ours", "stock")


def _size(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size else ""


def _say(text: str, cost: Cost | None = None) -> None:
    if cost is not None:
        text += f": {cost.seconds:.1f} s, {cost.throughput:.2f}/s, {cost.cpu_each:.2f} CPU s each"
    print(f"bench: {text}", file=sys.stderr, flush=True)


def _machine() -> dict[str, Any]:
    model = ""
    with contextlib.suppress(OSError):
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.M)
        model = found[1] if found else ""
    packages = ("torch", "numpy", "matplotlib", "nbgrader", "ipykernel")
    return {
        "processor": model or platform.processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load before": os.getloadavg()[0],
        **{name: metadata.version(name) for name in packages},
    }


def _plot(results: Results, path: Path) -> None:
    """Seconds and memory against the number of submissions."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    runs = sorted([*results.rounds["ours"], *results.growth], key=lambda cost: cost.count)
    stock, startup = results.further_stock(), results.median("stock", "seconds", "startup")
    counts = sorted({cost.count for cost in runs})
    figure = Figure(figsize=(8, 3.4), layout="constrained")
    time_axes, memory_axes = figure.subplots(1, 2)
    time_axes.loglog(
        counts, [startup + n / stock.throughput for n in counts],
        ls=":", color="#D55E00", label="stock, calculated",
    )  # fmt: skip
    for who, costs, color in (
        ("stock, measured", results.rounds["stock"], "#D55E00"),
        ("ours, measured", runs, "#0072B2"),
    ):
        time_axes.loglog(
            [c.count for c in costs], [c.seconds for c in costs], "o", color=color, label=who
        )
        memory_axes.semilogx(
            [c.count for c in costs], [c.rss / 1e9 for c in costs], "o", color=color
        )
    ideal = results.median("bare", "cpu_each") / results.jobs
    time_axes.loglog(
        counts, [n * ideal for n in counts], color="#8A8A8A", label="the bare cells, on all cores"
    )
    time_axes.set(xlabel="submissions", ylabel="seconds", title=f"{results.week}, time")
    time_axes.legend(fontsize=8)
    memory_axes.set(xlabel="submissions", ylabel="GB", title="peak memory (RSS)")
    memory_axes.set_ylim(bottom=0)
    FigureCanvasSVG(figure).print_svg(str(path))


if __name__ == "__main__":
    print(json.dumps(asdict(run_cells(sys.argv[1:]))))
