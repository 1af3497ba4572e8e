"""Tables and progress for the terminal."""

from __future__ import annotations

import sys
import time
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm import tqdm

__all__ = ["Progress", "Status", "printable", "printable_lines", "spoken_hours", "table"]


def printable(text: str) -> str:
    """`text` on one line, with anything that could steer a terminal spelled out."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def printable_lines(text: str) -> str:
    """`text` as it is laid out, with anything else that could steer a terminal spelled out."""
    return "\n".join(map(printable, text.split("\n")))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows in aligned columns, under a header; the last column is not padded."""
    cells = [[printable(cell) for cell in row] for row in (header, *rows)]
    widths = [max(_width(row[k]) for row in cells) for k in range(len(header))]
    lines = []
    for row in cells:
        padded = [cell + " " * (w - _width(cell)) for cell, w in zip(row, widths, strict=True)]
        lines.append("  ".join(padded).rstrip())
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(lines)


def _width(text: str) -> int:
    """Columns that `text` takes on a terminal."""
    return sum(
        0
        if unicodedata.category(c) in ("Mn", "Me", "Cf")
        else 2
        if unicodedata.east_asian_width(c) in "WF"
        else 1
        for c in text
    )


class Progress:
    """A bar with rate and ETA on a terminal; plain lines elsewhere."""

    def __init__(self, total: int, what: str) -> None:
        self.total, self.what, self.done = total, what, 0
        self._started = time.monotonic()
        self._bar = _bar(total=total, desc=what, unit="")

    def step(self, line: str) -> None:
        """One more is done; `line` says which."""
        self.done += 1
        if self._bar is not None:
            self._bar.set_postfix_str(printable(line)[:40], refresh=False)
            self._bar.update()
            return
        rate = self.done / max(time.monotonic() - self._started, 1e-9)
        left = (self.total - self.done) / rate
        print(
            f"[{self.done}/{self.total}] {printable(line)}  ({rate:.2f}/s, {left:.0f} s left)",
            file=sys.stderr,
            flush=True,
        )

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()


class Status:
    """Lines on standard output, and on a terminal one below them that says how it stands."""

    def __init__(self) -> None:
        self._bar = _bar(bar_format="{desc}")

    def line(self, text: str) -> None:
        """A line that stays."""
        if self._bar is not None:
            self._bar.clear()
        print(printable(text), flush=True)
        if self._bar is not None:
            self._bar.refresh()

    def now(self, text: str) -> None:
        """How it stands now."""
        if self._bar is not None and self._bar.desc != text:
            self._bar.set_description_str(printable(text))

    def __enter__(self) -> Status:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()


def _bar(**options: Any) -> tqdm[Any] | None:
    """A bar on a terminal; None elsewhere, where nothing needs its library."""
    if not sys.stderr.isatty():
        return None
    from tqdm import tqdm

    return tqdm(file=sys.stderr, dynamic_ncols=True, leave=False, **options)


def spoken_hours(seconds: float) -> str:
    """How late, in the unit that fits."""
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.0f} days"
