"""nbgrader's own example, as `nbgrader quickstart course101` makes it, and a class for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import nbgrader
from nbformat import NotebookNode

from autograder.submissions.cells import grade_id_of

WEEK = "ps1"
CONFIG = """c = get_config()

# You only need this if you are running nbgrader on a shared
# server set up.
c.CourseDirectory.course_id = "course101"

c.IncludeHeaderFooter.header = "source/header.ipynb"

# Configuration file for nbgrader-generate-config.

c = get_config()  #noqa
"""
#: For the class: nothing here may take long.
QUICK = "c.Execute.timeout = 10\n"

SQUARES = """def squares(n):
    if n < 1:
        raise ValueError("n must be greater than or equal to 1")
    return [i ** 2 for i in range(1, n + 1)]
"""
SUM = "def sum_of_squares(n):\n    return sum(squares(n))\n"
LENIENT = "def squares(n):\n    return [i ** 2 for i in range(1, n + 1)]\n"
WRONG = "def squares(n):\n    return list(range(n))\n"
APPLICATION = "def pyramidal_number(n):\n    return sum_of_squares(n)\n"


def _before_the_body(code: str, line: str, imports: str = "") -> str:
    first, _, rest = code.partition("\n")
    return f"{imports}\n{first}\n    {line}\n{rest}"


#: What each student wrote into the solution cells of the first notebook.
CLASS: dict[str, dict[str, str]] = {
    "right": {"squares": SQUARES, "sum_of_squares": SUM},
    "partly": {"squares": LENIENT, "sum_of_squares": SUM},
    "wrong": {"squares": WRONG, "sum_of_squares": "def sum_of_squares(n):\n    return 385\n"},
    "untouched": {},
    "stderr": {
        "squares": _before_the_body(SQUARES, "print('n is', n, file=sys.stderr)", "import sys"),
        "sum_of_squares": SUM,
    },
    "warns": {
        "squares": _before_the_body(SQUARES, "warnings.warn(f'{n}')", "import warnings"),
        "sum_of_squares": SUM,
    },
    "displays": {"squares": _before_the_body(SQUARES, "display(0.25)"), "sum_of_squares": SUM},
    "forges": {
        "squares": _before_the_body(WRONG, "sys.displayhook(0.5)", "import sys"),
        "sum_of_squares": SUM,
    },
    "nan": {
        "squares": _before_the_body(SQUARES, "sys.displayhook(float('nan'))", "import sys"),
        "sum_of_squares": SUM,
    },
    "syntax": {"squares": SQUARES.replace("(n):", "(n)"), "sum_of_squares": SUM},
    "endless": {"squares": SQUARES + "import time\nwhile True: time.sleep(0.1)\n"},
    "dies": {"squares": SQUARES, "sum_of_squares": "import os\nos._exit(1)\n"},
}
#: Who hands in the second notebook too, in which a person marks everything.
BOTH = ("right", "untouched")
#: Not even a notebook.
BROKEN = "broken"


def quickstart(folder: Path, config: str = "") -> Path:
    """What `nbgrader quickstart` copies and writes; it takes many processes to do it."""
    example = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / "source"
    skip = shutil.ignore_patterns("*.html", "autotests.yml", "ps1_autotest")
    shutil.copytree(example, folder / "source", ignore=skip)
    (folder / "nbgrader_config.py").write_text(CONFIG + config)
    return folder


def hand_in(root: Path, edit: Callable[[str, NotebookNode], None] | None = None) -> None:
    """Put the class's work into ``submitted/``."""
    for path in sorted((root / "release" / WEEK).glob("*.ipynb")):
        for student, cells in CLASS.items():
            if path.stem != "problem1" and student not in BOTH:
                continue
            notebook: Any = nbformat.read(path, as_version=4)
            for cell in notebook.cells:
                cell.source = cells.get(grade_id_of(cell), cell.source)
                if grade_id_of(cell) == "sum_of_squares_application" and student != "untouched":
                    cell.source = APPLICATION
            if edit is not None:
                edit(student, notebook)
            _put(root, student, path.name, nbformat.writes(notebook))
        _put(root, BROKEN, path.name, '{"cells": [')


def _put(root: Path, student: str, name: str, text: str) -> None:
    folder = root / "submitted" / student / WEEK
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
