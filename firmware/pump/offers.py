"""Turns what a host offers into a programme that the board can answer for, or says why not."""

from pump.codes import OK
from pump.limits import check, field_out_of_range, refusal_of_field
from pump.programme import Programme, Tokens


class Offers:
    """programme: the newest that was taken, the empty one before that. For the rest see control.Pump."""

    def __init__(self, limits, steps_per_rev, lead_nm, boot):
        self.programme = Programme()
        self._spare = Programme()
        self._tokens = Tokens(boot)
        self._limits = limits
        self._steps_per_rev = steps_per_rev
        self._lead_nm = lead_nm

    def take(self, values, at):
        """(status, detail) for the fields values[at:] of the wire's Programme. A refusal changes nothing. Allocates."""
        number = field_out_of_range(values, at)
        if number:
            return refusal_of_field(number), number
        offered = self._spare
        offered.load(values, at, self._steps_per_rev, self._lead_nm)
        status, detail = check(offered, self._limits, self._steps_per_rev)
        if status == OK:
            offered.token = self._tokens.next(offered.values)
            self._spare = self.programme
            self.programme = offered
        return status, detail

    def longest_lease(self):
        """The longest permission in ms that the board and the programme both allow."""
        return min(self.programme.lease, self._limits.get("max_lease", 0))
