"""Lets a cuff's pressure fall at a steady rate: once a second the bleed valve is set to what the fall was short of.

The pressure of a second is its mean, in which most of the pulses are gone; it is compared with a line that falls at the
rate asked for. Both the distance and its sum move the valve: what it must pass is not known beforehand, and grows as
the pressure falls. The line never runs further away than the valve could follow.
"""

from micropython import const

_BEGIN = const(300)  # duty, 0.1 %
_FULL = const(1000)
_SECOND_MS = const(1000)
_NEAR, _SUM = const(30), const(4)  # 0.1 % of duty for 1 mmHg of distance, and for each second that it lasts
_AWAY = const(400)  # 0.01 mmHg: the furthest that the line may be from the pressure
_HASTE = const(2)  # times the rate, and
_SPARE = const(100)  # 0.01 mmHg/s: falling faster than that with the valve closed is a leak,
_LEAKING = const(3)  # seconds in a row
_PLUNGE, _FALLING = const(4), const(500)  # the same, whatever the valve does, and at once: a hose that is parted


class Bleed:
    """duty: of the valve, %. leaks: it falls too fast, and not by the valve. rate: 0.01 mmHg/s."""

    def __init__(self):
        self.start(0, 0)

    def start(self, pressure, rate):
        """From a pressure on, 0.01 mmHg."""
        self.duty = _BEGIN // 10
        self.leaks = False
        self._rate = rate
        self._line = pressure
        self._last = pressure
        self._gathered = 0  # duty, 0.1 %, times 100
        self._sum = self._samples = self._ms = self._fast = 0

    def step(self, pressure, ms):
        """Takes one sample, up to 33 000, ms after the one before."""
        self._sum += pressure
        self._samples += 1
        self._ms = passed = self._ms + ms
        if passed < _SECOND_MS:
            return
        mean = self._sum // self._samples
        rate = self._rate
        line = self._line - rate * passed // 1000
        off = mean - line - (rate >> 1)  # the mean lies half a second back
        if off > _AWAY:
            line += off - _AWAY
            off = _AWAY
        elif off < -_AWAY:
            line += off + _AWAY
            off = -_AWAY
        self._line = line
        self._gathered = gathered = self._gathered + off * _SUM
        duty = _BEGIN + (off * _NEAR + gathered) // 100
        if duty < 0:
            self._gathered = gathered - duty * 100
            duty = 0
        elif duty > _FULL:
            self._gathered = gathered - (duty - _FULL) * 100
            duty = _FULL
        fast = duty == 0 and (self._last - mean) * 1000 > (_HASTE * rate + _SPARE) * passed
        self._fast = self._fast + 1 if fast else 0
        self.leaks = self._fast >= _LEAKING or (self._last - mean) * 1000 > (_PLUNGE * rate + _FALLING) * passed
        self.duty = duty // 10
        self._last = mean
        self._sum = self._samples = self._ms = 0
