"""The emulated airway breathes as it is set, and the same again from the same seed."""

from __future__ import annotations

import itertools

import pytest

from assuage_rig.clock import Clock
from assuage_rig.plant.airway import ROOM_MMHG, Airway


def made(seed: int = 1, **settings: float | bool) -> tuple[Airway, Clock]:
    airway, clock = Airway(**settings), Clock()
    airway.attach(clock, seed)
    return airway, clock


def wave(airway: Airway, seconds: float, start: float = 0) -> list[float]:
    return [airway.co2(int((start + n / 100) * 1e6)) for n in range(int(seconds * 100))]


def falls(values: list[float], level: float) -> int:
    return sum(a > level >= b for a, b in itertools.pairwise(values))


@pytest.mark.parametrize("rate", [4, 15, 60])
def test_so_many_breaths_of_so_much_gas(rate: int) -> None:
    airway, _ = made(rate=rate, etco2=40, variability=0.0)
    values = wave(airway, 600 / rate)
    assert falls(values, 20) == pytest.approx(10, abs=1)
    assert max(values) == pytest.approx(40, abs=0.5) and min(values) == pytest.approx(0, abs=1.5)


def test_one_third_of_a_breath_is_inspiration_unless_it_is_set() -> None:
    for part in (0.5, 2 / 3):
        airway, _ = made(rate=10, dead_s=0.0, variability=0.0, expiration=part)
        values = wave(airway, 60)
        assert sum(v > 19 for v in values) / len(values) == pytest.approx(part, abs=0.02)


def test_breaths_differ_and_their_mean_does_not() -> None:
    airway, _ = made(rate=15, variability=0.2)
    values = wave(airway, 400)
    assert falls(values, 19) == pytest.approx(100, abs=1)
    assert airway.breaths(400_000_000) - airway.breaths(0) == pytest.approx(100)
    ends = [n for n, (a, b) in enumerate(itertools.pairwise(values)) if a > 19 >= b]
    lengths = [b - a for a, b in itertools.pairwise(ends)]
    assert max(lengths) > 1.2 * min(lengths)


def test_a_change_goes_on_from_the_phase_that_was_reached() -> None:
    airway, clock = made(rate=15, variability=0.0)
    clock.now_us = 7_300_000
    before = airway.co2(clock.now_us)
    airway.rate = 30
    assert airway.co2(clock.now_us) == pytest.approx(before, abs=3)
    assert airway.breaths(clock.now_us) == pytest.approx(airway.breaths(clock.now_us - 1), abs=1e-5)


def test_apnoea_washes_out() -> None:
    airway, clock = made(rate=15)
    clock.now_us = 9_000_000
    airway.rate = 0.0
    assert max(wave(airway, 30, 10)) < 0.5


def test_line_off_blocked_and_leak() -> None:
    airway, clock = made(rate=15, etco2=40)
    whole = wave(airway, 20)
    airway.leak = 0.5
    half = wave(airway, 20)
    assert max(half) == pytest.approx(max(whole) / 2, abs=0.3)
    airway.set(leak=0.0, line_on=False)
    assert set(wave(airway, 5)) == {ROOM_MMHG}
    airway.line_on = True
    clock.now_us = 3_000_000
    held = airway.co2(clock.now_us)
    airway.blocked = True
    assert set(wave(airway, 30, 3)) == {held}


def test_the_heart_dips_the_end_of_the_plateau_and_coughs_chop() -> None:
    calm, _ = made(rate=6, etco2=40, variability=0.0)
    heart, _ = made(rate=6, etco2=40, variability=0.0, cardiogenic=8.0)
    cough, _ = made(rate=6, etco2=40, variability=0.0, cough=1.0)
    plain = wave(calm, 30)

    def climbs(values: list[float]) -> float:
        return sum(max(0.0, b - a) for a, b in itertools.pairwise(values))

    assert climbs(wave(heart, 30)) > 1.3 * climbs(plain)
    assert climbs(wave(cough, 30)) > 2 * climbs(plain)


def test_the_sensor_sees_dry_parts_of_a_million() -> None:
    """5 vol% are 38.0 mmHg at 760."""
    airway, _ = made(line_on=False)
    assert airway.ppm(0) == pytest.approx(395, abs=1)
    high, _ = made(rate=0.0, fico2=38.0, etco2=38.0)
    assert high.ppm(5_000_000) == pytest.approx(50_000, rel=0.001)


def test_the_same_seed_breathes_the_same() -> None:
    one, two, other = made(3, variability=0.1)[0], made(3, variability=0.1)[0], made(4, variability=0.1)[0]
    assert wave(one, 20) == wave(two, 20) != wave(other, 20)


def test_what_it_does_not_have_is_refused_with_a_sentence() -> None:
    airway, _ = made()
    with pytest.raises(ValueError, match="outside 0"):
        airway.rate = 1000
    with pytest.raises(ValueError, match="it has rate"):
        airway.set(melted=1)
    assert airway.rate == 14
