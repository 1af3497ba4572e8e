"""The bench: the work it compares is the same, and what fails is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from autograder.commands.bench.courses import KINDS, classic, submissions
from autograder.commands.bench.given import _report
from autograder.commands.bench.measure import Others, measure
from autograder.commands.bench.otter import Otter
from autograder.commands.bench.rehearsed import PlayedKernels
from autograder.commands.bench.results import Cost, Results
from autograder.commands.bench.rounds import _compare, _lean, _scores
from autograder.commands.bench.run import run_bench
from autograder.commands.bench.scale import PlayedCourse
from autograder.commands.bench.tables import plot, report
from autograder.errors import CourseError, GraderFault
from autograder.grading import stages
from autograder.grading.course import Course
from autograder.kernels.driver import Limits
from autograder.submissions.cells import task_of

MB = 1_000_000


def cost(count: int, seconds: float, cpu: float) -> Cost:
    return Cost(count, seconds, cpu, rss=300 * MB, pss=200 * MB)


@pytest.fixture
def results() -> Results:
    """Start-up takes us 2 s and stock 1 s; a submission 0.1 s and 4 s."""
    return Results(
        machine={"load before": 0.31, "cores": 2},
        week="week2_descent",
        rounds={
            "ours": [cost(10, 3, 6)] * 3,
            "stock": [cost(10, 41, 41), cost(10, 41, 41), cost(10, 400, 400)],
            "bare": [cost(10, 2.5, 2.5)] * 3,
            "lean": [cost(10, 1, 1)] * 3,
        },
        startup={"ours": [cost(10, 2, 4)] * 3, "stock": [cost(10, 1, 1)] * 3},
        growth=[cost(10, 3, 6), cost(110, 13, 26)],
        others=[0.25, 0.04],
    )


def test_every_submission_is_a_different_text_and_every_kind_is_there(course: Course) -> None:
    week = course.week("week2_descent")
    made = dict(submissions(course, week, 12))
    assert len(made) == len(set(made.values())) == 12
    assert {name.split("-", 1)[1] for name in made} == set(KINDS)


def test_classic_tests_hold_every_call_and_no_trace_of_ours(course: Course) -> None:
    week = course.week("week2_descent")
    calls = stages.draw(week, 1)
    source = nbformat.read(week.source, as_version=4)
    cells = {task_of(cell): cell.source for cell in classic(source, week, calls).cells}
    for task in week.tasks:
        text = cells[task.name]
        hidden = text[text.index("### BEGIN HIDDEN") : text.index("### END HIDDEN")]
        assert hidden.count("assert ") == len(calls[task.name])
        assert "observe" not in text
        assert "the visible checks pass" in text or "np.allclose" in text


def test_classic_tests_pass_the_right_answers_and_no_known_mistake_of_the_class(
    course: Course,
) -> None:
    week = course.week("week2_descent")
    source = classic(
        nbformat.read(week.source, as_version=4), week, stages.draw(week, course.settings.seed)
    )
    hidden = {task_of(c): c.source.split("### END HIDDEN")[0] for c in source.cells if task_of(c)}
    failed = {}
    for student, text in submissions(course, week, len(KINDS)):
        names: dict[str, object] = {"show": lambda: None}
        failed[student] = set()
        for cell in nbformat.reads(text, as_version=4).cells:
            if task_of(cell):
                try:
                    exec(hidden[task_of(cell)], names)
                except (AssertionError, NotImplementedError, ValueError):
                    failed[student].add(task_of(cell))
            elif cell.cell_type == "code" and "figure" not in cell.metadata.get("tags", ()):
                exec(cell.source, names)
    by_kind = {student.split("-", 1)[1]: tasks for student, tasks in failed.items()}
    assert by_kind["s01-perfect"] == set()
    assert by_kind["s06-unfinished"] == {"gradient_descent", "classify_learning_rate", "basin"}
    assert all("gradient_descent" in by_kind[kind] for kind in KINDS[1:])


def test_a_command_is_measured_with_its_descendants(tmp_path: Path) -> None:
    grandchild = "x = bytearray(150_000_000); import time; time.sleep(0.6); sum(range(10**7))"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}])"
    found = measure([sys.executable, "-c", child], tmp_path, 4)
    assert found.count == 4
    assert found.seconds > 0.6
    assert found.cpu > 0.05
    assert found.rss > 150 * MB


def test_a_command_that_fails_is_an_error_with_what_it_said(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no gradebook here')"]
    with pytest.raises(CourseError, match=r"failed \(exit status 1\): no gradebook here"):
        measure(command, tmp_path, 1)


def test_a_command_that_is_killed_is_an_error_that_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]
    with pytest.raises(CourseError, match=r"was killed \(signal 9\)"):
        measure(command, tmp_path, 1)


def test_disagreement_on_a_perfect_submission_is_an_error() -> None:
    with pytest.raises(CourseError, match=r"00000-s01-perfect got 20 .* and 16 from stock.* both"):
        _compare({"00000-s01-perfect": 20}, {"00000-s01-perfect": 16}, 20, "stock")


def test_full_points_for_a_mistaken_submission_are_an_error() -> None:
    with pytest.raises(CourseError, match="neither should be 20"):
        _compare({"00001-s03-climbs": 7}, {"00001-s03-climbs": 20}, 20, "stock")


def test_a_submission_that_only_one_of_them_graded_is_an_error() -> None:
    with pytest.raises(CourseError, match="None from stock"):
        _compare({"00000-s01-perfect": 20}, {}, 20, "stock")


def test_ratios_are_of_medians_with_start_up_in_and_left_out_of_both(results: Results) -> None:
    ratios = results.ratios()
    assert ratios["throughput, ours / stock, small run"] == pytest.approx(41 / 3)
    assert ratios["throughput, ours / stock, largest run of ours"] == pytest.approx(
        110 / 13 / (10 / 41)
    )
    assert ratios["throughput, ours / stock, start-up left out of both"] == pytest.approx(40)
    assert ratios["CPU a submission, ours / bare, start-up left out"] == pytest.approx(0.8)
    assert ratios["CPU a submission, ours / lean, start-up left out"] == pytest.approx(2.0)


def test_without_growth_the_start_up_of_a_run_is_what_doing_nothing_takes(results: Results) -> None:
    results.growth = []
    assert results.further().seconds == pytest.approx(1)


def test_the_report_says_that_stock_was_measured_on_a_few(results: Results) -> None:
    text = report(results)
    assert "stock was measured at 10 only" in text
    assert "40.00" in text
    assert "otter" not in text


def test_the_report_says_how_far_rounds_are_apart_and_how_busy_the_machine_was(
    results: Results,
) -> None:
    text = report(results)
    assert "0.025 to 0.244" in text
    assert "load before: 0.31" in text
    assert text.count("0.25, 0.04") == 1


def test_a_week_of_ones_own_is_told_with_how_far_rounds_are_apart_and_where_points_differ() -> None:
    ours = {("0000-ada", "one: squares"): 1.0, ("0001-bob", "one: squares"): 0.0}
    stock: dict[tuple[str, str], float | None] = {**ours, ("0001-bob", "one: squares"): 1.0}
    costs = {"autograder grade": [cost(2, 3, 4), cost(2, 5, 4), cost(2, 4, 4)],
             "nbgrader autograde": [cost(2, 20, 20), cost(2, 30, 20), cost(2, 24, 20)]}  # fmt: skip
    text = _report("ps1", costs, {**ours}, stock)
    assert "4.0" in text
    assert "3 to 5" in text
    assert "20 to 30" in text
    assert "takes 6.0 times as long" in text
    assert "1 of 2 cells" in text
    assert "bob" in text
    assert "ada" not in text


def test_otter_has_a_row_and_ratios_where_it_was_measured(results: Results) -> None:
    results.rounds["otter"] = [cost(10, 90, 75)] * 3
    assert results.ratios()["throughput, ours / otter, small run"] == pytest.approx(30)
    assert results.ratios()["CPU a submission, otter / bare"] == pytest.approx(30)
    assert "otter: otter run" in report(results)


def test_cores_that_others_keep_busy_are_counted_without_our_own_work(tmp_path: Path) -> None:
    counters, hundredth = tmp_path / "stat", os.sysconf("SC_CLK_TCK") // 100
    counters.write_text("cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 9 9 9 9\n")
    began, own = time.monotonic(), time.process_time()
    others = Others(counters)
    while time.process_time() - own < 0.3:
        pass
    # User 1.0 s, system 0.5 s, stolen 0.2 s; idle, waiting, and a guest's (user time already).
    busy = [field * hundredth for field in (100, 0, 50, 7000, 600, 0, 0, 20, 90, 0)]
    counters.write_text(f"cpu  {' '.join(map(str, busy))}\n")
    used = others.cores() * (time.monotonic() - began)
    assert used == pytest.approx(1.7 - (time.process_time() - own), abs=0.1)


def test_a_program_that_is_not_there_is_said_before_anything_is_measured(
    course: Course, tmp_path: Path
) -> None:
    with pytest.raises(CourseError, match=r"nowhere/otter is not a program"):
        Otter(tmp_path / "nowhere" / "otter", course.week("week2_descent"), {}, tmp_path / "made")


def test_another_program_than_otter_is_said(course: Course, tmp_path: Path) -> None:
    week = course.week("week2_descent")
    calls = {name: [] for name in week.task_names}
    otter = Otter(Path("true"), week, calls, tmp_path / "made")
    assert otter.version == ""
    with pytest.raises(CourseError, match=r"left no results.json"):
        otter.graded([week.source])


def test_results_become_json_and_a_picture(results: Results, tmp_path: Path) -> None:
    assert json.loads(json.dumps(results.to_json()))["growth"][1]["count"] == 110
    plot(results, tmp_path / "bench.svg")
    assert "stock, calculated" in (tmp_path / "bench.svg").read_text()


def test_lean_notebooks_ask_all_and_draw_nothing(course: Course, tmp_path: Path) -> None:
    week = course.week("week2_descent")
    calls = stages.draw(week, 1)
    (_, text), *_ = submissions(course, week, 1)
    (tmp_path / "one.ipynb").write_text(text)
    (made,) = _lean([tmp_path / "one.ipynb"], week, calls, tmp_path / "lean")
    cells = [c for c in nbformat.read(made, as_version=4).cells if c.cell_type == "code"]
    assert not [cell for cell in cells if "plt.show()" in cell.source]
    asked = [call.source(task) for task in calls for call in calls[task]]
    assert [cell.source for cell in cells if cell.source in asked] == asked
    assert len(nbformat.reads(text, as_version=4).cells) > len(cells) - len(asked) > 10


def test_bare_cells_go_on_after_an_error_and_draw_their_figures(tmp_path: Path) -> None:
    cells = [
        "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()",
        "1 / 0",
        "import pathlib; pathlib.Path('ran').touch()",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    nbformat.write(notebook, tmp_path / "one.ipynb")
    command = [sys.executable, "-m", "autograder.commands.bench.cells", str(tmp_path / "one.ipynb")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    found = Cost(**json.loads(done.stdout))
    assert (tmp_path / "ran").exists()
    assert found.count == 1
    assert found.cpu > 0


@pytest.mark.kernel
def test_one_small_round_measures_all_and_writes_what_it_found(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    otter = tmp_path / "otter"
    fake = Path(__file__).with_name("fake_otter.py")
    otter.write_text(f'#!/bin/sh\nexec {sys.executable} {fake} "$@"\n')
    otter.chmod(0o755)
    assert run_bench(root, count=2, out=tmp_path / "out", sizes=(), rounds=1, otter=otter) == 0
    shown = capsys.readouterr()
    assert "otter: otter run" in shown.out
    assert "stock: nbgrader autograde" in shown.out
    assert "round 1: bare" in shown.err
    written = json.loads((tmp_path / "out" / "bench.json").read_text())
    assert written["rounds"]["stock"][0]["count"] == 2
    assert written["machine"]["otter-grader"] == "1.2.3"
    assert written["rounds"]["otter"][0]["count"] == 2
    assert written["ratios"]["throughput, ours / otter, small run"] > 0
    assert len(written["others"]) == 1
    assert (tmp_path / "out" / "bench.svg").exists()


@pytest.mark.kernel
def test_with_played_kernels_everybody_is_graded_and_gets_what_real_ones_give(
    root: Path, tmp_path: Path
) -> None:
    course = PlayedCourse(root, tmp_path)
    run = course.run(12, workers=4, notebook=0.05)
    assert [number for number, _, _ in run.course] == [1, 2, 5, 10, 12]
    assert 0 < run.efficiency < 1
    scores = _scores(tmp_path / "course")
    assert len(scores) == len(KINDS) + 12
    real = {who.split("-", 1)[1]: score for who, score in scores.items() if who < "1"}
    assert len(real) == len(KINDS)
    assert all(score == real[who.split("-", 1)[1]] for who, score in scores.items())


def test_work_that_no_kernel_has_run_is_not_played() -> None:
    with pytest.raises(GraderFault, match="not run in a kernel"):
        PlayedKernels({}, 0)("{}", {}, Limits())
