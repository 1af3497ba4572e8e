"""What a cell put out, as nbformat has it, within limits.

Built from a kernel's messages, which are a student's: what is not as nbformat wants it is left
out, and so is what does not fit. It knows no kernels and no notebooks.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.submissions.nodes import new_output

__all__ = ["Outputs"]

Json = dict[str, Any]


#: What an output takes beside its texts, and nested data for each byte of its JSON.
_OBJECT, _NESTED = 1000, 30


class Outputs:
    """The outputs of one cell, within the limits.

    `fits` takes bytes from what all cells may put out together.
    """

    def __init__(self, stream_bytes: int, fits: Callable[[int], bool]) -> None:
        self._fits = fits
        self._stream_room = stream_bytes
        self.outputs: list[NotebookNode] = []
        self._full = False
        self._clear_next = False

    def add(self, kind: str, content: Json) -> None:
        """Add the output in an IOPub message, if it is one."""
        with contextlib.suppress(Exception):  # what cannot be understood is the student's doing
            self._add(kind, content)

    def _add(self, kind: str, content: Json) -> None:
        if kind == "clear_output":
            self._clear_next = True
            if not content.get("wait"):
                self.outputs, self._clear_next = [], False
            return
        output = _output(kind, content)
        if output is None:
            return
        if self._clear_next:
            self.outputs, self._clear_next = [], False
        if kind == "stream":
            self._add_stream(nbformat.from_dict(output))
        elif self._fits(_size(output)):  # before anything is done to each part of it
            self.outputs.append(nbformat.from_dict(output))
        else:
            self.say_full()

    def add_error(self, name: str, message: str) -> None:
        """Add an error of the grader's own making."""
        lines = [f"{name}: {message}"]
        self.outputs.append(new_output("error", ename=name, evalue=message, traceback=lines))

    def _add_stream(self, output: NotebookNode) -> None:
        text = output.text[: max(self._stream_room, 0)]
        self._stream_room -= len(output.text)
        last = self.outputs[-1] if self.outputs else None
        goes_on = last is not None and last.output_type == "stream" and last.name == output.name
        if text and self._fits(len(text) + (0 if goes_on else _OBJECT)):
            if last is not None and goes_on:
                last.text += text
            else:
                output.text = text
                self.outputs.append(output)
        if self._stream_room < 0:
            self.say_full()

    def say_full(self) -> None:
        """Say, once, that something was left out."""
        if not self._full:
            self._full = True
            note = "\n[... more output was left out ...]\n"
            self.outputs.append(new_output("stream", text=note))


def _output(kind: Any, content: Any) -> Json | None:
    """The output in a message; None if there is none, or not as nbformat wants it.

    nbformat's own `output_from_msg` checks against the schema, which takes
    longer than everything else that is done to a message.
    """
    wanted = _FIELDS.get(kind)
    if wanted is None or not isinstance(content, dict):
        return None
    fields: Json = {name: content.get(name) for name in wanted}
    if not all(isinstance(fields[name], of) for name, of in wanted.items()):
        return None
    if kind == "stream" and fields["name"] not in ("stdout", "stderr"):
        return None
    for line in fields.get("traceback", ()):
        if not isinstance(line, str):
            return None
    for media, data in fields.get("data", {}).items():
        if not isinstance(data, str) and not media.endswith("json"):
            return None
    if kind == "execute_result":
        fields["execution_count"] = None
    return {"output_type": kind, **fields}


def _size(output: Json) -> int:
    """About how much memory it takes."""
    texts = [*output.get("traceback", ()), output.get("ename", ""), output.get("evalue", "")]
    texts += [data for data in output.get("data", {}).values() if isinstance(data, str)]
    nested = [data for data in output.get("data", {}).values() if not isinstance(data, str)]
    nested.append(output.get("metadata", {}))
    return _OBJECT + sum(len(t) + 100 for t in texts) + _NESTED * len(json.dumps(nested))


_FIELDS: dict[str, dict[str, type]] = {
    "stream": {"name": str, "text": str},
    "display_data": {"data": dict, "metadata": dict},
    "execute_result": {"data": dict, "metadata": dict},
    "error": {"ename": str, "evalue": str, "traceback": list},
}
