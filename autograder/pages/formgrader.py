"""A submission on formgrader's page: formulas without a network, and nothing that can run.

That page is opened in the assistant's own Jupyter, where a script could read and change the whole
course, so what a student wrote or put out must not become one; and where nothing has a process
apart, so whatever takes longer than its length says has a limit of time. nbgrader hands the graded
notebook to an exporter of its own; `nbgrader_config.py` names the parts of this module there. Knows
graded notebooks; neither scores nor the gradebook, which formgrader's page fetches by itself.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters import Highlight2HTML, ansi2html, strip_ansi
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.pages.formulas import formula
from autograder.pages.markdown import render
from autograder.pages.outputs import shown

__all__ = ["Passive", "as_it_is", "code", "markdown", "printed"]

Resources = dict[str, Any]

#: Longer texts are shown as they are; so are all, once those of a page have taken so long.
_LONG, _SECONDS = 10_000, 5.0
#: What takes a lexer long; the time grows with its square.
_SLOW = re.compile(r"\s{300}")


def _in_time(resources: Resources, text: str, made: Callable[[], str], plain: str) -> str:
    """What is made of a short text, as long as its page has time for it; or a plain one."""
    spent = resources.setdefault("autograder", {"seconds": 0.0})
    if len(text) > _LONG or spent["seconds"] > _SECONDS:
        return plain
    began = time.thread_time()
    result = made()
    spent["seconds"] += time.thread_time() - began
    return result


@pass_context
def markdown(context: Context, source: str) -> str:
    """Text as HTML that can neither run nor load anything."""

    def made() -> str:
        return render(source, (context.get("cell") or {}).get("attachments"))

    return _in_time(context["resources"], source, made, f"<pre>{html.escape(source)}</pre>")


@pass_context
def code(context: Context, source: str, **about: Any) -> str:
    """Code in colours, where that is quick."""
    plain = f'<div class="highlight"><pre>{html.escape(source)}</pre></div>'
    if _SLOW.search(source):
        return plain
    return _in_time(context["resources"], source, lambda: str(Highlight2HTML()(source)), plain)


@pass_context
def printed(context: Context, text: str) -> str:
    """What a terminal would show, in its colours: nbconvert's filter takes the text's square."""
    plain = html.escape(strip_ansi(text))
    return _in_time(context["resources"], text, lambda: str(ansi2html(text)), plain)


def as_it_is(text: str) -> str:
    """The same; in place of what looks through a text for each bracket, for links of long ago."""
    return text


class Passive(Preprocessor):  # type: ignore[misc]
    """Keeps of all outputs what cannot run, for ``HTMLExporter.preprocessors``."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, index: int
    ) -> tuple[NotebookNode, Resources]:
        """Replace the outputs of a cell (called by nbconvert)."""
        if cell.cell_type == "code":
            found = shown(cell, smaller=False)
            cell.outputs = [new_output("display_data", _data(*pair, resources)) for pair in found]
        return cell, resources


def _data(kind: str, content: str, resources: Resources) -> dict[str, str]:
    """An output's data; LaTeX as MathML."""
    if kind != "text/latex":
        return {kind: content}
    plain = f"<pre>{html.escape(content)}</pre>"
    tex = content.strip().strip("$")
    return {"text/html": _in_time(resources, tex, lambda: formula(tex, block=True), plain)}
