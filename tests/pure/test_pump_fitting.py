"""Switches that ignore glitches and never miss an opening, a clamp that knows what it cannot tell, an end of travel."""

import micropython

from pump.fitting import (
    AMBIGUOUS,
    BARREL,
    EMPTY,
    END,
    FITTED,
    FLANGE,
    GOING,
    IMPLAUSIBLE,
    MATCHES,
    MISMATCH,
    PLUNGER,
    Fitting,
    Switch,
    Travel,
    identify,
    outer_um,
)

POLLS = (1, 5, 10, 20, 21, 25, 40)  # ms


def fitted(ms=25):
    fitting = Fitting()
    for _ in range(40):
        why = fitting.look(ms, True, True, True)
    assert why == FITTED
    return fitting


def test_nothing_is_in_its_place_before_it_was_seen_there():
    for poll in POLLS:
        fitting = Fitting()
        at = 0
        while fitting.look(poll, True, True, True) != FITTED:
            at += poll
        assert at + poll > 20 and at <= 80


def test_a_glitch_of_20_ms_never_opens_whatever_its_phase():
    for poll in POLLS:
        for length in range(1, 21):
            for phase in range(poll):
                switch = Switch()
                for _ in range(40):
                    switch.look(poll, True)
                for i in range(6):
                    at = i * poll
                    assert switch.look(poll, not phase <= at < phase + length), (poll, length, phase)


def test_an_opening_is_told_within_80_ms_at_every_phase():
    for poll in POLLS:
        for phase in range(poll):
            switch = Switch()
            for _ in range(40):
                switch.look(poll, True)
            at = 0
            while switch.look(poll, at < phase):
                at += poll
            assert at - phase <= 80, (poll, phase)
            assert at - phase > 20


def test_bouncing_neither_opens_nor_closes():
    switch = Switch()
    for i in range(400):
        assert not switch.look(7, i % 3 == 0)
    for _ in range(10):
        switch.look(7, True)
    for i in range(400):
        assert switch.look(7, i % 3 == 0)


def test_each_of_the_three_is_named():
    for open_one, why in ((0, BARREL), (1, PLUNGER), (2, FLANGE)):
        fitting = fitted()
        states = [True, True, True]
        states[open_one] = False
        seen = FITTED
        for _ in range(4):
            seen = fitting.look(25, states[0], states[1], states[2])
        assert seen == why
        for _ in range(4):
            seen = fitting.look(25, True, True, True)
        assert seen == FITTED
    fitting = fitted()
    for _ in range(4):
        seen = fitting.look(25, False, False, False)
    assert seen == BARREL


LINE = (500, 10_000, 3500, 34_000)  # 8 um a count


def test_the_diameter_lies_on_the_line_through_both_gauges():
    assert [outer_um(adc, LINE) for adc in (500, 501, 2000, 3500, 4000)] == [10_000, 10_008, 22_000, 34_000, 38_000]
    falling = (3500, 10_000, 500, 34_000)
    assert [outer_um(adc, falling) for adc in (3500, 3499, 500)] == [10_000, 10_008, 34_000]


def test_a_broken_wire_and_an_impossible_barrel_are_implausible():
    for adc in (0, 23, 4072, 4095):
        assert outer_um(adc, LINE) == 0
    assert outer_um(2000, (500, 10_000, 500, 34_000)) == 0
    assert outer_um(2000, (500, 100, 3500, 300)) == 0
    assert outer_um(2000, (500, 50_000, 3500, 90_000)) == 0
    assert outer_um(24, LINE) > 0 and outer_um(4071, LINE) > 0
    assert identify(0, 30_000, 26_700, ()) == IMPLAUSIBLE


# Inner diameters of four makes, um (Harvard-style tables); outer ones are not published with them: 1.5 mm of wall each.
MAKES = (
    (4780, 8660, 12060, 14500, 19130, 21700, 26700),
    (4690, 9650, 12500, 15900, 20000, 22500, 29200),
    (4700, 9000, 13000, 15800, 20100, 23100, 29700),
    (4670, 8860, 12650, 15720, 20120, 23670, 26640),
)
BORES = [bore for make in MAKES for bore in make]
TABLE = [number for bore in BORES for number in (bore + 3000, bore)]


def test_every_pair_of_the_table_is_a_mismatch_or_flagged_or_harmless():
    found = [0, 0, 0]
    for chosen in BORES:
        for fitted_bore in BORES:
            for error in (-2, 0, 2):  # per mille of the measurement
                um = (fitted_bore + 3000) * (1000 + error) // 1000
                why = identify(um, chosen + 3000, chosen, TABLE)
                if why == MATCHES:
                    # then the flow is right within 1 %
                    assert abs(fitted_bore * fitted_bore - chosen * chosen) * 100 <= 101 * chosen * chosen // 100
                found[why] += 1
                if abs(um - chosen - 3000) * 1000 > 30 * (chosen + 3000):
                    assert why == MISMATCH
    assert min(found) > 0


def test_the_worst_known_confusion_is_seen():
    # BD 60 chosen, Terumo fitted: 24 % too much
    assert identify(29_700 + 3000, 26_700 + 3000, 26_700, TABLE) == MISMATCH
    # 26.70 and 26.64 mm differ by 0.45 % of flow: alike; 29.2 and 29.7 do not and cannot be told apart
    assert identify(26_640 + 3000, 26_700 + 3000, 26_700, TABLE) == MATCHES
    assert identify(29_200 + 3000, 29_700 + 3000, 29_700, TABLE) == AMBIGUOUS


def test_three_per_cent_is_the_last_that_fits():
    for um, why in ((29_100, MATCHES), (29_099, MISMATCH), (30_900, MATCHES), (30_901, MISMATCH)):
        assert identify(um, 30_000, 27_000, (30_000, 27_000)) == why


def test_the_plunger_stops_where_the_syringe_is_empty():
    travel = Travel()
    assert travel.look(25, 0, False) == EMPTY  # nobody told what is in it
    travel.begin(5_000_000)
    assert travel.look(25, 0, False) == GOING
    assert travel.left_nl(4_999_999) == 1
    assert travel.look(25, 4_999_999, False) == GOING
    assert travel.look(25, 5_000_000, False) == EMPTY
    assert travel.left_nl(6_000_000) == 0
    assert travel.look(25, 6_000_000, False) == EMPTY


def test_the_end_switch_counts_wherever_the_volume_stands():
    travel = Travel()
    travel.begin(5_000_000)
    assert travel.look(10, 0, True) == GOING
    assert travel.look(10, 0, True) == GOING
    assert travel.look(11, 0, True) == END
    assert travel.look(25, 9_000_000, True) == END


def test_a_glitch_on_one_of_the_three_is_no_opening():
    for open_one in range(3):
        fitting = fitted()
        for i in range(9):
            states = [True, True, True]
            states[open_one] = i % 3 != 0
            assert fitting.look(15, states[0], states[1], states[2]) == FITTED


def test_after_a_change_the_next_one_takes_as_long():
    switch = Switch()
    for closed in (True, False, True, False):
        assert switch.look(25, closed) != closed
        assert switch.look(25, closed) == closed
    switch.look(10, True)
    switch.look(10, True)
    assert not switch.look(10, True)
    assert switch.look(1, True)


def test_bores_within_half_a_per_cent_are_one():
    # both of 30 mm outside; a bore of 20 mm and one that is 5 or 6 per mille wider
    for bore, why in ((20_100, MATCHES), (20_101, AMBIGUOUS)):
        assert identify(30_000, 30_000, 20_000, (30_000, 20_000, 30_000, bore)) == why


def test_barrels_of_4_to_45_mm_exist():
    for um, read in ((3_999, 0), (4_000, 4_000), (45_000, 45_000), (45_001, 0)):
        assert outer_um(1000, (1000, um, 2000, um)) == read


def test_nothing_is_allocated():
    fitting = Fitting()
    travel = Travel()
    i = 0
    micropython.heap_lock()
    try:
        while i < 500:
            fitting.look(25, i % 7 < 5, i % 11 < 9, i % 13 < 9)
            travel.look(25, i, i % 5 < 2)
            identify(outer_um(i * 8, LINE), 30_000, 26_700, TABLE)
            i += 1
    finally:
        micropython.heap_unlock()
