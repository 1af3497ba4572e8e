"""What a notebook is run with: seconds and bytes that it may use, packages, files beside it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from autograder.submissions.beside import File

__all__ = ["Limits"]


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    Seconds are those on the clock, without waiting for a processor that others use.
    """

    cell_seconds: float = 30.0
    call_seconds: float = 10.0
    #: A cell in which a task's function is written, and the test cell of one that ran out of time.
    answer_seconds: float = 10.0
    total_seconds: float = 240.0
    #: How long an interrupted cell may take to stop before its kernel is killed.
    grace_seconds: float = 10.0
    #: How long a kernel may take to start.
    start_seconds: float = 60.0
    output_bytes: int = 10_000_000
    stream_bytes: int = 100_000
    #: On top of what the warm process has mapped.
    memory_bytes: int = 2_000_000_000
    #: Run cells that only draw, and draw; takes longer than all the rest.
    figures: bool = False
    #: Go on where the platform lacks some of the protection (`missing_protection`).
    unsafe: bool = False
    #: Packages that kernels have imported, beside what every notebook uses.
    packages: Sequence[str] = ()
    #: Files that lie in the folder in which the notebook runs.
    files: Sequence[File] = ()
    #: A folder of compiled programs that kernels may read (`autograder.grading.programs`); and
    #: whether this one, of trusted code, puts its own there.
    programs: str = ""
    fills: bool = False

    def to_json(self) -> dict[str, Any]:
        """As data that JSON can carry."""
        data = asdict(replace(self, programs="", fills=False))  # of this machine alone
        for file in data["files"]:
            file["content"] = base64.b64encode(file["content"]).decode()
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Limits:
        """Read what `to_json` made."""
        files = tuple(
            File(**{**file, "content": base64.b64decode(file["content"])}) for file in data["files"]
        )
        return cls(**{**data, "files": files})
