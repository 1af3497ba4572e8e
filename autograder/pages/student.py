"""Feedback pages: one file each, that needs nothing else and runs nothing.

`nbgrader generate_feedback` makes them by `FeedbackExporter` from graded notebooks: a summary, then
the notebook. Formulas are MathML. What a student wrote is text: raw HTML is shown, not obeyed, and
the page allows no script. Knows graded notebooks and records; it judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import Highlight2HTML
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter
from traitlets.config import Config

from autograder.grading.course import Course
from autograder.grading.records import Record
from autograder.pages.formulas import formula
from autograder.pages.layout import parts
from autograder.pages.markdown import render
from autograder.pages.outputs import last_line, shown
from autograder.submissions.cells import grade_id_of, is_marked, task_of
from autograder.submissions.figures import TAG

__all__ = ["FeedbackExporter", "Line"]

Resources = dict[str, Any]
_TEMPLATES = Path(__file__).parent / "templates"
#: What a page may load and run: nothing but its own styles and pictures.
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)


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


class FeedbackExporter(HTMLExporter):  # type: ignore[misc]
    """Makes a feedback page of a graded notebook, for ``GenerateFeedback.exporter_class``."""

    def __init__(self, config: Config | None = None, **kwargs: Any) -> None:
        # What is said of every HTML exporter is meant for formgrader's page, not for this one.
        own = {
            "template_name": "feedback",
            "extra_template_basedirs": [str(_TEMPLATES)],
            "preprocessors": [],
            "filters": {},
        }
        config = Config(config or {})
        config.merge({"FeedbackExporter": own})
        super().__init__(config=config, **kwargs)

    def from_notebook_node(
        self, nb: NotebookNode, resources: Resources | None = None, **kwargs: Any
    ) -> tuple[str, Resources]:
        """Export a notebook with scores in it (called by nbgrader)."""
        resources = {} if resources is None else resources
        resources["page"] = {"policy": POLICY, "styles": _code_styles()}
        self.register_filter("highlight_code", Highlight2HTML(pygments_lexer="python", parent=self))
        # HTMLExporter parses the finished page to add what the template has already, which takes
        # as long as all the rest.
        exported: tuple[str, Resources] = super(HTMLExporter, self).from_notebook_node(
            nb, resources, **kwargs
        )
        return exported

    def _run(self, ids: Resources) -> tuple[int, str] | None:
        """Seed and date of the run, if there is a record of it."""
        root = getattr(getattr(self.parent, "coursedir", None), "root", None)
        if root is None or "student" not in ids:
            return None
        record = Record.read(Course(Path(root)), ids["assignment"], ids["student"])
        at = str(record.run.get("at", "")) if isinstance(record.run, dict) else ""
        return (record.seed, at[:16].replace("T", " ")) if at else None

    def _released(self, ids: Resources) -> frozenset[str] | None:
        """The sources of the cells that everybody was given, if they lie in the course."""
        root = getattr(getattr(self.parent, "coursedir", None), "root", None)
        if root is None:
            return None
        path = Path(root) / "release" / ids["assignment"] / f"{ids['notebook']}.ipynb"
        try:
            return frozenset(cell.source for cell in nbformat.read(path, as_version=4).cells)
        except Exception:  # not there, or none that can be read: then nobody knows
            return None

    def default_filters(self) -> Any:
        """Those of nbconvert, and ours (called by nbconvert)."""
        yield from super().default_filters()
        yield ("markdown2html", lambda source: render(source))
        yield ("cell2html", lambda cell: render(cell.source, cell.get("attachments")))
        yield ("formula", lambda tex: formula(tex.strip().strip("$")))
        yield ("run", self._run)
        yield ("parts", lambda cells, ids: parts(cells, self._released(ids)))
        yield ("lines", _lines)
        yield ("heading", _heading)
        yield ("shown", shown)
        yield ("last_line", last_line)
        yield ("only_draws", lambda cell: TAG in cell.metadata.get("tags", ()))
        yield ("caption", _caption)
        yield ("points", lambda number: f"{float(number or 0):.2f}".rstrip("0").rstrip("."))


def _lines(cells: Sequence[NotebookNode]) -> list[Line]:
    """What is graded in a notebook, in its order."""
    found = []
    for cell in cells:
        about = cell.metadata.get("nbgrader") or {}
        if not about.get("grade") or is_marked(cell, "mark_scheme"):
            continue
        task = task_of(cell)
        name = task or ("written answer" if about.get("solution") else grade_id_of(cell))
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
        return "Your answer"
    return f"Task {task_of(last)}" if task_of(last) else f"Your code: {grade_id_of(last)}"


def _heading(cells: Sequence[NotebookNode]) -> str:
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
