"""Whatever was submitted becomes a notebook that can be graded, and nothing forged survives."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from examples import any_json, nested, quick, thorough
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from release import (
    MASTER,
    SCHEME,
    SECRET,
    SOLUTION,
    SOLVED,
    TEST,
    WRITTEN,
    Json,
    cell,
    graded,
    master_cell,
    mended,
    of,
    read,
)

from autograder.submissions.cells import extras, grade_id_of, is_marked, task_of, visible
from autograder.submissions.mend import mend

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


def test_a_renamed_cell_is_what_it_says() -> None:
    """A changed grade_id means nothing; the function that the cell defines does."""
    renamed = graded(SOLUTION, "def descend(x):\n    return 2 * x")
    renamed["metadata"]["nbgrader"]["grade_id"] = "ascend"
    notebook, notes = mended(SOLVED[0], renamed, *SOLVED[2:])
    assert notes == ["without metadata of their own, recognised by what they say: descend"]
    assert of(notebook, "descend").source == renamed["source"]
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


def test_what_belongs_to_no_task_and_earns_nothing_is_an_extra() -> None:
    """In a course without tasks, what is tested is known to the instructor alone."""

    def cell(grade_id: str, grade: bool, solution: bool) -> NotebookNode:
        about = {"grade_id": grade_id, "grade": grade, "solution": solution}
        return nbformat.v4.new_code_cell("", metadata={"nbgrader": about})

    task = [cell("newton", False, True), cell("test_newton", True, False)]
    written, more = cell("written", True, True), cell("if_you_have_time", False, True)
    assert extras([*task, written, more]) == {"if_you_have_time"}
    assert extras([written, more, cell("check_newton", True, False)]) == set()
