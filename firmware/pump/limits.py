"""The safety kernel: what the board refuses to do whatever its host says, and what it watches while it delivers.

Every limit is the least of a chain: the board's own data, the programme's own limit, the drive's reach. A limit that
is missing is 0, so that nothing passes it. Nothing here can raise a limit.
"""

from assuage_wire.codec import BY_NAME
from assuage_wire.schema import S30
from pump.codes import (
    BAD_VALUE,
    LEASE_TOO_LONG,
    LOSS_KVO,
    OK,
    RATE_LIMIT,
    SYRINGE,
    TIME_LIMIT,
    VOLUME_LIMIT,
    WHY_DRIVE_FAULT,
    WHY_NONE,
    WHY_TIME_LIMIT,
    WHY_UNDER_DELIVERY,
    WHY_VOLUME_LIMIT,
)
from pump.steps import bottom_flow, top_flow

SLACK_NL = 20_000  # how far the shaft may run ahead of its flow, or fall behind it

_OFFER = BY_NAME["Programme"]
_FIRST = _OFFER.index("programme")
_BORE = _OFFER.index("bore")
_KVO = _OFFER.index("kvo")
_VTBI = _OFFER.index("vtbi")


def field_out_of_range(values, at=0):
    """Number of the first field, as counted in the Programme message, that is outside the table's range; 0 for none.

    values[at:] are the programme's fields in the order of the table, from `programme` on.
    """
    for number in range(_FIRST, len(_OFFER.fields)):
        field = _OFFER.fields[number]
        if not field[3] <= values[at + number - _FIRST] <= field[4]:
            return number
    return 0


def check(programme, limits, steps_per_rev):
    """(status, detail) for a programme whose fields are in the table's range: OK and 0, or why not and its limit.

    limits: the board's own, a dict with max_rate (nL/min), max_volume (nL), max_duration (s) and max_lease (ms).
    For BAD_VALUE the detail is the number of the field in the Programme message.
    """
    p = programme
    rate = min(limits.get("max_rate", 0), p.limit_rate, top_flow(p.nl_per_rev, steps_per_rev))
    if p.rate > rate:
        return RATE_LIMIT, rate
    slowest = bottom_flow(p.nl_per_rev, steps_per_rev)
    if p.rate < slowest:
        return RATE_LIMIT, slowest
    if p.kvo > p.rate:
        return RATE_LIMIT, p.rate
    if p.on_loss == LOSS_KVO and p.kvo < slowest:
        return BAD_VALUE, _KVO
    volume = min(limits.get("max_volume", 0), p.limit_volume)
    if p.vtbi > volume:
        return VOLUME_LIMIT, volume
    if p.vtbi > p.capacity:
        return SYRINGE, p.capacity
    if p.steps == 0:
        return BAD_VALUE, _VTBI
    duration = limits.get("max_duration", 0)
    if p.duration > duration:
        return TIME_LIMIT, duration
    lease = limits.get("max_lease", 0)
    if p.lease > lease:
        return LEASE_TOO_LONG, lease
    return OK, 0


def refusal_of_field(number):
    """Status for a field outside the table's range."""
    return SYRINGE if number == _BORE else BAD_VALUE


class Watch:
    """Holds a running delivery to its volume, its flow and its time.

    Flow is watched as two leaking buckets. What the shaft displaced flows into level_nl, what the flow allows (and 1/64
    more, for clocks that differ) leaks out, and more than SLACK_NL in it is a runaway. What the flow demands (and 1/64
    less) flows into lag_nl, what the shaft displaced leaks out, and more than SLACK_NL and a step in it is an
    under-delivery: time lost is never made up for, so that volume is missing. What is queued is not due yet. All
    products stay below 2**30: flow/60000 <= 339 nL/ms, remainder < 60000, turns of at most 10 s.
    """

    def __init__(self):
        self.begin(0, 0, 0, 0)

    def begin(self, volume_nl, duration_s, flow, step_nl):
        """Starts the time; the limits are fixed from here on. flow: nL/min, until set_flow() says otherwise.

        step_nl: volume of one step, rounded up; at a low flow the shaft stands for long and is not late.
        """
        self.elapsed_s = 0
        self._elapsed_ms = 0
        self._volume = volume_nl
        self._duration = duration_s
        self.level_nl = 0
        self.lag_nl = 0
        self._behind = SLACK_NL + step_nl
        self._flow = flow
        self._reckon(flow, flow)

    def set_flow(self, flow):
        """The flow in nL/min from now on; of the time until the next look some may have had the flow before."""
        if flow != self._flow:
            self._reckon(max(flow, self._flow), min(flow, self._flow))
            self._flow = flow

    def _reckon(self, most, least):
        """What may have flowed, and what must have."""
        self._mixed = most != least
        most += most // 64
        self._leak = most // 60_000
        self._leak_part = most % 60_000
        self._part = 0
        least -= least // 64
        self._due = least // 60_000
        self._due_part = least % 60_000
        self._owed = 0

    def look(self, ms, moved_nl, delivered_nl):
        """`ms` later, `moved_nl` more displaced, `delivered_nl` in all: WHY_NONE, or the reason to end."""
        self._elapsed_ms += ms
        self.elapsed_s += self._elapsed_ms // 1000
        self._elapsed_ms %= 1000
        ms = min(ms, 10_000)
        self._part += ms * self._leak_part
        self.level_nl += moved_nl - ms * self._leak - self._part // 60_000
        self._part %= 60_000
        self.level_nl = max(self.level_nl, 0)
        self._owed += ms * self._due_part
        self.lag_nl += ms * self._due + self._owed // 60_000 - moved_nl
        self._owed %= 60_000
        self.lag_nl = max(self.lag_nl, 0)
        if self._mixed:
            self._reckon(self._flow, self._flow)
        if delivered_nl > self._volume:
            return WHY_VOLUME_LIMIT
        if self.level_nl > SLACK_NL:
            return WHY_DRIVE_FAULT
        if self.lag_nl > self._behind:
            return WHY_UNDER_DELIVERY
        if self.elapsed_s >= self._duration:
            return WHY_TIME_LIMIT
        return WHY_NONE

    def seconds_left(self):
        """Until the time limit."""
        return max(0, self._duration - self.elapsed_s)


def since(now, then):
    """Milliseconds between two readings of the 30-bit clock, 0 when `now` is the earlier one."""
    ms = (now - then) & S30
    return ms if ms <= S30 >> 1 else 0
