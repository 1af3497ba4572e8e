"""What a cell put out, as nbformat has it, within limits.

Built from a kernel's messages, which are a student's: what is not as nbformat wants it is left
out, and so is what does not fit. It knows no kernels and no notebooks.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import nbformat
from nbformat import NotebookNode

__all__ = ["Outputs"]

Json = dict[str, Any]


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

    def add(self, kind: Any, message: Json) -> None:
        """Add the output in an IOPub message, if it is one."""
        if kind == "clear_output":
            self._clear_next = True
            if not message["content"].get("wait"):
                self.outputs, self._clear_next = [], False
            return
        output = _output(kind, message["content"])
        if output is None:
            return
        if self._clear_next:
            self.outputs, self._clear_next = [], False
        if output.output_type == "stream":
            self._add_stream(output)
        elif self._fits(len(json.dumps(output, default=str))):
            self.outputs.append(output)
        else:
            self._say_full()

    def add_error(self, name: str, message: str) -> None:
        """Add an error of the grader's own making."""
        fields = {"ename": name, "evalue": message, "traceback": [f"{name}: {message}"]}
        self.outputs.append(nbformat.v4.new_output("error", **fields))

    def _add_stream(self, output: NotebookNode) -> None:
        text = output.text[: max(self._stream_room, 0)]
        self._stream_room -= len(output.text)
        if text and self._fits(len(text)):
            last = self.outputs[-1] if self.outputs else None
            if last is not None and last.output_type == "stream" and last.name == output.name:
                last.text += text
            else:
                output.text = text
                self.outputs.append(output)
        if self._stream_room < 0:
            self._say_full()

    def _say_full(self) -> None:
        if not self._full:
            self._full = True
            note = {"name": "stdout", "text": "\n[... more output was left out ...]\n"}
            self.outputs.append(nbformat.v4.new_output("stream", **note))


def _output(kind: Any, content: Any) -> NotebookNode | None:
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
    return nbformat.from_dict({"output_type": kind, **fields})


_FIELDS: dict[str, dict[str, type]] = {
    "stream": {"name": str, "text": str},
    "display_data": {"data": dict, "metadata": dict},
    "execute_result": {"data": dict, "metadata": dict},
    "error": {"ename": str, "evalue": str, "traceback": list},
}
