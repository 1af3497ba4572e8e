"""Pictures of what people get, for the documentation: ``make pictures``.

Takes the pages that ``make demo`` left in ``demo/`` and the reports of made-up classes through the
browser, and writes ``docs/images/``: by day, in the dark, on a phone and on paper.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conftest import QUIET
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from classes import SEED, attend, enrol, hand_in, record  # noqa: E402
from corpus import Answer, observed  # noqa: E402

from autograder.grading.course import Course, Week  # noqa: E402
from autograder.grading.stages import draw  # noqa: E402
from autograder.kernels.driver import Observed  # noqa: E402
from autograder.plugins.converters import convert  # noqa: E402
from autograder.report.discretion import Discretion  # noqa: E402
from autograder.report.page import write_report  # noqa: E402

DEMO, IMAGES = ROOT / "demo", ROOT / "docs" / "images"
WEEK = "week2_descent"
#: A mistake that the week has no name for.
ROLLS = """
def gradient_descent(f, x0, lr, n_steps):
    path, step = [float(x0)], 0
    for _ in range(n_steps):
        x = torch.tensor(path[-1], requires_grad=True)
        f(x).backward()
        step = 0.5 * step - lr * x.grad.item()
        path.append(path[-1] + step)
    return np.array(path)
"""
DESKTOP, PHONE = 900, 390
#: Few colours: screenshots of text lose nothing that can be seen.
COLOURS = 200


def main() -> None:
    """Make all of them anew."""
    if not (DEMO / "feedback").is_dir():
        sys.exit("no demo/feedback: run `make demo` first")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        feedback(browser)
        with tempfile.TemporaryDirectory() as folder:
            reports(browser, Path(folder))
        browser.close()
    total = sum(path.stat().st_size for path in IMAGES.glob("*.png"))
    print(f"{total / 1e6:.2f} MB in {IMAGES.relative_to(ROOT)}")


def page_of(student: str, week: str = WEEK) -> Path:
    """The feedback page of a student of the demo."""
    (page,) = (DEMO / "feedback" / student / week).glob("*.html")
    return page


def feedback(browser: Browser) -> None:
    """Wrong, right, partly right and broken work."""
    climbs, transposed = page_of("s03-climbs"), page_of("s04-transposed", "week3_descent_2d")
    with opened(browser, climbs) as page:
        element(page, "#grade-test_gradient_descent .autograder", "feedback")
        top(page, "feedback-partly", 520)
    with opened(browser, page_of("s01-perfect")) as page:
        element(page, "#grade-test_gradient_descent", "feedback-right")
    with opened(browser, page_of("s08-truncated", "week1_slopes")) as page:
        top(page, "feedback-broken", 760)
    with opened(browser, transposed, dark=True) as page:
        element(page, "#grade-test_surface_grid .autograder", "feedback-dark")
    with opened(browser, transposed, width=PHONE) as page:
        element(page, "#grade-test_surface_grid", "feedback-phone")
    with opened(browser, page_of("s03-climbs", "week5_jax")) as page:
        element(page, "#grade-test_gradient_descent_jax .autograder", "feedback-jax")
    with opened(browser, page_of("s03-weights", "week6_kalman")) as page:
        element(page, "#grade-test_fuse .autograder", "feedback-belief")
    with opened(browser, page_of("s03-forward", "week1_slopes")) as page:
        printed(page, "feedback-print")


def reports(browser: Browser, folder: Path) -> None:
    """A class of 24 and one of 1,000."""
    for count in (24, 1000):
        course = folder / str(count)
        shutil.copytree(ROOT / "source" / WEEK, course / "source" / WEEK)
        shutil.copy(ROOT / "nbgrader_config.py", course)
        convert(Course(course), WEEK, "generate_assignment")
        attend(Course(course), WEEK, count)
        path, _ = write_report(course, WEEK)
        with opened(browser, path) as page:
            top(page, f"report-{count}", 1300)
        if count == 24:
            with opened(browser, path, width=PHONE, dark=True) as page:
                element(page, ".card:has-text('climbs in gradient_descent')", "report-phone-dark")
            share(Course(course), Course(course).week(WEEK), "gradient_descent", ROLLS)
            path, _ = write_report(course, WEEK)
            with opened(browser, path) as page:
                page.get_by_text("the call").last.click()
                page.get_by_text("the shortest code of theirs").click()
                element(page, ".card:has-text('Alike in gradient_descent')", "report-alike")
        else:
            shared, _ = write_report(course, WEEK, discretion=Discretion(anonymous=True))
            with opened(browser, shared) as page:
                top(page, "report-anonymous", 760)


def share(course: Course, week: Week, task: str, code: str) -> None:
    """Five more students, with the same wrong code for a task and all else right."""
    questions, wrong = draw(week, SEED), Answer(week.name, "mistake", task, "", "", code)
    seen = {t.name: Observed([t.expected(c) for c in questions[t.name]]) for t in week.tasks}
    seen[task] = Observed(observed(wrong, questions[task]))
    students = [f"student-9{number:03}" for number in range(5)]
    for student in students:
        record(course, week, student, seen, hand_in(course, week, student, {task: code.strip()}))
    enrol(course, week, students)


@contextmanager
def opened(
    browser: Browser, path: Path, width: int = DESKTOP, dark: bool = False
) -> Iterator[Page]:
    """A page in a window of this width."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    page.goto(path.as_uri())
    yield page
    context.close()


def element(page: Page, selector: str, name: str) -> None:
    """A picture of a part of the page."""
    page.locator(selector).first.screenshot(path=IMAGES / f"{name}.png")
    smaller(IMAGES / f"{name}.png")


def top(page: Page, name: str, height: int) -> None:
    """A picture of how the page begins."""
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": size["width"], "height": height})
    page.screenshot(path=IMAGES / f"{name}.png")
    smaller(IMAGES / f"{name}.png")


def printed(page: Page, name: str) -> None:
    """The first sheet of paper: A4 with margins of 15 mm."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 680, "height": 1000})
    top(page, name, 1000)


def smaller(path: Path) -> None:
    """Keep the colours that are seen."""
    with Image.open(path) as picture:
        fewer = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    fewer.save(path, optimize=True)
    print(f"{path.name}: {fewer.width} x {fewer.height}, {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
