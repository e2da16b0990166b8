"""AD8232 heart rate front end: whether its electrodes are on and its samples can be used; the converter is the board's.

Source: Analog Devices AD8232 datasheet. An electrode that is off raises a comparator and drives the output to a rail;
fast restore, which is switched on for good, brings it back. With two electrodes there is one comparator, LOD+. An
output that stays at a rail with all electrodes on is restarted by the shutdown pin, where the board has it.

    front = AD8232(lod_plus, lod_minus, shutdown, restore)
    front.take(buffer, n, ticks)        # every block of samples
    front.off, front.ok
"""

from micropython import const

_LOW, _HIGH = const(24), const(4071)  # codes: the rails of a 12-bit converter, and what its noise takes off
_TOUCHING_MS = const(200)  # an electrode that is being put on bounces
_STUCK_MS = const(5000)  # at a rail with all electrodes on: ten times what it takes to recover
_DOWN_MS = const(100)
_TICKS = const(0x3FFFFFFF)


class AD8232:
    """Pins as machine.Pin has them; those that a board lacks are None. All attributes are readings.

    off: an electrode is off, or was 200 ms ago. railed: the newest samples are all at a rail. ok: samples can be used.
    errors: restarts.
    """

    def __init__(self, lod_plus, lod_minus=None, shutdown=None, restore=None):
        self.off = True
        self.railed = False
        self.ok = False
        self.errors = 0
        self._plus = lod_plus
        self._minus = lod_minus
        self._shutdown = shutdown
        self._touched = 0  # ticks since when all electrodes are on
        self._free = 0  # ticks of the newest sample off the rails, or of the restart
        self._seen = False  # a block
        self._down = False
        if restore is not None:
            restore.value(1)
        if shutdown is not None:
            shutdown.value(1)

    def take(self, buffer, n, ticks):
        """Looks at the pins and at a block of n samples, 0 to 4095, that has just come; True when it can be used."""
        if not self._seen:
            self._seen = True
            self._touched = self._free = ticks
        if self._down:
            self._wake(self._shutdown, ticks)
        elif self._plus.value() or (self._minus is not None and self._minus.value()):
            self._touched = self._free = ticks
            self.off = True
            self.railed = False
        else:
            if (ticks - self._touched) & _TICKS >= _TOUCHING_MS:
                self.off = False
                self._touched = (ticks - _TOUCHING_MS) & _TICKS  # it stays there, whatever the clock does
            self._watch(buffer, n, ticks)
        self.ok = not self.off and not self.railed
        return self.ok

    def _watch(self, buffer, n, ticks):
        for i in range(n):
            if _LOW < buffer[i] < _HIGH:
                self.railed = False
                self._free = ticks
                return
        self.railed = n > 0 or self.railed
        if (ticks - self._free) & _TICKS > _STUCK_MS:
            self._free = ticks
            self.errors = (self.errors + 1) & 0xFFFF
            if self._shutdown is not None:
                self._shutdown.value(0)
                self._down = True

    def _wake(self, shutdown, ticks):
        """Switched off for a moment; its output says nothing."""
        if (ticks - self._free) & _TICKS >= _DOWN_MS:
            shutdown.value(1)
            self._down = False
            self._free = ticks
