"""The bench from beginning to end: courses made, rounds run, growth measured, results written.

Puts the other modules together.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from autograder.commands.bench.courses import WEEK, courses, submit
from autograder.commands.bench.measure import Others
from autograder.commands.bench.otter import Otter
from autograder.commands.bench.results import Cost, Results
from autograder.commands.bench.rounds import commands, contestants, graded
from autograder.commands.bench.tables import machine, plot, report
from autograder.grading import stages
from autograder.grading.course import Course
from autograder.grading.records import write_whole

__all__ = ["run_bench"]


def run_bench(
    root: Path,
    count: int = 10,
    out: Path = Path("bench"),
    sizes: Sequence[int] = (10, 100),
    rounds: int = 3,
    otter: Path | None = None,
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
    otter : Path, optional
        otter-grader's program; compared, too.

    Returns
    -------
    int
        0 when everything could be measured.

    Raises
    ------
    CourseError
        If a command fails, or the graders disagree on who is perfect.
    """
    results = Results(machine(), WEEK)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        released = courses(Course(root), folder)
        ours = released["ours"]
        week = ours.week(WEEK)
        for course in released.values():
            submit(course, week, count)
        theirs = None
        if otter is not None:
            theirs = Otter(otter, week, stages.draw(week, ours.settings.seed), folder / "otter")
            results.machine["otter-grader"] = theirs.version
        _say(f"{count} submissions of {WEEK}, {rounds} rounds, {results.machine['cores']} cores")
        for number in range(1, rounds + 1):
            others = Others()
            for who, cost, idle in contestants(released, folder, week, count, theirs):
                results.rounds.setdefault(who, []).append(cost)
                if idle is not None:
                    results.startup.setdefault(who, []).append(idle)
                _say(f"round {number}: {who}", cost)
            results.others.append(others.cores())
        others = Others()
        for size in sorted(sizes):
            shutil.rmtree(ours.root / "submitted")
            submit(ours, week, size)
            cost, _, _ = graded(commands(WEEK)["ours"], ours, folder / "run", size, idle=False)
            results.growth.append(cost)
            _say(f"growth: ours, {size}", cost)
        if sizes:
            results.others.append(others.cores())
    out.mkdir(parents=True, exist_ok=True)
    write_whole(out / "bench.json", json.dumps(results.to_json(), indent=1) + "\n")
    plot(results, out / "bench.svg")
    print(report(results))
    print(f"\nWritten: {out / 'bench.json'}, {out / 'bench.svg'}")
    return 0


def _say(text: str, cost: Cost | None = None) -> None:
    if cost is not None:
        text += f": {cost.seconds:.1f} s, {cost.throughput:.2f}/s, {cost.cpu_each:.2f} CPU s each"
    print(f"bench: {text}", file=sys.stderr, flush=True)
