"""Who lies there: size, resting values and how much a drug does to this one. Data; nothing here moves."""

from dataclasses import dataclass
from math import exp

from assuage_rig.noise import gauss, key, mix


@dataclass(frozen=True)
class Person:
    """An adult at rest. The defaults are a textbook's healthy man of 70 kg.

    oxygen_ml_kg: consumption, mL STPD/min/kg. rq: carbon dioxide made per oxygen used. output_ml_kg: cardiac output,
    mL/min/kg. blood_ml_kg, haemoglobin_g_l. frc_ml: gas in the lungs at rest, lying; obesity and late pregnancy halve
    it. shunt: share of the blood that passes the lungs unchanged. finger_s: from lung to finger.
    ketamine, opioid: how sensitive, 1 is usual. tolerance: by how much chronic opioids have raised the concentration
    that it takes. clearance: of all drugs, 1 is usual.
    """

    age: float = 40.0
    weight_kg: float = 70.0
    height_cm: float = 175.0
    male: bool = True
    pulse_bpm: float = 72.0
    systolic: float = 120.0
    diastolic: float = 75.0
    resp_rate: float = 14.0
    paco2: float = 40.0
    temperature_c: float = 36.8
    perfusion: float = 2.0
    oxygen_ml_kg: float = 3.5
    rq: float = 0.8
    output_ml_kg: float = 72.0
    blood_ml_kg: float = 70.0
    haemoglobin_g_l: float = 145.0
    frc_ml: float = 2200.0
    shunt: float = 0.04
    finger_s: float = 20.0
    ketamine: float = 1.0
    opioid: float = 1.0
    tolerance: float = 1.0
    clearance: float = 1.0

    @property
    def lean_kg(self) -> float:
        """Lean body mass by James' formula (1976), which the remifentanil model was fitted with."""
        ratio = self.weight_kg / self.height_cm
        if self.male:
            return 1.1 * self.weight_kg - 128 * ratio * ratio
        return 1.07 * self.weight_kg - 148 * ratio * ratio


def drawn(seed: int, tolerance: float = 1.0) -> Person:
    """One of many: the same for a seed. Means and spreads are of adult patients' order, not of a survey.

    The spread of a drug's potency (30 to 40 %, lognormal) is the order that population models report.
    """
    own = key(seed, "person")

    def spread(n: int, mean: float, sd: float, least: float, most: float) -> float:
        return min(max(mean + sd * gauss(own, n), least), most)

    def factor(n: int, share: float) -> float:
        return exp(share * gauss(own, n))

    male = bool(mix(own, 0) & 1)
    age = spread(1, 52, 17, 18, 90)
    height = spread(2, 176 if male else 163, 7, 145, 205)
    bmi = spread(3, 26, 4.5, 17, 45)
    weight = bmi * (height / 100) ** 2
    return Person(
        age=age,
        weight_kg=weight,
        height_cm=height,
        male=male,
        pulse_bpm=spread(4, 74, 9, 48, 105),
        systolic=spread(5, 112 + 0.3 * age, 11, 95, 165),
        diastolic=spread(6, 76, 7, 55, 95),
        resp_rate=spread(7, 14.5, 2.2, 9, 22),
        paco2=spread(8, 40, 2, 34, 46),
        temperature_c=spread(9, 36.8, 0.3, 35.8, 37.8),
        perfusion=spread(10, 2.5, 1.2, 0.5, 6.0),
        haemoglobin_g_l=spread(11, 145 if male else 132, 12, 90, 180),
        oxygen_ml_kg=3.5 * (70 / weight) ** 0.25,
        output_ml_kg=72 * (70 / weight) ** 0.25,
        blood_ml_kg=70 * (70 / weight) ** 0.4,
        frc_ml=2200 * (height / 175) ** 2 * min(1.0, max(0.4, 1 - 0.03 * (bmi - 25))) * factor(12, 0.12),
        shunt=spread(13, 0.03 + 0.0004 * age, 0.01, 0.01, 0.12),
        finger_s=spread(14, 21, 4, 15, 30),
        ketamine=factor(15, 0.3),
        opioid=factor(16, 0.35),
        tolerance=tolerance,
        clearance=factor(17, 0.25),
    )
