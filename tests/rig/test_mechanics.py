"""The plunger between screw and liquid, against physics worked out here from sizes in mm, forces in N and flows."""

from __future__ import annotations

from dataclasses import replace
from math import exp, pi, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assuage_rig.chips.stepdrive import StepDrive
from assuage_rig.clock import Clock
from assuage_rig.plant.line import Tubing
from assuage_rig.plant.mechanics import IDEAL, REALISTIC, Mechanism
from assuage_rig.plant.syringe import SYRINGES

from .driving import LOOSE, STRAIGHT, Driven, nl_s

AREA_BD_50 = pi / 4 * 26.70**2  # mm2
CALM = Tubing(vein=0.0)
"""A line into a vessel at the air's pressure, at the syringe's height."""

RATES = st.sampled_from((-900.0, -20.0, 0.3, 1.0, 7.5, 60.0, 1200.0))


# -- what a drive does to a syringe ---------------------------------------------------------------------------------
def test_a_50_ml_syringe_is_as_soft_as_measured_ones() -> None:
    """9 to 21 uL/kPa (Snijder 2015); the seal about 10, the barrel 1.2."""
    d = Driven("BD 50", STRAIGHT, CALM)
    d.line.make("occlusion")
    d.run(25, 60)
    force = d.infusion.force_n()
    d.run(25, 60)
    pressed_ul = 25_000 / 3600 * 60
    rise_kpa = (d.infusion.force_n() - force) / AREA_BD_50 * 1000
    assert 9 < pressed_ul / rise_kpa < 21
    assert pressed_ul / rise_kpa == pytest.approx(10 + 1.2 + 0.3, rel=0.01)  # 0.3: the line


def test_forty_newton_in_two_minutes_at_25_ml_h_into_an_occlusion() -> None:
    d = Driven("BD 50", STRAIGHT, CALM)
    d.run(25, 120)
    d.line.make("occlusion")
    before = d.infusion.force_n()
    d.run(25, 120)
    assert 35 < d.infusion.force_n() - before < 45


def test_at_1_ml_h_in_a_50_ml_syringe_the_first_drop_takes_some_13_minutes() -> None:
    d = Driven("BD 50", REALISTIC, CALM)
    minutes = d.run_until(1, lambda: d.infusion.patient_nl > 1000, 3600) / 60
    # 0.1 mm of play and 0.35 N per mm of bore on 1.174 N/mm per mm of bore
    breakaway_mm = 0.35 / 1.174
    assert minutes == pytest.approx((0.1 + breakaway_mm) * AREA_BD_50 / (1000 / 60), rel=0.02)
    assert 12 < minutes < 15


@pytest.mark.parametrize(("backlash_um", "play_um"), [(0.0, 0.0), (100.0, 0.0), (50.0, 200.0)])
def test_play_of_nut_and_pusher_delays_the_first_force_by_its_volume(backlash_um: float, play_um: float) -> None:
    d = Driven("BD 20", Mechanism(backlash_um=backlash_um, play_um=play_um, screw_error_um=0), CALM)
    seconds = d.run_until(5, lambda: d.infusion.force_n() > 0, 3600)
    expected = (backlash_um + play_um) / 1000 * pi / 4 * 19.13**2 * 1000 / nl_s(5)
    assert seconds == pytest.approx(expected, abs=2)


def test_until_it_breaks_away_the_force_is_the_seals_stiffness_times_travel_and_then_it_drops() -> None:
    d = Driven("BD 50", STRAIGHT, CALM)
    stiffness, breakaway, kinetic = 1.174 * 26.70, 0.35 * 26.70, 0.245 * 26.70
    for _ in range(3):
        d.run(5, 20)
        travel_mm = d.shaft.plunger_nl / 1000 / AREA_BD_50
        assert d.infusion.force_n() == pytest.approx(stiffness * travel_mm, rel=0.01)
        assert d.infusion.patient_nl == 0
    seen = 0.0
    while d.infusion.patient_nl < 1000:
        d.run(5, 1)
        seen = max(seen, d.infusion.force_n())
    assert seen == pytest.approx(breakaway, rel=0.02)
    d.run(5, 120)
    resistance_n = 0.11 * nl_s(5) * AREA_BD_50 * 1e-6
    assert d.infusion.force_n() == pytest.approx(kinetic + resistance_n, rel=0.005)


def test_in_steady_flow_the_patient_gets_what_the_screw_displaces() -> None:
    d = Driven("BD 20", STRAIGHT, CALM)
    d.run(10, 300)
    patient, shaft = d.infusion.patient_nl, d.shaft.plunger_nl
    d.run(10, 600)
    assert d.infusion.patient_nl - patient == pytest.approx(d.shaft.plunger_nl - shaft, rel=1e-4)


def test_an_ideal_drive_gives_what_is_commanded() -> None:
    d = Driven("BD 10", IDEAL, CALM)
    d.run(3, 600)
    d.wait(5)
    assert d.infusion.patient_nl == pytest.approx(d.shaft.plunger_nl, abs=1.0)


def test_a_crooked_screw_shows_once_a_turn_and_not_in_the_long_run() -> None:
    straight = Driven("BD 10", LOOSE, CALM)
    crooked = Driven("BD 10", replace(LOOSE, screw_error_um=5.0), CALM)
    area = pi / 4 * 14.50**2
    for quarter in range(1, 9):
        for d in (straight, crooked):
            d.run(60, d.step_nl * 800 / nl_s(60))  # a quarter of a turn
            d.wait(20)
        more = crooked.infusion.patient_nl - straight.infusion.patient_nl
        assert more == pytest.approx(5.0 * area * sin(pi / 2 * quarter), abs=2.0), quarter


def test_after_the_last_step_the_liquid_settles_with_the_lines_time_constant() -> None:
    """Without friction seal and barrel give together: (10 + 1.2 + 0.3) nL/Pa times 0.11 Pa s/nL."""
    d = Driven("BD 50", LOOSE, CALM)
    d.run(100, 30)
    d.wait(0.5)
    tau = (10.0 + 1.2 + 0.3) * 0.11
    first = d.infusion.pressure_pa()
    assert first > 100
    for seconds in (0.5, 1.0, 2.0):
        d.wait(0.5 if seconds == 0.5 else seconds / 2)
        assert d.infusion.pressure_pa() == pytest.approx(first * exp(-seconds / tau), rel=1e-3)


def test_a_plunger_that_stands_leaves_only_barrel_and_line_to_give() -> None:
    d = Driven("BD 50", STRAIGHT, CALM)
    d.run(1, 100)  # not yet broken away
    d.line.make("height", cm=20.0)
    tau = (1.2 + 0.3) * 0.11
    d.wait(0.2)
    assert d.infusion.pressure_pa() == pytest.approx(-20 * 98.06 * (1 - exp(-0.2 / tau)), rel=1e-3)
    assert d.infusion.plunger_nl == 0


# -- stick and slip -------------------------------------------------------------------------------------------------
def test_a_slow_plunger_slips_in_jumps_and_a_fast_one_does_not() -> None:
    def jumps(ml_h: float, mechanism: Mechanism) -> int:
        d = Driven("BD 50", mechanism, CALM)
        d.run(60, 40)
        d.wait(30)
        seen = []
        for _ in range(400):
            before = d.infusion.plunger_nl
            d.run(ml_h, 1000 / nl_s(ml_h))  # one uL
            seen.append(d.infusion.plunger_nl - before)
        return sum(1 for moved in seen if moved > 3000)

    sticky = replace(STRAIGHT, stick_n=0.2)
    assert jumps(0.1, sticky) > 20
    assert jumps(10, sticky) == 0
    assert jumps(0.1, STRAIGHT) <= 1  # breaking away


def test_a_jump_is_the_extra_friction_over_the_seals_stiffness() -> None:
    d = Driven("BD 50", replace(STRAIGHT, stick_n=0.5), CALM)
    d.run(60, 40)
    d.wait(30)
    jumps: list[float] = []
    moving = False
    for _ in range(200):
        before = d.infusion.patient_nl
        d.run(0.1, 1000 / nl_s(0.1))
        moved = d.infusion.patient_nl - before
        if moved > 10:
            jumps[-1:] = [jumps[-1] + moved] if moving else [*jumps[-1:], moved]
        moving = moved > 10
    expected = 0.5 / (1.174 * 26.70) * AREA_BD_50 * 1000
    assert len(jumps) > 15
    assert all(jump == pytest.approx(expected, rel=0.02) for jump in jumps[:-1])


def test_after_a_long_rest_the_plunger_has_to_be_broken_away_again() -> None:
    def most(rest_s: float) -> float:
        d = Driven("BD 50", replace(STRAIGHT, stick_n=0.2, rest_s=600), CALM)
        d.run(10, 120)
        d.wait(rest_s)
        seen = 0.0
        for _ in range(120):
            d.run(10, 1)
            seen = max(seen, d.infusion.force_n())
        return seen

    assert most(60) == pytest.approx(0.245 * 26.70 + 0.2, abs=0.15)
    assert most(900) == pytest.approx(0.35 * 26.70, abs=0.15)


def test_a_hard_plunger_takes_its_factor_of_force() -> None:
    d = Driven("BD 50", STRAIGHT, CALM)
    d.infusion.faults.make("friction", factor=3.0)
    seconds = d.run_until(20, lambda: d.infusion.patient_nl > 1000, 3600)
    assert seconds == pytest.approx(3 * 0.35 / 1.174 * AREA_BD_50 * 1000 / nl_s(20), rel=0.03)


def test_a_motor_that_cannot_push_any_more_loses_its_steps_and_turns_on_when_it_can() -> None:
    d = Driven("BD 50", replace(REALISTIC, stall_n=60.0), CALM)
    d.run(100, 60)
    assert d.shaft.steps == d.drive.consumed
    d.line.make("occlusion")
    d.run(100, 120)
    assert d.infusion.force_n() == pytest.approx(60, abs=1.0)
    assert d.shaft.steps < d.drive.consumed - 5000
    stands = d.shaft.steps
    d.run(100, 10)
    assert d.shaft.steps == stands
    d.line.mend()
    lost = d.drive.consumed - d.shaft.steps
    d.run(100, 10)
    assert d.drive.consumed - d.shaft.steps < lost + 200
    assert d.shaft.steps > stands + 1000


def test_a_syringe_that_was_just_fitted_stalls_the_motor_by_its_own_load() -> None:
    d = Driven("BD 10", replace(REALISTIC, stall_n=60.0), CALM)  # the softer seal: the motor can turn further
    d.run(100, 1)
    d.shaft.fit(SYRINGES["BD 50"])
    d.line.make("occlusion")
    d.run(100, 120)
    assert d.infusion.force_n() == pytest.approx(60, abs=1.0)


def test_in_ordinary_flow_the_load_never_costs_a_step() -> None:
    for syringe in ("BD 1", "BD 10", "BD 50", "Terumo 50"):
        d = Driven(syringe, REALISTIC)
        d.run(600, 5)
        assert d.shaft.steps == d.drive.consumed


# -- there and back -------------------------------------------------------------------------------------------------
def test_going_back_first_unwinds_the_seal_then_crosses_the_play_and_then_pulls() -> None:
    mechanism = Mechanism(backlash_um=200.0, screw_error_um=0.0, stick_n=0.0)
    d = Driven("BD 50", mechanism, CALM)
    d.run(30, 120)
    d.wait(30)
    wound_nl = d.infusion.force_n() / (1.174 * 26.70) * AREA_BD_50 * 1000
    swept = d.infusion.plunger_nl
    d.run(-30, wound_nl / nl_s(30))
    d.wait(1)
    assert d.infusion.force_n() == pytest.approx(0, abs=0.02)
    d.run(-30, 0.2 * AREA_BD_50 * 1000 / nl_s(30) * 0.98)
    assert d.infusion.force_n() == pytest.approx(0, abs=0.02)
    assert d.infusion.plunger_nl == pytest.approx(swept, abs=1)
    d.run(-30, 10)
    assert d.infusion.force_n() < -1
    d.run(-30, 120)
    resistance_n = 0.11 * nl_s(30) * AREA_BD_50 * 1e-6
    assert d.infusion.force_n() == pytest.approx(-0.245 * 26.70 - resistance_n, rel=0.005)
    assert d.infusion.plunger_nl < swept - 100_000
    assert d.infusion.patient_nl < swept - 100_000  # and blood comes into the line


def test_a_plunger_that_is_not_held_is_not_pulled() -> None:
    d = Driven("BD 50", Mechanism(screw_error_um=0.0), CALM)
    d.run(30, 120)
    d.wait(30)
    d.infusion.faults.make("plunger")
    swept = d.infusion.plunger_nl
    d.run(-30, 300)
    assert d.infusion.force_n() == 0
    assert d.infusion.plunger_nl == pytest.approx(swept, abs=1)
    assert d.infusion.switches == (False, True, True)


def test_another_syringe_begins_at_rest_and_full() -> None:
    d = Driven("BD 50")
    d.run(60, 60)
    got = d.infusion.patient_nl
    d.shaft.fit(SYRINGES["Terumo 20"])
    assert (d.infusion.force_n(), d.infusion.plunger_nl, d.infusion.patient_nl) == (0, 0, got)
    d.run(60, 120)
    assert d.infusion.patient_nl > got + 1_000_000
    assert d.shaft.plunger_nl == pytest.approx(nl_s(60) * 120, rel=1e-3)


# -- it adds up, and looking changes nothing -----------------------------------------------------------------------
ACTS = st.one_of(
    st.tuples(st.just("run"), RATES, st.floats(0.5, 60)),
    st.tuples(st.just("wait"), st.floats(0.001, 2000)),
    st.tuples(st.just("occlusion"), st.sampled_from((0, 1)), st.sampled_from((0.1, 3.0, 1e9))),
    st.tuples(st.just("height"), st.floats(-100, 150)),
    st.tuples(st.just("leak"), st.sampled_from((0.01, 1.0))),
    st.tuples(st.just("disconnection")),
    st.tuples(st.just("plunger")),
    st.tuples(st.just("friction"), st.sampled_from((0.0, 0.2, 3.0))),
    st.tuples(st.just("mend")),
)
MECHANISMS = st.sampled_from((REALISTIC, STRAIGHT, LOOSE, IDEAL, Mechanism(play_um=300, screw_error_um=20, stick_n=1)))


def act(d: Driven, what: tuple, look=None) -> None:  # type: ignore[no-untyped-def, type-arg]
    """Does one of ACTS."""
    match what:
        case ("run", rate, seconds):
            d.run(rate, seconds if abs(rate) < 500 else seconds / 20, look)
        case ("wait", seconds):
            d.wait(seconds)
        case ("occlusion", where, resistance):
            d.line.make("occlusion", where=where, kpa_h_per_ml=resistance)
        case ("height", cm):
            d.line.make("height", cm=cm)
        case ("leak", resistance):
            d.line.make("leak", kpa_h_per_ml=resistance)
        case ("disconnection",):
            d.line.make("disconnection")
        case ("plunger",):
            d.infusion.faults.make("plunger")
        case ("friction", factor):
            d.infusion.faults.make("friction", factor=factor)
        case _:
            d.line.mend()
            d.infusion.faults.mend()


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(("BD 50", "Terumo 20", "BD 1")), MECHANISMS, st.lists(ACTS, max_size=25))
def test_no_volume_is_made_or_lost(syringe: str, mechanism: Mechanism, acts: list) -> None:  # type: ignore[type-arg]
    d = Driven(syringe, mechanism)
    area = SYRINGES[syringe].bore_um ** 2 * pi / 4e6
    bore_mm = SYRINGES[syringe].bore_um / 1000
    seal = mechanism.soft * area**2 / (1.174 * bore_mm) / 1000
    infusion = d.infusion
    before = infusion.stored_nl
    for what in acts:
        act(d, what)
        assert infusion.plunger_nl == pytest.approx(
            infusion.patient_nl + infusion.spilled_nl + infusion.stored_nl - before, abs=1.0
        )
        wound = infusion.force_n() / area * 1e6 * seal
        gap = infusion.pusher_nl - infusion.plunger_nl
        slack = (mechanism.backlash_um + mechanism.play_um) * area
        if infusion.force_n() > 0:
            assert gap == pytest.approx(wound, abs=1.0)
        elif infusion.force_n() < 0:
            assert gap == pytest.approx(wound - slack, abs=1.0)
        else:
            assert gap <= 0
        screw = d.shaft.plunger_nl - slack - infusion.pusher_nl
        swing = 2 * mechanism.screw_error_um * area
        assert abs(screw) <= swing + d.step_nl + 1.0


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(("BD 50", "BD 10")),
    MECHANISMS,
    st.lists(ACTS, max_size=15),
    st.integers(1, 7),
    st.integers(0, 400_000),
)
def test_it_is_the_same_however_often_and_whenever_one_looks(  # type: ignore[no-untyped-def]
    syringe: str, mechanism: Mechanism, acts: list, every: int, late_us: int
) -> None:
    unseen, watched = Driven(syringe, mechanism), Driven(syringe, mechanism)
    turn = 0

    def look() -> None:
        nonlocal turn
        turn += 1
        if turn % every == 0:
            watched.infusion.force_mn(max(0, watched.clock.now_us - late_us))
        if turn % (every + 2) == 0:
            assert watched.infusion.patient_nl < 1e9

    for what in acts:
        act(unseen, what)
        act(watched, what, look)
        look()
    assert unseen.clock.now_us == watched.clock.now_us
    a, b = unseen.infusion, watched.infusion
    assert a.patient_nl == pytest.approx(b.patient_nl, abs=1.0)
    assert a.spilled_nl == pytest.approx(b.spilled_nl, abs=1.0)
    assert a.plunger_nl == pytest.approx(b.plunger_nl, abs=1.0)
    assert a.force_n() == pytest.approx(b.force_n(), abs=1e-3)


@settings(max_examples=30, deadline=None)
@given(st.lists(ACTS, min_size=1, max_size=10), st.floats(0, 0.3))
def test_the_force_of_a_moment_ago_is_the_force_of_then(acts: list, ago_s: float) -> None:  # type: ignore[type-arg]
    prompt, late = Driven("BD 20"), Driven("BD 20")
    for what in acts:
        act(prompt, what)
        act(late, what)
    prompt.run(20, 3)
    late.run(20, 3)
    then = prompt.clock.now_us
    force = prompt.infusion.force_n()
    late.wait(ago_s)
    assert late.infusion.patient_nl > -1e9  # it has lived until now
    assert late.infusion.force_n(then) == pytest.approx(force, abs=1e-6)


def test_a_plunger_breaks_away_between_two_looks_even_if_it_would_hold_at_both() -> None:
    """Raised a little while its pusher is drawn back: the pull on the plunger rises fast, then falls slowly."""
    moved = {}
    for step_s in (0.02, 4.9):
        d = Driven("BD 50", STRAIGHT, CALM)
        d.run(30, 120)
        d.wait(60)
        before = d.infusion.plunger_nl
        d.drive.set_forward(False)
        d.drive.push(1, 5_000_000)  # one step, which the pusher makes in the five seconds after it
        d.wait(5)
        d.line.make("height", cm=0.15)
        for _ in range(round(4.9 / step_s)):
            d.wait(step_s)
            assert d.infusion.force_n() > 0
        moved[step_s] = d.infusion.plunger_nl - before
    assert moved[0.02] > 5
    assert moved[0.02] == pytest.approx(moved[4.9], abs=1.0)


def test_a_long_time_that_nobody_looked_at_is_not_lost() -> None:
    """Words of other periods cannot be remembered as one, and more of them come than are kept."""
    d = Driven("BD 10", IDEAL, CALM)
    for i in range(2000):
        d.drive.push(10, 1000 + i % 7)
        d.clock.now_us += 10 * (1000 + i % 7)
    d.wait(1)
    assert d.drive.turned == 20_000
    assert d.infusion.patient_nl == pytest.approx(20_000 * d.step_nl, abs=1.0)


@pytest.mark.parametrize(
    ("syringe", "mechanism", "acts"),
    [
        (
            "BD 1",
            Mechanism(play_um=300, screw_error_um=20, stick_n=1),
            [("leak", 1.0), ("friction", 3.0), ("run", -900.0, 0.99999), ("wait", 45.21018616110561), ("mend",),
             ("run", 1200.0, 14.000794590487489), ("wait", 27.741467744219168)],
        ),
        (
            "BD 50",
            LOOSE,
            [("occlusion", 1, 1e9), ("wait", 1732.8700639494625), ("mend",), ("height", 9.964585136051042),
             ("leak", 0.01), ("disconnection",), ("friction", 0.2), ("wait", 243.0571054666506), ("height", -69.6),
             ("plunger",), ("occlusion", 1, 3.0), ("wait", 60.0)],
        ),
    ],
)  # fmt: skip
def test_rounding_at_the_point_of_contact_keeps_nobody_busy(syringe: str, mechanism: Mechanism, acts: list) -> None:  # type: ignore[type-arg]
    """Drawn histories that once changed between touching and not touching without end."""
    d = Driven(syringe, mechanism)
    before = d.infusion.stored_nl
    for what in acts:
        act(d, what)
        stored = d.infusion.stored_nl - before
        assert d.infusion.plunger_nl == pytest.approx(d.infusion.patient_nl + d.infusion.spilled_nl + stored, abs=1.0)


def test_the_same_run_gives_the_same_bits() -> None:
    seen = set()
    for _ in range(2):
        d = Driven("BD 50")
        d.run(7, 100)
        d.line.make("occlusion")
        d.run(20, 30)
        d.run(-100, 2)
        d.line.mend()
        d.wait(1)
        seen.add((d.infusion.patient_nl, d.infusion.force_n(), d.infusion.pressure_pa()))
    assert len(seen) == 1


# -- what the step drive tells --------------------------------------------------------------------------------------
def test_the_drive_tells_each_step_of_the_energised_motor_once_and_when() -> None:
    clock = Clock()
    drive = StepDrive(clock)
    steps: list[tuple[int, int]] = []
    drive.moved = lambda signed, first, period: steps.extend(
        (first + i * period, 1 if signed > 0 else -1) for i in range(abs(signed))
    )
    drive.push(2, 10)  # without current
    clock.now_us = 20
    drive.enable(True)
    drive.push(3, 100)
    drive.push(2, 50)
    clock.now_us = 240
    assert [t for t, _ in steps] == []
    assert drive.consumed == 4
    clock.now_us = 390
    drive.set_forward(False)
    drive.push(2, 7)
    clock.now_us = 1000
    assert drive.turned == 4 - 3
    assert steps == [(120, 1), (220, 1), (320, 1), (370, 1), (420, -1), (427, -1), (434, -1)]


def test_the_drive_adds_up_how_long_it_had_current() -> None:
    clock = Clock()
    drive = StepDrive(clock)
    clock.now_us = 100
    drive.enable(True)
    clock.now_us = 150
    drive.enable(True)
    assert drive.energised_us == 50
    clock.now_us = 300
    drive.reset()
    clock.now_us = 1000
    assert drive.energised_us == 200


def test_a_reversed_phase_turns_the_shaft_the_other_way() -> None:
    d = Driven("BD 10", IDEAL, CALM)
    d.shaft.faults.make("reversed")
    d.run(10, 60)
    d.wait(2)
    assert d.drive.consumed > 0
    assert d.shaft.steps == -d.drive.consumed
    assert d.infusion.patient_nl == pytest.approx(d.shaft.plunger_nl, abs=1.0)


def test_a_slip_reaches_the_patient_in_full() -> None:
    d = Driven("BD 10", IDEAL, CALM)
    d.shaft.faults.make("slip", percent=12.5)
    d.run(10, 600)
    d.wait(2)
    assert d.infusion.patient_nl == pytest.approx(0.875 * d.drive.consumed * d.step_nl, abs=d.step_nl)
