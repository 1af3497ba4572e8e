"""A real browser, and a folder that keeps what it saw.

Playwright drives Debian's Chromium; its own download of a browser is never used. Screenshots go to
`tests/e2e/artefacts/`, or to `$E2E_ARTEFACTS`, and stay there after the run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from lab import Lab, running_lab
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

# Nothing but the pages under test is to be loaded, and no network is needed for them.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """The folder in which screenshots are kept."""
    folder = Path(os.environ.get("E2E_ARTEFACTS", Path(__file__).parent / "artefacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, one for the whole run."""
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("no chromium: `apt-get install chromium fonts-dejavu`, then again")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile for each test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page in a fresh profile."""
    return context.new_page()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Lab]]:
    """Starts JupyterLab for a folder and configuration files; all are stopped after the module.

    ``lab(folder, {"nbgrader_config.py": text}).url()`` is the address with the token; see `lab.py`.
    """
    with ExitStack() as servers:

        def start(folder: Path, configs: dict[str, str] | None = None, **environment: str) -> Lab:
            home = tmp_path_factory.mktemp("home")
            return servers.enter_context(running_lab(folder, home, configs, **environment))

        yield start
