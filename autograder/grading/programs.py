"""What every kernel of a week would compile anew, compiled once, by code that is trusted.

JAX compiles each operation for each shape, and those of one notebook are those of the next. Where
several notebooks of a week are run, the instructor's own is run first, with the questions, and what
was compiled there lies in a folder that the kernels of students may read and nobody may write to.
Of its programs only single operations are kept: none that holds a step of a solution. It knows
weeks and kernels; no submissions and no verdicts.
"""

from __future__ import annotations

import ast
import contextlib
import secrets
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat

from autograder.errors import GraderFault
from autograder.grading.course import Week
from autograder.grading.inside import for_a_kernel
from autograder.kernels.driver import Calls, execute
from autograder.kernels.limits import Limits
from autograder.kernels.orders import announce, available
from autograder.observation.formulas import parse
from autograder.submissions.cells import without_region

__all__ = ["compiled", "single_operations"]

#: Packages that compile what they run.
_COMPILE = {"jax"}
#: Filling the folder takes as long as a notebook without it, and saves the most of one: it pays
#: when a third is run.
_FIRST = 3
#: Operations of JAX that hold no others, by the names of their programs; a loop or a function under
#: `jit` is none.
_OPERATIONS = """
    abs add argmax argmin asarray atleast_1d broadcast_in_dim broadcast_to clip concatenate
    convert_element_type copy cos cosh cumsum diagonal div divide dot dot_general dynamic_slice
    dynamic_update_slice equal exp expand_dims expm1 eye full gather ge greater gt hstack
    integer_pow iota isfinite isnan le less linspace log log1p logistic lt matmul max maximum mean
    min minimum mul multiply ne neg negative norm not_equal ones outer pad pow power ravel
    reciprocal reduce_max reduce_min reduce_prod reduce_sum repeat reshape rev round rsqrt scatter
    select_n sign sin sinh slice split sqrt square squeeze stack sub subtract sum tan tanh tile
    transpose tril triu true_divide vstack where zeros
"""


@dataclass
class _Shared:
    """What there is for a week in this process."""

    runs: int = 0
    folder: str = ""


_shared: dict[tuple[str, ...], _Shared] = {}
_lock = threading.Lock()


def compiled(week: Week, calls: Calls, limits: Limits) -> str:
    """The folder of programs for a notebook of this week that is about to be run.

    Parameters
    ----------
    week : Week
        The part with this notebook.
    calls : dict of str to list
        The questions, as `execute` takes them.
    limits : Limits

    Returns
    -------
    str
        ``""`` where there is none: too few notebooks have been run, or it would be of no use.
    """
    if not _COMPILE.intersection(week.requires) or not available():
        return ""
    with _lock:
        shared = _shared.setdefault((week.name, week.notebook, week.fingerprint), _Shared())
        shared.runs += 1
        first = shared.runs == _FIRST
    if first:
        with contextlib.suppress(GraderFault, OSError):
            shared.folder = _filled(week, calls, limits)
    return shared.folder


def _filled(week: Week, calls: Calls, limits: Limits) -> str:
    """Run the instructor's notebook, and keep what it compiled; goes with this process."""
    notebook: Any = nbformat.read(week.source, as_version=4)
    for cell in notebook.cells:
        cell.source = without_region(cell.source, "HIDDEN TESTS")
    folder = Path(tempfile.gettempdir(), f"programs-{secrets.token_hex(4)}")
    announce(folder, tuple(week.requires))
    folder.mkdir(0o700)
    limits = replace(
        limits, packages=week.requires, files=week.files, programs=str(folder), fills=True
    )
    execute(for_a_kernel(notebook, week), calls, limits)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    kept = set(single_operations((path.name for path in folder.iterdir()), code))
    for path in list(folder.iterdir()):
        if path.name not in kept:
            path.unlink()
    return str(folder)


def single_operations(files: Iterator[str], code: str) -> Iterator[str]:
    """Of files with compiled programs, those that hold one operation of JAX and nothing else.

    Parameters
    ----------
    files : iterator of str
        Named as JAX names them: ``jit_NAME-KEY-cache``.
    code : str
        What was run. A function that it defines or imports may have any name under ``jit``.
    """
    operations = set(_OPERATIONS.split()) - _named(code)
    for file in files:
        if file.startswith("jit_") and file.partition("-")[0].removeprefix("jit_") in operations:
            yield file


def _named(code: str) -> set[str]:
    """Names of functions, and whatever else is bound, in a notebook's code."""
    try:
        tree = parse(code)
    except SyntaxError:  # a magic: nothing is known
        return set(_OPERATIONS.split())
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.alias)):
            names.add((getattr(node, "asname", "") or node.name).partition(".")[0])
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names
