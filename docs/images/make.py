"""Makes the pictures of the README from the sample transcripts: ``python docs/images/make.py``. Needs Chromium on the PATH.

WebP, which Chromium itself encodes: a third of the bytes of PNG.
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, sync_playwright

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "sample_transcripts"
SIZE: ViewportSize = {"width": 1280, "height": 860}
SETTINGS = "audit: {least_to_rank: 5}\n"
ENCODE = """async ([png, quality]) => {
  const picture = new Image();
  picture.src = `data:image/png;base64,${png}`;
  await picture.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: picture.width, height: picture.height });
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return canvas.toDataURL("image/webp", quality).split(",")[1];
}"""


def make_pages(folder: Path) -> None:
    """The reports of the samples and the audit of their month, as the commands of the README make them."""
    (folder / "audit.yaml").write_text(SETTINGS, encoding="utf-8")
    for words in (
        ("score", str(SAMPLES), "-o", "run", "--history", "history", "--quiet"),
        ("audit", "--history", "history", "--month", "2026-10", "--against", "none", "--config", "audit.yaml", "-o",
         "audit", "--quiet"),
    ):  # fmt: skip
        subprocess.run(["qa-scorer", *words], cwd=folder, check=True)


def take(browser: Browser, page: Path, place: str, picture: Path, dark: bool = False) -> None:
    """A picture of the page from ``place`` (an element of it) on."""
    view = browser.new_page(viewport=SIZE, color_scheme="dark" if dark else "light")
    view.goto(page.as_uri())
    while not view.evaluate("[...document.querySelectorAll('.chart')].every((chart) => chart.querySelector('svg'))"):
        view.wait_for_timeout(50)
    view.evaluate("place => document.querySelector(place).scrollIntoView()", place)
    png = base64.b64encode(view.screenshot()).decode()
    blank = browser.new_page()
    picture.write_bytes(base64.b64decode(blank.evaluate(ENCODE, [png, 0.8])))
    view.close()
    blank.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        make_pages(folder)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        take(browser, folder / "run" / "index.html", "body", HERE / "team.webp")
        take(browser, folder / "run" / "agents" / "阿岩.html", "#findings", HERE / "findings.webp")
        take(browser, folder / "audit" / "index.html", "#dimensions h3", HERE / "audit.webp", dark=True)
        browser.close()


if __name__ == "__main__":
    main()
