"""Badges of a release, and what Colab and Deepnote put in: signs, and nobody's words."""

from __future__ import annotations

import pytest
from release import SOLVED, WRITTEN, cell, graded, mended, of
from saved import COLAB_SIGN, DEEPNOTE_SIGN

from autograder.submissions.cells import is_marked
from autograder.submissions.signs import GITHUB, badges, is_sign

REPOSITORY = "https://github.com/some-body/a.course"
BINDER = "[![Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/a/b/main)"
SIGNS = [
    badges(f"{REPOSITORY}/tree/main", "w/n.ipynb"),
    COLAB_SIGN,
    DEEPNOTE_SIGN,
    BINDER,
    f"{COLAB_SIGN}\n{BINDER}",
]


@pytest.mark.parametrize(
    "folder", ["tree/main/release", "blob/main/release", "tree/v1.2/my release"]
)
def test_a_badge_opens_the_notebook_in_the_published_folder(folder: str) -> None:
    """At the addresses that Colab and Kaggle have for what lies at GitHub."""
    address = f"{REPOSITORY}/{folder}"
    assert GITHUB.fullmatch(address)
    colab, kaggle = badges(address, "week2_descent/descent.ipynb").split("\n")
    inside = folder.replace("tree/", "blob/").replace(" ", "%20")
    path = f"some-body/a.course/{inside}/week2_descent/descent.ipynb"
    assert colab.endswith(f"](https://colab.research.google.com/github/{path})")
    assert kaggle.endswith(f"](https://kaggle.com/kernels/welcome?src=https://github.com/{path})")
    assert colab.startswith("[![Open in Colab](https://colab.research.google.com/assets/")


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign[:20])
def test_a_sign_is_no_answer(sign: str) -> None:
    """An unanswered question under it is unanswered, as it was without."""
    assert is_sign(sign)
    notebook, notes = mended(cell(sign, "markdown"), *SOLVED[:3], graded(WRITTEN))
    assert is_marked(of(notebook, "written"), "unanswered")
    assert notes == []


@pytest.mark.parametrize(
    "text",
    [
        "", "Because it is downhill.", f"{COLAB_SIGN} Because it is downhill.", f"Hm. {BINDER}",
        "[![my answer](https://example.com/a.png)](https://example.com)",
        "<a href='https://deepnote.com'>Because it is downhill.</a>",
        "<a href='https://deepnote.com.example.org'>Created in Deepnote</a>",
        "![photo](attachment:a.png)", "Created in Deepnote", "<b></b>",
    ],
)  # fmt: skip
def test_anything_else_may_be_one(text: str) -> None:
    """Words beside a sign, a picture from elsewhere, a link to it."""
    assert not is_sign(text)


@pytest.mark.parametrize(
    "part", ["<", "<a href='https://x", "[![", "[![a](https://", "created in "]
)
def test_long_texts_take_no_longer_than_their_length(part: str) -> None:
    assert not is_sign(part * 2_000)
    assert not is_sign(part * (8_000 // len(part)))
