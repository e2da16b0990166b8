"""How the board itself is: gathered turn by turn, told once a second."""

from micropython import const

from assuage_wire.schema import NONE16

_MANY = const(65535)


class Health:
    """Extremes of the second under way, and counters that others keep.

    collect_us, heap_free: of the collection right before it is told. overruns, rx_errors, bus_errors: since boot.
    """

    def __init__(self):
        self.collect_us = 0
        self.heap_free = 0
        self.overruns = 0
        self.rx_errors = 0
        self.bus_errors = 0
        self._begin()

    def _begin(self):
        self._loop_us = 0
        self._lease = NONE16
        self._watchdog = _MANY

    def turn(self, us):
        """The loop has turned once, in so many us."""
        if us > self._loop_us:
            self._loop_us = us

    def lease(self, ms):
        """Margin of a lease that is held."""
        if ms < self._lease:
            self._lease = ms

    def watchdog(self, ms):
        """Margin of the watchdog, seen right before it is fed."""
        if ms < self._watchdog:
            self._watchdog = ms

    def fill(self, out, ticks, wraps):
        """Puts the ten values of a Health message into the list, in the table's order, and begins another second."""
        out[0] = ticks
        out[1] = wraps
        out[2] = min(self.overruns, _MANY)
        out[3] = self._loop_us
        out[4] = self.collect_us
        out[5] = self.heap_free
        out[6] = min(self.rx_errors, _MANY)
        out[7] = min(self.bus_errors, _MANY)
        out[8] = self._lease
        out[9] = self._watchdog
        self._begin()
