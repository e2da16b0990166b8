"""When a cuff measures: asked for, once more after a failure, and every so many minutes.

The minutes count from the beginning of one cycle to that of the next, whoever asked for it; from a stop too, so that
somebody who has stopped one has so long before the next; and from a change of their number.
"""

from micropython import const

from assuage_wire.schema import S30

REST_MS = const(30_000)  # between two inflations, of whatever reason

_MINUTE_MS = const(60_000)


class Times:
    """every: minutes, 0 for never. asked: one is to begin as soon as the arm has rested. tries: before the last one."""

    def __init__(self, every):
        self.every = every
        self.asked = False
        self.tries = 0
        self._since_ms = 0

    def passed(self, ms):
        """Time goes on; by a minute at most."""
        if self._since_ms < S30 >> 1:
            self._since_ms += ms

    def begun(self):
        """A cycle has, or was stopped: the minutes count from here."""
        self._since_ms = 0

    def repeat(self, minutes):
        """Another number of minutes. The same one again changes nothing, or whoever repeats it would hold it up."""
        if minutes != self.every:
            self.every = minutes
            self._since_ms = 0

    def left_ms(self):
        """Until the next automatic one, 0 when it is due, -1 when there is none."""
        if not self.every:
            return -1
        left = self.every * _MINUTE_MS - self._since_ms
        return left if left > 0 else 0

    def stop(self):
        """What was asked for, or to be tried again, is not any more."""
        self.asked = False
        self.tries = 1
        self._since_ms = 0
