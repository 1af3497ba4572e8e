"""`autograder new`, and the guide to writing a week: what stands there works."""

from __future__ import annotations

import re
import shlex
import shutil
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT, filled

from autograder.commands import new as new_module
from autograder.commands.checks import cells, leaks, questions
from autograder.commands.cli import main
from autograder.commands.new import new_week
from autograder.commands.notebooks import build
from autograder.errors import CannotDraw, CourseError
from autograder.grading.course import Course
from autograder.marking.calls import Call
from autograder.marking.criteria import Criterion, Mistake
from autograder.marking.task import Task
from autograder.observation.functions import Function
from autograder.plugins.converters import convert

GUIDE = ROOT / "docs" / "write-a-week.md"
WEEK = "week7_backtracking"
#: What comes after is run by test_anything.
WEEK_GUIDE = GUIDE.read_text("utf-8").partition("\n## Ask about anything\n")[0]
#: Language, what follows it, and content of each fenced block.
BLOCKS = re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```$", WEEK_GUIDE, re.M | re.S)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A course without weeks, with the working folder in it."""
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    (tmp_path / "source").mkdir()
    monkeypatch.chdir(tmp_path)
    return Course(tmp_path)


def text_of(path: str) -> str:
    """The blocks of the guide for one file, one below the other."""
    return "".join(content for _, name, content in BLOCKS if name == path)


# --- Laying out ----------------------------------------------------------------------------


@pytest.mark.kernel
def test_a_laid_out_week_is_ready(empty: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """But for what is left to write; with another name for its notebook, and files beside it."""
    assert main(["new", "week7_backtracking", "--notebook", "steps"]) == 0
    said = capsys.readouterr().out
    assert '"week7_backtracking": 7,' in said
    source = empty.root / "source" / WEEK
    assert sorted(path.name for path in source.iterdir()) == [
        "reference.py", "steps.ipynb", "steps.py",
    ]  # fmt: skip
    assert main(["check", WEEK]) == 1
    said = capsys.readouterr().out
    assert said.count("✗") == 1
    assert "steps.py says REPLACE" in said
    for name in ("steps.py", "reference.py"):
        text = (source / name).read_text("utf-8")
        (source / name).write_text(text.replace("REPLACE", "DONE"), "utf-8")
    files = {
        "pic.png": b"\x89PNG\r\n\xff",
        "data/points.csv": b"a,b\r\n1,2",
        "helpers.py": b"x = 1",
    }
    for name, content in files.items():
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_bytes(content)
    assert main(["sync", WEEK]) == 0
    assert main(["check", WEEK]) == 0
    said = capsys.readouterr().out
    assert "✗" not in said
    assert "· no due date" in said
    assert "· no points" in said
    release = empty.root / "release" / WEEK
    assert {
        path.relative_to(release).as_posix(): path.read_bytes()
        for path in release.rglob("*") if path.is_file() and path.suffix != ".ipynb"
    } == files  # fmt: skip


@pytest.mark.parametrize(
    ("name", "notebook"), [("ps1", "ps1"), ("hw01", "hw01"), ("lab3_sgd", "sgd")]
)
def test_a_week_may_have_any_name(
    empty: Course, monkeypatch: pytest.MonkeyPatch, name: str, notebook: str
) -> None:
    """With a number in it."""
    monkeypatch.setattr(new_module, "sync_course", generate_without_kernel)
    new_week(empty.root, name)
    assert empty.week(name).notebook == notebook


def test_any_number_of_answers_is_marked_by_hand(
    empty: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written ones, code, and task cells; a graded test that belongs to no task is named."""
    monkeypatch.setattr(new_module, "sync_course", generate_without_kernel)
    new_week(empty.root, "week3_early")
    week = empty.week("week3_early")
    about = '"locked": false, "points": 1, "schema_version": 3, "solution": true, "task": false'
    by_hand = [
        f'# %% [markdown] nbgrader={{"grade": true, "grade_id": "why", {about}}}\n# Because.\n',
        f'# %% nbgrader={{"grade": true, "grade_id": "sketch", {about}}}\n1 + 1\n',
        '# %% [markdown] nbgrader={"grade": false, "grade_id": "do", "locked": true, "points": 4, '
        '"schema_version": 3, "solution": false, "task": true}\n# Do it.\n',
    ]
    text = week.text.read_text("utf-8")
    week.text.write_text("\n".join([text, *by_hand]), "utf-8")
    assert cells.cells(empty, week) == []
    test = by_hand[1].replace('"solution": true', '"solution": false').replace("sketch", "test_no")
    week.text.write_text("\n".join([text, test]), "utf-8")
    assert cells.cells(empty, week) == []
    (said,) = cells.inside(week)
    assert "1 point is judged inside the kernel, by nbgrader's rule: test_no." in said


def test_a_laid_out_week_names_its_mistakes(
    empty: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The template has what a task needs: two criteria, two mistakes, and a link back."""
    monkeypatch.setattr(new_module, "sync_course", generate_without_kernel)
    new_week(empty.root, "week3_early")
    new_week(empty.root, "week12_late")
    week = empty.week("week12_late")
    (task,) = week.tasks
    assert (len(task.criteria), len(task.mistakes)) == (2, 2)
    for each in (questions.draws, questions.mistakes, cells.cells, leaks.leaks):
        assert each(empty, week) == []
    assert week.text.read_text("utf-8").count("[← Week 3](../week3_early/early.ipynb)") == 2
    assert "[Week 12 →](../week12_late/late.ipynb)" in capsys.readouterr().out


def generate_without_kernel(root: Path, name: str) -> int:
    week = Course(root).week(name)
    week.source.write_text(build(week.text.read_text("utf-8")), "utf-8")
    return 0


@pytest.mark.parametrize(
    ("name", "notebook", "reason"),
    [
        ("week_name", None, "like week7_name"),
        ("7_name", None, "like week7_name"),
        ("week", None, "like week7_name"),
        ("week7_Name", None, "like week7_name"),
        ("week7_a-b", None, "like week7_name"),
        ("../week7_name", None, "like week7_name"),
        ("week7_name\n", None, "like week7_name"),
        ("week7_torch", None, "--notebook"),
        ("week7_numpy", None, "--notebook"),
        ("week7_jax", None, "--notebook"),
        ("week7_random", None, "--notebook"),
        ("week7_name", "reference", "--notebook"),
        ("week7_name", "matplotlib", "--notebook"),
        ("week7_lambda", None, "no name for a notebook"),
        ("week7_name", "2d", "no name for a notebook"),
        ("week7_name", "", "no name for a notebook"),
        ("week7_name", "a/b", "no name for a notebook"),
    ],
)
def test_names_that_will_not_do(
    empty: Course, name: str, notebook: str | None, reason: str
) -> None:
    """Refused with a sentence that says which would, before anything is written."""
    with pytest.raises(CourseError, match=reason):
        new_week(empty.root, name, notebook)
    assert list((empty.root / "source").iterdir()) == []


@pytest.mark.parametrize("step", ["source", "release", "solutions"])
def test_a_week_that_is_there_is_left_alone(empty: Course, step: str) -> None:
    """Whatever lies in its folders."""
    mine = empty.root / step / WEEK / "mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("precious")
    with pytest.raises(CourseError, match=f"{step}/{WEEK} is there already"):
        new_week(empty.root, WEEK)
    assert [path.name for path in empty.root.rglob("*.*")] == ["nbgrader_config.py", "mine.txt"]


# --- The guide -----------------------------------------------------------------------------


@pytest.mark.kernel
def test_a_week_written_from_the_guide_alone(
    empty: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its blocks put in place and its commands run, in order; what they print stands there."""
    # The template is replaced before anyone looks at it; the test above runs it.
    monkeypatch.setattr(new_module, "sync_course", generate_without_kernel)
    written: set[Path] = set()
    for language, name, content in BLOCKS:
        if language == "console":
            for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", content, re.M):
                run(empty.root, shlex.split(command))
                printed = capsys.readouterr().out
                assert not shown or stripped(printed) == stripped(shown)
        elif name == "nbgrader_config.py":
            configure(empty.root / name, content)
        elif name.endswith(".ipynb"):
            submit(empty.root, Path(name), content)
        else:
            path = empty.root / name
            text = path.read_text("utf-8")
            if path not in written:  # the template; its header stays
                header = re.match(r"(# ---\n.*?# ---\n\n)?", text, re.S)
                text = header[0] if header else ""
            path.write_text(text + content, "utf-8")
            written.add(path)
    assert len(written) == 2


def stripped(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


def run(root: Path, command: list[str]) -> None:
    if command[0] == "nbgrader":
        convert(Course(root), command[2], command[1])
    else:
        assert main(command[1:]) == 0, command


def configure(path: Path, lines: str) -> None:
    """Put each line where its comment says."""
    text = path.read_text("utf-8")
    for line in lines.splitlines():
        start = f"{line.partition('  # in ')[2]} = {{\n"
        assert start in text
        text = text.replace(start, f"{start}{line}\n")
    path.write_text(text, "utf-8")


def submit(root: Path, path: Path, answer: str) -> None:
    """The released notebook, with the answer in the cell of the only task."""
    text = filled(Course(root), WEEK, {"backtrack": answer})
    (root / path.parent).mkdir(parents=True)
    (root / path).write_text(text, "utf-8")


def test_the_commands_of_the_guide_show_what_they_print() -> None:
    """So that the test above has something to compare: a check that passes, and two verdicts."""
    shown = "".join(content for language, _, content in BLOCKS if language == "console")
    assert f"Ready to be released: {WEEK}." in shown
    assert re.search(r"^careful +5/5 *$", shown, re.M)
    assert re.search(r"^hasty +2/5 +backtrack: halves once more$", shown, re.M)


def test_the_week_of_the_guide_is_short() -> None:
    """All that its instructor writes: under 100 lines that are not blank."""
    names = {name for language, name, _ in BLOCKS if language == "python"}
    own = {name for name in names if not name.startswith("submitted/")}
    assert own == {
        "nbgrader_config.py",
        f"source/{WEEK}/backtracking.py",
        f"source/{WEEK}/reference.py",
    }
    lines = [line for name in own for line in text_of(name).splitlines() if line.strip()]
    assert 50 < len(lines) < 100


def guide_task(folder: Path) -> Task:
    path = folder / "reference.py"
    path.write_text(text_of(f"source/{WEEK}/reference.py"), "utf-8")
    spec = spec_from_file_location("_guide", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    (task,) = module.TASKS
    assert isinstance(task, Task)
    return task


def halve(x: float) -> float:
    """Another reference: it takes what the guide's, with its loop, would not survive."""
    return x / 2


def test_the_guide_explains_what_check_says(tmp_path: Path) -> None:
    """Each message of its table is provoked; up to the ellipsis, it reads as in the table."""
    table = re.findall(r"^\| (the mistake.*?|no call.*?) \|", GUIDE.read_text("utf-8"), re.M)
    task = guide_task(tmp_path)
    never, short = task.mistakes[0], task.criteria[0]
    long = Mistake("too long", "Halve it.", behaves_like=never.behaves_like)
    tie = Call(Function("x**2"), 4.0, 8.0, 1 - 2e-8)
    spoilt = [
        replace(task, criteria=[short], mistakes=[never]),
        replace(task, mistakes=[never, long]),
        replace(task, criteria=[Criterion("a tie", 1, lambda rng: [tie])]),
        Task(halve, [Criterion("a tie", 1, lambda rng: [Call(float("inf"))])]),
        Task(halve, [Criterion("a tie", 1, lambda rng: [Call("one")])]),
    ]
    for message, each in zip(table, spoilt, strict=True):
        with pytest.raises(CannotDraw) as said:
            each.draw(0)
        assert message.removesuffix(" …") in str(said.value)
    pair = [("never halves", "too long")]
    assert replace(task, mistakes=[never, long], indistinguishable=pair).draw(0)


def test_the_guide_uses_every_kind_of_mistake(tmp_path: Path) -> None:
    """Variants and memory, as it says."""
    kinds = [(len(m.variants) > 1, m.stateful) for m in guide_task(tmp_path).mistakes]
    assert kinds == [(False, False), (True, False), (False, True)]


def test_templates_are_packaged() -> None:
    """An installed package can lay out a week, too."""
    assert '"commands/templates/*"' in (ROOT / "pyproject.toml").read_text("utf-8")
    assert nbformat.reads(
        build((ROOT / "autograder/commands/templates/notebook.py.txt").read_text("utf-8")), 4
    )
