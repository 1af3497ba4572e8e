"""The right notebook of week 2, as other machines, other hands and other editors make it.

Each entry changes one thing; what it is worth stands with the tests that look at it. Nothing here
runs anything.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

WEEK = "week2_descent"
FULL = {
    "test_descent_update": 3.0,
    "test_gradient_descent": 9.0,
    "test_classify_learning_rate": 4.0,
    "test_basin": 4.0,
}
TESTS = list(FULL)
Notebook = dict[str, Any]
Change = Callable[[Notebook], None]


def cell(data: Notebook, grade_id: str) -> Any:
    for candidate in data["cells"]:
        if candidate["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
            return candidate
    raise AssertionError(grade_id)


def text(found: Any) -> str:
    return "".join(found["source"])


def new(source: str, kind: str = "code") -> Any:
    made = {"cell_type": kind, "id": f"new-{zlib.crc32(source.encode())}", "metadata": {}}
    return (
        made
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        | {"source": source}
    )


def changed(perfect: str, change: Change) -> bytes:
    data = json.loads(perfect)
    change(data)
    return json.dumps(data, ensure_ascii=False).encode()


def as_zip(data: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("week 2/descent.ipynb", data)
    return target.getvalue()


# --- other hands ---------------------------------------------------------------------------


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


def one_wrong(data: Notebook) -> None:
    """With all metadata gone, and one function wrong: it earns what its functions earn."""
    cell(data, "classify_learning_rate")["source"] = (
        "def classify_learning_rate(lr):\n    return 'diverges'"
    )
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


#: What became of the notebook, and what it earns by machine.
CHANGES: dict[str, tuple[Change, float]] = {
    "all metadata gone": (all_metadata_gone, 20),
    "metadata of the tests gone": (metadata_of_the_tests_gone, 20),
    "nothing solved": (nothing_solved, 0),
    "one wrong": (one_wrong, 16),
    "merged": (merged, 20),
    "split": (split, 20),
    "answer below the stub": (answer_below_the_stub, 20),
    "typed into the tests": (typed_into_tests, 20),
    "below the test": (below_the_test, 20),
    "duplicates": (duplicates, 20),
    "black": (black, 20),
    "nbformat 4.0": (without_ids, 20),
}


def files(perfect: str, release: bytes) -> dict[str, dict[str, bytes]]:
    """Whole hand-ins by student, each a file or several: other names, encodings and places."""
    plain = changed(perfect, lambda data: None)
    return {
        "newer python": {"descent.ipynb": changed(perfect, newer_python)},
        "utf-16": {"descent.ipynb": plain.decode().encode("utf-16")},
        "windows": {"descent.ipynb": plain.decode().encode("cp1252", "ignore")},
        "leftovers": {"descent.ipynb": plain + b'"}\n ]\n}'},
        "ipynb.txt": {"descent.ipynb.txt": plain},
        "too deep": {"handed in/descent.ipynb": plain},
        "zip": {"descent.zip": as_zip(plain)},
        "own module": {
            "descent.ipynb": changed(perfect, uses_a_module),
            "downhill.py": b"def step(x, g, lr):\n    return x - lr * g\n",
        },
        "copy": {"descent.ipynb": release, "descent-Copy1.ipynb": plain},
    }
