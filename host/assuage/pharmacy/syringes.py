"""Syringes by make and size: bore, outer diameter and volume, from syringes.toml and from what a hospital has measured.

A table is where one starts; measuring the syringe in hand, and calibrating with it, beats it: delivered volume goes
with the bore squared, and BD 60 selected with a Terumo 60 fitted gives 24 % too much. So every number has its source,
and a file of measured ones replaces the table's, syringe by syringe, and adds those that it does not have:

    [[syringe]]
    make = "BD"
    ml = 50
    bore_mm = "26.72"
    outer_mm = "29.60"
    source = "calibrated by weight, bed 3, 2026-01-31"

Millimetres are texts, so that no digit is lost.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from assuage.errors import BadInput
from assuage.pharmacy.units import Ml

TABLE: Final = Path(__file__).with_name("syringes.toml")
KEYS: Final = frozenset({"make", "ml", "bore_mm", "outer_mm", "source"})

# As the board's clamp: outer diameters within 3 % are one to it, bores within 0.5 % give the same flow.
ALIKE: Final = Decimal("0.03")
TABLES_DIFFER: Final = Decimal("0.035")  # the most that two published tables were seen to differ
SAME_BORE: Final = Decimal("0.005")


class SyringeError(ValueError):
    """A table of syringes cannot be used; the message is one sentence that names file and entry."""


@dataclass(frozen=True, slots=True)
class Syringe:
    """One syringe: bore is the inner diameter of its barrel in mm, outer its outer one or None when nobody knows it,
    capacity its nominal volume. source: where the numbers come from; measured: from a file of measured ones."""

    name: str
    bore_mm: Decimal
    capacity: Ml
    outer_mm: Decimal | None = None
    source: str = ""
    measured: bool = False

    @property
    def bore_um(self) -> int:
        """Bore in whole micrometres."""
        return int(self.bore_mm * 1000)

    @property
    def outer_um(self) -> int:
        """Outer diameter in whole micrometres, 0 when unknown."""
        return int(self.outer_mm * 1000) if self.outer_mm else 0


def alike(one: Syringe, others: Iterable[Syringe]) -> list[str]:
    """Names of those that the board's clamp cannot tell from this one, and that have another bore.

    A syringe whose outer diameter nobody knows cannot be told from any of about its size, so it is not among them: the
    board does not ask for its diameter at all.
    """
    if one.outer_mm is None:
        return []
    found = []
    for other in others:
        if other.outer_mm is None or other.name == one.name:
            continue
        near = abs(other.outer_mm - one.outer_mm) <= 2 * ALIKE * one.outer_mm  # the measured one may lie between
        if near and abs(other.bore_mm - one.bore_mm) > SAME_BORE * one.bore_mm:
            found.append(other.name)
    return found


def load(measured: Path | None = None) -> dict[str, Syringe]:
    """The table by name, with what the file of measured syringes replaces and adds. Raises SyringeError."""
    found = _read(TABLE, False)
    if measured is not None:
        found.update(_read(measured, True))
    return found


def slips(table: Mapping[str, Syringe]) -> list[str]:
    """Measured bores that are further from the table's than any two tables are from each other: perhaps a slip of the
    pen, and the flow goes with the bore squared. One sentence each."""
    found = []
    for name, one in table.items():
        known = SYRINGES.get(name)
        if one.measured and known is not None and abs(one.bore_mm / known.bore_mm - 1) > TABLES_DIFFER:
            more = (one.bore_mm / known.bore_mm) ** 2 - 1
            found.append(
                f"{name} has a measured bore of {one.bore_mm} mm where tables have {known.bore_mm} mm, which changes "
                f"the volume by {more:+.0%}; look whether that is meant."
            )
    return found


def _read(path: Path, measured: bool) -> dict[str, Syringe]:
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise SyringeError(f"{path}: the file cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SyringeError(f"{path}: this is not TOML: {error}.") from None
    sources = data.pop("sources", {})
    entries = data.pop("syringe", [])
    if data or not isinstance(entries, list) or not isinstance(sources, dict):
        raise SyringeError(f"{path}: a table of syringes has [[syringe]] entries and [sources], nothing else.")
    found: dict[str, Syringe] = {}
    for number, entry in enumerate(entries, 1):
        made = _syringe(f"{path}, syringe {number}", entry, sources, measured)
        if made.name in found:
            raise SyringeError(f"{path}, syringe {number}: {made.name} stands there twice.")
        found[made.name] = made
    return found


def _syringe(place: str, entry: Any, sources: Mapping[str, Any], measured: bool) -> Syringe:
    if not isinstance(entry, dict):
        raise SyringeError(f"{place}: an entry is a table of keys.")
    unknown = sorted(entry.keys() - KEYS)
    if unknown:
        raise SyringeError(f"{place}: there is no key {unknown[0]}; the keys are {', '.join(sorted(KEYS))}.")
    make, ml, source = entry.get("make"), entry.get("ml"), entry.get("source")
    if not isinstance(make, str) or not make.strip() or not make.isprintable():
        raise SyringeError(f"{place}: make must be the maker's name.")
    if isinstance(ml, bool) or not isinstance(ml, int) or not 1 <= ml <= 100:
        raise SyringeError(f"{place}: ml must be a whole number from 1 to 100.")
    if not isinstance(source, str) or not source.strip():
        raise SyringeError(f"{place}: source must say where the numbers come from.")
    bore = _mm(place, entry, "bore_mm", Decimal(1), Decimal(60))
    outer = _mm(place, entry, "outer_mm", Decimal(1), Decimal(60)) if "outer_mm" in entry else None
    if outer is not None and outer <= bore:
        raise SyringeError(f"{place}: outer_mm {outer} must be more than bore_mm {bore}.")
    said = str(sources.get(source, source))
    return Syringe(f"{make.strip()} {ml} mL", bore, Ml(Decimal(ml)), outer, said, measured)


def _mm(place: str, entry: Mapping[str, Any], key: str, least: Decimal, most: Decimal) -> Decimal:
    text = entry.get(key)
    try:
        value = Decimal(text) if isinstance(text, str) else None
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or not least <= value <= most or value != round(value, 3):
        raise SyringeError(f'{place}: {key} must be millimetres from {least} to {most} in quotes, such as "26.70".')
    return value


SYRINGES: Final = load()


def syringe(name: object, table: Mapping[str, Syringe] = SYRINGES) -> Syringe:
    """The syringe of that name, e.g. "BD 50 mL". Raises BadInput when there is none."""
    found = table.get(name) if isinstance(name, str) else None
    if found is None:
        raise BadInput("syringe", f"There is no syringe {name!r} in the table; choose one listed, such as BD 50 mL.")
    return found
