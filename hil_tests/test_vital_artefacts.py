"""What disturbs the sensors: of the numbers that are shown as good, how many are within their bounds.

Scenes by the algorithms on the emulated sensors, on CPython; and the whole board before a patient whose signs do not
change, while one thing after the other disturbs all sensors at once. What a kind's row says is as it was measured.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev
from typing import Any

import pytest

from assuage_rig.bench import Bench
from assuage_rig.evidence import Collector
from assuage_rig.inbed import one_heart, side_of
from assuage_rig.measuring import Measure
from assuage_rig.requirements import req
from assuage_rig.sitting import arm
from assuage_rig.vital import vitals_in
from assuage_rig.wirehost import WireHost
from tests.firmware import ppg_scenes
from tests.firmware.cuff_on_arm import OnArm, drawn
from tests.firmware.test_vitals_capnogram_accuracy import ARTEFACTS, scene
from tests.firmware.test_vitals_heart_accuracy import RATES, sweep

pytestmark = pytest.mark.timeout(3600)
SOAK = os.environ.get("ASSUAGE_SOAK") == "1"
HEAD = ["kind", "shown as good", "within the bounds (%)"]


@dataclass
class Count:
    """Numbers shown as good, and of them those beyond their bound; tellings: with and without a
    number; made_s: when the newest was, of the cuff's."""

    shown: int = 0
    wrong: int = 0
    tellings: int = 0
    made_s: float = -1.0

    def add(self, other: Count) -> None:
        """Takes another one's too."""
        self.shown += other.shown
        self.wrong += other.wrong

    @property
    def right(self) -> float:
        """Share within the bounds, %."""
        return 100 * (1 - self.wrong / self.shown) if self.shown else 100.0


def _report(measure: Measure, evidence: Collector, sign: str, bound: str, kinds: dict[str, Count]) -> None:
    total = Count()
    for count in kinds.values():
        total.add(count)
    measure("VIT-011", "good numbers within the bounds", total.right, where=sign)
    measure("VIT-011", "numbers judged", total.shown, where=sign)
    rows = [[kind, count.shown, count.right if count.shown else "none shown"] for kind, count in kinds.items()]
    evidence.table(f"{sign}, within {bound}, by what disturbs it", HEAD, [*rows, ["all", total.shown, total.right]])


@req("VIT-011")
def test_saturation_and_pulse_under_artefact(measure: Measure, evidence: Collector, seed: int, soak: bool) -> None:
    found = {}
    for kind in ppg_scenes.KINDS:
        tally = ppg_scenes.Tally()
        for i in range(400 if soak else 8):
            tally.add(ppg_scenes.scene(kind, random.Random(f"{seed} {kind} {i}")))
        found[kind] = Count(tally.shown, tally.wrong)
    _report(measure, evidence, "Saturation and pulse", "2 % and 2 /min", found)


@req("VIT-011")
def test_respiration_and_carbon_dioxide_under_artefact(
    measure: Measure, evidence: Collector, seed: int, soak: bool
) -> None:
    rates, gases = {}, {}
    for kind in ARTEFACTS:
        found: Counter[str] = Counter()
        for k in range(60 if soak else 3):
            found += scene(kind, seed * 1000 + k)[0]
        rates[kind] = Count(found["rates"], found["wrong rates"])
        gases[kind] = Count(found["gases"], found["wrong gases"])
    _report(measure, evidence, "Respiration from CO2", "1 /min", rates)
    _report(measure, evidence, "EtCO2", "2 mmHg", gases)


SPOILT: dict[str, dict[str, Sequence[float]]] = {
    "clean": {},
    "tall T waves": {"t_ratio": (0.7, 0.9, 1.2, -0.9)},
    "wide complexes": {"width": (2.0, 2.5, 3.0), "rate": RATES[:-3]},
    "muscle noise": {"muscle": (0.1, 0.2, 0.3, 0.5)},
    "electrodes that are tugged at": {"motion": (0.5, 1.0, 2.0, 4.0)},
    "much hum": {"hum": (1.0, 1.4)},
    "a pacemaker": {"paced": (3.0, 10.0, 40.0), "rate": RATES[2:9]},
    "ectopic beats, from 50 /min": {"ectopic": (0.05, 0.15, 0.3, 1.0), "rate": RATES[3:]},
    "fibrillation": {"fibrillation": (0.05, 0.1, 0.2, 0.3)},
}


@req("VIT-011")
def test_the_heart_rate_under_artefact(measure: Measure, evidence: Collector, seed: int, soak: bool) -> None:
    found = {}
    for kind, instead in SPOILT.items():
        seen = sweep(400 if soak else 6, seed, 30, **instead)
        found[kind] = Count(len(seen.good), sum(error > 2 for error in seen.good))
    _report(measure, evidence, "Heart rate by ECG", "2 /min", found)


@req("VIT-011")
def test_the_blood_pressure_under_artefact(measure: Measure, evidence: Collector, seed: int, soak: bool) -> None:
    """Its bounds are those of many determinations: mean error and standard deviation of what is shown."""
    rng = random.Random(seed)
    rows: list[list[object]] = []
    for kind in ("movement", "a leak"):
        shown: list[tuple[float, float, float]] = []
        for _ in range(1_000 if soak else 60):
            on = OnArm(drawn(rng))
            if kind == "movement":
                part = rng.choice((0.1, 0.2, 0.5, 1.0))
                on.arm.faults.make("movement", ml=10 ** rng.uniform(-1.5, 1), part=part)
            else:
                on.air.faults.make("leak", g=10 ** rng.uniform(-2, 0))
            if on.measure().signal == "ok":
                shown.append(on.errors())
        for name, errors in zip(("systolic", "mean", "diastolic"), zip(*shown, strict=True), strict=True):
            measure("VIT-011", "mean error of the pressures shown", fmean(errors), where=f"{name}, {kind}")
            measure("VIT-011", "standard deviation of the pressures shown", pstdev(errors), where=f"{name}, {kind}")
            within = 100 * sum(abs(error) <= 15 for error in errors) / len(errors)
            rows.append([kind, name, len(errors), fmean(errors), pstdev(errors), within])
    head = ["kind", "pressure", "shown", "mean error (mmHg)", "SD (mmHg)", "within 15 mmHg (%)"]
    evidence.table("Blood pressure, by what disturbs it", head, rows)


# -- the whole board -------------------------------------------------------------------------------------------------
BOARDS = 20 if SOAK else 2
DISTURBED_S, REST_S, BEGIN_S = 25.0, 50.0, 60.0
FINGERS: Sequence[dict[str, float]] = (
    {"motion": 5.0}, {"tremor": 3.0}, {"jerks": 10.0}, {"shaking": 4.0}, {"half_off": 60.0}, {"venous": 40.0},
    {"ambient": 300.0}, {"probe_on": 0.0},
)  # fmt: skip
AIRWAYS: Sequence[dict[str, float]] = (
    {"cough": 0.8}, {"line_on": 0.0}, {"cardiogenic": 5.0}, {"blocked": 1.0}, {"cough": 0.6}, {"cough": 1.0},
    {"line_on": 0.0}, {"cardiogenic": 8.0},
)  # fmt: skip
HEARTS: Sequence[dict[str, float]] = (
    {"muscle": 0.3}, {"motion": 2.0}, {"hum": 1.2}, {"muscle": 0.5}, {"motion": 4.0}, {"wander": 3.0}, {"hum": 1.4},
    {"muscle": 0.2},
)  # fmt: skip
BOUNDS = {
    "spo2": 2.0, "pulse": 2.0, "resp": 1.0, "resp-pleth": 1.0, "etco2": 2.0, "heart": 2.0, "temperature": 0.1,
    "systolic": 15.0, "map": 15.0, "diastolic": 15.0,
}  # fmt: skip


OF_CUFF = ("systolic", "map", "diastolic")
LOOK_BACK_S = 6.4  # what a pulse rests on: breathing moves the true one


@req("VIT-011")
def test_a_steady_patient_whose_sensors_are_disturbed(
    dut: Any, measure: Measure, evidence: Collector, seed: int
) -> None:
    """All sensors at once, eight things in turn on each, 25 s of 75."""
    found = {name: Count() for name in BOUNDS}
    for board in range(BOARDS):
        _disturbed(dut(bedside=True, seed=seed + 100 + board), random.Random(seed * 100 + board), found)
    total = Count()
    for count in found.values():
        total.add(count)
    measure("VIT-011", "good numbers within the bounds", total.right, where="whole board, all signs")
    measure("VIT-011", "numbers judged", total.shown, where="whole board, all signs")
    rows = [
        [
            name,
            BOUNDS[name],
            count.shown,
            "each once" if name in OF_CUFF else 100 * count.shown / count.tellings,
            count.right if count.shown else "none shown",
        ]
        for name, count in found.items()
    ]
    head = ["number", "bound", "shown as good", "of all tellings (%)", "within the bound (%)"]
    evidence.table("Whole board, steady patient, sensors disturbed a third of the time", head, rows)


def _disturbed(bench: Bench, rng: random.Random, found: dict[str, Count]) -> None:
    side, host = side_of(bench), WireHost(bench)
    truth = {
        "spo2": rng.uniform(72, 99), "pulse": rng.uniform(45, 150), "resp": rng.uniform(8, 24),
        "etco2": rng.uniform(20, 60), "temperature": rng.uniform(34, 40),
    }  # fmt: skip
    truth["resp-pleth"], truth["heart"] = truth["resp"], truth["pulse"]
    bench.patient.set(spo2=truth["spo2"], pulse_bpm=truth["pulse"], resp_rate=truth["resp"])
    side.airway.set(rate=truth["resp"], etco2=truth["etco2"], variability=0.0)
    side.heart.set(rate=truth["pulse"])
    side.probe.set(skin=truth["temperature"])
    side.pressures, tissue = arm(rng)
    side.arm.become(tissue)
    one_heart(bench)
    truth |= {"systolic": side.pressures[0], "diastolic": side.pressures[1], "map": side.arm.mean(0)}
    host.run(BEGIN_S)
    for finger, airway, heart in zip(FINGERS, AIRWAYS, HEARTS, strict=True):
        plants = ((bench.patient, finger), (side.airway, airway), (side.heart, heart))
        before = [{name: getattr(plant.settings, name) for name in change} for plant, change in plants]
        for plant, change in plants:
            plant.set(**change)
        host.run(DISTURBED_S)
        for (plant, _), usual in zip(plants, before, strict=True):
            plant.set(**usual)
        host.run(REST_S)
        _judge(bench, host, truth, bool(airway.keys() & {"line_on", "blocked"}), found)


def _judge(bench: Bench, host: WireHost, truth: dict[str, float], cut: bool, found: dict[str, Count]) -> None:
    """All that was said since the last time. cut: no gas of the patient reached the sensor, and nobody breathes there.

    A determination of the cuff is one number, however often it is told.
    """
    for said in host.said:
        if said.name != "Vitals":
            continue
        for name, vital in vitals_in(said.values).items():
            if name not in BOUNDS:
                continue
            count = found[name]
            count.tellings += 1
            if vital.value is None or vital.quality != "good":
                continue
            true = truth[name]
            if name == "pulse":
                beats = [bench.patient.beats(round(second * 1e6)) for second in (said.at - LOOK_BACK_S, said.at)]
                true = 60 * (beats[1] - beats[0]) / LOOK_BACK_S
            elif name == "resp" and cut and vital.signal == "no-breath":
                true = 0.0
            elif name in OF_CUFF:
                made_s = said.at - vital.age_s
                if abs(made_s - count.made_s) < 5:
                    continue
                count.made_s = made_s
            count.add(Count(1, int(abs(vital.value - true) > BOUNDS[name])))
    host.said.clear()
