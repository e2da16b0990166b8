"""The board's alarms on the bench: lamps and sounder edge by edge, keys without a host, and what watches the alarms."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from assuage_rig.bench import Bench
from assuage_rig.chips.pins import BUZZER, LED_RED, LED_YELLOW
from assuage_rig.edges import Trace, bursts, gaps
from assuage_rig.requirements import req
from assuage_rig.wirehost import WireHost
from assuage_wire import schema
from tests.firmware.conftest import target

TURN = 0.025
SOUNDER = 1 << schema.TESTS.index("sounder")


@pytest.fixture
def trace(bench: Bench) -> Iterator[Trace]:
    bench.run(1.0)  # the chirp at power-on is over
    yield Trace(bench)


def _press(bench: Bench, key: str, seconds: float = 0.2) -> None:
    bench.circuit.pins.put(key, 0)
    bench.run(seconds)
    bench.circuit.pins.put(key, 1)


def _alarms(host: WireHost, since: float = 0.0) -> list[dict[str, Any]]:
    return host.all("Alarm", since)


def _newest(host: WireHost, name: str) -> dict[str, Any]:
    return next(m for m in reversed(_alarms(host)) if schema.ALARMS[m["alarm"]] == name)


def _state(host: WireHost, name: str) -> str:
    return schema.ALARM_STATES[_newest(host, name)["state"]]


def _lose_encoder(bench: Bench, host: WireHost) -> None:
    """A fault that stands until somebody clears it."""
    host.infuse(ml_h=30.0)
    host.run(1)
    bench.fault("encoder", "nack")
    assert bench.run_until(lambda: not bench.drive.moving, 1.0)
    bench.mend("encoder")


# -- signals; bounds as second-hand sources tell those of IEC 60601-1-8 (docs/alarms.md) -------------------------------


@req("ALM-101")
def test_a_high_alarm_flashes_red_and_sounds_ten_pulses_twice_five(bench: Bench, host: WireHost, trace: Trace) -> None:
    _lose_encoder(bench, host)
    fault = bench.now_us / 1e6
    bench.run(30)
    first = trace.edges[BUZZER][0][0]
    assert first - fault <= 2 * TURN, "the first pulse comes at once"
    found = bursts(trace.pulses(BUZZER))
    assert len(found) >= 4
    for burst in found[:-1]:
        assert len(burst) == 10
        assert all(0.075 <= length <= 0.2 for _, length in burst)
        silences = gaps(burst)
        x = silences[0]
        assert 0.05 <= x <= 0.125
        for place in (0, 1, 3, 5, 6, 8):
            assert silences[place] == pytest.approx(x, abs=1e-6)
        for place in (2, 7):
            assert silences[place] == pytest.approx(2 * x + burst[0][1], abs=1e-6)
        assert 0.35 <= silences[4] <= 1.30
    for one, next_ in pairwise(found[:-1]):
        assert 2.5 <= next_[0][0] - sum(one[-1]) <= 15.0
    red = trace.pulses(LED_RED)
    periods = [b[0] - a[0] for a, b in pairwise(red)]
    assert all(1.4 <= 1 / period <= 2.8 for period in periods) and len(periods) > 40
    assert all(0.2 <= length / periods[0] <= 0.6 for _, length in red)
    assert trace.edges[LED_YELLOW] == []


@req("ALM-101")
def test_a_medium_alarm_flashes_yellow_and_sounds_three_pulses(bench: Bench, host: WireHost, trace: Trace) -> None:
    host.identify()
    host.offer()
    offered = bench.now_us / 1e6
    bench.run(200)
    found = bursts(trace.pulses(BUZZER))
    assert 120.0 <= found[0][0][0] - offered <= 120.1, "two minutes without anybody"
    for burst in found[:-1]:
        assert len(burst) == 3
        assert all(0.125 <= length <= 0.25 for _, length in burst)
        assert all(0.125 <= gap <= 0.25 for gap in gaps(burst))
    for one, next_ in pairwise(found[:-1]):
        assert 2.5 <= next_[0][0] - sum(one[-1]) <= 30.0
    yellow = trace.pulses(LED_YELLOW)
    periods = [b[0] - a[0] for a, b in pairwise(yellow)]
    assert all(0.4 <= 1 / period <= 0.8 for period in periods) and len(periods) > 20
    assert all(0.2 <= length / periods[0] <= 0.6 for _, length in yellow)
    assert trace.edges[LED_RED] == []


@req("ALM-101")
def test_a_low_alarm_lights_yellow_and_sounds_two_pulses_now_and_then(
    bench: Bench, host: WireHost, trace: Trace
) -> None:
    bench.circuit.pins.put("silence", 0)
    bench.run(80)
    found = bursts(trace.pulses(BUZZER))
    assert 10.0 <= found[0][0][0] - 1.0 <= 10.1, "a key that is held so long is stuck"
    for burst in found[:-1]:
        assert len(burst) in (1, 2)
        assert all(0.125 <= length <= 0.25 for _, length in burst)
        assert all(0.125 <= gap <= 0.25 for gap in gaps(burst))
    assert all(next_[0][0] - sum(one[-1]) > 15.0 for one, next_ in pairwise(found))
    assert len(trace.edges[LED_YELLOW]) == 1 and trace.on(LED_YELLOW), "steady"
    assert trace.edges[LED_RED] == []
    assert _state(host, "key-stuck") == "active"
    bench.circuit.pins.put("silence", 1)
    bench.run(2)
    assert not trace.on(LED_YELLOW)


# -- keys, with nobody at the other end of the line --------------------------------------------------------------------


@req("ALM-103")
def test_the_silence_key_pauses_the_sound_for_120_s_and_no_longer_without_any_host(
    bench: Bench, host: WireHost, trace: Trace
) -> None:
    _lose_encoder(bench, host)
    host.hush()
    bench.run(1)
    pressed = bench.now_us / 1e6
    _press(bench, "silence")
    bench.run(60)
    _press(bench, "silence")  # asking again does not lengthen it
    bench.run(70)
    after = [at for at, on in trace.edges[BUZZER] if on and at > pressed + 0.1]
    assert 119.9 <= after[0] - pressed <= 120.2
    assert len(trace.pulses(LED_RED, pressed + 1)) > 200, "the light goes on"
    told = [m["pause"] for m in _alarms(host) if m["pause"]]
    assert max(told) == 120 and min(told) <= 2 and told == sorted(told, reverse=True)


@req("ALM-103")
def test_what_comes_while_the_sound_is_paused_sounds_at_once(bench: Bench, host: WireHost, trace: Trace) -> None:
    host.identify()
    host.offer()
    bench.run(121)
    _press(bench, "silence")
    bench.run(10)
    quiet = bench.now_us / 1e6
    assert not trace.on(BUZZER)
    bench.circuit.pins.put("stop", 0)
    bench.run(12)
    assert _state(host, "key-stuck") == "active"
    first = next(at for at, on in trace.edges[BUZZER] if on and at > quiet)
    assert first - quiet <= 10.0 + 8 * TURN  # while nothing is seen or heard, a look takes two


@req("ALM-104")
def test_the_stop_key_stops_and_an_alarm_sounds_with_no_host_at_all(bench: Bench, host: WireHost, trace: Trace) -> None:
    host.infuse(ml_h=30.0, on_loss="continue")
    host.run(2)
    host.hush()
    bench.run(3)
    assert bench.drive.moving and _state(host, "link-lost") == "active" and trace.on(LED_RED)
    bench.circuit.pins.put("stop", 0)
    bench.run(0.05)
    bench.circuit.pins.put("stop", 1)
    assert not bench.drive.moving and not bench.drive.enabled
    assert (host.state, host.reason) == ("stopped", "local-stop")


# -- what the host is told, and what it says ---------------------------------------------------------------------------


@req("ALM-104")
def test_a_host_hears_of_an_alarm_at_once_and_one_that_comes_late_within_two_seconds(
    bench: Bench, host: WireHost
) -> None:
    _lose_encoder(bench, host)
    bench.run(0.1)
    heard = _newest(host, "encoder-lost")
    assert (schema.PRIORITIES[heard["priority"]], schema.ALARM_STATES[heard["state"]]) == ("high", "active")
    assert (heard["occurrence"], heard["seconds"], heard["pause"]) == (host.FIRST_OCCURRENCE, 0, 0)
    bench.run(20)
    late = bench.now_us / 1e6
    host.identify(200)
    bench.run(2.1)
    assert len(_alarms(host, late)) >= 1
    assert _newest(host, "encoder-lost")["seconds"] in (20, 21, 22), "told every 2 s"


def test_an_acknowledgement_names_the_occurrence_and_a_clear_acknowledges_its_own(
    bench: Bench, host: WireHost, trace: Trace
) -> None:
    _lose_encoder(bench, host)
    bench.run(0.1)
    occurrence = _newest(host, "encoder-lost")["occurrence"]
    assert schema.STATUSES[host.ask("Acknowledge", occurrence % schema.S30 + 1)["status"]] == "stale-clear"
    host.order("Acknowledge", occurrence)
    silent = bench.now_us / 1e6
    bench.run(10)
    assert _state(host, "encoder-lost") == "acknowledged"
    assert [at for at, on in trace.edges[BUZZER] if on and at > silent + TURN] == []
    host.order("Clear", schema.REASONS.index("encoder-lost"))
    bench.run(0.1)
    assert _state(host, "encoder-lost") == "idle" and host.state == "standby"
    assert not trace.on(LED_RED)
    host.start()
    host.run(2)
    bench.fault("encoder", "nack")
    bench.run(1)
    bench.mend("encoder")
    assert _newest(host, "encoder-lost")["occurrence"] == occurrence % schema.S30 + 1
    assert schema.STATUSES[host.ask("Acknowledge", occurrence)["status"]] == "stale-clear"
    host.order("Clear", schema.REASONS.index("encoder-lost"))
    bench.run(2)
    assert _state(host, "encoder-lost") == "idle", "the clear alone was enough"


def test_a_host_can_pause_the_sound(bench: Bench, host: WireHost, trace: Trace) -> None:
    host.run(0.5)
    host.identify()
    assert schema.STATUSES[host.ask("Silence")["status"]] == "bad-state", "nothing sounds"
    host.start()
    bench.fault("encoder", "nack")
    host.run(1)
    host.order("Silence")
    asked = bench.now_us / 1e6
    bench.run(100)
    assert [at for at, on in trace.edges[BUZZER] if on and at > asked + TURN] == []
    assert 18 <= _newest(host, "encoder-lost")["pause"] <= 22


# -- what watches the alarms -------------------------------------------------------------------------------------------


@req("ALM-102")
@pytest.mark.parametrize("kind", ["dead", "stuck"])
def test_a_sounder_that_is_silent_or_stuck_is_found_before_it_is_needed(
    bench: Bench, host: WireHost, kind: str
) -> None:
    bench.run(1)
    assert _alarms(host) == [], "a healthy one has chirped and is not doubted"
    bench.fault("sounder", kind)
    host.identify()
    token = host.offer()["token"]
    host.order("Confirm", host.programme, token)
    host.make_ready()
    answer = host.ask("Arm", host.programme)
    assert schema.STATUSES[answer["status"]] == {"dead": "ok", "stuck": "self-test-failed"}[kind], "heard at once"
    bench.run(1)
    assert _state(host, "sounder-fault") == "active"
    refused = host.ask("Start", host.programme, *host.until()) if kind == "dead" else answer
    assert (schema.STATUSES[refused["status"]], refused["detail"]) == ("self-test-failed", SOUNDER)
    host.tell("Stop", 1)
    bench.mend("sounder")
    bench.run(10)  # the alarm itself is what shows that it sounds again
    host.start(ml_h=30.0)
    assert host.state == "infusing"


@req("ALM-102")
@pytest.mark.parametrize("kind", ["dead", "stuck"])
def test_a_sounder_that_fails_while_something_is_given_is_an_alarm_and_no_more(
    bench: Bench, host: WireHost, kind: str
) -> None:
    host.infuse(ml_h=30.0)
    host.run(1)
    bench.fault("sounder", kind)
    bench.circuit.pins.put("silence", 0)  # stuck, which is something to sound for
    host.run(15)
    bench.circuit.pins.put("silence", 1)
    assert _state(host, "sounder-fault") == "active" and host.state == "infusing"
    host.order("Pause", host.programme)
    host.run(2)
    host.resume()
    host.run(1)
    assert host.state == "infusing" and bench.drive.moving
    host.tell("Stop", 1)
    host.run(1)
    host.hush()
    host.order("Confirm", host.programme + 1, host.offer()["token"])
    refused = host.ask("Arm", host.programme)
    assert (schema.STATUSES[refused["status"]], refused["detail"]) == ("self-test-failed", SOUNDER)


@req("ALM-102")
def test_a_dead_sounder_is_found_at_power_on(bench: Bench, host: WireHost) -> None:
    bench.fault("sounder", "dead")
    bench.power_cycle()
    bench.run(0.5)
    assert _state(host, "sounder-fault") == "active"
    host.run(4)
    host.identify()
    host.order("Confirm", host.programme + 1, host.offer()["token"])
    refused = host.ask("Arm", host.programme)
    assert (schema.STATUSES[refused["status"]], refused["detail"]) == ("self-test-failed", SOUNDER)


@req("PWR-005")
def test_when_the_task_of_the_alarms_dies_red_and_a_steady_tone_are_left_and_the_pump_stands(tmp_path: Path) -> None:
    with Bench(target=target(tmp_path / "board.log", "dying", "alarms")) as bench:
        host = WireHost(bench)
        bench.run(1)
        trace = Trace(bench)
        host.infuse(ml_h=30.0)
        assert bench.run_until(lambda: not bench.drive.moving and not bench.drive.enabled, 2.0)
        bench.run(30)
        assert trace.on(LED_RED) and trace.on(BUZZER)
        assert len(trace.edges[BUZZER]) <= 3, "steady"
        assert (host.state, host.reason) == ("fault", "internal")
