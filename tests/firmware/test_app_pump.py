"""A delivery on the whole firmware: from programme to plunger, and every way to end it."""

from __future__ import annotations

import pytest

from assuage_rig.bench import Bench
from assuage_rig.requirements import req
from assuage_rig.wirehost import WireHost
from assuage_wire import codec, schema

ENABLED_MS = 30  # the loop's turn that carries an order out, and some


def _steps(host: WireHost) -> int:
    return host.bench.drive.consumed


def _stands(host: WireHost, seconds: float = 2.0) -> bool:
    """Whether no step is made and no word is queued from now on."""
    made = _steps(host)
    host.bench.run(seconds)
    return made == _steps(host) and not host.bench.drive.moving


def _to(host: WireHost, state: str) -> None:
    """Brings a booted and identified board into a state."""
    if state == "standby":
        return
    if state in ("infusing", "kvo", "complete", "stopped", "fault"):
        slow = {"on_loss": "kvo", "kvo_ml_h": 1.0} if state == "kvo" else {}
        host.start(ml=0.01 if state == "complete" else 5.0, **slow)
        host.run(5.0 if state == "complete" else 1.0)
        if state == "kvo":
            host.hush()
            host.run(3)
        elif state == "stopped":
            host.tell("Stop", 1)
        elif state == "fault":
            host.bench.fault("encoder", "nack")
            host.run(1.5)
    else:
        token = host.offer()["token"]
        if state in ("confirmed", "armed"):
            host.order("Confirm", host.programme, token)
        if state == "armed":
            host.make_ready()
            host.order("Arm", host.programme)
    host.run(0.3)


def test_ten_ml_an_hour_come_out_of_the_syringe(bench: Bench, host: WireHost) -> None:
    host.infuse(ml_h=10.0, ml=5.0)
    host.run(600)
    status = host.last("PumpStatus")
    truth = bench.plunger_nl - status["aside"]  # which took up play and seal
    assert truth == pytest.approx(10e6 / 6, rel=0.01)
    assert status["delivered"] == pytest.approx(truth, abs=5000)
    assert status["measured"] == pytest.approx(truth, abs=5000)
    assert host.state == "infusing" and status["programme"] == host.programme


@req("PMP-006")
def test_a_programme_is_delivered_to_the_step_and_then_the_shaft_stands_without_current(
    bench: Bench, host: WireHost
) -> None:
    host.infuse(ml_h=60.0, ml=0.2)
    host.run(20)
    assert host.state == "complete"
    assert _steps(host) == host.last("Readback")["steps"]
    assert host.last("PumpStatus")["delivered"] == pytest.approx(0.2e6, abs=200)
    assert not bench.drive.enabled and _stands(host)


@req("PMP-004")
@pytest.mark.parametrize(
    "state", ["standby", "programmed", "confirmed", "armed", "infusing", "kvo", "complete", "stopped", "fault"]
)
def test_stop_works_in_every_state(host: WireHost, state: str) -> None:
    host.run(0.5)
    host.identify()
    _to(host, state)
    assert host.state == state
    host.tell("Stop", 4711)  # no time passes on the rig until the board has handled it
    assert not host.bench.drive.moving and not host.bench.drive.enabled
    stopped = host.last("Stopped")
    assert stopped["token"] == 4711
    assert schema.STATES[stopped["state"]] not in ("infusing", "kvo", "armed")
    assert _stands(host)
    assert host.state == schema.STATES[stopped["state"]], "and the status says so too"


@req("PMP-004")
def test_stop_works_without_a_session_from_a_host_with_another_table(bench: Bench, host: WireHost) -> None:
    host.infuse()
    host.hush()
    bench.kill_board()
    bench.run(2)
    for m in (strange := [m for m in codec.MESSAGES if not m.frozen]):
        m.seed ^= 0xFFFF
    try:
        host.tell("Stop", 5)
        assert host.last("Stopped")["token"] == 5
        before = len(host.all("PumpStatus"))
        bench.run(1)
        assert len(host.all("PumpStatus")) == before, "what is not frozen is not understood across tables"
    finally:
        for m in strange:
            m.seed ^= 0xFFFF
    assert not bench.drive.moving


def test_stop_empties_the_queue_within_the_turn_that_takes_it(bench: Bench, host: WireHost) -> None:
    host.infuse(ml_h=600.0, ml=20.0)
    for n in range(20):
        host.run(0.3 + n / 997)
        assert bench.drive.moving
        made = _steps(host)
        host.tell("Stop", n)
        assert _steps(host) == made
        assert _stands(host, 0.2)
        host.order("Clear", host.last("PumpStatus")["reason"])
        host.start(ml_h=600.0, ml=20.0)


@req("PMP-004")
def test_the_stop_key_stops_and_keeps_stopped_while_it_is_held(bench: Bench, host: WireHost) -> None:
    host.infuse()
    host.run(1)
    pins = bench.circuit.pins
    pins.press_stop(True)
    assert bench.run_until(lambda: not bench.drive.moving, 0.03)
    bench.run(0.05)
    assert (host.state, host.reason) == ("stopped", "local-stop")
    host.order("Clear", schema.REASONS.index("local-stop"))
    token = host.offer()["token"]
    bench.run(0.2)
    assert host.state == "stopped", "a held key takes the programme away"
    assert schema.STATUSES[host.ask("Confirm", host.programme, token)["status"]] == "bad-state"
    pins.press_stop(False)
    host.start()
    host.run(1)
    assert host.state == "infusing"


@req("PMP-004")
def test_a_press_of_five_milliseconds_stops_the_pump_at_any_phase_of_the_loop(bench: Bench, host: WireHost) -> None:
    host.infuse(ml_h=30.0, ml=40.0)
    for phase in range(0, 110, 7):
        host.run(1.0)
        bench.run((phase * 1000 - bench.now_us) % 110_000 / 1e6)
        assert host.state == "infusing"
        bench.circuit.pins.press_stop(True)
        bench.run(0.001)
        assert not bench.drive.moving, f"pressed at {phase} ms: no wait is waited out"
        bench.run(0.004)
        bench.circuit.pins.press_stop(False)
        bench.run(ENABLED_MS / 1000)
        assert not bench.drive.moving and not bench.drive.enabled, f"pressed at {phase} ms"
        assert (host.state, host.reason) == ("stopped", "local-stop")
        host.order("Clear", schema.REASONS.index("local-stop"))
        host.start(ml_h=30.0, ml=40.0)


@req("PMP-002")
def test_the_boards_own_limit_refuses_a_rate_and_says_which(host: WireHost) -> None:
    host.run(0.5)
    host.identify()
    refused = host.offer(ml_h=1200.0, bore=8_660)
    assert schema.STATUSES[refused["status"]] == "rate-limit"
    assert refused["detail"] == 12_000 * 60 * 58_901 // 3200, "what its motor reaches with a 3 mL syringe"
    host.run(0.3)
    assert host.state == "standby"


@req("PMP-005")
def test_a_host_that_falls_silent_loses_the_pump_within_its_grant(bench: Bench, host: WireHost) -> None:
    host.infuse()
    host.run(3)
    host.hush()
    host.run(2.2)
    assert (host.state, host.reason) == ("stopped", "lease-lapsed")
    assert _stands(host)


@req("PWR-001")
def test_after_a_reset_the_pump_stands_and_says_what_it_had_delivered(bench: Bench, host: WireHost) -> None:
    host.infuse(ml_h=30.0)
    host.run(20)
    bench.kill_board()
    bench.run(0.3)
    assert not bench.drive.moving, "the reset has emptied the drive"
    bench.run(2)
    truth = bench.plunger_nl
    assert (host.state, host.reason) == ("unconfirmed", "reset")
    status = host.last("PumpStatus")
    assert status["was_programme"] == host.programme
    assert status["was_low"] <= truth + 200 and truth <= status["was_high"] + 200
    assert status["was_high"] - status["was_low"] < 100_000
    assert _stands(host)
    host.identify()
    assert schema.STATUSES[host.offer()["status"]] == "faulted", "a human must have read it first"
    host.order("Clear", schema.REASONS.index("reset"))
    host.start()
    host.run(2)
    assert host.state == "infusing"


def test_a_change_of_state_is_told_at_once(bench: Bench, host: WireHost) -> None:
    host.infuse()
    host.run(1.05)
    host.tell("Stop", 1)
    assert host.state == "stopped", "in the same turn, not at the next fifth of a second"
