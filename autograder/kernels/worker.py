"""What a worker of a Dask scheduler is asked: its versions, and to run one notebook.

Each worker has its own warm kernels and sandbox. The other end, on the grader's side, is
`autograder.kernels.distributed`; of schedulers and other workers nothing is known here.
"""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from autograder._version import __version__
from autograder.errors import GraderFault
from autograder.kernels import driver
from autograder.kernels.limits import Limits
from autograder.kernels.sandbox import missing_protection

__all__ = ["about", "versions", "work"]

Json = dict[str, Any]


@cache
def versions() -> dict[str, str]:
    """What must be the same everywhere for grades to be the same; "" if not installed.

    The package is known by its version and its text: a checkout changes without a new number.
    """
    text = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        text.update(path.read_bytes())
    found = {
        "autograder": f"{__version__} ({text.hexdigest()[:8]})",
        "python": ".".join(platform.python_version_tuple()[:2]),
    }
    for package in ("torch", "numpy", "jax", "distributed"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = ""
    return found


def about() -> str:
    """JSON of this machine's versions, and of what it cannot protect against (run by Dask)."""
    return json.dumps({"versions": versions(), "missing": missing_protection()})


def work(order: str) -> str:
    """Run one notebook on a worker (run by Dask).

    Parameters
    ----------
    order : str
        JSON of the arguments of `execute`, and of the grader's versions.

    Returns
    -------
    str
        JSON: ``executed``; or ``fault``, a sentence, with ``unfit`` if this worker is to blame;
        or ``versions``, this worker's, if they differ. And ``where``, the worker's address.
    """
    from distributed import get_worker

    asked = json.loads(order)
    reply: Json = {"where": get_worker().address}
    if asked["versions"] != versions():  # workers come in the middle of a run, too
        return json.dumps(reply | {"versions": versions()})
    try:
        executed = driver.execute(
            asked["notebook"], asked["calls"], Limits.from_json(asked["limits"])
        )
    except GraderFault as fault:
        return json.dumps(reply | {"fault": str(fault), "unfit": True})
    except Exception as error:
        fault_text = f"executing failed: {type(error).__name__}: {error}"
        return json.dumps(reply | {"fault": fault_text, "unfit": False})
    return json.dumps(reply | {"executed": asdict(executed)})
