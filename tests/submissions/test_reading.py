"""A file is what it holds, and whatever it holds is read or refused with a reason."""

from __future__ import annotations

import json
import logging
import os
import signal
from pathlib import Path
from typing import Any

import nbformat
import pytest
from examples import any_json, nested, quick, thorough
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from release import (
    MASTER,
    SOLUTION,
    SOLVED,
    WRITTEN,
    cell,
    check,
    content,
    graded,
    mended,
    of,
    parsed,
    read,
)

from autograder.submissions import reading
from autograder.submissions.cells import grade_id_of
from autograder.submissions.mend import mend
from autograder.submissions.reading import read_submission


def opened(path: Path, inside: Path) -> tuple[NotebookNode, str]:
    found = read_submission(path, inside)
    return found.notebook, found.problem


# --- Files that are no notebooks -----------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "the notebook file is empty"),
        (b" \n\t ", "the notebook file is empty"),
        (b"import numpy", "not JSON"),
        (b"%PDF-1.7 \x00\xff", "not JSON"),
        (b'{"cells": [', "not JSON"),
        (b"\xff\xfe\x00\x01", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"1" * 10_000, "not JSON"),
        (b"[]", "JSON, but not a notebook"),
        (b"null", "JSON, but not a notebook"),
        (b'"text"', "JSON, but not a notebook"),
        (b"{}", "JSON, but not a notebook"),
        (b'{"nbformat": "4", "cells": []}', "JSON, but not a notebook"),
        (b'{"nbformat": 0, "cells": []}', "damaged"),
        (b'{"nbformat": 4.5, "cells": []}', "JSON, but not a notebook"),
    ],
    ids=lambda value: repr(value)[:24] if isinstance(value, bytes) else "",
)
def test_a_file_that_is_no_notebook_is_empty_and_says_why(data: bytes, problem: str) -> None:
    """Not JSON, nothing, or something else: an empty notebook, and a sentence."""
    notebook, why = parsed(data)
    assert problem in why
    assert notebook.cells == []
    check(mend(notebook, MASTER)[0])


@thorough
@given(st.binary(max_size=200) | st.text(max_size=80).map(str.encode))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    """Any bytes at all give a notebook, and a problem unless they are one."""
    notebook, problem = parsed(data)
    nbformat.validate(notebook)
    assert problem
    problem.encode("utf-8")


some_tags = st.lists(st.sampled_from(["a", "a,b", "", "\ud800"]), max_size=3)
some_name = st.sampled_from([c.grade_id for c in MASTER])
some_metadata = st.fixed_dictionaries(
    {},
    optional={
        "tags": some_tags | any_json,
        "collapsed": any_json,
        "name": any_json,
        "autograder": any_json,
        "nbgrader": any_json
        | st.fixed_dictionaries(
            {"grade_id": some_name | any_json},
            optional={"points": any_json, "schema_version": any_json, "grade": any_json},
        ),
    },
)
some_cell = st.fixed_dictionaries(
    {
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading"]),
        "metadata": some_metadata | any_json,
    },
    optional={
        "source": any_json | st.lists(st.text(max_size=5) | st.integers(), max_size=3),
        "input": any_json,
        "id": any_json,
        "outputs": any_json,
        "attachments": any_json,
        "execution_count": any_json,
    },
)
some_notebook = st.fixed_dictionaries(
    {"nbformat": st.sampled_from([4, 4, 4, 4, 3, 3, 2, 1, True, 5, -1])},
    optional={
        "nbformat_minor": st.integers(-1, 9) | any_json,
        "metadata": any_json,
        "cells": any_json | st.lists(some_cell | any_json, max_size=5),
        "worksheets": any_json
        | st.lists(
            any_json | st.fixed_dictionaries({"cells": st.lists(some_cell | any_json, max_size=3)}),
            max_size=2,
        ),
    },
)


@pytest.mark.filterwarnings("ignore")
@quick
@given(st.lists(some_cell, min_size=1, max_size=4))
def test_cells_with_nonsense_in_any_field_are_mended(cells: list[Any]) -> None:
    """Every known field may hold anything: the notebook is read, and the mended one is valid."""
    mended(*cells)


@pytest.mark.filterwarnings("ignore")
@quick
@given(any_json | some_notebook)
def test_arbitrary_json_never_raises_and_always_mends(data: Any) -> None:
    """Whatever JSON is submitted, the mended notebook is valid and holds every graded cell."""
    notebook, problem = parsed(json.dumps(data).encode())
    problem.encode("utf-8")
    check(mend(notebook, MASTER)[0])


def test_a_problem_fits_on_a_page() -> None:
    """The reason is shown to people; it does not hold the file itself."""
    data = content(cell(metadata={"tags": ["x" * 10**6, 5]}), nbformat=3, worksheets=["x" * 10**6])
    for broken in (data, content(cell(source=nested(400), kind="code"), nbformat=2), b"x" * 10**6):
        _, problem = parsed(broken)
        assert len(problem) < 1000


# --- Notebooks that are unusual ------------------------------------------------------------


def test_a_notebook_is_read_with_its_cells_and_without_its_outputs() -> None:
    """Type, text and metadata are kept; outputs and counts are not."""
    output = {"output_type": "stream", "name": "stdout", "text": "50"}
    notebook = read(
        cell("# Title", "markdown"),
        cell("x = 1", outputs=[output], execution_count=7),
        cell("", "raw"),
    )
    assert [(c.cell_type, c.source) for c in notebook.cells] == [
        ("markdown", "# Title"),
        ("code", "x = 1"),
        ("markdown", ""),
    ]
    assert notebook.cells[1].outputs == []
    assert notebook.cells[1].execution_count is None


def test_version_3_is_read_with_its_code_and_its_metadata() -> None:
    """A notebook of nbformat 3 is converted, without its outputs."""
    old = nbformat.v3
    metadata = graded(SOLUTION)["metadata"]
    output = old.new_output("pyout", "50", prompt_number=1)
    sheet = old.new_worksheet(
        cells=[
            old.new_heading_cell("Title", level=2),
            old.new_code_cell("a = 1\nb = 2", outputs=[output], metadata=metadata),
            old.new_text_cell("markdown", "words"),
        ]
    )
    data = json.loads(nbformat.v3.writes_json(old.new_notebook(worksheets=[sheet])))
    data["worksheets"][0]["cells"][1]["outputs"] = [{"output_type": "no such"}, 5]
    notebook, problem = parsed(json.dumps(data).encode())
    assert problem == ""
    assert [c.source for c in notebook.cells] == ["## Title", "a = 1\nb = 2", "words"]
    assert grade_id_of(notebook.cells[1]) == "descend"
    check(mend(notebook, MASTER)[0])


@pytest.mark.parametrize("cells", [[], None, {}, "cells", 5, [None, 5, "x", []]], ids=repr)
def test_a_notebook_without_cells_is_a_notebook(cells: Any) -> None:
    """No cells, or nothing that is one: everything is missing, nothing raises."""
    notebook, _ = parsed(content(cells=cells))
    assert notebook.cells == []
    check(mend(notebook, MASTER)[0])


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}},
        {"kernelspec": None},
        {"kernelspec": {"name": "../../evil", "argv": ["sh"]}},
        {"language_info": {"name": "R"}},
        {"autograder": {"digest": "forged"}},
        {"celltoolbar": "x", "widgets": {"state": nested(50)}},
        None,
        [],
        "text",
    ],
    ids=lambda value: str(value)[:30],
)
def test_any_notebook_metadata_is_replaced(metadata: Any) -> None:
    """An R kernel, no kernel, or nonsense: the grader decides what runs (see `check`)."""
    notebook, notes = mended(*SOLVED, metadata=metadata)
    assert notes == []
    assert of(notebook, "descend").source == "def descend(x):\n    return 2 * x"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (["a = 1\n", "b = 2"], "a = 1\nb = 2"),
        (["a = 1", "b = 2"], "a = 1\nb = 2"),
        (["a\n", 5, None, "b"], "a\nb"),
        ([], ""),
        (None, ""),
        (5, ""),
        ({"a": 1}, ""),
        ("é ∂ 😀", "é ∂ 😀"),
        ("a\ud800b", "a?b"),
        ("\x00\x1b[31m", "\x00\x1b[31m"),
    ],
    ids=repr,
)
def test_any_source_becomes_text(source: Any, text: str) -> None:
    """A list of lines, wrong types, lone surrogates: text that can be written as UTF-8."""
    (found,) = read(cell(source)).cells
    assert found.source == text
    found.source.encode("utf-8")


def test_a_missing_source_is_empty() -> None:
    """A cell may lack everything but its type."""
    assert [c.source for c in read({"cell_type": "code"}, {"cell_type": "markdown"}).cells] == [
        "",
        "",
    ]


def test_bytes_that_are_not_utf_8_are_read_as_windows_has_them() -> None:
    """An é of Windows in a comment beside a ∂ in UTF-8: both are what they were meant to be."""
    data = json.dumps(json.loads(content(cell("# caf_ ∂\nx = 1"))), ensure_ascii=False)
    found = reading.parse(data.encode().replace(b"caf_", b"caf\xe9 \x80"))
    assert found.problem == ""
    assert found.notebook.cells[0].source == "# café € ∂\nx = 1"
    assert "Windows-1252" in found.notes[0]


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "cp1252"]
)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_file_is_read_in_the_encoding_of_its_bytes(encoding: str, mark: str) -> None:
    """With a byte order mark and without, and it is said where that is not UTF-8."""
    if encoding == "cp1252" and mark:
        return
    text = json.dumps(json.loads(content(cell("# é\nx = 1"))), ensure_ascii=False)
    found = reading.parse((mark + text).encode(encoding))
    assert found.problem == ""
    assert found.notebook.cells[0].source == "# é\nx = 1"
    assert bool(found.notes) == (encoding != "utf-8-sig")


@pytest.mark.parametrize(
    "after", ["}", "\n]}\n", " garbage", '{"nbformat": 4, "cells": []}', "<<<<<<< HEAD", "\n// x"]
)
def test_what_follows_the_notebook_is_ignored_and_said(after: str) -> None:
    """The remains of a longer file, for instance."""
    found = reading.parse(content(cell("x = 1")) + after.encode())
    assert found.problem == ""
    assert [c.source for c in found.notebook.cells] == ["x = 1"]
    assert found.notes == ("something follows the notebook in its file; it was ignored",)


def test_space_around_the_notebook_means_nothing() -> None:
    """Also the zeros that some file systems leave behind."""
    found = reading.parse(b"\n\t " + content(cell("x = 1")) + b"\n\x00\x00\x1a")
    assert (found.problem, found.notes) == ("", ())


def test_a_notebook_of_too_many_cells_is_read_up_to_a_limit() -> None:
    """Nobody writes so many; to read them costs the grader."""
    bare = {"cell_type": "markdown", "metadata": {}, "source": ""}
    many = [bare] * (reading.MAX_CELLS + 5)
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": many}]}
    for data in (content(*many), json.dumps(old).encode()):
        found = reading.parse(data)
        assert len(found.notebook.cells) <= reading.MAX_CELLS
        assert any("more than" in note for note in found.notes)


def test_a_byte_order_mark_does_not_cost_the_notebook() -> None:
    """Some editors on Windows put one before the JSON."""
    notebook, problem = parsed(b"\xef\xbb\xbf" + content(cell("x = 1")))
    assert problem == ""
    assert [c.source for c in notebook.cells] == ["x = 1"]


@pytest.mark.parametrize(
    "metadata",
    [
        {"tags": "hide"},
        {"tags": ["a", "a"]},
        {"tags": ["a, b"]},
        {"tags": [""]},
        {"tags": [5]},
        {"tags": ["\ud800"]},
        {"tags": None},
        {"collapsed": "yes"},
        {"scrolled": 5},
        {"name": ""},
        {"jupyter": {"source_hidden": "yes"}},
        {"nbgrader": "x"},
        {"nbgrader": [1]},
        {"autograder": "x"},
        {"\ud800": "\ud800"},
        None,
        "x",
        [1],
    ],
    ids=lambda value: ascii(value),
)
def test_malformed_cell_metadata_costs_nothing(metadata: Any) -> None:
    """A bad tag or flag in one cell is dropped; cells and notebook stay."""
    notebook, notes = mended(cell("x = 1", metadata=metadata), *SOLVED)
    assert notes == []
    assert notebook.cells[0].source == "x = 1"
    assert of(notebook, "descend").source == "def descend(x):\n    return 2 * x"


def test_good_tags_are_kept() -> None:
    """`raises-exception` and the like mean something to those who read the notebook."""
    notebook, _ = mended(cell(metadata={"tags": ["raises-exception", "wide"], "x": 1}), *SOLVED)
    assert notebook.cells[0].metadata == {"tags": ["raises-exception", "wide"]}


@pytest.mark.parametrize(
    "ids", [["same", "same"], ["a b", ""], [5, None], ["x" * 99, "é"]], ids=repr
)
def test_malformed_and_duplicate_cell_ids_are_replaced(ids: list[Any]) -> None:
    """Ids of the student's own may be missing, equal or invalid."""
    notebook, _ = mended(*(cell(str(k), id=value) for k, value in enumerate(ids)), *SOLVED)
    assert [c.id for c in notebook.cells] == [f"cell-{k}" for k in range(len(notebook.cells))]


def test_a_notebook_without_cell_ids_is_read_without_a_warning() -> None:
    """Older Jupyters write none; nobody needs to hear of it (warnings are errors here)."""
    bare = [{key: value for key, value in c.items() if key != "id"} for c in SOLVED]
    for minor in (0, 4, 5):
        _, notes = mended(*bare, nbformat_minor=minor)
        assert notes == []


@pytest.mark.parametrize("minor", [0, 2, 4, 5, 6, 99, -1, None, "5", "x", 1.5, True, [], 10**400])
def test_any_minor_version_is_read(minor: Any) -> None:
    """Only the major version decides how a notebook is read."""
    notebook, problem = parsed(content(cell("x = 1"), nbformat_minor=minor))
    assert problem == ""
    assert [c.source for c in notebook.cells] == ["x = 1"]


def test_reading_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """A malformed notebook is a student's matter, not a line on the grader's screen."""
    with caplog.at_level(logging.WARNING):
        parsed(
            content(cell(id="a b", metadata={"tags": "x"}), cell(5, "raw"), {"cell_type": "code"})
        )
    assert caplog.messages == []


@pytest.mark.parametrize(
    "attachments",
    [
        {"a.png": {"image/png": "iVBOR"}},
        {"a.png": {"image/png": ["iVB", "OR"]}},
        {"a.png": {"image/png": 5}},
        {"a.png": "iVBOR"},
        {"\ud800": {"image/png": "iVBOR"}},
        {"a.png": {"\ud800": "iVBOR"}},
        {"a.png": {"image/png": "\ud800"}},
        5,
        None,
    ],
    ids=ascii,
)
def test_attachments_do_not_make_a_notebook_invalid(attachments: Any) -> None:
    """A picture in a cell, well-formed or not."""
    notebook, _ = mended(
        cell("![a](attachment:a.png)", "markdown", attachments=attachments), *SOLVED
    )
    assert notebook.cells[0].source == "![a](attachment:a.png)"


def test_a_picture_in_the_written_answer_reaches_the_person_who_marks_it() -> None:
    """A sketch pasted into the answer is part of the answer."""
    picture = {"a.png": {"image/png": "iVBORw0KGgo="}}
    answer = graded(WRITTEN, "![a](attachment:a.png)", attachments=picture)
    notebook, _ = mended(*SOLVED[:3], answer)
    assert of(notebook, "written").get("attachments") == picture


def test_fifty_megabytes_of_output_are_dropped() -> None:
    """Outputs are let go before anything looks at them."""
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 50_000_000}
    notebook = read(cell("print('x' * 10**9)", outputs=[output]), cell("x = 1", outputs="nonsense"))
    assert [c.outputs for c in notebook.cells] == [[], []]
    assert len(json.dumps(notebook)) < 2000


# --- Files that are not what they seem -----------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A submission's folder."""
    (tmp_path / "submitted").mkdir()
    return tmp_path / "submitted"


def test_a_notebook_in_its_folder_is_read(folder: Path) -> None:
    """The ordinary case, also through a link that stays inside."""
    (folder / "a.ipynb").write_bytes(content(cell("x = 1")))
    (folder / "b.ipynb").symlink_to("a.ipynb")
    for name in ("a.ipynb", "b.ipynb"):
        notebook, problem = opened(folder / name, inside=folder)
        assert problem == ""
        assert notebook.cells[0].source == "x = 1"


@pytest.mark.parametrize(
    "target", ["../solution.ipynb", "{root}/solution.ipynb", "way/solution.ipynb"]
)
def test_a_link_out_of_the_folder_is_not_followed(folder: Path, target: str) -> None:
    """Nobody is graded on the instructor's solution: relative, absolute, through a folder."""
    (folder.parent / "solution.ipynb").write_bytes(content(cell("the solution")))
    (folder / "way").symlink_to("..")
    (folder / "a.ipynb").symlink_to(target.format(root=folder.parent))
    notebook, problem = opened(folder / "a.ipynb", inside=folder)
    assert "link to a file outside" in problem
    assert notebook.cells == []


def test_a_link_to_itself_is_a_problem_and_no_exception(folder: Path) -> None:
    """A loop of links cannot be opened, and stops nobody else's grading."""
    (folder / "a.ipynb").symlink_to("a.ipynb")
    notebook, problem = opened(folder / "a.ipynb", inside=folder)
    assert problem
    assert notebook.cells == []


@pytest.mark.parametrize("kind", ["missing", "folder", "dangling link"])
def test_what_cannot_be_opened_is_a_problem_and_no_exception(folder: Path, kind: str) -> None:
    """The reason is the operating system's."""
    path = folder / "a.ipynb"
    if kind == "folder":
        path.mkdir()
    elif kind == "dangling link":
        path.symlink_to("nowhere.ipynb")
    notebook, problem = opened(path, inside=folder)
    assert problem.startswith("the notebook cannot be opened: ")
    assert notebook.cells == []


def test_a_pipe_is_a_problem_and_is_not_waited_for(folder: Path) -> None:
    """Reading a named pipe that nobody writes to would stop the whole run."""
    os.mkfifo(folder / "a.ipynb")

    def give_up(*_: Any) -> None:
        raise RuntimeError("reading the pipe never ended")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        _, problem = opened(folder / "a.ipynb", inside=folder)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert problem


def test_a_file_that_is_too_large_is_not_opened(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is on the file; a sparse one costs the sender nothing."""
    monkeypatch.setattr(reading, "MAX_BYTES", 2_000_000)
    with open(folder / "a.ipynb", "wb") as file:
        file.truncate(2_000_001)
    _, problem = opened(folder / "a.ipynb", inside=folder)
    assert problem == "the notebook is larger than 2 MB"
