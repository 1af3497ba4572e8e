"""Files beside a notebook: a student's own modules are taken as they are, or named."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest

from autograder.kernels.limits import Limits
from autograder.submissions.beside import File, own_modules, released_files
from autograder.submissions.ready import prepare


def test_a_plain_module_is_taken(tmp_path: Path) -> None:
    (tmp_path / "helpers.py").write_text("x = 1")
    assert own_modules(tmp_path, "import helpers") == ([File("helpers.py", b"x = 1")], [])


def test_a_module_that_nothing_speaks_of_is_left_alone(tmp_path: Path) -> None:
    """A folder may be full of other work."""
    (tmp_path / "helpers.py").write_text("x = 1")
    (tmp_path / "numpy.py").write_text("x = 1")
    assert own_modules(tmp_path, "help = 1") == ([], [])


def test_what_a_module_imports_is_taken_as_well(tmp_path: Path) -> None:
    for name, text in ("one", "import two"), ("two", "from three import x"), ("three", "x = 1"):
        (tmp_path / f"{name}.py").write_text(text)
    files, _ = own_modules(tmp_path, "%run one.py")
    assert [file.name for file in files] == ["one.py", "three.py", "two.py"]


@pytest.mark.parametrize("name", ["torch", "numpy", "json", "autograder", "pytest", "sys"])
def test_a_module_that_shadows_the_environment_is_named(tmp_path: Path, name: str) -> None:
    """What the grader needs is never the student's."""
    (tmp_path / f"{name}.py").write_text("allclose = print")
    files, (note,) = own_modules(tmp_path, f"import {name}")
    assert files == []
    assert note.startswith(f"the module {name}.py was not used: ")


def test_what_is_no_plain_file_is_named(tmp_path: Path) -> None:
    """Links are not followed, pipes not read, and folders are none."""
    secret = tmp_path / "secret"
    secret.write_text("SECRET = 1")
    work = tmp_path / "work"
    work.mkdir()
    (work / "link.py").symlink_to(secret)
    os.mkfifo(work / "pipe.py")
    (work / "folder.py").mkdir()
    (work / "large.py").write_bytes(b"#" * 1_000_000)
    files, notes = own_modules(work, "import link, pipe, folder, large")
    assert files == []
    assert len(notes) == 4


def test_many_modules_are_bounded(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"m{number}.py").write_text("")
    files, notes = own_modules(tmp_path, " ".join(f"m{number}" for number in range(30)))
    assert len(files) == 20
    assert len(notes) == 10


def test_another_module_is_another_submission(tmp_path: Path) -> None:
    """The same notebook with a changed module is graded again."""
    cells = [nbformat.v4.new_code_cell("import helpers")]
    path = tmp_path / "descent.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    digests = {prepare("ada", path, {path.stem: []}).digest}
    for text in "x = 1", "x = 2":
        (tmp_path / "helpers.py").write_text(text)
        digests.add(prepare("ada", path, {path.stem: []}).digest)
    (tmp_path / "unrelated.py").write_text("x = 1")
    digests.add(prepare("ada", path, {path.stem: []}).digest)
    assert len(digests) == 3


def test_what_a_week_gives_is_its_folder_less_the_texts(tmp_path: Path) -> None:
    """Data, pictures and helper modules; no marking notes, no caches."""
    (tmp_path / "data").mkdir()
    (tmp_path / "__pycache__").mkdir()
    for name in "week.py", "reference.py", "data/a.csv", "plots.py", "__pycache__/x.pyc", ".x":
        (tmp_path / name).write_text(name)
    files = released_files(tmp_path, {"week.py", "reference.py"})
    assert [file.name for file in files] == ["plots.py", "data/a.csv"]
    assert all(file.released for file in files)


def test_files_travel_as_json() -> None:
    limits = Limits(files=(File("a.bin", bytes(range(256))), File("b/c.csv", b"1", released=True)))
    assert Limits.from_json(limits.to_json()) == limits
