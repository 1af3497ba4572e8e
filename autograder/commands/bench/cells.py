"""The cells of notebooks alone, in one warm process: the least that any grader has to pay.

Run as ``python -m autograder.commands.bench.cells FILES``, it prints what they took. It knows no
hidden test, no kernel and no gradebook.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from types import CodeType
from typing import Any

import nbformat

from autograder.commands.bench.results import Cost

__all__ = ["run_cells"]


def run_cells(files: Sequence[str]) -> Cost:
    """Run the code cells of notebooks in this process, warm, one after the other.

    Figures are drawn as in a kernel, by the inline backend.
    """
    import matplotlib.pyplot  # noqa: F401 - imported before the clock starts
    import torch  # noqa: F401
    from IPython.core.interactiveshell import InteractiveShell
    from matplotlib_inline.backend_inline import flush_figures

    shell: Any = InteractiveShell.instance()
    shell.enable_gui = lambda gui=None: None  # needs no event loop
    shell.enable_matplotlib("inline")
    codes = [
        [
            compile(cell.source, f"cell {number}", "exec")
            for number, cell in enumerate(nbformat.read(file, as_version=4).cells)
            if cell.cell_type == "code"
        ]
        for file in files
    ]
    _run(codes[0], flush_figures)  # fonts, and what is imported at first use
    gc.collect()
    gc.freeze()  # as in our own kernels: closing a figure collects garbage
    started, cpu = time.monotonic(), time.process_time()
    for code in codes:
        _run(code, flush_figures)
    seconds, cpu = time.monotonic() - started, time.process_time() - cpu
    return Cost(len(files), seconds, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def _run(cells: Sequence[CodeType], flush_figures: Callable[[], Any]) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in cells:
        with contextlib.redirect_stdout(io.StringIO()):
            with contextlib.suppress(Exception):
                exec(cell, names)
            flush_figures()


if __name__ == "__main__":
    print(json.dumps(asdict(run_cells(sys.argv[1:]))))
