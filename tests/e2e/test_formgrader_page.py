"""What an assistant meets in formgrader: broken uploads, grading again, scripts in submissions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from classroom import NOTEBOOK, WEEK, exchange, lay_out, sample, settings
from lab import Lab
from nbformat.v4 import new_code_cell, new_markdown_cell
from playwright.sync_api import Page, expect
from screens import Formgrader

from autograder.commands.demo import fill
from autograder.grading.course import Course
from autograder.plugins.converters import convert

RUNS = "document.body.dataset.ran = 'yes'"
COMMENT = "Which rates are these?"


def hand_in(course: Course, student: str, text: str) -> None:
    """A submission, as it was collected."""
    folder = course.root / "submitted" / student / WEEK
    folder.mkdir(parents=True)
    (folder / f"{NOTEBOOK}.ipynb").write_text(text, "utf-8")
    (folder / "timestamp.txt").write_text("2027-03-08 12:00:00 UTC\n")


def written_by(course: Course, student: str) -> str:
    """The notebook of somebody in the sample class."""
    release = course.root / "release" / WEEK / f"{NOTEBOOK}.ipynb"
    source = course.week(WEEK).source
    return fill(*(nbformat.read(path, as_version=4) for path in (release, source)), sample(student))


def with_scripts(text: str) -> str:
    """With a text and with outputs that would run on a page that lets them."""
    notebook = nbformat.reads(text, as_version=4)
    code = (
        "from IPython.display import HTML, Javascript, display\n"
        f'display(HTML("<script>{RUNS}</script>"), Javascript("{RUNS}"))'
    )
    picture = f'<img src="nowhere.png" onerror="{RUNS}">'
    notebook.cells += [new_code_cell(code), new_markdown_cell(picture)]
    return str(nbformat.writes(notebook))


@pytest.fixture(scope="module")
def assistant(lab: Callable[..., Lab], tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """The assistant's Lab, with a week of odd submissions collected."""
    folder = tmp_path_factory.mktemp("odd")
    course = lay_out(folder / "course")
    convert(course, WEEK, "generate_assignment")
    climbs = written_by(course, "s03-climbs")
    hand_in(course, "bob", with_scripts(climbs))
    hand_in(course, "carla", written_by(course, "s10-deleted"))
    hand_in(course, "dan", climbs[:40])  # half of it would be work, and wait for a person
    return lab(course.root, settings(exchange(folder / "exchange")))


@pytest.fixture
def formgrader(assistant: Lab, window: Callable[[str], Page]) -> Formgrader:
    """The table of submissions, where all have been graded by their buttons."""
    page = window("assistant")
    page.goto(assistant.url(f"/login?next=/formgrader/manage_submissions/{WEEK}"))
    formgrader = Formgrader(page)
    for student in ("bob", "carla", "dan"):
        expect(formgrader.cell(student, "status")).not_to_be_empty()
        if formgrader.cell(student, "status").inner_text() == "needs autograding":
            assert "Successfully autograded" in formgrader.press(student, "autograde")
    return formgrader


def test_broken_submissions_do_not_stop_the_button(formgrader: Formgrader, artefacts: Path) -> None:
    seen = {
        student: [formgrader.cell(student, column).inner_text() for column in ("score", "status")]
        for student in ("bob", "carla", "dan")
    }
    assert seen == {
        "bob": ["7 / 25", "needs manual grading"],
        "carla": ["11 / 25", "needs manual grading"],
        "dan": ["0 / 25", "graded"],
    }
    assert isinstance(formgrader.page, Page)
    formgrader.page.screenshot(path=artefacts / "20-formgrader-odd-submissions.png")


@pytest.mark.parametrize(
    ("student", "reason"),
    [
        ("carla", "the test cell of gradient_descent is missing from the submission"),
        ("dan", "the file is not a notebook: it is not JSON"),
    ],
)
def test_the_page_says_what_is_wrong_with_a_broken_submission(
    formgrader: Formgrader, student: str, reason: str, artefacts: Path
) -> None:
    paper = formgrader.open_paper(student, NOTEBOOK)
    expect(paper.score("test_gradient_descent")).to_have_attribute("placeholder", "0")
    verdict = paper.verdict("gradient_descent")
    expect(verdict).to_contain_text("gradient_descent: 0 of 9 points")
    expect(verdict).to_contain_text(reason)
    verdict.evaluate("element => element.scrollIntoView({block: 'center'})")
    paper.page.screenshot(path=artefacts / f"21-formgrader-broken-{student}.png")


def test_nothing_that_a_student_wrote_or_put_out_runs_in_the_assistants_page(
    formgrader: Formgrader,
) -> None:
    paper = formgrader.open_paper("bob", NOTEBOOK)
    expect(paper.page.get_by_text('<img src="nowhere.png"')).to_be_visible()
    assert paper.page.evaluate("document.body.dataset.ran") is None


def test_the_keyboard_moves_between_fields_without_a_network(formgrader: Formgrader) -> None:
    paper = formgrader.open_paper("bob", NOTEBOOK)
    paper.score("test_descent_update").focus()
    # The browser alone would go to the button before it; formgrader starts minding the keys when
    # MathJax has come.
    paper.page.keyboard.press("Shift+Tab")
    expect(paper.comment("descent_update")).to_be_focused()


def test_grading_again_by_the_button_keeps_points_and_comment_given_by_hand(
    formgrader: Formgrader, artefacts: Path
) -> None:
    paper = formgrader.open_paper("bob", NOTEBOOK)
    paper.write(paper.score("written"), "3")
    paper.write(paper.score("test_basin"), "2")
    paper.write(paper.comment("written"), COMMENT)
    page = paper.page
    page.goto(page.url.partition("/formgrader/")[0] + f"/formgrader/manage_submissions/{WEEK}")
    expect(formgrader.cell("bob", "score")).to_have_text("12 / 25")
    assert "Successfully autograded" in formgrader.press("bob", "autograde")
    expect(formgrader.cell("bob", "score")).to_have_text("12 / 25")
    expect(formgrader.cell("bob", "status")).to_have_text("needs manual grading")
    paper = formgrader.open_paper("bob", NOTEBOOK)
    expect(paper.score("written")).to_have_value("3")
    expect(paper.score("test_basin")).to_have_value("2")
    expect(paper.score("test_basin")).to_have_attribute("placeholder", "0")
    expect(paper.comment("written")).to_have_value(COMMENT)
    paper.panel("written").evaluate("element => element.scrollIntoView({block: 'center'})")
    page.screenshot(path=artefacts / "22-formgrader-graded-again.png")
    for cell in ("written", "test_basin"):
        with page.expect_response(lambda answer: answer.request.method == "PUT"):
            paper.panel(cell).get_by_role("button", name="Resolve").click()
    page.goto(page.url.partition("/formgrader/")[0] + f"/formgrader/manage_submissions/{WEEK}")
    expect(formgrader.cell("bob", "status")).to_have_text("graded")
    expect(formgrader.cell("bob", "score")).to_have_text("12 / 25")
