"""What can be typed: the options of each command.

Knows words; it runs no command.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from autograder._version import __version__
from autograder.commands.quantities import natural, positive, span
from autograder.grading.processors import processors

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

__all__ = ["JOBS", "Run", "parser"]

#: Submissions in hand at the same time, if nothing is said: while one is read, judged or written
#: down, each core has the kernel of another.
JOBS = processors() + 1

#: What a command does with its arguments; its exit status.
Run = Callable[[argparse.Namespace], int]


def parser(runs: Mapping[str, Run]) -> argparse.ArgumentParser:
    """The parser of the command line; what it returns has the command's `run`.

    Parameters
    ----------
    runs : mapping of str to callable
        By the name of the command.
    """
    made = argparse.ArgumentParser(
        prog="autograder",
        description="Grade a course on gradient descent outside the students' process. "
        "Run it in the course's root folder.",
    )
    made.add_argument("--version", action="version", version=__version__)
    commands = made.add_subparsers(metavar="COMMAND", required=True)
    for add in _COMMANDS:
        command = add(commands)
        command.set_defaults(run=runs[command.prog.rpartition(" ")[2]])
    return made


def _grade(commands: Commands) -> argparse.ArgumentParser:
    parser = commands.add_parser("grade", help="grade all submissions of a week in submitted/")
    parser.add_argument("week", metavar="WEEK", help="name of the week, like week2_descent")
    parser.add_argument("--student", metavar="ID", help="grade only this student")
    parser.add_argument(
        "--jobs", type=positive, metavar="N",
        help="kernels at the same time (default: one more than there are cores; with --scheduler, "
        "one for each thread of its workers)",
    )  # fmt: skip
    parser.add_argument(
        "--scheduler", metavar="ADDRESS",
        help="run the notebooks on the workers of this Dask scheduler, like tcp://host:8786",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=natural, metavar="S",
        help="draw the questions from this number (default: the course's own)",
    )  # fmt: skip
    _add_kernel_options(parser)
    parser.add_argument("--force", action="store_true", help="grade again what has not changed")
    return parser


def _watch(commands: Commands) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        "watch", help="grade what students hand in through the exchange as it arrives"
    )
    parser.add_argument("week", metavar="WEEK", help="name of the week, like week2_descent")
    parser.add_argument(
        "--pause", type=span, default=timedelta(0), metavar="TIME",
        help="between two gradings of one student, like 90s, 10m or 2h (default: none)",
    )  # fmt: skip
    parser.add_argument(
        "--attempts", type=positive, metavar="N",
        help="gradings at once for each student (default: any number); the last version handed "
        "in before the due date is graded after it",
    )  # fmt: skip
    parser.add_argument(
        "--once", action="store_true", help="grade what is there, publish feedback, and stop"
    )
    parser.add_argument(
        "--interval", type=span, default=timedelta(seconds=1), metavar="TIME",
        help="between two looks into the exchange (default: 1s)",
    )  # fmt: skip
    parser.add_argument(
        "--jobs", type=positive, default=JOBS, metavar="N",
        help="kernels at the same time (default: one more than there are cores)",
    )  # fmt: skip
    _add_kernel_options(parser)
    return parser


def _check(commands: Commands) -> argparse.ArgumentParser:
    parser = commands.add_parser("check", help="is a week ready to be released?")
    parser.add_argument("week", metavar="WEEK", nargs="?", help="one week (default: all)")
    return parser


def _new(commands: Commands) -> argparse.ArgumentParser:
    parser = commands.add_parser("new", help="lay out a new week, ready to be rewritten")
    parser.add_argument("week", metavar="WEEK", help="name of the week, like week7_name")
    parser.add_argument(
        "--notebook", metavar="NAME",
        help="name of its notebook (default: what follows the first underscore)",
    )  # fmt: skip
    return parser


def _init(commands: Commands) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        "init", help="make an nbgrader course that exists one of ours, or start an empty one"
    )
    parser.add_argument("--new", metavar="DIR", help="start an empty course in this folder")
    parser.add_argument("--yes", action="store_true", help="add what is shown without asking")
    return parser


def _demo(commands: Commands) -> argparse.ArgumentParser:
    parser = commands.add_parser("demo", help="a sample class through the whole cycle")
    parser.add_argument("folder", metavar="DIR", nargs="?", default="demo", help="default: demo")
    parser.add_argument(
        "--jobs", type=positive, default=JOBS, metavar="N",
        help="kernels at the same time (default: one more than there are cores)",
    )  # fmt: skip
    return parser


def _report(commands: Commands) -> argparse.ArgumentParser:
    parser = commands.add_parser("report", help="the class report of a week: one page, offline")
    parser.add_argument("week", metavar="WEEK", help="name of the week, like week2_descent")
    parser.add_argument(
        "--anonymous", action="store_true",
        help="to be shared: no names or ids, and counts below five are not broken down",
    )  # fmt: skip
    parser.add_argument(
        "--names", action="store_true",
        help="names beside the ids, and who is in a group of near-identical submissions",
    )  # fmt: skip
    parser.add_argument("--out", metavar="FILE", help="the page (default: report/WEEK.html)")
    return parser


def _explain(commands: Commands) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        "explain", help="replay one verdict from its record: why was a point lost?"
    )
    parser.add_argument("week", metavar="WEEK", help="name of the week, like week2_descent")
    parser.add_argument("student", metavar="STUDENT", help="the student's id")
    parser.add_argument("task", metavar="TASK", help="the function, like gradient_descent")
    return parser


def _learn(commands: Commands) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        "learn", help="wrong answers that several share and nobody has named, with what to paste"
    )
    parser.add_argument("week", metavar="WEEK", help="name of the week, like week2_descent")
    parser.add_argument(
        "--jobs", type=positive, default=JOBS, metavar="N",
        help="kernels at the same time, where students had questions of their own (default: one "
        "more than there are cores)",
    )  # fmt: skip
    _add_unsafe(parser)
    return parser


def _pack(commands: Commands) -> argparse.ArgumentParser:
    parser = commands.add_parser("pack", help="what another platform needs to grade a week")
    parser.add_argument("week", metavar="WEEK", help="name of the week, like week2_descent")
    parser.add_argument(
        "--for", dest="platform", required=True, metavar="PLATFORM",
        choices=("gradescope", "prairielearn", "classroom50", "github"),
        help="gradescope, prairielearn, classroom50 or github",
    )  # fmt: skip
    parser.add_argument("--to", required=True, metavar="FILE", help="the archive, like FILE.zip")
    parser.add_argument(
        "--torch-index", default="", metavar="ADDRESS",
        help="where pip finds torch's build for the CPU (default: wherever it finds everything)",
    )  # fmt: skip
    return parser


def _doctor(commands: Commands) -> argparse.ArgumentParser:
    return commands.add_parser("doctor", help="can this machine grade a class? Line by line")


def _try(commands: Commands) -> argparse.ArgumentParser:
    parser = commands.add_parser("try", help="what would this file get? Nothing is recorded")
    parser.add_argument("week", metavar="WEEK", help="name of the week, like week2_descent")
    parser.add_argument("notebook", metavar="NOTEBOOK", help="a notebook, wherever it lies")
    parser.add_argument("--json", action="store_true", help="everything as data (docs/try.md)")
    parser.add_argument("--html", metavar="FILE", help="write the student's page there")
    parser.add_argument("--student", default="", metavar="ID", help="questions of their own")
    parser.add_argument(
        "--seed", type=natural, metavar="S",
        help="draw the questions from this number (default: the course's own)",
    )  # fmt: skip
    _add_kernel_options(parser)
    return parser


def _bench(commands: Commands) -> argparse.ArgumentParser:
    parser = commands.add_parser("bench", help="against stock nbgrader, and the bare cells")
    also = parser.add_mutually_exclusive_group()
    also.add_argument(
        "--week", metavar="WEEK",
        help="a week of this course, with what lies in submitted/, against stock nbgrader alone",
    )  # fmt: skip
    also.add_argument(
        "--otter", metavar="PROGRAM",
        help="against otter-grader too: bin/otter of an environment where it is installed",
    )  # fmt: skip
    parser.add_argument(
        "--count", type=positive, default=10, metavar="N",
        help="submissions in each round (default: 10)",
    )  # fmt: skip
    parser.add_argument(
        "--sizes", type=positive, nargs="*", default=[10, 100], metavar="N",
        help="numbers of submissions at which growth is measured (default: 10 100)",
    )  # fmt: skip
    parser.add_argument(
        "--rounds", type=positive, default=3, metavar="N", help="rounds of each (default: 3)"
    )
    parser.add_argument(
        "--out", default="bench", metavar="DIR", help="folder for the results (default: bench)"
    )
    return parser


def _sync(commands: Commands) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        "sync", help="generate source/*.ipynb, release/ and solutions/ anew from the texts"
    )
    parser.add_argument("week", metavar="WEEK", nargs="?", help="one week (default: all)")
    return parser


def _add_kernel_options(command: argparse.ArgumentParser) -> None:
    """What the commands have in common that run submissions."""
    command.add_argument(
        "--figures", action="store_true",
        help="draw figures again, rather than keep those handed in (slow)",
    )  # fmt: skip
    _add_unsafe(command)


def _add_unsafe(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--unsafe", action="store_true",
        help="go on where the platform cannot protect the grader from what is submitted",
    )  # fmt: skip


#: In the order in which help shows them.
_COMMANDS = (
    _grade,
    _watch,
    _check,
    _init,
    _new,
    _demo,
    _report,
    _explain,
    _learn,
    _try,
    _pack,
    _doctor,
    _bench,
    _sync,
)
