"""Attacks from a submission on the whole system: nothing earned, nothing harmed.

What a single kernel may do is in test_sandbox.py. Here whole submissions attack, through
`autograder grade` and through plain `nbgrader autograde`; and the same ones succeed in
kernels without protection, so that each of these tests can fail.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Submit, scores

from autograder.commands.grade import grade_week
from autograder.grading.course import Course
from autograder.kernels import driver, kernel
from autograder.kernels.driver import Limits
from autograder.plugins.converters import convert

pytestmark = pytest.mark.kernel

WEEK = "week2_descent"
NOTHING = "\ndef gradient_descent(f, x0, lr, n_steps):\n    return None\n"
RIGHT = """
def gradient_descent(f, x0, lr, n_steps):
    x, path = float(x0), [float(x0)]
    for _ in range(n_steps):
        t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        x = x - lr * torch.autograd.grad(f(t), t)[0].item()
        path.append(x)
    return path
"""

#: Each steals, from somewhere it must not read, the means to be right; ROOT is the course.
THEFTS = {
    "the instructor's notebook": """
import json, re
cells = json.load(open("ROOT/source/week2_descent/descent.ipynb"))["cells"]
texts = ["".join(cell["source"]) for cell in cells]
exec(next(text for text in texts if text.startswith("def gradient_descent(")), globals())
""",
    "the marking notes": """
import sys
sys.path.insert(0, "ROOT/source/week2_descent")
sys.path.insert(0, "PACKAGE")
from reference import descend
def gradient_descent(f, x0, lr, n_steps):
    def slope(x):
        t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        return torch.autograd.grad(f(t), t)[0].item()
    return descend(f, slope, float(x0), lr, n_steps)
""",
    "another submission": """
import json
cells = json.load(open("ROOT/submitted/neighbour/week2_descent/descent.ipynb"))["cells"]
texts = ["".join(cell["source"]) for cell in cells]
exec(next(text for text in texts if text.startswith("def gradient_descent(")), globals())
""",
    "the gradebook": """
import sqlite3
rows = sqlite3.connect("ROOT/gradebook.db").execute("select source from source_cell").fetchall()
if rows:
    exec(RIGHT_CODE, globals())
""",
    "a file of the grader's": """
exec(open("ROOT/stash.py").read(), globals())
""",
}

#: Each does harm, if it can, to the file ROOT/harmed or to the gradebook.
HARMS = {
    "writes into the course": "open('ROOT/harmed', 'w').write('x')\n",
    "writes later from a detached process": """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(1.0)
        open('ROOT/harmed', 'w').write('x')
    os._exit(0)
""",
    "writes through another program": "import os\nos.system('touch ROOT/harmed')\n",
    "spoils the gradebook": """
import sqlite3
with sqlite3.connect("ROOT/gradebook.db") as book:
    book.execute("update grade_cells set max_score = 1000")
open('ROOT/harmed', 'w').write('x')
""",
    "a shadow torch beside the notebook": "",
}


@pytest.fixture(params=["autograder grade", "nbgrader autograde"])
def grade(request: pytest.FixtureRequest) -> Callable[[Course], None]:
    """Both ways to grade."""

    def run(course: Course) -> None:
        if request.param == "autograder grade":
            grade_week(course.root, WEEK, jobs=2)
        else:
            convert(course, WEEK, "autograde")

    return run


@pytest.fixture
def unprotected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stock kernels, with the rights of whoever grades."""
    monkeypatch.setattr(kernel, "available", lambda: False)


def at(course: Course, code: str) -> str:
    package = str(Path(driver.__file__).parents[1])
    return (
        code.replace("ROOT", str(course.root))
        .replace("PACKAGE", package)
        .replace("RIGHT_CODE", repr(RIGHT))
    )


def submit_thieves(course: Course, submit: Submit) -> None:
    (course.root / "stash.py").write_text(RIGHT)
    submit("neighbour", WEEK)
    for student, code in THEFTS.items():
        # The theft runs in a cell of its own making; failing, it leaves a wrong answer.
        submit(student, WEEK, {"gradient_descent": NOTHING + at(course, code)})


def test_stealing_earns_nothing(
    course: Course, submit: Submit, grade: Callable[[Course], None]
) -> None:
    """What would make the thief right cannot be read; the neighbour is untouched."""
    submit_thieves(course, submit)
    grade(course)
    found = scores(course, WEEK)
    for student in THEFTS:
        assert found[student]["test_gradient_descent"] == 0, student
        assert found[student]["test_descent_update"] == 3, student
    assert found["neighbour"]["test_gradient_descent"] == 9


def test_stealing_works_where_nothing_is_protected(
    course: Course, submit: Submit, unprotected: None
) -> None:
    """The same submissions earn full marks in a stock kernel: the tests above can fail."""
    submit_thieves(course, submit)
    grade_week(course.root, WEEK, jobs=2, limits=Limits(unsafe=True))
    found = scores(course, WEEK)
    assert {student for student in THEFTS if found[student]["test_gradient_descent"] == 9} == set(
        THEFTS
    )


def submit_vandals(course: Course, submit: Submit) -> None:
    submit("neighbour", WEEK)
    for student, code in HARMS.items():
        path = submit(student, WEEK, {"gradient_descent": at(course, code) + NOTHING})
        if "shadow" in student:
            for name in ("torch.py", "numpy.py", "sitecustomize.py"):
                harm = f"open({str(course.root / 'harmed')!r}, 'w').write('x')\n"
                (path.parent / name).write_text(harm)


def test_no_harm_is_done(course: Course, submit: Submit, grade: Callable[[Course], None]) -> None:
    """Neither now nor later is anything of the course written to."""
    submit_vandals(course, submit)
    before = (course.root / "submitted" / "neighbour" / WEEK / "descent.ipynb").read_bytes()
    grade(course)
    time.sleep(1.5)
    assert not (course.root / "harmed").exists()
    found = scores(course, WEEK)
    assert found["neighbour"]["test_gradient_descent"] == 9
    assert all(found[student]["test_gradient_descent"] == 0 for student in HARMS)
    after = (course.root / "submitted" / "neighbour" / WEEK / "descent.ipynb").read_bytes()
    assert after == before


@pytest.mark.parametrize("student", [name for name in HARMS if "shadow" not in name])
def test_harm_is_done_where_nothing_is_protected(
    course: Course, submit: Submit, unprotected: None, student: str
) -> None:
    """Each of them writes, in a stock kernel."""
    submit(student, WEEK, {"gradient_descent": at(course, HARMS[student]) + NOTHING})
    grade_week(course.root, WEEK, limits=Limits(unsafe=True, cell_seconds=10))
    deadline = time.monotonic() + 5
    while not (course.root / "harmed").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (course.root / "harmed").exists()


def test_the_environment_does_not_tell_who_is_looking(course: Course, submit: Submit) -> None:
    """No variable of nbgrader's or of the grader's reaches a submission."""
    os.environ["A_SECRET_OF_THE_GRADER"] = "1"
    try:
        code = (
            "import os\nSEEN = sorted(os.environ)\n"
            "def gradient_descent(f, x0, lr, n_steps):\n    raise ValueError(' '.join(SEEN))\n"
        )
        submit("curious", WEEK, {"gradient_descent": code})
        convert(course, WEEK, "autograde")
    finally:
        del os.environ["A_SECRET_OF_THE_GRADER"]
    record = json.loads((course.root / "records" / WEEK / "curious.json").read_text())
    seen = record["graded"]["observations"]["gradient_descent"]["observations"][0]
    names = seen["error"]["message"].split()
    assert "HOME" in names
    assert not [n for n in names if "NBGRADER" in n or "SECRET" in n or "AUTOGRADER" in n]
