"""A week as people live it, through real pages and real buttons.

The instructor releases it in formgrader; a student fetches it in JupyterLab, works, validates and
submits; the assistant collects, grades, looks, marks by hand and gives back; the student reads the
feedback and mends the mistake. What stands on the page is asserted at each step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
from classroom import NOTEBOOK, WEEK, exchange, lay_out, sample, settings
from lab import Lab
from playwright.sync_api import Locator, Page, expect
from screens import LONG, Assignments, Formgrader, Notebook, choose

from autograder.pages.markdown import render
from autograder.submissions.figures import TAG

CLIMBS = sample("s03-climbs").cells["gradient_descent"]
ANSWERS = {
    "def descent_update(": """def descent_update(x, gradient, lr):
    return x - lr * gradient""",
    "def gradient_descent(": CLIMBS,
    "def classify_learning_rate(": """def classify_learning_rate(lr):
    factor = abs(1 - 2 * lr)
    if factor == 0:
        return "one step"
    if factor == 1:
        return "oscillates"
    return "converges" if factor < 1 else "diverges\"""",
    "def basin(": """def basin(x0):
    end = gradient_descent(poly, x0, 0.05, 300)[-1]
    return "left" if end < 0 else "right\"""",
    "Your answer here": "Each step multiplies by $1 - 2\\,\\text{lr}$, so it arrives if\n\n"
    "$$|1 - 2\\,\\text{lr}| < 1, \\quad 0 < \\text{lr} < 1.$$\n\n"
    "For $10x^2$ the factor is $1 - 20\\,\\text{lr}$: steep valleys need small steps.",
}
HINT = "The gradient points uphill, so this walks up; step against it."
COMMENT = "Well argued. Say *why* the factor must be below 1: $|f|^k$ goes to 0."


@dataclass
class Person:
    """Somebody with a Jupyter of their own and a window on it."""

    lab: Lab
    page: Page
    artefacts: Path

    def go(self, path: str) -> None:
        """Open a page of their Jupyter."""
        self.page.goto(f"{self.lab.address}{path}")

    def shoot(self, name: str, at: Locator | None = None) -> None:
        """Keep what they see; `at` is brought to the middle first."""
        if at is not None:
            at.evaluate("element => element.scrollIntoView({block: 'center'})")
        self.page.screenshot(path=self.artefacts / f"{name}.png")


def test_a_week_from_release_to_the_mended_mistake(
    lab: Callable[..., Lab], window: Callable[[str], Page], artefacts: Path, tmp_path: Path
) -> None:
    course, shared = lay_out(tmp_path / "course"), exchange(tmp_path / "exchange")
    labs = {
        "prof": lab(course.root, settings(shared)),
        "alice": lab(tmp_path / "alice", settings(shared, student="alice")),
    }
    prof, alice = (Person(one, window(name), artefacts) for name, one in labs.items())
    asked: set[str | None] = set()
    for person in (prof, alice):
        person.page.on("request", lambda request: asked.add(urlsplit(request.url).hostname))
        person.page.goto(person.lab.url())

    the_instructor_releases(prof)
    notebook = the_student_works(alice)
    the_student_validates_and_submits(alice, notebook)
    the_assistant_collects_and_grades(prof)
    the_assistant_looks_and_marks(prof)
    the_assistant_gives_back(prof)
    the_student_reads_the_feedback(alice)
    the_student_mends_the_mistake(alice)
    assert asked - {None, ""} == {"127.0.0.1"}, "somebody's page needed the network"


def the_instructor_releases(prof: Person) -> None:
    choose(prof.page, "Nbgrader", "Formgrader")
    formgrader = Formgrader(prof.page.frame_locator("#formgrader-iframe iframe"))
    assert "Successfully created the student version" in formgrader.press(WEEK, "assign")
    expect(formgrader.cell(WEEK, "status")).to_have_text("draft")
    assert "Successfully released" in formgrader.press(WEEK, "release")
    expect(formgrader.cell(WEEK, "status")).to_have_text("released")
    prof.shoot("01-formgrader-released", formgrader.row(WEEK))


def the_student_works(alice: Person) -> Notebook:
    page, assignments = alice.page, Assignments(alice.page)
    assignments.press("released", WEEK, "Fetch")
    notebook = assignments.open(WEEK, NOTEBOOK)
    cells = nbformat.read(alice.lab.folder / WEEK / f"{NOTEBOOK}.ipynb", as_version=4).cells
    # As it was released: formulas are set, without a network; links lead to the other weeks.
    formulas = sum(render(one.source).count("<math") for one in cells if "outputs" not in one)
    expect(page.locator(".jp-RenderedMarkdown mjx-container")).to_have_count(formulas)
    assert page.locator(".jp-RenderedMarkdown mjx-merror").count() == 0
    expect(page.get_by_role("link", name="Week 3 →").first).to_be_visible()
    alice.shoot("02-lab-released", notebook.cell("Where the slope comes from").first)
    for cell, answer in ANSWERS.items():
        notebook.type(cell, answer)
    notebook.run_all()
    # One picture, or one to click into, for each cell that is to draw one.
    figures = sum(TAG in one.metadata.get("tags", ()) for one in cells)
    drawn = page.locator(".jp-CodeCell", has=page.locator(".jp-OutputArea :is(img, canvas)"))
    expect(drawn).to_have_count(figures)
    widths = drawn.locator("img").evaluate_all("all => all.map(one => one.naturalWidth)")
    assert min(widths) > 400
    alice.shoot("03-lab-at-work", notebook.cell("your walk, lr 0.75").locator("img"))
    return notebook


def the_student_validates_and_submits(alice: Person, notebook: Notebook) -> None:
    with notebook.validated() as message:
        said = message.inner_text()
        # Task 2 walks uphill, and so does Task 4, which uses it.
        assert said.count("The following cell failed") == 2
        assert "expected 4, -2, 1, -0.5, ... but got [4.0, 10.0, 25.0, 62.5]" in said
        alice.shoot("04-lab-validate-fails", message.get_by_text("AssertionError: ").first)
    assignments = Assignments(alice.page)
    assignments.press("fetched", WEEK, "Submit")
    expect(assignments.entry("submitted", WEEK)).to_be_visible()


def the_assistant_collects_and_grades(prof: Person) -> None:
    prof.go("/formgrader/manage_assignments")
    formgrader = Formgrader(prof.page)
    assert "Successfully collected" in formgrader.press(WEEK, "collect")
    formgrader.cell(WEEK, "num-submissions").get_by_role("link", name="1").click()
    expect(formgrader.cell("alice", "status")).to_have_text("needs autograding")
    assert "Successfully autograded" in formgrader.press("alice", "autograde")
    expect(formgrader.cell("alice", "status")).to_have_text("needs manual grading")
    expect(formgrader.cell("alice", "score")).to_have_text("7 / 25")
    prof.shoot("05-formgrader-autograded")


def the_assistant_looks_and_marks(prof: Person) -> None:
    paper = Formgrader(prof.page).open_paper("alice", NOTEBOOK)
    scores = {"descent_update": "3", "gradient_descent": "0", "classify_learning_rate": "4"}
    for task, score in scores.items():
        expect(paper.score(f"test_{task}")).to_have_attribute("placeholder", score)
        expect(paper.score(f"test_{task}")).to_have_value("")
    verdict = paper.verdict("gradient_descent")
    expect(verdict).to_contain_text(HINT)
    picture = verdict.locator("svg.picture").first
    assert_drawn(picture)
    prof.shoot("06-formgrader-feedback", verdict)
    # The written answer, with its formulas, and what it is marked by.
    written = paper.panel("written")
    expect(written.locator("math")).to_have_count(4)
    expect(prof.page.get_by_text("Mark scheme (not shown to the student)")).to_be_visible()
    paper.write(paper.score("written"), "4")
    paper.write(paper.comment("written"), COMMENT)
    prof.shoot("07-formgrader-manual-grading", written)


def the_assistant_gives_back(prof: Person) -> None:
    prof.go(f"/formgrader/manage_submissions/{WEEK}")
    formgrader = Formgrader(prof.page)
    expect(formgrader.cell("alice", "status")).to_have_text("graded")
    expect(formgrader.cell("alice", "score")).to_have_text("11 / 25")
    assert "Successfully generated feedback" in formgrader.press("alice", "generate-feedback")
    assert "Successfully released feedback" in formgrader.press("alice", "release-feedback")


def the_student_reads_the_feedback(alice: Person) -> None:
    assignments = Assignments(alice.page)
    submitted = assignments.entry("submitted", WEEK)
    expect(submitted).to_contain_text("(feedback available to fetch)")
    assignments.press("submitted", WEEK, "Fetch Feedback")
    submitted.get_by_text("(view feedback)").click()
    alice.page.locator(".jp-DirListing-item", has_text=f"{NOTEBOOK}.html").dblclick()
    feedback = alice.page.frame_locator(".jp-HTMLViewer iframe")
    expect(feedback.get_by_role("row", name="total")).to_contain_text("11 of 25", timeout=LONG)
    expect(feedback.get_by_role("row", name="gradient_descent")).to_contain_text("0 of 9")
    alice.shoot("08-lab-feedback")
    expect(feedback.get_by_text(HINT).first).to_be_visible()
    assert_drawn(feedback.locator("svg.picture").first)
    comment = feedback.locator(".comment")
    expect(comment).to_contain_text("Well argued. Say why the factor must be below 1")
    expect(comment.locator("math")).to_have_count(1)
    expect(feedback.get_by_text("Mark scheme")).to_have_count(0)
    alice.shoot("09-lab-feedback-comment", comment)


def the_student_mends_the_mistake(alice: Person) -> None:
    alice.page.goto(alice.lab.notebook(f"{WEEK}/{NOTEBOOK}.ipynb"))
    notebook = Notebook(alice.page)
    notebook.type("def gradient_descent(", CLIMBS.replace("x += lr", "x -= lr"))
    notebook.run_all()
    with notebook.validated() as message:
        expect(message).to_have_text("Success! Your notebook passes all the tests.")
        alice.shoot("10-lab-validate-succeeds")
    alice.shoot("11-lab-solved", notebook.cell("your walk, lr 0.75").locator("img"))


def assert_drawn(picture: Locator) -> None:
    """A picture that can be seen, of some size."""
    expect(picture).to_be_visible()
    box = picture.bounding_box()
    assert box is not None
    assert box["width"] > 200
    assert box["height"] > 100
