"""A forked process becomes a Jupyter kernel, in its box.

Everything between the fork and the first cell: what a fork must not share with
its neighbours, the sandbox, and ipykernel (`autograder.kernels.lean`), connected.
It knows nothing of who ordered the kernel.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import random
import signal
import sys
import tempfile
import traceback
from collections.abc import Sequence
from multiprocessing.synchronize import SemLock
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch

from autograder.kernels.gate import hand_over
from autograder.kernels.guest import install
from autograder.kernels.lean import start
from autograder.kernels.protocol import Forked, Order
from autograder.kernels.quota import enclose
from autograder.kernels.sandbox import confine
from autograder.observation.surroundings import REFUSED

__all__ = ["become_kernel"]

_PR_SET_PDEATHSIG = 1


def become_kernel(forked: Forked, ours: Sequence[str]) -> NoReturn:
    """Run a kernel until it is shut down or killed. Never returns.

    Parameters
    ----------
    forked : Forked
        Its `line` is told once that the kernel is ready, or why it is not, and
        then closed.
    ours : sequence of str
        The modules that no student is to find; looking for them among all copies much memory.
    """
    order, line, readable, parent, gate, wire = forked
    try:
        _detach(parent)
        folder, box, enclosed = Path(order.folder), order.box, False
        if box is not None and box.quota:
            enclosed = enclose(folder, ["work", "home"], box.disk_bytes, box.files)
            _end_with_the_parent()  # another user namespace may have undone it
        _settle(order)
        readable = [*readable, *_programs(order)]
        if order.box is not None:
            own = [folder / "work", folder / "home"]
            own += [Path(order.programs)] if order.fills else []
            hand_over(gate, enclosed, order.box.asks)
            confine(order.box, own, None if wire else folder / "zmq", readable)
        gate.close()
        for descriptor in readable:
            os.close(descriptor)
        app = start(wire or order.connection or {}, order.figures)
        if order.box is not None:
            _explain_refusals()
        install(app.shell, boxed=order.box is not None)
    except BaseException:
        line.send(json.dumps({"error": traceback.format_exc(limit=-3)}).encode())
        os._exit(1)
    line.send(json.dumps({"ready": True, "enclosed": enclosed}).encode())
    line.close()
    _leave_nothing_to_import(ours)
    serve = app.start
    try:
        # Whoever stops the loop is not the grader: it kills.
        while True:
            with contextlib.suppress(KeyboardInterrupt, SystemExit):
                serve()
            serve = app.io_loop.start
    except OSError:  # the code has closed its files
        os.abort()
    finally:
        # Nothing is worth tidying up: the folder and the process go as a whole.
        os._exit(0)


def _leave_nothing_to_import(ours: Sequence[str]) -> None:
    """What observes is bound by now; under no name can it be replaced, or used."""
    for name in ours:
        sys.modules.pop(name, None)


def _detach(parent: int) -> None:
    """End with the parent; no terminal, no signals of its group, no inherited output."""
    _end_with_the_parent()
    if os.getppid() != parent:
        os._exit(1)
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _end_with_the_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _settle(order: Order) -> None:
    """A private environment and folder, and random numbers of its own."""
    os.environ.clear()
    os.environ.update(order.environment)
    tempfile.tempdir = None
    os.umask(0o077)
    os.chdir(Path(order.folder, "work"))
    sys.path.append(os.getcwd())  # last, so that nothing there replaces a library
    sys.argv = ["kernel"]
    # Always the same: a submission that draws numbers without a seed of its own
    # must get the same verdict when it is graded again.
    random.seed(0)
    np.random.seed(0)
    torch.default_generator.manual_seed(0)  # torch.manual_seed goes on to devices, 8 ms
    # From which NumPy seeds a generator that is given none.
    np.random.bit_generator.randbits = random.Random(0).getrandbits  # type: ignore[attr-defined]
    _seed_always()
    gc.enable()


def _seed_always() -> None:
    """Python's own generators too: one that is given no seed asks the system for one."""
    entropy, seed = random.Random(0).getrandbits, random.Random.seed

    def seeded(self: Any, a: Any = None, version: int = 2) -> None:
        seed(self, entropy(64) if a is None else a, version)

    random.Random.seed = seeded  # type: ignore[method-assign]
    random.seed = random._inst.seed


def _programs(order: Order) -> list[int]:
    """Have JAX look for what is compiled already; a descriptor of the folder in which it lies."""
    jax = sys.modules.get("jax")
    if not order.programs or jax is None:
        return []
    jax.config.update("jax_compilation_cache_dir", order.programs)
    # What takes no shorter than that is written down.
    shortest = 0.0 if order.fills else 1e9
    jax.config.update("jax_persistent_cache_min_compile_time_secs", shortest)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    jax.config.update("jax_persistent_cache_enable_xla_caches", "none")
    return [os.open(order.programs, os.O_PATH | os.O_CLOEXEC)]


_REASONS = {
    "subprocess.Popen": "start other programs",
    "os.system": "start other programs",
    "os.posix_spawn": "start other programs",
    "os.exec": "start other programs",
    "os.fork": "start other processes (DataLoader workers, multiprocessing)",
    "os.forkpty": "start other processes",
    "socket.connect": "use the network",
    "socket.getaddrinfo": "use the network",
}


def _explain_refusals() -> None:
    """Say in words what the sandbox would refuse with a number. No protection by itself."""

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event in _REASONS:
            raise PermissionError(f"{REFUSED} {_REASONS[event]}")

    sys.addaudithook(hook)
    # A pool asks for locks before it forks: each is a file, and no event tells of it.
    made = SemLock.__init__

    def explained(self: SemLock, *args: Any, **named: Any) -> None:
        try:
            made(self, *args, **named)
        except PermissionError:
            raise PermissionError(f"{REFUSED} {_REASONS['os.fork']}") from None

    SemLock.__init__ = explained  # type: ignore[method-assign]
