"""What a drug library is made of. Every number in it has its source and whether that was read at the source itself.

A limit is one row: what it bounds (WHATS), on which side and how hard (BOUNDS), and the value, whose unit says whether
it is per weight or for the whole patient. Soft means: an order beyond it wants a reason and a name. Hard: refused.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator

from assuage.errors import BadInput
from assuage.pharmacy.quantities import (
    KINDS,
    Age,
    Concentration,
    DosePerWeight,
    DoseRate,
    DoseRatePerWeight,
    Mass,
    Quantity,
    Time,
    Weight,
    parse_one_of,
)

DOSES: Final = (Mass, DosePerWeight)
RATES: Final = (DoseRate, DoseRatePerWeight)

# What can be limited, and the kinds that can be written there.
WHATS: Final[dict[str, tuple[type[Quantity], ...]]] = {
    "dose": DOSES,          # one dose: a bolus, a loading dose, an injection by hand
    "rate": RATES,          # a continuous infusion, each step of one, the top of a ramp
    "demand": DOSES,        # what a patient may ask for once
    "basal": RATES,         # what flows beside it
    "lockout": (Time,),     # between demands
    "over": (Time,),        # in which one dose is given
    "hour": DOSES,          # all together in any hour, by every route
    "four-hours": DOSES,
    "day": DOSES,
}  # fmt: skip

BOUNDS: Final = ("soft-low", "soft-high", "hard-high")
MODES: Final = ("continuous", "loading", "bolus", "ramp", "steps", "pca")
AREAS: Final = {
    "acute": "acute pain",
    "chronic": "chronic pain and CRPS",
    "procedural": "procedural sedation",
    "emergency": "emergency",
    "anaesthesia": "anaesthesia and intensive care",
    "paediatric": "paediatric",
}


def _quantity(kinds: tuple[type[Quantity], ...]) -> PlainValidator:
    def read(value: Any) -> Quantity:
        if isinstance(value, Quantity):
            return value
        if not isinstance(value, str):
            raise ValueError("allowed is a number with its unit in quotes")
        try:
            return parse_one_of(value, kinds, "it")
        except BadInput as error:
            raise ValueError(error.sentence.rstrip(".")) from None

    return PlainValidator(read)


def _factor(value: Any) -> Fraction:
    if isinstance(value, str) and value.replace(".", "", 1).isdecimal() and Fraction(value) > 0:
        return Fraction(value)
    raise ValueError('allowed is a positive number in quotes, such as "0.5"')


def _text(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError("allowed is a text that is not empty")
    return " ".join(value.split())


Text = Annotated[str, AfterValidator(_text)]
Factor = Annotated[Fraction, PlainValidator(_factor)]
Strength = Annotated[Concentration, _quantity((Concentration,))]
Duration = Annotated[Time, _quantity((Time,))]
Years = Annotated[Age, _quantity((Age,))]
Kilograms = Annotated[Weight, _quantity((Weight,))]


class Table(BaseModel):
    """Unknown keys are mistakes, types are not guessed, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


class Source(Table):
    """Where numbers come from."""

    title: Text
    where: str = ""
    example: bool = False  # a number of ours, to be set by the hospital; no publication says it


class Sourced(Table):
    """Something that has a source. verified: read at the source itself, not in a summary of it."""

    source: str
    verified: bool
    note: str = ""


class Limit(Sourced):
    """One bound of one thing."""

    what: Literal["dose", "rate", "demand", "basal", "lockout", "over", "hour", "four-hours", "day"]
    bound: Literal["soft-low", "soft-high", "hard-high"]
    value: Annotated[Quantity, _quantity(KINDS)]

    @property
    def key(self) -> tuple[str, str, str]:
        """What is one row of a route."""
        return self.what, self.bound, type(self.value).__name__


class Vial(Sourced):
    """A strength that is on the shelf, or in a syringe that is made up or taken from it."""

    concentration: Strength


class Said(Sourced):
    """A contraindication or a side effect."""

    text: Text


class Monitoring(Sourced):
    """What is looked at and how often, from and until so long after the start; continuous where no interval is."""

    what: tuple[Text, ...] = Field(min_length=1, strict=False)
    every: Duration | None = None
    after: Duration | None = None
    until: Duration | None = None


class Route(Table):
    """How a drug may be given by one route in one area."""

    modes: tuple[Literal["continuous", "loading", "bolus", "ramp", "steps", "pca"], ...] = Field(
        min_length=1, strict=False
    )
    syringes: tuple[Vial, ...] = Field(min_length=1, strict=False)
    limits: tuple[Limit, ...] = Field(min_length=1, strict=False)

    @property
    def concentrations(self) -> tuple[Concentration, ...]:
        """Of the syringes it may be given from."""
        return tuple(each.concentration for each in self.syringes)


class AgeRange(Sourced):
    """The ages that an area's numbers are for."""

    low: Years
    high: Years


class Area(Table):
    """A drug in one care area."""

    ages: AgeRange
    routes: dict[Literal["iv", "im", "in", "sc"], Route] = Field(min_length=1)
    monitoring: tuple[Monitoring, ...] = Field(default=(), strict=False)
    contraindications: tuple[Said, ...] = Field(default=(), strict=False)  # beside the drug's own


class Drug(Table):
    """One substance: its name, what it must not be taken for, and how it may be given."""

    name: Text
    group: Literal["ketamine", "opioid"]
    high_alert: bool = False  # two people compare each order of it; of an opioid they do anyway
    not_to_be_taken_for: tuple[str, ...] = Field(default=(), strict=False)
    vials: tuple[Vial, ...] = Field(min_length=1, strict=False)
    contraindications: tuple[Said, ...] = Field(default=(), strict=False)
    side_effects: tuple[Said, ...] = Field(default=(), strict=False)
    areas: dict[Literal["acute", "chronic", "procedural", "emergency", "anaesthesia", "paediatric"], Area] = Field(
        min_length=1
    )


class Conversion(Sourced):
    """1 mg of `of` does about what `factor` mg of `to` do."""

    of: str
    to: str
    factor: Factor


class Expected(Sourced):
    """The weight that is expected from `low` on, to the next row's."""

    low: Years
    weight: Kilograms


class Plausible(Sourced):
    """The share of the expected weight, or the body mass index, beyond which a weight wants a reason. Between the two
    is less than a pound's part of a kilogram, so that of two weights by either unit one at most is plausible."""

    low: Factor
    high: Factor


class Content(Table):
    """A whole library."""

    version: Text
    title: Text
    sources: dict[str, Source]
    drug: dict[str, Drug] = Field(min_length=1)
    conversion: tuple[Conversion, ...] = Field(default=(), strict=False)
    weight: tuple[Expected, ...] = Field(min_length=1, strict=False)
    plausible_weight: Plausible
    plausible_bmi: Plausible  # kg/m2, of adults whose height is given
