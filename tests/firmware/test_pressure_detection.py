"""The pump's sense of pressure on syringes with friction, soft seals and noise: how soon, never falsely, what is left.

The table of delays is printed with -s. A soak runs 30 virtual days of false alarms; the ordinary run some hours.
"""

from __future__ import annotations

import math
import os
import random

import pytest

from assuage_rig.requirements import req
from pump import backoff, catchup
from pump.pressure import CLEAR, DROP, LEVEL, SLOPE
from pump.steps import StepVolume
from pump.syringe import nl_per_rev
from tests.firmware.pressure_plant import (
    BORES,
    KPA_PER_MMHG,
    RESISTANCE,
    Cell,
    Plant,
    Run,
    compliances,
    frictions,
)

SOAK = os.environ.get("ASSUAGE_SOAK") == "1"
RATES = (0.5, 1.0, 5.0, 25.0, 100.0)  # mL/h
STEPS, LEAD_NM = 3200, 1_000_000
METRE = 9.80665 / 2  # kPa of half a metre of water, 37 mmHg


def syringe(ml: int, share: float, friction: float = 0.5, **more: float) -> Plant:
    """`share`: of the way from the stiffest to the softest of its size; friction likewise. It has run before."""
    low, high = compliances(BORES[ml])
    least, most, ripple = frictions(BORES[ml])
    plant = Plant(
        BORES[ml],
        low + share * (high - low),
        least + friction * (most - least),
        ripple=ripple,
        wavy=0.1,
        **more,  # type: ignore[arg-type]
    )
    plant.relaxed(0.9 * plant.friction)
    return plant


def infusing(ml: int, share: float, rate: float, level: int = 300, **more: float) -> Run:
    """Five minutes of undisturbed infusion, or what 0.1 mL take if that is longer."""
    run = Run(syringe(ml, share, **more), rate, level, hertz=1 if rate <= 5 else 10)
    run.until_flow()
    for _ in range(300):
        assert run.second() == CLEAR
    return run


def minutes_to_alarm(ml: int, share: float, rate: float, resistance: float) -> float:
    run = infusing(ml, share, rate, resistance=resistance)
    run.plant.occluded = True
    seconds, why = run.until_alarm(4 * 3600)
    assert why in (SLOPE, LEVEL), f"{ml} mL at {rate} mL/h is never told"
    return seconds / 60


def test_the_plant_obeys_its_physics() -> None:
    """Against arithmetic: pressure of an occlusion, 25 mL/h for 2 min, and the delay that play and seal make."""
    plant = Plant(26.7, 11.2, 5.8)
    plant.relaxed(5.8)
    plant.occluded = True
    for _ in range(120):
        plant.move(25 / 3.6, 1.0)
    assert plant.pressure == pytest.approx(25 / 3.6 * 120 / 11.2, rel=0.01)
    assert plant.force - 5.8 == pytest.approx(40, rel=0.1)  # 40 N, the figure of an independent simulator
    late = Plant(26.7, 11.2, 5.8, play=0.2)
    seconds = 0
    while late.out < 1:
        late.move(1 / 3.6, 1.0)
        seconds += 1
    assert seconds / 60 == pytest.approx(13, rel=0.1)  # likewise 13 min
    open_line = Plant(26.7, 11.2, 5.8, resistance=0.2, level=2.0)
    for _ in range(3600):
        open_line.move(100 / 3.6, 1.0)
    assert open_line.pressure == pytest.approx(2.0 + 100 * 0.2 * KPA_PER_MMHG, rel=0.06)
    assert open_line.force == pytest.approx(5.8 + open_line.pressure * open_line.area * 1e-3, rel=0.05)


@req("PMP-009")
def test_occlusions_are_told_soon_at_every_rate_in_every_syringe() -> None:
    print("\nminutes from a total occlusion to the alarm, stiffest and softest syringe (by a level of 300 mmHg alone)")
    for ml, bore in BORES.items():
        for rate in RATES:
            told = []
            for share, compliance in zip((0.0, 1.0), compliances(bore), strict=True):
                by_level = compliance * 300 * KPA_PER_MMHG / (rate / 3.6) / 60
                worst = max(minutes_to_alarm(ml, share, rate, r) for r in RESISTANCE.values())
                told.append(f"{worst:6.2f} ({by_level:6.2f})")
                assert worst < max(by_level * 0.5, 0.06), (ml, rate, share)
                assert worst <= 10 / rate + 0.06  # 10 min at 1 mL/h
            print(f"{ml:4d} mL {rate:6.1f} mL/h  {'  '.join(told)}")


@req("PMP-009")
@pytest.mark.parametrize("ml", BORES)
def test_a_line_that_is_closed_before_the_start_is_told_too(ml: int) -> None:
    for share in (0.0, 1.0):
        for friction in (0.0, 1.0):
            for rate in (1.0, 25.0):
                plant = syringe(ml, share, friction)
                plant.occluded = True
                seconds, why = Run(plant, rate, hertz=1 if rate <= 5 else 10).until_alarm(3600)
                assert why in (SLOPE, LEVEL)
                assert seconds / 60 <= 30 / rate + 0.5


@req("PMP-010")
@pytest.mark.parametrize("ml", BORES)
def test_starts_without_a_catch_up_are_no_occlusion(ml: int) -> None:
    for share in (0.0, 1.0):
        for friction in (0.0, 0.5, 1.0):
            for pressed in (0.0, 0.5, 1.05):  # of its friction already
                for rate in (1.0, 25.0, 100.0):
                    plant = syringe(ml, share, friction, resistance=RESISTANCE["thin"])
                    plant.relaxed(pressed * plant.friction)
                    run = Run(plant, rate, level=900, hertz=1 if rate <= 5 else 10)
                    run.until_flow()
                    for _ in range(120):
                        assert run.second() == CLEAR, (share, friction, pressed, rate)


def disturbed(run: Run, hours: float, rng: random.Random) -> list[tuple[int, int, float]]:
    """Runs under all that is normal; what it said, each with the second and the rate."""
    told = []
    plant, cell = run.plant, run.cell
    height, since_raised = 0, 1e9
    for second in range(round(hours * 3600)):
        since_raised += run.rate / 3.6
        if rng.random() < 1 / 1800:
            there = 0 if height else rng.choice((-1, 1))
            # Half a metre twice within the volume that the seal takes up is a metre: then it may be called occluded.
            if there < height or since_raised > 250:
                since_raised = 0 if there > height else since_raised
                height = there
                plant.level = height * METRE
        if rng.random() < 1 / 1800:
            run.rate = rng.choice((0.1, 0.5, 0.5, 1.0, 1.0, 2.0, 5.0, 25.0))
        # a day's warmth and 5 mN an hour
        cell.drift = 0.2 * math.sin(second / 86_400 * 2 * math.pi) + 0.005 * second / 3600
        why = run.second()
        if why != CLEAR:
            told.append((second, why, run.rate))
            run.pressure.begin()
    return told


# 18 combinations of 40 h are 30 days
@req("PMP-010")
@pytest.mark.parametrize("ml", BORES)
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("line", sorted(RESISTANCE))
@pytest.mark.timeout(1800 if SOAK else 120)
def test_no_false_alarm_in_days_of_height_drift_ripple_and_changes_of_rate(
    ml: int, share: float, line: str, seed: int
) -> None:
    rng = random.Random(f"{seed} {ml} {share} {line}")
    run = Run(syringe(ml, share, rng.random(), resistance=RESISTANCE[line]), 1.0, seed=seed)
    run.until_flow()
    assert disturbed(run, 40 if SOAK else 1.5, rng) == []


def relieve(run: Run, most: int = backoff.MOST_NL) -> tuple[backoff.BackOff, int]:
    """Runs a back-off as a caller does, and returns it with what the ledger says, nL."""
    plant = run.plant
    bore = round(plant.bore * 1000)
    low, high = (round(c * 1000) for c in compliances(plant.bore))
    ledger = StepVolume()
    ledger.begin(nl_per_rev(bore, LEAD_NM), STEPS)
    back = backoff.BackOff()
    back.begin(run.pressure.pa, run.pressure.rose_nl(), low, high, nl_per_rev(bore, LEAD_NM), STEPS, most)
    while True:
        run.pressure.look(500, run.cell.settled(plant.force), 0, 0)
        steps = back.next(run.pressure.pa)
        if not steps:
            return back, int(ledger.nl)
        ledger.add(-steps)
        plant.move(-steps * nl_per_rev(bore, LEAD_NM) / STEPS / 1000, 0.2)


def released(plant: Plant) -> float:
    """uL that come out when the occlusion clears."""
    before = plant.out
    plant.occluded = False
    for _ in range(600):
        plant.move(0, 0.1)
    return plant.out - before


@req("PMP-009")
@pytest.mark.parametrize("ml", BORES)
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_after_an_alarm_less_than_a_tenth_of_a_ml_comes_out(ml: int, share: float) -> None:
    for rate in RATES:
        run = infusing(ml, share, rate, level=900)
        run.plant.occluded = True
        run.until_alarm(4 * 3600)
        stored = run.plant.compliance * run.plant.pressure
        back, ledger = relieve(run)
        assert back.state in (backoff.RELIEVED, backoff.BOUND)
        assert -backoff.MOST_NL <= ledger <= 0
        assert run.plant.pressure > -1, "the line was sucked empty"
        out = released(run.plant)
        assert out <= 100, (rate, out, stored)
        assert out < 0.8 * stored + 3


def test_without_a_back_off_much_more_comes_out() -> None:
    run = infusing(50, 1.0, 100.0, level=900)
    run.plant.occluded = True
    run.until_alarm(3600)
    assert released(run.plant) > 200


def test_a_level_alarm_may_be_relieved_by_more_than_the_usual_bound() -> None:
    for ml in BORES:
        run = infusing(ml, 0.5, 100.0, level=900)
        plant = run.plant
        plant.occluded = True
        while plant.pressure < 120:  # 900 mmHg, with a slope detector that said nothing
            run.second()
        back, ledger = relieve(run, 3_000_000)
        assert back.state == backoff.RELIEVED
        assert plant.pressure > 0
        assert released(plant) <= 100
        assert -ledger <= 1000 * plant.compliance * 125


def caught_up(plant: Plant, rng: random.Random) -> tuple[catchup.CatchUp, int]:
    """Runs a catch-up as a caller does; with how many slices it took."""
    cell = Cell(rng)
    per_rev = nl_per_rev(round(plant.bore * 1000), LEAD_NM)
    catch = catchup.CatchUp()
    catch.begin(per_rev, LEAD_NM, STEPS, round(frictions(plant.bore)[1] * 1000))
    slices = 0
    while steps := catch.next(cell.settled(plant.force)):
        slices += 1
        plant.move(steps * per_rev / STEPS / 1000, 0.1)
        plant.move(0, 0.5)
    return catch, slices


@req("PMP-011")
@pytest.mark.parametrize("bore", [4.78, 8.66, 12.06, 14.5, 19.13, 21.7, 26.7, 29.7])
def test_flow_begins_within_a_minute_of_the_start_at_1_ml_h(bore: float) -> None:
    least, most, ripple = frictions(bore)
    for compliance in compliances(bore):
        for friction in (least, (least + most) / 2, 0.9 * most):
            for play in (0.0, 0.1, 0.4):
                for seed in range(3):
                    plant = Plant(bore, compliance, friction, min(ripple, friction / 3), wavy=0.05, play=play)
                    if play + friction / plant.spring > 1.1:
                        continue  # mm: beyond what a catch-up may travel
                    catch, slices = caught_up(plant, random.Random(seed))
                    case = (compliance, friction, play, seed)
                    assert catch.state == catchup.READY, case
                    assert plant.out <= 2.5 * catchup.SLICE_NL / 1000, case
                    lost, seconds = plant.out, slices * 0.6
                    while plant.out - lost < 0.05:
                        plant.move(1 / 3.6, 1.0)
                        seconds += 1
                    assert seconds <= 60, case


def test_a_catch_up_against_a_closed_line_is_held_and_can_be_relieved() -> None:
    for ml in BORES:
        plant = syringe(ml, 0.5, play=0.2)  # type: ignore[arg-type]
        plant.relaxed(0)
        plant.occluded = True
        catch, _ = caught_up(plant, random.Random(1))
        assert catch.state in (catchup.HELD, catchup.READY)
        assert plant.force <= frictions(plant.bore)[1] + 1.5


@req("PMP-012")
def test_a_line_that_comes_off_under_pressure_is_told_at_once() -> None:
    run = infusing(50, 0.5, 5.0, level=900)
    plant = run.plant
    for _ in range(400):  # an intravenous line that slowly clots, 40 mmHg an hour and more
        plant.level += 0.04
        for _ in range(20):
            assert run.second() == CLEAR
    assert run.pressure.identifiable
    plant.level = 0.0
    assert run.until_alarm(5)[1] == DROP
