"""Every page that people get passes axe-core, offline: by day, in the dark, and on a phone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from classes import attend, graded
from playwright.sync_api import Page, Request

from autograder.grading.course import Course
from autograder.pages.student import FeedbackExporter
from autograder.report.discretion import Discretion
from autograder.report.page import write_report

ROOT = Path(__file__).parents[2]
WEEKS = Course(ROOT).week_names
#: What a page is like to somebody (colour scheme, width in pixels), and the rules on which that
#: bears; none for all of them.
VIEWS: list[tuple[Any, int, list[str]]] = [
    ("light", 1280, []),
    ("dark", 1280, ["color-contrast"]),
    ("light", 390, ["scrollable-region-focusable", "target-size"]),
]


@pytest.fixture
def check(page: Page) -> Callable[[Path, str], None]:
    """Opens a page in every view; fails on what axe-core calls serious, and on any request."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith("data:"):
            asked.append(request.url)

    page.on("request", note)

    def look(path: Path, heading: str, alone: bool = True) -> None:
        asked.clear()
        page.goto(path.as_uri())
        assert heading in page.locator("h1").inner_text()
        shown = "[...document.images].filter(i => !i.naturalWidth).map(i => i.src)"
        assert page.evaluate(shown) == [], "pictures that are not there"
        for scheme, width, rules in VIEWS:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            options = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
            found = Axe().run(page, options=options).response
            assert len(found["passes"]) >= (1 if rules else 15)
            assert complaints(found) == [], f"{path.name}, {scheme}, {width} px"
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{path.name} is {wide} px wide on {width}"
        if alone:
            assert asked == [path.as_uri()]
        else:  # a page of a site, with its style beside it
            assert all(url.startswith("file:") for url in asked)

    return look


def complaints(found: dict[str, Any]) -> list[str]:
    """What is serious or critical in an answer of axe-core."""
    return [
        f"{problem['id']} ({problem['impact']}): {problem['nodes'][0]['html'][:200]}"
        for problem in found["violations"]
        if problem["impact"] in ("serious", "critical")
    ]


def feedback(path: Path, week: str, wrong: dict[str, int] | None = None, reason: str = "") -> Path:
    """A feedback page, with the figures that are in the instructor's notebook."""
    course = Course(ROOT)
    notebook = graded(ROOT, course.week(week), wrong, reason)
    name = course.week(week).source.name
    solved = nbformat.read(ROOT / "solutions" / week / name, as_version=4)
    figures = {cell.id: cell.outputs for cell in solved.cells if cell.cell_type == "code"}
    for cell in notebook.cells:
        if cell.cell_type == "code" and not cell.outputs and not reason:
            cell.outputs = figures.get(cell.id, [])
    if reason:  # nothing was there but what is graded
        notebook.cells = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    about = {"notebook": course.week(week).notebook, "assignment": week, "student": "ann"}
    page, _ = FeedbackExporter().from_notebook_node(notebook, {"nbgrader": about})
    path.write_text(page, "utf-8")
    return path


def test_axe_finds_what_is_wrong(page: Page) -> None:
    """Or it would prove nothing: a picture without words, and words that nobody can read."""
    page.set_content("<html><img src=''><p style='color:#ccc;background:#fff'>pale</p></html>")
    found = " ".join(complaints(Axe().run(page).response))
    assert "image-alt (critical)" in found
    assert "color-contrast (serious)" in found


@pytest.mark.parametrize("week", WEEKS)
def test_feedback_on_wrong_work(
    week: str, tmp_path: Path, check: Callable[[Path, str], None]
) -> None:
    """A mistake in each task of each week: calls, tables, pictures, formulas."""
    tasks = Course(ROOT).week(week).task_names
    check(feedback(tmp_path / f"{week}.html", week, dict.fromkeys(tasks, 0)), "Feedback")


@pytest.mark.parametrize("kind", ["right", "partly right", "broken"])
def test_feedback_on_other_work(
    kind: str, tmp_path: Path, check: Callable[[Path, str], None]
) -> None:
    """All earned; one task wrong; a file that is no notebook."""
    wrong = {"surface_grid": 0} if kind == "partly right" else None
    reason = "the file is not a notebook: it is not JSON" if kind == "broken" else ""
    page = feedback(tmp_path / "page.html", "week3_descent_2d", wrong, reason)
    check(page, "descent_2d" if kind == "broken" else "Two dimensions")


@pytest.fixture(scope="session")
def site() -> Path:
    """The documentation, built where `make docs` has not been there before."""
    built = ROOT / "build" / "site"
    if not (built / "index.html").is_file():
        command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "docs", str(built)]
        subprocess.run(command, cwd=ROOT, check=True)
    return built


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("index", "Gradient descent"),
        ("gallery", "in pictures"),
        ("marking", "notes"),
        ("course/week2_descent/descent", "Week 2"),
    ],
)
def test_documentation(
    name: str, heading: str, site: Path, check: Callable[[Path, str, bool], None]
) -> None:
    """A page of each kind: the first one, pictures, the reference, a week to read."""
    check(site / f"{name}.html", heading, False)


def test_class_report(course: Course, check: Callable[[Path, str], None]) -> None:
    """With somebody in every kind of trouble; with names, and to be shared."""
    attend(course, "week3_descent_2d", 24)
    for discretion in (Discretion(names=True), Discretion(anonymous=True)):
        path, _ = write_report(course.root, "week3_descent_2d", discretion=discretion)
        check(path, "Class report")
