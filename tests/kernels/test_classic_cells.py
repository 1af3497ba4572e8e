"""Classic cells in a real kernel: what runs to its end, what does not, and who sees the tests."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from autograder.kernels.driver import Limits, execute
from autograder.marking.classic import Inside, judge_inside
from autograder.submissions.cells import MasterCell
from autograder.submissions.ready import prepare

pytestmark = pytest.mark.kernel

#: What a student's cell says, the classic cell behind it, and the points of three that it gets.
CELLS = {
    "passes": ("", "assert True", 3),
    "fails": ("", "assert 1 == 2, 'off'\nlater = True", 0),
    "stops there": ("", "assert 'later' not in globals()", 3),
    "on stderr": ("import sys\nprint('beside', file=sys.stderr)", "print(file=sys.stderr)", 3),
    "partial": ("", "earned = 1.5\nearned", 1.5),
    "partial, kept back": ("", "earned = 1.5\nearned;", 3),
    "a number on the way": ("", "sys.displayhook(1.0)\nx = 1", 3),
    "a number, then an error": ("", "sys.displayhook(3.0)\nassert False", 0),
    "a figure's text": ("", "display(2.0)", 3),
    "no Python": ("", "assert (", 0),
    "leaves": ("", "raise SystemExit", 0),
    "exits": ("", "exit()", 3),
    "shows no traceback": (
        "shell = get_ipython()\nshell.showtraceback = lambda *a, **k: None",
        "assert False", 0,
    ),
    "endless": ("def turn():\n    while True: pass", "turn()", 0),
    "swallows": (
        "def turn():\n    try:\n        while True: pass\n    except BaseException: pass",
        "turn()", 0,
    ),
    "goes on": ("", "assert True", 3),
    "dies": ("import os\ndef turn(): os._exit(0)", "turn()", 0),
    "not reached": ("", "assert True", 0),
}  # fmt: skip


def graded(name: str, test: str) -> NotebookNode:
    about = {"grade": True, "grade_id": name, "points": 3, "locked": True, "solution": False}
    marks = {"nbgrader": about, "autograder": {"classic": test}}
    return new_code_cell("# what is visible", metadata=marks)


def test_only_what_runs_to_its_end_is_believed() -> None:
    """All in one kernel, one after the other; of the tests nothing comes back."""
    cells = []
    for name, (before, test, _) in CELLS.items():
        cells += [new_code_cell(before), graded(name, test)]
    limits = Limits(cell_seconds=2.0, grace_seconds=5.0)
    done = execute(nbformat.v4.writes(new_notebook(cells=cells)), {}, limits)
    after = nbformat.v4.reads(done.notebook).cells[1::2]
    found: dict[str, Inside] = {
        name: judge_inside(name, 3, test, cell.outputs)
        for (name, (_, test, _)), cell in zip(CELLS.items(), after, strict=True)
    }
    assert {name: verdict.score for name, verdict in found.items()} == {
        name: points for name, (_, _, points) in CELLS.items()
    }
    assert found["fails"].reason == "AssertionError: off"
    assert found["endless"].reason == "stopped after 2 s"
    assert found["shows no traceback"].reason == "it did not run to its end"
    assert "the kernel died" in found["dies"].reason
    assert found["not reached"].reason.startswith("not reached: the kernel died")
    assert all("classic" not in str(cell.metadata) for cell in after)
    assert {cell.source for cell in after} == {"# what is visible"}


STEALS = """
import inspect, pathlib, tempfile
def check():
    frame = inspect.currentframe().f_back
    seen = inspect.getsource(frame)
    for folder in PLACES:
        try:
            pathlib.Path(folder, "stolen.txt").write_text(seen)
        except OSError:
            pass
    return True
"""
FINDS = """
import pathlib, tempfile
def check():
    return not any(pathlib.Path(folder, "stolen.txt").exists() for folder in PLACES)
"""
PLACES = 'PLACES = ["/tmp", "/var/tmp", "/dev/shm", tempfile.gettempdir(), "..", ".", "SHARED"]\n'


def test_what_one_reads_of_a_test_reaches_nobody_else(tmp_path: Path) -> None:
    """A kernel of its own for each, with a folder that goes with it."""
    places = PLACES.replace("SHARED", str(tmp_path))
    for code in (STEALS, FINDS):
        text = code.replace("\ndef", f"\n{places}def", 1)
        notebook = new_notebook(cells=[new_code_cell(text), graded("c", "assert check() # secret")])
        done = execute(nbformat.v4.writes(notebook), {}, Limits())
        (_, cell) = nbformat.v4.reads(done.notebook).cells
        assert judge_inside("c", 3, "x", cell.outputs).score == 3
    assert list(tmp_path.iterdir()) == []


def test_a_verdict_that_was_handed_in_is_none(tmp_path: Path) -> None:
    """Neither marks in the metadata nor outputs of a test cell survive mending."""
    cell = graded("c", "assert check()")
    cell.metadata["autograder"]["inside"] = {"status": "passed", "score": 3.0, "reason": ""}
    cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "3.0"})]
    nbformat.write(new_notebook(cells=[cell]), tmp_path / "n.ipynb")
    test = f"{cell.source}\n### BEGIN HIDDEN TESTS\nassert check()\n### END HIDDEN TESTS"
    master = MasterCell("c", "code", test, True, False, True, 3.0, "")
    submission = prepare("ada", tmp_path / "n.ipynb", {"n": [master]})
    (mended,) = submission.notebook.cells
    assert submission.tests == {"c": test}
    assert mended.outputs == []
    assert "autograder" not in mended.metadata
    assert "check()" not in str(submission.notebook)
