"""The bed at a served board: what is given reaches the patient, and what is set by hand all sensors that see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assuage_rig.bed import Bed
from assuage_rig.circuit import Circuit
from assuage_rig.plant.patient import Patient

from .events import Rig


class Syringe:
    """Has given as much as it is told, nL."""

    def __init__(self, rig: Rig) -> None:
        self.patient_nl = 0.0
        self._rig = rig

    def sample(self, every_us: int, mark: Callable[[float], None]) -> None:
        def again() -> None:
            mark(self.patient_nl)
            self._rig.at(every_us / 1e6, again)

        self._rig.at(every_us / 1e6, again)


def made(bedside: bool = True, **options: Any) -> tuple[Rig, Circuit, Syringe, Bed]:
    rig = Rig()
    circuit = Circuit(rig.clock, Patient(), bedside=bedside)
    syringe = Syringe(rig)
    return rig, circuit, syringe, Bed(circuit, rig.at, syringe, **options)


def drug(bed: Bed, name: str) -> dict[str, float]:
    drugs: Any = bed.told()["drugs"]
    return dict(drugs[name])


def signs(bed: Bed) -> dict[str, float]:
    told: Any = bed.told()["signs"]
    return dict(told)


def test_what_the_syringe_gives_reaches_every_sensor() -> None:
    rig, circuit, syringe, bed = made()
    side = circuit.side
    assert side is not None
    for _ in range(120):
        syringe.patient_nl += 100_000  # 1 mg of ketamine in each second
        rig.run(1)
    assert drug(bed, "ketamine")["given_ug"] == pytest.approx(120_000)
    assert drug(bed, "ketamine")["effect"] > 100
    assert circuit.patient.pulse_bpm > 74 and side.heart.settings.rate == circuit.patient.pulse_bpm
    assert side.arm.pressures(rig.clock.now_us)[0] > 125
    assert side.airway.rate < 14 and side.airway.etco2 == pytest.approx(signs(bed)["etco2"], abs=0.05)


def test_another_solution_is_another_drug() -> None:
    rig, circuit, syringe, bed = made(drug="fentanyl", mg_per_ml=0.05)
    syringe.patient_nl += 1e6
    rig.run(2)
    assert drug(bed, "fentanyl")["given_ug"] == pytest.approx(50)
    bed.fill("remifentanil", 0.1)
    syringe.patient_nl += 1e6
    rig.run(90)
    assert drug(bed, "remifentanil")["given_ug"] == pytest.approx(100)
    assert circuit.patient.resp_rate < 10 and bed.told()["syringe"] == {"drug": "remifentanil", "mg_per_ml": 0.1}
    with pytest.raises(ValueError, match="there is no drug 'wine'"):
        bed.fill("wine", 1.0)
    with pytest.raises(ValueError, match="mg_per_ml must be 0"):
        bed.fill("ketamine", -1.0)
    assert bed.told()["syringe"] == {"drug": "remifentanil", "mg_per_ml": 0.1}


def test_what_is_set_by_hand_moves_all_that_see_it_and_the_light_its_finger_alone() -> None:
    rig, circuit, _, bed = made()
    side = circuit.side
    assert side is not None
    bed.set(
        pulse_bpm=110, resp_rate=22, etco2=55, temperature_c=39, systolic=150, diastolic=95, motion=5, probe_on=True
    )
    assert (circuit.patient.pulse_bpm, side.heart.settings.rate) == (110, 110)
    assert (circuit.patient.resp_rate, side.airway.rate, side.airway.etco2) == (22, 22, 55)
    assert side.probe.settings.skin == 39 and side.arm.pressures(rig.clock.now_us) == (150, 95)
    rig.run(3)
    before = circuit.patient.beats(rig.clock.now_us - 1_000_000)
    assert side.arm.rhythm.at(rig.clock.now_us)[0] - int(before) in (1, 2), "the arm beats with the finger"
    assert circuit.patient.settings.motion == 5
    bed.set(pulse_bpm=None, motion=0)
    assert side.heart.settings.rate == pytest.approx(72, abs=0.1) and circuit.patient.settings.motion == 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"spo2": 80, "motion": 101}, "motion 101 is outside"),
        ({"motion": 7, "spo2": 101}, "spo2 101 is outside"),
        ({"motion": 7, "mood": 1}, "no 'mood'; it has pulse_bpm, spo2"),
        ({"spo2": 80, "motion": None}, "motion must be a number"),
    ],
)
def test_what_cannot_be_set_is_refused_and_nothing_has_changed(asked: dict[str, float], said: str) -> None:
    _, circuit, _, bed = made()
    before = circuit.patient.settings
    with pytest.raises(ValueError, match=said):
        bed.set(**asked)
    assert circuit.patient.settings == before and bed.told()["held"] == {}


def test_signs_can_be_held_from_the_start_also_where_there_is_only_an_oximeter() -> None:
    rig, circuit, _, bed = made(bedside=False, held={"spo2": 88.0, "pulse_bpm": 120.0})
    rig.run(5)
    assert (circuit.patient.spo2, circuit.patient.pulse_bpm) == (88, 120)
    bed.give("fentanyl", 300)
    rig.run(120)
    assert circuit.patient.resp_rate < 8 and circuit.patient.spo2 == 88
    with pytest.raises(ValueError, match="spo2 120 is outside"):
        made(held={"spo2": 120.0})


def test_another_patient_has_been_given_nothing_and_gets_what_comes_from_now_on() -> None:
    rig, circuit, syringe, bed = made()
    bed.give("remifentanil", 400)
    bed.set(spo2=70)
    rig.run(60)
    assert circuit.patient.resp_rate == 0
    bed.admit()
    assert bed.told()["drugs"] == {"ketamine": {"plasma": 0, "effect": 0, "given_ug": 0}}
    assert circuit.patient.resp_rate == pytest.approx(14, abs=0.1) and bed.told()["held"] == {}
    syringe.patient_nl += 1e6
    rig.run(30)
    assert drug(bed, "ketamine")["given_ug"] == pytest.approx(10_000)
    assert circuit.patient.resp_rate > 12 and circuit.patient.spo2 > 96, "the first one moves nothing any more"


def test_what_happens_to_the_patient_is_seen() -> None:
    rig, circuit, _, bed = made()
    side = circuit.side
    assert side is not None
    bed.breathe(fico2=15.0)
    rig.run(2)
    assert side.airway.fico2 == 15
    bed.breathe()
    bed.obstruct(1.0)
    rig.run(2)
    assert side.airway.fico2 == 0 and side.airway.rate == 0 and circuit.patient.resp_rate > 10
    bed.obstruct(0.0)
    bed.hold_breath(True)
    rig.run(2)
    assert circuit.patient.resp_rate == 0
    bed.hold_breath(False)
    bed.give("fentanyl", 300)
    rig.run(180)
    assert side.airway.rate < 5
    bed.rouse(60)
    rig.run(2)
    assert side.airway.rate > 5
    for wrong in (lambda: bed.breathe(fico2=61.0), lambda: bed.give("fentanyl", -1), lambda: bed.rouse(-1)):
        with pytest.raises(ValueError):
            wrong()
