"""Submissions that arrive broken: graded as far as they go, and never anybody else's problem.

One class is graded once, through real kernels; each test looks at one of its students.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import another, filled, scores

from autograder.commands.grade import grade_week
from autograder.commands.summary import Row, Summary
from autograder.grading.course import Course
from autograder.kernels.driver import Limits
from autograder.plugins.converters import convert

# Together, as its fixture takes a while.
pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("broken")]

WEEK = "week2_descent"
FULL = {
    "test_descent_update": 3.0,
    "test_gradient_descent": 9.0,
    "test_classify_learning_rate": 4.0,
    "test_basin": 4.0,
}
LIMITS = Limits(
    cell_seconds=6.0, call_seconds=2.5, answer_seconds=2.5, total_seconds=90.0, grace_seconds=7.0
)

# What arrives: a function of the full-mark notebook (JSON text), giving the file's bytes.
Break = Callable[[str], bytes]


def edited(change: Callable[[Any], None]) -> Break:
    def apply(text: str) -> bytes:
        data = json.loads(text)
        change(data)
        return json.dumps(data).encode()

    return apply


def cell(data: Any, grade_id: str) -> Any:
    for candidate in data["cells"]:
        if candidate["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
            return candidate
    raise AssertionError(grade_id)


def with_code(grade_id: str, code: str) -> Break:
    return edited(lambda data: cell(data, grade_id).update(source=code))


def with_first_cell(code: str) -> Break:
    new = {"cell_type": "code", "id": "new", "metadata": {}, "source": code}
    new |= {"outputs": [], "execution_count": None}
    return edited(lambda data: data["cells"].insert(0, new))


def as_version_3(text: str) -> bytes:
    notebook = nbformat.reads(text, as_version=4)
    return str(nbformat.writes(nbformat.convert(notebook, 3))).encode()


def metadata(**changes: Any) -> Break:
    return edited(lambda data: data.update(metadata=changes))


def duplicate(grade_id: str) -> Break:
    def change(data: Any) -> None:
        original = cell(data, grade_id)
        copy = json.loads(json.dumps(original)) | {"id": "copy"}
        data["cells"].insert(data["cells"].index(original), copy)

    return edited(change)


def same_ids(data: Any) -> None:
    for each in data["cells"]:
        each["id"] = "same"


def retyped(data: Any) -> None:
    code = cell(data, "descent_update")
    code["cell_type"] = "markdown"
    del code["outputs"], code["execution_count"]


def huge_output(data: Any) -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": "x" * 50_000_000}
    cell(data, "descent_update")["outputs"] = [stream]


SOLVED = "def descent_update(x, gradient, lr):\n    return x - lr * gradient\n"
ENDLESS = "def gradient_descent(f, x0, lr, n_steps):\n    while True:\n        pass\n"
STUBBORN = """
def gradient_descent(f, x0, lr, n_steps):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
"""

#: student: what arrives, points lost by task, words in the summary.
CASES: dict[str, tuple[Break, dict[str, float], str]] = {
    "intact": (lambda text: text.encode(), {}, ""),
    "not JSON": (lambda text: text[:40].encode(), FULL, "not JSON"),
    "an empty file": (lambda text: b"", FULL, "empty"),
    "JSON, but a list": (lambda text: b"[1, 2]", FULL, "not a notebook"),
    "nbformat 3": (as_version_3, {}, ""),
    "no cells": (edited(lambda data: data.update(cells=[])), FULL, "is missing"),
    "cells that are no cells": (edited(lambda d: d.update(cells=[1, None, "x"])), FULL, "missing"),
    "no kernelspec": (metadata(), {}, ""),
    "a kernelspec for R": (
        metadata(kernelspec={"name": "ir", "language": "R", "display_name": "R"}), {}, "",
    ),
    "a test cell twice": (duplicate("test_gradient_descent"), {}, "more than once"),
    "a solution cell twice": (duplicate("gradient_descent"), {}, "more than once"),
    "equal cell ids": (edited(same_ids), {}, ""),
    "markdown where code was": (edited(retyped), {}, "markdown"),
    "a 50 MB output": (edited(huge_output), {}, ""),
    "a syntax error": (
        with_code("basin", "def basin(x0)\n    return"), {"test_basin": 4.0}, "",
    ),
    "raise in the first cell": (with_first_cell("raise RuntimeError('no')"), {}, ""),
    "input()": (with_first_cell("name = input('your name? ')"), {}, ""),
    "shell magics": (with_first_cell("%%bash\necho hello\nexit 3"), {}, ""),
    "pip install": (with_first_cell("!pip --version\n%pip --version"), {}, ""),
    "plots in a loop": (
        with_first_cell(
            "import matplotlib.pyplot as plt\n"
            "for k in range(12):\n    plt.plot([k])\n    plt.show()"
        ), {}, "",
    ),
    "bytes that are not UTF-8": (
        lambda t: t.replace("Walking downhill", "Stra\udcdfe").encode(errors="surrogateescape"),
        {}, "",
    ),
    "dies in the third task": (
        with_code("classify_learning_rate", "import os\nos._exit(1)"),
        {"test_classify_learning_rate": 4.0, "test_basin": 4.0}, "the kernel died",
    ),
    "SystemExit": (with_first_cell("raise SystemExit(0)"), {}, ""),
    "an endless cell": (with_first_cell("while True:\n    pass"), {}, ""),
    "an endless function": (
        with_code("gradient_descent", ENDLESS),
        {"test_gradient_descent": 9.0, "test_basin": 4.0},  # which calls it
        "",
    ),
    "an endless answer": (
        with_code("basin", "while True:\n    pass"), {"test_basin": 4.0}, "basin",
    ),
    "an endless flood": (
        with_first_cell("while True:\n    print('x' * 10_000)"), {}, "",
    ),
    "swallows every interrupt": (
        with_code("gradient_descent", STUBBORN),
        {name: FULL[name] for name in FULL if name != "test_descent_update"},
        "could not be interrupted",
    ),
    "closes every file descriptor": (
        with_code("basin", "import os\nos.closerange(0, 1000)"), {"test_basin": 4.0}, "",
    ),
    # Names that upset shells, spreadsheets, pages and glob patterns.
    "Müller, Zoë \"O'Quote\"": (with_code("descent_update", SOLVED), {}, ""),
    "=1+1": (with_code("descent_update", SOLVED), {}, ""),
    "-dash": (with_code("descent_update", SOLVED), {}, ""),
    "学生 ñ": (with_code("descent_update", SOLVED), {}, ""),
}  # fmt: skip


@pytest.fixture(scope="module")
def graded(released: Course, tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Summary]:
    """The class, graded in one run, with its gradebook."""
    course = another(released, tmp_path_factory.mktemp("broken"))
    perfect = filled(course, WEEK, {})
    submitted = course.root / "submitted"
    for student, (arrives, _, _) in CASES.items():
        folder = submitted / student / WEEK
        folder.mkdir(parents=True)
        (folder / "descent.ipynb").write_bytes(arrives(perfect))
    for student in ("renamed", "two notebooks", "nothing at all", "a link outside", "bad date"):
        (submitted / student / WEEK).mkdir(parents=True)
    (submitted / "renamed" / WEEK / "my work (1).ipynb").write_text(perfect)
    (submitted / "two notebooks" / WEEK / "descent.ipynb").write_text(perfect)
    (submitted / "two notebooks" / WEEK / "descent-Copy1.ipynb").write_text("{}")
    outside = course.root / "outside.ipynb"
    outside.write_text(perfect)
    os.symlink(outside, submitted / "a link outside" / WEEK / "descent.ipynb")
    (submitted / "bad date" / WEEK / "descent.ipynb").write_text(perfect)
    (submitted / "bad date" / WEEK / "timestamp.txt").write_text("yesterday-ish")
    summary = grade_week(course.root, WEEK, jobs=2, limits=LIMITS)
    return course, summary


def row(summary: Summary, student: str) -> Row:
    return next(row for row in summary.rows if row.student == student)


@pytest.mark.parametrize("student", CASES)
def test_graded_as_far_as_it_goes(graded: tuple[Course, Summary], student: str) -> None:
    """The explicit scores in the gradebook, and the reason in the summary."""
    course, summary = graded
    _, lost, words = CASES[student]
    expected = {name: points - lost.get(name, 0.0) for name, points in FULL.items()}
    found = scores(course, WEEK)[student]
    written = found.pop("written")
    assert found == expected
    # An answer that is not there is an explicit 0; one that is waits for a person.
    assert written == (0.0 if lost == FULL else None)
    assert words in "; ".join(row(summary, student).attention)
    assert not row(summary, student).ungraded


@pytest.mark.parametrize(
    ("student", "points", "words"),
    [
        ("renamed", 20, "it should be descent.ipynb"),
        ("two notebooks", 20, "descent-Copy1.ipynb"),
        ("nothing at all", 0, "there is no notebook descent.ipynb"),
        ("a link outside", 0, "outside the submission"),
        ("bad date", 20, "timestamp.txt says 'yesterday-ish'"),
    ],
)
def test_odd_folders(
    graded: tuple[Course, Summary], student: str, points: float, words: str
) -> None:
    """A notebook that can be found is graded; one that can't is an explicit 0 with a reason."""
    course, summary = graded
    found = scores(course, WEEK)[student]
    assert sum(found[name] or 0.0 for name in FULL) == points
    assert all(found[name] is not None for name in FULL)
    assert words in "; ".join(row(summary, student).attention)


def test_nobody_is_left_out(graded: tuple[Course, Summary]) -> None:
    """Everybody who submitted is in the summary and in the gradebook, once."""
    course, summary = graded
    everybody = {folder.name for folder in (course.root / "submitted").iterdir()}
    assert sorted(row.student for row in summary.rows) == sorted(everybody)
    assert set(scores(course, WEEK)) == everybody
    text = summary.text()
    assert "Worth a look" in text
    assert "NOT GRADED" not in text


def test_feedback_for_the_whole_class(graded: tuple[Course, Summary]) -> None:
    """nbgrader's own command makes a page for each, and none of them shows what is hidden."""
    course, _ = graded
    convert(course, WEEK, "generate_feedback")
    pages = list((course.root / "feedback").glob(f"*/{WEEK}/*.html"))
    assert len(pages) == len(list((course.root / "submitted").iterdir()))
    reference = (course.root / "source" / WEEK / "reference.py").read_text()
    secret = next(
        line for line in reference.splitlines() if "path[-1] - lr * slope(" in line
    ).strip()
    for page in pages:
        text = page.read_text("utf-8")
        for hidden in ("HIDDEN TESTS", "from autograder", "MARK SCHEME", "Mark scheme", secret):
            assert hidden not in text, page


def test_export_keeps_names_apart(graded: tuple[Course, Summary], tmp_path: Path) -> None:
    """The CSV has one row a student and column, whatever the names; none is a formula."""
    import csv

    from nbgrader.api import Gradebook

    from autograder.lms.exports import CsvExport

    course, _ = graded
    plugin = CsvExport()
    plugin.to = str(tmp_path / "grades.csv")
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        plugin.export(gradebook)
    with open(plugin.to, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = {name["student_id"].removeprefix("'") for name in rows}
    assert names == {folder.name for folder in (course.root / "submitted").iterdir()}
    assert not [name for name in rows if name["student_id"][:1] in "=+-@"]


def test_plain_nbgrader_gives_the_same(
    graded: tuple[Course, Summary], released: Course, tmp_path: Path
) -> None:
    """`nbgrader autograde` alone: same scores and the same graded notebooks, to the byte.

    With AUTOGRADER_ALL_KINDS in the environment of everybody.
    """
    course, _ = graded
    chosen = ["intact", "not JSON", "a test cell twice", "a syntax error", "nbformat 3", "=1+1"]
    chosen.append("dies in the third task")
    if "AUTOGRADER_ALL_KINDS" in os.environ:
        chosen = sorted(path.name for path in (course.root / "submitted").iterdir())
    other = another(released, tmp_path)
    for student in chosen:
        work = course.root / "submitted" / student
        shutil.copytree(work, other.root / "submitted" / student, symlinks=True)
    convert(other, WEEK, "autograde")
    ours, plain = scores(course, WEEK), scores(other, WEEK)
    assert plain == {student: ours[student] for student in chosen}
    for student in chosen:
        path = f"autograded/{student}/{WEEK}/descent.ipynb"
        one, two = (
            nbformat.reads((c.root / path).read_text(), as_version=4) for c in (course, other)
        )
        assert [cell.source for cell in one.cells] == [cell.source for cell in two.cells]
        assert verdicts(one) == verdicts(two), student


def verdicts(notebook: Any) -> list[Any]:
    """The outputs of the test cells, as students see them."""
    return [
        cell.outputs
        for cell in notebook.cells
        if str(cell.metadata.get("nbgrader", {}).get("grade_id", "")).startswith("test_")
    ]


@pytest.mark.parametrize(
    ("student", "seconds"),
    [("an endless cell", 6), ("an endless answer", 2.5), ("an endless function", 2.5)],
)
def test_an_answer_has_as_long_as_a_call_and_another_cell_longer(
    graded: tuple[Course, Summary], student: str, seconds: float
) -> None:
    """Also the visible checks of a function whose calls have run out of time before."""
    course, _ = graded
    text = (course.root / "autograded" / student / WEEK / "descent.ipynb").read_text()
    assert f"stopped after {seconds:g} s" in text
