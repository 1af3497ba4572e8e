"""The browser itself: what every other test here stands on."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page


def test_a_page_is_rendered(page: Page, artefacts: Path) -> None:
    page.set_content("<h1>Downhill</h1>")
    page.screenshot(path=artefacts / "browser.png")
    assert page.get_by_role("heading").inner_text() == "Downhill"
