"""What the pump knows of its syringe beyond steps and encoder: force, pressure, contacts, diameter, air, what is left.

    senses = Senses(board.data, limits)
    senses.force.wait(ms); senses.read(code, calibrations)            # each poll of the bridge; each fresh code
    senses.poll(ms, barrel, plunger, flange, adc, air, running)       # each look at contacts and analogue inputs
    senses.load(programme); senses.begin()                            # or go_on() after a pause
    why = senses.look(ms, moved_nl, flow, delivered_nl)               # each poll of a running delivery
    status, detail = senses.lacks()                                   # what keeps it from beginning

A sensor that the board's data do not list does not exist: nothing is asked of it, and telemetry says so. One that is
listed and silent is a fault, never "fine".

The bridge's converter has another zero after each power-up, so the force is tared when all three contacts have been
open for a while and the drive stands: there is no syringe then. One contact alone may be a broken wire. So a pump that
was switched on wants its syringe put in, or in again.

What has left a syringe is counted for as long as it is in, over all programmes: it never gives more than was in it when
it was put in, nor more than the board allows of one.
"""

from micropython import const

from pump import fitting
from pump.air import CLEAR as NO_AIR
from pump.air import Air
from pump.codes import (
    FORCE,
    MISMATCH,
    OK,
    SYRINGE,
    UNFITTED,
    WHY_AIR,
    WHY_DISCONNECT,
    WHY_END_OF_TRAVEL,
    WHY_FORCE,
    WHY_MISMATCH,
    WHY_NONE,
    WHY_OCCLUSION,
    WHY_UNFITTED,
)
from pump.force import GOOD, Force
from pump.pressure import CLEAR, DROP, Pressure
from pump.status import NONE32, seconds_at

UNASKED, NO_POT = 4, 5  # verdicts on a diameter that nobody asked for or measures; the others are fitting.MATCHES ..
NO_DETECTOR = const(2)  # of air; 0 and 1 whether it sees any

_NO_BRIDGE = (1 << 10, 1, 0)
_FREE_MS = const(300)  # for so long there has been no syringe
_LOOK_MS = const(100)  # of the pressure
_OTHER_MS = const(500)  # for so long the barrel has been another one
_TREND = const(60)  # mN: many times the noise
_LATE = const(5)  # looks, 0.25 s: as long as the force's own mean is behind
_DEAD = const(500)  # of 16 bits: an air detector this near to its upper end is broken; at its lower end it sees air


class Senses:
    """data: the board's own table; of it bridge (as force.Force takes it), switches (True: three contacts), air (below
    this reading there is air) and barrel_pot (as fitting.outer_um takes it). limits: with max_syringe (nL).

    fitted: fitting.FITTED .., FITTED without contacts. outer_um, verdict: of the barrel. displaced_nl: of this syringe.
    near_empty: less than the programme's time is left at this flow.
    """

    def __init__(self, data, limits):
        bridge = data.get("bridge")
        self.ready = bool(bridge)
        self.force = Force(*(bridge or _NO_BRIDGE))
        self.pressure = Pressure()
        self.held = bool(data.get("switches"))
        self.fitting = fitting.Fitting()
        self.fitted = fitting.BARREL if self.held else fitting.FITTED
        self.air = Air()
        self._air_level = data.get("air", 0)
        self.sees_air = CLEAR if self._air_level else NO_DETECTOR
        self._pot = data.get("barrel_pot")
        self.outer_um = 0
        self.verdict = UNASKED if self._pot else NO_POT
        self.displaced_nl = 0
        self.near_empty = False
        self.level = 0  # mmHg
        self._limit = limits.get("max_syringe", 0)
        self._travel = fitting.Travel()
        self._filled = NONE32  # nL that was in it when it was put in, as far as anybody has said
        self._outer = self._bore = 0
        self._alike = ()
        self._warn_s = 0
        self._other_ms = 0
        self._free_ms = 0
        self._calibrations = 0
        self._tick = 0
        self._moved = 0
        self._was_mn = 0

    # -- what is read --------------------------------------------------------------------------------------------------

    def read(self, code, calibrations):
        """A fresh code, and how often the bridge has calibrated itself."""
        force = self.force
        if calibrations != self._calibrations:
            self._calibrations = calibrations
            force.lost()
        force.read(code)
        if self._free_ms >= _FREE_MS:
            force.tare(True)

    def poll(self, ms, barrel, plunger, flange, adc, air, running):
        """`ms` later: the three contacts closed or open, the readings of the barrel's potentiometer and of the air
        detector, 16 bits, and whether the drive may turn. What the board does not have may be anything."""
        if self.held:
            self.fitted = self.fitting.look(ms, barrel, plunger, flange)
            none = self.fitting.empty()
            self._free_ms = min(self._free_ms + ms, _FREE_MS) if none and not running else 0
            if none:
                self._new_syringe()
        if self._pot:
            self._compare(ms, adc >> 4)
        if self._air_level:
            self.sees_air = int(air < self._air_level or air > 65535 - _DEAD)

    def _compare(self, ms, adc):
        um = self.outer_um = fitting.outer_um(adc, self._pot)
        if not self._outer:
            self.verdict = UNASKED
            return
        self.verdict = fitting.identify(um, self._outer, self._bore, self._alike)
        other = self.verdict == fitting.MISMATCH or not um
        self._other_ms = min(self._other_ms + ms, _OTHER_MS) if other else 0

    # -- one programme -------------------------------------------------------------------------------------------------

    def change(self, still):
        """1 when the force has risen since the angle stands, -1 when it has fallen, else 0; to be asked with each
        reading of the encoder. still: looks for which it has stood; what the force is late is of before."""
        if self.force.quality != GOOD:
            return 0
        if still < _LATE:
            self._was_mn = self.force.mn
        off = self.force.mn - self._was_mn
        return 1 if off > _TREND else -1 if off < -_TREND else 0

    def load(self, p):
        """Another programme; also one that is the empty one. Allocates."""
        self.level = p.level
        if p.level:
            self.pressure.prepare(p.bore, p.level)
            if not self.held:
                self._new_syringe()  # nobody sees a change of it
        self._outer = p.outer
        self._bore = p.bore
        self._alike = (p.outer, 0) if p.alike else ()
        self._warn_s = p.near_empty
        self._travel.begin(min(self._filled, p.contents + self.displaced_nl))
        self._other_ms = 0
        self.near_empty = False

    def begin(self):
        """The delivery begins; from now on what the syringe is said to hold counts until it is taken out."""
        self._filled = self.displaced_nl + self._travel.left_nl(self.displaced_nl)
        self.pressure.begin()
        self._again()

    def go_on(self):
        """It goes on after a pause."""
        self.pressure.resume()
        self._again()

    def _new_syringe(self):
        self.displaced_nl = 0
        self._filled = NONE32

    def _again(self):
        self.air.begin()
        self._tick = self._moved = 0

    def left_nl(self):
        """nL that may still leave this syringe."""
        return max(0, min(self._travel.left_nl(self.displaced_nl), self._limit - self.displaced_nl))

    def seconds_left(self, flow):
        """Seconds until it is empty at this flow, NONE32 without one."""
        return seconds_at(self.left_nl(), flow) if flow else NONE32

    def moved(self, nl):
        """So much has left the syringe, whatever for."""
        self.displaced_nl = min(self.displaced_nl + nl, NONE32)

    def blind(self):
        """Whether there is a bridge, and no force to go by."""
        return self.ready and self.force.quality != GOOD

    def lacks(self, nl):
        """(status, detail): why `nl` more cannot be begun with now, or OK."""
        if self.fitted != fitting.FITTED:
            return UNFITTED, self.fitted
        if self._other_ms >= _OTHER_MS:
            return MISMATCH, self.outer_um
        if self.blind():
            return FORCE, self.force.quality
        if nl > self.left_nl():
            return SYRINGE, self.left_nl()
        return OK, 0

    def look(self, ms, moved, flow):
        """`ms` later, with `moved` nL more displaced at `flow` nL/min: WHY_NONE, or why it must stop."""
        force = self.force
        if self.fitted != fitting.FITTED:
            return WHY_UNFITTED
        if self._other_ms >= _OTHER_MS:
            return WHY_MISMATCH
        if self._air_level and self.air.look(ms, self.sees_air == 1, moved) != NO_AIR:
            return WHY_AIR
        self.near_empty = self.seconds_left(flow) < self._warn_s
        self._tick += ms
        self._moved += moved
        if self.ready:
            if force.quality != GOOD:
                return WHY_FORCE
            if self._tick >= _LOOK_MS:
                why = self.pressure.look(self._tick, force.mn, self._moved, flow)
                self._tick = self._moved = 0
                if why != CLEAR:
                    return WHY_DISCONNECT if why == DROP else WHY_OCCLUSION
        return WHY_END_OF_TRAVEL if self.left_nl() == 0 else WHY_NONE
