"""The oximeter and a patient who does not hold still: numbers are withheld, not wrong, and a fall is seen in time."""

from __future__ import annotations

import random

import pytest

from assuage_rig.plant.patient import Patient
from assuage_rig.requirements import req
from assuage_wire.schema import SIGNALS
from tests.firmware.ppg_scenes import BOUND, KINDS, Bedside, Tally, scene

pytestmark = pytest.mark.timeout(600)  # 25 s of a processor, which many may share
SCENES = 20  # of each kind
SOAKED = 400
OF_A_KIND, OF_FEW = 99.0, 96.0  # %; 20 scenes of a kind show some 250 values, of which one bad scene is already 2 %
FALL_S = 5.0


@req("VIT-001", "VIT-002")
def test_of_the_values_shown_as_good_99_percent_are_within_the_bounds(seed: int, soak: bool) -> None:
    total, of = Tally(), {kind: Tally() for kind in KINDS}
    for kind, tally in of.items():
        for i in range(SOAKED if soak else SCENES):
            tally.add(scene(kind, random.Random(f"{seed} {kind} {i}")))
        total.add(tally)
    told = {kind: f"{tally.right:.2f} % of {tally.shown}" for kind, tally in of.items()}
    assert total.right >= 99.0, (told, random.Random(seed).sample(total.worst, 5))
    assert of["none"].right == 100, of["none"].worst
    for kind, tally in of.items():
        assert tally.right >= (OF_A_KIND if soak else OF_FEW), (kind, tally.worst)
    # and it does not earn that by its silence: a finger at rest has numbers from the eighth second on
    assert of["none"].shown >= 0.7 * of["none"].moments
    assert total.shown >= 0.4 * total.moments, told


@pytest.mark.parametrize(("before", "after"), [(97, 85), (94, 88), (99, 75)])
def test_a_fall_of_saturation_is_shown_within_five_seconds_at_every_phase(before: float, after: float) -> None:
    """Counted from when the patient's own saturation, which slides for a second, has come within the bound."""
    late = []
    for phase in range(10):
        for bpm in (40, 75, 160):
            patient = Patient(spo2=before, pulse_bpm=bpm)
            bed = Bedside(patient, phase + 1)
            for _ in bed.run(10 + phase / 10):
                pass
            fallen = bed.clock.now_us * 1e-6 + 1 - BOUND / (before - after)
            patient.spo2 = after
            late.append(
                next(at for at in bed.run(20) if bed.shown and abs(bed.meter.spo2 / 10 - after) <= BOUND) - fallen
            )
    assert max(late) <= FALL_S, max(late)


@pytest.mark.parametrize("resp", [14.0, 24.0, 35.0])
@pytest.mark.parametrize("bpm", [50.0, 110.0, 140.0])
def test_a_pulse_and_breathing_that_change_at_once_are_shown_again_within_40_s(bpm: float, resp: float) -> None:
    """Both change what there is beside the pulse; a finger is not doubted for good because it used to be quieter."""
    for seed in range(3):
        patient = Patient(pulse_bpm=72, resp_rate=14)
        bed = Bedside(patient, seed)
        for _ in bed.run(30):
            pass
        patient.set(pulse_bpm=bpm, resp_rate=resp)
        for _ in bed.run(40):
            pass
        assert bed.shown and abs(bed.meter.pulse / 10 - bpm) <= 2 and abs(bed.meter.spo2 / 10 - patient.spo2) <= 2


def test_a_saturation_that_falls_steadily_is_followed() -> None:
    """By 1 % in a second, as in the quickest apnoea; with the delay of the window, and never a higher number."""
    patient = Patient(spo2=98, pulse_bpm=80)
    bed = Bedside(patient, 1)
    for _ in bed.run(12):
        pass
    for second in range(25):
        patient.spo2 = 98 - second
        for _ in bed.run(1):
            pass
        if bed.shown:
            assert -1 <= bed.meter.spo2 / 10 - patient.spo2 <= FALL_S + 1, second
    shown = 0
    for _ in bed.run(8):
        shown = bed.meter.spo2 // 10
    assert abs(shown - patient.spo2) <= BOUND


def test_too_much_light_is_told_as_such_and_passes() -> None:
    patient = Patient()
    bed = Bedside(patient, 1)
    for _ in bed.run(12):
        pass
    patient.set(ambient=300)
    for _ in bed.run(5):
        pass
    assert SIGNALS[bed.meter.signal] == "ambient-light" and not bed.shown
    patient.set(ambient=0)
    for _ in bed.run(12):
        pass
    assert bed.shown


def test_a_converter_that_repeats_itself_is_flat_within_two_seconds() -> None:
    bed = Bedside(Patient(), 1)
    for _ in bed.run(12):
        pass
    bed.chip.faults.make("frozen")
    for _ in bed.run(2):
        pass
    assert SIGNALS[bed.meter.signal] == "flat" and not bed.shown
    before = bed.meter.count
    for _ in bed.run(20):
        assert not bed.shown
    assert bed.meter.count == before
    bed.chip.faults.mend()
    for _ in bed.run(12):
        pass
    assert bed.shown


def test_a_number_is_counted_anew_only_when_fresh_light_has_made_it() -> None:
    patient = Patient()
    bed = Bedside(patient, 1)
    for _ in bed.run(12):
        pass
    before = bed.meter.count
    for _ in bed.run(10):
        pass
    assert bed.meter.count - before in (9, 10, 11)
    patient.motion = 10.0
    counts = [bed.meter.count for _ in bed.run(6)]
    assert counts[-1] - counts[0] <= 1, "what is shown meanwhile is old, and may be aged"
