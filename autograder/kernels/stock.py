"""A stock kernel, for platforms on which none can be forked: slow to start, and not protected.

It knows nothing of notebooks; `autograder.kernels.warm` is the one for Linux.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from jupyter_client.manager import KernelManager

from autograder.kernels.folders import remove
from autograder.kernels.talk import Talk

__all__ = ["stock_kernel"]


@contextlib.contextmanager
def stock_kernel(start_seconds: float) -> Iterator[tuple[_StockProcess, Talk]]:
    """A stock kernel, ready to run code, in a private folder; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="grade-"))
    manager = KernelManager(
        transport="ipc", ip=str(folder / "ipc"), connection_file=str(folder / "kernel.json")
    )
    try:
        _start(manager, folder)
        process = _StockProcess(manager, folder)
        info = manager.get_connection_info()
        connection = {**info, "key": info["key"].decode()}
        talk = Talk.connected(connection, start_seconds, process.is_alive)
        try:
            yield process, talk
        finally:
            talk.close()
    finally:
        with contextlib.suppress(Exception):
            if manager.has_kernel:
                manager.shutdown_kernel(now=True)
        remove(folder)


class _StockProcess:
    """The process of a stock kernel; see `autograder.kernels.kernel.Process`."""

    pid = 0  # nobody says
    enclosed = is_halted = False

    def __init__(self, manager: KernelManager, place: Path) -> None:
        self._manager, self.place = manager, place

    def is_alive(self) -> bool:
        return bool(self._manager.is_alive())

    def why_it_died(self) -> str:
        return ""

    def was_killed(self) -> bool:
        return False  # nobody says

    def interrupt(self) -> None:
        self._manager.interrupt_kernel()

    def kill(self) -> None:
        self._manager.shutdown_kernel(now=True)


def _start(manager: KernelManager, folder: Path) -> None:
    work = folder / "work"
    work.mkdir()
    # Another installation's kernelspec must not decide which Python grades.
    assert manager.kernel_spec is not None
    manager.kernel_spec.argv = [
        sys.executable,
        "-m",
        "ipykernel_launcher",
        "-f",
        "{connection_file}",
        "--HistoryManager.enabled=False",
    ]
    with open(os.devnull, "w") as nowhere:
        manager.start_kernel(
            cwd=str(work), env=_environment(folder), stdout=nowhere, stderr=nowhere
        )


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the grader's environment but what starting Python needs."""
    kept = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "SYSTEMROOT")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    home = str(folder / "home")
    os.makedirs(home, exist_ok=True)
    return environment | {
        "HOME": home,
        "TMPDIR": home,
        "IPYTHONDIR": home,
        "JUPYTER_RUNTIME_DIR": home,
        "MPLCONFIGDIR": home,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        # `torch.compile` takes minutes: it hands back the function as it is.
        "TORCHDYNAMO_DISABLE": "1",
        # One thread a kernel: several are graded at once.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
