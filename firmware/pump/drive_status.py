"""What the pump's sensors see, as the values of the wire's Drive, without allocating."""

from assuage_wire.schema import FITTINGS, FORCES, NONE32, WATCHES
from pump.pressure import mmhg_of
from pump.states import running

_STANDING = WATCHES.index("standing")
_LEARNING = WATCHES.index("learning")
_OCCLUSION = WATCHES.index("occlusion")
_DISCONNECTION = WATCHES.index("disconnection")
_NO_WATCH = WATCHES.index("none")
_NO_FORCE = FORCES.index("none")
_NO_FITTING = FITTINGS.index("none")


def _watch(senses, runs):
    """What the pressure would tell now."""
    if not senses.ready:
        return _NO_WATCH
    if not runs:
        return _STANDING
    if not senses.pressure.learned:
        return _LEARNING
    return _DISCONNECTION if senses.pressure.identifiable else _OCCLUSION


def changes(pump):
    """A number that differs when something has changed that a person should see at once."""
    senses = pump.senses
    supply = pump.supply
    of_syringe = senses.fitted | senses.verdict << 3 | senses.force.quality << 6 | senses.sees_air << 9
    return (
        of_syringe | senses.near_empty << 11 | supply.driver << 12 | supply.battery << 15 | pump.tests.missing() << 18
    )


def fill(pump, out, ticks, wraps):
    """Fills out[0:25] in the table's order."""
    senses = pump.senses
    supply = pump.supply
    pressure = senses.pressure
    flow = pump.delivery.flow
    runs = running(pump.state)
    out[0] = ticks
    out[1] = wraps
    out[2] = max(-32768, min(mmhg_of(pressure.pa), 32767)) if runs else 0
    out[3] = senses.level
    out[4] = pressure.seconds_left(flow) if runs and senses.ready else NONE32
    out[5] = _watch(senses, runs)
    out[6] = senses.force.mn
    out[7] = senses.force.quality if senses.ready else _NO_FORCE
    out[8] = senses.outer_um
    out[9] = senses.verdict
    out[10] = senses.fitted if senses.held else _NO_FITTING
    out[11] = senses.sees_air
    out[12] = senses.left_nl()
    out[13] = senses.seconds_left(flow)
    out[14] = int(senses.near_empty)
    out[15] = supply.driver
    out[16] = supply.faults
    out[17] = pump.diagnosis.reason
    out[18] = supply.battery
    out[19] = supply.charge
    out[20] = supply.gauge.minutes
    out[21] = supply.mv
    out[22] = pump.tests.passed
    out[23] = pump.tests.missing()
    out[24] = pump.tests.faults
