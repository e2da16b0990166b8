"""Watches a cuff that is pumped up: whether it rises at all, and whether it rises as only a squeezed hose does."""

from micropython import const

_QUICK_MS = const(100)
_SLOW_MS = const(2500)
_SLOW = const(400)  # 0.01 mmHg that any whole cuff gains in that time
_LONGEST_MS = const(45_000)

RISING, LEAKS, KINKED = const(0), const(1), const(2)


class Rise:
    """start() as the pump starts; step() with each sample tells RISING, LEAKS (or there is no cuff) or KINKED."""

    def __init__(self):
        self.start(0, 0)

    def start(self, pressure, fastest):
        """pressure: 0.01 mmHg. fastest: mmHg/s."""
        self._most = fastest * (_QUICK_MS // 10)  # 0.01 mmHg in that time
        self._quick = self._slow = pressure
        self._quick_ms = self._slow_ms = self._all_ms = 0
        self._twice = False

    def step(self, pressure, ms):
        """Takes one sample, ms after the one before."""
        self._all_ms += ms
        self._quick_ms += ms
        self._slow_ms += ms
        if self._quick_ms >= _QUICK_MS:
            fast = (pressure - self._quick) * _QUICK_MS > self._most * self._quick_ms
            if fast and self._twice:  # an arm that moves does not push for so long
                return KINKED
            self._twice = fast
            self._quick = pressure
            self._quick_ms = 0
        if self._slow_ms >= _SLOW_MS:
            if pressure - self._slow < _SLOW:
                return LEAKS
            self._slow = pressure
            self._slow_ms = 0
        return LEAKS if self._all_ms > _LONGEST_MS else RISING
