"""The patient's light carries the pulse, saturation and perfusion that were given, and repeats with its seed."""

from __future__ import annotations

from math import sqrt

import pytest

from assuage_rig.chips.max30102 import MAX30102
from assuage_rig.clock import Clock
from assuage_rig.plant.patient import Patient
from assuage_rig.plant.pulse import value

HZ = 100


def light(patient: Patient, seconds: float, start_s: float = 0.0) -> tuple[list[float], list[float]]:
    times = [round((start_s + i / HZ) * 1e6) for i in range(round(seconds * HZ))]
    pairs = [patient.light(t) for t in times]
    return [red for red, _ in pairs], [ir for _, ir in pairs]


def rms_over_mean(values: list[float]) -> float:
    mean = sum(values) / len(values)
    return sqrt(sum((v - mean) ** 2 for v in values) / len(values)) / mean


def count_beats(ir: list[float]) -> int:
    """Systolic upstrokes: blood dims the light, so the wave is turned over first."""
    low, high = min(ir), max(ir)
    wave = [(high - v) / (high - low) for v in ir]
    beats, armed = 0, False
    for v in wave:
        if v < 0.35:
            armed = True
        elif v > 0.65 and armed:
            beats, armed = beats + 1, False
    return beats


def test_the_pulse_shape_is_the_published_one_with_its_dicrotic_notch() -> None:
    beat = 60 / 70
    for second, height in {0.16: 1.0602, 0.25: 0.7243, 0.33: 0.4133, 0.40: 0.4514}.items():  # reckoned by hand
        assert value(second / beat) == pytest.approx(height, abs=0.001)
    assert value(0.33 / beat) < value(0.40 / beat) < value(0.16 / beat)
    assert value(0.0) == pytest.approx(value(1.0), abs=0.001)


@pytest.mark.parametrize("bpm", [40, 60, 72, 121, 180, 240])
def test_pulse_rate_is_found_by_counting(bpm: float) -> None:
    _, ir = light(Patient(pulse_bpm=bpm), 60)
    assert abs(count_beats(ir) - bpm) <= 1


@pytest.mark.parametrize("spo2", [70, 80, 88.5, 95, 97, 100])
@pytest.mark.parametrize("perfusion", [0.3, 2.0, 10.0])
def test_ratio_of_ratios_is_that_of_the_saturation(spo2: float, perfusion: float) -> None:
    red, ir = light(Patient(spo2=spo2, perfusion=perfusion, resp_rate=0), 30)
    assert 110 - 25 * rms_over_mean(red) / rms_over_mean(ir) == pytest.approx(spo2, abs=0.05)


def test_breathing_moves_the_saturation_by_less_than_half_a_point() -> None:
    red, ir = light(Patient(spo2=75, resp_rate=20), 60)
    assert 110 - 25 * rms_over_mean(red) / rms_over_mean(ir) == pytest.approx(75, abs=0.5)


@pytest.mark.parametrize("perfusion", [0.3, 2.0, 10.0])
def test_perfusion_is_infrared_peak_to_peak_over_mean(perfusion: float) -> None:
    _, ir = light(Patient(perfusion=perfusion, resp_rate=0), 30)
    assert (max(ir) - min(ir)) / (sum(ir) / len(ir)) * 100 == pytest.approx(perfusion, rel=0.02)


def test_more_blood_is_less_light() -> None:
    """Inverted: light is high for most of the beat and dips with the pulse."""
    _, ir = light(Patient(resp_rate=0), 10)
    mean = sum(ir) / len(ir)
    assert mean - min(ir) > 2 * (max(ir) - mean)


def test_breathing_shows_in_rate_baseline_and_amplitude() -> None:
    patient = Patient(pulse_bpm=72, resp_rate=15)
    rates = [(patient.beats(t + 500_000) - patient.beats(t)) * 120 for t in range(0, 8_000_000, 100_000)]
    assert max(rates) == pytest.approx(75, abs=0.3)
    assert min(rates) == pytest.approx(69, abs=0.3)
    _, ir = light(patient, 60)
    beat = round(HZ * 60 / 72)
    spans = [max(ir[i : i + beat]) - min(ir[i : i + beat]) for i in range(0, len(ir) - beat, 10)]
    assert 1.04 < max(spans) / min(spans) < 1.25


def test_a_changed_rate_goes_on_from_the_same_phase() -> None:
    clock = Clock()
    patient = Patient(pulse_bpm=60)
    patient.attach(clock, 1)
    clock.now_us = 10_234_567
    before = patient.light(clock.now_us)
    beats = patient.beats(clock.now_us)
    patient.pulse_bpm = 150
    assert patient.light(clock.now_us) == pytest.approx(before)
    assert patient.beats(clock.now_us) == pytest.approx(beats)
    assert patient.beats(clock.now_us + 60_000_000) - beats == pytest.approx(150, abs=0.5)


def test_saturation_and_perfusion_slide_without_a_step() -> None:
    clock = Clock()
    patient = Patient(spo2=98, perfusion=1)
    patient.attach(clock, 1)
    clock.now_us = 3_300_000
    before = patient.light(clock.now_us)
    patient.set(spo2=80, perfusion=5)
    assert patient.light(clock.now_us) == pytest.approx(before)
    red, ir = light(patient, 30, start_s=4.4)
    assert 110 - 25 * rms_over_mean(red) / rms_over_mean(ir) == pytest.approx(80, abs=0.5)


def test_the_past_keeps_the_settings_of_its_time() -> None:
    clock = Clock()
    changed, untouched = Patient(), Patient()
    changed.attach(clock, 1)
    untouched.attach(clock, 1)
    clock.now_us = 5_000_000
    changed.set(pulse_bpm=120, spo2=80)
    assert changed.light(4_900_000) == untouched.light(4_900_000)
    assert changed.light(5_400_000) != untouched.light(5_400_000)


def test_no_finger_no_light_and_an_artefact_moves_both_colours() -> None:
    patient = Patient(probe_on=False)
    assert patient.light(1_000_000) == (0.0, 0.0)
    still, moved = light(Patient(), 10), light(Patient(motion=10), 10)
    for quiet, wild in zip(still, moved, strict=True):
        assert rms_over_mean(wild) > 4 * rms_over_mean(quiet)


@pytest.mark.parametrize("what", ["motion", "tremor", "jerks", "shaking"])
def test_each_movement_has_about_its_size_and_is_the_same_in_both_colours(what: str) -> None:
    red, ir = light(Patient(perfusion=0, **{what: 10.0}), 30)
    parts = [[v / sum(values) * len(values) - 1 for v in values] for values in (red, ir)]
    assert parts[0] == pytest.approx(parts[1], abs=1e-9)
    assert 0.03 < max(map(abs, parts[1])) < 0.35
    assert light(Patient(perfusion=0), 1)[1] == pytest.approx([220.0] * HZ)


def test_shaking_has_its_rate() -> None:
    _, ir = light(Patient(perfusion=0, shaking=5, shaking_rate=96), 60)
    assert abs(count_beats(ir) - 96) <= 1


def test_a_loose_probe_dilutes_the_pulse_and_leaves_the_level() -> None:
    patient = Patient(half_off=50, resp_rate=0, perfusion=8)
    _, ir = light(patient, 20)
    _, whole = light(Patient(resp_rate=0, perfusion=8), 20)
    assert sum(ir) / len(ir) == pytest.approx(sum(whole) / len(whole), rel=0.05)
    assert rms_over_mean(light(Patient(half_off=100, resp_rate=0), 20)[1]) < 0.2


def test_a_venous_pulse_has_the_ratio_of_its_own_blood() -> None:
    red, ir = light(Patient(spo2=97, venous=100, resp_rate=0), 30)
    assert 110 - 25 * rms_over_mean(red) / rms_over_mean(ir) < 92
    red, ir = light(Patient(spo2=97, venous=0, resp_rate=0), 30)
    assert 110 - 25 * rms_over_mean(red) / rms_over_mean(ir) == pytest.approx(97, abs=0.05)


def test_a_notch_makes_a_second_wave_of_the_same_blood() -> None:
    plain, doubled = Patient(pulse_bpm=60, resp_rate=0), Patient(pulse_bpm=60, resp_rate=0, notch=100)
    red, ir = light(doubled, 30)
    assert 110 - 25 * rms_over_mean(red) / rms_over_mean(ir) == pytest.approx(97, abs=0.05)
    deeper = [a - b for a, b in zip(light(plain, 1)[1], light(doubled, 1)[1], strict=True)]
    assert max(deeper) == pytest.approx(220 * 0.02, rel=0.01) and deeper.index(max(deeper)) == 55


def test_a_lamp_is_its_level_and_its_flicker() -> None:
    patient = Patient(ambient=50, flicker=20, flicker_hz=100)
    levels = [patient.ambient_light(t) for t in range(0, 20_000, 100)]
    assert min(levels) == pytest.approx(40, abs=0.01) and max(levels) == pytest.approx(60, abs=0.01)
    assert levels[:100] == pytest.approx(levels[100:])
    assert Patient().ambient_light(5) == 0


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("shaking", 101),
        ("flicker_hz", -1),
        ("spo2", 101),
        ("spo2", -1),
        ("pulse_bpm", 301),
        ("perfusion", 21),
        ("mood", 1),
        ("spo2", float("nan")),
    ],
)
def test_what_no_patient_can_have_is_refused_and_changes_nothing(setting: str, value: float) -> None:
    patient = Patient()
    before = patient.settings
    with pytest.raises(ValueError, match=setting):
        patient.set(**{"pulse_bpm": 90, setting: value})
    assert patient.settings == before


def test_asystole_is_a_flat_line() -> None:
    _, ir = light(Patient(pulse_bpm=0, resp_rate=0), 5)
    assert len(set(ir)) == 1


def through_chip(seed: int, looks: int) -> bytes:
    """A minute of the FIFO's content, with a change in between, fetched at so many times a second."""
    clock = Clock()
    patient = Patient()
    patient.attach(clock, seed)
    chip = MAX30102(clock, patient.light, seed)
    for register, setting in ((0x08, 0x10), (0x0A, 0x27), (0x0C, 0x24), (0x0D, 0x24), (0x09, 3)):
        chip.write(bytes((register, setting)))
    data = b""
    for i in range(1, 60 * looks + 1):
        clock.now_us = i * 1_000_000 // looks
        if clock.now_us == 30_000_000:
            patient.set(pulse_bpm=133, spo2=85)
        chip.write(b"\x04")
        wr, _, rd = chip.read(3)
        chip.write(b"\x07")
        data += chip.read(6 * ((wr - rd) & 31))
    return data


def test_samples_depend_on_seed_history_and_time_and_not_on_who_looks_when() -> None:
    once = through_chip(1, 10)
    assert len(once) == 6000 * 6
    assert through_chip(1, 10) == once
    assert through_chip(1, 50) == once
    assert through_chip(2, 10) != once


@pytest.mark.parametrize("spo2", [70, 85, 97])
def test_counts_in_the_fifo_carry_pulse_and_saturation(spo2: float) -> None:
    clock = Clock()
    patient = Patient(pulse_bpm=80, spo2=spo2, resp_rate=0)
    patient.attach(clock, 1)
    chip = MAX30102(clock, patient.light, 1)
    for register, setting in ((0x0A, 0x27), (0x0C, 0x24), (0x0D, 0x24), (0x09, 3)):
        chip.write(bytes((register, setting)))
    red: list[float] = []
    ir: list[float] = []
    for clock.now_us in range(10_000, 60_010_000, 10_000):
        chip.write(b"\x07")
        data = chip.read(6)
        red.append(int.from_bytes(data[:3], "big"))
        ir.append(int.from_bytes(data[3:], "big"))
    assert all(0 < code < 0x3FFFF for code in (*red, *ir))
    assert 110 - 25 * rms_over_mean(red) / rms_over_mean(ir) == pytest.approx(spo2, abs=0.5)
    assert count_beats(ir) == pytest.approx(80, abs=1)
