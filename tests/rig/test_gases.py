"""The gas stores: the dissociation curve at its published points, and nothing made or lost on the way to tissues."""

from __future__ import annotations

from math import log

import pytest

from assuage_rig.plant.gases import BTPS_PER_STPD, CO2_SLOPE, DRY_MMHG, Gases, ph_of, saturation
from assuage_rig.plant.person import Person, drawn

HALF_SECOND = 0.5 / 60


@pytest.mark.parametrize(
    ("po2", "sat"), [(10, 9.65), (20, 31.98), (26.86, 50.0), (40, 74.95), (60, 90.58), (100, 97.75), (150, 99.32)]
)
def test_saturation_is_severinghaus_equation_one(po2: float, sat: float) -> None:
    """1 / (23400 / (p^3 + 150 p) + 1), worked out by hand for these pressures."""
    assert saturation(po2) * 100 == pytest.approx(sat, abs=0.05)


@pytest.mark.parametrize(("po2", "sat"), [(10, 9.6), (20, 32.8), (26.8, 50.0), (40, 75.0), (60, 90.7), (100, 97.5)])
def test_saturation_is_the_standard_curve_to_a_hundredth(po2: float, sat: float) -> None:
    """Points of the standard human curve at 37 degC and pH 7.4, as textbooks print it; the equation's author claims
    0.55 %."""
    assert saturation(po2) * 100 == pytest.approx(sat, abs=1.0)


def test_acid_blood_lets_go_of_its_oxygen() -> None:
    """The Bohr coefficient at half saturation is -0.48: log10 of the pressure there per pH."""

    def half(ph: float) -> float:
        low, high = 5.0, 100.0
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if saturation(middle, ph) < 0.5 else (low, middle)
        return low

    assert log(half(7.2) / half(7.4)) / log(10) / (7.2 - 7.4) == pytest.approx(-0.48, abs=0.06)
    assert saturation(60, 7.6) > saturation(60, 7.4) > saturation(60, 7.2)


def test_no_pressure_no_saturation_and_never_more_than_all() -> None:
    assert saturation(0.0) == saturation(-1.0) == 0.0
    assert [saturation(p) for p in range(700)] == sorted(saturation(p) for p in range(700))
    assert saturation(700.0, 7.0) <= 1.0


@pytest.mark.parametrize(("pco2", "ph"), [(40, 7.40), (60, 7.26), (80, 7.17), (25, 7.57)])
def test_ph_falls_with_acute_carbon_dioxide_as_it_is_known_to(pco2: float, ph: float) -> None:
    """About 0.08 down per 10 mmHg at first: the acute line of acid-base charts."""
    assert ph_of(pco2) == pytest.approx(ph, abs=0.03)


@pytest.mark.parametrize("person", [Person(), *map(drawn, range(8))])
def test_a_new_person_is_at_rest(person: Person) -> None:
    gases = Gases(person)
    before = (gases.alveolar_o2, gases.paco2, gases.venous, gases.tissue_co2)
    for _ in range(240):
        gases.pass_time(HALF_SECOND, gases.ventilation_l_min, 0.2093, True, gases.output_l_min)
    after = (gases.alveolar_o2, gases.paco2, gases.venous, gases.tissue_co2)
    assert after == pytest.approx(before, rel=0.002)
    assert gases.paco2 == pytest.approx(person.paco2, abs=0.1)
    assert 0.90 < gases.sao2 < 0.99


def test_alveolar_oxygen_is_that_of_the_alveolar_gas_equation() -> None:
    """PIO2 - PACO2 (FIO2 + (1 - FIO2) / R): 149 - 40 * 1.2 = 101 mmHg in air."""
    assert Gases(Person()).alveolar_o2 == pytest.approx(101.2, abs=0.5)


def test_all_oxygen_is_accounted_for_behind_a_shut_airway() -> None:
    gases = Gases(Person())
    oxygen, carbon_dioxide, nitrogen = gases.stored_o2, gases.stored_co2, gases.n2
    for _ in range(120):
        gases.pass_time(HALF_SECOND, 0.0, 0.2093, False, gases.output_l_min)
    assert oxygen - gases.stored_o2 == pytest.approx(gases.oxygen, rel=1e-9)
    assert gases.stored_co2 - carbon_dioxide == pytest.approx(gases.carbon_dioxide, rel=1e-9)
    assert gases.n2 == nitrogen


def test_at_rest_the_lungs_take_up_and_give_off_what_is_used_and_made() -> None:
    gases = Gases(Person())
    taken = gases.output_l_min * (gases.arterial - gases.venous)
    given = gases.output_l_min * CO2_SLOPE * (gases.tissue_co2 - gases.paco2)
    assert taken == pytest.approx(gases.oxygen, rel=0.002)
    assert given == pytest.approx(gases.carbon_dioxide, rel=0.002)
    breathed_out = gases.ventilation_l_min * 1000 * gases.paco2 / DRY_MMHG / BTPS_PER_STPD
    assert breathed_out == pytest.approx(gases.carbon_dioxide, rel=0.002)


def test_the_blood_holds_half_of_the_bodys_oxygen() -> None:
    """A textbook's store of an adult in air: 1.5 L, half of it bound to haemoglobin, a quarter of that in arteries."""
    gases, man = Gases(Person()), Person()
    venous = gases.stored_o2 - gases.o2 / BTPS_PER_STPD
    arterial = gases.arterial * man.blood_ml_kg * man.weight_kg / 1000 / 4
    assert venous + arterial == pytest.approx(750, rel=0.1)


def test_half_the_ventilation_is_in_the_end_twice_the_carbon_dioxide() -> None:
    gases = Gases(Person())
    for _ in range(4 * 7200):
        gases.pass_time(HALF_SECOND, gases.ventilation_l_min / 2, 1.0, True, gases.output_l_min)
    assert gases.paco2 == pytest.approx(80, rel=0.01)


def test_washing_in_oxygen_takes_minutes_and_fills_lungs_and_blood() -> None:
    """Nitrogen falls with the time constant of lung volume over alveolar ventilation."""
    gases = Gases(Person())
    start, minutes = gases.n2, gases.volume_ml / 1000 / gases.ventilation_l_min
    for _ in range(round(minutes / HALF_SECOND)):
        gases.pass_time(HALF_SECOND, gases.ventilation_l_min, 1.0, True, gases.output_l_min)
    assert gases.n2 / start == pytest.approx(1 / 2.718, rel=0.03)
    for _ in range(1200):
        gases.pass_time(HALF_SECOND, gases.ventilation_l_min, 1.0, True, gases.output_l_min)
    assert gases.pao2 > 550
    assert gases.sao2 > 0.998


def test_steps_half_as_long_give_the_same() -> None:
    coarse, fine = Gases(Person()), Gases(Person())
    for _ in range(120):
        coarse.pass_time(HALF_SECOND, 1.0, 0.2093, True, 5.0)
        for _ in range(4):
            fine.pass_time(HALF_SECOND / 4, 1.0, 0.2093, True, 5.0)
    assert coarse.sao2 == pytest.approx(fine.sao2, abs=0.003)
    assert coarse.paco2 == pytest.approx(fine.paco2, abs=0.2)


@pytest.mark.parametrize("open_", [True, False])
@pytest.mark.parametrize("fio2", [0.0, 0.2093, 1.0])
def test_no_store_goes_below_none_however_long_it_lasts(open_: bool, fio2: float) -> None:
    gases = Gases(Person())
    for _ in range(1200):
        gases.pass_time(HALF_SECOND, gases.ventilation_l_min, fio2, True, gases.output_l_min)
    for _ in range(7200):
        gases.pass_time(HALF_SECOND, 0.0, fio2, open_, gases.output_l_min)
        assert min(gases.o2, gases.co2, gases.n2, gases.venous) >= 0
        assert 0 <= gases.sao2 <= 1
        assert gases.paco2 < 400
