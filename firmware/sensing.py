"""The drive's other chips and contacts: reads what the board's data list and hands it to the pump, task by task."""

from micropython import const

from drivers.nau7802 import NAU7802
from pump.limits import since
from pump.states import running

_BRIDGE_MS = const(25)  # pressure wants four readings in a tenth of a second
_SWITCHES_MS = const(25)


class Sensing:
    """One task for each sensor that there is; begin(add) adds them to a supervisor.Supervisor. now: ticks at boot."""

    def __init__(self, board, pump, now):
        data = board.data
        self._parts = []
        if data.get("switches"):
            self._parts.append(("switches", Switches(board, pump, now), _SWITCHES_MS))
        if data.get("bridge"):
            self._parts.append(("bridge", Bridge(board, pump, now), _BRIDGE_MS))

    def begin(self, add):
        """add(name, run, period): as the supervisor has it."""
        for name, part, period in self._parts:
            add(name, part.run, period)

    def errors(self):
        """Failed transfers of all chips."""
        total = 0
        for part in self._parts:
            total += part[1].errors()
        return total


class Switches:
    """The three contacts of a syringe."""

    def __init__(self, board, pump, now):
        self._pump = pump
        self._senses = pump.senses
        self._barrel = board.pins["barrel"]
        self._plunger = board.pins["plunger"]
        self._flange = board.pins["flange"]
        self._seen = now

    def errors(self):
        """None that could be noticed."""
        return 0

    def run(self, now):
        """Closed is 0: a broken wire is an open contact."""
        ms = since(now, self._seen)
        self._seen = now
        stands = not running(self._pump.state)
        self._senses.switches(ms, not self._barrel.value(), not self._plunger.value(), not self._flange.value(), stands)


class Bridge:
    """The plunger's force."""

    def __init__(self, board, pump, now):
        self._senses = pump.senses
        self._chip = NAU7802(board.i2c0)
        self._seen = now

    def errors(self):
        """Failed transfers, and set-ups that came to nothing."""
        return self._chip.errors

    def run(self, now):
        """Every poll tells the time, and a fresh code if there is one."""
        chip = self._chip
        ms = since(now, self._seen)
        self._seen = now
        self._senses.force_wait(ms)
        if chip.poll(now):
            self._senses.force_read(chip.code, chip.calibrations)
