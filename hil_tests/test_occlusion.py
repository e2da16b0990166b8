"""Occlusions: told when they must be and as predicted, relieved before the line opens, and none where there is none."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from assuage_rig.evidence import Collector
from assuage_rig.iec60601_2_24 import nl_min
from assuage_rig.measuring import Measure
from assuage_rig.nurse import Nurse
from assuage_rig.occlusion import PA_PER_MMHG, Rule, predict
from assuage_rig.plant.line import PATIENT, SYRINGE
from assuage_rig.plant.mechanics import REALISTIC, Mechanism
from assuage_rig.plant.syringe import SYRINGES
from assuage_rig.requirements import req
from tests.firmware.detector_on_rig import Watched

pytestmark = pytest.mark.timeout(14_400)
SOAK = os.environ.get("ASSUAGE_SOAK") == "1"

NAMES = ("BD 10", "BD 20", "BD 50")
RATES = (0.5, 1.0, 5.0)  # mL/h
AIMS_MIN = {0.5: 30.0, 1.0: 10.0, 5.0: 3.0}
LEVELS = (100, 300, 900)  # mmHg
MIDDLE = 0.5
PLACES = {PATIENT: "at the patient", MIDDLE: "in the middle of the line", SYRINGE: "at the syringe"}
CASES = (
    [(name, ml_h, where, level) for name in NAMES for ml_h in RATES for where in PLACES for level in LEVELS]
    if SOAK
    else [
        *[("BD 50", ml_h, PATIENT, 300) for ml_h in RATES],
        ("BD 50", 5.0, SYRINGE, 300),
        ("BD 50", 5.0, PATIENT, 100),
        ("BD 20", 5.0, PATIENT, 300),
        ("BD 10", 5.0, MIDDLE, 300),
    ]
)


class Watch:
    """Curves of one occlusion: minutes, and mmHg above what stood in the line before."""

    def __init__(self, nurse: Nurse) -> None:
        self._nurse = nurse
        self._began_us = nurse.bench.now_us
        self._line_pa = nurse.bench.pressure_pa  # of the line as it flows
        self.minutes: list[float] = []
        self.true: list[float] = []
        self.told: list[float] = []

    def until_it_stands(self, limit_min: float, step_s: float) -> float:
        """Minutes until it does, or the limit."""
        nurse = self._nurse
        while nurse.host.state == "infusing" and self.elapsed < limit_min:
            nurse.wait(step_s)
            self.look()
        return self.elapsed

    def go_on(self, seconds: float) -> None:
        """Looks on, once a second."""
        for _ in range(round(seconds)):
            self._nurse.wait(1)
            self.look()

    @property
    def elapsed(self) -> float:
        """Minutes since it began."""
        return (self._nurse.bench.now_us - self._began_us) / 60e6

    def look(self) -> None:
        """One point of each curve."""
        self.minutes.append(self.elapsed)
        self.true.append((self._nurse.bench.pressure_pa - self._line_pa) / PA_PER_MMHG)
        self.told.append(float(self._nurse.host.last("Drive")["pressure"]))


@req("OCC-001", "OCC-002")
@pytest.mark.parametrize(
    ("name", "ml_h", "where", "level"), CASES, ids=[f"{n} {r:g} mL/h {PLACES[w]} {v} mmHg" for n, r, w, v in CASES]
)
def test_an_occlusion_is_told_as_predicted_and_leaves_no_bolus(
    dut: Any, measure: Measure, evidence: Collector, seed: int, name: str, ml_h: float, where: float, level: int
) -> None:
    """Closed in the middle of an infusion by the board as it ships; opened a minute after the alarm."""
    syringe, rate = SYRINGES[name], nl_min(ml_h)
    case = f"{name} at {ml_h:g} mL/h, {PLACES[where]}, level {level} mmHg"
    bench = dut(syringe=name, mechanism=REALISTIC)
    nurse = Nurse(bench)
    host = nurse.host
    nurse.come()
    nurse.infuse(name, ml_h, 5.0, level=level)
    # long enough for the friction to be known and the start's allowances to fade, to a moment that the seed chooses
    flowed_s = max(300.0, 40_000 / rate * 60) + random.Random(f"{seed} {case}").uniform(0, 60)
    nurse.wait(flowed_s)
    assert host.state == "infusing"

    before = host.last("PumpStatus")["delivered"] - bench.patient_nl
    predicted = predict(bench.infusion, Rule.of(syringe, level), rate, where, flowed_s)
    line_pa = bench.pressure_pa
    watch = Watch(nurse)
    bench.fault("line", "occlusion", where=where)
    alarm = watch.until_it_stands(2 * AIMS_MIN[ml_h], 0.25 if ml_h > 1 else 1.0)
    stored_nl = (bench.pressure_pa - line_pa) * predicted.compliance
    reason = host.reason
    watch.go_on(60)
    got = bench.patient_nl
    bench.mend("line", "occlusion")
    bolus = 0.0
    for _ in range(30):
        nurse.wait(2)
        bolus = max(bolus, bench.patient_nl - got)

    width = predicted.latest_min - predicted.soonest_min
    measure("OCC-001", f"time to alarm at {ml_h:g} mL/h", alarm, where=case)
    measure(
        "OCC-001", "place of the alarm in the predicted band, from 0 soonest to 1 latest",
        (alarm - predicted.soonest_min) / width, where=case,
        note=f"predicted {predicted.soonest_min:.2f} to {predicted.latest_min:.2f} min, measured {alarm:.2f} min",
    )  # fmt: skip
    measure("OCC-002", "bolus after the release", bolus / 1000, where=case)
    measure("OCC-002", "bolus as a share of what was stored at the alarm", bolus / stored_nl, where=case)
    status = host.last("PumpStatus")
    after = status["delivered"] - status["aside"] - bench.patient_nl  # of which the back-off has taken back
    measure(
        "OCC-002", "volume told less volume given, through occlusion and release", (after - before) / 1000, where=case
    )  # fmt: skip
    assert reason == "occlusion" and host.state == "stopped"

    rule = Rule.of(syringe, level)
    top = max(watch.true)
    evidence.plot(
        f"Pressure at an occlusion, {case}",
        x="time since the line was closed (min)",
        y="pressure in the syringe (mmHg)",
        series={
            "in the syringe": (watch.minutes, watch.true),
            "told by the board": (watch.minutes, watch.told),
            "alarm": ([alarm, alarm], [0.0, top]),
            "predicted, soonest": ([predicted.soonest_min] * 2, [0.0, top]),
            "predicted, latest": ([predicted.latest_min] * 2, [0.0, top]),
        },
        lines={"told by its slope": rule.rise_pa / PA_PER_MMHG, **({"level": float(level)} if level < 2 * top else {})},
    )
    evidence.table(
        case,
        ["", "predicted", "measured"],
        [
            ["time to alarm (min)", f"{predicted.soonest_min:.2f} to {predicted.latest_min:.2f}", alarm],
            ["pressure at the alarm (mmHg)", f"{rule.rise_pa / PA_PER_MMHG:.0f} and what the seal sticks", top],
            ["stored at the alarm (uL)", "compliance times pressure", stored_nl / 1000],
            ["bolus after the release (uL)", "at most 100", bolus / 1000],
        ],
    )


# -- no false alarm ----------------------------------------------------------------------------------------------------
NORMAL = [  # syringe, mL/h, times the converter's noise, cm that the syringe is above the patient at times
    ("BD 50", 0.5, 1.0, -50.0),
    ("BD 50", 5.0, 4.0, -50.0),
    ("BD 20", 1.0, 2.0, 50.0),
    ("BD 10", 1.0, 4.0, 50.0),
]


@req("OCC-003")
@pytest.mark.parametrize(("name", "ml_h", "noise", "cm"), NORMAL)
def test_hours_of_a_normal_infusion_on_the_board_bring_no_occlusion_alarm(
    dut: Any, measure: Measure, seed: int, name: str, ml_h: float, noise: float, cm: float
) -> None:
    """The board as it ships, every sensor at its full rate; the syringe is moved by half a metre and back at times."""
    minutes = 24 * 60 if SOAK else 10
    rng = random.Random(f"{seed} {name} {ml_h} {noise}")
    bench = dut(syringe=name, mechanism=_of_chance(rng))
    nurse = Nurse(bench)
    nurse.come()
    nurse.infuse(name, ml_h, min(0.9 * SYRINGES[name].capacity_nl / 1e6, ml_h * 26))
    bench.fault("bridge", "noise", factor=noise)
    begun, raised = bench.now_us, False
    ends = begun + minutes * 60e6
    nurse.wait(rng.uniform(60, 180))
    while bench.now_us < ends and nurse.host.state == "infusing":
        if raised:
            bench.mend("line", "height")
        else:
            bench.fault("line", "height", cm=cm)
        raised = not raised
        pause_s = rng.uniform(120, 300) + 0.13 / ml_h * 3600  # a quarter of a mL from one rise to the next
        nurse.wait(min(pause_s, max(1.0, (ends - bench.now_us) / 1e6)))
    lived = (bench.now_us - begun) / 3600e6
    undisturbed = nurse.host.state in ("infusing", "complete")  # some syringes are empty before the day is over
    measure(
        "OCC-003", "false alarms", 0 if undisturbed else 1,
        where=f"{lived:.1f} h of {name} at {ml_h:g} mL/h on the board at full rate, noise x{noise:g}, height {cm:g} cm",
        note=nurse.host.reason,
    )  # fmt: skip


@req("OCC-003")
@pytest.mark.parametrize("part", range(18 if SOAK else 6))
def test_days_of_normal_infusions_bring_no_occlusion_alarm(
    measure: Measure, evidence: Collector, seed: int, part: int
) -> None:
    """The shipped detector behind the bench's mechanics, without a board; a soak's parts together are 30 days."""
    hours = 40 if SOAK else 3
    rng = random.Random(f"{seed} {part}")
    name, noise = NAMES[part % 3], (1.0, 2.0, 4.0)[part // 3 % 3]
    watched = Watched(name, _of_chance(rng), rng, noise=noise)
    alarms = list(_disturbed(watched, hours, rng))
    measure(
        "OCC-003", "false alarms", len(alarms),
        where=f"{hours} h of {name}, the shipped detector at 20 readings a second, noise x{noise:g}, part {part}",
    )  # fmt: skip
    if alarms:
        evidence.table("False alarms", ["hour", "kind", "mL/h"], alarms)


def _of_chance(rng: random.Random) -> Mechanism:
    """A drive and a plunger within what the detector says that it assumes of a size."""
    return Mechanism(
        screw_error_um=rng.choice((3.0, 6.0)),
        screw_phase=rng.random(),
        stick_n=rng.uniform(0.0, 0.27),
        soft=rng.uniform(0.85, 1.6),
        friction=rng.uniform(0.5, 1.1),
    )


def _disturbed(watched: Watched, hours: float, rng: random.Random) -> Any:
    """Lives through hours of all that is normal: (hour, kind, mL/h) of each alarm.

    The line rises by half a metre no sooner again than a quarter of a mL later, and not below 0.5 mL/h: twice within
    less is more than the detector says that it tells from an occlusion, and at 0.1 mL/h a line that has risen does not
    flow for half an hour, in which the plunger comes to rest anew: that is told, and rightly.
    """
    ml_h = rng.choice((0.5, 1.0))
    watched.take_up()
    watched.set_rate(ml_h)
    watched.pressure.begin()
    turned_nl, raised_nl, height = 0.0, -250_000.0, 0
    begun = watched.clock.now_us
    while (watched.clock.now_us - begun) / 3600e6 < hours:
        for _ in range(rng.randrange(300, 3000)):
            why = watched.second()
            if why:
                yield (watched.clock.now_us - begun) / 3600e6, ("clear", "level", "slope", "drop")[why], ml_h
                watched.pressure.begin()
        if watched.shaft.plunger_nl > 0.8 * watched.shaft.syringe.capacity_nl:
            turned_nl += watched.shaft.plunger_nl
            watched.refill()
        may_rise = turned_nl + watched.shaft.plunger_nl - raised_nl >= 250_000
        if rng.random() < 0.5:
            ml_h = rng.choice((0.1, 0.5, 1.0, 2.0, 5.0, 25.0) if may_rise else (0.5, 1.0, 2.0, 5.0, 25.0))
            watched.set_rate(ml_h)
            continue
        there = 0 if height else rng.choice((-50, 50))
        if there < height:  # the syringe comes down, so the line rises
            if ml_h < 0.5 or not may_rise:
                continue
            raised_nl = turned_nl + watched.shaft.plunger_nl
        height = there
        if height:
            watched.infusion.line.faults.make("height", cm=height)
        else:
            watched.infusion.line.faults.mend("height")
