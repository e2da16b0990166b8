"""Maps a board's milliseconds to this host's monotonic clock.

Each probe gives one pair: the board's time in its answer, and the middle of the round trip on the host. A regression
line through these pairs, in which old ones fade, is the mapping. Pairs whose round trip was much longer than the
shortest of late say little and are left out, as are outliers. Several outliers that agree mean that the board's clock
has jumped: the line begins anew. (The idea is that of Klipper's clock synchronisation.)

Sans I/O: every time is an argument, in seconds on the host and in milliseconds, unwrapped, on the board.
"""

from __future__ import annotations

import math
from typing import Final

from assuage_wire.session import elapsed, later

DECAY: Final = 1 / 30  # weight that a new pair takes from the old ones
AGEING_S_PER_S: Final = 20e-6  # the shortest round trip is forgotten at this rate
SLACK_S: Final = 0.0015  # board time is told in whole ms, and a loop turn may pass before it is read
OUTLIER_SIGMA: Final = 4.0
JUMP: Final = 4  # agreeing outliers in a row that mean a new line
SETTLED: Final = 3  # pairs
APART_S: Final = 0.2  # pairs closer than this say the same thing twice, and would make the others fade too fast
STEP_BACK_MS: Final = 2000  # board time that runs back by more is another start of the board
DRIFT_MAX: Final = 500e-6  # crystals are within 100 ppm, RC oscillators are not for this


class Clock:
    """The mapping for one start of one board; `reset` for another."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forgets everything: another board, or the same one started again."""
        self.rtt: float | None = None  # newest round trip, s
        self.rtt_at = -math.inf  # when it ended
        self.pairs = 0
        self._min_rtt = math.inf
        self._min_at = 0.0
        self._board0 = 0.0  # origin, so that sums stay small
        self._host0 = 0.0
        self._x = self._y = 0.0  # decayed means of board and host time, s after the origin
        self._xx = self._xy = 0.0  # decayed (co)variances
        self._residual = 0.0  # decayed mean square of the residuals
        self._outliers: list[tuple[float, float]] = []
        self._taken_at = -math.inf

    @property
    def settled(self) -> bool:
        """Whether `to_host` rests on enough pairs."""
        return self.pairs >= SETTLED

    @property
    def slope(self) -> float:
        """Host seconds per board second, held within what a crystal can do."""
        if self._xx <= 0:
            return 1.0
        return min(max(self._xy / self._xx, 1 - DRIFT_MAX), 1 + DRIFT_MAX)

    def sample(self, sent: float, received: float, board_ms: int) -> bool:
        """Takes a probe's answer; returns whether it was used."""
        rtt = received - sent
        if rtt < 0:
            return False
        self.rtt, self.rtt_at = rtt, received
        self._min_rtt = min(rtt, self._min_rtt + (received - self._min_at) * AGEING_S_PER_S)
        self._min_at = received
        if rtt > 2 * self._min_rtt + SLACK_S or sent - self._taken_at < APART_S:
            return False
        self._taken_at = sent
        if self.pairs == 0:
            self._board0, self._host0 = board_ms / 1000, (sent + received) / 2
            self.pairs = 1
            return True
        x, y = board_ms / 1000 - self._board0, (sent + received) / 2 - self._host0
        residual = y - self._line(x)
        if self._is_outlier(residual, rtt):
            return self._outlier(x, y)
        self._outliers.clear()
        self._take(x, y, residual)
        return True

    def to_host(self, board_ms: int) -> float | None:
        """Host time at which the board's clock showed `board_ms`; None before the first pair."""
        if self.pairs == 0:
            return None
        return self._host0 + self._line(board_ms / 1000 - self._board0)

    def _line(self, x: float) -> float:
        return self._y + (x - self._x) * self.slope

    def _is_outlier(self, residual: float, rtt: float) -> bool:
        return abs(residual) > OUTLIER_SIGMA * math.sqrt(self._residual) + SLACK_S + rtt / 2

    def _outlier(self, x: float, y: float) -> bool:
        """Several in a row that lie on one line of their own replace the old line by it."""
        seen = self._outliers
        if seen and abs((y - seen[-1][1]) - (x - seen[-1][0])) > SLACK_S + DRIFT_MAX * abs(x - seen[-1][0]):
            seen.clear()
        seen.append((x, y))
        if len(seen) < JUMP:
            return False
        self._x, self._y = seen[-1]
        self._xx = self._xy = self._residual = 0.0
        self.pairs = 1
        seen.clear()
        return True

    def _take(self, x: float, y: float, residual: float) -> None:
        self.pairs += 1
        weight = max(DECAY, 1 / self.pairs)  # at first a plain mean, so that the first pair does not stay heavy
        dx, dy = x - self._x, y - self._y
        self._x += weight * dx
        self._y += weight * dy
        self._xx = (1 - weight) * (self._xx + weight * dx * dx)
        self._xy = (1 - weight) * (self._xy + weight * dx * dy)
        self._residual = (1 - weight) * (self._residual + weight * residual * residual)


def unwrapped(ticks: int, wraps: int) -> int:
    """Board time in ms as one number that never wraps (in 2200 years)."""
    return (wraps << 30) + ticks


class BoardTime:
    """The newest time that a board has told, as it tells it: (ticks, wraps)."""

    def __init__(self) -> None:
        self._newest: tuple[int, int] | None = None

    def forget(self) -> None:
        """Another board, or another start of it."""
        self._newest = None

    def hear(self, ticks: int, wraps: int) -> None:
        """A message carried this time."""
        if self._newest is None or elapsed(ticks, wraps, *self._newest) > 0:
            self._newest = (ticks, wraps)

    def ran_back(self, ticks: int, wraps: int) -> bool:
        """Whether this time is so much older than the newest that the board must have started again."""
        return self._newest is not None and elapsed(ticks, wraps, *self._newest) < -STEP_BACK_MS

    def ahead(self, ms: int) -> tuple[int, int] | None:
        """`ms` after the newest time; None when no time has been heard."""
        return None if self._newest is None else later(*self._newest, ms)
