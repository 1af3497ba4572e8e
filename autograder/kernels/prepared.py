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

import zmq

__all__ = ["prepare"]


def prepare() -> None:
    """Draw, colour an error and read a cell once; spare what is repeated."""
    _spare_annotating()
    _draw()
    _share_contexts()
    _spare_hashing()
    _spare_searching()
    with contextlib.suppress(Exception):
        _show_an_error()


def _draw() -> None:
    """Find the fonts."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.add_subplot(title="x")
    axes.plot([1, 2], label="x")
    axes.legend()
    FigureCanvasAgg(figure).print_png(io.BytesIO())


def _spare_annotating() -> None:
    """Who sets a socket's option asks its classes for annotations; those without are given some.

    One of them is `typing.Generic`. Python then forgets what it found in that class and in all its
    subclasses, and finding it again copied 100 pages of each kernel's memory.
    """
    for cls in zmq.Socket.mro():
        getattr(cls, "__annotations__", None)


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


def _show_an_error() -> None:
    """Modules by their files, grammars of lexers and styles are looked up at the first one."""
    from IPython.core.inputtransformer2 import TransformerManager
    from IPython.core.ultratb import FormattedTB

    TransformerManager().transform_cell("%magic\nx = f(1)?\n")
    try:
        raise ValueError("x")
    except ValueError:
        FormattedTB(mode="Context").text(*sys.exc_info())
