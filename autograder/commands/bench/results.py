"""What was measured, and the numbers that the bench is for.

Plain data: it measures and prints nothing.
"""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Cost", "Results"]


@dataclass
class Cost:
    """What one run of a command took."""

    #: Submissions graded.
    count: int
    #: Wall-clock seconds, start-up included.
    seconds: float
    #: User and system CPU seconds of the process and all its descendants.
    cpu: float
    #: The most memory in use at once by the process and its descendants, in bytes;
    #: pages that processes share are counted in each (RSS) or divided among them (PSS).
    rss: int = 0
    pss: int = 0

    @property
    def throughput(self) -> float:
        """Submissions a second."""
        return self.count / self.seconds

    @property
    def cpu_each(self) -> float:
        """CPU seconds a submission."""
        return self.cpu / self.count


@dataclass
class Results:
    """Everything that was measured."""

    machine: dict[str, Any]
    week: str
    rounds: dict[str, list[Cost]] = field(default_factory=dict)
    #: The same commands once more, with nothing left to do.
    startup: dict[str, list[Cost]] = field(default_factory=dict)
    growth: list[Cost] = field(default_factory=list)
    #: Cores that other programs kept busy, round by round and then while growth was measured.
    others: list[float] = field(default_factory=list)

    def median(self, who: str, what: str, of: str = "rounds") -> float:
        """The median over the rounds of a number."""
        runs: dict[str, list[Cost]] = getattr(self, of)
        return float(statistics.median(getattr(cost, what) for cost in runs[who]))

    def further(self) -> Cost:
        """What further submissions take us: the largest run less the smallest."""
        runs = sorted([*self.growth, *self.rounds["ours"]], key=lambda cost: cost.count)
        small, large = runs[0], runs[-1]
        if small.count == large.count:
            idle = self.startup["ours"][0]
            return Cost(large.count, large.seconds - idle.seconds, large.cpu - idle.cpu)
        return Cost(large.count - small.count, large.seconds - small.seconds, large.cpu - small.cpu)

    def further_stock(self) -> Cost:
        """What further submissions take stock nbgrader: a run less its start-up."""
        count = self.rounds["stock"][0].count
        seconds, cpu = (
            self.median("stock", what) - self.median("stock", what, "startup")
            for what in ("seconds", "cpu")
        )
        return Cost(count, seconds, cpu)

    def ratios(self) -> dict[str, float]:
        """The numbers that the bench is for."""
        bare = self.median("bare", "cpu_each")
        largest = max([*self.growth, *self.rounds["ours"]], key=lambda cost: cost.count)
        stock = self.median("stock", "throughput")
        ratios = {
            "throughput, ours / stock, small run": self.median("ours", "throughput") / stock,
            "throughput, ours / stock, largest run of ours": largest.throughput / stock,
            "throughput, ours / stock, start-up left out of both": (
                self.further().throughput / self.further_stock().throughput
            ),
            "CPU a submission, ours / bare, largest run of ours": largest.cpu_each / bare,
            "CPU a submission, ours / bare, start-up left out": self.further().cpu_each / bare,
            "CPU a submission, stock / bare": self.median("stock", "cpu_each") / bare,
            "CPU a submission, ours / lean, start-up left out": (
                self.further().cpu_each / self.median("lean", "cpu_each")
            ),
        }
        if "otter" in self.rounds:
            otter = self.median("otter", "throughput")
            ratios |= {
                "throughput, ours / otter, small run": self.median("ours", "throughput") / otter,
                "throughput, ours / otter, largest run of ours": largest.throughput / otter,
                "CPU a submission, otter / bare": self.median("otter", "cpu_each") / bare,
            }
        return ratios

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {**asdict(self), "ratios": self.ratios()}
