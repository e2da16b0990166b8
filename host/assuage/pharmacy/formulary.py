"""What there is to choose from in a form of an order, as plain data: drugs by their full names, care areas, strengths,
modes, and the units in which the library itself and those who use it write doses and rates. Every number is a text
with its unit, and has its source."""

from __future__ import annotations

from typing import Any, Final

from assuage.pharmacy.kinetics.schema import models
from assuage.pharmacy.library import Library
from assuage.pharmacy.library_schema import AREAS, Area, Drug, Route, Sourced, Vial
from assuage.pharmacy.quantities import Age, Height, Weight, shown

KIND: Final = {"rate": "rate", "basal": "rate", "dose": "dose", "demand": "dose"}
TARGETS: Final = ("ng/mL", "mcg/mL")
PLACES: Final = {"plasma": "plasma", "effect": "effect site"}

Told = dict[str, Any]


def formulary(library: Library) -> Told:
    """Of the whole library."""
    content = library.content
    return {
        "library": {"title": content.title, "version": content.version, "hash": library.short},
        "areas": dict(AREAS),
        "drugs": [_drug(library, key, drug) for key, drug in content.drug.items()],
        "conversions": [
            {"of": one.of, "to": one.to, "factor": str(float(one.factor)), **_source(library, one)}
            for one in content.conversion
        ],
        "units": {"weight": list(Weight.UNITS), "age": list(Age.UNITS), "height": list(Height.UNITS)},
    }


def _drug(library: Library, key: str, drug: Drug) -> Told:
    strengths = dict.fromkeys(
        str(vial.concentration)
        for vials in (*(way.syringes for area in drug.areas.values() for way in area.routes.values()), drug.vials)
        for vial in vials
    )
    return {
        "key": key,
        "name": drug.name,
        "group": drug.group,
        "two": drug.high_alert or drug.group == "opioid",
        "strengths": list(strengths),
        "areas": {name: _area(library, key, area) for name, area in drug.areas.items() if "iv" in area.routes},
    }


def _area(library: Library, key: str, area: Area) -> Told:
    """Of what is given by the pump."""
    way = area.routes["iv"]
    ages = area.ages
    return {
        "ages": f"{shown(ages.low.number()) if ages.low.unit == ages.high.unit else ages.low} to {ages.high}",
        "modes": list(way.modes),
        "syringes": [_vial(library, vial) for vial in way.syringes],
        "units": {what: units(way, what) for what in KIND if any(limit.what == what for limit in way.limits)},
        "models": [
            {"key": model.key, "name": model.name, "site": [*PLACES][: 1 if model.effect_site is None else 2]}
            for model in models().values()
            if model.of.key == key and "continuous" in way.modes
        ],
    }


def units(way: Route, what: str) -> list[str]:
    """Those in which the library writes its limits of it, then the usual ones of the same size, then the syringe's."""
    written = [limit.value.unit for limit in way.limits if limit.what == what]
    mass = "mcg" if any(unit.startswith("mcg") for unit in written) else "mg"
    usual = (f"{mass}/kg/h", "mcg/kg/min", f"{mass}/h", "mL/h") if KIND[what] == "rate" else (f"{mass}/kg", mass, "mL")
    return list(dict.fromkeys((*written, *usual)))


def _vial(library: Library, vial: Vial) -> Told:
    return {"concentration": str(vial.concentration), "note": vial.note, **_source(library, vial)}


def _source(library: Library, said: Sourced) -> Told:
    """Where it comes from, and a mark: "" for what was read at its source."""
    example = library.content.sources[said.source].example
    mark = "example" if example else "" if said.verified else "unverified"
    return {"source": library.content.sources[said.source].title, "mark": mark}
