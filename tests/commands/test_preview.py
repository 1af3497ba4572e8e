"""In the instructor's own Jupyter, `observe` shows what a student would get."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from conftest import ROOT

from autograder import observe
from autograder.errors import CourseError

WEEK = ROOT / "examples" / "weeks" / "week8_mlp"


def MLP(parameters: Any, X: Any) -> Any:
    W1, b1, W2, b2 = parameters
    return np.tanh(X @ W1 + b1) @ W2 + b2


@pytest.fixture(autouse=True)
def in_the_week(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(WEEK)


def test_a_function_is_shown_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    """And judged as a submission would be."""
    observe(MLP)
    assert "MLP: 3 of 3 points" in capsys.readouterr().out


def test_what_stands_for_a_task_is_shown_by_the_name_given(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An adapter has none of its own."""
    observe(lambda parameters, X: MLP(parameters, X) + 1, task="MLP")
    assert "MLP: 0 of 3 points" in capsys.readouterr().out


def test_an_adapter_without_a_task_is_told_the_tasks() -> None:
    """A lambda's name is nobody's."""
    with pytest.raises(CourseError, match="its tasks are forward, gradients, MLP, train"):
        observe(lambda parameters, X: 0)
