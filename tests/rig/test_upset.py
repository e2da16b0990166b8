"""What has settings is set by plain assignment or refuses it, and a fault holds what it holds until it is mended."""

from __future__ import annotations

from dataclasses import fields

import pytest

from assuage_rig.clock import Clock
from assuage_rig.plant import airway, heart, patient, probe
from assuage_rig.plant.airway import Airway
from assuage_rig.plant.heart import Heart
from assuage_rig.plant.patient import Patient
from assuage_rig.plant.probe import Probe

Thing = Patient | Airway | Heart
THINGS = (Patient, Airway, Heart)


@pytest.mark.parametrize("thing", THINGS)
def test_every_setting_can_be_assigned_and_holds(thing: type[Thing]) -> None:
    made = thing()
    for field in fields(made.settings):
        before = getattr(made, field.name)
        new = not before if isinstance(before, bool) else before * 0.9 or 0.2
        setattr(made, field.name, new)
        assert getattr(made.settings, field.name) == getattr(made, field.name) == new != before


@pytest.mark.parametrize("thing", THINGS)
def test_an_assignment_out_of_range_is_refused_and_changes_nothing(thing: type[Thing]) -> None:
    made = thing()
    name = next(field.name for field in fields(made.settings))
    with pytest.raises(ValueError, match=f"{name} 1e\\+06 is outside"):
        setattr(made, name, 1e6)
    assert made.settings == thing().settings


@pytest.mark.parametrize("name", ["skin", "room", "lag_s", "warming", "on", "warmth"])
def test_a_temperature_probe_refuses_plain_assignment(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(Probe(), name, 38.0)


HOLDS = [
    (Patient, "off", "probe_on", True, False),
    (Patient, "movement", "motion", 2.0, 8.0),
    (Patient, "cold", "perfusion", 3.0, 0.02),
    (Airway, "disconnected", "line_on", True, False),
    (Airway, "leaking", "leak", 0.1, 0.5),
    (Heart, "mains", "hum", 0.2, 3.0),
    (Probe, "off", "on", True, False),
]


@pytest.mark.parametrize(("thing", "kind", "name", "wanted", "held"), HOLDS)
def test_a_fault_holds_a_setting_whatever_is_set_meanwhile_and_then_that_holds(
    thing: type[Thing | Probe], kind: str, name: str, wanted: float, held: float
) -> None:
    made = thing()
    made.faults.make(kind)
    assert getattr(made.settings, name) == held
    made.set(**{name: wanted})
    assert getattr(made.settings, name) == held
    made.faults.mend(kind)
    assert getattr(made.settings, name) == wanted


def test_two_faults_of_one_thing_end_one_after_the_other() -> None:
    finger = Patient()
    finger.faults.make("movement")
    finger.faults.make("off")
    finger.faults.mend("movement")
    assert (finger.motion, finger.probe_on) == (0.0, False)
    finger.faults.mend()
    assert finger.settings == Patient().settings


def test_every_kind_of_fault_changes_what_is_seen() -> None:
    for thing, kinds in ((Patient, patient.KINDS), (Airway, airway.KINDS), (Heart, heart.KINDS), (Probe, probe.KINDS)):
        for kind in kinds:
            made = thing()
            made.faults.make(kind)
            assert made.settings != thing().settings, kind


def test_a_probe_that_falls_off_while_the_skin_warms_goes_on_from_there() -> None:
    clock = Clock()
    warm = Probe(skin=36.0, warming=3.6)
    warm.attach(clock)
    clock.now_us = 1000_000_000
    warm.faults.make("off")
    clock.now_us += 300_000_000
    assert warm.celsius(clock.now_us) == pytest.approx(22.0, abs=0.1)
    warm.faults.mend("off")
    assert warm.skin(clock.now_us) == pytest.approx(37.3, abs=0.001)
