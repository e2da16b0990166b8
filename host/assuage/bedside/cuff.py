"""What the blood pressure cuff does, as plain data."""

from __future__ import annotations

from typing import Any, Final

from assuage.bedside import sentences
from assuage.bedside.picture import Picture
from assuage.bedside.sentences import code
from assuage.link.events import Link
from assuage.link.messages import Cuff
from assuage_wire import schema

STALE_S: Final = 1.5  # while it does anything: then it is told four times a second
IDLE_STALE_S: Final = 11.0  # else every five


def compose(p: Picture, now: float) -> dict[str, Any] | None:
    """The snapshot's `cuff`; None when nothing fresh has been heard, and of a board that has none.

    every_min: 0 for never by itself. next_s: until the next one that is decided on, None without. last: how the last
    one ended, a name of SIGNALS, with a sentence unless all is well.
    """
    heard = p.cuff
    if heard is None or p.measuring[0] is not Link.LIVE:
        return None
    m: Cuff = heard.message
    state = code(schema.CUFF_STATES, m.state)
    age = max(0.0, now - heard.at)
    if age > (IDLE_STALE_S if state == "idle" else STALE_S):
        return None
    last = code(schema.SIGNALS, m.last)
    return {
        "state": state,
        "pressure_mmhg": None if m.pressure == schema.NONE16 else m.pressure / 10,
        "every_min": m.every,
        "next_s": None if m.next == schema.NONE16 else max(0, m.next - int(age)),
        "last": last,
        "sentence": sentences.signal("cuff", last),
        "age_s": round(age, 3),
    }
