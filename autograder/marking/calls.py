"""One question: the arguments of a call, as data, as a key, and as a student would type them.

It knows how arguments are encoded; not who asks, nor what the answer should be.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from autograder.marking.agreement import field_of
from autograder.marking.spelling import called, filled
from autograder.observation.arguments import decode, encode, paste
from autograder.observation.observe import arguments_of, observe_call

__all__ = ["Behaviour", "Call", "observe_freely", "observe_own"]

Json = dict[str, Any]
Behaviour = Callable[..., Any]


class Call:
    """One question: the arguments of a call, by position and by name.

    What else is asked is chained: ``Call(f, x).times(2)``. Each returns another call.

    Parameters
    ----------
    *args, **kwargs
        What a call may contain; see `autograder.observation.arguments`.

    Attributes
    ----------
    criterion : str
        Name of the criterion that asks; set by `Task.draw`.
    index : int
        Position in the sequence of calls; set by `Task.draw`.
    names : tuple of str
        Of the reference's parameters; set by `Task.draw`.
    question : dict
        What is asked, as plain data; what only some calls ask for is there only then.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.question: Json = {"args": [encode(argument) for argument in args], "times": 1}
        if kwargs:
            self.question["kwargs"] = {name: encode(value) for name, value in kwargs.items()}
        self.criterion, self.index = "", 0
        self.names: tuple[str, ...] = ()

    def times(self, count: int) -> Call:
        """Ask so often with the same arguments; the last result counts."""
        return self._asking(times=int(count))

    def then(self, *args: Any) -> Call:
        """What comes back is a function: call it, too, with these arguments.

        Chained again, the same function is called once more; the last result counts.
        """
        asked = {"then": [encode(argument) for argument in args]}
        if "then" in self.question:
            asked["before"] = [*self.question.get("before", []), self.question["then"]]
        return self._asking(**asked)

    def jit(self, *static: int) -> Call:
        """Call under ``jax.jit``, with the arguments at these positions static."""
        return self._asking(jit=list(static))

    @property
    def alone(self) -> Call:
        """The call that counts, without what is asked before it."""
        earlier = ("before", "beside")
        question = {name: value for name, value in self.question.items() if name not in earlier}
        return self._of({**question, "times": 1}, self.criterion, self.index, self.names)

    def _asking(self, **more: Any) -> Call:
        return self._of({**self.question, **more}, self.criterion, self.index, self.names)

    @classmethod
    def _of(
        cls, question: Json, criterion: str = "", index: int = 0, names: Sequence[str] = ()
    ) -> Call:
        call = cls.__new__(cls)
        call.question, call.criterion, call.index = question, criterion, index
        call.names = tuple(names)
        return call

    @property
    def arguments(self) -> list[Any]:
        """The arguments by position, made anew each time."""
        return [decode(argument) for argument in self.args]

    @property
    def named(self) -> Json:
        """The arguments by name, made anew each time."""
        return {name: decode(value) for name, value in self.question.get("kwargs", {}).items()}

    @property
    def args(self) -> list[Any]:
        """The encoded arguments by position."""
        given: list[Any] = self.question["args"]
        return given

    @property
    def given(self) -> list[Any]:
        """Every encoded argument: by position, by name, and those of ``then``."""
        return arguments_of(self.question)

    @cached_property
    def key(self) -> str:
        """Canonical JSON of the question itself; equal keys ask the same."""
        return json.dumps(self.question, sort_keys=True)

    @cached_property
    def freely(self) -> Json:
        """The question for code of ours, which may ask an f for what a student's f refuses."""
        functions = [name for name in ("args", "beside") if name in self.question]
        return {**self.question, **{n: [_free(a) for a in self.question[n]] for n in functions}}

    def to_json(self) -> Json:
        """Plain data, for the kernel and for the record."""
        names = {"names": list(self.names)} if self.names else {}
        return {**self.question, **names, "criterion": self.criterion, "index": self.index}

    @classmethod
    def from_json(cls, data: Json) -> Call:
        """The way back from `to_json`."""
        beside = ("criterion", "index", "names")
        question = {key: value for key, value in data.items() if key not in beside}
        about = {key: data[key] for key in beside if key in data}
        call = cls._of(question, **about)
        for argument in call.given:
            decode(argument)  # a record may have been damaged
        return call

    def asked_by(self, criterion: str, index: int, names: Sequence[str] = ()) -> Call:
        """Return this call as number `index` of a draw, asked by `criterion`.

        `names` are those of the reference's parameters.
        """
        call = Call.__new__(Call)
        vars(call).update(vars(self), criterion=criterion, index=index, names=tuple(names))
        return call

    def source(
        self,
        name: str,
        library: str = "torch",
        spell: Callable[[Any, str], str] = paste,
        handed: str = "",
    ) -> str:
        """The call as a student could type it; often enough, if once is not.

        `spell` writes an encoded argument, for a library; as Python source, if nothing is said.
        Where something else is `handed` over, what that computes; see `filled` and `called`.
        """
        asked = self.question
        named = {key: spell(value, library) for key, value in asked.get("kwargs", {}).items()}
        if "jit" in asked:
            handed, name = "", f"jax.jit({name}, static_argnums={tuple(asked['jit'])})"

        def typed(arguments: Sequence[Any]) -> str:
            given = [spell(argument, library) for argument in arguments]
            listed = [*given, *(f"{key}={text}" for key, text in named.items())]
            whole = filled(handed, given, named) if handed else ""
            return whole or called(handed, ", ".join(listed), name)

        once = typed(asked["args"])
        if "then" in asked:
            if "beside" in asked:
                once = f"[{once}, {typed(asked['beside'])}][0]"
            thens = [*asked.get("before", ()), asked["then"]]
            once = _called(once, [[spell(given, library) for given in then] for then in thens])
        return once if asked["times"] == 1 else f"[{once} for _ in range({asked['times']})][-1]"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Call) and self._asked == other._asked

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def _asked(self) -> tuple[str, str, int]:
        return self.key, self.criterion, self.index

    def __repr__(self) -> str:
        return self.source("Call")


def _called(function: str, thens: list[list[str]]) -> str:
    """One function called with each of these, as an expression; the last result counts."""
    if len(thens) == 1:
        return f"{function}({', '.join(thens[0])})"
    if len({len(then) for then in thens}) == 1 and thens[0]:
        columns = (f"[{', '.join(column)}]" for column in zip(*thens, strict=True))
        return f"[*map({function}, {', '.join(columns)})][-1]"
    listed = ", ".join(f"[{', '.join(then)}]" for then in thens)
    return f"[g(*given) for g in [{function}] for given in [{listed}]][-1]"


def observe_freely(behaviour: Behaviour, call: Call) -> Json:
    """Observe the model of a mistake.

    It may ask an f as it likes: what a student's f refuses, the model does not have to get right.
    """
    return observe_own(behaviour, call.freely)


def _free(argument: Any) -> Any:
    if isinstance(argument, dict) and "function" in argument:
        return {"function": {"formula": argument["function"]["formula"]}}
    return argument


def observe_own(behaviour: Behaviour, call: Json) -> Json:
    """Observe code of ours: Ctrl-C is for the program, not an error of the reference.

    Without how long it took, so that a verdict is the same whenever it is reached.
    And without JAX: what is asked under ``jax.jit`` has the same answer without it.
    It may divide by zero or overflow where a call is only proposed: nothing is said of it.
    """
    if "jit" in call:
        behaviour = getattr(behaviour, "jitted", behaviour)
        call = {name: value for name, value in call.items() if name != "jit"}
    with np.errstate(all="ignore"):
        observation = observe_call(behaviour, call)
    del observation["seconds"]
    if field_of(observation.get("error"), "type") == "KeyboardInterrupt":
        raise KeyboardInterrupt
    return observation
