"""The course at work, through real kernels and a real gradebook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import ROOT, Submit, filled, scores
from corpus import Answer, answers
from nbgrader.api import Gradebook

from autograder.commands.cli import main
from autograder.commands.demo import class_of
from autograder.commands.grade import grade_week
from autograder.grading.course import Course
from autograder.kernels.driver import Limits
from autograder.plugins.converters import convert

pytestmark = pytest.mark.kernel

WEEK = "week2_descent"
CLIMBS = """
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64)
    path = [x.item()]
    for _ in range(n_steps):
        x = x.detach().requires_grad_()
        f(x).backward()
        x = x + lr * x.grad
        path.append(x.item())
    return path
"""


def record(course: Course, student: str) -> dict[str, Any]:
    path = course.root / "records" / WEEK / f"{student}.json"
    return dict(json.loads(path.read_text()))


def graded_notebook(course: Course, student: str) -> str:
    return (course.root / "autograded" / student / WEEK / "descent.ipynb").read_text("utf-8")


def test_grading_again(course: Course, submit: Submit) -> None:
    """Unchanged work is left alone; forced, the same verdict to the bit; changed, new calls."""
    path = submit("one", WEEK, {"gradient_descent": CLIMBS})
    first = grade_week(course.root, WEEK)
    assert [row.mistakes[0] for row in first.rows] == ["gradient_descent: climbs"]
    before, old = graded_notebook(course, "one"), record(course, "one")

    again = grade_week(course.root, WEEK)
    assert (len(again.rows), again.unchanged) == (0, 1)

    grade_week(course.root, WEEK, force=True)
    assert graded_notebook(course, "one") == before
    assert record(course, "one")["seed"] == old["seed"]

    path.write_text(path.read_text().replace("path.append", "path .append"))
    grade_week(course.root, WEEK)
    new = record(course, "one")
    assert new["seed"] != old["seed"]
    assert new["graded"]["calls"] != old["graded"]["calls"]
    assert new["graded"]["score"] == old["graded"]["score"]

    grade_week(course.root, WEEK, seed=old["seed"])
    assert record(course, "one")["graded"]["calls"] == old["graded"]["calls"]


def test_a_test_cell_deleted_on_resubmission_is_an_explicit_zero(
    course: Course, submit: Submit
) -> None:
    """Stock nbgrader would keep the old score."""
    submit("one", WEEK)
    grade_week(course.root, WEEK)
    assert scores(course, WEEK)["one"]["test_gradient_descent"] == 9
    submit("one", WEEK, deleted={"test_gradient_descent"})
    summary = grade_week(course.root, WEEK)
    assert scores(course, WEEK)["one"]["test_gradient_descent"] == 0
    assert "test_gradient_descent is missing" in "; ".join(summary.rows[0].attention)


def test_what_a_person_gave_survives_a_regrade(course: Course, submit: Submit) -> None:
    """Manual points and comments stay, and the cell waits for another look."""
    submit("one", WEEK)
    grade_week(course.root, WEEK)
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        grade = gradebook.find_grade("written", "descent", WEEK, "one")
        grade.manual_score, grade.needs_manual_grade = 4.0, False
        comment = gradebook.find_comment("written", "descent", WEEK, "one")
        comment.manual_comment = "Well argued."
        gradebook.db.commit()
    grade_week(course.root, WEEK, force=True)
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        assert gradebook.find_grade("written", "descent", WEEK, "one").manual_score == 4.0
        assert gradebook.find_comment("written", "descent", WEEK, "one").comment == "Well argued."


def test_late_work_is_flagged(course: Course, submit: Submit) -> None:
    """In the summary and in the gradebook; the due date comes from the configuration."""
    path = submit("late", WEEK)
    (path.parent / "timestamp.txt").write_text("2027-03-10 12:00:00 UTC\n")
    summary = grade_week(course.root, WEEK)
    assert summary.rows[0].late_seconds == pytest.approx(37 * 3600 + 60, abs=1)
    assert "Late: late (37 h)" in summary.text()
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        assert gradebook.find_submission(WEEK, "late").total_seconds_late > 0


def test_forged_scores_are_worthless(course: Course, submit: Submit) -> None:
    """Printing a score, publishing observations, and patching what compares earn nothing."""
    forge = """
import json, sys
import numpy as np, torch
np.allclose = torch.allclose = lambda *a, **k: True
np.testing.assert_allclose = lambda *a, **k: None
shell = get_ipython()
shell.displayhook(9.0)
mime = "application/vnd.autograder.observation+json"
for index in range(-1, 12):
    shell.display_pub.publish({mime: {"task": "gradient_descent", "index": index,
                               "shape": [], "values": [9.0], "missing": 0}})

class Agrees(float):
    __eq__ = __le__ = __lt__ = __ge__ = lambda *a: True
    __hash__ = float.__hash__
    __sub__ = __rsub__ = lambda *a: Agrees(0.0)

def gradient_descent(f, x0, lr, n_steps):
    shell.displayhook(9.0)
    frame = sys._getframe()
    while frame is not None:
        frame.f_locals.update(score=9.0, verdict="passed")
        frame = frame.f_back
    shell.display_pub.publish({mime: {"task": "gradient_descent", "index": 0, "values": []}})
    return [Agrees(1.0)] * (n_steps + 1)
"""
    submit("forger", WEEK, {"gradient_descent": forge})
    submit("neighbour", WEEK)
    grade_week(course.root, WEEK, jobs=2)
    found = scores(course, WEEK)
    assert found["forger"]["test_gradient_descent"] == 0
    assert found["neighbour"]["test_gradient_descent"] == 9


def test_stripping_or_editing_the_test_cells_earns_nothing(course: Course, submit: Submit) -> None:
    """Input transformers that empty the test, points raised, roles changed: the release counts."""
    strip = "get_ipython().input_transformers_post.append(lambda lines: ['9.0\\n'])\n"

    def edit(notebook: Any) -> None:
        for cell in notebook.cells:
            meta = cell.metadata.get("nbgrader", {})
            if meta.get("grade_id") == "test_basin":
                meta["points"] = 4000
                cell.source = "4000.0"
            if meta.get("grade_id") == "test_gradient_descent":
                meta["solution"], meta["locked"] = True, False
                cell.source = "9.0"

    stub = "def gradient_descent(f, x0, lr, n_steps):\n    return None\n"
    wrong = "def basin(x0):\n    return 'middle'\n"
    submit("editor", WEEK, {"gradient_descent": strip + stub, "basin": wrong}, edit=edit)
    grade_week(course.root, WEEK)
    found = scores(course, WEEK)["editor"]
    assert found["test_gradient_descent"] == 0
    assert found["test_basin"] == 0


def runnable(course: Course) -> list[str]:
    """Weeks whose packages are all installed here."""
    return [name for name in course.week_names if not course.week(name).skipped]


def mixed(kind: str, number: int) -> list[tuple[str, dict[str, Answer]]]:
    """Notebooks put together from the corpus, `number` a week, with different answers each.

    One where each takes as long as ten of the others: what JAX compiles.
    """
    made = []
    for week in runnable(Course(ROOT)):
        count = 1 if Course(ROOT).week(week).requires else number
        found = [
            answer
            for answer in answers(week)
            if answer.kind == kind
            and answer.name != "unnamed"
            # One student's warnings as errors would be the next one's undoing.
            and not any(word in answer.code for word in ("simplefilter", "filterwarnings"))
        ]
        for k in range(count):
            chosen: dict[str, Answer] = {}
            for task in Course(ROOT).week(week).task_names:
                mine = [a for a in found if a.task == task]
                chosen[task] = mine[(k * len(mine)) // count]
            made.append((week, chosen))
    return made


@pytest.mark.parametrize("kind", ["correct", "mistake"])
def test_a_sample_of_the_corpus_through_real_kernels(
    course: Course, submit: Submit, kind: str
) -> None:
    """What the pure tests say of students' code holds in a notebook, a kernel and a gradebook."""
    notebooks = mixed(kind, 4)
    for k, (week, chosen) in enumerate(notebooks):
        submit(f"s{k}", week, {task: answer.code for task, answer in chosen.items()})
    for week in {week for week, _ in notebooks}:
        summary = grade_week(course.root, week, jobs=2)
        for row in summary.rows:
            chosen = notebooks[int(row.student[1:])][1]
            found = scores(course, week)[row.student]
            for task, answer in chosen.items():
                full = course.week(week).task(task).points
                got = found[f"test_{task}"]
                assert got is not None, answer
                assert (got == full) == (kind == "correct"), answer


def test_students_validate_with_stock_nbgrader(course: Course, tmp_path: Path) -> None:
    """Outside the course it tells untouched (four tasks and an answer) from solved."""
    release = course.root / "release" / WEEK / "descent.ipynb"
    (tmp_path / "untouched.ipynb").write_text(release.read_text())
    (tmp_path / "solved.ipynb").write_text(filled(course, WEEK, {}))
    said = {}
    for name in ("untouched", "solved"):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", "validate", f"{name}.ipynb"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
            env={**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path)},
        )  # fmt: skip
        said[name] = done.stdout + done.stderr
    assert "Success! Your notebook passes all the tests." in said["solved"], said["solved"]
    assert "VALIDATION FAILED ON 5 CELL(S)" in said["untouched"], said["untouched"]


def test_the_instructor_sees_what_a_student_would(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`observe(f)` in a week's folder shows the feedback; elsewhere it says where it works."""
    import torch

    from autograder import observe
    from autograder.errors import CourseError

    names: dict[str, Any] = {"torch": torch}
    exec(CLIMBS, names)
    monkeypatch.chdir(course.root / "source" / WEEK)
    observe(names["gradient_descent"])
    shown = capsys.readouterr().out
    assert "recognised: climbs" in shown
    assert "to paste: gradient_descent(lambda x:" in shown
    monkeypatch.chdir(course.root)
    with pytest.raises(CourseError, match="is not a week"):
        observe(names["gradient_descent"])


def test_the_released_notebook_runs_to_its_end(course: Course, tmp_path: Path) -> None:
    """Untouched, under Run All: errors only where the tag says they may be, all pictures there."""
    from nbclient import NotebookClient

    for name in runnable(course):
        week = course.week(name)
        path = course.root / "release" / name / week.source.name
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(notebook, timeout=120, resources={"metadata": {"path": tmp_path}}).execute()
        outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
        assert not [o for o in outputs if o.get("name") == "stderr"]
        assert sum("image/png" in o.get("data", {}) for o in outputs) >= 5


def test_the_demo(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least 24 submissions; a table with the mistakes; files that are there to be opened.

    As where JAX is missing: its week, which takes as long as all others, is skipped with a line.
    Without figures, which take longest; tests/submissions/test_figures.py has those.
    """
    monkeypatch.setattr("autograder.commands.demo.Limits", lambda figures: Limits())
    monkeypatch.setattr("autograder.grading.course._is_installed", lambda package: package != "jax")
    os.chdir(ROOT)
    assert main(["demo", str(tmp_path / "demo")]) == 0
    shown, said = capsys.readouterr()
    weeks = runnable(Course(ROOT))
    assert "week5_jax" not in shown
    assert said.count("week5_jax") == said.count("week5_jax is skipped: jax is not inst") == 1
    count = sum(len(class_of(week)) for week in weeks)
    assert count >= 24
    assert f"{count} submissions graded" in shown
    for name in ("climbs", "sequential update", "forward difference", "the kernel died"):
        assert name in shown
    paths = [Path(line.strip()) for line in shown.splitlines() if line.strip().endswith(".html")]
    pages = [path for path in paths if "feedback" in path.parts]
    assert [path.parts[-2] for path in pages] == weeks
    for page in pages:
        text = page.read_text("utf-8")
        assert "not earned" in text
        assert "expected" in text
        assert "≠" in text
    reports = [path for path in paths if path not in pages]
    assert [path.stem for path in reports] == weeks
    assert all("Class report" in path.read_text("utf-8") for path in reports)
    (shared,) = (path.read_text("utf-8") for path in reports if path.stem == WEEK)
    assert "Wrong in the same way, not named yet" in shared
    convert(Course(tmp_path / "demo"), WEEK, "generate_feedback")
