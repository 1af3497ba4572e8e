"""A cell is what it says, whatever its metadata say or do not say."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest
from examples import thorough
from fuzzing import uncollected
from hypothesis import given
from hypothesis import strategies as st
from release import (
    READ_ONLY,
    SOLUTION,
    TEST,
    WRITTEN,
    Json,
    cell,
    check,
    content,
    graded,
    master_cell,
    of,
    parsed,
)

from autograder.submissions.cells import MasterCell, grade_id_of, is_marked, visible
from autograder.submissions.mend import mend

TITLE = MasterCell.plain("markdown", "# Walking downhill")
SETUP = MasterCell.plain("code", "import numpy as np")
QUESTION = MasterCell.plain("markdown", "## Written question\n\nWhy is it downhill? Six lines.")
READING = MasterCell.plain("markdown", "## Where to read on\n\nA book that is worth it.")
CLIMB = master_cell("climb", "code", "def climb(x):\n    raise NotImplementedError", "solution")
TEST_CLIMB = master_cell(
    "test_climb", "code", "assert climb(1.0) == 0.5\nassert climb(2.0) == 1.0", "grade, locked", 3.0
)
#: With what stands between the graded cells, as a run knows it.
RELEASE = [TITLE, READ_ONLY, SETUP, SOLUTION, TEST, CLIMB, TEST_CLIMB, QUESTION, WRITTEN, READING]

GOOD = "def descend(x):\n    return 2 * x"
GOOD_CLIMB = "def climb(x):\n    return x / 2"
ANSWER = "Because the slope points uphill."
STUB = SOLUTION.source


def own(master: MasterCell) -> Json:
    return cell(master.source, master.cell_type)


def work(**changes: Any) -> dict[str, Json]:
    """The solved notebook, cell by cell in order; a cell is changed, or left out with None."""
    cells = {
        "title": own(TITLE),
        "given": graded(READ_ONLY),
        "setup": own(SETUP),
        "descend": graded(SOLUTION, GOOD),
        "test_descend": graded(TEST),
        "climb": graded(CLIMB, GOOD_CLIMB),
        "test_climb": graded(TEST_CLIMB),
        "question": own(QUESTION),
        "written": graded(WRITTEN, ANSWER),
        "reading": own(READING),
    }
    return {name: c for name, c in (cells | changes).items() if c is not None}


def bare(found: Json) -> Json:
    """The cell as an editor leaves it that keeps no metadata of others."""
    return found | {"metadata": {}}


def put_together(cells: list[Json]) -> tuple[Any, list[str]]:
    notebook, problem = parsed(content(*cells))
    assert problem == ""
    notebook, notes = mend(notebook, RELEASE)
    check(notebook)
    return notebook, notes


def earns(notebook: Any) -> bool:
    """Whether each function is right when its test is reached, run cell by cell."""
    names: dict[str, Any] = {}
    right = {}
    for found in notebook.cells:
        name = grade_id_of(found)
        if name == "test_descend":
            right[name] = names["descend"](1.0) == 2.0
        elif name == "test_climb":
            right[name] = names["climb"](1.0) == 0.5
        elif found.cell_type == "code":
            code = "\n".join(
                line for line in found.source.split("\n") if not line.startswith(("%", "!"))
            )
            with contextlib.suppress(Exception):
                exec(code, names)
    return right == {"test_descend": True, "test_climb": True}


# --- Metadata that are gone ----------------------------------------------------------------


def test_without_any_metadata_every_cell_is_found() -> None:
    """Tests by their text, solutions by their function, the answer by its place."""
    notebook, notes = put_together([bare(c) for c in work().values()])
    assert [grade_id_of(c) for c in notebook.cells if grade_id_of(c)] == [
        c.grade_id for c in RELEASE if c.grade_id
    ]
    assert of(notebook, "descend").source == GOOD
    assert of(notebook, "written").source == ANSWER
    assert not any(is_marked(c, mark) for c in notebook.cells for mark in ("missing", "waits"))
    assert len(notes) == 1
    assert all(c.grade_id in notes[0] for c in RELEASE if c.grade_id)


@pytest.mark.parametrize("name", ["given", "descend", "test_descend", "test_climb", "written"])
@pytest.mark.parametrize("lost", ["metadata", "nbgrader", "grade_id", "renamed"])
def test_a_cell_that_lost_its_metadata_is_found(name: str, lost: str) -> None:
    """Whichever of the cells, and however much of its metadata."""
    cells = work()
    metadata = {
        "metadata": {},
        "nbgrader": {"tags": ["x"], "colab": {}},
        "grade_id": {"nbgrader": {"grade": True}},
        "renamed": {"nbgrader": {"grade_id": "cell-5d3f1"}},
    }[lost]
    cells[name]["metadata"] = metadata
    notebook, notes = put_together(list(cells.values()))
    assert notes == [f"without metadata of their own, recognised by what they say: {name}"]
    assert not is_marked(of(notebook, name), "missing")
    assert earns(notebook)


def test_an_untouched_notebook_without_metadata_earns_nothing() -> None:
    """The stubs and the unanswered question are recognised as such."""
    cells = work(descend=graded(SOLUTION), climb=graded(CLIMB), written=graded(WRITTEN))
    notebook, _ = put_together([bare(c) for c in cells.values()])
    assert is_marked(of(notebook, "written"), "unanswered")
    assert of(notebook, "descend").source == STUB
    assert not any(is_marked(c, "waits") for c in notebook.cells)


@pytest.mark.parametrize(
    "text",
    [
        "assert  descend( 1.0 )==2.0",
        "# my note\nassert descend(1.0) == 2.0",
        "assert descend(1.0) == 2.0\n\n\nprint(descend(3.0))",
        "%%time\nassert descend(1.0) == 2.0",
    ],
)
def test_an_edited_test_cell_without_metadata_is_recognised(text: str) -> None:
    """Reformatted, commented, added to."""
    notebook, notes = put_together(list(work(test_descend=cell(text)).values()))
    assert not is_marked(of(notebook, "test_descend"), "missing")
    assert any("recognised" in note for note in notes)
    assert earns(notebook)


def test_a_test_cell_that_is_not_there_is_missing() -> None:
    """Under no guise: the explicit 0 of a deleted cell."""
    notebook, notes = put_together(list(work(test_descend=None).values()))
    assert is_marked(of(notebook, "test_descend"), "missing")
    assert notes == ["the cell test_descend is missing"]
    assert not is_marked(of(notebook, "test_descend"), "waits")


def test_solutions_in_a_notebook_of_ones_own_are_for_a_person() -> None:
    """Without the tests, and without anything that says which cells they are."""
    notebook, _ = put_together([cell(GOOD), cell(CLIMB.shown), cell(ANSWER, "markdown")])
    for name, there in (("test_descend", True), ("test_climb", False)):
        assert is_marked(of(notebook, name), "missing")
        assert is_marked(of(notebook, name), "waits") == there


# --- Merged and split ----------------------------------------------------------------------


@pytest.mark.parametrize("kept", ["descend", "test_descend", ""])
@pytest.mark.parametrize("between", ["\n", "\n\n", "\n\n# the test\n"])
def test_a_solution_merged_with_its_test_is_parted(kept: str, between: str) -> None:
    """Whichever cell's metadata an editor keeps."""
    cells = work(test_descend=None)
    text = GOOD + between + visible(TEST.source).strip()
    metadata = {"descend": graded(SOLUTION), "test_descend": graded(TEST)}.get(kept, cell())
    cells["descend"] = cell(text, metadata=metadata["metadata"])
    notebook, notes = put_together(list(cells.values()))
    assert not any(is_marked(c, "missing") for c in notebook.cells)
    assert earns(notebook)
    assert notes


def test_two_solutions_in_one_cell_are_both_found() -> None:
    """And the stub that was left does not undo the second one."""
    cells = work(descend=graded(SOLUTION, f"{GOOD}\n\n\n{GOOD_CLIMB}"), climb=graded(CLIMB))
    notebook, notes = put_together(list(cells.values()))
    assert earns(notebook)
    assert "climb stands in the cell descend" in notes
    del cells["climb"]
    notebook, notes = put_together(list(cells.values()))
    assert earns(notebook)
    assert "climb stands in the cell descend" in notes


def test_tests_that_were_merged_are_parted() -> None:
    """Whichever of them the cell says that it is."""
    both = f"{visible(TEST.source).strip()}\n\n{visible(TEST_CLIMB.source).strip()}"
    masters = {"test_climb": TEST_CLIMB, "test_descend": TEST}
    for kept, gone in (tuple(masters), tuple(masters)[::-1]):
        cells = work() | {kept: graded(masters[kept], both)}
        del cells[gone]
        notebook, notes = put_together(list(cells.values()))
        assert not any(is_marked(c, "missing") for c in notebook.cells), kept
        assert any(gone in note for note in notes)
        if kept == "test_climb":  # else it comes before the other's solution
            assert earns(notebook)


@pytest.mark.parametrize("fence", ["```python\n{}\n```", "~~~\n{}\n~~~\n"])
def test_code_in_a_text_is_code_without_its_fence(fence: str) -> None:
    """A solution that has become Markdown."""
    solution = graded(SOLUTION, fence.format(GOOD)) | {"cell_type": "markdown"}
    notebook, _ = put_together(list(work(descend=solution).values()))
    assert of(notebook, "descend").source == GOOD
    assert earns(notebook)


@pytest.mark.parametrize("with_metadata", [True, False])
def test_a_solution_split_into_cells_is_whole(with_metadata: bool) -> None:
    """At a blank line, where both are Python, and in the middle of the function."""
    for first, second in [
        ("def helper(x):\n    return 2 * x", "def descend(x):\n    return helper(x)"),
        ("def descend(x):\n    y = 2 * x", "    return y"),
        ("def descend(x):", "    return 2 * x"),
    ]:
        cells = list(work(descend=graded(SOLUTION, first)).values())
        rest = graded(SOLUTION, second) if with_metadata else cell(second)
        cells.insert(4, rest)
        notebook, _ = put_together(cells)
        assert earns(notebook), first


# --- Copies --------------------------------------------------------------------------------


@pytest.mark.parametrize("worked_first", [True, False])
@pytest.mark.parametrize("with_metadata", [True, False])
def test_of_two_copies_the_one_that_was_worked_on_counts(
    worked_first: bool, with_metadata: bool
) -> None:
    """Also where the untouched one would run later and undo it."""
    copies = [graded(SOLUTION, GOOD), graded(SOLUTION)]
    if not with_metadata:
        copies[1] = bare(copies[1])
    cells = list(work(descend=None).values())
    cells[3:3] = copies if worked_first else copies[::-1]
    notebook, _ = put_together(cells)
    assert of(notebook, "descend").source == GOOD
    assert earns(notebook)


@pytest.mark.parametrize("place", range(11))
def test_a_solution_in_a_cell_of_its_own_counts_wherever_it_stands(place: int) -> None:
    """Above the untouched stub, right below it, below the test, at the end of the notebook."""
    cells = list(work(descend=graded(SOLUTION)).values())
    cells.insert(place, cell(GOOD))
    notebook, notes = put_together(cells)
    assert of(notebook, "descend").source == GOOD
    assert earns(notebook)
    test = of(notebook, "test_descend")
    assert is_marked(test, "waits") == (place > 4)  # should it cost points, a person looks
    assert any("below its test" in note for note in notes) == (place > 4)


# --- Locked cells --------------------------------------------------------------------------


def below(code: str) -> Any:
    """A solution of another name, and this at the end of the notebook."""
    other = GOOD.replace("descend", "my_descend")
    cells = [*work(descend=graded(SOLUTION, other)).values(), cell(code)]
    return put_together(cells)


def test_what_gets_its_name_below_the_test_is_for_a_person() -> None:
    """It is not there when it is asked for; what that costs is not closed at 0."""
    for code in ("descend = my_descend", GOOD, "from mine import descend"):
        notebook, notes = below(code)
        assert is_marked(of(notebook, "test_descend"), "waits"), code
        assert "descend is defined only below its test cell" in notes
        assert not is_marked(of(notebook, "test_climb"), "waits")
    for code in ("climb = my_descend", "# descend = 1", "print(descend)"):
        notebook, notes = below(code)
        assert not is_marked(of(notebook, "test_descend"), "waits"), code
        assert not notes


CORRECTED = GOOD.replace("2 * x", "3 * x")


@pytest.mark.parametrize(
    "below",
    [
        CORRECTED,
        f"# mended\n{CORRECTED}\nprint(descend(1.0))",
        "descend = lambda x: 3 * x",
        f"{CORRECTED.replace('descend', 'better')}\ndescend = better",
        "from mine import descend",
        f"{GOOD}\n{CORRECTED}",
    ],
)
def test_what_is_written_again_below_the_test_is_for_a_person(below: str) -> None:
    """It may be a correction; nothing is said of it unless points are lost."""
    for where in ("test_descend", "test_climb", "reading"):
        cells = list(work().values())
        at = list(work()).index(where) + 1
        notebook, notes = put_together([*cells[:at], cell(below), *cells[at:]])
        test = of(notebook, "test_descend")
        assert test.metadata["autograder"]["waits"] == (
            "descend is defined again, differently, below its test cell"
        )
        assert not is_marked(of(notebook, "test_climb"), "waits")
        assert not notes


@pytest.mark.parametrize(
    "below",
    [
        GOOD,
        f"# once more\n{GOOD.replace('    ', '  ')}  # the same",
        "descend = descend(3.0)",
        "descend = 3.0",
        "def other(x):\n    descend = 3 * x\n    return descend",
        CORRECTED.replace("descend", "descent"),
        f'"""\n{CORRECTED}\n"""',
        STUB,
    ],
)
def test_what_is_no_other_function_below_the_test_waits_for_nobody(below: str) -> None:
    """The same code, a number of that name, a name inside, words."""
    notebook, _ = put_together([*work().values(), cell(below)])
    assert not is_marked(of(notebook, "test_descend"), "waits")


def test_what_is_written_again_above_the_test_is_what_is_judged() -> None:
    cells = list(work().values())
    notebook, _ = put_together([*cells[:4], cell(CORRECTED), *cells[4:], cell(CORRECTED)])
    assert not is_marked(of(notebook, "test_descend"), "waits")


def test_solutions_that_changed_places_are_for_a_person() -> None:
    """Only the one whose test comes before it: the other one is there when it is asked for."""
    swapped = {"descend": graded(SOLUTION, GOOD_CLIMB), "climb": graded(CLIMB, GOOD)}
    notebook, _ = put_together([*work(**swapped).values()])
    assert is_marked(of(notebook, "test_descend"), "waits")
    assert not is_marked(of(notebook, "test_climb"), "waits")


def test_what_was_typed_into_a_locked_test_cell_runs_before_it() -> None:
    """The solution, where the stub above was left alone; and it is said."""
    cells = work(
        descend=graded(SOLUTION),
        test_descend=graded(TEST, f"{visible(TEST.source)}\n{GOOD}"),
        climb=graded(CLIMB),
        test_climb=graded(TEST_CLIMB, GOOD_CLIMB),
    )
    notebook, notes = put_together(list(cells.values()))
    assert earns(notebook)
    assert sum("was typed into the locked cell" in note for note in notes) == 2
    assert of(notebook, "test_descend").source == visible(TEST.source).strip()


def test_what_was_typed_into_a_locked_text_is_kept() -> None:
    """An answer, for instance."""
    typed = "Read this.\n\nBecause it is the way down."
    notebook, notes = put_together(list(work(given=graded(READ_ONLY, typed)).values()))
    assert any(c.source.strip() == "Because it is the way down." for c in notebook.cells)
    assert "something was typed into the locked cell given" in notes[0]


def test_a_locked_cell_as_it_was_leaves_no_note() -> None:
    """Also if an editor changed its spaces, and as the instructor has it."""
    for text in (None, f"\n{visible(TEST.source)}  \n", TEST.source):
        assert put_together(list(work(test_descend=graded(TEST, text)).values()))[1] == []


# --- Answers in words ----------------------------------------------------------------------

LONG = "Descent on x² multiplies x by 1 − 2 lr in each step, so it converges if that is below one."


@pytest.mark.parametrize(
    ("place", "answer"),
    [
        (7, cell("By the chain rule.", "markdown")),
        (8, cell("By the chain rule.", "markdown")),
        (9, cell("By the chain rule.", "markdown")),
        (10, cell("By the chain rule.", "markdown")),
        (9, cell("By the chain rule.", "raw")),
        (9, cell("# By the chain rule.")),
        (9, cell('"""By the chain rule."""')),
        (9, cell('print("By the chain rule.")')),
        (9, cell('answer = "By the chain rule."')),
        (9, cell('display(Markdown("By the chain rule."))')),
        (9, cell('answer = "By the chain rule."\nanswer')),
        (9, cell('print(f"By the chain rule, as x shrinks by a factor of {1 - 2 * 0.1}.")')),
        (9, cell("%%markdown\nBy the chain rule.")),
        (9, cell("%%latex\nBy the chain rule.")),
        (99, cell("By the chain rule, of course.", "markdown")),
        (0, cell(LONG, "markdown")),
        (0, cell(f'print("{LONG}{LONG}")')),
        (9, cell("![photo](attachment:a.png)", "markdown")),
        (0, cell(LONG + LONG, "markdown")),
        (2, cell(LONG + LONG, "raw")),
    ],
)
def test_an_answer_near_its_untouched_cell_is_not_closed(place: int, answer: Json) -> None:
    """A person has to look, and finds both cells."""
    for stub in (graded(WRITTEN), None):
        cells = list(work(written=stub).values())
        cells.insert(min(place, len(cells)), answer)
        notebook, notes = put_together(cells)
        written = of(notebook, "written")
        assert not is_marked(written, "unanswered")
        assert not is_marked(written, "missing")
        assert is_marked(written, "waits") or written.source == answer["source"]
        assert sum(c.source == answer["source"] for c in notebook.cells) == 1
        assert notes


def test_an_answer_typed_into_the_question_is_not_closed() -> None:
    """The stub below it was left alone."""
    question = cell(f"{QUESTION.source}\n\nBy the chain rule.", "markdown")
    notebook, _ = put_together(list(work(question=question, written=graded(WRITTEN)).values()))
    assert is_marked(of(notebook, "written"), "waits")


@pytest.mark.parametrize(
    "other", [cell("Name: Alex", "markdown"), cell("# a note to myself"), cell("", "markdown")]
)
def test_a_word_elsewhere_is_no_answer(other: Json) -> None:
    """A name at the top leaves an unanswered question unanswered."""
    cells = list(work(written=graded(WRITTEN)).values())
    notebook, notes = put_together([other, *cells])
    assert is_marked(of(notebook, "written"), "unanswered")
    assert notes == []


def test_a_picture_pasted_into_an_untouched_cell_is_not_closed() -> None:
    """A photograph of what was written by hand."""
    written = graded(WRITTEN, attachments={"a.png": {"image/png": "iVBORw0KGgo="}})
    notebook, _ = put_together(list(work(written=written).values()))
    assert is_marked(of(notebook, "written"), "waits")
    assert not is_marked(of(notebook, "written"), "unanswered")


def test_a_deleted_answer_is_missing() -> None:
    """Where nothing else of the student's own stands."""
    notebook, notes = put_together(list(work(written=None).values()))
    assert is_marked(of(notebook, "written"), "missing")
    assert notes == ["the cell written is missing"]


# --- Anything at all -----------------------------------------------------------------------

some_text = st.sampled_from(
    [GOOD, GOOD_CLIMB, STUB, ANSWER, LONG, "", "    return y", "x = = 2", "!pip install x"]
    + [c.shown for c in RELEASE]
)
some_cell = st.builds(
    lambda texts, kind, name: cell(
        "\n".join(texts), kind, metadata={"nbgrader": {"grade_id": name}} if name else {}
    ),
    st.lists(some_text | st.text(max_size=20), max_size=3),
    st.sampled_from(["code", "code", "markdown", "raw"]),
    st.sampled_from(["", "", *(c.grade_id for c in RELEASE)]),
)


@thorough
@given(st.lists(some_cell, max_size=12))
def test_any_cells_give_a_notebook_with_every_released_one(cells: list[Json]) -> None:
    """However texts and names are mixed: each is there once, and nothing typed is lost."""
    notebook, _ = put_together(cells)
    kept = " ".join(" ".join(c.source.split()) for c in notebook.cells)
    for found in cells:
        for line in found["source"].split("\n"):
            known = any(line.strip() in c.source for c in RELEASE)
            assert known or " ".join(line.split()) in kept


@pytest.mark.parametrize("name", ["", "test_descend"])
def test_thousands_of_cells_cost_no_more_than_their_number(name: str) -> None:
    """Whatever they are taken for: ten times as many take about ten times as long."""
    texts = [
        GOOD, "    return y", f"{GOOD}\n{TEST.shown}", "x = f'" + "{a}" * 900 + "'", "(" * 2_000,
        "word " * 1_000, TEST.shown, 'x = f"{d["a"]}"', STUB, "# words", "",
    ]  # fmt: skip
    metadata = {"nbgrader": {"grade_id": name}} if name else {}
    taken = []
    for number in (10, 100):
        notebook, _ = parsed(content(*(cell(t, metadata=metadata) for t in texts * number)))
        with uncollected():
            started = time.process_time()
            mended, _ = mend(notebook, RELEASE)
            taken.append(time.process_time() - started)
        assert len([c for c in mended.cells if grade_id_of(c)]) == 6
    assert taken[1] < 30 * taken[0] + 1
