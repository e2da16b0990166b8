"""What the pump senses, on the whole firmware against the plant: every trouble stops it, and by its own name."""

from __future__ import annotations

import pytest

from assuage_rig.bench import Bench
from assuage_rig.requirements import req
from assuage_rig.wirehost import WireHost
from assuage_wire import schema

MMHG_PA = 133.322


def drive(host: WireHost, field: str, names: tuple[str, ...]) -> str:
    """A code of the newest Drive."""
    return names[host.last("Drive")[field]]


def until(host: WireHost, state: str, limit_s: float) -> float:
    """Seconds until the pump has left `infusing`; it must then be in `state`."""
    began = host.bench.now_us
    while host.state == "infusing":
        assert host.bench.now_us - began < limit_s * 1e6, "it goes on"
        host.run(0.1)
    assert host.state == state, host.reason
    assert not host.bench.drive.moving and not host.bench.drive.enabled
    return (host.bench.now_us - began) / 1e6


def sliding(host: WireHost, limit_s: float = 60.0) -> None:
    """Until the plunger slides and the pump knows its friction."""
    began = host.bench.now_us
    host.run(1.5)
    while drive(host, "watch", schema.WATCHES) == "learning":
        assert host.bench.now_us - began < limit_s * 1e6
        host.run(1.0)


def refused(host: WireHost, name: str, *values: int) -> tuple[str, int]:
    """Status and detail of a command that is refused."""
    answer = host.ask(name, *values)
    return schema.STATUSES[answer["status"]], answer["detail"]


@req("PMP-009")
def test_an_occluded_line_stops_the_pump_before_its_pressure_is_reached_and_is_relieved(
    bench: Bench, host: WireHost
) -> None:
    host.infuse(ml_h=60.0, ml=40.0, level=300)
    sliding(host)
    host.run(5)
    before = bench.pressure_pa
    bench.fault("line", "occlusion", kpa_h_per_ml=1000.0)
    told = [host.last("Drive")["alarm_in"]]
    began = bench.now_us
    while host.state == "infusing":
        assert bench.now_us - began < 60e6
        host.run(0.5)
        told.append(host.last("Drive")["alarm_in"])
    assert (host.state, host.reason) == ("backing-off", "occlusion")
    assert bench.pressure_pa - before < 300 * MMHG_PA
    # no later than the plant's own compliance brings that level
    assert (bench.now_us - began) / 1e6 < bench.infusion.compliance * 300 * MMHG_PA / (60e6 / 3600) + 1
    known = [seconds for seconds in told if seconds != schema.NONE32]
    assert known == sorted(known, reverse=True) and known[-1] <= 15, "and the time that was left was told"
    while host.state == "backing-off":
        assert bench.now_us - began < 180e6
        host.run(0.5)
    assert (host.state, host.reason) == ("stopped", "occlusion")
    assert not bench.drive.moving and not bench.drive.enabled
    bench.mend("line", "occlusion")
    given = bench.patient_nl
    host.run(60)
    assert bench.patient_nl - given <= 100_000, "the bolus when the line opens"


@req("PMP-012")
def test_a_line_that_comes_off_under_pressure_stops_the_pump(bench: Bench, host: WireHost) -> None:
    host.infuse(ml_h=60.0, ml=40.0, level=900)
    sliding(host)
    bench.fault("line", "occlusion", kpa_h_per_ml=0.28)  # a narrow line: some 126 mmHg at 60 mL/h
    host.run(60)
    assert host.state == "infusing", host.reason
    assert drive(host, "watch", schema.WATCHES) == "disconnection"
    bench.fault("line", "disconnection")
    until(host, "paused", 10)
    assert host.reason == "line-disconnect"


@req("PMP-012")
def test_air_in_the_line_stops_the_pump_within_the_volume_of_one_bubble(bench: Bench, host: WireHost) -> None:
    host.infuse(ml_h=60.0, ml=40.0)
    bench.fault("line", "air", ul=200.0)
    assert bench.run_until(lambda: bench.infusion.air, 60, 0.1)
    seen = bench.infusion.plunger_nl
    host.run(0.1)
    until(host, "paused", 20)
    assert host.reason == "air-in-line"
    assert bench.infusion.plunger_nl - seen < 60_000
    assert refused(host, "Resume", host.programme, *host.until()) == ("air", 0), "it still lies there"


@req("PMP-013")
def test_a_syringe_that_is_taken_out_stops_the_pump_at_once_and_must_be_programmed_anew(
    bench: Bench, host: WireHost
) -> None:
    host.infuse(ml_h=60.0)
    host.run(3)
    bench.fault("syringe", "flange")
    host.run(0.15)
    assert (host.state, host.reason) == ("stopped", "syringe-unfitted")
    assert drive(host, "fitted", schema.FITTINGS) == "flange-open"
    host.order("Confirm", host.programme + 1, host.offer()["token"])
    assert refused(host, "Arm", host.programme) == ("unfitted", schema.FITTINGS.index("flange-open"))
    bench.mend("syringe", "flange")
    host.run(0.2)
    host.order("Arm", host.programme)
    bench.fault("syringe", "plunger")
    host.run(0.2)
    assert (host.state, host.reason) == ("stopped", "syringe-unfitted"), "armed, and then another one may be put in"


@req("PMP-013")
@pytest.mark.parametrize(
    ("outer", "alike", "verdict"), [(29_600, 0, "matches"), (29_600, 1, "ambiguous"), (27_000, 0, "mismatch")]
)
def test_the_barrel_is_compared_with_the_syringe_that_was_chosen(
    bench: Bench, host: WireHost, outer: int, alike: int, verdict: str
) -> None:
    host.run(2.5)
    host.identify()
    token = host.offer(outer=outer, alike=alike)["token"]
    host.order("Confirm", host.programme, token)
    host.make_ready()
    host.run(1)
    assert drive(host, "barrel", schema.BARRELS) == verdict
    assert abs(host.last("Drive")["outer"] - bench.infusion.syringe.outer_um) < 30
    if verdict == "mismatch":
        assert refused(host, "Arm", host.programme)[0] == "mismatch"
    else:
        host.order("Arm", host.programme)


@req("PMP-013")
def test_a_barrel_that_is_another_one_while_it_runs_stops_the_pump(bench: Bench, host: WireHost) -> None:
    host.infuse(ml_h=60.0, outer=29_600)
    host.run(2)
    bench.circuit.barrel_um = lambda: 23_000.0
    until(host, "stopped", 2)
    assert host.reason == "syringe-mismatch"


@req("PMP-020")
@pytest.mark.parametrize(("kind", "limit_s"), [("nack", 1.0), ("frozen", 1.0), ("rail", 1.0), ("brownout", 1.0)])
def test_a_bridge_that_fails_while_it_runs_is_a_fault(bench: Bench, host: WireHost, kind: str, limit_s: float) -> None:
    host.infuse(ml_h=60.0)
    host.run(2)
    bench.fault("bridge", kind)
    until(host, "fault", limit_s)
    assert host.reason == "force-sensor-fault"


@req("PMP-020")
def test_without_a_bridge_from_the_start_nothing_is_armed(bench: Bench, host: WireHost) -> None:
    bench.power_cycle()
    bench.fault("bridge", "nack")
    host.run(5)
    host.identify()
    host.order("Confirm", host.programme + 1, host.offer()["token"])
    status, detail = refused(host, "Arm", host.programme)
    assert (status, detail) == ("self-test-failed", 1 << schema.TESTS.index("bridge"))
    assert host.last("Drive")["failed"] == detail


@req("PMP-020")
def test_after_a_restart_with_a_syringe_in_the_force_has_no_zero_until_it_is_taken_out(
    bench: Bench, host: WireHost
) -> None:
    host.run(3)
    bench.kill_board()
    host.run(4)
    host.identify()
    host.order("Confirm", host.programme + 1, host.offer()["token"])
    assert refused(host, "Arm", host.programme) == ("force-sensor", schema.FORCES.index("untared"))
    bench.take_out(1.0)
    host.run(1.5)
    host.order("Arm", host.programme)


@req("PMP-008")
def test_a_motor_driver_that_loses_its_supply_is_a_fault_and_works_again_when_that_is_cleared(
    bench: Bench, host: WireHost
) -> None:
    host.infuse(ml_h=60.0)
    host.run(2)
    bench.fault("stepper", "brownout")
    assert until(host, "fault", 1.0) < 0.3
    assert host.reason == "stepper-driver-fault"
    host.run(2)
    host.order("Clear", schema.REASONS.index("stepper-driver-fault"))
    host.run(2)
    host.start(ml_h=60.0)
    host.run(1)
    assert host.state == "infusing"


@req("PWR-002")
def test_a_supply_that_is_too_low_stops_the_pump_cleanly(bench: Bench, host: WireHost) -> None:
    host.infuse(ml_h=60.0)
    host.run(2)
    bench.circuit.analogue.put("supply", 20_000)  # 3.02 V
    assert until(host, "stopped", 1.0) < 0.3
    assert host.reason == "supply-low"
    host.order("Confirm", host.programme + 1, host.offer()["token"])
    assert refused(host, "Arm", host.programme)[0] == "supply-low"
    bench.circuit.analogue.put("supply", None)
    host.run(0.2)
    host.order("Arm", host.programme)


@req("PWR-003")
def test_on_a_battery_minutes_are_told_and_an_empty_one_stops_the_pump(bench: Bench, host: WireHost) -> None:
    bench.fault("battery", "low", percent=40.0)
    bench.fault("mains", "off")
    host.infuse(ml_h=60.0)
    host.run(5)
    told = host.last("Drive")
    assert drive(host, "battery", schema.BATTERIES) == "fine" and 30 < told["minutes"] < 400
    bench.fault("battery", "low", percent=15.0)
    until(host, "stopped", 10.0)
    assert host.reason == "supply-low"


@req("PMP-008")
@pytest.mark.parametrize(
    ("kind", "params", "reason"),
    [
        ("slip", {"percent": 30.0}, "motor-slips"),
        ("reversed", {}, "motor-reversed"),
    ],
)
def test_what_became_of_the_shaft_has_its_own_name(
    bench: Bench, host: WireHost, kind: str, params: dict[str, float], reason: str
) -> None:
    host.infuse(ml_h=60.0)
    host.run(3)
    bench.fault("motor", kind, **params)
    until(host, "fault", 20.0)
    assert host.reason == reason


def test_a_stalled_motor_and_a_frozen_magnet_are_a_disagreement_where_nothing_tells_them_apart(
    bench: Bench, host: WireHost
) -> None:
    host.infuse(ml_h=60.0)
    sliding(host)
    host.run(10)
    bench.fault("motor", "stall")
    until(host, "fault", 20.0)
    assert host.reason in ("motor-stalled", "encoder-disagrees")


@req("PMP-014")
def test_a_syringe_gives_no_more_than_was_in_it_over_all_programmes(bench: Bench, host: WireHost) -> None:
    host.infuse(ml_h=600.0, ml=1.0, contents=3_000_000)
    host.run(12)
    assert host.state == "complete"
    left = host.last("Drive")["contents"]
    assert left == pytest.approx(2_000_000, abs=1000)
    host.order("Confirm", host.programme + 1, host.offer(ml=2.5, contents=50_000_000)["token"])
    assert refused(host, "Arm", host.programme) == ("syringe", left)
    bench.take_out(0.5)
    host.run(1)
    host.order("Arm", host.programme)


@req("PMP-014")
def test_near_empty_is_told_in_time(bench: Bench, host: WireHost) -> None:
    host.infuse(ml_h=60.0, ml=2.0, contents=2_000_000, near_empty=100)
    host.run(10)
    assert not host.last("Drive")["near_empty"]
    host.run(14)
    assert host.last("Drive")["near_empty"]
    assert host.last("Drive")["empty_in"] == pytest.approx(96, abs=4)
