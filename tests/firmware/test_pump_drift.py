"""Against exact fractions: flow and volume are right to the microsecond and to the step, however long one looks."""

from __future__ import annotations

import binascii
import math
import struct
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pump.limits import check, field_out_of_range
from pump.programme import WIDTH, Programme, Tokens
from pump.status import seconds_at
from pump.steps import FASTEST_US, PLANNED_NL, QUEUE, Plan, StepVolume, bottom_flow, top_flow
from pump.syringe import nl_per_rev, steps_in
from tests.pure.pump_fakes import LEAD_NM, LIMITS, STEPS, fields

BORES = st.integers(1_000, 60_000)


def plan_for(flow: int, per_rev: int, total: int = 1 << 29) -> Plan:
    plan = Plan()
    plan.prepare(flow, per_rev, STEPS)
    plan.begin(total)
    return plan


def walk(plan: Plan, exact: Fraction, steps: int, words: int) -> int:
    """Plans so many steps or words; every word's last step is early by less than the word's steps in us."""
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


@given(bore=BORES, share=st.floats(0, 1), words=st.integers(1, 3000))
def test_no_flow_in_any_syringe_drifts(bore: int, share: float, words: int) -> None:
    per_rev = nl_per_rev(bore, LEAD_NM)
    lowest, highest = bottom_flow(per_rev, STEPS), min(top_flow(per_rev, STEPS), 20_000_000)
    flow = round(math.exp(math.log(lowest) + share * (math.log(highest) - math.log(lowest))))
    flow = max(lowest, min(flow, highest))
    plan = plan_for(flow, per_rev)
    assert 1 <= plan.depth <= QUEUE
    assert plan.ahead * per_rev <= PLANNED_NL * STEPS
    walk(plan, Fraction(60_000_000 * per_rev, flow * STEPS), 1 << 29, words)
    assert plan.period >= FASTEST_US


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


@given(data=st.data())
def test_whatever_the_kernel_passes_can_be_stepped_and_stays_in_its_limits(data: st.DataObject) -> None:
    """No programme within the table's ranges makes the planner fail, or delivers more than the least limit."""
    values = [7, 1] + [
        data.draw(st.integers(lo, hi))
        for lo, hi in (
            (1, 20_000_000),
            (1, 100_000_000),
            (1, 2_592_000),
            (1_000, 60_000),
            (100_000, 100_000_000),
            (1, 20_000_000),
            (1, 100_000_000),
            (0, 2),
            (0, 20_000_000),
            (500, 10_000),
        )
    ]
    limits = {name: data.draw(st.integers(0, most)) for name, most in LIMITS.items()}
    assert field_out_of_range(values) == 0
    programme = Programme()
    programme.load(values, 0, STEPS, LEAD_NM)
    status, detail = check(programme, limits, STEPS)
    assert 0 <= detail <= (1 << 30) - 1
    if status:
        return
    assert programme.rate <= min(limits["max_rate"], programme.limit_rate)
    volume = Fraction(programme.steps * programme.nl_per_rev, STEPS)
    assert 0 < volume <= min(limits["max_volume"], programme.limit_volume, programme.capacity, programme.vtbi)
    plan_for(programme.rate, programme.nl_per_rev)
    if programme.on_loss == 2:
        plan_for(programme.kvo, programme.nl_per_rev)


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
