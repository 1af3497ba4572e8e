"""Expected and returned numbers as a table of two columns, around the first entry that differs.

Knows observations and a task's tolerance; no verdicts.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.feedback.differing import Differences, has
from autograder.feedback.names import Index, Names
from autograder.feedback.results import arrays_of, number
from autograder.marking.task import Task

__all__ = ["beside"]

Json = dict[str, Any]

#: How many entries are shown before and after the first that differs, and how many of a row.
BEFORE, AFTER, ACROSS = 2, 3, 3
_CELL = "padding:.1em .8em .1em 0;text-align:left;border:0;white-space:nowrap"
_MORE = f'<tr><td style="{_CELL}" colspan="4">…</td></tr>'


def beside(expected: Json | None, observed: Json | None, task: Task) -> str:
    """A table of both around the first entry that differs, as HTML; empty if they have no rows."""
    arrays = arrays_of(expected, observed)
    if arrays is None or arrays[0].ndim != arrays[1].ndim or arrays[0].ndim == 0:
        return ""
    names, differences = Names.of(task), Differences(*arrays, task)
    wide = arrays[0].ndim > 1  # an entry is a row of numbers
    places, before, after = differences.around(BEFORE, AFTER, arrays[0].ndim - wide)
    column = next((differences.column(place) for place in places if differences.at(place)), 0)
    rows = [
        _row(
            "≠" if differences.at(place) else "",
            names.row(place, arrays[0].shape),
            [_entries(array, place, differences, column if wide else None) for array in arrays],
        )
        for place in places
    ]
    return _table(
        [_head(word, array, names) for word, array in zip(_WORDS, arrays, strict=True)],
        [_MORE] * before + rows + [_MORE] * after,
    )


_WORDS = ("expected", "returned")


def _head(word: str, array: np.ndarray, names: Names) -> str:
    columns = names.of_columns(array.shape)
    named = f"<div>[{html.escape(', '.join(columns))}]</div>" if columns else ""
    return (
        f'<th scope="col" style="{_CELL}">{word}'
        f'<div style="font-weight:normal">shape {array.shape}{named}</div></th>'
    )


def _row(mark: str, name: str, texts: Sequence[str]) -> str:
    cells = "".join(f'<td style="{_CELL}">{text}</td>' for text in (mark, *texts))
    head = f'<th scope="row" style="{_CELL};font-weight:normal">{html.escape(name)}</th>'
    return f"<tr>{head}{cells}</tr>"


def _table(heads: Sequence[str], rows: Sequence[str]) -> str:
    empty = f'<td style="{_CELL}"></td>'
    return (
        '<div style="overflow-x:auto;max-width:100%" tabindex="0">'
        '<table style="border-collapse:collapse;margin:.3em 0;font-family:monospace;'
        'font-size:.95em;background:none;color:inherit">'
        f"<thead><tr>{empty}{empty}{''.join(heads)}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _entries(array: np.ndarray, place: Index, differences: Differences, column: int | None) -> str:
    """What stands at a place: a number, or the numbers of a row near `column`; wrong ones bold."""
    if not has(array, place):
        return "<b>–</b>"

    digits = 6 if column is None else 5

    def shown(index: Index) -> str:
        text = number(float(array[index]), digits)
        return f"<b>{text}</b>" if index in differences else text

    if column is None:
        return shown(place)
    length = array.shape[-1]
    first = max(0, min(column - 1, length - ACROSS))
    last = min(first + ACROSS, length)
    before, after = ["…"] if first else [], ["…"] if last < length else []
    middle = [shown((*place, k)) for k in range(first, last)]
    return f"[{', '.join([*before, *middle, *after])}]"
