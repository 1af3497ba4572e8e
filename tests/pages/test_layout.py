"""How a page lays out a notebook: the student's work in the open, what all were given folded."""

from __future__ import annotations

import re
from typing import Any

from classes import graded
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from test_pages import WEEK, Page, cell_of, export

from autograder.grading.course import Course
from autograder.pages.layout import parts
from autograder.pages.outputs import last_line
from autograder.submissions.cells import grade_id_of


def folded(page: Page) -> list[str]:
    """The text of what is folded away, part by part."""
    return re.findall(
        r'<details class="aside given">(.*?)</details>\s*(?=<section|</main)',
        page.source,
        re.DOTALL,
    )


def test_what_a_student_wrote_and_what_was_said_of_it_is_in_the_open(released: Course) -> None:
    """Code and verdict in one part, in the order of the tasks; what all were given is folded."""
    week = released.week(WEEK)
    notebook = graded(released.root, week, {"gradient_descent": 0})
    cell_of(notebook, "gradient_descent").source = "def gradient_descent():\n    return 'mine'"
    page = export(notebook)
    open_ = page.source
    for part in folded(page):
        open_ = open_.replace(part, "")
    assert "You stand on a hillside" in page.source
    assert "You stand on a hillside" not in open_
    section = r'<section class="graded" id="grade-test_gradient_descent">(.*?)</section>'
    (mine,) = re.findall(section, open_, re.DOTALL)
    words = re.sub(r"<[^>]+>", "", mine)
    assert (
        words.index("Task gradient_descent: 0 of 9") < words.index("mine") < words.index("climbs.")
    )
    captions = re.findall(r"<h2>(Task|Your answer)", page.source)
    assert captions == ["Task"] * 4 + ["Your answer"]


def test_a_cell_of_the_students_own_is_not_folded(released: Course) -> None:
    """Where it is known what everybody was given; a cell that was changed counts as theirs."""
    notebook = graded(released.root, released.week(WEEK))
    changed = next(c for c in notebook.cells if "def square" in c.source)
    changed.source += "\n# I looked at this"
    notebook.cells.append(new_code_cell("my_own = 1"))
    found = parts(
        notebook.cells, {c.source for c in graded(released.root, released.week(WEEK)).cells}
    )
    assert [p.cells[0].source for p in found if p.kind == "own"] == [changed.source, "my_own = 1"]
    assert {p.kind for p in parts(notebook.cells)} == {"task", "answer", "given"}


def test_a_solution_and_its_test_cell_are_one_part_only_side_by_side() -> None:
    """A test cell elsewhere stands alone, and takes no other's code."""

    def cell(grade_id: str, **about: Any) -> Any:
        return new_code_cell("x", metadata={"nbgrader": {"grade_id": grade_id, **about}})

    a, b = cell("a", solution=True), cell("b", solution=True)
    test_a, test_b = (cell(f"test_{k}", grade=True, points=1) for k in "ab")
    text = new_markdown_cell("## Next\n\n## $x^2$ and\n\n## \\alpha")
    laid = parts([a, test_a, text, b, text, test_b, a, test_b, test_a])
    assert [[grade_id_of(cell) for cell in part.cells] for part in laid] == [
        ["a", "test_a"], [""], ["b"], [""], ["test_b"], ["a"], ["test_b"], ["test_a"],
    ]  # fmt: skip
    assert laid[1].summary == "From the notebook: Next · x^2 and"


def test_what_is_for_who_has_time_is_no_task_that_was_missed(released: Course) -> None:
    """As it was released it is folded with the rest; where it is gone, nobody is told so."""
    notebook = graded(released.root, released.week(WEEK))
    everybodys = {cell.source for cell in notebook.cells}
    spare = cell_of(notebook, "if_you_have_time")

    def alone() -> bool:
        return any(part.cells == (spare,) for part in parts(notebook.cells, everybodys))

    assert not alone()
    spare.source = "def line_search_descent(f, x0, n_steps):\n    return 'mine'"
    assert alone()
    spare.source = "# This cell (if_you_have_time) was missing from the submission."
    spare.metadata["autograder"] = {"missing": True}
    assert not any(spare in part.cells for part in parts(notebook.cells, everybodys))


def test_a_folded_part_says_that_something_failed_in_it() -> None:
    """Or nobody would look there for the reason."""
    failed = new_code_cell("1/0", outputs=[new_output("error", ename="E", evalue="", traceback=[])])
    (part,) = parts([new_markdown_cell("# One\n# Two\n# Three\n# Four"), failed])
    assert part.summary == (
        "From the notebook: One · Two · Three … (a cell here stopped with an error)"
    )


TRACEBACK = """\x1b[31m-----\x1b[39m
\x1b[31mAssertionError\x1b[39m      Traceback (most recent call last)
\x1b[36mCell\x1b[39m\x1b[32mIn[3], line 3\x1b[39m
----> 3 assert len(path) == 11

\x1b[31mAssertionError\x1b[39m: start plus one point,
but there are 10"""


def test_of_a_traceback_the_last_line_is_in_the_open(released: Course) -> None:
    """What a visible check says; how it got there is folded."""
    notebook = graded(released.root, released.week(WEEK))
    cell = cell_of(notebook, "test_basin")
    cell.outputs.append(new_output("stream", name="stdout", text=TRACEBACK))
    page = export(notebook)
    said = "AssertionError: start plus one point,\nbut there are 10"
    first, rest = page.source.split("the whole traceback", 1)
    assert f"<pre>{said}</pre>" in first
    assert "line 3" not in first[first.index("grade-test_basin") :]
    assert "line 3" in rest
    assert "the whole traceback" not in rest
    assert last_line("a talk about Errors\nValueError: no") == ""
    assert last_line("Traceback (most recent call last):\n  odd") == "  odd"
