"""The cuff over the wire: what a Measure asks of it, and what a Cuff message tells of it."""

from assuage_wire.schema import MEASURES, NONE16, STATUSES
from vitals.cuff_limits import SILENT_MS

_START = MEASURES.index("start")
_STOP = MEASURES.index("stop")
_OK = STATUSES.index("ok")
_BAD_STATE = STATUSES.index("bad-state")


def order(cuff, what, minutes):
    """Does what is asked of a vitals.cuff.Cuff; returns an index in STATUSES. A stop opens the valve even if there is
    nothing to be stopped."""
    if what == _START:
        return _OK if cuff.start() else _BAD_STATE
    if what == _STOP:
        return _OK if cuff.stop() else _BAD_STATE
    cuff.times.repeat(minutes)
    return _OK


def fill(cuff, out, ticks, wraps):
    """Puts the values of a Cuff message into the list."""
    out[0] = ticks
    out[1] = wraps
    out[2] = cuff.state
    out[3] = NONE16 if cuff.limits.silent_ms == SILENT_MS else cuff.pressure
    out[4] = cuff.times.every
    out[5] = cuff.next_s()
    out[6] = cuff.fault
