"""Oxygen and carbon dioxide from the air to the tissues: what the lungs and the blood hold, and how it runs out.

Three stores. The lungs: oxygen, nitrogen and carbon dioxide as volumes, dry and at body temperature (mL BTPS), mixed by
ventilation; when the airway is open, air follows what the blood has taken, when it is shut, the lungs shrink until the
chest is too stiff, and then the gas thins out. The blood
that has not yet passed the lungs: a content of oxygen. The tissues: a pressure of carbon dioxide. Blood carries between
them. All flows are taken from one store and put into another, so that nothing is made or lost.
Pressures in mmHg, contents in mL STPD per litre of blood, times in minutes.
"""

from math import exp, log10

from assuage_rig.plant.person import Person

DRY_MMHG = 713.0
"""Air at sea level less the water vapour at 37 degC, 760 - 47 mmHg."""

AIR = 0.2093
"""Share of oxygen in dry air."""

BTPS_PER_STPD = 863.0 / DRY_MMHG
"""863 mmHg: (273 + 37) / 273 * 760, the constant of the alveolar ventilation equation."""

CARRIED_ML_G = 1.34
"""Oxygen that a gram of haemoglobin carries, mL (Huefner's number as measured in blood)."""

DISSOLVED = 0.031
"""Oxygen in plasma, mL per litre and mmHg."""

CO2_SLOPE = 6.7
"""Carbon dioxide that a litre of blood takes up per mmHg, mL: 40 mL at a difference of 6 mmHg, a textbook's resting
values, so with Haldane's effect."""

CO2_STORE_ML_KG = 0.7
"""That of the tissues within minutes, mL per kg and mmHg. Chosen: then apnoea's later rise is the 3.4 to 4.4 mmHg/min
of Kobayashi 1994 (Masui 43:1130); dogs that are given an hour hold twice as much (Farhi and Rahn 1955)."""

RESIDUAL = 0.55
"""Share of the resting volume to which a chest can shrink: 1.2 of 2.2 L, a textbook's."""

SCARCE = 10.0
"""Content of venous blood below which the tissues use less oxygen. Ours."""

END_TIDAL_GAP = 3.0
"""Alveolar less end-tidal pressure of carbon dioxide, mmHg; 2 to 5 in health."""


def saturation(po2: float, ph: float = 7.4) -> float:
    """Share of oxygenated haemoglobin at 37 degC, 0 .. 1: Severinghaus 1979, J Appl Physiol 46:599, eqs. 1 and 4."""
    if po2 <= 0:
        return 0.0
    if ph != 7.4:
        po2 *= exp(((po2 / 26.6) ** 0.184 - 2.2) * (7.4 - ph))
    return 1 / (23_400 / (po2**3 + 150 * po2) + 1)


def ph_of(pco2: float, resting: float = 40.0) -> float:
    """Arterial pH after minutes of another carbon dioxide than the resting one, which has 7.4.

    Henderson and Hasselbalch, with 1 mmol/L of bicarbonate more per 10 mmHg, the textbook's acute response.
    """
    pco2 = max(pco2, 1.0)
    usual = 10 ** (7.4 - 6.1) * 0.0307 * resting
    return 6.1 + log10(max(usual + 0.1 * (pco2 - resting), 1.0) / (0.0307 * pco2))


class Gases:
    """The stores of one person, at rest when made. oxygen, carbon_dioxide: what is used and made, mL STPD/min."""

    def __init__(self, person: Person, fio2: float = AIR) -> None:
        p = person
        self._resting = p.paco2
        self._bound = CARRIED_ML_G * p.haemoglobin_g_l
        self._shunt = p.shunt
        self._frc = p.frc_ml
        self._least = RESIDUAL * p.frc_ml
        self._blood = p.blood_ml_kg * p.weight_kg / 1000 * 0.75  # three quarters are in veins and capillaries
        self._store = CO2_STORE_ML_KG * p.weight_kg
        self.oxygen = p.oxygen_ml_kg * p.weight_kg
        self.carbon_dioxide = self.oxygen * p.rq
        self.output_l_min = p.output_ml_kg * p.weight_kg / 1000
        self.ventilation_l_min = 863 * self.carbon_dioxide / 1000 / p.paco2
        """Alveolar, at rest: the alveolar ventilation equation."""
        self.co2 = p.paco2 / DRY_MMHG * self._frc
        po2 = DRY_MMHG * fio2 - p.paco2 * (fio2 + (1 - fio2) / p.rq)
        self.o2 = po2 / DRY_MMHG * self._frc
        self.n2 = self._frc - self.co2 - self.o2
        self.tissue_co2 = p.paco2 + self.carbon_dioxide / (self.output_l_min * CO2_SLOPE)
        self.arterial = self.venous = 0.0
        self.venous = self._content(po2) - self.oxygen / self.output_l_min / (1 - p.shunt)
        self._mix(po2)

    # -- what it comes to --------------------------------------------------------------------------------------------
    @property
    def volume_ml(self) -> float:
        """Gas in the lungs, at the pressure of the air."""
        return self.o2 + self.n2 + self.co2

    @property
    def alveolar_o2(self) -> float:
        """mmHg."""
        return DRY_MMHG * self.o2 / max(self.volume_ml, self._least)

    @property
    def paco2(self) -> float:
        """Alveolar and arterial, mmHg."""
        return DRY_MMHG * self.co2 / max(self.volume_ml, self._least)

    @property
    def pao2(self) -> float:
        """Arterial, mmHg: that with whose content the arteries are filled."""
        ph = ph_of(self.paco2, self._resting)
        low, high = 0.0, DRY_MMHG
        for _ in range(22):
            middle = (low + high) / 2
            if self._bound * saturation(middle, ph) + DISSOLVED * middle < self.arterial:
                low = middle
            else:
                high = middle
        return high

    @property
    def sao2(self) -> float:
        """Saturation of arterial blood, 0 .. 1."""
        return min(1.0, max(0.0, (self.arterial - DISSOLVED * self.pao2) / self._bound))

    @property
    def stored_o2(self) -> float:
        """All oxygen of lungs and venous blood, mL STPD."""
        return self.o2 / BTPS_PER_STPD + self.venous * self._blood

    @property
    def stored_co2(self) -> float:
        """All carbon dioxide above none in lungs and tissues, mL STPD."""
        return self.co2 / BTPS_PER_STPD + self.tissue_co2 * self._store

    # -- time --------------------------------------------------------------------------------------------------------
    def pass_time(
        self, minutes: float, ventilation: float, fio2: float, open_: bool, output: float, fico2: float = 0.0
    ) -> None:
        """A short time, half a second or so. ventilation: alveolar, L/min. output: of the heart, L/min. fio2, fico2:
        inspired shares."""
        before = (self.o2, self.n2, self.co2)
        self._mix(self.alveolar_o2)
        output = max(output, 0.0)
        taken = output * (self.arterial - self.venous) * minutes
        # Tissues that find hardly any oxygen use less; an assumption, which keeps what there is from going below none.
        used = self.oxygen * minutes * min(1.0, self.venous / SCARCE)
        given = output * CO2_SLOPE * (self.tissue_co2 - self.paco2) * minutes
        self.venous += (taken - used) / self._blood
        self.tissue_co2 += (self.carbon_dioxide * minutes - given) / self._store
        self.o2 -= taken * BTPS_PER_STPD
        self.co2 += given * BTPS_PER_STPD
        if open_:
            self._breathe(before, ventilation * minutes * 1000, fio2, fico2)

    def _breathe(self, before: tuple[float, float, float], ml: float, fio2: float, fico2: float) -> None:
        """So much of the gas that was in the lungs is exchanged, and what is missing of their volume comes after it."""
        out = min(1.0, ml / sum(before))
        follows = self._frc - self.volume_ml
        if follows < 0:
            out = min(1.0, out - follows / sum(before))
            follows = 0.0
        o2, n2, co2 = before
        fresh = ml + follows
        self.o2 += fresh * fio2 - o2 * out
        self.n2 += fresh * (1 - fio2 - fico2) - n2 * out
        self.co2 += fresh * fico2 - co2 * out

    def _content(self, po2: float) -> float:
        return self._bound * saturation(po2, ph_of(self.paco2, self._resting)) + DISSOLVED * po2

    def _mix(self, po2: float) -> None:
        self.arterial = (1 - self._shunt) * self._content(po2) + self._shunt * self.venous
