"""Warm kernels: they run cells, end when told, and leave nothing behind."""

from __future__ import annotations

import base64
import json
import os
import re
import resource
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient import NotebookClient
from traitlets.config import Config

from autograder.errors import GraderFault
from autograder.kernels import orders, warm
from autograder.kernels.kernel import Kernel, open_kernel
from autograder.kernels.limits import Limits
from autograder.kernels.sandbox import Box

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(not orders.available(), reason="warm kernels need Linux"),
]


def run(*cells: str, box: Box | None = Box()) -> list[list[Any]]:
    """The outputs of cells run in a fresh kernel."""
    with warm.warm_kernel(box) as (process, client):
        kernel = Kernel(process, client, Limits())
        return [kernel.run(textwrap.dedent(cell)) for cell in cells]


def printed(*cells: str, box: Box | None = Box()) -> str:
    """What cells printed; an error fails the test."""
    outputs = [output for outputs in run(*cells, box=box) for output in outputs]
    assert all(output.output_type == "stream" for output in outputs), outputs
    return "".join(output.text for output in outputs)


def is_running(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def until(condition: Any, seconds: float = 3.0) -> bool:
    ends = time.monotonic() + seconds
    while not condition() and time.monotonic() < ends:
        time.sleep(0.02)
    return bool(condition())


def test_cells_share_a_namespace_and_show_results() -> None:
    (_, (result,)) = run("x = 6", "x * 7")
    assert result.data["text/plain"] == "42"


def test_what_a_function_calls_is_seen_across_cells() -> None:
    """The notebook's namespace is the one that its functions load their globals from."""
    with open_kernel(Limits()) as kernel:
        for name, body in ("fuse", "x"), ("once", "fuse(x)"), ("walk", "once(x)"):
            kernel.run(f"def {name}(x): return {body}")
        kernel.observe("walk", [{"args": [1.0]}])
        (report,) = kernel.reports()
    assert report["names"] == ["once", "fuse"]


@pytest.mark.parametrize("show", ["plt.show()", "pass"])
def test_figures_are_shown_whether_or_not_show_is_called(show: str) -> None:
    outputs = run(
        "import matplotlib.pyplot as plt",
        f"plt.plot([1, 2]); {show}",
        f"plt.plot([2, 1]); {show}",
    )
    for cell in outputs[1:]:
        (figure,) = (output for output in cell if output.output_type == "display_data")
        assert base64.b64decode(figure.data["image/png"]).startswith(b"\x89PNG")


def test_autograd_works_after_the_fork() -> None:
    code = """
        import torch
        x = torch.tensor(3.0, requires_grad=True)
        (x ** 2).backward()
        big = torch.ones(300, 300, requires_grad=True)
        (big @ big).sum().backward()
        print(x.grad.item())
    """
    assert printed(code) == "6.0\n"


def test_random_numbers_are_the_same_in_every_kernel() -> None:
    """Work that draws numbers without a seed gets the same verdict when it is graded again."""
    code = "import random, numpy, torch\nprint(random.random(), numpy.random.rand(), torch.rand(1))"
    first, second = (printed(code).split() for _ in range(2))
    assert first == second


def test_kernel_knows_nothing_of_the_grader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADEBOOK_PASSWORD", "secret")
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    code = """
        import gc, json, os, sys
        names = [n for n in sys.modules if n.startswith(("autograder", "nbgrader", "nbclient"))]
        environment = {**os.environ}
        initial = open("/proc/self/environ").read()
        print(json.dumps([names, environment, initial, os.getcwd(), sys.path]))
    """
    names, environment, initial, folder, path = json.loads(printed(code))
    assert names == []
    assert "NBGRADER_EXECUTION" not in environment
    assert "GRADEBOOK_PASSWORD" not in environment
    assert "GRADEBOOK_PASSWORD" not in initial
    assert Path(folder).name == "work"
    assert {environment[name] for name in ("HOME", "TMPDIR", "IPYTHONDIR")} == {
        str(Path(folder).with_name("home"))
    }
    assert os.getcwd() not in path


def test_what_a_kernel_is_forked_from_can_compute_no_answer() -> None:
    """Of ours it has what makes a kernel and what observes; no slope, reference or verdict."""
    script = """
        import sys
        import autograder.kernels.zygote, autograder.kernels.kernel_app
        ours = {n: vars(m) for n, m in sys.modules.items() if n.startswith("autograder.")}
        print(*ours, *(f"{n}:{name}" for n, names in ours.items() for name in names))
    """
    asked = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True
    )
    modules = [name for name in asked.stdout.split() if ":" not in name]
    assert modules
    guests = (
        r"_version|kernels(\.(folders|gate|guest|imports|kernel_app|landlock|lean|messages|plain|prepared"
        r"|protocol|quota|sandbox|sealed|streams|syscalls|wire|yielding|zygote))?"
        r"|observation(\.(arguments|callees|changes|formulas|functions|keys|memory|naming|observe|serving"
        r"|surroundings|values))?"
    )
    assert [n for n in modules if not re.fullmatch(rf"autograder\.({guests})", n)] == []
    answers = r":(derivative|gradient|hessian|slope|reference|judge|verdict)"
    assert not re.search(answers, asked.stdout, re.IGNORECASE)


def test_what_was_made_before_the_fork_finds_itself_in_the_folder_of_its_own() -> None:
    """Where the shell was made, and what was open there, is nowhere in it."""
    code = """
        import json, os, pathlib, sys
        shell = get_ipython()
        own = pathlib.Path(os.environ["HOME"]).parent
        places = [shell.starting_dir, *_dh, shell.home_dir, shell.ipython_dir,
            shell.profile_dir.location, shell.profile_dir.pid_dir, shell.history_manager.hist_file]
        assert shell.sys_excepthook == shell.kernel.parent.excepthook
        assert shell._orig_sys_module_state["stdout"] is sys.stdout is shell.kernel._stdout
        assert shell.profile_dir is shell.kernel.profile_dir is shell.kernel.parent.profile_dir
        print(json.dumps([str(pathlib.Path(place).relative_to(own)) for place in places]))
    """
    profile = "home/profile_default"
    assert json.loads(printed(code)) == [
        "work", "work", "home", "home", profile, f"{profile}/pid", f"{profile}/history.sqlite",
    ]  # fmt: skip


def test_kernel_inherits_no_descriptor_of_the_parent() -> None:
    """What is open is its own: sockets, polls, its reports; no place, no line, no order."""
    code = """
        import os, sys
        for fd in os.listdir("/proc/self/fd"):
            try: print(os.readlink(f"/proc/self/fd/{fd}"))
            except FileNotFoundError: pass
        frame, names = sys._getframe(), set()
        while frame: names |= set(frame.f_locals); frame = frame.f_back
        print("control" in names, "line" in names)
    """
    names = [name for name in printed(code).split("\n")[:-2] if not name.endswith("/.reports")]
    kinds = {name.split(":")[0] for name in names}
    assert kinds <= {"/dev/null", "pipe", "socket", "anon_inode"}, kinds


def test_private_folder_is_gone_afterwards() -> None:
    folder = printed("import os; open('file', 'w').close(); print(os.getcwd())").strip()
    assert not Path(folder).parent.exists()


@pytest.mark.parametrize("code", ["import os; os._exit(3)", "import os; os.kill(os.getpid(), 9)"])
def test_death_is_noticed_at_once(code: str) -> None:
    with warm.warm_kernel() as (process, client):
        kernel = Kernel(process, client, Limits())
        started = time.monotonic()
        kernel.run(code)
        assert kernel.died
        assert time.monotonic() - started < 1
        assert process.why_it_died()


@pytest.mark.parametrize(
    "show", ["display(k)", "print(k, flush=True)", "clear_output(wait=True); display(k)"]
)
def test_a_cell_that_shows_a_lot_is_done_when_it_is_done(show: str) -> None:
    """A thousand outputs and more: what the grader has no time for waits, and is not lost."""
    with warm.warm_kernel() as (process, client):
        hear = client.next_message
        client.next_message = lambda seconds: time.sleep(0.001) or hear(seconds)  # type: ignore
        kernel = Kernel(process, client, Limits(cell_seconds=20.0, grace_seconds=1.0))
        outputs = kernel.run(
            f"from IPython.display import clear_output, display\nfor k in range(3000): {show}"
        )
        assert not kernel.died
        *_, last = outputs
        assert (last.get("text") or last.data["text/plain"]).split()[-1] == "2999"
        assert len(outputs) == {"d": 3000, "p": 1, "c": 1}[show[0]]


def test_a_kernel_without_files_ends_one_way() -> None:
    """Two threads notice it, and which is first does not show: two runs say the same.

    At once, also where it is only the one by which it would say that a cell is done.
    """
    closed = ["import os; os.closerange(3, 1000)"] * 6
    closed += [
        "import os; os.close(get_ipython().kernel.wire.fileno())",
        "import socket; socket.socket(fileno=get_ipython().kernel.wire.fileno()).shutdown(2)",
    ]
    ends = set()
    for code in closed:
        with warm.warm_kernel() as (process, client):
            kernel = Kernel(process, client, Limits())
            kernel.run(code)
            ends.add(kernel.died)
    assert len(ends) == 1
    assert "without open files" in ends.pop()


def test_endless_loop_is_interrupted_and_the_kernel_goes_on() -> None:
    with warm.warm_kernel() as (process, client):
        kernel = Kernel(process, client, Limits(cell_seconds=0.5))
        outputs = kernel.run("x = 1\nwhile True: pass")
        assert {output.ename for output in outputs} == {"KeyboardInterrupt", "Stopped"}
        assert kernel.run("x")[0].data["text/plain"] == "1"


def test_parallel_kernels_do_not_meet() -> None:
    def job(number: int) -> str:
        return printed(f"x = {number}", "import time; time.sleep(0.1); print(x)").strip()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(job, range(12))) == [str(number) for number in range(12)]


def test_kernels_end_with_their_zygote_and_the_next_one_starts_another() -> None:
    with warm.warm_kernel() as (process, client):
        kernel = Kernel(process, client, Limits())
        pid = process.pid
        orders._zygotes[()].process.kill()
        with pytest.raises(GraderFault, match="the process that makes kernels was killed"):
            kernel.run("import time; time.sleep(20)")
        assert kernel.died
        assert until(lambda: not is_running(pid))
    assert printed("print(1)") == "1\n"


def test_grader_killed_without_warning_leaves_no_process_and_no_folder() -> None:
    script = textwrap.dedent(
        """
        import os, time
        from autograder.kernels import warm
        from autograder.kernels import orders
        with warm.warm_kernel() as (process, client):
            client.ask("execute_request", {"code": "while True: pass"})
            if os.fork() == 0:
                time.sleep(60)  # a child of the grader must not keep the zygote alive
            print(process.folder, flush=True)
            print(orders._zygotes[()].process.pid, process.pid, flush=True)
            time.sleep(60)
        """
    )
    grader = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    with grader:
        assert grader.stdout is not None
        folder = Path(grader.stdout.readline().strip())
        assert folder.is_dir()
        pids = [int(pid) for pid in grader.stdout.readline().split()]
        assert all(map(is_running, pids))
        grader.kill()
        assert until(lambda: not any(map(is_running, pids)))
        assert not folder.exists()
        os.killpg(grader.pid, signal.SIGKILL)


def test_a_folder_that_no_kernel_has_yet_is_removed_as_well(tmp_path: Path) -> None:
    """The grader may be killed after making it and before ordering the kernel."""
    folder = tmp_path / "kernel"
    script = textwrap.dedent(
        f"""
        import os, signal
        from pathlib import Path
        from autograder.kernels import orders
        folder = Path({str(folder)!r})
        orders.announce(folder)
        folder.mkdir()
        print(orders._zygotes[()].process.pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    grader = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert grader.returncode == -signal.SIGKILL
    assert until(lambda: not is_running(int(grader.stdout)), 30.0)  # it imports torch first
    assert not folder.exists()


def test_what_was_made_ready_in_vain_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while it still imports: nothing was ordered, so there is nothing to put away."""
    monkeypatch.setattr(orders, "_zygotes", {})
    orders.warm()
    (zygote,) = orders._zygotes.values()
    assert zygote.process.poll() is None
    zygote.close()
    assert zygote.process.returncode == -signal.SIGKILL


def test_the_heap_that_each_fork_copies_lies_in_huge_pages() -> None:
    """As far as the C library and the system have them; a kernel's environment tells nothing."""
    assert "GLIBC_TUNABLES" not in printed("import os; print(*os.environ)").split()
    setting = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    if name != "glibc" or [*map(int, version.split("."))] < [2, 35]:
        pytest.skip("this C library does not ask for huge pages")
    if not setting.exists() or "[never]" in setting.read_text():
        pytest.skip("this system has no huge pages")
    memory = Path(f"/proc/{orders._zygotes[()].process.pid}/smaps_rollup").read_text()
    in_all, huge = (
        int(re.search(rf"^{kind}: +(\d+)", memory, re.M)[1])  # type: ignore[index]
        for kind in ("Anonymous", "AnonHugePages")
    )
    assert huge > 0.3 * in_all


def test_zygote_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "_zygotes", {})
    monkeypatch.setattr(orders, "_search_path", lambda: {"PYTHONHOME": "/nowhere"})
    with (
        pytest.raises(RuntimeError, match="No module named 'encodings'"),
        warm.warm_kernel(),
    ):
        pass
    orders._end_zygotes()


def test_module_beside_the_notebook_does_not_replace_a_library(tmp_path: Path) -> None:
    module = "allclose = lambda *args: True\n"
    wrote = f"for name in 'numpy', 'torch': open(name + '.py', 'w').write({module!r}) and None"
    ask = "import numpy, torch; print(numpy.allclose(1, 2), hasattr(torch, 'tensor'))"
    assert printed(wrote, ask) == "False True\n"
    # The same beside a process that starts cold:
    command = [sys.executable, "-c", f"{wrote}\n{ask}"]
    cold = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert cold.stdout == "True False\n"


@pytest.mark.parametrize(
    "code",
    [
        "publish_display_data({'text/plain': 'x' * 8_000_000})",
        "print('x' * 1000)",
        "print('x' * 10_000)",
        "print('x' * 100_000_000)",
    ],
)
def test_flood_of_output_fills_no_memory_of_the_grader(code: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with warm.warm_kernel() as (process, client):
        kernel = Kernel(process, client, Limits(cell_seconds=1.5))
        outputs = kernel.run(
            f"from IPython.display import publish_display_data\nwhile True: {code}"
        )
        assert outputs
        assert not kernel.died
    megabytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert megabytes < 200


def test_printing_without_end_is_stopped_by_how_much_it_is() -> None:
    """Not by the clock; a thousand times what is kept of it."""
    with warm.warm_kernel() as (process, client):
        kernel = Kernel(process, client, Limits(cell_seconds=60))
        began = time.monotonic()
        *_, error = kernel.run("while True: print('x' * 100_000)")
        assert (error.ename, error.evalue) == ("TooMuchOutput", "a cell prints 100 MB at most")
        assert time.monotonic() - began < 30
        assert not any(o.get("ename") for o in kernel.run("print('x' * 90_000_000)"))
        assert kernel.run("1 + 1")[0].data["text/plain"] == "2"


def test_who_halts_holds_the_turn_no_longer_than_it_takes_to_see() -> None:
    """Not for all the time that a cell has."""
    began = time.monotonic()
    with warm.warm_kernel() as (process, client):
        kernel = Kernel(process, client, Limits(cell_seconds=60))
        *_, error = kernel.run("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)")
        assert error.evalue == kernel.died == "the code stopped its own process"
    assert time.monotonic() - began < 50


@pytest.mark.parametrize(
    "replacement",
    [
        "sys.stdout = None",
        "del sys.stdout, sys.stderr",
        "sys.stdout = sys.stderr = open(os.devnull, 'w'); sys.stdout.close()",
        "sys.stdout = type('Tee', (), {'flush': lambda self: sys.exit(), '__hash__': None})()",
    ],
)
def test_a_cell_ends_wherever_its_output_goes(replacement: str) -> None:
    """Without a place to print to as well; what was printed before is there."""
    with warm.warm_kernel() as (process, client):
        kernel = Kernel(process, client, Limits(cell_seconds=5.0))
        (said,) = kernel.run(f"import os, sys; print('before'); {replacement}; x = 6")
        assert said.text == "before\n"
        kernel.run("x = x * 7")
        kernel.run(
            "sys.stdout, sys.stderr = get_ipython().kernel._stdout, get_ipython().kernel._stderr"
        )
        (shown,) = kernel.run("from IPython.display import display\ndisplay(x)")
        assert shown.data["text/plain"] == "42"
        assert not kernel.died


def test_any_jupyter_program_can_use_the_provisioner(tmp_path: Path) -> None:
    """As nbconvert and formgrader do: through the entry point, with their own manager."""
    name, group = "autograder-warm", KernelProvisionerFactory.GROUP_NAME
    factory = KernelProvisionerFactory(
        config=Config({"KernelProvisionerFactory": {"default_provisioner_name": name}})
    )
    factory.provisioners[name] = EntryPoint(
        name, "autograder.kernels.provisioner:WarmProvisioner", group
    )
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        nbformat.v4.new_code_cell("import socket, os; print(os.path.basename(os.getcwd()))"),
        nbformat.v4.new_code_cell("socket.socket(socket.AF_INET)"),
        nbformat.v4.new_code_cell("import matplotlib.pyplot as plt; plt.plot([1, 2]);"),
    ]
    manager = AsyncKernelManager(kernel_name="python3")
    spec = manager.kernel_spec
    manager.provisioner = factory.create_provisioner_instance("kernel", spec, parent=manager)
    client = NotebookClient(notebook, km=manager, allow_errors=True)
    client.owns_km = True  # and so shuts it down
    client.execute(cwd=str(tmp_path))
    outputs = [cell.outputs[0] for cell in notebook.cells]
    assert outputs[0].text == "work\n"
    assert outputs[1].ename == "PermissionError"
    assert "image/png" in outputs[2].data
