"""From the syringe's cone to the vein: resistance, height, and what can stand in the way, run out or come along.

The line's compliance lies at the syringe, before the resistance. An obstacle leaves the syringe the part of it that is
before the obstacle, an open connector none; what the rest holds runs out to the patient by itself. nL, Pa, nL/Pa,
Pa s/nL.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp

from assuage_rig.faults import Faults, Kind

WATER_PA_PER_CM = 98.06
"""Density of water times gravity."""

PA_PER_KPA_H_ML = 3.6
"""1 kPa per mL/h is 3.6 Pa per nL/s."""

PATIENT, SYRINGE = 0.0, 1.0
"""Where an occlusion sits; between them, so much of the line's length from the patient."""

KINDS = {
    "occlusion": Kind(
        "the line is squeezed, where 0: at the patient, 1: at the syringe, and anywhere between",
        {"where": (PATIENT, PATIENT, SYRINGE), "kpa_h_per_ml": (1e9, 0.0, 1e9)},
    ),
    "disconnection": Kind("the line has come off the syringe and what is pumped runs out"),
    "leak": Kind("the connector leaks", {"kpa_h_per_ml": (1.0, 1e-3, 1e9)}),
    "height": Kind("the syringe lies so much above the patient", {"cm": (50.0, -200.0, 200.0)}),
}


@dataclass(frozen=True)
class Tubing:
    """A line with its cannula.

    resistance: 1.5 m of 0.9 mm bore at 1 mPa s make 0.093 Pa s/nL (Poiseuille), a 22 G cannula that passes 36 mL/min
    at 1 m of water 0.016. compliance and vein are assumptions. dead_nl: what it holds; detector_nl: from the syringe to
    the air detector.
    """

    resistance: float = 0.11
    compliance: float = 0.3
    vein: float = 1_000.0
    open_end: float = 0.001
    dead_nl: float = 950_000.0
    detector_nl: float = 100_000.0


@dataclass(frozen=True)
class Way:
    """The ways out of the syringe as one: g in nL/s per Pa towards the pressure `outside`.

    onward, vein: the part of g that leads into the patient and the pressure there. attached: the share of the line's
    compliance that is the syringe's too.
    """

    g: float
    outside: float
    onward: float
    vein: float
    attached: float


class Line:
    """Its faults, the ways they leave, and the volume of a line that is parted from its syringe."""

    def __init__(self, tubing: Tubing, settle: Callable[[], None], passed: Callable[[], float]) -> None:
        self.tubing = tubing
        self._passed = passed
        self._bubbles: list[tuple[float, float]] = []
        air = Kind(
            "a bubble lies in the line, so much before the air detector",
            {"ul": (50.0, 1.0, 10_000.0), "before_ul": (0.0, 0.0, 10_000.0)},
            act=self._air,
        )
        self.faults = Faults("line", {**KINDS, "air": air}, settle)
        self.pressure = tubing.vein  # of a parted line

    def way(self) -> Way:
        """As things stand."""
        active = self.faults.active
        tubing = self.tubing
        vein = tubing.vein
        if "height" in active:
            vein -= float(active["height"]["cm"]) * WATER_PA_PER_CM
        resistance, attached = tubing.resistance, 1.0
        if "occlusion" in active:
            occlusion = active["occlusion"]
            resistance += float(occlusion["kpa_h_per_ml"]) * PA_PER_KPA_H_ML
            attached = SYRINGE - occlusion["where"]
        if "disconnection" in active:
            return Way(1 / tubing.open_end, 0.0, 0.0, vein, 0.0)
        onward = 1 / resistance
        leak = 1 / (float(active["leak"]["kpa_h_per_ml"]) * PA_PER_KPA_H_ML) if "leak" in active else 0.0
        g = onward + leak
        return Way(g, onward * vein / g, onward, vein, attached)

    def fill(self, way: Way) -> None:
        """A line without air, at rest."""
        self.pressure = way.vein
        self._bubbles.clear()

    def drain(self, seconds: float, way: Way) -> float:
        """What is parted of the line lets its pressure go into the patient: the volume, nL."""
        resistance = self.tubing.resistance
        active = self.faults.active
        if "disconnection" in active and "occlusion" in active and active["occlusion"]["where"] < SYRINGE:
            resistance += float(active["occlusion"]["kpa_h_per_ml"]) * PA_PER_KPA_H_ML
        compliance = (1 - way.attached) * self.tubing.compliance
        left = way.vein + (self.pressure - way.vein) * exp(-seconds / (resistance * compliance))
        volume = compliance * (self.pressure - left)
        self.pressure = left
        return volume

    def air_at_detector(self, passed_nl: float) -> bool:
        """Whether there is air before the detector once so much has gone into the line."""
        return any(start <= passed_nl < end for start, end in self._bubbles)

    def _air(self, ul: float, before_ul: float) -> None:
        start = self._passed() + before_ul * 1000
        self._bubbles.append((start, start + ul * 1000))
