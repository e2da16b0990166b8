"""Who stands at this page: one name, asked once, in every form, with all that is sent; and one row of each head."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from assuage_rig.requirements import req
from tests.page.charting import assess, charted, signed, typed
from tests.page.conftest import SMALL, Daemon
from tests.page.looks import through
from tests.page.wards import Bed

LONG = "Dr Wilhelmine von Hohenstaufen-Sonderburg"[:40]
HEADS = [(1280, 720), (1280, 800), SMALL, (1920, 1080)]


class Sent:
    """What the page posts: its path below /api/, and the name it is sent by."""

    def __init__(self, page: Page) -> None:
        self.by: dict[str, Any] = {}
        page.on("request", lambda r: self._take(r.url, r.post_data) if r.method == "POST" else None)

    def _take(self, url: str, data: str | None) -> None:
        self.by[url.partition("/api/")[2]] = json.loads(data or "{}").get("who")


@req("PHA-010")
def test_one_name_is_asked_once_and_stands_in_orders_and_in_charting(bed: Bed) -> None:
    """Typed with the order, it is that of the chart; changed there, it is that of the order."""
    bed.admit()
    page = bed.page
    bed.order()
    bed.signed("Dr B")
    page.keyboard.press("Escape")
    page.click("#charting-open")
    expect(page.locator("#chart-assess .who-named")).to_have_text("By Dr B")
    expect(page.locator("#chart-assess [name=who]")).to_be_hidden()
    page.locator("#chart-assess [name=nrs][value='4']").check(force=True)
    expect(page.locator("#assess-lacks")).to_have_text("")
    page.click("#chart-assess .who-named")
    expect(page.locator("#chart-assess [name=who]")).to_be_focused()
    expect(page.locator("#assess-lacks")).to_have_text("Still missing: your name.")
    signed(page.locator("#chart-assess"), "Nurse A")
    page.click("#tab-given")
    expect(page.locator("#chart-given .who-named")).to_have_text("By Nurse A")
    page.keyboard.press("Escape")
    page.click("#programme-open")
    expect(page.locator("#order .who-named")).to_have_text("By Nurse A")
    page.click("#patient-open")
    expect(page.locator("#patient .who-named")).to_have_text("By Nurse A")


@req("PHA-010")
def test_the_name_goes_with_every_order_entry_answer_to_an_alarm_and_stop(page: Page, daemon: Daemon) -> None:
    charted(page, daemon)
    daemon.call("raise_alarms")
    sent = Sent(page)
    assess(page, nrs="4")
    page.click("#assess-send")
    expect(page.locator("#chart-assess .entered")).to_be_visible()
    page.click("#charting-close")
    page.click("#alarm-acknowledge")
    page.click("#alarm-silence")
    page.click("#pause")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "paused")
    page.click("#stop")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "stopped")
    assert sent.by == dict.fromkeys(
        ("assess", "alarm/acknowledge", "alarm/silence", "pump/pause", "pump/stop"), "Nurse A"
    )


def test_stop_and_alarms_are_answered_without_a_name_too(page: Page, daemon: Daemon) -> None:
    daemon.call("infuse")
    daemon.call("raise_alarms")
    sent = Sent(page)
    page.click("#alarm-acknowledge")
    page.click("#stop")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "stopped")
    assert sent.by == {"alarm/acknowledge": None, "pump/stop": None}


def test_enter_after_the_name_leaves_the_focus_on_it_and_escape_closes(bed: Bed) -> None:
    """In an order and in the chart, and sends nothing."""
    bed.admit()
    page = bed.page
    for opener, panel, shown in (
        ("#programme-open", "#order", "#order .who-named"),
        ("#charting-open", "#charting", "#chart-assess .who-named"),
    ):
        page.click(opener)
        field = page.locator(f"{panel} .who-name:visible")
        expect(field).to_be_visible()
        field.fill("Dr B")
        field.press("Enter")
        expect(page.locator(shown)).to_be_focused()
        page.keyboard.press("Enter")  # somebody else
        expect(field).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator(panel)).to_be_hidden()
    assert "assessment" not in bed.served.get("kinds")


@req("PHA-010")
def test_a_second_person_is_asked_anew_for_another_dose_and_is_never_the_first(page: Page, daemon: Daemon) -> None:
    """However the name is written."""
    charted(page, daemon)
    form = typed(page, dose="200")
    second, lacks = form.locator("[name=second]"), page.locator("#given-lacks")
    second.fill("nurse  a")
    expect(lacks).to_contain_text("somebody else as the second person")
    second.fill("Nurse B")
    expect(lacks).not_to_contain_text("second person")
    form.locator("[name=dose]").fill("210")
    expect(second).to_have_value("")
    expect(form.locator(".sums thead")).to_contain_text("With these 210 mg")
    expect(lacks).to_contain_text("the name of a second person")


# Each head is measured in one go, whatever the panel would make of being open now.
ROWS = """() => [...document.querySelectorAll('.programme')].flatMap(panel => {
    const [was, head] = [panel.hidden, panel.querySelector('.top')];
    panel.hidden = false;
    const all = [head, ...head.querySelectorAll('h2, ol, li, button, input')].filter(e => e.checkVisibility());
    const [box, ...parts] = all.map(e => e.getBoundingClientRect());
    const middle = r => (r.top + r.bottom) / 2;
    const wrong = all.slice(1).filter((e, i) => Math.abs(middle(parts[i]) - middle(box)) > 3
        || parts[i].right > box.right + 1 || parts[i].left < box.left - 1
        || e.getClientRects().length > 1 || parts[i].height > 48 || parts[i].width < 30);
    panel.hidden = was;
    return wrong.map(e => panel.id + ': ' + (e.textContent || e.className));
})"""


@pytest.mark.parametrize("name", ["", LONG])
def test_the_head_of_no_panel_wraps(bed: Bed, name: str) -> None:
    """Title, steps, tabs, name and Close stand in one row at a bedside's sizes, also with the longest name."""
    bed.admit()
    page = bed.page
    page.click("#programme-open")
    bed.signed(name)
    page.click("#order-title")
    page.evaluate("document.fonts.ready")
    ids = page.locator(".programme").evaluate_all("all => all.map(e => e.id)")
    assert {"programme", "order", "redose", "patient", "charting", "limits", "release", "running"} <= set(ids)
    for size in through(page, HEADS):
        assert page.evaluate(ROWS) == [], size
