"""A page for the chain tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect

from tests.browser import chromium
from tests.chain.chain import PATIENCE


@contextmanager
def page(address: str, width: int = 1920, height: int = 1080) -> Iterator[Page]:
    """A page at `address` in a fresh headless Chromium. Fails with what to install when there is none."""
    expect.set_options(timeout=PATIENCE * 1000)
    with chromium() as browser:
        tab = browser.new_page(viewport={"width": width, "height": height})
        tab.goto(address)
        yield tab
