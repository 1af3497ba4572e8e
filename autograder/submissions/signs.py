"""Signs that say where a notebook opens or was saved: nobody's words, so no answer.

A release may carry badges that open it elsewhere; Colab and Deepnote put a cell of their own into
what they save. They are known by their form, so that another address changes nothing. Knows texts
only.
"""

from __future__ import annotations

import re
from urllib.parse import quote

__all__ = ["GITHUB", "badges", "is_sign"]

#: A longer text is no sign.
_MAX = 8_000
#: The page of a file at GitHub, which is where Colab and Kaggle open notebooks from.
GITHUB = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/(?:blob|tree)/[\w.-]+(?:/[\w. /-]+)?")
#: By platform: the picture that everybody knows, and where a notebook of GitHub's opens.
_PLATFORMS = {
    "Colab": (
        "https://colab.research.google.com/assets/colab-badge.svg",
        "https://colab.research.google.com/github/{path}",
    ),
    "Kaggle": (
        "https://kaggle.com/static/images/open-in-kaggle.svg",
        "https://kaggle.com/kernels/welcome?src=https://github.com/{path}",
    ),
}
_IMAGE = re.compile(
    r"\[!\[[\w .-]{0,40}\]\(https://([^\s/)]+)[^\s)]*\)\]\(https://([^\s/)]+)[^\s)]*\)"
)
_LINK = re.compile(r"<a\s[^<>]*href=[\"']https://([^\s/\"'?]+)[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_HOSTS = re.compile(
    r"(\w+\.)*(colab\.research\.google\.com|(kaggle|deepnote)\.com|mybinder\.org|shields\.io)"
)
_SAID = re.compile(r"(created|open|run|view) (in|on) [\w.-]+|", re.IGNORECASE)


def badges(folder: str, path: str) -> str:
    """Markdown with a badge for each platform that opens a notebook by its address.

    Parameters
    ----------
    folder : str
        The page of the published ``release/`` at GitHub (see `GITHUB`).
    path : str
        The notebook in it: ``WEEK/NAME.ipynb``.
    """
    where = folder.removeprefix("https://github.com/").rstrip("/").replace("/tree/", "/blob/", 1)
    place = quote(f"{where}/{path}")
    return "\n".join(
        f"[![Open in {name}]({picture})]({address.format(path=place)})"
        for name, (picture, address) in _PLATFORMS.items()
    )


def is_sign(text: str) -> bool:
    """Whether nothing but such signs stands in the text of a cell."""
    if len(text) > _MAX:
        return False
    hosts = [host for pair in _IMAGE.findall(text) for host in pair] + _LINK.findall(text)
    said = " ".join(_TAG.sub(" ", _IMAGE.sub(" ", text)).split())
    return bool(hosts) and all(map(_HOSTS.fullmatch, hosts)) and bool(_SAID.fullmatch(said))
