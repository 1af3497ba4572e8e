"""What the model of a mistake would be seen doing, worked out when somebody looks.

Most looks end early: a model differs from an answer at the first call or the second, and what it
would do on all others, the longest walks among them, is never asked. It knows calls; no tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

from autograder.marking.calls import Behaviour, Call, observe_freely

__all__ = ["Modelled"]

Json = dict[str, Any]


class Modelled(Sequence[Json]):
    """Observations of a variant of a mistake, one for each call; each is made when looked at.

    Parameters
    ----------
    variant : callable
    calls : sequence of Call
    stateful : bool
        `variant` makes the behaviour; a fresh one sees all calls, in the order asked.
    """

    def __init__(self, variant: Behaviour, calls: Sequence[Call], stateful: bool = False) -> None:
        self._variant, self._calls, self._stateful = variant, calls, stateful
        self._seen: list[Json | None] = [None] * len(calls)

    def __len__(self) -> int:
        return len(self._seen)

    @overload
    def __getitem__(self, k: int) -> Json: ...
    @overload
    def __getitem__(self, k: slice) -> list[Json]: ...
    def __getitem__(self, k: int | slice) -> Json | list[Json]:
        if isinstance(k, slice):
            return [self[place] for place in range(*k.indices(len(self)))]
        seen = self._seen[k]
        return self._look(k) if seen is None else seen

    def _look(self, k: int) -> Json:
        if self._stateful:
            behaviour = self._variant()
            for place in sorted(range(len(self)), key=lambda place: self._calls[place].index):
                self._seen[place] = observe_freely(behaviour, self._calls[place])
            return self[k]
        seen = self._seen[k] = observe_freely(self._variant, self._calls[k])
        return seen
