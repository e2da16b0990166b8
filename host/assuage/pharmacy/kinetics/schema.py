"""What models.toml and effects.toml may hold, and the sentence that names file, entry and key where they do not."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from assuage.errors import AssuageError, Reason
from assuage.pharmacy.substances import ESKETAMINE, KETAMINE, Substance

HERE: Final = Path(__file__).parent
SUBSTANCES: Final = {one.key: one for one in (KETAMINE, ESKETAMINE)}

# What a unit does with the weight: (per minute or litre, exponent of weight/70 kg; None for "for each kg").
VOLUMES: Final = {"L/kg": (Decimal(70), 1.0), "L/70kg": (Decimal(1), 1.0), "L": (Decimal(1), 0.0)}
CLEARANCES: Final = {
    "L/h/70kg": (Decimal(1) / 60, 0.75), "L/min/70kg": (Decimal(1), 0.75),
    "L/h": (Decimal(1) / 60, 0.0), "L/min": (Decimal(1), 0.0),
}  # fmt: skip
RATES: Final = {"1/min": (Decimal(1), 0.0), "1/h": (Decimal(1) / 60, 0.0)}
CONCENTRATIONS: Final = {"ng/mL": (Decimal(1) / 1000, 0.0), "mcg/mL": (Decimal(1), 0.0)}


class ModelsError(AssuageError):
    """A file of models cannot be used; the sentence names file and entry."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Reason.BAD_INPUT, sentence)


def _in(units: dict[str, tuple[Decimal, float]]) -> AfterValidator:
    def check(text: str) -> str:
        number, _, unit = text.partition(" ")
        if unit not in units:
            raise ValueError(f"{text!r} wants one of the units {', '.join(units)}")
        if not Decimal(number).is_finite() or Decimal(number) < 0:
            raise ValueError(f"{text!r} is below nothing")
        return text

    return AfterValidator(check)


def value(text: str, kg: float) -> float:
    """What such a text is for a patient of that weight: L, L/min, 1/min or mg/L."""
    number, _, unit = text.partition(" ")
    factor, exponent = next(table[unit] for table in (VOLUMES, CLEARANCES, RATES, CONCENTRATIONS) if unit in table)
    return float(Decimal(number) * factor) * float((kg / 70.0) ** exponent)


Volume = Annotated[str, _in(VOLUMES)]
Clearance = Annotated[str, _in(CLEARANCES)]
PerTime = Annotated[str, _in(RATES)]
Level = Annotated[str, _in(CONCENTRATIONS)]
Words = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Range(_Strict):
    """From least to most, both included; None: no limit is known."""

    least: Decimal | None = None
    most: Decimal | None = None

    def holds(self, value: Decimal) -> bool:
        """Whether it is inside."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def words(self, unit: str) -> str:
        """As a person says it."""
        if self.least is None:
            return "no known limit" if self.most is None else f"up to {self.most} {unit}"
        return f"{self.least} {unit} and more" if self.most is None else f"{self.least} to {self.most} {unit}"


class Population(_Strict):
    """In whom a model was found. `said`: in words."""

    age_years: Range = Range()
    weight_kg: Range = Range()
    said: Words


class Peripheral(_Strict):
    """A compartment beside the central one. leaves: what goes from here out of the body."""

    volume: Volume
    exchange: Clearance
    leaves: PerTime | None = None
    name: str = ""


class Rates(_Strict):
    """Micro-constants."""

    k10: PerTime
    k12: PerTime
    k21: PerTime
    k13: PerTime | None = None
    k31: PerTime | None = None


class EffectSite(_Strict):
    """ke0, to which per_ln_kg times the logarithm of the weight in kg is added."""

    ke0: PerTime
    per_ln_kg: PerTime | None = None
    source: Words
    verified: bool


class AbsorptionPath(_Strict):
    """part: of a dose that goes this way, part_of_more: of what is beyond first_mg; over_h: in which it comes evenly to
    where it is absorbed."""

    into: Words
    part: Annotated[Decimal, Field(ge=0, le=1)]
    part_of_more: Annotated[Decimal, Field(ge=0, le=1)]
    ka: PerTime
    over_h: Annotated[Decimal, Field(gt=0)] | None = None


class Absorption(_Strict):
    """How a dose by another route comes in."""

    said: Words
    first_mg: Annotated[Decimal, Field(gt=0)]
    paths: tuple[AbsorptionPath, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _at_most_all(self) -> Absorption:
        if sum(p.part for p in self.paths) > 1 or sum(p.part_of_more for p in self.paths) > 1:
            raise ValueError("more is absorbed than was given")
        return self


class Entry(_Strict):
    """One published model: rates, or clearance and peripheral."""

    key: Annotated[str, Field(pattern="^[a-z0-9-]+$")]
    name: Words
    substance: str
    source: Words
    read: Words
    verified: bool
    doubts: str
    volume: Volume
    rates: Rates | None = None
    clearance: Clearance | None = None
    peripheral: tuple[Peripheral, ...] = ()
    population: Population
    effect_site: EffectSite | None = None
    no_effect_site: str = ""
    absorption: dict[str, Absorption] = {}
    no_absorption: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Entry:
        if self.substance not in SUBSTANCES:
            raise ValueError(f"substance must be one of {', '.join(SUBSTANCES)}")
        if (self.rates is None) == (self.clearance is None):
            raise ValueError("give either rates, or clearance and peripheral")
        if self.rates is not None and ((self.rates.k13 is None) != (self.rates.k31 is None) or self.peripheral):
            raise ValueError("k13 and k31 go together, and peripheral goes with clearance")
        if (self.effect_site is None) == (not self.no_effect_site):
            raise ValueError("give either effect_site, or no_effect_site with the reason")
        places = {"central", *(p.name for p in self.peripheral if p.name)}
        if any(path.into not in places for one in self.absorption.values() for path in one.paths):
            raise ValueError(f"absorption goes into one of {', '.join(sorted(places))}")
        return self

    @property
    def of(self) -> Substance:
        """The substance it was found for."""
        return SUBSTANCES[self.substance]


class Effect(_Strict):
    """A concentration in plasma at which something was seen."""

    key: Annotated[str, Field(pattern="^[a-z0-9-]+$")]
    name: Words
    substance: str
    at: Level | None = None
    low: Level
    high: Level
    said: Words
    source: Words
    verified: bool
    wakes: bool = False
    age_years: Range = Range()


class _Models(_Strict):
    version: Words
    model: tuple[Entry, ...]


class _Effects(_Strict):
    version: Words
    effect: tuple[Effect, ...]


F = TypeVar("F", bound=BaseModel)
K = TypeVar("K", Entry, Effect)


_file: Path = HERE / "models.toml"


def use(path: Path) -> None:
    """A hospital's own file of models: from now on, in this process, there are no others. Raises ModelsError."""
    global _file
    models(path)
    _file = path


def models(path: Path | None = None) -> dict[str, Entry]:
    """Those of this file, or of the one in use: by key, in the file's order. Raises ModelsError."""
    return _models(_file if path is None else path)


def digest(path: Path | None = None) -> str:
    """sha256 of the file's content, hex, however it is laid out. Raises ModelsError."""
    plain = {key: model.model_dump(mode="json") for key, model in models(path).items()}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


@cache
def _models(path: Path) -> dict[str, Entry]:
    return _by_key(path, _load(path, _Models).model)


@cache
def effects(path: Path = HERE / "effects.toml") -> dict[str, Effect]:
    """By key, in the file's order. Raises ModelsError."""
    return _by_key(path, _load(path, _Effects).effect)


def _load(path: Path, kind: type[F]) -> F:
    try:
        return kind.model_validate(tomllib.loads(path.read_text("utf-8-sig")))
    except OSError as error:
        raise ModelsError(f"{path}: the file cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelsError(f"{path}: this is not TOML: {error}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise ModelsError(f"{path}, {_place(first['loc'])}: {_plainly(first)}.") from None


def _place(loc: Sequence[Any]) -> str:
    """model 3, volume: entries counted as a person counts."""
    words = [f"{part + 1}" if isinstance(part, int) else str(part) for part in loc]
    return ", ".join([" ".join(words[:2]), *words[2:]])


def _plainly(error: Any) -> str:
    said = str(error["msg"]).removeprefix("Value error, ")
    return said[0].lower() + said[1:]


def _by_key(path: Path, entries: Sequence[K]) -> dict[str, K]:
    found: dict[str, K] = {}
    for one in entries:
        if one.key in found:
            raise ModelsError(f"{path}: {one.key} stands there twice; give one of them another key.")
        found[one.key] = one
    return found
