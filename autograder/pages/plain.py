"""A feedback page without colours, formulas and pictures, where the usual one cannot be made.

It takes time that is proportional to its length, whatever stands in the notebook, and it shows no
more than so much of that. Knows cells.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

from nbconvert.filters import strip_ansi
from nbformat import NotebookNode

from autograder.pages.template import POLICY, lines
from autograder.submissions.cells import is_judged

__all__ = ["plain_page"]

#: So many characters of each text are shown, and so many of all.
_EACH, _ALL = 20_000, 1_000_000

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Feedback: {heading}</title>
<style>
body {{ margin: 0 auto; padding: 1rem; max-width: 54rem; font: 1rem/1.55 system-ui, sans-serif; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; }}
th {{ text-align: left; font-weight: normal; padding-right: 2rem; }}
</style>
</head>
<body>
<main>
<h1>Feedback: {heading}</h1>
<table>
{table}
</table>
<p>Something in this notebook takes too long to be shown as usual, so here it is as plain text. The
points are not affected.</p>
{cells}
</main>
</body>
</html>
"""


def plain_page(notebook: NotebookNode, ids: dict[str, Any]) -> str:
    """The page of a graded notebook, as plain text.

    Parameters
    ----------
    notebook : NotebookNode
        With scores in it.
    ids : dict
        ``notebook``: its name.
    """
    table = "\n".join(
        f"<tr><th scope=row>{html.escape(line.name)}</th><td>{line.mark}: {line.score:g} of "
        f"{line.points:g}</td></tr>"
        for line in lines(notebook.cells)
    )
    shown, room = [], _ALL
    for text in _texts(notebook):
        if len(text) > room:
            shown.append("<p>The rest is left out.</p>")
            break
        room -= len(text)
        shown.append(text)
    heading = html.escape(str(ids.get("notebook", "a notebook")))
    return _PAGE.format(policy=POLICY, heading=heading, table=table, cells="\n".join(shown))


def _texts(notebook: NotebookNode) -> Iterator[str]:
    for cell in notebook.cells:
        yield _text(cell.source)
        for position, output in enumerate(cell.get("outputs", ())):
            data = output.get("data", {})
            if position == 0 and is_judged(cell) and "text/html" in data:
                yield str(data["text/html"])  # a verdict
            elif output.output_type == "stream":
                yield _text(output.text)
            elif output.output_type == "error":
                yield _text(f"{output.ename}: {output.evalue}")
            elif isinstance(data.get("text/plain"), str):
                yield _text(data["text/plain"])


def _text(text: str) -> str:
    more = " …" if len(text) > _EACH else ""
    return f"<pre>{html.escape(strip_ansi(text[:_EACH]))}{more}</pre>"
