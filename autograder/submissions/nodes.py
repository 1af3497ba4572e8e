"""Notebooks and outputs as nbformat makes them, without what it does beside.

It checks each new output against its schema, lays each text out for people to read, in lines and
indents, and looks at each value that is unpickled: together more than all the rest that is done to
a notebook between two processes.
Knows nbformat's fields; nothing of what stands in them.
"""

from __future__ import annotations

import copyreg
import json
from typing import Any

import nbformat
from nbformat import NotebookNode

__all__ = ["new_output", "packed"]

#: What an output has if nothing is said of it.
_FIELDS: dict[str, dict[str, Any]] = {
    "stream": {"name": "stdout", "text": ""},
    "display_data": {"metadata": {}, "data": {}},
    "execute_result": {"metadata": {}, "data": {}, "execution_count": None},
    "error": {"ename": "NotImplementedError", "evalue": "", "traceback": []},
}


def new_output(kind: str, data: dict[str, Any] | None = None, **fields: Any) -> NotebookNode:
    """As `nbformat.v4.new_output`, of fields that are as nbformat wants them."""
    given = fields if data is None else {**fields, "data": data}
    return nbformat.from_dict({"output_type": kind, **_FIELDS[kind], **given})


def packed(notebook: NotebookNode) -> str:
    """A notebook as text that `nbformat.v4.reads` reads, on one line; not for people."""
    return json.dumps(notebook, sort_keys=True)


def _node(fields: dict[str, Any]) -> NotebookNode:
    """A node of what was in one, and so needs no conversion."""
    node = NotebookNode()
    dict.update(node, fields)
    return node


def _unmade(node: NotebookNode) -> tuple[Any, ...]:
    return _node, (dict(node),)


copyreg.pickle(NotebookNode, _unmade)
