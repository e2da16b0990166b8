"""The arm, the air of its cuff, and what limits it, against closed forms and by themselves: no firmware."""

from __future__ import annotations

from statistics import mean

import pytest

from assuage_rig.clock import Clock
from assuage_rig.faults import UnknownFault
from assuage_rig.plant.arm import Arm, Rhythm, Tissue, wave
from assuage_rig.plant.cuff import ADULT, Cuff
from assuage_rig.plant.limiter import HOLD_US, LONGEST_US, TRIP_MMHG, Limiter


def arm(systolic: float = 120, diastolic: float = 80, tissue: Tissue | None = None, bpm: float = 75) -> Arm:
    """Without breathing."""
    return Arm(lambda t_us: (systolic, diastolic), Rhythm(bpm, resp_rate=0), tissue, breathing=0.0)


def swing(a: Arm, around: float) -> float:
    """Volume between the smallest and the largest of a beat, mL."""
    volumes = [a.volume(t_us, around) for t_us in range(0, 800_000, 1_000)]
    return max(volumes) - min(volumes)


# -- the arm -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("around", "part"),
    [
        (40, 0.2709),
        (60, 0.4936),
        (80, 0.8994),
        (90, 0.9979),
        (100, 0.8928),
        (110, 0.6716),
        (120, 0.3467),
        (140, 0.0384),
    ],
)
def test_the_oscillogram_of_an_exponential_artery_is_its_closed_form(around: float, part: float) -> None:
    """120/80, 0.11 and 0.03 /mmHg; relative to the maximum at 88.57, worked out beforehand."""
    a = arm(tissue=Tissue(0.11, 0.03, 0.03))
    assert abs(swing(a, around) / swing(a, 88.57) - part) < 0.002


def test_the_largest_swing_is_where_the_two_exponents_put_it() -> None:
    for systolic, diastolic, a, b in ((120, 80, 0.055, 0.045), (180, 120, 0.055, 0.045), (120, 80, 0.11, 0.03)):
        made = arm(systolic, diastolic, Tissue(a, b))
        top = max(range(40, 200), key=lambda around, made=made: swing(made, around))
        assert abs(top - (b * systolic + a * diastolic) / (a + b)) <= 1


def test_the_pressure_reaches_from_diastolic_to_systolic_and_its_mean_is_told() -> None:
    a = arm(150, 70)
    pressures = [a.pressure(t_us) for t_us in range(0, 8_000_000, 1_000)]
    assert abs(max(pressures) - 150) < 0.1 and abs(min(pressures) - 70) < 0.1
    assert abs(mean(pressures) - a.mean(0)) < 0.2
    assert 0.33 < (a.mean(0) - 70) / 80 < 0.45


def test_form_moves_the_mean_and_not_the_extremes() -> None:
    parts = [mean(wave(form)) for form in (0.5, 0.6, 0.7)]
    assert parts == sorted(parts, reverse=True)
    assert all(min(wave(form)) == 0 and abs(max(wave(form)) - 1) < 1e-9 for form in (0.5, 1.0))


def test_beats_come_at_the_rate_and_a_fibrillating_heart_keeps_it_on_the_average() -> None:
    for irregular in (0.0, 0.2):
        rhythm = Rhythm(90, irregular=irregular, seed=3)
        assert abs(rhythm.at(600_000_000)[0] - 900) <= 25
        starts = [rhythm.at(t_us)[0] for t_us in range(0, 60_000_000, 10_000)]
        assert starts == sorted(starts)
    strengths = [rhythm.strength(beat) for beat in range(1, 100)]
    assert min(strengths) < 0.8 and max(strengths) > 1.2
    assert Rhythm(90).strength(7) == 1.0


def test_breathing_moves_both_pressures() -> None:
    a = Arm(lambda t_us: (120.0, 80.0), Rhythm(75, 15), breathing=3.0, resp_rate=15)
    assert 2 < max(a.pressure(t_us) for t_us in range(0, 8_000_000, 5_000)) - 120 <= 3


def test_movement_comes_in_bouts_and_repeats_with_the_seed() -> None:
    def volumes(seed: int) -> list[float]:
        a = Arm(lambda t_us: (120.0, 80.0), Rhythm(75), seed=seed)
        a.faults.make("movement", ml=5.0, part=0.3)
        still = Arm(lambda t_us: (120.0, 80.0), Rhythm(75), seed=seed)
        return [a.volume(t_us, 100) - still.volume(t_us, 100) for t_us in range(0, 60_000_000, 100_000)]

    one = volumes(1)
    assert one == volumes(1) != volumes(2)
    assert 0.4 < sum(abs(v) < 1e-9 for v in one) / len(one) < 0.95 and max(map(abs, one)) > 3


def test_a_shiver_has_its_size_and_swells_and_fades() -> None:
    a, still = arm(), arm()
    a.faults.make("shiver", ml=0.3)
    moved = [a.volume(t_us, 100) - still.volume(t_us, 100) for t_us in range(0, 125_000_000, 7_000)]
    assert (sum(v * v for v in moved) / len(moved)) ** 0.5 == pytest.approx(0.3, rel=0.02)
    seconds = [max(map(abs, moved[i : i + 143])) for i in range(0, len(moved) - 143, 143)]
    assert max(seconds) > 0.6 and min(seconds) < 0.1


def test_without_a_pulse_the_volume_stands() -> None:
    a = arm()
    a.faults.make("pulseless")
    assert swing(a, 90) == 0


# -- the air -----------------------------------------------------------------------------------------------------------
class Pumped:
    """A cuff round nothing that moves, its limiter fed."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.cuff = Cuff(self.clock, lambda t_us, around: 0.0)
        self.level = 0

    def run(self, seconds: float, pump: int = 0, bleed: float = 0, closed: int = 1) -> float:
        """Drives it for so long; the pressure then."""
        for _ in range(round(seconds * 10)):
            self.level ^= 1
            self.cuff.drive(pump, bleed, closed, self.level)
            self.clock.now_us += 100_000
        return self.cuff.bladder()

    def to(self, mmhg: float) -> float:
        """Pumps up to that; seconds."""
        began = self.clock.now_us
        while self.run(0.1, 1) < mmhg:
            assert self.clock.now_us - began < 60e6
        return (self.clock.now_us - began) / 1e6


def test_it_is_pumped_up_in_seconds_and_holds() -> None:
    p = Pumped()
    assert 5 < p.to(160) < 12
    held = p.cuff.bladder()
    assert abs(p.run(30) - held) < 1e-6


def test_opened_it_is_empty_within_ten_seconds_from_the_highest_pressure() -> None:
    p = Pumped()
    p.to(280)
    assert p.run(6, closed=0) < 15


def test_the_bleed_passes_more_with_more_duty_and_nothing_below_its_dead_part() -> None:
    falls = []
    for duty in (5, 20, 40, 80):
        p = Pumped()
        p.to(160)
        before = p.cuff.bladder()
        falls.append(before - p.run(2, bleed=duty))
    assert abs(falls[0]) < 1e-6 and falls[1] < falls[2] < falls[3] and falls[2] > 2


def test_room_that_the_arm_takes_is_pressure() -> None:
    """(P + 760) V is kept: dP = (P + 760) / (V + (P + 760) gives) per mL."""
    took = [0.0]
    clock = Clock()
    cuff = Cuff(clock, lambda t_us, around: took[0])
    level = 0
    while cuff.bladder() < 100:
        level ^= 1
        cuff.drive(1, 0, 1, level)
        clock.now_us += 50_000
    for _ in range(3):
        level ^= 1
        cuff.drive(0, 0, 1, level)
        clock.now_us += 50_000
    before = cuff.bladder()
    took[0] = 0.1
    clock.now_us += 10_000
    volume = ADULT.hose + ADULT.bladder + ADULT.gives * before
    expected = 0.1 * (before + 760) / (volume + (before + 760) * ADULT.gives)
    assert abs(cuff.bladder() - before - expected) < 0.005


def test_a_kinked_hose_hides_the_bladder_and_a_mended_one_joins_it_again() -> None:
    p = Pumped()
    p.to(150)
    held = p.cuff.bladder()
    p.cuff.faults.make("kink")
    p.run(3, closed=0)
    assert p.cuff.pressure(p.clock.now_us) < 5 and abs(p.cuff.bladder() - held) < 1
    p.cuff.faults.mend()
    p.run(0.1)
    assert held / 2 < p.cuff.bladder() < held and p.cuff.pressure(p.clock.now_us) == p.cuff.bladder()


def test_a_cuff_round_no_arm_swells_and_is_wrapped_anew_without_being_squeezed() -> None:
    p = Pumped()
    p.to(150)
    p.cuff.faults.make("unwrapped", ml=150.0)
    p.run(0.1)
    assert p.cuff.bladder() < 10, "150 mL more take what there was"
    p.run(3, pump=1)
    held = p.cuff.bladder()
    p.cuff.faults.mend()
    assert abs(p.run(0.5) - held) < 1e-6


def test_a_fault_that_parts_nothing_leaves_the_pressure_as_it_is() -> None:
    p, whole = Pumped(), Pumped()
    for one in (p, whole):
        one.to(150)
        one.clock.now_us += 3_000
    p.cuff.faults.make("pump-dead")
    p.cuff.faults.mend()
    assert p.cuff.pressure(p.clock.now_us) == whole.cuff.pressure(whole.clock.now_us)


def test_a_hose_that_is_off_empties_the_bladder_and_the_sensor_sees_the_air() -> None:
    p = Pumped()
    p.to(150)
    p.cuff.faults.make("off")
    p.run(0.1, 1)
    assert p.cuff.pressure(p.clock.now_us) == 0
    assert p.run(6, 1) < 15


def test_faults_of_pump_and_valves() -> None:
    p = Pumped()
    p.cuff.faults.make("pump-dead")
    assert p.run(3, 1) < 1
    p.cuff.faults.mend()
    p.cuff.faults.make("dump-open")
    assert p.run(3, 1) < 20
    p.cuff.faults.mend()
    p.to(100)
    p.cuff.faults.make("dump-blocked")
    held = p.cuff.bladder()
    assert abs(p.run(1, closed=0) - held) < 1e-6
    p.cuff.faults.make("pump-on")
    assert p.run(1) > held
    p.cuff.faults.mend()
    p.cuff.faults.make("leak", g=0.4)
    held = p.cuff.bladder()
    assert p.run(1) < held - 5
    with pytest.raises(UnknownFault, match="kink"):
        p.cuff.faults.make("burst")


def test_who_looks_in_between_changes_nothing() -> None:
    def pressure(looks: int) -> float:
        clock = Clock()
        cuff = Cuff(clock, arm().volume)
        for n in range(100):
            cuff.drive(1, 0, 1, n & 1)
            for _ in range(looks):
                clock.now_us += 100_000 // looks
                cuff.pressure(clock.now_us)
        return cuff.bladder()

    assert pressure(1) == pressure(4) == pressure(20)


def test_an_orifice_empties_as_its_root_law_says() -> None:
    """Nearly: sqrt(P) falls linearly in time, as long as the volume is that of the pressure in the midst."""
    p = Pumped()
    p.to(200)
    before = p.cuff.bladder()
    after = p.run(1, closed=0)
    slope = ADULT.dump * 760 / 2 / (ADULT.hose + ADULT.bladder + ADULT.gives * (760 + before + after))
    assert abs(before**0.5 - after**0.5 - slope) < 0.2


# -- the limiter -------------------------------------------------------------------------------------------------------
def fed(limiter: Limiter, from_us: int, to_us: int, mmhg: float = 100.0) -> bool:
    """Toggles ten times a second; whether there is current at the end."""
    powered = False
    for n, t_us in enumerate(range(from_us, to_us, 100_000)):
        limiter.pin(t_us, (n & 1) ^ 1)
        powered = limiter.look(t_us, mmhg)
    return powered


def test_without_changes_of_the_pin_there_is_no_current_whichever_level_it_has() -> None:
    for edges in (0, 1, 2):
        limiter = Limiter()
        for n in range(edges):
            limiter.pin(n * 100_000, 1 - n % 2)
        last = max(edges - 1, 0) * 100_000
        assert limiter.look(last + HOLD_US, 0) == (edges > 0)
        assert not limiter.look(last + HOLD_US + 1, 0)


def test_the_pressure_switch_latches_until_the_pin_is_left_alone() -> None:
    limiter = Limiter()
    assert fed(limiter, 0, 1_000_000, TRIP_MMHG - 1)
    assert not limiter.look(1_000_000, TRIP_MMHG)
    assert not fed(limiter, 1_000_001, 5_000_000, 20)
    assert fed(limiter, 6_000_000, 7_000_000, 20)


def test_the_timer_over_the_whole_inflation_cannot_be_fed() -> None:
    limiter = Limiter()
    assert fed(limiter, 0, LONGEST_US)
    assert not fed(limiter, LONGEST_US, LONGEST_US + 1_000_000)
    assert limiter.tripped == "time"


def test_each_part_can_fail_and_the_others_still_work() -> None:
    limiter = Limiter()
    limiter.faults.make("switch")
    assert fed(limiter, 0, 1_000_000, 400)
    assert not limiter.look(2_000_000, 400)
    limiter = Limiter()
    limiter.faults.make("hold")
    fed(limiter, 0, 1_000_000)
    assert limiter.look(100_000_000, 100) and not limiter.look(LONGEST_US + 100_001, 100)
    limiter = Limiter()
    limiter.faults.make("longest")
    assert fed(limiter, 0, LONGEST_US + 10_000_000)
    assert not limiter.look(LONGEST_US + 10_000_001, TRIP_MMHG)
