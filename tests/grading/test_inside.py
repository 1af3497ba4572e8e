"""What a student's cells put out reaches files and pages whole or named, whatever it is."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest
from fuzzing import fuzzed
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook, new_output

from autograder.errors import Overrun
from autograder.grading import pace, receiving, stages
from autograder.grading.bounded import Bounds, places, run
from autograder.grading.course import Course
from autograder.grading.inside import _shallow, _writable, asked
from autograder.grading.receiving import receive
from autograder.grading.stages import draw, grade
from autograder.grading.work import grade_all
from autograder.kernels.driver import Executed, Limits, Observed
from autograder.plugins.released import source_masters
from autograder.submissions.cells import doubts
from autograder.submissions.ready import Submission, Work

WEEK = "week1_slopes"


@pytest.fixture(scope="module")
def course(root: Path) -> Course:
    """The course of the repository; nothing is written there."""
    return Course(root)


def nested(depth: int) -> object:
    value: object = "x"
    for _ in range(depth):
        value = [value]
    return value


@fuzzed(50)
@given(st.text() | st.just("\ud800") | st.text(alphabet="a\ud800\udfff\x1b"))
def test_any_text_in_an_output_can_be_a_file(text: str) -> None:
    """By `nbgrader autograde` as by `autograder grade`: a lone surrogate is a question mark."""
    notebook = new_notebook(cells=[new_code_cell("1", outputs=[new_output("stream", text=text)])])
    assert nbformat.v4.writes(_writable(notebook)).encode()


@pytest.mark.parametrize("depth", [60, 488, 5000, 100_000])
def test_what_is_nested_too_deeply_is_not_kept(depth: int) -> None:
    output = new_output("display_data", {"text/plain": "shown"})
    output.data["application/json"] = nested(depth)
    assert nbformat.v4.writes(new_notebook(cells=[new_code_cell("1", outputs=[_shallow(output)])]))
    assert output.data["text/plain"] == "shown"


def test_a_notebook_that_takes_too_long_to_read_waits_for_a_person(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It earns nothing; the next one is read as usual, and the same bytes are the same work."""
    week = course.week(WEEK)
    (tmp_path / "slopes.ipynb").write_text(nbformat.v4.writes(new_notebook()))
    with places():
        with monkeypatch.context() as patch:
            patch.setattr(receiving, "READING", Bounds("reading the notebook", 1, 700))
            patch.setattr(receiving, "_read", for_ever)
            first = receive("ada", tmp_path, {"slopes": []})
            (one,) = first.notebooks
            assert one.problem == "reading the notebook takes more than 1 s"
            assert receive("ada", tmp_path, {"slopes": []}).digest == first.digest
            masters = source_masters(course, week)
            graded = grade(receive("ada", tmp_path, masters).notebooks[0], week, 1)
            assert graded.score == 0
            assert graded.waiting == week.task_names
            assert graded.attention == [one.problem]
        assert receive("ada", tmp_path, {"slopes": []}).notebooks[0].problem == ""


def test_many_tiny_cells_cost_the_grader_nothing(tmp_path: Path) -> None:
    """8 MB of them took it 45 seconds."""
    cell = '{"cell_type":"raw","metadata":{},"source":""}'
    cells = ",".join([cell] * 180_000)
    text = f'{{"nbformat":4,"nbformat_minor":5,"metadata":{{}},"cells":[{cells}]}}'
    (tmp_path / "slopes.ipynb").write_text(text)
    with places():
        began = time.process_time()
        receive("ada", tmp_path, {"slopes": []})
        assert time.process_time() - began < 3


def test_what_cannot_be_read_by_an_error_of_ours_waits_as_well(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And ends nothing."""
    monkeypatch.setattr(receiving, "_read", divides_by_zero)
    work = receive("ada", tmp_path, source_masters(course, course.week(WEEK)))
    (submission,) = work.notebooks
    assert submission.problem.startswith("the notebook could not be read (ZeroDivisionError")
    assert doubts(submission.notebook.cells).keys() == set(course.week(WEEK).task_names)


def test_work_in_another_form_is_not_closed_at_zero(course: Course, tmp_path: Path) -> None:
    """What the submission is in doubt of is in doubt when it is graded, too."""
    (tmp_path / "slopes.pdf").write_text("the work")
    week = course.week(WEEK)
    work = receive("ada", tmp_path, source_masters(course, week))
    graded = grade(work.notebooks[0], week, 1)
    assert graded.waiting == week.task_names


def test_those_that_take_long_keep_nobody_waiting(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are read and graded meanwhile; to read is part of a turn, as to run is."""
    monkeypatch.setattr(pace, "_LONG", 0.1)
    monkeypatch.setattr(pace, "_TIMES", 0.0)
    week, others, one_more = course.week(WEEK), threading.Event(), threading.Semaphore(2)
    notebook = nbformat.read(week.source, as_version=4)

    def of(student: str) -> Work:
        one = Submission(student, notebook, student, name=week.notebook)
        return Work(student, (one,))

    def slow() -> Work:
        assert others.wait(60)
        return of("slow")

    def execute(notebook: str, calls: object, limits: Limits) -> Executed:
        assert one_more.acquire(blocking=False)
        time.sleep(0.05)
        one_more.release()
        return Executed(notebook, {task: Observed() for task in week.task_names})

    # Two are in hand; when both take long, two more, and no third.
    readings = [slow, slow, *(lambda k=k: of(f"{k}") for k in range(4))]
    done = []
    with places():  # as a run does, before there are threads
        for graded in grade_all(readings, lambda submission: 1, week, jobs=2, execute=execute):
            done.append(graded.student)
            if len(done) == 4:
                others.set()
    assert sorted(done[:4]) == ["0", "1", "2", "3"]
    assert done[4:] == ["slow", "slow"]


def test_what_takes_too_long_to_judge_waits_for_a_person(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It earns nothing, is named, and nobody waits for it."""
    week = course.week(WEEK)

    def execute(notebook: str, calls: object, limits: Limits) -> Executed:
        return Executed(notebook, {task: Observed() for task in week.task_names})

    monkeypatch.setattr(stages, "judged", for_ever)
    monkeypatch.setattr(stages, "JUDGING", Bounds("what came back from the notebook", 1, 500))
    submission = Submission("ada", nbformat.read(week.source, as_version=4), "digest")
    with places():
        graded = grade(submission, week, course.settings.seed, execute=execute)
    assert graded.score == 0
    assert graded.waiting == week.task_names
    assert not graded.ungraded
    assert any("takes more than 1 s" in text for text in graded.attention)


def divides_by_zero(*_: object) -> None:
    raise ZeroDivisionError


def for_ever(*_: object) -> None:
    while True:
        pass


def test_an_fstring_of_many_fields_holds_nobody_up(course: Course) -> None:
    """Its parsing would hold the interpreter, and a neighbour's kernel would miss its deadline."""
    week = course.week(WEEK)
    source = "plt.plot(f'''\n" + "{x}" * 140_000 + "''')\nplt.show()"
    notebook = new_notebook(cells=[new_code_cell(source)])
    done = threading.Event()

    def prepare() -> None:
        with suppress(Overrun):
            run(Bounds("this", 2, 700), asked, notebook, week, course.settings.seed, False)
        done.set()

    draw(week, course.settings.seed)
    with places():
        thread = threading.Thread(target=prepare)
        began = time.process_time()
        thread.start()
        thread.join()
    assert done.is_set()
    assert time.process_time() - began < 1
