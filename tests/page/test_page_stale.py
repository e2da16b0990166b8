"""Nothing frozen is shown as live: whatever dies, all live values are `--` within 2 s, and come back by themselves."""

from __future__ import annotations

import json
import re
import signal

import pytest
from playwright.sync_api import Error, Page, WebSocketRoute, expect

from tests.page.conftest import Daemon, fill, is_live, module, until

LIVE = ("#spo2", "#pulse", "#perfusion", "#quality", "#pump-rate", "#pump-delivered")
PROMISED = 2000  # ms


def blank(page: Page) -> list[str]:
    """Those live values that do not read `--`, at this instant."""
    return page.evaluate("ids => ids.filter(id => document.querySelector(id).textContent !== '--')", list(LIVE))


def ink(page: Page) -> int:
    """Pixels of the pulse wave's colour on its canvas."""
    return page.evaluate("""() => {
        const c = document.querySelector('#pleth');
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        let n = 0;
        for (let i = 0; i < d.length; i += 4) if (d[i + 3] > 200 && d[i + 2] > 150 && d[i] < 120) n++;
        return n;
    }""")


def hold(page: Page) -> None:
    """Holds the page's clock. It can only be held at a time to come, and a busy machine may let that pass."""
    ahead = 0.2
    while True:
        try:
            page.clock.pause_at(page.evaluate(f"Date.now() / 1000 + {ahead}"))
            return
        except Error as error:
            if "to the past" not in str(error):
                raise
            ahead *= 2


def hold_while_live(page: Page, daemon: Daemon) -> None:
    """Holds the page's clock and the daemon at an instant at which all is live; a busy machine may need some tries."""
    while True:
        hold(page)
        daemon.signal(signal.SIGSTOP)
        page.evaluate("0")  # what was on its way is in
        page.clock.run_for(200)
        if set(blank(page)) == set(LIVE):
            return
        daemon.signal(signal.SIGCONT)
        page.clock.resume()
        is_live(page)


def test_a_daemon_that_hangs_is_seen_within_two_seconds(page: Page, daemon: Daemon) -> None:
    """Its socket stays open and says nothing, so only the page's own clock can tell."""
    daemon.call("infuse")
    expect(page.locator("#pump-rate")).to_have_text("1.4")
    hold_while_live(page, daemon)
    page.clock.run_for(PROMISED)
    assert blank(page) == []
    assert ink(page) == 0, "the pulse wave still stands"
    expect(page.locator("#bar")).to_have_attribute("data-level", "medium")
    expect(page.locator("#bar-title")).to_have_text("Contact with the daemon lost")
    expect(page.locator("#spo2-q")).to_have_text(re.compile("no data for [23] s"))
    expect(page.locator("#clock")).to_have_text("--:--")
    page.clock.run_for(3000)
    expect(page.locator("#spo2-q")).to_have_text(re.compile("no data for [56] s"))
    daemon.signal(signal.SIGCONT)
    page.clock.resume()
    is_live(page)


def test_a_killed_daemon_is_seen_and_a_new_one_found(page: Page, daemon: Daemon) -> None:
    """kill -9, then a start on the same port: the page says so at once and reconnects without a hand."""
    daemon.call("infuse")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "infusing")
    daemon.kill()
    expect(page.locator("#bar-title")).to_have_text("Contact with the daemon lost")
    assert blank(page) == []
    past = "Before that: Ketamine racemic 10 mg/mL, infusing at 1.4 mL/h"
    expect(page.locator("#pump-sentence")).to_contain_text(past)
    expect(page.locator("#link-words")).to_contain_text("No daemon")
    daemon.start()
    is_live(page)
    expect(page.locator("#bar")).to_have_attribute("data-level", "quiet")


def test_a_silent_board_is_seen(page: Page, daemon: Daemon) -> None:
    """The daemon lives and says that the board does not."""
    daemon.call("infuse")
    expect(page.locator("#pump-rate")).to_have_text("1.4")
    daemon.set(silent=True)
    expect(page.locator("#bar-title")).to_have_text("Board link lost")
    assert blank(page) == []
    assert ink(page) == 0
    expect(page.locator("#link-state")).to_have_attribute("data-state", "lost")
    expect(page.locator("#pump-state")).to_have_attribute("data-state", "unknown")
    expect(page.locator("#mqtt-words")).to_have_text("MQTT up")
    daemon.set(silent=False)
    is_live(page)


def test_a_daemon_that_overlooks_a_silent_board_is_not_believed(page: Page, daemon: Daemon) -> None:
    """It goes on saying that the link is live while the ages of everything grow."""
    daemon.set(frozen=True)
    expect(page.locator("#bar-title")).to_have_text("Board is silent")
    assert blank(page) == []
    expect(page.locator("#link-state")).to_have_attribute("data-state", "lost")


def test_mqtt_down_is_told_and_blanks_nothing(page: Page, daemon: Daemon) -> None:
    """The broker is not on the way from the board to this page."""
    daemon.set(mqtt="down")
    expect(page.locator("#bar-title")).to_have_text("MQTT is down")
    expect(page.locator("#bar-why")).to_contain_text("214 records wait")
    expect(page.locator("#spo2")).to_have_text("97")


@pytest.mark.parametrize(("link", "vitals", "pump", "after", "expected"), [
    ("live", 0.5, 0.1, 0, [True, True, True]),
    ("live", 1.2, 0.1, 1200, [True, True, True]),         # a busy machine: a hiccup of a second blanks nothing
    ("live", 0.5, 0.1, 1600, [False, False, False]),      # the daemon is silent
    ("live", 2.6, 0.1, 0, [True, False, True]),           # only the oximeter is
    ("live", 1.6, 1.6, 0, [False, False, False]),         # the board is, whatever the daemon says of the link
    ("lost", 0.5, 0.1, 0, [False, False, False]),
    ("mismatch", 0.5, 0.1, 0, [False, False, False]),
])  # fmt: skip
def test_what_is_live(js: Page, link: str, vitals: float, pump: float, after: int, expected: list[bool]) -> None:
    """The table of what may be shown as live: link, vitals, pump."""
    snapshot = f"{{link: {{state: '{link}', since_s: 60}}, vitals: {{age_s: {vitals}}}, pump: {{age_s: {pump}}}}}"
    picture = f"m.picture({{opened: 0, at: 9000, delay: 0, snapshot: {snapshot}}}, {9000 + after})"
    assert module(js, "stale", f"const p = {picture}; return [p.linked, p.vitals.live, p.pump.live]") == expected


@pytest.mark.parametrize(("link", "signs", "vitals", "pump", "after", "expected"), [
    ("live", "live", 0.5, 0.1, 0, [True, True, True, True]),
    ("lost", "live", 0.5, 3.0, 0, [False, True, True, False]),    # the patient is still seen
    ("live", "lost", 4.0, 0.1, 0, [True, False, False, True]),    # the pump still is
    ("live", "live", 0.1, 1.6, 0, [False, True, True, False]),    # vital signs do not speak for the pump's board
    ("live", "live", 0.5, 0.1, 1600, [False, False, False, False]),
])  # fmt: skip
def test_what_is_live_of_two_boards(
    js: Page, link: str, signs: str, vitals: float, pump: float, after: int, expected: list[bool]
) -> None:
    """Link to the pump, that to the board which measures the patient, vitals, pump."""
    boards = f"link: {{state: '{link}', since_s: 60}}, signs: {{link: {{state: '{signs}', since_s: 60}}}}"
    snapshot = f"{{{boards}, vitals: {{age_s: {vitals}}}, pump: {{age_s: {pump}}}}}"
    picture = f"m.picture({{opened: 0, at: 9000, delay: 0, snapshot: {snapshot}}}, {9000 + after})"
    told = "[p.linked, p.measuring, p.vitals.live, p.pump.live]"
    assert module(js, "stale", f"const p = {picture}; return {told}") == expected


def test_a_backlog_is_as_old_as_it_is(js: Page) -> None:
    """A tab that was frozen gets its messages in one burst; each is older than it looks by how late it came."""
    body = """
        const d = new m.Delay();
        const quick = [0, 200, 400].map(t => d.of(t, t + 70));
        return [quick, d.of(600, 9000), d.of(8900, 9001)];
    """
    quick, late, after = module(js, "stale", body)
    assert quick == [0, 0, 0]
    assert late == pytest.approx(8330, abs=60)
    assert after == pytest.approx(31, abs=60)


BREAKS = "s => Object.defineProperty(document.querySelector(s), 'dataset', {get() { throw new Error('broken'); }})"


@pytest.mark.parametrize(("broken", "gone", "stays"), [
    ("#pump-state", ["#pump-word", "#pump-sentence", "#given", "#pump-rate", "#by-steps", "#pump-ends"], "#clock"),
    ("#spo2", ["#spo2", "#pulse", "#perfusion", "#spo2-q"], "#pump-word"),
    ("#mqtt", ["#clock", "#link-words", "#lease"], "#pump-word"),
    ("#waves", ["#pleth"], "#spo2"),
])  # fmt: skip
def test_a_part_that_fails_shows_nothing_and_the_others_go_on(
    page: Page, daemon: Daemon, broken: str, gone: list[str], stays: str
) -> None:
    """Nothing of it is left standing, the bar says so, what does not fail is still live, and STOP stops."""
    daemon.call("infuse")
    expect(page.locator("#pump-rate")).to_have_text("1.4")
    page.evaluate(BREAKS, broken)
    expect(page.locator("#bar-title")).to_have_text("This page has failed")
    expect(page.locator("#bar")).to_have_attribute("data-level", "high")
    for part in gone:
        expect(page.locator(part)).to_be_hidden()
    expect(page.locator(stays)).to_be_visible()
    expect(page.locator("#stop")).to_have_text("STOP PUMP" if broken == "#pump-state" else "STOP KETAMINE")
    daemon.set(spo2=91.0)
    daemon.call("stand", state="stopped", reason="local-stop")
    if broken != "#spo2":
        expect(page.locator("#spo2")).to_have_text("91")
    if broken != "#pump-state":
        expect(page.locator("#pump-word")).to_have_text("Stopped")
    page.click("#stop")
    expect(page.locator("#stop-said")).to_contain_text("Stopped at")


@pytest.mark.parametrize(("steps", "slept"), [
    ([(0, 0), (200, 200), (60_200, 60_200)], [False, False, False]),     # a throttled tab: both clocks went on
    ([(0, 0), (3_600_000, 200), (3_600_200, 400)], [False, True, False]),
    ([(0, 0), (-3_600_000, 200)], [False, True]),                        # the clock was set back
    ([(0, 0), (600, 0), (1200, 0), (1800, 0)], [False, False, False, False]),  # it is being slewed
])  # fmt: skip
def test_what_is_sleep(js: Page, steps: list[tuple[int, int]], slept: list[bool]) -> None:
    """Wall time and monotonic time have gone different ways, by more than a second at once."""
    body = f"let wall = 0, clock = 0; const s = new m.Sleep(() => wall, () => clock); return {json.dumps(steps)}"
    assert module(js, "sleep", f"{body}.map(([w, c]) => {{ wall = w; clock = c; return s.happened(); }})") == slept


def test_a_machine_that_slept_shows_nothing_as_live(page: Page, daemon: Daemon) -> None:
    """The page's monotonic clock may have stood meanwhile; what the wall clock says counts, at once."""
    daemon.call("infuse")
    expect(page.locator("#pump-rate")).to_have_text("1.4")
    hold_while_live(page, daemon)
    page.clock.set_system_time(page.evaluate("Date.now() / 1000 + 3600"))
    page.clock.run_for(250)
    assert blank(page) == []
    expect(page.locator("#clock")).to_have_text("--:--")
    daemon.signal(signal.SIGCONT)
    page.clock.resume()
    is_live(page)


def test_the_trend_joins_nothing_over_a_gap_of_the_wall_clock(js: Page) -> None:
    """Each point has the time at which it was seen; a clock that is set back takes away what it has not reached."""
    body = """
        const ys = [], lineTo = CanvasRenderingContext2D.prototype.lineTo, canvas = document.querySelector('#trend');
        const trend = new m.Trend(canvas, s => document.querySelector(s)), at = Date.now();
        const seen = {vitals: {live: true, data: {spo2: 97}}, pump: {live: false}};
        CanvasRenderingContext2D.prototype.lineTo = function(x, y) { if (this.canvas === canvas) ys.push(y); };
        const lines = after => {
            ys.length = 0;
            trend.add(seen, at + after);
            return ys.filter(y => y !== canvas.clientHeight - 28).length;
        };
        try {
            return [0, 1000, 301000, 302000, 1500].map(lines);
        } finally {
            CanvasRenderingContext2D.prototype.lineTo = lineTo;
        }
    """
    assert module(js, "trend", body) == [0, 1, 1, 2, 2]


class Relay:
    """Stands between page and daemon; can close the line and say that the daemon has other files."""

    def __init__(self, page: Page) -> None:
        self.lines: list[tuple[WebSocketRoute, WebSocketRoute]] = []
        self.other_files = False
        self.only_hello = False
        self.hellos = 0
        page.route_web_socket("**/live", self._open)

    def _open(self, line: WebSocketRoute) -> None:
        server = line.connect_to_server()
        self.lines.append((line, server))

        def to_page(message: str | bytes) -> None:
            hello = isinstance(message, str) and '"hello"' in message
            if self.only_hello and not hello:
                return
            self.hellos += hello
            if self.other_files and isinstance(message, str) and '"hello"' in message:
                message = json.dumps({**json.loads(message), "page": "other"})
            line.send(message)

        server.on_message(to_page)

    def close(self) -> None:
        """The line that is open."""
        line, server = self.lines[-1]
        server.close()
        line.close()


def test_a_page_of_older_files_loads_the_newer_ones(page: Page, daemon: Daemon) -> None:
    """A daemon that was replaced serves another page; the old one goes, but never under someone's hands."""
    relay = Relay(page)
    page.reload()
    is_live(page)
    page.evaluate("document.body.className = 'old'")
    fill(page)
    relay.other_files = True
    relay.close()
    until(page, lambda: len(relay.lines) == 2)
    is_live(page)
    assert page.evaluate("document.body.className") == "old", "it was reloaded while someone was programming"
    page.keyboard.press("Escape")
    relay.close()
    expect(page.locator("body")).not_to_have_class("old")


def test_a_hello_is_no_news_of_the_bed(page: Page, daemon: Daemon) -> None:
    """A daemon that can be reached but has no picture to give does not make the last one live again."""
    relay = Relay(page)
    page.reload()
    is_live(page)
    relay.only_hello = True
    expect(page.locator("#bar-title")).to_have_text("Contact with the daemon lost")
    page.evaluate("""() => {
        window.seen = [];
        const clock = document.querySelector('#clock');
        new MutationObserver(() => seen.push(clock.textContent)).observe(clock, {childList: true, characterData: true});
    }""")
    for _ in range(2):
        hellos = relay.hellos
        relay.close()
        until(page, lambda before=hellos: relay.hellos > before)  # type: ignore[misc]
    relay.close()
    relay.only_hello = False
    assert page.evaluate("[...seen, document.querySelector('#clock').textContent]") == ["--:--"]
    is_live(page)


def test_what_was_lost_on_the_line_is_told_while_the_daemon_is_heard(page: Page, daemon: Daemon) -> None:
    """Beside the link, for whoever asks; nothing is told from before."""
    daemon.call("count_frames", lost=7, refused=2)
    said = "Since the daemon's start: 7 frames lost, 2 damaged or foreign."
    expect(page.locator("#link-state")).to_have_attribute("title", said)
    daemon.kill()
    expect(page.locator("#link-state")).to_have_attribute("title", "")
