"""The watchdog: once started it cannot be stopped, only fed; at its end the board is reset."""

from assuage_rig.clock import NEVER, Clock


class Watchdog:
    """RP2040's kind: at most 8388 ms (MicroPython machine.WDT)."""

    LONGEST_MS = 8388

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.timeout_us = 0
        self.expires_us = NEVER

    def start(self, timeout_ms: int) -> None:
        """Raises ValueError outside 1 .. 8388 ms."""
        if not 1 <= timeout_ms <= self.LONGEST_MS:
            raise ValueError(f"a watchdog of {timeout_ms} ms is outside 1 .. {self.LONGEST_MS} ms")
        self.timeout_us = timeout_ms * 1000
        self.feed()

    def feed(self) -> None:
        """Starts the timeout anew; before start() it does nothing, as on the chip."""
        if self.timeout_us:
            self.expires_us = self._clock.now_us + self.timeout_us

    def postpone(self, us: int) -> None:
        """Time in which the rig could not answer the board is not the board's."""
        self.expires_us = min(self.expires_us + us, NEVER)

    def reset(self) -> None:
        """Any reset of the board stops the watchdog until the firmware starts it again."""
        self.timeout_us = 0
        self.expires_us = NEVER
