"""Right work that was written on another machine: full marks, or the line that cost them.

One class is graded once, through real kernels; each test looks at one of its students.
"""

from __future__ import annotations

import re

import nbformat
import pytest
from conftest import another, filled, scores

from autograder.commands.grade import Summary, grade_week
from autograder.grading.course import Course

pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("surroundings")]

WEEK = "week2_descent"

#: What stands before the released text of the import cell (or of the named solution).
BEFORE = {
    "pip": ("", "!pip install torch\n%pip install numpy\nimport os\nos.system('clear')"),
    "pip in a solution": ("gradient_descent", "!pip install torch"),
    "colab": ("", "from google.colab import drive\ndrive.mount('/content/drive')"),
    "seaborn": ("", "import seaborn as sns\nsns.set_theme()"),
    "seaborn in a solution": ("descent_update", "import seaborn as sns\nsns.set_theme()"),
    "qt": ("", "%matplotlib qt"),
    "an extension": ("", "%load_ext no_such_extension"),
    "exit": ("", "exit()"),
    "quit and a shutdown": ("", "quit()\nget_ipython().kernel.do_shutdown(False)"),
    "sys.exit": ("", "import sys\nsys.exit()"),
    "compiled": ("gradient_descent", "@torch.compile"),
    "timed": ("", "%%time\nimport seaborn"),
    "shadows": ("", "list, sum, print = [1], 0, None"),
    "a graphics card": ("", "import torch\nx = torch.zeros(1, device='cuda')"),
}
#: What the student's function is, and what the summary says of it.
LOST = {
    "cuda in a function": (
        "def gradient_descent(f, x0, lr, n_steps):\n    return torch.zeros(n_steps, device='cuda')",
        # CUDA's torch: "Found no NVIDIA driver"; the CPU build: "Torch not compiled with CUDA".
        r"gradient_descent: asks for what this machine lacks: \w+Error: (Torch not|Found no)",
    ),
    "seaborn in a function": (
        "def gradient_descent(f, x0, lr, n_steps):\n    import seaborn",
        r"gradient_descent: asks for what this machine lacks: ModuleNotFoundError: No module",
    ),
}


@pytest.fixture(scope="module")
def graded(released: Course, tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Summary]:
    """The class, graded in one run."""
    course = another(released, tmp_path_factory.mktemp("surroundings"))

    def submit(student: str, text: str) -> None:
        folder = course.root / "submitted" / student / WEEK
        folder.mkdir(parents=True)
        (folder / "descent.ipynb").write_text(text)

    perfect = filled(course, WEEK, {})
    for student, (where, code) in BEFORE.items():
        submit(student, with_code(perfect, where, code))
    for student, (code, _) in LOST.items():
        submit(student, filled(course, WEEK, {"gradient_descent": code}))
    module = "from helpers import downhill\nassert downhill(1.0) == -1.0"
    submit("a module", with_code(perfect, "gradient_descent", module))
    beside = course.root / "submitted" / "a module" / WEEK / "helpers.py"
    beside.write_text("def downhill(slope):\n    return -slope\n")
    needed = "from no_such_package import start\nstart = start()"
    uses = "def descent_update(f, x, lr):\n    return start"
    submit("needs it", with_code(filled(course, WEEK, {"descent_update": uses}), "", needed))
    return course, grade_week(course.root, WEEK, jobs=2)


def with_code(text: str, where: str, code: str) -> str:
    """The notebook with code before the first code cell, or the solution of that name."""
    notebook = nbformat.reads(text, as_version=4)
    cell = next(
        cell
        for cell in notebook.cells
        if cell.cell_type == "code"
        and (not where or cell.metadata.get("nbgrader", {}).get("grade_id") == where)
    )
    cell.source = f"{code}\n{cell.source}"
    return str(nbformat.writes(notebook))


@pytest.mark.parametrize("student", [*BEFORE, "a module"])
def test_another_environment_costs_nothing(graded: tuple[Course, Summary], student: str) -> None:
    """Full marks, and nobody need look."""
    course, summary = graded
    found = scores(course, WEEK)[student]
    found.pop("written")
    assert sum(points or 0.0 for points in found.values()) == 20
    (row,) = (row for row in summary.rows if row.student == student)
    assert row.attention == []


@pytest.mark.parametrize("student", LOST)
def test_what_a_function_lacks_is_named(graded: tuple[Course, Summary], student: str) -> None:
    """In the summary, not only in the feedback."""
    _, summary = graded
    (row,) = (row for row in summary.rows if row.student == student)
    assert re.search(LOST[student][1], "; ".join(row.attention))


def test_a_line_that_cost_points_is_named(graded: tuple[Course, Summary]) -> None:
    _, summary = graded
    (row,) = (row for row in summary.rows if row.student == "needs it")
    said = "; ".join(row.attention)
    assert "the line `from no_such_package import start` failed: ModuleNotFoundError" in said
