"""A small course whose one week, ``hw01``, has two notebooks: a task and an answer in each."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from conftest import ROOT
from nbformat import NotebookNode

from autograder.commands.demo import Sample, fill
from autograder.commands.notebooks import build
from autograder.grading.course import Course
from autograder.kernels.driver import Executed, Limits, Observed
from autograder.observation.observe import observe_call

WEEK = "hw01"
NOTEBOOKS = ("bend", "line")
#: In the code of a notebook: what a fake kernel takes for a wrong answer.
WRONG = "WRONG"

REFERENCE = '''"""Marking notes of hw01."""

import numpy as np

from autograder.marking import Call, Criterion, Mistake, Task


def line(x, slope):
    """A line through the origin."""
    return slope * np.asarray(x)


def relu(x):
    """What is positive stays."""
    return np.maximum(x, 0)


def lines(rng):
    return [Call(rng.uniform(-3, 3, 4).round(2), round(rng.uniform(1.5, 3), 2))]


def arrays(rng):
    return [Call(rng.uniform(-3, 3, 6).round(2))]


TASKS = [
    Task(
        reference=line,
        criteria=[Criterion("any line", points=4, calls=lines)],
        mistakes=[Mistake("adds", "A slope multiplies.", lambda x, slope: x + slope)],
        library="np",
    ),
    Task(
        reference=relu,
        criteria=[Criterion("any array", points=3, calls=arrays)],
        mistakes=[Mistake("keeps all", "Cut at 0.", lambda x: np.asarray(x))],
        library="np",
    ),
]
'''
_TEXT = """# %% [markdown]
# # {title}

# %%
import numpy as np

# %% nbgrader={{"grade": false, "grade_id": "{task}", "locked": false, "schema_version": 3, "solution": true, "task": false}}
def {head}:
    ### BEGIN SOLUTION write {task}
    return {body}
    ### END SOLUTION

# %% tags=["raises-exception"] nbgrader={{"grade": true, "grade_id": "test_{task}", "locked": true, "points": {points}, "schema_version": 3, "solution": false, "task": false}}
### BEGIN HIDDEN TESTS
from autograder import observe
observe({task})
### END HIDDEN TESTS
assert {task} is not None

# %% [markdown] nbgrader={{"grade": true, "grade_id": "written", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}}
# ### BEGIN SOLUTION
# Because of {title}.
# ### END SOLUTION
"""  # noqa: E501
TEXTS = {
    "bend": _TEXT.format(
        title="Bends", task="relu", head="relu(x)", body="np.maximum(np.asarray(x), 0)", points=3
    ),
    "line": _TEXT.format(
        title="Lines", task="line", head="line(x, slope)", body="slope * np.asarray(x)", points=4
    ),
}


def lay_out(root: Path) -> Course:
    """The course, its notebooks built; nothing is released."""
    folder = root / "source" / WEEK
    folder.mkdir(parents=True)
    text = (ROOT / "nbgrader_config.py").read_text("utf-8")
    text += f"\nc.CourseSettings.due_dates = {{}}\nc.CourseSettings.points = {{{WEEK!r}: 11}}\n"
    (root / "nbgrader_config.py").write_text(text, "utf-8")
    (folder / "reference.py").write_text(REFERENCE, "utf-8")
    for name, text in TEXTS.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
        (folder / f"{name}.ipynb").write_text(build(text), "utf-8")
    return Course(root)


def filled(course: Course, name: str, cells: Mapping[str, str] = {}, **sample: Any) -> str:
    """A released notebook with these cells, and else the solutions, filled in."""
    release, source = (
        nbformat.read(course.root / step / WEEK / f"{name}.ipynb", as_version=4)
        for step in ("release", "source")
    )
    return fill(release, source, Sample("", "", dict(cells), **sample))


def hand_in(course: Course, student: str, files: Mapping[str, str]) -> Path:
    """Put these files into ``submitted/``; the folder."""
    folder = course.root / "submitted" / student / WEEK
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def both(course: Course, **cells: str) -> dict[str, str]:
    """Both notebooks, solved but for these cells."""
    return {f"{name}.ipynb": filled(course, name, cells) for name in NOTEBOOKS}


def graded(course: Course, student: str) -> dict[str, NotebookNode]:
    """The graded copies, by name."""
    folder = course.root / "autograded" / student / WEEK
    return {path.stem: nbformat.read(path, as_version=4) for path in folder.glob("*.ipynb")}


def record(course: Course, student: str) -> dict[str, Any]:
    """What is recorded of a student."""
    return dict(json.loads((course.root / f"records/{WEEK}/{student}.json").read_text("utf-8")))


class Fake:
    """Executes nothing: what is seen is what the reference does, or its first mistake."""

    def __init__(self, course: Course) -> None:
        self.tasks = {task.name: task for task in course.week(WEEK).tasks}
        #: The tasks that were asked of each notebook, in order.
        self.asked: list[list[str]] = []

    def __call__(self, notebook: str, calls: dict[str, Any], limits: Limits) -> Executed:
        """See `autograder.kernels.protocol`."""
        self.asked += [sorted(calls)] if calls else []
        observed = {}
        for name, questions in calls.items():
            task = self.tasks[name]
            function = task.mistakes[0].behaves_like if WRONG in notebook else task.reference
            observed[name] = Observed([observe_call(function, call) for call in questions])
        return Executed(notebook, observed, "", 1.0)
