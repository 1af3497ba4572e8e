"""Figures: what need not be run, and what was handed in is kept."""

from __future__ import annotations

import base64
import json
import shutil
import sys
import time
from typing import Any

import nbformat
import pytest
from conftest import ROOT, filled
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from autograder.errors import Overrun
from autograder.grading import stages
from autograder.grading.course import Course
from autograder.grading.notebooks import is_idle
from autograder.kernels.driver import Limits
from autograder.marking.judge import Verdict
from autograder.plugins.gradebook import GradebookWriter
from autograder.submissions.figures import handed_in, is_drawing, is_undrawn, only_drawing
from autograder.submissions.reading import MAX_FIGURES, parse
from autograder.submissions.ready import prepare

# Together, as its fixture takes a while.
pytestmark = pytest.mark.xdist_group("figures")

WEEK = "week2_descent"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n and so on").decode()
DRAWING = "x = 3\nplt.plot(x)\nplt.show()"


def idle(*sources: str) -> bool:
    """Whether DRAWING, the first cell, need not be run before cells with these sources."""
    cells = [new_code_cell(DRAWING), new_markdown_cell("x"), *map(new_code_cell, sources)]
    found = only_drawing(cells, {DRAWING})
    assert found <= {0}
    return bool(found)


@pytest.mark.parametrize(
    "source",
    [
        "y = 2",
        "x = 2\nprint(x)",
        "x = 2\nx += 1",
        "def f(x):\n    x -= 1\n    return x",
        "def f(x):\n    return x",
        "f = lambda x: x",
        "for x in [1]:\n    print(x)",
        "for x, y in {}.items():\n    y = x",
        "with open('a') as x:\n    x.read()",
        "import x\nx.y",
        "def x(): pass\nx()",
        "[x for x in range(3)]",
        "[[x for x in y] for y in [[1]]]",
        "{x: x for x, y in []}",
        "x = 1\nprint([x + y for y in range(3)])",
        "class A:\n    def x(self): return self.x",
        "a.x = b.x",
        "print('x')",
        "if 1 < 2:\n    x = 1\n    print(x)",
        "def f():\n    x = 1\n    def g():\n        return x\n    return g",
    ],
)
def test_a_drawing_is_left_out_where_its_names_are_not_used(source: str) -> None:
    assert idle(source)


@pytest.mark.parametrize(
    "source",
    [
        "print(x)",
        "x = x + 1",
        "x += 1",
        "def f():\n    return x",
        "f = lambda: x",
        "def f(a=x): pass",
        "for x in x: pass",
        "for a in []:\n    x = 1\nprint(x)",
        "if a:\n    x = 1\nprint(x)",
        "while a:\n    x = 1\nprint(x)",
        "try:\n    x = 1\nexcept E:\n    pass\nprint(x)",
        "with x as x: pass",
        "[x for a in b]",
        "x = 1\ndef f():\n    return x",  # which may be called after another cell has set x
        "class A:\n    x = x",
        "del x",
        "def f():\n    global x\n    x += 1",
        "f'{x}'",
        "globals()['x']",
        "eval('x')",
        "%matplotlib inline",
        "get_ipython().user_ns['x']",
        "this is no python",
        "\0",
    ],
)
def test_a_drawing_is_run_where_a_name_of_its_own_may_be_used(source: str) -> None:
    assert not idle(source)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python parses them at once")
def test_what_takes_python_too_long_to_parse_is_not_begun() -> None:
    """An f-string of many fields; as many braces of another kind are nothing."""
    started = time.process_time()
    with pytest.raises(Overrun, match="fields"):
        idle("f'" + "{x}" * 140_000 + "'")
    assert time.process_time() - started < 1
    assert idle("d = '" + "{" * 140_000 + "'")


def test_one_drawing_needs_another() -> None:
    """Both are left out, or both are run."""
    first, second = "x = 3\nplt.show()", "y = x\nplt.show()"
    cells = [new_code_cell(first), new_code_cell(second)]
    assert only_drawing(cells, {first, second}) == {0, 1}
    assert only_drawing([*cells, new_code_cell("print(y)")], {first, second}) == set()


def test_what_a_student_changed_is_run() -> None:
    assert only_drawing([new_code_cell(DRAWING + "\nz = 1")], {DRAWING}) == set()


@pytest.mark.parametrize("name", Course(ROOT).week_names)
def test_no_drawing_of_the_weeks_is_run(name: str) -> None:
    """As released and as solved; there are some, and nor is what they alone use."""
    week = Course(ROOT).week(name)
    for step in ("release", "solutions"):
        cells = nbformat.read(ROOT / step / name / week.source.name, as_version=4).cells
        drawings = {position for position, cell in enumerate(cells) if is_drawing(cell)}
        assert len(drawings) >= 3
        behind = {k for k, cell in enumerate(cells) if "def playground(" in cell.source}
        assert only_drawing(cells, week.idle, week.task_names) == drawings | behind


FREE: dict[str, Any] = {}
SOLUTION = {"nbgrader": {"solution": True, "grade": False}}


@pytest.mark.parametrize(
    ("source", "metadata", "idle"),
    [
        (
            "from math import pi\nimport os.path\n\ndef f(x, y=3, *, z='z'):\n    return x",
            FREE,
            True,
        ),
        ("def f():\n    pass", SOLUTION, False),
        ("import numpy as np", FREE, False),
        ("from .settings import *", FREE, False),
        ("import math, helpers", FREE, False),
        ("@register\ndef f():\n    pass", FREE, False),
        ("def f(x=open('log', 'w')):\n    pass", FREE, False),
        ("def f(*, x=print('now')):\n    pass", FREE, False),
        ("class A:\n    print('now')", FREE, False),
        ("f = 3", FREE, False),
        ("", FREE, False),
        ("%matplotlib inline", FREE, False),
    ],
)
def test_a_cell_that_only_defines_functions_need_not_be_run(
    source: str, metadata: dict[str, Any], idle: bool
) -> None:
    assert is_idle(new_code_cell(source, metadata=metadata)) is idle


def test_what_is_asked_for_is_run() -> None:
    """By the hidden part of a test cell, which stands in no cell, or by the name of a task."""
    helper = "def is_sorted(x):\n    return x == sorted(x)"
    cells = [new_code_cell(helper), new_code_cell("def order(x):\n    return x")]
    assert only_drawing(cells, {helper}) == {0}
    hidden = "observe(lambda x: is_sorted(order(x)), task='order')"
    assert only_drawing(cells, {helper}, [hidden]) == set()
    assert only_drawing(cells, {helper}, ["order"]) == {0}
    assert only_drawing(cells, {helper}, ["is_sorted"]) == set()


def test_of_outputs_only_pictures_are_kept() -> None:
    lines = [PNG[:8] + "\n", PNG[8:] + "\n"]
    kept = [
        {"data": {"image/png": PNG, "text/html": "<script>"}, "metadata": {"evil": 1}},
        {"data": {"image/png": lines}},
    ]
    dropped: list[Any] = [
        {"data": {"image/png": base64.b64encode(b"GIF89a").decode()}},
        {"data": {"image/png": PNG + '"><script>'}},
        {"data": {"image/png": 5}},
        {"data": {"image/png": "\ud800"}},
        {"data": {"text/html": "<script>"}},
        {"data": []}, {"output_type": "stream", "text": "hello"}, None, "x",
    ]  # fmt: skip
    found = list(handed_in([*kept, *dropped]))
    assert [output["data"]["image/png"] for output in found] == [PNG, "".join(lines)]
    assert all(set(output["data"]) == {"image/png", "text/plain"} for output in found)
    assert all(output["metadata"] == {} for output in found)
    assert list(handed_in("nonsense")) == list(handed_in(None)) == []


def test_too_many_pictures_are_dropped() -> None:
    """The rest of the notebook is kept."""
    big = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(MAX_FIGURES // 2)).decode()
    outputs = [new_output("display_data", {"image/png": big})]
    cells = [{**new_code_cell("1"), "outputs": outputs} for _ in range(3)]
    found = parse(json.dumps(nbformat.v4.new_notebook(cells=cells)).encode())
    notebook, problem = found.notebook, found.problem
    assert problem == ""
    assert [len(cell.outputs) for cell in notebook.cells] == [1, 0, 0]


@pytest.fixture(scope="module")
def graded(released: Course, tmp_path_factory: pytest.TempPathFactory) -> dict[bool, stages.Graded]:
    """A submission with two figures handed in, graded without and with drawing."""
    root = tmp_path_factory.mktemp("figures") / "course"
    shutil.copytree(released.root, root)
    course = Course(root)
    week = course.week(WEEK)
    own = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"
    text = filled(course, WEEK, {"basin": f"def basin(x0):\n    return 'left'\n{own}"})
    notebook = nbformat.reads(text, as_version=4)
    first, second = [cell for cell in notebook.cells if is_drawing(cell)][:2]
    mine = next(cell for cell in notebook.cells if cell.source.endswith(own))
    for cell in (first, mine):
        cell.outputs = [new_output("display_data", {"image/png": PNG})]
    second.outputs = [new_output("display_data", {"text/plain": "no picture"})]
    path = course.root / "submitted" / "figures" / WEEK / "descent.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    with GradebookWriter(course, week) as writer:
        submission = prepare("figures", path, writer.masters)
    return {
        figures: stages.grade(submission, week, 7, Limits(figures=figures))
        for figures in (False, True)
    }


@pytest.mark.kernel
def test_figures_handed_in_are_kept(graded: dict[bool, stages.Graded]) -> None:
    """In cells that were left out, and where a student's own cell shows one."""
    cells = graded[False].notebook.cells
    first, second = [cell for cell in cells if is_drawing(cell)][:2]
    mine = next(cell for cell in cells if cell.source.endswith("plt.plot([1, 2]);"))
    for cell in (first, mine):
        assert [output.data["image/png"] for output in cell.outputs] == [PNG]
    (output,) = second.outputs
    assert output.data == {"text/plain": "(A figure; none was handed in with this cell.)"}
    nbformat.validate(graded[False].notebook)


@pytest.mark.kernel
def test_figures_are_drawn_if_wanted(graded: dict[bool, stages.Graded]) -> None:
    """All of them, from what the code does now; and the verdicts are the same."""
    cells = graded[True].notebook.cells
    drawn = [cell for cell in cells if is_drawing(cell)]
    assert len(drawn) == 8
    for cell in drawn:
        pictures = [o.data["image/png"] for o in cell.outputs if "image/png" in o.get("data", {})]
        assert pictures
        assert PNG not in pictures
    assert not [o for cell in cells for o in cell.get("outputs", []) if is_undrawn(o)]
    found = {
        figures: [_outcome(verdict) for verdict in graded[figures].verdicts] for figures in graded
    }
    assert found[True] == found[False]


def _outcome(verdict: Verdict) -> list[tuple[str, str, str]]:
    """All but the observations, which tell how long each call took."""
    return [(c.name, c.status.value, c.mistake) for c in verdict.criteria]
