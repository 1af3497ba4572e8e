"""Where results differ, what their parts are called, and how little work that may be."""

from __future__ import annotations

import time
from math import prod

import numpy as np
import pytest
from examples import SCALE, quick
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autograder.feedback.differing import Differences, has
from autograder.feedback.names import NAMELESS, Names
from autograder.marking.agreement import matches
from autograder.observation.values import normalise

numbers = st.one_of(
    st.sampled_from([0.0, 1.0, 1.00005, -1.0, 1e29, 2e30, -3e30, np.inf, -np.inf, np.nan]),
    st.floats(allow_nan=True),
)
shapes = st.lists(st.integers(0, 3), min_size=1, max_size=3).map(tuple)


@quick
@given(arrays(np.float64, 6, elements=numbers), arrays(np.float64, 6, elements=numbers))
def test_what_differs_is_what_the_judge_says_differs(a: np.ndarray, b: np.ndarray) -> None:
    """Number by number, also beyond every range."""
    found = Differences(a, b, SCALE).wrong
    for k in range(6):
        same = matches(normalise(a[k]), normalise(b[k]), SCALE.rtol, SCALE.atol)
        assert found[k] == (not same)


@quick
@given(shapes, shapes, st.integers(0, 1), st.data())
def test_the_places_are_those_around_the_first_difference(
    one: tuple[int, ...], other: tuple[int, ...], wide: int, data: st.DataObject
) -> None:
    """As if all places were listed and looked through."""
    other = (*other, *one)[: len(one)]
    a, b = np.zeros(one), np.zeros(other)
    for k in data.draw(st.lists(st.integers(0, max(a.size - 1, 0)), max_size=2)) if a.size else []:
        a.flat[k] = 1.0
    lead = len(one) - wide if len(one) > 1 else len(one)
    found = Differences(a, b, SCALE)
    places = list(np.ndindex(*np.maximum(one, other)[:lead]))
    wrong = [p for p in places if found.at(p)]
    for place in places:
        missing = not (has(a, place) and has(b, place))
        assert found.at(place) == (
            missing or bool((a != 0)[place][tuple(map(slice, other[lead:]))].any())
        )
    first = places.index(wrong[0]) if wrong else len(places)
    start = max(0, min(first - 2, len(places) - 6))
    shown, before, after = found.around(2, 3, lead)
    assert shown == places[start : start + 6]
    assert (before, after) == (start > 0, start + 6 < len(places))


@pytest.mark.parametrize(
    "shape", [(10**9, 0), (0, 10**9), (10**9, 10**8, 0), (3, 10**9, 0), (2**62, 0)], ids=str
)
def test_a_shape_costs_nothing_without_numbers(shape: tuple[int, ...]) -> None:
    """A billion empty rows are not looked through."""
    started = time.process_time()
    try:
        came = np.zeros(0).reshape(shape)
    except ValueError:  # more than numpy can count
        return
    found = Differences(np.ones((3,) * came.ndim), came, SCALE)
    for lead in (came.ndim, came.ndim - 1):
        assert len(found.around(2, 3, lead)[0]) <= 6
    assert prod(found.wrong.shape) == 0
    assert time.process_time() - started < 0.5


NAMES = Names(("midpoints", "slopes"), ("mean", "variance"))


@pytest.mark.parametrize(
    ("names", "shape", "index", "said"),
    [
        (NAMES, (2, 4), (1, 3), "slopes[3]"),
        (NAMES, (2,), (1,), "slopes"),
        (NAMES, (5, 2), (3, 1), "variance[3]"),
        (NAMES, (5,), (3,), "index [3]"),
        (NAMES, (3, 4), (1, 3), "index [1, 3]"),
        (NAMES, (2, 3, 4), (0, 1, 2), "midpoints[1, 2]"),
        (NAMELESS, (2, 4), (1, 3), "index [1, 3]"),
    ],
)
def test_an_entry_is_called_by_its_authors_name(
    names: Names, shape: tuple[int, ...], index: tuple[int, ...], said: str
) -> None:
    """Where there is one, and it fits the shape."""
    assert names.entry(index, shape) == said


def test_a_row_too_many_has_no_name() -> None:
    """The author has named two, and three came back."""
    assert NAMES.row((1,), (2,)) == "slopes"
    assert NAMES.row((2,), (2,)) == "[2]"
    assert NAMES.row((2, 5), (2, 7)) == "[2, 5]"


def test_one_of_several_arrays_has_a_name_or_a_number() -> None:
    """As many names as arrays, or none is used."""
    assert NAMES.one_of(1, 2) == "the slopes"
    assert NAMES.one_of(1, 3) == "the second of the 3"
    assert NAMELESS.one_of(0, 2) == "the first of the two"
