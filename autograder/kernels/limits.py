"""What a submission may use, in seconds and bytes. It knows nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True)
class Limits:
    """What a submission may use. Seconds are wall-clock seconds."""

    cell_seconds: float = 30.0
    call_seconds: float = 10.0
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
