"""One question: the arguments of a call, as data, as a key, and as a student would type them.

It knows how arguments are encoded; not who asks, nor what the answer should be.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

import numpy as np

from autograder.marking.agreement import field_of
from autograder.observation.observe import observe_call
from autograder.observation.values import decode, encode, paste

__all__ = ["Behaviour", "Call", "observe_own", "observe_quietly"]

Json = dict[str, Any]
Behaviour = Callable[..., Any]


class Call:
    """One question: the arguments of a call, by position.

    Parameters
    ----------
    *args : Function, float, int, str, ndarray, 0-d tensor
    times : int
        Call so often with the same arguments; the last result counts.
    then : sequence of the same, optional
        What comes back is a function: call it, too, with these arguments.
    jit : sequence of int, optional
        Call under ``jax.jit``, with the arguments at these positions static.
    criterion : str
        Name of the criterion that asks; set by `Task.draw`.
    index : int
        Position in the sequence of calls; set by `Task.draw`.
    """

    def __init__(
        self,
        *args: Any,
        times: int = 1,
        then: Sequence[Any] | None = None,
        jit: Sequence[int] | None = None,
        criterion: str = "",
        index: int = 0,
    ) -> None:
        self.args = [encode(argument) for argument in args]
        self.times = times
        self.then = None if then is None else [encode(argument) for argument in then]
        self.jit = None if jit is None else list(jit)
        self.criterion = criterion
        self.index = index

    @property
    def arguments(self) -> list[Any]:
        """The arguments themselves, made anew each time."""
        return [decode(argument) for argument in self.args]

    @property
    def question(self) -> Json:
        """What is asked, as plain data; what only some calls ask for is there only then."""
        asked: Json = {"args": self.args, "times": self.times}
        if self.then is not None:
            asked["then"] = self.then
        if self.jit is not None:
            asked["jit"] = self.jit
        return asked

    @property
    def key(self) -> str:
        """Canonical JSON of the question itself; equal keys ask the same."""
        return json.dumps(self.question, sort_keys=True)

    def to_json(self) -> Json:
        """Plain data, for the kernel and for the record."""
        return {**self.question, "criterion": self.criterion, "index": self.index}

    @classmethod
    def from_json(cls, data: Json) -> Call:
        """The way back from `to_json`."""
        rest = {name: value for name, value in data.items() if name != "args"}
        if "then" in rest:
            rest["then"] = [decode(argument) for argument in rest["then"]]
        return cls(*(decode(argument) for argument in data["args"]), **rest)

    def asked_by(self, criterion: str, index: int) -> Call:
        """Return this call as number `index` of a draw, asked by `criterion`."""
        call = copy(self)
        call.criterion, call.index = criterion, index
        return call

    def source(
        self, name: str, library: str = "torch", spell: Callable[[Any, str], str] = paste
    ) -> str:
        """The call as a student could type it; often enough, if once is not.

        `spell` writes an encoded argument, for a library; as Python source, if nothing is said.
        """

        def typed(arguments: Sequence[Any]) -> str:
            return f"({', '.join(spell(argument, library) for argument in arguments)})"

        if self.jit is not None:
            name = f"jax.jit({name}, static_argnums={tuple(self.jit)})"
        once = name + typed(self.args) + ("" if self.then is None else typed(self.then))
        return once if self.times == 1 else f"[{once} for _ in range({self.times})][-1]"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Call) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return self.source("Call")


def observe_quietly(behaviour: Behaviour, call: Call) -> Json:
    """Observe the model of a mistake, which may divide by zero or overflow.

    It may ask an f as it likes: what a student's f refuses, the model does not have to get right.
    """
    with np.errstate(all="ignore"):
        return observe_own(behaviour, _asked_freely(call.to_json()))


def _asked_freely(call: Json) -> Json:
    def free(argument: Any) -> Any:
        if isinstance(argument, dict) and "function" in argument:
            return {"function": {"formula": argument["function"]["formula"]}}
        return argument

    return {**call, "args": [free(argument) for argument in call["args"]]}


def observe_own(behaviour: Behaviour, call: Json) -> Json:
    """Observe code of ours: Ctrl-C is for the program, not an error of the reference.

    Without how long it took, so that a verdict is the same whenever it is reached.
    And without JAX: what is asked under ``jax.jit`` has the same answer without it.
    """
    if "jit" in call:
        behaviour = getattr(behaviour, "jitted", behaviour)
        call = {name: value for name, value in call.items() if name != "jit"}
    observation = observe_call(behaviour, call)
    del observation["seconds"]
    if field_of(observation.get("error"), "type") == "KeyboardInterrupt":
        raise KeyboardInterrupt
    return observation
