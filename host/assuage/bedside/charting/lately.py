"""What the pump has given since the record was last told: it counts at once, for no total may be too small."""

from __future__ import annotations

from assuage.bedside.bed import Bed
from assuage.bedside.charting.history import Point, Told
from assuage.bedside.charting.steady import Steady


def until_now(told: Told, bed: Bed, steady: Steady) -> Told:
    """A copy for another thread, with what the pump has said last."""
    made, heard = told.copy(), bed.picture.pump
    if heard is not None and heard.message.programme:
        made.pumped.append(Point(steady.of_bed(heard.at), heard.message.programme, heard.message.delivered))
    return made
