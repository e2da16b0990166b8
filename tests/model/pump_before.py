"""What the properties of the pump speak of: which states may do what, and what was so before an event.

What they compare with is the drive, the clock and what was ordered, never the pump's own opinion.
"""

from __future__ import annotations

from typing import NamedTuple

from pump import codes
from tests.model.pump_world import World

# said here again: not what the table thinks
DELIVERS = (codes.INFUSING, codes.BOLUS, codes.KVO)
MAY_RUN = (*DELIVERS, codes.TAKING_UP, codes.BACKING_OFF, codes.PRIMING)
MAY_HOLD = (*MAY_RUN, codes.ARMED)  # and with current in a motor that stands
UNDER_WAY = (*DELIVERS, codes.PAUSED, codes.TAKING_UP, codes.BACKING_OFF)


class Before(NamedTuple):
    """What was so before an event."""

    state: int
    reason: int
    delivered: int
    measured: int
    made: int
    energised: bool
    programme: tuple[int, ...]
    legs: tuple[tuple[int, ...], ...]
    own: tuple[int, ...]
    queued: int
    lease: bool
    unsaid: bool
    confirmed: bool
    unread: bool


def before(w: World) -> Before:
    """A note of it."""
    pump, drive = w.pump, w.bed.drive
    p = pump.programme
    return Before(
        pump.state,
        pump.reason,
        pump.delivery.delivered.nl,
        pump.encoder.volume(),
        drive.made,
        drive.energised,
        (*p.values, p.token),
        tuple(p.legs),
        tuple(pump.windows._own),
        drive.queued(),
        pump.lease.held,
        pump._volume.unsaid,
        w.confirmed,
        pump.was.unread,
    )
