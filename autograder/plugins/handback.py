"""Feedback back through nbgrader's exchange, where some work came in another way.

The exchange names a page after a secret that came with the submission. What was put into
``submitted/`` by hand, or from an archive, has none; nbgrader stops there, and whoever comes after
goes without. Here the others get theirs. Named in ``nbgrader_config.py``; knows the exchange and
the ``feedback/`` folder, no grades.
"""

from __future__ import annotations

import glob
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback

__all__ = ["ReleaseFeedback"]

#: What comes with a submission through the exchange.
_FILES = ("timestamp.txt", "submission_secret.txt")


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]
    """Releases what came through the exchange, for ``ExchangeFactory.release_feedback``."""

    src_path: str

    def copy_files(self) -> None:
        """Release the pages, one folder after the other (called by nbgrader).

        Raises
        ------
        ExchangeError
            If there are pages, and none of them can be released.
        """
        folders = sorted(glob.glob(self.src_path))
        kept = [folder for folder in folders if not _missing(folder)]
        for folder in kept:
            self.src_path = glob.escape(folder)
            super().copy_files()
        for folder in folders:
            if folder not in kept:
                self.log.warning(
                    "Not released: %s, which did not come through the exchange (no %s); "
                    "give the page to the student in another way",
                    folder,
                    " and no ".join(_missing(folder)),
                )
        if folders and not kept:
            self.fail("None of this feedback belongs to work that came through the exchange")


def _missing(folder: str) -> list[str]:
    return [name for name in _FILES if not (Path(folder) / name).is_file()]
