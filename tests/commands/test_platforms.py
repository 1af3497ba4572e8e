"""Results as each platform wants them, and the archives that make them there."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import nbformat
import odd
import pytest
from conftest import ROOT
from course101 import CLASS, quickstart
from formats import CLASSROOM50, GRADESCOPE, PRAIRIELEARN
from saved import SAVED

from autograder.commands.cli import main
from autograder.commands.init import init_course
from autograder.commands.pack import PLATFORMS, pack
from autograder.commands.platforms import classroom50, github, gradescope, prairielearn, there
from autograder.commands.platforms.there import grade_there
from autograder.commands.try_ import Ready, Tried, as_json, ready, try_notebook
from autograder.kernels.limits import Limits
from autograder.submissions.cells import grade_id_of

# Together, as its fixtures take a while.
pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("platforms")]
WEEK = "week2_descent"
SCHEMA = json.loads((ROOT / "docs/try.schema.json").read_text("utf-8"))
METADATA = {
    "id": 123456,
    "created_at": "2027-03-09T14:22:32.365935-07:00",
    "assignment": {"due_date": "2027-03-08T23:00:00.000000-07:00", "title": "Week 2"},
    "users": [{"email": "a@example.com", "id": 7, "name": "A"}],
    "previous_submissions": [],
}


def submission(folder: Path, change: str = "") -> Path:
    """A folder with the solutions handed in, `change` in place of the start of a walk."""
    folder.mkdir(parents=True, exist_ok=True)
    notebook = nbformat.read(ROOT / "solutions" / WEEK / "descent.ipynb", as_version=4)
    for cell in notebook.cells:
        if change and cell.source.startswith("def gradient_descent("):
            cell.source = cell.source.replace(".item(), lr)", change)
    nbformat.write(notebook, folder / "descent.ipynb")
    return folder


@pytest.fixture(scope="module")
def tries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tried]:
    """Right, wrong, unreadable, and nothing at all."""
    base = tmp_path_factory.mktemp("handed in")
    folders = {
        "right": submission(base / "right"),
        "climbs": submission(base / "climbs", ".item(), -lr)"),
        "broken": submission(base / "broken"),
        "nothing": base / "nothing",
        "a pdf": base / "a pdf",
    }
    (folders["broken"] / "descent.ipynb").write_text("{")
    folders["nothing"].mkdir()
    folders["a pdf"].mkdir()
    (folders["a pdf"] / "work.pdf").write_bytes(b"%PDF-1.4")
    return {name: try_notebook(ROOT, WEEK, folder) for name, folder in folders.items()}


def test_gradescope_gets_a_test_for_each_criterion(tries: dict[str, Tried]) -> None:
    for name, tried in tries.items():
        found = gradescope.results(tried, METADATA)
        jsonschema.validate(found, GRADESCOPE)
        assert len(found["tests"]) == sum(len(t.criteria) for t in tried.week.tasks)
        assert sum(test["max_score"] for test in found["tests"]) == 20
        assert found["score"] == tried.graded.score
        assert "written: marked by a person (5 points)" in found["output"]
        assert "handed in late, by 15 h" in found["output"], name
    climbs = [t for t in gradescope.results(tries["climbs"], {})["tests"] if "climbs" in t["tags"]]
    assert "points uphill" in climbs[0]["output"]
    assert "<svg" in climbs[0]["output"]
    assert climbs[0]["status"] == "failed"
    assert "handed in late" not in gradescope.results(tries["right"], {})["output"]


def test_what_waits_for_a_person_has_failed_nowhere(tries: dict[str, Tried]) -> None:
    """Work in another form: no test at Gradescope fails, and everywhere it is said."""
    tried = tries["a pdf"]
    jsonschema.validate(json.loads(as_json(tried)), SCHEMA)
    assert "needs a person: basin" in tried.text()
    found = gradescope.results(tried, METADATA)
    assert "basin: a person has to look" in found["output"]
    for test in found["tests"]:
        assert "status" not in test
        assert test["tags"] == ["a person has to look"]
    assert "a person has to look of 4" in github.summary(tried)
    assert all(line.startswith("::warning") for line in github.annotated(tried))
    assert all(test["needs-a-person"] for test in classroom50.result(tried, {})["tests"])


def test_classic_cells_count_everywhere(tmp_path: Path) -> None:
    """A course without marking notes: what is judged inside the kernel is in every result."""
    root = quickstart(tmp_path)
    init_course(root, yes=True)
    notebook = nbformat.read(root / "source" / "ps1" / "problem1.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = CLASS["partly"].get(grade_id_of(cell), cell.source)
    nbformat.write(notebook, tmp_path / "mine.ipynb")
    tried = try_notebook(root, "ps1", tmp_path / "mine.ipynb")
    points = {verdict.cell: verdict.score for verdict in tried.graded.inside}
    assert points["correct_squares"] == 1
    assert points["squares_invalid_input"] == 0
    assert tried.graded.score == sum(points.values()) < tried.points
    assert not points.keys() & {cell.grade_id for cell in tried.written}
    jsonschema.validate(json.loads(as_json(tried)), SCHEMA)
    assert "squares_invalid_input: 0 of 1" in tried.text()
    found = gradescope.results(tried, METADATA)
    jsonschema.validate(found, GRADESCOPE)
    assert sum(test["max_score"] for test in found["tests"]) == tried.points
    assert sum(test["score"] for test in found["tests"]) == found["score"] == tried.graded.score
    assert prairielearn.results(tried)["score"] == tried.graded.score / tried.points
    jsonschema.validate(prairielearn.results(tried), PRAIRIELEARN)
    assert {t["test-name"] for t in classroom50.result(tried, {})["tests"]} == set(points)
    assert "| `squares_invalid_input` | 0 of 1 | |" in github.summary(tried)


def test_each_attempt_at_gradescope_is_another() -> None:
    again = METADATA | {"previous_submissions": [{"submission_time": "2027-03-07T10:00:00-07:00"}]}
    assert gradescope._attempt(METADATA) == ""  # the student's name decides
    assert gradescope._attempt(again) == "1"


def test_an_attempt_has_questions_of_its_own(
    unpacked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So has somebody else's, and another course's; the same attempt meets the same ones."""
    seeds: list[int | None] = []

    def seen(self: Ready, path: Path, student: str, seed: int | None, limits: Limits) -> None:
        seeds.append(seed)

    monkeypatch.setattr(Ready, "try_file", seen)
    course = unpacked / "source" / "course"
    for student, attempt in [("7", ""), ("7", "1"), ("7", "1"), ("8", "1"), ("7", "2")]:
        grade_there(course, unpacked, student, attempt)
    with (course / "nbgrader_config.py").open("a") as file:
        file.write("\nc.CourseSettings.seed = 123\n")
    grade_there(course, unpacked, "7", "1")
    assert seeds[0] is None
    assert seeds[1] == seeds[2]
    assert len(set(seeds)) == 5


def test_prairielearn_tells_attempts_by_what_was_handed_in(tmp_path: Path) -> None:
    """It counts none. What cannot be read of its data, or of a folder, costs nothing."""
    attempts = []
    for seed, text in [(1, "a"), (1, "a"), (1, "b"), (2, "b"), (None, "b")]:
        for name in ("student", "data"):
            (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / "student" / "descent.ipynb").write_text(text)
        about = "[]" if seed is None else json.dumps({"variant_seed": seed})
        (tmp_path / "data" / "data.json").write_text(about)
        attempts.append(prairielearn._attempt(tmp_path))
    assert attempts[0] == attempts[1]
    assert len(set(attempts)) == 4
    assert prairielearn._attempt(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        ("2147483648", 1 << 30),
        ("805306368", 1_000_000_000),
        ("9223372036854771712", Limits.memory_bytes),
        ("max", Limits.memory_bytes),
        ("", Limits.memory_bytes),
    ],
)
def test_a_kernel_takes_half_of_its_container_at_most(
    said: str, allowed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that takes it all would be killed with the grader; but right work needs some."""
    (tmp_path / "memory.max").write_text(said)
    monkeypatch.setattr(there, "_ALLOWED", (str(tmp_path / "memory.max"), str(tmp_path / "none")))
    assert there._kernel_bytes() == allowed


@pytest.mark.parametrize("about", [{}, {"assignment": 3}, {"users": "x", "created_at": []}])
def test_metadata_of_any_kind_are_read(about: dict[str, Any], tries: dict[str, Tried]) -> None:
    jsonschema.validate(gradescope.results(tries["right"], about), GRADESCOPE)
    assert gradescope._student(about) == ""
    assert gradescope._attempt(about) == ""


def test_prairielearn_gets_a_fraction(tries: dict[str, Tried]) -> None:
    found = {name: prairielearn.results(tried) for name, tried in tries.items()}
    for data in found.values():
        jsonschema.validate(data, PRAIRIELEARN)
    assert found["right"]["score"] == 1
    assert 0 < found["climbs"]["score"] < 1
    assert found["climbs"]["tests"][1]["message"] == "climbs"
    label, picture = found["climbs"]["tests"][1]["images"][0].values()
    assert label == "one step goes downhill"
    drawn = ElementTree.fromstring(base64.b64decode(picture.partition(",")[2]))
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"  # else no browser shows it by itself
    assert not found["broken"]["gradable"]


def test_classroom50_gets_whole_points(tries: dict[str, Tried]) -> None:
    environment = {
        "CLASSROOM": "c", "ASSIGNMENT": "a", "SUBMISSION_TAG": "submit/x", "COMMIT_URL": "u",
        "RELEASE_URL": "r", "USERNAME": "octocat",
    }  # fmt: skip
    for tried in tries.values():
        found = classroom50.result(tried, environment)
        jsonschema.validate(found, CLASSROOM50)
        assert found["max-score"] == 20
        assert found["review"] == "u"
    assert classroom50.result(tries["right"], environment)["score"] == 20


def test_a_job_summary_cannot_be_left(tries: dict[str, Tried]) -> None:
    """What a student's code says stands in a fence longer than any of theirs."""
    text = github.summary(tries["climbs"])
    assert text.startswith(f"## {WEEK}: ")
    assert "| `gradient_descent` |" in text
    assert "recognised: climbs." in text
    assert github._longest("a```b````", "`") == 4
    lines = github.annotated(tries["climbs"])
    assert any(line.startswith("::error title=gradient_descent%3A") for line in lines)
    assert github.escaped("a\n::error::b%") == "a%0A::error::b%25"
    assert github._property("a: b, c") == "a%3A b%2C c"
    assert github.annotated(tries["right"]) == []


def test_results_fit_where_they_go(
    tries: dict[str, Tried], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A platform shows nothing of what is too large for it, in bytes or in characters."""
    long = "\u20ac\x00" * 1_000_000
    monkeypatch.setattr(prairielearn, "as_text", lambda verdict, task: long)
    monkeypatch.setattr(
        prairielearn, "illustrate", lambda criterion, task: f"<svg >{'.' * 300_000}</svg>"
    )
    monkeypatch.setattr(github, "as_text", lambda verdict, task: long)
    tried = tries["climbs"]
    found = prairielearn.results(tried)
    jsonschema.validate(found, PRAIRIELEARN)
    assert len(json.dumps(found, indent=1, ensure_ascii=False).encode()) < 1024 * 1024
    assert sum(len(test["images"]) for test in found["tests"]) == 1
    assert "(cut here: it is " in found["tests"][0]["output"]
    assert len(github.summary(tried)) < 125_000


# --- archives ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("packed") / "autograder.zip"
    pack(ROOT, WEEK, "gradescope", target)
    return target


def test_an_archive_holds_one_week_and_no_sample_solutions(archive: Path, tmp_path: Path) -> None:
    """Its scripts are executable, and the same course packs to the same bytes."""
    with zipfile.ZipFile(archive) as packed:
        names = packed.namelist()
        assert {"setup.sh", "run_autograder", "constraints.txt"} <= set(names)
        assert f"course/source/{WEEK}/reference.py" in names
        assert not [name for name in names if "sample_class" in name or "week1" in name]
        assert packed.getinfo("run_autograder").external_attr >> 16 & 0o111
        assert "{{" not in packed.read("setup.sh").decode()
    pack(ROOT, WEEK, "gradescope", tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_what_the_configuration_imports_goes_along(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or there would be no course there. What cannot be written is called as it was typed."""
    folder = tmp_path / "source" / "ps1"
    folder.mkdir(parents=True)
    (tmp_path / "rules.py").write_text("LATE = 'zero'\n", "utf-8")
    config = (ROOT / "nbgrader_config.py").read_text("utf-8")
    (tmp_path / "nbgrader_config.py").write_text(f"{config}\nimport rules\n", "utf-8")
    (folder / "ps1.ipynb").write_text('{"cells": [], "nbformat": 4}', "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    options = ("pack", "ps1", "--for", "github", "--to")
    assert main([*options, str(tmp_path / "a.zip")]) == 0
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        assert {"private/course/rules.py", "private/course/nbgrader_config.py"} <= set(
            packed.namelist()
        )
    before = sorted(tmp_path.iterdir())
    assert main([*options, str(folder)]) == 1
    said = capsys.readouterr().err
    assert (
        said == f"autograder: Is a directory: {folder}. Mend this and run the same command again.\n"
    )
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("requires", "installed"),
    [
        ('("pandas",)', 'package" pandas\n'),
        ('("jax", "pandas", "dateutil")', 'package[jax]" pandas python-dateutil\n'),
        ("()", 'package"\n'),
    ],
)
def test_what_the_week_needs_is_installed_there(
    requires: str, installed: str, tmp_path: Path
) -> None:
    """Under pip's name for it, or nobody could be graded."""
    folder = tmp_path / "source" / "ps1"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    notes = f"from autograder.marking import Call, Criterion, Task\nREQUIRES = {requires}\n"
    task = "TASKS = [Task(abs, [Criterion('all', 1, lambda rng: [Call(-1.0)])])]\n"
    (folder / "reference.py").write_text(notes + task, "utf-8")
    (folder / "ps1.ipynb").write_text('{"cells": [], "nbformat": 4}', "utf-8")
    pack(tmp_path, "ps1", "gradescope", tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        assert packed.read("setup.sh").decode().count(f'"${{pip[@]}}" "$here/{installed}') == 1


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_every_platform_can_be_packed(
    platform: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    monkeypatch.chdir(ROOT)
    options = ["--for", platform, "--to", str(tmp_path / "a.zip"), "--torch-index", "https://x"]
    assert main(["pack", WEEK, *options]) == 0
    assert "the answers included" in capsys.readouterr().out
    own, where = PLATFORMS[platform]
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        names = set(packed.namelist())
        assert set(own.values()) <= names
        assert f"{where}course/source/{WEEK}/reference.py" in names
        assert "--index-url https://x " in packed.read(own["setup.sh"]).decode()
        # Beside what is published there are no answers.
        public = {name for name in names if not name.startswith("private/")}
        if where == "private/":
            assert public == {place for place in own.values() if not place.startswith("private/")}


@pytest.fixture(scope="module")
def unpacked(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive where Gradescope unpacks it, with an environment made beforehand."""
    base = tmp_path_factory.mktemp("there") / "autograder"
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(base / "source")
    return base


def run_autograder(base: Path) -> dict[str, Any]:
    """What it leaves for what lies in ``submission``, run as Gradescope does."""
    (base / "results").mkdir(exist_ok=True)
    (base / "submission_metadata.json").write_text(json.dumps(METADATA))
    environment = os.environ | {
        "AUTOGRADER_BASE": str(base),
        "AUTOGRADER_ENVIRONMENT": sys.prefix,
        "PYTHONPATH": str(base / "source" / "package"),
    }
    done = subprocess.run(
        ["bash", str(base / "source" / "run_autograder")],
        env=environment, cwd=base, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads((base / "results" / "results.json").read_text())
    jsonschema.validate(found, GRADESCOPE)
    return found


def test_the_marking_notes_cannot_be_read_there(unpacked: Path) -> None:
    """By a submission that tries, under another name and beside files called like the grader's."""
    folder = unpacked / "submission"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    look = f"""
import glob, os
found = [os.listdir(folder) for folder in glob.glob("/proc/*/cwd/.") + glob.glob("/proc/*/root/.")]
for path in {[str(path) for path in sorted(unpacked.rglob("*"))]!r}:
    for look in (os.listdir, lambda path: open(path).read(1), lambda path: open(path, "a")):
        try:
            found.append((path, look(path)))
        except OSError:
            pass
def basin(x0):
    raise ValueError(f"found {{found}}")
"""
    notebook = nbformat.read(ROOT / "solutions" / WEEK / "descent.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.source.startswith("def basin("):
            cell.source = look
    nbformat.write(notebook, folder / "my homework.ipynb")
    for name in ("results.json", "run_autograder", "sitecustomize.py", "json.py", "autograder.py"):
        (folder / name).write_text("raise SystemExit")
    found = run_autograder(unpacked)
    assert "ValueError: found []" in json.dumps(found)
    assert found["score"] == 16
    assert "reference.py" in {path.name for path in unpacked.rglob("*")}


@pytest.mark.parametrize("editor", ["colab", "vs code", "kaggle", "deepnote"])
def test_what_other_editors_save_keeps_full_marks(editor: str, tmp_path: Path) -> None:
    """By `try`, and in what Gradescope gets; tests/submissions has `grade`."""
    week = ready(ROOT, WEEK)
    perfect = (submission(tmp_path) / "descent.ipynb").read_text("utf-8")
    for name, change in SAVED.items():
        if name.startswith(editor):
            (tmp_path / "descent.ipynb").write_bytes(odd.changed(perfect, change))
            tried = week.try_file(tmp_path)
            assert tried.graded.score == 20, (name, tried.graded.attention)
            found = gradescope.results(tried, METADATA)
            jsonschema.validate(found, GRADESCOPE)
            assert found["score"] == 20
            assert {test["status"] for test in found["tests"]} == {"passed"}


def test_where_nothing_confines_a_kernel_the_notes_are_gone(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is graded all the same, the instructor is told, and nothing is left to read."""
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path / "packed")
    monkeypatch.setattr(there, "missing_protection", lambda: ["There is no box here."])
    course = tmp_path / "packed" / "course"
    handed_in = submission(tmp_path / "right")
    notebook = nbformat.read(handed_in / "descent.ipynb", as_version=4)
    look = f"import glob; print('found', glob.glob({str(course)!r} + '/source/*/*'))"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(look))
    nbformat.write(notebook, handed_in / "descent.ipynb")
    tried, missing = grade_there(course, handed_in)
    assert tried.graded.score == 20
    assert missing[0] == "There is no box here."
    assert not (course / "source").exists()
    assert "found []" in nbformat.v4.writes(tried.graded.notebooks[0].notebook)


def test_more_than_one_week_in_an_archive_is_refused(tmp_path: Path) -> None:
    from autograder.errors import CourseError

    shutil.copytree(ROOT / "source", tmp_path / "source")
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    with pytest.raises(CourseError, match="must hold one packed week"):
        grade_there(tmp_path, tmp_path)
