"""Profiles, doses, boluses, changes and pauses on the whole firmware, ordered over the wire and judged by the shaft."""

from __future__ import annotations

import pytest

from assuage_rig.bench import Bench
from assuage_rig.requirements import req
from assuage_rig.wirehost import ML_H, WireHost
from assuage_wire import schema

ML_60 = round(60 * ML_H)  # 1 mL a minute
DEMAND = schema.MODES.index("demand")
NL_STEP = 559_902 / 3200


@pytest.fixture
def bed(bench: Bench, host: WireHost) -> WireHost:
    """A host in session with a booted board."""
    host.run(0.7)
    host.identify()
    return host


def _given(bed: WireHost) -> float:
    """nL by the screw."""
    return bed.bench.plunger_nl


def _press(bed: WireHost, seconds: float = 0.1) -> None:
    bed.bench.circuit.pins.put("demand", 0)
    bed.run(seconds)
    bed.bench.circuit.pins.put("demand", 1)
    bed.run(0.1)


@req("PMP-016")
def test_a_loading_dose_a_taper_and_a_pause_are_delivered_to_the_step(bed: WireHost) -> None:
    legs = ((10 * ML_60, 10 * ML_60, 500_000, 0), (2 * ML_60, ML_60, 0, 20), (0, 0, 0, 5), (ML_60, ML_60, 100_000, 0))
    volume = 500_000 + 3 * ML_60 * 20 // 120 + 100_000
    back = bed.profile(*legs, ml_h=600, ml=volume / 1e6)
    assert (back["leg"], back["missing"], back["finish"]) == (3, 0, 3 + 20 + 5 + 6)
    bed.begin(back["token"])
    bed.run(3.1)
    assert abs(_given(bed) - 500_000 - 2 * ML_60 * 0.1 / 60) < 4000
    bed.run(20)
    tapered = _given(bed)
    assert abs(tapered - 600_000 - 400_000) < 4000
    bed.run(4.5)
    assert abs(_given(bed) - tapered) < 4000 and bed.state == "infusing" and bed.last("PumpStatus")["rate"] == 0
    bed.run(8)
    assert (bed.state, bed.reason) == ("complete", "complete")
    assert bed.bench.drive.consumed == int(volume / NL_STEP)


@req("PMP-017")
def test_the_button_gives_one_dose_a_press_and_none_within_the_lockout(bed: WireHost) -> None:
    bed.start(ml_h=6, mode=DEMAND, dose=50_000, dose_rate=3 * ML_60, lockout=10)
    bed.run(1)
    before = _given(bed)
    _press(bed, 3.0)
    assert bed.state == "infusing", "one dose, however long it is pressed"
    assert abs(_given(bed) - before - 50_000 - 2.1 * ML_60 / 600) < 600, "the rate waits for the second of the dose"
    _press(bed)
    status = bed.last("PumpStatus")
    assert (status["doses"], status["denied"]) == (1, 1) and 5 <= status["lockout"] <= 8
    assert abs(status["bolus"] - 50_000) < 400
    bed.run(8)
    _press(bed)
    assert bed.state == "bolus"
    bed.run(2)
    assert bed.last("PumpStatus")["doses"] == 2


@req("PMP-017")
def test_a_bouncing_button_is_one_press(bed: WireHost) -> None:
    bed.start(ml_h=6, mode=DEMAND, dose=20_000, dose_rate=6 * ML_60, lockout=0)
    bed.run(1)
    for level in (0, 1) * 6:
        bed.bench.circuit.pins.put("demand", level)
        bed.run(0.004)
    bed.run(0.2)
    assert bed.last("PumpStatus")["doses"] == 0, "no contact was stable"
    _press(bed)
    bed.run(1)
    assert (bed.last("PumpStatus")["doses"], bed.last("PumpStatus")["denied"]) == (1, 0)


@req("PMP-017")
def test_a_press_while_the_pump_stands_gives_nothing_now_or_later(bed: WireHost) -> None:
    token = bed.offer(ml_h=6, mode=DEMAND, dose=50_000, dose_rate=3 * ML_60, lockout=0)["token"]
    _press(bed)
    bed.begin(token)
    bed.run(3)
    status = bed.last("PumpStatus")
    assert status["doses"] == 0 and _given(bed) - status["aside"] < 6 * ML_H * 4 / 60
    bed.tell("Stop", 1)
    made = bed.bench.drive.consumed
    for _ in range(5):
        _press(bed)
    assert bed.bench.drive.consumed == made


@req("PMP-019")
def test_a_change_of_rate_is_read_back_and_made_when_it_is_applied(bed: WireHost) -> None:
    bed.start(ml_h=60)
    bed.run(2)
    change = bed.ask("Change", bed.programme, schema.CHANGES.index("rate"), 2 * ML_60, 0)
    assert (change["rate"], change["change"], change["programme"]) == (2 * ML_60, 0, bed.programme)
    bed.run(2)
    assert bed.last("PumpStatus")["rate"] == ML_60
    bed.order("Apply", bed.programme, change["token"])
    bed.run(0.5)
    before = _given(bed)
    bed.run(6)
    assert abs(_given(bed) - before - 200_000) < 1000
    assert bed.last("PumpStatus")["rate"] == bed.last("PumpStatus")["set_rate"] == 2 * ML_60


@req("PMP-015")
def test_an_ordered_bolus_is_interrupted_for_good_by_a_pause(bed: WireHost) -> None:
    bed.start(ml_h=6, ml=1.0, bolus=300_000)
    bed.run(1)
    bolus = bed.ask("Change", bed.programme, schema.CHANGES.index("bolus"), 6 * ML_60, 300_000)
    assert bolus["steps"] == int(300_000 / NL_STEP) and bolus["seconds"] == 3
    bed.order("Apply", bed.programme, bolus["token"])
    bed.run(1)
    assert bed.state == "bolus"
    bed.order("Pause", bed.programme)
    paused = _given(bed)
    bed.run(5)
    assert bed.state == "paused" and _given(bed) == paused and not bed.bench.drive.enabled
    assert 80_000 < bed.last("PumpStatus")["bolus"] < 110_000
    bed.resume()
    bed.run(6)
    assert bed.state == "infusing" and abs(_given(bed) - paused - 10_000) < 800
    status = bed.last("PumpStatus")
    late = _given(bed) - status["aside"] - status["delivered"]
    assert 0 <= late < 3 * NL_STEP, "the newest status is 0.2 s old"


def test_a_leg_that_cannot_be_is_refused_over_the_wire_and_nothing_is_programmed(bed: WireHost) -> None:
    reply = bed.profile((ML_60, ML_60, 500_000, 0), (ML_60, ML_60, 1, 1), ml_h=60, ml=0.500001)
    assert (schema.STATUSES[reply["status"]], reply["detail"]) == ("leg", 1)
    assert schema.STATES[reply["state"]] == "standby"
