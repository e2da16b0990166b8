"""Is the syringe in its place, is it the one that was chosen, and how far may the plunger still go.

    fitting = Fitting()
    why = fitting.look(ms, barrel, plunger, flange)        # each poll: FITTED, or the first that is open
    um = outer_um(adc, CALIBRATION)                        # of the potentiometer on the barrel's clamp
    why = identify(um, chosen_um, chosen_bore, TABLE)      # MATCHES, MISMATCH, AMBIGUOUS or IMPLAUSIBLE
    why = travel.look(displaced_nl, end_switch)            # on its way, EMPTY or END

**Switches.** A change counts when looks that span more than 20 ms have all seen it. A single glitch of 20 ms or less is
never seen so, whatever the polls' phase; a true opening is told 80 ms after it at most with polls of up to 40 ms.
Before that many looks nothing is in its place.

**Diameter.** Outer diameters within 3 % of each other are one to the clamp. What the chosen syringe cannot have is a
mismatch; where another one of the table with another bore fits as well, the clamp cannot tell, and a human must.
"""

from micropython import const

FITTED, BARREL, PLUNGER, FLANGE = range(4)
MATCHES, MISMATCH, AMBIGUOUS, IMPLAUSIBLE = range(4)
GOING, EMPTY, END = range(3)

STABLE_MS = 20

_TOLERANCE = const(30)  # per mille of the diameter
_SAME_BORE = const(5)  # per mille: 1 % of the flow, the pump's own accuracy
_OPEN = const(24)  # counts of 12 bits this near to either end come from a broken or shorted wire
_SHORT = const(4071)
_THIN = const(4_000)  # um: no barrel
_THICK = const(45_000)


class Switch:
    """One debounced contact. closed: False until it was seen closed for long enough."""

    def __init__(self):
        self.closed = False
        self._since = -1  # ms of looks that saw the other state, -1 when the last one did not

    def look(self, ms, closed):
        """`ms` after the last look the contact is `closed`; returns what counts."""
        if closed == self.closed:
            self._since = -1
        elif self._since < 0:
            self._since = 0
        else:
            self._since += ms
            if self._since > STABLE_MS:
                self.closed = closed
                self._since = -1
        return self.closed


class Fitting:
    """The three contacts of a syringe."""

    def __init__(self):
        self._barrel = Switch()
        self._plunger = Switch()
        self._flange = Switch()

    def look(self, ms, barrel, plunger, flange):
        """FITTED when all are closed; else which is open, the barrel's clamp before the others."""
        barrel = self._barrel.look(ms, barrel)
        plunger = self._plunger.look(ms, plunger)
        flange = self._flange.look(ms, flange)
        if not barrel:
            return BARREL
        if not plunger:
            return PLUNGER
        return FITTED if flange else FLANGE

    def empty(self):
        """True when no contact is closed: there is no syringe."""
        return not (self._barrel.closed or self._plunger.closed or self._flange.closed)


class Travel:
    """How far a syringe can be emptied: `volume_nl` were in it when it was fitted."""

    def __init__(self):
        self._end = Switch()
        self._volume = 0

    def begin(self, volume_nl):
        """A syringe holding so much was fitted; 0 when nobody knows, which lets nothing move."""
        self._volume = volume_nl

    def left_nl(self, displaced_nl):
        """nL that the plunger can still displace."""
        return max(0, self._volume - displaced_nl)

    def look(self, ms, displaced_nl, at_end):
        """GOING, EMPTY when the syringe holds no more, END when the carriage stands at its switch."""
        if self._end.look(ms, at_end):
            return END
        return GOING if displaced_nl < self._volume else EMPTY


def outer_um(adc, calibration):
    """Outer diameter in um of 12 bits from the potentiometer, 0 when they cannot be true.

    calibration: (adc, um) of a thin and (adc, um) of a thick gauge, four numbers. On the straight line through both.
    """
    adc_0, um_0, adc_1, um_1 = calibration
    if not _OPEN <= adc <= _SHORT or adc_0 == adc_1:
        return 0
    um = um_0 + (adc - adc_0) * (um_1 - um_0) // (adc_1 - adc_0)
    return um if _THIN <= um <= _THICK else 0


def near(one, other, per_mille):
    """Whether `one` is within so many thousandths of `other`."""
    return abs(one - other) * 1000 <= other * per_mille


def identify(um, chosen_um, chosen_bore, table):
    """Judges a measured diameter. table: flat, outer diameter and bore in um of each syringe that may be chosen.

    AMBIGUOUS: it fits the chosen one, and also another whose bore differs by more than 0.5 %.
    """
    if um == 0:
        return IMPLAUSIBLE
    if not near(um, chosen_um, _TOLERANCE):
        return MISMATCH
    at = 0
    while at < len(table):
        if near(um, table[at], _TOLERANCE) and not near(table[at + 1], chosen_bore, _SAME_BORE):
            return AMBIGUOUS
        at += 2
    return MATCHES
