"""Pictures of a call's two results: of the right kind, the right way up, whatever came back."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from examples import quick
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib import rc_context

from autograder.feedback.beliefs import Belief
from autograder.feedback.names import Names
from autograder.feedback.pictures import compare
from autograder.marking.calls import Call
from autograder.observation.functions import Function
from autograder.observation.values import normalise

F, G = Function("x**2 + x"), Function("v[0]**2 + sin(v[1])")
XS, YS = np.array([-1.0, 0.0, 2.0, 3.0]), np.array([0.5, 1.0, 2.5])
GRID = np.meshgrid(XS, YS)


def picture(call: Call, right: Any, came: Any) -> str:
    return compare(call, normalise(right), normalise(came), "p", "words")


def title(svg: str) -> str:
    return "".join(re.findall(r"<title[^>]*>(.*?)</title>", svg))


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>(.*?)</text>", svg)


@pytest.mark.parametrize(
    ("call", "right", "came", "kind"),
    [
        (Call(F, 1.5, 0.1), 4.0, 4.2, "Slope at the point"),
        (Call(F, XS), 2 * XS + 1, 2 * XS, "Values"),
        (Call(XS, YS), [XS[1:], XS[1:]], [XS[:-1], XS[1:]], "The second result over the first"),
        (Call(F, 4.0, 0.1, 2), [4.0, 3.1, 2.4], [4.0, 4.9, 6.0], "Path over the function"),
        (Call(F, 4.0, 0.1, 2), [4.0, 3.1, 2.4], 2.4, "Path over the function"),
        (Call(G, YS[:2], 0.1, 1), [YS[:2], XS[:2]], [YS[:2], YS[:2]], "Path over the contours"),
        (Call(G, YS[:2]), YS[:2], -YS[:2], "Gradient at the point"),
        (Call(G, XS, YS), np.add(*GRID), np.add(*GRID).T, "Surface beside surface"),
        (Call(G, *GRID), GRID, GRID[::-1], "Arrows on the grid"),
        (Call(G, *GRID), GRID, np.transpose(GRID, (0, 2, 1)), "Arrows on the grid"),
        (Call(G, YS[:2]), np.eye(2), np.ones((2, 2)), "Table beside table"),
        (Call(XS, 1.0, 2.0), np.ones((4, 2)), np.zeros((5, 2)), "Columns"),
        (Call(4.0), XS, XS[::-1], "Values"),
    ],
)
def test_the_call_decides_how_it_is_drawn(call: Call, right: Any, came: Any, kind: str) -> None:
    """Descents over what they descend, slopes at their point, grids beside each other."""
    assert title(picture(call, right, came)) == kind


@pytest.mark.parametrize(
    ("call", "right", "came"),
    [
        (Call(F, 1.5), 4.0, "four"),
        (Call(F, 1.5), 4.0, None),
        (Call(1.0, 4.0, 3.0, 9.0), (1.6, 2.8), (1.0, 4.0)),
        (Call(F, XS), XS, XS * (1 + 1e-6)),
        (Call(G, *GRID), GRID, XS),
        (Call(4.0), [], []),
    ],
    ids=["a text", "nothing", "two numbers", "looks the same", "no field", "empty"],
)
def test_what_shows_nothing_is_not_drawn(call: Call, right: Any, came: Any) -> None:
    """A picture has to say more than the numbers do."""
    assert picture(call, right, came) == ""


def test_a_surface_lies_as_on_a_map() -> None:
    """Row 0 at the bottom, places on the axes; a transposed one in its own shape."""
    right = 10.0 * np.arange(3)[:, None] + np.arange(4)
    call = Call(G, XS, YS)
    found = re.findall(
        r"translate\(([\d.]+) ([\d.]+)\)[^>]*>(\d+)</text>|<text[^>]*x=\"([\d.]+)\" y=\"([\d.]+)\""
        r"[^>]*>(\d+)</text>",
        picture(call, right, right + 100),
    )
    height = {a[2] or a[5]: float(a[1] or a[4]) for a in found}
    across = {a[2] or a[5]: float(a[0] or a[3]) for a in found}
    assert height["0"] > height["10"] > height["20"]
    assert across["20"] < across["21"] < across["22"] < across["23"]
    assert across["123"] > across["23"]
    said = texts(picture(call, right, right.T))
    assert "reference, shape (3, 4)" in said
    assert "submitted, shape (4, 3)" in said
    assert {"x0", "x1", "2.5", "row", "column"} <= set(said)


def test_wrong_cells_are_outlined_not_only_coloured() -> None:
    """Those that differ, unless all do."""
    right = np.arange(12.0).reshape(3, 4)
    wrong = right.copy()
    wrong[1, 2] = 7.5
    once, never = picture(Call(4.0), right, wrong), picture(Call(4.0), right, right + 9)
    assert once.count("stroke: var(--student") == 1
    assert "var(--student" not in never


BEFORE, P = np.array([1.0, -2.0]), np.array([[2.0, 0.5], [0.5, 1.0]])


def belief(call: Call, right: Any, came: Any) -> str:
    return compare(call, normalise(right), normalise(came), "p", "words", "belief")


@pytest.mark.parametrize(
    ("call", "right", "came", "said"),
    [
        (Call(1.0, 4.0, 3.0, 9.0), (1.6, 2.8), (1.0, 4.0), {"before", "measured", "density"}),
        (Call(9.9, 1.0, 4.0, 3.0, 9.0), (1.6, 2.8), (1.6, 1.7), {"before", "measured"}),
        (Call(1.0, 4.0, 3.0, 9.0), (1.6, 2.8), (2.4, -1.0), {"submitted: variance not above 0"}),
        (Call(1.0, 4.0, 3.0, 9.0), (1.6, 2.8), (1e9, 2.8), {"submitted: outside the picture"}),
        (Call(BEFORE, P, P, P), (BEFORE, P), (-BEFORE, P), {"before", "m[0]", "m[1]"}),
        (
            Call(BEFORE, P, P, P),
            (BEFORE, P),
            (BEFORE, [[2.0, 0.5], [0.1, 1.0]]),
            {"submitted: covariance not symmetric"},
        ),
        (
            Call(BEFORE, P, P, P),
            (BEFORE, P),
            (BEFORE, -P),
            {"submitted: covariance not positive definite"},
        ),
    ],
)
def test_beliefs_are_bells_and_ellipses(call: Call, right: Any, came: Any, said: set[str]) -> None:
    """Over the beliefs that they were made of; what is none is said to be none."""
    svg = belief(call, right, came)
    assert title(svg) == "Belief and belief"
    assert said <= set(texts(svg))
    assert ("measured" in texts(svg)) == (np.ndim(right[0]) == 0)


@pytest.mark.parametrize(
    ("right", "came"),
    [
        ((1.6, 2.8), (1.6001, 2.8)),
        ((1.6, 2.8), 1.6),
        ((1.6, 2.8), "1.6"),
        ((1.6, 2.8), (BEFORE, P)),
        ((np.ones(3), np.eye(3)), (np.ones(3), 2 * np.eye(3))),
    ],
    ids=["looks the same", "one number", "a text", "about two", "about three"],
)
def test_beliefs_that_a_picture_cannot_show(right: Any, came: Any) -> None:
    """Nothing is drawn."""
    assert belief(Call(1.0, 4.0, 3.0, 9.0), right, came) == ""


def test_a_bell_stands_where_the_belief_is() -> None:
    """Its top over the mean, and 1 / (sigma sqrt(2 pi)) high; the ellipse at two sigma."""
    bell = Belief.of([np.array([3.0, 4.0])])
    assert bell is not None
    x = np.linspace(-20, 30, 5001)
    assert x[bell.density(x).argmax()] == pytest.approx(3.0)
    assert np.trapezoid(bell.density(x), x) == pytest.approx(1.0)
    ring = Belief(BEFORE, P).ellipse() - BEFORE[:, None]
    assert np.einsum("ik,ij,jk->k", ring, np.linalg.inv(P), ring) == pytest.approx(4.0)


anything = st.floats(allow_nan=True, allow_infinity=True)


@quick
@given(
    st.sampled_from([(F, 1.5), (F, XS), (G, YS[:2]), (G, XS, YS), (G, *GRID), (XS, YS), (4.0,)]),
    arrays(np.float64, st.sampled_from([(), (4,), (2,), (3, 4), (4, 3), (2, 3, 4), (30, 30)])),
    arrays(np.float64, st.sampled_from([(), (4,), (2,), (3, 4), (2, 4, 3)]), elements=anything),
)  # fmt: skip
def test_any_result_can_be_drawn(
    arguments: tuple[Any, ...], right: np.ndarray, came: np.ndarray
) -> None:
    """Whatever came back, of whatever shape: a picture or none, without a colour of its own."""
    right = np.nan_to_num(right, posinf=1.0, neginf=0.0)
    for svg in (picture(Call(*arguments), right, came), belief(Call(*arguments), right, came)):
        assert len(svg) < 200_000
        assert not re.findall(r"#0[0-9]0[0-9]0[0-9]", svg)


@quick
@given(
    arrays(np.float64, st.sampled_from([(), (2,), (3,)]), elements=anything),
    arrays(np.float64, st.sampled_from([(), (2, 2), (2,), (3, 3)]), elements=anything),
)
def test_any_pair_can_be_drawn(mean: np.ndarray, covariance: np.ndarray) -> None:
    """As a belief or not."""
    call, one, other = Call(1.0, 4.0, 3.0, 9.0), (1.6, 2.8), (BEFORE, P)
    for right in (one, other):
        assert len(belief(call, right, (mean, covariance))) < 200_000


def reaches(svg: str) -> tuple[float, float, float]:
    """How far the texts of a picture reach to the left and to the right, and its width in points.

    A letter is taken to be 0.6 of its size, as in most fonts.
    """
    found = re.findall(
        r'<text style="font-size: ([\d.]+)px; text-anchor: (\w+)[^"]*" x="([-\d.]+)" y="[^"]*">'
        r"([^<]*)<",
        svg,
    )
    ends = []
    for size, anchor, x, text in found:
        wide = 0.6 * float(size) * len(text)
        left = float(x) - {"start": 0, "middle": wide / 2, "end": wide}[anchor]
        ends.append((left, left + wide))
    assert len(ends) > 4
    (width,) = re.findall(r'viewBox="0 0 ([\d.]+)', svg)
    return min(a for a, _ in ends), max(b for _, b in ends), float(width)


@pytest.mark.parametrize(
    ("call", "right"),
    [
        (Call(XS, 1.0, 2.0), [[-5.0, 1e-5], [-5.5, 2e-5], [-6.0, 3e-5]]),
        (
            Call(XS, 1.0, 2.0),
            [[-5000.25, -12345.5, -1.5], [-5001, -12346, -2.0], [-5002, -12347, -3]],
        ),
        (Call(4.0), [-12345.5, -12346.5, -12347.5]),
        (Call(F, -4000.0, 0.1, 2), [-4000.0, -4001.0, -4003.0]),
        (Call(G, 1e5 * XS, -1e5 * YS), np.add(*GRID)),
    ],
    ids=["columns", "three columns", "values", "a path", "a surface"],
)
def test_no_minus_sign_is_cut_off(call: Call, right: Any) -> None:
    """What stands along the axes has room inside the picture."""
    svg = picture(call, right, np.multiply(right, 1.2))
    left, end, width = reaches(svg)
    assert left >= 0
    assert end <= width
    assert "−" in svg or "-" in "".join(texts(svg))


def test_a_picture_is_the_same_whatever_was_set_before() -> None:
    """As in an instructor's notebook, whose first cell sets matplotlib's defaults."""
    asked = Call(F, 4.0, 0.1, 2), [4.0, 3.1, 2.4], [4.0, 4.9, 6.0]
    before = picture(*asked)
    with rc_context({"font.size": 14, "axes.grid": True, "lines.linewidth": 5, "figure.dpi": 200}):
        assert picture(*asked) == before


def test_columns_and_parts_have_their_names() -> None:
    """As the task calls them."""
    names = Names(("midpoints", "slopes"), ("mean", "variance"))

    def named(call: Call, right: Any) -> set[str]:
        right = np.asarray(right)
        pair = normalise(right), normalise(right + 1)
        return set(texts(compare(call, *pair, "p", "words", names=names)))

    assert {"midpoints", "slopes"} <= named(Call(XS, YS), [YS, YS])
    assert {"mean", "variance"} <= named(Call(XS, 1.0), np.ones((4, 2)))
    assert {"mean", "variance"} <= named(Call(XS[:1], 1.0), np.ones((1, 2)))
    assert not {"mean", "midpoints"} & named(Call(XS, 1.0), np.ones((4, 3)))
