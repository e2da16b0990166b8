"""A back-off relieves what is stored and nothing more, and its volume comes off what was delivered."""

import micropython

from pump.backoff import BOUND, IDLE, MOST_NL, RELIEVED, RESIDUAL_PA, RUNNING, UNFELT, BackOff
from pump.pressure import size_of
from pump.steps import StepVolume
from pump.syringe import nl_per_rev

STEPS, LEAD_NM = 3200, 1_000_000
BORES = (4_780, 8_660, 12_060, 14_500, 19_130, 21_700, 26_700)


class Occluded:
    """A closed syringe: its pressure falls by 1000/c Pa a nL."""

    def __init__(self, bore, c, pa, rose=10_000_000, most=MOST_NL):
        row = size_of(bore)
        self.v = nl_per_rev(bore, LEAD_NM)
        self.c = c
        self.pa = self.first = pa
        self.volume = StepVolume()
        self.volume.begin(self.v, STEPS)
        self.b = BackOff()
        self.b.begin(pa, rose, row[1], row[2], self.v, STEPS, most)
        self.slices = []

    def run(self):
        while True:
            steps = self.b.next(self.pa)
            if steps == 0:
                return self.b.state
            assert steps > 0 and self.b.state == RUNNING
            self.slices.append(steps)
            self.volume.add(-steps)
            self.pa = self.first + self.volume.nl * 1000 // self.c
            assert len(self.slices) < 300


def test_before_it_begins_nothing_runs_back():
    assert (BackOff().next(100_000), BackOff().state) == (0, IDLE)


def test_what_a_slope_alarm_leaves_is_relieved_in_every_syringe():
    for bore in BORES:
        row = size_of(bore)
        for c in (row[1], row[1] + row[2] >> 1, row[2]):
            line = Occluded(bore, c, 8_000)
            assert line.run() == RELIEVED, (bore, c)
            assert line.pa <= RESIDUAL_PA
            assert line.pa >= -line.v * 1000 // STEPS // c - RESIDUAL_PA  # and no line was sucked empty
            assert line.b.next(8_000) == 0


def test_never_more_than_the_bound_nor_than_was_delivered_meanwhile():
    for bore in BORES:
        for rose in (0, 1, 999, 50_000, 199_999, 5_000_000):
            line = Occluded(bore, size_of(bore)[2], 120_000, rose)
            line.run()
            back = -line.volume.nl
            assert 0 <= back <= min(rose, MOST_NL) + 1
            assert line.b.left_nl >= 0
    line = Occluded(26_700, 21_000, 40_000)
    assert line.run() == BOUND
    assert MOST_NL - line.v // STEPS - 20 <= -line.volume.nl <= MOST_NL


def test_no_more_than_the_softest_syringe_could_store():
    line = Occluded(26_700, 1_000_000, 3_000)  # one that hardly loses pressure
    line.run()
    assert -line.volume.nl <= 3_000 * 21_000 // 1000


def test_a_caller_may_allow_more_for_what_a_level_alarm_leaves():
    line = Occluded(26_700, 21_000, 40_000, most=2_000_000)
    assert line.run() == RELIEVED
    # 21 uL/kPa * (40 - 2.7) kPa are 783 uL
    assert 770_000 <= -line.volume.nl <= 840_000


def test_a_slice_is_never_more_than_the_drive_may_hold():
    for bore in BORES:
        line = Occluded(bore, size_of(bore)[1], 120_000)
        line.run()
        assert max(line.slices) * line.v // STEPS <= max(20_000, line.v // STEPS)


def test_a_force_that_does_not_fall_ends_it():
    line = Occluded(26_700, 21_000, 30_000, most=5_000_000)
    total = 0
    for i in range(10):
        steps = line.b.next(30_000 + i % 2)
        total += steps
        if steps == 0:
            break
    assert line.b.state == UNFELT
    assert total * line.v // STEPS <= 40_000
    line = Occluded(26_700, 21_000, 30_000)
    assert line.b.next(30_000) and line.b.next(30_000) and line.b.next(29_000) and line.b.next(29_000)  # one may fail


def test_what_runs_back_comes_off_the_ledger_to_the_step():
    line = Occluded(26_700, 15_000, 8_000)
    ledger = StepVolume()
    ledger.begin(line.v, STEPS)
    ledger.add(12_345)
    line.run()
    ledger.add(-line.b.steps)
    assert line.b.steps == sum(line.slices)
    assert ledger.nl == (12_345 - line.b.steps) * line.v // STEPS


def test_no_pressure_is_nothing_to_relieve():
    for pa in (RESIDUAL_PA, 0, -5_000):
        line = Occluded(26_700, 15_000, pa)
        assert line.run() == RELIEVED
        assert line.slices == []


def test_the_first_slice_is_three_quarters_of_what_the_stiffest_stores():
    # 10 mL: 0.78 uL/kPa * 20 kPa * 3/4 are 11.7 uL; a step is 51.6 nL
    line = Occluded(14_500, 780, 20_000 + RESIDUAL_PA)
    assert line.b.next(line.pa) == 11_700 * STEPS // line.v
    # close to the end it is no smaller than for 20 mmHg: 2.6 kPa * 0.78 * 3/4
    line = Occluded(14_500, 780, RESIDUAL_PA + 1)
    assert line.b.next(line.pa) == 2_600 * 780 // 1000 * 3 // 4 * STEPS // line.v


def test_the_bound_is_what_the_softest_could_store_at_this_pressure():
    for pa, nl in ((3_000, 63_000), (9_000, 189_000), (20_000, 200_000)):
        assert Occluded(26_700, 21_000, pa).b.left_nl == nl
    assert (RESIDUAL_PA, MOST_NL) == (2_666, 200_000)


def test_a_fall_is_felt_against_the_last_slice_and_from_a_quarter_on():
    line = Occluded(26_700, 21_000, 60_000, most=5_000_000)
    assert line.b.next(60_000) == 114  # 20 uL, so 19 946 nL: at least 0.95 kPa, a quarter of that is 238 Pa
    pa = 60_000
    for _ in range(5):
        pa -= 240
        assert line.b.next(pa) == 114
    assert line.b.next(pa - 230) == 114
    assert line.b.next(pa - 460) == 0
    assert line.b.state == UNFELT


def test_the_next_occlusion_begins_anew():
    line = Occluded(26_700, 21_000, 60_000)
    for pa in (60_000, 60_000, 60_000):
        line.b.next(pa)
    assert line.b.state == UNFELT
    line.b.begin(30_000, 500_000, 9_000, 21_000, line.v, STEPS)
    assert (line.b.state, line.b.steps, line.b.left_nl) == (RUNNING, 0, MOST_NL)
    assert line.b.next(30_000) == 114
    assert line.b.next(30_000) == 114
    assert line.b.steps == 228
    assert line.b.next(30_000) == 0
    assert line.b.state == UNFELT


def test_nothing_is_allocated():
    line = Occluded(26_700, 21_000, 100_000, most=5_000_000)
    pa = 100_000
    micropython.heap_lock()
    try:
        line.b.begin(pa, 10_000_000, 9_000, 21_000, line.v, STEPS)
        while line.b.next(pa):
            pa -= 700
    finally:
        micropython.heap_unlock()
    assert line.b.state == BOUND
