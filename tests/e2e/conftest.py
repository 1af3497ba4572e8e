"""A real browser, and a folder that keeps what it saw.

Playwright drives Debian's Chromium; its own download of a browser is never used. Screenshots go to
`tests/e2e/artefacts/`, or to `$E2E_ARTEFACTS`, and stay there after the run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from lab import Lab, running_lab
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

#: Milliseconds that a page may take to show what it should; the machine may be busy.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)

REPORTS = pytest.StashKey[dict[str, pytest.TestReport]]()
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
    context.set_default_timeout(PATIENCE)
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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, Any]:
    """Let fixtures know how the test went."""
    report = yield
    item.stash.setdefault(REPORTS, {})[report.when] = report
    return report


@pytest.fixture
def window(
    browser: Browser, artefacts: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Page]]:
    """Opens a page for somebody, in a profile of their own; it can be seen if the test fails."""
    opened: dict[str, Page] = {}

    def open_for(name: str) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE)
        opened[name] = context.new_page()
        return opened[name]

    yield open_for
    report = request.node.stash.get(REPORTS, {}).get("call")
    for name, page in opened.items():
        if report is not None and report.failed:
            page.screenshot(path=artefacts / f"failed-{request.node.name}-{name}.png")
        page.context.close()
