"""The playground: a picture to click into, and a still picture where nobody can click.

What happens after a click is seen in `tests/e2e/test_playground.py`.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator
from textwrap import shorten
from types import SimpleNamespace
from typing import Any

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from conftest import ROOT
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from autograder.submissions.figures import handed_in

WEEKS = {
    "week2_descent": "descent",
    "week3_descent_2d": "descent_2d",
    "week4_curvature": "curvature",
    "week6_kalman": "kalman",
}
VIEW = "application/vnd.jupyter.widget-view+json"


def helper(week: str) -> str:
    """The cell with the machinery; `shorten` it has from the cells before it."""
    path = ROOT / "release" / week / f"{WEEKS[week]}.ipynb"
    (source,) = (
        cell.source
        for cell in nbformat.read(path, as_version=4).cells
        if "def playground(" in cell.source
    )
    return str(source)


def downhill(f: Callable[[float], float], place: Any, lr: float, steps: int) -> Any:
    path = [place[0]]
    for _ in range(steps):
        f(path[-1])
        path.append(path[-1] - lr * 2 * path[-1])
    return np.transpose([path, np.square(path)])


class Shown(SimpleNamespace):
    """What the cell has displayed."""

    title: str
    path: Any
    hint: str


def play(walk: Any = downhill, **changed: Any) -> Shown:
    """Run the machinery in this process, where nobody can click."""
    shown: list[Any] = []
    names = {"np": np, "plt": plt, "shorten": shorten, "display": shown.append}
    exec(helper("week2_descent"), names)
    names.update(changed)
    _, ax = plt.subplots(layout="constrained")
    ax.set(xlim=(-5, 5), ylim=(-1, 25))
    playground: Any = names["playground"]
    playground(ax, np.square, walk, start=(4, 0), lr=(-1, 0.25, 9), steps=(0, 3, 9))
    assert shown == [ax.figure]
    assert (ax.get_xlim(), ax.get_ylim()) == ((-5, 5), (-1, 25))
    line, square = ax.lines
    assert len(square.get_xdata()) == min(1, len(line.get_xdata()))
    ax.figure.savefig("/dev/null", format="png")  # can be drawn
    return Shown(title=ax.get_title(), path=line.get_xydata(), hint=ax.figure.get_supxlabel())


def test_the_weeks_share_one_machinery() -> None:
    assert len({helper(week) for week in WEEKS}) == 1


@pytest.mark.parametrize("week", WEEKS)
def test_a_slider_of_whole_numbers_has_whole_ends(week: str) -> None:
    """One that begins with an int has whole numbers only, and would cut what is none."""
    path = ROOT / "release" / week / f"{WEEKS[week]}.ipynb"
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells]
    (played,) = (source for source in cells if "\nplayground(ax, " in source)
    call = ast.parse(played).body[-1]
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    choices = {word.arg: ast.literal_eval(word.value) for word in call.value.keywords}
    assert len(choices.pop("start")) == 2
    for name, (lowest, first, highest) in choices.items():
        assert lowest < first < highest, name
        if isinstance(first, int):
            assert {type(lowest), type(highest)} == {int}, name


def test_a_still_picture_has_the_walk_and_says_how_to_click() -> None:
    shown = play()
    assert np.allclose(shown.path, [(4, 16), (2, 4), (1, 1), (0.5, 0.25)])
    assert shown.title == "from (4, 16) to (0.5, 0.25)"
    assert "pip install ipympl" in shown.hint


def raises(error: BaseException) -> Callable[..., Any]:
    def walk(*_: Any, **__: Any) -> Any:
        raise error

    return walk


@pytest.mark.parametrize(
    ("walk", "said"),
    [
        (raises(NotImplementedError("Task 2: return the start")), "Task 2 isn't solved yet"),
        (raises(ValueError("no\nway $down")), "ValueError: no way $down"),
        (raises(ValueError("下" * 200)), "ValueError: [...]"),
        (raises(SystemExit(3)), "SystemExit: 3"),
        (lambda *_, **__: None, "TypeError: "),
        (lambda *_, **__: "rubbish", "UFunc"),
        (lambda *_, **__: [], "IndexError: "),
        (lambda *_, **__: [1, 2], "TypeError: "),
        (lambda *_, **__: [(1, 2, 3)], "ValueError: "),
    ],
)
def test_what_went_wrong_stands_in_the_picture(walk: Any, said: str) -> None:
    shown = play(walk)
    assert shown.title.startswith(said)
    assert len(shown.path) == 0


@pytest.mark.parametrize("far", [np.nan, np.inf, -np.inf, 1e300])
def test_a_walk_that_runs_away_leaves_the_axes_alone(far: float) -> None:
    shown = play(lambda *_, **__: [(4, 16), (far, far)])
    assert shown.title == "from (4, 16) and out of sight"
    assert np.nanmax(abs(shown.path)) <= 1e6


def test_a_walk_that_takes_too_long_is_stopped() -> None:
    """At its next look at f, whatever the thread and the system it runs on."""

    def endless(f: Any, place: Any, **_: Any) -> Any:
        for _ in range(1000):
            f(4.0)
        raise AssertionError("not stopped")

    seconds = itertools.count()
    assert play(endless, monotonic=lambda: next(seconds)).title.startswith("TimeoutError: stopped")


NOTEBOOK = """
from textwrap import shorten
import matplotlib.pyplot as plt
import numpy as np
{helper}
def walk(f, place, lr, steps):
    return np.transpose([[place[0], lr], [place[0] ** 2, steps]])
_, ax = plt.subplots(layout="constrained")
playground(ax, np.square, walk, start=(4, 0), lr=(-1, 0.25, 9), steps=(0, 3, 9))
"""


@pytest.fixture(scope="module")
def kernel() -> Iterator[BlockingKernelClient]:
    manager, client = start_new_kernel(kernel_name="python3")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run(kernel: BlockingKernelClient, code: str, somebody: bool) -> list[dict[str, Any]]:
    """What `code` puts out, for somebody or for nobody; and it opens no widget for nobody."""
    kinds, outputs = [], []

    def heard(message: dict[str, Any]) -> None:
        kinds.append(message["msg_type"])
        if message["msg_type"] in ("stream", "error", "display_data", "execute_result"):
            outputs.append(message["content"])

    kernel.execute_interactive(code, allow_stdin=somebody, output_hook=heard, timeout=60)
    assert somebody or "comm_open" not in kinds
    return outputs


@pytest.mark.kernel
def test_a_widget_lies_over_the_picture_where_somebody_can_click(
    kernel: BlockingKernelClient,
) -> None:
    """And a picture alone without ipympl, or in a run that nobody watches; never a warning."""
    code = NOTEBOOK.format(helper=helper("week2_descent"))
    (alone,) = run(kernel, code, somebody=False)
    assert set(alone["data"]) == {"image/png", "text/plain"}
    (untouched,) = run(kernel, "import sys; print('ipympl' in sys.modules)", somebody=False)
    assert untouched["text"] == "False\n"

    (without,) = run(kernel, f"sys.modules['ipympl'] = None\n{code}", somebody=True)
    assert set(without["data"]) == {"image/png", "text/plain"}

    (live,) = run(kernel, f"del sys.modules['ipympl']\n{code}", somebody=True)
    assert set(live["data"]) == {"image/png", "text/plain", VIEW}
    assert len(list(handed_in([live]))) == 1, "feedback keeps the picture"

    (other,) = run(kernel, "plt.plot([1, 2])\nplt.show()", somebody=True)
    assert set(other["data"]) == {"image/png", "text/plain"}, "other figures are as they were"
