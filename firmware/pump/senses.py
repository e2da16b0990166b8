"""What the pump knows of its syringe beyond steps and encoder: the plunger's force, and whether it is in its place.

    senses = Senses(board.data)
    senses.force_read(code, calibrations)                 # each fresh code of the bridge
    senses.force_wait(ms)                                 # each poll of it, with or without one
    senses.switches(ms, barrel, plunger, flange, stands)  # each look at the contacts

A sensor that the board's data do not list does not exist: nothing is asked of it, and telemetry says so. One that is
listed and silent is a fault.

The bridge's converter has another zero after each power-up, so the force is tared when all three contacts have been
open for a while and the drive stands: there is no syringe then. One contact alone may be a broken wire. So a pump that
was switched on wants its syringe put in, or in again.
"""

from micropython import const

from pump.fitting import BARREL, FITTED, Fitting
from pump.force import Force
from pump.pressure import Pressure

_NO_BRIDGE = (1 << 10, 1, 0)
_FREE_MS = const(300)  # for so long there has been no syringe


class Senses:
    """data: the board's own table; of it bridge (as force.Force takes it) and switches (True: three contacts).

    has_force, has_switches: whether there are such. fitted: the newest of fitting.FITTED ..; FITTED without contacts.
    """

    def __init__(self, data):
        bridge = data.get("bridge")
        self.has_force = bool(bridge)
        self.force = Force(*(bridge or _NO_BRIDGE))
        self.pressure = Pressure()
        self.has_switches = bool(data.get("switches"))
        self.fitting = Fitting()
        self.fitted = BARREL if self.has_switches else FITTED
        self._free_ms = 0
        self._calibrations = 0

    def force_read(self, code, calibrations):
        """A fresh code, and how often the bridge has calibrated itself."""
        force = self.force
        if calibrations != self._calibrations:
            self._calibrations = calibrations
            force.landed()
        force.read(code)
        if self._free_ms >= _FREE_MS:
            force.tare(True)

    def force_wait(self, ms):
        """`ms` since the last poll of the bridge."""
        self.force.wait(ms)

    def switches(self, ms, barrel, plunger, flange, stands):
        """`ms` later the three contacts are closed or open; `stands`: the drive does not turn."""
        self.fitted = self.fitting.look(ms, barrel, plunger, flange)
        self._free_ms = min(self._free_ms + ms, _FREE_MS) if stands and self.fitting.none() else 0
