"""What the bench found, as tables, as a picture, and of which machine.

Shows numbers; measures none.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from autograder.commands.bench.results import Results
from autograder.grading.processors import processors
from autograder.terminal import table

__all__ = ["company", "machine", "plot", "report", "spread"]


def report(results: Results) -> str:
    """The tables for the terminal."""
    count = results.rounds["ours"][0].count
    rounds = len(results.rounds["ours"])
    rows = []
    for who, about in _ABOUT.items():
        costs = results.rounds.get(who, [])
        if not costs:
            continue
        idle = f"{results.median(who, 'seconds', 'startup'):.1f}" if who in _STARTS else ""
        throughput, cpu = results.median(who, "throughput"), results.median(who, "cpu_each")
        memory = max(cost.rss for cost in costs), max(cost.pss for cost in costs)
        apart = spread([cost.throughput for cost in costs])
        rows.append((about, f"{throughput:.3g}", apart, f"{cpu:.2f}", idle, *map(_size, memory)))
    for who, cost in (("ours", results.further()), ("stock", results.further_stock())):
        rows.append(
            (
                f"{who}, start-up left out",
                f"{cost.throughput:.3g}",
                "",
                f"{cost.cpu_each:.2f}",
                *[""] * 3,
            )
        )
    header = (
        "", "submissions/s", "of the rounds", "CPU s each", "start-up s", "peak RSS", "peak PSS",
    )  # fmt: skip
    growth = [
        (f"{c.count}", f"{c.seconds:.1f}", f"{c.throughput:.3g}", f"{c.cpu_each:.2f}",
         _size(c.rss), _size(c.pss))
        for c in results.growth
    ]  # fmt: skip
    return "\n".join(
        [
            f"{results.week}: {count} submissions, medians of {rounds} rounds; start-up is in, "
            "unless it says otherwise",
            company(results.machine.get("load before", 0.0), results.others),
            table(header, rows),
            "",
            f"Growth of ours (stock was measured at {count} only)",
            table(
                ("submissions", "seconds", "submissions/s", "CPU s each", "peak RSS", "peak PSS"),
                growth,
            ),
            "",
            table(("ratio", ""), [(k, f"{v:.2f}") for k, v in results.ratios().items()]),
        ]
    )


_ABOUT = {
    "ours": "ours: autograder grade",
    "stock": "stock: nbgrader autograde",
    "otter": "otter: otter run",
    "bare": "bare: the cells, warm, one core",
    "lean": "lean: no drawings, the hidden calls",
}
_STARTS = ("ours", "stock")


def spread(values: Sequence[float]) -> str:
    """The least and the most of some rounds."""
    return f"{min(values):.3g} to {max(values):.3g}"


def company(load: float, others: Sequence[float]) -> str:
    """How busy the machine was with other work: a bench is to be believed on an idle one.

    Parameters
    ----------
    load : float
        Before the start.
    others : sequence of float
        Cores that other programs kept busy, in each round.
    """
    cores = ", ".join(f"{cores:.2f}" for cores in others)
    return f"load before: {load:.2f}; cores busy with other work, in turn: {cores}"


def _size(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size else ""


def machine() -> dict[str, Any]:
    """On what it was measured."""
    model = ""
    with contextlib.suppress(OSError):
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.M)
        model = found[1] if found else ""
    packages = ("torch", "numpy", "matplotlib", "nbgrader", "ipykernel")
    return {
        "processor": model or platform.processor(),
        "cores": processors(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load before": os.getloadavg()[0],
        **{name: metadata.version(name) for name in packages},
    }


def plot(results: Results, path: Path) -> None:
    """Seconds and memory against the number of submissions."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    runs = sorted([*results.rounds["ours"], *results.growth], key=lambda cost: cost.count)
    stock, startup = results.further_stock(), results.median("stock", "seconds", "startup")
    counts = sorted({cost.count for cost in runs})
    figure = Figure(figsize=(8, 3.4), layout="constrained")
    time_axes, memory_axes = figure.subplots(1, 2)
    time_axes.loglog(
        counts, [startup + n / stock.throughput for n in counts],
        ls=":", color="#D55E00", label="stock, calculated",
    )  # fmt: skip
    for who, costs, color in (
        ("stock, measured", results.rounds["stock"], "#D55E00"),
        ("otter, measured", results.rounds.get("otter", []), "#009E73"),
        ("ours, measured", runs, "#0072B2"),
    ):
        if not costs:
            continue
        time_axes.loglog(
            [c.count for c in costs], [c.seconds for c in costs], "o", color=color, label=who
        )
        memory_axes.semilogx(
            [c.count for c in costs], [c.rss / 1e9 for c in costs], "o", color=color
        )
    ideal = results.median("bare", "cpu_each") / results.machine["cores"]
    time_axes.loglog(
        counts, [n * ideal for n in counts], color="#8A8A8A", label="the bare cells, on all cores"
    )
    time_axes.set(xlabel="submissions", ylabel="seconds", title=f"{results.week}, time")
    time_axes.legend(fontsize=8)
    memory_axes.set(xlabel="submissions", ylabel="GB", title="peak memory (RSS)")
    memory_axes.set_ylim(bottom=0)
    FigureCanvasSVG(figure).print_svg(str(path))
