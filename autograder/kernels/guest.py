"""What is put into a kernel before the first cell: how cells are met, and how a task is asked.

Another machine's habits are no mistake: outside a task's own cells the statements after one that
fails still run, a command that cannot run says so and fails, and nothing that a cell says ends
the kernel. What observes is bound before the student's code runs (`autograder.kernels.sealed`). It
lives in the student's process, so none of it is protection, and nothing in it knows an answer.
"""

from __future__ import annotations

import ast
import contextlib
import linecache
import os
import pdb
import re
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache, wraps
from pathlib import Path
from typing import Any

from autograder.kernels.sealed import sealed
from autograder.observation.surroundings import REFUSED, is_surroundings

__all__ = ["CLASSIC", "FREE", "REPORTS", "SOLUTION", "bind", "install"]

Json = dict[str, Any]
Report = Callable[[Json], None]
Say = Callable[[str], None]

#: Where in the private folder reports are written: at once, so that none is lost in a crash.
REPORTS = Path("home", ".reports")
#: How a cell is met: every statement runs; or every one after the machine lacked something; or none
#: after one that fails, and it is reported that all have run.
FREE, SOLUTION, CLASSIC = "free", "solution", "classic"

_PROGRAMS = f"{REFUSED} start other programs"
_NOT_FOUND = 127
_MAGIC = re.compile(r"get_ipython\(\)\.run_line_magic\('(\w+)', '(.*)'\)")
_CELL_MAGIC = re.compile(r"get_ipython\(\)\.run_cell_magic\('(\w+)', '(.*?)', .*")


def install(shell: Any, boxed: bool = False) -> None:
    """Prepare a kernel that has run nothing yet.

    Parameters
    ----------
    shell : ipykernel.zmqshell.ZMQInteractiveShell
    boxed : bool
        Whether it lies in the box, where programs cannot be started.
    """
    serve, dumps = bind()
    report, say = _reporter(dumps), _speaker()
    _go_on(shell, report)
    _stay(shell, say)
    _refuse_devices()
    if boxed:
        _refuse_programs(shell, say, report)
    jit = getattr(sys.modules.get("jax"), "jit", None)

    def asked(stream: Any, ident: Any, parent: Any) -> None:
        content = parent["content"]
        serve(
            shell.user_ns, content["task"], content["calls"], content["seconds"], report, jit,
            content["hidden"],
        )  # fmt: skip

    shell.kernel.shell_handlers["observe_request"] = asked


@cache
def bind() -> tuple[Callable[..., None], Callable[[Json], str]]:
    """What observes and what writes it down; once, where nothing of a student's has run."""
    return sealed("autograder.observation.serving").serve, sealed("json").dumps


def _reporter(dumps: Callable[[Json], str]) -> Report:
    """Writes a line of JSON to the grader."""
    path = Path(os.environ["HOME"]).parent / REPORTS
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    write = os.write

    def report(data: Json) -> None:
        line = dumps(data).encode() + b"\n"
        with contextlib.suppress(OSError):
            while line:
                line = line[write(descriptor, line) :]

    return report


def _speaker() -> Say:
    """Writes a line to the cell's stderr."""
    stream = sys.stderr

    def say(text: str) -> None:
        with contextlib.suppress(Exception):
            stream.write(f"{text}\n")

    return say


# --- a statement that fails -----------------------------------------------------------------


def _go_on(shell: Any, report: Report) -> None:
    """Run the statements of a cell one by one, also those after one that fails."""
    run_ast_nodes = shell.run_ast_nodes

    async def one_by_one(
        nodelist: list[ast.stmt],
        cell_name: str,
        interactivity: str = "last_expr",
        compiler: Any = compile,
        result: Any = None,
    ) -> bool:
        how = shell.kernel.get_parent("shell").get("metadata", {}).get("autograder")
        if how not in (FREE, SOLUTION):
            stopped = await run_ast_nodes(nodelist, cell_name, interactivity, compiler, result)
            if how == CLASSIC:
                report({"whole": not stopped})
            return bool(stopped)
        failed = False
        statements = list(_single(nodelist))
        for position, node in enumerate(statements, start=1):
            shown = position == len(statements) or interactivity == "all"
            mode = interactivity if shown else "none"
            if not await run_ast_nodes([node], cell_name, mode, compiler, result):
                continue
            failed = True
            error = result.error_in_exec or result.error_before_exec
            kind, message = type(error).__name__, _text(error)
            if how == SOLUTION and not is_surroundings(kind, message):
                return True
            report({"stumble": _described(node, cell_name, error, f"{kind}: {message}")})
            if isinstance(error, KeyboardInterrupt):
                return True
            how = FREE
        return failed

    shell.run_ast_nodes = one_by_one
    shell.register_magic_function(_timed(shell), "cell", "time")


def _single(nodes: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements; ``import a, b`` as two."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (ast.copy_location(ast.Import([name]), node) for name in node.names)
        else:
            yield node


def _timed(shell: Any) -> Callable[[str, str], None]:
    """``%%time`` by which the statements of the cell remain statements."""

    def timed(line: str, cell: str) -> None:
        started, cpu = time.perf_counter(), time.process_time()
        shell.run_cell(cell)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - started
        print(f"CPU times: total: {cpu:.3g} s\nWall time: {wall:.3g} s")

    return timed


def _described(node: ast.stmt, cell_name: str, error: BaseException, said: str) -> Json:
    """The first line of a statement, what it said, and whether it failed here or further down."""
    lines = linecache.getlines(cell_name)
    line = lines[node.lineno - 1].strip() if node.lineno <= len(lines) else ""
    here, trace = True, error.__traceback__
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if "ipykernel_" in filename or filename.startswith("<ipython-input"):
            here = filename == cell_name
        trace = trace.tb_next
    line = _CELL_MAGIC.sub(r"%%\1 \2", _MAGIC.sub(r"%\1 \2", line)).strip()
    return {"line": line[:200], "error": said[:200], "here": here}


def _text(error: BaseException) -> str:
    try:
        return str(error)[:200]
    except BaseException:
        return "(the message could not be read)"


# --- what would end the kernel, or leave it -------------------------------------------------


def _stay(shell: Any, say: Say) -> None:
    """`exit()`, `quit()`, a shutdown from within, a break point: words, and nothing else."""
    shell.ask_exit = lambda: say("while it is graded, a notebook goes on after exit() and quit()")
    shell.unobserve_all("exit_now")

    def nobody(*args: Any, **kwargs: Any) -> None:
        say(f"{REFUSED} wait for a person: break points are passed over")

    sys.breakpointhook = pdb.set_trace = nobody


def _refuse_devices() -> None:
    """A default device that is not there fails when it is chosen, not at the next tensor."""
    torch: Any = sys.modules.get("torch")
    choose = getattr(torch, "set_default_device", None)
    if choose is None:
        return

    @wraps(choose)
    def chosen(device: Any) -> None:
        torch.empty(0, device=device)
        choose(device)

    torch.set_default_device = chosen


def _refuse_programs(shell: Any, say: Say, report: Report) -> None:
    """Every way to run a command fails as one that is not there, and the cell goes on."""
    from IPython.utils.text import LSString, SList

    def refuse(command: Any) -> None:
        first = str(command).strip().partition("\n")[0][:80]
        say(f"{_PROGRAMS}, so this did nothing: {first}")
        shell.user_ns["_exit_code"] = _NOT_FOUND

    def getoutput(command: str, split: bool = True, depth: int = 0) -> Any:
        refuse(command)
        return SList() if split else LSString()

    def system(command: Any) -> int:
        refuse(command)
        return _NOT_FOUND << 8

    shell.system = shell.system_piped = shell.system_raw = refuse
    shell.getoutput = getoutput
    os.system = system
    for name in "pip", "conda", "mamba", "micromamba", "uv":
        shell.register_magic_function(
            lambda line, name=name: refuse(f"%{name} {line}"), "line", name
        )

    def refuse_cell(name: str, line: str) -> None:
        """What else stands in the cell has not run either, which may be why points are lost."""
        refuse(f"%%{name} {line}")
        report({"stumble": {"line": f"%%{name}", "error": _PROGRAMS, "here": True}})

    for name in "script", "bash", "sh", "cmd", "perl", "ruby", "python", "python3", "pypy":
        shell.register_magic_function(
            lambda line, cell, name=name: refuse_cell(name, line), "cell", name
        )
