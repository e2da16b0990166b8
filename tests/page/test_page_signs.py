"""All of the patient's signs: number, unit, why it is missing or doubtful, how old it is; and a place for each."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from assuage_wire import schema
from tests.page.conftest import LOW, PHONE, SMALL, WIDE, Daemon, module
from tests.page.looks import ARTEFACTS, CONTRAST, FAULTS, SCROLLS, through

TILES = ("spo2", "pulse", "resp", "nibp", "etco2", "temperature", "heart")
LONGEST = {
    "resp": "warming-up", "resp_pleth": "low-perfusion", "etco2": "blocked", "fico2": "blocked",
    "systolic": "implausible", "diastolic": "implausible", "map": "over-pressure",
    "temperature": "implausible", "heart": "irregular",
}  # fmt: skip

BOXES = """() => { // from the upper edge of the waves, because a notice may make a phone's bar higher
    const top = document.querySelector('#waves').getBoundingClientRect().y;
    return [...document.querySelectorAll('.nums .num, #waves, #pump')].map(e => {
        const {x, y, width, height} = e.getBoundingClientRect();
        return [e.id, x, y - top, width, height].map(n => n.toFixed?.(1) ?? n).join(' ');
    });
}"""


def watched(page: Page, daemon: Daemon) -> None:
    """All signs are on the page."""
    daemon.call("watch_all")
    expect(page.locator("#resp")).to_have_text("14")
    expect(page.locator("#nums")).to_have_attribute("data-signs", "all")


def test_each_number_has_its_unit_and_its_digits(page: Page, daemon: Daemon) -> None:
    """As it is said at a bed: whole numbers, the temperature to a tenth."""
    watched(page, daemon)
    told = {
        "resp": ("Resp/min", "14"), "nibp": ("NIBPmmHg", "138/84"), "etco2": ("EtCO2mmHg", "38"),
        "temperature": ("Temp°C", "36.8"), "heart": ("HRECG", "73"),
    }  # fmt: skip
    for tile, (name, number) in told.items():
        expect(page.locator(f"#{tile}-name")).to_have_text(name)
        expect(page.locator(f"#{tile}")).to_have_text(number)
    expect(page.locator("#map")).to_have_text("(102)")
    expect(page.locator("#fico2")).to_have_text("0")
    expect(page.locator("#nibp-q")).to_have_text("4 min ago")
    for tile in ("resp", "etco2", "temperature", "heart"):
        expect(page.locator(f"#{tile}-q")).to_have_text("")


def test_an_oximeter_alone_has_the_view_to_itself(page: Page, daemon: Daemon) -> None:
    """Until another sign is measured for the first time; that another board did so is no reason."""
    for tile in TILES[2:]:
        expect(page.locator(f"#{tile}-tile")).to_be_hidden()
    daemon.set(signs={"temperature": 36.8})
    expect(page.locator("#temperature")).to_have_text("36.8")
    expect(page.locator("#nums")).to_have_attribute("data-signs", "all")
    expect(page.locator("#nibp")).to_have_text("--")
    expect(page.locator("#nibp-q")).to_have_text("not measured yet")
    daemon.set(signs={})
    expect(page.locator("#temperature")).to_have_text("--")
    expect(page.locator("#nums")).to_have_attribute("data-signs", "all")


@pytest.mark.parametrize("size", [WIDE, SMALL, PHONE])
def test_nothing_moves_when_numbers_go(page: Page, daemon: Daemon) -> None:
    """One looks for a number where it was."""
    watched(page, daemon)
    before = page.evaluate(BOXES)
    daemon.call("withhold", **LONGEST)
    daemon.set(ppg="low-perfusion")
    expect(page.locator("#nibp")).to_have_text("--")
    expect(page.locator("#spo2")).to_have_text("--")
    assert page.evaluate(BOXES) == before


def test_a_withheld_number_is_none_with_its_reason(page: Page, daemon: Daemon) -> None:
    """In words."""
    watched(page, daemon)
    daemon.call("withhold", resp="no-breath", etco2="blocked", systolic="leak", diastolic="leak", map="leak",
                temperature="probe-off", heart="lead-off")  # fmt: skip
    told = {
        "resp": "no breath", "etco2": "sample line blocked", "nibp": "cuff leaks", "temperature": "probe off",
        "heart": "electrode off",
    }  # fmt: skip
    for tile, why in told.items():
        expect(page.locator(f"#{tile}-q")).to_have_text(why)
        expect(page.locator(f"#{tile}")).to_have_text("--")
    expect(page.locator("#map")).to_have_text("")


def test_a_doubtful_number_is_dim_and_says_so(page: Page, daemon: Daemon) -> None:
    """In words, with its reason, and not by its colour alone."""
    watched(page, daemon)
    colour = "id => getComputedStyle(document.getElementById(id)).color"
    before = {tile: page.evaluate(colour, tile) for tile in TILES}
    assert len(set(before.values())) == 5  # pulse and heart rate are green, respiration and CO2 amber
    daemon.set(doubt=["spo2", "pulse", "resp", "etco2", "map", "temperature", "heart"],
               why={"resp": "irregular", "heart": "noise", "map": "motion"})  # fmt: skip
    told = {
        "spo2": "doubtful", "pulse": "doubtful", "resp": "doubtful · irregular", "etco2": "doubtful",
        "nibp": "doubtful · motion · 4 min ago", "temperature": "doubtful", "heart": "doubtful · disturbed",
    }  # fmt: skip
    for tile, why in told.items():
        expect(page.locator(f"#{tile}-q")).to_have_text(why)
        assert page.evaluate(colour, tile) != before[tile]
    expect(page.locator("#nibp")).to_have_text("138/84")


def test_respiration_from_the_pulse_wave_is_marked(page: Page, daemon: Daemon) -> None:
    """It stands in for a CO2 sensor that is lost, which is told too; not for one that finds no breath."""
    watched(page, daemon)
    daemon.call("withhold", resp="sensor-lost")
    expect(page.locator("#resp-q")).to_have_text("from pulse wave · CO2 sensor lost")
    expect(page.locator("#resp")).to_have_text("14")
    daemon.call("withhold", resp="no-breath")
    expect(page.locator("#resp")).to_have_text("--")
    expect(page.locator("#resp-q")).to_have_text("no breath")


def test_a_lost_oximeter_blanks_nothing_of_the_others(page: Page, daemon: Daemon) -> None:
    """And stays lost: its reason and its notice do not fade while its last sample grows old."""
    watched(page, daemon)
    daemon.set(ppg="sensor-lost", old=dict.fromkeys(("spo2", "pulse", "perfusion"), 60.0))
    expect(page.locator("#spo2-q")).to_have_text("sensor lost")
    expect(page.locator("#spo2")).to_have_text("--")
    expect(page.locator("#bar-title")).to_have_text("Oximeter does not answer")
    for tile, number in {"resp": "14", "nibp": "138/84", "temperature": "36.8", "heart": "73"}.items():
        expect(page.locator(f"#{tile}")).to_have_text(number)


def test_all_signs_go_with_the_board(page: Page, daemon: Daemon) -> None:
    """A blood pressure of four minutes ago, too: nobody knows what came after it."""
    watched(page, daemon)
    daemon.set(silent=True)
    for tile in TILES:
        expect(page.locator(f"#{tile}")).to_have_text("--")
        expect(page.locator(f"#{tile}-q")).to_contain_text("no data for")


def test_a_sensor_that_gives_no_new_samples_is_not_shown_as_live(page: Page, daemon: Daemon) -> None:
    """Whatever quality its last number had."""
    watched(page, daemon)
    daemon.set(old={"heart": 8.0})
    expect(page.locator("#heart")).to_have_text("--")
    expect(page.locator("#heart-q")).to_contain_text("no data for")
    expect(page.locator("#resp")).to_have_text("14")


def test_what_a_sensor_has_lost_is_a_notice_with_what_to_do(page: Page, daemon: Daemon) -> None:
    """The sentence is the daemon's."""
    watched(page, daemon)
    daemon.call("withhold", temperature="sensor-lost")
    expect(page.locator("#bar-title")).to_have_text("Thermometer does not answer")
    expect(page.locator("#bar-why")).to_have_text("The thermometer does not answer; check its cable.")
    expect(page.locator("#bar")).to_have_attribute("data-level", "medium")
    daemon.call("watch_all")
    daemon.set(why={})
    expect(page.locator("#bar")).to_have_attribute("data-level", "quiet")


LOST = """const readings = {[KEY]: {signal: SIGNAL, sentence: 'do this'}};
    const snapshot = {link: {state: 'live'}, alarms: null, refusal: null, services: {}};
    const live = {page: 'live', link: 'live', linked: true, measuring: true};
    const picture = {...live, pump: {live: false}, readings, snapshot};
    return m.notices([picture]).map(n => [n.level, n.title, n.why])"""


@pytest.mark.parametrize(("key", "signal", "level", "title"), [
    ("spo2", "sensor-lost", "medium", "Oximeter does not answer"),
    ("spo2", "probe-off", "low", "Oximeter probe is off"),
    ("resp", "sensor-lost", "medium", "CO2 sensor does not answer"),
    ("etco2", "blocked", "low", "CO2 sensor: sample line is blocked"),
    ("map", "leak", "low", "Blood pressure cuff leaks"),
    ("map", "kinked", "low", "Blood pressure cuff: hose is closed"),
    ("temperature", "probe-off", "low", "Thermometer probe is off"),
    ("heart", "lead-off", "low", "ECG electrode is off"),
])  # fmt: skip
def test_what_is_lost_is_named_with_its_sensor(js: Page, key: str, signal: str, level: str, title: str) -> None:
    """By one table."""
    body = LOST.replace("KEY", f"'{key}'").replace("SIGNAL", f"'{signal}'")
    assert module(js, "notices", body) == [[level, title, "do this"]]


def test_what_is_of_the_patient_is_no_notice_of_a_sensor(js: Page) -> None:
    """A breath or a pulse that is not found is for the board's alarms, and a sensor that never was has lost nothing."""
    lost = module(js, "signals", "return Object.keys(m.LOSS)")
    assert not {"no-breath", "no-pulse", "irregular", "never", "measuring", "warming-up", "ok"} & set(lost)


def test_each_signal_of_the_wire_has_its_words(js: Page) -> None:
    """Short, each its own; none but "ok" is silent."""
    short = module(js, "signals", "return m.SHORT")
    assert tuple(short) == schema.SIGNALS
    assert len(set(short.values())) == len(short)
    assert [signal for signal, words in short.items() if not words] == ["ok"]
    assert max(len(words) for words in short.values()) <= 20


@pytest.mark.parametrize(("seconds", "words"), [
    (0, "0 s ago"), (59.9, "59 s ago"), (60, "1 min ago"), (299, "4 min ago"), (3599, "59 min ago"),
    (3720, "1 h 2 min ago"),
])  # fmt: skip
def test_an_age_is_said_as_one_says_it(js: Page, seconds: float, words: str) -> None:
    assert module(js, "words", f"return m.ago({seconds})") == words


STALE = """const r = (key, age_s, quality) => m.picture({opened: 0, at: 9000, delay: 0, snapshot: {
    link: {state: LINK, since_s: 60}, pump: {age_s: 0.1},
    vitals: {age_s: 0.1, [key]: 7, readings: {[key]: {quality, signal: 'ok', age_s, sentence: ''}}}}}, 9000 + AFTER);
    return r(KEY, AGE, QUALITY).readings[KEY].value"""


@pytest.mark.parametrize(("key", "age", "quality", "link", "after", "value"), [
    ("resp", 0.5, "good", "live", 0, 7), ("resp", 2.6, "good", "live", 0, None),
    ("resp", 2.0, "good", "live", 600, None), ("resp", 0.5, "stale", "live", 0, None),
    ("resp", 0.5, "none", "live", 0, None), ("resp", 0.5, "doubtful", "live", 0, 7),
    ("resp", 0.5, "good", "lost", 0, None), ("resp", "null", "good", "live", 0, None),
    ("temperature", 2.9, "good", "live", 0, 7), ("temperature", 3.1, "good", "live", 0, None),
    ("map", 3600, "good", "live", 0, 7), ("map", 3600, "stale", "live", 0, None),
    ("map", 3600, "good", "live", 1600, None),                                # the daemon is silent
])  # fmt: skip
def test_what_of_a_patient_is_live(
    js: Page, key: str, age: Any, quality: str, link: str, after: int, value: int | None
) -> None:
    """The table of what may be shown: age and quality of the number, the link, time since the message."""
    body = STALE.replace("LINK", f"'{link}'").replace("AFTER", str(after)).replace("KEY", f"'{key}'")
    assert module(js, "stale", body.replace("AGE", str(age)).replace("QUALITY", f"'{quality}'")) == value


def test_all_signs_fit(page: Page, daemon: Daemon) -> None:
    """Usual ones, the widest that there are, and the longest reasons: nothing scrolls, is cut off or lies over
    another; all can be read."""

    def check(numbers: str) -> None:
        for width, height in through(page, [WIDE, SMALL, *LOW]):
            assert page.evaluate(SCROLLS) == [], (numbers, width, height)
            assert page.evaluate(FAULTS) == [], (numbers, width, height)
            assert page.evaluate(CONTRAST) == [], (numbers, width, height)
            page.screenshot(path=ARTEFACTS / f"signs-{numbers}-{width}x{height}.png")

    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    daemon.call("infuse")
    watched(page, daemon)
    page.evaluate("document.fonts.ready")
    check("usual")
    high = {"resp": 132, "etco2": 103, "fico2": 12, "systolic": 255, "diastolic": 208, "map": 224}
    daemon.set(spo2=100.0, pulse=208.0, signs={**high, "temperature": 41.8, "heart": 208},
               doubt=["resp", "etco2", "map", "temperature", "heart"],
               why=dict.fromkeys(("resp", "etco2", "temperature", "heart", "map"), "implausible"))  # fmt: skip
    expect(page.locator("#nibp")).to_have_text("255/208")
    expect(page.locator("#pulse")).to_have_text("208")
    check("widest")
    daemon.call("withhold", **LONGEST)
    daemon.set(ppg="low-perfusion")
    expect(page.locator("#nibp")).to_have_text("--")
    expect(page.locator("#spo2")).to_have_text("--")
    check("withheld")


@pytest.mark.parametrize("size", [PHONE])
def test_a_phone_stacks_all_signs_in_the_same_order(page: Page, daemon: Daemon) -> None:
    """Down, never sideways, and STOP is always under the thumb."""
    daemon.call("infuse")
    watched(page, daemon)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(FAULTS) == []
    tops = page.evaluate("ids => ids.map(id => Math.round(document.getElementById(id).getBoundingClientRect().top))",
                         ["bar", "waves", *(f"{tile}-tile" for tile in TILES), "pump", "trend"])  # fmt: skip
    assert tops == sorted(tops)
    expect(page.locator("#stop")).to_be_in_viewport()
    page.screenshot(path=ARTEFACTS / "signs-phone.png")


def test_all_signs_can_be_read_in_the_light_theme(page: Page, daemon: Daemon) -> None:
    """Good ones and doubtful ones."""
    page.click("#theme")
    watched(page, daemon)
    assert page.evaluate(CONTRAST) == []
    daemon.set(doubt=["resp", "heart"])
    expect(page.locator("#resp-q")).to_have_text("doubtful")
    assert page.evaluate(CONTRAST) == []
