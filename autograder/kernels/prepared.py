"""What libraries would do again in each kernel, or again for each cell: done once, before the fork.

Nothing here changes what a notebook puts out. Each step is passed over where another version of a
library has nothing of that name. Runs in the zygote, where no student's code ever does.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import io
import sys
import zlib
from typing import Any

import numpy as np
import torch
from pygments.formatters.terminal256 import Terminal256Formatter

from autograder.observation.memory import show

__all__ = ["prepare", "rehearse"]


def prepare() -> None:
    """Draw, walk downhill and read a cell once; spare what is repeated."""
    _draw()
    _walk()
    _share_contexts()
    _spare_hashing()
    _spare_searching()
    _spare_colouring()


def rehearse(shell: Any) -> None:
    """Have a shell read a magic and show an error: tables of all that is imported are made then.

    An error of memory is shown in the room that it lets go.
    """
    shell.set_custom_exc((MemoryError,), show)
    with contextlib.suppress(Exception):
        shell.input_transformer_manager.transform_cell("%magic\nx = f(1)?\n")
        inspect.getmodule(compile("", "no file", "exec"))
        _show_an_error(shell.InteractiveTB)


def _draw() -> None:
    """Find the fonts."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.add_subplot(title="x")
    axes.plot([1, 2], label="x")
    axes.legend()
    FigureCanvasAgg(figure).print_png(io.BytesIO())


def _walk() -> None:
    """Ask for gradients: the first time that takes as long as forty times after it.

    Not where torch has devices to look for: it would start threads for them.
    """
    if any(getattr(torch.version, name, None) for name in ("cuda", "hip", "xpu")):
        return
    for kind in (torch.float32, torch.float64):
        x = torch.tensor(4.0, dtype=kind, requires_grad=True)
        (x**2 + torch.sin(x)).backward()
        assert x.grad is not None
        with torch.no_grad():
            x -= 0.1 * x.grad
        (slope,) = torch.autograd.grad(torch.exp(x) - 4 * x, x)
        walk = torch.stack([x.detach().clone(), (x - slope).detach()])
        assert np.allclose(np.asarray(walk.tolist(), dtype=float), walk.numpy())


def _share_contexts() -> None:
    """Have JAX lower all programs of a process in one context; making one takes 4 ms each time."""
    mlir: Any = sys.modules.get("jax._src.interpreters.mlir")
    if hasattr(mlir, "make_ir_context"):
        mlir.make_ir_context = functools.cache(mlir.make_ir_context)


def _spare_hashing() -> None:
    """A cell's file is named by a hash of its text, which ipykernel reckons in Python."""
    compiler: Any = sys.modules.get("ipykernel.compiler")
    if hasattr(compiler, "murmur2_x86"):
        compiler.murmur2_x86 = lambda data, seed: zlib.crc32(data.encode(errors="replace"), seed)


def _spare_searching() -> None:
    """For each line of a traceback `inspect` looks through all modules for the cell's file."""
    search = inspect.getmodule

    @functools.wraps(search)
    def getmodule(object: Any, _filename: str | None = None) -> Any:
        if inspect.isframe(object) or inspect.istraceback(object) or inspect.iscode(object):
            code = object.tb_frame if inspect.istraceback(object) else object
            code = code.f_code if inspect.isframe(code) else code
            if "ipykernel_" in code.co_filename:
                return None  # as it would find: a cell is no module's file
        return search(object, _filename)

    inspect.getmodule = getmodule


def _spare_colouring() -> None:
    """For each traceback a style is put together, and the nearest of 256 colours looked for."""
    stack_data: Any = sys.modules.get("stack_data")
    if hasattr(stack_data, "style_with_executing_node"):
        stack_data.style_with_executing_node = functools.cache(stack_data.style_with_executing_node)
    formatter: Any = Terminal256Formatter
    if not hasattr(formatter, "_setup_styles"):
        return
    setup, made = formatter._setup_styles, {}

    def set_up(self: Any) -> None:
        key = type(self), self.style, self.usebold, self.useunderline, self.useitalic
        if key not in made:
            setup(self)
            made[key] = self.style_string
        self.style_string = dict(made[key])

    formatter._setup_styles = set_up


def _show_an_error(formatter: Any) -> None:
    """Modules by their files, grammars of lexers and styles are looked up at the first one."""
    try:
        raise ValueError("x")
    except ValueError:
        formatter.structured_traceback(*sys.exc_info(), tb_offset=0)
