"""A body under ketamine and opioids answers as published volunteers and patients did; each test names them."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest

from assuage_rig.plant.effects import breathing_left, opioid_load
from assuage_rig.plant.person import Person, drawn
from assuage_rig.plant.signs import Signs

from .lying import Lying

PEOPLE = 30


def test_at_rest_the_signs_are_the_persons_and_stay() -> None:
    man = Person()
    lying = Lying(man)
    for signs in (lying.body.at(), lying.wait(1), lying.wait(3600)):
        assert (signs.pulse_bpm, signs.systolic, signs.diastolic) == (man.pulse_bpm, man.systolic, man.diastolic)
        assert signs.resp_rate == signs.effort_rate == pytest.approx(man.resp_rate, abs=0.05)
        assert signs.spo2 == pytest.approx(97, abs=0.5)
        assert signs.etco2 == pytest.approx(37, abs=0.2)
        assert 5.5 < signs.ventilation_l_min < 7.5
        assert signs.temperature_c == man.temperature_c
        assert signs.sedation == signs.dissociation == signs.fico2 == 0


@pytest.mark.parametrize("seed", range(12))
def test_everybody_drawn_begins_within_what_is_usual(seed: int) -> None:
    signs = Lying(drawn(seed)).body.at()
    assert 93 < signs.spo2 < 99
    assert 30 < signs.etco2 < 46
    assert 8 < signs.resp_rate < 24
    assert 250 < signs.tidal_ml < 900
    assert drawn(seed) == drawn(seed) != drawn(seed + 1)


# -- no breath --------------------------------------------------------------------------------------------------------
def test_in_apnoea_carbon_dioxide_rises_as_in_anaesthetised_patients() -> None:
    """Kobayashi 1994 (Masui 43:1130), 15 patients: 9.8 +- 1.9 mmHg in the first minute, then 3.4 to 4.4 mmHg/min."""
    lying = Lying()
    lying.body.breathe_gas(1.0)
    before = lying.wait(600).paco2
    lying.body.hold_breath()
    risen = [lying.wait(60).paco2 for _ in range(4)]
    assert risen[0] - before == pytest.approx(9.8, abs=1.9)
    assert all(3.4 <= b - a <= 4.4 for a, b in pairwise(risen))


def test_in_air_an_apnoea_shows_at_the_finger_after_about_a_minute() -> None:
    lying = Lying()
    lying.body.hold_breath()
    assert 40 <= lying.until(90) <= 75


def test_oxygen_beforehand_gives_minutes() -> None:
    """Berthoud 1991 (Br J Anaesth 67:464): 595 +- 142 s (430 to 825) to 90 % in patients of normal weight, 55 to 208 s
    in the very obese. Under anaesthesia less oxygen is used: 3 mL/min/kg, an assumption."""
    slim = Lying(Person(oxygen_ml_kg=3.0))
    obese = Lying(Person(weight_kg=130, frc_ml=1000, shunt=0.1, oxygen_ml_kg=2.6, output_ml_kg=55))
    for lying, least, most in ((slim, 430, 825), (obese, 55, 208)):
        lying.body.breathe_gas(1.0)
        lying.wait(300)
        lying.body.obstruct()
        assert least <= lying.until(90) <= most


def test_an_open_airway_with_oxygen_keeps_the_saturation_while_nobody_breathes() -> None:
    """Apnoeic oxygenation: saturation stays for long, and carbon dioxide does not stop."""
    lying = Lying()
    lying.body.breathe_gas(1.0)
    lying.wait(600)
    lying.body.hold_breath()
    signs = lying.wait(900)
    assert signs.spo2 > 98
    assert signs.paco2 > 90


def test_behind_a_shut_airway_the_chest_goes_on_and_no_air_moves() -> None:
    lying = Lying()
    lying.body.obstruct()
    signs = lying.wait(45)
    assert signs.effort_rate > 12
    assert signs.resp_rate == signs.tidal_ml == signs.ventilation_l_min == 0
    lying.body.obstruct(0)
    assert lying.wait(2).resp_rate > 12
    assert lying.wait(180).spo2 > 95


def test_who_breathes_carbon_dioxide_breathes_more() -> None:
    """The classical response: 7 % of it (50 mmHg) makes ventilation several times as much, at a carbon dioxide that
    rises by little more than 10 mmHg over the inspired."""
    lying = Lying()
    rest = lying.body.at()
    lying.body.breathe_gas(0.2093, 50.0)
    signs = lying.wait(1800)
    assert signs.fico2 == 50
    assert 3 < signs.ventilation_l_min / rest.ventilation_l_min < 12
    assert 50 < signs.paco2 < 65
    assert signs.resp_rate > rest.resp_rate and signs.tidal_ml > rest.tidal_ml


def test_half_an_airway_halves_the_breath() -> None:
    lying = Lying()
    whole = lying.body.at().tidal_ml
    lying.body.obstruct(0.5)
    assert lying.wait(1).tidal_ml == pytest.approx(whole / 2, rel=0.02)


def test_the_finger_learns_of_it_as_late_as_the_blood_takes() -> None:
    lying = Lying(Person(finger_s=25.0))
    lying.body.hold_breath()
    seen = lying.watch(90)
    arterial = [signs.sao2 for signs in seen]
    for i in range(30, 70):
        assert seen[i].spo2 == pytest.approx(arterial[i - 25], abs=0.3)


def test_without_breath_the_heart_stops_in_the_end_and_with_it_the_pulse() -> None:
    lying = Lying()
    lying.body.obstruct()
    pulses = [signs.pulse_bpm for signs in lying.watch(600)]
    assert pulses[50] == pytest.approx(72)
    assert pulses[-1] < 1
    still = lying.body.at()
    assert lying.wait(600).paco2 == pytest.approx(still.paco2, abs=0.3)
    assert all(b <= a + 1e-9 for a, b in pairwise(pulses))


# -- opioids ----------------------------------------------------------------------------------------------------------
@cache
def volunteers(fio2: float) -> list[tuple[Signs, list[Signs]]]:
    """50 ug of remifentanil over a minute: before, and five minutes of it."""
    found = []
    for seed in range(PEOPLE):
        lying = Lying(drawn(seed))
        lying.body.breathe_gas(fio2)
        before = lying.wait(600)
        lying.body.bolus("remifentanil", 50, 60)
        found.append((before, lying.watch(300)))
    return found


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def test_remifentanil_in_air_depresses_as_in_volunteers() -> None:
    """Niesters 2013 (Br J Anaesth 110:837), 20 volunteers, mean (SD): ventilation 7.4 (1.3) to 2.2 (1.2) L/min, rate
    13.1 (2.9) to 6.1 (2.8) /min, SpO2 98.4 (1.5) to 88.6 (6.7) %; apnoea in two. Within one SD, and a few stop."""
    found = volunteers(0.2093)
    assert mean([min(s.ventilation_l_min for s in during) for _, during in found]) == pytest.approx(2.2, abs=1.2)
    assert mean([min(s.resp_rate for s in during) for _, during in found]) == pytest.approx(6.1, abs=2.8)
    assert mean([min(s.spo2 for s in during) for _, during in found]) == pytest.approx(88.6, abs=6.7)
    stopped = sum(any(s.resp_rate == 0 for s in during) for _, during in found)
    assert 0 < stopped / PEOPLE < 0.3


def test_oxygen_hides_it_from_the_oximeter() -> None:
    """The same volunteers with 50 % of oxygen: ventilation 7.9 to 1.2 (1.2) L/min, SpO2 99.7 to 98.7 (1.0) %. Here
    ventilation is depressed more than in air, though less than theirs."""
    air, oxygen = volunteers(0.2093), volunteers(0.5)
    least = [mean([min(s.ventilation_l_min for s in during) for _, during in found]) for found in (air, oxygen)]
    assert least[1] < least[0]
    assert least[1] == pytest.approx(1.2, abs=1.2)
    assert mean([min(s.spo2 for s in during) for _, during in oxygen]) == pytest.approx(98.7, abs=1.0)
    assert mean([max(s.paco2 for s in during) - before.paco2 for before, during in oxygen]) > 6


def test_at_a_steady_concentration_carbon_dioxide_rises_to_where_the_measured_model_has_it() -> None:
    """Bouillon 2003 (Anesthesiology 99:779) in the steady state: P = P0 (1 / (1 - E)) ** (1 / (F + 1)), F = 4.30. With
    more oxygen, since that model knows no want of it; dead space, which it has not either, adds some."""
    lying = Lying()
    lying.body.breathe_gas(0.5)
    rest = lying.wait(300).paco2
    lying.infuse("remifentanil", 2.6, 120)
    signs = lying.wait(7200)
    level = lying.body.effect("remifentanil")
    assert level == pytest.approx(1.0, abs=0.15)
    assert lying.body.plasma("remifentanil") == pytest.approx(level, rel=0.02)
    due = rest * (1 + (level / 0.92) ** 1.25) ** (1 / 5.3)
    assert due - 0.5 < signs.paco2 < due + 4


def deepest(drug: str, ug: float, person: Person | None = None, **given: float) -> Signs:
    """The signs at the least ventilation in 10 min after a dose; `given` before it, ug over a minute."""
    lying = Lying(person)
    for before, much in given.items():
        lying.body.bolus(before, much, 60)
    if given:
        lying.wait(120)
    lying.body.bolus(drug, ug, 90)
    return min(lying.watch(600), key=lambda s: s.ventilation_l_min)


def test_fentanyl_stops_the_breathing_from_the_dose_that_did() -> None:
    """Dahan 2005 (Br J Anaesth 94:825): doses of 1.1, 2.1, 2.9, 4.3, 7.1 ug/kg over 90 s; apnoea from 2.9 ug/kg."""
    rates = [deepest("fentanyl", dose * 70).resp_rate for dose in (1.1, 2.1, 2.9, 4.3, 7.1)]
    assert rates[0] > rates[1] > 4
    assert rates[2:] == [0, 0, 0]


def test_an_apnoea_lasts_and_does_not_flutter() -> None:
    """One that ends by itself, since want of oxygen and carbon dioxide ask for breath: once, and for longer than the
    15 s after which it is called one."""
    lying = Lying()
    lying.body.bolus("fentanyl", 2.9 * 70, 90)
    breathless = [signs.resp_rate == 0 for signs in lying.watch(900)]
    assert sum(a != b for a, b in pairwise(breathless)) == 2
    assert sum(breathless) > 15


def test_equal_depression_is_half_as_much_remifentanil_as_fentanyl() -> None:
    """Gelberg 2012 (Br J Anaesth 108:1028): 1 ug/kg and 0.5 ug/kg, at a raised and nearly constant carbon dioxide; the
    load at the effect site says what the depression would be there."""
    left = []
    for drug, ug in (("fentanyl", 70.0), ("remifentanil", 35.0)):
        lying = Lying()
        lying.body.bolus(drug, ug, 10)
        levels = []
        for _ in range(600):
            lying.wait(1)
            levels.append(lying.body.effect(drug))
        left.append(breathing_left(opioid_load(Person(), {drug: max(levels)})))
    assert left[0] == pytest.approx(left[1], abs=0.04)


@pytest.mark.parametrize("drug", ["fentanyl", "remifentanil"])
def test_more_opioid_breathes_less(drug: str) -> None:
    doses = [deepest(drug, ug).ventilation_l_min for ug in (0, 10, 20, 40, 80, 120)]
    assert doses == sorted(doses, reverse=True)
    assert len(set(doses)) == len(doses)


def test_an_opioid_slows_the_rate_more_than_it_takes_from_the_breath() -> None:
    lying = Lying()
    before = lying.body.at()
    after = deepest("remifentanil", 50)
    assert after.resp_rate / before.resp_rate < after.tidal_ml / before.tidal_ml


def test_the_tolerant_breathe_on() -> None:
    assert deepest("fentanyl", 300).resp_rate == 0
    assert deepest("fentanyl", 300, Person(tolerance=3.0)).resp_rate > 7


def test_ketamine_makes_an_opioid_depress_less() -> None:
    """Jonkman 2018 (Br J Anaesth 120:1117)."""
    alone, both = deepest("remifentanil", 50), deepest("remifentanil", 50, ketamine=20_000.0)
    assert both.ventilation_l_min > 1.1 * alone.ventilation_l_min


# -- recovery ---------------------------------------------------------------------------------------------------------
def sunk() -> Lying:
    """Two minutes after far too much."""
    lying = Lying()
    lying.body.bolus("fentanyl", 400, 30)
    assert lying.wait(120).resp_rate == 0
    return lying


def test_left_alone_it_gets_worse_and_naloxone_brings_back() -> None:
    left, rescued = sunk(), sunk()
    rescued.body.naloxone(0.4)
    assert left.wait(180).spo2 < 60
    signs = rescued.wait(180)
    assert signs.resp_rate > 8
    assert signs.spo2 > 90


def test_who_is_spoken_to_breathes_as_long_as_that_goes_on() -> None:
    lying = sunk()
    lying.body.stimulate(60)
    assert lying.wait(30).resp_rate > 4
    assert lying.wait(45).resp_rate == 0


def test_naloxone_can_wear_off_before_a_long_infusion_does() -> None:
    lying = Lying()
    lying.infuse("fentanyl", 6, 240)
    lying.wait(7200)
    depressed = lying.body.at().resp_rate
    lying.body.naloxone(0.4)
    rescued = lying.wait(120).resp_rate
    assert rescued > depressed + 3
    assert lying.wait(7000).resp_rate < rescued - 2


# -- ketamine ---------------------------------------------------------------------------------------------------------
def test_half_a_milligram_per_kilogram_raises_pressure_and_pulse_as_in_infusion_clinics() -> None:
    """0.5 mg/kg over 40 min, mean rise at its greatest: 3.3/3.2 mmHg (684 infusions, J Affect Disord 2018, PMID
    29525051), 7.4/6.0 mmHg and 1.9 /min (741 infusions to 135 patients), 16.0/11.0 mmHg (2342 infusions, Gen Hosp
    Psychiatry 2024). Between the least and the greatest of them; the pulse by no more than 10 /min."""
    lying = Lying()
    before = lying.body.at()
    lying.infuse("ketamine", 35_000 / 40, 40)
    signs = max(lying.watch(3000), key=lambda s: s.systolic)
    assert 36 * 60e6 < signs.time_us < 42 * 60e6
    assert 3.3 < signs.systolic - before.systolic < 16.0
    assert 3.2 < signs.diastolic - before.diastolic < 11.0
    assert 1.9 < signs.pulse_bpm - before.pulse_bpm < 10
    assert signs.dissociation > 0.6
    assert signs.ventilation_l_min > 0.9 * before.ventilation_l_min


def test_awakening_after_anaesthesia_is_near_the_measured_concentration() -> None:
    """Idvall 1979 (Br J Anaesth 51:1167): 642 +- 214 ng/mL in plasma."""
    lying = Lying()
    lying.body.bolus("ketamine", 140_000, 60)
    assert lying.wait(180).sedation > 0.75
    while lying.wait(5).sedation > 0.6:
        pass
    assert lying.body.effect("ketamine") == pytest.approx(642, abs=214)


def test_more_ketamine_does_more() -> None:
    found = []
    for mg in (0, 5, 10, 20, 40, 80):
        lying = Lying()
        lying.body.bolus("ketamine", mg * 1000, 60)
        found.append(lying.wait(240))
    for sign in ("pulse_bpm", "systolic", "diastolic", "sedation"):
        assert all(getattr(a, sign) < getattr(b, sign) for a, b in pairwise(found))


def test_another_model_is_another_course() -> None:
    levels = {}
    for model in ("domino", "kamp", "clements", "hijazi"):
        lying = Lying(ketamine=model)
        lying.body.bolus("ketamine", 21_000, 1)
        lying.wait(301)
        levels[model] = lying.body.plasma("ketamine")
    assert levels == pytest.approx({"domino": 166.5, "kamp": 312.7, "clements": 148.2, "hijazi": 225.1}, rel=0.01)
