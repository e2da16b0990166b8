"""What the body has, the sensors' plants are set to: at the second, only when it changes, whoever looks."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from assuage_rig.clock import Clock
from assuage_rig.plant.airway import Airway
from assuage_rig.plant.bedside import AIRWAY, FINGER, HEART, SHOWN, SKIN, Bedside, setter
from assuage_rig.plant.patient import Patient
from assuage_rig.plant.person import Person
from assuage_rig.plant.physiology import Body

from .conftest import ToldBench
from .events import Rig


class Seen:
    """Remembers what was set when."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.told: list[tuple[float, dict[str, float]]] = []

    def __call__(self, **settings: float) -> None:
        self.told.append((self._clock.now_us / 1e6, settings))

    def last(self, name: str) -> float:
        return [settings[name] for _, settings in self.told if name in settings][-1]


def test_all_settings_are_set_at_once_and_then_only_what_changes() -> None:
    rig = Rig()
    bedside, seen = Bedside(Body(rig.clock), rig.at), Seen(rig.clock)
    bedside.follow(seen, FINGER)
    assert [set(settings) for _, settings in seen.told] == [set(FINGER)]
    rig.run(3600)
    assert len(seen.told) == 1
    bedside.body.hold_breath()
    rig.run(10)
    assert seen.told[1] == (3601.0, {"resp_rate": 0.0})
    rig.run(50)
    assert seen.last("spo2") < 90
    assert all({"resp_rate", "spo2"} >= set(settings) for _, settings in seen.told[1:])


def test_they_change_at_the_bodys_own_seconds() -> None:
    rig = Rig()
    rig.run(0.25)
    bedside, seen = Bedside(Body(rig.clock), rig.at), Seen(rig.clock)
    bedside.follow(seen, AIRWAY)
    rig.run(0.4)
    bedside.body.hold_breath()
    rig.run(20.2)
    assert seen.told[1][0] == 1.25
    assert all(at % 1 == 0.25 for at, _ in seen.told)


def test_what_is_set_is_within_a_twentieth_of_what_is() -> None:
    rig = Rig()
    bedside = Bedside(Body(rig.clock), rig.at)
    patient, airway, heart, probe = Patient(), SimpleNamespace(), SimpleNamespace(), SimpleNamespace()
    patient.attach(rig.clock, 1)
    bedside.follow(patient.set, FINGER)
    for thing, names in ((airway, AIRWAY), (heart, HEART), (probe, SKIN)):
        bedside.follow(setter(thing), names)
    bedside.body.bolus("fentanyl", 150)
    for _ in range(60):
        rig.run(10)
        signs = bedside.body.at()
        for set_, is_ in (
            (patient.pulse_bpm, signs.pulse_bpm), (patient.spo2, signs.spo2), (patient.resp_rate, signs.effort_rate),
            (airway.rate, signs.resp_rate), (airway.etco2, signs.etco2), (heart.rate, signs.pulse_bpm),
            (probe.skin, signs.temperature_c),
        ):  # fmt: skip
            assert set_ == pytest.approx(is_, abs=0.05)
    assert patient.spo2 < 96


def test_breath_and_beat_that_stop_are_none_at_all() -> None:
    rig = Rig()
    bedside, seen = Bedside(Body(rig.clock), rig.at), Seen(rig.clock)
    bedside.follow(seen, {"rate": "resp_rate", "effort": "effort_rate"})
    bedside.body.obstruct()
    rig.run(5)
    assert seen.last("rate") == 0.0
    assert seen.last("effort") > 10


def test_the_light_of_a_finger_does_not_depend_on_who_looks() -> None:
    def light(looks: int) -> list[tuple[float, float]]:
        rig = Rig()
        bedside, patient = Bedside(Body(rig.clock), rig.at), Patient()
        patient.attach(rig.clock, 1)
        bedside.follow(patient.set, FINGER)
        bedside.body.bolus("remifentanil", 60)
        found = []
        for _ in range(120):
            for _ in range(looks):
                rig.run(1 / looks)
                patient.light(rig.clock.now_us - 1000)
                bedside.body.at()
            found.append(patient.light(rig.clock.now_us))
        return found

    assert light(1) == light(4)


def test_an_arm_asks_for_the_pressures_of_its_own_time() -> None:
    rig = Rig()
    bedside = Bedside(Body(rig.clock, Person(systolic=130.0, diastolic=80.0)), rig.at)
    assert bedside.pressures(0) == (130.0, 80.0)
    bedside.body.bolus("ketamine", 70_000, 30)
    rig.run(90)
    now, before = bedside.pressures(rig.clock.now_us), bedside.pressures(rig.clock.now_us - 3_000_000)
    assert now[0] > before[0] > 130
    rig.run(2)
    assert bedside.pressures(90_000_000) == now


def test_a_sign_that_is_held_is_shown_by_all_that_see_it_until_it_is_let_go() -> None:
    """At once, and whatever the body does behind it."""
    rig = Rig()
    bedside = Bedside(Body(rig.clock), rig.at)
    finger, airway, heart = Seen(rig.clock), Seen(rig.clock), Seen(rig.clock)
    for seen, names in ((finger, FINGER), (airway, AIRWAY), (heart, HEART)):
        bedside.follow(seen, names)
    rig.run(10.5)
    bedside.hold(pulse_bpm=130.0, resp_rate=25.0, systolic=90.0)
    assert finger.told[-1] == (10.5, {"pulse_bpm": 130.0, "resp_rate": 25.0})
    assert airway.told[-1] == (10.5, {"rate": 25.0}) and heart.told[-1] == (10.5, {"rate": 130.0})
    assert bedside.pressures(10_000_000)[0] == pytest.approx(120, abs=0.1)
    assert bedside.pressures(rig.clock.now_us) == (90.0, pytest.approx(75, abs=0.1))
    bedside.body.bolus("remifentanil", 300)
    rig.run(90)
    assert bedside.body.at().effort_rate == 0 and (finger.last("resp_rate"), airway.last("rate")) == (25.0, 25.0)
    assert finger.last("spo2") < 96, "what nobody holds is the body's"
    bedside.hold(resp_rate=None, pulse_bpm=None)
    assert (finger.last("resp_rate"), airway.last("rate")) == (0.0, 0.0)
    assert bedside.held == {"systolic": 90.0}


def test_pressures_do_not_cross_whichever_is_held() -> None:
    rig = Rig()
    bedside = Bedside(Body(rig.clock), rig.at)
    bedside.hold(systolic=60.0)
    assert bedside.pressures(0) == (60.0, 60.0)
    bedside.hold(systolic=None, diastolic=130.0)
    assert bedside.pressures(0) == (130.0, 130.0)
    with pytest.raises(ValueError, match="diastolic 130 lies above systolic 100"):
        bedside.hold(systolic=100.0)
    assert bedside.held == {"diastolic": 130.0}


@pytest.mark.parametrize("sign", SHOWN)
def test_what_cannot_be_is_not_held_and_nothing_has_changed(sign: str) -> None:
    rig = Rig()
    bedside, seen = Bedside(Body(rig.clock), rig.at), Seen(rig.clock)
    bedside.follow(seen, {sign: sign})
    for value in (SHOWN[sign][0] - 1, SHOWN[sign][1] + 1, float("nan")):
        with pytest.raises(ValueError, match=f"{sign} .* is outside"):
            bedside.hold(**{"perfusion": 1.0, sign: value})
    with pytest.raises(ValueError, match="a patient has no 'mood'"):
        bedside.hold(**{sign: SHOWN[sign][0], "mood": 1.0})
    assert len(seen.told) == 1 and not bedside.held


def test_a_body_beyond_what_a_plant_can_show_shows_its_end() -> None:
    """Hours without a breath in oxygen: carbon dioxide that no capnograph has a number for."""
    rig = Rig()
    bedside, airway = Bedside(Body(rig.clock), rig.at), Airway()
    airway.attach(rig.clock, 1)
    bedside.follow(airway.set, AIRWAY)
    bedside.body.breathe_gas(fio2=0.98)
    rig.run(60)
    bedside.body.hold_breath()
    rig.run(7200)
    assert bedside.body.at().etco2 > 120 and airway.etco2 == pytest.approx(120, abs=0.05)


def test_who_has_left_the_bed_moves_nothing_more() -> None:
    rig = Rig()
    bedside, seen = Bedside(Body(rig.clock), rig.at), Seen(rig.clock)
    bedside.follow(seen, FINGER)
    bedside.leave()
    bedside.body.hold_breath()
    rig.run(60)
    bedside.hold(spo2=80.0)
    assert len(seen.told) == 1


def test_a_sign_or_setting_that_there_is_not_is_refused() -> None:
    rig = Rig()
    bedside = Bedside(Body(rig.clock), rig.at)
    with pytest.raises(AttributeError):
        bedside.follow(Seen(rig.clock), {"mood": "mood"})
    with pytest.raises(ValueError, match="mood"):
        bedside.follow(Patient().set, {"mood": "spo2"})
    rig.run(5)


def test_on_a_bench_the_oximeters_patient_follows(bench: ToldBench) -> None:
    bedside = Bedside(Body(bench.clock), bench.at)
    bedside.follow(bench.patient.set, FINGER)
    bench.run(2)
    assert bench.patient.spo2 == pytest.approx(97, abs=0.5)
    bedside.body.hold_breath()
    bench.run(60)
    assert bench.patient.resp_rate == 0
    assert bench.patient.spo2 == pytest.approx(bedside.body.at().spo2, abs=0.05)
    assert bench.patient.spo2 < 92
