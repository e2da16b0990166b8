"""What is refused to begin with, at every boundary: a limit is only lowered, and a missing one lets nothing pass."""

from assuage_wire.codec import BY_NAME
from assuage_wire.schema import NO_LOOP, S30
from pump import checks, codes
from pump.checks import check, field_out_of_range, refusal_of_field
from pump.programme import WIDTH, Programme
from pump.steps import bottom_flow, top_flow
from pump_fakes import BD50, FIELDS, LEAD_NM, LIMITS, STEPS, fields

OFFER = BY_NAME["Programme"]
GOOD = (codes.OK, 0)


def programme(**changes):
    p = Programme()
    p.load(fields(**changes), 0, STEPS, LEAD_NM)
    return p


def checked(limits=None, **changes):
    return check(programme(**changes), LIMITS if limits is None else limits, STEPS)


def board(**changes):
    limits = dict(LIMITS)
    limits.update(changes)
    return limits


def without(name):
    limits = dict(LIMITS)
    del limits[name]
    return limits


def test_the_programme_has_the_tables_fields_in_the_tables_order():
    assert len(FIELDS) == WIDTH
    p = Programme()
    p.load(list(range(100, 100 + WIDTH)), 0, STEPS, LEAD_NM)
    for i in range(WIDTH):
        name = {"programme": "id", "legs": "count"}.get(FIELDS[i], FIELDS[i])
        assert getattr(p, name) == 100 + i, name


def test_a_good_programme_passes():
    assert checked() == GOOD


def test_the_rate_is_held_to_the_least_of_board_programme_and_drive():
    assert checked(board(max_rate=166_667)) == GOOD
    assert checked(board(max_rate=166_666)) == (codes.RATE_LIMIT, 166_666)
    assert checked(limit_rate=166_667) == GOOD
    assert checked(limit_rate=166_666) == (codes.RATE_LIMIT, 166_666)
    # neither can raise the other
    assert checked(board(max_rate=100), limit_rate=20_000_000) == (codes.RATE_LIMIT, 100)
    assert checked(board(max_rate=1 << 40), limit_rate=100) == (codes.RATE_LIMIT, 100)
    top = top_flow(programme(bore=1_000).nl_per_rev, STEPS)
    assert checked(bore=1_000, rate=top) == GOOD
    assert checked(bore=1_000, rate=top + 1) == (codes.RATE_LIMIT, top)


def test_a_flow_too_slow_to_step_is_refused():
    slowest = bottom_flow(programme(bore=60_000).nl_per_rev, STEPS)
    assert checked(bore=60_000, rate=slowest) == GOOD
    assert checked(bore=60_000, rate=slowest - 1) == (codes.RATE_LIMIT, slowest)


def test_a_missing_limit_is_zero():
    assert checked(without("max_rate")) == (codes.RATE_LIMIT, 0)
    assert checked(without("max_volume")) == (codes.VOLUME_LIMIT, 0)
    assert checked(without("max_duration")) == (codes.TIME_LIMIT, 0)
    assert checked(without("max_lease")) == (codes.LEASE_TOO_LONG, 0)
    assert checked({})[0] != codes.OK
    assert checked(without("max_duration"), duration=1) == (codes.TIME_LIMIT, 0)
    assert checked(limit_rate=0) == (codes.RATE_LIMIT, 0)
    assert checked(limit_volume=0) == (codes.VOLUME_LIMIT, 0)


def test_the_volume_is_held_to_the_least_of_board_programme_and_syringe():
    assert checked(board(max_volume=5_000_000)) == GOOD
    assert checked(board(max_volume=4_999_999)) == (codes.VOLUME_LIMIT, 4_999_999)
    assert checked(limit_volume=5_000_000) == GOOD
    assert checked(limit_volume=4_999_999) == (codes.VOLUME_LIMIT, 4_999_999)
    assert checked(capacity=5_000_000) == GOOD
    assert checked(capacity=4_999_999) == (codes.SYRINGE, 4_999_999)
    assert checked(board(max_volume=10), limit_volume=20, capacity=15) == (codes.VOLUME_LIMIT, 10)


def test_a_volume_below_one_step_is_no_programme():
    one = programme(bore=60_000).nl_per_rev // STEPS + 1
    assert checked(bore=60_000, vtbi=one) == GOOD
    assert checked(bore=60_000, vtbi=one - 1) == (codes.BAD_VALUE, OFFER.index("vtbi"))


def test_time_and_lease_are_held_to_the_boards():
    assert checked(board(max_duration=3600)) == GOOD
    assert checked(board(max_duration=3599)) == (codes.TIME_LIMIT, 3599)
    assert checked(board(max_lease=3000)) == GOOD
    assert checked(board(max_lease=2999)) == (codes.LEASE_TOO_LONG, 2999)


def test_kvo_is_never_above_the_rate_and_exists_where_it_is_asked_for():
    for on_loss in (codes.LOSS_STOP, codes.LOSS_CONTINUE, codes.LOSS_KVO):
        assert checked(on_loss=on_loss, kvo=166_667) == GOOD
        assert checked(on_loss=on_loss, kvo=166_668) == (codes.RATE_LIMIT, 166_667)
    assert checked(kvo=0) == GOOD
    slowest = bottom_flow(programme().nl_per_rev, STEPS)
    assert checked(on_loss=codes.LOSS_KVO, kvo=slowest) == GOOD
    assert checked(on_loss=codes.LOSS_KVO, kvo=slowest - 1) == (codes.BAD_VALUE, OFFER.index("kvo"))
    assert checked(on_loss=codes.LOSS_KVO, kvo=0) == (codes.BAD_VALUE, OFFER.index("kvo"))


def test_every_field_is_held_to_the_tables_range_on_both_sides():
    for i in range(WIDTH):
        name, _, _, lo, hi, _ = OFFER.fields[i + 2]
        number = OFFER.index(name)
        for value, found in ((lo, 0), (hi, 0), (lo - 1, number), (hi + 1, number)):
            values = fields()
            values[i] = value
            assert field_out_of_range(values) == found, (name, value)
            assert field_out_of_range([None, None] + values, 2) == found
        assert refusal_of_field(number) == (codes.SYRINGE if name == "bore" else codes.BAD_VALUE)


def test_bore_of_a_50_ml_syringe_takes_the_fastest_flow():
    assert checked(bore=BD50, rate=20_000_000) == GOOD


def demand(**changes):
    return dict({"mode": codes.DEMAND, "dose": 100_000, "dose_rate": 3_000_000, "lockout": 60}, **changes)


def test_what_goes_with_no_mode_is_refused_with_the_fields_number():
    profile = {"mode": codes.PROFILE, "legs": 2}
    for changes, name in (
        ({"legs": 1}, "legs"),
        ({"mode": codes.PROFILE, "legs": 0}, "legs"),
        ({"loop": 0}, "loop"),
        (dict(profile, loop=2), "loop"),
        ({"dose": 1000}, "dose_rate"),
        ({"dose_rate": 1000}, "dose_rate"),
        ({"dose": 1000, "dose_rate": 100_000}, "mode"),
        (demand(dose=0, dose_rate=0), "mode"),
        ({"rate": 0}, "rate"),
        (dict(profile, rate=0), "rate"),
        (demand(dose=5_000_001), "dose"),
        (demand(dose=174), "dose"),
        (demand(dose=1), "dose"),
        (demand(loop=0), "loop"),
    ):
        assert checked(**changes) == (codes.BAD_VALUE, OFFER.index(name)), changes
    for changes in (profile, dict(profile, legs=1), dict(profile, loop=1), demand(), demand(rate=0)):
        assert checked(**changes) == GOOD, changes
    exact = {"bore": 4037, "dose": 4, "dose_rate": 600_000}  # 12 800 nL a turn, so a step is 4 nL
    for changes in (demand(dose=175), demand(dose=5_000_000), demand(**exact)):
        assert checked(**changes) == GOOD, changes


def test_a_doses_flow_is_held_as_the_rate_is():
    assert checked(**demand(limit_rate=3_000_000)) == GOOD
    assert checked(**demand(limit_rate=2_999_999)) == (codes.RATE_LIMIT, 2_999_999)
    assert checked(board(max_rate=2_999_999), **demand()) == (codes.RATE_LIMIT, 2_999_999)
    slowest = bottom_flow(programme(bore=60_000).nl_per_rev, STEPS)
    big = {"bore": 60_000, "dose": 10_000}
    assert checked(**demand(dose_rate=slowest, **big)) == GOOD
    assert checked(**demand(dose_rate=slowest - 1, **big)) == (codes.RATE_LIMIT, slowest)
    assert checked(**demand(rate=slowest, **big)) == GOOD
    assert checked(**demand(rate=slowest - 1, **big)) == (codes.RATE_LIMIT, slowest)
    assert checked(**demand(rate=1, **big)) == checked(**demand(dose_rate=1, **big)) == (codes.RATE_LIMIT, slowest)


def test_kvo_at_the_end_needs_a_rate_that_can_be_stepped():
    slowest = bottom_flow(programme(bore=60_000).nl_per_rev, STEPS)
    for kvo, expected in ((0, codes.BAD_VALUE), (slowest - 1, codes.BAD_VALUE), (slowest, codes.OK)):
        assert checked(bore=60_000, on_end=codes.END_KVO, kvo=kvo)[0] == expected
    assert checked(bore=60_000, kvo=slowest - 1) == (codes.BAD_VALUE, OFFER.index("kvo")), "nor one nobody asked for"


def test_one_flow_that_fills_a_window_is_refused_with_what_the_window_holds():
    # 166 667 nL/min: 1 666 670 nL in ten minutes, 10 000 020 in an hour, 40 000 080 in four of the five that it lasts
    large = {"vtbi": 50_000_000}
    for name, minutes, own in (("max_10min", 10, None), ("max_hour", 60, "limit_hour"), ("max_4h", 240, "limit_4h")):
        need = 166_667 * minutes
        assert checked(board(**{name: need}), **large) == GOOD
        assert checked(board(**{name: 5_000_000 if own else need})) == GOOD, "no more than all of its 5 mL"
        assert checked(board(**{name: need - 1}), **large) == (codes.WINDOW_LIMIT, need - 1)
        assert checked(without(name)) == (codes.WINDOW_LIMIT, 0)
        if own:
            assert checked(**{own: need}, **large) == GOOD
            assert checked(**{own: need - 1}, **large) == (codes.WINDOW_LIMIT, need - 1)
            assert checked(board(**{name: need}), **{own: S30}, **large) == GOOD
            assert checked(board(**{name: need - 1}), **{own: S30}, **large) == (codes.WINDOW_LIMIT, need - 1)
        assert checked(board(**{name: 100_000}), **demand(rate=0)) == GOOD
        assert checked(board(**{name: 99_999}), **demand(rate=0)) == (codes.WINDOW_LIMIT, 99_999)
        assert checked(board(**{name: 1}), mode=codes.PROFILE, legs=2) == GOOD, "legs are watched, not foretold"


def _legs(*legs, **changes):
    changes.setdefault("rate", 600_000)
    changes.setdefault("vtbi", 1_000_000)
    p = programme(mode=codes.PROFILE, legs=len(legs), **changes)
    for leg in legs:
        p.add(leg)
    return checks.legs(p, STEPS)


def test_no_leg_is_faster_than_the_rate_nor_slower_than_kvo():
    half = (600_000, 600_000, 500_000, 0)
    assert _legs(half, half) == GOOD
    assert _legs(half, (600_001, 600_001, 500_000, 0)) == (codes.RATE_LIMIT, 600_000)
    assert _legs(half, (0, 600_001, 0, 100), vtbi=1_500_001) == (codes.RATE_LIMIT, 600_000)
    assert _legs(half, (600_001, 0, 0, 100), vtbi=1_500_001) == (codes.RATE_LIMIT, 600_000)
    assert _legs(half, (10_000, 10_000, 500_000, 0), kvo=10_000) == GOOD
    assert _legs(half, (10_000, 10_000, 500_000, 0), kvo=10_001) == (codes.LEG, 1)
    assert _legs(half, (0, 0, 0, 60), half, kvo=10_000) == GOOD, "a pause is no rate"
    assert _legs(half, (0, 0, 0, 60), loop=0) == GOOD
    assert _legs(half, (0, 0, 0, 60), loop=NO_LOOP) == (codes.LEG, 2)
    assert _legs((600_000, 600_000, 0, 0), half) == (codes.LEG, 1)
    assert _legs((0, 0, 0, 60), loop=0) == (codes.LEG, 1), "it would never deliver anything"
    assert checks.legs(programme(**demand(rate=0)), STEPS) == GOOD, "doses do"


def test_a_changed_rate_is_held_to_every_limit():
    p = programme(limit_rate=1_000_000, kvo=1000)
    change = checks.change_of_rate
    assert change(p, 1_000_000, LIMITS, STEPS) == GOOD
    assert change(p, 1_000_001, LIMITS, STEPS) == (codes.RATE_LIMIT, 1_000_000)
    assert change(p, 1_000_000, board(max_rate=999_999), STEPS) == (codes.RATE_LIMIT, 999_999)
    assert change(p, 1, without("max_rate"), STEPS) == (codes.RATE_LIMIT, 0)
    assert change(p, 1000, LIMITS, STEPS) == GOOD
    assert change(p, 999, LIMITS, STEPS) == (codes.RATE_LIMIT, 1000)
    p = programme(bore=60_000)
    slowest = bottom_flow(p.nl_per_rev, STEPS)
    assert change(p, slowest, LIMITS, STEPS) == GOOD
    assert change(p, slowest - 1, LIMITS, STEPS) == (codes.RATE_LIMIT, slowest)
    p = programme(bore=1_000)
    assert change(p, top_flow(785, STEPS), LIMITS, STEPS) == GOOD
    assert change(p, top_flow(785, STEPS) + 1, LIMITS, STEPS) == (codes.RATE_LIMIT, top_flow(785, STEPS))


def test_an_extra_bolus_is_held_to_its_own_limit_to_what_is_left_and_to_the_rate():
    p = programme(limit_rate=1_000_000, bolus=100_000)
    bolus = checks.extra_bolus
    assert bolus(p, 1_000_000, 100_000, 100_000, LIMITS, STEPS) == GOOD
    assert bolus(p, 1_000_001, 100_000, 100_000, LIMITS, STEPS) == (codes.RATE_LIMIT, 1_000_000)
    assert bolus(p, 1_000_000, 100_001, 200_000, LIMITS, STEPS) == (codes.VOLUME_LIMIT, 100_000)
    assert bolus(p, 1_000_000, 100_000, 99_999, LIMITS, STEPS) == (codes.VOLUME_LIMIT, 99_999)
    assert bolus(p, 1_000_000, 175, 100_000, LIMITS, STEPS) == GOOD
    assert bolus(p, 1_000_000, 174, 100_000, LIMITS, STEPS) == (codes.BAD_VALUE, BY_NAME["Change"].index("volume"))
    exact = programme(bore=4037, bolus=100_000)
    assert bolus(exact, 600_000, 4, 100_000, LIMITS, STEPS) == GOOD
    big = programme(bore=60_000, bolus=100_000)
    slowest = bottom_flow(big.nl_per_rev, STEPS)
    assert bolus(big, slowest, 100_000, 100_000, LIMITS, STEPS) == GOOD
    assert bolus(big, slowest - 1, 100_000, 100_000, LIMITS, STEPS) == (codes.RATE_LIMIT, slowest)


def test_what_leaves_a_syringe_is_held_to_the_least_of_board_size_and_contents():
    assert checked(without("max_syringe")) == (codes.SYRINGE, 0)
    assert checked(without("max_syringe"), vtbi=1)[0] == codes.SYRINGE
    assert checked(board(max_syringe=5_000_000)) == GOOD
    assert checked(board(max_syringe=4_999_999)) == (codes.SYRINGE, 4_999_999)
    assert checked(contents=5_000_000) == GOOD
    assert checked(contents=4_999_999) == (codes.SYRINGE, 4_999_999)


def test_a_syringe_holds_no_more_than_its_size():
    assert checked(capacity=6_000_000, contents=6_000_000) == GOOD
    assert checked(capacity=6_000_000, contents=6_000_001) == (codes.BAD_VALUE, OFFER.index("contents"))


def test_the_pressure_level_is_one_of_those_that_there_are():
    for level in (50, 300, 900):
        assert checked(level=level) == GOOD
    for level in (49, 51, 299, 301, 899):
        assert checked(level=level) == (codes.BAD_VALUE, OFFER.index("level"))


def test_a_level_below_what_the_syringes_friction_hides_is_refused_with_the_least_that_is_seen():
    # four times the stick-slip on the plunger's area: 21 mmHg in 50 mL, 76 in 3 mL, 167 in 1 mL
    for bore, least in ((26_700, 50), (8_660, 100), (4_780, 200)):
        for level in (50, 100, 150, 200, 300):
            expected = GOOD if level >= least else (codes.LEVEL, least)
            assert checks.level(programme(bore=bore, level=level)) == expected


def test_a_watching_from_elsewhere_has_a_bound_of_a_second_at_least_and_without_one_there_is_none():
    assert checks.LEAST_BOUND_MS == 1_000
    for watch, bound in ((0, 0), (5, 1_000), (S30, 4_000)):
        assert checked(watch=watch, bound=bound) == GOOD
    for watch, bound in ((0, 1), (0, 4_000), (5, 0), (5, 999)):
        assert checked(watch=watch, bound=bound) == (codes.BAD_VALUE, OFFER.index("bound"))
