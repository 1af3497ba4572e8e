"""Student code kept as text in ``tests/students/``: reading it, and running it without a kernel."""

from __future__ import annotations

import contextlib
import io
import logging
import re
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch

from autograder.grading.course import Course, Week
from autograder.marking.calls import Call
from autograder.observation.observe import observe_call

STUDENTS = Path(__file__).parent / "students"
COURSE = Course(STUDENTS.parent.parent)


@cache
def week_of(name: str) -> Week:
    """A week of the course; its notes are read once for all tests of a process."""
    return COURSE.week(name)


@cache
def drawn(week: str, task: str, seed: int) -> list[Call]:
    """The calls of a task, drawn once for all tests of a process."""
    return week_of(week).task(task).draw(seed)


@dataclass(frozen=True)
class Answer:
    """One section of a corpus: what a student typed into a solution cell."""

    week: str
    kind: str
    task: str
    name: str
    detail: str
    code: str

    def __str__(self) -> str:
        return " | ".join(part for part in (self.kind, self.task, self.name, self.detail) if part)


def answers(week: str) -> list[Answer]:
    """All sections of a week's corpus; empty code or an unknown kind is an error."""
    text = (STUDENTS / f"{week}.py").read_text("utf-8")
    found = []
    for section in re.split(r"^# %% ", text, flags=re.MULTILINE)[1:]:
        title, _, code = section.partition("\n")
        kind, task, name, *detail = [part.strip() for part in title.split("|")]
        assert kind in ("correct", "mistake"), title
        assert code.strip(), title
        found.append(Answer(week, kind, task, name, " ".join(detail), code))
    return found


@contextlib.contextmanager
def restored() -> Iterator[None]:
    """Put back what a student's code may set for the whole process."""
    dtype, old, grad = torch.get_default_dtype(), np.geterr(), torch.is_grad_enabled()
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            torch.set_default_dtype(dtype)
            torch.set_grad_enabled(grad)
            np.seterr(**old)
            if jax := sys.modules.get("jax"):
                jax.config.update("jax_enable_x64", False)
            plt.close("all")
            logging.disable(logging.NOTSET)


def namespace(uses_jax: bool) -> dict[str, Any]:
    """What the notebooks define before the first task."""

    def square(x: Any) -> Any:
        return x**2

    def poly(x: Any) -> Any:
        return x - 4 * x**2 + x**4 / 4

    def surface(v: Any) -> Any:
        sin = torch.sin if isinstance(v[1], torch.Tensor) else np.sin
        return v[0] ** 2 + sin(v[1])

    def valley(v: Any) -> Any:
        return 5 * v[0] ** 2 + 5 * v[1] ** 2 - 9 * v[0] * v[1]

    def parabola(x: Any, mean: Any, variance: Any) -> Any:
        return (x - mean) ** 2 / (2 * variance)

    names = {"np": np, "torch": torch, "plt": plt, "__name__": "__main__"}
    if uses_jax:
        import jax

        names |= {"jax": jax, "jnp": jax.numpy}
    given = (square, poly, surface, valley, parabola)
    return names | {function.__name__: function for function in given}


def observed(answer: Answer, calls: list[Call]) -> list[dict[str, Any]]:
    """What the grader would see of this answer on these calls."""
    with restored():
        names = namespace(uses_jax=answer.week == "week5_jax")
        exec(compile(answer.code, f"<{answer}>", "exec"), names)
        return [observe_call(names[answer.task], call.to_json()) for call in calls]
