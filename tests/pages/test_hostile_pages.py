"""Whatever stands in a notebook, its page is made soon, or is a plain one; nobody else waits."""

from __future__ import annotations

import time

import pytest
from fuzzing import fuzzed
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.grading.bounded import Bounds, places
from autograder.pages import formgrader, student
from autograder.pages.markdown import render
from autograder.pages.plain import plain_page
from autograder.pages.student import FeedbackExporter

#: Seconds of the processor for a text of a few thousand characters, on a slow machine.
SOON = 2.0


def page(*cells: object) -> str:
    text, _ = FeedbackExporter().from_notebook_node(new_notebook(cells=list(cells)), {})
    return str(text)


@pytest.mark.parametrize(
    "language", ["systemd", "easytrieve", "peg", "autohotkey", "ipython", "c", "yaml", "python"]
)
@pytest.mark.parametrize("code", [" " * 4000, "\n " * 2000, "a" + " " * 4000 + "b"], ids="abc")
def test_code_in_a_text_is_coloured_soon_or_not_at_all(language: str, code: str) -> None:
    """Most lexers take time that grows with the square of a run of spaces, or worse."""
    began = time.process_time()
    assert "<pre>" in render(f"```{language}\n{code}\n```")
    assert time.process_time() - began < SOON


def test_a_page_that_takes_too_long_is_a_plain_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the text, and the score; and the next one is as usual."""
    monkeypatch.setattr(student, "SHOWING", Bounds("making the page", 2, 400))
    slow = new_markdown_cell("a" + " " * 200_000 + "b <i>c</i>")
    test = new_code_cell("f(1)")
    test.metadata["nbgrader"] = {
        "grade_id": "test_f", "grade": True, "points": 2, "score": 1, "solution": False,
    }  # fmt: skip
    with places():
        made = page(slow, test)
        assert "as plain text" in made
        assert "&lt;i&gt;c" not in made  # it is beyond what is shown of one text
        assert "partly earned: 1 of 2" in made
        assert "as plain text" not in page(test)


def test_what_is_nested_deeply_does_not_hinder_the_page() -> None:
    deep: object = "x"
    for _ in range(488):
        deep = [deep]
    output = new_output("display_data", {"text/plain": "shown"})
    output.data["application/json"] = deep
    made = page(new_code_cell("1", outputs=[output]))
    assert "shown" in made


@fuzzed(60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [" ", "\n", "\t", "*", "_", "`", "[", "]", "(", "!", "<", ">", "|", "$", "\\(", "~",
                 "# ", "- ", "1. ", "> ", "a", "&", "[a]: ", "```\n", "$$", "\\begin{a}", "<b>"]
            ),
            st.integers(1, 3000),
        ),
        max_size=4,
    )
)  # fmt: skip
def test_fuzz_markdown(parts: list[tuple[str, int]]) -> None:
    """Shown soon: runs of what means something there, as long as formgrader's page takes."""
    text = "".join(part * count for part, count in parts)[: formgrader._LONG]
    began = time.process_time()
    render(text)
    assert time.process_time() - began < 3 * SOON


@fuzzed(40)
@given(st.text(max_size=200), st.text(max_size=50))
def test_a_plain_page_runs_nothing(source: str, printed: str) -> None:
    cell = new_code_cell(f"<script>{source}", outputs=[new_output("stream", text=printed)])
    made = plain_page(new_notebook(cells=[cell]), {"notebook": "<b>"})
    assert "<script>" not in made
    assert "<b>" not in made
