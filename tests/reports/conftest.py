"""Pages in a real browser: Chromium as the system has it, or as ``playwright install chromium`` put it there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, ViewportSize, sync_playwright

from qa_scorer.reports.write import write_reports
from qa_scorer.results import run_to_folder
from qa_scorer.rulebook import load

SAMPLES = Path(__file__).parents[2] / "sample_transcripts"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_READY = """
[...document.querySelectorAll('.chart')].every((chart) => chart.querySelector('svg'))
&& !document.querySelector('.tools[hidden]') && !document.querySelector('[data-theme-toggle]').hidden
"""

_PATIENCE = 500


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Closed with its module: while Playwright is open no other test of the process can run an event loop."""
    with sync_playwright() as playwright:
        found = (shutil.which(name) for name in _NAMES)
        path = next((path for path in found if path), playwright.chromium.executable_path)
        if not Path(path).is_file():
            pytest.skip("no Chromium on the PATH to look at the pages with (Debian: apt-get install chromium)")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of the sample transcripts, as a user gets them."""
    out = tmp_path_factory.mktemp("run") / "out"
    run_to_folder([SAMPLES], load(), out, report=write_reports)
    return out


class Viewer:
    """Opens pages and keeps what went wrong on them: anything on the console, any error, any request but for pages themselves."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.wrong: list[str] = []

    def __call__(self, path: Path, *, width: int = 1280, dark: bool = False, place: str = "") -> Page:
        """The page, scrolled to ``place`` (``#…``), once its charts are drawn and its lists are unpacked."""
        size: ViewportSize = {"width": width, "height": 900}
        page = self._browser.new_page(viewport=size, color_scheme="dark" if dark else "light")
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.wrong.append(f"{path.name}: {error}"))
        page.on("request", self._requested)
        page.goto(path.as_uri() + place)
        for _ in range(_PATIENCE):  # not wait_for_function, which the pages' security policy forbids to evaluate
            if page.evaluate(_READY):
                return page
            page.wait_for_timeout(20)
        raise AssertionError(f"{path} is not ready: {self.wrong}")

    def _heard(self, message: ConsoleMessage) -> None:
        self.wrong.append(f"{message.type}: {message.text}")

    def _requested(self, request: Request) -> None:
        if not (request.is_navigation_request() and request.url.startswith("file:")):
            self.wrong.append(f"asked for {request.url}")


@pytest.fixture
def view(chromium: Browser) -> Iterator[Viewer]:
    viewer = Viewer(chromium)
    yield viewer
    for context in chromium.contexts:
        context.close()
    assert viewer.wrong == []
