"""Chromium for the chain tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect, sync_playwright

from tests.chain.chain import PATIENCE

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def page(address: str, width: int = 1920, height: int = 1080) -> Iterator[Page]:
    """A page at `address` in a fresh headless Chromium. Fails with what to install when there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert program, "the page tests need Chromium: apt install chromium"
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            tab = browser.new_page(viewport={"width": width, "height": height})
            tab.goto(address)
            yield tab
        finally:
            browser.close()
