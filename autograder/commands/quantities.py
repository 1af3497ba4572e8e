"""Numbers and spans of time as they are typed on a command line.

Knows words; no command and no option.
"""

from __future__ import annotations

import argparse
import re
from datetime import timedelta

__all__ = ["natural", "positive", "span"]


def positive(text: str) -> int:
    """A whole number from 1."""
    number = natural(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def natural(text: str) -> int:
    """A whole number from 0."""
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
    if number < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return number


def span(text: str) -> timedelta:
    """A time like 90s, 10m, 2h or 1d; seconds without a unit."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400, "": 1}
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", text.strip())
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time like 90s, 10m or 2h")
    seconds = float(found[1]) * units[found[2]]
    if seconds > 366 * 86400:
        raise argparse.ArgumentTypeError(f"{text!r} is more than a year")
    return timedelta(seconds=seconds)
