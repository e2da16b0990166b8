"""The alarm's own parts are watched: the sounder by the current it draws, each key by how long it is held."""

from micropython import const

from assuage_wire.schema import S30

CHIRP_MS = const(150)  # a lone short pulse, unlike any alarm's burst
SETTLE_MS = const(50)  # until the current tells what the sounder does
STABLE_MS = const(20)  # a contact that has not bounced for so long is believed (an open peer's figure)
STUCK_MS = const(10_000)  # nobody holds a key for so long; our own choice

_SURE = const(3)  # readings in a row: one pulse of any alarm has as many at 25 ms
_SEEN_ON = const(1)
_SEEN_OFF = const(2)


class Sounder:
    """The buzzer's pin, and what its current says. quiet: at most this reading when off. loud: at least this when on.

    on: what the pin is to be. silent: it draws no current when it should sound. stuck: it draws one when it should not.
    Each stays until a reading shows the opposite. passed: since the last chirp was asked for, it was loud when on and
    quiet when off.
    """

    def __init__(self, quiet, loud):
        self.on = False
        self.silent = False
        self.stuck = False
        self._quiet = quiet
        self._loud = loud
        self._since = 0  # ticks at which the pin last changed
        self._settled = False
        self._bad = 0
        self._seen = 0
        self._chirping = False

    def chirp(self):
        """Sounds for CHIRP_MS from the next poll on, whenever that comes, to be heard and measured: at power-on, and
        before a start."""
        self._chirping = True
        self._seen = 0

    def poll(self, wanted, reading, now):
        """Takes the current's reading of this moment, judges it, and then sets `on`. wanted: an alarm's pulse is on."""
        if (now - self._since) & S30 >= SETTLE_MS:
            self._settled = True
        if self._settled:
            self._judge(reading)
        if self.on and (now - self._since) & S30 >= CHIRP_MS:
            self._chirping = False
        on = wanted or self._chirping
        if on != self.on:
            self.on = on
            self._since = now
            self._settled = False
            self._bad = 0

    def busy(self):
        """Whether it is to be listened to closely: it sounds, or its chirp is not over from silence to silence."""
        return self.on or self._chirping or self._seen == _SEEN_ON

    def fault(self):
        """Whether the sounder cannot be relied upon."""
        return self.silent or self.stuck

    def passed(self):
        """Whether the chirp has been heard by its current, from silence to silence."""
        return self._seen == _SEEN_ON | _SEEN_OFF and not self.fault()

    def _judge(self, reading):
        if reading >= self._loud if self.on else reading <= self._quiet:
            self._bad = 0
            if self.on:
                self.silent = False
                self._seen |= _SEEN_ON
            else:
                self.stuck = False
                if self._seen:
                    self._seen |= _SEEN_OFF
        elif self._bad < _SURE:
            self._bad += 1
            if self._bad == _SURE:
                if self.on:
                    self.silent = True
                else:
                    self.stuck = True


class Key:
    """A key as people press it, not as its contact bounces. STOP acts on the bare contact, at once.

    down: pressed, and stable. pressed: it has gone down at this poll. stuck: held beyond what a person does.
    """

    def __init__(self):
        self.down = False
        self.pressed = False
        self.stuck = False
        self._contact = False
        self._since = 0  # ticks at which the contact last changed
        self._pressed = 0

    def poll(self, contact, now):
        """Takes the contact's state at this moment."""
        self.pressed = False
        if contact != self._contact:
            self._contact = contact
            self._since = now
        elif contact != self.down and (now - self._since) & S30 >= STABLE_MS:
            self.down = contact
            self.pressed = contact
            self.stuck = False
            self._pressed = now
        if self.down and (now - self._pressed) & S30 >= STUCK_MS:
            self.stuck = True
