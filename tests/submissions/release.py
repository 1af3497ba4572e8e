"""A small release, made by hand, and what students may make of it."""

from __future__ import annotations

import json
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator

from autograder.submissions.cells import (
    MasterCell,
    grade_id_of,
    is_marked,
    visible,
    without_region,
)
from autograder.submissions.mend import mend
from autograder.submissions.reading import parse

Json = dict[str, Any]

SECRET = "observe(descend)  # a secret"
SCHEME = "- 1 point: says why."


def master_cell(
    grade_id: str, cell_type: str, source: str, kind: str, points: float = 0.0
) -> MasterCell:
    """A cell as the gradebook keeps it; `kind` lists its flags."""
    return MasterCell(
        grade_id=grade_id,
        cell_type=cell_type,
        source=source,
        grade="grade" in kind,
        solution="solution" in kind,
        locked="locked" in kind,
        points=points,
        checksum="0" * 32,
    )


SOLUTION = master_cell(
    "descend", "code", "def descend(x):\n    raise NotImplementedError", "solution"
)
TEST = master_cell(
    "test_descend",
    "code",
    f"### BEGIN HIDDEN TESTS\n{SECRET}\n### END HIDDEN TESTS\nassert descend(1.0) == 2.0",
    "grade, locked",
    7.0,
)
READ_ONLY = master_cell("given", "markdown", "Read this.", "locked")
WRITTEN = master_cell(
    "written",
    "markdown",
    f"*Your answer here.*\n### BEGIN MARK SCHEME\n{SCHEME}\n### END MARK SCHEME",
    "grade, solution",
    5.0,
)
MASTER = [READ_ONLY, SOLUTION, TEST, WRITTEN]


def cell(source: Any = "1 + 1", kind: str = "code", **changes: Any) -> Json:
    """A cell as nbformat 4.5 has it, with changes."""
    made: Json = {"cell_type": kind, "id": "a-cell", "metadata": {}, "source": source}
    if kind == "code":
        made |= {"outputs": [], "execution_count": None}
    return made | changes


def graded(original: MasterCell, source: str | None = None, **changes: Any) -> Json:
    """A released cell, filled in by a student."""
    text = visible(without_region(original.source, "MARK SCHEME"))
    metadata = {"nbgrader": dict(original.metadata)}
    return cell(text if source is None else source, original.cell_type) | {
        "id": original.grade_id,
        "metadata": metadata,
        **changes,
    }


def content(*cells: Any, **changes: Any) -> bytes:
    """A notebook file with these cells."""
    data = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}
    return json.dumps(data | changes).encode()


SOLVED = [
    cell("Read this.", "markdown", id="x", metadata=graded(READ_ONLY)["metadata"]),
    graded(SOLUTION, "def descend(x):\n    return 2 * x"),
    graded(TEST),
    graded(WRITTEN, "Because it is downhill."),
]


def parsed(data: bytes) -> tuple[NotebookNode, str]:
    found = parse(data)
    return found.notebook, found.problem


def read(*cells: Any, **changes: Any) -> NotebookNode:
    notebook, problem = parsed(content(*cells, **changes))
    assert problem == ""
    return notebook


def check(notebook: NotebookNode) -> None:
    """What holds for every mended notebook."""
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    text = nbformat.writes(notebook)
    text.encode("utf-8")
    assert nbformat.reads(text, as_version=4) == notebook
    for original in MASTER:
        (found,) = (c for c in notebook.cells if grade_id_of(c) == original.grade_id)
        assert found.cell_type == original.cell_type
        assert found.metadata["nbgrader"] == original.metadata
        if original.locked:
            assert found.source == visible(original.source)
    for c in notebook.cells:
        assert c.get("outputs", []) == []
        assert SECRET not in c.source
        assert (SCHEME in c.source) == is_marked(c, "mark_scheme")
    assert sum(is_marked(c, "mark_scheme") for c in notebook.cells) == 1
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
    }


def mended(*cells: Any, **changes: Any) -> tuple[NotebookNode, list[str]]:
    notebook, notes = mend(read(*cells, **changes), MASTER)
    check(notebook)
    return notebook, notes


def of(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return next(c for c in notebook.cells if grade_id_of(c) == grade_id)
