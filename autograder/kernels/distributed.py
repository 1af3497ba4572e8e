"""Run notebooks on other machines: the seam `Execute` on `dask.distributed` workers.

``with cluster("tls://host:8786") as execute`` gives an `Execute` that hands the
very function of `autograder.kernels.driver` to the workers of a Dask scheduler
(`autograder.kernels.worker` is what they run); nothing runs on this machine. Plain
JSON text travels both ways, so nothing that a student wrote is ever unpickled.
It knows nothing of weeks, verdicts or gradebooks.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import time
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from autograder.errors import ClusterError, GraderFault
from autograder.kernels.driver import Executed
from autograder.kernels.limits import Limits
from autograder.kernels.worker import about, versions, work

if TYPE_CHECKING:
    from distributed import Client, Future, Security

__all__ = ["Cluster", "cluster"]

Json = dict[str, Any]
_KEPT = "What was graded is kept; the same command goes on where this one stopped."
_INSTALL = f"install there what is installed here, or grades would not be the same. {_KEPT}"
#: On how many workers a notebook is tried before a person has to look at it.
_TRIES = 3


class Cluster:
    """The workers of a scheduler, as an `Execute`; any thread may call it.

    Parameters
    ----------
    client : distributed.Client
    address : str
        The scheduler's, for messages.
    patience : float
        Seconds for which there may be no worker at all before the run is stopped.

    Raises
    ------
    ClusterError
        If the scheduler or a worker has other versions than this process.
    """

    def __init__(self, client: Client, address: str, patience: float = 300.0) -> None:
        self._client = client
        self._address = address
        self._patience = patience
        self._unfit: set[str] = set()
        self._missing: dict[str, None] = {}
        scheduler = f"the scheduler {address}"
        found: dict[str, Any] = {}
        try:
            found[scheduler] = client.run_on_scheduler(about)
        except ImportError as error:
            found[scheduler] = error
        for worker, said in client.run(about, on_error="return").items():
            found[f"the worker {worker}"] = said
        for who, said in found.items():
            if isinstance(said, Exception):
                raise ClusterError(f"{who} cannot run the grader ({_line(said)}); {_INSTALL}")
            report = json.loads(said)
            self._compare(who, report["versions"], runs_kernels=who != scheduler)
            if who != scheduler:
                self._missing |= dict.fromkeys(report["missing"])

    @property
    def threads(self) -> int:
        """How many notebooks the workers run at the same time, at this moment.

        Raises
        ------
        ClusterError
            If there are no workers.
        """
        threads = int(sum(self._client.nthreads().values()))
        if not threads:
            raise ClusterError(
                f"the scheduler {self._address} has no workers; start some (dask worker "
                f"{self._address}), or, where they come on demand, say how many with --jobs"
            )
        return threads

    def missing_protection(self) -> list[str]:
        """What the workers' platforms cannot protect against, as sentences."""
        return list(self._missing)

    def __call__(
        self, notebook: str, calls: dict[str, list[Json]], limits: Limits = Limits()
    ) -> Executed:
        """Run a notebook on some worker; see `autograder.kernels.driver.execute`.

        Raises
        ------
        GraderFault
            If no worker could run this notebook.
        ClusterError
            If the scheduler is lost, there are no workers, or one has other versions.
        """
        order = json.dumps(
            {
                "notebook": notebook,
                "calls": calls,
                "limits": limits.to_json(),
                "versions": versions(),
            },
            sort_keys=True,
        )
        fault = ""
        for _ in range(_TRIES):
            reply = self._reply(order)
            if "executed" in reply:
                return Executed.from_json(reply["executed"])
            self._compare(f"the worker {reply['where']}", reply.get("versions", versions()))
            fault = f"{reply['fault']} (worker {reply['where']})"
            if not reply["unfit"]:
                break
            # One that fails at once would soon have failed everybody's work.
            self._unfit.add(reply["where"])
        raise GraderFault(fault)

    def _reply(self, order: str) -> Json:
        """What a worker answers; of equal orders at the same time only one is carried out."""
        from distributed import CancelledError, KilledWorker

        try:
            fit = sorted(set(self._client.nthreads()) - self._unfit) if self._unfit else []
            key = hashlib.sha256(f"{order}{fit}".encode()).hexdigest()
            future = self._client.submit(work, order, key=f"execute-{key}", workers=fit or None)
            reply: Json = json.loads(self._wait(future))
        except KilledWorker as error:
            raise GraderFault(
                f"{error.allowed_failures + 1} workers ended while they had it in hand; "
                "their logs say why"
            ) from None
        except (CancelledError, OSError, RuntimeError) as error:
            raise ClusterError(
                f"the connection to the scheduler {self._address} was lost "
                f"({_line(error)}). {_KEPT}"
            ) from error
        return reply

    def _wait(self, future: Future[str]) -> str:
        """The result; but do not wait forever for workers that have all gone."""
        seen = time.monotonic()
        while True:
            try:
                return str(future.result(timeout=min(5.0, self._patience)))
            except TimeoutError:
                if self._client.nthreads():
                    seen = time.monotonic()
            if time.monotonic() - seen >= self._patience:
                raise ClusterError(
                    f"the scheduler {self._address} has had no worker for {self._patience:.0f} s; "
                    f"start some: dask worker {self._address}. {_KEPT}"
                )

    def _compare(self, who: str, theirs: dict[str, str], runs_kernels: bool = True) -> None:
        """Refuse versions that differ; a scheduler may do without what only kernels need."""
        differing = [
            f"{name} {theirs.get(name) or '(not installed)'} instead of {ours or '(none)'}"
            for name, ours in versions().items()
            if theirs.get(name) != ours and (runs_kernels or theirs.get(name))
        ]
        if differing:
            raise ClusterError(f"{who} has {', '.join(differing)}; {_INSTALL}")


@contextlib.contextmanager
def cluster(
    address: str, security: Security | None = None, patience: float = 300.0
) -> Iterator[Cluster]:
    """Use the workers of the scheduler at `address` for as long as the context lasts.

    Parameters
    ----------
    address : str
        Like ``tcp://host:8786``, or ``tls://host:8786``.
    security : distributed.Security, optional
        Certificates; by default those of Dask's own configuration (``distributed.comm.tls``).
    patience : float
        Seconds for which there may be no worker at all before the run is stopped.

    Yields
    ------
    Cluster

    Raises
    ------
    ClusterError
        If `dask.distributed` is not installed, no scheduler answers, or versions differ.
    """
    try:
        from distributed import Client
        from distributed.versions import VersionMismatchWarning
    except ImportError:
        raise ClusterError(
            "--scheduler needs dask.distributed; "
            "run: pip install 'gradient-descent-course[distributed]'"
        ) from None
    # One sentence of ours, and not Dask's log of every attempt.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            # It lists everything that differs; `_compare` names what matters.
            warnings.simplefilter("ignore", VersionMismatchWarning)
            client = Client(address, security=security, set_as_default=False)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise ClusterError(
            f"no Dask scheduler can be reached at {address} ({_line(error)}); start one (dask "
            f"scheduler) and workers (dask worker {address}), or correct the address"
        ) from error
    try:
        yield Cluster(client, address, patience)
    finally:
        with contextlib.suppress(OSError, RuntimeError):
            client.close(timeout=5)


def _line(error: BaseException) -> str:
    """An exception on one line."""
    return (str(error) or type(error).__name__).strip().splitlines()[0]
