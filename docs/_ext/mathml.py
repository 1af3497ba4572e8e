"""Formulas as MathML: every browser of today shows it, without a script or a network."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from autograder.pages.formulas import formula


def setup(app: Sphinx) -> dict[str, Any]:
    """Make it the renderer of formulas (called by Sphinx)."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    return {"parallel_read_safe": True}


def _inline(visitor: Any, node: nodes.Element) -> None:
    visitor.body.append(formula(node.astext()))
    raise nodes.SkipNode


def _display(visitor: Any, node: nodes.Element) -> None:
    shown = formula(node.astext(), block=True)
    visitor.body.append(f'<div class="math" tabindex="0">{shown}</div>')
    raise nodes.SkipNode
