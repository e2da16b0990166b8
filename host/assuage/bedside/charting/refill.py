"""Another syringe in a pump, as it was typed: checked against what is ordered, and its entry for the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from assuage.bedside.charting import entries
from assuage.bedside.charting.entries import Input
from assuage.errors import BadInput
from assuage.pharmacy.library import Library
from assuage.pharmacy.quantities import Concentration, Volume
from assuage.pharmacy.syringes import Syringe
from assuage.record.events import SyringeChanged

_KEYS: Final = frozenset({"pump", "syringe", "drug", "concentration", "holds", "wasted", "note"})
OTHER: Final = "The label says {}, the order {}: they are not the same; put the right syringe in, or order anew."
TOO_MUCH: Final = "A syringe of {} mL cannot hold {}."


def read(
    data: Input, ordered: Mapping[str, Any] | None, syringes: Mapping[str, Syringe], library: Library, by: str
) -> SyringeChanged:
    """The entry. drug and concentration: off the label. holds, wasted: volumes with their unit; wasted may be left out.
    ordered: clinical part of what the pump is ordered to give, None where nothing is. Raises BadInput."""
    entries.known(data, _KEYS)
    chosen = syringes.get(str(data.get("syringe", "")))
    if chosen is None:
        raise BadInput("syringe", f"Choose the syringe; there are {', '.join(syringes)}.")
    drug = data.get("drug")
    if not isinstance(drug, str) or not drug:
        raise BadInput("drug", "Say which drug the label names.")
    substance = library.substance(drug)
    strength = Concentration.parse(data.get("concentration", ""), "concentration")
    holds = Volume.parse(data.get("holds", ""), "holds")
    if holds.number("mL") > chosen.capacity.value:
        raise BadInput("holds", TOO_MUCH.format(f"{chosen.capacity.value:f}", holds))
    wasted = Volume.parse(data["wasted"], "wasted") if data.get("wasted") else None
    if ordered is not None:
        label = (substance.key, round(strength.number("ng/mL")))
        if label != (ordered["drug"], ordered["ng_per_ml"]):
            wanted = Concentration.of(ordered["ng_per_ml"], "ng/mL").to(strength.unit)
            raise BadInput("drug", OTHER.format(f"{substance} {strength}", f"{ordered['drug']} {wanted}"))
    return SyringeChanged(
        syringe=str(data["syringe"]), substance=substance.key, ng_per_ml=round(strength.number("ng/mL")),
        holds_nl=_nl(holds), wasted_nl=0 if wasted is None else _nl(wasted), note=entries.text(data, "note"), by=by,
    )  # fmt: skip


def _nl(volume: Volume) -> int:
    return round(volume.number("mL") * 1_000_000)
