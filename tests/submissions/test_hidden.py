"""The hidden part of a test cell runs within the student's reach, so it may hold no answer."""

from __future__ import annotations

import pytest

from autograder.submissions.hidden import adapter, hands_over, objections


def cell(*hidden: str) -> str:
    """A test cell with this hidden part."""
    inside = "\n".join(("from autograder import observe", *hidden))
    return f"### BEGIN HIDDEN TESTS\n{inside}\n### END HIDDEN TESTS\nassert slope(1) == 2"


def test_a_part_that_only_names_the_function_need_not_run() -> None:
    """The grader asks the function by its name, as fast as ever."""
    assert adapter(cell("observe(slope)"), "slope") == ""
    assert hands_over(cell("observe(slope)"))


@pytest.mark.parametrize(
    "hidden",
    [
        "observe(slope, task='slope')",
        "observe(lambda x: slope(x))",
        "a = 1\nobserve(slope)",
        "observe(other)",
        "with quiet():\n    observe(slope)",
    ],
)
def test_any_other_part_runs_as_it_is_written(hidden: str) -> None:
    """Without the marks around it, and without what is released."""
    assert adapter(cell(hidden), "slope") == f"from autograder import observe\n{hidden}"


@pytest.mark.parametrize("hidden", ["", "assert slope(2) == 4", "slope(", "# observe(slope)"])
def test_a_part_that_hands_nothing_over_is_none_of_ours(hidden: str) -> None:
    """A classic cell, or a broken one."""
    assert not hands_over(cell(hidden))
    assert adapter(cell(hidden), "slope") == ""


@pytest.mark.parametrize(
    "hidden",
    [
        "observe(slope)",
        "observe(slope, task='slope')",
        "observe(lambda: slope, task='slope')",
        "def run(x):\n    return slope(x)\nobserve(run, task='slope')",
    ],
)
def test_a_part_that_holds_no_answer_is_fine(hidden: str) -> None:
    """It may wrap and prepare."""
    assert objections(cell(hidden), "slope") == []


@pytest.mark.parametrize(
    ("hidden", "said"),
    [
        ("observe(slope)\nassert slope(2) == 4", "an assert"),
        ("observe(lambda x: slope(x) == 2 * x, task='slope')", "a comparison"),
        ("if slope(2) > 3:\n    pass\nobserve(slope)", "a comparison"),
        ("from reference import slope\nobserve(slope)", "the reference"),
        ("import reference\nobserve(slope)", "the reference"),
        ("observe(slope)\nraise ValueError", "a raise"),
        ("observe(slope)\nobserve(slope)", "once, not 2 times"),
        ("slope(2)", "once, not 0 times"),
        ("observe(other)", "observes 'other'"),
        ("observe(lambda x: slope(x))", "write observe(slope)"),
        ("observe(slope, task='other')", "observes 'other'"),
        ("observe(slope", "no Python"),
    ],
)
def test_a_part_that_holds_an_answer_is_refused(hidden: str, said: str) -> None:
    """With what it holds."""
    assert any(said in text for text in objections(cell(hidden), "slope"))
