"""Rig time. Whoever runs the rig moves it (bench: to the next event; serve: with the wall); all else only reads it."""


class Clock:
    """Microseconds since the rig's power-on; never goes back."""

    __slots__ = ("now_us",)

    def __init__(self) -> None:
        self.now_us = 0


NEVER = 1 << 62
"""A time that no run reaches."""
