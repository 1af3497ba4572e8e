"""What a classic cell is worth: nbgrader's rule, without its known faults.

A classic cell is judged inside the kernel: its tests run beside the student's code, and its points
follow from what it put out. An error earns nothing, a number that its own last expression gives is
partial credit, anything else is full credit. So the verdict can be forged from within, which is
said wherever it is shown. Pure: knows outputs as data; runs nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.marking.judge import Status
from autograder.observation.formulas import parse

__all__ = ["INSIDE", "Inside", "judge_inside"]

Json = Mapping[str, Any]

#: How such a verdict is named, wherever its points appear.
INSIDE = "judged inside the kernel"
#: An error of the grader's own making says only its message.
_OURS = "Stopped"
_UNTOUCHED = "NotImplementedError"
#: A number as Python shows it, and as NumPy does.
_NUMBER = re.compile(r"(?:np\.\w+\()?([-+]?(?:[0-9.]+(?:e[-+]?[0-9]+)?|inf|nan))\)?")
_LONGEST = 300


@dataclass(frozen=True)
class Inside:
    """What became of a classic cell."""

    cell: str
    points: float
    status: Status
    score: float | None
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain data for the record."""
        return {**vars(self), "status": str(self.status), "judged": INSIDE}


def judge_inside(cell: str, points: float, test: str, outputs: Sequence[Json]) -> Inside:
    """The verdict on a classic cell that was run.

    Parameters
    ----------
    cell : str
        Its ``grade_id``.
    points : float
    test : str
        Its text as it ran: only a last expression can give partial credit.
    outputs : sequence of dict
        As nbformat has them. An error anywhere means that it did not run to its end; what stands
        on stderr, or is displayed on the way, means nothing.
    """
    errors = [output for output in outputs if output["output_type"] == "error"]
    if errors:
        # One of ours says why, and the interruption before it does not.
        error = next((e for e in errors if e["ename"] == _OURS), errors[0])
        status = Status.NOT_REACHED if error["ename"] == _UNTOUCHED else Status.FAILED
        return Inside(cell, points, status, 0.0, _said(error))
    results = [output for output in outputs if output["output_type"] == "execute_result"]
    shown = results[-1]["data"].get("text/plain") if results and _gives_a_value(test) else None
    number = _NUMBER.fullmatch(shown.strip()) if isinstance(shown, str) else None
    if number is None:
        return Inside(cell, points, Status.PASSED, points)
    score = _float(number[1])
    if score is None or not 0 <= score <= points:
        reason = (
            f"the cell's last expression gave {number[1][:30]}, which is no number of points from "
            f"0 to {points:g}; a person has to look"
        )
        return Inside(cell, points, Status.WAITS, None, reason)
    if score == points:
        return Inside(cell, points, Status.PASSED, points)
    return Inside(cell, points, Status.FAILED, score, "partial credit, given by the cell itself")


def _said(error: Json) -> str:
    """The error and its message; of the lines of a hidden test, nothing."""
    if error["ename"] == _OURS:
        return str(error["evalue"])[:_LONGEST]
    said = f"{error['ename']}: {error['evalue']}" if error["evalue"] else str(error["ename"])
    return said[:_LONGEST]


def _gives_a_value(test: str) -> bool:
    """Whether a cell ends in an expression whose value is shown."""
    if test.rstrip().endswith(";"):
        return False
    try:
        body = parse(test).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True  # perhaps a magic before it
    return bool(body) and isinstance(body[-1], ast.Expr)


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
