"""LaTeX as MathML, which every browser shows without a script.

What a library makes of what somebody typed is read as XML, and only what is
known from MathML is kept.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from xml.etree import ElementTree

from latex2mathml.converter import convert

__all__ = ["MAX_FORMULA", "formula"]

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
_PRIMES = "′″‴⁗"


@lru_cache(maxsize=2048)
def formula(tex: str, block: bool = False) -> str:
    """A formula as MathML, or as it was written if that can't be had.

    The library leaves what stands in a ``text`` command as it is, so its
    answer is read as XML, and only what is
    known from MathML is kept.
    """
    try:
        if len(tex) > MAX_FORMULA:
            raise ValueError("too long")
        root = ElementTree.fromstring(convert(tex, display="block" if block else "inline"))
        for element in list(root.iter()):
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
            if element.tag in ("msub", "msup") and len(element) > 2:
                # The library takes a matrix and its brackets for several bases.
                base = ElementTree.Element("mrow")
                base.extend(element[:-1])
                element[:-1] = [base]
            if element.tag == "msup" and element[1].text in tuple(_PRIMES):
                # In most fonts they stand high already: raised once more, nobody can count them.
                element.tag, element[1].tag = "mrow", "mo"
                element[1].attrib |= {"lspace": "0", "rspace": "0"}
        return ElementTree.tostring(root, encoding="unicode")
    except Exception:  # whatever a parser does with whatever somebody typed
        written = f"$${tex}$$" if block else f"${tex}$"
        return f'<code class="tex">{html.escape(written)}</code>'
