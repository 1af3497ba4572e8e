"""Unknown mistakes that several share: grouped by what was seen, shown, and ready to be named."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from classes import SEED, enrol, hand_in, record
from conftest import Submit
from corpus import Answer, observed

from autograder.commands.cli import main
from autograder.commands.learn import Learned, learn, lessons
from autograder.feedback.words import as_text
from autograder.grading.course import Course, Week
from autograder.grading.same import asked_before
from autograder.grading.stages import draw
from autograder.kernels.driver import Executed, Observed
from autograder.kernels.limits import Limits
from autograder.marking.calls import Call
from autograder.marking.judge import judge
from autograder.observation.observe import observe_call
from autograder.report.alike import alike
from autograder.report.discretion import Discretion
from autograder.report.page import write_report
from autograder.report.sources import read_records
from autograder.submissions.hidden import handed
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


def class_of(course: Course, codes: list[str], own: bool = False) -> Week:
    """Students with these codes for one task, and everything else right; `own`: own questions."""
    week = course.week(WEEK)
    students = []
    for number, code in enumerate(codes):
        student, seed = f"s{number:02}", SEED + number * own
        calls = draw(week, seed)
        right = {t.name: Observed([t.expected(c) for c in calls[t.name]]) for t in week.tasks}
        answer = Answer(WEEK, "mistake", TASK, "", "", code)
        seen = right | {TASK: Observed(observed(answer, calls[TASK]))}
        path = hand_in(course, week, student, {TASK: code})
        record(course, week, student, seen, path, seed=seed)
        students.append(student)
    enrol(course, week, students)
    return week


def groups(course: Course, week: Week) -> list[tuple[int, str]]:
    records, _ = read_records(course, WEEK)
    kept = {who: asked_before(course, week, who, record) for who, record in records.items()}
    return [(len(group.students), group.task) for group in alike(week, records, kept).groups]


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
    (lesson,) = lessons(course, week, records)
    assert "3 students are wrong in the same way" in lesson.about
    assert "who:      s00, s01, s02" in lesson.about
    assert "tell it from the right answer and from every known mistake" in lesson.about
    assert '"""' not in lesson.definition
    assert "#" not in lesson.definition
    paste(course, lesson)
    week = course.week(WEEK)
    task = week.task(TASK)
    assert task.draw(SEED + 1)
    calls = draw(week, SEED)[TASK]
    for graded in records.values():
        seen = graded.graded["observations"][TASK]["observations"]
        verdict = judge(task, calls, seen)
        assert [m.name for m in verdict.mistakes] == ["one third"]
        assert "Half is where" in as_text(verdict, task)


def paste(course: Course, lesson: Learned, name: str = "one third") -> None:
    """What a teacher does: the function above the tasks, the mistake among a task's."""
    path = course.root / "source" / WEEK / "reference.py"
    above, last = path.read_text("utf-8").rsplit("\nTASKS = ", 1)
    words = iter([f'"{name}"', '"Half is where it changes."'])
    mistake = re.sub(r'"REPLACE[^"]*"', lambda _: next(words), lesson.mistake)
    path.write_text(
        f"{above}\n\n{lesson.definition}\n\n\nfrom dataclasses import replace\n\n"
        f"PASTED = [\n{mistake}\n]\nTASKS = [replace(t, mistakes=[*t.mistakes, *PASTED]) "
        f"if t.name == {TASK!r} else t for t in {last.strip()}]\n"
    )


# --- questions of one's own ----------------------------------------------------------------


class InProcess:
    """Runs the one solution cell here; no kernel. Says how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, notebook: str, calls: Any, limits: Limits) -> Executed:
        self.asked += 1
        sources = [cell.source for cell in nbformat.reads(notebook, 4).cells]
        code = next(source for source in sources if f"def {TASK}" in source)
        assert calls.keys() == {TASK}
        asked = [Call.from_json(call) for call in calls[TASK]]
        seen = observed(Answer(WEEK, "mistake", TASK, "", "", code), asked)
        return Executed(notebook, {TASK: Observed(seen)})

    def missing_protection(self) -> list[str]:
        return []


def test_where_questions_differ_all_are_asked_the_same(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once, in what runs notebooks; before that the report says how many are not compared."""
    week = class_of(course, [THIRDS, ALSO_THIRDS, NONSENSE, THIRDS], own=True)
    assert groups(course, week) == []
    path, _ = write_report(course.root, WEEK)
    assert "3 wrong answers were to questions" in path.read_text()
    box = InProcess()
    for _ in range(2):
        assert learn(course.root, WEEK, execute=box) == 0
        assert "s00, s01, s03" in capsys.readouterr().out
    assert box.asked == 3
    assert groups(course, week) == [(3, TASK)]
    path, _ = write_report(course.root, WEEK)
    assert "Wrong in the same way" in path.read_text()
    assert "were to questions" not in path.read_text()


def test_whose_work_has_changed_is_not_asked(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is compared is what was graded; an edited file of what was seen counts for nothing."""
    week = class_of(course, [THIRDS, THIRDS, THIRDS], own=True)
    hand_in(course, week, "s01", {TASK: NONSENSE})
    learn(course.root, WEEK, execute=InProcess())
    assert "Not compared, as their work has changed since it was graded" in capsys.readouterr().out
    assert groups(course, week) == [(2, TASK)]
    for path in (course.root / "records" / WEEK / "same").iterdir():
        path.write_text(path.read_text().replace('"values"', '"value"').replace("calls", "call"))
    assert groups(course, week) == []


@pytest.mark.kernel
def test_a_submission_is_asked_in_its_box(course: Course, submit: Submit) -> None:
    """With all its cells, and with the hidden part of its test cell; it writes nothing here."""
    trap = course.root / "ran"
    week = class_of(course, [THIRDS, THIRDS], own=True)
    path = submit("s01", WEEK, {TASK: f"{THIRDS}\nopen({str(trap)!r}, 'w')"})
    calls = draw(week, SEED + 1)
    answer = Answer(WEEK, "mistake", TASK, "", "", THIRDS)
    seen = {t.name: Observed([t.expected(c) for c in calls[t.name]]) for t in week.tasks}
    record(
        course, week, "s01", seen | {TASK: Observed(observed(answer, calls[TASK]))}, path,
        seed=SEED + 1,
    )  # fmt: skip
    learn(course.root, WEEK)
    assert groups(course, week) == [(2, TASK)]
    assert not trap.exists()


# --- what is said --------------------------------------------------------------------------


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
    assert "def wrong_classify_learning_rate_1():" in said
    assert "LIMIT = 1 / 3" in said
    assert "one mistake without a name" in said
    assert not trap.exists()


def test_of_a_variable_the_value_says_it_all(course: Course) -> None:
    """No code that reads a file, or needs a package; and the answer is told whoever asks here."""
    path = course.root / "source" / WEEK / "reference.py"
    rate = "\n\ndef rate():\n    return 0.5\n\n\nTASKS.append(Task(rate, [Criterion('it', 1, "
    text = path.read_text("utf-8") + rate + "lambda rng: [Call()])], reveal=False))\n"
    path.write_text(text, "utf-8")
    week = Course(course.root).week(WEEK)
    calls = draw(week, SEED)
    right = {t.name: Observed([t.expected(c) for c in calls[t.name]]) for t in week.tasks}
    for student in ("s00", "s01"):
        code = "import pandas as pd\nrate = len(pd.read_csv('shop.csv'))"
        handed_in = hand_in(course, week, student, {"rate": code})
        wrong = [observe_call(lambda: 7, call.question) for call in calls["rate"]]
        record(course, week, student, right | {"rate": Observed(wrong)}, handed_in)
    enrol(course, week, ["s00", "s01"])
    (lesson,) = lessons(course, week, read_records(course, WEEK)[0])
    assert "behaves_like=lambda: 7.0," in lesson.mistake
    assert "expected: 0.5\n  returned: 7\n" in lesson.about
    assert lesson.definition == ""
    assert "\n\n\n" not in lesson.text


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
    """Inside of it, so that no name of theirs meets one of the notes."""
    cells = [
        "import numpy as np\nimport torch\nUNUSED = 3",
        "def helper(x: float) -> float:\n    '''Says something.'''\n    return np.sin(x) + SHIFT",
        "SHIFT = 1",
        "%matplotlib inline\nSHIFT = 2",
        "def f(x):\n    # why\n    return f(x - 1) if x > 0 else helper(x)",
    ]
    alone = standalone(cells, "f", "wrong_f_1")
    assert alone is not None
    assert [line.strip() for line in alone.code.splitlines() if line.strip()] == [
        "def wrong_f_1():",
        "import numpy as np",
        "def helper(x):",
        "return np.sin(x) + SHIFT",
        "SHIFT = 1",
        "def f(x):",
        "return f(x - 1) if x > 0 else helper(x)",
        "return f",
    ]
    assert (alone.behaviour, alone.stateful) == ("wrong_f_1()", False)


def test_a_function_that_needs_nothing_is_only_renamed() -> None:
    cells = ["import numpy as np", "def f(x: int = 1):\n    'Why.'\n    return np.sin(f(x))"]
    alone = standalone(cells, "f", "wrong_f_1")
    assert alone is not None
    assert alone.code.splitlines() == [
        "def wrong_f_1(x=1):",
        "    import numpy as np",
        "    return np.sin(wrong_f_1(x))",
    ]
    assert alone.behaviour == "wrong_f_1"


@pytest.mark.parametrize(
    "code",
    [
        "path = []\ndef f(x):\n    path.append(x)\n    return list(path)",
        "def f(x, path=[]):\n    path.append(x)\n    return list(path)",
        "path = ()\ndef f(x):\n    global path\n    path = (*path, x)\n    return path",
        "def f(x):\n    global path\n    path = (*(path or ()), x)\n    return path",
    ],
)
def test_what_calls_leave_behind_is_made_anew_for_each_sequence(code: str) -> None:
    alone = standalone([code], "f", "wrong_f_1")
    assert alone is not None
    assert alone.stateful
    names: dict[str, Any] = {}
    exec(alone.code, names)
    for _ in range(2):
        behaviour = eval(alone.behaviour, names)()
        assert [list(behaviour(1)), list(behaviour(2))] == [[1], [1, 2]]


def test_what_a_cell_hands_over_in_its_place_comes_along() -> None:
    """A class, or a variable, behind what the hidden part of the test cell says."""
    expression, before = handed("k = 2\nobserve(lambda W: Net(W)(k), task='Net')")
    cells = ["class Net:\n    def __init__(self, W): self.W = W\n"
             "    def __call__(self, x): return self.W * x"]  # fmt: skip
    alone = standalone([*cells, before], "Net", "wrong_Net_1", expression)
    assert alone is not None
    names: dict[str, Any] = {}
    exec(alone.code, names)
    assert eval(alone.behaviour, names)(21) == 42


@pytest.mark.parametrize("cells", [[], ["def g(): pass"], ["def f(: pass"], ["f(" * 5000]])
def test_no_function_no_code(cells: list[str]) -> None:
    assert standalone(cells, "f", "wrong_f_1") is None
