"""Notebooks and outputs are as nbformat makes them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from autograder.submissions import nodes


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("stream", {}),
        ("stream", {"name": "stderr", "text": "a\nb\n"}),
        ("display_data", {"data": {"text/plain": "x", "application/json": {"a": [1]}}}),
        ("execute_result", {"data": {"text/plain": "2.0"}}),
        ("error", {"ename": "E", "evalue": "why", "traceback": ["E: why"]}),
    ],
)
def test_an_output_is_the_one_that_nbformat_makes(kind: str, fields: dict[str, object]) -> None:
    """Each kind, with what is not said filled in."""
    made = nodes.new_output(kind, **fields)  # type: ignore[arg-type]
    assert made == nbformat.v4.new_output(kind, **fields)
    assert type(made) is nbformat.NotebookNode


def test_two_outputs_share_nothing() -> None:
    """What is put into one is not in the next."""
    nodes.new_output("display_data").data["text/plain"] = "x"
    assert nodes.new_output("display_data").data == {}


def test_what_is_packed_is_read_as_what_nbformat_writes() -> None:
    """Lines, figures, JSON, half a character, a text that looks like a list of lines."""
    data = {
        "text/plain": "a\nb",
        "image/png": "aGk=\n",
        "application/json": {"b": [1, None], "a": 2},
    }
    outputs = [
        nodes.new_output("display_data", data),
        nodes.new_output("stream", text="\ud800\n\n"),
    ]
    cell = new_code_cell("x = 1\n\ny = 'ü'\n", outputs=outputs, id="one")
    notebook = new_notebook(cells=[cell], metadata={"signature": "gone", "b": {"a": []}})
    read = nbformat.v4.reads(nodes.packed(notebook))
    assert read == nbformat.v4.reads(nbformat.v4.writes(notebook))
    assert list(read.metadata) == ["b"]


@pytest.mark.parametrize("through", [lambda it: pickle.loads(pickle.dumps(it)), copy.copy])
def test_a_pickled_notebook_is_the_same(through: Callable[[NotebookNode], NotebookNode]) -> None:
    """Nodes are nodes, and plain dicts in lists stay what they are; what shares goes on to."""
    before = new_notebook(cells=[new_code_cell("x", id="one")], metadata={"b": {}})
    before.metadata.b.c = [{"a": 1}]
    before.metadata.again = before.metadata.b
    after = through(before)
    assert after == before
    assert after is not before
    assert type(after) is type(after.cells[0]) is type(after.metadata.b) is NotebookNode
    assert type(after.metadata.b.c[0]) is dict
    assert after.metadata.again is after.metadata.b
    assert vars(after) == vars(before)
    after.new = {}
    assert type(after.new) is NotebookNode
    assert "new" not in before
