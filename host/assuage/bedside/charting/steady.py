"""Unix time that no correction of the host's clock moves: what is due stays as far away as it was."""

from __future__ import annotations

from assuage.bedside.bed import Bed


class Steady:
    """Begins with the wall clock and goes on with the monotonic one."""

    def __init__(self, bed: Bed) -> None:
        self._bed = bed
        self._zero = self._offset()

    def _offset(self) -> float:
        now = self._bed.now()
        return self._bed.unix(now) - now

    def now(self) -> int:
        """Unix ms by the monotonic clock."""
        return self.of_bed(self._bed.now())

    def of_bed(self, at: float) -> int:
        """A time of the bed's own clock, monotonic s."""
        return round((at + self._zero) * 1000)

    def _moved(self) -> int:
        return round((self._offset() - self._zero) * 1000)

    def of_wall(self, ms: int) -> int:
        """A time that was labelled by the wall clock; one of the future, by a clock that has been set back, is now."""
        return min(ms - self._moved(), self.now())

    def wall(self, ms: int) -> int:
        """As the wall clock labels it."""
        return ms + self._moved()
