"""What is given back through the exchange: pages, where `nbgrader fetch_feedback` finds them.

That feedback lies there *is* the mark that a submission is done, and it is put there in one step:
there is no other list that could disagree. It makes no page itself.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from nbgrader import utils

from autograder.grading.records import write_whole
from autograder.watching.arrivals import Arrival
from autograder.watching.exchange import Exchange

__all__ = ["WAITS", "Outbox"]

#: A page that stands in for feedback which is still to come begins with this.
WAITS = "<!-- autograder: waits -->"
#: Pages are published under the names of at most so many notebooks.
_MOST = 10


class Outbox:
    """Feedback for a week, in the exchange.

    Parameters
    ----------
    exchange : Exchange
        Says where it lies.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def is_done(self, secret: str) -> bool:
        """Whether feedback has been published, and not only a notice that it is to come."""
        try:
            with self._page(secret, self._exchange.week.notebooks[-1]).open("rb") as page:
                return page.read(len(WAITS)) != WAITS.encode()
        except OSError:
            return False

    def publish(self, arrival: Arrival, secret: str, pages: Mapping[str, str]) -> None:
        """Put pages where the student's `nbgrader fetch_feedback` looks for them.

        That is under the name of each notebook that was handed in; the released
        ones come last, as the mark that all is done.

        Parameters
        ----------
        arrival : Arrival
        secret : str
        pages : mapping of str to str
            By the name of the notebook; the first one stands in for those that are not named.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        names: list[str] = []
        with contextlib.suppress(OSError):
            names = sorted(p.stem for p in (self._exchange.inbound / arrival.name).glob("*.ipynb"))
        own, first = self._exchange.week.notebooks, next(iter(pages.values()))
        for name in [*(n for n in names[:_MOST] if n not in own), *own]:
            write_whole(self._page(secret, name), pages.get(name, first))

    def _page(self, secret: str, notebook: str) -> Path:
        return (
            self._exchange.feedback
            / f"{utils.notebook_hash(secret=secret, notebook_id=notebook)}.html"
        )
