"""Board time as the wire has it: milliseconds that wrap at 2**30, and how often they have."""


class Clock:
    """ticks and wraps, as of the last advance()."""

    def __init__(self, ticks):
        self.ticks = ticks
        self.wraps = 0

    def advance(self, ticks):
        """Takes the hardware's ticks; called more often than they wrap, which is every 12 days."""
        if ticks < self.ticks:
            self.wraps = (self.wraps + 1) & 0xFFFF
        self.ticks = ticks
