"""A call in two spellings: one to be read, with its function as a formula, and one to be pasted.

Knows calls; no verdicts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograder.marking.calls import Call
from autograder.marking.task import Task
from autograder.observation.arguments import decode, paste
from autograder.observation.functions import Function

__all__ = ["Question"]

#: What functions are called in a call that is to be read.
_LETTERS = "fghk"


@dataclass(frozen=True)
class Question:
    """A call as it is read, the functions that it names, and the call as it is typed.

    Before what is typed stands what the test cell defines for it.
    """

    read: str
    functions: tuple[tuple[str, Function], ...]
    typed: str

    @classmethod
    def of(cls, call: Call, task: Task) -> Question:
        """The two spellings of a call of the task's function."""
        functions: list[Function] = []

        def spelled(argument: Any, library: str) -> str:
            if not (isinstance(argument, dict) and "function" in argument):
                return paste(argument, library)
            function = decode(argument)
            if function not in functions:
                functions.append(function)
            return _LETTERS[functions.index(function) % len(_LETTERS)]

        read = task.source(call.alone, spelled)
        named = zip(_LETTERS, functions, strict=False)
        needed = f"{task.beforehand}\n\n" if task.beforehand else ""
        return cls(read, tuple(named), needed + task.source(call))

    @property
    def differ(self) -> bool:
        """Whether what is read is not what is typed."""
        return self.read != self.typed

    def formulas(self) -> list[str]:
        """What each function is, as text."""
        return [f"{name}({f.variable}) = {f.formula}{self.manner(f)}" for name, f in self.functions]

    @staticmethod
    def manner(function: Function) -> str:
        """What else there is to know about a function."""
        if function.refuses_tensors:
            return ", on floats and arrays, not on tensors"
        return ", on tensors alone" if function.only_tensors else ""
