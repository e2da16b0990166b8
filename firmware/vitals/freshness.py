"""How long ago the last sample came, on a clock that begins again after 12 days."""

from micropython import const

from assuage_wire.schema import S30

OLD_MS = const(65_535)  # the most that a Vitals message can tell


class Freshness:
    """seen(now) when a sample comes; age(now) in ms, asked for at least once in 12 days. At OLD_MS it stands."""

    def __init__(self, now):
        self._at = now

    def seen(self, now):
        """A sample has come."""
        self._at = now

    def age(self, now):
        """Milliseconds since the last sample, OLD_MS at most."""
        ms = (now - self._at) & S30
        if ms > OLD_MS:
            ms = OLD_MS
            self._at = (now - ms) & S30
        return ms
