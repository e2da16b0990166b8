"""What must never be: a cuff above its pressure, or inflated for too long, whatever fails, the firmware included."""

from __future__ import annotations

import pytest

from assuage_rig.plant.cuff import SMALL
from assuage_rig.requirements import req
from vitals.cuff_kinds import KINDS, LIMIT, NEONATAL, PAEDIATRIC, SECONDS

from .cuff_on_arm import Case, OnArm, WithSensor

pytestmark = pytest.mark.timeout(600)  # of a processor that many may share
SWITCH = 300.0
HELD_S = (180.0, 180.0, 90.0)
SIZES = {PAEDIATRIC: SMALL, NEONATAL: SMALL}
HIGH = Case(260, 190)


def inflated_s(on: OnArm, seconds: float) -> float:
    """Lives on; the longest time without a break for which there were more than 15 mmHg in the bladder."""
    longest = since = 0.0
    end = on.seconds + seconds
    while on.seconds < end:
        on.run(0.1)
        since = since + 0.1 if on.air.bladder() > 15 else 0.0
        longest = max(longest, since)
    return longest


def started(state: str, case: Case | None = None, kind: int = 0) -> OnArm:
    """One on its way, in that state."""
    on = OnArm(case, kind, SIZES.get(kind) or OnArm().air.size)
    assert on.cuff.start()
    return on.reach(state).run(0.5)


# -- a firmware that works, everything else broken ---------------------------------------------------------------------
@req("VIT-023")
@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_a_pump_that_does_not_stop_ends_at_the_softwares_limit(kind: int) -> None:
    on = started("inflating", kind=kind)
    on.air.faults.make("pump-on")
    on.air.faults.make("bleed-blocked")
    on.run(60, lambda: on.state not in ("inflating", "bleeding"))
    assert on.fault in ("over-pressure", "blocked") and on.air.most <= KINDS[kind][LIMIT] + 3
    assert inflated_s(on, 30) < 12, "the limiter takes the pump's current when the firmware no longer holds the valve"


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_a_bleed_that_lets_nothing_off_is_seen_at_once(kind: int) -> None:
    on = started("inflating", kind=kind)
    on.air.faults.make("bleed-blocked")
    assert inflated_s(on, 60) <= 30
    assert on.fault == "blocked"


@req("VIT-023")
@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_a_cuff_that_stays_inflated_is_let_off_before_the_time_is_over(kind: int) -> None:
    on = started("bleeding", Case(75, 45), kind).run(10)
    on.air.faults.make("bleed-blocked")
    on.arm.faults.make("pulseless")
    assert inflated_s(on, 200) <= HELD_S[kind] - 1
    assert on.fault == "over-time" and KINDS[kind][SECONDS] < HELD_S[kind]


@req("VIT-022")
@pytest.mark.parametrize("state", ["zeroing", "inflating", "bleeding", "venting"])
def test_stop_empties_the_cuff_from_every_state(state: str) -> None:
    on = started(state)
    on.cuff.stop()
    assert on.cuff.pump == 0 and on.cuff.closed == 0 and on.cuff.bleed == 100
    assert inflated_s(on, 40) < 8
    on.run(60)
    assert on.state == "idle" and on.fault == "ended" and on.signal == "ended" and on.cuff.count == 0


@pytest.mark.parametrize("kind", ["nack", "busy", "memory", "saturated", "unpowered", "frozen"])
@pytest.mark.parametrize("state", ["inflating", "bleeding"])
def test_a_sensor_that_is_lost_empties_the_cuff_within_half_a_second(state: str, kind: str) -> None:
    on = WithSensor()
    assert on.cuff.start()
    on.reach(state).run(2)
    on.chip.faults.make(kind)
    on.run(0.5)
    assert on.cuff.closed == 0 and on.fault == "sensor-lost"
    assert inflated_s(on, 20) < 8
    on.run(60)
    assert on.state == "idle" and on.signal == "sensor-lost"


@pytest.mark.parametrize(
    ("kind", "params"),
    [("offset", {"by": -100.0}), ("late", {"ms": 2000}), ("drifting", {"per_min": -200.0}), ("stuck", {})],
)
def test_a_sensor_that_lies_is_held_to_the_switch_and_to_the_time(kind: str, params: dict[str, float]) -> None:
    on = WithSensor(HIGH)
    assert on.cuff.start()
    on.reach("inflating").run(3)
    on.chip.faults.make(kind, **params)
    assert inflated_s(on, 400) <= 185
    assert on.air.most <= SWITCH + 5


# -- a firmware that hangs ---------------------------------------------------------------------------------------------
@req("VIT-023")
@pytest.mark.parametrize("kind", range(len(KINDS)))
@pytest.mark.parametrize("state", ["zeroing", "inflating", "bleeding", "venting"])
def test_a_firmware_that_hangs_in_any_state_is_emptied_by_the_monostable(state: str, kind: int) -> None:
    for after_s in (0.0, 0.02, 0.5):
        on = started(state, kind=kind).run(after_s)
        on.hung = True
        assert inflated_s(on, 20) < 6 and on.air.bladder() < 15


@req("VIT-023")
def test_a_firmware_that_hangs_while_its_pin_still_toggles_is_emptied_by_the_timer_or_the_switch() -> None:
    for pump, most_s in ((0, 185), (1, 60)):
        on = started("inflating", HIGH)
        on.hung = True
        for n in range(3000):
            on.air.drive(pump, 0, 1, n & 1)
            on.run(0.1)
            if n * 0.1 > most_s:
                assert on.air.bladder() < 15
        assert on.air.most <= SWITCH + 3


def test_a_trip_of_the_limiter_lasts_until_the_pin_is_left_alone() -> None:
    on = started("inflating", HIGH)
    on.hung = True
    level = 0
    for _ in range(600):
        level ^= 1
        on.air.drive(1, 0, 1, level)
        on.run(0.1)
    assert on.air.limiter.tripped == "pressure"
    on.run(1)
    on.air.drive(1, 0, 1, level ^ 1)
    on.run(0.2)
    assert not on.air.limiter.tripped and on.air.bladder() > 0


def test_with_one_part_of_the_limiter_broken_the_firmware_still_keeps_pressure_and_time() -> None:
    for part in ("switch", "hold", "longest"):
        on = started("inflating", HIGH)
        on.air.limiter.faults.make(part)
        on.air.faults.make("pump-on")
        assert inflated_s(on, 120) < 60
        assert on.air.most <= KINDS[0][LIMIT] + 3 or part == "hold"


@pytest.mark.parametrize("fault", ["dump-blocked", "bleed-blocked", "dump-open", "bleed-open", "pump-dead"])
def test_a_valve_or_a_pump_that_fails_leaves_no_cuff_inflated(fault: str) -> None:
    for state in ("zeroing", "inflating", "bleeding"):
        on = started(state)
        on.air.faults.make(fault)
        assert inflated_s(on, 240) < 180
        assert on.air.bladder() < 15


def test_a_cuff_that_does_not_empty_is_told_until_it_does() -> None:
    on = started("bleeding").run(5)
    on.air.faults.make("dump-blocked")
    on.air.faults.make("bleed-blocked")
    on.run(300, lambda: on.state == "stuck")
    assert on.state == "stuck" and on.signal == "blocked"
    assert not on.cuff.start()
    on.cuff.stop()
    on.run(5)
    assert on.state == "stuck"
    on.air.faults.mend()
    on.run(60)
    assert on.state == "idle" and on.air.bladder() < 15
