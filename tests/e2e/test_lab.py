"""The server that the other tests here work on."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

import pytest
from lab import running_lab


def test_a_lab_is_for_whoever_has_its_token_and_ends_with_the_test(tmp_path: Path) -> None:
    with running_lab(tmp_path / "work", tmp_path / "home") as lab:
        with urllib.request.urlopen(lab.url("/api/contents/")) as answer:
            assert answer.status == 200
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{lab.address}/api/contents/")
    with pytest.raises(urllib.error.URLError, match="refused"):
        urllib.request.urlopen(lab.address)
