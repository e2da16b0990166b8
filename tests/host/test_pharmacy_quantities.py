"""Quantities are exact, never mixed up, and typed only in a way that cannot be misread."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assuage.errors import BadInput
from assuage.pharmacy import quantities as q
from assuage.pharmacy.quantities import KINDS, Concentration, DoseRatePerWeight, Flow, Mass, Quantity, Time, Weight
from assuage.pharmacy.substances import ESKETAMINE, KETAMINE, Dose, Equivalence, Solution, WrongSubstance, convert
from assuage.pharmacy.units import plain
from assuage_rig.requirements import req

kinds = st.sampled_from(KINDS)
numbers = st.integers(1, 99_999_999).map(lambda n: Decimal(n) / 10_000)
S_TO_RACEMATE = Equivalence(ESKETAMINE, KETAMINE, Fraction(2), "label")

# What one of each unit is in its kind's first, by hand and not by pint: the oracle.
FACTORS = {
    "ng": Fraction(1, 10**6), "mcg": Fraction(1, 1000), "mg": Fraction(1), "g": Fraction(1000),
    "kg": Fraction(1), "lb": Fraction(45359237, 100_000_000), "mL": Fraction(1), "L": Fraction(1000),
    "min": Fraction(1), "h": Fraction(60), "s": Fraction(1, 60),
    "years": Fraction(1), "months": Fraction(1, 12), "days": Fraction(4, 1461),
    "cm": Fraction(1), "m": Fraction(100), "inch": Fraction(254, 100),
}  # fmt: skip


def by_hand(kind: type[Quantity], unit: str) -> Fraction:
    def size(name: str) -> Fraction:
        first, *rest = name.split("/")
        made = FACTORS[first]
        for part in rest:
            made /= FACTORS[part]
        return made

    return size(unit) / size(kind.UNITS[0])


@pytest.mark.parametrize(("kind", "unit"), [(kind, unit) for kind in KINDS for unit in kind.UNITS])
def test_every_unit_is_exactly_what_it_is_by_hand(kind: type[Quantity], unit: str) -> None:
    assert kind.of(1, unit).base == by_hand(kind, unit)
    assert kind.of("0.3", unit).number(unit) == Fraction(3, 10)


@given(kind=kinds, number=numbers, data=st.data())
def test_what_is_typed_is_kept_and_shown_as_it_was_typed(kind: type[Quantity], number: Decimal, data: Any) -> None:
    unit = data.draw(st.sampled_from(kind.UNITS))
    made = kind.parse(f"{number} {unit}")
    assert made.number() == Fraction(number)
    assert str(made) == f"{plain(number)} {unit}"
    assert kind.parse(str(made)) == made == kind.from_json(made.as_json())
    assert made == kind.parse(number, unit=unit)


@given(kind=kinds, top=st.integers(1, 10**9), bottom=st.integers(1, 10**9))
def test_what_no_decimal_can_say_survives_json_and_is_shown_as_rounded(
    kind: type[Quantity], top: int, bottom: int
) -> None:
    made = kind(Fraction(top, bottom), kind.UNITS[0])
    assert kind.from_json(made.as_json()) == made
    text = str(made).split()
    places = len(text[-2].partition(".")[2])
    assert text[0] == "about" or (Fraction(text[-2]) == made.base and places <= 6)
    assert abs(Fraction(text[-2]) - made.base) <= made.base / 2000


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("20", "unit is missing"), (20, "unit is missing"), ("", "is missing; write it with its unit"),
        ("20 grains", "not its unit"), ("20 mg/kg", "not its unit"), ("20 MG", "not its unit"),
        ("20 mL", "not its unit"), ("1,5 mg", "not a comma"), (".5 mg", "zero before"), ("5. mg", "plain number"),
        ("-5 mg", "negative"), ("1e3 mg", "not its unit"), ("1 000 mg", "not its unit"), ("0 mg", "between"),
        ("0.00001 mg", "too many digits"), ("007 mg", "plain number"), ("mg", "is missing"), ("mg 5", "is missing"),
        ("10000000 mg", "plain number"), ("٣ mg", "plain number"), (None, "is missing"),
        (["5 mg"], "unit is missing"),
    ],
)  # fmt: skip
def test_what_could_be_misread_is_refused_with_a_sentence(typed: object, says: str) -> None:
    with pytest.raises(BadInput, match=says) as error:
        Mass.parse(typed, "dose")
    assert error.value.field == "dose"
    assert error.value.sentence.startswith("Dose") and error.value.sentence.endswith(".")
    assert len(error.value.sentence) < 140


@given(kind=kinds, typed=st.text() | st.floats() | st.integers() | st.none())
def test_anything_at_all_is_a_quantity_or_a_sentence(kind: type[Quantity], typed: Any) -> None:
    with pytest.raises(BadInput):  # none of them has a unit of ours but by luck that hypothesis does not have
        kind.parse(typed)


@pytest.mark.parametrize("micro", ["mcg", "ug", "µg", "μg", "microgram"])
def test_every_spelling_of_a_microgram_is_read_and_one_is_written(micro: str) -> None:
    assert str(DoseRatePerWeight.parse(f"5{micro} / kg / min")) == "5 mcg/kg/min"


def test_kinds_that_mean_different_things_neither_add_nor_compare() -> None:
    for one in KINDS:
        for other in KINDS:
            if one is not other:
                left, right = one.of(1, one.UNITS[0]), other.of(1, other.UNITS[0])
                assert left != right
                for operation in (lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b):
                    with pytest.raises(TypeError):
                        operation(left, right)


def test_no_float_enters() -> None:
    with pytest.raises(TypeError):
        Mass.of(0.5, "mg")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Mass.of(1, "mg") * 0.5
    with pytest.raises(TypeError):
        Mass.of(1, "mg") / 0.5


@given(rate=numbers, kg=numbers, strength=numbers, hours=numbers)
def test_products_and_quotients_are_those_of_rational_arithmetic(
    rate: Decimal, kg: Decimal, strength: Decimal, hours: Decimal
) -> None:
    r, w, c, t = map(Fraction, (rate, kg, strength, hours))
    absolute = DoseRatePerWeight.of(rate, "mcg/kg/min") * Weight.of(kg, "lb")
    assert absolute.number("mg/h") == r * w * FACTORS["lb"] * 60 / 1000
    flow: Flow = absolute / Concentration.of(strength, "mg/mL")
    assert flow.number("mL/h") == absolute.number("mg/h") / c
    volume = flow * Time.of(hours, "h")
    assert volume.number("mL") == flow.number("mL/h") * t
    assert volume * Concentration.of(strength, "mg/mL") == absolute * Time.of(hours, "h")
    assert (volume / flow).number("h") == t


def test_what_has_no_name_is_a_mistake_of_the_program() -> None:
    with pytest.raises(TypeError, match="no quantity"):
        Mass.of(1, "mg") * Mass.of(1, "mg")
    with pytest.raises(TypeError, match="no quantity"):
        Time.of(1, "h") / Mass.of(1, "mg")


# -- substances --------------------------------------------------------------------------------------------------------


def mg(number: int) -> Mass:
    return Mass.of(number, "mg")


@req("PHA-001")
def test_racemic_and_s_ketamine_are_never_reckoned_together() -> None:
    one, other = Dose(KETAMINE, mg(20)), Dose(ESKETAMINE, mg(20))
    assert one != other
    for operation in (
        lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b, lambda a, b: a <= b, lambda a, b: a > b,
        lambda a, b: a >= b, lambda a, b: a / b,
    ):  # fmt: skip
        assert operation(one, one) is not None
        with pytest.raises(WrongSubstance, match=r"One is ketamine \(racemic\), the other S-ketamine"):
            operation(one, other)
    with pytest.raises(TypeError):
        one + mg(5)  # type: ignore[operator]
    with pytest.raises(WrongSubstance):
        one / Solution(ESKETAMINE, Concentration.of(5, "mg/mL"))
    assert one / Solution(KETAMINE, Concentration.of(10, "mg/mL")) == q.Volume.of(2, "mL")


@req("PHA-001")
def test_a_conversion_is_asked_for_with_its_reason_and_leaves_a_record() -> None:
    given_ = Dose(ESKETAMINE, mg(20))
    made, record = convert(given_, KETAMINE, S_TO_RACEMATE, "ward has no esketamine", "Dr A")
    assert made == Dose(KETAMINE, mg(40))
    back, _ = convert(made, ESKETAMINE, S_TO_RACEMATE, "and back", "Dr A")
    assert back == given_
    assert (record.given, record.taken_as, record.equivalence.source) == (given_, made, "label")
    assert str(record).startswith("20 mg S-ketamine (esketamine) was taken as 40 mg ketamine (racemic) by Dr A: ward")


def test_a_conversion_without_reason_name_or_the_right_factor_is_refused() -> None:
    given_ = Dose(ESKETAMINE, mg(20))
    with pytest.raises(BadInput, match="why"):
        convert(given_, KETAMINE, S_TO_RACEMATE, " ", "Dr A")
    with pytest.raises(BadInput, match="who"):
        convert(given_, KETAMINE, S_TO_RACEMATE, "because", "")
    with pytest.raises(WrongSubstance):
        convert(Dose(morphine(), mg(1)), KETAMINE, S_TO_RACEMATE, "because", "Dr A")
    with pytest.raises(WrongSubstance):
        convert(given_, morphine(), S_TO_RACEMATE, "because", "Dr A")


def morphine() -> Any:
    from assuage.pharmacy.substances import Substance

    return Substance("morphine", "morphine")
