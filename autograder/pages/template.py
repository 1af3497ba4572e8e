"""A feedback page from a graded notebook, by the template: what is in its summary and its cells.

Called in a place of its own (`autograder.grading.bounded`), since what it reads was written by
students. Knows cells; neither records nor the course.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbconvert.filters import Highlight2HTML
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter
from traitlets.config import Config

from autograder.marking.classic import INSIDE
from autograder.pages.formulas import formula
from autograder.pages.layout import parts
from autograder.pages.markdown import render
from autograder.pages.outputs import last_line, shown
from autograder.submissions.cells import grade_id_of, is_marked, task_of
from autograder.submissions.figures import TAG

__all__ = ["POLICY", "Line", "heading", "lines", "page"]

#: nbgrader's comment on a cell that is as it was released.
NO_RESPONSE = "No response."
_TEMPLATES = Path(__file__).parent / "templates"
#: What a page may load and run: nothing but its own styles and pictures.
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)


def page(config: bytes, notebook: NotebookNode, resources: dict[str, Any]) -> str:
    """The page of a notebook with scores in it.

    Parameters
    ----------
    config : bytes
        A pickled configuration.
    notebook : NotebookNode
    resources : dict
        Of nbconvert; under ``page`` what else the page says.
    """
    text, _ = _exporter(config).from_notebook_node(notebook, resources)
    return str(text)


@lru_cache(maxsize=2)  # to make one, and its template, takes longer than a page
def _exporter(config: bytes) -> Page:
    return Page(config=pickle.loads(config))


class Page(HTMLExporter):  # type: ignore[misc]
    """nbconvert's exporter with a template and filters of our own."""

    def __init__(self, config: Config) -> None:
        own = {
            "template_name": "feedback",
            "extra_template_basedirs": [str(_TEMPLATES)],
            "preprocessors": [],
            "default_preprocessors": [],
            "filters": {},
        }
        config = Config(config)
        # What is said of every HTML exporter is meant for formgrader's page, not for this one.
        config.merge({"Page": {**config.get("FeedbackExporter", {}), **own}})
        super().__init__(config=config)

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """Fill the template."""
        assert resources is not None
        resources["page"] |= {"policy": POLICY, "styles": _code_styles()}
        self.register_filter("highlight_code", Highlight2HTML(pygments_lexer="python", parent=self))
        # HTMLExporter parses the finished page to add what the template has already, which takes
        # as long as all the rest.
        exported: tuple[str, dict[str, Any]] = super(HTMLExporter, self).from_notebook_node(
            nb, resources, **kwargs
        )
        return exported

    def default_filters(self) -> Any:
        """Those of nbconvert, and ours (called by nbconvert)."""
        yield from super().default_filters()
        yield ("markdown2html", lambda source: render(source))
        yield ("cell2html", lambda cell: render(cell.source, cell.get("attachments")))
        yield ("formula", lambda tex: formula(tex.strip().strip("$")))
        yield ("parts", parts)
        yield ("lines", lines)
        yield ("heading", heading)
        yield ("shown", shown)
        yield ("last_line", last_line)
        yield ("comment", _comment)
        yield ("only_draws", lambda cell: TAG in cell.metadata.get("tags", ()))
        yield ("caption", _caption)
        yield ("points", lambda number: f"{float(number or 0):.2f}".rstrip("0").rstrip("."))


@dataclass(frozen=True)
class Line:
    """A line of the summary: what was to be earned, and what was."""

    name: str
    anchor: str
    score: float
    points: float
    #: No score yet; a person has to give one.
    waits: bool
    #: The known mistakes that were recognised.
    mistakes: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """Whether it was earned, as a sign and in words."""
        if self.waits:
            return "… waits for a person"
        if self.score >= self.points:
            return "✓ earned"
        return "◐ partly earned" if self.score > 0 else "✗ not earned"


def lines(cells: Sequence[NotebookNode]) -> list[Line]:
    """What is graded in a notebook, in its order."""
    found = []
    for cell in cells:
        about = cell.metadata.get("nbgrader") or {}
        if not (about.get("grade") or about.get("task")) or is_marked(cell, "mark_scheme"):
            continue
        written = about.get("solution") and cell.cell_type == "markdown"
        name = task_of(cell) or (_called("written answer", cell) if written else grade_id_of(cell))
        if is_marked(cell, "inside"):
            name = f"{grade_id_of(cell)} ({INSIDE})"
        found.append(
            Line(
                name,
                f"grade-{grade_id_of(cell)}",
                float(about.get("score") or 0),
                float(about.get("points") or 0),
                bool(about.get("waits")),
                tuple((cell.metadata.get("autograder") or {}).get("mistakes") or ()),
            )
        )
    return found


def _caption(cells: Sequence[NotebookNode]) -> str:
    """What a graded part is about."""
    last = cells[-1]
    if last.cell_type == "markdown":
        return _called("Your answer", last)
    return f"Task {task_of(last)}" if task_of(last) else f"Your code: {grade_id_of(last)}"


def _called(what: str, cell: NotebookNode) -> str:
    """An answer, by its name where its author gave it another than every week's one has."""
    name = grade_id_of(cell)
    return what if name == "written" or name.startswith("cell-") else f"{what}: {name}"


def _comment(cell: NotebookNode) -> str:
    """What somebody said of a cell; of code, nbgrader's own remark says less than the verdict."""
    text = str((cell.metadata.get("nbgrader") or {}).get("comment") or "")
    return "" if text == NO_RESPONSE and cell.cell_type == "code" else text


def heading(cells: Sequence[NotebookNode]) -> str:
    """The notebook's own title."""
    for cell in cells:
        title = re.match(r"#\s+(\S.*)", cell.source) if cell.cell_type == "markdown" else None
        if title:
            return title.group(1).strip()
    return ""


def _code_styles() -> str:
    """How code is coloured, by day and by night."""
    day, night = (
        HtmlFormatter(style=style).get_style_defs(".highlight")
        for style in ("default", "github-dark")
    )
    bare = re.compile(r"background(-color)?: *[^;}]+;?")  # the page has its own
    return (
        f"{bare.sub('', day)}\n@media screen and (prefers-color-scheme: dark) {{\n"
        f"{bare.sub('', night)}\n}}"
    )
