"""A submission on formgrader's page: formulas without a network, nothing of a student's runs."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from traitlets.config import Config

from autograder.grading.course import Course
from autograder.grading.judged import write_verdicts
from autograder.pages import formgrader, outputs

VERDICT = '<div class="autograder"><svg class="picture" viewBox="0 0 9 9"></svg></div>'
EVIL = "<script>steal()</script><img src=x onerror=steal()>"


def test_cell(*outputs: NotebookNode) -> NotebookNode:
    about = {"grade_id": "test_descent_update", "grade": True, "points": 3}
    return new_code_cell("check()", outputs=list(outputs), metadata={"nbgrader": about})


test_cell.__test__ = False  # type: ignore[attr-defined]


def put_out(**data: str) -> NotebookNode:
    return new_output(
        "display_data", {kind.replace("__", "/"): text for kind, text in data.items()}
    )


@pytest.fixture(scope="module")
def exporter(root: Path) -> HTMLExporter:
    """As formgrader makes it: the course's configuration over formgrader's own."""
    config = Config({"HTMLExporter": {"template_name": "formgrade"}})
    config.merge(Course(root).config)
    return HTMLExporter(config=config)


def page(exporter: HTMLExporter, *cells: NotebookNode) -> str:
    notebook = new_notebook(cells=list(cells))
    text, _ = exporter.from_notebook_node(notebook, {"submission_id": "x", "index": 0, "total": 1})
    return str(text)


def test_formulas_are_mathml_in_texts_and_outputs(exporter: HTMLExporter) -> None:
    text = page(
        exporter,
        new_markdown_cell("The factor is $1 - 2x$."),
        new_code_cell("f", outputs=[put_out(text__latex="$x^2$")]),
        new_code_cell("g", outputs=[put_out(text__markdown="so $y_k$")]),
    )
    assert text.count("<math") == 3
    assert "<msup>" in text
    assert "<msub>" in text
    assert "$" not in text.partition("<body>")[2].replace("$(", "")  # jQuery's own


def test_nothing_is_loaded_from_elsewhere_and_the_keyboard_works_without_mathjax(
    exporter: HTMLExporter,
) -> None:
    text = page(exporter, new_markdown_cell("Words."))
    assert "formgrade.js" in text  # nbgrader's own page
    assert "://" not in text
    assert 'hear("End")' in text


def test_a_verdict_keeps_its_form_and_its_picture(exporter: HTMLExporter) -> None:
    assert VERDICT.lower() in page(exporter, test_cell(put_out(text__html=VERDICT))).lower()


def test_what_a_student_puts_out_never_passes_for_a_verdict(
    exporter: HTMLExporter, root: Path
) -> None:
    """Not even where the marking notes have lost the task: then a person has to look."""
    cell = test_cell(put_out(text__html=EVIL), new_output("execute_result", {"text/plain": "3.0"}))
    week = replace(Course(root).week("week2_descent"), tasks=())
    write_verdicts(new_notebook(cells=[cell]), week, [])
    assert "no task in reference.py judges it" in cell.metadata["autograder"]["grader_error"]
    assert [output.output_type for output in cell.outputs] == ["stream"]
    assert "steal" not in page(exporter, cell)


@pytest.mark.parametrize(
    "cell",
    [
        new_markdown_cell(EVIL),
        new_markdown_cell("[here](javascript:steal())"),
        new_markdown_cell('![x](https://elsewhere.org/steal() "y")'),
        new_code_cell("f", outputs=[put_out(text__html=EVIL)]),
        new_code_cell("f", outputs=[put_out(application__javascript="steal()")]),
        new_code_cell("f", outputs=[put_out(text__markdown=EVIL)]),
        new_code_cell("f", outputs=[put_out(text__latex=EVIL)]),
        new_code_cell("f", outputs=[put_out(text__plain=EVIL)]),
        new_code_cell("f", outputs=[put_out(image__png='"><script>steal()</script>')]),
        new_code_cell("f", outputs=[new_output("stream", text=EVIL)]),
        new_code_cell("f", outputs=[new_output("error", traceback=[EVIL])]),
        test_cell(put_out(text__html=VERDICT), put_out(text__html=EVIL)),
    ],
    ids=lambda cell: cell.cell_type,
)
def test_what_a_student_wrote_or_put_out_cannot_run(
    exporter: HTMLExporter, cell: NotebookNode
) -> None:
    for element in BeautifulSoup(page(exporter, cell), "html.parser").find_all(True):
        assert element.name != "script" or "steal" not in element.text
        for name, value in element.attrs.items():
            assert not name.startswith("on") or "steal" not in value
            assert not str(value).strip().lower().startswith(("javascript:", "http"))


def measured(exporter: HTMLExporter, *cells: NotebookNode) -> tuple[str, float]:
    """The page, and the seconds of the processor that it took."""
    began = time.process_time()
    made = page(exporter, *cells)
    return made, time.process_time() - began


#: Shorter texts are shown as they are meant.
LONG = formgrader._LONG
SLOW = {
    "brackets": [new_markdown_cell("[" * 4 * LONG)],
    "attributes": [new_code_cell("x" + ".a" * 10 * LONG)],
    "spaces": [new_code_cell("x = 1" + " " * (LONG - 10) + "y")],
    "brackets put out": [new_code_cell("f", outputs=[put_out(text__markdown="[" * 4 * LONG)])],
    "colours": [new_code_cell("f", outputs=[put_out(text__plain="\x1b[38;5;1m" * 20 * LONG)])],
    "colours printed": [
        new_code_cell("f", outputs=[new_output("stream", text="\x1b[31m" * 20 * LONG)])
    ],
    "colours of an error": [
        new_code_cell("f", outputs=[new_output("error", traceback=["\x1b[31m" * 20 * LONG])])
    ],
}


@pytest.mark.parametrize("kind", SLOW)
def test_a_long_text_is_shown_as_it_is(exporter: HTMLExporter, kind: str) -> None:
    """Nothing that takes the square of a text's length goes over one of any length."""
    assert measured(exporter, *SLOW[kind])[1] < 3


def test_what_is_short_has_its_colours(exporter: HTMLExporter) -> None:
    text = page(exporter, new_code_cell("x = 1", outputs=[put_out(text__plain="\x1b[31mred")]))
    assert '<span class="n">x</span>' in text
    assert '<span class="ansi-red-fg">red</span>' in text


MANY = {
    "formulas": [
        new_code_cell("f", outputs=[put_out(text__latex=f"{n}" + "+\\frac{1}{x}" * 90)])
        for n in range(200)
    ],
    "code": [new_code_cell(f"{n}" + ".a" * (LONG // 2 - 9)) for n in range(40)],
    "texts": [new_markdown_cell(f"{n}" + "*a_" * (LONG // 3 - 9)) for n in range(40)],
}


@pytest.mark.parametrize("kind", MANY)
def test_a_page_takes_so_long_and_then_shows_the_rest_as_it_is(
    exporter: HTMLExporter, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """However many short ones there are."""
    monkeypatch.setattr(formgrader, "_SECONDS", 0.2)
    assert measured(exporter, *MANY[kind])[1] < 4


def test_a_picture_is_shown_again_but_not_for_ever(exporter: HTMLExporter) -> None:
    """A few letters name one; a page of a thousand would be as large as the memory."""
    cell = new_markdown_cell("![x](attachment:a) " * 500)
    cell.attachments = NotebookNode({"a": {"image/png": "A" * 100_000}})
    text = page(exporter, cell)
    assert text.count("A" * 100_000) == 3
    assert "[picture: x, attachment:a]" in text


def test_pictures_are_not_worked_on(
    exporter: HTMLExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To make many large ones smaller takes minutes, for a page that is sent nowhere."""
    monkeypatch.setattr(outputs, "_smaller", lambda png: pytest.fail("it was made smaller"))
    assert "AAAA" in page(exporter, new_code_cell("f", outputs=[put_out(image__png="AAAA")]))
