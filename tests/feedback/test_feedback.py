"""Feedback: it names the mistake, shows the call, and cannot be turned into a score."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import torch
from examples import (
    DESCEND,
    NEWTON,
    ROLL,
    SCALE,
    SECANT,
    TASKS,
    climb,
    forged,
    judged,
    nested,
    quick,
    scale,
    walk,
)
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output
from nbgrader.utils import determine_grade

from autograder.feedback import illustration
from autograder.feedback.markup import as_html
from autograder.feedback.results import describe, difference
from autograder.feedback.words import as_text, harmless, outputs
from autograder.grading.records import write_whole
from autograder.marking import derivative
from autograder.marking.calls import Call
from autograder.marking.criteria import Criterion, Mistake
from autograder.marking.judge import CriterionVerdict, Status, Verdict, grader_error, judge
from autograder.marking.task import Task
from autograder.observation.observe import observe_call
from autograder.observation.values import normalise

Json = dict[str, Any]


def graded_cell(outputs: list[NotebookNode], points: float = 7.0) -> NotebookNode:
    """A test cell with these outputs, as the gradebook sees it."""
    metadata = {
        "nbgrader": {
            "grade_id": "test_descend",
            "grade": True,
            "solution": False,
            "locked": True,
            "points": points,
            "schema_version": 3,
            "task": False,
        }
    }
    return new_code_cell("observe(descend)", metadata=metadata, outputs=outputs)


class Text(HTMLParser):
    """The text of an HTML fragment, and its tags; fails on tags that do not match."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def both(verdict: Verdict, task: Task) -> list[str]:
    """The feedback as people read it: as text, and as the text of the page."""
    return [as_text(verdict, task), Text(as_html(verdict, task)).text]


def verdict_on(observation: Any, task: Task = SCALE) -> Verdict:
    """The verdict where every call was observed to do this."""
    calls = task.draw(0)
    return judge(task, calls, [observation] * len(calls))


# --- What it says --------------------------------------------------------------------------


def test_full_marks_are_said_without_details() -> None:
    """A line for each criterion, and the sum; no calls, no hints."""
    verdict = judged(SCALE, scale)
    assert as_text(verdict, SCALE) == (
        "scale: 3 of 3 points\n✓ numbers: 2 of 2\n✓ arrays stay as they are: 1 of 1"
    )
    page = Text(as_html(verdict, SCALE)).text
    assert "scale: 3 of 3 points" in page
    assert "earned" in page
    assert "not earned" not in page


def test_a_recognised_mistake_is_named_with_its_hint_once() -> None:
    """The hint where the mistake is first met; after that only its name."""
    verdict = judged(DESCEND, climb)
    for text in both(verdict, DESCEND):
        assert text.count("The gradient points uphill; step against it.") == 1
        assert text.count("climbs") == 2
        assert "not one of the mistakes we know" not in text


def test_each_mistake_has_its_own_hint() -> None:
    """Two mistakes in one function are explained separately."""

    def half_and_half(f, x0, lr, n_steps):
        if n_steps == 1:
            return climb(f, x0, lr, n_steps)
        return walk(x0, n_steps - 1, lambda x: x - lr * derivative(f, x))

    verdict = judged(DESCEND, half_and_half)
    named = [mistake.name for mistake in verdict.mistakes]
    for text in both(verdict, DESCEND):
        for mistake in DESCEND.mistakes:
            assert (mistake.hint in text) == (mistake.name in named)


def test_an_unknown_mistake_is_said_to_be_unknown() -> None:
    """No hint, but the call and both answers."""
    verdict = judged(SCALE, lambda x, factor: -7.25)
    for text in both(verdict, SCALE):
        assert "not one of the mistakes we know" in text
        assert "-7.25" in text
        assert "scale(" in text


def test_what_holds_of_a_whole_task_is_said_once() -> None:
    """That no mistake is recognised, or whose fault it inherits; not at every criterion."""
    for text in both(judged(DESCEND, lambda *args: 7.0), DESCEND):
        assert text.count("not one of the mistakes we know") == 1
    inherited = "It calls your slope, which is not right yet: mend that first."
    verdict = judged(DESCEND, climb)
    criteria = tuple(replace(c, mistakes=(), reason=inherited) for c in verdict.criteria)
    assert sum(c.status is Status.FAILED for c in criteria) > 1
    for text in both(Verdict("descend", criteria), DESCEND):
        assert text.count(inherited) == 1


def test_a_function_is_shown_as_mathematics_and_folded_as_code() -> None:
    """What is read first frightens nobody; what can be pasted is one click away."""
    verdict = judged(DESCEND, climb)
    call = verdict.criteria[0].call
    assert call is not None
    page = as_html(verdict, DESCEND)
    start = ", ".join(map(repr, call.args[1:]))
    read, folded = page.split("to paste", 1)
    assert f"descend(f, {start})" in read
    assert "<math><mrow><mi>f</mi>" in read
    assert "lambda" not in read
    assert html.escape(call.source("descend")) in folded
    formula = call.args[0]["function"]["formula"]
    assert f"f(x) = {formula}" in as_text(verdict, DESCEND)


def test_the_call_is_shown_with_the_expected_and_the_returned_value() -> None:
    """What was asked, what should come back, what did."""
    verdict = judged(SCALE, lambda x, factor: x + factor)
    call = verdict.criteria[0].call
    assert call is not None
    x, factor = call.args
    for text in both(verdict, SCALE):
        assert f"scale({x!r}, {factor!r})" in text
        assert re.search(rf"expected:?\s+{x * factor:g}\b", text)
        assert re.search(rf"returned:?\s+{x + factor:g}\b", text)


def test_the_first_difference_is_pointed_at() -> None:
    """In a long result, where to look."""
    verdict = judged(DESCEND, lambda f, x0, lr, n: [*DESCEND.reference(f, x0, lr, n)[:-1], 99.0])
    text = as_text(verdict, DESCEND)
    assert "They first differ at index [1]: expected" in text
    assert "returned 99." in text
    first = next(row for row in rows(as_html(verdict, DESCEND)) if "≠" in row)
    assert re.fullmatch(r"\[1\] ≠ \S+ 99", first)


def test_numbers_stand_above_each_other_up_to_the_first_difference() -> None:
    """In plain text; what comes long before it makes room."""
    task = Task(lambda x: np.arange(96.0, 116.0), [Criterion("many", 1, lambda rng: [Call(1.0)])])
    verdict = judged(task, lambda x: [*range(96, 110), 7, 11, -5.25, 113])
    shown = as_text(verdict, task).splitlines()
    (right,) = [line.strip() for line in shown if "expected:" in line]
    (came,) = [line.strip() for line in shown if "returned:" in line]
    assert right == "expected: […, 108, 109, 110, 111,   112, 113, 114, 115]  shape (20,)"
    assert came == "returned: […, 108, 109,   7,  11, -5.25, 113]  shape (18,)"


def test_a_wrong_shape_is_said() -> None:
    """Both shapes, in a sentence."""
    verdict = judged(ROLL, lambda *args: ROLL.reference(*args)[:, 0])
    assert "The shape should be (1, 2), but it is (1,)." in as_text(verdict, ROLL)


def spread(m: Any, P: Any) -> Any:
    """A vector and a matrix, neither of the other's shape."""
    return 2 * m, 4 * P


SPREAD = Task(spread, [Criterion("all", 1, lambda rng: [Call(np.array([1.0, 2.0]), np.eye(2))])])


def test_of_a_pair_the_wrong_part_is_pointed_at() -> None:
    """Both parts are shown, and which of the two differs."""
    assert SPREAD.draw(0)
    verdict = judged(SPREAD, lambda m, P: (2 * m, 2 * P))
    for text in both(verdict, SPREAD):
        first, second = "[2, 4]  shape (2,)", "[[4, 0], [0, 4]]  shape (2, 2)"
        assert f"{first}  and  {second}" in text or f"{first}\n          {second}" in text
        assert "In the second of the two: They first differ at index [0, 0]: expected 4" in text
        assert "In the first" not in text
    verdict = judged(SPREAD, lambda m, P: (m[:1], 4 * P))
    assert "In the first of the two: The shape should be (2,), but it is (1,)." in as_text(
        verdict, SPREAD
    )


def test_a_wrong_value_in_one_element_tensors_is_not_called_a_wrong_shape() -> None:
    """A list of (1,)-tensors is accepted as numbers, so its shape is not what cost the points."""
    verdict = judged(DESCEND, lambda *args: [torch.tensor([x]) for x in climb(*args)])
    for text in both(verdict, DESCEND):
        assert "climbs" in text
        assert "The shape should be" not in text
    assert "They first differ at index [1" in as_text(verdict, DESCEND)


def test_a_changed_argument_is_said() -> None:
    """The values may be right; what was wrong is that the caller's array changed."""

    def spoil(x, factor):
        result = x * factor
        if isinstance(x, np.ndarray):
            x += 1
        return result

    for text in both(judged(SCALE, spoil), SCALE):
        assert "The function changed its argument; work on a copy." in text


def test_what_only_changed_its_argument_is_told_that_and_no_more() -> None:
    """The cause has been said: it is not one of the unknown ones."""
    task = Task(
        scale, [Criterion("arrays", 1, lambda rng: [Call(np.ones(2), 3.0)], untouched=True)]
    )

    def spoil(x, factor):
        x *= factor
        return x

    for text in both(judged(task, spoil), task):
        assert "The function changed its argument; work on a copy." in text
        assert "not one of the mistakes we know" not in text

    def spoil_wrongly(x, factor):
        x *= factor
        return x + 1

    for text in both(judged(task, spoil_wrongly), task):
        assert "not one of the mistakes we know" in text


def test_nothing_as_the_right_answer_is_no_slip() -> None:
    """None, where it is expected, is asked for no return; where it came back instead, it is."""

    def place(items, wanted):
        return items.index(wanted) if wanted in items else None

    absent = Criterion("absent", 1, lambda rng: [Call([1, 2], 3)])
    present = Criterion("present", 1, lambda rng: [Call([1, 2], 2)])
    task = Task(place, [absent, present])
    text = as_text(judged(task, lambda items, wanted: -1), task)
    assert "expected: None\n" in text
    text = as_text(judged(task, lambda items, wanted: None), task)
    assert "returned: None (is there a return at the end?)" in text


def test_a_repeated_call_says_how_often() -> None:
    """Or a student could not reproduce it."""
    task = Task(scale, [Criterion("twice", 1, lambda rng: [Call(2.0, 3.0).times(2)])])
    for text in both(judged(task, lambda x, factor: 0.0), task):
        assert "called 2 times; the last result counts" in text
        assert "[scale(2.0, 3.0) for _ in range(2)][-1]" in text
    once = judged(SCALE, lambda x, factor: 0.0)
    assert "times; the last" not in as_text(once, SCALE)


def test_what_was_not_reached_has_its_reason() -> None:
    """A dead kernel, a missing cell, an untouched stub."""
    verdict = judge(SCALE, SCALE.draw(0), [], "the cell test_scale is missing")
    for text in both(verdict, SCALE):
        assert text.count("the cell test_scale is missing") == 1
        assert "scale: 0 of 3 points" in text


def test_a_graders_fault_is_not_put_on_the_student() -> None:
    """It says whose fault it is and what will happen."""
    for text in both(grader_error(SCALE, "the disk is full"), SCALE):
        assert "not graded; this is the grader's fault, and a person will look" in text
        assert "the disk is full" in text
        assert "of 3 points" not in text


def test_points_are_written_short() -> None:
    """Half points as 0.5, whole ones without a decimal."""
    verdict = Verdict(
        "t",
        (
            CriterionVerdict("a", 0.5, Status.PASSED),
            CriterionVerdict("b", 2, Status.NOT_REACHED, "later"),
        ),
    )
    text = as_text(verdict, SCALE)
    assert "t: 0.5 of 2.5 points" in text
    assert "✓ a: 0.5 of 0.5" in text
    assert "– b: 0 of 2" in text


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (2.0, "2"),
        (1 / 3, "0.333333"),
        (1e-12, "1e-12"),
        (-0.0, "-0"),
        (np.nan, "nan"),
        (-np.inf, "-inf"),
        ([1.0, 2.5], "[1, 2.5]  shape (2,)"),
        ([[1, 2], [3, 4]], "[[1, 2], [3, 4]]  shape (2, 2)"),
        ([], "[]  shape (0,)"),
        (np.zeros((2, 0)), "[[], []]  shape (2, 0)"),
        (range(9), "[0, 1, 2, 3, 4, 5, 6, 7, …]  shape (9,)"),
        (np.ones((1, 9)), "[[1, 1, 1, 1, 1, 1, 1, 1, …]]  shape (1, 9)"),
        ("left", "'left'"),
        (None, "None (is there a return at the end?)"),
        ({"a": 1, "b": [1, [2, 3]]}, '{"a": 1, "b": [1, [2, 3]  shape (2,)]}'),
        ([1.0, "a", None], "[1, 'a', None]"),
        ([1, [2, 3]], "1  and  [2, 3]  shape (2,)"),
        ([1, 2, [3, 4], 5], "[1, 2, [3, 4]  shape (2,), 5]"),
        (True, "True"),
        ([True, False], "[True, False]  shape (2,)"),
        ([{"a" * 99: "b" * 900}] * 99, None),
        ({2, 1}, "{1, 2}"),
        (set(), "set()"),
        ({3: "a", "3": None}, "a dict with two keys that look like '3'"),
        ({3: "a", (1, "b"): None}, "{3: 'a', (1, 'b'): None}"),
        (b"x", "a bytes"),
    ],
)
def test_a_result_is_described_in_a_few_words(result: Any, words: str) -> None:
    """Six digits, eight entries, the shape, and None with a question."""
    assert describe(normalise(result)) == words or words is None
    assert len(describe(normalise(result))) < 500


def test_an_error_is_described_with_its_line() -> None:
    """Type, message, and where in the student's notebook."""
    error = {"type": "ValueError", "message": "bad x", "line": "y = sqrt(x)"}
    assert describe({"error": error}) == "ValueError: bad x, in the line: y = sqrt(x)"
    assert describe({"error": {"type": "E", "message": "m" * 1000}})[:5] == "E: mm"
    assert describe({"error": {**error, "message": ""}}) == "ValueError, in the line: y = sqrt(x)"


# --- Beside each other, and in a picture ---------------------------------------------------


def rows(page: str) -> list[str]:
    """The rows of the table of values, as text."""
    return [
        " ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in re.findall(r"<tr>.*?</tr>", page)
    ]


def test_values_stand_beside_each_other_around_the_first_difference() -> None:
    """Those before it, those after it, and a sign where they differ."""
    task = Task(lambda x: np.arange(100.0, 115.0), [Criterion("many", 1, lambda rng: [Call(1.0)])])
    verdict = judged(task, lambda x: [*range(100, 110), 7, 11, -5, 113, 114])
    table = rows(as_html(verdict, task))
    assert table[1:] == [
        "…",
        "[8] 108 108",
        "[9] 109 109",
        "[10] ≠ 110 7",
        "[11] ≠ 111 11",
        "[12] ≠ 112 -5",
        "[13] 113 113",
        "…",
    ]
    assert table[0] == "expected shape (15,) returned shape (15,)"


def test_a_missing_entry_is_a_difference() -> None:
    """The start forgotten at the end: nothing stands beside it."""
    verdict = judged(DESCEND, lambda *args: DESCEND.reference(*args)[:-1])
    expected = verdict.criteria[-1].expected
    assert expected is not None
    last = expected["shape"][0] - 1
    row = rf"\[{last}\] ≠ \S+ –"
    assert re.fullmatch(row, rows(as_html(verdict, DESCEND))[-1])


def test_of_a_table_the_wrong_entries_are_marked() -> None:
    """Those and no others, in as many dimensions as there are."""
    for shape, place in (((2, 3), "[1]"), ((2, 2, 3), "[0, 1]")):
        right = np.arange(float(np.prod(shape))).reshape(shape)
        wrong = right.copy()
        wrong.flat[4] = 77
        task = Task(lambda x, right=right: right, [Criterion("all", 1, lambda rng: [Call(1.0)])])
        page = as_html(judged(task, lambda x, wrong=wrong: wrong), task)
        assert f"{place} ≠ [3, 4 , 5] [3, 77 , 5]" in [*rows(page)]
        table = page[page.index("<tbody") : page.index("</tbody")]
        assert re.findall(r"<b>(.*?)</b>", table) == ["4", "77"]


def drawn(monkeypatch: pytest.MonkeyPatch, compare: Callable[..., str]) -> None:
    """Have pictures drawn by `compare`, none of them drawn before."""
    monkeypatch.setattr("autograder.feedback.pictures.compare", compare)
    illustration._drawn.cache_clear()


def test_a_mistake_that_many_make_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if their results differ by rounding; and their pages are the same."""
    made: list[Any] = []
    drawn(monkeypatch, lambda *args: made.append(args) or "<svg></svg>")
    pages = []
    for noise in (0.0, 1e-9, -1e-9):
        verdict = judged(DESCEND, lambda *args, noise=noise: [x + noise for x in climb(*args)])
        pages.append(re.search(r"<svg.*</svg>", as_html(verdict, DESCEND)))
    assert len(made) == 1
    assert all(pages)
    illustration._drawn.cache_clear()


@pytest.mark.parametrize("how", ["fails", "is too large", "is empty"])
def test_a_picture_that_cannot_be_had_is_left_out(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verdict is what it was."""

    def compare(*args: Any) -> str:
        if how == "fails":
            raise RuntimeError("no ink")
        return "<svg>" + "x" * illustration.MAX_PICTURE + "</svg>" if how == "is too large" else ""

    drawn(monkeypatch, compare)
    page = as_html(judged(DESCEND, climb), DESCEND)
    illustration._drawn.cache_clear()
    assert "The gradient points uphill" in page
    assert "<svg" not in page


# --- The call can be pasted ----------------------------------------------------------------


def pasted(verdict: Verdict, task: Task, function: Callable[..., Any]) -> list[tuple[Json, Json]]:
    """Each failing call of the feedback, run as a student would; with what was observed."""
    lines = [line.strip() for line in as_text(verdict, task).splitlines()]
    calls = [k for k, line in enumerate(lines) if line.startswith("call:  ")]
    ends = [k for k, line in enumerate(lines) if line.startswith("expected:")]
    failed = [c for c in verdict.criteria if c.status is Status.FAILED]
    pairs = []
    for first, last, criterion in zip(calls, ends, failed, strict=True):
        namespace = {"np": np, "torch": torch, task.name: function}
        spelled = [line for line in lines[first:last] if line.startswith(("call:", "to paste:"))]
        code = spelled[-1].split(":", 1)[1].strip()
        assert code in html.unescape(as_html(verdict, task))
        exec(f"result = {code}", namespace)
        assert criterion.observed is not None
        pairs.append((normalise(namespace["result"]), criterion.observed))
    return pairs


@pytest.mark.parametrize(
    ("task", "mistake"),
    [
        (task, mistake)
        for task in (DESCEND, SECANT, SCALE, NEWTON)
        for mistake in task.mistakes
        if mistake.name != "floats only"  # raises; below
    ],
    ids=lambda value: value.name,
)
def test_the_failing_call_can_be_pasted_and_gives_what_was_observed(
    task: Task, mistake: Mistake
) -> None:
    """With np, torch and the student's own function, and nothing else of ours."""
    function = mistake.variants[0]
    if mistake.name in ("climbs", "one step short"):  # as a student would, by autograd
        sign = 1 if mistake.name == "climbs" else -1

        def function(f, x0, lr, n_steps):
            def slope(x):
                point = torch.tensor(x, dtype=torch.float64, requires_grad=True)
                return torch.autograd.grad(f(point), point)[0]

            steps = n_steps if sign == 1 else n_steps - 1
            return walk(x0, steps, lambda x: x + sign * lr * slope(x))

    elif mistake.name == "ignores h":

        def function(f, x, h):
            return (f(x + 1e-5) - f(x - 1e-5)) / 2e-5

    verdict = judged(task, function)
    pairs = pasted(verdict, task, function)
    assert pairs
    for result, observed in pairs:
        assert result["shape"] == observed["shape"]
        np.testing.assert_allclose(result["values"], observed["values"], rtol=1e-5)


def test_a_pasted_call_raises_the_error_that_was_observed() -> None:
    """An error can be reproduced too."""

    def floats_only(x, factor):
        return float(x) * factor

    verdict = judged(SCALE, floats_only)
    with pytest.raises(TypeError, match="scalar"):
        pasted(verdict, SCALE, floats_only)


# --- It is safe to show --------------------------------------------------------------------

SCRIPT = "<script>alert('x')</script><img src=x onerror=y>&amp;\"'"


@pytest.mark.parametrize(
    "observation",
    [
        {"text": SCRIPT},
        {"unsupported": SCRIPT},
        {"error": {"type": SCRIPT, "message": SCRIPT, "line": SCRIPT}},
        normalise(SCRIPT),
        observe_call(lambda: {}[SCRIPT], {"args": []}),
    ],
    ids=["text", "unsupported", "error", "a string", "a KeyError"],
)
def test_what_comes_from_the_student_is_escaped(observation: Json) -> None:
    """No string of theirs becomes a tag, an attribute or an entity in the page."""
    verdict = verdict_on(observation)
    page = Text(as_html(verdict, SCALE))
    assert page.tags == {"div", "span", "b", "pre"}
    assert "<script>" in page.text
    assert "onerror=y" in page.text


def test_what_comes_from_the_author_is_escaped() -> None:
    """Names, hints and reasons may hold a < as well."""
    task = Task(
        scale,
        [Criterion("a < b & <i>c</i>", 1, lambda rng: [Call(2.0, 3.0)])],
        [Mistake("<b>adds</b>", "x < y & <u>z</u>", lambda x, factor: x + factor)],
    )
    page = Text(as_html(judged(task, lambda x, factor: x + factor), task))
    assert page.tags == {"div", "span", "b", "pre"}
    for text in ("a < b & <i>c</i>", "<b>adds</b>", "x < y & <u>z</u>"):
        assert text in page.text
    reason = "<script>why</script>"
    assert reason in Text(as_html(judge(task, task.draw(0), [], reason), task)).text


FORGED: dict[str, Any] = {
    "deep text": {"text": nested(5_000)},
    "deep phrase": {"unsupported": nested(5_000)},
    "deep error": {"error": {"type": nested(5_000), "message": 1, "line": nested(5_000)}},
    "deep values": {"shape": [], "values": nested(5_000)},
    "deep parts": {"parts": [{"values": nested(5_000)}, {"shape": [], "values": nested(5_000)}]},
    "error of scripts": {
        "error": {"type": [SCRIPT], "message": {SCRIPT: SCRIPT}, "line": [SCRIPT]}
    },
    "error of numbers": {"error": {"type": 1, "message": 2, "line": 3}},
    "error that is no object": {"error": "E"},
    "no values": {"shape": [3], "values": [1.0]},
    "nothing": {},
    "a list": [1.0],
}


@pytest.mark.parametrize("kind", FORGED)
def test_any_forgery_can_be_explained(kind: str) -> None:
    """Whatever the student's process sent, there is a page, a text and a zero."""
    verdict = verdict_on(FORGED[kind])
    for text in both(verdict, SCALE):
        assert "0 of 3 points" in text
    assert Text(as_html(verdict, SCALE)).tags <= {"div", "span", "b", "pre"}


@quick
@given(forged)
def test_explaining_never_raises(observation: Any) -> None:
    """On no JSON at all, and the page is well-formed."""
    verdict = verdict_on(observation)
    (output,) = outputs(verdict, SCALE)
    Text(output.data["text/html"])
    assert as_text(verdict, SCALE)


@pytest.mark.parametrize(
    "observation",
    [
        {"text": "\ud800"},
        {"unsupported": "\ud800"},
        {"error": {"type": "E", "message": "\ud800"}},
        {"error": {"type": "\udc80", "message": "m", "line": "\udfff"}},
    ],
    ids=["text", "unsupported", "message", "type and line"],
)
def test_feedback_can_be_written_as_utf_8(observation: Json) -> None:
    """A lone surrogate in a student's string does not stop the notebook from being saved."""
    verdict = verdict_on(observation)
    notebook = nbformat.v4.new_notebook(cells=[graded_cell(outputs(verdict, SCALE), 3.0)])
    nbformat.writes(notebook).encode("utf-8")
    as_text(verdict, SCALE).encode("utf-8")


@pytest.mark.parametrize(
    "own",
    [
        new_output("stream", name="stdout", text="\ud800"),
        new_output("error", ename="E", evalue="m", traceback=["\ud800"]),
        new_output("error", ename="\udc80", evalue="\udfff", traceback=[]),
        new_output("display_data", data={"text/plain": "\ud800", "text/html": "<b>\ud800</b>"}),
    ],
    ids=["stream", "traceback", "name and value", "display"],
)
def test_a_notebook_with_any_output_of_the_student_can_be_saved(
    own: NotebookNode, tmp_path: Path
) -> None:
    """In the test cell or in another: what cannot be written as UTF-8 stops nobody's grading."""
    shown = outputs(judged(SCALE, scale), SCALE, [own])
    cells = [graded_cell(shown, 3.0), new_code_cell("x", outputs=[own])]
    write_whole(tmp_path / "a.ipynb", nbformat.v4.writes(nbformat.v4.new_notebook(cells=cells)))
    nbformat.read(tmp_path / "a.ipynb", as_version=4)


@pytest.mark.parametrize(
    "shape", [[8, 8, 8, 8, 4], [1, 8, 8, 8, 8, 2], [20_000], [2, 10_000]], ids=str
)
def test_feedback_stays_short_however_large_the_result(shape: list[int]) -> None:
    """A few numbers are shown of a result, also if it has many dimensions."""
    size = int(np.prod(shape))
    description = describe({"shape": shape, "values": [1.2345678] * size})
    assert len(description) < 2000
    assert str(tuple(shape)) in description


# --- The score, and what cannot change it --------------------------------------------------


def read_score(verdict: Verdict, task: Task, own: list[NotebookNode]) -> float | None:
    """The score that nbgrader reads from the cell, after the notebook was saved and opened."""
    shown = outputs(verdict, task, own)
    assert [o.output_type for o in shown].count("execute_result") == 1
    assert shown[0].output_type == "execute_result"
    notebook = nbformat.v4.new_notebook(cells=[graded_cell(shown, task.points)])
    nbformat.validate(notebook)
    (cell,) = nbformat.reads(nbformat.writes(notebook), as_version=4).cells
    score, possible = determine_grade(cell)
    assert possible == task.points
    return score


def own_outputs() -> list[NotebookNode]:
    """What a cell's visible checks, or a cheat, may put out."""
    return [
        new_output("execute_result", data={"text/plain": "7.0"}, execution_count=1),
        new_output("execute_result", data={"text/plain": "nan"}),
        new_output("execute_result", data={"text/plain": "'text'"}),
        new_output("execute_result", data={}),
        new_output("display_data", data={"text/plain": "7.0", "text/html": "<b>7</b>"}),
        new_output("stream", name="stderr", text="Warning: careful\n"),
        new_output("stream", name="stdout", text="7.0\n"),
        new_output("error", ename="AssertionError", evalue="no", traceback=["\x1b[31mTraceback"]),
        new_output("error", ename="AssertionError", evalue="no", traceback=[]),
    ]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_score_that_nbgrader_reads_is_that_of_the_verdict(task: Task) -> None:
    """Full, partial and no marks, with and without the student's own outputs."""
    for function in (task.reference, task.mistakes[0].variants[0], lambda *args: None):
        verdict = judged(task, function)
        assert read_score(verdict, task, []) == verdict.score
        assert read_score(verdict, task, own_outputs()) == verdict.score


@pytest.mark.parametrize("own", own_outputs(), ids=lambda o: f"{o.output_type} {o.get('name', '')}")
def test_no_output_of_the_student_changes_the_score(own: NotebookNode) -> None:
    """Not a forged result, not stderr, not an error: neither up nor down."""
    full, none = judged(SCALE, scale), judged(SCALE, lambda x, factor: None)
    for outputs_ in ([own], [own, own], [*own_outputs(), own]):
        assert read_score(full, SCALE, outputs_) == 3.0
        assert read_score(none, SCALE, outputs_) == 0.0


@quick
@given(st.lists(st.sampled_from([0.1, 0.25, 0.5, 1, 1 / 3, 2, 7]), min_size=1, max_size=5))
def test_fractions_of_points_are_read_exactly(points: list[float]) -> None:
    """The sum of what was earned is written so that nothing is lost, and is never refused."""
    criteria = tuple(CriterionVerdict(str(k), p, Status.PASSED) for k, p in enumerate(points))
    verdict = Verdict("t", criteria)
    (output,) = outputs(verdict, SCALE)
    assert determine_grade(graded_cell([output], verdict.points)) == (verdict.score, verdict.points)


def test_a_graders_fault_has_no_score() -> None:
    """Without a result nothing can be taken for a score, whatever the cell put out itself."""
    verdict = grader_error(SCALE, "the disk is full")
    shown = outputs(verdict, SCALE, own_outputs())
    assert all(output.output_type in ("display_data", "stream") for output in shown)
    assert all(output.get("name") != "stderr" for output in shown)
    assert "grader's fault" in shown[0].data["text/plain"]


def test_what_the_visible_checks_showed_is_kept_for_the_reader() -> None:
    """Below the verdict: text, tracebacks and pictures."""
    own = [
        new_output("stream", name="stderr", text="careful"),
        new_output("error", ename="AssertionError", evalue="no", traceback=["Traceback", "  line"]),
        new_output("error", ename="AssertionError", evalue="no", traceback=[]),
        new_output("display_data", data={"image/png": "iVBOR"}),
    ]
    shown = outputs(judged(SCALE, scale), SCALE, own)
    assert [output.get("text") or output.data for output in shown[1:]] == [
        "careful",
        "Traceback\n  line\n",
        "AssertionError: no\n",
        {"image/png": "iVBOR"},
    ]
    assert [output.get("name") for output in shown[1:4]] == ["stdout"] * 3


@pytest.mark.parametrize("output", own_outputs(), ids=lambda o: o.output_type)
def test_a_harmless_output_is_valid(output: NotebookNode) -> None:
    """It is one of the two kinds that nbgrader does not look at, and fits the format."""
    made = harmless(output)
    assert made.output_type in ("stream", "display_data")
    assert made.get("name") != "stderr"
    nbformat.validate(nbformat.v4.new_notebook(cells=[new_code_cell(outputs=[made])]))


def test_the_same_verdict_gives_the_same_page() -> None:
    """Two runs do not differ by a character."""
    one, other = (judged(DESCEND, climb, seed=3) for _ in range(2))
    assert as_html(one, DESCEND) == as_html(other, DESCEND)
    assert as_text(one, DESCEND) == as_text(other, DESCEND)
    assert json.dumps(outputs(one, DESCEND)) == json.dumps(outputs(other, DESCEND))


# --- Results that hold others --------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "returned", "said"),
    [
        ({"a": 1, "b": [1, 2, 3]}, {"a": 1, "b": [1, 2, 4]},
         'They first differ at result["b"][2]: expected 3, returned 4.'),
        ({"a": {"b": True}}, {"a": {"b": False}},
         'They first differ at result["a"]["b"]: expected True, returned False.'),
        ({"a": None}, {"a": 1}, 'They first differ at result["a"]: expected None, returned 1.'),
        ({"a": 1, "b": 1}, {}, 'result misses the keys "a", "b".'),
        ({"a": 1}, {"b": 1}, 'result misses the key "a" and has the unknown key "b".'),
        ({"a": [1, "x"]}, {"a": [1, "x", 2]}, 'result["a"] should hold 2 items, but holds 3.'),
        ({"a": [1, 2]}, {"a": [1, 2, 3]},
         'The shape of result["a"] should be (2,), but it is (3,).'),
        (["a", "b"], ("a", "c"), "They first differ at result[1]: expected 'b', returned 'c'."),
        ([np.ones((2, 2)), None], [np.zeros((2, 2)), None],
         "They first differ at result[0][0][0]: expected 1, returned 0."),
        ({"a": 1}, 1.0, "result should be a dict, but is a number."),
        ({"a": 1}, [["a", 1]], "result should be a dict, but is a list or array."),
        ([1.0], {"a": 1}, "result should be a list or array, but is a dict."),
        (1.0, "1.0", "result should be a number, but is a text."),
        ({"a": [1, 2]}, {"a": {"b": 1}}, 'result["a"] should be a list or array, but is a dict.'),
        ({"a": 1}, {"a": "1"}, "They first differ at result[\"a\"]: expected 1, returned '1'."),
        ({"a": 1}, None, ""),
        ([1.0, 2.0], [None, None], "Each of them is None (is there a return at the end?)"),
        ({"a": 1}, {"a": 1}, ""),
        ({3: 1}, {"3": 1}, 'result misses the key 3 and has the unknown key "3".'),
        ({3: [1, 2]}, {3: [1, 4]}, "They first differ at result[3][1]: expected 2, returned 4."),
        ({1, 2}, [1, 2], "result should be a set, but is a list or array."),
        ({1, 2}, {2, 3}, "result misses 1 and should not hold 3."),
        ({"a": {"x"}}, {"a": {"x", "y"}}, "result[\"a\"] should not hold 'y'."),
        (["a", None], ["a", None], ""),
        ({"\ud800": 1}, {"<b>": 1}, 'result misses the key "?" and has the unknown key "<b>".'),
    ],
)  # fmt: skip
def test_a_difference_inside_is_shown_at_its_path(expected: Any, returned: Any, said: str) -> None:
    """As it would be typed to get there."""
    assert difference(normalise(expected), normalise(returned), SCALE) == said


def test_the_first_part_that_differs_is_drawn() -> None:
    """Where a dict holds a walk, the walk is the picture."""

    def walks(x: float) -> Json:
        return {"loss": 1.0, "path": [x, x / 2, x / 4, x / 8], "name": "w"}

    def stays(x: float) -> Json:
        return {**walks(x), "path": [x, x, x, x]}

    criterion = Criterion("all", 1, lambda rng: [Call(4.0)])
    task = Task(walks, [criterion], [Mistake("stays", "Go.", stays)])
    calls = task.draw(0)
    seen = [observe_call(stays, call.to_json()) for call in calls]
    page = as_html(judge(task, calls, seen), task)
    assert "<svg" in page
    assert "result[&quot;path&quot;][1]" in page
