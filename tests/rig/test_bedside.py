"""What the body has, the sensors' plants are set to: at the second, only when it changes, whoever looks."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from assuage_rig.clock import Clock
from assuage_rig.plant.bedside import AIRWAY, FINGER, HEART, SKIN, Bedside, setter
from assuage_rig.plant.patient import Patient
from assuage_rig.plant.person import Person
from assuage_rig.plant.physiology import Body

from .conftest import ToldBench


class Rig:
    """A clock with events, as a bench has them."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._events: list[tuple[int, int, Callable[[], object]]] = []
        self._order = itertools.count()

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        heapq.heappush(self._events, (self.clock.now_us + round(seconds * 1e6), next(self._order), action))

    def run(self, seconds: float) -> None:
        end = self.clock.now_us + round(seconds * 1e6)
        while self._events and self._events[0][0] <= end:
            self.clock.now_us, _, action = heapq.heappop(self._events)
            action()
        self.clock.now_us = end


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
