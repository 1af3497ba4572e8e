"""Made-up classes: records, a gradebook and submissions as a grading run leaves them, no kernels.

Who is able does more right; who is not makes the week's known mistakes, the
first ones most often. What is seen of a student is what the reference or the
mistake does.
"""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import api
from nbgrader.api import Gradebook

from autograder.grading.course import Course, Week
from autograder.grading.judged import judge_all, write_verdicts
from autograder.grading.records import Record
from autograder.grading.stages import Graded, draw
from autograder.grading.work import GradedWork
from autograder.kernels.driver import Observed
from autograder.marking.judge import grader_error, judge
from autograder.marking.task import Task
from autograder.submissions.ready import Submission

Json = dict[str, Any]
SEED = 20270222


def attend(
    course: Course, week_name: str, count: int, odd: bool = True, seed: int = 1
) -> list[str]:
    """Put `count` graded submissions into the course; the first few are odd, unless told not to.

    Returns
    -------
    list of str
        The students.
    """
    week, rng = course.week(week_name), random.Random(seed)
    answers = {task.name: _answers(task, draw(week, SEED)[task.name]) for task in week.tasks}
    students = []
    for number in range(count):
        student = f"student-{number:04}"
        seen, code = {}, {}
        able = rng.gauss(0.8, 1.3)
        for task in week.tasks:
            right = rng.random() < 1 / (1 + 2.72 ** -(able + rng.gauss(0, 0.5)))
            which = 0 if right else 1 + min(int(rng.expovariate(0.25)), len(answers[task.name]) - 2)
            name, observations = answers[task.name][which]
            seen[task.name] = Observed(observations)
            code[task.name] = source(task.name, f"{name} {rng.randrange(10**9)}")
        path = hand_in(course, week, student, code)
        record(course, week, student, seen, path, number if odd else -1)
        students.append(student)
    enrol(course, week, students)
    return students


def _answers(task: Task, calls: list[Any]) -> list[tuple[str, list[Json]]]:
    right = [task.expected(call) for call in calls]
    known = task.behaviours(calls)
    return [("right", right), *((mistake.name, list(seen)) for mistake, seen in known)]


def source(name: str, about: str, length: int = 12) -> str:
    """Some code for a function, alike for the same `about` and for no other."""
    rng = random.Random(about)
    lines = [
        f"    v{k} = {rng.choice(['np.sin', 'np.cos', 'abs', 'float'])}({rng.randrange(1000)})"
        f" {rng.choice('+-*/')} {rng.randrange(1000)}"
        for k in range(length)
    ]
    return "\n".join([f"def {name}(*arguments):", *lines, "    return v0"])


def record(
    course: Course, week: Week, student: str, seen: dict[str, Observed], path: Path, odd: int = -1,
    seed: int = SEED,
) -> None:  # fmt: skip
    """Write the record of grading `path`; `odd` says what went wrong, if it is 0 to 4."""
    questions = draw(week, seed)
    problem = "the notebook file is empty" if odd == 0 else ""
    died = "the kernel died (the code ended the process)" if odd == 1 else ""
    notes = (f"the cell test_{week.task_names[0]} is missing",) if odd == 3 else ()
    if odd == 0:
        seen = {task: Observed(reason=problem) for task in seen}
    if odd == 2:
        seen = {}
        verdicts = [grader_error(task, "no kernel could be started") for task in week.tasks]
    else:
        verdicts = judge_all(week, questions, seen)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    submission = Submission(student, None, digest, problem, notes, name=week.notebook)
    seconds = 60.0 if odd == 4 else 1.5
    graded = Graded(submission, seed, None, verdicts, seen, questions, died, seconds)
    made = Record(submission.digest, seed, 0, "key")
    made.write(course, week, GradedWork([graded]))


def graded(
    root: Path, week: Week, wrong: dict[str, int] | None = None, reason: str = ""
) -> NotebookNode:
    """The released notebook as grading leaves it.

    Parameters
    ----------
    root : Path
        Where ``release/`` is.
    week : Week
    wrong : dict of str to int, optional
        Which of its mistakes is made in a task; the other tasks are right.
    reason : str
        Why nothing was reached at all.
    """
    notebook = nbformat.read(root / "release" / week.name / week.source.name, as_version=4)
    questions, verdicts = draw(week, SEED), []
    for task in week.tasks:
        calls = questions[task.name]
        seen = [task.expected(call) for call in calls]
        if wrong is not None and task.name in wrong:
            known = task.behaviours(calls)
            seen = known[wrong[task.name] % len(known)][1]
        verdicts.append(judge(task, calls, [] if reason else seen, reason))
    write_verdicts(notebook, week, verdicts)
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader")
        verdict = next((v for v in verdicts if about and about.grade_id == f"test_{v.task}"), None)
        if about and about.grade:
            about["waits"] = verdict is None
            about["score"] = verdict.score if verdict else 0.0
    return notebook


def hand_in(course: Course, week: Week, student: str, code: dict[str, str]) -> Path:
    """Write a notebook with these solution cells into ``submitted/``."""
    cells = [
        {
            "cell_type": "code", "execution_count": None, "outputs": [], "source": text,
            "metadata": {"nbgrader": {"grade_id": task, "solution": True}},
        }
        for task, text in code.items()
    ]  # fmt: skip
    path = course.root / "submitted" / student / week.name / week.source.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    return path


def enrol(course: Course, week: Week, students: list[str], waiting: bool = True) -> None:
    """Put students who handed in into the gradebook; their written answers wait."""
    with Gradebook(f"sqlite:///{course.root}/gradebook.db", "gradient-descent") as gradebook:
        notebook = gradebook.find_notebook(week.notebook, week.name)
        written = gradebook.find_grade_cell("written", week.notebook, week.name)
        for student in students:
            person = api.Student(id=student)
            submission = api.SubmittedAssignment(assignment=notebook.assignment, student=person)
            paper = api.SubmittedNotebook(notebook=notebook, assignment=submission)
            grade = api.Grade(cell=written, notebook=paper, needs_manual_grade=waiting)
            gradebook.db.add_all([person, submission, paper, grade])
        gradebook.db.commit()
