"""otter-grader on the same submissions: `autograder bench --otter PROGRAM`.

Its test files hold the asserts that stock nbgrader gets. Its program, in an environment of its own,
packs them (``otter generate``) and grades each submission (``otter run``). Only numbers are read,
from the ``results.json`` that it leaves.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import indent

from autograder.commands.bench.courses import asserts
from autograder.commands.bench.measure import measure
from autograder.commands.bench.results import Cost
from autograder.errors import CourseError
from autograder.grading.course import Week
from autograder.marking.calls import Call

__all__ = ["Otter"]

#: otter-grader's exception-based format: a parameter is what the notebook has under that name.
_TEST = """\
import numpy as np
import torch
from otter.test_files import test_case

OK_FORMAT = False
name = "{name}"
points = {points:g}


@test_case(hidden=True)
def hidden_calls({name}):
{asserts}"""


class Otter:
    """otter-grader, ready to grade a week.

    Parameters
    ----------
    program : Path
        ``bin/otter`` of its environment.
    week : Week
    calls : mapping of str to sequence of Call
        For each task, what a grading run asks.
    folder : Path
        Where it may write.

    Raises
    ------
    CourseError
        If there is no such program, or it fails.
    """

    def __init__(
        self, program: Path, week: Week, calls: Mapping[str, Sequence[Call]], folder: Path
    ) -> None:
        found = shutil.which(program)
        if found is None:
            raise CourseError(
                f"--otter: {program} is not a program; docs/bench.md says how to get one"
            )
        self._program = str(Path(found).absolute())
        self._folder = folder
        (folder / "tests").mkdir(parents=True)
        for task in week.tasks:
            lines = indent(asserts(task, calls[task.name]), "    ")
            text = _TEST.format(name=task.name, points=task.points, asserts=lines)
            (folder / "tests" / f"{task.name}.py").write_text(text, "utf-8")
        self._run("generate", "--tests-dir", "tests", "--output-path", "autograder.zip")

    def _run(self, *arguments: str) -> Cost:
        return measure([self._program, *arguments], self._folder, 1)

    @property
    def version(self) -> str:
        """As it says itself."""
        said = subprocess.run([self._program, "--version"], capture_output=True, text=True).stdout
        found = re.search(r"^Otter-Grader version: (\S+)$", said, re.MULTILINE)
        return found[1] if found else ""

    def graded(self, files: Sequence[Path]) -> tuple[Cost, dict[str, float]]:
        """Grade submissions one after the other; what it took, and each student's points.

        Raises
        ------
        CourseError
            If it fails, or leaves no points.
        """
        costs, points = [], {}
        results = self._folder / "results.json"
        for file in files:
            results.unlink(missing_ok=True)
            costs.append(
                self._run("run", "--autograder", "autograder.zip", "--output-dir", ".", str(file))
            )
            if not results.is_file():
                raise CourseError(
                    f"--otter: {self._program} run left no results.json; is it otter?"
                )
            tests = json.loads(results.read_bytes())["tests"]
            points[file.parents[1].name] = float(sum(test.get("score", 0.0) for test in tests))
        cost = Cost(
            len(files), sum(cost.seconds for cost in costs), sum(cost.cpu for cost in costs),
            max(cost.rss for cost in costs), max(cost.pss for cost in costs),
        )  # fmt: skip
        return cost, points
