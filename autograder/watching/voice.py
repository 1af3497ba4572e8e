"""What a watcher says: a line for each thing that happened, and how it stands now.

Knows the terminal; not what the words mean.
"""

from __future__ import annotations

from datetime import datetime

from autograder.terminal import Status

__all__ = ["Voice"]


class Voice:
    """Lines with the time before them; and complaints, each said once while it lasts."""

    def __init__(self, status: Status) -> None:
        self._status = status
        self._complaint = ""

    def line(self, text: str) -> None:
        """Say what happened."""
        try:
            self._status.line(f"{datetime.now():%Y-%m-%d %H:%M:%S}  {text.rstrip()}")
        except BrokenPipeError:
            raise
        except OSError:
            pass  # a full disk under the log is no reason to stop grading

    def complain(self, text: str) -> None:
        """Say what is wrong, once."""
        if text != self._complaint:
            self._complaint = text
            self.line(text)

    def content(self) -> None:
        """What was complained of is over."""
        self._complaint = ""

    def now(self, text: str) -> None:
        """Say how it stands now."""
        self._status.now(text)
