"""What of a cell's outputs is shown: nothing that can run, and figures no larger than they need be.

Knows cells; the only HTML that it lets through is a verdict's.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from functools import lru_cache

from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from PIL import Image

from autograder.submissions.cells import is_judged

__all__ = ["last_line", "shown"]

#: Kinds of output that are shown, the first that there is. None of them can run.
_SHOWN = (
    "image/png", "image/jpeg", "image/svg+xml", "text/markdown", "text/latex", "text/plain",
)  # fmt: skip


#: A visible check that failed left this in what it printed.
_TRACEBACK = "Traceback (most recent call last)"
#: How the last line of a traceback begins.
_ERROR = re.compile(r"[A-Za-z_][\w.]*(Error|Exception|Exit|Interrupt|Iteration|Warning)\b")


def last_line(text: str) -> str:
    """What a traceback comes to: the error and its message; empty for any other text."""
    if _TRACEBACK not in text:
        return ""
    lines = strip_ansi(text).rstrip().splitlines()
    starts = [k for k, line in enumerate(lines) if _ERROR.match(line)]
    return "\n".join(lines[starts[-1] if starts else -1 :])[:1000]


def shown(cell: NotebookNode, smaller: bool = True) -> Iterator[tuple[str, str]]:
    """Outputs of a cell as pairs of kind and content; HTML only if it is a verdict.

    Pictures are made `smaller`, which takes a while, or come as they are.
    """
    for position, output in enumerate(cell.outputs):
        if output.output_type == "stream":
            yield "text/plain", output.text
        elif output.output_type == "error":
            yield "text/plain", "\n".join(output.traceback)
        elif position == 0 and is_judged(cell) and "text/html" in output.data:
            yield "text/html", output.data["text/html"]
        else:
            kinds = [kind for kind in _SHOWN if kind in output.data]
            for kind in kinds[:1]:
                data = output.data[kind]
                yield kind, _smaller(data) if smaller and kind == "image/png" else data


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
