"""The pump's promises on the whole firmware in virtual time: what the emulated plunger does, not what the board
claims."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assuage_rig.bench import Bench
from assuage_rig.requirements import req
from assuage_rig.wirehost import RefusedError, WireHost
from assuage_wire import schema


@pytest.fixture
def host() -> Iterator[WireHost]:
    with Bench(seed=1) as bench:
        host = WireHost(bench)
        host.identify()
        host.run(0.5)
        yield host


@req("PMP-006")
def test_ten_ml_per_hour_in_a_50_ml_syringe_is_within_1_percent_over_ten_minutes(host: WireHost) -> None:
    host.start(ml_h=10, ml=20)
    begin = host.bench.plunger_nl
    host.run(600)
    true = host.bench.plunger_nl - begin
    assert true == pytest.approx(10e6 / 6, rel=0.01)
    status = host.last("PumpStatus")
    assert host.state == "infusing"
    # One microstep is 175 nL here; status is at most 200 ms old.
    assert abs(status["delivered"] - true) < 1_000 and abs(status["measured"] - true) < 3_000


@req("PMP-006")
@pytest.mark.parametrize("rate_ml_h", [0.1, 1, 5, 100, 600, 1200])
def test_the_plunger_follows_the_programme_at_any_rate(host: WireHost, rate_ml_h: float) -> None:
    host.start(ml_h=rate_ml_h, ml=40)
    begin = host.bench.plunger_nl
    seconds = 120 if rate_ml_h < 10 else 60
    host.run(seconds)
    expected = rate_ml_h * 1e6 / 3600 * seconds
    # A step of 175 nL is the grain; the queue may hold 20 uL less or what a command's latency gives.
    assert abs(host.bench.plunger_nl - begin - expected) <= max(0.01 * expected, 400)


@req("PMP-006")
def test_exactly_the_volume_to_be_infused_is_given_then_the_pump_stands(host: WireHost) -> None:
    begin = host.bench.shaft.steps
    back = host.start(ml_h=300, ml=2.5)
    host.run(45)
    assert host.state == "complete"
    assert host.bench.shaft.steps - begin == back["steps"]
    assert not host.bench.drive.moving
    assert abs(back["steps"] * back["nl_per_rev"] / 3200 - 2.5e6) <= 175


@req("PMP-004")
@pytest.mark.parametrize("phase_ms", range(0, 260, 20))
def test_stop_halts_the_shaft_at_once_in_any_phase(host: WireHost, phase_ms: int) -> None:
    host.start(ml_h=300, ml=20)
    host.run(1 + phase_ms / 1000)
    asked = host.bench.now_us
    host.tell("Stop", 9)
    host.bench.run(0.2)
    steps = host.bench.shaft.steps
    host.bench.run(2)
    host.listen()
    assert host.bench.shaft.steps == steps and not host.bench.drive.moving
    assert host.bench.drive.last_step_us - asked <= 200_000
    assert host.state == "stopped" and host.reason == "host-stop"
    assert host.last("Stopped")["token"] == 9


def test_stop_works_before_any_session_and_from_a_host_with_another_schema() -> None:
    with Bench(seed=2) as bench:
        host = WireHost(bench)
        stopped = host.stop(token=3)
        assert stopped["state"] == schema.STATES.index("standby")


@req("PMP-002")
@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"ml_h": 1150, "ml": 1, "bore": 8_660, "capacity": 3_000_000}, "rate-limit"),
        ({"ml_h": 100, "limit_rate": 1_000_000}, "rate-limit"),
        ({"ml": 60, "capacity": 60_000_000, "limit_volume": 50_000_000}, "volume-limit"),
        ({"ml": 20, "limit_volume": 10_000_000}, "volume-limit"),
        ({"duration": 2_592_000}, "time-limit"),
        ({"ml": 20, "capacity": 10_000_000}, "syringe"),
    ],
)
def test_an_order_beyond_a_limit_is_refused_by_the_board_and_nothing_moves(
    host: WireHost, change: dict[str, float], status: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        host.start(**change)
    assert refused.value.status == status
    host.run(2)
    assert host.bench.shaft.steps == 0 and host.state == "standby"


@req("PMP-005")
def test_a_lapsed_lease_stops_the_pump_within_the_lease_and_it_stays_stopped(host: WireHost) -> None:
    host.start(ml_h=120, ml=20)
    host.run(5)
    silent = host.bench.now_us
    host.hush()
    host.run(3.5)
    assert host.state == "stopped" and host.reason == "lease-lapsed"
    assert host.bench.drive.last_step_us - silent <= 3_000_000
    steps = host.bench.shaft.steps
    host.grant()
    host.run(5)
    assert host.bench.shaft.steps == steps, "a grant brought a stopped pump back"


@req("PMP-008")
def test_a_stalled_motor_is_noticed_by_the_encoder_and_stops_the_pump(host: WireHost) -> None:
    back = host.start(ml_h=60, ml=20)
    host.run(5)
    host.bench.fault("motor", "stall")
    begin = host.bench.drive.consumed
    host.run(10)
    assert host.state == "fault" and host.reason == "encoder-disagrees"
    # The rig holds the shaft, so only the steps show when the board stopped trying: at 20 uL of disagreement as the
    # encoder has it, whose counts are 137 nL apart, and within four polls of 25 ms, in which 417 nL are stepped each.
    in_vain = (host.bench.drive.consumed - begin) * back["nl_per_rev"] / 3200
    assert 18_000 < in_vain <= 20_000 + 137 + 4 * 417
    assert not host.bench.drive.moving and not host.bench.drive.enabled


@req("PMP-008")
def test_a_lost_encoder_stops_the_pump(host: WireHost) -> None:
    host.start(ml_h=60, ml=20)
    host.run(5)
    host.bench.fault("encoder", "nack")
    host.run(3)
    assert host.state == "fault" and host.reason == "encoder-lost"


@req("PWR-001")
def test_a_killed_board_stands_and_tells_bounds_that_hold(host: WireHost) -> None:
    host.start(ml_h=120, ml=20)
    host.run(7.3)
    host.bench.kill_board()
    host.bench.run(1.5)
    steps = host.bench.shaft.steps
    again = WireHost(host.bench, session=99)
    hello = again.identify()
    again.run(5)
    assert hello["boot"] == host.last("Hello")["boot"] + 1 & schema.S30 and schema.RESETS[hello["reset"]] == "fault"
    assert again.state == "unconfirmed" and again.reason == "reset"
    status = again.last("PumpStatus")
    assert status["was_programme"] == 1
    assert status["was_low"] - 1 <= host.bench.plunger_nl <= status["was_high"] + 1
    assert status["was_high"] - status["was_low"] <= 40_000
    assert host.bench.shaft.steps == steps and not host.bench.drive.enabled
    with pytest.raises(RefusedError):
        again.start()
    again.order("Clear", status["reason"])
    again.start()


@req("REC-003")
def test_a_repeated_start_is_answered_and_not_carried_out_again(host: WireHost) -> None:
    host.start(ml_h=60, ml=20)

    def replies() -> int:
        return len(host.all("Reply"))

    before = replies()
    start = host.session, host._command, host.programme, *host.until()
    for _ in range(3):
        host.tell("Start", *start)
    host.stop()
    host.bench.run(0.5)
    host.tell("Start", *start)
    assert replies() == before + 4
    assert host.state == "stopped" and not host.bench.drive.moving
