"""In a real kernel: the hidden part runs beside the student's code, and is not handed back."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.kernels import orders
from autograder.kernels.driver import Executed, execute
from autograder.marking.calls import Call

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(not orders.available(), reason="warm kernels need Linux"),
]

CALLS = (Call(2.0, 3.0), Call(1.0, None))

HIDDEN = """from autograder import observe
marker_7301 = "a name of the hidden part"
observe(lambda a, x: Line(a)(x), task="line")"""

LINE = "class Line:\n    def __init__(self, a): self.a = a\n    def __call__(self, x): return {}"


def executed(*cells: str, check: str = "pass", calls: tuple[Call, ...]) -> Executed:
    about = {"grade": True, "solution": False, "grade_id": "test_line", "points": 1}
    metadata: dict[str, Any] = {"nbgrader": about, "autograder": {"hidden": HIDDEN}}
    test = new_code_cell(check, metadata=metadata)
    notebook = new_notebook(cells=[*map(new_code_cell, cells), test, new_code_cell(check)])
    return execute(nbformat.writes(notebook), {"line": [call.to_json() for call in calls]})


def test_a_class_is_asked_and_nothing_of_the_hidden_part_is_left() -> None:
    """Neither in the executed notebook nor in the notebook's namespace."""
    check = "print([n for n in dir() if 'marker' in n or n == 'observe'], 'autograder' in dir())"
    done = executed(
        LINE.format("self.a * x"), check=check, calls=(Call(2.0, 3.0), Call(1.0, [1, 2]))
    )
    first, second = done.observed["line"].observations
    assert first["values"] == [6.0]
    assert second["error"]["type"] == "TypeError"
    assert "marker" not in done.notebook.replace("'marker' in n", "")
    assert "hidden" not in done.notebook
    outputs = [cell.outputs[0].text for cell in nbformat.reads(done.notebook, 4).cells[1:]]
    assert outputs == ["[] False\n"] * 2


SPY = """
import gc, linecache, sys

def everywhere():
    found = []
    for lines in linecache.cache.values():
        found += [str(lines)] if "marker_" + "7301" in str(lines) else []
    history = get_ipython().history_manager
    found += [text for text in (*history.input_hist_raw, *history.input_hist_parsed)]
    found += [str(v) for k, v in get_ipython().user_ns.items() if k in ("In", "_ih", "_i", "_i1")]
    return [text for text in found if "marker_" + "7301" in text]
"""


def test_the_hidden_text_is_in_no_history_and_no_cache_of_lines() -> None:
    """What IPython keeps of cells is not kept of this."""
    spying = LINE.format("float(len(everywhere()))")
    done = executed(SPY, spying, calls=(Call(2.0, 3.0),))
    (seen,) = done.observed["line"].observations
    assert seen["values"] == [0.0]


def test_what_the_student_did_not_write_is_the_reason() -> None:
    """The adapter is there, the class is not."""
    (seen,) = executed("pass", calls=(Call(2.0, 3.0),)).observed["line"].observations
    assert seen["error"]["type"] == "NameError"
    assert "Line" in seen["error"]["message"]


@pytest.mark.parametrize(
    ("solution", "said"),
    [
        (
            "raise NotImplementedError('Task 4')",
            {"type": "NotImplementedError", "message": "Task 4"},
        ),
        ("line = 1 / 0", None),
    ],
)
def test_a_variable_that_nobody_set(solution: str, said: Any) -> None:
    """Its stub is unsolved, not wrong; what failed in its place is the reason."""
    hidden = 'from autograder import observe\nobserve(lambda: line, task="line")'
    about = {"grade": True, "solution": False, "grade_id": "test_line", "points": 1}
    cells = [
        new_code_cell(solution, metadata={"nbgrader": {"solution": True, "grade_id": "line"}}),
        new_code_cell("pass", metadata={"nbgrader": about, "autograder": {"hidden": hidden}}),
    ]
    text = nbformat.writes(new_notebook(cells=cells))
    done = execute(text, {"line": [Call().to_json()]}).observed["line"]
    assert [seen["error"] for seen in done.observations] == ([said] if said else [])
    reason = "line is not defined: its cell stopped with ZeroDivisionError: division by zero"
    assert done.reason == ("" if said else reason)
