"""Board time: milliseconds that wrap at 2**30, and how often they have, from whatever ticks the hardware has.

The hardware's may wrap at any power of two up to 2**30 that is more than twice the watchdog's patience. A board that
has stood still for so long that a turn of them could be missed has been reset; what is shorter is a step like any
other, which the supervisor sees as its tasks' being late.
"""

from assuage_wire.schema import S30


class Clock:
    """ticks and wraps, as of the last advance(). raw, mask: the hardware's ticks now, and their largest."""

    def __init__(self, raw, mask, ticks=0, wraps=0):
        self.ticks = ticks
        self.wraps = wraps
        self._raw = raw
        self._mask = mask

    def advance(self, raw):
        """Takes the hardware's ticks; called more often than they wrap."""
        step = (raw - self._raw) & self._mask
        self._raw = raw
        left = S30 - self.ticks
        if step > left:
            self.ticks = step - left - 1
            self.wraps = (self.wraps + 1) & 0xFFFF
        else:
            self.ticks += step

    def raw(self, ticks):
        """What the hardware's ticks will be at `ticks`, which lie ahead by less than half of their turn."""
        return (self._raw - (self._mask - ((ticks - self.ticks) & self._mask)) - 1) & self._mask
