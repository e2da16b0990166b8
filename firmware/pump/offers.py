"""Turns what a host offers into a programme that the board can answer for, or says why not."""

from pump import checks
from pump.codes import BAD_STATE, LEG, OK, WRONG_PROGRAMME
from pump.programme import Programme, Tokens


class Offers:
    """programme: the newest that was taken, the empty one before that. For the rest see control.Pump.

    ready: the pressure is watched. guard: an interlock.guarding.Guarding. under_way: the one whose legs or rows are
    still coming, or that was taken last.
    """

    def __init__(self, limits, steps_per_rev, lead_nm, boot, ready, guard):
        self.programme = Programme()
        self.under_way = self.programme
        self._spare = Programme()
        self._tokens = Tokens(boot)
        self._limits = limits
        self._steps_per_rev = steps_per_rev
        self._lead_nm = lead_nm
        self._has_force = ready
        self._guard = guard

    def take(self, values, at):
        """(status, detail) for the fields values[at:] of the wire's Programme. A refusal changes nothing. Allocates.

        With legs or rows to come it is taken when the last one is, see take_leg() and take_row().
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
        if status == OK:
            status, detail = self._guard.stage(offered.id, offered.guards, offered.watch)
        if status == OK:
            self.under_way = offered
            return self._go_on(offered)
        return status, detail

    def take_leg(self, programme, number, leg):
        """(status, detail) for the next leg; the first that cannot be ends the whole offer. Allocates."""
        offered = self.under_way
        if not self.waits():
            return BAD_STATE, 0
        if programme != offered.id:
            return WRONG_PROGRAMME, 0
        if number != len(offered.legs) or not offered.missing():
            self.drop()
            return LEG, number
        offered.add(leg)
        return self._go_on(offered)

    def take_row(self, programme, number, row):
        """(status, detail) for the next row of the interlock, which comes after the legs; the first that cannot be ends
        the whole offer. Allocates."""
        offered = self.under_way
        if not self.waits() or offered.missing():
            return BAD_STATE, 0
        if programme != offered.id:
            return WRONG_PROGRAMME, 0
        status, detail = self._guard.offer(programme, number, row)
        if status != OK:
            self.drop()
            return status, detail
        offered.rows.append(row)
        return self._go_on(offered)

    def waits(self):
        """Whether legs or rows are still to come."""
        return self.under_way is not self.programme

    def drop(self):
        """An offer whose legs and rows have not all come is none."""
        self.under_way = self.programme

    def token(self, values):
        """A token for something else that is read back."""
        return self._tokens.next(values)

    def longest_lease(self):
        """The longest permission in ms that the board and the programme both allow."""
        return min(self.programme.lease, self._limits.get("max_lease", 0))

    def _go_on(self, offered):
        """Nothing more, or what the legs are worth when the last has come; the programme is taken with the last row."""
        if offered.missing():
            return OK, 0
        status, detail = OK, 0
        if not offered.rows:
            status, detail = checks.legs(offered, self._steps_per_rev)
        if status != OK:
            self.drop()
        elif not offered.lacking():
            offered.token = self._tokens.next(offered.token_values())
            self._spare = self.programme
            self.programme = self.under_way = offered
        return status, detail
