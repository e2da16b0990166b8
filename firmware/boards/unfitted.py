"""What stands in a board's place where it has no pump: the same names, and nothing behind them.

Every order to the pump is answered with `unsupported`; had one passed, a pump whose encoder has never seen its magnet
is not armed, and no step can be made.
"""

_WITHOUT = ("bridge", "driver", "gauge", "supply", "air")


def without_pump(data):
    """A board's own table without what belongs to the drive."""
    data = {name: value for name, value in data.items() if name not in _WITHOUT}
    data["pump"] = data["switches"] = False
    return data


class NoSteps:
    """No step drive: it takes no word and makes no step."""

    def push(self, count, period_us):
        """Raises ValueError."""
        raise ValueError("there is no drive")

    def room(self):
        """Words that a drive at rest takes (pump/steps.QUEUE)."""
        return 8

    def consumed(self):
        """Steps made."""
        return 0

    def queued(self):
        """Steps still to be made."""
        return 0

    def dry_runs(self):
        """How often it ran dry."""
        return 0

    def abort(self):
        """Nothing."""

    def enable(self, on):
        """Nothing."""

    def forward(self, on):
        """Nothing."""


class NoBus:
    """A bus on which every register reads 0, with the names of machine.I2C: the encoder has no magnet, and no error."""

    def readfrom_mem_into(self, addr, reg, buf):
        """Fills buf with zeros."""
        for i in range(len(buf)):
            buf[i] = 0

    def writeto_mem(self, addr, reg, buf):
        """Nothing."""


class Constant:
    """A pin or a converter's input that is not wired."""

    def __init__(self, level):
        self._level = level

    def value(self, _level=None):
        """Reads it; what is set is lost."""
        return self._level

    def read_u16(self):
        """Reads it."""
        return self._level
