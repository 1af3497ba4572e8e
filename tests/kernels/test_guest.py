"""How a cell is met in a kernel: what fails takes little along, nothing ends the kernel by luck."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.errors import GraderFault
from autograder.kernels import orders
from autograder.kernels.driver import Executed, execute
from autograder.kernels.guest import FREE, SOLUTION
from autograder.kernels.kernel import Kernel, open_kernel
from autograder.kernels.limits import Limits
from autograder.observation.surroundings import is_surroundings
from autograder.submissions.beside import File

# Together, as they share a kernel.
pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("guest")]

CALLS = {"double": [{"args": [float(x)]} for x in range(4)]}
RIGHT = [[0.0], [2.0], [4.0], [6.0]]
DOUBLE = "def double(x):\n    return 2 * x"


def cell(grade_id: str, source: str) -> Any:
    """A solution cell, or a test cell by its name."""
    test = grade_id.startswith("test_")
    marks = {"grade_id": grade_id, "grade": test, "solution": not test, "schema_version": 3}
    return new_code_cell(source, metadata={"nbgrader": marks | ({"points": 1} if test else {})})


def run(*first: str, double: str = DOUBLE) -> tuple[Executed, Any]:
    """Cells outside the tasks, then the solution and its test; what came of it, and the cells."""
    cells = [*map(new_code_cell, first), cell("double", double), cell("test_double", "double(1)")]
    executed = execute(nbformat.writes(new_notebook(cells=cells)), CALLS, Limits())
    return executed, nbformat.reads(executed.notebook, as_version=4).cells


def values(executed: Executed) -> list[Any]:
    return [seen.get("values") for seen in executed.observed["double"].observations]


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    """One kernel for all that leaves nothing behind."""
    with open_kernel(Limits()) as kernel:
        yield kernel


def said(kernel: Kernel, code: str, how: str = FREE) -> str:
    """All that a cell put out, as text."""
    texts = []
    for output in kernel.run(code, how):
        texts += [output[name] for name in ("text", "ename", "evalue") if name in output]
        texts += [output.data["text/plain"]] if "data" in output else []
    return "\n".join(texts)


# --- commands -----------------------------------------------------------------------------------

COMMANDS = [
    "!pip install torch", "%pip install torch", "pip install torch", "%conda install torch",
    "import os; os.system('clear')", "listing = !ls", "!!ls", "%sx ls", "%system ls", "%ls",
    "%%bash\nls", "%%sh\nls", "%%script perl\nprint 1", "%%python3\nprint(1)", "%%!\nls",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_fails_with_one_line_and_no_error(kernel: Kernel, command: str) -> None:
    """As one that is not there would, wherever it stands."""
    for how in (FREE, SOLUTION, ""):
        outputs = kernel.run(command, how)
        assert not [output for output in outputs if output.output_type == "error"]
        texts = [output.text for output in outputs if output.output_type == "stream"]
        assert texts[0].count("\n") == 1
        assert "a notebook may not start other programs, so this did nothing: " in texts[0]


def test_a_command_has_the_status_of_one_that_is_not_there(kernel: Kernel) -> None:
    """In `_exit_code`, and from `os.system` as the system gives it."""
    assert said(kernel, "!ls\n_exit_code").endswith("127")
    assert said(kernel, "import os\nos.waitstatus_to_exitcode(os.system('ls'))").endswith("127")
    assert said(kernel, "x = !ls\n(x, x.n)").endswith("([], '')")


@pytest.mark.parametrize(
    "asked",
    [
        "import multiprocessing as m; m.Process(target=print).start()",
        "import multiprocessing as m; m.Pool(2)",
        "from concurrent.futures import ProcessPoolExecutor as P; P(2).submit(abs, 1)",
    ],
)
def test_other_processes_are_refused_in_words(kernel: Kernel, asked: str) -> None:
    """Also where what is refused first is a lock between them, so that a person is told."""
    (output,) = kernel.run(asked)
    assert "a notebook may not start other processes" in output.evalue
    assert is_surroundings(output.ename, output.evalue)


# --- statements that fail -----------------------------------------------------------------------

#: What works elsewhere; after each, the next statement has to run.
FAILING = [
    "from google.colab import drive", "import no_such, os.path", "%load_ext no_such",
    "%matplotlib qt", "%no_such_magic", "import subprocess; subprocess.run(['pip'])",
    "input('your name? ')",
    "open('data.csv')", "import urllib.request; urllib.request.urlopen('http://localhost')",
    "import torch; torch.zeros(1).cuda()", "import torch; torch.zeros(1, device='cuda')",
    "import torch; torch.zeros(1, device='mps')", "import matplotlib; matplotlib.use('TkAgg')",
    "await no_such", "return 3", "raise SystemExit", "import sys; sys.exit(0)", "1 / 0",
]  # fmt: skip


@pytest.mark.parametrize("line", FAILING)
def test_outside_the_tasks_the_next_statement_runs(kernel: Kernel, line: str) -> None:
    """The error is shown, the statement is told, and the last expression is shown as well."""
    kernel.reports()
    outputs = kernel.run(f"after = None\n{line}\nafter = 'went on'\nafter", FREE)
    assert outputs[-1].data["text/plain"] == "'went on'"
    (stumble,) = (report["stumble"] for report in kernel.reports())
    assert stumble["line"].strip() in line
    assert stumble["here"]


def test_what_is_imported_beside_what_is_not_there_is_imported(kernel: Kernel) -> None:
    assert said(kernel, "import no_such as n, json as j, no_more\nj.__name__").endswith("'json'")


@pytest.mark.parametrize("magic", ["%%time", "%%capture"])
def test_statements_remain_statements_under_a_cell_magic(kernel: Kernel, magic: str) -> None:
    kernel.run(f"{magic}\nimport no_such\nunder = {magic!r}", FREE)
    assert magic in said(kernel, "under")


def test_nothing_is_run_twice(kernel: Kernel) -> None:
    code = "count = []\ncount.append(1)\n1 / 0\ncount.append(2)\n1 / 0\ncount.append(3)\ncount"
    assert said(kernel, code).endswith("[1, 2, 3]")


def test_what_ends_with_a_semicolon_or_an_assignment_shows_nothing(kernel: Kernel) -> None:
    assert kernel.run("5\nx = 6", FREE) == []
    assert kernel.run("5\n6\n", FREE)[0].data["text/plain"] == "6"


def test_an_interrupt_ends_the_cell(kernel: Kernel) -> None:
    """A cell that was stopped is stopped; its other loops don't run one after the other."""
    code = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nprint('went on')"
    for line in (code, "raise KeyboardInterrupt\nprint('went on')"):
        kernel.reports()
        assert "went on" not in said(kernel, line)
        (stumble,) = (report["stumble"] for report in kernel.reports())
        assert stumble["error"].startswith("KeyboardInterrupt")


def test_a_default_device_that_is_not_there_is_not_chosen(kernel: Kernel) -> None:
    """So that what was written for one works without it."""
    kernel.run("import torch\ntorch.set_default_device('cuda')", FREE)
    assert said(kernel, "torch.ones(1).device.type") == "'cpu'"
    kernel.run("torch.set_default_device('cpu')", FREE)
    assert said(kernel, "torch.ones(1).device.type") == "'cpu'"


@pytest.mark.parametrize("magic", ["%%bash", "%%powershell -x"])
def test_a_cell_for_another_program_is_told(kernel: Kernel, magic: str) -> None:
    """By its first line: nothing of it runs, though it may have been meant to."""
    kernel.reports()
    kernel.run(f"{magic}\nimport torch", FREE)
    (stumble,) = (report["stumble"] for report in kernel.reports())
    assert stumble["line"] == magic


def test_a_failure_further_down_is_the_failing_function_s(kernel: Kernel) -> None:
    """A cell that only calls what is wrong is no cause of anything."""
    kernel.run("def broken():\n    return 1 / 0", FREE)
    kernel.reports()
    kernel.run("broken()", FREE)
    (report,) = kernel.reports()
    assert not report["stumble"]["here"]


@pytest.mark.parametrize(
    ("how", "line", "goes_on"),
    [
        (SOLUTION, "import no_such as sns\nsns.set_theme()", True),
        (SOLUTION, "%load_ext no_such", True),
        (SOLUTION, "1 / 0", False),
        ("", "import no_such", False),
    ],
)
def test_in_a_task_s_cell_only_what_the_machine_lacks_is_passed_over(
    kernel: Kernel, how: str, line: str, goes_on: bool
) -> None:
    """A solution that fails by itself stops, as it did where it was written; a test cell always."""
    assert ("went on" in said(kernel, f"{line}\nprint('went on')", how)) is goes_on


def test_a_cell_that_is_no_python_is_told() -> None:
    """Nothing of it runs, so its first line is named."""
    executed, _ = run("pip install torch\nimport torch")
    (stumble,) = executed.stumbles
    assert stumble == {
        "cell": 0, "line": "pip install torch", "error": "SyntaxError: invalid syntax (line 1)",
    }  # fmt: skip
    assert values(executed) == RIGHT


# --- what would end the kernel ------------------------------------------------------------------

ENDINGS = [
    "exit()", "quit()", "exit", "quit", "import sys; sys.exit()",
    "get_ipython().kernel.do_shutdown(False)", "get_ipython().ask_exit()",
    "get_ipython().exit_now = True", "import asyncio; asyncio.get_event_loop().stop()",
    "import asyncio, sys; asyncio.get_event_loop().call_soon(sys.exit)",
]  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS)
def test_exit_ends_nothing(kernel: Kernel, ending: str) -> None:
    """Not at once, and not a moment later."""
    assert "went on\n" in said(kernel, f"{ending}\nprint('went on')")
    assert said(kernel, "import time; time.sleep(0.15)\nprint('still there')") == "still there\n"
    assert not kernel.died


@pytest.mark.parametrize("stop", ["breakpoint()", "import pdb; pdb.set_trace()"])
def test_a_break_point_is_passed_over(kernel: Kernel, stop: str) -> None:
    """Also one that was left in a function: nobody is there to go on."""
    kernel.run(f"def double(x):\n    {stop}\n    return 2 * x", SOLUTION)
    kernel.reports()
    kernel.observe("double", CALLS["double"])
    assert [report["values"] for report in kernel.reports()] == RIGHT


def test_a_kernel_that_ends_itself_ends_at_that_cell() -> None:
    """What came before counts, what comes after is not reached, each time the same."""
    for _ in range(3):
        executed, cells = run(double=DOUBLE + "\nprint('x')\nimport os; os._exit(0)")
        assert executed.observed["double"].reason == f"not reached: {executed.died}"
        assert cells[0].outputs[-1].ename == "Stopped"


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_what_was_seen_before_a_crash_is_kept_to_the_last_call(end: str) -> None:
    """Every time: an observation is written down before the next call is made."""
    dies = f"import os\ndef double(x):\n    if x == 2:\n        {end}\n    return 2 * x"
    for _ in range(3):
        assert values(run(double=dies)[0]) == RIGHT[:2]


# --- files beside the notebook ------------------------------------------------------------------


def test_files_lie_beside_the_notebook_and_released_ones_stay_as_they_are() -> None:
    """A module can be imported, data read, and what was released not be written to."""
    files = (File("helpers.py", b"x = 6"), File("data/a.csv", b"7", released=True))
    with open_kernel(Limits(files=files)) as kernel:
        code = "import helpers\nhelpers.x * int(open('data/a.csv').read())"
        assert said(kernel, code) == "42"
        assert "PermissionError" in said(kernel, "open('data/a.csv', 'w')")
        assert "PermissionError" in said(kernel, "import os; os.truncate('data/a.csv', 0)")


@pytest.mark.parametrize("name", ["../x", "/tmp/x", "a/../../x"])
def test_a_file_stays_within_the_folder(name: str) -> None:
    with pytest.raises(GraderFault), open_kernel(Limits(files=(File(name, b""),))):
        pass


# --- the same again -----------------------------------------------------------------------------


def test_what_is_not_seeded_is_the_same_in_every_kernel() -> None:
    """The order of a set, and generators without a seed, or seeded with nothing."""
    code = (
        "import numpy, random\nrandom.seed()\nnumpy.random.seed()\n"
        "(list({'a', 'b', 'c', 'd'}), numpy.random.default_rng().random(3), numpy.random.rand(),\n"
        "random.Random().random(), random.Random().random(), random.random())"
    )
    seen = set()
    for _ in range(2):
        with open_kernel(Limits()) as kernel:
            seen.add(said(kernel, code))
    assert len(seen) == 1


def test_what_is_hashed_by_its_address_is_so_in_every_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """None in a set of texts, say: on another day its place among them is the same."""
    with orders._fixed_addresses():
        mode = subprocess.run(["cat", "/proc/self/personality"], capture_output=True, text=True)
    if not int(mode.stdout, 16) & orders._ADDR_NO_RANDOMIZE:
        pytest.skip("the system does not let addresses be fixed")
    seen = set()
    monkeypatch.setattr(orders, "_zygotes", {})
    for _ in range(3):
        with open_kernel(Limits()) as kernel:
            seen.add(said(kernel, "hash(None), id(int), list({None, 'a', 'b', 'c', int, print})"))
        orders._end_zygotes()  # as after each run
    assert len(seen) == 1
    unfixed = Path("/proc/self/personality").read_text()
    assert not int(unfixed, 16) & orders._ADDR_NO_RANDOMIZE


# --- what observes ------------------------------------------------------------------------------


def test_nothing_of_ours_can_be_imported_or_replaced(kernel: Kernel) -> None:
    """What observes was bound before the first cell; there is no name by which to reach it."""
    assert said(kernel, "import sys\n[m for m in sys.modules if 'autograder' in m]") == "[]"
    assert "Error" in said(kernel, "import autograder.observation.observe")


def test_a_replaced_module_does_not_observe() -> None:
    """The argument that is changed is seen to be, whatever a library or a builtin is by then."""
    fake = (
        "import builtins, math\nmath.isclose = lambda *a, **k: True\nreal = all\n"
        "builtins.all = lambda x: True if isinstance(x, map) else real(x)\n"
        "import sys, types\nfake = types.ModuleType('fake')\n"
        "fake.changed = fake.serve = fake.observe_call = lambda *a, **k: False\n"
        "for name in 'autograder', 'autograder.observation', 'autograder.observation.observe':\n"
        "    sys.modules[name] = fake"
    )
    double = "def double(x):\n    x *= 2\n    return x"
    calls = {"double": [{"args": [{"array": [1.0], "shape": [1], "dtype": "float64"}]}]}
    cells = [new_code_cell(fake), cell("double", double), cell("test_double", "pass")]
    executed = execute(nbformat.writes(new_notebook(cells=cells)), calls, Limits())
    (seen,) = executed.observed["double"].observations
    assert seen["values"] == [2.0]
    assert seen["mutated"] == [0]
