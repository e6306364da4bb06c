"""A real browser for tests: the machine's Chromium, driven by Playwright, and axe-core over a
page."""

import os
import shutil
from contextlib import contextmanager

import pytest

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def started():
    """The browser; the test is skipped, with the reason, where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def faults_of(page):
    """What axe-core finds on a page, by its rules for WCAG 2.2 AA and its best practices: the rule,
    and the elements."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page, options={"runOnly": LEVELS, "resultTypes": ["violations"]}).response
    return [
        (row["id"], [node["html"][:200] for node in row["nodes"]]) for row in found["violations"]
    ]
