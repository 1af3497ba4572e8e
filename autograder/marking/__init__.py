"""What a week's marking notes are written in, and what judges by them.

A week's `reference.py` imports from here and from nowhere else. Notes become `Task`, a task draws
calls that are fair and telling, and `judge` turns what was observed into a verdict. It knows
observations; no kernels, no notebooks, no files. It hands on calls, and verdicts.
"""

from autograder.marking.calls import Call
from autograder.marking.criteria import Criterion, Mistake
from autograder.marking.slopes import curvature, derivative, gradient
from autograder.marking.task import Task
from autograder.observation.arguments import Generator
from autograder.observation.functions import Function

__all__ = [
    "Call",
    "Criterion",
    "Function",
    "Generator",
    "Mistake",
    "Task",
    "curvature",
    "derivative",
    "gradient",
]
