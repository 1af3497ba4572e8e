"""How grading grows: up to 10,000 submissions, and over a simulated cluster.

Needs no cluster and no hours: the kernels' part is played (`autograder.commands.bench.rehearsed`),
and everything that one grader has to do for each submission is done. Run as
``python -m autograder.commands.bench.scale`` in a course.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

from autograder.commands.bench.courses import KINDS, WEEK, released, submit
from autograder.commands.bench.tables import machine
from autograder.errors import CourseError
from autograder.grading.course import Course
from autograder.grading.processors import processors
from autograder.grading.records import write_whole
from autograder.terminal import table

__all__ = ["Played", "main"]

#: One, two and five of every power of ten.
_MARKS = [digit * 10**power for power in range(6) for digit in (1, 2, 5)]


@dataclass
class Played:
    """What a run with played kernels took, from the first turn on a worker to its end."""

    gradebook: str
    graders: int
    workers: int
    #: That a notebook takes on a worker.
    notebook: float
    count: int
    seconds: float
    #: User and system CPU seconds of the graders and what they started, start-up included.
    processor: float
    #: Submissions, seconds since the first, and bytes of (the first) grader then.
    course: list[tuple[int, float, int]]

    @property
    def efficiency(self) -> float:
        """Seconds that the workers alone would need, of those that it took."""
        return self.count * self.notebook / self.workers / self.seconds


class PlayedCourse:
    """A course whose submissions are new for every run; its gradebook stays.

    Parameters
    ----------
    root : Path
        The course that is copied.
    folder : Path
        Where it may write.
    url : str
        Of the gradebook; "" for a file.
    """

    def __init__(self, root: Path, folder: Path, url: str = "") -> None:
        self.gradebook = url.partition(":")[0] or "sqlite"
        self._answers = str(folder / "answers.json")
        self._first = count(0, 100_000)
        self._course = released(Course(root), folder / "course", url)
        self._submit(len(KINDS))
        self._start([WEEK, self._answers], 1)

    def _submit(self, number: int) -> None:
        shutil.rmtree(self._course.root / "submitted", ignore_errors=True)
        submit(self._course, self._course.week(WEEK), number, next(self._first))

    def _start(self, arguments: list[str], graders: int) -> list[str]:
        """What each of so many graders said last."""
        command = [sys.executable, "-m", "autograder.commands.bench.rehearsed", *arguments]
        running = [
            subprocess.Popen(
                command, cwd=self._course.root, text=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )
            for _ in range(graders)
        ]  # fmt: skip
        said = [process.communicate() for process in running]
        for process, (_, errors) in zip(running, said, strict=True):
            if process.returncode:
                end = " | ".join(errors.strip().splitlines()[-5:])
                raise CourseError(f"{' '.join(command)} failed: {end}")
        return [out.strip().rpartition("\n")[2] for out, _ in said]

    def run(self, number: int, workers: int = 1, notebook: float = 0.0, graders: int = 1) -> Played:
        """Grade so many submissions on so many workers, shared by so many graders.

        Raises
        ------
        CourseError
            If a grader fails, or a submission was not graded.
        """
        self._submit(number)
        jobs = str(workers // graders)
        options = [WEEK, self._answers, "--jobs", jobs, "--seconds", str(notebook)]
        found = [json.loads(said) for said in self._start(options, graders)]
        moments = sorted(tuple(each) for one in found for each in one["moments"])
        if len(moments) != number:
            raise CourseError(f"{len(moments)} of {number} submissions were graded")
        start, end = moments[0][0], max(one["end"] for one in found)
        course = [(n, moments[n - 1][0] - start, moments[n - 1][1]) for n in _marks(number)]
        used = sum(one["processor"] for one in found)
        return Played(self.gradebook, graders, workers, notebook, number, end - start, used, course)


def _marks(number: int) -> Iterator[int]:
    yield from (mark for mark in _MARKS if mark < number)
    yield number


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print two tables, and write ``scale.json``, ``scale.svg`` and ``cluster.svg``."""
    parser = argparse.ArgumentParser(description="how grading grows, with played kernels")
    parser.add_argument("--count", type=int, default=10_000, help="submissions (default: 10000)")
    parser.add_argument(
        "--workers", type=int, nargs="*", default=[1, 2, 4, 8, 16, 32, 64],
        help="sizes of the simulated cluster (default: 1 2 4 8 16 32 64)",
    )  # fmt: skip
    parser.add_argument(
        "--seconds", type=float, default=1.0, help="that a notebook takes there (default: 1)"
    )
    parser.add_argument(
        "--graders", type=int, nargs="*", default=[1, 2],
        help="graders that share it, with --db-url (default: 1 2)",
    )  # fmt: skip
    parser.add_argument("--db-url", default="", help="of an empty gradebook in PostgreSQL, too")
    parser.add_argument("--out", type=Path, default=Path("bench"), help="folder (default: bench)")
    given = parser.parse_args(argv)
    growth: list[Played] = []
    cluster: list[Played] = []
    on = machine()
    for url in ("", given.db_url) if given.db_url else ("",):
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            course = PlayedCourse(Path(), Path(name), url)
            if given.count:
                growth.append(course.run(given.count, workers=processors()))
                _say(growth[-1])
            for graders in given.graders if url else [1]:
                for workers in given.workers:
                    if workers >= graders:
                        number = max(20, round(20 * workers / given.seconds))
                        cluster.append(course.run(number, workers, given.seconds, graders))
                        _say(cluster[-1])
    _write(given.out, on, growth, cluster)
    return 0


def _say(run: Played) -> None:
    print(
        f"bench: {run.gradebook}, {run.graders} graders, {run.workers} workers: {run.count} in "
        f"{run.seconds:.1f} s, {run.processor / run.count:.3f} CPU s each",
        file=sys.stderr, flush=True,
    )  # fmt: skip


def _write(out: Path, on: dict[str, Any], growth: list[Played], cluster: list[Played]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    found = {"machine": on, "growth": growth, "cluster": cluster}
    text = json.dumps(found, indent=1, default=asdict)
    write_whole(out / "scale.json", text + "\n")
    if growth:
        rows = [
            (run.gradebook, f"{number}", f"{seconds:.1f}", f"{memory / 1e6:.0f}")
            for run in growth
            for number, seconds, memory in run.course
        ]
        print(table(("gradebook", "submissions", "seconds", "grader's MB"), rows))
        _plot_growth(growth, out / "scale.svg")
    if cluster:
        lines = [
            (run.gradebook, f"{run.graders}", f"{run.workers}", f"{run.count / run.seconds:.1f}",
             f"{run.efficiency:.2f}", f"{run.processor / run.count:.3f}")
            for run in cluster
        ]  # fmt: skip
        header = ("gradebook", "graders", "workers", "submissions/s", "efficiency", "CPU s each")
        print(table(header, lines))
        _plot_cluster(cluster, out / "cluster.svg")
    print(f"\nWritten: {out / 'scale.json'}, and pictures beside it")


_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
_STYLES = ("-o", "--s", ":^", "-.v")


def _plot_growth(growth: list[Played], path: Path) -> None:
    """Seconds a submission, and the grader's memory, in the course of a run."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.4), layout="constrained")
    seconds_axes, memory_axes = figure.subplots(1, 2)
    for run, color, style in zip(growth, _COLORS, _STYLES, strict=False):
        some = [each for each in run.course if each[0] >= 10]
        numbers = [number for number, _, _ in some]
        each = [seconds / number for number, seconds, _ in some]
        memory = [bytes_ / 1e6 for _, _, bytes_ in some]
        seconds_axes.semilogx(numbers, each, style, color=color, label=run.gradebook)
        memory_axes.semilogx(numbers, memory, style, color=color)
    seconds_axes.set(
        xlabel="submissions", ylabel="seconds a submission", title="beside the kernels"
    )
    memory_axes.set(xlabel="submissions", ylabel="MB", title="the grader's memory")
    seconds_axes.legend()
    for axes in (seconds_axes, memory_axes):
        axes.set_ylim(bottom=0)
    FigureCanvasSVG(figure).print_svg(str(path))


def _plot_cluster(cluster: list[Played], path: Path) -> None:
    """Submissions a second against workers, beside what the workers alone would do."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.4), layout="constrained")
    speed_axes, part_axes = figure.subplots(1, 2)
    workers = sorted({run.workers for run in cluster})
    ideal = [number / cluster[0].notebook for number in workers]
    speed_axes.loglog(workers, ideal, color="#8A8A8A", label="ideal")
    series = dict.fromkeys((run.gradebook, run.graders) for run in cluster)
    for (gradebook, graders), color, style in zip(series, _COLORS, _STYLES, strict=False):
        some = [run for run in cluster if (run.gradebook, run.graders) == (gradebook, graders)]
        numbers = [run.workers for run in some]
        label = f"{gradebook}, {graders} grader{'s' * (graders > 1)}"
        speed_axes.loglog(
            numbers, [run.count / run.seconds for run in some], style, color=color, label=label
        )
        part_axes.semilogx(numbers, [run.efficiency for run in some], style, color=color)
    speed_axes.set(xlabel="workers", ylabel="submissions a second", title="how fast")
    part_axes.set(xlabel="workers", ylabel="of the ideal", title="efficiency", ylim=(0, 1.05))
    speed_axes.legend(fontsize=8)
    for axes in (speed_axes, part_axes):
        axes.set_xticks(workers, [str(number) for number in workers])
        axes.minorticks_off()
    FigureCanvasSVG(figure).print_svg(str(path))


if __name__ == "__main__":
    raise SystemExit(main())
