"""The prediction on the page: a band of models with its doubts, never one truth."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from assuage_rig.requirements import req
from tests.page.charting import NARROW, charted
from tests.page.conftest import WIDE, Daemon, module
from tests.page.looks import ARTEFACTS, through

BY_HAND = [[50, {}], [20, {"mass_ng": 10_000_000}]]


def predicted(page: Page, daemon: Daemon, **past: Any) -> None:
    """The drawing is there."""
    charted(page, daemon, **{"given": BY_HAND, **past})
    page.click("#charting-open")
    page.click("#tab-predict")


@req("KIN-011")
def test_it_is_a_band_with_a_median_and_no_model_s_line_before_somebody_asks(page: Page, daemon: Daemon) -> None:
    predicted(page, daemon)
    plot = page.locator("#predict-plot svg")
    expect(page.locator("#predict-now")).to_have_text(
        re.compile(r"^ketamine \(racemic\): \d+–\d+ ng/mL now, by 4 models$")
    )
    expect(plot.locator("polygon.band.past")).to_have_count(1)
    expect(plot.locator("polygon.band.future")).to_have_count(1)
    dashes = "e => getComputedStyle(e).strokeDasharray"
    assert plot.locator("polyline.median.past").evaluate(dashes) == "none"
    assert plot.locator("polyline.median.future").evaluate(dashes) != "none"
    expect(plot.locator("polyline.model")).to_have_count(0)
    page.click("[data-model=kamp]")
    expect(plot.locator("polyline.model")).to_have_count(2)  # past and future
    expect(plot.locator("text.model")).to_have_text("Kamp 2020")
    page.click("[data-model=kamp]")
    expect(plot.locator("polyline.model")).to_have_count(0)


@req("KIN-011")
def test_what_is_drawn_is_what_the_daemon_says(page: Page, daemon: Daemon) -> None:
    """Each point of the band's upper edge and of the median, reckoned back from the drawing."""
    predicted(page, daemon, given=[])
    plot = page.locator("#predict-plot svg")
    expect(plot).to_be_visible()
    with page.expect_response("**/api/prediction?*") as answer:
        page.click("[data-hours='1']")
    one = answer.value.json()["substances"][0]
    expect(page.locator("[data-hours='1']")).to_have_attribute("aria-pressed", "true")
    curves, now = one["curves"], one["curves"]["minutes"].index(0.0)
    zero, top = plot.evaluate("s => [0, 4].map(n => Number(s.querySelectorAll('line.grid')[n].getAttribute('y1')))")
    highest = float(plot.locator("text").evaluate_all("all => all[4].textContent"))
    for drawn, levels in (
        ("polyline.edge.band.past >> nth=0", curves["high"]),
        ("polyline.median.past", curves["median"]),
    ):
        points = plot.locator(drawn).get_attribute("points")
        assert points
        found = [(zero - float(pair.split(",")[1])) / (zero - top) * highest for pair in points.split()]
        assert found == pytest.approx(levels[: now + 1], abs=highest / 1000)


def test_doses_by_hand_are_marked_and_what_was_seen_at_which_level_has_its_source(page: Page, daemon: Daemon) -> None:
    """What is unverified is hollow, and says so."""
    predicted(page, daemon)
    plot = page.locator("#predict-plot svg")
    expect(plot.locator("path.dose")).to_have_count(2)
    expect(plot.locator("text.dose")).to_have_text(["25 mg", "10 mg"])
    expect(plot.locator("text.level", has_text="analgesia")).to_have_text("analgesia, unverified")
    expect(plot.locator("rect.level[data-verified=no]").first).to_be_attached()
    page.click("#chart-predict summary")
    expect(page.locator(".doubts details")).to_contain_text(
        "analgesia, 70–160 ng/mL: range as it is told in reviews. Unverified"
    )
    expect(page.locator(".doubts details")).to_contain_text("Domino 1982/84: Domino EF et al.")
    expect(page.locator(".doubts details")).to_contain_text("Herd 2007 (children) was found at ages")
    expect(page.locator("#chart-predict .doubts > .hint")).to_contain_text("nobody is that average")


# Each text of the drawing that is cut off by it, and pairs that lie over each other. A line's box is taller than its
# letters; turned ones are as wide as a line is high.
LABELS = """svg => {
    const box = svg.getBoundingClientRect();
    const all = [...svg.querySelectorAll('text')].map(e => {
        const {left, right, top, bottom} = e.getBoundingClientRect();
        const [x, y] = right - left < bottom - top ? [0.22 * (right - left), 0] : [0, 0.22 * (bottom - top)];
        return {name: e.textContent, left: left + x, right: right - x, top: top + y, bottom: bottom - y};
    });
    const out = all.filter(r => r.left < box.left || r.right > box.right || r.top < box.top || r.bottom > box.bottom);
    const over = all.flatMap((a, i) => all.slice(i + 1).filter(b =>
        Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1).map(b => `${a.name} over ${b.name}`));
    return [...out.map(r => `${r.name} is cut off`), ...over];
}"""


@req("KIN-011")
def test_no_label_of_the_drawing_is_cut_off_or_lies_over_another(page: Page, daemon: Daemon) -> None:
    """At the smallest and the largest size, with every model's own line, which all end at the right edge."""
    predicted(page, daemon, given=[*BY_HAND, [6, {"mass_ng": 30_000_000}], [2, {"mass_ng": 5_000_000}]])
    plot = page.locator("#predict-plot svg")
    expect(plot).to_be_visible()
    models = page.locator("[data-model]")
    for model in models.all():
        model.click()
    expect(plot.locator("text.model")).to_have_count(models.count())
    page.evaluate("document.fonts.ready")
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    for hours in (1, 24):
        with page.expect_response("**/api/prediction?*"):
            page.click(f"[data-hours='{hours}']")
        expect(page.locator(f"[data-hours='{hours}']")).to_have_attribute("aria-pressed", "true")
        for width, height in through(page, [NARROW, WIDE]):
            page.wait_for_function("() => { const e = document.querySelector('#predict-plot'); "
                                   "return e.firstChild.clientWidth === e.clientWidth; }")  # fmt: skip
            assert plot.evaluate(LABELS) == [], (hours, width, height)
            page.screenshot(path=ARTEFACTS / f"prediction-labels-{hours}h-{width}x{height}.png")


@req("KIN-011")
def test_what_if_is_drawn_beside_it_and_changes_nothing(page: Page, daemon: Daemon) -> None:
    predicted(page, daemon)
    other = page.locator("#predict-plot polygon.band.other")
    expect(page.locator("#if-on")).to_have_attribute("aria-pressed", "true")
    expect(other).to_have_count(0)
    page.click("#if-stop")
    expect(other).to_have_count(1)
    expect(page.locator("#predict-wake li")).to_have_count(3)
    expect(page.locator("#predict-wake li").first).to_contain_text(
        "awakening after anaesthesia, 856 ng/mL: already, by every model."
    )
    expect(page.locator("#predict-wake li small").first).to_contain_text("Source: Idvall J et al.")
    go = page.locator("#chart-predict form button[type=submit]")
    expect(go).to_be_disabled()
    page.fill("#chart-predict [name=rate]", "0.1")
    expect(go).to_be_disabled()  # of what?
    page.select_option("[aria-label='Unit of the rate']", "mg/kg/h")
    go.click()
    expect(page.locator(".key[data-kind=other]")).to_have_text("at 7 mg/h")
    expect(page.locator("#predict-wake li")).to_have_count(0)
    page.click("#if-on")
    expect(other).to_have_count(0)
    assert daemon.get("calls") == []


def test_a_rate_that_cannot_be_is_refused_in_a_sentence_and_the_drawing_stays(page: Page, daemon: Daemon) -> None:
    predicted(page, daemon)
    expect(page.locator("#predict-plot svg")).to_be_visible()
    page.fill("#chart-predict [name=rate]", "fast")
    page.select_option("[aria-label='Unit of the rate']", "mg/h")
    page.click("#chart-predict form button[type=submit]")
    expect(page.locator("#chart-predict .refusal")).to_contain_text("fast")
    expect(page.locator("#predict-plot svg")).to_be_visible()
    expect(page.locator("#if-on")).to_have_attribute("aria-pressed", "true")


@req("KIN-011")
def test_what_is_in_no_line_is_told_first_and_nobody_says_when_they_wake(page: Page, daemon: Daemon) -> None:
    predicted(page, daemon, given=[[30, {"route": "im", "site": "left deltoid"}]])
    expect(page.locator("#chart-predict .doubt[data-kind=warn]")).to_contain_text("25 mg intramuscular")
    expect(page.locator("#chart-predict .doubt[data-kind=warn]")).to_contain_text("too low by it")
    page.click("#if-stop")
    expect(page.locator("#predict-wake")).to_contain_text("cannot be said")
    page.click("#charting-close")
    expect(page.locator("#due-predicted")).to_contain_text("predicted, too low")


def test_without_a_model_there_is_a_sentence_and_no_number(page: Page, daemon: Daemon) -> None:
    predicted(page, daemon, substance="morphine")
    expect(page.locator("#predict-now")).to_contain_text("-- ng/mL. There is no model of morphine here")
    expect(page.locator("#predict-plot svg")).to_have_count(0)
    expect(page.locator("#chart-predict form")).to_be_hidden()


@pytest.mark.parametrize(("earliest", "latest", "words"), [
    (None, None, "Below X, 100 ng/mL: already, by every model."),
    (None, 12.2, "Below X, 100 ng/mL: already by one model, by the last in 13 min."),
    (11.8, 44.1, "Below X, 100 ng/mL: in 11 to 45 min."),
])  # fmt: skip
def test_when_they_would_wake_is_a_range_in_words(js: Page, earliest: float, latest: float, words: str) -> None:
    """Rounded outward, never inward."""
    each = json.dumps({"below": "X, 100 ng/mL", "earliest_min": earliest, "latest_min": latest})
    assert module(js, "predicted", f"return m.wakeWords({each})") == words


def test_an_axis_ends_at_a_round_number_and_a_bolus_s_first_instant_does_not_flatten_it(js: Page) -> None:
    assert module(js, "plot", "return [1, 101, 152, 999].map(m.nice)") == [1, 150, 200, 1000]
    call = "return m.highestOf([{high: [...Array(99).fill(100), 5000]}, null])"
    assert module(js, "plot", call) == {"usual": 100, "peak": 5000}
