"""What kernels have imported before anything of a notebook runs, and for which notebooks.

Most of it is in the warm process that they are forked from (`autograder.kernels.zygote`). What few
notebooks use and takes a second to import is in none until several have used it. Imports nothing.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence

__all__ = ["forked_with", "modules", "slow_imports"]

#: What a kernel would otherwise import after the fork, each time: while it starts,
#: at the first error, the first picture. Found by comparing
#: `sys.modules`; a name that another version does not have is no loss.
_USUAL = """
    IPython.core.completerlib IPython.core.debugger IPython.core.magics.ast_mod
    IPython.core.magics.execution IPython.core.oinspect IPython.extensions.storemagic
    ipykernel.debugger ipykernel.zmqshell pdb faulthandler tornado.platform.asyncio tornado.queues
    pygments.formatters.terminal256 pygments.styles.default stack_data
    matplotlib.animation matplotlib.backends.backend_agg matplotlib.pyplot
    matplotlib_inline.backend_inline mpl_toolkits.mplot3d contourpy
    PIL.BmpImagePlugin PIL.GifImagePlugin PIL.JpegImagePlugin PIL.PpmImagePlugin PIL.PngImagePlugin
    numpy.random numpy.testing torch._subclasses.schema_check_mode torch.func
    torch.profiler._cupti_monitor multiprocessing.synchronize tqdm.auto IPython.core.logger
    autograder.observation.serving
"""
#: The same for packages that only some weeks use, ordered by name. Imported, never used:
#: JAX's threads start with its first operation (docs/decisions/0006-jax-kernels.md).
_ON_DEMAND = {
    "jax": """
    jax jax.numpy jaxlib.mlir.dialects.builtin jaxlib.mlir.dialects.mhlo
"""
}
#: What torch imports when something of this is used for the first time.
_SLOW = {
    "torch._dynamo": re.compile(
        r"\b(optim|functorch|checkpoint|torch ?\. ?(func|compile)|import [^\n]{0,80}\bfunc)\b"
    )
}
#: As long as any honest notebook's code.
_READ = 1_000_000
#: A warm process that has imported it pays from so many notebooks on.
_WORTH = 3


def modules(packages: Sequence[str]) -> Iterator[str]:
    """Names to import before the fork, in order, for kernels that are to have these packages."""
    for text in (_USUAL, *(_ON_DEMAND.get(package, package) for package in packages)):
        yield from text.split()


def slow_imports(code: str) -> tuple[str, ...]:
    """What this code will import when it first uses it, and should not on its own time."""
    return tuple(name for name, used in _SLOW.items() if used.search(code, 0, _READ))


_asked: Counter[str] = Counter()
_lock = threading.Lock()


def forked_with(packages: Sequence[str]) -> tuple[str, ...]:
    """Of the packages that a kernel is to have, those that its warm process has; counts them."""
    with _lock:
        _asked.update(packages)
        return tuple(p for p in packages if p not in _SLOW or _asked[p] >= _WORTH)
