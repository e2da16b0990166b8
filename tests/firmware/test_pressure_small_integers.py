"""Whatever a sensor or a programme says, the pump's senses reckon within 30 bits and keep what they promise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pump import air, backoff, catchup, diagnose, fitting, force, gauge, pressure
from pump.syringe import nl_per_rev
from tests.firmware.small_integers import HI, Small, small_array

CODES = st.integers(-(1 << 23), (1 << 23) - 1)
BORES = st.integers(1_000, 60_000)
FORCES = st.integers(-1_100_000, 1_100_000)


@pytest.fixture(autouse=True)
def _lists_of_small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(air, "array", small_array)
    yield


def shrink(thing: object) -> None:
    """Makes every integer that a part holds a Small, after it was set up with long ones."""
    for name, value in vars(thing).items():
        if type(value) is int:
            setattr(thing, name, Small(value))
        elif isinstance(value, list):
            setattr(thing, name, [Small(item) for item in value])
        elif type(value).__module__.startswith("pump"):
            shrink(value)


@given(
    counts=st.sampled_from([512, 16_384, 42_950, 1 << 20, -(1 << 20), -513]),
    per=st.integers(1, 32),
    zero=CODES,
    codes=st.lists(CODES | st.sampled_from([-(1 << 23), (1 << 23) - 1]), max_size=60),
)
def test_force(counts: int, per: int, zero: int, codes: list[int]) -> None:
    if abs(counts) < per << 9:
        with pytest.raises(ValueError, match="bounds"):
            force.Force(counts, per, 110_000, zero)
        return
    cell = force.Force(counts, per, 110_000, zero)
    shrink(cell)
    for code in codes:
        cell.read(Small(code))
        assert -HI <= cell.mn <= HI
        assert cell.quality != force.GOOD or abs(cell.mn) <= 110_000
        if cell.quality == force.GOOD and len(codes) % 3 == 0:
            cell.tare(True)
        cell.wait(Small(700 if code % 9 == 0 else 20))


@settings(max_examples=60)
@given(
    bore=BORES,
    level=st.sampled_from(pressure.LEVELS),
    looks=st.lists(
        st.tuples(
            st.integers(0, 5_000), FORCES, st.integers(-1_000_000, 1_000_000), st.integers(0, 20_000_000), st.booleans()
        ),
        max_size=80,
    ),
)
def test_pressure(bore: int, level: int, looks: list[tuple[int, int, int, int, bool]]) -> None:
    p = pressure.Pressure()
    p.prepare(bore, level)
    p.begin()
    shrink(p)
    for ms, mn, nl, flow, again in looks:
        for part in range(3):
            why = p.look(Small(ms), Small(mn), Small(nl), Small(flow))
            if p.pa >= pressure.pa_of(level):
                assert why == pressure.LEVEL
            assert 0 <= p.seconds_left(Small(flow)) <= HI
            assert 0 <= p.rose_nl() <= HI
            if again and part:
                p.resume()
                shrink(p)


@given(
    pa=st.integers(-(1 << 20), 1 << 20),
    bore=BORES,
    rose=st.integers(0, HI >> 1),
    falls=st.lists(st.integers(-5_000, 200_000), min_size=1, max_size=40),
    steps_per_rev=st.sampled_from([200, 3_200, 51_200]),
)
def test_backoff_never_passes_its_bounds(pa: int, bore: int, rose: int, falls: list[int], steps_per_rev: int) -> None:
    row = pressure.size_of(bore)
    per_rev = nl_per_rev(bore, 1_000_000)
    back = backoff.BackOff()
    back.begin(Small(pa), Small(rose), Small(row[1]), Small(row[2]), Small(per_rev), Small(steps_per_rev))
    shrink(back)
    i = 0
    while steps := back.next(Small(pa)):
        pa = max(-(1 << 20), pa - falls[i % len(falls)])
        i += 1
        assert int(steps) * per_rev <= max(20_000 * steps_per_rev, per_rev)
        assert i < 100_000
    assert back.state in (backoff.RELIEVED, backoff.BOUND, backoff.UNFELT)
    assert int(back.steps) * per_rev <= min(rose, backoff.MOST_NL) * steps_per_rev


@given(
    bore=BORES,
    lead=st.integers(100_000, 10_000_000),
    steps_per_rev=st.sampled_from([200, 3_200, 51_200]),
    forces=st.lists(FORCES, min_size=1, max_size=30),
)
def test_catchup_never_travels_further_than_its_bound(
    bore: int, lead: int, steps_per_rev: int, forces: list[int]
) -> None:
    catch = catchup.CatchUp()
    catch.begin(nl_per_rev(bore, lead), lead, steps_per_rev, 10_000)
    shrink(catch)
    i = 0
    while catch.next(Small(forces[min(i, len(forces) - 1)])):
        i += 1
    assert int(catch.steps) * lead <= catchup.TRAVEL_UM * 1000 * steps_per_rev
    assert catch.state in (catchup.READY, catchup.HELD, catchup.NO_CONTACT)


@given(
    adc=st.integers(0, 4095),
    line=st.tuples(*[st.integers(0, n) for n in (4095, 60_000, 4095, 60_000)]),
    chosen=st.integers(4_000, 45_000),
    bore=BORES,
)
def test_fitting(adc: int, line: tuple[int, int, int, int], chosen: int, bore: int) -> None:
    small = tuple(Small(n) for n in line)
    um = fitting.outer_um(Small(adc), small)
    assert um == 0 or 4_000 <= um <= 45_000
    why = fitting.identify(Small(um), Small(chosen), Small(bore), [Small(n) for n in (30_000, 26_700, chosen, bore)])
    assert (why == fitting.IMPLAUSIBLE) == (um == 0)
    if um and abs(um - chosen) / chosen > 0.0301:
        assert why == fitting.MISMATCH


@given(
    phases=st.lists(st.tuples(st.integers(1, 40), st.integers(1, 20), st.integers(60, 200)), max_size=20),
)
def test_glitches_with_60_ms_between_never_trip_at_any_poll(phases: list[tuple[int, int, int]]) -> None:
    """(poll, length of the glitch, pause after it), ms."""
    switch = fitting.Switch()
    for _ in range(60):
        switch.look(5, True)
    clock, polled = 0, 0
    for poll, length, pause in phases:
        end = clock + length
        while polled + poll <= end + pause:
            polled += poll
            assert switch.look(poll, not clock <= polled < end)
        clock = end + pause


@given(
    rev=st.sampled_from([(4096, 3200), (4096, 51_200), (16_384, 3200)]),
    forward=st.sampled_from([1, -1]),
    allowed=st.integers(1, HI),
    looks=st.lists(
        st.tuples(
            st.integers(-30_000, 30_000),
            st.integers(-(1 << 16), 1 << 16),
            st.booleans(),
            st.booleans(),
            st.integers(-1, 1),
            st.booleans(),
        ),
        max_size=50,
    ),
)
def test_diagnose(
    rev: tuple[int, int], forward: int, allowed: int, looks: list[tuple[int, int, bool, bool, int, bool]]
) -> None:
    d = diagnose.Diagnosis(*rev, forward)
    d.begin(min(allowed, 1 << 20))
    shrink(d)
    for steps, counts, ok, field, trend, driver in looks:
        why = d.look(Small(steps), Small(counts), ok, field, trend, driver)
        assert diagnose.NONE <= why <= diagnose.DISAGREE
        if why == diagnose.DEAD:
            assert not (ok and field)


@given(
    looks=st.lists(
        st.tuples(
            st.integers(-5, 1300),
            st.integers(-(1 << 16), 1 << 16),
            st.integers(1_900, 5_100),
            st.integers(0, 2),
            st.booleans(),
            st.integers(0, 1 << 28),
        ),
        max_size=60,
    )
)
def test_gauge_is_never_more_optimistic_than_the_charge_at_the_load(
    looks: list[tuple[int, int, int, int, bool, int]],
) -> None:
    g = gauge.Gauge()
    shrink(g)
    for soc, crate, mv, load, charging, ms in looks:
        g.read(Small(soc), Small(crate), Small(mv), load, charging)
        g.look(Small(ms))
        if g.minutes != 0xFFFF and 0 <= soc <= 1_200 and 2_000 <= mv <= 5_000:
            assert g.minutes <= max(0, min(soc, 1000) - 50) / max(gauge.LOADS[load], -crate) * 60 + 1 or -crate > 10_000


@given(
    looks=st.lists(
        st.tuples(st.integers(0, 200_000), st.booleans(), st.integers(-HI, HI) | st.integers(0, 60_000)), max_size=200
    )
)
def test_air_is_the_sum_of_what_passed_in_at_least_15_minutes(looks: list[tuple[int, bool, int]]) -> None:
    a = air.Air()
    shrink(a)
    clock = 0
    seen: list[tuple[int, int]] = []
    for ms, sees, nl in looks:
        clock += ms
        a.look(Small(ms), sees, Small(nl))
        if sees:
            seen.append((clock, max(0, min(nl, 2_000_000))))
        least = sum(n for at, n in seen if clock - at < 900_000)
        most = sum(n for at, n in seen if clock - at <= 960_000)
        assert min(least, 2_000_000) <= a.window_nl <= most
