"""On the board an integer beyond 30 bits is an allocation: here the loop reckons with numbers that refuse to be one."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assuage_rig.requirements import req
from pump import codes
from pump.course import NO_LOOP, Course
from pump.encoder import Encoder
from pump.engine import Engine
from pump.limits import Watch
from pump.status import seconds_at
from pump.steps import StepVolume, bottom_flow, top_flow
from pump.syringe import nl_per_rev
from tests.firmware.small_integers import HI, LO, Small, small_array
from tests.pure.pump_fakes import COUNTS, LEAD_NM, STEPS, Bed


def shrink(thing: object, seen: set[int] | None = None) -> None:
    """Makes every integer that a part holds a Small, after it was set up with long ones."""
    seen = seen if seen is not None else set()
    if id(thing) in seen or not hasattr(thing, "__dict__"):
        return
    seen.add(id(thing))
    for name, value in vars(thing).items():
        if type(value) is int:
            setattr(thing, name, Small(value))
        elif type(value).__module__.startswith(("pump", "assuage_wire")):
            shrink(value, seen)


def widen(thing: object, seen: set[int] | None = None) -> None:
    """Takes that back."""
    seen = seen if seen is not None else set()
    if id(thing) in seen or not hasattr(thing, "__dict__"):
        return
    seen.add(id(thing))
    for name, value in vars(thing).items():
        if type(value) is Small:
            setattr(thing, name, int(value))
        elif type(value).__module__.startswith(("pump", "assuage_wire")):
            widen(value, seen)


def long_at_a_change_of_state(pump: Engine) -> None:
    """From here on all is small but what is done once at a change of state."""
    go = pump._go

    def changed(event: int, reason: int) -> object:
        widen(pump)
        try:
            return go(event, reason)
        finally:
            shrink(pump)

    pump._go = changed  # type: ignore[method-assign]
    shrink(pump)


def test_the_numbers_of_this_test_do_refuse() -> None:
    assert Small(HI - 1) + 1 == HI
    for overflow in (
        lambda: Small(HI) + 1,
        lambda: 1 + Small(HI),
        lambda: Small(1 << 15) * (1 << 15),
        lambda: 2 * Small(LO),
    ):
        with pytest.raises(AssertionError, match="does not fit"):
            overflow()


@pytest.mark.parametrize("bore", [1_000, 4_780, 26_700, 60_000])
@pytest.mark.parametrize("flow", [167, 166_667, 19_999_999])
def test_planning_and_counting_stay_small(flow: int, bore: int) -> None:
    per_rev = nl_per_rev(bore, LEAD_NM)
    plan, volume, counts = Course(), StepVolume(), StepVolume()
    try:
        plan.build(((flow, flow, 0, 0),), NO_LOOP, HI // STEPS * per_rev, per_rev, STEPS)
    except ValueError:
        return
    plan._rows = small_array("I", plan._rows)
    plan.begin()
    volume.begin(per_rev, STEPS)
    counts.begin(per_rev, COUNTS)
    for part in (plan, volume, counts):
        shrink(part)
    for _ in range(20_000):
        plan.word()
        volume.add(plan.count)
        if volume.nl > 100_000_000:
            volume.begin(per_rev, STEPS)
            shrink(volume)
    volume.begin(per_rev, STEPS)
    shrink(volume)
    volume.add(min(30_000, 100_000_000 * STEPS // per_rev))
    counts.add(min(262_000, 400_000_000 * COUNTS // per_rev))


@given(
    ms=st.integers(0, 1 << 29),
    moved=st.integers(0, 100_000_000),
    delivered=st.integers(0, 100_000_000),
    flow=st.integers(1, 20_000_000),
)
def test_watching_stays_small(ms: int, moved: int, delivered: int, flow: int) -> None:
    watch = Watch()
    watch.begin(100_000_000, 2_592_000, flow, 0)
    shrink(watch)
    for _ in range(3):
        watch.look(Small(ms), Small(moved), Small(delivered))
    watch.set_flow(Small(flow))
    watch.seconds_left()


@given(
    volume=st.integers(0, 100_000_000),
    flow=st.integers(1, 20_000_000),
)
def test_reckoning_the_time_left_stays_small(volume: int, flow: int) -> None:
    seconds_at(Small(volume), Small(flow))


@given(
    readings=st.lists(st.tuples(st.integers(0, HI), st.integers(0, 30_000)), max_size=30),
    bore=st.integers(1_000, 60_000),
    forward=st.sampled_from([1, -1]),
)
def test_any_encoder_readings_stay_small(readings: list[tuple[int, int]], bore: int, forward: int) -> None:
    encoder = Encoder(COUNTS, STEPS, forward)
    encoder.begin(nl_per_rev(bore, LEAD_NM))
    shrink(encoder)
    made = 0
    for position, steps in readings:
        # the limits end a delivery at 100 mL
        steps = min(steps, max(0, 100_000_000 * STEPS // nl_per_rev(bore, LEAD_NM) - made))
        made += steps
        encoder.read(Small(position), Small(steps))
        encoder.wait(Small(20))
        encoder.look()


@pytest.mark.parametrize("changes", [
    {"rate": 20_000_000, "vtbi": 2_000_000},
    {"rate": 167, "vtbi": 10_000, "duration": 60},
    {"rate": 20_000_000, "bore": 60_000, "vtbi": 5_000_000},
    {"rate": 20_000_000, "bore": 8_660, "vtbi": 1_000_000, "on_loss": codes.LOSS_KVO, "kvo": 167},
    {"rate": 470_000, "bore": 1_000, "vtbi": 100_000},
    {"rate": 50_000, "bore": 1_000, "vtbi": 20_000, "on_loss": codes.LOSS_KVO, "kvo": 167},
])  # fmt: skip
@req("SYS-005")
def test_whole_deliveries_stay_small_from_start_to_end(changes: dict[str, int]) -> None:
    bed = Bed(ticks=HI - 5000)
    bed.infuse(**changes)
    for part in (bed.pump, bed.pump.programme):
        shrink(part)
    for i in range(3000):
        if i < 2000:
            bed.grant(3000)
        bed.step(20)
        bed.status("left")
    bed.pump.stop(codes.WHY_HOST_STOP)


@pytest.mark.parametrize("bore", [4_780, 8_660, 26_700, 60_000])
def test_taking_up_delivering_and_drawing_back_stay_small(bore: int) -> None:
    bed = Bed(ticks=HI - 5000)
    felt = bed.feel(friction=2_500)
    bed.infuse(bore=bore, rate=2_000, vtbi=5_000_000)
    assert bed.pump.state == codes.TAKING_UP
    states: set[int] = set()
    long_at_a_change_of_state(bed.pump)
    for i in range(12_000):
        states.add(bed.pump.state)
        bed.grant(3000)
        bed.step(20)
        bed.status("left")
        if i == 3500:
            felt.press(20_000)
            bed.pump.occlude()
    assert {codes.TAKING_UP, codes.INFUSING, codes.BACKING_OFF, codes.STOPPED} <= states


@pytest.mark.parametrize("bore", [8_660, 26_700, 60_000])
def test_filling_a_line_stays_small(bore: int) -> None:
    bed = Bed(ticks=HI - 5000)
    bed.feel()
    assert bed.prime(bore=bore, volume=500_000)[0] == codes.OK
    bed.purge()
    long_at_a_change_of_state(bed.pump)
    for _ in range(1500):
        bed.grant(3000)
        bed.step(20)
        bed.status("left")
    assert bed.pump.state == codes.STANDBY


@pytest.mark.parametrize("bore", [1_000, 8_660, 12_060])
def test_ramps_stay_small_from_the_fastest_flow_to_the_slowest_and_back(bore: int) -> None:
    per_rev = nl_per_rev(bore, LEAD_NM)
    slowest, fastest = bottom_flow(per_rev, STEPS), min(20_000_000, top_flow(per_rev, STEPS))
    for acceleration in (1_000, 100_000, 10_000_000):
        course = Course({"max_start_hz": 100, "max_hz": 32_000, "acceleration": acceleration})
        course.build(((fastest, fastest, 0, 0),), NO_LOOP, 50_000_000, per_rev, STEPS)
        course._rows = small_array("I", course._rows)
        course.begin()
        for turn in range(3000):
            if turn % 500 == 499:  # which may be long
                course._nl_per_rev, course._steps_per_rev, course._wait = per_rev, STEPS, int(course._wait)
                course._rows = array("I", course._rows)
                course.change((slowest, fastest)[turn // 500 % 2])
                course._rows = small_array("I", course._rows)
            shrink(course)
            assert course.word()
            assert 0 <= course.flow <= 20_500_000


@pytest.mark.parametrize("bore", [4_780, 26_700, 60_000])
def test_legs_pauses_and_boluses_stay_small(bore: int) -> None:
    per_rev = nl_per_rev(bore, LEAD_NM)
    legs = ((300_000, 300_000, 1_000_000, 0), (1_000, 150_000, 0, 20), (0, 0, 0, 1_000_000), (7_777, 7_777, 9_999, 0))
    course = Course()
    course.build(legs, 1, 100_000_000, per_rev, STEPS)
    course.keep_open(20_000)
    course.set_bolus(300_000, 10_001)
    course._rows = small_array("I", course._rows)
    course.begin()
    for turn in range(20_000):
        if turn % 5000 == 4999:
            course.bolus()
        if turn % 5000 == 4000:
            course._pause = course._held_pause = Small(0)  # a pause of a million seconds was long enough
        shrink(course)
        assert course.word()
    course.put_back(Small(100))
    course.slow(course.left)
    shrink(course)
    assert course.word()
