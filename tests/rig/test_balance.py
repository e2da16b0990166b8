"""The balance weighs on its own beat; its curves are what IEC 60601-2-24's words say."""

from __future__ import annotations

from itertools import pairwise
from math import pi, sin

import pytest

from assuage_rig.plant.balance import Balance, flows, trumpet
from assuage_rig.plant.line import Tubing
from assuage_rig.plant.mechanics import IDEAL

from .driving import Driven, nl_s


def test_a_steady_flow_weighs_the_same_every_half_minute() -> None:
    d = Driven("BD 10", IDEAL, Tubing(vein=0.0))
    d.run(6, 60)
    balance = Balance(d.infusion)
    d.run(6, 1201)
    assert len(balance.volumes) == 41
    assert all(b - a == pytest.approx(nl_s(6) * 30, abs=1) for a, b in pairwise(balance.volumes))
    assert all(flow == pytest.approx(100_000, rel=1e-4) for flow in flows(balance.volumes))


def test_it_weighs_at_its_time_even_if_nobody_looks_or_somebody_always_does() -> None:
    seldom, often = Driven("BD 50"), Driven("BD 50")
    unseen, watched = Balance(seldom.infusion), Balance(often.infusion)
    seldom.run(3.3, 1500)
    often.run(3.3, 1500, lambda: watched.volumes)
    assert len(unseen.volumes) == len(watched.volumes) == 51
    assert list(unseen.volumes) == pytest.approx(list(watched.volumes), abs=1.0)


def test_two_balances_do_not_disturb_each_other() -> None:
    d = Driven("BD 10", IDEAL, Tubing(vein=0.0))
    slow, quick = Balance(d.infusion), Balance(d.infusion, every_s=7)
    d.run(6, 301)
    d.wait(1)
    assert len(slow.volumes) == 11
    assert len(quick.volumes) == 44
    assert slow.volumes[7] == pytest.approx(quick.volumes[30], abs=1.0)  # both at 210 s


def test_before_the_first_drop_it_weighs_nothing() -> None:
    d = Driven("BD 50", tubing=Tubing(vein=0.0))
    balance = Balance(d.infusion)
    d.run(1, 700)
    assert list(balance.volumes) == [0.0] * 24
    d.run(1, 600)
    assert balance.volumes[-1] > 10_000


def test_its_noise_has_the_size_it_is_told_and_repeats_with_the_seed() -> None:
    def weighed(seed: int) -> list[float]:
        d = Driven("BD 50")
        balance = Balance(d.infusion, seed, noise_nl=1000.0)
        d.wait(30 * 2000)
        return list(balance.volumes)

    one = weighed(1)
    assert one == weighed(1)
    assert one != weighed(2)
    assert sum(v * v for v in one) / len(one) == pytest.approx(1000.0**2, rel=0.1)


@pytest.mark.parametrize("window_min", [2, 5, 11, 19, 31])
def test_a_ripple_averages_out_over_windows_as_its_integral_does(window_min: int) -> None:
    """Flow r (1 + a sin 2 pi t/T) has over a window P the greatest error a T/(pi P) |sin(pi P/T)|."""
    rate, part, period = 100_000.0, 0.05, 10.0
    volumes = []
    for i in range(1200):
        t = i / 2
        volumes.append(rate * (t + part * period / pi * sin(pi * t / period) ** 2))
    low, high = trumpet(volumes, rate, window_min)
    peak = 100 * part * period / (pi * window_min) * abs(sin(pi * window_min / period))
    assert high == pytest.approx(peak, abs=0.01 + peak * 0.02)
    assert low == pytest.approx(-peak, abs=0.01 + peak * 0.02)


def test_a_constant_error_is_the_same_in_all_windows() -> None:
    volumes = [1000.0 * 1.03 * i for i in range(300)]
    for window in (1, 5, 31):
        assert trumpet(volumes, 2000.0, window) == (pytest.approx(3.0), pytest.approx(3.0))


def test_too_few_samples_for_a_window_are_refused() -> None:
    with pytest.raises(ValueError, match="no window of 31 min"):
        trumpet([0.0] * 62, 1000.0, 31)
    assert trumpet([0.0] * 63, 1000.0, 31) == (-100.0, -100.0)
