"""kill -9 of the board, the broker and the daemon while an infusion runs: said within 2 s, back by itself, nothing
lost or doubled."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page

from assuage.publish.broker import find_mosquitto
from assuage_rig.requirements import req
from tests.chain.browser import page
from tests.chain.chain import PATIENCE, Chain, Observer, running, wait_for

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    """A chain of its own for each killing."""
    with running(tmp_path) as chain:
        yield chain


def _says(tab: Page, seconds: float, what: str, script: str) -> None:
    """The page's script expression becomes true within so many seconds. (The page forbids eval, so it is asked.)"""
    wait_for(lambda: tab.evaluate(script), seconds, f"the page saying: {what}", step=0.05)


def _nothing_live(tab: Page) -> str:
    return "document.querySelector('#spo2').innerText === '--' && document.querySelector('#pulse').innerText === '--'"


def _stored(chain: Chain) -> set[int]:
    """Numbers of the telemetry records that the store holds."""
    with closing(sqlite3.connect(f"file:{chain.state / 'store.sqlite'}?mode=ro", uri=True)) as db:
        return {row[0] for row in db.execute("select rec from record")}


def _nothing_lost_or_doubled(chain: Chain, observer: Observer) -> None:
    """Every stored record reaches the observer, and by its key exactly once; a repeat is the same bytes."""

    def heard() -> set[int]:
        return {p["rec"] for _, _, p in list(observer.heard) if "rec" in p}

    wait_for(lambda: len(heard()) > 20, PATIENCE, "enough records to compare")
    # The observer came after the first records, and more are being made: between these two none may be missing.
    first = min(heard())
    last = max(_stored(chain))
    stored = {rec for rec in _stored(chain) if first <= rec <= last}
    assert len(stored) > 20, "the store has not kept what was published"
    wait_for(lambda: stored <= heard(), PATIENCE, "every stored record at the observer")
    records: dict[tuple[str, int], set[str]] = {}
    for _, topic, payload in list(observer.heard):
        if "rec" in payload:
            records.setdefault((payload["store"], payload["rec"]), set()).add(topic + repr(sorted(payload.items())))
    assert len({store for store, _ in records}) == 1
    assert all(len(versions) == 1 for versions in records.values()), "a record came in two versions"
    seen = {rec for _, rec in records}
    gaps = set(range(first, last + 1)) - seen  # later ones may still be on their way, in any order
    assert not gaps, f"records never published: {sorted(gaps)[:10]}"


@req("PWR-001")
def test_a_killed_board_stands_still_says_what_it_had_delivered_and_comes_back(chain: Chain) -> None:
    with Observer(chain.mqtt_port) as observer, page(chain.page) as tab:
        chain.infuse("120")
        wait_for(lambda: chain.rig("state")["plunger_nl"] > 150_000, PATIENCE, "delivery")
        _says(tab, PATIENCE, "infusing", "document.querySelector('#pump-state').dataset.state === 'infusing'")
        killed = time.monotonic()
        chain.kill("board")
        _says(tab, 2, "page", "document.querySelector('#pump-state').dataset.state !== 'infusing'")
        observer.wait("/link", lambda p: p["link"] != "live", 2 - (time.monotonic() - killed), killed)
        wait_for(lambda: chain.snapshot()["pump"]["state"] == "unconfirmed", PATIENCE, "the board's return")
        state = chain.rig("state")
        assert not state["drive"]["moving"] and not state["drive"]["enabled"]
        was = chain.snapshot()["pump"]["was"]
        assert was["low_ml"] * 1e6 - 1 <= state["plunger_nl"] <= was["high_ml"] * 1e6 + 1, (was, state["plunger_nl"])
        assert was["high_ml"] - was["low_ml"] <= 0.04 + 1e-6
        _says(tab, PATIENCE, "page", "document.querySelector('#pump-state').dataset.state === 'unconfirmed'")
        status, answer = chain.post("api/pump/clear", {"reason": "reset"})
        assert status == 200, answer
        wait_for(lambda: chain.snapshot()["pump"]["state"] == "standby", PATIENCE, "standby after the human's word")
        assert chain.rig("state")["plunger_nl"] == state["plunger_nl"], "the shaft moved after a restart"
        _nothing_lost_or_doubled(chain, observer)


@req("REC-006")
def test_a_killed_broker_is_said_on_the_page_comes_back_and_nothing_stored_is_lost(chain: Chain) -> None:
    keeps = find_mosquitto() is not None  # the embedded broker keeps nothing for a consumer that is away
    with Observer(chain.mqtt_port) as observer, page(chain.page) as tab:
        wait_for(lambda: len(observer.of("/numerics")) >= 2, PATIENCE, "telemetry")
        # The broker saves every second or two; before that it would not know after a kill who had subscribed.
        saved = chain.state / "mosquitto" / "mosquitto.db"
        if keeps:
            wait_for(
                lambda: saved.exists() and b"observer" in saved.read_bytes(), PATIENCE, "the broker saving its sessions"
            )
        pid = chain.kill("broker")
        _says(tab, 2, "MQTT down", "document.querySelector('#mqtt').dataset.kind !== 'ok'")
        wait_for(lambda: chain.pids().get("broker", pid) != pid, PATIENCE, "a new broker")
        _says(tab, PATIENCE, "MQTT up", "document.querySelector('#mqtt').dataset.kind === 'ok'")
        since = time.monotonic()
        observer.wait("/numerics", lambda p: True, PATIENCE, since)
        if not keeps:
            pytest.skip("mosquitto is not installed: whether nothing is lost across its kill was not looked at")
        _nothing_lost_or_doubled(chain, observer)


@req("SYS-010")
def test_a_killed_daemon_is_said_at_once_comes_back_and_nothing_stored_is_lost(chain: Chain) -> None:
    with Observer(chain.mqtt_port) as observer, page(chain.page) as tab:
        chain.infuse("60")
        _says(tab, PATIENCE, "numbers", "!isNaN(parseInt(document.querySelector('#spo2').innerText))")
        killed = time.monotonic()
        pid = chain.kill("daemon")
        _says(tab, 2, "page", _nothing_live(tab))
        observer.wait("/status", lambda p: p.get("state") == "offline", 2 - (time.monotonic() - killed), killed)
        wait_for(lambda: chain.pids().get("daemon", pid) != pid, PATIENCE, "a new daemon")
        _says(tab, PATIENCE, "numbers again", "!isNaN(parseInt(document.querySelector('#spo2').innerText))")
        observer.wait("/status", lambda p: p.get("state") == "online", PATIENCE, killed)
        # Its lease is short: the infusion either went on under the daemon's return, or stopped and says why.
        pump = chain.snapshot()["pump"]
        assert (pump["state"], pump["reason"]) in {("infusing", "none"), ("stopped", "lease-lapsed")}, pump
        assert chain.rig("state")["drive"]["moving"] == (pump["state"] == "infusing")
        _nothing_lost_or_doubled(chain, observer)


def test_ctrl_c_ends_every_process(chain: Chain) -> None:
    pids = chain.pids()
    assert {"keeper", "rig", "daemon", "board"} <= set(pids), pids
    assert chain.end() == 0
    alive = [name for name, pid in pids.items() if Path(f"/proc/{pid}").exists()]
    assert not alive, f"still running: {alive}"


def test_every_kind_of_record_is_published(chain: Chain) -> None:
    with Observer(chain.mqtt_port) as observer:
        endings = ("/numerics", "/pump", "/wave/pleth", "/health")
        wait_for(lambda: all(observer.of(e) for e in endings), PATIENCE, "each topic")
        kinds = Counter(topic.rsplit("/v1/", 1)[1].split("/", 3)[3] for _, topic, _ in observer.heard)
        assert {"status", "birth"} <= set(kinds), kinds
        for ending in endings:
            for payload in observer.of(ending):
                assert {"store", "rec", "boot", "board", "t"} <= set(payload), payload
