"""Points lost for something else than a wrong answer are said to be; and only those."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.grading.causes import causes, failed_lines
from autograder.kernels.driver import Observed
from autograder.marking.judge import CriterionVerdict, Status, Verdict
from autograder.observation.surroundings import is_surroundings


def verdict(status: Status) -> Verdict:
    return Verdict("slope", (CriterionVerdict("is right", 3.0, status),))


def seen(kind: str, message: str) -> dict[str, Observed]:
    return {"slope": Observed([{"error": {"type": kind, "message": message}}])}


@pytest.mark.parametrize(
    ("kind", "message", "lacks"),
    [
        ("AssertionError", "Torch not compiled with CUDA enabled", True),
        ("RuntimeError", "Found no NVIDIA driver on your system.", True),
        ("RuntimeError", "No CUDA GPUs are available", True),
        ("RuntimeError", "PyTorch is not linked with support for mps devices (MPS)", True),
        ("RuntimeError", "Unknown backend: 'gpu' requested", True),
        ("ModuleNotFoundError", "No module named 'seaborn'", True),
        ("FileNotFoundError", "[Errno 2] No such file or directory: 'data.csv'", True),
        ("PermissionError", "while it is graded, a notebook may not use the network", True),
        ("PermissionError", "[Errno 13] Permission denied", False),
        ("NameError", "name 'cuda' is not defined", False),
        ("ValueError", "shapes do not match", False),
        ("NotImplementedError", "", False),
    ],
)
def test_what_the_machine_lacks_is_told_from_a_mistake(
    kind: str, message: str, lacks: bool
) -> None:
    assert is_surroundings(kind, message) is lacks
    said = list(causes([verdict(Status.FAILED)], seen(kind, message), []))
    assert said == (
        [f"slope: asks for what this machine lacks: {kind}: {message}"] if lacks else []
    )


def test_nothing_is_said_where_nothing_was_lost() -> None:
    """A line that failed and cost nothing is nobody's business."""
    observed = seen("ModuleNotFoundError", "No module named 'seaborn'")
    assert list(causes([verdict(Status.PASSED)], observed, ["the line failed"])) == []


@pytest.mark.parametrize("status", [Status.FAILED, Status.NOT_REACHED])
def test_a_line_that_failed_is_said_where_points_were_lost(status: Status) -> None:
    assert list(causes([verdict(status)], {}, ["the line failed"])) == ["the line failed"]


def stumble(error: str, cell: int = 0) -> dict[str, Any]:
    return {"cell": cell, "line": "x", "error": error}


def test_a_released_line_that_meets_a_wrong_answer_is_no_cause() -> None:
    """Only the student's own lines are; and what the machine lacks."""
    sources, released = ["x = plot(walk)\n", "x = mine"], {"x = plot(walk)"}
    found = [stumble("ValueError: no"), stumble("ImportError: no"), stumble("ValueError: no", 1)]
    assert failed_lines(found, sources, released) == [
        "the line `x` failed: ImportError: no", "the line `x` failed: ValueError: no",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "observation", [None, {}, {"error": None}, {"error": "no"}, {"error": {"type": 3}}, 5, []]
)
def test_odd_observations_cause_nothing(observation: Any) -> None:
    """They come from the student's process."""
    assert list(causes([verdict(Status.FAILED)], {"slope": Observed([observation])}, [])) == []


def test_a_forged_message_is_told_as_far_as_an_honest_one() -> None:
    """What a kernel writes down may have millions of characters."""
    observed = seen("T" * 100_000, "CUDA " * 100_000)
    (said,) = causes([verdict(Status.FAILED)], observed, [])
    assert len(said) < 500
