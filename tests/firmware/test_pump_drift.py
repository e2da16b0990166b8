"""Against exact fractions: flow and volume are right to the microsecond and to the step, however long one looks."""

from __future__ import annotations

import binascii
import math
import struct
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assuage_rig.requirements import req
from assuage_wire.codec import BY_NAME
from pump.checks import check, field_out_of_range
from pump.course import NO_LOOP, Course
from pump.programme import WIDTH, Programme, Tokens
from pump.status import seconds_at
from pump.steps import PLANNED_NL, QUEUE, StepVolume, bottom_flow, top_flow
from pump.syringe import nl_per_rev, steps_in
from tests.pure.pump_fakes import LEAD_NM, LIMITS, STEPS, fields

BORES = st.integers(1_000, 60_000)
WINDOWS = {"max_10min": 10, "max_hour": 60, "max_4h": 240}  # minutes


def plan_for(flow: int, per_rev: int, total: int = 1 << 29) -> Course:
    course = Course()
    course.build(((flow, flow, 0, 0),), NO_LOOP, 1_000_000, per_rev, STEPS)
    course.total = total
    course.begin()
    return course


def walk(plan: Course, exact: Fraction, steps: int, words: int) -> int:
    """Plans so many steps or words of a flow without a ramp; every word's last step is early by less than the word's
    steps in us."""
    top, bottom = exact.as_integer_ratio()
    us = made = 0
    for _ in range(words):
        if made >= steps or not plan.word():
            break
        us += max(1, plan.count) * plan.period
        made += plan.count
        if plan.count:
            assert (made * top - plan.count * bottom) < us * bottom <= made * top
    assert made * exact - us < max(1, plan.count) or plan.count == 0
    return made


@pytest.mark.parametrize(
    ("flow", "bore"),
    [
        (166_667, 26_700),
        (20_000_000, 26_640),
        (999_983, 14_500),
        (3_333_333, 60_000),
        (57_557, 1_000),
        (20_000_000, 60_000),
    ],
)
def test_a_million_steps_do_not_drift(flow: int, bore: int) -> None:
    per_rev = nl_per_rev(bore, LEAD_NM)
    exact = Fraction(60_000_000 * per_rev, flow * STEPS)
    assert walk(plan_for(flow, per_rev), exact, 1_000_000, 10_000_000) >= 1_000_000


@req("PMP-006")
@given(bore=BORES, share=st.floats(0, 1), words=st.integers(1, 3000))
def test_no_flow_in_any_syringe_drifts(bore: int, share: float, words: int) -> None:
    per_rev = nl_per_rev(bore, LEAD_NM)
    lowest, highest = bottom_flow(per_rev, STEPS), min(top_flow(per_rev, STEPS, 8_000), 20_000_000)
    flow = round(math.exp(math.log(lowest) + share * (math.log(highest) - math.log(lowest))))
    flow = max(lowest, min(flow, highest))
    plan = plan_for(flow, per_rev)
    assert 1 <= plan.depth <= QUEUE
    assert plan.ahead * per_rev <= PLANNED_NL * STEPS
    walk(plan, Fraction(60_000_000 * per_rev, flow * STEPS), 1 << 29, words)


@req("PMP-006")
@given(bore=BORES, total=st.integers(0, 500), flow=st.integers(1_000_000, 20_000_000))
def test_no_plan_passes_its_total(bore: int, total: int, flow: int) -> None:
    per_rev = nl_per_rev(bore, LEAD_NM)
    plan = plan_for(min(flow, top_flow(per_rev, STEPS)), per_rev, total)
    made = 0
    while plan.word():
        made += plan.count
        assert made + plan.left == total
    assert made == total


@given(
    bore=BORES,
    per_turn=st.sampled_from([3200, 4096, 51_200, 200]),
    adds=st.lists(st.integers(-5_000, 20_000), max_size=200),
)
def test_volume_is_the_floor_of_the_exact_volume(bore: int, per_turn: int, adds: list[int]) -> None:
    per_rev = nl_per_rev(bore, LEAD_NM)
    volume = StepVolume()
    volume.begin(per_rev, per_turn)
    for i, steps in enumerate(adds, 1):
        volume.add(steps)
        assert volume.nl == math.floor(Fraction(sum(adds[:i]) * per_rev, per_turn))


@given(bore=BORES, lead=st.integers(100_000, 10_000_000))
def test_a_turns_volume_is_within_half_a_nanolitre(bore: int, lead: int) -> None:
    pi = Fraction("3.14159265358979323846")
    exact = pi / 4 * bore**2 * lead / 10**9
    assert abs(nl_per_rev(bore, lead) - exact) <= Fraction(1, 2) + exact / 10**9


@given(volume=st.integers(0, 100_000_000), flow=st.integers(40, 20_000_000))
def test_time_left_is_exact_to_the_second(volume: int, flow: int) -> None:
    exact = volume * 60 // flow
    assert seconds_at(volume, flow) == exact or (exact >= 3_000_000 <= seconds_at(volume, flow))


@st.composite
def near_limits(draw: st.DrawFn) -> tuple[list[int], dict[str, int]]:
    """A programme's fields within the table's ranges, and the board's limits.

    Each field is at most what limits it, but in one programme of four or so one is just above.
    """
    bore = draw(BORES)
    per_rev = nl_per_rev(bore, LEAD_NM)
    lowest = bottom_flow(per_rev, STEPS)
    highest = min(20_000_000, top_flow(per_rev, STEPS))
    step = per_rev // STEPS + 1  # nL, rounded up: less than a step is refused
    limits = {name: LIMITS[name] for name in ("max_hz", "max_start_hz", "acceleration")}
    limits["max_duration"] = draw(st.integers(1, LIMITS["max_duration"]))
    limits["max_rate"] = draw(st.integers(lowest, LIMITS["max_rate"]))
    limits["max_volume"] = draw(st.integers(step, LIMITS["max_volume"]))
    limits["max_lease"] = draw(st.integers(500, LIMITS["max_lease"]))
    limit_rate = draw(st.integers(lowest, 20_000_000))
    limit_volume = draw(st.integers(step, 100_000_000))
    limits["max_syringe"] = draw(st.integers(step, LIMITS["max_syringe"]))
    capacity = draw(st.integers(100_000, 100_000_000))
    contents = draw(st.integers(step, capacity) | st.just(capacity))
    most = {
        "rate": min(highest, limits["max_rate"], limit_rate),
        "vtbi": min(limits["max_volume"], limits["max_syringe"], limit_volume, contents),
        "duration": limits["max_duration"],
        "lease": limits["max_lease"],
    }
    least = {"rate": lowest, "vtbi": step, "duration": 1, "lease": 500}
    values = {name: draw(st.integers(least[name], most[name]) | st.just(most[name])) for name in most}
    values["on_loss"] = draw(st.sampled_from([0, 1, 2]))
    most["kvo"] = values["rate"]
    values["kvo"] = draw(st.integers(lowest, most["kvo"])) if values["on_loss"] == 2 else 0
    if draw(st.integers(0, 3)) == 3:
        name = draw(st.sampled_from(sorted(most)))
        ranges = {f[0]: f[3:5] for f in BY_NAME["Programme"].fields}
        values[name] = min(most[name] + draw(st.integers(1, 3)), ranges[name][1])
    for name, minutes in WINDOWS.items():
        need = min(values["rate"] * minutes, values["vtbi"])
        short = draw(st.integers(0, 15)) == 15
        limits[name] = need - 1 if short else draw(st.integers(need, LIMITS[name]) | st.just(need))
    values.update(bore=bore, capacity=capacity, contents=contents, limit_rate=limit_rate, limit_volume=limit_volume)
    return fields(**values), limits


def test_whatever_the_kernel_passes_can_be_stepped_and_stays_in_its_limits() -> None:
    """No programme within the table's ranges makes the planner fail, or delivers more than the least limit."""
    drawn = passed = 0

    @given(near_limits())
    def stepped(case: tuple[list[int], dict[str, int]]) -> None:
        nonlocal drawn, passed
        values, limits = case
        assert field_out_of_range(values) == 0
        programme = Programme()
        programme.load(values, 0, STEPS, LEAD_NM)
        status, detail = check(programme, limits, STEPS)
        assert 0 <= detail <= (1 << 30) - 1
        drawn += 1
        if status:
            return
        passed += 1
        assert programme.rate <= min(limits["max_rate"], programme.limit_rate)
        volume = Fraction(programme.steps * programme.nl_per_rev, STEPS)
        assert 0 < volume <= min(limits["max_volume"], programme.limit_volume, programme.capacity, programme.vtbi)
        for name, minutes in WINDOWS.items():
            assert min(programme.rate * minutes, programme.vtbi) <= limits[name]
        assert programme.duration <= limits["max_duration"] and programme.lease <= limits["max_lease"]
        plan_for(programme.rate, programme.nl_per_rev)
        if programme.on_loss == 2:
            plan_for(programme.kvo, programme.nl_per_rev)

    stepped()
    assert drawn // 3 < passed < drawn, f"{passed} of {drawn} passed: some must be refused, and not most"


@given(st.lists(st.integers(0, (1 << 30) - 1), min_size=WIDTH, max_size=WIDTH), st.integers(0, 1 << 30))
def test_a_token_is_the_crc_of_what_is_confirmed(values: list[int], boot: int) -> None:
    tokens = Tokens(boot)
    count = (boot & 0xFF) << 8
    before = 0
    for _ in range(5):
        expected = 0
        while expected in (0, before):
            count = (count + 1) & 0xFFFF
            expected = binascii.crc_hqx(struct.pack(f">{WIDTH}I", *values), count)
        assert tokens.next(values) == expected
        before = expected


def test_the_good_programme_of_the_tests_is_drawn_from_the_same_ranges() -> None:
    assert field_out_of_range(fields()) == 0
    assert steps_in(5_000_000, nl_per_rev(26_700, LEAD_NM), STEPS) == 28_576
