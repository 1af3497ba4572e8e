"""A class made from the corpora, graded without a kernel: who typed what, and what is known of it.

Each student types one code of a corpus for each task. What is seen of a code is what it does in
this process, once for each question.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Any

import nbformat
from conftest import filled
from corpus import Answer, answers, observed

from autograder.grading.course import Course
from autograder.kernels.driver import Executed, Observed
from autograder.kernels.limits import Limits
from autograder.marking.calls import Call
from autograder.submissions.cells import grade_id_of


class InProcess:
    """Executes nothing but the solution cells, here, and each but once for the same questions."""

    def __init__(self, week: str) -> None:
        self.week, self.remembered = week, dict[Any, Observed]()

    def __call__(self, notebook: str, calls: Any, limits: Limits) -> Executed:
        code = {grade_id_of(cell): cell.source for cell in nbformat.reads(notebook, 4).cells}
        seen = {task: self._seen(task, code[task], asked) for task, asked in calls.items()}
        return Executed(notebook, seen)

    def _seen(self, task: str, code: str, asked: Sequence[Any]) -> Observed:
        key = task, code, str(asked)
        if key not in self.remembered:
            questions = [Call.from_json(call) for call in asked]
            answer = Answer(self.week, "mistake", task, "", "", code)
            self.remembered[key] = Observed(observed(answer, questions))
        return self.remembered[key]

    def missing_protection(self) -> list[str]:
        """As an `Execute`: it needs none."""
        return []


def forget(course: Course, week: str, names: Sequence[str]) -> None:
    """Take known mistakes out of the notes."""
    path = course.root / "source" / week / "reference.py"
    path.write_text(
        path.read_text("utf-8") + "\nfrom dataclasses import replace\n"
        f"GONE = {list(names)!r}\n"
        "TASKS = [replace(t, mistakes=[m for m in t.mistakes if f'{t.name}: {m.name}' not in GONE],"
        " indistinguishable=()) for t in TASKS]\n"
    )


def paste(course: Course, week: str, task: str, lesson: Any, name: str, hint: str) -> None:
    """What a teacher does: the function above the tasks, the mistake among a task's."""
    path = course.root / "source" / week / "reference.py"
    words = iter([repr(name), repr(hint)])
    mistake = re.sub(r'"REPLACE[^"]*"', lambda _: next(words), lesson.mistake)
    path.write_text(
        f"{path.read_text('utf-8')}\n\n{lesson.definition}\n\n\nfrom dataclasses import replace\n"
        f"PASTED = [\n{mistake}\n]\nTASKS = [replace(t, mistakes=[*t.mistakes, *PASTED]) "
        f"if t.name == {task!r} else t for t in TASKS]\n"
    )


def attend(
    course: Course, week: str, count: int, shared: Sequence[Answer], seed: int = 1
) -> dict[str, set[str]]:
    """Put `count` submissions into the course; each of the `shared` codes is handed in by some.

    Returns
    -------
    dict of str to set of str
        Who typed each of them, by its title.
    """
    rng, solution = random.Random(seed), {}
    tasks = [task.name for task in course.week(week).tasks]
    corpus = [
        a
        for a in answers(week)
        # Not one that brings the function of another task along: then that task waits.
        if a.name != "unnamed" and not any(f"def {t}(" in a.code for t in tasks if t != a.task)
    ]
    gone = {(a.task, a.name) for a in shared}
    right = {task: [a for a in corpus if a.task == task and a.kind == "correct"] for task in tasks}
    wrong = {
        task: [a for a in corpus if a.task == task and a.kind == "mistake"
               and (task, a.name) not in gone]
        for task in tasks
    }  # fmt: skip
    who: dict[str, set[str]] = {str(answer): set() for answer in shared}
    for number in range(count):
        typed = {t: rng.choice(right[t] if rng.random() < 0.6 else wrong[t]) for t in tasks}
        if number % 3:  # two of three
            answer = shared[(2 * number // 3) % len(shared)]
            typed[answer.task] = answer
        student = f"student-{number:04}"
        for answer in typed.values():
            if str(answer) in who:
                who[str(answer)].add(student)
        cells = {task: answer.code for task, answer in typed.items()}
        folder = course.root / "submitted" / student / week
        folder.mkdir(parents=True)
        key = tuple(sorted(cells.items()))
        solution[key] = text = solution.get(key) or filled(course, week, cells)
        (folder / course.week(week).source.name).write_text(text)
    return who
