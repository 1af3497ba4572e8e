"""Feedback pages: one file each, that needs nothing else and runs nothing.

`nbgrader generate_feedback` makes them by `FeedbackExporter` from graded
notebooks: a summary, then the notebook. Formulas are MathML. What a student
wrote is text: raw HTML is shown, not obeyed, and the page allows no script.
Knows graded notebooks and records; it judges nothing.
"""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from bs4 import BeautifulSoup
from latex2mathml.converter import convert
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from PIL import Image
from pygments.formatters import HtmlFormatter
from traitlets.config import Config

from autograder.grading.course import Course
from autograder.grading.records import Record
from autograder.submissions.cells import grade_id_of, is_marked, task_of
from autograder.submissions.figures import TAG

__all__ = ["FeedbackExporter", "Line", "formula", "render", "shown"]

Resources = dict[str, Any]

_TEMPLATES = Path(__file__).parent / "templates"
#: What a page may load and run: nothing but its own styles and pictures.
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)
#: Kinds of output that are shown, the first that there is. None of them can run.
_SHOWN = (
    "image/png", "image/jpeg", "image/svg+xml", "text/markdown", "text/latex", "text/plain",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A line of the summary: what was to be earned, and what was."""

    name: str
    anchor: str
    score: float
    points: float
    #: No score yet; a person has to give one.
    waits: bool

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

    def default_filters(self) -> Any:
        """Those of nbconvert, and ours (called by nbconvert)."""
        yield from super().default_filters()
        yield ("markdown2html", lambda source: render(source))
        yield ("cell2html", lambda cell: render(cell.source, cell.get("attachments")))
        yield ("formula", lambda tex: formula(tex.strip().strip("$")))
        yield ("run", self._run)
        yield ("lines", _lines)
        yield ("heading", _heading)
        yield ("shown", shown)
        yield ("only_draws", lambda cell: TAG in cell.metadata.get("tags", ()))
        yield (
            "title",
            lambda cell: f"Task {task_of(cell)}" if task_of(cell) else grade_id_of(cell),
        )
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
            )
        )
    return found


def _heading(cells: Sequence[NotebookNode]) -> str:
    """The notebook's own title."""
    for cell in cells:
        title = re.match(r"#\s+(\S.*)", cell.source) if cell.cell_type == "markdown" else None
        if title:
            return title.group(1).strip()
    return ""


def shown(cell: NotebookNode) -> Iterator[tuple[str, str]]:
    """Outputs of a cell as pairs of kind and content; HTML only if it is a verdict."""
    for position, output in enumerate(cell.outputs):
        if output.output_type == "stream":
            yield "text/plain", output.text
        elif output.output_type == "error":
            yield "text/plain", "\n".join(output.traceback)
        elif position == 0 and task_of(cell) and "text/html" in output.data:
            yield "text/html", output.data["text/html"]
        else:
            kinds = [kind for kind in _SHOWN if kind in output.data]
            for kind in kinds[:1]:
                data = output.data[kind]
                yield kind, _smaller(data) if kind == "image/png" else data


#: Pictures of more characters than this are looked at; none of more pixels than that.
_LARGE, _PIXELS = 20_000, 10_000_000


@lru_cache(maxsize=512)  # a class has many figures in common
def _smaller(png: str) -> str:
    """A figure in 256 colours, which is a quarter of its size; or as it came.

    Nobody sees the difference, and a page with a week's figures stays well below 1 MB.
    """
    if not isinstance(png, str) or len(png) < _LARGE:
        return png
    try:
        with Image.open(io.BytesIO(base64.b64decode(png)), formats=["PNG"]) as picture:
            if picture.width * picture.height > _PIXELS:
                return png
            paper = Image.new("RGBA", picture.size, "white")
            paper.alpha_composite(picture.convert("RGBA"))
        made = io.BytesIO()
        few = paper.convert("RGB").quantize(
            256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        )
        few.save(made, "PNG", optimize=True)
    except Exception:  # a student's bytes, whatever they are
        return png
    return min(png, base64.b64encode(made.getvalue()).decode("ascii"), key=len)


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


# --- Text that somebody wrote --------------------------------------------------------------


#: What of raw HTML is not shown as text.
_TAG = re.compile(r"</?(b|i|em|strong|sub|sup|kbd|u|s|mark|small)>|<br */?>")


def render(source: str, attachments: Any = None) -> str:
    """Markdown as HTML that can neither run nor load anything.

    Parameters
    ----------
    source : str
    attachments : dict, optional
        Pictures of the cell, by name.

    Returns
    -------
    str
        Raw HTML in `source` is shown as text, but for a few tags without
        attributes. Formulas are MathML.
    """
    renderer = _Renderer(
        escape=True,
        allow_harmful_protocols=False,
        exclude_anchor_links=True,
        attachments=attachments if isinstance(attachments, dict) else {},
    )
    try:
        text = str(MarkdownWithMath(renderer=renderer).render(source))
        # A tag that is never closed must end with this text.
        return str(BeautifulSoup(text, "html.parser")) if _TAG.search(source) else text
    except RecursionError:  # lists in lists in lists
        return f"<pre>{html.escape(source)}</pre>"


class _Renderer(IPythonRenderer):  # type: ignore[misc]
    """nbconvert's renderer, with formulas as MathML and nothing from elsewhere."""

    _address = re.compile(r"#|https?://|mailto:")
    _picture = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*")

    def inline_html(self, html: str) -> str:
        return html if _TAG.fullmatch(html) else str(super().inline_html(html))

    def heading(self, text: str, level: int, **attributes: Any) -> str:
        # The page has a heading of its own above all others.
        return str(super().heading(text, min(level + 1, 6)))

    def inline_math(self, body: str) -> str:
        return formula(body)

    def block_math(self, body: str) -> str:
        # Wider than a phone it scrolls, and what scrolls has to be reached without a mouse.
        return f'<span class="wide" tabindex="0">{formula(body, block=True)}</span>'

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    def block_mermaidjs(self, code: str) -> str:
        return f"<pre>{html.escape(code)}</pre>"

    def table(self, text: str) -> str:
        return f'<div class="wide" tabindex="0"><table>{text}</table></div>'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        # What lies beside the notebook, like the week before, doesn't lie beside the page.
        if not self._address.match(url):
            return text
        return str(super().link(text, url, title))

    def image(self, text: str, url: str, title: str | None = None) -> str:
        if url.startswith("attachment:") and url.removeprefix("attachment:") in self.attachments:
            held = self.attachments[url.removeprefix("attachment:")]
            kinds = [k for k in ("image/png", "image/jpeg", "image/gif") if k in held]
            url = f"data:{kinds[0]};base64,{held[kinds[0]]}" if kinds else url
        if not self._picture.fullmatch(url):
            return html.escape(f"[picture: {text}, {url[:200]}]")
        return f'<img src="{url}" alt="{html.escape(text or "a picture")}">'


#: What may stand in a formula.
_ELEMENTS = re.compile(
    r"math|m(row|i|n|o|text|space|s|su[bp]|subsup|under|over|underover|frac|sqrt|root|table|tr|td"
    r"|padded|phantom|fenced|enclose|style|multiscripts|prescripts)"
)
_ATTRIBUTES = re.compile(
    r"display(style)?|stretchy|fence|form|separator|accent(under)?|scriptlevel|math(variant|size)"
    r"|(column|row)(align|spacing|lines)|linethickness|width|height|depth|[lr]space|m(ax|in)size"
    r"|largeop|movablelimits|notation"
)
#: A longer formula is shown as it was written.
MAX_FORMULA = 2000


@lru_cache(maxsize=2048)
def formula(tex: str, block: bool = False) -> str:
    """A formula as MathML, or as it was written if that can't be had.

    The library leaves what stands in a ``text`` command as it is, so its
    answer is read as XML, and only what is known from MathML is kept.
    """
    try:
        if len(tex) > MAX_FORMULA:
            raise ValueError("too long")
        root = ElementTree.fromstring(convert(tex, display="block" if block else "inline"))
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
            if not _ELEMENTS.fullmatch(element.tag):
                raise ValueError(f"{element.tag} is not for formulas")
            if "\\" in (element.text or ""):
                raise ValueError("a command that the library does not know")
            kept = filter(_ATTRIBUTES.fullmatch, list(element.attrib))
            element.attrib = {name: element.attrib[name] for name in kept}
            if element.text == "|" and "form" not in element.attrib:
                # Left or right? Browsers take a bar inside a row for an operator, with room around.
                element.attrib |= {"lspace": "0", "rspace": "0"}
        return ElementTree.tostring(root, encoding="unicode")
    except Exception:  # whatever a parser does with whatever somebody typed
        written = f"$${tex}$$" if block else f"${tex}$"
        return f'<code class="tex">{html.escape(written)}</code>'
