"""Notebooks are derived from their text, to the byte the same every time."""

from __future__ import annotations

import json

import nbformat
import pytest
from examples import quick
from hypothesis import given
from hypothesis import strategies as st

from autograder.commands.notebooks import build
from autograder.errors import CourseError

TEXT = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Something else
#     language: R
#     name: ir
#   widgets: {}
# ---

# %% [markdown]
# # Week 0
#
# Walk *downhill*: $x - \\\\eta f'(x)$, é, ∂.

# %%
import numpy as np

# %% nbgrader={"grade_id": "slope", "solution": true, "grade": false, "locked": false}
def slope(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% tags=["raises-exception"]
1 / 0

# %% [markdown] nbgrader={"grade_id": "written", "solution": true, "grade": true, "points": 5}
# *Your answer here.*

# %% [raw]
# as it is
"""


def test_the_same_text_gives_the_same_bytes() -> None:
    """No random id, no order of a set, no clock. (Other processes: see the generated files.)"""
    assert build(TEXT) == build(TEXT)


def test_a_built_notebook_is_valid_and_ends_with_a_newline() -> None:
    """nbformat 4.5, as nbgrader reads it."""
    text = build(TEXT)
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert text.endswith("}\n")
    assert not text.endswith("\n\n")


def test_cells_are_called_by_their_grade_id_or_position() -> None:
    """So that a cell keeps its id when its text changes."""
    ids = [cell["id"] for cell in json.loads(build(TEXT))["cells"]]
    assert ids == ["cell-00", "cell-01", "slope", "cell-03", "written", "cell-05"]


def test_the_text_reaches_the_cells() -> None:
    """Type, source and metadata of each cell are those of the text."""
    cells = nbformat.reads(build(TEXT), as_version=4).cells
    assert [cell.cell_type for cell in cells] == [
        "markdown", "code", "code", "code", "markdown", "raw",
    ]  # fmt: skip
    assert cells[0].source.startswith("# Week 0\n\nWalk *downhill*")
    assert cells[0].source.endswith("é, ∂.")
    assert cells[2].source.splitlines()[0] == "def slope(x):"
    assert cells[2].metadata.nbgrader == {
        "grade_id": "slope", "solution": True, "grade": False, "locked": False,
    }  # fmt: skip
    assert cells[3].metadata.tags == ["raises-exception"]


def test_a_built_notebook_carries_no_outputs_and_no_metadata_of_its_author() -> None:
    """The kernel is always the course's; nothing of jupytext's stays."""
    notebook = json.loads(build(TEXT))
    assert notebook["metadata"] == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


def test_building_leaves_nothing_behind_for_the_next_text() -> None:
    """The shared metadata is copied, not handed out."""
    before = build(TEXT)
    build(TEXT.replace("python3", "other"))
    assert build(TEXT) == before


def test_characters_are_written_as_themselves() -> None:
    """People read the file; it is UTF-8, without escapes for letters."""
    assert "é, ∂." in build(TEXT)


@pytest.mark.parametrize("text", ["", "\n", "# %%\n", "x = 1\n", "# just a comment"])
def test_any_small_text_is_a_valid_notebook(text: str) -> None:
    """Also an empty one."""
    notebook = nbformat.reads(build(text), as_version=4)
    nbformat.validate(notebook)
    assert build(text) == build(text)


@quick
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["# %%", "# %% [markdown]"]),
            st.text("abc =1\n#'\"éλ", max_size=30),
        ),
        max_size=5,
    )
)
def test_any_text_gives_stable_bytes(cells: list[tuple[str, str]]) -> None:
    """Whatever is written, twice is the same, valid, and numbered in order."""
    text = "\n\n".join(f"{mark}\n{body}" for mark, body in cells)
    built = build(text)
    assert build(text) == built
    notebook = nbformat.reads(built, as_version=4)
    nbformat.validate(notebook)
    assert [cell.id for cell in notebook.cells] == [
        f"cell-{k:02d}" for k in range(len(notebook.cells))
    ]


@pytest.mark.parametrize(
    "said",
    [
        'nbgrader={"grade_id": "slope" "solution": true}',
        'nbgrader={"grade_id": "slope", "solution": true',
        'nbgrader={"grade_id": "slope", "solution": true}}',
        'nbgrader={"grade_id": "slope", "solution": ture}',
        'nbgrader={"grade_id": "slope", solution: true}',
        'nbgrader={"grade_id": "slope", "solution": true} tags=["raises-exception"',
        '[markdown] nbgrader={"grade_id": "slope" "solution": true}',
        'nbgrade={"grade_id": "slope", "solution": true}',
        'nbgrader {"grade_id": "slope", "solution": true}',
        'nbgrader="slope"',
        "tags=[hide-input]",
    ],
)
def test_what_cannot_be_read_of_a_cell_is_named_with_its_line(said: str) -> None:
    """jupytext drops it without a word, and the cell with its task."""
    line = 1 + TEXT[: TEXT.index("# %% nbgrader")].count("\n")
    lines = TEXT.splitlines()
    lines[line - 1] = f"# %% {said}"
    with pytest.raises(CourseError, match=rf"^week\.py, line {line}: .*cannot be read"):
        build("\n".join(lines), "week.py")


@pytest.mark.parametrize(
    "mark",
    [
        "# %% [markdwon]",
        "# %% [Markdown]",
        "# %% [ markdown ]",
        "# %% [mark down]",
        "# %% [markdown",
        "# %% (markdown)",
        "# %% markdown",
        "# %% [text]",
        "# %% Solve it [markdwon]",
        '# %% [markdonw] tags=["a"]',
        "# %%[markdown]",
        "## %% [markdown]",
        "# % [markdown]",
    ],
)
def test_a_kind_of_cell_that_there_is_not_is_named_with_its_line(mark: str) -> None:
    """jupytext makes code of it, and students would get a cell of comments."""
    text = TEXT.replace("# %% [markdown]\n# # Week 0", f"{mark}\n# # Week 0")
    line = 1 + text[: text.index(mark)].count("\n")
    with pytest.raises(CourseError, match=rf"^week\.py, line {line}: .* is no kind of cell"):
        build(text, "week.py")
    twice = f"{text}\n{mark}\n# x\n"
    with pytest.raises(CourseError, match=rf"^week\.py, lines {line}, \d+: .* is no kind of cell"):
        build(twice, "week.py")


@pytest.mark.parametrize(
    "mark",
    [
        "# %% [md]", "# %% [code]", "# %% see [1]", "# %% [1] first", "# %% About markdown",
        "#%% [markdown]", "# %%% [markdown]", "# % of all [in percent]", "# %matplotlib inline",
        "# %%html", "# %% A title (of a kind)", "# %% f(x) [m]",
    ],
)  # fmt: skip
def test_a_kind_that_there_is_or_a_title_is_none_to_be_named(mark: str) -> None:
    assert json.loads(build(f"{TEXT}\n{mark}\n# x\n"))["cells"]


@pytest.mark.parametrize(
    "said",
    ["Solve x = 3", "why == so", "All about tags", "# tags and nbgrader", "nbgrader={'points': 3}"],
)
def test_a_title_is_a_title(said: str) -> None:
    assert json.loads(build(f"{TEXT}\n# %% {said}\nx = 1\n"))["cells"]
