"""When an occlusion should be told: worked out from the plant and from the rule that the detector publishes.

    told = predict(infusion, Rule.of(syringe, level_mmhg), rate_nl_min, PATIENT, 600)
    assert told.soonest_min <= measured <= told.latest_min

What is occluded rises by 1/C a volume, C of all that gives way: seal, barrel and, before a clamp at the patient, line.
The rule, as firmware/pump/pressure.py states it to its users: told is a rise of 0.5 m of water, the stick-slip of such
a syringe and a little noise together, after an eighth of what the softest syringe of the size would rise by has been
taken off; in slots of a sixteenth of the volume in which that softest one rises so far, a slot and a half late. Or the
level, whichever is first.

The band is what nobody can know beforehand: the stick-slip that the seal holds just then, the slots, the screw's error
over that travel, what the last change of flow may have added to a narrow line, and how long telling takes.
"""

from dataclasses import dataclass
from math import exp

from assuage_rig.plant.infusion import Infusion
from assuage_rig.plant.line import SYRINGE
from assuage_rig.plant.syringe import Syringe

PA_PER_MMHG = 133.322
HALF_A_METRE_MMHG = 37.0
NOISE_PA = 300.0
SLOTS = 16
LATE_SLOTS = 1.5
EIGHTH = 0.125
THIN_MMHG_H_ML = 2.0
"""A line this narrow adds so much when the flow rises; the allowance for it fades e-fold in FADES_S."""
FADES_S = 64.0
TELLING_S = 1.0
"""In which force, decision and telling follow each other."""

# bore below (um): softest syringe of the size (nL/Pa), stick-slip (N), as the same file lists them
_SIZES = ((17_500, 3.4, 0.3), (20_900, 7.7, 0.3), (25_000, 11.3, 0.4), (1_000_000, 21.0, 0.4))


@dataclass(frozen=True)
class Rule:
    """rise_pa: that is told as an occlusion by its slope; level_pa: at which it is told whatever the slope.

    softest: compliance of the softest syringe of that size, nL/Pa.
    """

    rise_pa: float
    level_pa: float
    softest: float

    @classmethod
    def of(cls, syringe: Syringe, level_mmhg: int) -> "Rule":
        """For 10 to 50 mL syringes. Raises ValueError for smaller ones, of which nothing is published here."""
        if syringe.bore_um < 13_500:
            raise ValueError(f"no rule for a bore of {syringe.bore_um} um")
        _, softest, ripple_n = next(size for size in _SIZES if syringe.bore_um < size[0])
        rise = HALF_A_METRE_MMHG * PA_PER_MMHG + ripple_n * 1e6 / syringe.area_mm2 + NOISE_PA
        return cls(rise, level_mmhg * PA_PER_MMHG, softest)

    @property
    def slot_nl(self) -> float:
        """Volume of a slot."""
        return self.rise_pa * self.softest / SLOTS

    def volume_nl(self, compliance: float, more_pa: float = 0.0) -> float:
        """Volume in which so much more than the rise is gathered, without the slots."""
        return (self.rise_pa + more_pa) / (1 / compliance - EIGHTH / self.softest)


@dataclass(frozen=True)
class Prediction:
    """Minutes from the occlusion to the alarm, soonest and latest, and what gives way, nL/Pa."""

    soonest_min: float
    latest_min: float
    compliance: float


def predict(infusion: Infusion, rule: Rule, rate_nl_min: float, where: float, flowed_s: float) -> Prediction:
    """For a line that flows and is then occluded, having flowed at this rate for so long."""
    seal, mechanism, syringe = infusion.plunger.seal, infusion.mechanism, infusion.syringe
    line = (SYRINGE - where) * infusion.line.tubing.compliance
    compliance = seal.seal + seal.barrel + line
    stick = seal.restick - seal.kinetic
    narrow = THIN_MMHG_H_ML * PA_PER_MMHG * rate_nl_min * 60 / 1e6 * exp(-flowed_s / FADES_S)
    screw_nl = 2 * mechanism.screw_error_um * syringe.area_mm2
    soonest = min(rule.volume_nl(compliance, -stick), (rule.level_pa - stick) * compliance) - screw_nl
    latest = min(
        rule.volume_nl(compliance, stick + narrow) + LATE_SLOTS * rule.slot_nl, (rule.level_pa + stick) * compliance
    )
    latest += screw_nl + syringe.nl_per_step + rate_nl_min / 60 * TELLING_S
    return Prediction(max(0.0, soonest) / rate_nl_min, latest / rate_nl_min, compliance)
