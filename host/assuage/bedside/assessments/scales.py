"""The assessments' data: scales, side effects, cadences and rules, from TOML, checked when it is read."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from assuage.errors import AssuageError, BadInput, Reason


class Row(BaseModel):
    """Anything with a source. verified: somebody has read it there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=1)
    verified: bool


class Scale(Row):
    """A scale; its values in order, as they are written. words: what a value means, where that is told."""

    name: str
    title: str
    values: tuple[str, ...] = Field(min_length=2)
    words: dict[str, str] = {}

    @model_validator(mode="after")
    def _known(self) -> Self:
        if not set(self.words) <= set(self.values):
            raise ValueError(f"scale {self.name} has words for a value that it has not")
        return self

    def parse(self, value: object) -> str:
        """A value as it is written. Raises BadInput."""
        text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
        text = text.removeprefix("+")
        if text not in self.values:
            named = f"{', '.join(self.values[:-1])} or {self.values[-1]}"
            raise BadInput(self.name, f"{self.title} is one of {named}.")
        return text


class Effects(Row):
    """The side effects that are asked for."""

    names: tuple[str, ...]


class Phase(BaseModel):
    """So many minutes long, None: to the end; every so many minutes, None: nothing is due in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    for_min: int | None = Field(default=None, gt=0)
    every_min: int | None = Field(gt=0)


class Cadence(Row):
    """When something is due. substances, areas: of these alone; none: of all. of: scales that make it done; none: a
    word that it was done."""

    name: str
    title: str
    substances: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    phases: tuple[Phase, ...] = Field(min_length=1)
    remind_min: int = Field(ge=0)
    grace_min: int = Field(ge=0)

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if [phase.for_min is None for phase in self.phases] != [False] * (len(self.phases) - 1) + [True]:
            raise ValueError(f"the last phase of {self.name}, and no other, has no for_min")
        return self

    def applies(self, substance: str, area: str) -> bool:
        """Whether it holds for an infusion of this in this care area."""
        return (not self.substances or substance in self.substances) and (not self.areas or area in self.areas)


class Margins(Row):
    """Of what is due by the drug library: minutes before it that it is told, and after it that it is not yet overdue;
    less where its interval is short."""

    remind_min: int = Field(ge=0)
    grace_min: int = Field(ge=0)


class Cause(BaseModel):
    """A value of a scale, or a side effect."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scale: str = ""
    value: str = ""
    effect: str = ""


class Rule(Row):
    """What follows from a finding. percent: least and most to reduce by."""

    on: Cause
    action: Literal["stop", "reduce", "tell"]
    percent: tuple[int, int] | None = None
    sentence: str


class Book(BaseModel):
    """All of it, consistent in itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int
    scale: tuple[Scale, ...]
    effects: Effects
    margins: Margins
    cadence: tuple[Cadence, ...]
    rule: tuple[Rule, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        known = {scale.name: scale.values for scale in self.scale}
        for cadence in self.cadence:
            if not set(cadence.of) <= set(known):
                raise ValueError(f"cadence {cadence.name} is of a scale that is not there")
        for rule in self.rule:
            by_scale = rule.on.value in known.get(rule.on.scale, ()) and not rule.on.effect
            by_effect = rule.on.effect in self.effects.names and not rule.on.scale
            if not by_scale and not by_effect:
                raise ValueError(f"the rule {rule.sentence!r} is on nothing that can be found")
            if (rule.action == "reduce") != (rule.percent is not None):
                raise ValueError(f"the rule {rule.sentence!r} must say by how much, if it reduces")
            if rule.percent is not None and not 0 < rule.percent[0] <= rule.percent[1] < 100:
                raise ValueError(f"the rule {rule.sentence!r} reduces by no such share")
        return self

    def scale_of(self, name: str) -> Scale:
        """A scale by its name. Raises BadInput."""
        for scale in self.scale:
            if scale.name == name:
                return scale
        raise BadInput(name, f"There is no scale {name[:40]!r}; there are {', '.join(s.name for s in self.scale)}.")

    def found(self, values: Mapping[str, Any], effects: Iterable[str]) -> tuple[dict[str, str], tuple[str, ...]]:
        """What somebody has entered, checked. Raises BadInput for the first thing that is none."""
        checked = {name: self.scale_of(name).parse(value) for name, value in values.items()}
        told = tuple(effects)
        for effect in told:
            if effect not in self.effects.names:
                raise BadInput("effects", f"{effect[:40]!r} is not in the list of side effects; enter it as a note.")
        return checked, told


def load(path: Path) -> Book:
    """A hospital's own. Raises AssuageError with a sentence."""
    try:
        return Book.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise AssuageError(Reason.BAD_INPUT, f"{path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AssuageError(Reason.BAD_INPUT, f"{path} is not valid TOML: {error}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise AssuageError(Reason.BAD_INPUT, f"{path}: {where or 'as a whole'}: {first['msg']}.") from None


@functools.cache
def own() -> Book:
    """The one that comes with Assuage."""
    text = files("assuage.bedside.assessments").joinpath("assessments.toml").read_text(encoding="utf-8")
    return Book.model_validate(tomllib.loads(text))
