"""`--scheduler`: the same grades from other machines, or one sentence that says why not.

A real scheduler and real workers on loopback, each a process of its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Submit, another, filled
from test_resume import HOSTILE, results, same

from autograder.commands.cli import main
from autograder.commands.grade import grade_week
from autograder.errors import ClusterError, GraderFault
from autograder.grading.course import Course
from autograder.kernels.driver import Executed, Limits

dask = pytest.importorskip("dask", reason="needs the extra: pip install -e '.[distributed]'")
pytest.importorskip("distributed", reason="needs the extra: pip install -e '.[distributed]'")

from autograder.kernels.distributed import Cluster, cluster  # noqa: E402

# Together, as its fixture takes a while.
pytestmark = [pytest.mark.kernel, pytest.mark.xdist_group("distributed")]

WEEK = "week2_descent"
Start = Callable[..., subprocess.Popen[bytes]]

REFUSED = r"the worker tcp.* has autograder 9\.9 .* instead of"
#: Workers that are not as they should be; run before `dask worker`.
OTHER_VERSION = "import autograder._version\nautograder._version.__version__ = '9.9'\n"
WITHOUT_KERNELS = """
from autograder.kernels import driver
from autograder.errors import GraderFault
def execute(*_):
    raise GraderFault("no kernel could be started")
driver.execute = execute
"""


class Machines:
    """A scheduler, and workers that can be started and killed."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self._options = options
        self._file = folder / "scheduler.json"
        self._processes: list[subprocess.Popen[bytes]] = []
        host = ["--host", "127.0.0.1", "--port", "0"]
        self.scheduler = self._start("scheduler", *host, "--scheduler-file", str(self._file))
        try:
            _until(lambda: bool(self._said()), self.scheduler)
        except BaseException:
            self.close()
            raise
        self.address = str(self._said()["address"])

    def _said(self) -> dict[str, str]:
        """What the scheduler writes of itself; nothing while it still writes."""
        try:
            said: dict[str, str] = json.loads(self._file.read_text())
        except (OSError, ValueError):
            return {}
        return said

    def worker(self, changed: str = "") -> subprocess.Popen[bytes]:
        """Start a worker with one thread; `changed` is Python to run in it first."""
        there = self.folder / f"worker {len(self._processes)}"
        there.mkdir()
        return self._start(
            "worker", "--scheduler-file", str(self._file), "--nthreads", "1", "--no-nanny",
            "--host", "127.0.0.1", "--local-directory", str(there), changed=changed,
        )  # fmt: skip

    def _start(self, role: str, *options: str, changed: str = "") -> subprocess.Popen[bytes]:
        code = f"{changed}\nfrom distributed.cli.dask_{role} import main\nmain()"
        with open(self.folder / f"{role} {len(self._processes)}.log", "w") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", code, *options, *self._options, "--no-dashboard"],
                cwd=self.folder,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=log,
            )
        self._processes.append(process)
        return process

    def ready(self, count: int, **security: Any) -> None:
        """Wait for that many workers."""
        from distributed import Client

        with Client(self.address, set_as_default=False, **security) as client:
            client.wait_for_workers(count, timeout=60)

    def close(self) -> None:
        """Kill them all."""
        for process in self._processes:
            process.kill()
            process.wait()


def _until(true: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 60
    while not true():
        assert process.poll() is None
        assert time.monotonic() < ends
        time.sleep(0.05)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    """A scheduler."""
    with contextlib.closing(Machines(tmp_path)) as started:
        yield started


@pytest.fixture(autouse=True)
def impatient() -> Iterator[None]:
    """Do not wait half a minute for a scheduler that is not there."""
    with dask.config.set({"distributed.comm.timeouts.connect": "3s"}):
        yield


@pytest.fixture(scope="module")
def handed_in(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A class that has submitted. Not to be changed."""
    course = another(released, tmp_path_factory.mktemp("handed-in"))
    for number in range(8):
        changed = {"basin": f"def basin(x0):\n    return 'left'  # {number}"} if number % 2 else {}
        if number % 4 == 0:
            changed = {"gradient_descent": f"{HOSTILE[number // 4]}\n# {number}"}
        folder = course.root / "submitted" / f"student-{number}" / WEEK
        folder.mkdir(parents=True)
        (folder / "descent.ipynb").write_text(filled(course, WEEK, changed), "utf-8")
    return course


@pytest.fixture(scope="module")
def local(handed_in: Course, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is left where it is graded on this machine."""
    course = another(handed_in, tmp_path_factory.mktemp("local"))
    grade_week(course.root, WEEK, jobs=2)
    return results(course)


@pytest.fixture
def submitted(handed_in: Course, tmp_path: Path) -> Course:
    """The same, to be graded."""
    return another(handed_in, tmp_path / "course")


def test_a_worker_is_killed(submitted: Course, local: dict[str, Any], machines: Machines) -> None:
    """Its work is done by the other, and the grades are those of a local run."""
    victim = machines.worker()
    machines.ready(1)
    with cluster(machines.address) as one:
        (address,) = one._client.nthreads()
    machines.worker()
    machines.ready(2)
    done = []
    with cluster(machines.address) as execute:
        assert execute.threads == 2
        assert execute.missing_protection() == []

        def killing(notebook: str, calls: dict[str, Any], limits: Limits) -> Executed:
            executed = execute(notebook, calls, limits)
            done.append(1)
            if len(done) == 3:
                _until(lambda: bool(execute._client.processing()[address]), victim)
                victim.kill()
            return executed

        summary = grade_week(submitted.root, WEEK, jobs=3, execute=killing)
        assert execute.threads == 1
    assert not summary.ungraded
    assert len(summary.rows) == 8
    same(results(submitted), local)


def test_the_scheduler_is_killed(
    submitted: Course, local: dict[str, Any], machines: Machines
) -> None:
    """The run stops with a sentence; what was graded is kept, and the next run goes on."""
    machines.worker()
    machines.ready(1)
    done = []
    with cluster(machines.address) as execute:

        def killing(notebook: str, calls: dict[str, Any], limits: Limits) -> Executed:
            executed = execute(notebook, calls, limits)
            done.append(1)
            if len(done) == 3:
                machines.scheduler.kill()
            return executed

        with pytest.raises(ClusterError, match=r"was lost .* What was graded is kept"):
            grade_week(submitted.root, WEEK, jobs=2, execute=killing)
    kept = len(results(submitted)["records"])
    assert 2 <= kept <= 4
    summary = grade_week(submitted.root, WEEK, jobs=2)
    assert summary.unchanged == kept
    same(results(submitted), local)


def test_other_versions_are_refused(machines: Machines, course: Course) -> None:
    """Before anything is graded; and a worker that comes later is found out as well."""
    machines.worker()
    machines.ready(1)
    with cluster(machines.address) as execute:
        good = machines._processes[-1]
        machines.worker(OTHER_VERSION)
        machines.ready(2)
        good.kill()
        with pytest.raises(ClusterError, match=REFUSED):
            execute(filled(course, WEEK, {}), {}, Limits())
    with (
        pytest.raises(ClusterError, match=REFUSED),
        cluster(machines.address),
    ):
        pass


def test_a_worker_without_kernels_is_passed_over(machines: Machines, course: Course) -> None:
    """Its faults are nobody's loss while another worker is sound, and named when none is."""
    machines.worker(WITHOUT_KERNELS)
    machines.ready(1)
    notebooks = [filled(course, WEEK, {"basin": f"# {number}"}) for number in range(3)]
    with cluster(machines.address) as execute:
        with pytest.raises(GraderFault, match=r"no kernel could be started \(worker tcp://"):
            execute(notebooks[0], {}, Limits())
        machines.worker()
        machines.ready(2)
        for notebook in notebooks:
            assert execute(notebook, {}, Limits()).died == ""


def test_no_workers(machines: Machines) -> None:
    """Said at the start; and a run does not wait forever when all have gone."""
    with cluster(machines.address, patience=1.0) as execute:
        with pytest.raises(ClusterError, match=r"no workers; start some \(dask worker tcp://"):
            _ = execute.threads
        with pytest.raises(ClusterError, match="has had no worker for 1 s; start some"):
            execute("{}", {}, Limits())


def test_no_scheduler(
    course: Course,
    submit: Submit,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One sentence from the command line, and nothing is recorded."""
    submit("ada", WEEK)
    monkeypatch.chdir(course.root)
    assert main(["grade", WEEK, "--scheduler", "tcp://127.0.0.1:1"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("autograder: no Dask scheduler can be reached at tcp://127.0.0.1:1 (")
    assert main(["grade", WEEK, "--scheduler", "nonsense://x"]) == 1
    assert "autograder: no Dask scheduler can be reached at nonsense://x" in capsys.readouterr().err
    assert not (course.root / "records" / WEEK).exists()


def test_tls(course: Course, tmp_path: Path) -> None:
    """With certificates as Dask documents them; without one, nobody gets in."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl, to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=grader", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    options = ["--protocol", "tls", "--tls-ca-file", certificate, "--tls-cert", certificate]
    options += ["--tls-key", key]
    configured = {
        "distributed.comm.tls.ca-file": str(certificate),
        "distributed.comm.tls.client.cert": str(certificate),
        "distributed.comm.tls.client.key": str(key),
    }
    with contextlib.closing(Machines(tmp_path, *map(str, options))) as machines:
        assert machines.address.startswith("tls://")
        machines.worker()
        with dask.config.set(configured):
            machines.ready(1)
            with cluster(machines.address) as execute:
                assert isinstance(execute, Cluster)
                assert execute(filled(course, WEEK, {}), {}, Limits()).died == ""
        with pytest.raises(ClusterError, match="can be reached"), cluster(machines.address):
            pass
        plain = machines.address.replace("tls://", "tcp://")
        with pytest.raises(ClusterError, match="can be reached"), cluster(plain):
            pass
