"""What the pumps have given since the record was last told: it counts at once, for no total may be too small."""

from __future__ import annotations

from assuage.bedside.bed import Bed
from assuage.bedside.charting.history import Told
from assuage.bedside.charting.steady import Steady
from assuage.record.account import Sample


def until_now(told: Told, bed: Bed, steady: Steady) -> Told:
    """A copy for another thread, with what the pumps have said last."""
    made = told.copy()
    for each in (bed, *bed.beside):
        heard = each.picture.pump
        if heard is not None and heard.message.programme:
            so_far = Sample(steady.of_bed(heard.at), heard.message.programme, heard.message.delivered)
            made.account.samples.append(so_far)
    return made
