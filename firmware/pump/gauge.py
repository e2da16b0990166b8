"""The battery: minutes that are left, warnings in time, and a low supply that stops cleanly.

    gauge = Gauge()
    gauge.read(soc, crate, mv, load, charging)    # each fresh reading of the fuel gauge, half a second apart or so
    why = gauge.look(ms)                          # each poll: FINE, LOW (30 min), VERY_LOW (5 min), EMPTY or UNKNOWN
    show(gauge.minutes)

The idea: never optimistic. The charge counts less the gauge's own error. Two estimates are made, from the rate of
discharge that the gauge measures and from what the present load is known to draw; the shorter one counts. It falls at
once, and rises only after a minute in which every estimate was longer (then to the shortest of them), or on a charger.
A warning goes only when there is a fifth more time than it stands for, so it cannot chatter.

EMPTY is a voltage below LOWEST_MV for a second, whatever the charge may be: stop the shaft, write the journal. It
stays until the charger is in. UNKNOWN: no reading for ten seconds, or none that can be; the last minutes are not kept.

ASSUMED, to be measured on the board: LOADS, the voltage, the error of the charge.
"""

from micropython import const

from assuage_wire.schema import NONE16

FINE, LOW, VERY_LOW, EMPTY, UNKNOWN = range(5)
IDLE, INFUSING, FAST = range(3)  # load: standing, up to 100 mL/h, beyond

LOADS = (60, 200, 450)  # what each draws, in 0.1 % of a full battery an hour
LOW_MIN = 30
VERY_LOW_MIN = 5
LOWEST_MV = 3_300

_ERROR = const(50)  # 0.1 %
_LOWEST_MS = const(1_000)
_RISE_MS = const(60_000)
_LOST_MS = const(10_000)
_MOST = const(6_000)  # minutes told at most
_MV_LEAST = const(2_000)  # no cell has less, or more
_MV_MOST = const(5_000)


class Gauge:
    """minutes: left at this load, NONE16 when nobody knows or on a charger."""

    def __init__(self):
        self.minutes = NONE16
        self._left = 0
        self._longer = NONE16  # the shortest of the longer estimates
        self._longer_ms = 0
        self._silent_ms = _LOST_MS
        self._low_ms = 0
        self._low = False
        self._empty = False
        self._charging = False
        self._why = FINE

    def read(self, soc, crate, mv, load, charging):
        """A fresh reading: charge in 0.1 %, its change in 0.1 %/h (falling: negative), voltage, load class, charger.

        What cannot be (charge outside 0 to 120 %, voltage outside 2 to 5 V) is no reading.
        """
        if not (0 <= soc <= 1_200 and _MV_LEAST <= mv <= _MV_MOST):
            return
        first = self._silent_ms >= _LOST_MS
        self._silent_ms = 0
        self._low = mv < LOWEST_MV
        self._charging = charging
        falls = max(LOADS[load], -max(-10_000, crate), 1)
        left = min(max(0, min(soc, 1_000) - _ERROR) * 60 // falls, _MOST)
        if first or charging or left <= self._left:
            self._left = left
            self._longer = NONE16
        else:
            if self._longer == NONE16:
                self._longer_ms = 0
            self._longer = min(self._longer, left)

    def look(self, ms):
        """`ms` after the last look."""
        self._silent_ms = min(self._silent_ms + ms, _LOST_MS)
        if self._silent_ms >= _LOST_MS:
            self.minutes = NONE16
            self._longer = NONE16
            return EMPTY if self._empty else UNKNOWN
        self._low_ms = min(self._low_ms + ms, _LOWEST_MS) if self._low else 0
        if self._low_ms == _LOWEST_MS:
            self._empty = True
        if self._charging:
            self._empty = self._empty and self._low
            self.minutes = NONE16
            self._why = FINE
            return EMPTY if self._empty else FINE
        if self._longer != NONE16:
            self._longer_ms += ms
            if self._longer_ms >= _RISE_MS:
                self._left = self._longer
                self._longer = NONE16
        self.minutes = left = self._left
        if left <= VERY_LOW_MIN:
            self._why = VERY_LOW
        elif self._why == VERY_LOW and left * 5 <= VERY_LOW_MIN * 6:
            pass
        elif left <= LOW_MIN or (self._why != FINE and left * 5 <= LOW_MIN * 6):
            self._why = LOW
        else:
            self._why = FINE
        return EMPTY if self._empty else self._why
