"""Drug models: published concentrations to 0.1 ng/mL, independent integration, and nothing made or lost."""

from __future__ import annotations

from math import exp

import pytest

from assuage_rig.plant.drug import MODELS, USUAL, Kinetics, Rates, exponential, kinetics
from assuage_rig.plant.person import Person

MAN = Person()  # 70 kg


def given(model: str, seconds: float, step_s: float, dose_ug: float, over_s: float) -> Kinetics:
    k = Kinetics(MODELS[model].rates(MAN), step_s)
    steps = round(over_s / step_s)
    for _ in range(steps):
        k.step(dose_ug / steps)
    k.skip(round((seconds - over_s) / step_s))
    return k


@pytest.mark.parametrize(
    ("model", "bolus_5", "infusion_40", "infusion_60"),
    [
        ("domino", 166.5, 240.4, 70.6),
        ("kamp", 312.7, 253.1, 78.4),
        ("clements", 148.2, 177.3, 60.0),
        ("hijazi", 225.1, 225.3, 68.4),
    ],
)
def test_plasma_is_what_the_published_parameters_come_to(
    model: str, bolus_5: float, infusion_40: float, infusion_60: float
) -> None:
    """70 kg, ng/mL: 21 mg at once, after 5 min; 0.5 mg/kg over 40 min, at its end; 14 mg/h, after an hour. Reckoned
    from the parameters elsewhere, by another implementation of the matrix exponential."""
    assert given(model, 300, 0.01, 21_000, 0.01).plasma == pytest.approx(bolus_5, abs=0.1)
    assert given(model, 2400, 1, 35_000, 2400).plasma == pytest.approx(infusion_40, abs=0.1)
    assert given(model, 3600, 1, 14_000, 3600).plasma == pytest.approx(infusion_60, abs=0.1)


def runge_kutta(r: Rates, ug_min: float, minutes: float, stop_min: float) -> tuple[float, float]:
    """Plasma and effect site by the textbook's fourth-order method in steps of 0.3 s: an independent way."""

    def slope(s: list[float], flow: float) -> list[float]:
        a, b, c, e = s
        return [
            flow - (r.k10 + r.k12 + r.k13) * a + r.k21 * b + r.k31 * c,
            r.k12 * a - r.k21 * b,
            r.k13 * a - r.k31 * c,
            r.ke0 * (a / r.v1 - e),
        ]

    state, h = [0.0] * 4, 0.005
    for i in range(round(minutes / h)):
        flow = ug_min if i * h < stop_min - h / 2 else 0.0
        k1 = slope(state, flow)
        k2 = slope([s + h / 2 * k for s, k in zip(state, k1, strict=True)], flow)
        k3 = slope([s + h / 2 * k for s, k in zip(state, k2, strict=True)], flow)
        k4 = slope([s + h * k for s, k in zip(state, k3, strict=True)], flow)
        state = [s + h / 6 * (a + 2 * b + 2 * c + d) for s, a, b, c, d in zip(state, k1, k2, k3, k4, strict=True)]
    return state[0] / r.v1, state[3]


@pytest.mark.parametrize("model", MODELS)
def test_every_model_steps_as_an_independent_integration_does(model: str) -> None:
    k = given(model, 1200, 1, 5_000, 300)
    plasma, effect = runge_kutta(MODELS[model].rates(MAN), 1_000, 20, 5)
    assert k.plasma == pytest.approx(plasma, rel=1e-6)
    assert k.effect == pytest.approx(effect, rel=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_what_was_given_is_inside_or_gone(model: str) -> None:
    k = given(model, 86_400, 1, 123_456, 600)
    assert k.inside_ug + k.gone_ug == pytest.approx(123_456, rel=1e-9)
    assert 0 < k.inside_ug < 123_456


@pytest.mark.parametrize("steps", [1, 2, 7, 600, 86_399])
def test_a_jump_is_the_same_as_its_steps(steps: int) -> None:
    stepped, jumped = given("kamp", 60, 1, 1_000, 60), given("kamp", 60, 1, 1_000, 60)
    for _ in range(steps):
        stepped.step()
    jumped.skip(steps)
    assert jumped.plasma == pytest.approx(stepped.plasma, rel=1e-9)
    assert jumped.effect == pytest.approx(stepped.effect, rel=1e-9)


def test_the_length_of_a_step_does_not_matter() -> None:
    fine, coarse = given("domino", 3600, 0.25, 10_000, 600), given("domino", 3600, 30, 10_000, 600)
    assert coarse.plasma == pytest.approx(fine.plasma, rel=1e-9)
    assert coarse.effect == pytest.approx(fine.effect, rel=1e-9)


def test_the_exponential_of_a_matrix_is_right_where_it_is_known() -> None:
    assert exponential([[-40.0]])[0][0] == pytest.approx(exp(-40), rel=1e-9)
    turned = exponential([[0.0, -3.141592653589793], [3.141592653589793, 0.0]])
    for row, right in zip(turned, [[-1, 0], [0, -1]], strict=True):
        assert row == pytest.approx(right, abs=1e-12)


def test_fentanyl_and_remifentanil_act_most_when_they_are_known_to() -> None:
    """After a bolus: fentanyl 3.7 min (Shafer and Varvel), remifentanil 1.6 min (both as stanpumpR has them). Their ke0
    is another source's here, so to a third."""
    for drug, minutes in (("fentanyl", 3.7), ("remifentanil", 1.6)):
        k = kinetics(MAN, drug)
        k.step(100)
        levels = []
        for _ in range(600):
            k.step()
            levels.append(k.effect)
        assert levels.index(max(levels)) / 60 == pytest.approx(minutes, rel=0.33)


def test_effect_follows_plasma_and_meets_it_at_its_peak() -> None:
    k = kinetics(MAN, "ketamine")
    k.step(20_000)
    before, crossed = 0.0, False
    for _ in range(1800):
        k.step()
        if k.effect < before and not crossed:
            crossed = True
            assert k.effect == pytest.approx(k.plasma, rel=0.02)
        before = k.effect
    assert crossed


def test_remifentanil_of_a_man_of_forty_is_what_minto_has() -> None:
    """Lean mass 55 kg, 40 years: V 5.1, 9.82, 5.42 L; Cl 2.6, 2.05, 0.076 L/min (Minto 1997, table 3)."""
    lean = Person(weight_kg=70, height_cm=170.1)
    r = MODELS["minto"].rates(lean)
    assert lean.lean_kg == pytest.approx(55.3, abs=0.1)
    assert r.v1 == pytest.approx(5.1, abs=0.03)
    assert r.k10 * r.v1 == pytest.approx(2.6, abs=0.01)
    assert r.k12 / r.k21 * r.v1 == pytest.approx(9.82, abs=0.05)
    assert r.k13 / r.k31 * r.v1 == pytest.approx(5.42)


def test_who_clears_slowly_keeps_more() -> None:
    slow, quick = kinetics(Person(clearance=0.5), "ketamine"), kinetics(MAN, "ketamine")
    for k in (slow, quick):
        k.step(10_000)
        k.skip(3600)
    assert slow.plasma > 1.3 * quick.plasma


@pytest.mark.parametrize(("drug", "model"), [("propofol", None), ("ketamine", "minto"), ("ketamine", "dahan")])
def test_a_drug_or_model_that_there_is_not_is_refused_with_those_there_are(drug: str, model: str | None) -> None:
    with pytest.raises(ValueError, match=r"there are .*(ketamine|domino)"):
        kinetics(MAN, drug, model)


def test_every_model_names_its_source_and_every_drug_has_a_usual_one() -> None:
    assert all(any(letter.isdigit() for letter in m.source) for m in MODELS.values())
    assert all(MODELS[model].drug == drug for drug, model in USUAL.items())
    assert {m.drug for m in MODELS.values()} == set(USUAL)
