"""The looks of charting: the strip, the forms, the drawing and the record at every size of screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.page.charting import NARROW, assess, charted, signed, typed
from tests.page.conftest import LOW, PHONE, SMALL, WIDE, Daemon
from tests.page.looks import ARTEFACTS, CONTRAST, FAULTS, SCROLLS, through

NEEDS_A_FINGER = "label.value, button:not(.mark), input:not(.value *), select, a"
SMALL_ONES = (
    "all => all.map(e => [e.outerHTML, e.getBoundingClientRect()])"
    ".filter(([, r]) => r.height && (r.height < 44 || r.width < 44)).map(([html]) => html)"
)
DARK, LIGHT = [WIDE, SMALL, *LOW, PHONE, NARROW], [WIDE, PHONE]


class Check:
    """What is asked of each view at every size, and a picture of it."""

    def __init__(self, page: Page, theme: str, sizes: list[tuple[int, int]]) -> None:
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        self.page, self.theme, self.sizes = page, theme, sizes
        if theme == "light":
            page.click("#theme")
        page.evaluate("document.fonts.ready")

    def __call__(self, view: str) -> None:
        for size in through(self.page, self.sizes):
            self._one(f"{view} at {size}", size)
            width, height = size
            self.page.screenshot(path=ARTEFACTS / f"charting-{view}-{self.theme}-{width}x{height}.png")

    def _one(self, what: str, size: tuple[int, int]) -> None:
        page = self.page
        assert page.evaluate(FAULTS) == [], what
        assert page.evaluate(CONTRAST) == [], what
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), what
        if size not in (PHONE, NARROW):
            assert set(page.evaluate(SCROLLS)) <= {"DIV"}, what
        expect(page.locator("#stop")).to_be_in_viewport()
        assert page.locator("#charting, #due").locator(NEEDS_A_FINGER).evaluate_all(SMALL_ONES) == [], what


@pytest.mark.parametrize(("theme", "sizes"), [("dark", DARK), ("light", LIGHT)])
def test_strip_form_and_record_fit_and_can_be_read(
    page: Page, daemon: Daemon, sizes: list[tuple[int, int]], theme: str
) -> None:
    """Nothing is cut off, lies over another or is too faint; only the panel's own middle scrolls."""
    daemon.call("watch_all")
    charted(page, daemon)
    check = Check(page, theme, sizes)
    check("due")
    form = assess(page, nrs="4", poss="4", effect="dizziness")
    check("assess")
    page.click("#assess-send")
    expect(form.locator(".stopped")).to_be_visible()
    check("stopped")
    page.click("#tab-record")
    expect(page.locator("#record-chain")).to_have_attribute("data-whole", "yes")
    check("record")
    page.locator("#record-lines [data-number]").first.click()
    signed(page.locator("#strike"), "Nurse A")
    check("strike")
    page.locator("#strike [name=reason]").fill("charted at the wrong bed, for a patient of the same name")
    page.click("#strike-send")
    expect(page.locator("#record-lines [data-struck=yes]")).to_be_visible()
    check("struck")


def test_doses_and_prediction_fit_and_can_be_read(page: Page, daemon: Daemon) -> None:
    """With all that may be said of them: findings, a second name, what if, doubts."""
    daemon.call("watch_all")
    charted(page, daemon, given=[[50, {}], [20, {"mass_ng": 10_000_000}], [10, {"route": "im"}]])
    check = Check(page, "dark", [WIDE, SMALL, NARROW])
    typed(page, dose="350", route="im")
    expect(page.locator(".caution[data-hard=yes]").first).to_be_attached()
    check("given")
    page.click("#tab-predict")
    expect(page.locator("#predict-plot svg")).to_be_visible()
    page.click("#if-stop")
    expect(page.locator("polygon.band.other")).to_have_count(1)
    page.click("[data-model=clements]")
    check("prediction")
    page.click("#chart-predict summary")
    check("doubts")
