"""Play, gap and seal are taken up until the plunger is about to move, and no further than a syringe can be away."""

import micropython

from pump.catchup import (
    CONTACT_MN,
    HELD,
    IDLE,
    NO_CONTACT,
    READY,
    RUNNING,
    SLICE_NL,
    TRAVEL_UM,
    CatchUp,
)
from pump.syringe import nl_per_rev

STEPS, LEAD_NM = 3200, 1_000_000
BD50 = 26_700


class Plunger:
    """`gap` um away, a seal of so many mN/um, friction in mN; moved: um of the plunger."""

    def __init__(self, gap=100, stiff=31, friction=6_000, bore=BD50, most=10_000):
        self.v = nl_per_rev(bore, LEAD_NM)
        self.gap = gap
        self.stiff = stiff
        self.friction = friction
        self.c = CatchUp()
        self.c.begin(self.v, LEAD_NM, STEPS, most)
        self.moved = 0
        self.slices = 0

    def um(self):
        return self.c.steps * LEAD_NM // STEPS // 1000

    def mn(self):
        force = max(0, self.um() - self.gap - self.moved) * self.stiff
        if force > self.friction:
            self.moved += (force - self.friction) // self.stiff
            force = self.friction
        return force

    def run(self):
        while self.c.next(self.mn()):
            assert self.c.state == RUNNING
            self.slices += 1
            assert self.slices < 500
        return self.c.state

    def out_nl(self):
        return self.moved * self.v // (LEAD_NM // 1000)


def test_before_it_begins_nothing_moves():
    assert (CatchUp().next(0), CatchUp().state) == (0, IDLE)


def test_it_stops_when_the_plunger_moves_within_two_slices():
    for gap in (0, 50, 200, 500):
        for stiff in (17, 31, 40):  # N/mm of 21 to 9 uL/kPa
            for friction in (1_000, 2_000, 6_000, 9_500):
                plunger = Plunger(gap, stiff, friction)
                assert plunger.run() == READY, (gap, stiff, friction)
                assert plunger.out_nl() <= 2 * SLICE_NL
                # what is left of play and seal before something flows is less than a minute at 1 mL/h
                left = (friction - plunger.mn()) // stiff * plunger.v // (LEAD_NM // 1000)
                assert left <= 16_667
                assert plunger.c.next(0) == 0


def test_what_costs_13_minutes_at_1_ml_h_is_taken_up():
    # 0.217 mL in 26.7 mm of bore are 388 um: 0.2 mm of play, 6 N on 31 N/mm
    plunger = Plunger(200, 31, 5_828)
    assert plunger.run() == READY
    taken = plunger.c.steps * plunger.v // STEPS
    assert 200_000 <= taken <= 230_000
    assert plunger.slices <= 80  # so in some 45 s with half a second to settle after each


def test_thin_syringes_are_caught_up_as_well():
    for bore, friction, most in ((4_780, 1_500, 3_000), (8_660, 2_000, 4_000), (14_500, 3_000, 6_000)):
        plunger = Plunger(150, 20, friction, bore, most)
        assert plunger.run() == READY
        assert plunger.out_nl() <= 2 * SLICE_NL


def test_without_a_syringe_it_ends_at_its_bound():
    plunger = Plunger(gap=5_000)
    assert plunger.run() == NO_CONTACT
    assert TRAVEL_UM - 20 <= plunger.um() <= TRAVEL_UM
    assert plunger.moved == 0


def test_noise_is_no_contact():
    c = CatchUp()
    c.begin(nl_per_rev(BD50, LEAD_NM), LEAD_NM, STEPS, 10_000)
    i = 0
    while c.next((i % 3) * (CONTACT_MN - 1) // 2):
        i += 1
    assert c.state == NO_CONTACT


def test_a_line_that_is_closed_ends_it_at_the_friction_of_the_size():
    plunger = Plunger(friction=50_000)
    assert plunger.run() == HELD
    assert 10_000 <= plunger.mn() <= 10_000 + 31 * 9


def test_a_seal_that_is_softer_than_the_bound_is_held_too():
    plunger = Plunger(friction=50_000, stiff=7)
    assert plunger.run() == HELD
    assert plunger.um() <= TRAVEL_UM


def test_a_plunger_that_slides_already_is_ready_after_three_slices():
    plunger = Plunger(gap=0, stiff=31, friction=6_000)
    plunger.moved = -194
    assert plunger.mn() == 6_000
    assert plunger.run() == READY
    assert plunger.slices <= 3
    assert plunger.out_nl() <= 3 * SLICE_NL


def test_one_step_is_the_least_there_is():
    c = CatchUp()
    c.begin(nl_per_rev(60_000, 10_000_000), 10_000_000, 200, 10_000)  # a coarse drive: 141 uL a step
    assert c.next(0) == 1


def test_slices_are_20_um_before_contact_and_4_5_ul_or_32_um_after():
    for bore, fine in ((BD50, 25), (14_500, 87), (4_780, 102)):
        c = CatchUp()
        c.begin(nl_per_rev(bore, LEAD_NM), LEAD_NM, STEPS, 10_000)
        assert c.next(CONTACT_MN - 1) == 64
        assert c.next(CONTACT_MN) == fine


def fed(*forces):
    c = CatchUp()
    c.begin(nl_per_rev(BD50, LEAD_NM), LEAD_NM, STEPS, 10_000)
    for mn in forces:
        c.next(mn)
    return c.state


def test_less_than_half_of_the_best_slice_is_a_plunger_that_moves():
    assert fed(200, 450, 575) == RUNNING
    assert fed(200, 450, 574) == READY
    assert fed(200, 450, 575, 700, 800) == READY  # the best counts, not the last
    assert fed(200, 450, 300) == READY  # it broke away
    assert fed(200, 240, 259) == READY
    assert fed(200, 239, 258) == RUNNING  # within the noise


def test_three_slices_without_a_rise_are_a_plunger_that_slides():
    assert fed(200, 205, 210) == RUNNING
    assert fed(200, 205, 210, 215) == READY


def test_the_friction_of_the_size_is_the_end():
    assert fed(9_000, 9_999) == RUNNING
    assert fed(9_000, 10_000) == HELD


def test_the_next_start_begins_anew():
    plunger = Plunger()
    plunger.run()
    plunger.c.begin(plunger.v, LEAD_NM, STEPS, 10_000)
    assert (plunger.c.state, plunger.c.steps) == (RUNNING, 0)
    for mn in (200, 230, 260):
        assert plunger.c.next(mn) == 25


def test_the_whole_travel_may_be_used():
    c = CatchUp()
    c.begin(nl_per_rev(BD50, LEAD_NM), LEAD_NM, STEPS, 10_000)
    while c.next(0):
        pass
    assert c.steps == 3840  # 1.2 mm


def test_nothing_is_allocated():
    c = CatchUp()
    c.begin(nl_per_rev(BD50, LEAD_NM), LEAD_NM, STEPS, 10_000)
    mn = 0
    micropython.heap_lock()
    try:
        while c.next(mn):
            mn = max(0, c.steps - 500) * 8
    finally:
        micropython.heap_unlock()
    assert c.state == HELD
