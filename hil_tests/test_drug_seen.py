"""From the syringe to the numbers: the drug that truly leaves the line's end, the body that it comes to, and the board.

Ketamine raises pulse and pressure; an opioid that somebody gives on top, too much of it, slows the breathing and then
ends it. Once in air and once with oxygen, which hides it from the saturation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from assuage_rig.evidence import Collector
from assuage_rig.inbed import lay
from assuage_rig.measuring import Measure
from assuage_rig.plant.scene import figures
from assuage_rig.plant.signs import Signs
from assuage_rig.requirements import req
from assuage_rig.vital import Vital, vitals_in
from assuage_rig.wirehost import WireHost

pytestmark = pytest.mark.timeout(3600)
MG_ML = 10.0
KG = 70.0
LOAD_MG_KG, LOAD_MIN = 1.0, 4.0
FENTANYL_UG = 450.0
OXYGEN = 0.35
FIRST_CUFF_S = 370.0  # measured, and let off
LATEST_S = 800.0  # for the second, with another attempt
WATCHED_S = 240.0
SLOW, HIGH, LOW = 10.0, 42.0, 95.0  # breaths a minute, mmHg, %


@dataclass
class Course:
    """told, signs: the board's numbers and the body's, by the second. opioid_s: when it was given."""

    told: list[tuple[float, dict[str, Vital]]]
    signs: list[Signs]
    ketamine: list[float]
    fentanyl: list[float]
    opioid_s: float = 0.0
    given_mg: float = 0.0

    def curve(self, name: str, per: float = 60.0) -> tuple[list[float], list[float]]:
        """A number of the board over minutes, where it is good."""
        good = [(at / per, v[name].value) for at, v in self.told if v[name].quality == "good"]
        shown = [(at, value) for at, value in good if value is not None]
        return [at for at, _ in shown], [value for _, value in shown]

    def after_opioid(self, name: str, low: float | None = None, high: float | None = None) -> float | None:
        """When the board first told a number below or above, s after the opioid."""
        times, values = self.curve(name, 1.0)
        for at, value in zip(times, values, strict=True):
            if at > self.opioid_s and ((low is not None and value < low) or (high is not None and value > high)):
                return at - self.opioid_s
        return None

    def last(self, name: str, before_s: float) -> float:
        """The newest good number before a time."""
        times, values = self.curve(name, 1.0)
        return next(value for at, value in reversed(list(zip(times, values, strict=True))) if at <= before_s)


def course(dut: Any, fio2: float) -> Course:
    """A resting cuff; loaded; a second cuff; the opioid; watched."""
    board = dut(bedside=True)
    bedside = lay(board, mg_per_ml=MG_ML)
    body = bedside.body
    if fio2 > 0.21:
        body.breathe_gas(fio2)
    host = WireHost(board)
    told: list[tuple[float, dict[str, Vital]]] = []
    found = Course(told, [], [], [])
    ml = LOAD_MG_KG * KG / MG_ML
    host.run(4)
    host.identify()
    while not found.opioid_s or board.now_us / 1e6 < found.opioid_s + WATCHED_S:
        host.run(1 - board.now_us / 1e6 % 1)
        told += [(said.at, vitals_in(said.values)) for said in host.said if said.name == "Vitals"]
        host.said.clear()
        second = round(board.now_us / 1e6)
        found.signs.append(body.at())
        found.ketamine.append(body.effect("ketamine"))
        found.fentanyl.append(body.effect("fentanyl"))
        if second == round(FIRST_CUFF_S):
            host.start(ml_h=ml / LOAD_MIN * 60, ml=ml)
        elif not found.opioid_s and _again(host, second):
            found.opioid_s = second
            body.bolus("fentanyl", FENTANYL_UG)
        assert found.opioid_s or second < LATEST_S, "the cuff has not measured under ketamine"
    found.given_mg = body.ledger("ketamine")[0] / 1000
    return found


def _again(host: WireHost, second: int) -> bool:
    """Whether the cuff has measured since the ketamine was loaded."""
    pressure = host.vital("systolic")
    return pressure.value is not None and second - pressure.age_s > FIRST_CUFF_S + LOAD_MIN * 60


@req("VIT-014")
def test_what_the_drug_does_is_seen(dut: Any, measure: Measure, evidence: Collector) -> None:
    air, oxygen = course(dut, 0.21), course(dut, OXYGEN)
    assert 0.95 * LOAD_MG_KG * KG < air.given_mg <= 1.02 * LOAD_MG_KG * KG
    _circulation(measure, air)
    falls = {}
    rows = []
    for name, of in (("air", air), (f"oxygen {100 * OXYGEN:.0f} %", oxygen)):
        slow, high = of.after_opioid("resp", low=SLOW), of.after_opioid("etco2", high=HIGH)
        fall = of.after_opioid("spo2", low=LOW)
        assert slow is not None and high is not None and fall is not None, (name, slow, high, fall)
        assert slow < high, "the breathing slows before its gas rises"
        measure("VIT-014", "saturation falls after breathing has slowed", fall - slow, where=name)
        falls[name] = fall
        rows.append([name, slow, high, fall])
        _draw(evidence, name, of)
    measure("VIT-014", "oxygen puts off the fall by", falls[rows[1][0]] - falls["air"])
    head = [
        "breathing",
        f"respiration below {SLOW:g} /min (s)",
        f"EtCO2 above {HIGH:g} mmHg (s)",
        f"SpO2 below {LOW:g} % (s)",
    ]
    evidence.table(f"After {FENTANYL_UG:g} ug of fentanyl, as the board told it", head, rows)


def _circulation(measure: Measure, of: Course) -> None:
    """Before the ketamine against under it, in the board's numbers and in the body's."""
    before_s, after_s = FIRST_CUFF_S - 2, of.opioid_s + 0.5  # it acts from the next second on

    def then(second: float) -> Signs:
        return next(s for s in of.signs if s.time_us >= second * 1e6)

    def rise(name: str) -> float:
        return of.last(name, after_s) - of.last(name, before_s)

    true = then(after_s).pulse_bpm - then(before_s).pulse_bpm
    measure("VIT-014", "rise of the pulse, told less true", rise("pulse") - true, where="oximeter")
    measure("VIT-014", "rise of the pulse, told less true", rise("heart") - true, where="electrocardiogram")
    measured_s = next(at - v["map"].age_s for at, v in reversed(of.told) if at < after_s)
    assert measured_s > FIRST_CUFF_S, "by the second cuff"
    pressures = then(measured_s).systolic - then(before_s).systolic
    measure("VIT-014", "rise of the systolic pressure, told less true", rise("systolic") - pressures)
    measure("VIT-014", "rise of the systolic pressure", rise("systolic"))


def _draw(evidence: Collector, name: str, of: Course) -> None:
    """The body's curves, and the board's numbers beside them."""
    told = {
        "Saturation": {"told": "spo2"},
        "Breathing": {"breaths told": "resp", "EtCO2 told": "etco2"},
        "Circulation": {"pulse told": "pulse", "systolic told": "systolic", "diastolic told": "diastolic"},
    }
    marks = {"ketamine": FIRST_CUFF_S / 60, "fentanyl": of.opioid_s / 60}
    for figure in figures(of.signs, {"ketamine": of.ketamine, "fentanyl": of.fentanyl}):
        beside = {label: of.curve(number) for label, number in told.get(figure.title, {}).items()}
        evidence.plot(
            f"{figure.title}, {name}", x="time (min)", y=figure.y, series={**figure.series, **beside}, marks=marks
        )
