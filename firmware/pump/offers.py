"""Turns what a host offers into a programme that the board can answer for, or says why not."""

from pump import checks
from pump.codes import BAD_STATE, LEG, OK, WRONG_PROGRAMME
from pump.programme import Programme, Tokens


class Offers:
    """programme: the newest that was taken, the empty one before that. For the rest see control.Pump.

    ready: the pressure is watched. under_way: the one whose legs are still coming, or that was taken last.
    """

    def __init__(self, limits, steps_per_rev, lead_nm, boot, ready=False):
        self.programme = Programme()
        self.under_way = self.programme
        self._spare = Programme()
        self._tokens = Tokens(boot)
        self._limits = limits
        self._steps_per_rev = steps_per_rev
        self._lead_nm = lead_nm
        self._has_force = ready

    def take(self, values, at):
        """(status, detail) for the fields values[at:] of the wire's Programme. A refusal changes nothing. Allocates.

        With legs to come it is taken when the last one is, see take_leg().
        """
        self.drop()
        number = checks.field_out_of_range(values, at)
        if number:
            return checks.refusal_of_field(number), number
        offered = self._spare
        offered.load(values, at, self._steps_per_rev, self._lead_nm)
        status, detail = checks.check(offered, self._limits, self._steps_per_rev)
        if status == OK and self._has_force:
            status, detail = checks.level(offered)
        offered.most = min(offered.most, self._limits.get("max_volume", 0), self._limits.get("max_syringe", 0))
        if status == OK and not offered.missing():
            return self._taken(offered)
        if status == OK:
            self.under_way = offered
        return status, detail

    def take_leg(self, programme, number, leg):
        """(status, detail) for the next leg; the first that cannot be ends the whole offer. Allocates."""
        offered = self.under_way
        if not self.waits():
            return BAD_STATE, 0
        if programme != offered.id:
            return WRONG_PROGRAMME, 0
        if number != len(offered.legs):
            self.drop()
            return LEG, number
        offered.add(leg)
        if offered.missing():
            return OK, 0
        self.drop()
        return self._taken(offered)

    def waits(self):
        """Whether legs are still to come."""
        return self.under_way is not self.programme

    def drop(self):
        """An offer whose legs have not all come is none."""
        self.under_way = self.programme

    def token(self, values):
        """A token for something else that is read back."""
        return self._tokens.next(values)

    def longest_lease(self):
        """The longest permission in ms that the board and the programme both allow."""
        return min(self.programme.lease, self._limits.get("max_lease", 0))

    def _taken(self, offered):
        status, detail = checks.legs(offered, self._steps_per_rev)
        if status == OK:
            offered.token = self._tokens.next(offered.token_values())
            self._spare = self.programme
            self.programme = self.under_way = offered
        return status, detail
