"""What drugs do at a concentration: sizes with their sources, as pure functions of ng/mL.

What no source gives is marked as ours; it shapes a scene and proves nothing about patients.
"""

from collections.abc import Mapping

from assuage_rig.plant.person import Person


def hill(concentration: float, half: float, steepness: float = 1.0) -> float:
    """Share of the greatest effect, 0 .. 1."""
    if concentration <= 0:
        return 0.0
    ratio = (concentration / half) ** steepness
    return float(ratio / (1 + ratio))


# -- ketamine, racemic ----------------------------------------------------------------------------------------------
KETAMINE_HALF = 750.0
"""ng/mL at half of what it does to heart and pressure: BioGears, Ketamine.xml."""

PULSE_MOST, SYSTOLIC_MOST, DIASTOLIC_MOST = 0.25, 0.40, 0.26
"""Greatest rise, as shares. Pulse and systolic: BioGears. Diastolic: BioGears has 0.10; 0.26 makes the mean rise by the
27 % of Langsjo 2005 (Anesthesiology 103:258) at 2 ug/mL of S-ketamine, taken as 4 ug/mL of the racemate."""

SLOWING_MOST, SLOWING_HALF = 0.10, 500.0
"""How far ketamine alone takes from the breathing rate: BioGears."""

SEDATION_HALF = 400.0
"""BioGears."""

DISSOLVING_FULL = 250.0
"""ng/mL at which dissociation counts as full. It grows in a straight line over 50 to 200 (Bowdle 1998, Anesthesiology
88:82); 250 is the upper end of the usual range of 100 to 250."""

# -- opioids --------------------------------------------------------------------------------------------------------
OPIOID_HALF: Mapping[str, float] = {"remifentanil": 0.92, "fentanyl": 0.57}
"""ng/mL at half of the ventilation that carbon dioxide asks for. Remifentanil: Bouillon 2003, Anesthesiology 99:779.
Fentanyl: chosen so that at the same carbon dioxide 1 ug/kg depresses as much as 0.5 ug/kg of remifentanil does (Gelberg
2012, Br J Anaesth 108:1028)."""

OPIOID_STEEPNESS = 1.25
"""Bouillon 2003."""

COUNTER_NG_ML, COUNTER_SHARE = 254.0, 0.39
"""Ketamine against an opioid: 127 ng/mL of S-ketamine, here 254 of racemate, double the remifentanil that takes half
of the sensitivity to carbon dioxide, by which 39 % of its depression came (Jonkman 2018, Br J Anaesth 120:1117). That
only this share of C50 is raised is ours."""

NALOXONE_HALF = 1.0
"""ng/mL that doubles the opioid needed. Ours: no source at hand gives it."""

OPIOID_PULSE, OPIOID_SYSTOLIC, OPIOID_DIASTOLIC = -0.01, -0.10, -0.05
"""Greatest changes, as shares: BioGears, Fentanyl.xml."""

OPIOID_SEDATION_LOAD = 4.0
"""Multiple of the depressing concentration that half sedates. Ours."""

# -- breathing ------------------------------------------------------------------------------------------------------
CO2_GAIN, CO2_LAG_PER_MIN = 4.30, 0.92
"""Ventilation goes with this power of carbon dioxide, which follows the blood at this rate: Bouillon 2003."""

HYPOXIC_GAIN = 9.0
"""Share of resting ventilation added per unit of saturation lost below the usual: 0.63 L/min per % asleep, where it is
1.07 awake (Am Rev Respir Dis 1982, 125:286)."""

SATURATED = 0.96
"""Above it saturation asks for nothing."""

RATE_OF_DEPRESSION, RATE_OF_DRIVE = 0.60, 0.30
"""Powers by which rate shares in a depression and in a stimulus; the breath's size has the rest. The first is near what
50 ug of remifentanil did (Niesters 2013, Br J Anaesth 110:837: ventilation to 30 %, rate to 47 %), the second ours."""

STOPS, BEGINS, RESTARTING = 0.14, 0.20, 0.25
"""Breathing stops where what opioids leave of it, times this power of what is asked for, sinks below the first, and
begins again from the second on: want of oxygen restarts it, if weakly. Chosen so that apnoea comes between 2.1 and 2.9
ug/kg of fentanyl (Dahan 2005, Br J Anaesth 94:825) and to about one in ten after 50 ug of remifentanil (Niesters 2013).
"""

ROUSED = 0.35
"""Share of resting ventilation that a patient adds who is spoken to and touched. Ours."""

FAILING, STANDING = 0.55, 0.20
"""Arterial saturations between which an anoxic heart slows down to a standstill. Ours."""


def opioid_load(person: Person, effect: Mapping[str, float]) -> float:
    """All opioids as multiples of the concentration that halves this person's ventilation. effect: ng/mL by drug."""
    raw = sum(effect.get(drug, 0.0) / half for drug, half in OPIOID_HALF.items())
    counter = 1 + COUNTER_SHARE * person.ketamine * effect.get("ketamine", 0.0) / COUNTER_NG_ML
    antagonist = 1 + effect.get("naloxone", 0.0) / NALOXONE_HALF
    return raw * person.opioid / person.tolerance / counter / antagonist


def breathing_left(load: float) -> float:
    """Share of the ventilation that remains at a given carbon dioxide, 0 .. 1."""
    return 1 - hill(load, 1.0, OPIOID_STEEPNESS)


def slowed(person: Person, ketamine: float) -> float:
    """Share of the breathing that ketamine alone leaves."""
    return 1 - SLOWING_MOST * hill(ketamine * person.ketamine, SLOWING_HALF)


def chemical_drive(central_co2: float, resting: float, sao2: float) -> float:
    """By how much carbon dioxide and want of oxygen drive ventilation; 1 at rest."""
    return float((central_co2 / resting) ** CO2_GAIN * (1 + HYPOXIC_GAIN * max(0.0, SATURATED - sao2)))


def anoxic(sao2: float) -> float:
    """What is left of the pulse as the heart itself lacks oxygen."""
    return min(1.0, max(0.0, (sao2 - STANDING) / (FAILING - STANDING)))


def circulation(person: Person, ketamine: float, load: float, sao2: float) -> tuple[float, float, float]:
    """Pulse in /min, systolic and diastolic pressure in mmHg."""
    up = hill(ketamine * person.ketamine, KETAMINE_HALF)
    down = hill(load, 1.0, OPIOID_STEEPNESS)
    left = anoxic(sao2)
    pulse = person.pulse_bpm * (1 + PULSE_MOST * up) * (1 + OPIOID_PULSE * down) * left
    systolic = person.systolic * (1 + SYSTOLIC_MOST * up) * (1 + OPIOID_SYSTOLIC * down) * left
    diastolic = person.diastolic * (1 + DIASTOLIC_MOST * up) * (1 + OPIOID_DIASTOLIC * down) * left
    return pulse, systolic, diastolic


def sedation(person: Person, ketamine: float, load: float) -> float:
    """0: awake .. 1: not to be roused."""
    awake = (1 - hill(ketamine * person.ketamine, SEDATION_HALF)) * (1 - hill(load, OPIOID_SEDATION_LOAD, 2.0))
    return 1 - awake


def dissociation(person: Person, ketamine: float) -> float:
    """0 .. 1."""
    return min(1.0, ketamine * person.ketamine / DISSOLVING_FULL)
