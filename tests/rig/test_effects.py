"""Sizes of drug effects against those published; each test names its source."""

from __future__ import annotations

from itertools import pairwise

import pytest

from assuage_rig.plant import effects
from assuage_rig.plant.person import Person

MAN = Person()
FULL = 0.97


def test_anaesthetic_ketamine_raises_mean_pressure_by_a_quarter() -> None:
    """Langsjo 2005 (Anesthesiology 103:258): 1959 ng/mL of S-ketamine, twice as strong as the racemate, raised the mean
    pressure by at most 27.0 % and the pulse by at most 43.5 %."""
    pulse, systolic, diastolic = effects.circulation(MAN, 2 * 1959.0, 0.0, FULL)
    rest = (MAN.systolic + 2 * MAN.diastolic) / 3
    assert (systolic + 2 * diastolic) / 3 / rest == pytest.approx(1.27, abs=0.02)
    assert 1.15 < pulse / MAN.pulse_bpm < 1.435


def test_breathing_is_halved_at_the_concentration_that_was_measured() -> None:
    """Bouillon 2003 (Anesthesiology 99:779): C50 0.92 ng/mL, Hill coefficient 1.25; by rebreathing, 1.17 (0.85-1.49)
    ng/mL (Anesthesiology 90:1556)."""
    load = effects.opioid_load(MAN, {"remifentanil": 0.92})
    assert effects.breathing_left(load) == pytest.approx(0.5)
    assert 0.37 < effects.breathing_left(effects.opioid_load(MAN, {"remifentanil": 1.17})) < 0.5


def test_one_nanogram_of_remifentanil_depresses_as_at_fixed_carbon_dioxide() -> None:
    """Nieuwenhuijs 2003 (Anesthesiology 98:312): ventilation at 55 mmHg less by 57.7 +- 3.5 % at 1 ng/mL, pressure by
    3.7 +- 1.1 %."""
    load = effects.opioid_load(MAN, {"remifentanil": 1.0})
    assert 1 - effects.breathing_left(load) == pytest.approx(0.577, abs=0.06)
    systolic, diastolic = effects.circulation(MAN, 0.0, load, FULL)[1:]
    assert 1 - (systolic + 2 * diastolic) / (MAN.systolic + 2 * MAN.diastolic) == pytest.approx(0.037, abs=0.011)


def test_ketamine_doubles_what_it_takes_as_far_as_it_was_shown_to() -> None:
    """Jonkman 2018 (Br J Anaesth 120:1117): 127 ng/mL of S-ketamine double the C50 of the part that goes by sensitivity
    to carbon dioxide, 39 %."""
    alone = effects.opioid_load(MAN, {"remifentanil": 2.0})
    both = effects.opioid_load(MAN, {"remifentanil": 2.0, "ketamine": 254.0})
    assert alone / both == pytest.approx(1.39)


def test_dissociation_grows_in_a_straight_line() -> None:
    """Bowdle 1998 (Anesthesiology 88:82): linear over 50, 100, 150 and 200 ng/mL."""
    at = [effects.dissociation(MAN, c) for c in (50.0, 100.0, 150.0, 200.0)]
    assert all(b - a == pytest.approx(at[1] - at[0]) for a, b in pairwise(at))
    assert effects.dissociation(MAN, 2000.0) == 1.0


def test_awakening_comes_where_it_was_measured() -> None:
    """Idvall 1979 (Br J Anaesth 51:1167): patients awoke at 642 +- 214 ng/mL: between lightly and deeply sedated."""
    assert 0.5 < effects.sedation(MAN, 642.0, 0.0) < 0.8
    assert effects.sedation(MAN, 100.0, 0.0) < 0.25


@pytest.mark.parametrize(
    "effect",
    [
        lambda c: effects.circulation(MAN, c, 0.0, FULL)[0],
        lambda c: effects.circulation(MAN, c, 0.0, FULL)[1],
        lambda c: effects.sedation(MAN, c, 0.0),
        lambda c: -effects.slowed(MAN, c),
        lambda c: -effects.breathing_left(effects.opioid_load(MAN, {"fentanyl": c / 100})),
        lambda c: effects.sedation(MAN, 0.0, c / 100),
        lambda c: effects.opioid_load(MAN, {"fentanyl": 3.0, "remifentanil": c}),
        lambda c: -effects.opioid_load(MAN, {"fentanyl": 3.0, "naloxone": c}),
    ],
)
def test_more_does_more(effect: object) -> None:
    at = [effect(float(c)) for c in range(0, 3000, 100)]  # type: ignore[operator]
    assert all(a < b for a, b in pairwise(at))


def test_the_sensitive_and_the_tolerant_differ_as_they_are_told_to() -> None:
    drug = {"fentanyl": 2.0}
    usual = effects.opioid_load(MAN, drug)
    assert effects.opioid_load(Person(opioid=2.0), drug) == pytest.approx(2 * usual)
    assert effects.opioid_load(Person(tolerance=4.0), drug) == pytest.approx(usual / 4)
    assert effects.circulation(Person(ketamine=2.0), 100.0, 0.0, FULL) == effects.circulation(MAN, 200.0, 0.0, FULL)


def test_nothing_given_changes_nothing() -> None:
    assert effects.circulation(MAN, 0.0, 0.0, FULL) == (MAN.pulse_bpm, MAN.systolic, MAN.diastolic)
    assert effects.sedation(MAN, 0.0, 0.0) == effects.dissociation(MAN, 0.0) == 0.0
    assert effects.breathing_left(0.0) == effects.slowed(MAN, 0.0) == 1.0
    assert effects.chemical_drive(40.0, 40.0, FULL) == 1.0


def test_a_heart_without_oxygen_slows_to_a_standstill() -> None:
    pulses = [effects.circulation(MAN, 0.0, 0.0, s / 100)[0] for s in range(0, 100, 5)]
    assert pulses == sorted(pulses)
    assert pulses[0] == 0.0 and pulses[-1] == MAN.pulse_bpm
