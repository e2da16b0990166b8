"""What the tests of charting do on the page."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.page.charted import CHECKED, WELL
from tests.page.conftest import Daemon

SEEN = [[60, {"nrs": "6", "poss": "1"}], [45, {**WELL, **CHECKED}]]
NARROW = (360, 740)
USUAL = {"drug": "ketamine", "label_drug": "ketamine", "dose": "10", "unit": "mg", "route": "iv", "who": "Nurse A"}


def charted(page: Page, daemon: Daemon, minutes: float = 95, **past: Any) -> None:
    """A patient whose infusion has run for so long, and what was charted."""
    daemon.call("chart", minutes=minutes, **{"assessed": SEEN, **past})
    expect(page.locator("#due")).to_be_visible()
    if minutes:
        expect(page.locator("#due .chips .chip").first).to_be_visible()


def assess(page: Page, who: str = "Nurse A", **values: str) -> Locator:
    """Opens the form and presses these values."""
    page.click("#charting-open")
    form = page.locator("#chart-assess")
    for name, value in values.items():
        form.locator(f"[name={name}][value='{value}']").check(force=True)
    signed(form, who)
    return form


def signed(form: Locator, who: str) -> None:
    """Whoever charts is named, should it be somebody else than the form shows."""
    shown = form.locator(".who-named")
    if shown.is_visible():
        if shown.inner_text() == f"By {who}":
            return
        shown.click()
    form.locator("[name=who]").fill(who)


def typed(page: Page, **changes: str) -> Locator:
    """Opens the form and fills it; "" leaves a field as it is."""
    if page.locator("#charting").is_hidden():
        page.click("#charting-open")
    page.click("#tab-given")
    form = page.locator("#chart-given")
    expect(page.locator("#given-send")).to_be_visible()
    for name, value in {**USUAL, **changes}.items():
        field = form.locator(f"[name={name}]")
        if value and name == "who":
            signed(form, value)
        elif value and field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        elif value:
            field.fill(value)
    return form
