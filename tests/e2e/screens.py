"""The pages people touch, as objects: what can be read on them and which buttons can be pressed.

Formgrader, nbgrader's list of assignments and a notebook in JupyterLab. Every method waits for what
it caused, by what the page shows; none sleeps. Knows where things are on a page; what should stand
there is for the tests to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import FrameLocator, Locator, Page, Response, expect

#: Milliseconds for what starts a kernel, runs a notebook or grades it.
LONG = 120_000
#: Whether every code cell that is not folded has been run, each after `before` others.
ALL_RUN = """before => {
    const open = ".jp-CodeCell .jp-InputPrompt:not(.jp-Placeholder-prompt)";
    const prompts = [...document.querySelectorAll(open)];
    return prompts.length > 0 && prompts.every(p => parseInt(p.textContent.slice(1)) > before);
}"""
#: The last number of a code cell that was run, or 0.
LAST_RUN = """() => Math.max(0, ...[...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")]
    .map(p => parseInt(p.textContent.slice(1)) || 0))"""

#: Scores and comments come after the page, which then moves to the field that was last in use.
SETTLED = """() => window.formgrader?.loaded && formgrader.grades.loaded
    && formgrader.comments.loaded && !$("body, html").is(":animated")"""


def choose(page: Page, menu: str, item: str) -> None:
    """Choose an item of one of Lab's menus."""
    page.get_by_role("menuitem", name=menu, exact=True).click()
    page.get_by_role("menuitem", name=item, exact=True).click()


class Formgrader:
    """Formgrader's tables of assignments and of submissions.

    Parameters
    ----------
    page : Page or FrameLocator
        Formgrader's own page, or the frame in which Lab shows it.
    """

    def __init__(self, page: Page | FrameLocator) -> None:
        self.page = page

    def row(self, name: str) -> Locator:
        """The row of an assignment or of a student."""
        cell = self.page.locator("td").filter(has_text=re.compile(rf"^\s*{re.escape(name)}\s*$"))
        return self.page.locator("#main-table tr").filter(has=cell)

    def cell(self, name: str, column: str) -> Locator:
        """A cell of a row, like ``status`` or ``score``."""
        return self.row(name).locator(f"td.{column}")

    def press(self, name: str, button: str) -> str:
        """Press a row's button, like ``autograde``; return what the dialog said in the end."""
        self.cell(name, button).locator("a").click()
        dialog = self.page.locator("#success-modal, #error-modal")
        ok = dialog.get_by_role("button", name="OK")
        ok.wait_for(timeout=LONG)
        said = dialog.locator(".modal-content").inner_text()
        ok.click()
        expect(dialog).to_have_count(0)
        return said

    def open_paper(self, student: str, notebook: str) -> Paper:
        """From the table of submissions: a student's notebook."""
        assert isinstance(self.page, Page)
        self.cell(student, "student-name").locator("a").click()
        self.page.locator("#main-table").get_by_role("link", name=notebook, exact=True).click()
        return Paper(self.page)


class Paper:
    """A submission opened in formgrader."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.wait_for_function(SETTLED)

    def score(self, grade_id: str) -> Locator:
        """The field for points: filled in by a person; the machine's score is its placeholder."""
        return self.page.locator(f"input#{grade_id}")

    def panel(self, grade_id: str) -> Locator:
        """The frame around a graded cell."""
        return self.page.locator(".nbgrader_cell").filter(has=self.score(grade_id))

    def verdict(self, task: str) -> Locator:
        """Our feedback under a task's test cell."""
        return self.page.locator(".autograder").filter(has_text=re.compile(rf"^{task}: "))

    def comment(self, grade_id: str) -> Locator:
        """The field for a comment."""
        return self.page.locator(f"textarea#{grade_id}-comment")

    def write(self, field: Locator, text: str) -> None:
        """Fill in points or a comment, and wait until they are saved."""

        def saved(answer: Response) -> bool:
            return "/formgrader/api/" in answer.url and answer.request.method == "PUT"

        with self.page.expect_response(saved) as answer:
            field.fill(text)
            field.blur()
        assert answer.value.ok
        self.page.wait_for_function(SETTLED)


class Assignments:
    """nbgrader's list of released, downloaded and submitted assignments, in Lab."""

    def __init__(self, page: Page) -> None:
        self.page = page
        again = page.locator("#refresh_assignments_list").count() > 0
        # A list that comes later would fold what was unfolded in an earlier one.
        with page.expect_response(lambda answer: "/assignments?course_id=" in answer.url):
            choose(page, "Nbgrader", "Assignment List")
            if again:  # the tab is there still, with what it showed then
                page.locator("#refresh_assignments_list").click()

    def entry(self, kind: str, name: str) -> Locator:
        """An assignment that is ``released``, ``fetched`` or ``submitted``."""
        entries = self.page.locator(f"#{kind}_assignments_list > .list_item")
        return entries.filter(has_text=name)

    def press(self, kind: str, name: str, button: str) -> None:
        """Press the button of an assignment."""
        self.entry(kind, name).get_by_role("button", name=button, exact=True).click()

    def open(self, name: str, notebook: str) -> Notebook:
        """Open a downloaded notebook."""
        self.entry("fetched", name).locator(".assignment-notebooks-link").click()
        self.entry("fetched", name).get_by_text(notebook, exact=True).click()
        return Notebook(self.page)


class Notebook:
    """A notebook in Lab, with a kernel."""

    def __init__(self, page: Page) -> None:
        self.page = page
        # What is asked of a kernel before it is ready is not done.
        expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=LONG)

    def cell(self, text: str) -> Locator:
        """The cell with this text in it."""
        return self.page.locator(".jp-Notebook .jp-Cell").filter(has_text=text)

    def type(self, text: str, source: str) -> None:
        """Write `source` in place of what stands in the cell with this text."""
        cell = self.cell(text)
        written = cell.locator(".jp-RenderedMarkdown:visible")
        if written.count():
            written.dblclick()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Shift+Enter")

    def run_all(self) -> None:
        """Run all cells, and wait for the last."""
        before = self.page.evaluate(LAST_RUN)
        choose(self.page, "Run", "Run All Cells")
        self.page.wait_for_function(ALL_RUN, arg=before, timeout=LONG)

    @contextmanager
    def validated(self) -> Iterator[Locator]:
        """Press Validate; what the dialog says. It is closed in the end."""
        self.page.get_by_role("button", name="Validate", exact=True).click()
        dialog = self.page.locator(".jp-Dialog")
        message = dialog.locator("#validation-message")
        message.wait_for(timeout=LONG)
        yield message
        dialog.get_by_role("button", name="Ok").click()
        expect(dialog).to_have_count(0)
