"""Filling a line that is not connected to the patient: what the board agrees to, and how much of it in any hour.

The volume is never delivered to anybody, so no limit of a programme bounds it, only the board's own max_prime, and that
as the sum of any hour: a host that says "disconnected" of a line that is not can do no more than that.
"""

from micropython import const

from assuage_wire.codec import BY_NAME, out_of_range
from pump.codes import BAD_VALUE, OK, RATE_LIMIT, SYRINGE, VOLUME_LIMIT
from pump.moves import LONGEST_US
from pump.steps import top_flow
from pump.syringe import nl_per_rev, steps_in
from pump.windows import Rolling

_OFFER = BY_NAME["Prime"]
_FIRST = _OFFER.index("programme")
_BORE, _RATE, _VOLUME = const(1), const(2), const(3)  # from there


class Priming:
    """id, rate, volume, bore, nl_per_rev, steps, period (us): of the offer that was taken last. token: 0 for none."""

    def __init__(self, limits, steps_per_rev, lead_nm):
        self.hour = Rolling(3600)
        self._limits = limits
        self._steps_per_rev = steps_per_rev
        self._lead_nm = lead_nm
        self.forget()

    def forget(self):
        """No offer."""
        self.id = self.bore = self.rate = self.volume = self.nl_per_rev = self.steps = self.period = self.token = 0

    def take(self, values, at, token):
        """(status, detail) for the fields values[at:] of the wire's Prime. A refusal leaves no offer. Allocates.

        token(values): makes one.
        """
        self.forget()
        number = out_of_range(_OFFER, values, _FIRST, at)
        if number >= 0:
            return (SYRINGE if number == _FIRST + _BORE else BAD_VALUE), number
        bore, rate, volume = values[at + _BORE : at + _VOLUME + 1]
        v = nl_per_rev(bore, self._lead_nm)
        per_us = 60_000_000 * v  # nL/min times us of a step
        hz = self._limits.get("max_start_hz", 0)  # there is no ramp
        fastest = min(self._limits.get("max_rate", 0), top_flow(v, self._steps_per_rev, hz))
        if rate > fastest:
            return RATE_LIMIT, fastest
        slowest = per_us // (LONGEST_US * self._steps_per_rev) + 1
        if rate < slowest:
            return RATE_LIMIT, slowest
        left = self.left()
        if volume > left:
            return VOLUME_LIMIT, left
        steps = steps_in(volume, v, self._steps_per_rev)
        if steps == 0:
            return BAD_VALUE, _FIRST + _VOLUME
        self.id, self.bore, self.rate, self.volume = values[at : at + 4]
        self.nl_per_rev = v
        self.steps = steps
        self.period = -(-per_us // (rate * self._steps_per_rev))
        self.token = token(values[at : at + 4])
        return OK, 0

    def left(self):
        """nL that may still be primed now."""
        return max(0, self._limits.get("max_prime", 0) - self.hour.nl)

    def read_back(self, out, at):
        """Fills out[at:] with the fields of the wire's PrimeBack from `programme` on."""
        out[at : at + 5] = (self.id, self.bore, self.rate, self.volume, self.steps)
        out[at + 5] = (self.steps * self.period + 999_999) // 1_000_000
        out[at + 6] = self.token
