"""Orders over HTTP: what reaches the bed, and how each way of failing is told."""

from __future__ import annotations

import time
from typing import Any

import pytest

from assuage.errors import BadInput, LinkDown, NoAnswer, PartFailed, Refused, Stopped
from assuage.monitor.orders import Asked, refusal
from tests.host.monitor_server import Monitor

ORDER = {"drug": "Ketamine", "rate_ml_h": 10, "vtbi_ml": 20, "syringe": "BD 50 mL", "on_loss": "stop"}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def site(server: Monitor) -> Monitor:
    """A monitor whose board is live and whose pump stands."""
    server.fake.reset_all()
    server.fake.step(time.monotonic())
    return server


async def test_the_whole_way(site: Monitor) -> None:
    """Programme, confirm, start, stop: each answered by what the board says."""
    readback = (await site.order("programme", ORDER)).json()["readback"]
    assert (readback["rate_ml_h"], readback["vtbi_ml"], readback["syringe"]) == (10.0, 20.0, "BD 50 mL")
    number = readback["programme"]
    assert (await site.order("confirm", {"programme": number, "token": readback["token"]})).status == 200
    assert (await site.order("start", {"programme": number})).status == 200
    assert site.fake.state == "infusing"
    stopped = await site.order("stop", {})
    assert (stopped.status, stopped.json()["state"]) == (200, "stopped")
    assert site.fake.calls == ["programme", "confirm", "start", "stop"]


async def test_the_board_s_refusal(site: Monitor) -> None:
    """409, with the reason, the limit and who refused."""
    answer = await site.order("programme", {**ORDER, "rate_ml_h": 1000})
    said = answer.json()
    assert (answer.status, said["status"], said["limit"], said["by"]) == (409, "rate-limit", "600.00 mL/h", "board")
    assert said["error"].startswith("The rate is above the pump's limit")
    assert site.fake.bed.snapshot()["refusal"]["sentence"] == said["error"]


async def test_an_alarm_is_acknowledged_by_its_number_and_the_sound_paused(site: Monitor) -> None:
    """Both reach the bed; a number that is none is bad input."""
    site.fake.alarms = {"occlusion": ["high", "active", 41]}
    assert (await site.post("/api/alarm/acknowledge", {"occurrence": 41})).status == 200
    assert (await site.post("/api/alarm/silence", {})).status == 200
    assert site.fake.calls == ["acknowledge 41", "silence"]
    answer = await site.post("/api/alarm/acknowledge", {"occurrence": "41"})
    assert (answer.status, answer.json()["field"]) == (400, "occurrence")
    assert (await site.post("/api/alarm/acknowledge", {"occurrence": 3, "board": "guardian"})).status == 200
    assert site.fake.calls[-1] == "acknowledge 3 guardian"


async def test_an_interlock_is_released_by_the_numbers_of_the_trips_that_were_read(site: Monitor) -> None:
    """As the bed decides; a number that is none is bad input."""
    site.fake.infuse()
    site.fake.trip()
    answer = await site.post("/api/interlock/release", {"pump": 2})
    assert (answer.status, answer.json()["status"]) == (409, "stale-clear")
    answer = await site.post("/api/interlock/release", {"pump": 1})
    assert (answer.status, answer.json()["status"]) == (409, "guard")
    site.fake.recover()
    assert (await site.post("/api/interlock/release", {"pump": 1, "other": 3})).status == 200
    assert site.fake.calls[-1] == "release {'pump': 1}"
    answer = await site.post("/api/interlock/release", {"pump": "1"})
    assert (answer.status, answer.json()["field"]) == (400, "pump")


async def test_an_order_with_guards_is_read_back_with_them(site: Monitor) -> None:
    """Each as it was asked for and as the board holds it."""
    guards = {"set": "child", "rows": ["spo2-below"], "limits": {"spo2-below": "94"}}
    answer = await site.order("programme", {**ORDER, "guards": guards})
    [row] = answer.json()["readback"]["guards"]
    assert row["asked"] == row["sentence"] == "SpO2 below 94 % for 10 s, or no good value of the last 5 s for 15 s."
    answer = await site.order("programme", {**ORDER, "guards": {"set": "giant"}})
    assert (answer.status, answer.json()["field"]) == (400, "set")


async def test_alarm_limits_are_set_and_begun_anew(site: Monitor) -> None:
    """Both reach the bed; what cannot be a limit is bad input."""
    site.fake.limit()
    row = {"parameter": "spo2", "low": "92", "high": "", "delay_s": 5}
    assert (await site.post("/api/limits/set", row)).status == 200
    assert (await site.post("/api/limits/patient", {"kind": "child"})).status == 200
    assert site.fake.calls == ["limit spo2 92  5", "patient child"]
    answer = await site.post("/api/limits/set", {**row, "low": "9o"})
    assert (answer.status, answer.json()["field"]) == (400, "low limit of SpO2")


async def test_a_blood_pressure_is_asked_for_stopped_and_repeated(site: Monitor) -> None:
    """Each reaches the bed; what the cuff cannot do is told."""
    site.fake.watch_all()
    assert (await site.post("/api/cuff/measure", {})).status == 200
    answer = await site.post("/api/cuff/measure", {})
    assert (answer.status, answer.json()["status"]) == (409, "bad-state")
    assert (await site.post("/api/cuff/stop", {})).status == 200
    assert (await site.post("/api/cuff/every", {"minutes": 0})).status == 200
    assert (await site.post("/api/cuff/every", {"minutes": "5"})).json()["field"] == "minutes"
    assert site.fake.calls == ["measure", "measure", "deflate", "every 0"]
    assert site.fake.bed.snapshot()["cuff"]["every_min"] == 0


@pytest.mark.parametrize(("change", "field"), [
    ({"rate_ml_h": ".5"}, "rate"), ({"rate_ml_h": None}, "rate"), ({"vtbi_ml": 60}, "VTBI"), ({"drug": ""}, "drug"),
    ({"syringe": "a bucket"}, "syringe"), ({"on_loss": "hope"}, "on_loss"),
])  # fmt: skip
async def test_an_order_that_cannot_be_used(site: Monitor, change: dict[str, Any], field: str) -> None:
    """400, with a sentence and the field that it speaks of."""
    answer = await site.order("programme", {**ORDER, **change})
    assert (answer.status, answer.json()["field"]) == (400, field)
    assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b'"stop"', b"\xff", b"[" * 3000, b'{"a": "' + b"x" * 5000 + b'"}']
)
async def test_a_body_that_is_no_order(site: Monitor, body: bytes) -> None:
    """400, and nothing reaches the bed."""
    headers = {"Origin": site.origin, "Content-Type": "application/json"}
    answer = await site.ask("POST", "/api/pump/programme", body, headers)
    assert (answer.status, answer.json()["status"]) == (400, "bad-input")
    assert site.fake.calls == []


@pytest.mark.parametrize(("order", "body"), [
    ("confirm", {"programme": 18}), ("confirm", {"programme": "18", "token": 1}),
    ("confirm", {"programme": True, "token": 1}), ("start", {}), ("start", {"programme": 1.5}),
    ("start", {"programme": 0}), ("start", {"programme": 1 << 40}), ("clear", {}), ("clear", {"reason": 7}),
])  # fmt: skip
async def test_numbers_are_checked(site: Monitor, order: str, body: dict[str, Any]) -> None:
    """Before anything is asked of the bed."""
    assert (await site.order(order, body)).status == 400
    assert site.fake.calls == []


async def test_without_the_board(site: Monitor) -> None:
    """503 for an order; a stop is still tried, and is 504 until the board itself has answered."""
    site.fake.silent = True
    assert (await site.order("programme", ORDER)).status == 503
    answer = await site.order("stop", {})
    assert answer.status == 504
    assert site.fake.calls == ["stop"]


async def test_an_order_is_a_post(site: Monitor) -> None:
    """A link cannot stop or start anything."""
    for order in ("stop", "start"):
        assert (await site.ask("GET", f"/api/pump/{order}")).status == 405
    assert site.fake.calls == []


@pytest.mark.parametrize(("error", "status", "reason"), [
    (BadInput("rate", "s"), 400, "bad-input"), (Refused("rate-limit", "s"), 409, "rate-limit"),
    (Stopped(), 409, "stopped"), (LinkDown("s"), 503, "link-down"), (NoAnswer("s"), 504, "no-answer"),
    (PartFailed("store", "s"), 500, "part-failed"),
])  # fmt: skip
async def test_each_error_has_its_status(error: Any, status: int, reason: str) -> None:
    """And its reason and sentence."""
    said, code = refusal(error)
    assert (code, said["status"], said["error"]) == (status, reason, error.sentence)


async def test_what_was_asked_is_kept_for_its_programme_only() -> None:
    """Another programme's order is never shown beside a read-back."""
    asked = Asked()
    assert asked.of(1) is None
    asked.keep(5, {"drug": "K"})
    assert (asked.of(5), asked.of(6)) == ({"drug": "K"}, None)
