"""The playground in JupyterLab: a click, and the student's own function walks from there."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import numpy as np
import pytest
from lab import Lab
from nbformat.v4 import new_code_cell
from playwright.sync_api import Page, expect
from screens import Notebook

from autograder.submissions.figures import handed_in, is_drawing

ROOT = Path(__file__).parents[2]
PLAYING = re.compile(r"playground\(ax, .+, walk, start=")
#: Where a click lands in the picture, in parts of its width and height.
CLICK = 0.35, 0.3
#: Says in the kernel what the picture shows; the number tells one reading from the next.
READ = """# the reading
place = played.figure.transFigure + played.transData.inverted()
print({number}, json.dumps([
    played.get_title(), played.lines[-2].get_xydata().tolist(), list(place.transform({click})),
]))"""
RAISES = """# the reading
def {name}(*_):
    raise ValueError("no way down")"""
DRAWN = """([canvas, before]) => canvas.toDataURL() !== before"""

Path2D = Any


def descent(start: Any, lr: float) -> Path2D:
    path = [start[0]]
    for _ in range(12):
        path.append(path[-1] - lr * (1 - 8 * path[-1] + path[-1] ** 3))
    x = np.array(path)
    return np.transpose([x, x - 4 * x**2 + x**4 / 4])


def descent_2d(start: Any, lr: float) -> Path2D:
    path = [np.array(start)]
    for _ in range(10):
        path.append(path[-1] - lr * np.array([2 * path[-1][0], np.cos(path[-1][1])]))
    return np.array(path)


def momentum(start: Any, lr: float) -> Path2D:
    path, velocity = [np.array(start)], np.zeros(2)
    for _ in range(30):
        velocity = 0.5 * velocity + np.array([[10, -9], [-9, 10]]) @ path[-1]
        path.append(path[-1] - lr * velocity)
    return np.array(path)


def belief(start: Any, R: float) -> Path2D:
    """The mean before, a minute later, and after a position was measured: 6 with variance R."""
    later = np.array([start[0] + start[1], start[1]])
    return np.array([start, later, later + np.array([5, 1]) / (5 + R) * (6 - later[0])])


class Week(NamedTuple):
    """A week's notebook, its function, where that ought to walk, and what the mouse reads off.

    `lr` is where the slider stands that is moved.
    """

    name: str
    notebook: str
    function: str
    walks: Callable[[Any, float], Path2D]
    start: tuple[float, float]
    lr: float
    reading: str
    slider: int = 0


WEEKS = [
    Week("week2_descent", "descent", "gradient_descent", descent, (4, 4), 0.12,
         r"x = -?\d\.\d\d, poly\(x\) = "),
    Week("week3_descent_2d", "descent_2d", "gradient_descent_2d", descent_2d, (-2, -2), 0.25,
         r"\(-?\d\.\d\d, -?\d\.\d\d\), height "),
    Week("week4_curvature", "curvature", "momentum_descent", momentum, (4, 2), 0.1,
         r"\(-?\d\.\d\d, -?\d\.\d\d\), height "),
    Week("week6_kalman", "kalman", "predict", belief, (2, 1), 5,
         r"position -?\d+\.\d\d, speed -?\d\.\d\d", slider=1),
]  # fmt: skip


class Playground:
    """The picture in a notebook that has been run, and what can be done with it."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.page = notebook.page
        self.cell = notebook.cell(PLAYING)
        # Two of them: the picture, and over it what follows the mouse.
        self.output = self.cell.locator(".jupyter-widgets").first
        layers = self.cell.locator(".jupyter-matplotlib canvas")
        expect(layers).to_have_count(2)
        self.canvas, self.top = layers.all()
        self.numbers = itertools.count(1000)

    def redrawn(self, act: Callable[[], None]) -> None:
        """Do something, and wait until the picture is another."""
        before = self.canvas.evaluate("canvas => canvas.toDataURL()")
        act()
        canvas = self.canvas.element_handle()
        self.page.wait_for_function(DRAWN, arg=[canvas, before])

    def click(self, right: float, down: float) -> None:
        """Click on a place, in parts of the picture's width and height."""
        box = self.top.bounding_box()
        assert box is not None
        at = {"x": right * box["width"], "y": down * box["height"]}
        self.top.click(position=at)

    def slide(self, which: int) -> None:
        """Move a slider one step up."""
        self.cell.locator(".noUi-handle").nth(which).press("ArrowRight")

    def read(self) -> tuple[str, Path2D, list[float]]:
        """The words over the picture, the walk in it, and the place of `CLICK`."""
        number, click = next(self.numbers), (CLICK[0], 1 - CLICK[1])
        self.notebook.type("# the reading", READ.format(number=number, click=click))
        output = self.notebook.cell("# the reading").locator(".jp-OutputArea-output")
        expect(output).to_contain_text(f"{number} ")
        title, path, place = json.loads(output.inner_text().split(" ", 1)[1])
        return title, np.array(path), place


@pytest.fixture(scope="module")
def server(lab: Callable[..., Lab], tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """JupyterLab with a student's solved notebooks, week 2 whole and the others cut short."""
    folder = tmp_path_factory.mktemp("playground")
    for week in WEEKS:
        path = ROOT / "solutions" / week.name / f"{week.notebook}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        cells = [c for c in notebook.cells if not c.metadata.get("nbgrader", {}).get("points")]
        here = next(k for k, cell in enumerate(cells) if PLAYING.search(cell.source))
        rest = cells[here + 1 :]
        if week is not WEEKS[0]:
            cells = [c for c in cells[: here + 1] if not is_drawing(c) or c is cells[here]]
            here, rest = len(cells) - 1, []
        played = new_code_cell("import json\nplayed = ax")
        notebook.cells = [*cells[: here + 1], played, *rest, new_code_cell("# the reading")]
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, folder / f"{week.notebook}.ipynb")
    return lab(folder)


@pytest.mark.parametrize("week", WEEKS, ids=[week.name for week in WEEKS])
def test_a_click_sets_off_the_students_own_function(
    week: Week, server: Lab, page: Page, artefacts: Path
) -> None:
    page.goto(server.notebook(f"{week.notebook}.ipynb"))
    notebook = Notebook(page)
    notebook.run_all()
    playground = Playground(notebook)
    shoot = f"playground-{week.name}"

    _, path, place = playground.read()
    assert np.allclose(path, week.walks(week.start, week.lr))
    playground.output.screenshot(path=artefacts / f"{shoot}-1-before.png")

    playground.redrawn(lambda: playground.click(*CLICK))
    expect(playground.cell.get_by_text(re.compile(week.reading))).to_be_visible()
    playground.output.screenshot(path=artefacts / f"{shoot}-2-clicked.png")
    title, path, _ = playground.read()
    known = 1 if week.walks is descent else 2  # on a curve, the height is the curve's
    assert np.allclose(path[0][:known], place[:known], atol=0.05), "the walk starts at the click"
    assert np.allclose(path, week.walks(path[0], week.lr))
    first, last = ("({:.3g}, {:.3g})".format(*path[k]) for k in (0, -1))
    assert title == f"from {first} to {last}"

    playground.redrawn(lambda: playground.slide(week.slider))
    _, slid, _ = playground.read()
    assert np.allclose(slid, week.walks(path[0], week.lr + 0.005))
    assert not np.allclose(slid, path)

    playground.click(0.01, 0.5)  # outside of the axes
    assert np.array_equal(playground.read()[1], slid)

    notebook.type("# the reading", RAISES.format(name=week.function))
    playground.redrawn(lambda: playground.click(0.6, 0.6))
    title, path, _ = playground.read()
    assert (title, len(path)) == ("ValueError: no way down", 0)

    errors = page.locator("[data-mime-type$=stderr], [data-mime-type$=error]")
    expect(errors).to_have_count(0)
    expect(page.locator(".jupyter-matplotlib")).to_have_count(1)
    assert_it_is_saved_with_a_picture(page, server.folder / f"{week.notebook}.ipynb")


def assert_it_is_saved_with_a_picture(page: Page, path: Path) -> None:
    """For whoever has no kernel; and every other figure is one, and no more."""
    with page.expect_response(
        lambda answer: answer.request.method == "PUT" and "/api/contents/" in answer.url
    ):
        page.locator(".jp-NotebookPanel-toolbar [data-jp-item-name=save]").click()
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if is_drawing(cell)]
    for cell in cells:
        assert len(list(handed_in(cell.outputs))) == 1
        kinds = set(cell.outputs[0].data)
        live = (
            {"application/vnd.jupyter.widget-view+json"} if PLAYING.search(cell.source) else set()
        )
        assert kinds == {"image/png", "text/plain"} | live
