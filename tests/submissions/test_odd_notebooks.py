"""The right notebook, as other machines and other hands make it: it keeps its marks.

One class is graded once, through real kernels; each test looks at one of its students.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import filled, lay_out, scores

from autograder.commands.grade import Summary, grade_week
from autograder.grading.course import Course
from autograder.kernels.limits import Limits
from autograder.plugins.converters import convert

# Together, as its fixture takes a while.
pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("odd")]

WEEK = "week2_descent"
FULL = {
    "test_descent_update": 3.0,
    "test_gradient_descent": 9.0,
    "test_classify_learning_rate": 4.0,
    "test_basin": 4.0,
}
TESTS = list(FULL)
Notebook = dict[str, Any]


def cell(data: Notebook, grade_id: str) -> Any:
    for candidate in data["cells"]:
        if candidate["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
            return candidate
    raise AssertionError(grade_id)


def text(found: Any) -> str:
    return "".join(found["source"])


def new(source: str, kind: str = "code") -> Any:
    made = {"cell_type": kind, "id": f"new-{abs(hash(source)) % 10**8}", "metadata": {}}
    return (
        made
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        | {"source": source}
    )


def all_metadata_gone(data: Notebook) -> None:
    for each in data["cells"]:
        each["metadata"] = {}


def metadata_of_the_tests_gone(data: Notebook) -> None:
    for name in TESTS:
        cell(data, name)["metadata"] = {}


def nothing_solved(data: Notebook) -> None:
    """With all metadata gone, and each function as it was released."""
    for name in TESTS:
        found = cell(data, name.removeprefix("test_"))
        first = text(found).split("\n", 1)[0]
        found["source"] = f"{first}\n    raise NotImplementedError"
    all_metadata_gone(data)


def merged(data: Notebook) -> None:
    for name in TESTS:
        solution, test = cell(data, name.removeprefix("test_")), cell(data, name)
        solution["source"] = f"{text(solution)}\n\n{text(test)}"
        data["cells"].remove(test)


def split(data: Notebook) -> None:
    found = cell(data, "gradient_descent")
    first, rest = text(found).split("\n", 1)
    found["source"] = first
    data["cells"].insert(data["cells"].index(found) + 1, found | {"id": "rest", "source": rest})


def answer_below_the_stub(data: Notebook) -> None:
    found = cell(data, "written")
    own = new(text(found), "markdown")
    found["source"] = "*Your answer here.*"
    data["cells"].insert(data["cells"].index(found) + 1, own)


def typed_into_tests(data: Notebook) -> None:
    for name in TESTS[:2]:
        solution, test = cell(data, name.removeprefix("test_")), cell(data, name)
        test["source"] = f"{text(solution)}\n\n{text(test)}"
        solution["source"] = text(solution).split("\n", 1)[0] + "\n    raise NotImplementedError"


def below_the_test(data: Notebook) -> None:
    solution = cell(data, "basin")
    own = new(text(solution))
    stub = 'def basin(x0):\n    """The valley of poly in which descent from x0 (lr 0.05, 300 steps)'
    stub += ' ends: "left" or "right"."""\n    # your code here\n'
    stub += '    raise NotImplementedError("Task 4: return the word left or right")'
    solution["source"] = stub
    data["cells"].insert(data["cells"].index(cell(data, "test_basin")) + 1, own)


def newer_python(data: Notebook) -> None:
    found = cell(data, "classify_learning_rate")
    found["source"] = text(found) + '\n\nd = {"a": 1}\nprint(f"{d["a"]}")'


def colab(data: Notebook) -> None:
    data["metadata"] = {"colab": {"provenance": [], "toc_visible": True}, "accelerator": "GPU"}
    data["nbformat_minor"] = 0
    for number, each in enumerate(data["cells"]):
        each.pop("id", None)
        each["metadata"] = {"id": f"x{number}", "colab": {"base_uri": "https://localhost"}}
        each["source"] = text(each).splitlines(keepends=True)


def vs_code(data: Notebook) -> None:
    data["metadata"] = {"language_info": {"name": "python", "version": "3.11.7"}}
    for number, each in enumerate(data["cells"]):
        each["id"] = f"#VSC-{number:08x}"
        each["metadata"] = {"vscode": {"languageId": "python"}, "languageId": "python"}


def kaggle(data: Notebook) -> None:
    data["metadata"] = {"kaggle": {"accelerator": "none", "dataSources": []}}
    for each in data["cells"]:
        each["metadata"] = {"_uuid": "8f2839f2", "_cell_guid": "b1076dfc", "trusted": True}
    setup = new("import os\nfor folder, _, files in os.walk('/kaggle/input'):\n    print(files)")
    data["cells"].insert(0, setup)


def deepnote(data: Notebook) -> None:
    for each in data["cells"]:
        each["metadata"]["cell_id"] = "00000-abc"
        each["metadata"]["deepnote_cell_type"] = each["cell_type"]
        each["metadata"].pop("nbgrader", None)
    data["cells"].append(
        new("<a href='https://deepnote.com'>Created in deepnote.com</a>", "markdown")
    )


def duplicates(data: Notebook) -> None:
    """JupyterLab's copy and paste: each solution again as it was, before what was written."""
    for name in TESTS:
        found = cell(data, name.removeprefix("test_"))
        stub = found | {
            "id": f"copy-{name}",
            "source": text(found).split("\n", 1)[0] + "\n    pass",
        }
        data["cells"].insert(data["cells"].index(found), stub)


def black(data: Notebook) -> None:
    """A formatter went over the tests, and dropped what it does not know."""
    for name in TESTS:
        found = cell(data, name)
        found["source"] = text(found).replace(", ", ",").replace(" = ", "=") + "\n\n\n"
        found["metadata"] = {"tags": ["black"]}


def uses_a_module(data: Notebook) -> None:
    found = cell(data, "descent_update")
    found["source"] = "from downhill import step as descent_update"


def without_ids(data: Notebook) -> None:
    data["nbformat_minor"] = 0
    for each in data["cells"]:
        each.pop("id", None)
        if each["cell_type"] == "code":
            each["collapsed"] = False


#: student: what became of the notebook; points by machine, "waits" where a person decides.
CASES: dict[str, tuple[Callable[[Notebook], None], float]] = {
    "all metadata gone": (all_metadata_gone, 20),
    "metadata of the tests gone": (metadata_of_the_tests_gone, 20),
    "nothing solved": (nothing_solved, 0),
    "merged": (merged, 20),
    "split": (split, 20),
    "answer below the stub": (answer_below_the_stub, 20),
    "typed into the tests": (typed_into_tests, 20),
    "below the test": (below_the_test, 20),
    "colab": (colab, 20),
    "vs code": (vs_code, 20),
    "kaggle": (kaggle, 20),
    "deepnote": (deepnote, 20),
    "duplicates": (duplicates, 20),
    "black": (black, 20),
    "nbformat 4.0": (without_ids, 20),
}


def as_zip(data: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("week 2/descent.ipynb", data)
    return target.getvalue()


def changed(perfect: str, change: Callable[[Notebook], None]) -> bytes:
    data = json.loads(perfect)
    change(data)
    return json.dumps(data, ensure_ascii=False).encode()


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Summary]:
    """The class, graded in one run, with its gradebook."""
    course = lay_out(tmp_path_factory.mktemp("odd"))
    convert(course, WEEK, "generate_assignment")
    perfect = filled(course, WEEK, {}).replace("*Your answer here.*", "Because it shrinks.")

    def submit(student: str, name: str, data: bytes) -> None:
        path = course.root / "submitted" / student / WEEK / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    for student, (change, _) in CASES.items():
        submit(student, "descent.ipynb", changed(perfect, change))
    submit("newer python", "descent.ipynb", changed(perfect, newer_python))
    plain = changed(perfect, lambda data: None).decode()
    submit("utf-16", "descent.ipynb", plain.encode("utf-16"))
    submit("windows", "descent.ipynb", plain.encode("cp1252", "ignore"))
    submit("leftovers", "descent.ipynb", plain.encode() + b'"}\n ]\n}')
    submit("ipynb.txt", "descent.ipynb.txt", plain.encode())
    submit("too deep", "handed in/descent.ipynb", plain.encode())
    submit("zip", "descent.zip", as_zip(plain.encode()))
    submit("own module", "descent.ipynb", changed(perfect, uses_a_module))
    submit("own module", "downhill.py", b"def step(x, g, lr):\n    return x - lr * g\n")
    release = (course.root / "release" / WEEK / "descent.ipynb").read_bytes()
    submit("copy", "descent.ipynb", release)
    submit("copy", "descent-Copy1.ipynb", plain.encode())
    return course, grade_week(course.root, WEEK, jobs=2, limits=Limits())


def about(summary: Summary, student: str) -> str:
    return "; ".join(next(r for r in summary.rows if r.student == student).attention)


@pytest.mark.parametrize("student", CASES)
def test_it_keeps_its_marks(graded: tuple[Course, Summary], student: str) -> None:
    """Every task is judged by what its function does, and the answer waits for a person."""
    course, summary = graded
    found = scores(course, WEEK)[student]
    assert found.pop("written") is None
    assert sum(points or 0 for points in found.values()) == CASES[student][1]
    assert None not in found.values(), about(summary, student)


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("utf-16", "saved as UTF-16"),
        ("windows", "Windows-1252"),
        ("leftovers", "something follows the notebook"),
        ("ipynb.txt", "descent.ipynb.txt"),
        ("too deep", "handed in/descent.ipynb"),
        ("zip", "week 2/descent.ipynb in descent.zip"),
        ("copy", "descent-Copy1.ipynb"),
        ("all metadata gone", "recognised by what they say"),
        ("typed into the tests", "typed into the locked cell test_descent_update"),
        ("answer below the stub", "a person has to look"),
        ("below the test", "below its test cell"),
    ],
)
def test_it_is_said(graded: tuple[Course, Summary], student: str, words: str) -> None:
    """What was odd about it stands in the summary; the marks are all there."""
    course, summary = graded
    assert words in about(summary, student)
    found = scores(course, WEEK)[student]
    assert {name: found[name] for name in FULL} == FULL


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="here it is Python")
def test_code_for_a_newer_python_waits_for_a_person(graded: tuple[Course, Summary]) -> None:
    """What it costs is not closed at 0; what could be judged stands."""
    course, summary = graded
    found = scores(course, WEEK)["newer python"]
    assert found["test_classify_learning_rate"] is None
    assert [found[name] for name in TESTS if "classify" not in name] == [3.0, 9.0, 4.0]
    assert "written for Python 3.12, graded by 3.11" in about(summary, "newer python")
    assert "Waits for a person" in summary.text()
    assert "newer python (classify_learning_rate)" in summary.text()


def test_plain_nbgrader_gives_the_same(graded: tuple[Course, Summary], tmp_path: Path) -> None:
    """`nbgrader autograde` alone."""
    course, _ = graded
    other = lay_out(tmp_path)
    convert(other, WEEK, "generate_assignment")
    chosen = [
        "all metadata gone",
        "answer below the stub",
        "newer python",
        "utf-16",
        "copy",
        "own module",
    ]
    for student in chosen:
        for path in (course.root / "submitted" / student / WEEK).iterdir():
            target = other.root / "submitted" / student / WEEK / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    convert(other, WEEK, "autograde")
    ours = scores(course, WEEK)
    assert scores(other, WEEK) == {student: ours[student] for student in chosen}
