"""What stands between the screw and the liquid: play, a screw that is not straight, and a rubber seal that sticks.

Everything is a volume or a pressure here, so that it adds up: a position in the barrel is position times area, nL; a
force on the plunger is force over area, Pa; a stiffness k of the seal is a compliance area2/k, nL/Pa.
"""

from dataclasses import dataclass
from math import inf, pi, sin

from assuage_rig.plant.syringe import LEAD_NM, STEPS_PER_REV, Syringe

# The seal is the softest part of a syringe drive: about 10 uL/kPa in a 50 mL syringe, where the barrel has 1.2 (an open
# pump simulator's examples); together they lie inside the 9 .. 21 uL/kPa measured on 50 mL syringes (Snijder 2015).
# Rubber as long as it is wide has a stiffness in proportion to its diameter, which is how it is carried to other sizes.
_SEAL_N_MM_PER_MM = 1.174
_BARREL_NL_PA_PER_ML = 0.024

# Assumptions. ISO 7886-1 wants syringes for the hand to move below some 10 to 25 N; three-part ones were measured at 2
# to 4 N with water (Kiselev 2020, size not told); the simulator's examples take 4, 6 and 10 N for 10, 20 and 50 mL.
_BREAKAWAY_N_PER_MM = 0.35
_KINETIC_N_PER_MM = 0.245

KNOTS = 64
"""The screw's error is a polygon with so many corners a turn, so that the screw is straight between two of them."""


@dataclass(frozen=True)
class Mechanism:
    """The drive and how a plunger behaves in it. Figures without a source are assumptions, to be varied.

    backlash_um: of the nut, both ways. play_um: between pusher and plunger. Both are wide open after fitting a syringe.
    screw_error_um: amplitude of the periodic error, once a turn; 3 is that of a screw with e(2 pi) = 6 um.
    stick_n: extra force after a short stand, 0 for no stick-slip; below creep_um_s a plunger does not slide but stick.
    stall_n: the motor's steps are lost beyond this force; 0.06 N m on a 1 mm lead at 30 % make 113 N.
    rest_s: after a stand of so long the full breakaway force is needed again.
    soft, friction: factors on the seal's compliance and on all its friction.
    """

    backlash_um: float = 100.0
    play_um: float = 0.0
    screw_error_um: float = 3.0
    screw_phase: float = 0.0
    stick_n: float = 0.2
    creep_um_s: float = 0.3
    rest_s: float = 600.0
    stall_n: float = 113.0
    soft: float = 1.0
    friction: float = 1.0


REALISTIC = Mechanism()
IDEAL = Mechanism(backlash_um=0.0, screw_error_um=0.0, stick_n=0.0, stall_n=inf, soft=0.01, friction=0.0)


@dataclass(frozen=True)
class Seal:
    """One syringe in one drive. nL, Pa, nL/Pa, nL/s: `seal` and `barrel` are compliances, the rest friction."""

    seal: float
    barrel: float
    breakaway: float
    kinetic: float
    restick: float
    creep: float
    rest_s: float
    slack: float


def seal_of(syringe: Syringe, mechanism: Mechanism, friction: float = 1.0) -> Seal:
    """The seal of a syringe. friction: a factor on top of the mechanism's, for a plunger harder than it should be.

    One N over one mm2 is 1e6 Pa, one mm3/MPa is 1e-3 nL/Pa.
    """
    bore_mm, area = syringe.bore_um / 1000, syringe.area_mm2
    pa_per_n = 1e6 / area
    factor = mechanism.friction * friction
    kinetic = _KINETIC_N_PER_MM * bore_mm * pa_per_n * factor
    return Seal(
        seal=mechanism.soft * area**2 / (_SEAL_N_MM_PER_MM * bore_mm) / 1000,
        barrel=_BARREL_NL_PA_PER_ML * syringe.capacity_nl / 1e6,
        breakaway=_BREAKAWAY_N_PER_MM * bore_mm * pa_per_n * factor,
        kinetic=kinetic,
        restick=kinetic + mechanism.stick_n * pa_per_n * factor,
        creep=mechanism.creep_um_s * area if mechanism.stick_n * factor else 0.0,
        rest_s=mechanism.rest_s,
        slack=(mechanism.backlash_um + mechanism.play_um) * area,
    )


class Screw:
    """Position of the nut, as volume in nL, over the shaft's in thousandths of a step."""

    SPAN = STEPS_PER_REV * 1000 // KNOTS

    def __init__(self, syringe: Syringe, mechanism: Mechanism) -> None:
        self._turn_nl = LEAD_NM / 1000 * syringe.area_mm2  # um times mm2 is nL
        swing = mechanism.screw_error_um * syringe.area_mm2
        at = [
            i / KNOTS * self._turn_nl + swing * sin(2 * pi * (i / KNOTS + mechanism.screw_phase)) for i in range(KNOTS)
        ]
        self._at = [*at, at[0] + self._turn_nl]

    def nl(self, milli: float) -> float:
        """Where the nut is."""
        span, rest = divmod(milli, self.SPAN)
        turn, i = divmod(int(span), KNOTS)
        low = self._at[i]
        return turn * self._turn_nl + low + (self._at[i + 1] - low) * (rest / self.SPAN)

    def knot(self, milli: float, forward: bool) -> float:
        """The next corner from there, beyond that place itself."""
        if forward:
            return (milli // self.SPAN + 1) * self.SPAN
        return -(-milli // self.SPAN + 1) * self.SPAN
