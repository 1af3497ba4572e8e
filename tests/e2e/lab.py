"""A JupyterLab server of a test's own: one person's home, working folder and configuration.

Two people on one machine are two servers with homes of their own. A server listens on a free port
of the loopback, for whoever has its token, and is gone at the end with everything it started. Knows
Jupyter; neither nbgrader nor the course.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

#: Seconds until a server must answer, and until it must have ended.
START, END = 120.0, 15.0
#: No popup with news, no look for updates.
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
}


@dataclass(frozen=True)
class Lab:
    """A running server.

    Attributes
    ----------
    folder : Path
        Where it works; what its file browser shows.
    home : Path
        The person's HOME, with Jupyter's configuration in ``.jupyter``.
    address : str
        Without a slash at the end.
    token : str
    log : Path
        What the server said.
    """

    folder: Path
    home: Path
    address: str
    token: str
    log: Path

    def url(self, path: str = "/lab") -> str:
        """The address of a page, with the token, which is needed once for each browser context."""
        return f"{self.address}{path}{'&' if '?' in path else '?'}token={self.token}"

    def notebook(self, path: str) -> str:
        """The address of a notebook, opened alone in a workspace of its own."""
        return self.url(f"/lab/workspaces/test-{secrets.token_hex(4)}/tree/{path}?reset")


@contextmanager
def running_lab(
    folder: Path, home: Path, configs: dict[str, str] | None = None, **environment: str
) -> Iterator[Lab]:
    """Start JupyterLab in `folder`; stop it, and its kernels, at the end.

    Parameters
    ----------
    folder : Path
        The working folder, made if it isn't there. An ``nbgrader_config.py`` in it is read.
    home : Path
        The person's HOME, made if it isn't there.
    configs : dict, optional
        Configuration files by name, like ``{"nbgrader_config.py": "c = get_config() ..."}``.
    **environment : str
        More variables of the environment.
    """
    settings = home / ".jupyter" / "labconfig" / "default_setting_overrides.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps(SETTINGS))
    for name, text in (configs or {}).items():
        (home / ".jupyter" / name).write_text(text)
    folder.mkdir(parents=True, exist_ok=True)
    token, log = secrets.token_hex(16), home / "lab.log"
    with log.open("ab") as said:
        server = _start(folder, home, token, environment, said)
        try:
            yield Lab(folder, home, _wait(server, home, token, log), token, log)
        finally:
            _stop(server)


def _start(
    folder: Path, home: Path, token: str, environment: dict[str, str], said: IO[bytes]
) -> subprocess.Popen[bytes]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "IPYTHON", "XDG"))}
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={_free_port()}",
            f"--ServerApp.root_dir={folder}",
            f"--IdentityProvider.token={token}",
        ],
        cwd=folder,
        env={
            **kept,
            "HOME": str(home),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            **environment,
        },
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _free_port() -> int:
    """A port that is free now; if it is taken in between, Jupyter goes on to another."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(server: subprocess.Popen[bytes], home: Path, token: str, log: Path) -> str:
    """The server's address, as soon as it answers."""
    deadline = time.monotonic() + START
    while time.monotonic() < deadline and server.poll() is None:
        # Jupyter writes down where it listens in the end.
        for path in home.glob(f".local/share/jupyter/runtime/jpserver-{server.pid}.json"):
            with suppress(OSError, ValueError):
                about: dict[str, Any] = json.loads(path.read_text())
                address = f"http://127.0.0.1:{about['port']}"
                urllib.request.urlopen(f"{address}/api/status?token={token}", timeout=5).close()
                return address
        time.sleep(0.1)
    said = log.read_text(errors="replace")[-3000:]
    what = "ended" if server.poll() is not None else f"didn't answer within {START:g} s"
    raise RuntimeError(f"JupyterLab in {server.args!r} {what}; its log ends:\n{said}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End the server, its kernels first; whatever is left of its group is killed."""
    server.terminate()
    with suppress(subprocess.TimeoutExpired):
        server.wait(END)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
