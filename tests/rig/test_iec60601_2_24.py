"""The floor under the accuracy's figures: what a perfect drive on the rig's mechanics does stays within it, just so."""

from __future__ import annotations

from math import pi, sin

import pytest

from assuage_rig.iec60601_2_24 import Floor, burst_nl, mean_error, nl_min, slowest_um_s, steady_from_min
from assuage_rig.plant.balance import Balance, trumpet
from assuage_rig.plant.line import Tubing
from assuage_rig.plant.mechanics import IDEAL, REALISTIC
from assuage_rig.plant.syringe import SYRINGES

from .driving import Driven

STEP_US = 20_000


def perfect(d: Driven, ml_h: float, minutes: float) -> None:
    """Each step at its due time, to the microsecond, and made at once or in what there is until then."""
    began = d.clock.now_us
    period = d.step_nl / (ml_h * 1e6 / 3600) * 1e6
    end = began + round(minutes * 60e6)
    number = 1
    while (due := began + round(number * period)) <= end:
        d.clock.now_us = max(d.clock.now_us, due - STEP_US)
        d.drive.push(1, due - d.clock.now_us)
        d.clock.now_us = due
        number += 1
    d.clock.now_us = end
    d.drive.advance()


def weighed(name: str, ml_h: float, minutes: float) -> list[float]:
    """After play and seal have been taken up and a hundredth of the syringe was given."""
    d = Driven(name)
    d.run(20, 100 + 0.6 * SYRINGES[name].area_mm2 / (20 / 3.6))
    perfect(d, ml_h, 2)
    balance = Balance(d.infusion)
    perfect(d, ml_h, minutes)
    return list(balance.volumes)


@pytest.mark.parametrize(
    ("name", "ml_h", "minutes"), [("BD 50", 0.1, 240), ("BD 10", 0.1, 240), ("BD 50", 1, 90), ("BD 20", 5, 60)]
)
def test_a_perfect_drive_stays_within_the_floor_and_comes_near_it(name: str, ml_h: float, minutes: float) -> None:
    volumes = weighed(name, ml_h, minutes)
    floor = Floor.of(SYRINGES[name], REALISTIC, Tubing(), nl_min(ml_h))
    near = 0.0
    for window in (2, 5, 11, 19, 31):
        least, greatest = trumpet(volumes, nl_min(ml_h), window)
        assert max(-least, greatest) <= floor.percent(window), (window, least, greatest)
        near = max(near, max(-least, greatest) / floor.percent(window))
    assert near > 0.5, "a floor that nothing comes near hides what the firmware does"
    assert abs(mean_error(volumes, nl_min(ml_h), 30)) <= floor.percent(minutes)


def test_the_parts_of_the_floor_are_arithmetic() -> None:
    """50 mL of 26.7 mm: area 559.9 mm2, a step of 0.3125 um is 175 nL, the seal's spring has 1.174 N/mm per mm."""
    syringe = SYRINGES["BD 50"]
    area = pi / 4 * 26.7**2
    floor = Floor.of(syringe, REALISTIC, Tubing(), nl_min(0.1))
    assert floor.step_nl == pytest.approx(0.3125 * area)
    assert floor.screw_nl == pytest.approx(3 * area)
    assert floor.slug_nl == pytest.approx(0.2 / (1.174 * 26.7) * 1000 * area)  # 0.2 N more, mm of spring, nL
    due = 1e6 / 600 * 31
    screw = 2 * 3 * area * sin(pi * due / (1000 * area))
    assert floor.percent(31) == pytest.approx(100 * (floor.step_nl + floor.slug_nl + screw) / due)
    assert Floor.of_shaft(syringe, nl_min(0.1)).percent(2) == pytest.approx(100 * 0.3125 * area / (1e6 / 300))
    assert "3572 nL" in floor.told(2) and "3.333 uL" in floor.told(2)


def test_a_plunger_sticks_where_it_is_pushed_more_slowly_than_it_creeps() -> None:
    for name in ("BD 10", "BD 20", "BD 50"):
        slow, quick = (Floor.of(SYRINGES[name], REALISTIC, Tubing(), nl_min(ml_h)) for ml_h in (0.1, 1))
        assert slow.slug_nl > 1500 and quick.slug_nl == 0
    assert slowest_um_s(SYRINGES["BD 50"], REALISTIC, Tubing(), nl_min(100)) == pytest.approx(
        1e8 / 3600 / 559.9 * 10 / 11.5, rel=0.02
    )
    assert Floor.of(SYRINGES["BD 10"], IDEAL, Tubing(), nl_min(0.1)).slug_nl == 0


def test_what_bursts_out_at_the_first_breakaway_is_what_the_seal_held_beyond_the_friction() -> None:
    """0.105 N per mm of bore on a spring of 1.174 N/mm per mm are 89.4 um of travel, whatever the size."""
    for name in ("BD 10", "BD 50"):
        assert burst_nl(SYRINGES[name], REALISTIC) == pytest.approx(105 / 1.174 * SYRINGES[name].area_mm2)


def test_mean_and_settling_of_a_made_up_curve() -> None:
    volumes = [0.0] * 4 + [500.0 * i for i in range(1, 101)]  # 1000 nL/min in half minutes, after 1.5 min of nothing
    assert mean_error(volumes[4:], 1000, 30) == pytest.approx(0)
    assert mean_error([0.0, 510.0, 1020.0], 1000, 30) == pytest.approx(2)
    assert steady_from_min(volumes, 1000, 0.1, 30) == 1.5
    assert steady_from_min([0.0] * 11, 1000, 0.1, 30) == 3.5  # the last four flows begin at 3 min
    with pytest.raises(ValueError, match="no mean flow"):
        mean_error([1.0], 1000, 30)
