"""A body is lived through lazily: what it is does not depend on who looks when, and what it got is what was pumped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import pytest

from assuage_rig.plant.mechanics import IDEAL
from assuage_rig.plant.person import Person, drawn
from assuage_rig.plant.physiology import Body
from assuage_rig.plant.signs import Signs

from .driving import Driven
from .lying import Lying


def scene(seed: int, looks_s: float) -> list[Signs]:
    """Half an hour with all that can happen; looked at every so often, and at the same five moments."""
    lying = Lying(drawn(seed))
    body, clock = lying.body, lying.clock
    acts = {
        60: lambda: body.bolus("ketamine", 20_000, 60),
        300: lambda: body.bolus("fentanyl", 180, 30),
        420: lambda: body.breathe_gas(0.4),
        500: lambda: body.obstruct(0.6),
        560: lambda: body.stimulate(45),
        620: body.naloxone,
        700: lambda: body.obstruct(0),
        900: lambda: body.breathe_gas(),
    }
    found = []
    for at in sorted({*acts, 350, 450, 800, 1200, 1800}):
        while clock.now_us < at * 1_000_000:
            clock.now_us = min(at * 1_000_000, clock.now_us + round(looks_s * 1e6))
            body.at()
        if at in acts:
            acts[at]()
        else:
            found.append(body.at())
    return found


def test_the_same_seed_is_the_same_run_and_another_is_another() -> None:
    assert scene(1, 10) == scene(1, 10)
    assert scene(1, 10) != scene(2, 10)


@pytest.mark.parametrize("looks_s", [0.37, 1.0, 1800.0])
def test_who_looks_when_changes_nothing(looks_s: float) -> None:
    assert scene(3, looks_s) == scene(3, 7.0)


def test_jumping_over_idle_days_is_the_same_as_living_them() -> None:
    jumped, stepped = Lying(), Lying()
    for lying in (jumped, stepped):
        lying.body.bolus("remifentanil", 20, 30)
        lying.wait(3600)
    stepped.body._at_rest = lambda: False  # type: ignore[method-assign]
    one, other = jumped.wait(4 * 3600), stepped.wait(4 * 3600)
    for sign in ("spo2", "etco2", "resp_rate", "pulse_bpm", "paco2", "pao2"):
        assert getattr(one, sign) == pytest.approx(getattr(other, sign), abs=0.02)
    assert jumped.body.ledger("remifentanil") == pytest.approx(stepped.body.ledger("remifentanil"), rel=1e-9)


@pytest.mark.parametrize(
    "act", [Body.obstruct, Body.hold_breath, lambda body: body.breathe_gas(1.0), lambda body: body.stimulate(30)]
)
def test_what_is_done_to_one_at_rest_begins_with_the_next_second(act: Callable[[Body], None]) -> None:
    lying, resting = Lying(), Lying()
    for one in (lying, resting):
        one.wait(86_400)
    act(lying.body)
    assert lying.body.at() == resting.body.at()
    assert lying.wait(1) != resting.wait(1)


def test_idle_days_are_hardly_stepped() -> None:
    lying = Lying()
    steps = 0
    lived = lying.body._breathe_second

    def counted() -> bool:
        nonlocal steps
        steps += 1
        return lived()

    lying.body._breathe_second = counted  # type: ignore[method-assign]
    lying.wait(30 * 86_400)
    assert steps < 100
    lying.body.bolus("naloxone", 100, 10)
    lying.wait(3600)
    assert 10 < steps < 4000


def test_a_dose_after_a_jump_arrives_in_its_second() -> None:
    lying = Lying()
    lying.body.bolus("ketamine", 100, 1)
    lying.wait(1)
    early = lying.body.plasma("ketamine")
    late = Lying()
    late.wait(86_400)
    late.body.bolus("ketamine", 100, 1)
    late.wait(1)
    assert late.body.plasma("ketamine") == early > 0


def test_a_jump_ends_before_a_dose_that_is_to_come() -> None:
    lying = Lying()
    lying.body.receive("ketamine", 500, 1_000_000_000)
    lying.wait(2000)
    stepped = Lying()
    stepped.wait(999)
    stepped.body.bolus("ketamine", 500, 1)
    stepped.wait(1001)
    assert lying.body.plasma("ketamine") == stepped.body.plasma("ketamine") > 0


def test_signs_hold_for_a_second_and_the_future_is_not_known() -> None:
    lying = Lying()
    lying.body.hold_breath()
    signs = lying.wait(30.2)
    assert signs.time_us == 30_000_000
    assert lying.wait(0.7) is signs
    assert lying.body.at(10**12) is signs
    assert lying.body.at(5_000_000) is signs
    assert lying.wait(0.1).time_us == 31_000_000
    assert lying.body.next_us == 32_000_000


# -- from a syringe ---------------------------------------------------------------------------------------------------
def fed(mg_per_ml: float = 2.0) -> tuple[Driven, Body]:
    driven = Driven("BD 10", IDEAL)
    body = Body(driven.clock)
    body.feed(driven.infusion, "ketamine", mg_per_ml)
    return driven, body


def test_what_the_patient_gets_is_the_volume_that_came_times_the_strength() -> None:
    driven, body = fed(2.0)
    start = driven.infusion.patient_nl
    driven.run(6.0, 300.3)
    driven.wait(2)
    given, inside, gone = body.ledger("ketamine")
    assert given == pytest.approx((driven.infusion.patient_nl - start) * 2.0 / 1000, rel=2e-3)
    assert inside + gone == pytest.approx(given, rel=1e-9)
    assert given > 900


def test_a_body_that_is_seldom_looked_at_gets_the_same() -> None:
    seldom, often = fed(), fed()
    seldom[0].run(6.0, 300)
    often[0].run(6.0, 300, look=lambda: often[1].at())
    assert asdict(seldom[1].at()) == pytest.approx(asdict(often[1].at()), rel=1e-9)
    assert seldom[1].ledger("ketamine") == pytest.approx(often[1].ledger("ketamine"), rel=1e-9)


def test_what_comes_back_into_the_line_is_not_given_twice() -> None:
    driven, body = fed()
    driven.run(6.0, 60)
    most = driven.infusion.patient_nl
    driven.run(-6.0, 30)
    driven.run(6.0, 30)
    driven.wait(2)
    assert body.ledger("ketamine")[0] == pytest.approx(most * 2.0 / 1000, rel=0.03)


def test_the_wrong_strength_is_that_many_times_the_drug() -> None:
    right, wrong = fed(2.0), fed(10.0)
    for driven, _ in (right, wrong):
        driven.run(6.0, 60)
        driven.wait(1)
    assert wrong[1].ledger("ketamine")[0] == pytest.approx(5 * right[1].ledger("ketamine")[0])


def test_a_syringe_may_be_changed_for_saline() -> None:
    driven = Driven("BD 10", IDEAL)
    body = Body(driven.clock)
    feed = body.feed(driven.infusion, "ketamine", 2.0)
    driven.run(6.0, 60)
    driven.wait(1)
    given = body.ledger("ketamine")[0]
    feed.mg_per_ml = 0.0
    driven.run(6.0, 60)
    driven.wait(1)
    assert body.ledger("ketamine")[0] == given


def test_a_body_made_late_counts_from_then() -> None:
    driven = Driven("BD 10", IDEAL)
    driven.run(6.0, 100.4)
    body = Body(driven.clock)
    body.feed(driven.infusion, "ketamine", 2.0)
    driven.run(6.0, 60)
    driven.wait(2)
    assert body.ledger("ketamine")[0] == pytest.approx(200, rel=0.02)


def test_a_syringe_that_comes_between_two_seconds_is_counted_whole() -> None:
    driven = Driven("BD 10", IDEAL)
    body = Body(driven.clock)
    driven.run(6.0, 10.4)
    start = driven.infusion.patient_nl
    body.feed(driven.infusion, "ketamine", 2.0)
    driven.run(6.0, 60, look=body.at)
    driven.wait(3)
    assert body.ledger("ketamine")[0] == pytest.approx((driven.infusion.patient_nl - start) * 2 / 1000, rel=1e-3)


def test_a_dose_that_is_told_too_late_is_not_lost() -> None:
    lying = Lying()
    lying.wait(100)
    lying.body.receive("ketamine", 500, 50_000_000)
    lying.wait(1)
    assert lying.body.ledger("ketamine")[0] == 500


# -- what cannot be ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "act",
    [
        lambda body: body.bolus("propofol", 10),
        lambda body: body.bolus("fentanyl", -1),
        lambda body: body.bolus("fentanyl", 1, 0),
        lambda body: body.obstruct(1.1),
        lambda body: body.breathe_gas(1.01),
        lambda body: body.breathe_gas(0.21, -1),
        lambda body: body.feed(None, "ketamine", -2),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(act: Callable[[Body], None]) -> None:
    lying, untouched = Lying(), Lying()
    with pytest.raises(ValueError):
        act(lying.body)
    assert lying.wait(30) == untouched.wait(30)


def test_a_person_is_the_one_given() -> None:
    assert Lying(Person(pulse_bpm=55)).body.at().pulse_bpm == 55
