"""A submission on formgrader's page: formulas without a network, and nothing that can run.

That page is opened in the assistant's own Jupyter, where a script could read and change the whole
course, so what a student wrote or put out must not become one. nbgrader hands the graded notebook
to an exporter of its own; `nbgrader_config.py` names the parts of this module there. Knows graded
notebooks; neither scores nor the gradebook, which formgrader's page fetches by itself.
"""

from __future__ import annotations

import html
import re
import time
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.pages.formulas import formula
from autograder.pages.markdown import render
from autograder.pages.outputs import shown

__all__ = ["Passive", "markdown"]


@pass_context
def markdown(context: Context, source: str) -> str:
    """Text as HTML that can neither run nor load anything, for ``HTMLExporter.filters``."""
    spent = context.get("resources", {}).setdefault("autograder", {"seconds": 0.0})
    if len(source) > _LONG or spent["seconds"] > _SECONDS:
        return f"<pre>{html.escape(source)}</pre>"
    began = time.thread_time()
    text = render(source, (context.get("cell") or {}).get("attachments"))
    spent["seconds"] += time.thread_time() - began
    return text


#: Longer texts are shown as they are; so are all, once those of a page have taken so long.
_LONG, _SECONDS = 10_000, 5.0
#: What takes a lexer long; the time grows with its square.
_SLOW = re.compile(r"\s{300}")


class Passive(Preprocessor):  # type: ignore[misc]
    """Keeps of all outputs what cannot run, for ``HTMLExporter.preprocessors``."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Replace the outputs, and colour code only where that is quick (called by nbconvert)."""
        codes = [cell.source for cell in nb.cells if cell.cell_type == "code"]
        slow = any(len(code) > _LONG or _SLOW.search(code) for code in codes)
        about = nb.metadata.setdefault("language_info", {"name": "python"})
        about["pygments_lexer"] = "text" if slow else "python"
        done: tuple[NotebookNode, dict[str, Any]] = super().preprocess(nb, resources)
        return done

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Replace the outputs of a cell (called by nbconvert)."""
        if cell.cell_type == "code":
            cell.outputs = [new_output("display_data", _data(*pair)) for pair in shown(cell)]
        return cell, resources


def _data(kind: str, content: str) -> dict[str, str]:
    """An output's data; LaTeX as MathML."""
    if kind == "text/latex":
        return {"text/html": formula(content.strip().strip("$"), block=True)}
    return {kind: content}
