"""The Hub of `examples/hub` for a test, with accounts that exist as long as it runs.

`running_hub` lays everything out with the example's own command: a group, an account and folders
with names that nobody else has. A `Person` logs in with a password as one does in a browser, has a
server of their own and can run code in it. Needs root. Knows JupyterHub; nothing of the course.
"""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import requests
import websocket

START = Path(__file__).parents[2] / "examples" / "hub" / "start"
#: One for all runs; made by the first.
ENVIRONMENT = Path(os.environ.get("HUB_ENVIRONMENT", "/opt/gradient-descent-tests"))
#: Seconds until the Hub must have been installed and answer, until somebody's server must answer,
#: until code must have run.
INSTALLS, ANSWERS, RUNS = 1200.0, 120.0, 120.0


@dataclass
class Person:
    """Somebody with an account of the machine, logged in to the Hub."""

    hub: Hub
    name: str
    password: str = field(repr=False)
    token: str = field(default="", repr=False)
    _kernel: str = ""

    @property
    def home(self) -> Path:
        return Path(pwd.getpwnam(self.name).pw_dir)

    @property
    def mine(self) -> str:
        """Where the person's own server lies."""
        return f"/user/{self.name}"

    def log_in(self) -> None:
        """Log in through the form, for a token that may do what the person may do."""
        session, login = requests.Session(), f"{self.hub.address}/hub/login"
        session.get(login, timeout=ANSWERS)
        form = {"username": self.name, "password": self.password, "_xsrf": _xsrf(session)}
        answer = session.post(login, data=form, timeout=ANSWERS, allow_redirects=False)
        assert answer.status_code == 302, f"{self.name} cannot log in: {answer.text}"
        answer = session.post(
            f"{self.hub.address}/hub/api/users/{self.name}/tokens",
            headers={"X-XSRFToken": _xsrf(session)},
            json={},
            timeout=ANSWERS,
        )
        self.token = answer.json()["token"]

    def start_server(self) -> None:
        """Ask for the person's own server."""
        self.ask("POST", f"/hub/api/users/{self.name}/server")

    def has_server(self) -> bool:
        """Whether it is ready."""
        servers = self.get(f"/hub/api/users/{self.name}")["servers"]
        return bool(servers.get("", {}).get("ready"))

    def server(self) -> tuple[int, int]:
        """The number of the server's process, and the port on which it listens."""
        (process,) = (
            one.pid
            for one in psutil.process_iter(["username", "cmdline"])
            if one.info["username"] == self.name
            and any("jupyterhub-singleuser" in word for word in one.info["cmdline"])
        )
        (listening,) = (
            connection.laddr.port
            for connection in psutil.Process(process).net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
        )
        return process, listening

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        """Whatever the Hub answers; nothing is followed."""
        return requests.request(
            method,
            f"{self.hub.address}{path}",
            headers={"Authorization": f"token {self.token}"},
            timeout=RUNS,
            allow_redirects=False,
            **more,
        )

    def get(self, path: str) -> Any:
        """The JSON behind an address that the person may read."""
        answer = self.ask("GET", path)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def post(self, at: str, /, **body: Any) -> Any:
        """The JSON that comes back, of which nbgrader says that all went well."""
        answer = self.ask("POST", at, json=body)
        assert answer.ok, f"{at}: {answer.status_code} {answer.text}"
        said = answer.json()
        assert said.get("success", True), f"{at}: {json.dumps(said, indent=1)}"
        return said

    def run(self, code: str) -> Any:
        """What `code`, in the person's own kernel, prints as JSON in the end."""
        if not self._kernel:
            self._kernel = self.post(f"{self.mine}/api/kernels", name="python3")["id"]
        at = f"{self.hub.address}{self.mine}/api/kernels/{self._kernel}/channels"
        number, printed = uuid.uuid4().hex, ""
        request = {
            "channel": "shell",
            "header": {"msg_id": number, "msg_type": "execute_request", "session": number},
            "parent_header": {},
            "metadata": {},
            "content": {"code": code, "silent": False},
        }
        with closing(
            websocket.create_connection(
                at.replace("http", "ws", 1),
                header=[f"Authorization: token {self.token}"],
                timeout=RUNS,
            )
        ) as channels:
            channels.send(json.dumps(request))
            while True:
                said = json.loads(channels.recv())
                if said["parent_header"].get("msg_id") != number:
                    continue
                if said["msg_type"] == "error":
                    raise AssertionError("\n".join(said["content"]["traceback"]))
                if said["msg_type"] == "stream" and said["content"]["name"] == "stdout":
                    printed += said["content"]["text"]
                if said["msg_type"] == "status" and said["content"]["execution_state"] == "idle":
                    return json.loads(printed.splitlines()[-1])


@dataclass
class Hub:
    """A running Hub.

    Attributes
    ----------
    name : str
        Of the account to which the course belongs; how the groups' names begin.
    data : Path
        With `course`, `exchange` and the Hub's own files.
    address : str
        Without a slash at the end.
    ports : dict
        On which the Hub and its proxy speak with each other.
    process : int
    people : dict
        By the names under which they were asked for; each student with a running server.
    """

    name: str
    data: Path
    address: str
    ports: dict[str, int]
    process: int = 0
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def log(self) -> str:
        """What the Hub and all servers said."""
        return (self.data / "log").read_text(errors="replace")


@contextmanager
def running_hub(students: list[str], instructors: list[str]) -> Iterator[Hub]:
    """Lay out a Hub with these people, run it, and leave nothing of it behind but `ENVIRONMENT`."""
    name = f"gd-{secrets.token_hex(3)}"
    # Not in pytest's folder, which only root may enter.
    data = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    port, hub_port, api_port = (_free_port() for _ in range(3))
    hub = Hub(name, data, f"http://127.0.0.1:{port}", {"hub": hub_port, "proxy": api_port})
    try:
        with (data / "log").open("wb") as log:
            process = subprocess.Popen(
                [
                    *(START, "--name", name, "--data", data, "--environment", ENVIRONMENT),
                    f"--port={port}",
                    f"--JupyterHub.hub_port={hub_port}",
                    f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{api_port}",
                    # Not to wait for minutes until a change of groups is noticed.
                    "--Authenticator.auth_refresh_age=1",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            try:
                hub.process = process.pid
                _wait(lambda: _answers(hub, process), INSTALLS)
                for group, nicknames in ("students", students), ("instructors", instructors):
                    for nickname in nicknames:
                        person = _account(hub, f"{name}-{nickname}", f"{name}-{group}")
                        hub.people[nickname] = person
                        person.log_in()
                for nickname in students:
                    hub.people[nickname].start_server()
                for nickname in students:
                    _wait(hub.people[nickname].has_server, ANSWERS)
                yield hub
            finally:
                _end(process)
    finally:
        for person in hub.people.values():
            _forget(person.name)
        _forget(name)
        for group in "students", "instructors":
            subprocess.run(["groupdel", f"{name}-{group}"], check=False)
        shutil.rmtree(data, ignore_errors=True)


def _account(hub: Hub, name: str, group: str) -> Person:
    """A new account of the machine, as the example's README says to make one."""
    password = secrets.token_urlsafe()
    subprocess.run(["useradd", "--create-home", "--groups", group, name], check=True)
    subprocess.run(["chpasswd"], input=f"{name}:{password}", text=True, check=True)
    return Person(hub, name, password)


def _forget(name: str) -> None:
    """Remove an account with its home, and end what still runs under it."""
    try:
        number = pwd.getpwnam(name).pw_uid
    except KeyError:
        return
    subprocess.run(["pkill", "-KILL", "--uid", str(number)], check=False)
    subprocess.run(["userdel", "--remove", "--force", name], check=False, capture_output=True)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the Hub first, which would start again what it misses, then all that it has started."""
    with suppress(psutil.NoSuchProcess):
        family = psutil.Process(process.pid)
        for one in [family, *family.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                one.kill()
    process.wait()


def _answers(hub: Hub, process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"the Hub has ended; its log ends:\n{hub.log[-3000:]}")
    with suppress(requests.ConnectionError):
        return requests.get(f"{hub.address}/hub/api/", timeout=ANSWERS).ok
    return False


def _wait(happens: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, f"{happens} not within {seconds:g} s"
        time.sleep(0.2)


def _xsrf(session: requests.Session) -> str:
    return str(session.cookies.get("_xsrf", path="/hub/"))


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
