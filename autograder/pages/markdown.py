"""Text that somebody wrote, as HTML that can neither run nor load anything.

Knows markdown; neither notebooks nor pages.
"""

from __future__ import annotations

import html
import re
from typing import Any

from bs4 import BeautifulSoup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from autograder.pages.formulas import formula

__all__ = ["render"]

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
    renderer.room = _AGAIN * sum(
        len(data) for held in renderer.attachments.values() for data in held.values()
    )
    try:
        text = str(MarkdownWithMath(renderer=renderer).render(source))
        # A tag that is never closed must end with this text.
        return str(BeautifulSoup(text, "html.parser")) if _TAG.search(source) else text
    except RecursionError:  # lists in lists in lists
        return f"<pre>{html.escape(source)}</pre>"


#: What code in a text may be coloured as. Their lexers take time proportional to the length,
#: measured on texts made to be slow; that of C takes two seconds for 5,000 spaces.
_LANGUAGES = {"python": "python", "py": "python", "bash": "bash", "json": "json", "diff": "diff"}
#: Longer code is shown as it is.
_LONG = 5000
#: A picture may be shown more than once, but no few letters make a large page: all together take
#: so many times what is attached.
_AGAIN = 3


class _Renderer(IPythonRenderer):  # type: ignore[misc]
    """nbconvert's renderer, with formulas as MathML and nothing from elsewhere."""

    room = 0
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

    def block_code(self, code: str, info: str | None = None) -> str:
        language, *_ = [*(info or "").split(maxsplit=1), ""]
        if language in _LANGUAGES and len(code) <= _LONG:
            lexer = get_lexer_by_name(_LANGUAGES[language])
            return str(highlight(code, lexer, HtmlFormatter()))
        return f"<pre><code>{html.escape(code)}</code></pre>"

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
            self.room -= len(held[kinds[0]]) if kinds else 0
            if kinds and self.room >= 0:
                url = f"data:{kinds[0]};base64,{held[kinds[0]]}"
        if not self._picture.fullmatch(url):
            return html.escape(f"[picture: {text}, {url[:200]}]")
        return f'<img src="{url}" alt="{html.escape(text or "a picture")}">'
