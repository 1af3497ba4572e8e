"""Whatever was submitted becomes a notebook that can be graded, and nothing forged survives."""

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
from nbgrader.nbgraderformat import MetadataValidator

from autograder.submissions import reading
from autograder.submissions.cells import (
    MasterCell,
    grade_id_of,
    is_marked,
    task_of,
    visible,
    without_region,
)
from autograder.submissions.mend import mend
from autograder.submissions.reading import parse, read_submission

Json = dict[str, Any]

SECRET = "observe(descend)  # a secret"
SCHEME = "- 1 point: says why."


def master_cell(
    grade_id: str, cell_type: str, source: str, kind: str, points: float = 0.0
) -> MasterCell:
    """A cell as the gradebook keeps it; `kind` lists its flags."""
    return MasterCell(
        grade_id=grade_id,
        cell_type=cell_type,
        source=source,
        grade="grade" in kind,
        solution="solution" in kind,
        locked="locked" in kind,
        points=points,
        checksum="0" * 32,
    )


SOLUTION = master_cell(
    "descend", "code", "def descend(x):\n    raise NotImplementedError", "solution"
)
TEST = master_cell(
    "test_descend",
    "code",
    f"### BEGIN HIDDEN TESTS\n{SECRET}\n### END HIDDEN TESTS\nassert descend(1.0) == 2.0",
    "grade, locked",
    7.0,
)
READ_ONLY = master_cell("given", "markdown", "Read this.", "locked")
WRITTEN = master_cell(
    "written",
    "markdown",
    f"*Your answer here.*\n### BEGIN MARK SCHEME\n{SCHEME}\n### END MARK SCHEME",
    "grade, solution",
    5.0,
)
MASTER = [READ_ONLY, SOLUTION, TEST, WRITTEN]


def cell(source: Any = "1 + 1", kind: str = "code", **changes: Any) -> Json:
    """A cell as nbformat 4.5 has it, with changes."""
    made: Json = {"cell_type": kind, "id": "a-cell", "metadata": {}, "source": source}
    if kind == "code":
        made |= {"outputs": [], "execution_count": None}
    return made | changes


def graded(original: MasterCell, source: str | None = None, **changes: Any) -> Json:
    """A released cell, filled in by a student."""
    text = visible(without_region(original.source, "MARK SCHEME"))
    metadata = {"nbgrader": dict(original.metadata)}
    return cell(text if source is None else source, original.cell_type) | {
        "id": original.grade_id,
        "metadata": metadata,
        **changes,
    }


def content(*cells: Any, **changes: Any) -> bytes:
    """A notebook file with these cells."""
    data = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}
    return json.dumps(data | changes).encode()


SOLVED = [
    cell("Read this.", "markdown", id="x", metadata=graded(READ_ONLY)["metadata"]),
    graded(SOLUTION, "def descend(x):\n    return 2 * x"),
    graded(TEST),
    graded(WRITTEN, "Because it is downhill."),
]


def read(*cells: Any, **changes: Any) -> NotebookNode:
    notebook, problem = parse(content(*cells, **changes))
    assert problem == ""
    return notebook


def check(notebook: NotebookNode) -> None:
    """What holds for every mended notebook."""
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    text = nbformat.writes(notebook)
    text.encode("utf-8")
    assert nbformat.reads(text, as_version=4) == notebook
    for original in MASTER:
        (found,) = (c for c in notebook.cells if grade_id_of(c) == original.grade_id)
        assert found.cell_type == original.cell_type
        assert found.metadata["nbgrader"] == original.metadata
        if original.locked:
            assert found.source == visible(original.source)
    for c in notebook.cells:
        assert c.get("outputs", []) == []
        assert SECRET not in c.source
        assert (SCHEME in c.source) == is_marked(c, "mark_scheme")
    assert sum(is_marked(c, "mark_scheme") for c in notebook.cells) == 1
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
    }


def mended(*cells: Any, **changes: Any) -> tuple[NotebookNode, list[str]]:
    notebook, notes = mend(read(*cells, **changes), MASTER)
    check(notebook)
    return notebook, notes


def of(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return next(c for c in notebook.cells if grade_id_of(c) == grade_id)


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
    notebook, why = parse(data)
    assert problem in why
    assert notebook.cells == []
    check(mend(notebook, MASTER)[0])


@thorough
@given(st.binary(max_size=200) | st.text(max_size=80).map(str.encode))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    """Any bytes at all give a notebook, and a problem unless they are one."""
    notebook, problem = parse(data)
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
    notebook, problem = parse(json.dumps(data).encode())
    problem.encode("utf-8")
    check(mend(notebook, MASTER)[0])


def test_a_problem_fits_on_a_page() -> None:
    """The reason is shown to people; it does not hold the file itself."""
    data = content(cell(metadata={"tags": ["x" * 10**6, 5]}), nbformat=3, worksheets=["x" * 10**6])
    for broken in (data, content(cell(source=nested(400), kind="code"), nbformat=2), b"x" * 10**6):
        _, problem = parse(broken)
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
    notebook, problem = parse(json.dumps(data).encode())
    assert problem == ""
    assert [c.source for c in notebook.cells] == ["## Title", "a = 1\nb = 2", "words"]
    assert grade_id_of(notebook.cells[1]) == "descend"
    check(mend(notebook, MASTER)[0])


@pytest.mark.parametrize("cells", [[], None, {}, "cells", 5, [None, 5, "x", []]], ids=repr)
def test_a_notebook_without_cells_is_a_notebook(cells: Any) -> None:
    """No cells, or nothing that is one: everything is missing, nothing raises."""
    notebook, _ = parse(content(cells=cells))
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
        (["a", 5, None, "b"], "ab"),
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


def test_bytes_that_are_not_utf_8_spoil_only_their_characters() -> None:
    """Latin-1 in a comment does not cost the notebook."""
    data = content(cell("# caf_\nx = 1")).replace(b"caf_", b"caf\xe9")
    notebook, problem = parse(data)
    assert problem == ""
    assert notebook.cells[0].source == "# caf\ufffd\nx = 1"


def test_a_byte_order_mark_does_not_cost_the_notebook() -> None:
    """Some editors on Windows put one before the JSON."""
    notebook, problem = parse(b"\xef\xbb\xbf" + content(cell("x = 1")))
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
    notebook, problem = parse(content(cell("x = 1"), nbformat_minor=minor))
    assert problem == ""
    assert [c.source for c in notebook.cells] == ["x = 1"]


def test_reading_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """A malformed notebook is a student's matter, not a line on the grader's screen."""
    with caplog.at_level(logging.WARNING):
        parse(
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
        notebook, problem = read_submission(folder / name, inside=folder)
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
    notebook, problem = read_submission(folder / "a.ipynb", inside=folder)
    assert "link to a file outside" in problem
    assert notebook.cells == []


def test_a_link_to_itself_is_a_problem_and_no_exception(folder: Path) -> None:
    """A loop of links cannot be opened, and stops nobody else's grading."""
    (folder / "a.ipynb").symlink_to("a.ipynb")
    notebook, problem = read_submission(folder / "a.ipynb", inside=folder)
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
    notebook, problem = read_submission(path, inside=folder)
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
        _, problem = read_submission(folder / "a.ipynb", inside=folder)
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
    _, problem = read_submission(folder / "a.ipynb", inside=folder)
    assert problem == "the notebook is larger than 2 MB"


# --- Mending -------------------------------------------------------------------------------


def test_a_good_submission_is_left_as_it_is() -> None:
    """Every cell in its place, nothing to note, and the mark scheme after the answer."""
    notebook, notes = mended(cell("import torch"), *SOLVED)
    assert notes == []
    assert [grade_id_of(c) for c in notebook.cells] == [
        "", "given", "descend", "test_descend", "written", "",
    ]  # fmt: skip
    assert of(notebook, "written").source == "Because it is downhill."
    assert is_marked(notebook.cells[-1], "mark_scheme")


def test_mending_does_not_change_the_submission() -> None:
    """The notebook that was read is the student's, as it was."""
    notebook = read(*SOLVED)
    before = json.dumps(notebook)
    mend(notebook, MASTER)
    assert json.dumps(notebook) == before


def test_mending_what_is_mended_changes_no_graded_cell() -> None:
    """Nothing is lost by going round again; marks do not pile up."""
    once, _ = mended(*SOLVED[1:])
    cells = [json.loads(json.dumps(c)) for c in once.cells if not is_marked(c, "mark_scheme")]
    twice, _ = mended(*cells)
    assert [of(twice, c.grade_id).source for c in MASTER] == [
        of(once, c.grade_id).source for c in MASTER
    ]


@pytest.mark.parametrize("missing", range(4))
def test_a_deleted_cell_is_put_back_in_its_place_and_marked(missing: int) -> None:
    """It stands where it was released, says that it was missing, and is marked so."""
    notebook, notes = mended(*SOLVED[:missing], *SOLVED[missing + 1 :])
    grade_id = MASTER[missing].grade_id
    assert notes == [f"the cell {grade_id} is missing"]
    assert [i for c in notebook.cells if (i := grade_id_of(c))] == [c.grade_id for c in MASTER]
    assert [c.grade_id for c in MASTER if is_marked(of(notebook, c.grade_id), "missing")] == [
        grade_id
    ]


def test_a_missing_solution_cell_holds_nothing_of_the_instructors() -> None:
    """Only a sentence; the released stub, and the solution, stay out."""
    notebook, _ = mended()
    assert of(notebook, "descend").source == (
        "# This cell (descend) was missing from the submission."
    )
    assert "Your answer" not in of(notebook, "written").source


def test_from_an_empty_notebook_every_cell_is_missing() -> None:
    """In the order of the release."""
    notebook, notes = mended()
    assert [i for c in notebook.cells if (i := grade_id_of(c))] == [c.grade_id for c in MASTER]
    assert len(notes) == 4


def test_of_a_duplicated_cell_the_last_one_counts() -> None:
    """Earlier copies stay as ordinary cells, so that the notebook runs as it did."""
    first = graded(SOLUTION, "def descend(x):\n    return 0")
    notebook, notes = mended(SOLVED[0], first, *SOLVED[1:], SOLVED[2])
    assert of(notebook, "descend").source == "def descend(x):\n    return 2 * x"
    assert notebook.cells[1].source == first["source"]
    assert notebook.cells[1].metadata == {}
    assert notes == [
        "the cell descend is there more than once; the last one counts",
        "the cell test_descend is there more than once; the last one counts",
    ]


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_a_retyped_code_cell_is_code_again(kind: str) -> None:
    """Markdown where code was: the text is run as code, and somebody is told."""
    notebook, notes = mended(SOLVED[0], SOLVED[1] | {"cell_type": kind}, *SOLVED[2:])
    assert of(notebook, "descend").cell_type == "code"
    assert notes == ["the cell descend had become a markdown cell"]


def test_a_retyped_written_answer_is_markdown_again() -> None:
    """And the other way round."""
    notebook, notes = mended(*SOLVED[:3], SOLVED[3] | {"cell_type": "code"})
    assert of(notebook, "written").cell_type == "markdown"
    assert notes == ["the cell written had become a code cell"]


def test_a_renamed_cell_is_missing_and_stays_as_an_ordinary_one() -> None:
    """A changed grade_id makes a cell of the student's own; its code still runs."""
    renamed = graded(SOLUTION, "def descend(x):\n    return 2 * x")
    renamed["metadata"]["nbgrader"]["grade_id"] = "ascend"
    notebook, notes = mended(SOLVED[0], renamed, *SOLVED[2:])
    assert notes == ["the cell descend is missing"]
    assert [c.source for c in notebook.cells].count(renamed["source"]) == 1
    assert all(grade_id_of(c) != "ascend" for c in notebook.cells)


EDITS: list[Json] = [
    {"points": 1000},
    {"points": "many"},
    {"grade": False},
    {"solution": True},
    {"locked": False},
    {"task": True},
    {"schema_version": 99},
    {"schema_version": "x"},
    {"checksum": "forged"},
    {"cell_type": "markdown"},
    {"extra": nested(30)},
]


@pytest.mark.parametrize("edit", EDITS, ids=str)
def test_edited_metadata_is_that_of_the_release_again(edit: Json) -> None:
    """Points, flags and versions are the grader's (see `check`)."""
    cells = [json.loads(json.dumps(c)) for c in SOLVED]
    for c in cells:
        c["metadata"]["nbgrader"].update(edit)
    notebook, notes = mended(*cells)
    assert notes == []
    assert of(notebook, "descend").source == "def descend(x):\n    return 2 * x"


def test_metadata_with_nothing_but_the_name_is_enough() -> None:
    """What a cell is, its grade_id says."""
    cells = [
        c | {"metadata": {"nbgrader": {"grade_id": c["metadata"]["nbgrader"]["grade_id"]}}}
        for c in SOLVED
    ]
    assert mended(*cells)[1] == []


def test_an_edited_test_cell_is_that_of_the_release_again() -> None:
    """Locked text is restored, less what is hidden."""
    notebook, _ = mended(*SOLVED[:2], graded(TEST, "10.0"), SOLVED[3])
    assert of(notebook, "test_descend").source == "assert descend(1.0) == 2.0"


@pytest.mark.parametrize(
    "marks",
    [
        {"missing": True, "unanswered": True, "mark_scheme": True, "grader_error": "x"},
        {"mark_scheme": "yes"},
        "mark_scheme",
        [1],
        None,
    ],
    ids=str,
)
def test_forged_marks_of_the_grader_are_dropped(marks: Any) -> None:
    """Nobody marks a cell as the grader's own, for instance to hide it from the feedback."""
    cells = [json.loads(json.dumps(c)) for c in (cell("print('hi')"), *SOLVED)]
    for c in cells:
        c["metadata"]["autograder"] = marks
    notebook, notes = mended(*cells)
    assert notes == []
    for c in notebook.cells[:-1]:
        assert not any(is_marked(c, mark) for mark in ("missing", "unanswered", "mark_scheme"))
        assert "autograder" not in c.metadata


def test_an_unanswered_question_is_marked() -> None:
    """The released text, untouched up to spaces, is no answer; any other text is one."""
    for text in ("*Your answer here.*", "\n *Your answer here.* \n"):
        notebook, _ = mended(*SOLVED[:3], graded(WRITTEN, text))
        assert is_marked(of(notebook, "written"), "unanswered")
    notebook, _ = mended(*SOLVED)
    assert not is_marked(of(notebook, "written"), "unanswered")
    assert not is_marked(of(mended()[0], "written"), "unanswered")


def test_the_mark_scheme_stands_after_the_answer_in_a_cell_of_its_own() -> None:
    """It is for the person who marks, and marked, so that the feedback leaves it out."""
    notebook, _ = mended(*SOLVED, cell("# the end", "markdown"))
    position = notebook.cells.index(of(notebook, "written")) + 1
    scheme = notebook.cells[position]
    assert is_marked(scheme, "mark_scheme")
    assert scheme.cell_type == "markdown"
    assert SCHEME in scheme.source
    assert "MARK SCHEME" not in scheme.source


@pytest.mark.parametrize("kind", ["locked", "grade, locked"])
@pytest.mark.parametrize("submitted", [True, False])
def test_a_mark_scheme_in_a_locked_cell_is_not_shown_to_the_student(
    kind: str, submitted: bool
) -> None:
    """Wherever an instructor puts it, the scheme appears in its own marked cell only."""
    cell_type = "code" if "grade" in kind else "markdown"
    source = f"# shown\n### BEGIN MARK SCHEME\n{SCHEME}\n### END MARK SCHEME"
    locked = master_cell("locked", cell_type, source, kind, 1.0)
    cells = [graded(locked)] if submitted else []
    notebook, _ = mend(read(*cells), [locked])
    assert of(notebook, "locked").source == "# shown"
    assert [is_marked(c, "mark_scheme") for c in notebook.cells if SCHEME in c.source] == [True]


def test_a_hidden_test_is_nowhere_even_if_it_never_ends() -> None:
    """A region without its END hides everything after its BEGIN."""
    open_ended = master_cell(
        "t", "code", f"x = 1\n### BEGIN HIDDEN TESTS\n{SECRET}", "grade, locked"
    )
    notebook, _ = mend(read(), [open_ended])
    assert of(notebook, "t").source == "x = 1"


some_edit = st.sampled_from(
    [
        "drop",
        "twice",
        "retype",
        "rename",
        "no metadata",
        "edit points",
        "edit source",
        "swap",
        "none",
    ]
)


@thorough
@given(st.lists(some_edit, min_size=4, max_size=4), st.permutations(range(4)), st.booleans())
def test_any_vandalism_is_mended(edits: list[str], order: list[int], marks: bool) -> None:
    """However graded cells are cut, copied, renamed and moved, all are there once and valid."""
    cells: list[Json] = []
    for k in order:
        c = json.loads(json.dumps(SOLVED[k]))
        if marks:
            c["metadata"]["autograder"] = {"mark_scheme": True}
        match edits[k]:
            case "drop":
                continue
            case "twice":
                cells.append(c)
            case "retype":
                c["cell_type"] = "raw" if c["cell_type"] == "code" else "code"
            case "rename":
                c["metadata"]["nbgrader"]["grade_id"] = SOLVED[k - 1]["metadata"]["nbgrader"][
                    "grade_id"
                ]
            case "no metadata":
                c["metadata"] = {}
            case "edit points":
                c["metadata"]["nbgrader"]["points"] = 1e9
            case "edit source":
                c["source"] = "raise SystemExit"
        cells.append(c)
    mended(*cells)


# --- Small questions about cells -----------------------------------------------------------


@pytest.mark.parametrize(
    ("metadata", "grade_id", "task"),
    [
        ({"nbgrader": TEST.metadata}, "test_descend", "descend"),
        ({"nbgrader": SOLUTION.metadata}, "descend", ""),
        ({"nbgrader": WRITTEN.metadata}, "written", ""),
        ({"nbgrader": {**WRITTEN.metadata, "grade_id": "test_x"}}, "test_x", ""),
        ({}, "", ""),
        ({"nbgrader": {}}, "", ""),
        ({"nbgrader": {"grade_id": 5, "grade": True}}, "", ""),
        ({"nbgrader": None}, "", ""),
    ],
)
def test_a_test_cell_knows_its_task(metadata: Json, grade_id: str, task: str) -> None:
    """By its grade_id, and only if it is one that carries points and is no answer."""
    found = nbformat.v4.new_code_cell(metadata=metadata)
    assert grade_id_of(found) == grade_id
    assert task_of(found) == task


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\nc", "a\nc"),
        ("### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS", ""),
        ("    # BEGIN HIDDEN TESTS\nb\n    # END HIDDEN TESTS\nc", "c"),
        ("a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\nc\n"
         "### BEGIN HIDDEN TESTS\nd\n### END HIDDEN TESTS", "a\nc"),
        ("a\n### BEGIN MARK SCHEME\nb\n### END MARK SCHEME", None),
        ("a", "a"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_hidden_part_of_a_cell_is_taken_out(source: str, shown: str | None) -> None:
    """Each region of that name, with its marks; other regions stay."""
    assert visible(source) == (source if shown is None else shown)


@quick
@given(any_json)
def test_the_name_of_any_cell_is_a_string(metadata: Any) -> None:
    """Whatever stands in its metadata."""
    found = NotebookNode(cell_type="code", source="", metadata=NotebookNode(nbgrader=metadata))
    assert isinstance(grade_id_of(found), str)
