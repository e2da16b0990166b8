"""The safety kernel: what the board watches while it delivers. What it refuses to begin with is in checks.py."""

from assuage_wire.schema import S30
from pump.codes import WHY_DRIVE_FAULT, WHY_NONE, WHY_TIME_LIMIT, WHY_UNDER_DELIVERY, WHY_VOLUME_LIMIT

SLACK_NL = 20_000  # how far the shaft may run ahead of its flow, or fall behind it


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
        self._behind = SLACK_NL + step_nl
        self.go_on(flow)

    def go_on(self, flow):
        """After a pause, which took none of the time."""
        self.level_nl = self.lag_nl = 0
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
