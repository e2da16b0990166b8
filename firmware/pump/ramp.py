"""How fast the motor may step on its way from rest and back: it loses steps when it is hurried.

The idea: at a constant acceleration a the square of the speed grows with the way, v*v = start*start + 2*a*way. So a
speed is a place on that way, in steps: 0 is the speed with which the motor starts and stops without a ramp, and a
motor that has made n more steps may be n further on. What comes next has a place too, so that the way back is seen in
time: the place is never more than the steps that are left before something slower.

    ramp = Ramp(limits)
    ramp.place(62)       # steps from the start until a step every 62 us is allowed
    ramp.period(300)     # us between steps, 300 steps from the start

Within a word of steps the period stays, so the ramp is a staircase. A stair of T lies a*T*T/8 off the line: less than a
microstep for 7.8 ms (what word_steps() takes) at 100 000 steps/s2, and a motor follows within sixteen.

A stop has no ramp: who stops a pump wants no further step, and the way down from 12 kHz would be 400 of them. What
the rotor then loses or runs on is not measured; the encoder sees it, and a delivery goes on only after a new start.

Bounds: MOST_HZ squared is below 2**30; places are at most MOST_HZ * MOST_HZ / (2 * a).
"""

MOST_HZ = 32_000  # where this arithmetic ends; what the motor can do is board data


def motor_hz(limits):
    """Steps a second that the motor may reach: without an acceleration those of its start; 0 for a missing limit."""
    most = limits.get("max_hz", 0)
    return most if limits.get("acceleration", 0) else min(most, limits.get("max_start_hz", 0))


class Ramp:
    """limits: a dict with max_start_hz (steps/s) and acceleration (steps/s2), as the board has measured its motor."""

    def __init__(self, limits):
        start = min(limits.get("max_start_hz", 0), MOST_HZ)
        self._start = max(start, 1)
        self._twice = 2 * max(limits.get("acceleration", 0), 1)
        self._start_us = -(-1_000_000 // self._start)

    def place(self, period_us):
        """Steps from the start after which a period is allowed; 0 for one that needs no ramp."""
        if period_us >= self._start_us:
            return 0
        hz = 1_000_000 // period_us
        return (hz * hz - self._start * self._start) // self._twice

    def period(self, place):
        """Microseconds between steps at a place, rounded up."""
        square = self._start * self._start + self._twice * place
        root = MOST_HZ
        better = (root + square // root) // 2
        while better < root:
            root = better
            better = (root + square // root) // 2
        return -(-1_000_000 // root)


def word_steps(period_us):
    """Steps of a word on a ramp: about 7.8 ms, so that eight of them still bridge a late turn of the loop."""
    return max(1, 7_812 // period_us)
