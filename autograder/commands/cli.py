"""The command line: ``autograder demo | grade | watch | report | explain | check | new | sync`` ...

Hands what was typed to the command, and turns exceptions into one sentence and an exit status.
Options are in `autograder.commands.arguments`, everything else in the commands.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.commands.arguments import JOBS, parser
from autograder.errors import AutograderError, WeekSkipped
from autograder.terminal import printable_lines

if TYPE_CHECKING:
    from autograder.kernels.driver import Execute

__all__ = ["main"]

#: So many new objects before garbage is collected: importing makes that many that stay.
_OBJECTS = 10_000


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 only if all went well.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; those of the process by default.
    """
    arguments = parser(_RUNS).parse_args(argv)
    gc.set_threshold(_OBJECTS)
    atexit.register(gc.freeze)  # or all would be looked through for garbage as it ends, for 0.4 s
    # nbgrader starts `alembic` by name, so the environment's programs must be on the path.
    os.environ["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    )
    # Notebooks draw into themselves, whatever this process would draw into.
    os.environ.pop("MPLBACKEND", None)
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        return int(arguments.run(arguments))
    except WeekSkipped as skipped:
        _complain(skipped)
        return 0
    except AutograderError as error:
        _complain(error)
    except KeyboardInterrupt as stopped:
        print(f"\nautograder: stopped.{_kept(arguments)}", file=sys.stderr)
        return 128 + (stopped.args[0] if stopped.args else signal.SIGINT)
    except BrokenPipeError:
        sys.stderr.close()
    except OSError as error:
        where = f": {printable_lines(str(error.filename))}" if error.filename else ""
        print(
            f"autograder: {error.strerror or error}{where}. Mend this and run the same command "
            f"again.{_kept(arguments)}",
            file=sys.stderr,
        )
    return 1


def _kept(arguments: argparse.Namespace) -> str:
    """What somebody wants to know whose grading has ended early; of nothing else it is true."""
    if arguments.run not in (_grade, _watch):
        return ""
    return " What was graded is kept; the same command goes on where this one stopped."


def _complain(error: object) -> None:
    """Say what is wrong; names in it may be a student's."""
    print(f"autograder: {printable_lines(str(error))}", file=sys.stderr)


def _warm(week: str) -> None:
    """Have the kernels' parent import what a week needs, while this process does."""
    from autograder.grading.requires import requires
    from autograder.kernels.orders import warm

    reference = Path("source", week, "reference.py")
    if reference.is_file():
        warm(requires(reference))


def _grade(arguments: argparse.Namespace) -> int:
    if not (arguments.scheduler or arguments.student or arguments.force):
        from autograder.grading.standstill import said_again

        asked = arguments.seed, arguments.figures, arguments.unsafe
        if said := said_again(Path(), arguments.week, asked):
            print(said)
            return 0
    if not arguments.scheduler:
        _warm(arguments.week)
    from autograder.commands.grade import grade_week
    from autograder.kernels.driver import execute
    from autograder.kernels.limits import Limits

    with contextlib.ExitStack() as stack:
        engine: Execute = execute
        jobs = arguments.jobs or JOBS
        if arguments.scheduler:
            from autograder.kernels.distributed import cluster

            engine = workers = stack.enter_context(cluster(arguments.scheduler))
            jobs = arguments.jobs or workers.threads
        summary = grade_week(
            Path(), arguments.week, student=arguments.student, jobs=jobs, seed=arguments.seed,
            force=arguments.force, execute=engine,
            limits=Limits(unsafe=arguments.unsafe, figures=arguments.figures),
        )  # fmt: skip
    print(summary.text())
    return 1 if summary.ungraded else 0


def _watch(arguments: argparse.Namespace) -> int:
    from autograder.kernels.limits import Limits
    from autograder.watching.turns import Rules
    from autograder.watching.watch import watch_week

    ungraded = watch_week(
        Path(), arguments.week, Rules(arguments.pause, arguments.attempts), once=arguments.once,
        interval=max(arguments.interval.total_seconds(), 0.1), jobs=arguments.jobs,
        limits=Limits(unsafe=arguments.unsafe, figures=arguments.figures),
    )  # fmt: skip
    return 1 if ungraded else 0


def _check(arguments: argparse.Namespace) -> int:
    from autograder.commands.check import check_course

    return check_course(Path(), arguments.week)


def _new(arguments: argparse.Namespace) -> int:
    from autograder.commands.new import new_week

    return new_week(Path(), arguments.week, arguments.notebook)


def _init(arguments: argparse.Namespace) -> int:
    from autograder.commands.init import init_course, new_course

    if arguments.new:
        return new_course(Path(arguments.new))
    return init_course(Path(), arguments.yes)


def _demo(arguments: argparse.Namespace) -> int:
    from autograder.commands.demo import run_demo

    return run_demo(Path(), Path(arguments.folder), arguments.jobs)


def _report(arguments: argparse.Namespace) -> int:
    from autograder.report.discretion import Discretion
    from autograder.report.page import write_report

    discretion = Discretion(arguments.anonymous, arguments.names)
    out = Path(arguments.out) if arguments.out else None
    path, count = write_report(Path(), arguments.week, out, discretion)
    print(f"{count} submissions; to read the report, open {path}")
    return 0


def _explain(arguments: argparse.Namespace) -> int:
    from autograder.commands.explain import explain

    text, agrees = explain(Path(), arguments.week, arguments.student, arguments.task)
    print(printable_lines(text))
    return 0 if agrees else 1


def _learn(arguments: argparse.Namespace) -> int:
    from autograder.commands.learn import learn
    from autograder.kernels.limits import Limits

    return learn(Path(), arguments.week, arguments.jobs, Limits(unsafe=arguments.unsafe))


def _pack(arguments: argparse.Namespace) -> int:
    from autograder.commands.pack import pack

    print(
        pack(Path(), arguments.week, arguments.platform, Path(arguments.to), arguments.torch_index)
    )
    return 0


def _doctor(arguments: argparse.Namespace) -> int:
    from autograder.commands.doctor import doctor

    return doctor(Path())


def _try(arguments: argparse.Namespace) -> int:
    _warm(arguments.week)
    from autograder.commands.try_ import as_json, try_notebook
    from autograder.kernels.limits import Limits

    tried = try_notebook(
        Path(), arguments.week, Path(arguments.notebook), arguments.student, arguments.seed,
        Limits(unsafe=arguments.unsafe, figures=arguments.figures),
    )  # fmt: skip
    if arguments.html:
        tried.write_pages(Path(arguments.html))
    print(as_json(tried) if arguments.json else printable_lines(tried.text()))
    return 0


def _bench(arguments: argparse.Namespace) -> int:
    from autograder.commands.bench.given import bench_week
    from autograder.commands.bench.run import run_bench

    if arguments.week:
        return bench_week(Path(), arguments.week, arguments.count, arguments.rounds)
    return run_bench(
        Path(), arguments.count, Path(arguments.out), arguments.sizes, arguments.rounds,
        Path(arguments.otter) if arguments.otter else None,
    )  # fmt: skip


def _sync(arguments: argparse.Namespace) -> int:
    from autograder.commands.sync import sync_course

    return sync_course(Path(), arguments.week)


_RUNS = {
    "grade": _grade,
    "watch": _watch,
    "check": _check,
    "init": _init,
    "new": _new,
    "demo": _demo,
    "report": _report,
    "explain": _explain,
    "try": _try,
    "learn": _learn,
    "pack": _pack,
    "doctor": _doctor,
    "bench": _bench,
    "sync": _sync,
}


if __name__ == "__main__":
    sys.exit(main())
