"""A target for a row of the inventory."""

from __future__ import annotations

from assuage_rig.targets.dut import Target
from assuage_rig.targets.emulated import EmulatedTarget
from assuage_rig.targets.inventory import InventoryError, Place
from assuage_rig.targets.serialport import SerialTarget


def target_for(place: Place, seed: int) -> Target:
    """Raises InventoryError for a kind that is not built yet."""
    if place.kind == "linux":
        return EmulatedTarget(place, seed)
    if place.kind == "serial":
        return SerialTarget(place, seed)
    raise InventoryError(f"{place.name}: a target of kind {place.kind} is not built yet; choose another")
