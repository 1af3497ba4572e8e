"""Unknown mistakes that several share: grouped by what was seen, shown, and ready to be named."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from classes import SEED, enrol, hand_in, record
from corpus import Answer, observed

from autograder.commands.cli import main
from autograder.commands.learn import lessons
from autograder.grading.course import Course, Week
from autograder.grading.stages import draw
from autograder.kernels.driver import Observed
from autograder.marking import Mistake
from autograder.marking.judge import judge
from autograder.report.alike import alike
from autograder.report.discretion import Discretion
from autograder.report.page import write_report
from autograder.report.sources import read_records
from autograder.submissions.standalone import standalone

WEEK, TASK = "week2_descent", "classify_learning_rate"
#: Two ways to write the same slip, and another slip; none is a mistake that the week knows.
THIRDS = """
LIMIT = 1 / 3

def classify_learning_rate(lr):
    \"\"\"By a limit of my own.\"\"\"
    # It looked about right.
    if abs(lr) < LIMIT:
        return "oscillates"
    return "one step" if lr < 1 else "converges"
"""
ALSO_THIRDS = """
def classify_learning_rate(rate):
    words = {True: "oscillates", False: "one step"}
    if rate >= 1:
        return "converges"
    return words[-0.3333 < rate < 0.3333]
"""
NONSENSE = """
def classify_learning_rate(lr):
    return "oscillates" if lr > 0.7 else "one step" if lr < 0.4 else "diverges"
"""


def class_of(course: Course, codes: list[str]) -> Week:
    """Students with these codes for one task, and everything else right."""
    week = course.week(WEEK)
    calls = draw(week, SEED)
    right = {t.name: Observed([t.expected(c) for c in calls[t.name]]) for t in week.tasks}
    students = []
    for number, code in enumerate(codes):
        student = f"s{number:02}"
        answer = Answer(WEEK, "mistake", TASK, "", "", code)
        seen = right | {TASK: Observed(observed(answer, calls[TASK]))}
        path = hand_in(course, week, student, {TASK: code})
        record(course, week, student, seen, path)
        students.append(student)
    enrol(course, week, students)
    return week


def groups(course: Course, week: Week) -> list[tuple[int, str]]:
    records, _ = read_records(course, WEEK)
    return [(len(group.students), group.task) for group in alike(week, records)]


def test_the_same_wrong_answers_are_a_group_however_written(course: Course) -> None:
    """Of what nobody shares there is no group, nor of what has a name."""
    week = class_of(course, [THIRDS, ALSO_THIRDS, NONSENSE, THIRDS])
    assert groups(course, week) == [(3, TASK)]


def test_known_mistakes_and_right_work_are_not_grouped(course: Course) -> None:
    known = "def classify_learning_rate(lr):\n    return 'converges'\n"
    right = "def classify_learning_rate(lr):\n" + (
        "    return ('one step' if lr == 0.5 else 'oscillates' if lr == 1 else\n"
        "            'converges' if 0 < lr < 1 else 'diverges')\n"
    )
    week = class_of(course, [known, known, right, right])
    assert groups(course, week) == []


def test_errors_are_alike_if_they_say_the_same(course: Course) -> None:
    """The type alone is shared by too many faults."""
    one = "def classify_learning_rate(lr):\n    return answer[lr]\n"
    other = "def classify_learning_rate(lr):\n    return rates[lr]\n"
    week = class_of(course, [one, one, other, other])
    assert groups(course, week) == [(2, TASK), (2, TASK)]


def test_a_lesson_can_be_pasted_and_names_it_for_everybody(course: Course) -> None:
    week = class_of(course, [ALSO_THIRDS, THIRDS, THIRDS])
    records, _ = read_records(course, WEEK)
    (text,) = lessons(course, week, records)
    assert "3 students are wrong in the same way" in text
    assert "who:      s00, s01, s02" in text
    assert "tell it from the right answer and from every known mistake" in text
    code, _, mistake = text[text.index("\n\n") :].partition("Mistake(")
    assert '"""' not in code
    assert "#" not in code
    names: dict[str, Any] = {}
    exec(code, names)
    pasted = eval(f"Mistake({mistake.rstrip().rstrip(',')}", names | {"Mistake": Mistake})
    task = week.task(TASK)
    wiser = dataclasses.replace(task, mistakes=[*task.mistakes, pasted])
    calls = draw(week, SEED)[TASK]
    for graded in records.values():
        seen = graded.graded["observations"][TASK]["observations"]
        assert [m.name for m in judge(wiser, calls, seen).mistakes] == [pasted.name]


def test_the_command_prints_them_and_runs_nothing_of_theirs(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trap = course.root / "ran"
    nasty = THIRDS + f"\nopen({str(trap)!r}, 'w')\n"
    class_of(course, [THIRDS, THIRDS])
    for student in ("s00", "s01"):
        hand_in(course, course.week(WEEK), student, {TASK: nasty})
    monkeypatch.chdir(course.root)
    assert main(["learn", WEEK]) == 0
    said = capsys.readouterr().out
    assert "def wrong_classify_learning_rate_1(lr):" in said
    assert "LIMIT = 1 / 3" in said
    assert "1 mistakes without a name" in said
    assert not trap.exists()


def test_the_report_shows_them_and_protects_the_few(course: Course) -> None:
    """Code only where people may be named at all, groups of fewer than five not at all."""
    class_of(course, [THIRDS] * 3 + [NONSENSE])

    def text(**discretion: bool) -> str:
        path, _ = write_report(course.root, WEEK, discretion=Discretion(**discretion))
        return Path(path).read_text("utf-8")

    assert "Wrong in the same way" in text()
    assert "LIMIT = 1 / 3" in text()
    assert "Wrong in the same way" not in text(anonymous=True)
    assert "LIMIT" not in text(anonymous=True)


def test_an_edited_record_is_no_group(course: Course) -> None:
    week = class_of(course, [THIRDS, THIRDS])
    path = course.root / "records" / WEEK / "s00.json"
    data = json.loads(path.read_text())
    data["graded"]["calls"] = {TASK: "?"}
    path.write_text(json.dumps(data))
    assert groups(course, week) == []


# --- code that stands alone ----------------------------------------------------------------


def test_a_function_brings_what_it_needs_and_no_more() -> None:
    cells = [
        "import numpy as np\nimport torch\nUNUSED = 3",
        "def helper(x: float) -> float:\n    '''Says something.'''\n    return np.sin(x) + SHIFT",
        "SHIFT = 1",
        "%matplotlib inline\nSHIFT = 2",
        "def f(x):\n    # why\n    return f(x - 1) if x > 0 else helper(x)",
    ]
    assert standalone(cells, "f", "wrong_f_1").splitlines() == [
        "import numpy as np",
        "def helper(x):",
        "    return np.sin(x) + SHIFT",
        "SHIFT = 1",
        "def wrong_f_1(x):",
        "    return wrong_f_1(x - 1) if x > 0 else helper(x)",
    ]


@pytest.mark.parametrize("cells", [[], ["def g(): pass"], ["def f(: pass"], ["f(" * 5000]])
def test_no_function_no_code(cells: list[str]) -> None:
    assert standalone(cells, "f", "wrong_f_1") == ""
