"""Feedback pages: the sum first, everything inside, and nothing of a student's runs."""

from __future__ import annotations

import base64
import html
import io
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
from classes import SEED, attend, graded, record
from conftest import ROOT
from examples import quick
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from PIL import Image

from autograder.feedback.illustration import MAX_PICTURE
from autograder.feedback.markup import as_html
from autograder.grading.course import Course
from autograder.grading.stages import draw
from autograder.kernels.driver import Observed
from autograder.marking.agreement import as_array
from autograder.marking.judge import Status, judge
from autograder.pages.formulas import MAX_FORMULA, formula
from autograder.pages.markdown import render
from autograder.pages.student import FeedbackExporter
from autograder.pages.template import lines
from autograder.plugins.converters import convert

WEEKS = ["week1_slopes", "week2_descent", "week3_descent_2d"]
WEEK = "week2_descent"


class Page(HTMLParser):
    """Tags with their attributes, and the text, by element."""

    void = {"meta", "br", "wbr", "img", "hr", "input"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.source = text
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = self.prose = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.text += " " if tag in ("td", "th") else ""
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.void:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data
        if "pre" not in self.open:
            self.prose += data

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", self.text)

    def names(self) -> set[str]:
        return {tag for tag, _ in self.tags}


def assert_inert(page: Page) -> None:
    """Nothing that runs, nothing that loads, nowhere that a form or a frame goes."""
    assert not page.names() & {
        "script", "link", "iframe", "object", "embed", "form", "base", "input", "button",
        "video", "audio", "source", "template", "noscript", "foreignobject",
    }  # fmt: skip
    for tag, attributes in page.tags:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in ("src", "srcset", "data", "action", "poster", "background", "formaction"):
                assert re.match(r"data:image/(png|jpeg|gif|svg\+xml);base64,", value or ""), value
            if name in ("href", "xlink:href"):
                assert re.match(r"#|https?://|mailto:" if tag == "a" else "#", value or "#"), value
    styles = " ".join(re.findall(r"<style.*?</style>|style=\"[^\"]*\"", page.source, re.DOTALL))
    assert not re.search(r"@import|url\((?!#)", styles)


def export(notebook: Any, root: Path | None = None, **ids: Any) -> Page:
    """The page of a graded notebook."""
    about = {"notebook": "descent", "assignment": WEEK, "student": "ann", "late_penalty": 0, **ids}
    exporter = FeedbackExporter(config=Course(ROOT).config)
    if root is not None:
        exporter.coursedir = SimpleNamespace(root=str(root))
    text, _ = exporter.from_notebook_node(notebook, {"nbgrader": about})
    return Page(text)


def cell_of(notebook: Any, grade_id: str) -> Any:
    return next(
        c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


# --- The page ------------------------------------------------------------------------------


def test_a_formula_that_is_put_out_is_shown() -> None:
    shown = new_output("display_data", {"text/latex": "$x^2$", "text/plain": "x**2"})
    page = export(new_notebook(cells=[new_code_cell("show(x**2)", outputs=[shown])]))
    assert "<msup>" in page.source


@pytest.mark.parametrize("name", WEEKS)
def test_a_page_needs_nothing_but_itself(released: Course, name: str) -> None:
    """No script, nothing from elsewhere, unique ids, one heading above all, a policy, a title."""
    week = released.week(name)
    page = export(graded(released.root, week, dict.fromkeys(week.task_names, 0)))
    assert_inert(page)
    assert page.tags[0] == ("html", {"lang": "en"})
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    jumps = {a["href"][1:] for t, a in page.tags if t == "a" and (a["href"] or "").startswith("#")}
    assert jumps <= set(ids)
    assert [tag for tag, _ in page.tags].count("h1") == 1
    assert re.search(r"<title>Feedback: [^<]{8,}</title>", page.source)
    (policy,) = [a["content"] for _, a in page.tags if a.get("http-equiv")]
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert all(a.get("alt") for tag, a in page.tags if tag == "img")


@pytest.mark.parametrize("name", WEEKS)
def test_every_formula_of_the_course_is_mathml(released: Course, name: str) -> None:
    """None stays as TeX, and no dollar is left over."""
    page = export(graded(released.root, released.week(name)))
    assert [tag for tag, _ in page.tags].count("math") > 20
    assert 'class="tex"' not in page.source
    assert not re.search(r"[$]|\\[a-z]", page.prose)


@pytest.mark.parametrize("name", WEEKS)
def test_without_figures_a_page_is_small(released: Course, name: str) -> None:
    """What we add leaves room below 1 MB for the notebook's figures, also if all is wrong."""
    week = released.week(name)
    page = export(graded(released.root, week, dict.fromkeys(week.task_names, 3)))
    assert len(page.source.encode()) < 300_000


def test_the_summary_has_every_task_the_answer_that_waits_and_the_sum(released: Course) -> None:
    """With a mark in words, a link to the task, and what is still to come."""
    week = released.week(WEEK)
    notebook = graded(released.root, week, {"basin": 0})
    page = export(notebook)
    top = page.words[: page.words.index("You stand on a hillside")]
    assert "descent_update ✓ earned 3 of 3" in top
    assert "gradient_descent ✓ earned 9 of 9" in top
    (mistake,) = cell_of(notebook, "test_basin").metadata.autograder.mistakes
    assert re.search(rf"basin (✗ not|◐ partly) earned ?{re.escape(mistake)} \d of 4", top)
    assert "written answer … waits for a person – of 5" in top
    assert re.search(r"total so far 1\d of 25", top)
    assert ("a", {"href": "#grade-test_basin"}) in page.tags
    assert "late" not in top


def test_a_marked_answer_and_a_late_penalty_are_counted(released: Course) -> None:
    """The total is what the gradebook will export."""
    notebook = graded(released.root, released.week(WEEK))
    cell_of(notebook, "written").metadata.nbgrader.update(score=3.5, waits=False)
    page = export(notebook, late_penalty=2.0)
    assert "written answer ◐ partly earned 3.5 of 5" in page.words
    assert "handed in late −2" in page.words
    assert "total 21.5 of 25" in page.words


def test_comments_are_shown_and_linked(released: Course) -> None:
    """As Markdown, with their formulas; and what they hold cannot run either."""
    notebook = graded(released.root, released.week(WEEK))
    cell_of(notebook, "written").metadata.nbgrader["comment"] = "*Nice*: $x^2$ <script>1</script>"
    cell_of(notebook, "basin").metadata.nbgrader["comment"] = "see Task 2"
    page = export(notebook)
    assert_inert(page)
    assert "<em>Nice</em>: <math" in page.source
    assert "see Task 2" in page.text
    assert ("a", {"href": "#comment-written"}) in page.tags
    assert page.source.count('id="comment-') == 2


def test_what_nobody_answered_has_no_comments_to_be_read(released: Course) -> None:
    """nbgrader remarks "No response." on each cell; the verdict says more, and a link says less."""
    notebook = graded(released.root, released.week(WEEK))
    for name in ("basin", "test_basin", "written"):
        cell_of(notebook, name).metadata.nbgrader["comment"] = "No response."
    page = export(notebook)
    assert re.findall(r'id="(comment-\w+)"', page.source) == ["comment-written"]
    assert "A comment on" not in page.text


def test_without_a_record_nothing_is_said_about_the_run(released: Course) -> None:
    """A page can be made anywhere."""
    page = export(graded(released.root, released.week(WEEK)))
    assert "seed" not in page.words[:600]


@pytest.mark.parametrize("name", WEEKS)
def test_each_recognised_mistake_has_one_picture_where_numbers_are_compared(
    released: Course, name: str
) -> None:
    """At the criterion with the hint, with words for those who do not see it; not in the others."""
    week = released.week(name)
    drawn = 0
    for task in week.tasks:
        calls = draw(week, SEED)[task.name]
        for _, seen in task.behaviours(calls):
            verdict = judge(task, calls, seen)
            text = as_html(verdict, task)
            hinted: dict[str, Any] = {}
            for criterion in verdict.criteria:
                if criterion.status is Status.FAILED and criterion.mistake:
                    hinted.setdefault(criterion.mistake, criterion)
            comparable = [c for c in hinted.values() if c.call and differ(c.expected, c.observed)]
            pictures = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
            assert len(comparable) <= len(pictures) <= len(hinted)
            drawn += len(pictures)
            folded = "".join(re.findall(r"<details>.*?</details>", text, re.DOTALL))
            assert "<svg" not in folded
            for picture in pictures:
                assert len(picture.encode()) < MAX_PICTURE
                assert re.search(
                    r"<desc [^>]*>[^<]*Reference: [^<]*Submitted: [^<]*</desc>", picture
                )
    assert drawn > 5


def differ(expected: Any, observed: Any) -> bool:
    """Whether these are numbers, more than two of them, of which some are visibly others."""
    right, came = as_array(expected), as_array(observed)
    if right is None or came is None or right.shape != came.shape or right.size < 3:
        return False
    return not bool((abs(came - right) <= 0.01 * np.ptp(right)).all())


# --- What a student wrote ------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "text <b onmouseover=alert(1)>bold</b> <svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "[click](javascript:alert(1)) [c](  JaVaScRiPt:alert(1)) [d](data:text/html,<b>1</b>)",
    '![a](https://example.org/spy.png) ![b](javascript:alert(1)) ![c](x"onerror="alert(1))',
    '![a](data:image/png;base64,iVBO"onerror="alert(1))',
    '![" onerror="alert(1)](data:image/png;base64,iVBO)',
    "![a](attachment:missing.png)",
    "<style>@import url(https://example.org/spy.css)</style>",
    "<iframe src='https://example.org'></iframe><object data=x></object><base href=//x>",
    "<form action=https://example.org><input><button>go</button></form>",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)>",
    r"$\text{<img src=x onerror=alert(1)>}$ $$\text{<script>alert(1)</script>}$$",
    r"$\href{javascript:alert(1)}{x}$ $\style{background:url(//x)}{x}$ $\class{a}{x}$",
    r"\begin{align}\text{</math><script>1</script>}\end{align}",
    '```"><script>alert(1)</script>\ncode\n```',
    "```mermaid\n</pre><script>alert(1)</script>\n```",
    "<b>never closed <i>nor this",
    "</div></section></main></body></html><script>alert(1)</script>",
    "<!-- --!><script>alert(1)</script> -->",
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "> " * 3000 + "deep",
    "[" * 3000,
    "$" + "{" * 5000 + "$",
    "{{ resources }} {% for x in y %}",
    "\ud800 \x00 \x1b[31m",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:30])
def test_what_a_student_writes_cannot_run(text: str) -> None:
    """Whatever the answer holds, there is a page; it is well-formed and inert."""
    about = {"grade": True, "solution": True, "grade_id": "written", "points": 5.0}
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# The title"),
            new_markdown_cell(text, metadata={"nbgrader": about}),
            new_markdown_cell(f"# {text}"),
            new_code_cell(text, outputs=[new_output("stream", text=text)]),
            nbformat.v4.new_raw_cell(text),
            new_markdown_cell("the end"),
        ]
    )
    page = export(notebook, student=text[:99])
    assert_inert(page)
    assert page.text.rstrip().endswith("the end")


@quick
@given(st.text(alphabet="<>&\"'`$\\{}[]()!*_|-#\n abs/:=;", max_size=60))
def test_any_markdown_is_inert(text: str) -> None:
    """Also what nobody thought of."""
    notebook = new_notebook(cells=[new_markdown_cell(text)])
    assert_inert(export(notebook))


def test_raw_html_is_shown_as_text_but_for_a_few_tags() -> None:
    """Nobody loses what they wrote."""
    page = render("a<sub>1</sub> <div class=x>hello</div>")
    assert "a<sub>1</sub>" in page
    assert "&lt;div class=x&gt;hello" in page


OUTPUTS: dict[str, dict[str, str]] = {
    "html": {"text/html": "<script>alert(1)</script><b>loud</b>", "text/plain": "quiet"},
    "html alone": {"text/html": "<b>loud</b>"},
    "javascript": {"application/javascript": "alert(1)", "text/plain": "quiet"},
    "svg": {"image/svg+xml": "<svg onload='alert(1)'><script>1</script></svg>"},
    "png": {"image/png": 'iVBO" onerror="alert(1)'},
    "markdown": {"text/markdown": "<script>alert(1)</script>"},
    "latex": {"text/latex": r"$\text{<script>alert(1)</script>}$"},
    "widget": {"application/vnd.jupyter.widget-view+json": "{}", "text/plain": "quiet"},
}


@pytest.mark.parametrize("kind", OUTPUTS)
@pytest.mark.parametrize("place", ["a cell", "after a verdict"])
def test_what_a_student_displays_cannot_run(kind: str, place: str) -> None:
    """HTML is for verdicts, the first output of a test cell; of others the text is shown."""
    shown = new_output("display_data", data=OUTPUTS[kind])
    verdict = new_output(
        "execute_result", data={"text/html": "<div><b>the verdict</b></div>", "text/plain": "3.0"}
    )
    about = {"grade": True, "solution": False, "grade_id": "test_step", "points": 3.0}
    cell = new_code_cell("x", outputs=[shown])
    if place == "after a verdict":
        cell = new_code_cell("x", metadata={"nbgrader": about}, outputs=[verdict, shown])
    page = export(new_notebook(cells=[cell]))
    assert_inert(page)
    assert "<b>loud" not in page.source
    assert ("quiet" in page.text) == ("text/plain" in OUTPUTS[kind])
    assert ("<b>the verdict</b>" in page.source) == (place == "after a verdict")


def png(size: tuple[int, int]) -> str:
    """A picture of as many colours as there are."""
    made = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    Image.fromarray(noise).save(made, "PNG")
    return base64.b64encode(made.getvalue()).decode()


def test_large_figures_are_made_smaller() -> None:
    """To less than half, in the same size; a small one and what is no picture stay as they are."""
    large, small, broken = png((200, 150)), png((9, 9)), "iVBO" * 20_000
    outputs = [new_output("display_data", data={"image/png": p}) for p in (large, small, broken)]
    page = export(new_notebook(cells=[new_code_cell("x", outputs=outputs)]))
    shown = re.findall(r"data:image/png;base64,([^\"]+)", page.source)
    assert shown[1:] == [small, broken]
    assert len(shown[0]) < len(large) / 2
    with Image.open(io.BytesIO(base64.b64decode(shown[0]))) as picture:
        assert picture.size == (150, 200)


# --- Formulas ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tex",
    [
        r"x_{k+1} = x_k - \eta\, g_k",
        r"\frac{f(x+h) - f(x-h)}{2h}",
        r"\begin{pmatrix} 3 & 1 \\ 1 & 2 \end{pmatrix}",
        r"\nabla f(\mathbf{v})",
        r"|1 - 2\,\text{lr}| < 1",
    ],
)
def test_a_formula_becomes_mathml(tex: str) -> None:
    """Well-formed, inline or as a block."""
    for block in (False, True):
        made = ElementTree.fromstring(formula(tex, block))
        assert made.tag == "math"
        assert made.attrib["display"] == ("block" if block else "inline")


def test_the_power_of_a_matrix_is_that_of_the_whole_matrix() -> None:
    """One base, brackets and all, and one exponent."""
    tex = r"\begin{pmatrix} 5 & 1 \\ 1 & 2 \end{pmatrix}^{-1}"
    (power,) = ElementTree.fromstring(formula(tex)).iter("msup")
    assert [part.tag for part in power] == ["mrow", "mrow"]
    assert "mtable" in [part.tag for part in power[0]]


def test_primes_stand_beside_their_letter() -> None:
    """They are high by themselves: raised again, and made smaller, three look like one."""
    assert "<mrow><mi>f</mi><mo" in formula("f'''(x)")
    assert "msup" not in formula("|f''(x)|")
    assert "<msup><mi>x</mi><mn>3</mn></msup>" in formula("x^3")


@pytest.mark.parametrize(
    "tex", [r"\frac{1}{", r"\text{a < b}", r"\end{x}", "x" * (MAX_FORMULA + 1), "{" * 1500]
)
def test_a_formula_that_cannot_be_converted_stays_as_it_was_written(tex: str) -> None:
    """In the dollars it came in."""
    assert formula(tex) == f'<code class="tex">{html.escape(f"${tex}$")}</code>'


# --- By nbgrader ---------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_generate_feedback_makes_the_page(course: Course) -> None:
    """Through configuration alone: the gradebook's scores and comments, the record's run."""
    (student,) = attend(course, WEEK, 1, odd=False)
    notebook = graded(course.root, course.week(WEEK))
    target = course.root / "autograded" / student / WEEK / "descent.ipynb"
    target.parent.mkdir(parents=True)
    scheme = new_markdown_cell("the scheme", metadata={"autograder": {"mark_scheme": True}})
    notebook.cells.append(scheme)
    for cell in notebook.cells:
        for key in ("score", "waits"):
            cell.metadata.get("nbgrader", {}).pop(key, None)
    nbformat.write(notebook, target)
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        gradebook.remove_submission(WEEK, student)
        gradebook.add_submission(WEEK, student)
        for task in course.week(WEEK).tasks:
            grade = gradebook.find_grade(f"test_{task.name}", "descent", WEEK, student)
            grade.auto_score = task.points if task.name != "basin" else 1.0
        comment = gradebook.find_comment("written", "descent", WEEK, student)
        comment.manual_comment = "well argued"
        gradebook.db.commit()
    convert(course, WEEK, "generate_feedback")
    page = Page((course.root / "feedback" / student / WEEK / "descent.html").read_text("utf-8"))
    assert_inert(page)
    assert "basin ◐ partly earned 1 of 4" in page.words
    assert "written answer … waits for a person" in page.words
    assert "total so far 17 of 25" in page.words
    assert "well argued" in page.text
    assert "the scheme" not in page.text
    assert re.search(
        rf"Graded \d{{4}}-\d\d-\d\d \d\d:\d\d UTC, with the questions of seed {SEED}", page.words
    )
    assert "Nothing could be read" not in page.text
    submitted = course.root / "submitted" / student / WEEK / "descent.ipynb"
    seen = {task.name: Observed([]) for task in course.week(WEEK).tasks}
    record(course, course.week(WEEK), student, seen, submitted, odd=0)
    shutil.rmtree(course.root / "feedback")
    convert(course, WEEK, "generate_feedback")
    page = Page((course.root / "feedback" / student / WEEK / "descent.html").read_text("utf-8"))
    assert "Nothing could be read: the notebook file is empty." in page.words


@pytest.mark.parametrize(
    ("grade_id", "name"),
    [
        ("written", "written answer"),
        ("colours", "written answer: colours"),
        ("cell-0a1b2c3d", "written answer"),
    ],
)
def test_of_several_written_answers_each_has_its_name(grade_id: str, name: str) -> None:
    """But for one that nbgrader made up."""
    about = {"grade": True, "solution": True, "grade_id": grade_id, "points": 1}
    (line,) = lines([new_markdown_cell("Blue.", metadata={"nbgrader": about})])
    assert line.name == name
