"""Every way of infusing, what can be done to an infusion that runs, and filling a line: each compared by a human."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from assuage.bedside.order import Order
from assuage.bedside.readback import shown
from assuage.link.messages import LegBack, Readback
from tests.page.conftest import Daemon, fill, module

DRUG = {"drug": "Ketamine racemic 10 mg/mL", "syringe": "BD 50 mL", "on_loss": "stop"}
ORDERS = {
    "continuous": {"rate_ml_h": "10", "vtbi_ml": "20"},
    "loading": {"load_ml": "2", "load_ml_h": "120", "rate_ml_h": "6", "vtbi_ml": "8"},
    "ramp": {"up_min": "10", "down_min": "20", "rate_ml_h": "12", "vtbi_ml": "10"},
    "intermittent": {"dose_ml": "2", "dose_ml_h": "60", "every_min": "30", "rate_ml_h": "1.5", "vtbi_ml": "20"},
    "pca": {
        "dose_ml": "0.5", "dose_ml_h": "60", "lockout_min": "8", "rate_ml_h": "1", "hour_ml": "3",
        "four_hours_ml": "8", "vtbi_ml": "40", "for_h": "24",
    },
}  # fmt: skip
SHOWN = {
    "continuous": ["10 mL/h", "20 mL"],
    "loading": ["2 mL", "120 mL/h", "6 mL/h", "8 mL"],
    "ramp": ["10 min", "12 mL/h", "20 min", "10 mL"],
    "intermittent": ["2 mL", "60 mL/h", "30 min", "1.5 mL/h", "20 mL"],
    "pca": ["0.5 mL", "60 mL/h", "8 min", "1 mL/h", "3 mL", "8 mL", "40 mL", "24 h"],
    "steps": ["6 mL/h, 1 mL", "12 mL/h, 4.5 mL"],
}
STEPS = {"steps": [{"rate_ml_h": "6", "ml": "1"}, {"rate_ml_h": "12", "ml": "4.5"}]}


def enter(page: Page, mode: str) -> None:
    """Writes the order of this mode."""
    fill(page)
    page.select_option("#programme-form [name=mode]", mode)
    for name, value in ORDERS.get(mode, {}).items():
        page.fill(f"#programme-form [name={name}]", value)
    if mode == "steps":
        for number, step in enumerate(STEPS["steps"], 1):
            page.fill(f"[name=step-{number}-rate]", step["rate_ml_h"])
            page.fill(f"[name=step-{number}-ml]", step["ml"])


@pytest.mark.parametrize("mode", SHOWN)
def test_each_way_is_entered_compared_and_started(page: Page, daemon: Daemon, mode: str) -> None:
    """What was typed stands beside what the board read back, line by line."""
    enter(page, mode)
    page.click("#programme-send")
    rows = page.locator("#readback-rows tr")
    expect(rows).to_have_count(len(SHOWN[mode]) + 3)
    for row, value in enumerate(SHOWN[mode], 1):
        expect(rows.nth(row).locator("td").nth(0)).to_have_text(value)
        expect(rows.nth(row).locator("td").nth(1)).to_contain_text(value)
    page.click("#confirm")
    page.click("#start")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "infusing")
    assert daemon.get("calls") == ["programme", "confirm", "start"]


def read_back(mode: str) -> dict[str, object]:
    """What an honest board reads back of it."""
    asked = {**DRUG, "mode": mode, **(ORDERS.get(mode) or STEPS)}
    order = Order.from_input(asked)
    legs = [LegBack(7, 1, **leg, steps=1, missing=0, finish=9, token=5) for leg in order.legs(1)]
    back = Readback(7, 1, **order.programme(1, 3000), nl_per_rev=559_903, steps=1, finish=9, token=5)
    return {"asked": asked, "r": shown(order, back, legs)}


TAMPERED = [
    ("loading", "r.legs[0].volume_nl += 1", "Loading"), ("loading", "r.legs[0].end_nl_min += 1", "Loading"),
    ("loading", "r.legs[1].begin_nl_min += 1", "Then at"), ("loading", "r.legs[1].volume_nl = 1", "VTBI"),
    ("loading", "r.legs.push(r.legs[1])", "VTBI"), ("ramp", "r.legs[0].seconds += 1", "Ramp up"),
    ("ramp", "r.legs[0].end_nl_min -= 1", "Rate"), ("ramp", "r.legs[2].seconds -= 1", "Taper"),
    ("ramp", "r.legs.splice(1, 0, r.legs[1])", "Rate"), ("steps", "r.legs[1].volume_nl += 1", "Step 2"),
    ("steps", "r.legs.push(r.legs[0])", "Step 3"), ("steps", "r.loop = 0", "Step 1"),
    ("intermittent", "r.legs[0].volume_nl += 1", "Dose"), ("intermittent", "r.legs[1].volume_nl += 1", "Every"),
    ("intermittent", "r.loop = null", "Every"), ("intermittent", "r.legs[1].end_nl_min = 1", "Between"),
    ("pca", "r.lockout_s -= 1", "Lockout"), ("pca", "r.dose_nl += 1", "Dose"), ("pca", "r.hour_nl += 1", "In 1 h"),
    ("pca", "r.four_hours_nl = null", "In 4 h"), ("pca", "r.dose_rate_nl_min += 1", "Given at"),
    ("pca", "r.duration_s += 1", "Ends after"), ("continuous", "r.dose_nl = 1", "Beside"),
    ("continuous", "r.legs = [{}]", "Beside"), ("pca", "r.mode = 'continuous'", "Mode"),
    ("pca", "r.on_end = 'kvo'", "At the end"),
]  # fmt: skip


@pytest.mark.parametrize("mode", SHOWN)
def test_an_honest_read_back_is_the_same(js: Page, mode: str) -> None:
    """By the page's own reckoning from what was typed."""
    both = read_back(mode)
    assert js.evaluate("async b => (await import('/static/readback.js')).rows(b.r, b.asked).same", both) is True


@pytest.mark.parametrize(("mode", "tamper", "name"), TAMPERED)
def test_one_that_differs_in_anything_cannot_be_confirmed(js: Page, mode: str, tamper: str, name: str) -> None:
    """And the line that differs is named."""
    rows = "(await import('/static/readback.js')).rows(r, asked)"
    made = js.evaluate(f"async ({{r, asked}}) => {{ {tamper}; return {rows}; }}", read_back(mode))
    assert made["same"] is False
    assert name in [line["name"] for line in made["lines"] if not line["same"]]


def test_settings_that_were_typed_are_compared_and_the_rest_is_told(page: Page) -> None:
    """Occlusion, KVO, the largest bolus, what follows the end."""
    fill(page)
    page.click("#more summary")
    page.select_option("[name=occlusion_mmhg]", "150")
    page.select_option("[name=on_end]", "kvo")
    for name, value in {"contents_ml": "45", "kvo_ml_h": "0.5", "highest_ml_h": "60", "bolus_ml": "2"}.items():
        page.fill(f"#more [name={name}]", value)
    page.click("#programme-send")
    expect(page.locator("#confirm")).to_be_enabled()
    said = page.locator("#readback-rows").inner_text()
    for value in ("150 mmHg", "45 mL", "0.5 mL/h", "60 mL/h", "2 mL", "keeps the vein open"):
        assert said.count(value) >= 2, value
    expect(page.locator("#readback-also")).to_contain_text("warns 15 min before it is empty")


def test_a_wrong_setting_is_told_at_its_field_even_in_a_closed_drawer(page: Page, daemon: Daemon) -> None:
    """The drawer opens."""
    fill(page)
    page.click("#more summary")
    page.fill("#more [name=contents_ml]", "5.0")
    page.click("#more summary")
    page.click("#programme-send")
    expect(page.locator("#contents_ml-wrong")).to_have_text("Write 5, not 5.0.")
    page.fill("#more [name=contents_ml]", "5")
    page.click("#programme-send")
    expect(page.locator("#vtbi_ml-wrong")).to_contain_text("more than is in the syringe")


def test_a_field_of_another_mode_keeps_what_was_typed(page: Page) -> None:
    """The rate typed for one way is still there for another."""
    fill(page, rate="7.5")
    page.select_option("[name=mode]", "loading")
    expect(page.locator("#course-fields [name=rate_ml_h]")).to_have_value("7.5")


def test_more_steps_can_be_added(page: Page) -> None:
    """Up to sixteen; empty ones are not sent."""
    enter(page, "steps")
    page.click("#step-add")
    page.fill("[name=step-3-rate]", "3")
    page.click("#programme-send")
    expect(page.locator("#step-3-ml-wrong")).to_have_text("Enter a number.")
    page.fill("[name=step-3-ml]", "2")
    page.click("#step-add")
    page.click("#programme-send")
    expect(page.locator("#readback-rows tr")).to_have_count(6)


def test_pause_and_resume(page: Page, daemon: Daemon) -> None:
    """It keeps its place."""
    daemon.call("infuse")
    page.click("#pause")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "paused")
    expect(page.locator("#next-why")).to_contain_text("keeps its place")
    page.click("#resume")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "infusing")
    assert daemon.get("calls") == ["pause", "resume"]


def test_what_this_host_does_not_supervise_can_only_be_stopped(page: Page, daemon: Daemon) -> None:
    """No pause, no change."""
    daemon.call("infuse")
    expect(page.locator("#pause")).to_be_visible()
    daemon.call("disown")
    expect(page.locator("#pause")).to_be_hidden()
    expect(page.locator("#running-open")).to_be_hidden()


def test_another_rate_is_compared_before_it_is_made(page: Page, daemon: Daemon) -> None:
    """Nothing changes before."""
    daemon.call("infuse")
    page.click("#running-open")
    page.fill("#running [name=rate_ml_h]", "2.5")
    page.click("#running [type=submit]")
    expect(page.locator("#running tbody tr td").nth(0)).to_have_text("2.5 mL/h")
    expect(page.locator("#running tbody tr td").nth(1)).to_contain_text("2.5 mL/h")
    expect(page.locator("#pump-rate")).to_have_text("1.4")
    page.click("#running [data-do=confirm]")
    expect(page.locator("#pump-rate")).to_have_text("2.5")
    assert daemon.get("calls") == ["change", "apply"]


def test_a_bolus_is_compared_before_it_is_given(page: Page, daemon: Daemon) -> None:
    """Volume and rate."""
    daemon.call("infuse")
    page.click("#running-open")
    page.select_option("#running [name=what]", "bolus")
    page.fill("#running [name=ml]", "1.5")
    page.fill("#running [name=ml_h]", "60")
    page.click("#running [type=submit]")
    expect(page.locator("#running tbody tr")).to_have_count(2)
    page.click("#running [data-do=confirm]")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "bolus")


def test_a_change_that_is_refused_says_why(page: Page, daemon: Daemon) -> None:
    """With the limit as it is typed; a wrong number never leaves the page."""
    daemon.call("infuse")
    page.click("#running-open")
    page.fill("#running [name=rate_ml_h]", "5.0")
    page.click("#running [type=submit]")
    expect(page.locator("#running")).to_contain_text("Write 5, not 5.0.")
    assert daemon.get("calls") == []
    page.fill("#running [name=rate_ml_h]", "900")
    page.click("#running [type=submit]")
    expect(page.locator("#running [data-is=refusal]")).to_contain_text("600.00 mL/h")


def test_a_change_goes_with_the_infusion_that_ends(page: Page, daemon: Daemon) -> None:
    """No dialogue is left standing about what is over."""
    daemon.call("infuse")
    page.click("#running-open")
    daemon.call("stand", state="stopped", reason="host-stop")
    expect(page.locator("#running")).to_be_hidden()


def filling(page: Page) -> None:
    """Up to the question."""
    page.click("#filling-open")
    page.select_option("#filling [name=syringe]", "BD 50 mL")
    page.fill("#filling [name=ml]", "2")
    page.fill("#filling [name=rate_ml_h]", "600")
    page.click("#filling [type=submit]")
    expect(page.locator("#filling-question")).to_be_visible()
    expect(page.locator("#filling-question")).to_have_text("Look at the line. Is it disconnected from the patient?")


def test_a_line_is_filled_only_after_a_human_has_said_that_it_is_disconnected(page: Page, daemon: Daemon) -> None:
    """The question, the progress, and nothing of it as delivered."""
    filling(page)
    assert daemon.get("calls") == ["prime"]
    page.get_by_role("button", name="Yes, the line is not connected to the patient: fill it").click()
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "priming")
    expect(page.locator("#next-why")).to_contain_text("of 2 mL, not counted as delivered")
    expect(page.locator("#next-why")).to_contain_text("must not be connected")
    expect(page.locator("#pump-delivered")).to_have_text("--")
    expect(page.locator("#pump-rate")).to_have_text("--")
    assert daemon.get("calls") == ["prime", "purge True"]
    page.click("#stop")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "standby")


def test_no_means_no(page: Page, daemon: Daemon) -> None:
    """Nothing moves."""
    filling(page)
    page.get_by_role("button", name="No", exact=True).click()
    expect(page.locator("#filling form")).to_be_visible()
    assert daemon.get("calls") == ["prime"]


def test_no_line_is_filled_while_a_programme_is_there(page: Page, daemon: Daemon) -> None:
    """It is not even offered, and an open dialogue goes."""
    page.click("#filling-open")
    expect(page.locator("#filling")).to_be_visible()
    daemon.call("infuse")
    expect(page.locator("#filling")).to_be_hidden()
    expect(page.locator("#filling-open")).to_be_hidden()


def test_what_a_patient_asked_for_is_told(page: Page, daemon: Daemon) -> None:
    """Doses given, asked for in vain, and when the next one can be had."""
    enter(page, "pca")
    page.click("#programme-send")
    page.click("#confirm")
    page.click("#start")
    daemon.set(doses=6, denied=2, lockout=130)
    expect(page.locator("#pump-sentence")).to_have_text("PCA: 6 doses of 0.5 mL, 2 asked in vain; next in 2 min 10 s.")
    page.click("#running-open")
    expect(page.locator("#running-limits")).to_contain_text("Up to 1 mL/h, as it was ordered")


@pytest.mark.parametrize(("syringe", "said"), [
    ("{name: 'A', bore_mm: 26.7, outer_mm: null, measured: false, source: 't', alike: []}",
     "Bore 26.7 mm, from a table. Confirm make and size by eye: the pump cannot."),
    ("{name: 'A', bore_mm: 26.72, outer_mm: 29.6, measured: true, source: 'by weight, bed 3', alike: []}",
     "Bore 26.72 mm, measured here: by weight, bed 3."),
    ("{name: 'A', bore_mm: 26.7, outer_mm: 29.6, measured: false, source: 't', alike: ['B 50 mL']}",
     "Bore 26.7 mm, from a table. Confirm by eye: to the pump it looks like B 50 mL."),
])  # fmt: skip
def test_where_a_syringes_numbers_come_from_and_what_must_be_confirmed_by_eye(
    js: Page, syringe: str, said: str
) -> None:
    """Before it is chosen."""
    assert module(js, "syringes", f"return m.about({syringe})") == said
