"""A body in the bed of a bench: its signs reach every sensor's plant, and the syringe's drug reaches it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assuage_rig.bench import Bench
from assuage_rig.inbed import lay, side_of, step_saturation
from assuage_rig.plant.arm import Arm, InStep, Tissue
from assuage_rig.plant.patient import Patient
from assuage_rig.plant.person import Person


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Bench(bedside=True) as bench:
        yield bench


def test_every_sensor_shows_the_persons_signs_at_once_and_the_arm_beats_with_the_finger(bench: Bench) -> None:
    bedside = lay(bench, Person(pulse_bpm=88, resp_rate=17, temperature_c=38.1, systolic=140, diastolic=82))
    side = side_of(bench)
    assert (bench.patient.pulse_bpm, bench.patient.resp_rate) == pytest.approx((88, 17), abs=0.1)
    assert side.airway.rate == pytest.approx(17, abs=0.1) and side.heart.settings.rate == pytest.approx(88, abs=0.1)
    assert side.probe.settings.skin == pytest.approx(38.1, abs=0.1)
    assert side.arm.pressures(bench.now_us) == pytest.approx((140, 82), abs=0.1)
    bench.run(5)
    beats = bench.patient.beats(bench.now_us)
    assert side.arm.rhythm.at(bench.now_us) == (int(beats), pytest.approx(beats - int(beats)))
    bedside.body.breathe_gas(fico2=20.0)
    bench.run(3)
    assert side.airway.fico2 == 20.0


def test_an_opioid_in_the_body_slows_the_breath_at_the_line_and_in_the_finger(bench: Bench) -> None:
    bedside = lay(bench)
    bedside.body.bolus("fentanyl", 300)
    bench.run(120)
    side, signs = side_of(bench), bedside.body.at()
    assert side.airway.rate < 8 and side.airway.rate == pytest.approx(signs.resp_rate, abs=0.1)
    assert bench.patient.resp_rate == pytest.approx(signs.effort_rate, abs=0.1)


def test_without_the_patients_sensors_nobody_can_be_laid_there() -> None:
    with Bench() as bench, pytest.raises(ValueError, match="bedside=True"):
        lay(bench)


@pytest.mark.parametrize("phase", [0.0, 0.25, 0.999])
def test_a_saturation_steps_at_its_phase_and_is_known_to_cross_a_limit(bench: Bench, phase: float) -> None:
    bench.run(2.3)
    bench.patient.spo2 = 97
    fall = step_saturation(bench, 85, phase)
    assert fall.begins_us % 1_000_000 == round(phase * 1e6) and 0 <= fall.begins_us - bench.now_us < 1_000_000
    bench.run(1.5)
    assert bench.patient.spo2 == 85
    assert fall.crosses_us(91) == fall.begins_us + 500_000
    with pytest.raises(ValueError, match="does not lie between"):
        fall.crosses_us(80)


@pytest.mark.parametrize(("to", "phase"), [(120.0, 0.5), (85.0, 1.0), (85.0, -0.1)])
def test_a_step_that_cannot_be_is_refused_before_it_is_due(bench: Bench, to: float, phase: float) -> None:
    with pytest.raises(ValueError):
        step_saturation(bench, to, phase)


def test_another_arm_in_the_cuff_is_as_if_it_had_been_there_from_the_start() -> None:
    stiff, patient = Tissue(0.08, 0.03, 0.02, 0.7), Patient()
    arms = [Arm(lambda _t_us: (130.0, 80.0), InStep(patient.beats), tissue) for tissue in (stiff, None)]
    arms[1].become(stiff)
    for t_us in range(0, 2_000_000, 100_000):
        assert arms[0].volume(t_us, 100.0) == arms[1].volume(t_us, 100.0)
        assert arms[0].mean(t_us) == arms[1].mean(t_us)
