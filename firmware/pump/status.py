"""The pump's state as the values of the wire's PumpStatus, without allocating."""

from assuage_wire.schema import NONE32
from pump.states import delivering


def seconds_at(volume_nl, flow):
    """Whole seconds that a volume takes at a flow in nL/min, rounded down, and held below some 35 days.

    The minutes first, then the rest of a minute in twentieths (3 s each), then the rest of those: every product stays
    below 2**30 for flow <= 2e7.
    """
    minutes = min(volume_nl // flow, 50_000)
    rest = volume_nl % flow * 20
    return minutes * 60 + rest // flow * 3 + rest % flow * 3 // flow


def seconds_left(pump):
    """Seconds to the end, NONE32 when it stands or that is not known: by the legs' times, or at this flow."""
    p = pump.programme
    flow = pump.delivery.flow
    left = NONE32
    if p.count:
        if delivering(pump.state) and p.finish != NONE32:
            left = max(0, p.finish - pump.watch.elapsed_s)
    elif flow:
        left = seconds_at(max(p.vtbi - pump.delivery.delivered.nl, 0), flow)
    return left if left == NONE32 else min(left, pump.watch.seconds_left())


def fill(pump, out, ticks, wraps):
    """Fills out[0:21] in the table's order."""
    p = pump.programme
    out[0] = ticks
    out[1] = wraps
    out[2] = pump.state
    out[3] = pump.reason
    out[4] = pump.moved_for()
    out[5] = pump.delivery.flow
    out[6] = pump.rate
    out[7] = p.vtbi
    out[8] = pump.delivery.delivered.nl
    out[9] = pump.encoder.volume()
    out[10] = seconds_left(pump)
    out[11] = pump.lease.margin(ticks, wraps)
    out[12] = p.on_loss
    out[13] = pump.was.programme
    out[14] = pump.was.low
    out[15] = pump.was.high
    out[16] = pump.delivery.bolus_nl()
    out[17] = pump.demand.given
    out[18] = pump.demand.denied
    out[19] = (pump.demand.left_ms + 999) // 1000
    out[20] = pump.moves.volume.nl
