"""The command line: ``autograder demo | grade | watch | report | explain | check | new | sync`` ...

Parses arguments, shows progress, prints tables and sentences, and turns
exceptions into one sentence and an exit status. Everything else is below.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import re
import signal
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from autograder._version import __version__
from autograder.errors import AutograderError, WeekSkipped

if TYPE_CHECKING:
    from autograder.kernels.driver import Execute

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 only if all went well.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; those of the process by default.
    """
    arguments = _parser().parse_args(argv)
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
        print(f"autograder: {skipped}", file=sys.stderr)
        return 0
    except AutograderError as error:
        print(f"autograder: {error}", file=sys.stderr)
    except KeyboardInterrupt as stopped:
        print(
            "\nautograder: stopped. What was graded is kept; "
            "the same command goes on where this one stopped.",
            file=sys.stderr,
        )
        return 128 + (stopped.args[0] if stopped.args else signal.SIGINT)
    except BrokenPipeError:
        sys.stderr.close()
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        print(
            f"autograder: {error.strerror or error}{where}. What was graded is kept; "
            "mend this and run the same command again.",
            file=sys.stderr,
        )
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="autograder",
        description="Grade a course on gradient descent outside the students' process. "
        "Run it in the course's root folder.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    grade = commands.add_parser("grade", help="grade all submissions of a week in submitted/")
    grade.add_argument("week", metavar="WEEK", help="name of the week, like week2_descent")
    grade.add_argument("--student", metavar="ID", help="grade only this student")
    grade.add_argument(
        "--jobs", type=_positive, metavar="N",
        help="kernels at the same time (default: one for each core; with --scheduler, one for "
        "each thread of its workers)",
    )  # fmt: skip
    grade.add_argument(
        "--scheduler", metavar="ADDRESS",
        help="run the notebooks on the workers of this Dask scheduler, like tcp://host:8786",
    )  # fmt: skip
    grade.add_argument(
        "--seed", type=_natural, metavar="S",
        help="draw the questions from this number (default: the course's own)",
    )  # fmt: skip
    _add_kernel_options(grade)
    grade.add_argument("--force", action="store_true", help="grade again what has not changed")
    grade.set_defaults(run=_grade)

    watch = commands.add_parser(
        "watch", help="grade what students hand in through the exchange as it arrives"
    )
    watch.add_argument("week", metavar="WEEK", help="name of the week, like week2_descent")
    watch.add_argument(
        "--pause", type=_span, default=timedelta(0), metavar="TIME",
        help="between two gradings of one student, like 90s, 10m or 2h (default: none)",
    )  # fmt: skip
    watch.add_argument(
        "--attempts", type=_positive, metavar="N",
        help="gradings at once for each student (default: any number); the last version handed "
        "in before the due date is graded after it",
    )  # fmt: skip
    watch.add_argument(
        "--once", action="store_true", help="grade what is there, publish feedback, and stop"
    )
    watch.add_argument(
        "--interval", type=_span, default=timedelta(seconds=1), metavar="TIME",
        help="between two looks into the exchange (default: 1s)",
    )  # fmt: skip
    watch.add_argument(
        "--jobs", type=_positive, default=os.cpu_count() or 1, metavar="N",
        help="kernels at the same time (default: one for each core)",
    )  # fmt: skip
    _add_kernel_options(watch)
    watch.set_defaults(run=_watch)

    check = commands.add_parser("check", help="is a week ready to be released?")
    check.add_argument("week", metavar="WEEK", nargs="?", help="one week (default: all)")
    check.set_defaults(run=_check)

    new = commands.add_parser("new", help="lay out a new week, ready to be rewritten")
    new.add_argument("week", metavar="WEEK", help="name of the week, like week7_name")
    new.add_argument(
        "--notebook", metavar="NAME",
        help="name of its notebook (default: what follows the first underscore)",
    )  # fmt: skip
    new.set_defaults(run=_new)

    demo = commands.add_parser("demo", help="a sample class through the whole cycle")
    demo.add_argument("folder", metavar="DIR", nargs="?", default="demo", help="default: demo")
    demo.add_argument(
        "--jobs", type=_positive, default=os.cpu_count() or 1, metavar="N",
        help="kernels at the same time (default: one for each core)",
    )  # fmt: skip
    demo.set_defaults(run=_demo)

    report = commands.add_parser("report", help="the class report of a week: one page, offline")
    report.add_argument("week", metavar="WEEK", help="name of the week, like week2_descent")
    report.add_argument(
        "--anonymous", action="store_true",
        help="to be shared: no names or ids, and counts below five are not broken down",
    )  # fmt: skip
    report.add_argument(
        "--names", action="store_true",
        help="names beside the ids, and who is in a group of near-identical submissions",
    )  # fmt: skip
    report.add_argument("--out", metavar="FILE", help="the page (default: report/WEEK.html)")
    report.set_defaults(run=_report)

    explain = commands.add_parser(
        "explain", help="replay one verdict from its record: why was a point lost?"
    )
    explain.add_argument("week", metavar="WEEK", help="name of the week, like week2_descent")
    explain.add_argument("student", metavar="STUDENT", help="the student's id")
    explain.add_argument("task", metavar="TASK", help="the function, like gradient_descent")
    explain.set_defaults(run=_explain)

    bench = commands.add_parser("bench", help="against stock nbgrader, and the bare cells")
    bench.add_argument(
        "--count", type=_positive, default=10, metavar="N",
        help="submissions in each round (default: 10)",
    )  # fmt: skip
    bench.add_argument(
        "--sizes", type=_positive, nargs="*", default=[10, 100], metavar="N",
        help="numbers of submissions at which growth is measured (default: 10 100)",
    )  # fmt: skip
    bench.add_argument(
        "--rounds", type=_positive, default=3, metavar="N", help="rounds of each (default: 3)"
    )
    bench.add_argument(
        "--out", default="bench", metavar="DIR", help="folder for the results (default: bench)"
    )
    bench.set_defaults(run=_bench)

    sync = commands.add_parser(
        "sync", help="generate source/*.ipynb, release/ and solutions/ anew from the texts"
    )
    sync.add_argument("week", metavar="WEEK", nargs="?", help="one week (default: all)")
    sync.set_defaults(run=_sync)
    return parser


def _add_kernel_options(command: argparse.ArgumentParser) -> None:
    """What the commands have in common that run submissions."""
    command.add_argument(
        "--figures", action="store_true",
        help="draw figures again, rather than keep those handed in (slow)",
    )  # fmt: skip
    command.add_argument(
        "--unsafe", action="store_true",
        help="go on where the platform cannot protect the grader from what is submitted",
    )  # fmt: skip


def _positive(text: str) -> int:
    number = _natural(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _natural(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
    if number < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return number


def _span(text: str) -> timedelta:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400, "": 1}
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", text.strip())
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time like 90s, 10m or 2h")
    seconds = float(found[1]) * units[found[2]]
    if seconds > 366 * 86400:
        raise argparse.ArgumentTypeError(f"{text!r} is more than a year")
    return timedelta(seconds=seconds)


def _grade(arguments: argparse.Namespace) -> int:
    from autograder.commands.grade import grade_week
    from autograder.kernels.driver import execute
    from autograder.kernels.limits import Limits

    with contextlib.ExitStack() as stack:
        engine: Execute = execute
        jobs = arguments.jobs or os.cpu_count() or 1
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
    print(text)
    return 0 if agrees else 1


def _bench(arguments: argparse.Namespace) -> int:
    from autograder.commands.bench.run import run_bench

    return run_bench(
        Path(), arguments.count, Path(arguments.out), arguments.sizes, arguments.rounds
    )


def _sync(arguments: argparse.Namespace) -> int:
    from autograder.commands.sync import sync_course

    return sync_course(Path(), arguments.week)


if __name__ == "__main__":
    sys.exit(main())
